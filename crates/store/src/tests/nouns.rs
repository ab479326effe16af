//! Users, credentials, members, kept answers, the server's state and the audit log.

use umbel_domain::authorization::Bounds;
use umbel_domain::{ApiTokenId, Email, Name, Role, Scope, Timestamp, User, secret};

use super::engines::on_each_engine;
use super::fixtures::{NOW, change, id, lineage, member, organization, plant, statement, token, user, user_id};
use crate::engine::Session;
use crate::idempotency::{Answer, Key};
use crate::{Error, Page, Write, admin, api_tokens, idempotency, members, organizations, server_state, users};

#[test]
fn a_user_comes_back_as_it_was_stored() {
    on_each_engine(async |store| {
        let ann = User {
            name: Some(Name::parse("Ann Ö", Name::LENGTH_MAX).unwrap()),
            email: Email::parse("Ann@Example.com").unwrap(),
            two_factor_authentication_enabled: true,
            operator: true,
            managed_by: Some(id("acme")),
            ..user("ann")
        };
        change(&store, async |write| users::insert(write, &ann, None).await).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        let found = users::get(&mut read, &ann.id).await.unwrap().unwrap();
        assert_eq!(found.email.as_str(), "Ann@Example.com");
        assert_eq!(found, ann);
        assert_eq!(users::get(&mut read, &user_id("bob")).await, Ok(None));
    });
}

#[test]
fn two_users_cannot_have_the_same_address() {
    on_each_engine(async |store| {
        change(&store, async |write| users::insert(write, &user("ann"), None).await).await.unwrap();
        let other = User { email: Email::parse("ANN@example.com").unwrap(), ..user("ann2") };
        assert_eq!(change(&store, async |write| users::insert(write, &other, None).await).await, Err(Error::Conflict));
    });
}

#[test]
fn users_are_listed_in_pages_in_the_order_of_their_ids() {
    on_each_engine(async |store| {
        let ids = ["-a", "0", "Z", "_", "a", "a-", "b"];
        let insert = async |write: &mut Write| {
            for id in ids.iter().rev() {
                users::insert(write, &user(id), None).await?;
            }
            Ok(())
        };
        change(&store, insert).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        let first = users::list(&mut read, "", 4).await.unwrap();
        assert_eq!(first, Page { items: ids[..4].iter().map(|id| user(id)).collect(), more: true });
        let rest = users::list(&mut read, "_", 4).await.unwrap();
        assert_eq!(rest, Page { items: ids[4..].iter().map(|id| user(id)).collect(), more: false });
        assert_eq!(users::count(&mut read, 100).await, Ok(7));
        assert_eq!(users::count(&mut read, 3).await, Ok(3));
    });
}

#[test]
fn a_user_whom_somebody_else_has_changed_is_not_overwritten() {
    on_each_engine(async |store| {
        change(&store, async |write| users::insert(write, &user("ann"), None).await).await.unwrap();
        let disabled = User { disabled: true, ..user("ann") };
        change(&store, async |write| users::update(write, &disabled).await).await.unwrap();
        assert_eq!(users::update(&mut admin::write(&store).await.unwrap(), &disabled).await, Err(Error::Conflict));
        let found = users::get(&mut admin::read(&store).await.unwrap(), &disabled.id).await;
        assert_eq!(found, Ok(Some(User { version: 2, ..disabled.clone() })));
        change(&store, async |write| users::delete(write, &disabled.id).await).await.unwrap();
        assert_eq!(users::get(&mut admin::read(&store).await.unwrap(), &disabled.id).await, Ok(None));
    });
}

#[test]
fn a_global_api_key_is_found_by_its_owners_address() {
    on_each_engine(async |store| {
        let (old, new) = (secret::hash("old"), secret::hash("new"));
        change(&store, async |write| users::insert(write, &user("ann"), Some(&old)).await).await.unwrap();
        change(&store, async |write| users::insert(write, &user("bob"), None).await).await.unwrap();
        let email = |text| Email::parse(text).unwrap();
        let ann = store.read().await.unwrap().credential_by_email(&email("Ann@example.com")).await.unwrap().unwrap();
        assert_eq!((ann.user, ann.api_key_hash), (user("ann"), Some(old)));
        change(&store, async |write| users::set_api_key(write, &user_id("ann"), &new).await).await.unwrap();
        let ann = store.read().await.unwrap().credential_by_email(&email("ann@example.com")).await.unwrap().unwrap();
        assert_eq!((ann.user.version, ann.api_key_hash), (2, Some(new)));
        assert_eq!(
            store.read().await.unwrap().credential_by_email(&email("bob@example.com")).await.unwrap().unwrap().api_key_hash,
            None
        );
        assert!(store.read().await.unwrap().credential_by_email(&email("eve@example.com")).await.unwrap().is_none());
    });
}

