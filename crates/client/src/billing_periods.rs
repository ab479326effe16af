//! Billing periods and invoices.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{BillingPeriod, BillingPeriodReplay, Invoice, ListBillingPeriods, ListInvoices};

use crate::{Client, Error, Page, pages};

impl Client {
    /// A page of the billing periods of a root that are closed, or to which something was added late.
    pub async fn list_billing_periods(
        &self,
        root_id: &str,
        parameters: &ListBillingPeriods,
    ) -> Result<Page<BillingPeriod>, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", root_id, "billing-periods"]).query(parameters).page().await
    }

    /// The same, page after page.
    pub fn billing_periods(
        &self,
        root_id: &str,
        parameters: ListBillingPeriods,
    ) -> impl Stream<Item = Result<BillingPeriod, Error>> + Send {
        pages::items(parameters, async move |parameters| self.list_billing_periods(root_id, &parameters).await)
    }

    /// A billing period of a root, a month like `2026-01`.
    pub async fn billing_period(&self, root_id: &str, month: &str) -> Result<BillingPeriod, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", root_id, "billing-periods", month]).result().await
    }

    /// Closes a billing period of a root.
    pub async fn close_billing_period(&self, root_id: &str, month: &str) -> Result<BillingPeriod, Error> {
        self.call(Method::POST, &["umbel", "v1", "organizations", root_id, "billing-periods", month, "close"]).result().await
    }

    /// Makes a closed billing period again, and tells whether that is the same.
    pub async fn replay_billing_period(&self, root_id: &str, month: &str) -> Result<BillingPeriodReplay, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", root_id, "billing-periods", month, "replay"]).result().await
    }

    /// A page of the invoices of an organization and everything below it for a month.
    pub async fn list_invoices(
        &self,
        organization_id: &str,
        month: &str,
        parameters: &ListInvoices,
    ) -> Result<Page<Invoice>, Error> {
        let path = ["umbel", "v1", "organizations", organization_id, "billing-periods", month, "invoices"];
        self.call(Method::GET, &path).query(parameters).page().await
    }

    /// The same, page after page.
    pub fn invoices(
        &self,
        organization_id: &str,
        month: &str,
        parameters: ListInvoices,
    ) -> impl Stream<Item = Result<Invoice, Error>> + Send {
        pages::items(parameters, async move |parameters| self.list_invoices(organization_id, month, &parameters).await)
    }

    /// An invoice with its lines.
    pub async fn invoice(&self, organization_id: &str, id: &str) -> Result<Invoice, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", organization_id, "invoices", id]).result().await
    }
}
