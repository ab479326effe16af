//! The catalogue of what is metered.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Something that is metered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Metric {
    /// What records and events know it by.
    #[schema(example = "workers_standard_requests")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Workers Standard Requests")]
    pub name: String,
    /// The `type` of the events that it counts.
    #[schema(example = "com.example.request")]
    pub event_type: String,
    /// How the events of a day become one quantity.
    pub aggregation: Aggregation,
    /// The member of an event's `data` that is the value; `null` where the events themselves are counted.
    #[schema(example = "requests")]
    pub value_property: Option<String>,
    /// What quantities are counted in.
    #[schema(example = "Requests")]
    pub unit: String,
    /// What a price is for.
    #[schema(example = "Requests")]
    pub pricing_unit: String,
    /// How many units are one pricing unit: a power of ten.
    #[schema(example = "1000000")]
    pub pricing_block_size: String,
    /// The service that it belongs to.
    #[schema(example = "Workers")]
    pub service_name: String,
    /// The category of the service, as FOCUS names it.
    #[schema(example = "Compute")]
    pub service_category: String,
    /// What kind of service it is within the category.
    #[schema(example = "Serverless Compute")]
    pub service_subcategory: String,
    /// The family of products that it belongs to.
    #[schema(example = "Workers")]
    pub product_family: String,
    /// What it is called in price lists.
    pub sku_id: String,
    /// What of that is measured.
    pub sku_meter: String,
    /// Since when it exists.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// Since when it takes no more events; `null` for one that does.
    #[serde(with = "time::serde::rfc3339::option")]
    pub retired_on: Option<OffsetDateTime>,
}

/// How the events of a day become one quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// The sum of the values.
    Sum,
    /// How many events there are.
    Count,
    /// The largest value.
    Max,
    /// The smallest value.
    Min,
    /// The value of the latest event.
    Latest,
    /// How many different values there are.
    UniqueCount,
}

/// Makes a metric, of which nothing can be changed later.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateMetric {
    /// 1 to 64 letters, digits, `_` and `-`, which no other metric has.
    #[schema(example = "workers_standard_requests")]
    pub id: String,
    /// 1 to 100 characters.
    #[schema(example = "Workers Standard Requests")]
    pub name: String,
    /// The `type` of the events that it counts; several metrics may count the same ones.
    #[schema(example = "com.example.request")]
    pub event_type: String,
    /// How the events of a day become one quantity.
    pub aggregation: Aggregation,
    /// The member of an event's `data` that is the value; only a count needs none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "requests")]
    pub value_property: Option<String>,
    /// What quantities are counted in.
    #[schema(example = "Requests")]
    pub unit: String,
    /// What a price is for; else a unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pricing_unit: Option<String>,
    /// How many units are one pricing unit, a power of ten; else 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "1000000")]
    pub pricing_block_size: Option<String>,
    /// The service that it belongs to.
    #[schema(example = "Workers")]
    pub service_name: String,
    /// The category of the service, as FOCUS names it.
    #[schema(example = "Compute")]
    pub service_category: String,
    /// What kind of service it is within the category; else another one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "Serverless Compute")]
    pub service_subcategory: Option<String>,
    /// The family of products that it belongs to; else the service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub product_family: Option<String>,
    /// What it is called in price lists; else its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sku_id: Option<String>,
    /// What of that is measured; else its name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sku_meter: Option<String>,
}
