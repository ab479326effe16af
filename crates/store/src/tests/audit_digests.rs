//! Digests of audit logs: a filter passes over what they say is not there, and they never say so of what is.

use std::ops::Range;

use umbel_domain::audit::{Direction, Field, Filter, FilterBy, Mode, Query as Ask, Record};
use umbel_domain::{OrganizationId, Timestamp};

use super::audit_log::{BEFORE, SINCE, entry_id, everything, pages};
use super::engines::{on_each_empty_database, on_each_engine};
use super::fixtures::{SALT, change, erasure, id, number, organization, plant, record};
use crate::admin::{Sources, portability};
use crate::audit_log::digests::{self, Task};
use crate::audit_log::{self, Log, words};
use crate::sql::{args, sql};
use crate::{Access, Error, Query, Result, Store, admin, audit_erasures, audit_retention, audit_trees};

/// The number of a log that has entries.
async fn number_of(query: &mut impl Query, log: &str) -> i64 {
    words::find(query, &[log]).await.unwrap()[0].1
}

async fn next(store: &Store, log: &str, before: Timestamp, size: usize) -> Option<Task> {
    let mut read = admin::read(store).await.unwrap();
    let number = number_of(&mut read, log).await;
    digests::next(&mut read, number, before, size).await.unwrap()
}

async fn perform(store: &Store, task: Task) -> Result<()> {
    let mut write = admin::write(store).await.unwrap();
    digests::perform(&mut write, task).await?;
    write.commit().await
}

/// Makes digests of a log up to a time; returns how many.
pub(super) async fn digest(store: &Store, log: &str, before: Timestamp, size: usize) -> usize {
    let mut made = 0;
    if size > 0 {
        while let Some(task) = next(store, log, before, size).await {
            perform(store, task).await.unwrap();
            made += 1;
        }
    }
    made
}

/// Removes all digests of a log.
pub(super) async fn undigest(store: &Store, log: &str) {
    change(store, async |write| {
        let number = number_of(write, log).await;
        digests::remove_from(write, number, SINCE).await
    })
    .await
    .unwrap();
}

/// Entries of Acme, one each microsecond, each by a user of its own.
fn entries(numbers: Range<usize>) -> Vec<Record> {
    let entry = |number: usize| {
        let mut record = record(&organization("acme/"));
        record.fields.set(Field::ActorEmail, address(number));
        Record { id: entry_id(&format!("n{number:03}")), at: Timestamp::from_micros(i64::try_from(number).unwrap()), ..record }
    };
    numbers.map(entry).collect()
}

fn address(number: usize) -> String {
    format!("{number}@example.com")
}

async fn append(store: &Store, numbers: Range<usize>) {
    append_all(store, entries(numbers)).await;
}

/// Appends entries at these times.
async fn append_at(store: &Store, micros: &[i64]) {
    let at = |(record, micros): (Record, &i64)| Record { at: Timestamp::from_micros(*micros), ..record };
    append_all(store, entries(0..micros.len()).into_iter().zip(micros).map(at).collect()).await;
}

async fn append_all(store: &Store, records: Vec<Record>) {
    for record in records {
        change(store, async |write| audit_log::append(write, &record, &SALT, None).await).await.unwrap();
    }
}

fn acme() -> OrganizationId {
    id("acme")
}

/// How many entries of Acme are found by a user.
async fn found(store: &Store, number: usize) -> usize {
    let by = FilterBy::Field(Field::ActorEmail);
    let filters = vec![Filter { by, mode: Mode::Including, values: vec![address(number)] }];
    pages(store, Log::Organization(&acme()), &Ask { filters, ..everything(Direction::Descending) }, 5).await.len()
}

async fn count(store: &Store) -> i64 {
    let mut read = admin::read(store).await.unwrap();
    number(&mut read, "SELECT COUNT(*) FROM audit_digests WHERE field = 'id'").await.unwrap()
}

#[test]
fn a_stretch_that_lacks_what_is_looked_for_is_passed_over() {
    on_each_engine(async |store| {
        append(&store, 0..30).await;
        assert_eq!(digest(&store, "acme", BEFORE, 10).await, 3);
        assert_eq!((found(&store, 7).await, found(&store, 17).await), (1, 1));
        let empty = sql!("UPDATE audit_digests SET hashes = $1 WHERE field = 'actor_email' AND since = 10");
        change(&store, async |write| write.one_row(empty, args![&[][..]]).await).await.unwrap();
        assert_eq!((found(&store, 7).await, found(&store, 17).await), (1, 0), "nobody looks where nothing is said to be");
    });
}

#[test]
fn a_stretch_ends_with_the_last_entry_of_its_time() {
    on_each_engine(async |store| {
        append_at(&store, &[0, 0, 0, 1, 1, 1, 1, 1, 2, 3, 3, 4]).await;
        assert!(next(&store, "acme", Timestamp::from_micros(0), 1).await.is_none(), "nothing is so old");
        assert_eq!(digest(&store, "acme", Timestamp::from_micros(4), 2).await, 3, "three of one time, five, and three of two");
        for number in 0..12 {
            assert_eq!(found(&store, number).await, 1, "{number}");
        }
    });
}

