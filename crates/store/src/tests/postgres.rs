//! What PostgreSQL's connections and transactions promise.

use std::time::Duration;

use umbel_domain::audit::Retention;
use umbel_domain::authorization::{Bounds, RootCreation};
use umbel_domain::{Action, Principal, Role, Target, authorize};

use super::engines::on_empty_postgres;
use super::fixtures::{
    NOW, SALT, change, counts, exists, id, member, number, organization, plant, record, statement, user, user_id,
};
use crate::authorization::Memberships;
use crate::engine::Session;
use crate::{Error, Result, Store, Write, admin, audit_log, audit_retention, audit_trees, members, organizations, users};

/// Times that a request is run again before it gives up.
const TRIES_MAX: u32 = 50;

fn on_postgres(test: impl AsyncFn(Store)) {
    on_empty_postgres(async |database| test(database.open().await).await);
}

async fn backend(session: &mut impl Session) -> i64 {
    number(session, "SELECT CAST(pg_backend_pid() AS BIGINT)").await.unwrap()
}

/// Asserts that the next write is in a transaction of its own, and says which connection it got.
async fn next_write(store: &Store) -> i64 {
    let mut write = admin::write(store).await.unwrap();
    let isolation = write.row(&statement("SELECT current_setting('transaction_isolation')"), &[], |row| row.text(0)).await;
    assert_eq!(isolation, Ok(Some("serializable".into())));
    let backend = backend(&mut write).await;
    assert_eq!(number(&mut write, "SELECT COUNT(*) FROM organizations").await, Ok(0));
    organizations::insert(&mut write, &organization("next/")).await.unwrap();
    write.commit().await.unwrap();
    assert!(exists(store, "next").await && !exists(store, "dropped").await);
    backend
}

#[test]
fn a_write_dropped_in_mid_transaction_leaves_its_connection_clean() {
    on_postgres(async |store| {
        let mut write = admin::write(&store).await.unwrap();
        organizations::insert(&mut write, &organization("dropped/")).await.unwrap();
        let last = backend(&mut write).await;
        drop(write);
        assert_eq!(next_write(&store).await, last, "the same connection");
    });
}

#[test]
fn a_write_cancelled_in_mid_statement_takes_its_connection_with_it() {
    on_postgres(async |store| {
        let mut write = admin::write(&store).await.unwrap();
        organizations::insert(&mut write, &organization("dropped/")).await.unwrap();
        let last = backend(&mut write).await;
        let sleep = statement("SELECT pg_sleep(2)");
        let cancelled = tokio::time::timeout(Duration::from_millis(50), write.rows(&sleep, &[], |_| Ok(()))).await;
        assert!(cancelled.is_err());
        drop(write);
        assert_ne!(next_write(&store).await, last, "nobody waits for the answer to another's statement");
    });
}

#[test]
fn a_write_whose_statement_was_cancelled_is_over() {
    on_postgres(async |store| {
        let mut write = admin::write(&store).await.unwrap();
        organizations::insert(&mut write, &organization("dropped/")).await.unwrap();
        // It will fail when nobody listens any more.
        let fails = statement("SELECT 1 / (CAST(extract(epoch FROM clock_timestamp()) AS BIGINT) * 0) FROM pg_sleep(2)");
        let cancelled = tokio::time::timeout(Duration::from_millis(50), write.rows(&fails, &[], |_| Ok(()))).await;
        assert!(cancelled.is_err());
        assert_eq!(number(&mut write, "SELECT CAST(1 AS BIGINT)").await, Err(Error::Expired));
        assert_eq!(write.commit().await, Err(Error::Expired));
        assert!(!exists(&store, "dropped").await);
    });
}

#[test]
fn a_read_dropped_in_mid_statement_takes_its_connection_with_it() {
    on_postgres(async |store| {
        let mut read = admin::read(&store).await.unwrap();
        let last = backend(&mut read).await;
        let sleep = statement("SELECT pg_sleep(2)");
        assert!(tokio::time::timeout(Duration::from_millis(50), read.rows(&sleep, &[], |_| Ok(()))).await.is_err());
        drop(read);
        plant(&store, &[organization("acme/")]).await;
        let mut read = admin::read(&store).await.unwrap();
        assert_ne!(backend(&mut read).await, last, "nobody waits for the answer to another's statement");
        assert_eq!(number(&mut read, "SELECT COUNT(*) FROM organizations").await, Ok(1));
        let isolation = read.row(&statement("SELECT current_setting('transaction_isolation')"), &[], |row| row.text(0)).await;
        assert_eq!(isolation, Ok(Some("repeatable read".into())));
    });
}

