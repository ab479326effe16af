//! A connection to a database of either engine, for filling it and for the limit of a write.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;

use rusqlite::{CachedStatement, Connection, OpenFlags};
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

use crate::Result;

/// The connection.
pub(crate) enum Session {
    Sqlite(Connection),
    Postgres(Box<Postgres>),
}

/// A connection to PostgreSQL, which moves on while something is asked of it.
pub(crate) struct Postgres {
    runtime: Runtime,
    client: Client,
    prepared: HashMap<&'static str, Statement>,
}

impl Session {
    /// Opens a database that exists, with the settings of a server.
    pub(crate) fn open(url: &str) -> Result<Self> {
        match url.strip_prefix("sqlite:") {
            Some(path) => Ok(Self::Sqlite(open_sqlite(Path::new(path))?)),
            None => Ok(Self::Postgres(Box::new(Postgres::open(url)?))),
        }
    }

    /// Begins a transaction that writes.
    pub(crate) fn begin(&mut self) -> Result {
        match self {
            Self::Sqlite(_) => self.run("BEGIN IMMEDIATE"),
            Self::Postgres(_) => self.run("BEGIN"),
        }
    }

    /// Runs statements that carry their values.
    pub(crate) fn run(&mut self, statements: &str) -> Result {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(statements)?),
            Self::Postgres(postgres) => {
                let Postgres { runtime, client, .. } = &mut **postgres;
                Ok(runtime.block_on(client.batch_execute(statements)).map_err(|error| explain(&error))?)
            }
        }
    }

    /// The first value of the first row, a text; empty when there is none.
    pub(crate) fn text(&mut self, query: &str) -> Result<String> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(query)?;
                let mut rows = statement.query([])?;
                Ok(rows.next()?.map_or(Ok(String::new()), |row| row.get(0))?)
            }
            Self::Postgres(postgres) => {
                let Postgres { runtime, client, .. } = &mut **postgres;
                let row = runtime.block_on(client.query_opt(query, &[])).map_err(|error| explain(&error))?;
                Ok(row.map_or(Ok(String::new()), |row| row.try_get(0))?)
            }
        }
    }

    /// Reads all rows of a statement that is prepared once, each of its values.
    pub(crate) fn step(&mut self, query: &str) -> Result {
        let Self::Sqlite(connection) = self else { return Err("this is measured on SQLite alone".into()) };
        let mut statement = connection.prepare_cached(query)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                black_box(row.get_ref(column)?);
            }
        }
        Ok(())
    }

    /// Adds a row by a statement that is prepared once: `$1` is a time, what follows are texts, in order.
    pub(crate) fn insert(&mut self, statement: &'static str, micros: i64, texts: &[&str]) -> Result {
        match self {
            Self::Sqlite(connection) => insert_sqlite(&mut connection.prepare_cached(statement)?, micros, texts),
            Self::Postgres(postgres) => postgres.insert(statement, micros, texts),
        }
    }
}

fn open_sqlite(path: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let settings =
        "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 4000";
    connection.execute_batch(settings)?;
    Ok(connection)
}

fn insert_sqlite(statement: &mut CachedStatement<'_>, micros: i64, texts: &[&str]) -> Result {
    statement.raw_bind_parameter(1, micros)?;
    for (at, text) in texts.iter().enumerate() {
        statement.raw_bind_parameter(at + 2, text)?;
    }
    statement.raw_execute()?;
    Ok(())
}

impl Postgres {
    fn open(url: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (client, connection) = runtime.block_on(tokio_postgres::connect(url, NoTls))?;
        runtime.spawn(connection);
        Ok(Self { runtime, client, prepared: HashMap::new() })
    }

    fn insert(&mut self, statement: &'static str, micros: i64, texts: &[&str]) -> Result {
        let Self { runtime, client, prepared } = self;
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&micros];
        values.extend(texts.iter().map(|text| text as &(dyn ToSql + Sync)));
        runtime.block_on(async {
            if !prepared.contains_key(statement) {
                prepared.insert(statement, client.prepare(statement).await.map_err(|error| explain(&error))?);
            }
            client.execute(&prepared[statement], &values).await.map_err(|error| explain(&error))?;
            Ok(())
        })
    }
}

/// What the server said, which the error itself does not show.
fn explain(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)
}
