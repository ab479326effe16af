//! What the server keeps about itself.

use crate::engine::{Change, Session};
use crate::sql::{Sql, args, sql};
use crate::{Error, Result, Write};

const ADD: Sql = sql!("INSERT INTO server_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
pub(crate) const GET: Sql = sql!("SELECT value FROM server_state WHERE name = $1");

/// The value kept under `name`; `fresh` becomes it when there is none yet, so that every process gets the same.
pub async fn get_or_set(write: &mut Write, name: &str, fresh: &str) -> Result<String> {
    write.execute(ADD, args![name, fresh]).await?;
    let value = write.row(GET, args![name], |row| row.text(0)).await?;
    value.ok_or_else(|| Error::Inconsistent(format!("the server state {name:?} is gone")))
}
