//! From the database to lines.

use std::io::Write;

use serde::Serialize;
use umbel_domain::{Lineage, Organization};

use super::Result;
use super::record::{
    AccountMemberRecord, AccountRecord, ApiTokenRecord, AuditEntryRecord, AuditRetentionRecord, BillingPeriodRecord,
    BudgetRecord, HistoryRecord, InvoiceRecord, MemberRecord, MetricRecord, OrganizationRecord, PriceRecord, RoleRecord,
    UsageRecord, UserRecord,
};
use crate::admin::{self, Progress};
use crate::audit_log::{self, Log};
use crate::organizations::Filter;
use crate::usage::corrections;
use crate::{
    Store, account_members, accounts, api_tokens, audit_retention, billing_periods, budgets, histories, invoices, members,
    metrics, organizations, prices, roles, usage, users,
};

/// Rows that are read at once.
const PAGE_SIZE: usize = 500;
/// Organizations and accounts with a history that are found at once; their lines are written one by one.
const PLACES_PAGE_SIZE: usize = 5_000;

/// Writes everything as it is at one moment: users, API tokens, organizations, their roles and members, accounts and theirs, the
/// entries of every audit log, everything that costs and invoices rest on, and how long logs are kept, each in its order; returns how many lines
/// that makes.
pub async fn export(store: &Store, out: &mut impl Write, progress: &mut dyn FnMut(Progress)) -> Result<u64> {
    let mut read = admin::read(store).await?;
    read.expect_long();
    let mut lines = Lines { out, progress, written: 0 };

    let mut after = String::new();
    loop {
        let page = users::list_with_keys(&mut read, &after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        last.user.id.as_str().clone_into(&mut after);
        lines.write::<UserRecord>(page)?;
    }

    let mut after = String::new();
    loop {
        let page = api_tokens::list_with_hashes(&mut read, &after, PAGE_SIZE).await?;
        let Some((last, _)) = page.last() else { break };
        last.id.as_str().clone_into(&mut after);
        lines.write::<ApiTokenRecord>(page)?;
    }

    let mut after = Lineage::server();
    loop {
        let page = page_of_organizations(&mut read, &after).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.lineage);
        lines.write::<OrganizationRecord>(page)?;
    }

    let mut after = (String::new(), String::new());
    loop {
        let page = roles::list(&mut read, (&after.0, &after.1), PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = (last.organization_id.to_string(), last.id.to_string());
        lines.write::<RoleRecord>(page)?;
    }

    let mut after = (String::new(), String::new());
    loop {
        let page = members::list(&mut read, (&after.0, &after.1), PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = (last.organization_id.to_string(), last.id.to_string());
        lines.write::<MemberRecord>(page)?;
    }

    let mut after = Lineage::server();
    loop {
        let page = accounts::all(&mut read, &after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.lineage);
        lines.write::<AccountRecord>(page)?;
    }

    let mut after = (String::new(), String::new());
    loop {
        let page = account_members::list(&mut read, (&after.0, &after.1), PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = (last.account_id.to_string(), last.id.to_string());
        lines.write::<AccountMemberRecord>(page)?;
    }

    for log in audit_log::logs(&mut read).await? {
        let log = log.as_ref().map_or(Log::Server, Log::Organization);
        let mut after = None;
        loop {
            let page = audit_log::all(&mut read, log, after.as_ref().map(|(at, id)| (*at, id)), PAGE_SIZE).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.at, last.id.clone()));
            lines.write::<AuditEntryRecord>(page)?;
        }
    }

    export_billing(&mut read, &mut lines).await?;
    lines.write::<AuditRetentionRecord>(audit_retention::all(&mut read).await?)?;
    lines.out.flush()?;
    Ok(lines.written)
}

/// Writes what costs and invoices rest on, also of what is gone; and budgets, months and invoices.
async fn export_billing<W: Write>(read: &mut crate::Read, lines: &mut Lines<'_, W>) -> Result<()> {
    let mut after = String::new();
    loop {
        let page = histories::all(read, &after, PLACES_PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        last.clone_into(&mut after);
        for place in page {
            let history = histories::get(read, histories::place(&place)?).await?;
            lines.write::<HistoryRecord>(history.into_iter().collect())?;
        }
    }
    lines.write::<MetricRecord>(metrics::all(read).await?)?;
    let mut after = String::new();
    loop {
        let page = prices::all(read, &after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        last.id.as_str().clone_into(&mut after);
        lines.write::<PriceRecord>(page)?;
    }
    let mut after = None;
    loop {
        let page = usage::all(read, after.as_ref(), PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        lines.write::<UsageRecord>(page)?;
    }
    let mut after = None;
    loop {
        let page = corrections::all(read, after.as_ref(), PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        lines.write::<UsageRecord>(page)?;
    }
    let mut after = None;
    loop {
        let page = budgets::all(read, after.as_ref(), PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        lines.write::<BudgetRecord>(page)?;
    }
    let mut after = None;
    loop {
        let page = billing_periods::all(read, after.as_ref(), PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        lines.write::<BillingPeriodRecord>(page)?;
    }
    let mut after = None;
    loop {
        let page = invoices::all(read, after.as_ref(), PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.of.clone());
        lines.write::<InvoiceRecord>(page)?;
    }
    Ok(())
}

async fn page_of_organizations(read: &mut crate::Read, after: &Lineage) -> crate::Result<Vec<Organization>> {
    let everything = [Lineage::server()];
    Ok(organizations::list(read, &everything, &Filter::default(), after.as_str(), PAGE_SIZE).await?.items)
}

struct Lines<'a, W> {
    out: &'a mut W,
    progress: &'a mut dyn FnMut(Progress),
    written: u64,
}

impl<W: Write> Lines<'_, W> {
    fn write<R: Serialize>(&mut self, rows: Vec<impl Into<R>>) -> Result<()> {
        for row in rows {
            serde_json::to_writer(&mut *self.out, &row.into()).map_err(std::io::Error::from)?;
            self.out.write_all(b"\n")?;
            self.written += 1;
        }
        (self.progress)(Progress { done: self.written, total: None });
        Ok(())
    }
}