#[test]
fn a_token_is_found_by_its_hash_with_its_owner_and_its_scope() {
    on_each_engine(async |store| {
        plant(&store, &["acme/", "acme/eu/"].map(organization)).await;
        let mut scoped = token("t1", "ann");
        scoped.scope = Scope { organization_id: Some(id("eu")), role: Some(Role::Auditor), ..Scope::default() };
        scoped.expires_on = Some(NOW.plus_seconds(60));
        let hash = secret::hash("one");
        let insert = async |write: &mut Write| {
            users::insert(write, &user("ann"), None).await?;
            api_tokens::insert(write, &scoped, &hash).await?;
            api_tokens::insert(write, &token("t2", "ann"), &secret::hash("two")).await
        };
        change(&store, insert).await.unwrap();
        let found = store.read().await.unwrap().credential_by_token(&hash).await.unwrap().unwrap();
        let bounds = |within| Bounds { within, actions: Role::Auditor.actions().unwrap() };
        assert_eq!((found.user, found.token, found.bounds), (user("ann"), scoped, bounds(Some(lineage("acme/eu/")))));
        let unscoped = store.read().await.unwrap().credential_by_token(&secret::hash("two")).await.unwrap().unwrap();
        assert_eq!((unscoped.token, unscoped.bounds), (token("t2", "ann"), Bounds::UNBOUNDED));
        assert!(store.read().await.unwrap().credential_by_token(&secret::hash("three")).await.unwrap().is_none());
        change(&store, async |write| organizations::delete(write, &organization("acme/eu/")).await).await.unwrap();
        let gone = store.read().await.unwrap().credential_by_token(&hash).await.unwrap().unwrap().bounds;
        assert_eq!(gone, bounds(None), "the organization of the scope is gone");
    });
}

#[test]
fn a_token_belongs_to_its_user_alone() {
    on_each_engine(async |store| {
        let insert = async |write: &mut Write| {
            for (id, owner) in [("t1", "ann"), ("t2", "bob"), ("t3", "ann")] {
                api_tokens::insert(write, &token(id, owner), &secret::hash(id)).await?;
            }
            Ok(())
        };
        change(&store, insert).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        let ids = api_tokens::list(&mut read, &user_id("ann")).await.unwrap();
        assert_eq!(ids, [(token("t1", "ann"), Bounds::UNBOUNDED), (token("t3", "ann"), Bounds::UNBOUNDED)]);
        let t2 = ApiTokenId::parse("t2").unwrap();
        assert_eq!(api_tokens::get(&mut read, &user_id("ann"), &t2).await, Ok(None));
        assert_eq!(api_tokens::get(&mut read, &user_id("bob"), &t2).await, Ok(Some((token("t2", "bob"), Bounds::UNBOUNDED))));
    });
}

#[test]
fn a_rolled_or_removed_token_no_longer_opens() {
    on_each_engine(async |store| {
        let insert = async |write: &mut Write| {
            users::insert(write, &user("ann"), None).await?;
            for id in ["t1", "t2", "t3", "t4"] {
                api_tokens::insert(write, &token(id, "ann"), &secret::hash(id)).await?;
            }
            Ok(())
        };
        change(&store, insert).await.unwrap();
        let token_id = |text| ApiTokenId::parse(text).unwrap();
        let used = NOW.plus_seconds(1);
        let roll_and_remove = async |write: &mut Write| {
            api_tokens::set_hash(write, &token_id("t1"), &secret::hash("new")).await?;
            api_tokens::delete(write, &token_id("t2")).await?;
            api_tokens::touch(write, &[(token_id("t1"), used), (token_id("t2"), used)]).await
        };
        change(&store, roll_and_remove).await.unwrap();
        for (secret, opens) in [("t1", false), ("new", true), ("t2", false), ("t3", true)] {
            assert_eq!(
                store.read().await.unwrap().credential_by_token(&secret::hash(secret)).await.unwrap().is_some(),
                opens,
                "{secret}"
            );
        }
        let rolled = store.read().await.unwrap().credential_by_token(&secret::hash("new")).await.unwrap().unwrap();
        assert_eq!(rolled.token.last_used_on, Some(used));
        change(&store, async |write| api_tokens::delete_of_user(write, &user_id("ann")).await).await.unwrap();
        assert_eq!(api_tokens::list(&mut admin::read(&store).await.unwrap(), &user_id("ann")).await, Ok(Vec::new()));
    });
}

