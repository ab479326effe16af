//! The audit log: lists of entries, the history of one thing, and what a change did.

use serde_json::Value;
use umbel_api::{self as api, AuditHistoryStatus, Code, Limit};
use umbel_domain::audit::{Field, Filter, FilterBy, Mode, Query as Ask, Record};
use umbel_domain::{AccountId, Action, AuditEntryId, OrganizationId, Timestamp};
use umbel_store::audit_log::{self, Log};
use umbel_store::audit_trees::{self, Place as TreePlace};
use umbel_store::{Page, accounts, audit_retention, organizations};

use crate::caller::{Caller, On, Pace, Read};
use crate::diff::diff;
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::query::Query;
use crate::reply::Reply;
use crate::wire;

/// Entries of a page that is read at once.
const SHORT_PAGE_MAX: usize = 100;
/// A time that was cut to seconds on its way through a client still finds its entry.
const ACTION_TIME_SECONDS: i64 = 1;

const ERRORS: &[Code] =
    &[Code::InvalidId, Code::InvalidParameter, Code::InvalidPageToken, Code::NotFound, Code::Forbidden, Code::TooExpensive];

pub(super) const OF_ORGANIZATION: About = About {
    summary: "List the audit log of an organization",
    description: "What was changed, and what was refused, from the newest to the oldest entry unless `direction` says otherwise. \
                  Values of one filter are alternatives, and every filter that is given must hold; an entry that lacks a field passes \
                  every `.not` of it. `include_descendants=true` lists the logs of all organizations below as well. Pass `cursor` of \
                  the page before, with the same filters, for the next one. Operators can read the log of an organization that is gone.",
    errors: ERRORS,
};

pub(super) const OF_ACCOUNT: About = About {
    summary: "List the audit log of an account",
    description: "What was about the account, in whichever organization it was at the time. The same filters as for an \
                  organization, and those that an account's log has beside them.",
    errors: ERRORS,
};

pub(super) const OF_SERVER: About = About {
    summary: "List the audit log of the server",
    description: "What belongs to no organization: users, tokens without a scope, accounts that stand alone, the deletion of a \
                  root. For operators, with the same filters as for an organization.",
    errors: &[Code::InvalidParameter, Code::InvalidPageToken, Code::Forbidden, Code::TooExpensive],
};

pub(super) const HISTORY_OF_ORGANIZATION: About = About {
    summary: "List the history of what an entry is about",
    description: "The entries of the log that are about the same resource as the entry, which is found by its id and by \
                  `action_time`, its `action.time`.",
    errors: ERRORS,
};

pub(super) const HISTORY_OF_ACCOUNT: About = About {
    summary: "List the history of what an entry of an account is about",
    description: "The same as for an organization, among the entries that are about the account.",
    errors: ERRORS,
};

pub(super) const DIFF: About = About {
    summary: "Show what a change did",
    description: "An entry, and every member of the resource that the change made different, with what it was and what it is. The \
                  entry is found by its id and by `action_time`, its `action.time`.",
    errors: ERRORS,
};

/// The time and id of an entry, behind which a page begins.
pub(super) type Place = (Timestamp, AuditEntryId);

type Entries = Reply<Vec<api::AuditEntry>, api::AuditInfo>;
type History = Reply<Vec<api::AuditEntry>, api::AuditHistoryInfo>;

/// `GET /organizations/{organization_id}/logs/audit`
pub(super) async fn of_organization(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query((descendants, (parameters, filters))): Query<(api::AuditDescendants, (api::ListAuditLog, api::AuditFilters))>,
) -> Result<Entries> {
    let is_one_log = descendants.include_descendants != Some(true);
    let pace = pace(is_one_log && filters.0.is_empty(), parameters.limit);
    let mut read = read(&caller, pace, On::Organization(&id), Log::Organization(&id)).await?;
    let ask = wire::audit_log::audit_query(parameters.since, parameters.before, parameters.direction, filters)?;
    let Limit(limit) = parameters.limit;
    let place = place(&caller, parameters.cursor.as_deref())?;
    let page = page(&mut read, Log::Organization(&id), &descendants, &ask, place.as_ref(), limit).await?;
    Ok(entries(&caller, &page))
}

/// `GET /accounts/{account_id}/logs/audit`
pub(super) async fn of_account(
    caller: Caller,
    Id(id): Id<AccountId>,
    Query((parameters, filters)): Query<(api::ListAuditLog, api::AccountAuditFilters)>,
) -> Result<Entries> {
    let is_unfiltered = filters.0.is_empty();
    let mut read = read(&caller, pace(is_unfiltered, parameters.limit), On::Account(&id), Log::Account(&id)).await?;
    let account = if is_unfiltered { None } else { accounts::get(&mut *read, &id).await? };
    let filters = filters.of_entries(account.as_ref().map(|account| account.name.as_str()));
    listed(&caller, &mut read, Log::Account(&id), parameters, filters).await
}

