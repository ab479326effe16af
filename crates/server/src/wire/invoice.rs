//! Billing periods and invoices, as they are shown.

use umbel_api as api;
use umbel_domain::secret::to_hex;
use umbel_domain::{BillingPeriod, BillingPeriodState, Invoice, Timestamp};

/// Shows a billing period.
pub(crate) fn billing_period(period: &BillingPeriod) -> api::BillingPeriod {
    api::BillingPeriod {
        billing_period: period.month.to_string(),
        state: match period.state {
            BillingPeriodState::Open => api::BillingPeriodState::Open,
            BillingPeriodState::Closing => api::BillingPeriodState::Closing,
            BillingPeriodState::Closed => api::BillingPeriodState::Closed,
        },
        close_time: period.close_time.map(Timestamp::to_datetime),
        content_hash: period.content_hash.map(|hash| to_hex(&hash)),
    }
}

/// What is written down of a billing period that has its invoices.
pub(crate) fn closed(period: &BillingPeriod, hash: [u8; 32]) -> String {
    let closed = BillingPeriod { state: BillingPeriodState::Closed, content_hash: Some(hash), ..period.clone() };
    // What is sent as an answer has a JSON form.
    serde_json::to_string(&billing_period(&closed)).unwrap_or_default()
}

/// Shows an invoice without its lines.
pub(crate) fn invoice(invoice: &Invoice) -> api::Invoice {
    let of = &invoice.of;
    api::Invoice {
        id: invoice.id.to_string(),
        billing_period: of.month.to_string(),
        account_id: of.account.to_string(),
        account_name: invoice.account_name.clone(),
        organization_id: of.organization.to_string(),
        currency: of.currency.code().to_owned(),
        exact_cost: invoice.exact.to_string(),
        total: invoice.total.to_string(),
        lines: None,
    }
}
