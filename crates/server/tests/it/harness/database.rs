//! A database of its own for each test, on each engine, and a way to look at its rows past the service.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Once};

use futures_util::FutureExt;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};
use umbel_store::DatabaseUrl;

mod template;

/// A row by the names of its columns.
pub(crate) type Row = Map<String, Value>;

/// Every table of the service.
pub(crate) const TABLES: [&str; 43] = [
    "server_state",
    "users",
    "api_tokens",
    "passwords",
    "second_factors",
    "sign_in_links",
    "linked_identities",
    "sessions",
    "organizations",
    "roles",
    "organization_members",
    "accounts",
    "account_members",
    "invitations",
    "audit_words",
    "audit_words_version",
    "audit_entries",
    "audit_bodies",
    "audit_digests",
    "audit_trees",
    "audit_erasures",
    "audit_loose_words",
    "audit_pending",
    "audit_leaves",
    "audit_tiles",
    "audit_streams",
    "audit_stream_legs",
    "departed_organizations",
    "idempotency_keys",
    "metrics",
    "prices",
    "usage_keys",
    "usage_days",
    "usage_months",
    "usage_values",
    "placements",
    "billing_currencies",
    "billing_periods",
    "usage_corrections",
    "invoices",
    "budgets",
    "metric_digits",
    "schema_migrations",
];

/// A database that is there for one test.
pub(crate) struct Database {
    pub(crate) url: DatabaseUrl,
    on: On,
}

enum On {
    /// The folder of the file, which goes with it.
    Sqlite { _folder: TempDir },
    /// The server, and the name of the database there.
    Postgres(String, String),
}

impl Database {
    fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("umbel.db");
        std::fs::write(&path, template::sqlite()).unwrap();
        Self { url: DatabaseUrl::Sqlite(path), on: On::Sqlite { _folder: folder } }
    }

    /// Makes a database on the server, named after a folder, which nobody else has.
    async fn on_postgres(server: String) -> Self {
        let folder = tempfile::Builder::new().prefix("umbel_http_").rand_bytes(12).tempdir().unwrap();
        let name = folder.path().file_name().unwrap().to_str().unwrap().to_owned();
        let copy = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{}\"", template::postgres(&server));
        connect(&server).await.batch_execute(&copy).await.unwrap();
        Self { url: DatabaseUrl::Postgres(named(&server, &name)), on: On::Postgres(server, name) }
    }

    /// Every row of a table.
    pub(crate) async fn rows(&self, table: &str) -> Vec<Row> {
        assert!(TABLES.contains(&table), "{table}");
        match &self.url {
            DatabaseUrl::Sqlite(path) => sqlite_rows(&rusqlite::Connection::open(path).unwrap(), table),
            DatabaseUrl::Postgres(url) => postgres_rows(&connect(url).await, table).await,
        }
    }

    /// Changes rows past the service.
    pub(crate) async fn execute(&self, statement: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(statement).unwrap(),
            DatabaseUrl::Postgres(url) => connect(url).await.batch_execute(statement).await.unwrap(),
        }
    }

    /// A connection to the SQLite file.
    pub(crate) fn sqlite(&self) -> rusqlite::Connection {
        let DatabaseUrl::Sqlite(path) = &self.url else { panic!("{} is no file", self.url) };
        rusqlite::Connection::open(path).unwrap()
    }

    /// The names of all tables, in order.
    pub(crate) async fn tables(&self) -> Vec<String> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
                let mut names = connection.prepare(names).unwrap();
                names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
            }
            DatabaseUrl::Postgres(url) => {
                let names = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
                connect(url).await.query(names, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
            }
        }
    }

    async fn remove(&self) {
        if let On::Postgres(server, name) = &self.on {
            connect(server).await.batch_execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)")).await.unwrap();
        }
    }

    /// What keeps it, as people call it.
    pub(crate) fn engine(&self) -> &'static str {
        match self.on {
            On::Sqlite { .. } => "SQLite",
            On::Postgres(..) => "PostgreSQL",
        }
    }
}

/// The address of a database on a server.
fn named(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.into()
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection.map(drop));
    client
}

fn sqlite_rows(connection: &rusqlite::Connection, table: &str) -> Vec<Row> {
    let mut all = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let names: Vec<String> = all.column_names().map(str::to_owned).collect();
    let rows = all.query_map([], |row| {
        let value = |at| match row.get_ref(at).unwrap() {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => number.into(),
            ValueRef::Text(text) => std::str::from_utf8(text).unwrap().into(),
            ValueRef::Blob(bytes) => umbel_domain::secret::to_hex(bytes).into(),
            other @ ValueRef::Real(_) => panic!("{other:?} is no value of ours"),
        };
        Ok(names.iter().enumerate().map(|(at, name)| (name.clone(), value(at))).collect())
    });
    rows.unwrap().map(Result::unwrap).collect()
}

async fn postgres_rows(client: &Client, table: &str) -> Vec<Row> {
    let rows = client.query(&format!("SELECT to_json(t)::text FROM {table} t"), &[]).await.unwrap();
    rows.iter().map(|row| serde_json::from_str(row.get(0)).unwrap()).collect()
}

/// Runs a test on a fresh SQLite file and on a fresh PostgreSQL database, both empty.
pub(crate) fn on_each_engine(test: impl AsyncFn(Arc<Database>)) {
    on_sqlite(&test);
    if let Some(server) = server() {
        runtime().block_on(async { run(Database::on_postgres(server).await, &test).await });
    }
}

/// Runs a test on a fresh SQLite file.
pub(crate) fn on_sqlite(test: impl AsyncFn(Arc<Database>)) {
    runtime().block_on(run(Database::on_sqlite(), &test));
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn run(database: Database, test: &impl AsyncFn(Arc<Database>)) {
    let database = Arc::new(database);
    let result = AssertUnwindSafe(test(database.clone())).catch_unwind().await;
    database.remove().await;
    if let Err(panic) = result {
        _ = writeln!(std::io::stderr(), "this was on {}", database.engine());
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
