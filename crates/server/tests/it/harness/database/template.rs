//! Databases with all tables and no rows, of which tests get copies: to make the tables takes longer than most tests.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::OnceLock;

use umbel_store::{Access, DatabaseUrl, Store};

use super::{connect, named};

/// What all templates of the same tables are called after.
const SCHEMA: &str = include_str!("../../../../../store/schema.sql");

/// The bytes of a SQLite file.
pub(super) fn sqlite() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("umbel.db");
        aside({
            let path = path.clone();
            async move { drop(Store::open(&DatabaseUrl::Sqlite(path), Access::Exclusive).await.unwrap()) }
        });
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        drop(connection);
        std::fs::read(path).unwrap()
    })
}

/// The name of a database on the server, which stays there for the next run.
pub(super) fn postgres(server: &str) -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let mut hash = DefaultHasher::new();
        SCHEMA.hash(&mut hash);
        let name = format!("umbel_template_{:016x}", hash.finish());
        aside(make(server.to_owned(), name.clone()));
        name
    })
}

/// Makes a template unless it is there; another process that does so at this moment is waited for.
async fn make(server: String, name: String) {
    let client = connect(&server).await;
    client.batch_execute("SELECT pg_advisory_lock(7317001)").await.unwrap();
    let known = client.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap();
    if known.is_empty() {
        // It has its name only once it is whole.
        let unfinished = format!("{name}_unfinished");
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await.unwrap();
        client.batch_execute(&format!("CREATE DATABASE {unfinished}")).await.unwrap();
        let url = DatabaseUrl::Postgres(named(&server, &unfinished));
        drop(Store::open(&url, Access::Exclusive).await.unwrap());
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        client.query(end, &[&unfinished]).await.unwrap();
        client.batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await.unwrap();
    }
}

/// Runs something to its end on a thread of its own: a test waits for it within its own runtime.
fn aside(work: impl Future<Output = ()> + Send + 'static) {
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
    std::thread::spawn(run).join().unwrap();
}
