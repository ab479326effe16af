//! Group commit on SQLite: what the writer promises to those who share its commits.

use std::future::poll_fn;
use std::ops::DerefMut;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;

use super::engines::{Database, on_empty_sqlite};
use super::fixtures::{change, counts, create, exists, id, number, organization, statement};
use crate::engine::{Change, Session};
use crate::{Error, Outcome, Result, Settled, Store, Write, admin, organizations};

/// Writes that wait at most.
const QUEUE_MAX: usize = 1024;

fn on_sqlite(test: impl AsyncFn(&Database, Store)) {
    on_empty_sqlite(async |database| test(database, database.open().await).await);
}

/// Starts a future, or goes on with it, and says whether it waits for something.
pub(super) async fn waits<F: Future>(future: &mut Pin<impl DerefMut<Target = F>>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

/// A write that has stored an organization and has not been committed.
async fn begun(store: &Store, at: &str) -> Write {
    let mut write = admin::write(store).await.unwrap();
    organizations::insert(&mut write, &organization(at)).await.unwrap();
    write
}

#[test]
fn only_what_was_acknowledged_stays_whoever_leaves_or_panics_in_between() {
    on_sqlite(async |database, store| {
        let one = |n: u32| {
            let (store, path) = (store.clone(), database.path());
            tokio::spawn(async move {
                match n % 3 {
                    0 => {
                        let leaves = async {
                            let write = begun(&store, &format!("left{n}/")).await;
                            std::future::pending::<()>().await;
                            drop(write);
                        };
                        _ = tokio::time::timeout(Duration::from_millis(u64::from(n % 4)), leaves).await;
                    }
                    1 => {
                        let _write = begun(&store, &format!("panicked{n}/")).await;
                        tokio::task::yield_now().await;
                        // Without the message of a panic, six hundred times.
                        std::panic::resume_unwind(Box::new(()));
                    }
                    _ => {
                        create(&store, &format!("stays{n}/")).await.unwrap();
                        // Whoever hears that it is done finds it there.
                        let other = rusqlite::Connection::open(path).unwrap();
                        let known = "SELECT COUNT(*) FROM organizations WHERE id = ?1";
                        assert_eq!(other.query_row(known, [format!("stays{n}")], |row| row.get(0)), Ok(1));
                    }
                }
            })
        };
        let ended = join_all((0..600).map(one)).await;
        let failed = ended.iter().filter(|task| task.is_err()).count();
        assert_eq!(failed, 200, "those who panic on purpose");
        assert_eq!(counts(&store).await, (200, 200));
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(number(&mut read, "SELECT COUNT(*) FROM organizations WHERE id LIKE 'stays%'").await, Ok(200));
    });
}

#[test]
fn who_leaves_after_asking_for_the_commit_does_not_stop_it() {
    on_sqlite(async |_, store| {
        let write = begun(&store, "acme/").await;
        {
            let mut commit = pin!(write.commit());
            assert!(waits(&mut commit).await);
        }
        create(&store, "later/").await.unwrap();
        assert!(exists(&store, "acme").await);
    });
}

#[test]
fn a_failed_statement_ends_its_write_and_undoes_it_alone() {
    on_sqlite(async |_, store| {
        create(&store, "acme/").await.unwrap();
        let mut write = begun(&store, "b/").await;
        assert_eq!(organizations::insert(&mut write, &organization("acme/")).await, Err(Error::Conflict));
        assert_eq!(number(&mut write, "SELECT 1").await, Err(Error::Expired));
        assert_eq!(write.commit().await, Err(Error::Expired));
        assert!(!exists(&store, "b").await);
    });
}

/// Three writes that follow one another, in one batch unless the machine stalls: one stores an organization, one only looks at
/// it, and `third` does something. Says how the first and the second ended, and what the third made.
async fn batch_of_three<T>(store: &Store, third: impl AsyncFnOnce(Write) -> T) -> (Result<()>, (bool, Settled), T) {
    let write = begun(store, "mate/").await;
    let mut looking = pin!(admin::write(store));
    let mut last = pin!(admin::write(store));
    assert!(waits(&mut looking).await && waits(&mut last).await);
    let mut commit = pin!(write.commit());
    assert!(waits(&mut commit).await);
    let saw = {
        let mut write = looking.await.unwrap();
        (organizations::get(&mut write, &id("mate")).await.unwrap().is_some(), write.settled())
    };
    let made = third(last.await.unwrap()).await;
    (commit.await, saw, made)
}

#[test]
fn a_write_past_its_lease_is_rolled_back_and_the_others_go_on() {
    on_sqlite(async |_, store| {
        // It shares a batch with one before it, so that the batch is committed after its lease.
        let (mate, _, stuck) = batch_of_three(&store, async |mut write| {
            organizations::insert(&mut write, &organization("stuck/")).await.unwrap();
            create(&store, "other/").await.unwrap();
            write
        })
        .await;
        let mut stuck = stuck;
        assert_eq!(mate, Ok(()));
        assert_eq!(number(&mut stuck, "SELECT 1").await, Err(Error::Expired));
        assert_eq!(organizations::insert(&mut stuck, &organization("late/")).await, Err(Error::Expired));
        assert_eq!(stuck.commit().await, Err(Error::Expired));
        assert!(!exists(&store, "stuck").await && !exists(&store, "late").await);
        assert!(exists(&store, "mate").await && exists(&store, "other").await);
        create(&store, "next/").await.unwrap();
    });
}

#[test]
fn a_write_that_says_that_it_takes_long_keeps_its_lease_and_frees_the_thread() {
    on_sqlite(async |_, store| {
        let mut long = begun(&store, "long/").await;
        long.expect_long();
        let behind = tokio::spawn({
            let store = store.clone();
            async move { create(&store, "behind/").await }
        });
        tokio::time::sleep(Duration::from_millis(2_300)).await;
        organizations::insert(&mut long, &organization("later/")).await.unwrap();
        assert!(!exists(&store, "behind").await, "reading goes on meanwhile, and writing waits");
        long.commit().await.unwrap();
        behind.await.unwrap().unwrap();
        assert!(exists(&store, "long").await && exists(&store, "later").await && exists(&store, "behind").await);
    });
}

/// Fills the file, which may grow no further, while another write waits; says how both ended.
async fn fill(store: &Store, mut write: Write) -> (Result<()>, Result<()>) {
    number(&mut write, "PRAGMA max_page_count = 1").await.unwrap();
    let mut behind = pin!(admin::write(store));
    assert!(waits(&mut behind).await);
    let filler = statement("INSERT INTO server_state (name, value) VALUES (hex(randomblob(8)), hex(zeroblob(2000)))");
    let mut filled = Ok(0);
    for _ in 0..1_000 {
        if filled.is_ok() {
            filled = write.execute(&filler, &[]).await;
        }
    }
    drop(write);
    let mut behind = behind.await.unwrap();
    number(&mut behind, "PRAGMA max_page_count = 1073741823").await.unwrap();
    organizations::insert(&mut behind, &organization("behind/")).await.unwrap();
    (filled.map(drop), behind.commit().await)
}

#[test]
fn a_full_disk_acknowledges_no_batch_mate_and_all_succeed_when_run_again() {
    on_sqlite(async |_, store| {
        for attempt in 1.. {
            let filled = batch_of_three(&store, async |write| fill(&store, write).await).await;
            let (mate, (saw, settled), (filled, behind)) = filled;
            assert!(matches!(filled, Err(Error::Unavailable(reason)) if reason.contains("full")));
            assert_eq!(behind, Ok(()), "SQLite has ended the transaction; who comes next gets a new one");
            if mate == Err(Error::Conflict) {
                assert!(saw, "it read what its batch mate had stored");
                assert_eq!(settled.wait().await, Outcome::Lost);
                break;
            }
            // A machine that stalls between two writes gives each a batch of its own: then nothing is lost either.
            assert_eq!(mate, Ok(()));
            let clear = async |write: &mut Write| {
                organizations::delete(write, &organization("behind/")).await?;
                organizations::delete(write, &organization("mate/")).await
            };
            change(&store, clear).await.unwrap();
            assert!(attempt < 20, "the writes never shared a batch");
        }
        assert!(exists(&store, "behind").await && !exists(&store, "mate").await);
        assert_eq!(number(&mut admin::read(&store).await.unwrap(), "SELECT COUNT(*) FROM server_state").await, Ok(0));
        create(&store, "mate/").await.unwrap();
        assert!(exists(&store, "mate").await);
        assert!(store.counters().conflicts.load(Ordering::Relaxed) >= 1);
    });
}

#[test]
fn a_refusal_that_rests_on_a_batch_mate_can_wait_until_it_is_durable() {
    on_sqlite(async |database, store| {
        let (mate, (saw, settled), ()) = batch_of_three(&store, async |write| drop(write)).await;
        assert_eq!(mate, Ok(()));
        assert!(saw);
        assert_eq!(settled.wait().await, Outcome::Durable);
        let known = "SELECT COUNT(*) FROM organizations WHERE id = 'mate'";
        assert_eq!(database.sqlite().query_row(known, [], |row| row.get(0)), Ok(1));
    });
}

#[test]
fn a_refusal_in_a_batch_that_changes_nothing_is_settled() {
    on_sqlite(async |_, store| {
        let write = admin::write(&store).await.unwrap();
        let settled = write.settled();
        drop(write);
        assert_eq!(settled.wait().await, Outcome::Durable);
    });
}

#[test]
fn a_full_queue_is_busy_at_once() {
    on_sqlite(async |_, store| {
        let mut holds = admin::write(&store).await.unwrap();
        holds.expect_long();
        let mut waiting: Vec<_> = (0..QUEUE_MAX).map(|_| Box::pin(admin::write(&store))).collect();
        for write in &mut waiting {
            assert!(waits(write).await);
        }
        assert_eq!(store.writes_waiting(), QUEUE_MAX);
        assert_eq!(admin::write(&store).await.map(drop), Err(Error::Busy));
        drop(waiting);
        drop(holds);
        while store.writes_waiting() == QUEUE_MAX {
            tokio::task::yield_now().await;
        }
        create(&store, "acme/").await.unwrap();
    });
}

#[test]
fn another_process_that_holds_the_database_delays_a_write_and_fails_none() {
    on_sqlite(async |database, store| {
        let other = database.sqlite();
        other.execute_batch("BEGIN IMMEDIATE; INSERT INTO server_state (name, value) VALUES ('held', '1')").unwrap();
        let released = Arc::new(AtomicBool::new(false));
        let releases = released.clone();
        let release = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(300));
            releases.store(true, Ordering::SeqCst);
            other.execute_batch("COMMIT").unwrap();
        });
        let at = ["a/", "b/", "c/"];
        for created in join_all(at.map(|at| create(&store, at))).await {
            assert_eq!(created, Ok(()));
        }
        assert!(released.load(Ordering::SeqCst));
        release.await.unwrap();
        assert_eq!(counts(&store).await, (3, 3));
    });
}

#[test]
fn many_writes_share_few_commits() {
    const WRITES: usize = 64;
    on_sqlite(async |_, store| {
        let mut holds = admin::write(&store).await.unwrap();
        holds.expect_long();
        let create_one = |n| {
            let store = store.clone();
            tokio::spawn(async move { create(&store, &format!("o{n}/")).await })
        };
        let tasks: Vec<_> = (0..WRITES).map(create_one).collect();
        while store.writes_waiting() < WRITES {
            tokio::task::yield_now().await;
        }
        drop(holds);
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(()));
        }
        let (commits, writes) = (&store.counters().commits, &store.counters().writes);
        assert_eq!(writes.load(Ordering::Relaxed), WRITES as u64);
        assert!(commits.load(Ordering::Relaxed) < WRITES as u64 / 2, "{commits:?} commits");
    });
}

#[test]
fn rows_are_read_in_the_write_that_stored_them() {
    on_sqlite(async |_, store| {
        let mut write = begun(&store, "acme/").await;
        let names = write.rows(&statement("SELECT name FROM organizations"), &[], |row| row.text(0)).await;
        assert_eq!(names, Ok(vec!["acme".to_owned()]));
    });
}
