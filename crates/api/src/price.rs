//! The price book, and what organizations pay in.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::PageSize;
use crate::parameters::parameters;

/// What a metric costs over a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Price {
    /// What reports know it by.
    pub id: String,
    /// What it is the price of.
    pub metric_id: String,
    /// In which currency: a code of ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The organization that has negotiated it, for itself and all below; `null` for a price for everybody.
    pub organization_id: Option<String>,
    /// What a pricing unit costs, beyond the last tier when there are tiers.
    #[schema(example = "0.000005")]
    pub list_unit_price: String,
    /// What a pricing unit costs the organization that has negotiated it.
    pub contracted_unit_price: Option<String>,
    /// The first day, in UTC, on which it holds.
    #[schema(example = "2026-01-01")]
    pub effective_from: String,
    /// The first day on which it holds no more; `null` for one without end.
    pub effective_to: Option<String>,
    /// How much of each billing period costs an account nothing, in units of the metric.
    #[schema(example = "10000000")]
    pub free_quantity: String,
    /// What the tiers are looked up with.
    pub tier_mode: TierMode,
    /// Other prices for what of a billing period comes first, in order.
    pub tiers: Vec<Tier>,
    /// Since when it exists.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
}

/// What tiers are looked up with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TierMode {
    /// Each part of a period's quantity costs what its own tier says.
    #[default]
    Graduated,
    /// All of a period's quantity costs what the tier says that the whole of it reaches.
    Volume,
}

/// A price for a part of a period's quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tier {
    /// The last quantity that it is for, in units of the metric; left out in the last tier for all that is left.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub up_to: Option<String>,
    /// What a pricing unit costs in it.
    pub list_unit_price: String,
}

/// Makes a price, which never changes but that it ends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatePrice {
    /// 1 to 64 letters, digits, `_` and `-`, which no other price has; else one is made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// What it is the price of.
    pub metric_id: String,
    /// A code of ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
    /// The organization that has negotiated it, for itself and all below.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization_id: Option<String>,
    /// What a pricing unit costs, beyond the last tier when there are tiers.
    #[schema(example = "0.000005")]
    pub list_unit_price: String,
    /// What a pricing unit costs the organization, whatever the tiers say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contracted_unit_price: Option<String>,
    /// The first day, in UTC, on which it holds.
    #[schema(example = "2026-01-01")]
    pub effective_from: String,
    /// The first day on which it holds no more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effective_to: Option<String>,
    /// How much of each billing period costs an account nothing, in units of the metric.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "10000000")]
    pub free_quantity: Option<String>,
    /// What the tiers are looked up with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tier_mode: Option<TierMode>,
    /// Other prices for what of a billing period comes first, in ascending order; at most 32.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tiers: Option<Vec<Tier>>,
}

/// Ends a price.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EndPrice {
    /// The first day, in UTC, on which it holds no more.
    #[schema(example = "2027-01-01")]
    pub effective_to: String,
}

/// What an organization pays in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Billing {
    /// A code of ISO 4217; prices in other currencies are not for its accounts.
    #[schema(example = "USD")]
    pub billing_currency: String,
}

parameters! {
    /// Which prices to list.
    ListPrices {
        /// Only those of this metric.
        metric_id: Option<String> = "metric_id",
        /// Only those that this organization has negotiated itself.
        organization_id: Option<String> = "organization_id",
        /// How many a page has.
        page_size: PageSize = "page_size",
        /// Where to go on, from the answer before.
        page_token: Option<String> = "page_token",
    }
}
