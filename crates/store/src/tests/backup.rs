//! Copies of a database.

use std::path::Path;

use umbel_domain::Organization;
use umbel_domain::audit::{Field, Record};

use super::engines::{Database, on_each_engine, on_empty_postgres, on_empty_sqlite};
use super::fixtures::{create, exists, id, organization, plant};
use super::operators::sources;
use super::writer::waits;
use crate::admin::backup::{Existing, Restore, backup, note_restore};
use crate::admin::{self, Progress, operators};
use crate::audit_log::{self, Log};
use crate::{Access, DatabaseUrl, Error, Read, Result, Store};

fn back_up(database: &Database, file: &Path) -> Result<()> {
    backup(&database.url, file, &mut |_| {})
}

async fn restore(url: &DatabaseUrl, file: &Path, existing: Existing) -> Result<()> {
    let restored = Restore::begin(url, file, existing, &mut |_| {})?.finish(&sources(), &mut |_| {}).await;
    restored.map_err(|error| if let operators::Error::Store(error) = error { error } else { panic!("{error}") })
}

/// A path beside the database.
fn beside(database: &Database, name: &str) -> std::path::PathBuf {
    database.path().with_file_name(name)
}

async fn holds(file: &Path, organization: &str) -> bool {
    let store = Store::open(&DatabaseUrl::Sqlite(file.into()), Access::Shared).await.unwrap();
    exists(&store, organization).await
}

