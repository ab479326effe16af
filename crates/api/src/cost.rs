//! Costs, added up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::parameters::{Word, parameters};

parameters! {
    /// Which costs to add up.
    ListCosts {
        /// The first day, in UTC, as a date or a time; needs `to`. Else the first of the month.
        from: Option<String> = "from",
        /// The last day, in UTC, at most 365 days later; needs `from`. Else today.
        to: Option<String> = "to",
        /// What to add up by, at most two; without it there is one sum for each currency.
        group_by: Vec<CostGroup> = "group_by",
    }
}

/// What costs are added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostGroup {
    /// The day on which it was used.
    Day,
    /// The account that used it.
    Account,
    /// The organization in which the account stood on the day.
    Organization,
    /// What was used.
    Metric,
    /// The service that the metric belongs to.
    Service,
}

impl CostGroup {
    /// The most of them in one request.
    pub const TOGETHER_MAX: usize = 2;
}

impl Word for CostGroup {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("day", Self::Day),
        ("account", Self::Account),
        ("organization", Self::Organization),
        ("metric", Self::Metric),
        ("service", Self::Service),
    ];
}

/// What something cost. Only the members that it was asked to be added up by are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cost {
    /// The day, in UTC.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "2026-01-31")]
    pub day: Option<String>,
    /// The account's id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub account_id: Option<String>,
    /// What the account is called, or was when it went.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub account_name: Option<String>,
    /// The organization in which the account stood.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub organization_id: Option<String>,
    /// What the organization is called; absent when it is gone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub organization_name: Option<String>,
    /// The metric's id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub metric_id: Option<String>,
    /// What the metric is called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub metric_name: Option<String>,
    /// The service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub service: Option<String>,
    /// The currency of the costs; those of different ones are never added up.
    #[schema(example = "USD")]
    pub currency: String,
    /// What the whole quantity costs everybody, a decimal.
    #[schema(example = "0.75")]
    pub list_cost: String,
    /// What the whole quantity costs the accounts, a decimal.
    #[schema(example = "0.75")]
    pub contracted_cost: String,
    /// What of that is billed: what exceeds the free quantities, a decimal.
    #[schema(example = "0.5")]
    pub billed_cost: String,
}
