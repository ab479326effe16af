//! The two-armed connection: what the rest of the crate sees of SQLite and PostgreSQL.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::future::Future;

use crate::sql::{Statement, Value};
use crate::{Error, Result};

/// A row of an answer.
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

macro_rules! column {
    ($($name:ident -> $type:ty;)+) => { $(
        pub(crate) fn $name(&self, at: usize) -> Result<$type> {
            match self {
                Self::Sqlite(row) => row.get(at).map_err(|error| Error::Inconsistent(error.to_string())),
                Self::Postgres(row) => row.try_get(at).map_err(|error| Error::Inconsistent(error.to_string())),
            }
        }
    )+ };
}

impl Row<'_> {
    column! {
        text -> String;
        text_or_null -> Option<String>;
        int -> i64;
        int_or_null -> Option<i64>;
    }

    pub(crate) fn bool(&self, at: usize) -> Result<bool> {
        Ok(self.int(at)? != 0)
    }
}

/// Turns a row into what it stands for.
pub(crate) type Reader<T> = fn(&Row<'_>) -> Result<T>;

/// Something that statements can be run in: a [`crate::Read`] or a [`crate::Write`].
pub(crate) trait Session: Send {
    /// Runs a statement and reads every row of its answer.
    fn rows<'s, T: Send + 'static>(
        &mut self,
        statement: impl Into<Statement<'s>> + Send,
        args: &[Value<'_>],
        read: Reader<T>,
    ) -> impl Future<Output = Result<Vec<T>>> + Send;

    /// Runs a statement and reads the first row of its answer, if there is one.
    fn row<'s, T: Send + 'static>(
        &mut self,
        statement: impl Into<Statement<'s>> + Send,
        args: &[Value<'_>],
        read: Reader<T>,
    ) -> impl Future<Output = Result<Option<T>>> + Send {
        async move { Ok(self.rows(statement, args, read).await?.into_iter().next()) }
    }

    /// Runs a statement that answers one row with one number.
    fn number<'s>(
        &mut self,
        statement: impl Into<Statement<'s>> + Send,
        args: &[Value<'_>],
    ) -> impl Future<Output = Result<i64>> + Send {
        async move {
            let number = self.row(statement, args, |row| row.int(0)).await?;
            number.ok_or_else(|| Error::Inconsistent("a count has no row".into()))
        }
    }
}

/// A [`Session`] that may also change rows.
pub(crate) trait Change: Session {
    /// Runs a statement and counts the rows that it changed.
    fn execute<'s>(
        &mut self,
        statement: impl Into<Statement<'s>> + Send,
        args: &[Value<'_>],
    ) -> impl Future<Output = Result<u64>> + Send;
}

/// A transaction that reads one consistent state of the database.
pub(crate) enum ReadSession {
    Sqlite(sqlite::Read),
    Postgres(postgres::Read),
}

/// A transaction that changes the database, all or nothing.
pub(crate) enum WriteSession {
    Sqlite(sqlite::Write),
    Postgres(postgres::Write),
}

impl Session for ReadSession {
    async fn rows<'s, T: Send + 'static>(
        &mut self,
        statement: impl Into<Statement<'s>> + Send,
        args: &[Value<'_>],
        read: Reader<T>,
    ) -> Result<Vec<T>> {
        match self {
            Self::Sqlite(session) => session.rows(statement.into(), args, read).await,
            Self::Postgres(session) => session.rows(statement.into(), args, read).await,
        }
    }
}

impl Session for WriteSession {
    async fn rows<'s, T: Send + 'static>(
        &mut self,
        statement: impl Into<Statement<'s>> + Send,
        args: &[Value<'_>],
        read: Reader<T>,
    ) -> Result<Vec<T>> {
        match self {
            Self::Sqlite(session) => session.rows(statement.into(), args, read),
            Self::Postgres(session) => session.rows(statement.into(), args, read).await,
        }
    }
}

impl Change for WriteSession {
    async fn execute<'s>(&mut self, statement: impl Into<Statement<'s>> + Send, args: &[Value<'_>]) -> Result<u64> {
        match self {
            Self::Sqlite(session) => session.execute(statement.into(), args),
            Self::Postgres(session) => session.execute(statement.into(), args).await,
        }
    }
}

/// How the transaction ended in which something was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What it rested on is durable, or nothing was to be.
    Durable,
    /// What it may have rested on is gone: it has to be decided again.
    Lost,
}

/// Tells when and how the transaction of a write has ended, also after the write itself is gone.
#[derive(Debug, Clone)]
pub struct Settled(Option<tokio::sync::watch::Receiver<Option<Outcome>>>);

impl Settled {
    /// Waits for the end.
    pub async fn wait(mut self) -> Outcome {
        let Some(receiver) = &mut self.0 else { return Outcome::Durable };
        match receiver.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.unwrap_or(Outcome::Lost),
            Err(_) => Outcome::Lost,
        }
    }
}

/// Numbers about the engine, for the metrics.
#[derive(Debug, Default)]
pub struct Counters {
    /// Transactions that became durable; on SQLite one carries many writes.
    pub commits: std::sync::atomic::AtomicU64,
    /// Writes that became durable.
    pub writes: std::sync::atomic::AtomicU64,
    /// Transactions that were lost or had to be run again.
    pub conflicts: std::sync::atomic::AtomicU64,
}

impl Counters {
    pub(crate) fn committed(&self, writes: usize) {
        use std::sync::atomic::Ordering::Relaxed;
        self.commits.fetch_add(1, Relaxed);
        self.writes.fetch_add(writes as u64, Relaxed);
    }

    pub(crate) fn conflicted(&self) {
        self.conflicts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}
