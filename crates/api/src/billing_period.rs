//! Billing periods and their invoices.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::PageSize;
use crate::parameters::parameters;

parameters! {
    /// Which billing periods to list.
    ListBillingPeriods {
        /// The most items of a page.
        page_size: PageSize = "page_size",
        /// Where the list goes on.
        page_token: Option<String> = "page_token",
    }
}

parameters! {
    /// Which invoices to list.
    ListInvoices {
        /// The most items of a page.
        page_size: PageSize = "page_size",
        /// Where the list goes on.
        page_token: Option<String> = "page_token",
    }
}

/// A month of a root organization, which is invoiced together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BillingPeriod {
    /// The month, in UTC.
    #[schema(example = "2026-01")]
    pub billing_period: String,
    /// How far it is.
    pub state: BillingPeriodState,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option", default)]
    #[schema(nullable = false)]
    pub close_time: Option<OffsetDateTime>,
    /// SHA-256, in hex, of everything that is invoiced in it: what was used, where, and what it cost by which price.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub content_hash: Option<String>,
}

/// How far a billing period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BillingPeriodState {
    /// What comes late is added to it.
    Open,
    /// Nothing changes it any more, and its invoices are being made.
    Closing,
    /// It has its invoices.
    Closed,
}

/// What a billing period is when it is made again from what was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BillingPeriodReplay {
    /// SHA-256, in hex, as it comes out now.
    pub content_hash: String,
    /// Whether that is the one of the billing period.
    pub matches: bool,
}

/// What an account cost an organization in a billing period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invoice {
    /// Its id, which rows of FOCUS name it by.
    pub id: String,
    /// The month, in UTC.
    #[schema(example = "2026-01")]
    pub billing_period: String,
    /// The account's id.
    pub account_id: String,
    /// What the account was called last in it.
    pub account_name: String,
    /// The organization in which the account stood.
    pub organization_id: String,
    /// The currency of the amounts.
    #[schema(example = "USD")]
    pub currency: String,
    /// The sum of what is billed, a decimal with all of its digits.
    #[schema(example = "10.125")]
    pub exact_cost: String,
    /// The same as it is paid: rounded half-even to the smallest unit of the currency.
    #[schema(example = "10.12")]
    pub total: String,
    /// What it is for, where one invoice is asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub lines: Option<Vec<InvoiceLine>>,
}

/// What an invoice is for: a metric, or corrections of earlier billing periods of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceLine {
    /// The metric's id.
    pub metric_id: String,
    /// What the metric is called.
    pub metric_name: String,
    /// The month, in UTC, that is corrected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "2025-12")]
    pub correction_of: Option<String>,
    /// What is billed, a decimal with all of its digits.
    #[schema(example = "10.125")]
    pub exact_cost: String,
    /// The same as it is paid: the amounts of all lines add up to the total.
    #[schema(example = "10.12")]
    pub amount: String,
}
