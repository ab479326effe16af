//! What the server keeps about itself.

use crate::engine::Change;
use crate::sql::{Sql, args, sql};
use crate::{Error, Query, Result, Write};

const ADD: Sql = sql!("INSERT INTO server_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
pub(crate) const GET: Sql = sql!("SELECT value FROM server_state WHERE name = $1");
const SET: Sql =
    sql!("INSERT INTO server_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
const DATABASE: Sql = sql!(
    sqlite: "SELECT 'SQLite', sqlite_version(), (SELECT MAX(version) FROM schema_migrations), \
             page_count * page_size FROM pragma_page_count, pragma_page_size",
    postgres: "SELECT 'PostgreSQL', split_part(current_setting('server_version'), ' ', 1), \
               (SELECT MAX(version) FROM schema_migrations), pg_database_size(current_database())"
);

/// What a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// What keeps it, as people call it.
    pub engine: String,
    /// The version of that.
    pub engine_version: String,
    /// The newest migration that was made.
    pub schema_version: u64,
    /// How much room it takes, in bytes.
    pub size: u64,
}

/// What the database is that a transaction reads.
pub async fn database<S: Query>(read: &mut S) -> Result<Database> {
    let found = read.row(DATABASE, &[], |row| {
        Ok(Database {
            engine: row.text(0)?,
            engine_version: row.text(1)?,
            schema_version: unsigned(row.int(2)?)?,
            size: unsigned(row.int(3)?)?,
        })
    });
    found.await?.ok_or_else(|| Error::Inconsistent("the database says nothing of itself".into()))
}

fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::Inconsistent(format!("the database says {number} of itself")))
}

/// The value kept under `name`, if there is one.
pub(crate) async fn get(query: &mut impl Query, name: &str) -> Result<Option<String>> {
    query.row(GET, args![name], |row| row.text(0)).await
}

/// Keeps a value under `name`.
pub(crate) async fn set(write: &mut Write, name: &str, value: &str) -> Result<()> {
    write.execute(SET, args![name, value]).await.map(drop)
}

/// The value kept under `name`; `fresh` becomes it when there is none yet, so that every process gets the same.
pub async fn get_or_set(write: &mut Write, name: &str, fresh: &str) -> Result<String> {
    write.execute(ADD, args![name, fresh]).await?;
    get(write, name).await?.ok_or_else(|| Error::Inconsistent(format!("the server state {name:?} is gone")))
}
