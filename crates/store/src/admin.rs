//! The other door: for the command line and the workers, whom nobody has to authorize.

pub mod backup;
pub mod operators;
pub mod portability;
pub mod sign_in;

use umbel_domain::Timestamp;

use crate::engine::{WriteSession, sqlite};
use crate::{Arm, Error, Read, Result, Store, Write};

/// Begins a transaction that reads, on behalf of the system.
pub async fn read(store: &Store) -> Result<Read> {
    Ok(store.read().await?.0)
}

/// Begins a transaction that reads what may take long, on behalf of the system.
pub async fn read_long(store: &Store) -> Result<Read> {
    let place = store.place().await?;
    let mut opening = store.read().await?;
    opening.hold(place);
    opening.0.expect_long();
    Ok(opening.0)
}

/// Begins a transaction that changes the database, on behalf of the system.
pub async fn write(store: &Store) -> Result<Write> {
    Ok(store.write().await?.0)
}

/// Begins a transaction that may take as long as it needs; on SQLite only for whom the database is open exclusively.
pub async fn write_long(store: &Store) -> Result<Write> {
    match &*store.arm {
        Arm::Postgres(_) => write(store).await,
        Arm::Sqlite { lock: None, .. } => Err(Error::Unusable("the database is not open exclusively".into())),
        Arm::Sqlite { reads, .. } => {
            let session = WriteSession::SqliteExclusive(sqlite::ExclusiveWrite::begin(reads.path())?);
            Ok(Write::new(session, store.words.clone()))
        }
    }
}

/// Sees to it that the files of a database have nothing of what was deleted; `false` when somebody reads an earlier state,
/// which they have to keep. PostgreSQL's do when it vacuums.
pub async fn scrub(store: &Store) -> Result<bool> {
    let Arm::Sqlite { reads, .. } = &*store.arm else { return Ok(true) };
    let path = reads.path().to_owned();
    let emptied = tokio::task::spawn_blocking(move || sqlite::empty_wal(&path)).await;
    emptied.map_err(|_| Error::Unavailable("the thread ended".into()))?
}

/// What the command line draws from the world: the time, and random bytes.
pub struct Sources {
    now: Timestamp,
    fill: fn(&mut [u8]),
}

impl Sources {
    /// Takes the time in microseconds since the epoch, and what fills a slice with bytes that nobody can guess.
    pub fn new(now_micros: i64, fill: fn(&mut [u8])) -> Self {
        Self { now: Timestamp::from_micros(now_micros), fill }
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.fill)(&mut bytes);
        bytes
    }
}

/// How far something long has come, in lines or pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many are done.
    pub done: u64,
    /// Of how many, when that is known.
    pub total: Option<u64>,
}
