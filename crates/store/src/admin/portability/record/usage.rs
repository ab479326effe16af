//! The lines of what was used.

use serde::{Deserialize, Serialize};
use umbel_decimal::Decimal;
use umbel_domain::usage::{DailyUsage, Rollup, Spot, UsageKey, spot_text};
use umbel_domain::{AccountId, Day, Invalid, MetricId, Month, Timestamp};

use super::Kind;
use crate::admin::portability::text::{Text, Textual};

/// What an account used of a metric on a day, in a zone, in a region, or without either.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct UsageRecord {
    kind: Kind,
    pub(in crate::admin::portability) account_id: Text<AccountId>,
    pub(in crate::admin::portability) metric_id: Text<MetricId>,
    day: Text<Day>,
    quantity: Text<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_id: Option<Text<SpotText>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_name: Option<Text<SpotText>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region_id: Option<Text<SpotText>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region_name: Option<Text<SpotText>>,
    /// Of a metric that takes the latest value: when that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_time: Option<Text<Timestamp>>,
    /// Of what became known when the month of the day was closed: the one in which it is invoiced.
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_period: Option<Text<Month>>,
}

/// The id or the name of a zone or a region.
struct SpotText(String);

impl Textual for SpotText {
    fn read(text: &str) -> Result<Self, Invalid> {
        spot_text(text).map(Self)
    }

    fn write(&self) -> String {
        self.0.clone()
    }
}

impl UsageRecord {
    /// What was used.
    pub(in crate::admin::portability) fn into_row(self) -> DailyUsage {
        let text = |text: Option<Text<SpotText>>| text.map(|text| text.0.0);
        let spot = Spot { zone_id: text(self.zone_id).unwrap_or_default(), region_id: text(self.region_id).unwrap_or_default() };
        DailyUsage {
            key: UsageKey { account_id: self.account_id.0, day: self.day.0, metric_id: self.metric_id.0, spot },
            zone_name: text(self.zone_name),
            region_name: text(self.region_name),
            rollup: Rollup { quantity: self.quantity.0, latest: self.latest_time.map(|time| time.0) },
            booked: self.billing_period.map(|month| month.0),
        }
    }
}

impl From<DailyUsage> for UsageRecord {
    fn from(usage: DailyUsage) -> Self {
        let text = |text: Option<String>| text.map(|text| Text(SpotText(text)));
        let id = |id: String| text(Some(id).filter(|id| !id.is_empty()));
        Self {
            kind: Kind::UsageDaily,
            account_id: Text(usage.key.account_id),
            metric_id: Text(usage.key.metric_id),
            day: Text(usage.key.day),
            quantity: Text(usage.rollup.quantity),
            zone_id: id(usage.key.spot.zone_id),
            zone_name: text(usage.zone_name),
            region_id: id(usage.key.spot.region_id),
            region_name: text(usage.region_name),
            latest_time: usage.rollup.latest.map(Text),
            billing_period: usage.booked.map(Text),
        }
    }
}
