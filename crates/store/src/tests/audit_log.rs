//! The audit log: what is written is read as it was, and every way to ask for it finds what a plain comparison finds.

use std::fmt::Write as _;
use std::time::Instant;

use umbel_domain::audit::{Bodies, Direction, Field, Fields, Filter, FilterBy, Mode, Query as Ask, Record};
use umbel_domain::{AccountId, AuditEntryId, OrganizationId, Timestamp};

use super::audit_digests::{digest, undigest};
use super::engines::{on_each_empty_database, on_each_engine, on_empty_postgres};
use super::fixtures::{NOW, SALT, account_id, change, id, lineage, organization, plant, record};
use crate::audit_log::{self, Log, words};
use crate::migrations::{MIGRATIONS, for_engine};
use crate::{Error, Store, admin};

pub(super) const SINCE: Timestamp = Timestamp::from_micros(0);
pub(super) const BEFORE: Timestamp = Timestamp::from_micros(1_000);

/// Draws numbers that are the same in every run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one_of<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }
}

pub(super) fn entry_id(text: &str) -> AuditEntryId {
    AuditEntryId::parse(text).unwrap()
}

/// An entry with few different values, half of which it lacks.
fn drawn(draws: &mut Draws, number: usize) -> Record {
    let mut fields = Fields::default();
    for field in Field::ALL {
        let value = match field {
            Field::ActorEmail => draws.one_of(&["ann@example.com", "Ann@Example.com", "bob@example.com"]),
            Field::RawMethod => draws.one_of(&["POST", "post", "PUT"]),
            Field::ResourceId | Field::RawCfRayId => draws.one_of(&["8e8dd2156ef28414", "019c4f65e7607d8c9f6f6b58aa3aff50", "x"]),
            _ => draws.one_of(&["a", "b", "c"]),
        };
        if draws.below(2) == 0 {
            fields.set(field, value);
        }
    }
    let log = [None, Some("acme"), Some("eu"), Some("shop")][draws.below(4)].map(id);
    let account = [None, Some("web")][draws.below(2)].map(account_id);
    let at = Timestamp::from_micros(i64::try_from(draws.below(40)).unwrap() * 25);
    Record { id: entry_id(&format!("e{number:03}")), log, account, at, fields, bodies: Bodies::default() }
}

/// Many entries in four logs, and the organizations that have three of them.
async fn filled(store: &Store) -> Vec<Record> {
    plant(store, &["acme/", "acme/eu/", "acme/eu/shop/"].map(organization)).await;
    let mut draws = Draws(7);
    let records: Vec<_> = (0..400).map(|number| drawn(&mut draws, number)).collect();
    let append = async |write: &mut crate::Write| {
        write.expect_long();
        for record in &records {
            audit_log::append(write, record, &SALT, None).await?;
        }
        Ok(())
    };
    change(store, append).await.unwrap();
    records
}

#[test]
fn a_page_whose_statements_take_too_long_together_is_given_up() {
    on_each_engine(async |store| {
        filled(&store).await;
        let ask = Ask { since: SINCE, before: BEFORE, direction: Direction::Ascending, filters: Vec::new() };
        let mut read = admin::read(&store).await.unwrap();
        let (acme, over) = (id("acme"), Instant::now());
        let one = audit_log::list_until(&mut read, Log::Organization(&acme), &ask, None, 10, over).await;
        assert!(matches!(one, Err(Error::Deadline)), "{:?}", one.map(|page| page.items.len()));
        let below = audit_log::list_below_until(&mut read, &lineage("acme/"), &ask, None, 10, over).await;
        assert!(matches!(below, Err(Error::Deadline)), "{:?}", below.map(|page| page.items.len()));
        let found = audit_log::list(&mut read, Log::Organization(&acme), &ask, None, 10).await.unwrap();
        assert_eq!(found.items.len(), 10);
    });
}

