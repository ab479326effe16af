//! Operators, made and unmade from the command line.

use std::sync::atomic::{AtomicU64, Ordering};

use umbel_domain::Email;
use umbel_domain::audit::{Field, Record};

use super::engines::on_each_engine;
use super::fixtures::{NOW, change, user};
use crate::admin::Sources;
use crate::admin::operators::{Added, Credentials, Error, add, bootstrap, remove, reset_credential};
use crate::audit_log::{self, Log};
use crate::{Store, Write, admin, users};

/// Bytes that nobody else in these tests gets.
pub(super) fn sources() -> Sources {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    Sources::new(NOW.micros(), |bytes| {
        let count = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(count.iter().rev().cycle()).for_each(|(byte, count)| *byte = *count);
    })
}

async fn first(store: &Store) -> Credentials {
    bootstrap(store, &sources(), "ann@example.com", "Ann").await.unwrap()
}

/// Whether both secrets admit the user with this address.
async fn admit(store: &Store, credentials: &Credentials, email: &str) -> bool {
    let by_token = store.read().await.unwrap().credential_by_token(&credentials.api_token.hash()).await.unwrap();
    let by_key = store.read().await.unwrap().credential_by_email(&Email::parse(email).unwrap()).await.unwrap().unwrap();
    by_token.is_some_and(|found| found.user.id == credentials.user_id)
        && by_key.user.id == credentials.user_id
        && by_key.api_key_hash == Some(credentials.api_key.hash())
}

/// The entries of the server's log: what was done to what, and by whom.
async fn log(store: &Store) -> Vec<String> {
    let mut read = admin::read(store).await.unwrap();
    let records = audit_log::all(&mut read, Log::Server, None, 100).await.unwrap();
    let word = |record: &Record, field| record.fields.get(field).unwrap().to_string();
    let line = |record: &Record| {
        let [action, resource, actor] =
            [Field::ActionType, Field::ResourceType, Field::ActorType].map(|field| word(record, field));
        format!("{action} {resource} by {actor}")
    };
    let mut entries: Vec<_> = records.iter().map(line).collect();
    entries.sort();
    entries
}

#[test]
fn the_first_operator_gets_credentials_and_there_is_no_second_first_one() {
    on_each_engine(async |store| {
        let credentials = first(&store).await;
        assert!(admit(&store, &credentials, "ann@example.com").await);
        assert_eq!(log(&store).await, ["create api_token by system", "create user by system", "update user by system"]);
        let again = bootstrap(&store, &sources(), "bob@example.com", "Bob").await;
        assert_eq!(again.err(), Some(Error::AlreadyBootstrapped));
        assert_eq!(log(&store).await.len(), 3);
    });
}

#[test]
fn of_two_first_operators_at_once_one_is_the_first() {
    on_each_engine(async |store| {
        let (ann_sources, bob_sources) = (sources(), sources());
        let ann = bootstrap(&store, &ann_sources, "ann@example.com", "Ann");
        let bob = bootstrap(&store, &bob_sources, "bob@example.com", "Bob");
        let (ann, bob) = tokio::join!(ann, bob);
        assert!(ann.is_ok() != bob.is_ok(), "{ann:?} {bob:?}");
        assert_eq!(ann.err().or(bob.err()), Some(Error::AlreadyBootstrapped));
        assert_eq!(users::count(&mut admin::read(&store).await.unwrap(), 10).await.unwrap(), 1);
    });
}

#[test]
fn a_user_who_is_there_becomes_the_first_operator() {
    on_each_engine(async |store| {
        let mut ann = user("ann");
        ann.disabled = true;
        change(&store, async |write: &mut Write| users::insert(write, &ann, None).await).await.unwrap();
        let credentials = first(&store).await;
        assert_eq!(credentials.user_id, ann.id);
        assert!(admit(&store, &credentials, "ann@example.com").await);
        let stored = users::get(&mut admin::read(&store).await.unwrap(), &ann.id).await.unwrap().unwrap();
        assert!(stored.operator && !stored.disabled);
    });
}

#[test]
fn a_new_operator_gets_credentials_and_a_user_keeps_theirs() {
    on_each_engine(async |store| {
        first(&store).await;
        let Added::New(credentials) = add(&store, &sources(), "bob@example.com", "Bob").await.unwrap() else { panic!() };
        assert!(admit(&store, &credentials, "bob@example.com").await);
        let cid = user("cid");
        change(&store, async |write: &mut Write| users::insert(write, &cid, None).await).await.unwrap();
        let Added::Existing(id) = add(&store, &sources(), "Cid@example.com", "Cid").await.unwrap() else { panic!() };
        assert_eq!(id, cid.id);
        let again = add(&store, &sources(), "cid@example.com", "Cid").await;
        assert_eq!(again.err(), Some(Error::AlreadyOperator("cid@example.com".into())));
    });
}

#[test]
fn the_last_operator_who_can_act_stays() {
    on_each_engine(async |store| {
        first(&store).await;
        let last = || Some(Error::LastOperator("ann@example.com".into()));
        assert_eq!(remove(&store, &sources(), "ann@example.com").await.err(), last());
        add(&store, &sources(), "bob@example.com", "Bob").await.unwrap();
        let bob = Email::parse("bob@example.com").unwrap();
        let mut bob = users::get_by_email(&mut admin::read(&store).await.unwrap(), &bob).await.unwrap().unwrap();
        bob.disabled = true;
        let disable = async |write: &mut Write| users::update(write, &bob).await.map(drop);
        change(&store, disable).await.unwrap();
        assert_eq!(remove(&store, &sources(), "ann@example.com").await.err(), last());
        let stored = users::count_operators(&mut admin::read(&store).await.unwrap()).await.unwrap();
        assert_eq!(stored, 2);
        remove(&store, &sources(), "bob@example.com").await.unwrap();
        let again = remove(&store, &sources(), "bob@example.com").await;
        assert_eq!(again.err(), Some(Error::NotAnOperator("bob@example.com".into())));
    });
}

#[test]
fn a_reset_replaces_the_key_and_every_token() {
    on_each_engine(async |store| {
        let old = first(&store).await;
        let new = reset_credential(&store, &sources(), "ann@example.com").await.unwrap();
        assert!(admit(&store, &new, "ann@example.com").await);
        assert!(store.read().await.unwrap().credential_by_token(&old.api_token.hash()).await.unwrap().is_none());
        let made = ["create api_token by system", "create api_token by system", "create user by system"];
        let replaced = ["delete api_token by system", "update user by system", "update user by system"];
        assert_eq!(log(&store).await, [made, replaced].concat());
        let unknown = reset_credential(&store, &sources(), "bob@example.com").await;
        assert_eq!(unknown.err(), Some(Error::NotAnOperator("bob@example.com".into())));
    });
}

#[test]
fn what_cannot_be_an_address_or_a_name_is_refused() {
    on_each_engine(async |store| {
        let error = bootstrap(&store, &sources(), " ", "Ann").await.unwrap_err();
        assert_eq!(error.to_string(), "the e-mail address must have 1 to 320 bytes");
        let error = bootstrap(&store, &sources(), "ann@example.com", "a\u{7}").await.unwrap_err();
        assert_eq!(error.to_string(), "the name must not contain control characters");
    });
}
