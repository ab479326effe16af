//! Bringing a schema up to date.

use std::fmt::Write as _;
use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::task::Poll;

use rusqlite::Connection;

use super::engines::{Database, on_each_empty_database, on_empty_postgres, on_empty_sqlite};
use crate::migrations::{MIGRATIONS, for_engine, migrate_postgres, migrate_sqlite};
use crate::{Access, Error, Store};

const SCHEMA: &str = include_str!("../../schema.sql");

/// What every query of a description answers, one row a line.
const ON_SQLITE: &[&str] = &[
    "SELECT 'table', name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name",
    "SELECT 'column', m.name, c.cid, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk FROM sqlite_master m \
     JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid",
    "SELECT 'index', i.tbl_name, i.name, l.\"unique\", c.seqno, c.name, c.\"desc\", c.coll, i.sql FROM sqlite_master i \
     JOIN pragma_index_list(i.tbl_name) l ON l.name = i.name JOIN pragma_index_xinfo(i.name) c \
     WHERE i.type = 'index' ORDER BY i.name, c.seqno",
];
const ON_POSTGRES: &[&str] = &[
    "SELECT concat_ws(' ', 'column', table_name, ordinal_position, column_name, data_type, is_nullable, collation_name, \
     column_default) FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
    "SELECT concat_ws(' ', 'index', tablename, indexdef) FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    "SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint \
     WHERE connamespace = 'public'::regnamespace ORDER BY conname",
];

fn describe_sqlite(connection: &Connection) -> String {
    let mut description = String::new();
    for query in ON_SQLITE {
        let mut statement = connection.prepare(query).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for at in 0..width {
                write!(description, "{:?} ", row.get_ref(at).unwrap()).unwrap();
            }
            description.push('\n');
        }
    }
    description
}

async fn describe_postgres(client: &tokio_postgres::Client) -> String {
    let mut description = String::new();
    for query in ON_POSTGRES {
        for row in client.query(*query, &[]).await.unwrap() {
            writeln!(description, "{}", row.get::<_, String>(0)).unwrap();
        }
    }
    description
}

