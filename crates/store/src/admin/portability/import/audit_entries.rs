//! Checking lines of entries of the audit log.
//!
//! What an entry names need not be there any more: a log outlives what it is about.

use std::collections::HashMap;

use umbel_domain::audit::Record;
use umbel_domain::{AuditEntryId, OrganizationId, Timestamp};

use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::Sources;
use crate::admin::portability::record::AuditEntryRecord;
use crate::audit_log::{self, Log};
use crate::{Result, Write};

/// The log of an entry, its time and its id.
type Key = (Option<OrganizationId>, Timestamp, AuditEntryId);

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<AuditEntryRecord>>,
    sources: &Sources,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut ids = Seen::new();
    for group in groups(lines) {
        let mut rows = Vec::new();
        for Line { number, record } in group {
            let says_when = record.says_when();
            match record.into_row(sources.now) {
                Ok(row) if says_when => rows.push((number, row)),
                Ok(row) => rows.push((number, Record { at: known_time(write, &row).await?.unwrap_or(row.at), ..row })),
                Err(reason) => bad.add(number, reason),
            }
        }
        let asked: Vec<Key> = rows.iter().map(|(_, row)| key(row)).collect();
        let stored = audit_log::with_keys(write, &asked).await?;
        let mut stored: HashMap<Key, Record> = stored.into_iter().map(|row| (key(&row), row)).collect();
        for (number, row) in rows {
            let what = || format!("audit entry {}", row.id);
            if !ids.first((row.log.clone(), row.id.clone()), number, bad, what) {
                continue;
            }
            let stored = stored.remove(&key(&row)).map(AuditEntryRecord::from);
            let line = Line { number, record: AuditEntryRecord::from(row.clone()) };
            if additions.is_new(&line, stored, bad, what) {
                additions.audit_entries.push((row.clone(), sources.random()));
            }
        }
    }
    // So the rows of each log go to its end.
    additions.audit_entries.sort_by_key(|(row, _)| key(row));
    Ok(())
}

/// When the entry was written, if it is stored.
async fn known_time(write: &mut Write, row: &Record) -> Result<Option<Timestamp>> {
    let log = row.log.as_ref().map_or(Log::Server, Log::Organization);
    let (since, before) = (Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));
    Ok(audit_log::get(write, log, &row.id, since, before).await?.map(|stored| stored.at))
}

fn key(row: &Record) -> Key {
    (row.log.clone(), row.at, row.id.clone())
}
