//! Lists of entries, in the order of their times.

use std::time::{Duration, Instant};

use umbel_domain::audit::{Direction, Filter, FilterBy, Mode, Query as Ask, Record};
use umbel_domain::{AccountId, AuditEntryId, OrganizationId, Timestamp};

use super::{Form, SERVER, Stored, digests, form, packed, select, spelled, words};
use crate::sql::{Builder, IN_LIST_MAX, Sql, Value, args, sql};
use crate::{Error, Page, Query, Result};

/// Which entries to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log<'a> {
    /// The server's own log.
    Server,
    /// That of an organization.
    Organization(&'a OrganizationId),
    /// What was about an account, in whichever log.
    Account(&'a AccountId),
}

/// No statement of a page is begun later than this after the first one.
const LIST_MAX: Duration = Duration::from_secs(5);

/// Until when statements of a page that is begun now may begin.
pub(super) fn patience() -> Instant {
    Instant::now() + LIST_MAX
}

/// Ends what takes too long.
pub(super) fn must_be_before(until: Instant) -> Result<()> {
    if Instant::now() < until { Ok(()) } else { Err(Error::Deadline) }
}

/// A page of a log: at most `limit` entries behind `after`; [`Error::Deadline`] when finding them takes too long.
pub async fn list(
    query: &mut impl Query,
    log: Log<'_>,
    ask: &Ask,
    after: Option<(Timestamp, &AuditEntryId)>,
    limit: usize,
) -> Result<Page<Record>> {
    list_until(query, log, ask, after, limit, patience()).await
}

pub(crate) async fn list_until(
    query: &mut impl Query,
    log: Log<'_>,
    ask: &Ask,
    after: Option<(Timestamp, &AuditEntryId)>,
    limit: usize,
    until: Instant,
) -> Result<Page<Record>> {
    let Some(code) = code(query, log).await? else { return Ok(Page::of(Vec::new(), limit)) };
    let Some(filters) = filters(query, ask).await? else { return Ok(Page::of(Vec::new(), limit)) };
    let (mut stored, mut rest) = (Vec::new(), Some(Span::of(ask, after)));
    while let Some(span) = rest.take() {
        let parts = match log {
            Log::Server | Log::Organization(_) => {
                let (parts, left) = digests::narrow(query, code, &filters, span, ask.direction).await?;
                rest = left;
                parts
            }
            Log::Account(_) => vec![span],
        };
        for part in parts {
            must_be_before(until)?;
            stored.extend(within(query, log, code, &part, (&filters, ask.direction), limit + 1 - stored.len()).await?);
            if stored.len() > limit {
                return Ok(Page::of(spelled(query, stored).await?, limit));
            }
        }
    }
    Ok(Page::of(spelled(query, stored).await?, limit))
}

/// The first entries of a log in a span, at most `limit`.
async fn within(
    query: &mut impl Query,
    log: Log<'_>,
    code: i64,
    span: &Span,
    (filters, direction): (&[Comparison], Direction),
    limit: usize,
) -> Result<Vec<Stored>> {
    let mut statement = Builder::default();
    statement.push(select!());
    statement.push(if matches!(log, Log::Account(_)) { "e.account" } else { "e.organization" }).push(" = ").bind(code);
    span.push(&mut statement);
    push_filters(&mut statement, filters);
    push_order(&mut statement, direction);
    statement.push(" LIMIT ").bind(limit);
    query.rows(&statement, statement.args(), Stored::read).await
}

/// The entry of a log with this id that was written in a span of time.
pub async fn get(
    query: &mut impl Query,
    log: Log<'_>,
    id: &AuditEntryId,
    since: Timestamp,
    before: Timestamp,
) -> Result<Option<Record>> {
    let by_id = Filter { by: FilterBy::Id, mode: Mode::Including, values: vec![id.to_string()] };
    let ask = Ask { since, before, direction: Direction::Ascending, filters: vec![by_id] };
    Ok(list(query, log, &ask, None, 1).await?.items.pop())
}

const NEXT_LOG: Sql = sql!("SELECT organization FROM audit_entries WHERE organization > $1 ORDER BY organization LIMIT 1");

/// The numbers of up to `limit` logs that have entries behind `after`, in their order; all come behind -1.
pub async fn numbers_of_logs(query: &mut impl Query, after: i64, limit: usize) -> Result<Vec<i64>> {
    let (mut codes, mut last) = (Vec::new(), after);
    while codes.len() < limit
        && let Some(code) = query.row(NEXT_LOG, args![last], |row| row.int(0)).await?
    {
        codes.push(code);
        last = code;
    }
    Ok(codes)
}

/// Every organization that has entries, in the order of their ids, and `None` first when the server has some.
pub async fn logs(query: &mut impl Query) -> Result<Vec<Option<OrganizationId>>> {
    let codes = numbers_of_logs(query, SERVER - 1, usize::MAX).await?;
    let words = words::spell(query, codes.iter().copied().filter(|code| *code != SERVER)).await?;
    let log = |code: i64| {
        if code == SERVER {
            return Ok(None);
        }
        let id = words.get(&code).ok_or_else(|| Error::Inconsistent(format!("a log has the unknown word {code}")))?;
        Ok(Some(OrganizationId::parse(id)?))
    };
    let mut logs: Vec<_> = codes.into_iter().map(log).collect::<Result<_>>()?;
    logs.sort_unstable();
    Ok(logs)
}

/// All entries of a log from the oldest to the newest, `limit` at a time: those behind `after`.
pub async fn all(
    query: &mut impl Query,
    log: Log<'_>,
    after: Option<(Timestamp, &AuditEntryId)>,
    limit: usize,
) -> Result<Vec<Record>> {
    let (since, before) = (Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));
    let ask = Ask { since, before, direction: Direction::Ascending, filters: Vec::new() };
    Ok(list(query, log, &ask, after, limit).await?.items)
}

