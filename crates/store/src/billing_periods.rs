//! Months of roots, which are open until somebody closes them.
//!
//! A month has a row once something was added to it after its end, or once it is closed. Whoever adds something then changes that row,
//! and so does whoever closes it: of two that do so at once one runs into the other.

use umbel_domain::{BillingPeriod, BillingPeriodState, Day, Month, OrganizationId, Timestamp};

use crate::engine::{Change, Row, Session};
use crate::sql::{Builder, Sql, Value, args, sql};
use crate::{Error, Page, Query, Result, Write};

const ADD: Sql = sql!(
    "INSERT INTO billing_periods (root_id, month, state, late) VALUES ($1, $2, 'open', 1) \
     ON CONFLICT (root_id, month) DO UPDATE SET late = billing_periods.late + 1 WHERE billing_periods.state = 'open'"
);
const CLOSE: Sql = sql!(
    "INSERT INTO billing_periods (root_id, month, state, late, close_time) VALUES ($1, $2, 'closing', 0, $3) \
     ON CONFLICT (root_id, month) DO UPDATE SET state = excluded.state, close_time = excluded.close_time \
     WHERE billing_periods.state = 'open'"
);
const INSERT: Sql =
    sql!("INSERT INTO billing_periods (root_id, month, state, late, close_time, content_hash) VALUES ($1, $2, $3, 0, $4, $5)");
const FINISH: Sql = sql!(
    "UPDATE billing_periods SET state = 'closed', content_hash = $3 WHERE root_id = $1 AND month = $2 AND state = 'closing'"
);
pub(crate) const GET: Sql =
    sql!("SELECT root_id, month, state, close_time, content_hash FROM billing_periods WHERE root_id = $1 AND month = $2");
pub(crate) const PAGE: Sql = sql!(
    "SELECT root_id, month, state, close_time, content_hash FROM billing_periods WHERE root_id = $1 AND month < $2 \
     ORDER BY month DESC LIMIT $3"
);
const ALL: Sql = sql!(
    "SELECT root_id, month, state, close_time, content_hash FROM billing_periods WHERE (root_id, month) > ($1, $2) \
     ORDER BY root_id, month LIMIT $3"
);
pub(crate) const CLOSING: Sql = sql!(
    "SELECT root_id, month, state, close_time, content_hash FROM billing_periods WHERE state = 'closing' \
     AND (root_id, month) > ($1, $2) ORDER BY root_id, month LIMIT $3"
);
/// One row that whoever closes a month changes, and whoever relies on what is closed.
const TAKE_TURN: Sql =
    sql!("INSERT INTO server_state (name, value) VALUES ('billing', '') ON CONFLICT (name) DO UPDATE SET value = excluded.value");
const LATEST: Sql = sql!("SELECT MAX(month) FROM billing_periods WHERE state <> 'open'");

/// Adds what is known of a month, in turn with whoever relies on what is closed.
pub(crate) async fn insert(write: &mut Write, period: &BillingPeriod) -> Result<()> {
    write.execute(TAKE_TURN, args![]).await?;
    let hash = Value::Bytes(period.content_hash.as_ref().map(|hash| hash[..].into()));
    let args = args![period.root.as_str(), number(period.month), period.state.name(), period.close_time, hash];
    write.execute(INSERT, args).await.map(drop)
}

/// Notes that something is added to a month that has ended; `false` when it is not open any more.
pub async fn add_late(write: &mut Write, root: &OrganizationId, month: Month) -> Result<bool> {
    Ok(write.execute(ADD, args![root.as_str(), number(month)]).await? == 1)
}

/// Closes a month, whose invoices are then to be made; [`Error::Conflict`] when it is not open.
pub async fn close(write: &mut Write, root: &OrganizationId, month: Month, at: Timestamp) -> Result<()> {
    write.execute(TAKE_TURN, args![]).await?;
    write.one_row(CLOSE, args![root.as_str(), number(month), at]).await
}

/// Ends the making of invoices; [`Error::Conflict`] when somebody else did.
pub async fn finish(write: &mut Write, root: &OrganizationId, month: Month, content_hash: [u8; 32]) -> Result<()> {
    write.one_row(FINISH, args![root.as_str(), number(month), &content_hash[..]]).await
}