fn reason(outcome: Result<()>) -> String {
    match outcome {
        Err(Error::Unusable(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

/// The names of the files in the folder of a database.
fn files(database: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(database.parent().unwrap()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_beside_a_server_is_one_file_of_one_moment() {
    on_empty_sqlite(async |database| {
        let server = Store::open(&database.url, Access::Exclusive).await.unwrap();
        create(&server, "before/").await.unwrap();
        let file = beside(database, "copy.db");
        let mut steps = Vec::new();
        backup(&database.url, &file, &mut |progress| steps.push(progress)).unwrap();
        let Some(Progress { done, total: Some(total) }) = steps.last().copied() else { panic!("no progress") };
        assert!(done == total && total > 1);
        create(&server, "after/").await.unwrap();
        let names = files(&database.path());
        assert!(!names.iter().any(|name| name.starts_with("copy.db-") || name.starts_with(".tmp")), "{names:?}");
        let mode: String = rusqlite::Connection::open(&file)
            .and_then(|copy| copy.query_row("PRAGMA journal_mode", [], |row| row.get(0)))
            .unwrap();
        assert_eq!(mode, "delete");
        assert!(holds(&file, "before").await && !holds(&file, "after").await);
    });
}

#[test]
fn a_backup_is_finished_although_others_write_all_the_time() {
    on_empty_sqlite(async |database| {
        let store = database.open().await;
        create(&store, "before/").await.unwrap();
        // More pages than one step copies.
        let filler = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
                      INSERT INTO server_state (name, value) SELECT 'n' || i, hex(randomblob(2000)) FROM n";
        database.sqlite().execute_batch(filler).unwrap();
        let file = beside(database, "copy.db");
        let mut writes = 0;
        // Each step of the copy meets a database that changed since the last one.
        let mut write = |_| {
            writes += 1;
            assert!(writes < 100, "each write makes the copy begin anew");
            let organization = format!("during{writes}/");
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(create(&store, &organization))).unwrap();
        };
        backup(&database.url, &file, &mut write).unwrap();
        assert!(writes > 1);
        assert!(holds(&file, "before").await && !holds(&file, "during1").await);
    });
}

#[test]
fn a_backup_overwrites_nothing() {
    on_empty_sqlite(async |database| {
        database.open().await;
        let file = beside(database, "copy.db");
        std::fs::write(&file, "precious").unwrap();
        assert!(reason(back_up(database, &file)).ends_with("copy.db is there already; name a new file"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    });
}

#[test]
fn a_backup_makes_no_database_where_there_is_none() {
    on_empty_sqlite(async |database| {
        assert!(reason(back_up(database, &beside(database, "copy.db"))).starts_with("there is no file "));
        assert!(!database.path().exists());
    });
}

#[test]
fn a_backup_is_restored_where_nothing_is() {
    on_empty_sqlite(async |database| {
        create(&database.open().await, "acme/").await.unwrap();
        let file = beside(database, "copy.db");
        back_up(database, &file).unwrap();
        let elsewhere = beside(database, "folder").join("umbel.db");
        restore(&DatabaseUrl::Sqlite(elsewhere.clone()), &file, Existing::Keep).await.unwrap();
        assert!(holds(&elsewhere, "acme").await);
    });
}

#[test]
fn a_database_is_replaced_only_when_told_and_never_under_a_server() {
    on_empty_sqlite(async |database| {
        let file = beside(database, "copy.db");
        let server = Store::open(&database.url, Access::Exclusive).await.unwrap();
        back_up(database, &file).unwrap();
        create(&server, "acme/").await.unwrap();
        assert!(reason(restore(&database.url, &file, Existing::Replace).await).contains("stop it first"));
        drop(server);
        // The file stays open until the task of the writer has ended.
        while reason_of_lock(database).is_some() {
            tokio::task::yield_now().await;
        }
        assert!(reason(restore(&database.url, &file, Existing::Keep).await).contains("--replace"));
        assert!(holds(&database.path(), "acme").await);
        replace(database, &file).await;
        assert!(!holds(&database.path(), "acme").await);
    });
}

#[test]
fn what_takes_the_place_of_a_database_says_so_and_what_is_given_up_leaves_nothing() {
    on_empty_sqlite(async |database| {
        plant(&database.open().await, &[organization("acme/")]).await;
        let file = beside(database, "copy.db");
        back_up(database, &file).unwrap();
        let elsewhere = beside(database, "folder").join("umbel.db");
        let url = DatabaseUrl::Sqlite(elsewhere.clone());
        drop(Restore::begin(&url, &file, Existing::Keep, &mut |_| {}).unwrap());
        assert_eq!(files(&elsewhere), ["umbel.db-lock"]);
        // Its logs are written, and it is not there yet.
        let given_up = Restore::begin(&url, &file, Existing::Keep, &mut |_| {}).unwrap();
        assert!(waits(&mut Box::pin(given_up.finish(&sources(), &mut |_| {}))).await);
        assert_eq!(files(&elsewhere), ["umbel.db-lock"]);
        // What an interrupted one left is cleared, and what is not ours stays.
        let room = beside(database, "folder/umbel.db-restore");
        std::fs::create_dir(&room).unwrap();
        for name in [".umbel-copy-x", ".umbel-copy-x-wal", "mine"] {
            std::fs::write(room.join(name), "").unwrap();
        }
        assert!(Restore::begin(&url, &file, Existing::Keep, &mut |_| {}).unwrap_err().to_string().contains("folder beside"));
        assert_eq!(files(&room.join("any")), ["mine"]);
        std::fs::remove_file(room.join("mine")).unwrap();
        let restored = Restore::begin(&url, &file, Existing::Keep, &mut |_| {}).unwrap();
        restored.finish(&sources(), &mut |_| assert!(!elsewhere.exists())).await.unwrap();
        assert_eq!(files(&elsewhere), ["umbel.db", "umbel.db-lock"]);
        let mut read = admin::read(&Store::open(&url, Access::Shared).await.unwrap()).await.unwrap();
        for log in [Log::Server, Log::Organization(&id("acme"))] {
            assert_eq!(restores(&mut read, log).await, 1);
        }
    });
}

/// How many entries say that the database was restored, of a log that has no others.
async fn restores(read: &mut Read, log: Log<'_>) -> usize {
    let entries = audit_log::all(read, log, None, 10).await.unwrap();
    let word = |entry: &Record, field| entry.fields.get(field).map(ToString::to_string);
    for entry in &entries {
        assert_eq!(word(entry, Field::ActionDescription).as_deref(), Some("Restore Database"));
        assert_eq!(word(entry, Field::ActorType).as_deref(), Some("system"));
    }
    entries.len()
}

fn reason_of_lock(database: &Database) -> Option<Error> {
    crate::database::lock(&database.path()).err()
}

/// Replaces the database as soon as nobody in this process has it open any more.
async fn replace(database: &Database, file: &Path) {
    loop {
        match restore(&database.url, file, Existing::Replace).await {
            Ok(()) => return,
            Err(Error::Unusable(reason)) if reason.starts_with("another process") => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn the_log_of_a_replaced_database_does_not_come_back() {
    on_empty_sqlite(async |database| {
        let file = beside(database, "copy.db");
        drop(database.open().await);
        back_up(database, &file).unwrap();
        // What a server leaves that was killed: a log with what it committed last.
        let killed = beside(database, "killed.db");
        let (killed_log, log) = (beside(database, "killed.db-wal"), beside(database, "umbel.db-wal"));
        let store = Store::open(&DatabaseUrl::Sqlite(killed.clone()), Access::Shared).await.unwrap();
        create(&store, "acme/").await.unwrap();
        std::fs::copy(&killed, database.path()).unwrap();
        std::fs::copy(&killed_log, &log).unwrap();
        assert!(std::fs::metadata(&log).unwrap().len() > 0);
        replace(database, &file).await;
        assert!(!log.exists());
        assert!(!holds(&database.path(), "acme").await);
    });
}

#[test]
fn what_is_no_sound_backup_is_refused_and_the_database_stays() {
    on_empty_sqlite(async |database| {
        let store = database.open().await;
        for at in 0..100 {
            create(&store, &format!("o{at}/")).await.unwrap();
        }
        let file = beside(database, "copy.db");
        back_up(database, &file).unwrap();
        let refuse = async |name: &str| reason(restore(&database.url, &beside(database, name), Existing::Replace).await);

        std::fs::write(beside(database, "text.db"), "{\"kind\":\"user\"}\n".repeat(100)).unwrap();
        assert!(refuse("text.db").await.contains("is damaged or no database"));

        rusqlite::Connection::open(beside(database, "other.db")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        assert!(refuse("other.db").await.ends_with("is not a database of umbel"));

        let newer = beside(database, "newer.db");
        std::fs::copy(&file, &newer).unwrap();
        let row = "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, '9999_later', '')";
        rusqlite::Connection::open(&newer).unwrap().execute_batch(row).unwrap();
        assert!(refuse("newer.db").await.contains("newer than this program"));

        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8192].fill(0x5a);
        std::fs::write(beside(database, "damaged.db"), bytes).unwrap();
        assert!(refuse("damaged.db").await.contains("is damaged"));

        assert!(refuse("absent.db").await.starts_with("there is no file "));
        assert!(exists(&store, "o99").await);
    });
}

#[test]
fn for_postgres_it_says_how() {
    on_empty_postgres(async |database| {
        let file = Path::new("copy.dump");
        assert!(reason(back_up(database, file)).contains("pg_dump"));
        assert!(reason(restore(&database.url, file, Existing::Keep).await).contains("pg_restore"));
    });
}

#[test]
fn the_logs_of_the_server_and_of_each_root_say_that_the_database_was_restored() {
    on_each_engine(async |store| {
        let roots: Vec<Organization> = (0..300).map(|at| organization(&format!("root{at:03}/"))).collect();
        plant(&store, &roots).await;
        plant(&store, &[organization("root007/below/")]).await;
        let mut written = 0;
        note_restore(&store, &sources(), &mut |progress| written = progress.done).await.unwrap();
        assert_eq!(written, 301);
        let mut read = admin::read(&store).await.unwrap();
        let logs: Vec<_> = std::iter::once(None).chain(roots.into_iter().map(|root| Some(root.id))).collect();
        assert_eq!(audit_log::logs(&mut read).await.unwrap(), logs);
        for log in [Log::Server, Log::Organization(&id("root299"))] {
            assert_eq!(restores(&mut read, log).await, 1);
        }
    });
}