#[test]
fn an_entry_that_comes_late_takes_digests_away() {
    on_each_engine(async |store| {
        append(&store, 0..20).await;
        append(&store, 21..41).await;
        assert_eq!(digest(&store, "acme", BEFORE, 10).await, 4);
        append(&store, 20..21).await;
        assert_eq!((count(&store).await, found(&store, 20).await), (2, 1));
        assert_eq!(digest(&store, "acme", BEFORE, 10).await, 2, "they are made anew");
        append(&store, 41..50).await;
        assert_eq!(count(&store).await, 4, "what comes behind them takes none away");
    });
}

#[test]
fn a_stretch_that_is_too_large_has_no_digest_and_the_next_one_has() {
    on_each_engine(async |store| {
        append_at(&store, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]).await;
        assert_eq!((digest(&store, "acme", BEFORE, 2).await, count(&store).await), (3, 2));
        for number in 0..13 {
            assert_eq!(found(&store, number).await, 1, "{number}");
        }
    });
}

#[test]
fn a_digest_is_not_written_when_there_is_one_or_somebody_was_erased() {
    on_each_engine(async |store| {
        append(&store, 0..30).await;
        let [before, same, another] = [(); 3].map(|()| next(&store, "acme", BEFORE, 10));
        let (before, same, another) = (before.await.unwrap(), same.await.unwrap(), another.await.unwrap());
        perform(&store, same).await.unwrap();
        assert_eq!(perform(&store, another).await, Err(Error::Conflict), "there is one");
        undigest(&store, "acme").await;
        erase(&store, 3).await;
        assert_eq!(perform(&store, before).await, Err(Error::Conflict), "a user is erased in one");
        assert_eq!(digest(&store, "acme", BEFORE, 10).await, 3);
    });
}

#[test]
fn a_digest_is_not_written_when_an_import_brought_entries() {
    on_each_empty_database(async |database| {
        let store = Store::open(&database.url, Access::Exclusive).await.unwrap();
        plant(&store, &[organization("acme/")]).await;
        let sources = Sources::new(0, |bytes| bytes.fill(9));
        let import = async |micros: usize| {
            let time = format!("1970-01-01T00:00:00.{micros:06}Z");
            let line =
                format!(r#"{{"kind":"audit_entry","id":"e{micros}","organization_id":"acme","action":{{"time":"{time}"}}}}"#);
            portability::import(&store, &sources, line.as_bytes(), &mut |_| {}).await.unwrap();
        };
        append(&store, 0..5).await;
        let before = next(&store, "acme", BEFORE, 5).await.unwrap();
        import(7).await;
        assert_eq!(perform(&store, before).await, Err(Error::Conflict));
    });
}

#[test]
fn what_a_digest_lacks_is_found_with_the_next_stretch() {
    on_each_engine(async |store| {
        append(&store, 0..9).await;
        append(&store, 10..21).await;
        let task = next(&store, "acme", BEFORE, 10).await.unwrap();
        append(&store, 9..10).await;
        perform(&store, task).await.unwrap();
        assert_eq!(found(&store, 9).await, 0, "a clock that was late just then");
        let task = next(&store, "acme", BEFORE, 10).await.unwrap();
        assert!(matches!(task, Task::Remove { .. }), "{task:?}");
        perform(&store, task).await.unwrap();
        assert_eq!((digest(&store, "acme", BEFORE, 10).await, found(&store, 9).await), (2, 1));
    });
}

/// Erases the user of an entry of Acme.
async fn erase(store: &Store, number: usize) {
    let erasure = erasure(&acme());
    let entry = entries(number..number + 1).remove(0);
    let erased = [(Some(acme()), entry.at, entry.id, [7; 32])];
    change(store, async |write| {
        audit_erasures::insert(write, &erasure, 1).await?;
        assert!(audit_erasures::erase(write, &erasure, 1, &erased, 2).await?);
        Ok(())
    })
    .await
    .unwrap();
}

#[test]
fn what_is_erased_is_in_no_digest() {
    on_each_engine(async |store| {
        append(&store, 0..30).await;
        assert_eq!(digest(&store, "acme", BEFORE, 10).await, 3);
        erase(&store, 13).await;
        assert_eq!((count(&store).await, found(&store, 13).await, found(&store, 14).await), (1, 0, 1));
    });
}

#[test]
fn what_is_deleted_is_in_no_digest() {
    on_each_engine(async |store| {
        append(&store, 0..40).await;
        assert_eq!(digest(&store, "acme", Timestamp::from_micros(30), 10).await, 3);
        let task = next(&store, "acme", BEFORE, 10).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        let growths = audit_trees::pending(&mut read, -1, 100).await.unwrap();
        drop(read);
        let later = Timestamp::from_micros(0).plus_seconds(3 * Timestamp::DAY_SECONDS);
        let kept = umbel_domain::audit::Retention { days: Some(1), hold: false };
        change(&store, async |write| {
            for growth in &growths {
                audit_trees::append(write, growth, 0, &[]).await?;
            }
            audit_retention::set(write, Some(&acme()), kept).await?;
            for due in audit_retention::due(write, later, -1, 10).await? {
                audit_retention::delete(write, &due, later, 25).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let kept = (count(&store).await, found(&store, 13).await, found(&store, 27).await);
        assert_eq!(kept, (0, 0, 1), "a digest of which any entry is gone is gone");
        assert_eq!(perform(&store, task).await, Err(Error::Conflict), "entries were deleted since it was made");
    });
}
