//! `umbel billing`: closing billing periods, and their invoices.

use std::time::Duration;

use clap::Subcommand;
use umbel_client::api::{BillingPeriod, BillingPeriodState, Invoice, InvoiceLine, ListBillingPeriods, ListInvoices};

use super::{Limit, Server};
use crate::{Result, print};

/// Time from one look whether a billing period has its invoices to the next.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Looks before it is left to itself: five minutes.
const LOOKS_MAX: u32 = 600;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the billing periods of a root that are closed, or to which something was added after their end.
    List {
        /// Root organization.
        root: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Shows a billing period of a root.
    Get {
        /// Root organization.
        root: String,
        /// Month, in UTC, like 2026-01.
        month: String,
    },
    /// Closes a billing period of a root and waits for its invoices: nothing changes it any more.
    Close {
        /// Root organization.
        root: String,
        /// Month, in UTC, like 2026-01.
        month: String,
    },
    /// Makes a closed billing period again and says whether it is the same.
    Replay {
        /// Root organization.
        root: String,
        /// Month, in UTC, like 2026-01.
        month: String,
    },
    /// Lists the invoices of an organization and everything below it for a billing period.
    Invoices {
        /// Organization.
        organization: String,
        /// Month, in UTC, like 2026-01.
        month: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Shows an invoice with its lines.
    Invoice {
        /// Organization in or below which the account stood.
        organization: String,
        /// Id of the invoice.
        id: String,
    },
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List { root, limit } => {
                let asked = ListBillingPeriods { page_size: limit.page_size(), page_token: None };
                server.show(&limit.take(client.billing_periods(&root, asked)).await?, |periods| list(periods))
            }
            Self::Get { root, month } => server.show(&client.billing_period(&root, &month).await?, text),
            Self::Close { root, month } => {
                let mut period = client.close_billing_period(&root, &month).await?;
                for _ in 0..LOOKS_MAX {
                    if period.state == BillingPeriodState::Closed {
                        break;
                    }
                    tokio::time::sleep(LOOK_EVERY).await;
                    period = client.billing_period(&root, &month).await?;
                }
                server.show(&period, text)
            }
            Self::Replay { root, month } => {
                let replay = client.replay_billing_period(&root, &month).await?;
                server.show(&replay, |replay| format!("{}\n", replay.content_hash))?;
                if replay.matches {
                    return Ok(());
                }
                Err(format!("{month} is not what it was closed with; look into the audit log and the database").into())
            }
            Self::Invoices { organization, month, limit } => {
                let asked = ListInvoices { page_size: limit.page_size(), page_token: None };
                server.show(&limit.take(client.invoices(&organization, &month, asked)).await?, |found| invoices(found))
            }
            Self::Invoice { organization, id } => server.show(&client.invoice(&organization, &id).await?, invoice),
        }
    }
}

fn state(period: &BillingPeriod) -> String {
    match period.state {
        BillingPeriodState::Open => "open",
        BillingPeriodState::Closing => "closing",
        BillingPeriodState::Closed => "closed",
    }
    .to_owned()
}

fn list(periods: &[BillingPeriod]) -> String {
    let rows = periods.iter().map(|period| {
        let hash = period.content_hash.clone().unwrap_or_default();
        [period.billing_period.clone(), state(period), print::time_or(period.close_time, ""), hash]
    });
    print::table(["MONTH", "STATE", "CLOSED", "CONTENT HASH"], rows)
}

fn text(period: &BillingPeriod) -> String {
    print::block([
        ("month", period.billing_period.clone()),
        ("state", state(period)),
        ("closed", print::time_or(period.close_time, "")),
        ("content hash", period.content_hash.clone().unwrap_or_default()),
    ])
}

fn invoices(invoices: &[Invoice]) -> String {
    let rows = invoices.iter().map(|invoice| {
        let account = print::named(&invoice.account_name, &invoice.account_id);
        [invoice.id.clone(), account, invoice.organization_id.clone(), format!("{} {}", invoice.total, invoice.currency)]
    });
    print::table(["ID", "ACCOUNT", "ORGANIZATION", "TOTAL"], rows)
}

fn invoice(invoice: &Invoice) -> String {
    let head = print::block([
        ("id", invoice.id.clone()),
        ("month", invoice.billing_period.clone()),
        ("account", print::named(&invoice.account_name, &invoice.account_id)),
        ("organization", invoice.organization_id.clone()),
        ("exact", format!("{} {}", invoice.exact_cost, invoice.currency)),
        ("total", format!("{} {}", invoice.total, invoice.currency)),
    ]);
    let of = |line: &InvoiceLine| {
        let correction = line.correction_of.as_ref().map(|month| format!("correction of {month}")).unwrap_or_default();
        [print::named(&line.metric_name, &line.metric_id), correction, line.exact_cost.clone(), line.amount.clone()]
    };
    let lines = print::table(["METRIC", "", "EXACT", "AMOUNT"], invoice.lines.iter().flatten().map(of));
    format!("{head}\n{lines}")
}