/// What is known of a month of a root; one that nothing is known of is open.
pub async fn get(query: &mut impl Query, root: &OrganizationId, month: Month) -> Result<BillingPeriod> {
    let state = BillingPeriodState::Open;
    Ok(find(query, root, month).await?.unwrap_or(BillingPeriod {
        root: root.clone(),
        month,
        state,
        close_time: None,
        content_hash: None,
    }))
}

/// What is known of a month of a root.
pub(crate) async fn find(query: &mut impl Query, root: &OrganizationId, month: Month) -> Result<Option<BillingPeriod>> {
    query.row(GET, args![root.as_str(), number(month)], from_row).await
}

/// A page of the months of a root of which something is known, the latest first, before a month.
pub async fn page(
    query: &mut impl Query,
    root: &OrganizationId,
    before: Option<Month>,
    size: usize,
) -> Result<Page<BillingPeriod>> {
    let before = before.map_or(i64::MAX, number);
    Ok(Page::of(query.rows(PAGE, args![root.as_str(), before, size + 1], from_row).await?, size))
}

/// At most `size` months whose invoices are to be made, behind one of them.
pub async fn closing(query: &mut impl Query, after: Option<&BillingPeriod>, size: usize) -> Result<Vec<BillingPeriod>> {
    behind(query, CLOSING, after, size).await
}

/// At most `size` months of all roots of which something is known, behind one of them.
pub(crate) async fn all(query: &mut impl Query, after: Option<&BillingPeriod>, size: usize) -> Result<Vec<BillingPeriod>> {
    behind(query, ALL, after, size).await
}

async fn behind(
    query: &mut impl Query,
    statement: Sql,
    after: Option<&BillingPeriod>,
    size: usize,
) -> Result<Vec<BillingPeriod>> {
    let (root, month) = after.map_or(("", i64::MIN), |after| (after.root.as_str(), number(after.month)));
    query.rows(statement, args![root, month, size], from_row).await
}

/// The months of these roots, at most [`crate::IN_LIST_MAX`], that have invoices, from one on.
pub async fn closed(query: &mut impl Query, roots: &[&str], from: Month) -> Result<Vec<(String, Month)>> {
    let mut statement = Builder::default();
    statement.push("SELECT root_id, month FROM billing_periods WHERE root_id").bind_list(roots);
    statement.push(" AND month >= ").bind(number(from)).push(" AND state = 'closed'");
    query.rows(&statement, statement.args(), |row| Ok((row.text(0)?, month(row, 1)?))).await
}

/// The latest month of each of these roots, at most [`crate::IN_LIST_MAX`], that is not open any more.
pub(crate) async fn latest_of(query: &mut impl Query, roots: &[&str]) -> Result<Vec<(String, Month)>> {
    let mut statement = Builder::default();
    statement.push("SELECT root_id, MAX(month) FROM billing_periods WHERE root_id").bind_list(roots);
    statement.push(" AND state <> 'open' GROUP BY root_id");
    query.rows(&statement, statement.args(), |row| Ok((row.text(0)?, month(row, 1)?))).await
}

/// The latest month that is not open any more, of any root; no other one is closed until this transaction has ended.
pub async fn latest(write: &mut Write) -> Result<Option<Month>> {
    write.execute(TAKE_TURN, args![]).await?;
    let found = write.row(LATEST, args![], |row| row.int_or_null(0)).await?;
    found.flatten().map(|number| Ok(Month::of(Day::from_number(number)?))).transpose()
}

fn number(month: Month) -> i64 {
    month.first().number()
}

fn month(row: &Row<'_>, at: usize) -> Result<Month> {
    Ok(Month::of(Day::from_number(row.int(at)?)?))
}

fn from_row(row: &Row<'_>) -> Result<BillingPeriod> {
    let state = row.text(2)?;
    let hash = row.bytes_or_null(4)?.map(|bytes| <[u8; 32]>::try_from(&bytes[..])).transpose();
    Ok(BillingPeriod {
        root: OrganizationId::parse(row.text_ref(0)?)?,
        month: month(row, 1)?,
        state: BillingPeriodState::from_name(&state)
            .ok_or_else(|| Error::Inconsistent(format!("{state:?} is not a state of a billing period")))?,
        close_time: row.int_or_null(3)?.map(Timestamp::from_micros),
        content_hash: hash.map_err(|_| Error::Inconsistent("a content hash has not 32 bytes".into()))?,
    })
}