/// The number that stands for a log in its rows; `None` when it has none.
async fn code(query: &mut impl Query, log: Log<'_>) -> Result<Option<i64>> {
    let id = match log {
        Log::Server => return Ok(Some(SERVER)),
        Log::Organization(id) => id.as_str(),
        Log::Account(id) => id.as_str(),
    };
    Ok(words::look_up(query, &[id.to_owned()], false).await?.pop())
}

/// Between which two keys, both left out, the entries of a page lie.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) after: (Timestamp, Vec<u8>),
    pub(super) before: (Timestamp, Vec<u8>),
}

impl Span {
    pub(super) fn of(ask: &Ask, after: Option<(Timestamp, &AuditEntryId)>) -> Self {
        // No id is empty: behind the empty one come those of that time.
        let mut span = Self { after: (ask.since, Vec::new()), before: (ask.before, Vec::new()) };
        if let Some((at, id)) = after {
            let key = (at, packed::pack(id.as_str()));
            match ask.direction {
                Direction::Ascending => span.after = key.max(span.after),
                Direction::Descending => span.before = key.min(span.before),
            }
        }
        span
    }

    /// Whether an entry can lie there.
    pub(super) fn is_any(&self) -> bool {
        self.after < self.before
    }

    /// Appends the conditions; where no id matters they do without, for SQLite compares each row with pairs anew.
    pub(super) fn push(&self, statement: &mut Builder<'_>) {
        let (after, before) = (self.after.clone(), self.before.clone());
        if after.1.is_empty() {
            statement.push(" AND e.at >= ").bind(after.0);
        } else {
            statement.push(" AND (e.at, e.id) > (").bind(after.0).push(", ").bind(Some(after.1)).push(")");
        }
        if before.1.is_empty() {
            statement.push(" AND e.at < ").bind(before.0);
        } else {
            statement.push(" AND (e.at, e.id) < (").bind(before.0).push(", ").bind(Some(before.1)).push(")");
        }
    }
}

pub(super) fn push_order(statement: &mut Builder<'_>, direction: Direction) {
    statement.push(match direction {
        Direction::Ascending => " ORDER BY e.at, e.id",
        Direction::Descending => " ORDER BY e.at DESC, e.id DESC",
    });
}

/// A filter as rows can be compared with it.
pub(super) struct Comparison {
    pub(super) column: &'static str,
    mode: Mode,
    pub(super) values: Vec<Value<'static>>,
}

impl Comparison {
    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it lets nothing pass but what it names.
    pub(super) fn selects(&self) -> bool {
        self.mode == Mode::Including
    }
}

/// The filters of a question as rows can be compared with them; `None` when one lets nothing pass, for no entry has a word that it
/// names.
pub(super) async fn filters(query: &mut impl Query, ask: &Ask) -> Result<Option<Vec<Comparison>>> {
    let mut comparisons = Vec::new();
    for filter in &ask.filters {
        let (column, form, fold) = match filter.by {
            FilterBy::Id => ("id", Form::Packed, false),
            FilterBy::Field(field) => (field.name(), form(field), field.folds_case()),
        };
        let values: Vec<Value<'static>> = match form {
            Form::Word => words::look_up(query, &filter.values, fold).await?.into_iter().map(Value::from).collect(),
            Form::Packed => filter.values.iter().map(|value| Value::from(Some(packed::pack(value)))).collect(),
            Form::Plain => filter.values.iter().cloned().map(Value::from).collect(),
        };
        let comparison = Comparison { column, mode: filter.mode, values };
        if comparison.selects() && comparison.values.is_empty() {
            return Ok(None);
        }
        comparisons.push(comparison);
    }
    Ok(Some(comparisons))
}

/// Appends the filters; one that leaves out only words that no entry has lets everything pass.
pub(super) fn push_filters(statement: &mut Builder<'_>, filters: &[Comparison]) {
    for filter in filters {
        match filter.mode {
            Mode::Including => {
                let mut chunks = filter.values.chunks(IN_LIST_MAX);
                statement.push(" AND (e.").push(filter.column).bind_values(chunks.next().unwrap_or_default().to_vec());
                for chunk in chunks {
                    statement.push(" OR e.").push(filter.column).bind_values(chunk.to_vec());
                }
                statement.push(")");
            }
            Mode::Excluding => {
                for chunk in filter.values.chunks(IN_LIST_MAX) {
                    statement.push(" AND (e.").push(filter.column).push(" IS NULL OR e.").push(filter.column);
                    statement.push(" NOT").bind_values(chunk.to_vec()).push(")");
                }
            }
        }
    }
}
