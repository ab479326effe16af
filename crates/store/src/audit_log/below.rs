//! The logs of a whole subtree as one list.
//!
//! The keys of a page are gathered log by log, a few logs a statement. What was found so far bounds what the next statement looks
//! for, so that most of them end at their first look. Only then the entries themselves are read.

use std::time::Instant;

use umbel_domain::audit::{Direction, Query as Ask, Record};
use umbel_domain::{AuditEntryId, Lineage, Timestamp};

use super::keys::{self, Key};
use super::list::{Comparison, Span, filters, must_be_before, patience, push_filters, push_order};
use super::spelled;
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, Page, Query, Result};

/// Logs that one statement looks into, when its filters leave room for as many.
const LOGS_PER_STATEMENT: usize = 32;
/// Values that the filters of one statement have, those of each log counted; SQLite takes 32,766 of any kind.
const VALUES_PER_STATEMENT: usize = 16_384;
const LOGS: Sql =
    sql!("SELECT w.code FROM organizations o JOIN audit_words w ON w.word = o.id WHERE o.lineage > $1 AND o.lineage < $2");

/// A page of the logs of all organizations that stand in a subtree now: at most `limit` entries behind `after`; [`Error::Deadline`] when
/// finding them takes too long.
pub async fn list_below(
    query: &mut impl Query,
    subtree: &Lineage,
    ask: &Ask,
    after: Option<(Timestamp, &AuditEntryId)>,
    limit: usize,
) -> Result<Page<Record>> {
    list_below_until(query, subtree, ask, after, limit, patience()).await
}

pub(crate) async fn list_below_until(
    query: &mut impl Query,
    subtree: &Lineage,
    ask: &Ask,
    after: Option<(Timestamp, &AuditEntryId)>,
    limit: usize,
    until: Instant,
) -> Result<Page<Record>> {
    let range = subtree.range();
    let Some(filters) = filters(query, ask).await? else { return Ok(Page::of(Vec::new(), limit)) };
    let logs = query.rows(LOGS, args![range.after, range.before], |row| row.int(0)).await?;
    let mut span = Span::of(ask, after);
    let mut keys: Vec<Key> = Vec::new();
    // Lists of values are padded to at most twice their length.
    let values = 2 * filters.iter().map(Comparison::len).sum::<usize>();
    for chunk in logs.chunks((VALUES_PER_STATEMENT / values.max(1)).clamp(1, LOGS_PER_STATEMENT)) {
        must_be_before(until)?;
        keys.extend(find(query, chunk, &filters, &span, ask.direction, limit + 1).await?);
        match ask.direction {
            Direction::Ascending => keys.sort_unstable(),
            Direction::Descending => keys.sort_unstable_by(|a, b| b.cmp(a)),
        }
        keys.truncate(limit + 1);
        if let Some((at, id, _)) = keys.get(limit) {
            match ask.direction {
                Direction::Ascending => span.before = (*at, id.clone()),
                Direction::Descending => span.after = (*at, id.clone()),
            }
        }
    }
    let mut stored = keys::find(query, &keys).await?;
    let missing = || Error::Inconsistent("an audit entry is gone while it is read".into());
    let stored: Result<Vec<_>> = keys.iter().map(|key| stored.remove(key).ok_or_else(missing)).collect();
    Ok(Page::of(spelled(query, stored?).await?, limit))
}

async fn find(
    query: &mut impl Query,
    logs: &[i64],
    filters: &[Comparison],
    span: &Span,
    direction: Direction,
    limit: usize,
) -> Result<Vec<Key>> {
    let mut statement = Builder::default();
    for (at, log) in logs.iter().enumerate() {
        statement.push(if at == 0 { "" } else { " UNION ALL " });
        statement
            .push("SELECT * FROM (SELECT e.at, e.id, e.organization FROM audit_entries e WHERE e.organization = ")
            .bind(*log);
        span.push(&mut statement);
        push_filters(&mut statement, filters);
        push_order(&mut statement, direction);
        statement.push(" LIMIT ").bind(limit).push(") AS log");
    }
    query.rows(&statement, statement.args(), |row| Ok((Timestamp::from_micros(row.int(0)?), row.bytes(1)?, row.int(2)?))).await
}