#[test]
fn members_are_found_from_both_sides() {
    on_each_engine(async |store| {
        let all = [member("b", "ann", Role::Viewer), member("a", "ann", Role::Auditor), member("a", "bob", Role::Billing)];
        let insert = async |write: &mut Write| {
            for member in &all {
                members::insert(write, member).await?;
            }
            Ok(())
        };
        change(&store, insert).await.unwrap();
        let [ann_in_b, ann_in_a, bob_in_a] = all;
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(members::of_user(&mut read, &user_id("ann")).await, Ok(vec![ann_in_a.clone(), ann_in_b.clone()]));
        assert_eq!(members::of_organization(&mut read, &id("a")).await, Ok(vec![ann_in_a.clone(), bob_in_a.clone()]));
        drop(read);
        let again = umbel_domain::Member { id: umbel_domain::MemberId::parse("other").unwrap(), ..bob_in_a.clone() };
        let twice = change(&store, async |write| members::insert(write, &again).await).await;
        assert_eq!(twice, Err(Error::Conflict), "nobody is a member twice");
        change(&store, async |write| members::delete(write, &ann_in_a).await).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(members::of_organization(&mut read, &id("a")).await, Ok(vec![bob_in_a]));
        assert_eq!(members::of_user(&mut read, &user_id("ann")).await, Ok(vec![ann_in_b]));
    });
}

fn key(user: &str, route: &str, key: &str) -> Key {
    Key { user_id: user_id(user), route: route.into(), key: key.into() }
}

fn answer(body: &str, expires_at: Timestamp) -> Answer {
    Answer { fingerprint: "f".repeat(64), status: 201, body: body.into(), expires_at }
}

#[test]
fn an_answer_is_found_under_its_own_key_until_it_expires() {
    on_each_engine(async |store| {
        let end = NOW.plus_seconds(60);
        let mine = key("ann", "POST /organizations", "k");
        change(&store, async |write| idempotency::keep(write, &mine, &answer("{}", end)).await).await.unwrap();
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(idempotency::find(&mut read, &mine, NOW).await, Ok(Some(answer("{}", end))));
        assert_eq!(idempotency::find(&mut read, &mine, end).await, Ok(None), "it counts until, not at, its end");
        for other in
            [key("bob", "POST /organizations", "k"), key("ann", "POST /users", "k"), key("ann", "POST /organizations", "K")]
        {
            assert_eq!(idempotency::find(&mut read, &other, NOW).await, Ok(None), "{other:?}");
        }
        drop(read);
        let later = answer("{\"later\":1}", end.plus_seconds(60));
        change(&store, async |write| idempotency::keep(write, &mine, &later).await).await.unwrap();
        assert_eq!(idempotency::find(&mut admin::read(&store).await.unwrap(), &mine, end).await, Ok(Some(later)));
    });
}

#[test]
fn expired_answers_are_purged_oldest_first_and_no_others() {
    on_each_engine(async |store| {
        let keep = async |write: &mut Write| {
            for n in 0..6 {
                idempotency::keep(write, &key("ann", "r", &n.to_string()), &answer("{}", NOW.plus_seconds(n - 3))).await?;
            }
            Ok(())
        };
        change(&store, keep).await.unwrap();
        let mut write = admin::write(&store).await.unwrap();
        assert_eq!(idempotency::purge(&mut write, NOW, 3).await, Ok(3));
        assert_eq!(idempotency::purge(&mut write, NOW, 3).await, Ok(1));
        assert_eq!(idempotency::purge(&mut write, NOW, 3).await, Ok(0));
        let left =
            write.rows(&statement("SELECT idempotency_key FROM idempotency_keys ORDER BY 1"), &[], |row| row.text(0)).await;
        assert_eq!(left, Ok(vec!["4".into(), "5".into()]));
    });
}

#[test]
fn the_first_value_of_the_servers_state_stays() {
    on_each_engine(async |store| {
        for (fresh, kept) in [("first", "first"), ("second", "first")] {
            let mut write = admin::write(&store).await.unwrap();
            assert_eq!(server_state::get_or_set(&mut write, "page_token_key", fresh).await, Ok(kept.into()));
            write.commit().await.unwrap();
        }
    });
}
