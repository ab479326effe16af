//! Runs a test on each engine, on a database of its own.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::sync::Once;

use futures_util::FutureExt;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

use crate::{Access, DatabaseUrl, Store};

/// A database that is there for one test.
pub(super) struct Database {
    pub(super) url: DatabaseUrl,
    /// On PostgreSQL the server that it is on, and its name there.
    on_server: Option<(String, String)>,
    folder: TempDir,
}

impl Database {
    /// Names a file that is not there yet.
    fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: DatabaseUrl::Sqlite(folder.path().join("umbel.db")), on_server: None, folder }
    }

    /// Makes an empty database on the server, named after a folder, which nobody else has.
    async fn on_postgres(server: String) -> Self {
        let folder = tempfile::Builder::new().prefix("umbel_test_").rand_bytes(12).tempdir().unwrap();
        let name = folder.path().file_name().unwrap().to_str().unwrap().to_owned();
        connect(&server).await.0.batch_execute(&format!("CREATE DATABASE \"{name}\"")).await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Self { url: DatabaseUrl::Postgres(url.into()), on_server: Some((server, name)), folder }
    }

    /// Opens the database as the command line does beside a server.
    pub(super) async fn open(&self) -> Store {
        Store::open(&self.url, Access::Shared).await.unwrap()
    }

    /// The file of a SQLite database.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("umbel.db")
    }

    /// A connection of one's own to the file of a SQLite database.
    pub(super) fn sqlite(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// A connection of one's own to a PostgreSQL database.
    pub(super) async fn postgres(&self) -> Client {
        self.postgres_and_connection().await.0
    }

    /// The same, with the task that moves its bytes.
    pub(super) async fn postgres_and_connection(&self) -> (Client, JoinHandle<()>) {
        let DatabaseUrl::Postgres(url) = &self.url else { panic!("a database on PostgreSQL") };
        connect(url).await
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.on_server.is_none()
    }

    async fn remove(self) {
        if let Some((server, name)) = self.on_server {
            connect(&server).await.0.batch_execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)")).await.unwrap();
        }
    }
}

async fn connect(url: &str) -> (Client, JoinHandle<()>) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    (client, tokio::spawn(connection.map(drop)))
}

/// Runs a test on a fresh SQLite file and on a fresh PostgreSQL database, both empty.
pub(super) fn on_each_empty_database(test: impl AsyncFn(&Database)) {
    on_empty_sqlite(&test);
    on_empty_postgres(&test);
}

/// Runs a test on a fresh SQLite file and on a fresh PostgreSQL database with the whole schema.
pub(super) fn on_each_engine(test: impl AsyncFn(Store)) {
    on_each_empty_database(async |database| test(database.open().await).await);
}

pub(super) fn on_empty_sqlite(test: impl AsyncFn(&Database)) {
    runtime().block_on(run(Database::on_sqlite(), &test));
}

pub(super) fn on_empty_postgres(test: impl AsyncFn(&Database)) {
    let Some(server) = server() else { return };
    runtime().block_on(async { run(Database::on_postgres(server).await, &test).await });
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn run(database: Database, test: &impl AsyncFn(&Database)) {
    let engine = if database.is_sqlite() { "SQLite" } else { "PostgreSQL" };
    let result = AssertUnwindSafe(test(&database)).catch_unwind().await;
    database.remove().await;
    if let Err(panic) = result {
        eprintln!("this was on {engine}");
        resume_unwind(panic);
    }
}

/// The server that tests may make databases on; without one they run on SQLite alone, but never in CI.
fn server() -> Option<String> {
    static ONCE: Once = Once::new();
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let server = set("UMBEL_TEST_POSTGRES");
    if server.is_none() {
        let required = set("CI").or_else(|| set("UMBEL_REQUIRE_POSTGRES"));
        assert!(required.is_none(), "the tests need PostgreSQL: run them with scripts/with-postgres or set UMBEL_TEST_POSTGRES");
        // Past the capture of the test harness, so that it shows.
        ONCE.call_once(|| {
            _ = writeln!(std::io::stderr(), "skipping PostgreSQL: run with scripts/with-postgres or set UMBEL_TEST_POSTGRES");
        });
    }
    server
}