/// Everything about the tables of a database, and which migrations it has seen.
async fn describe(database: &Database) -> (String, Vec<(i64, String)>) {
    let applied = "SELECT version, checksum FROM schema_migrations ORDER BY version";
    if database.is_sqlite() {
        let connection = database.sqlite();
        let mut statement = connection.prepare(applied).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        (describe_sqlite(&connection), rows.map(Result::unwrap).collect())
    } else {
        let client = database.postgres().await;
        let rows = client.query(applied, &[]).await.unwrap();
        (describe_postgres(&client).await, rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}

pub(super) async fn tell(database: &Database, statement: &str) {
    if database.is_sqlite() {
        database.sqlite().execute_batch(statement).unwrap();
    } else {
        database.postgres().await.batch_execute(statement).await.unwrap();
    }
}

/// Empties the database and describes what one undisturbed migration makes of it.
async fn made_at_once(database: &Database) -> String {
    if database.is_sqlite() {
        let connection = database.sqlite();
        let mut tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
        let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for name in names {
            tell(database, &format!("DROP TABLE {name}")).await;
        }
    } else {
        tell(database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
    }
    drop(database.open().await);
    describe(database).await.0
}

/// The schema that the migrations leave in SQLite, as it was written: SQLite keeps the text of each statement.
fn written(connection: &Connection) -> String {
    let mut text = String::from("-- The schema that the migrations make together, for people to read; written by `make fix`.\n");
    let tables = "SELECT t.name, t.sql FROM sqlite_master t WHERE t.type = 'table' ORDER BY t.name";
    let indexes = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?1 ORDER BY name";
    let mut tables = connection.prepare(tables).unwrap();
    let mut indexes = connection.prepare(indexes).unwrap();
    let mut rows = tables.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (name, sql): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let sql = sql.replace(") WITHOUT ROWID", ") /*sqlite: WITHOUT ROWID */");
        let sql = sql.replace("/*postgres: BYTEA */BLOB", "/*postgres: BYTEA *//*sqlite: BLOB */");
        write!(text, "\n{sql};\n").unwrap();
        for index in indexes.query_map([name], |row| row.get::<_, String>(0)).unwrap() {
            writeln!(text, "{};", index.unwrap()).unwrap();
        }
    }
    text
}

#[test]
fn the_committed_schema_is_what_the_migrations_make() {
    on_empty_sqlite(async |database| {
        database.open().await;
        let made = written(&database.sqlite());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.sql"), &made).unwrap();
        } else {
            assert_eq!(SCHEMA, made, "run `make fix`");
        }
    });
    on_each_empty_database(async |database| {
        let engine = if database.is_sqlite() { "sqlite" } else { "postgres" };
        tell(database, &for_engine(SCHEMA, engine)).await;
        let (committed, _) = describe(database).await;
        assert_eq!(made_at_once(database).await, committed);
    });
}

#[test]
fn every_text_is_compared_by_its_bytes() {
    on_empty_postgres(async |database| {
        database.open().await;
        let columns = "SELECT table_name || '.' || column_name FROM information_schema.columns \
             WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' \
             AND table_name <> 'schema_migrations'";
        let odd = database.postgres().await.query(columns, &[]).await.unwrap();
        assert_eq!(odd.iter().map(|row| row.get(0)).collect::<Vec<String>>(), Vec::<String>::new());
    });
}

#[test]
fn opening_again_changes_nothing() {
    on_each_empty_database(async |database| {
        drop(database.open().await);
        let once = describe(database).await;
        assert!(!once.1.is_empty());
        drop(database.open().await);
        assert_eq!(describe(database).await, once);
    });
}

#[test]
fn of_eight_who_open_an_empty_database_at_once_one_migrates() {
    on_each_empty_database(async |database| {
        let open = |_| {
            let url = database.url.clone();
            tokio::spawn(async move { Store::open(&url, Access::Shared).await.map(drop) })
        };
        for opened in futures_util::future::join_all((0..8).map(open)).await {
            assert_eq!(opened.unwrap(), Ok(()));
        }
        let (made, applied) = describe(database).await;
        assert_eq!(applied.iter().filter(|(version, _)| *version == 1).count(), 1);
        database.open().await;
        assert_eq!(describe(database).await, (made, applied));
    });
}

#[test]
fn a_server_waits_for_who_migrates_and_refuses_to_run_beside_another_server() {
    on_empty_sqlite(async |database| {
        let migrating = crate::database::lock(&database.path()).unwrap();
        let url = database.url.clone();
        let server = tokio::spawn(async move { Store::open(&url, Access::Exclusive).await });
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        drop(migrating);
        let server = server.await.unwrap().unwrap();
        let second = Store::open(&database.url, Access::Exclusive).await;
        assert!(matches!(second, Err(Error::Unusable(reason)) if reason.contains("stop it first")));
        assert!(Store::open(&database.url, Access::Shared).await.is_ok());
        drop(server);
        assert!(Store::open(&database.url, Access::Exclusive).await.is_ok());
    });
}

/// How many tables the first so many migrations leave.
fn tables_of(applied: i64) -> i64 {
    let applied: String = MIGRATIONS.iter().zip(0..applied).map(|(migration, _)| migration.text).collect();
    let count = |statement| i64::try_from(applied.matches(statement).count()).unwrap();
    count("CREATE TABLE") - count("DROP TABLE")
}

#[test]
fn a_migration_on_sqlite_that_stops_anywhere_leaves_nothing_and_is_made_up_for() {
    const STEPS: i32 = 20;
    on_empty_sqlite(async |database| {
        let mut stopped = 0;
        for after in 1.. {
            let mut connection = database.sqlite();
            let mut rounds = 0;
            let stop = move || {
                rounds += 1;
                rounds >= after
            };
            connection.progress_handler(STEPS, Some(stop)).unwrap();
            let result = migrate_sqlite(&mut connection);
            drop(connection);
            let connection = database.sqlite();
            let count = |statement| connection.query_row(statement, [], |row| row.get::<_, i64>(0));
            let tables = count("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name <> 'schema_migrations'");
            // Where the table of migrations is not there yet, none was applied.
            let applied = count("SELECT COUNT(*) FROM schema_migrations").unwrap_or(0);
            assert_eq!(tables, Ok(tables_of(applied)), "after {after} rounds");
            if result.is_ok() {
                assert!(applied > 1);
                break;
            }
            stopped += 1;
        }
        assert!(stopped > 3, "{stopped}");
        database.open().await;
        let (made, _) = describe(database).await;
        assert_eq!(made_at_once(database).await, made);
    });
}

#[test]
fn a_migration_on_postgres_that_stops_anywhere_leaves_nothing_and_is_made_up_for() {
    on_empty_postgres(async |database| {
        for polls in 1.. {
            let (mut client, connection) = database.postgres_and_connection().await;
            let done = {
                let mut migration = pin!(migrate_postgres(&mut client));
                let mut left = polls;
                let some_polls = poll_fn(|context| {
                    left -= 1;
                    let poll = migration.as_mut().poll(context);
                    if poll.is_ready() || left == 0 { Poll::Ready(poll.is_ready()) } else { Poll::Pending }
                });
                let done = some_polls.await;
                // As when the process is killed: nothing more is sent, not even a rollback.
                connection.abort();
                _ = connection.await;
                done
            };
            let tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'";
            let tables: i64 = database.postgres().await.query_one(tables, &[]).await.unwrap().get(0);
            if done {
                assert!(tables > 0 && polls > 3, "{tables} tables after {polls} polls");
                break;
            }
        }
        database.open().await;
        let (made, _) = describe(database).await;
        assert_eq!(made_at_once(database).await, made);
    });
}

#[test]
fn a_newer_schema_is_refused() {
    on_each_empty_database(async |database| {
        database.open().await;
        tell(database, "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, '9999_later', '')").await;
        let refused = Store::open(&database.url, Access::Shared).await;
        assert!(matches!(refused, Err(Error::Unusable(reason)) if reason.contains("9999") && reason.contains("newer")));
    });
}

#[test]
fn a_changed_migration_is_refused() {
    on_each_empty_database(async |database| {
        database.open().await;
        tell(database, "UPDATE schema_migrations SET checksum = '0000' WHERE version = 1").await;
        let refused = Store::open(&database.url, Access::Exclusive).await;
        assert!(matches!(refused, Err(Error::Unusable(reason)) if reason.contains("0001_organizations")));
    });
}
