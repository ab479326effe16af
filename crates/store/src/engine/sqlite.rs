//! SQLite: reads run on pooled connections, inline unless they may take long; writes share their commits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ToSql};

use super::{Row, Step};
use crate::sql::{Statement, Value};
use crate::{Error, Place, Result};

mod exclusive;
mod writer;

pub(crate) use exclusive::ExclusiveWrite;
pub(crate) use writer::{Write, Writer};

/// SQLite before this version can lose a WAL that was reset at the wrong moment.
const VERSION_MIN: i32 = 3_051_003;
/// A statement of a read runs no longer than this.
pub(crate) const READ_DEADLINE: Duration = Duration::from_secs(5);
/// Virtual machine steps between two looks at the clock, some tens of microseconds.
const DEADLINE_CHECK_STEPS: i32 = 4_000;
/// Times that a start asks for the write-ahead log, and how long it waits in between.
const WAL_TRIES_MAX: u32 = 100;
const WAL_RETRY_AFTER: Duration = Duration::from_millis(10);
/// Connections that wait for the next read; more are closed.
const IDLE_CONNECTIONS_MAX: usize = 16;
/// Reads that may take long at once; each has a connection, and a thread while a statement of it runs.
pub(crate) const LONG_READS_MAX: usize = 6;
const STATEMENT_CACHE_CAPACITY: usize = 128;
/// Page cache of a connection, in KiB.
const CACHE_SIZE_KIB: i64 = 32 * 1024;

/// Opens a connection with the settings that everything here relies on.
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    if rusqlite::version_number() < VERSION_MIN {
        return Err(Error::Unusable(format!("SQLite {} is too old; 3.51.3 is needed", rusqlite::version())));
    }
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| Error::Unavailable(format!("cannot open {}: {error}", path.display())))?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_CAPACITY);
    // Without it a cached statement with a join is prepared anew at every use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(&format!(
        "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{CACHE_SIZE_KIB}"
    ))?;
    if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        use_wal(&connection)?;
        // What is deleted or erased must not stay in the file.
        connection.execute_batch("PRAGMA secure_delete = ON")?;
    }
    Ok(connection)
}

/// Switches the file to a write-ahead log. Processes that do so at the same moment find each other in the way, and SQLite does
/// not let them wait for that by itself.
fn use_wal(connection: &Connection) -> Result<()> {
    let mut tries = 1;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && tries < WAL_TRIES_MAX => tries += 1,
            done => return Ok(done?),
        }
        std::thread::sleep(WAL_RETRY_AFTER);
    }
}

/// Brings the write-ahead log into the file and empties it, so that what was deleted is in neither; `false` when somebody reads
/// there.
pub(crate) fn empty_wal(path: &Path) -> Result<bool> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))? == 0)
}

/// Opens a connection that may write, and makes the file and its folder when they are not there.
pub(crate) fn connect_to_write(path: &Path) -> Result<Connection> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| Error::Unavailable(format!("cannot make the folder {}: {error}", folder.display())))?;
    }
    connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::Deadline,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            // Rules are checked before a row is written; what a unique index still finds came from another transaction.
            Some(ErrorCode::ConstraintViolation) => Self::Conflict,
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Int(Some(number)) => ValueRef::Integer(*number),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Text(None) | Self::Int(None) | Self::Bytes(None) => ValueRef::Null,
        }))
    }
}

/// The text of a statement as SQLite reads it.
fn text(statement: Statement<'_>) -> &str {
    match statement {
        Statement::Literal(sql) => sql.sqlite,
        Statement::Built(builder) => builder.text(),
    }
}

/// Runs a statement on a connection and makes one thing of all rows.
fn fold<A>(connection: &Connection, text: &str, args: &[Value<'_>], mut begun: A, step: Step<A>) -> Result<A> {
    let mut prepared = prepare(connection, text, args)?;
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        step(&mut begun, &Row::Sqlite(row))?;
    }
    Ok(begun)
}