/// The entries that a question is to find, in order.
fn expected(records: &[Record], in_log: impl Fn(&Record) -> bool, ask: &Ask) -> Vec<Record> {
    let passes = |record: &Record, filter: &Filter| {
        let text = match filter.by {
            FilterBy::Id => Some(record.id.to_string()),
            FilterBy::Field(field) => record.fields.get(field).map(ToString::to_string),
        };
        let folds = matches!(filter.by, FilterBy::Field(field) if field.folds_case());
        let same = |value: &String| text.as_ref().is_some_and(|text| text == value || folds && text.eq_ignore_ascii_case(value));
        filter.values.iter().any(same) == (filter.mode == Mode::Including)
    };
    let mut found: Vec<_> =
        records.iter().filter(|record| in_log(record) && (ask.since..ask.before).contains(&record.at)).cloned().collect();
    found.retain(|record| ask.filters.iter().all(|filter| passes(record, filter)));
    found.sort_by_key(|record| (record.at, record.id.clone()));
    if ask.direction == Direction::Descending {
        found.reverse();
    }
    found
}

pub(super) fn everything(direction: Direction) -> Ask {
    Ask { since: SINCE, before: BEFORE, direction, filters: Vec::new() }
}

/// All pages of a log.
pub(super) async fn pages(store: &Store, log: Log<'_>, ask: &Ask, limit: usize) -> Vec<Record> {
    let mut read = admin::read(store).await.unwrap();
    let mut all: Vec<Record> = Vec::new();
    loop {
        let after = all.last().map(|last| (last.at, last.id.clone()));
        let page = audit_log::list(&mut read, log, ask, after.as_ref().map(|(at, id)| (*at, id)), limit).await.unwrap();
        assert!(page.items.len() <= limit);
        all.extend(page.items);
        if !page.more {
            return all;
        }
    }
}

async fn pages_below(store: &Store, subtree: &str, ask: &Ask, limit: usize) -> Vec<Record> {
    let mut read = admin::read(store).await.unwrap();
    let mut all: Vec<Record> = Vec::new();
    loop {
        let after = all.last().map(|last| (last.at, last.id.clone()));
        let after = after.as_ref().map(|(at, id)| (*at, id));
        let page = audit_log::list_below(&mut read, &lineage(subtree), ask, after, limit).await.unwrap();
        all.extend(page.items);
        if !page.more {
            return all;
        }
    }
}

