//! Entries by their keys.

use std::collections::HashMap;

use umbel_domain::audit::Record;
use umbel_domain::{AuditEntryId, OrganizationId, Timestamp};

use super::{SERVER, Stored, packed, select, spelled, words};
use crate::engine::Row;
use crate::sql::Builder;
use crate::{Query, Result};

/// Entries that one statement reads.
const PER_STATEMENT: usize = 64;

/// The time and id of an entry, by which it is sorted, and its log.
pub(crate) type Key = (Timestamp, Vec<u8>, i64);

/// Those of these entries that there are, by their keys.
pub(crate) async fn find(query: &mut impl Query, keys: &[Key]) -> Result<HashMap<Key, Stored>> {
    let mut found = HashMap::new();
    for chunk in keys.chunks(PER_STATEMENT) {
        let mut statement = Builder::default();
        statement.push(concat!(select!(), "(e.organization, e.at, e.id) IN (VALUES "));
        for (at, (time, id, log)) in chunk.iter().enumerate() {
            statement.push(if at == 0 { "(" } else { ", (" });
            statement.bind(*log).push(", ").bind(*time).push(", ").bind(&**id).push(")");
        }
        statement.push(")");
        found.extend(query.rows(&statement, statement.args(), read).await?);
    }
    Ok(found)
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
