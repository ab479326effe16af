//! Which database, and how it is opened.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::{Counters, postgres, sqlite};
use crate::place::Places;
use crate::{Arm, Error, Result, Store, migrations};

/// Times that a start asks for the lock of a SQLite database before it says that another process has it.
const LOCK_TRIES_MAX: u32 = 40;
const LOCK_RETRY_AFTER: Duration = Duration::from_millis(50);

/// The address of a database: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server that speaks PostgreSQL's protocol, with everything that its URL says, a password included.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("a database is `sqlite:PATH` or `postgres://USER@HOST/NAME`".into())
    }
}

/// The password is not shown.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(mut url) => {
                    // Only a URL without a host refuses this, and then there is no password either.
                    _ = url.set_password(None);
                    // A password can stand there too.
                    url.set_query(None);
                    write!(f, "{url}")
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Who else may use the database at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// On SQLite no other server and nothing that needs the server stopped.
    Exclusive,
    /// A server may be running.
    Shared,
}

impl Store {
    /// Opens a database, makes it when it is not there, and brings its schema up to date.
    pub async fn open(url: &DatabaseUrl, access: Access) -> Result<Self> {
        let counters = Arc::new(Counters::default());
        let arm = match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path, access, counters.clone()).await?,
            DatabaseUrl::Postgres(url) => {
                let pools = postgres::Pools::new(url, counters.clone())?;
                migrations::migrate_postgres(&mut *pools.client().await?).await?;
                Arm::Postgres(pools)
            }
        };
        let places = match &arm {
            Arm::Sqlite { .. } => sqlite::LONG_READS_MAX,
            Arm::Postgres(_) => postgres::LONG_READS_MAX,
        };
        Ok(Self { arm: Arc::new(arm), counters, words: Arc::default(), places: Arc::new(Places::new(places)) })
    }
}

async fn open_sqlite(path: &Path, access: Access, counters: Arc<Counters>) -> Result<Arm> {
    let mut connection = sqlite::connect_to_write(path)?;
    let mut held = None;
    let mut tries = 0;
    // Who migrates needs the lock as well: an older server must not find its tables changed under it.
    while held.is_none() && (access == Access::Exclusive || migrations::pending_on_sqlite(&connection)?) {
        tries += 1;
        match lock(path) {
            Ok(file) => held = Some(file),
            // Another process may be migrating at this moment.
            Err(Error::Unusable(_)) if tries < LOCK_TRIES_MAX => tokio::time::sleep(LOCK_RETRY_AFTER).await,
            Err(error) => return Err(error),
        }
    }
    if migrations::pending_on_sqlite(&connection)? {
        migrations::migrate_sqlite(&mut connection)?;
    }
    let lock = held.filter(|_| access == Access::Exclusive);
    let reads = sqlite::ReadPool::new(path, sqlite::READ_DEADLINE);
    Ok(Arm::Sqlite { reads, writer: sqlite::Writer::start(path, counters)?, lock })
}

/// Takes the lock that one server holds beside its database file; the operating system frees it when the process ends.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let name = PathBuf::from(name);
    let file = File::options().create(true).truncate(false).write(true).open(&name);
    let file = file.map_err(|error| Error::Unavailable(format!("cannot open {}: {error}", name.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Error::Unusable(format!("another umbel uses {}; stop it first", path.display())))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(Error::Unavailable(format!("cannot lock {}: {error}", name.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_server() {
        assert_eq!("sqlite:./a/b.db".parse(), Ok(DatabaseUrl::Sqlite("./a/b.db".into())));
        for text in ["", "sqlite:", "mysql://x", "umbel.db"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_password_of_a_database_is_never_shown() {
        for text in ["postgres://umbel:hunter2@db.example/umbel", "postgres://umbel@db.example/umbel?password=hunter2"] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(format!("{url} {url:?}").matches("hunter2").count(), 0, "{text}");
        }
    }
}
