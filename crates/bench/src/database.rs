//! Databases: filled once and kept, or copied for one measurement.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use url::Url;

use crate::engine::Engine;
use crate::fill::{self, Content};
use crate::session::Session;
use crate::tree::Tree;
use crate::usage::Usage;
use crate::{Result, say};

/// A database that exists.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// As `umbel --database` takes it.
    pub(crate) url: String,
}

impl Database {
    /// The file of a SQLite database.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.url.strip_prefix("sqlite:").map(Path::new)
    }
}

/// Where databases are made.
pub(crate) struct Databases {
    folder: PathBuf,
    umbel: PathBuf,
    /// The URL of a database on the PostgreSQL server, if there is one.
    postgres: Option<String>,
    /// Changes with the schema.
    fingerprint: String,
}

impl Databases {
    pub(crate) fn new(folder: &Path, umbel: &Path, postgres: Option<String>) -> Result<Self> {
        let mut databases = Self { folder: folder.into(), umbel: umbel.into(), postgres, fingerprint: String::new() };
        let empty = databases.named(Engine::Sqlite, "empty")?;
        remove(&empty)?;
        databases.migrate(&empty)?;
        let checksums = Session::open(&empty.url)?.text("SELECT group_concat(checksum) FROM schema_migrations")?;
        let mut hasher = DefaultHasher::new();
        (fill::CONTENT, checksums).hash(&mut hasher);
        databases.fingerprint = format!("{:08x}", hasher.finish() >> 32);
        Ok(databases)
    }

    /// A database with a tree in it, made when it is not there from an earlier run.
    pub(crate) fn filled(&self, engine: Engine, tree: Tree) -> Result<Database> {
        self.filled_with(engine, Content::Organizations, tree)
    }

    /// The same with something in it.
    pub(crate) fn filled_with(&self, engine: Engine, content: Content, tree: Tree) -> Result<Database> {
        let kind = match content {
            Content::Organizations => "organizations".to_owned(),
            Content::People => "people".to_owned(),
            Content::Entries(entries) => format!("entries_{}", entries.count),
            Content::Usage(Usage { accounts, metrics, days, keys }) => format!("usage_{accounts}_{metrics}_{days}_{keys}"),
        };
        let name = format!("{kind}_{}_{}", tree.size, self.fingerprint);
        let database = self.named(engine, &name)?;
        if exists(&database)? {
            return Ok(database);
        }
        say(&format!("{engine}: filling in {} {kind}", tree.size));
        let unfinished = self.named(engine, &format!("{name}_unfinished"))?;
        remove(&unfinished)?;
        create(&unfinished)?;
        self.migrate(&unfinished)?;
        fill::fill(&mut Session::open(&unfinished.url)?, engine, content, tree)?;
        rename(&unfinished, &database)?;
        // What is left lies beside it.
        remove(&unfinished)?;
        Ok(database)
    }

    /// A copy to change; an older one of the same name is replaced.
    pub(crate) fn copy(&self, original: &Database, name: &str) -> Result<Database> {
        let copy = self.named(Engine::of(&original.url), name)?;
        remove(&copy)?;
        if let (Some(from), Some(to)) = (original.file(), copy.file()) {
            Session::open(&original.url)?.run("PRAGMA wal_checkpoint(TRUNCATE)")?;
            fs::copy(from, to)?;
            File::open(to)?.sync_all()?;
        } else {
            alone(original, &format!("CREATE DATABASE {} TEMPLATE {}", name_of(&copy)?, name_of(original)?))?;
            server_of(original)?.run("CHECKPOINT")?;
        }
        Ok(copy)
    }

    fn named(&self, engine: Engine, name: &str) -> Result<Database> {
        if engine == Engine::Sqlite {
            return Ok(Database { url: format!("sqlite:{}", self.folder.join(name).with_extension("db").display()) });
        }
        let mut url: Url = self.postgres.as_deref().ok_or("there is no PostgreSQL server")?.parse()?;
        url.set_path(&format!("umbel_bench_{name}"));
        Ok(Database { url: url.into() })
    }

    fn migrate(&self, database: &Database) -> Result {
        let mut command = Command::new(&self.umbel);
        let status = command.args(["migrate", "--database", &database.url]).stdout(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(format!("`umbel migrate` failed on {}", database.url).into()) }
    }
}

fn exists(database: &Database) -> Result<bool> {
    let Some(file) = database.file() else {
        let query = format!("SELECT datname::text FROM pg_database WHERE datname = '{}'", name_of(database)?);
        return Ok(!server_of(database)?.text(&query)?.is_empty());
    };
    Ok(file.exists())
}

/// Makes an empty database; a file is made by whoever opens it first.
fn create(database: &Database) -> Result {
    match database.file() {
        Some(_) => Ok(()),
        None => server_of(database)?.run(&format!("CREATE DATABASE {}", name_of(database)?)),
    }
}

fn rename(from: &Database, to: &Database) -> Result {
    match (from.file(), to.file()) {
        (Some(from), Some(to)) => Ok(fs::rename(from, to)?),
        _ => alone(from, &format!("ALTER DATABASE {} RENAME TO {}", name_of(from)?, name_of(to)?)),
    }
}

/// Removes a database, when it is there.
pub(crate) fn remove(database: &Database) -> Result {
    let Some(file) = database.file() else {
        return server_of(database)?.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_of(database)?));
    };
    for suffix in ["", "-wal", "-shm", "-lock"] {
        let file = PathBuf::from(format!("{}{suffix}", file.display()));
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// A connection to the PostgreSQL server that a database is on.
fn server_of(database: &Database) -> Result<Session> {
    let mut url: Url = database.url.parse()?;
    url.set_path("postgres");
    Session::open(url.as_str())
}

/// The name of a PostgreSQL database.
fn name_of(database: &Database) -> Result<String> {
    let url: Url = database.url.parse()?;
    Ok(url.path().trim_start_matches('/').to_owned())
}

/// Runs a statement that needs `database` to be without connections; those of a server that has just ended linger.
fn alone(database: &Database, statement: &str) -> Result {
    const TRIES_MAX: u32 = 40;
    let mut server = server_of(database)?;
    for _ in 1..TRIES_MAX {
        if server.run(statement).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(50));
    }
    server.run(statement)
}