/// Runs a statement on a connection and counts the rows that it changed.
fn execute(connection: &Connection, text: &str, args: &[Value<'_>]) -> Result<u64> {
    Ok(prepare(connection, text, args)?.raw_execute()? as u64)
}

fn prepare<'c>(connection: &'c Connection, text: &str, args: &[Value<'_>]) -> Result<CachedStatement<'c>> {
    let mut prepared = connection.prepare_cached(text)?;
    for (at, value) in args.iter().enumerate() {
        prepared.raw_bind_parameter(at + 1, value)?;
    }
    Ok(prepared)
}

/// Connections for reading, the last used one first.
pub(crate) struct ReadPool {
    path: PathBuf,
    deadline: Duration,
    idle: Mutex<Vec<Reading>>,
}

/// A connection, how long its statements may run, and the point in time at which the one that runs is interrupted.
struct Reading {
    connection: Connection,
    deadline: Duration,
    deadline_at: Arc<Mutex<Option<Instant>>>,
}

impl ReadPool {
    /// Connections whose statements run no longer than `deadline`.
    pub(crate) fn new(path: &Path, deadline: Duration) -> Arc<Self> {
        Arc::new(Self { path: path.to_owned(), deadline, idle: Mutex::new(Vec::new()) })
    }

    /// The file that the connections read.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn read(self: &Arc<Self>) -> Result<Read> {
        let idle = self.idle.lock().pop();
        let reading = idle.map_or_else(|| Reading::open(&self.path, self.deadline), Ok)?;
        Ok(Read { reading: Some(reading), begun: false, place: None, pool: self.clone() })
    }
}

impl Reading {
    fn open(path: &Path, deadline: Duration) -> Result<Self> {
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let deadline_at = Arc::new(Mutex::new(None::<Instant>));
        let watched = deadline_at.clone();
        let is_over = move || watched.lock().is_some_and(|deadline_at| Instant::now() > deadline_at);
        connection.progress_handler(DEADLINE_CHECK_STEPS, Some(is_over))?;
        Ok(Self { connection, deadline, deadline_at })
    }

    fn fold<A>(&self, in_transaction: bool, text: &str, args: &[Value<'_>], begun: A, step: Step<A>) -> Result<A> {
        if !in_transaction {
            self.connection.prepare_cached("BEGIN")?.raw_execute()?;
        }
        *self.deadline_at.lock() = Some(Instant::now() + self.deadline);
        let out = fold(&self.connection, text, args, begun, step);
        *self.deadline_at.lock() = None;
        out
    }
}

/// One consistent state of the database, from the first statement until it is dropped.
pub(crate) struct Read {
    reading: Option<Reading>,
    begun: bool,
    /// With which statements run on threads for blocking work.
    place: Option<Place>,
    pool: Arc<ReadPool>,
}

impl Read {
    /// Has the next statements run on a thread for blocking work.
    pub(crate) fn expect_long(&mut self, place: Place) {
        self.place = Some(place);
    }

    pub(crate) async fn fold<A: Send + 'static>(
        &mut self,
        statement: Statement<'_>,
        args: &[Value<'_>],
        begun: A,
        step: Step<A>,
    ) -> Result<A> {
        let in_transaction = std::mem::replace(&mut self.begun, true);
        let text = text(statement);
        let reading = self.reading.take().ok_or_else(lost)?;
        let (reading, out) = match self.place.clone() {
            None => {
                let out = reading.fold(in_transaction, text, args, begun, step);
                (reading, out)
            }
            // The connection goes with the statement; when the caller leaves meanwhile, it is closed at the end.
            Some(place) => {
                let (text, args) = (text.to_owned(), args.iter().map(Value::to_static).collect::<Vec<_>>());
                let run = move || {
                    let _place = place;
                    let out = reading.fold(in_transaction, &text, &args, begun, step);
                    (reading, out)
                };
                tokio::task::spawn_blocking(run).await.map_err(|_| lost())?
            }
        };
        self.reading = Some(reading);
        out
    }
}

fn lost() -> Error {
    Error::Unavailable("the connection was lost".into())
}

impl Drop for Read {
    fn drop(&mut self) {
        let Some(reading) = self.reading.take() else { return };
        let ended =
            !self.begun || reading.connection.prepare_cached("COMMIT").and_then(|mut commit| commit.raw_execute()).is_ok();
        let mut idle = self.pool.idle.lock();
        if ended && idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(reading);
        }
    }
}
