//! Usage: the events that are recorded, and the records of what they come to.

use std::borrow::Cow;

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::parameters::parameters;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordedEvent {
    /// The event's id, as far as it can be read.
    pub id: String,
    /// The event's source, as far as it can be read.
    pub source: String,
    /// What became of it.
    pub status: EventStatus,
    /// Why it was not counted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub message: Option<String>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventStatus {
    /// It is counted.
    Accepted,
    /// It was counted before.
    Duplicate,
    /// Another one with the same source and id was counted before.
    Conflict,
    /// It cannot be counted; a later one with the same source and id can.
    Rejected,
}

parameters! {
    /// Which usage to read.
    GetUsage {
        /// The first day, in UTC, as a date or a time; needs `to`. Else the first of the month.
        from: Option<String> = "from",
        /// The last day, in UTC, at most 30 days later; needs `from`. Else today.
        to: Option<String> = "to",
        /// Only the usage of this metric.
        metric: Option<String> = "metric",
    }
}

/// A decimal, as a JSON number with all of its digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(String);

impl Decimal {
    /// Takes the digits of a JSON number.
    pub fn new(digits: String) -> Self {
        Self(digits)
    }

    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|digits| Self(digits.get().to_owned()))
    }
}

impl PartialSchema for Decimal {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).build().into()
    }
}

impl ToSchema for Decimal {}

/// What an account used of a metric on a day, and what that costs, in the words of FOCUS. What has no price has no members of costs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BillableUsage<'a> {
    /// The account's id.
    pub billing_account_id: Cow<'a, str>,
    /// The account's name.
    pub billing_account_name: Cow<'a, str>,
    /// Always `Usage`.
    #[schema(example = "Usage")]
    pub charge_category: Cow<'a, str>,
    /// What is charged.
    #[schema(example = "Workers Standard Requests — daily usage")]
    pub charge_description: String,
    /// Always `Usage-Based`.
    #[schema(example = "Usage-Based")]
    pub charge_frequency: Cow<'a, str>,
    /// The first moment after the day.
    #[serde(with = "time::serde::rfc3339")]
    pub charge_period_end: OffsetDateTime,
    /// The first moment of the day.
    #[serde(with = "time::serde::rfc3339")]
    pub charge_period_start: OffsetDateTime,
    /// How much was used.
    pub consumed_quantity: Decimal,
    /// In what that is counted.
    #[schema(example = "Requests")]
    pub consumed_unit: Cow<'a, str>,
    /// Who runs it.
    pub host_provider_name: Cow<'a, str>,
    /// Who sends the invoice.
    pub invoice_issuer_name: Cow<'a, str>,
    /// Who offers it.
    pub service_provider_name: Cow<'a, str>,
    /// What the metric is called.
    #[serde(rename = "x_BillableMetricName")]
    pub x_billable_metric_name: Cow<'a, str>,
    /// What is billed: the contracted cost of what exceeds the free quantity.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub billed_cost: Option<Decimal>,
    /// The currency of the costs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "USD")]
    pub billing_currency: Option<Cow<'a, str>>,
    /// The first moment after the billing period.
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option", default)]
    #[schema(nullable = false)]
    pub billing_period_end: Option<OffsetDateTime>,
    /// The first moment of the billing period.
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option", default)]
    #[schema(nullable = false)]
    pub billing_period_start: Option<OffsetDateTime>,
    /// `Correction` of what became known when the month of the day was closed; it is invoiced in a later billing period.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "Correction")]
    pub charge_class: Option<Cow<'a, str>>,
    /// The contracted unit price times the pricing quantity, or a sum over tiers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub contracted_cost: Option<Decimal>,
    /// What a pricing unit costs the account; absent where tiers decide.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub contracted_unit_price: Option<Decimal>,
    /// The same as the billed cost: nothing is paid ahead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub effective_cost: Option<Decimal>,
    /// The list unit price times the pricing quantity, or a sum over tiers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub list_cost: Option<Decimal>,
    /// What a pricing unit costs everybody; absent where tiers decide.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub list_unit_price: Option<Decimal>,
    /// How much was used, in pricing units.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub pricing_quantity: Option<Decimal>,
    /// What a price is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "Requests")]
    pub pricing_unit: Option<Cow<'a, str>>,
    /// The region's id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "EEUR")]
    pub region_id: Option<Cow<'a, str>>,
    /// The region's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "Eastern Europe")]
    pub region_name: Option<Cow<'a, str>>,
    /// The metric's id.
    #[serde(rename = "x_BillableMetricId")]
    #[schema(example = "workers_standard_requests")]
    pub x_billable_metric_id: Cow<'a, str>,
    /// The family of products that the metric belongs to.
    #[serde(rename = "x_ProductFamilyName")]
    #[schema(example = "Workers")]
    pub x_product_family_name: Cow<'a, str>,
    /// The zone's id.
    #[serde(rename = "x_ZoneId", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub x_zone_id: Option<Cow<'a, str>>,
    /// The zone's name.
    #[serde(rename = "x_ZoneName", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "example.com")]
    pub x_zone_name: Option<Cow<'a, str>>,
}