/// `GET /umbel/v1/logs/audit`
pub(super) async fn of_server(
    caller: Caller,
    Query((parameters, filters)): Query<(api::ListAuditLog, api::AuditFilters)>,
) -> Result<Entries> {
    let pace = pace(filters.0.is_empty(), parameters.limit);
    let mut read = caller.read_on(pace, Action::ReadAuditLog, &[(On::Server, "")]).await?;
    listed(&caller, &mut read, Log::Server, parameters, filters).await
}

/// `GET /organizations/{organization_id}/logs/audit/{id}/history`
pub(super) async fn history_of_organization(
    caller: Caller,
    Ids(organization, id): Ids<OrganizationId, AuditEntryId>,
    Query((entry, parameters)): Query<(api::GetAuditEntry, api::ListAuditLog)>,
) -> Result<History> {
    let log = Log::Organization(&organization);
    let mut read = read(&caller, Pace::Long, On::Organization(&organization), log).await?;
    history(&caller, &mut read, log, &id, entry.action_time, parameters).await
}

/// `GET /accounts/{account_id}/logs/audit/{id}/history`
pub(super) async fn history_of_account(
    caller: Caller,
    Ids(account, id): Ids<AccountId, AuditEntryId>,
    Query((entry, parameters)): Query<(api::GetAuditEntry, api::ListAuditLog)>,
) -> Result<History> {
    let log = Log::Account(&account);
    let mut read = read(&caller, Pace::Long, On::Account(&account), log).await?;
    history(&caller, &mut read, log, &id, entry.action_time, parameters).await
}

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/{id}/diff`
pub(super) async fn show_diff(
    caller: Caller,
    Ids(organization, id): Ids<OrganizationId, AuditEntryId>,
    Query(parameters): Query<api::GetAuditEntry>,
) -> Result<Reply<api::AuditDiff>> {
    let log = Log::Organization(&organization);
    let mut read = read(&caller, Pace::Short, On::Organization(&organization), log).await?;
    let record = find(&mut read, log, &id, parameters.action_time).await?;
    let record = record.ok_or_else(|| Error::not_found("audit log entry"))?;
    let (before, after) = states(&record);
    let changes = diff(before.as_ref(), after.as_ref());
    Ok(Reply::ok(api::AuditDiff { entry: wire::audit_log::audit_entry(&record), changes }))
}

/// A page that every entry of one log passes is found at once; a small one needs no thread of its own.
fn pace(every_entry_passes: bool, Limit(limit): Limit) -> Pace {
    if every_entry_passes && limit <= SHORT_PAGE_MAX { Pace::Short } else { Pace::Long }
}

/// Begins to read a log; operators also that of what is gone.
pub(super) async fn read(caller: &Caller, pace: Pace, on: On<'_>, log: Log<'_>) -> Result<Read> {
    let error = match caller.read_on(pace.clone(), Action::ReadAuditLog, &[(on, "")]).await {
        Err(error) if error.is_not_found() && caller.identity.user.operator => error,
        done => return done,
    };
    let Ok(mut read) = caller.read_on(pace, Action::ReadAuditLog, &[(On::Server, "")]).await else { return Err(error) };
    let is_empty = audit_log::all(&mut *read, log, None, 1).await?.is_empty();
    if is_empty { Err(error) } else { Ok(read) }
}

/// A page of a log, with those of all organizations below when that is asked for.
pub(super) async fn page(
    read: &mut Read,
    log: Log<'_>,
    descendants: &api::AuditDescendants,
    ask: &Ask,
    place: Option<&Place>,
    limit: usize,
) -> Result<Page<Record>> {
    let below = match (log, descendants.include_descendants) {
        (Log::Organization(id), Some(true)) => {
            organizations::get(&mut **read, id).await?.map(|organization| organization.lineage)
        }
        _ => None,
    };
    let after = place.map(|(at, id)| (*at, id));
    Ok(match below {
        Some(lineage) => audit_log::list_below(&mut **read, &lineage, ask, after, limit).await?,
        None => audit_log::list(&mut **read, log, ask, after, limit).await?,
    })
}

async fn listed(
    caller: &Caller,
    read: &mut Read,
    log: Log<'_>,
    parameters: api::ListAuditLog,
    filters: api::AuditFilters,
) -> Result<Entries> {
    let ask = wire::audit_log::audit_query(parameters.since, parameters.before, parameters.direction, filters)?;
    let Limit(limit) = parameters.limit;
    let place = place(caller, parameters.cursor.as_deref())?;
    let page = page(read, log, &api::AuditDescendants::default(), &ask, place.as_ref(), limit).await?;
    Ok(entries(caller, &page))
}

async fn history(
    caller: &Caller,
    read: &mut Read,
    log: Log<'_>,
    id: &AuditEntryId,
    action_time: api::Moment,
    parameters: api::ListAuditLog,
) -> Result<History> {
    let (since, before, direction) = (parameters.since, parameters.before, parameters.direction);
    let mut ask = wire::audit_log::audit_query(since, before, direction, api::AuditFilters::default())?;
    let Limit(limit) = parameters.limit;
    let place = place(caller, parameters.cursor.as_deref())?;
    let record = find(read, log, id, action_time).await?.ok_or(Error::NoHistory)?;
    let mut history_status;
    (history_status, ask.filters) = same_resource(&record);
    if history_status == AuditHistoryStatus::Exact && is_cut(read, &record, ask.since).await? {
        history_status = AuditHistoryStatus::Approximate;
    }
    let page = match history_status {
        AuditHistoryStatus::Unavailable => Page { items: Vec::new(), more: false },
        _ => page(read, log, &api::AuditDescendants::default(), &ask, place.as_ref(), limit).await?,
    };
    let info = api::AuditHistoryInfo { count: page.items.len() as u64, cursor: cursor(caller, &page), history_status };
    Ok(Reply::page(page.items.iter().map(wire::audit_log::audit_entry).collect(), info))
}

/// Whether entries since then may be deleted from the tree in which an entry is.
async fn is_cut(read: &mut Read, record: &Record, since: Timestamp) -> Result<bool> {
    let root = match audit_trees::place(&mut **read, record.log.as_ref(), record.at, &record.id).await? {
        TreePlace::Leaf(root, _) => root,
        TreePlace::Pending | TreePlace::Nowhere => record.log.clone(),
    };
    let kept = audit_retention::kept(&mut **read, root.as_ref()).await?;
    Ok(kept.deleted_to.is_some_and(|deleted_to| since <= deleted_to))
}

/// What finds the entries about what `record` is about, and how well.
fn same_resource(record: &Record) -> (AuditHistoryStatus, Vec<Filter>) {
    let filter = |field| {
        let values = vec![record.fields.get(field)?.to_string()];
        Some(Filter { by: FilterBy::Field(field), mode: Mode::Including, values })
    };
    let kind = filter(Field::ResourceProduct).into_iter().chain(filter(Field::ResourceType));
    match filter(Field::ResourceId) {
        Some(id) => (AuditHistoryStatus::Exact, kind.chain([id]).collect()),
        None if kind.clone().count() == 2 => (AuditHistoryStatus::Approximate, kind.collect()),
        None => (AuditHistoryStatus::Unavailable, Vec::new()),
    }
}

/// The entry with this id that was written at this time.
async fn find(read: &mut Read, log: Log<'_>, id: &AuditEntryId, action_time: api::Moment) -> Result<Option<Record>> {
    let at = wire::audit_log::moment("action_time", action_time)?;
    Ok(audit_log::get(&mut **read, log, id, at, at.plus_seconds(ACTION_TIME_SECONDS)).await?)
}

/// What a GET answered before a change and what it answers after it, as far as the entry tells.
fn states(record: &Record) -> (Option<Value>, Option<Value>) {
    let json = |text: Option<&String>| text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let bodies = &record.bodies;
    let before = json(bodies.before.as_ref());
    // An answer may be about something else as well, or about several things.
    let id = record.fields.get(Field::ResourceId).map(|id| &**id);
    let about = |result: &Value| result["id"].as_str() == id;
    let answered = || {
        let result = json(bodies.response.as_ref())?.get_mut("result").map(Value::take)?;
        match result {
            Value::Array(several) => several.into_iter().find(about),
            one => Some(one).filter(about),
        }
    };
    let after = match record.fields.get(Field::ActionType).map(|action| &**action) {
        Some("delete") => None,
        // What has no state before and is not new is shown by no GET.
        Some("update") if before.is_none() => json(bodies.after.as_ref()),
        _ => json(bodies.after.as_ref()).or_else(answered),
    };
    (before, after)
}

/// The entry behind which a page begins.
fn place(caller: &Caller, cursor: Option<&str>) -> Result<Option<Place>> {
    let position = caller.position(&caller.list(), cursor)?;
    let parse = |after: &str| {
        let (at, id) = after.split_once('/')?;
        Some((Timestamp::from_micros(at.parse().ok()?), AuditEntryId::parse(id).ok()?))
    };
    // What we signed can be read.
    Ok(position.and_then(|position| parse(&position.after)))
}

fn cursor(caller: &Caller, page: &Page<Record>) -> Option<String> {
    let last = page.items.last().filter(|_| page.more)?;
    caller.page_info(&caller.list(), Some(format!("{}/{}", last.at.micros(), last.id)), None).next_page_token
}

fn entries(caller: &Caller, page: &Page<Record>) -> Entries {
    let info = api::AuditInfo::new(page.items.len(), cursor(caller, page));
    Reply::page(page.items.iter().map(wire::audit_log::audit_entry).collect(), info)
}
