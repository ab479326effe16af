//! What a transaction sees of others, and how long it may take.

use std::time::Duration;

use super::engines::{Database, on_each_engine, on_empty_postgres, on_empty_sqlite};
use super::fixtures::{create, number, organization, plant, statement};
use crate::engine::{Session, sqlite};
use crate::{Arm, Error, Read, ReadSession, Store, admin};

const COUNT: &str = "SELECT COUNT(*) FROM organizations";

#[test]
fn a_read_sees_one_state_while_others_write() {
    on_each_engine(async |store| {
        plant(&store, &[organization("a/")]).await;
        let mut read = store.read().await.unwrap().0;
        assert!(read.reserve());
        assert_eq!(number(&mut read, COUNT).await, Ok(1));
        create(&store, "b/").await.unwrap();
        assert_eq!(number(&mut read, COUNT).await, Ok(1));
        read.expect_long();
        assert_eq!(number(&mut read, COUNT).await, Ok(1), "on another thread too");
        drop(read);
        assert_eq!(number(&mut admin::read(&store).await.unwrap(), COUNT).await, Ok(2));
    });
}

#[test]
fn a_reader_never_sees_half_of_a_write() {
    on_each_engine(async |store| {
        let writer = store.clone();
        let writes = tokio::spawn(async move {
            for n in 0..100 {
                create(&writer, &format!("o{n}/")).await.unwrap();
            }
        });
        while !writes.is_finished() {
            let mut read = admin::read(&store).await.unwrap();
            let organizations = number(&mut read, COUNT).await.unwrap();
            tokio::task::yield_now().await;
            assert_eq!(number(&mut read, "SELECT COUNT(*) FROM audit_entries").await, Ok(organizations));
        }
        writes.await.unwrap();
    });
}

/// A read on SQLite whose statements are interrupted almost at once.
async fn hurried(database: &Database) -> (Store, Read) {
    let store = database.open().await;
    let pool = sqlite::ReadPool::new(&database.path(), Duration::from_millis(10));
    let session = ReadSession::Sqlite(pool.read().unwrap());
    let mut read = admin::read(&store).await.unwrap();
    assert!(read.reserve());
    read.session = session;
    (store, read)
}

#[test]
fn a_statement_of_a_read_past_its_deadline_is_interrupted_on_sqlite() {
    const FOREVER: &str = "WITH RECURSIVE t (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT COUNT(*) FROM t";
    on_empty_sqlite(async |database| {
        let (store, mut read) = hurried(database).await;
        assert_eq!(number(&mut read, FOREVER).await, Err(Error::Deadline));
        assert_eq!(number(&mut read, COUNT).await, Ok(0), "the next statement has a deadline of its own");
        read.expect_long();
        assert_eq!(number(&mut read, FOREVER).await, Err(Error::Deadline));
        create(&store, "a/").await.unwrap();
    });
}

#[test]
fn a_statement_past_its_deadline_is_interrupted_on_postgres() {
    on_empty_postgres(async |database| {
        let store = database.open().await;
        let hurry = statement("SELECT set_config('statement_timeout', '20', true)");
        let sleep = statement("SELECT pg_sleep(10)");
        let mut read = admin::read(&store).await.unwrap();
        let limit = read.row(&statement("SELECT current_setting('statement_timeout')"), &[], |row| row.text(0)).await;
        assert_eq!(limit, Ok(Some("5s".into())));
        read.rows(&hurry, &[], |_| Ok(())).await.unwrap();
        assert_eq!(read.rows(&sleep, &[], |_| Ok(())).await, Err(Error::Deadline));
        let mut write = admin::write(&store).await.unwrap();
        write.rows(&hurry, &[], |_| Ok(())).await.unwrap();
        assert_eq!(write.rows(&sleep, &[], |_| Ok(())).await, Err(Error::Expired), "a change is late, never too expensive");
        assert_eq!(write.commit().await, Err(Error::Expired));
    });
}

#[test]
fn a_long_read_that_nobody_waits_for_leaves_the_others_alone() {
    on_each_engine(async |store| {
        let mut read = admin::read_long(&store).await.unwrap();
        let many =
            statement("WITH RECURSIVE t (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 200000) SELECT COUNT(*) FROM t");
        let left = tokio::time::timeout(Duration::from_millis(1), read.rows(&many, &[], |row| row.int(0))).await;
        if left.is_err() {
            drop(read);
        }
        create(&store, "a/").await.unwrap();
        assert_eq!(number(&mut admin::read(&store).await.unwrap(), COUNT).await, Ok(1));
    });
}

#[test]
fn no_statement_begins_for_who_has_left() {
    on_each_engine(async |store| {
        let place = store.place().await.unwrap();
        let watched = place.watched();
        let mut opening = store.read().await.unwrap();
        opening.hold(place);
        let mut read = opening.0;
        assert_eq!(number(&mut read, COUNT).await, Ok(0));
        drop(watched);
        assert!(matches!(number(&mut read, COUNT).await, Err(Error::Unavailable(_))));
    });
}

#[test]
fn a_long_read_that_waits_for_its_turn_has_no_connection_and_holds_up_no_short_one() {
    on_each_engine(async |store| {
        let mut under_way = Vec::new();
        while store.try_place().is_some() {
            under_way.push(admin::read_long(&store).await.unwrap());
        }
        let waiting: Vec<_> = (0..100)
            .map(|_| {
                tokio::spawn({
                    let store = store.clone();
                    async move { number(&mut admin::read_long(&store).await.unwrap(), COUNT).await }
                })
            })
            .collect();
        while store.long_reads_waiting() < waiting.len() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for read in &mut under_way {
            assert_eq!(number(read, COUNT).await, Ok(0));
        }
        assert_eq!(number(&mut admin::read(&store).await.unwrap(), COUNT).await, Ok(0));
        assert!(waiting.iter().all(|read| !read.is_finished()));
        if let (Arm::Sqlite { reads, .. }, Ok(files)) = (&*store.arm, std::fs::read_dir("/proc/self/fd")) {
            let files = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
            let open = files.filter(|file| file == reads.path()).count();
            assert!(open < waiting.len() / 2, "{open} connections");
        }
        drop(under_way);
        for read in waiting {
            assert_eq!(read.await.unwrap(), Ok(0));
        }
    });
}
