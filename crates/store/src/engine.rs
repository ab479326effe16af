//! The two-armed connection: what the rest of the crate sees of SQLite and PostgreSQL.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use futures_util::future::BoxFuture;

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
        bytes -> Vec<u8>;
        bytes_or_null -> Option<Vec<u8>>;
    }

    /// A text that is only looked at.
    pub(crate) fn text_ref(&self, at: usize) -> Result<&str> {
        self.text_ref_or_null(at)?.ok_or_else(|| Error::Inconsistent(format!("there is no text in column {at}")))
    }

    /// A text that is only looked at, if there is one.
    pub(crate) fn text_ref_or_null(&self, at: usize) -> Result<Option<&str>> {
        match self {
            Self::Sqlite(row) => {
                let value = row.get_ref(at).map_err(|error| Error::Inconsistent(error.to_string()))?;
                value.as_str_or_null().map_err(|error| Error::Inconsistent(error.to_string()))
            }
            Self::Postgres(row) => row.try_get(at).map_err(|error| Error::Inconsistent(error.to_string())),
        }
    }

    /// Bytes that are only looked at.
    pub(crate) fn bytes_ref(&self, at: usize) -> Result<&[u8]> {
        match self {
            Self::Sqlite(row) => {
                let value = row.get_ref(at).map_err(|error| Error::Inconsistent(error.to_string()))?;
                value.as_blob().map_err(|error| Error::Inconsistent(error.to_string()))
            }
            Self::Postgres(row) => row.try_get(at).map_err(|error| Error::Inconsistent(error.to_string())),
        }
    }

    pub(crate) fn bool(&self, at: usize) -> Result<bool> {
        Ok(self.int(at)? != 0)
    }
}

/// Turns a row into what it stands for.
pub(crate) type Reader<T> = fn(&Row<'_>) -> Result<T>;
/// Adds a row to what was made of those before it.
pub(crate) type Step<A> = fn(&mut A, &Row<'_>) -> Result<()>;

/// Something that statements can be run in: a [`crate::Read`] or a [`crate::Write`].
///
/// Futures are boxed because the compiler cannot show that an `async fn` with these lifetimes may move between threads.
pub(crate) trait Session: Send {
    /// Runs a statement and makes one thing of all rows of its answer, one after the other.
    fn fold<'a, A: Send + 'static>(
        &'a mut self,
        statement: impl Into<Statement<'a>>,
        args: &'a [Value<'a>],
        begun: A,
        step: Step<A>,
    ) -> BoxFuture<'a, Result<A>>;

    /// Runs a statement and reads every row of its answer.
    fn rows<'a, T: Send + 'static>(
        &'a mut self,
        statement: impl Into<Statement<'a>>,
        args: &'a [Value<'a>],
        read: Reader<T>,
    ) -> BoxFuture<'a, Result<Vec<T>>> {
        let all = self.fold(statement, args, (Vec::new(), read), |(out, read), row| {
            out.push(read(row)?);
            Ok(())
        });
        Box::pin(async move { Ok(all.await?.0) })
    }

    /// Runs a statement and reads the first row of its answer, if there is one.
    fn row<'a, T: Send + 'static>(
        &'a mut self,
        statement: impl Into<Statement<'a>>,
        args: &'a [Value<'a>],
        read: Reader<T>,
    ) -> BoxFuture<'a, Result<Option<T>>> {
        let rows = self.rows(statement, args, read);
        Box::pin(async move { Ok(rows.await?.into_iter().next()) })
    }

    /// Runs a statement that answers one row with one number.
    fn number<'a>(&'a mut self, statement: impl Into<Statement<'a>>, args: &'a [Value<'a>]) -> BoxFuture<'a, Result<i64>> {
        let row = self.row(statement, args, |row| row.int(0));
        Box::pin(async move { row.await?.ok_or_else(|| Error::Inconsistent("a count has no row".into())) })
    }
}

/// A [`Session`] that may also change rows.
pub(crate) trait Change: Session {
    /// Runs a statement and counts the rows that it changed.
    fn execute<'a>(&'a mut self, statement: impl Into<Statement<'a>>, args: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64>>;
}

/// A transaction that reads one consistent state of the database.
pub(crate) enum ReadSession {
    Sqlite(sqlite::Read),
    Postgres(postgres::Read),
}

/// A transaction that changes the database, all or nothing.
pub(crate) enum WriteSession {
    Sqlite(sqlite::Write),
    SqliteExclusive(sqlite::ExclusiveWrite),
    Postgres(postgres::Write),
}

/// The statement that is about to run; the tests note that it did.
#[cfg_attr(not(test), expect(unused_variables, reason = "only the tests look at the arguments"))]
fn noted<'s>(statement: impl Into<Statement<'s>>, args: &[Value<'_>]) -> Statement<'s> {
    let statement = statement.into();
    #[cfg(test)]
    crate::tests::statements::note(statement, args);
    statement
}

impl Session for ReadSession {
    fn fold<'a, A: Send + 'static>(
        &'a mut self,
        statement: impl Into<Statement<'a>>,
        args: &'a [Value<'a>],
        begun: A,
        step: Step<A>,
    ) -> BoxFuture<'a, Result<A>> {
        let statement = noted(statement, args);
        Box::pin(async move {
            match self {
                Self::Sqlite(session) => session.fold(statement, args, begun, step).await,
                Self::Postgres(session) => session.fold(statement, args, begun, step).await,
            }
        })
    }
}

impl Session for WriteSession {
    fn fold<'a, A: Send + 'static>(
        &'a mut self,
        statement: impl Into<Statement<'a>>,
        args: &'a [Value<'a>],
        begun: A,
        step: Step<A>,
    ) -> BoxFuture<'a, Result<A>> {
        let statement = noted(statement, args);
        Box::pin(async move {
            match self {
                Self::Sqlite(session) => session.fold(statement, args, begun, step).await,
                Self::SqliteExclusive(session) => session.fold(statement, args, begun, step),
                Self::Postgres(session) => session.fold(statement, args, begun, step).await,
            }
        })
    }
}

impl Change for WriteSession {
    fn execute<'a>(&'a mut self, statement: impl Into<Statement<'a>>, args: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64>> {
        let statement = noted(statement, args);
        Box::pin(async move {
            match self {
                Self::Sqlite(session) => session.execute(statement, args).await,
                Self::SqliteExclusive(session) => session.execute(statement, args),
                Self::Postgres(session) => session.execute(statement, args).await,
            }
        })
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
