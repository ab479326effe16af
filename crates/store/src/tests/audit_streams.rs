//! Streams of the audit log: what is theirs, in order, wherever their organization goes.

use umbel_domain::audit::{Destination, DestinationText, Record, Stream};
use umbel_domain::{AuditEntryId, AuditStreamId, Day, Name};

use super::engines::on_each_engine;
use super::fixtures::{NOW, SALT, change, id, lineage, organization, plant, record, statement};
use crate::audit_streams::{self, Delivered, Failed, Kept};
use crate::engine::Change as _;
use crate::{Error, Store, admin, audit_log, audit_trees, organizations};

const LATER: umbel_domain::Timestamp = NOW.plus_seconds(60);

fn stream(organization: &str, include_descendants: bool) -> Stream {
    Stream {
        id: AuditStreamId::parse(&format!("s-{organization}-{include_descendants}")).unwrap(),
        organization_id: id(organization),
        name: Name::parse("siem", 100).unwrap(),
        destination: Destination::parse(&DestinationText { url: "https://example.com/", ..DestinationText::default() }).unwrap(),
        include_descendants,
        enabled: true,
        secret_number: 0,
        secret_time: NOW,
        create_time: NOW,
        update_time: NOW,
        version: 1,
    }
}

fn failed(goes_on: bool) -> Failed<'static> {
    Failed { error: "no", next: 1, next_attempt_at: LATER, goes_on }
}

async fn insert(store: &Store, stream: &Stream, place: &str) {
    change(store, async |write| audit_streams::insert(write, stream, &lineage(place)).await).await.unwrap();
}

/// Writes an entry with this id into a log.
async fn write_down(store: &Store, log: &str, entry: &str) {
    let entry = AuditEntryId::parse(entry).unwrap();
    let record = Record { log: Some(id(log)), id: entry, ..record(&organization("acme/")) };
    change(store, async |write| audit_log::append(write, &record, &SALT, None).await).await.unwrap();
}

/// Makes everything that waits leaves, without hashes.
async fn grow(store: &Store) {
    let waiting = audit_trees::pending(&mut admin::read(store).await.unwrap(), -1, 100).await.unwrap();
    for growth in waiting {
        let size = audit_trees::size(&mut admin::read(store).await.unwrap(), growth.root.as_ref()).await.unwrap();
        change(store, async |write| audit_trees::append(write, &growth, size, &[]).await).await.unwrap();
    }
}

async fn kept(store: &Store, stream: &Stream) -> Kept {
    let mut read = admin::read(store).await.unwrap();
    audit_streams::get(&mut read, &stream.organization_id, &stream.id).await.unwrap().unwrap()
}

/// Delivers to the end, `limit` entries at a time, and names the entries in order.
async fn delivered(store: &Store, stream: &Stream, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let due = audit_streams::due(&mut admin::read(store).await.unwrap(), "me", LATER, 100).await.unwrap();
        let Some(kept) = due.into_iter().find(|kept| kept.stream.id == stream.id) else { return ids };
        let mut read = admin::read(store).await.unwrap();
        let batch = audit_streams::batch(&mut read, &kept, limit, usize::MAX).await.unwrap();
        drop(read);
        ids.extend(batch.records.iter().map(|record| record.id.to_string()));
        let delivered = Delivered { next: batch.next, entries: batch.records.len(), at: NOW, next_attempt_at: NOW };
        let note = async |write: &mut crate::Write| {
            assert!(audit_streams::hold(write, &kept, "me", LATER, NOW).await?);
            if kept.behind == 0 {
                return audit_streams::go_on(write, &kept, "me").await;
            }
            assert!(audit_streams::advance(write, &kept, "me", delivered).await?);
            Ok(())
        };
        change(store, note).await.unwrap();
        if self::kept(store, stream).await.place == kept.place {
            return ids;
        }
    }
}

#[test]
fn a_stream_sends_its_own_log_or_those_below_too_and_of_what_is_gone_as_well() {
    on_each_engine(async |store| {
        plant(&store, &["acme/", "acme/eu/", "acme/eu/shop/", "acme/us/"].map(organization)).await;
        let streams = [("acme", false), ("acme", true), ("eu", false), ("eu", true)];
        let streams = streams.map(|(organization, below)| stream(organization, below));
        write_down(&store, "acme", "before").await;
        grow(&store).await;
        for (stream, place) in streams.iter().zip(["acme/", "acme/", "acme/eu/", "acme/eu/"]) {
            insert(&store, stream, place).await;
        }
        for (number, log) in ["acme", "eu", "shop", "us", "eu"].into_iter().enumerate() {
            write_down(&store, log, &format!("{number}-{log}")).await;
        }
        let shop = organizations::get(&mut admin::read(&store).await.unwrap(), &id("shop")).await.unwrap().unwrap();
        change(&store, async |write| organizations::delete(write, &shop).await).await.unwrap();
        grow(&store).await;
        let expected: [&[&str]; 4] =
            [&["0-acme"], &["0-acme", "1-eu", "2-shop", "3-us", "4-eu"], &["1-eu", "4-eu"], &["1-eu", "2-shop", "4-eu"]];
        for (stream, expected) in streams.iter().zip(expected) {
            assert_eq!(delivered(&store, stream, 2).await, expected, "{stream:?}");
            let kept = kept(&store, stream).await;
            assert_eq!((kept.behind, kept.progress.delivered), (0, expected.len() as u64));
        }
        let replay = async |write: &mut crate::Write| {
            for (stream, since) in [(&streams[0], NOW), (&streams[1], LATER)] {
                let from = audit_streams::first_since(write, &lineage("acme/"), since).await?;
                audit_streams::replay(write, stream, &lineage("acme/"), from, NOW).await?;
            }
            Ok(())
        };
        change(&store, replay).await.unwrap();
        assert_eq!(delivered(&store, &streams[0], 2).await, ["before", "0-acme"]);
        assert_eq!(kept(&store, &streams[1]).await.behind, 0, "nothing is as new as that");
    });
}