#[test]
fn an_entry_is_read_as_it_was_written() {
    on_each_engine(async |store| {
        let full = record(&organization("acme/"));
        let (request, response) = (Some(r#"{"price": 1.10}"#.to_owned()), Some("[1]".to_owned()));
        let bodies = Bodies { request, response, before: Some("{}".into()), after: Some("null".into()) };
        let odd = Record { id: entry_id("sixteen-letters-"), account: Some(account_id("web")), bodies, ..full.clone() };
        let empty = Record { id: entry_id("e"), log: None, fields: Fields::default(), bodies: Bodies::default(), ..full.clone() };
        for record in [&full, &odd, &empty] {
            change(&store, async |write| audit_log::append(write, record, &SALT, None).await).await.unwrap();
        }
        let mut read = admin::read(&store).await.unwrap();
        let acme = id("acme");
        assert_eq!(audit_log::logs(&mut read).await.unwrap(), [None, Some(acme.clone())]);
        assert_eq!(audit_log::all(&mut read, Log::Server, None, 10).await.unwrap(), [empty]);
        assert_eq!(audit_log::all(&mut read, Log::Organization(&acme), None, 10).await.unwrap(), [full.clone(), odd.clone()]);
        let of_web = audit_log::all(&mut read, Log::Account(&account_id("web")), None, 10).await.unwrap();
        assert_eq!(of_web, std::slice::from_ref(&odd));
        let found = audit_log::get(&mut read, Log::Organization(&acme), &odd.id, NOW, NOW.plus_seconds(1)).await.unwrap();
        assert_eq!(found, Some(odd));
        let elsewhere = audit_log::get(&mut read, Log::Server, &full.id, NOW, NOW.plus_seconds(1)).await.unwrap();
        assert_eq!(elsewhere, None, "an entry is looked for in its log alone");
    });
}

#[test]
fn an_entry_is_never_replaced() {
    on_each_engine(async |store| {
        let record = record(&organization("acme/"));
        let append = async || change(&store, async |write| audit_log::append(write, &record, &SALT, None).await).await;
        append().await.unwrap();
        assert_eq!(append().await, Err(Error::Conflict));
    });
}

#[test]
fn words_of_a_change_that_was_not_made_are_forgotten() {
    on_each_engine(async |store| {
        let with = |text: &str, number: usize| {
            let mut record = drawn(&mut Draws(1), number);
            record.fields.set(Field::ActorTokenName, text);
            record
        };
        let mut lost = admin::write(&store).await.unwrap();
        audit_log::append(&mut lost, &with("lost", 1), &SALT, None).await.unwrap();
        drop(lost);
        let (kept, later) = (with("kept", 2), with("lost", 3));
        for record in [&kept, &later] {
            change(&store, async |write| audit_log::append(write, record, &SALT, None).await).await.unwrap();
        }
        let log = kept.log.as_ref().map_or(Log::Server, Log::Organization);
        assert_eq!(pages(&store, log, &everything(Direction::Ascending), 10).await, [kept.clone(), later]);
    });
}

#[test]
fn a_word_that_another_process_loosened_or_removed_is_there_for_the_next_entry() {
    on_each_empty_database(async |database| {
        let (here, there) = (database.open().await, database.open().await);
        let with = |word: &str, number: usize| {
            let mut fields = Fields::default();
            fields.set(Field::ActorTokenName, word);
            Record { fields, log: None, account: None, ..drawn(&mut Draws(1), number) }
        };
        let append = async |number: usize, word: &str| {
            change(&here, async |write| audit_log::append(write, &with(word, number), &SALT, None).await).await.unwrap();
        };
        let number = async |word: &str| {
            let mut read = admin::read(&there).await.unwrap();
            words::find(&mut read, &[word]).await.unwrap().pop().map(|(_, code)| code)
        };
        append(1, "loosened").await;
        append(2, "removed").await;
        let (loosened, removed) = (number("loosened").await.unwrap(), number("removed").await.unwrap());
        change(&there, async |write| audit_log::loosen(write, &[loosened, removed], 7).await).await.unwrap();
        change(&there, async |write| audit_log::settle(write, &[(removed, 7)], &[removed].into()).await).await.unwrap();
        assert_eq!(number("removed").await, None);

        append(3, "loosened").await;
        append(4, "removed").await;
        change(&there, async |write| audit_log::settle(write, &[(loosened, 7)], &[loosened].into()).await).await.unwrap();
        assert_eq!(number("loosened").await, Some(loosened), "an entry got it meanwhile");
        assert_eq!(number("removed").await, Some(removed), "it came back with its number");
        let mut read = admin::read(&database.open().await).await.unwrap();
        assert_eq!(audit_log::all(&mut read, Log::Server, None, 10).await.unwrap().len(), 4, "every word can be spelled");
    });
}

#[test]
fn a_word_that_a_fail_over_lost_or_made_loose_again_is_there_for_the_next_entry() {
    on_empty_postgres(async |database| {
        let store = database.open().await;
        let append = async |number: usize| {
            let mut fields = Fields::default();
            fields.set(Field::ActorTokenName, "lost");
            let record = Record { fields, log: None, account: None, ..drawn(&mut Draws(1), number) };
            change(&store, async |write| audit_log::append(write, &record, &SALT, None).await).await.unwrap();
        };
        append(1).await;
        let lose = "DELETE FROM audit_pending; DELETE FROM audit_entries; DELETE FROM audit_words";
        database.postgres().await.batch_execute(lose).await.unwrap();
        append(2).await;
        let mut read = admin::read(&database.open().await).await.unwrap();
        let entries = audit_log::all(&mut read, Log::Server, None, 10).await.unwrap();
        assert_eq!(entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["e002"]);
        let loosen = "INSERT INTO audit_loose_words (code, mark) SELECT code, 7 FROM audit_words";
        database.postgres().await.batch_execute(loosen).await.unwrap();
        append(3).await;
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(audit_log::loose_words(&mut read, 10).await.unwrap(), [].into());
    });
}

#[test]
fn pages_follow_one_another_in_the_order_of_time_and_id() {
    on_each_engine(async |store| {
        let records = filled(&store).await;
        let (acme, web) = (id("acme"), account_id("web"));
        for direction in [Direction::Ascending, Direction::Descending] {
            let ask = everything(direction);
            let in_acme = |record: &Record| record.log.as_ref() == Some(&acme);
            let of_web = |record: &Record| record.account.as_ref() == Some(&web);
            for limit in [1, 7, 1000] {
                assert_eq!(pages(&store, Log::Organization(&acme), &ask, limit).await, expected(&records, in_acme, &ask));
                assert_eq!(pages(&store, Log::Account(&web), &ask, limit).await, expected(&records, of_web, &ask));
            }
            let span = Ask { since: Timestamp::from_micros(250), before: Timestamp::from_micros(500), ..ask };
            let found = pages(&store, Log::Server, &span, 3).await;
            assert_eq!(found, expected(&records, |record| record.log.is_none(), &span), "since is in it, before is not");
        }
        let unknown = OrganizationId::parse("nowhere").unwrap();
        assert_eq!(pages(&store, Log::Organization(&unknown), &everything(Direction::Ascending), 5).await, []);
        assert_eq!(
            pages(&store, Log::Account(&AccountId::parse("acme").unwrap()), &everything(Direction::Ascending), 5).await,
            []
        );
    });
}

#[test]
fn each_filter_finds_what_a_plain_comparison_finds() {
    on_each_engine(async |store| {
        let records = filled(&store).await;
        let acme = id("acme");
        let in_acme = |record: &Record| record.log.as_ref() == Some(&acme);
        let mut asked = Vec::new();
        for by in Field::ALL.map(FilterBy::Field).into_iter().chain([FilterBy::Id]) {
            for mode in [Mode::Including, Mode::Excluding] {
                for values in [&["a", "x", "e007", "POST"][..], &["no such word"], &["ANN@example.com", "8e8dd2156ef28414", "b"]]
                {
                    let values = values.iter().map(ToString::to_string).collect();
                    asked.push(vec![Filter { by, mode, values }]);
                }
            }
        }
        let mut draws = Draws(3);
        for _ in 0..20 {
            let pair = [draws.below(asked.len()), draws.below(asked.len())].map(|at| asked[at].clone());
            asked.push(pair.concat());
        }
        // Without digests, with more than are looked at together, and with some that do not reach the end.
        let (up, down) = (Direction::Ascending, Direction::Descending);
        for (direction, size, end) in [(down, 0, 0), (up, 1, 1_000), (down, 1, 900), (up, 9, 700)] {
            undigest(&store, "acme").await;
            assert_eq!(digest(&store, "acme", Timestamp::from_micros(end), size).await > 0, size > 0);
            for filters in &asked {
                let ask = Ask { filters: filters.clone(), ..everything(direction) };
                let found = pages(&store, Log::Organization(&acme), &ask, 9).await;
                assert_eq!(found, expected(&records, in_acme, &ask), "{:?} with digests of {size}", ask.filters);
            }
        }
    });
}

#[test]
fn the_logs_of_a_subtree_are_one_list() {
    on_each_engine(async |store| {
        let records = filled(&store).await;
        for (subtree, logs) in
            [("acme/", &["acme", "eu", "shop"][..]), ("acme/eu/", &["eu", "shop"]), ("acme/eu/shop/", &["shop"])]
        {
            let inside = |record: &Record| record.log.as_ref().is_some_and(|log| logs.contains(&log.as_str()));
            for direction in [Direction::Ascending, Direction::Descending] {
                let ask = everything(direction);
                for limit in [1, 10, 1000] {
                    assert_eq!(pages_below(&store, subtree, &ask, limit).await, expected(&records, inside, &ask), "{subtree}");
                }
            }
            let by_type = Filter { by: FilterBy::Field(Field::ActionType), mode: Mode::Including, values: vec!["a".into()] };
            let ask = Ask { filters: vec![by_type], ..everything(Direction::Descending) };
            assert_eq!(pages_below(&store, subtree, &ask, 5).await, expected(&records, inside, &ask));
        }
    });
}

#[test]
fn more_logs_than_one_statement_looks_into_are_one_list_too() {
    on_each_engine(async |store| {
        let children: Vec<_> = (0..100).map(|number| organization(&format!("acme/c{number:03}/"))).collect();
        plant(&store, &[organization("acme/")]).await;
        plant(&store, &children).await;
        let append = async |write: &mut crate::Write| {
            for child in &children {
                audit_log::append(write, &record(child), &SALT, None).await?;
            }
            Ok(())
        };
        change(&store, append).await.unwrap();
        let ask = Ask { since: NOW, before: NOW.plus_seconds(1), ..everything(Direction::Descending) };
        let ids: Vec<_> = pages_below(&store, "acme/", &ask, 30).await.iter().map(|record| record.id.to_string()).collect();
        let mut expected: Vec<_> = children.iter().map(|child| child.id.to_string()).collect();
        expected.sort_by(|a, b| b.cmp(a));
        assert_eq!(ids, expected);
    });
}

/// An entry as the migrations before wrote it, in the log of an organization and in that of the server.
const OLD_ENTRIES: &str = "INSERT INTO audit_log VALUES \
    ('acme', 5, '019c4f65e7607d8c9f6f6b58aa3aff50', 'update', 'success', 'Update Account', 'user', 'ann', 'api_token', \
     'ann@example.com', '203.0.113.7', 't1', 'deploy', '8f3ab0c19d2e4f51', 'PUT', '/accounts/web-account-0001', 200, 'curl/8', \
     'web-account-0001', 'account', 'accounts', '{\"name\":\"Ü\"}', NULL), \
    ('', 5, '019c4f65e7607d8c9f6f6b58aa3aff51', 'create', 'success', 'Create User', 'system', NULL, NULL, NULL, NULL, NULL, NULL, \
     NULL, NULL, NULL, NULL, NULL, 'ann', 'user', 'iam', NULL, NULL)";

#[test]
fn entries_of_older_versions_are_kept() {
    on_each_empty_database(async |database| {
        let older: Vec<_> = MIGRATIONS.iter().filter(|migration| migration.version < 6).collect();
        let engine = if database.is_sqlite() { "sqlite" } else { "postgres" };
        let mut text: String = older.iter().map(|migration| for_engine(migration.text, engine)).collect();
        text.push_str(
            "CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL);",
        );
        for migration in older {
            let (version, name, sum) = (migration.version, migration.name, crate::migrations::checksum(migration));
            write!(text, "INSERT INTO schema_migrations VALUES ({version}, '{name}', '{sum}');").unwrap();
        }
        text.push_str(OLD_ENTRIES);
        if database.is_sqlite() {
            database.sqlite().execute_batch(&text).unwrap();
        } else {
            database.postgres().await.batch_execute(&text).await.unwrap();
        }
        let store = database.open().await;
        let shown = async |log| {
            let mut read = admin::read(&store).await.unwrap();
            let records = audit_log::all(&mut read, log, None, 10).await.unwrap();
            format!("{records:#?}")
        };
        let acme = id("acme");
        let all = [
            shown(Log::Organization(&acme)).await,
            shown(Log::Server).await,
            shown(Log::Account(&account_id("web-account-0001"))).await,
        ];
        insta::assert_snapshot!("entries_of_older_versions", all.join("\n"));
    });
}
