//! From the database to lines.

use std::io::Write;

use serde::Serialize;
use umbel_domain::audit::Record;
use umbel_domain::secret::SecretHash;
use umbel_domain::usage::DailyUsage;
use umbel_domain::{
    Account, AccountMember, ApiToken, BillingPeriod, Budget, CustomRole, Invoice, Lineage, Member, Organization, Price,
};

use super::Result;
use super::record::{
    AccountMemberRecord, AccountRecord, ApiTokenRecord, AuditEntryRecord, AuditRetentionRecord, BillingPeriodRecord,
    BudgetRecord, HistoryRecord, InvoiceRecord, MemberRecord, MetricRecord, OrganizationRecord, PriceRecord, RoleRecord,
    UsageRecord, UserRecord,
};
use crate::admin::{self, Progress};
use crate::audit_log::{self, Log};
use crate::credentials::KeyCredential;
use crate::organizations::Filter;
use crate::usage::corrections;
use crate::{
    Read, Store, account_members, accounts, api_tokens, audit_retention, billing_periods, budgets, histories, invoices, members,
    metrics, organizations, prices, roles, usage, users,
};

/// Rows that are read at once.
const PAGE_SIZE: usize = 500;
/// Organizations and accounts with a history that are found at once; their lines are written one by one.
const PLACES_PAGE_SIZE: usize = 5_000;

/// Writes everything as it is at one moment: users, API tokens, organizations, their roles and members, accounts and theirs, the
/// entries of every audit log, everything that costs and invoices rest on, and how long logs are kept, each in its order; returns how
/// many lines that makes.
pub async fn export(store: &Store, out: &mut impl Write, progress: &mut dyn FnMut(Progress)) -> Result<u64> {
    let read = admin::read_long(store).await?;
    let mut lines = Lines { read, out, progress, written: 0 };
    lines.write_people_and_places().await?;
    lines.write_logs().await?;
    lines.write_billing().await?;
    let retention = audit_retention::all(&mut lines.read).await?;
    lines.write::<AuditRetentionRecord>(retention)?;
    lines.out.flush()?;
    Ok(lines.written)
}

struct Lines<'a, W> {
    read: Read,
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

    /// Writes page after page, each of what comes behind the last row of the one before.
    async fn write_pages<R: Serialize, T: Clone + Into<R>>(
        &mut self,
        page: impl AsyncFn(&mut Read, Option<&T>) -> crate::Result<Vec<T>>,
    ) -> Result<()> {
        let mut after = None;
        loop {
            let rows = page(&mut self.read, after.as_ref()).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.clone());
            self.write::<R>(rows)?;
        }
    }

    async fn write_people_and_places(&mut self) -> Result<()> {
        let page = async |read: &mut Read, after: Option<&KeyCredential>| {
            users::list_with_keys(read, after.map_or("", |last| last.user.id.as_str()), PAGE_SIZE).await
        };
        self.write_pages::<UserRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&(ApiToken, SecretHash)>| {
            api_tokens::list_with_hashes(read, after.map_or("", |(last, _)| last.id.as_str()), PAGE_SIZE).await
        };
        self.write_pages::<ApiTokenRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&Organization>| {
            let (everything, after) = ([Lineage::server()], after.map_or("", |last| last.lineage.as_str()));
            Ok(organizations::list(read, &everything, &Filter::default(), after, PAGE_SIZE).await?.items)
        };
        self.write_pages::<OrganizationRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&CustomRole>| {
            let ids = after.map(|last| (last.organization_id.as_str(), last.id.to_string()));
            roles::list(read, ids.as_ref().map_or(("", ""), |(root, id)| (root, id)), PAGE_SIZE).await
        };
        self.write_pages::<RoleRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&Member>| {
            members::list(read, after.map_or(("", ""), |last| (last.organization_id.as_str(), last.id.as_str())), PAGE_SIZE).await
        };
        self.write_pages::<MemberRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&Account>| {
            accounts::all(read, after.map_or(&Lineage::server(), |last| &last.lineage), PAGE_SIZE).await
        };
        self.write_pages::<AccountRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&AccountMember>| {
            account_members::list(read, after.map_or(("", ""), |last| (last.account_id.as_str(), last.id.as_str())), PAGE_SIZE)
                .await
        };
        self.write_pages::<AccountMemberRecord, _>(page).await
    }

    async fn write_logs(&mut self) -> Result<()> {
        for log in audit_log::logs(&mut self.read).await? {
            let log = log.as_ref().map_or(Log::Server, Log::Organization);
            let page = async |read: &mut Read, after: Option<&Record>| {
                audit_log::all(read, log, after.map(|last| (last.at, &last.id)), PAGE_SIZE).await
            };
            self.write_pages::<AuditEntryRecord, _>(page).await?;
        }
        Ok(())
    }

    /// Writes what costs and invoices rest on, also of what is gone; and budgets, months and invoices.
    async fn write_billing(&mut self) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = histories::all(&mut self.read, &after, PLACES_PAGE_SIZE).await?;
            let Some(last) = page.last() else { break };
            last.clone_into(&mut after);
            for place in page {
                let history = histories::get(&mut self.read, histories::place(&place)?).await?;
                self.write::<HistoryRecord>(history.into_iter().collect())?;
            }
        }
        let metrics = metrics::all(&mut self.read).await?;
        self.write::<MetricRecord>(metrics)?;
        let page = async |read: &mut Read, after: Option<&Price>| {
            prices::all(read, after.map_or("", |last| last.id.as_str()), PAGE_SIZE).await
        };
        self.write_pages::<PriceRecord, _>(page).await?;
        let page =
            async |read: &mut Read, after: Option<&DailyUsage>| usage::all(read, after.map(|last| &last.key), PAGE_SIZE).await;
        self.write_pages::<UsageRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&DailyUsage>| corrections::all(read, after, PAGE_SIZE).await;
        self.write_pages::<UsageRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&Budget>| budgets::all(read, after, PAGE_SIZE).await;
        self.write_pages::<BudgetRecord, _>(page).await?;
        let page = async |read: &mut Read, after: Option<&BillingPeriod>| billing_periods::all(read, after, PAGE_SIZE).await;
        self.write_pages::<BillingPeriodRecord, _>(page).await?;
        let page =
            async |read: &mut Read, after: Option<&Invoice>| invoices::all(read, after.map(|last| &last.of), PAGE_SIZE).await;
        self.write_pages::<InvoiceRecord, _>(page).await
    }
}
