//! One long change by a process that has the database to itself: it shares its COMMIT with nobody and has no lease.

use std::path::Path;

use rusqlite::Connection;

use super::{Step, connect_to_write, execute, fold, text};
use crate::engine::Settled;
use crate::sql::{Statement, Value};
use crate::{Error, Result};

/// A change under way; dropped before its COMMIT it changes nothing, for its connection closes.
pub(crate) struct ExclusiveWrite {
    connection: Connection,
    failed: bool,
}

impl ExclusiveWrite {
    pub(crate) fn begin(path: &Path) -> Result<Self> {
        let connection = connect_to_write(path)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Self { connection, failed: false })
    }

    pub(crate) fn fold<A>(&mut self, statement: Statement<'_>, args: &[Value<'_>], begun: A, step: Step<A>) -> Result<A> {
        self.with(|connection| fold(connection, text(statement), args, begun, step))
    }

    pub(crate) fn execute(&mut self, statement: Statement<'_>, args: &[Value<'_>]) -> Result<u64> {
        self.with(|connection| execute(connection, text(statement), args))
    }

    /// A transaction of its own rests on nothing that is not durable.
    pub(crate) fn settled() -> Settled {
        Settled(None)
    }

    pub(crate) fn commit(mut self) -> Result<()> {
        self.with(|connection| Ok(connection.execute_batch("COMMIT")?))
    }

    /// Any error ends the write.
    fn with<T>(&mut self, use_it: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        if self.failed {
            return Err(Error::Expired);
        }
        let out = use_it(&self.connection);
        self.failed = out.is_err();
        out
    }
}
