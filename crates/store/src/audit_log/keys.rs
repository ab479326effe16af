//! Entries by their keys.

use std::collections::HashMap;

use umbel_domain::audit::Record;
use umbel_domain::{AuditEntryId, OrganizationId, Timestamp};

use super::{SERVER, Stored, packed, select, spelled, words};
use crate::engine::{Change, Row};
use crate::sql::Builder;
use crate::{Query, Result, Write};

/// Entries that one statement reads.
const PER_STATEMENT: usize = 64;

/// The time and id of an entry, by which it is sorted, and its log.
pub(crate) type Key = (Timestamp, Vec<u8>, i64);

/// Those of these entries that there are, by their keys.
pub(crate) async fn find(query: &mut impl Query, keys: &[Key]) -> Result<HashMap<Key, Stored>> {
    let mut found = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(PER_STATEMENT) {
        let mut statement = Builder::default();
        statement.push(concat!(select!(), "(e.organization, e.at, e.id)"));
        push_in(&mut statement, chunk);
        found.extend(query.rows(&statement, statement.args(), read).await?);
    }
    Ok(found)
}

/// Deletes these entries.
pub(crate) async fn delete(write: &mut Write, keys: &[Key]) -> Result<()> {
    delete_bodies(write, keys).await?;
    for chunk in keys.chunks(PER_STATEMENT) {
        let mut entries = Builder::default();
        entries.push("DELETE FROM audit_entries WHERE (organization, at, id)");
        push_in(&mut entries, chunk);
        write.execute(&entries, entries.args()).await?;
    }
    Ok(())
}

/// Deletes the bodies of these entries.
pub(crate) async fn delete_bodies(write: &mut Write, keys: &[Key]) -> Result<()> {
    for chunk in keys.chunks(PER_STATEMENT) {
        let mut bodies = Builder::default();
        bodies.push("DELETE FROM audit_bodies WHERE (organization, at, id)");
        push_in(&mut bodies, chunk);
        write.execute(&bodies, bodies.args()).await?;
    }
    Ok(())
}

/// Appends ` IN (…)`, padded by repeating the last key.
fn push_in<'k>(statement: &mut Builder<'k>, keys: &'k [Key]) {
    let Some(last) = keys.last() else { return };
    let padding = std::iter::repeat_n(last, keys.len().next_power_of_two() - keys.len());
    statement.push(" IN (VALUES ");
    for (at, (time, id, log)) in keys.iter().chain(padding).enumerate() {
        statement.push(if at == 0 { "(" } else { ", (" });
        statement.bind(*log).push(", ").bind(*time).push(", ").bind(&**id).push(")");
    }
    statement.push(")");
}

fn read(row: &Row<'_>) -> Result<(Key, Stored)> {
    let stored = Stored::read(row)?;
    Ok(((stored.at, row.bytes(2)?, stored.organization), stored))
}

/// Those of these entries that there are: each given by its log, `None` for the server's, its time and its id.
pub(crate) async fn with_keys(
    query: &mut impl Query,
    keys: &[(Option<OrganizationId>, Timestamp, AuditEntryId)],
) -> Result<Vec<Record>> {
    let mut logs: Vec<String> = keys.iter().filter_map(|(log, ..)| log.as_ref().map(ToString::to_string)).collect();
    logs.sort_unstable();
    logs.dedup();
    let codes: HashMap<_, _> = words::find(query, &logs).await?.into_iter().collect();
    let code = |log: &Option<OrganizationId>| log.as_ref().map_or(Some(SERVER), |log| codes.get(log.as_str()).copied());
    let keys: Vec<Key> = keys.iter().filter_map(|(log, at, id)| Some((*at, packed::pack(id.as_str()), code(log)?))).collect();
    let stored = find(query, &keys).await?;
    spelled(query, stored.into_values().collect()).await
}