#[test]
fn of_two_writes_that_decide_on_the_same_rows_one_runs_again() {
    on_postgres(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let decide = async |write: &mut Write, at: &str| {
            let children = organizations::count_children(write, &id("acme"), 10).await?;
            if children == 0 { organizations::insert(write, &organization(at)).await } else { Ok(()) }
        };
        let mut first = admin::write(&store).await.unwrap();
        let mut second = admin::write(&store).await.unwrap();
        let (one, two) = (decide(&mut first, "acme/a/").await, decide(&mut second, "acme/b/").await);
        let one = if one.is_ok() { first.commit().await } else { one };
        let two = if two.is_ok() { second.commit().await } else { two };
        assert_eq!((one, two), (Ok(()), Err(Error::Conflict)));
        assert_eq!(change(&store, async |write| decide(write, "acme/b/").await).await, Ok(()));
        assert!(exists(&store, "a").await && !exists(&store, "b").await);
    });
}

#[test]
fn an_id_that_another_transaction_took_is_a_conflict() {
    on_postgres(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let again = change(&store, async |write| organizations::insert(write, &organization("acme/")).await).await;
        assert_eq!(again, Err(Error::Conflict));
    });
}

/// Creates a child as a request does: who is it, where, what is there, may it, then the rows.
async fn create_as_ann(store: &Store, parent: &str, child: &str) -> Result<()> {
    let mut opening = store.write().await?;
    let operator = opening.operator(&user_id("ann")).await?.unwrap();
    let memberships = opening.memberships(&user_id("ann"), Memberships::All).await?;
    let lineage = opening.lineage(&id(parent)).await?.unwrap();
    let principal = Principal { operator, memberships, bounds: Bounds::UNBOUNDED, root_creation: RootCreation::Everyone };
    let grant = authorize(&principal, Action::CreateOrganization, Target::Place(lineage.clone())).unwrap();
    let mut write = opening.admit(&grant);
    assert!(organizations::get(&mut write, &id(parent)).await?.is_some());
    let created = organization(&format!("{}{child}/", lineage.as_str()));
    organizations::insert(&mut write, &created).await?;
    audit_log::append(&mut write, &record(&created), &SALT, None).await?;
    write.commit().await
}

#[test]
fn sixty_four_creators_on_an_empty_database_all_succeed() {
    on_postgres(async |store| {
        let found = async |write: &mut Write| {
            users::insert(write, &user("ann"), None).await?;
            organizations::insert(write, &organization("acme/")).await?;
            members::insert(write, &member("acme", "ann", Role::Administrator)).await
        };
        change(&store, found).await.unwrap();
        let creator = |n: u32| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tries = 1;
                while let Err(error) = create_as_ann(&store, "acme", &format!("child{n}")).await {
                    assert_eq!(error, Error::Conflict);
                    assert!(tries < TRIES_MAX, "creator {n} gives up");
                    // Spread over a window that grows, as if by chance.
                    let chance = u64::from((n * 64 + tries).wrapping_mul(2_654_435_769) >> 16);
                    tokio::time::sleep(Duration::from_millis(chance % (10 << tries.min(5)))).await;
                    tries += 1;
                }
                tries - 1
            })
        };
        let mut again = Vec::new();
        for creator in (0..64).map(creator).collect::<Vec<_>>() {
            again.push(creator.await.unwrap());
        }
        println!("64 creators ran again {} times, one of them {} times", again.iter().sum::<u32>(), again.iter().max().unwrap());
        assert_eq!(counts(&store).await, (65, 64));
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(organizations::count_children(&mut read, &id("acme"), 100).await, Ok(64));
    });
}

#[test]
fn a_hold_that_is_set_while_entries_are_deleted_is_not_lost() {
    on_postgres(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let kept = |hold| Retention { days: Some(7), hold };
        let fill = async |write: &mut Write| {
            audit_log::append(write, &record(&organization("acme/")), &SALT, None).await?;
            audit_retention::set(write, Some(&id("acme")), kept(false)).await?;
            let growth = audit_trees::pending(write, -1, 10).await?.remove(0);
            audit_trees::append(write, &growth, 0, &[]).await
        };
        change(&store, fill).await.unwrap();
        let later = NOW.plus_seconds(10 * 24 * 60 * 60);
        let due = audit_retention::due(&mut admin::read(&store).await.unwrap(), later, -1, 10).await.unwrap().remove(0);
        let mut deletes = admin::write(&store).await.unwrap();
        assert_eq!(audit_retention::get(&mut deletes, Some(&id("acme"))).await, Ok(kept(false)));
        change(&store, async |write| audit_retention::set(write, Some(&id("acme")), kept(true)).await).await.unwrap();
        let deleted = audit_retention::delete(&mut deletes, &due, later, 10).await;
        let committed = if deleted.is_ok() { deletes.commit().await } else { Err(Error::Conflict) };
        assert_eq!(committed, Err(Error::Conflict), "{deleted:?}");
        let held = change(&store, async |write| {
            assert_eq!(audit_retention::delete(write, &due, later, 10).await, Ok(None));
            Ok(())
        });
        held.await.unwrap();
        let leaves = audit_trees::leaves(&mut admin::read(&store).await.unwrap(), Some(&id("acme")), 0, 10).await.unwrap();
        assert_eq!(leaves.len(), 1);
    });
}
