//! From lines to the database: everything is checked before anything is written, in one transaction.

mod accounts;
mod api_tokens;
mod audit_entries;
mod audit_retention;
mod billing_periods;
mod budgets;
mod histories;
mod invoices;
mod lines;
mod members;
mod metrics;
mod organizations;
mod prices;
mod references;
mod roles;
mod usage;
mod users;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;

use serde::Serialize;
use umbel_domain::audit::{Record, Retention};
use umbel_domain::secret::SecretHash;
use umbel_domain::usage::DailyUsage;
use umbel_domain::{
    Account, AccountMember, ApiToken, BillingPeriod, Budget, CustomRole, Digits, Invoice, Member, Metric, MetricId, Organization,
    OrganizationId, Price,
};

use super::record::{
    AccountMemberRecord, AccountRecord, ApiTokenRecord, AuditEntryRecord, AuditRetentionRecord, BillingPeriodRecord,
    BudgetRecord, HistoryRecord, InvoiceRecord, MemberRecord, MetricRecord, OrganizationRecord, PriceRecord, RoleRecord,
    UsageRecord, UserRecord, difference,
};
use super::{BAD_LINES_MAX, BadLine, Error, Result};
use crate::admin::{self, Progress, Sources};
use crate::audit_log::{Salt, digests};
use crate::credentials::{KeyCredential, to_hex};
use crate::histories::History;
use crate::{IN_LIST_MAX, Store, Write};
use references::Known;

/// The most bytes of a line.
pub const LINE_LENGTH_MAX: usize = 1 << 20;
/// The most lines of a file; they are held in memory.
pub const LINES_MAX: u64 = 5_000_000;
/// The most levels of a tree, the root counted.
pub const DEPTH_MAX: usize = 64;
/// Rows that are written between two looks at the progress.
const PROGRESS_STEP: u64 = 500;
/// Days of usage that are written at once.
const DAYS_AT_ONCE: usize = 256;

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Lines that are new in the database.
    pub added: u64,
    /// Lines that were there already.
    pub unchanged: u64,
}

/// Reads lines and adds what they describe, all of it or, when one of them is bad, nothing.
pub async fn import(
    store: &Store,
    sources: &Sources,
    input: impl BufRead,
    progress: &mut dyn FnMut(Progress),
) -> Result<Imported> {
    let mut bad = BadLines::default();
    let file = lines::read(input, &mut bad, progress)?;
    bad.refuse()?;
    let mut write = admin::write_long(store).await?;
    let additions = check(&mut write, file, sources, &mut bad).await?;
    bad.refuse()?;
    additions.write(&mut write, progress).await?;
    write.commit().await?;
    Ok(Imported { added: additions.len(), unchanged: additions.unchanged })
}

/// The lines of a file, by kind.
#[derive(Default)]
struct File {
    users: Vec<Line<UserRecord>>,
    api_tokens: Vec<Line<ApiTokenRecord>>,
    organizations: Vec<Line<OrganizationRecord>>,
    roles: Vec<Line<RoleRecord>>,
    members: Vec<Line<MemberRecord>>,
    accounts: Vec<Line<AccountRecord>>,
    account_members: Vec<Line<AccountMemberRecord>>,
    audit_entries: Vec<Line<AuditEntryRecord>>,
    audit_retention: Vec<Line<AuditRetentionRecord>>,
    metrics: Vec<Line<MetricRecord>>,
    prices: Vec<Line<PriceRecord>>,
    usage: Vec<Line<UsageRecord>>,
    histories: Vec<Line<HistoryRecord>>,
    billing_periods: Vec<Line<BillingPeriodRecord>>,
    invoices: Vec<Line<InvoiceRecord>>,
    budgets: Vec<Line<BudgetRecord>>,
}

struct Line<R> {
    number: u64,
    record: R,
}

/// The first bad lines, with a reason for each.
#[derive(Default)]
struct BadLines(BTreeMap<u64, String>);

impl BadLines {
    fn add(&mut self, number: u64, reason: impl Into<String>) {
        if !self.is_full() {
            self.0.entry(number).or_insert_with(|| reason.into());
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() == BAD_LINES_MAX
    }

    fn refuse(&mut self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.0).into_iter();
        Err(Error::BadLines(lines.map(|(number, reason)| BadLine { number, reason }).collect()))
    }
}

