//! Budgets of organizations.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// What an organization, with everything below it, means to spend in each month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff70")]
    pub id: String,
    /// The organization whose budget it is.
    pub organization_id: String,
    /// What people call it.
    #[schema(example = "cloud")]
    pub name: String,
    /// How much of billed costs in a month, in UTC, a decimal.
    #[schema(example = "2500")]
    pub amount: String,
    /// The currency; what is billed in another one does not count.
    #[schema(example = "USD")]
    pub currency: String,
    /// Percentages of the amount at which an entry is written into the audit log, in ascending order.
    #[schema(example = json!([50, 80, 100]))]
    pub thresholds: Vec<u16>,
    /// The highest of them that was reached in `reached_in`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = 80)]
    pub reached: Option<u16>,
    /// The month, in UTC, in which one was reached last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "2026-01")]
    pub reached_in: Option<String>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// When somebody last changed it.
    #[serde(with = "time::serde::rfc3339")]
    pub update_time: OffsetDateTime,
}

/// A budget to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreateBudget {
    /// What people call it.
    #[schema(example = "cloud")]
    pub name: String,
    /// How much of billed costs in a month, a decimal of at most 18 digits before the point and 6 after it.
    #[schema(example = "2500")]
    pub amount: String,
    /// The currency; what the organization pays in unless it is said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "USD")]
    pub currency: Option<String>,
    /// At most ten percentages from 1 to 1000; 50, 80 and 100 unless it is said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = json!([50, 80, 100]))]
    pub thresholds: Option<Vec<u16>>,
}

/// What is to change of a budget; what is not given stays. What was reached before is reached anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateBudget {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// How much of billed costs in a month.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "3000")]
    pub amount: Option<String>,
    /// The currency.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub currency: Option<String>,
    /// At most ten percentages from 1 to 1000.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub thresholds: Option<Vec<u16>>,
}
