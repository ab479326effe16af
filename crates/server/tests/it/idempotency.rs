//! Requests that are repeated under a key.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use umbel_domain::Role;

use crate::harness::world::World;
use crate::harness::{Story, TestApp};

const ALL: &str = "/client/v4/organizations";

fn child() -> Value {
    json!({"name": "child", "parent": {"id": "acme"}})
}

#[test]
fn a_repeated_request_gets_the_first_answer_and_does_nothing() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        let first = story.tell(app.post(ALL, child()).by("ann").idempotency_key("k").await).expect(200);
        assert_eq!(first.header("idempotency-replayed"), None);
        app.put("/organizations/acme", json!({"name": "Acme!"})).by("ann").await.expect(200);
        for _ in 0..2 {
            let again = app.post(ALL, child()).by("ann").idempotency_key("k").await.expect(200);
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            assert_eq!(again.body, first.body);
        }
        story.tell(app.post(ALL, child()).by_key("ann").idempotency_key("k").await);
        let at_root = app.post("/organizations", child()).by("ann").idempotency_key("k").await.expect(200);
        assert_eq!(at_root.body, first.body, "the root and the prefix are one route");
        assert_eq!(app.organizations().await, 6);
        insta::assert_snapshot!("a_repeated_request", story);
    });
}

#[test]
fn a_key_belongs_to_one_request() {
    World::company().on_each_engine(async |app| {
        app.post(ALL, child()).by("ann").idempotency_key("k").await.expect(200);
        for body in [json!({"name": "other", "parent": {"id": "acme"}}).to_string(), format!(" {}", child())] {
            let other = app.post(ALL, body.as_str()).by("ann").idempotency_key("k").await;
            other.expect_error(422, 1405, "/header/Idempotency-Key");
        }
        let query = app.post(format!("{ALL}?a=b"), child()).by("ann").idempotency_key("k").await;
        query.expect_error(422, 1405, "/header/Idempotency-Key");
        assert_eq!(app.organizations().await, 6);
    });
}

#[test]
fn a_key_belongs_to_its_user_and_route() {
    World::company().on_each_engine(async |app| {
        app.post(ALL, child()).by("ann").idempotency_key("k").await.expect(200);
        let others = app.post(ALL, child()).by("adam").idempotency_key("k").await.expect(200);
        assert_eq!(others.header("idempotency-replayed"), None);
        let token = app.post("/umbel/v1/tokens", json!({"name": "t"})).by("ann").idempotency_key("k").await.expect(200);
        assert_eq!(token.header("idempotency-replayed"), None);
        let roll = async |id: &str| app.post(format!("/umbel/v1/tokens/{id}/roll"), "").by("ann").idempotency_key("k").await;
        let id = token.text("id");
        roll(&id).await.expect(200);
        roll("ann-token").await.expect_error(422, 1405, "/header/Idempotency-Key");
        assert_eq!(app.organizations().await, 7);
    });
}

#[test]
fn an_answer_is_kept_for_a_day() {
    World::company().on_each_engine(async |app| {
        let post = async || app.post(ALL, child()).by("ann").idempotency_key("k").await.expect(200);
        let first = post().await;
        app.sources.advance_seconds(24 * 60 * 60 - 1);
        assert_eq!(post().await.body, first.body);
        app.sources.advance_seconds(1);
        let anew = post().await;
        assert_eq!(anew.header("idempotency-replayed"), None);
        assert_ne!(anew.text("id"), first.text("id"));
        app.sources.advance_seconds(60);
        assert_eq!(post().await.body, anew.body, "the day begins again");
    });
}

#[test]
fn a_refusal_is_not_kept() {
    World::company().on_each_engine(async |app| {
        let post = async || app.post(ALL, child()).by("vic").idempotency_key("k").await;
        post().await.expect_error(403, 1300, "/parent/id");
        app.change_role("acme", "vic", Role::Administrator).await;
        let done = post().await.expect(200);
        assert_eq!(done.header("idempotency-replayed"), None);
    });
}

#[test]
fn a_replay_is_authorized_anew() {
    World::company().on_each_engine(async |app| {
        let post = async || app.post(ALL, child()).by("adam").idempotency_key("k").await;
        post().await.expect(200);
        app.change_role("acme", "adam", Role::Viewer).await;
        post().await.expect_error(403, 1300, "/parent/id");
        app.end_membership("acme", "adam").await;
        post().await.expect_error(404, 1200, "/parent/id");
    });
}

#[test]
fn a_replayed_creation_of_a_credential_does_not_show_the_secret_again() {
    World::company().on_each_engine(async |app| {
        let repeated = async |path: &str, body: Value, user: &str, secret: &str| {
            let post = async || app.post(path, body.clone()).by_key(user).idempotency_key("k").await.expect(200);
            let mut first = post().await.result();
            assert!(first.as_object_mut().unwrap().remove(secret).is_some(), "{path}");
            let again = post().await;
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            assert_eq!(again.result(), first, "{path}");
        };
        repeated("/umbel/v1/tokens", json!({"name": "t"}), "ann", "value").await;
        repeated("/umbel/v1/tokens/vic-token/roll", json!({}), "vic", "value").await;
        repeated("/umbel/v1/users", json!({"email": "new@example.com"}), "olga", "api_key").await;
    });
}

#[test]
fn a_key_has_1_to_255_printable_characters() {
    World::company().on_each_engine(async |app| {
        app.post(ALL, child()).by("ann").idempotency_key(&"k".repeat(255)).await.expect(200);
        for key in ["", &"k".repeat(256), "schlüssel"] {
            let answer = app.post(ALL, child()).by("ann").idempotency_key(key).await;
            answer.expect_error(400, 1105, "/header/Idempotency-Key");
        }
        assert_eq!(app.organizations().await, 6);
    });
}

#[test]
fn only_posts_have_keys() {
    World::company().on_each_engine(async |app| {
        let put = async |name: &str| {
            let put = app.put("/organizations/acme", json!({"name": name})).by("ann").idempotency_key("k").await;
            put.expect(200).text("name")
        };
        assert_eq!(put("one").await, "one");
        assert_eq!(put("two").await, "two");
        assert_eq!(app.rows("idempotency_keys").await.len(), 0);
    });
}

/// Sends the same request many times at once.
async fn twins(app: &TestApp, count: usize) -> BTreeSet<String> {
    let sent: Vec<_> =
        (0..count).map(|_| tokio::spawn(app.post(ALL, child()).by("ann").idempotency_key("k").into_future())).collect();
    let mut ids = BTreeSet::new();
    let mut originals = 0;
    for answer in sent {
        let answer = answer.await.unwrap().expect(200);
        originals += usize::from(answer.header("idempotency-replayed").is_none());
        ids.insert(answer.text("id"));
    }
    assert_eq!(originals, 1);
    ids
}

#[test]
fn of_twenty_twins_at_once_one_runs() {
    World::company().on_each_engine(async |app| {
        assert_eq!(twins(app, 20).await.len(), 1);
        assert_eq!(app.organizations().await, 6);
        assert_eq!(app.audit_log().await.len(), 1);
    });
}