#[test]
fn a_stream_follows_its_organization_into_another_tree_and_back_and_misses_nothing() {
    on_each_engine(async |store| {
        plant(&store, &["acme/", "acme/eu/", "globex/"].map(organization)).await;
        let stream = stream("eu", false);
        insert(&store, &stream, "acme/eu/").await;
        let relocate = async |to: &str| {
            let eu = organizations::get(&mut admin::read(&store).await.unwrap(), &id("eu")).await.unwrap().unwrap();
            change(&store, async |write| organizations::relocate(write, &eu, &lineage(to), Day::of(NOW)).await).await.unwrap();
        };
        write_down(&store, "globex", "other").await;
        for (entry, to) in [("1", "globex/eu/"), ("2", "eu/"), ("3", "acme/eu/"), ("4", "acme/eu/")] {
            write_down(&store, "eu", entry).await;
            write_down(&store, "acme", &format!("{entry}-acme")).await;
            relocate(to).await;
        }
        assert_eq!(delivered(&store, &stream, 10).await.len(), 0, "nothing is a leaf yet, and the stream waits for it");
        grow(&store).await;
        let mut sent = delivered(&store, &stream, 10).await;
        // What was written in a tree is sent in order. An organization that came back before its stream was through may find there
        // what it wrote later, and what was not yet a leaf at its return is sent again.
        sent.sort_unstable();
        sent.dedup();
        assert_eq!(sent, ["1", "2", "3", "4"]);
        let end = kept(&store, &stream).await;
        write_down(&store, "eu", "5").await;
        grow(&store).await;
        assert_eq!(delivered(&store, &stream, 10).await, ["5"]);
        assert_eq!(end.behind, 0);
    });
}

#[test]
fn a_stream_goes_on_behind_what_retention_took_away() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let stream = stream("acme", false);
        insert(&store, &stream, "acme/").await;
        write_down(&store, "acme", "old").await;
        grow(&store).await;
        let remove = statement("DELETE FROM audit_leaves");
        change(&store, async |write| write.execute(&remove, &[]).await.map(drop)).await.unwrap();
        assert_eq!(delivered(&store, &stream, 10).await.len(), 0);
        assert_eq!(kept(&store, &stream).await.behind, 0);
        write_down(&store, "acme", "new").await;
        grow(&store).await;
        assert_eq!(delivered(&store, &stream, 10).await, ["new"]);
    });
}

#[test]
fn one_server_holds_a_stream_and_what_came_of_it_counts_once() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let stream = stream("acme", false);
        insert(&store, &stream, "acme/").await;
        write_down(&store, "acme", "1").await;
        grow(&store).await;
        let before = kept(&store, &stream).await;
        let held = async |holder: &str, now| {
            let mut held = false;
            change(&store, async |write| {
                held = audit_streams::hold(write, &before, holder, LATER, now).await?;
                Ok(())
            })
            .await
            .unwrap();
            held
        };
        assert!(held("me", NOW).await && held("me", NOW).await, "it may hold on");
        assert!(!held("you", NOW).await);
        let due = async |holder: &str| {
            audit_streams::due(&mut admin::read(&store).await.unwrap(), holder, NOW, 10).await.unwrap().len()
        };
        assert_eq!((due("me").await, due("you").await), (1, 0));
        let fails = async |holder: &str, goes_on| {
            let fail = async |write: &mut crate::Write| {
                let noted = audit_streams::fail(write, &before, holder, failed(goes_on)).await?;
                if noted { Ok(()) } else { Err(Error::Expired) }
            };
            change(&store, fail).await.is_ok()
        };
        assert!(fails("me", true).await && !fails("you", true).await);
        assert_eq!((due("me").await, kept(&store, &stream).await.progress.failures), (0, 1), "it waits for its next try");
        write_down(&store, "acme", "2").await;
        grow(&store).await;
        let again = kept(&store, &stream).await;
        let batch = audit_streams::batch(&mut admin::read(&store).await.unwrap(), &again, 10, 10).await.unwrap();
        assert_eq!((batch.records.len(), batch.next, again.behind), (1, 1, 2), "what failed is sent again as it was");
        assert!(held("you", LATER).await, "after a minute another server takes over");
        let delivered = Delivered { next: 1, entries: 1, at: NOW, next_attempt_at: NOW };
        let advanced = async |holder: &str| {
            let mut advanced = false;
            change(&store, async |write| {
                advanced = audit_streams::advance(write, &before, holder, delivered).await?;
                Ok(())
            })
            .await
            .unwrap();
            advanced
        };
        assert!(!advanced("me").await && advanced("you").await && !advanced("you").await);
        let after = kept(&store, &stream).await;
        assert_eq!((after.behind, after.progress.failures, after.progress.delivered_at), (1, 0, Some(NOW)));
        let off = Stream { enabled: false, ..after.stream.clone() };
        change(&store, async |write| audit_streams::update(write, &off).await).await.unwrap();
        let late = async |write: &mut crate::Write| audit_streams::fail(write, &after, "you", failed(true)).await.map(drop);
        change(&store, late).await.unwrap();
        let off = kept(&store, &stream).await;
        assert!(!off.stream.enabled && off.progress.failures == 0, "who switches it off while it fails has the last word");
    });
}