/// The first lines that hold something that only one line may.
struct Seen<K>(HashMap<K, u64>);

impl<K: Eq + std::hash::Hash> Seen<K> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    /// Whether no line before held `key`; else this line is bad.
    fn first(&mut self, key: K, number: u64, bad: &mut BadLines, what: impl FnOnce() -> String) -> bool {
        let first = *self.0.entry(key).or_insert(number);
        if first != number {
            bad.add(number, format!("{} is on line {first} already", what()));
        }
        first == number
    }
}

/// The rows to add.
#[derive(Default)]
struct Additions {
    users: Vec<KeyCredential>,
    api_tokens: Vec<(ApiToken, SecretHash)>,
    organizations: Vec<Organization>,
    roles: Vec<CustomRole>,
    members: Vec<Member>,
    accounts: Vec<Account>,
    account_members: Vec<AccountMember>,
    audit_entries: Vec<(Record, Salt)>,
    audit_retention: Vec<(Option<OrganizationId>, Retention)>,
    metrics: Vec<Metric>,
    prices: Vec<Price>,
    usage: Vec<DailyUsage>,
    /// With the number of its line.
    histories: Vec<(u64, History)>,
    billing_periods: Vec<BillingPeriod>,
    invoices: Vec<Invoice>,
    budgets: Vec<Budget>,
    /// What quantities and prices of metrics have had, and have with these rows.
    digits: HashMap<MetricId, (Digits, Digits)>,
    unchanged: u64,
}

impl Additions {
    fn len(&self) -> u64 {
        let tree =
            self.organizations.len() + self.roles.len() + self.members.len() + self.accounts.len() + self.account_members.len();
        let logs = self.audit_entries.len() + self.audit_retention.len();
        let kept = self.histories.len() + self.billing_periods.len() + self.invoices.len() + self.budgets.len();
        let billing = self.metrics.len() + self.prices.len() + self.usage.len() + kept;
        (self.users.len() + self.api_tokens.len() + tree + logs + billing) as u64
    }

    /// Notes digits of a metric, unless costs have no room for them.
    fn needs(&mut self, metric: &Metric, digits: Digits) -> std::result::Result<(), String> {
        let (_, needed) = self.digits.entry(metric.id.clone()).or_default();
        let digits = needed.with(digits);
        digits.check(metric).map_err(|invalid| invalid.to_string())?;
        *needed = digits;
        Ok(())
    }

    /// Whether a line is to be added: not when its like is stored, and bad when that differs.
    fn is_new<R: Serialize>(
        &mut self,
        line: &Line<R>,
        stored: Option<R>,
        bad: &mut BadLines,
        what: impl FnOnce() -> String,
    ) -> bool {
        let Some(stored) = stored else { return true };
        match difference(&line.record, &stored) {
            None => self.unchanged += 1,
            Some(member) => bad.add(line.number, format!("{} exists already with another {member}", what())),
        }
        false
    }

    async fn write(&self, write: &mut Write, progress: &mut dyn FnMut(Progress)) -> crate::Result<()> {
        let (total, mut done) = (self.len(), 0);
        let mut step = || {
            done += 1;
            if done % PROGRESS_STEP == 0 || done == total {
                progress(Progress { done, total: Some(total) });
            }
        };
        for user in &self.users {
            crate::users::insert(write, &user.user, user.api_key_hash.as_ref()).await?;
            let seen = user.last_seen_on.map(|at| (user.user.id.clone(), at));
            crate::users::see(write, seen.as_slice()).await?;
            step();
        }
        for organization in &self.organizations {
            crate::organizations::insert(write, organization).await?;
            step();
        }
        for role in &self.roles {
            crate::roles::insert(write, role).await?;
            step();
        }
        for (token, hash) in &self.api_tokens {
            crate::api_tokens::insert(write, token, hash).await?;
            step();
        }
        for member in &self.members {
            crate::members::insert(write, member).await?;
            step();
        }
        for account in &self.accounts {
            crate::accounts::insert(write, account).await?;
            step();
        }
        for member in &self.account_members {
            crate::account_members::insert(write, member).await?;
            step();
        }
        if let Some((_, salt)) = self.audit_entries.first() {
            digests::disturb(write, &format!("imported {}", to_hex(salt))).await?;
        }
        for (record, salt) in &self.audit_entries {
            crate::audit_log::append(write, record, salt, None).await?;
            step();
        }
        for (root, retention) in &self.audit_retention {
            crate::audit_retention::set(write, root.as_ref(), *retention).await?;
            step();
        }
        self.write_billing(write, &mut step).await
    }

