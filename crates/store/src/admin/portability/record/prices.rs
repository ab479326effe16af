//! The lines of prices.

use serde::{Deserialize, Serialize};
use umbel_decimal::Decimal;
use umbel_domain::price::{Negotiated, Tier, TierMode};
use umbel_domain::{Currency, Day, MetricId, OrganizationId, Price, PriceId, Timestamp};

use super::{Kind, Nullable, given};
use crate::admin::portability::text::{Object, Text};

/// What a metric costs: everybody, or one organization.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct PriceRecord {
    kind: Kind,
    pub(in crate::admin::portability) id: Text<PriceId>,
    pub(in crate::admin::portability) metric_id: Text<MetricId>,
    currency: Text<Currency>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    organization_id: Option<Nullable<Text<OrganizationId>>>,
    list_unit_price: Text<Decimal>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    contracted_unit_price: Option<Nullable<Text<Decimal>>>,
    effective_from: Text<Day>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    effective_to: Option<Nullable<Text<Day>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free_quantity: Option<Text<Decimal>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier_mode: Option<Text<TierMode>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tiers: Option<Vec<Object<TierRecord>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierRecord {
    up_to: Option<Text<Decimal>>,
    list_unit_price: Text<Decimal>,
}

impl PriceRecord {
    /// The organization that has negotiated the price.
    pub(in crate::admin::portability) fn organization(&self) -> Option<&OrganizationId> {
        self.organization_id.as_ref()?.as_ref().map(|id| &id.0)
    }

    /// The new price, or which member is wrong with it and why.
    pub(in crate::admin::portability) fn into_row(self, now: Timestamp) -> Result<Price, String> {
        let negotiated = match (self.organization_id.flatten(), self.contracted_unit_price.flatten()) {
            (Some(id), Some(price)) => Some(Negotiated { organization_id: id.0, contracted_unit_price: price.0 }),
            (None, None) => None,
            _ => return Err("organization_id and contracted_unit_price belong together; give both or neither".into()),
        };
        let tier = |Object(tier): Object<TierRecord>| Tier {
            up_to: tier.up_to.map(|up_to| up_to.0),
            list_unit_price: tier.list_unit_price.0,
        };
        Ok(Price {
            id: self.id.0,
            metric_id: self.metric_id.0,
            currency: self.currency.0,
            negotiated,
            list_unit_price: self.list_unit_price.0,
            effective_from: self.effective_from.0,
            effective_to: self.effective_to.flatten().map(|day| day.0),
            free_quantity: self.free_quantity.map_or(Decimal::ZERO, |quantity| quantity.0),
            tier_mode: self.tier_mode.map(|mode| mode.0).unwrap_or_default(),
            tiers: self.tiers.unwrap_or_default().into_iter().map(tier).collect(),
            create_time: self.create_time.map_or(now, |time| time.0),
        })
    }
}

impl From<Price> for PriceRecord {
    fn from(price: Price) -> Self {
        let (organization_id, contracted) = match price.negotiated {
            Some(negotiated) => (Some(Text(negotiated.organization_id)), Some(Text(negotiated.contracted_unit_price))),
            None => (None, None),
        };
        let tier = |tier: Tier| Object(TierRecord { up_to: tier.up_to.map(Text), list_unit_price: Text(tier.list_unit_price) });
        Self {
            kind: Kind::Price,
            id: Text(price.id),
            metric_id: Text(price.metric_id),
            currency: Text(price.currency),
            organization_id: Some(organization_id),
            list_unit_price: Text(price.list_unit_price),
            contracted_unit_price: Some(contracted),
            effective_from: Text(price.effective_from),
            effective_to: Some(price.effective_to.map(Text)),
            free_quantity: Some(Text(price.free_quantity)),
            tier_mode: Some(Text(price.tier_mode)),
            tiers: Some(price.tiers.into_iter().map(tier).collect()),
            create_time: Some(Text(price.create_time)),
        }
    }
}