#[test]
fn what_somebody_else_has_changed_is_not_overwritten_and_goes_with_its_organization() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let (first, second) = (stream("acme", false), stream("acme", true));
        insert(&store, &first, "acme/").await;
        insert(&store, &second, "acme/").await;
        let off = Stream { enabled: false, ..first.clone() };
        let update = async || change(&store, async |write| audit_streams::update(write, &off).await).await;
        update().await.unwrap();
        assert_eq!(update().await, Err(Error::Conflict));
        assert_eq!(change(&store, async |write| audit_streams::delete(write, &first).await).await, Err(Error::Conflict));
        let list = async || audit_streams::of_organization(&mut admin::read(&store).await.unwrap(), &id("acme")).await.unwrap();
        assert_eq!(list().await.iter().map(|kept| kept.stream.enabled).collect::<Vec<_>>(), [false, true]);
        let test = async |write: &mut crate::Write| audit_streams::request_test(write, &off, NOW).await;
        change(&store, test).await.unwrap();
        let due = audit_streams::due(&mut admin::read(&store).await.unwrap(), "me", NOW, 10).await.unwrap();
        assert_eq!(due.len(), 1, "a test is made although it is switched off");
        change(&store, async |write| audit_streams::tested(write, &due[0], NOW, Some("no")).await).await.unwrap();
        let tested = kept(&store, &first).await;
        assert_eq!((tested.progress.tested_at, tested.progress.test_error.as_deref()), (Some(NOW), Some("no")));
        let gone = tested.stream.clone();
        change(&store, async |write| audit_streams::delete(write, &gone).await).await.unwrap();
        assert_eq!(list().await.len(), 1);
        change(&store, async |write| audit_streams::delete_of_organization(write, &id("acme")).await).await.unwrap();
        assert_eq!(list().await.len(), 0);
    });
}

/// Calls every function that runs a statement, of a stream of a root of its own.
pub(super) async fn use_everything(store: &Store) {
    plant(store, &[organization("streamed/")]).await;
    let streams = [stream("streamed", false), stream("streamed", true)];
    for stream in &streams {
        insert(store, stream, "streamed/").await;
    }
    write_down(store, "streamed", "sent").await;
    grow(store).await;
    let [first, second] = &streams;
    let held = kept(store, first).await;
    let work = async |write: &mut crate::Write| {
        audit_streams::due(write, "me", NOW, 10).await?;
        audit_streams::of_organization(write, &id("streamed")).await?;
        audit_streams::hold(write, &held, "me", LATER, NOW).await?;
        audit_streams::batch(write, &kept(store, second).await, 10, 10).await?;
        audit_streams::fail(write, &held, "me", failed(true)).await?;
        audit_streams::request_test(write, first, NOW).await?;
        audit_streams::tested(write, &held, NOW, None).await?;
        audit_streams::follow(write, &lineage("streamed/"), &lineage("globex/streamed/")).await?;
        let delivered = Delivered { next: held.place.leaf + held.behind, entries: 1, at: NOW, next_attempt_at: NOW };
        audit_streams::advance(write, &held, "me", delivered).await.map(drop)
    };
    change(store, work).await.unwrap();
    let through = kept(store, first).await;
    let work = async |write: &mut crate::Write| {
        audit_streams::go_on(write, &through, "me").await?;
        let from = audit_streams::first_since(write, &lineage("streamed/"), NOW).await?;
        audit_streams::replay(write, first, &lineage("streamed/"), from, NOW).await?;
        audit_streams::update(write, second).await?;
        audit_streams::delete(write, first).await?;
        audit_streams::delete_of_organization(write, &id("streamed")).await
    };
    change(store, work).await.unwrap();
}