    async fn write_billing(&self, write: &mut Write, step: &mut impl FnMut()) -> crate::Result<()> {
        let organizations = self.organizations.iter().map(|organization| organization.id.to_string());
        let accounts = self.accounts.iter().map(|account| format!("@{}", account.id));
        let present: HashSet<String> = organizations.chain(accounts).collect();
        for (_, history) in &self.histories {
            crate::histories::put(write, history, !present.contains(&crate::histories::text(&history.of))).await?;
            step();
        }
        for metric in &self.metrics {
            crate::metrics::insert(write, metric).await?;
            step();
        }
        for price in &self.prices {
            crate::prices::insert(write, price).await?;
            step();
        }
        for (metric, (_, digits)) in self.digits.iter().filter(|(_, (known, digits))| known != digits) {
            crate::digits::set(write, metric, *digits).await?;
        }
        for days in self.usage.chunks(DAYS_AT_ONCE) {
            let (late, days): (Vec<_>, Vec<_>) = days.iter().cloned().partition(|day| day.booked.is_some());
            crate::usage::put(write, &days).await?;
            crate::usage::corrections::put(write, &late).await?;
            for _ in 0..days.len() + late.len() {
                step();
            }
        }
        for budget in &self.budgets {
            crate::budgets::insert(write, budget).await?;
            step();
        }
        for period in &self.billing_periods {
            crate::billing_periods::insert(write, period).await?;
            step();
        }
        for invoice in &self.invoices {
            crate::invoices::put(write, invoice).await?;
            step();
        }
        Ok(())
    }
}

/// Finds the rows to add, and every line that cannot be.
async fn check(write: &mut Write, file: File, sources: &Sources, bad: &mut BadLines) -> Result<Additions> {
    let mut additions = Additions::default();
    let mut known = Known::find(write, &file).await?;
    organizations::check(write, file.organizations, &mut known, sources.now, &mut additions, bad).await?;
    roles::check(write, file.roles, &known, sources.now, &mut additions, bad).await?;
    users::check(write, file.users, &known, sources.now, &mut additions, bad).await?;
    api_tokens::check(write, file.api_tokens, &known, sources, &mut additions, bad).await?;
    members::check(write, file.members, &known, sources.now, &mut additions, bad).await?;
    accounts::check(write, file.accounts, &mut known, sources.now, &mut additions, bad).await?;
    members::check(write, file.account_members, &known, sources.now, &mut additions, bad).await?;
    histories::check(write, file.histories, &mut known, &mut additions, bad).await?;
    audit_entries::check(write, file.audit_entries, sources, &mut additions, bad).await?;
    audit_retention::check(write, file.audit_retention, &mut additions, bad).await?;
    let digits = crate::digits::all(write).await?;
    additions.digits = digits.into_iter().map(|(metric, digits)| (metric, (digits, digits))).collect();
    let metrics = metrics::check(write, file.metrics, sources.now, &mut additions, bad).await?;
    prices::check(write, file.prices, (&metrics, &known), sources.now, &mut additions, bad).await?;
    usage::check(write, file.usage, (&metrics, &known), &mut additions, bad).await?;
    budgets::check(write, file.budgets, &known, sources.now, &mut additions, bad).await?;
    billing_periods::check(write, file.billing_periods, &known, &mut additions, bad).await?;
    invoices::check(write, file.invoices, &known, &mut additions, bad).await?;
    Ok(additions)
}

/// Why what was deleted does not come back: where it stood and what it paid in is kept under its id, and would be written over.
fn gone(what: &str) -> String {
    format!("{what} was deleted here, and its id stays with what it was charged for; give it another id")
}

/// Takes lines in groups that one statement can ask for.
fn groups<R>(lines: Vec<Line<R>>) -> impl Iterator<Item = Vec<Line<R>>> {
    let mut lines = lines.into_iter().peekable();
    std::iter::from_fn(move || lines.peek().is_some().then(|| lines.by_ref().take(IN_LIST_MAX).collect()))
}
