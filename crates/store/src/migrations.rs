//! Bringing a schema up to date, one migration after another, each in a transaction of its own.
//!
//! The first thing in that transaction is the row that says the migration was applied. Of two processes that start at once the
//! second waits for the first there and then finds nothing to do; one that is killed leaves nothing behind.

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};
use tokio_postgres::error::SqlState;

use crate::credentials::to_hex;
use crate::{Error, Result};

pub(crate) struct Migration {
    pub(crate) version: i64,
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal;)+) => {
        &[$(Migration { version: $version, name: $name, text: include_str!(concat!("../migrations/", $name, ".sql")) }),+]
    };
}

/// Every migration, in order. One that has been released is never changed.
pub(crate) const MIGRATIONS: &[Migration] = migrations! {
    1 "0001_organizations";
    2 "0002_accounts";
    3 "0003_members";
    4 "0004_roles";
    5 "0005_invitations";
    6 "0006_audit";
    7 "0007_audit_trees";
    8 "0008_places_of_members";
    9 "0009_audit_retention";
    10 "0010_audit_streams";
    11 "0011_usage";
    12 "0012_sign_in";
    13 "0013_usage_months";
    14 "0014_oidc";
    15 "0015_billing_history";
    16 "0016_billing_periods";
    17 "0017_budgets";
    18 "0018_late_budgets_and_wrong_codes";
    19 "0019_audit_digests";
    20 "0020_metric_digits";
    21 "0021_audit_words_version";
};

/// Times that a start tries again when another process migrates at the same moment.
const TRIES_MAX: u32 = 20;

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (\
     version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";

/// Whether a SQLite database was ever migrated by a program like this one.
pub(crate) fn known_to_sqlite(connection: &Connection) -> Result<bool> {
    let table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'";
    Ok(connection.query_row(table, [], |_| Ok(())).optional()?.is_some())
}

/// Whether a SQLite database lacks a migration; refuses one that is newer than this program.
pub(crate) fn pending_on_sqlite(connection: &Connection) -> Result<bool> {
    if !known_to_sqlite(connection)? {
        return Ok(true);
    }
    let mut statement = connection.prepare("SELECT version, checksum FROM schema_migrations ORDER BY version")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let applied: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(!missing(&applied)?.is_empty())
}

/// Applies what a SQLite database lacks.
pub(crate) fn migrate_sqlite(connection: &mut Connection) -> Result<()> {
    // What is sorted on the way may be larger than the memory.
    connection.execute_batch("PRAGMA temp_store = FILE")?;
    connection.execute_batch(CREATE_TABLE)?;
    for migration in MIGRATIONS {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let note = "INSERT INTO schema_migrations (version, name, checksum) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let noted = transaction.execute(note, (migration.version, migration.name, checksum(migration)))?;
        if noted == 1 {
            transaction.execute_batch(&for_engine(migration.text, "sqlite")).map_err(|error| failed(migration, &error))?;
            transaction.commit()?;
            tracing::info!(migration = migration.name, "migrated");
        }
    }
    Ok(())
}

/// Applies what a PostgreSQL database lacks.
pub(crate) async fn migrate_postgres(client: &mut tokio_postgres::Client) -> Result<()> {
    create_table(client).await?;
    let rows = client.query("SELECT version, checksum FROM schema_migrations ORDER BY version", &[]).await?;
    let applied = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<Vec<(i64, String)>>>()?;
    for migration in missing(&applied)? {
        let transaction = client.transaction().await?;
        // Waiting for another process, or building an index, takes as long as it takes.
        let patience = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
        transaction.batch_execute(patience).await?;
        // A process that applies it at this moment makes us wait here until it is done.
        let note = "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let noted = transaction.execute(note, &[&migration.version, &migration.name, &checksum(migration)]).await?;
        if noted == 1 {
            let text = for_engine(migration.text, "postgres");
            transaction.batch_execute(&text).await.map_err(|error| failed(migration, &error))?;
            transaction.commit().await?;
            tracing::info!(migration = migration.name, "migrated");
        }
    }
    Ok(())
}

/// `IF NOT EXISTS` can still fail when two processes create the table at the same moment.
async fn create_table(client: &tokio_postgres::Client) -> Result<()> {
    for _ in 1..TRIES_MAX {
        match client.batch_execute(CREATE_TABLE).await {
            Ok(()) => return Ok(()),
            Err(error) if error.code().is_some_and(raced) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(client.batch_execute(CREATE_TABLE).await?)
}

fn raced(code: &SqlState) -> bool {
    [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT].contains(code)
}

/// The migrations that are not among those applied; refuses a database of a newer program and one with other migrations.
fn missing(applied: &[(i64, String)]) -> Result<Vec<&'static Migration>> {
    for (version, sum) in applied {
        let Some(migration) = MIGRATIONS.iter().find(|migration| migration.version == *version) else {
            return Err(Error::Unusable(format!(
                "the database has schema version {version}, newer than this program knows; use the newer program"
            )));
        };
        if checksum(migration) != *sum {
            return Err(Error::Unusable(format!("migration {} of the database is not the one of this program", migration.name)));
        }
    }
    Ok(MIGRATIONS.iter().filter(|migration| applied.iter().all(|(version, _)| *version != migration.version)).collect())
}

pub(crate) fn checksum(migration: &Migration) -> String {
    to_hex(&Sha256::digest(migration.text.as_bytes()))
}

fn failed(migration: &Migration, error: &dyn std::error::Error) -> Error {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    Error::Unusable(format!("migration {} failed and changed nothing: {cause}", migration.name))
}

/// Opens the marks of one engine, `/*engine: … */`; those of the other stay comments.
pub(crate) fn for_engine(text: &str, engine: &str) -> String {
    let mark = format!("/*{engine}:");
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once(&mark) {
        let (inside, after) = marked.split_once("*/").unwrap_or((marked, ""));
        out.push_str(before);
        out.push_str(inside.trim());
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_opens_its_own_marks() {
        let text = "a TEXT /*postgres: COLLATE \"C\" */) /*sqlite: WITHOUT ROWID */;";
        assert_eq!(for_engine(text, "postgres"), "a TEXT COLLATE \"C\") /*sqlite: WITHOUT ROWID */;");
        assert_eq!(for_engine(text, "sqlite"), "a TEXT /*postgres: COLLATE \"C\" */) WITHOUT ROWID;");
    }

    #[test]
    fn a_newer_schema_and_a_changed_migration_are_refused() {
        let newer = vec![(9_999, String::new())];
        assert!(matches!(missing(&newer), Err(Error::Unusable(reason)) if reason.contains("9999")));
        let changed = vec![(1, "0".repeat(64))];
        assert!(matches!(missing(&changed), Err(Error::Unusable(reason)) if reason.contains("0001_organizations")));
    }

    #[test]
    fn migrations_are_numbered_without_gaps() {
        for (migration, expected) in MIGRATIONS.iter().zip(1..) {
            assert_eq!(migration.version, expected);
            assert!(migration.name.starts_with(&format!("{expected:04}_")));
        }
    }
}
