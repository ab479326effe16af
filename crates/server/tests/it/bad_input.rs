//! What clients should not send: the answer says what is wrong and where, and nothing changes.

use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::world::World;

const ALL: &str = "/client/v4/organizations";

/// What there is, whoever looks.
async fn state(app: &TestApp) -> Vec<String> {
    let mut state = Vec::new();
    for table in ["organizations", "organization_members", "users", "audit_entries", "idempotency_keys"] {
        let rows = app.rows(table).await;
        state.extend(rows.into_iter().map(|row| format!("{table} {}", Value::Object(row))));
    }
    state.sort_unstable();
    state
}

/// A body and the errors of its answer, for a snapshot.
fn tell(story: &mut String, body: &str, answer: &Answer) {
    writeln!(story, "{}\n  → {}", body.escape_debug(), answer.status).unwrap();
    for error in answer.json()["errors"].as_array().unwrap() {
        let pointer = error["source"]["pointer"].as_str().unwrap_or("nowhere");
        writeln!(story, "    {} {pointer}: {}", error["code"], error["message"].as_str().unwrap()).unwrap();
    }
}

/// Sends each body and tells what is wrong with it; nothing must change.
async fn refused(app: &TestApp, method: Method, path: &str, user: &str, bodies: &[&str]) -> String {
    let before = state(app).await;
    let mut story = format!("{method} {path}\n");
    for body in bodies {
        let answer = app.call(method.clone(), path).by(user).body(*body).await;
        tell(&mut story, body, &answer);
        assert_eq!(answer.status, 400, "{answer}");
        assert!(answer.errors().iter().all(|(code, _)| *code == 1100), "{answer}");
    }
    assert_eq!(state(app).await, before);
    story
}

#[test]
fn bodies_that_are_not_json_are_refused() {
    World::company().on_each_engine(async |app| {
        let bodies = [
            "",
            " \n",
            "{",
            "nonsense",
            "{\"name\":\"a\"} {}",
            "{\"name\":\"a\",}",
            "{'name':'a'}",
            "{\"name\":NaN}",
            "{\"name\":\"\\ud800\"}",
            "{\"name\":\"a\nb\"}",
            "\u{feff}{\"name\":\"a\"}",
            "name=a",
        ];
        insta::assert_snapshot!("bodies_that_are_not_json", refused(app, Method::POST, ALL, "ann", &bodies).await);
        let latin1 = app.post(ALL, b"{\"name\":\"caf\xe9\"}".to_vec()).by("ann").await;
        assert_eq!(latin1.expect(400).errors()[0].0, 1100);
    });
}

#[test]
fn bodies_of_another_shape_are_refused_with_every_fault_at_once() {
    World::company().on_each_engine(async |app| {
        let deep = format!("{{\"name\":\"a\",\"x\":{}{}}}", "[".repeat(32), "]".repeat(32));
        let bodies = [
            "[]",
            "[\"Acme\",null,null]",
            "\"Acme\"",
            "null",
            "7",
            "{}",
            "{\"name\":null}",
            "{\"name\":7}",
            "{\"name\":[\"a\"]}",
            "{\"Name\":\"a\"}",
            "{\"name\":\"a\",\"name\":\"b\"}",
            "{\"name\":\"a\",\"n\\u0061me\":\"b\"}",
            "{\"name\":\"a\",\"x\":1,\"x\":2}",
            "{\"name\":\"a\",\"x\":[{\"y\":1,\"y\":2}]}",
            "{\"name\":\"a\",\"parent\":\"acme\"}",
            "{\"name\":\"a\",\"parent\":[\"acme\"]}",
            "{\"name\":\"a\",\"parent\":{}}",
            "{\"name\":\"a\",\"parent\":{\"id\":null}}",
            "{\"name\":\"a\",\"profile\":{}}",
            "{\"name\":\"a\",\"profile\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}",
            "{\"name\":7,\"parent\":{\"id\":1,\"id\":2},\"profile\":{\"business_name\":3}}",
            &deep,
        ];
        insta::assert_snapshot!("bodies_of_another_shape", refused(app, Method::POST, ALL, "ann", &bodies).await);
    });
}

#[test]
fn values_that_cannot_be_are_refused_with_every_fault_at_once() {
    World::company().on_each_engine(async |app| {
        let (longest, too_long) = ("é".repeat(255), "é".repeat(256));
        let bodies = [
            "{\"name\":\"\"}",
            "{\"name\":\" \\t \"}",
            "{\"name\":\"a\\u0000b\"}",
            "{\"name\":\"a\\u001b[31m\"}",
            "{\"name\":\"a\\u0085b\"}",
            &format!("{{\"name\":\"{too_long}\"}}"),
            "{\"name\":\"a\",\"parent\":{\"id\":\"\"}}",
            "{\"name\":\"a\",\"parent\":{\"id\":\"a/b\"}}",
            "{\"name\":\"\",\"parent\":{\"id\":\"../acme\"}}",
        ];
        insta::assert_snapshot!("values_that_cannot_be", refused(app, Method::POST, ALL, "ann", &bodies).await);
        let created = app.post(ALL, json!({"name": longest})).by("ann").await.expect(200);
        assert_eq!(created.text("name"), longest);
    });
}

#[test]
fn a_profile_is_free_text_within_its_limits() {
    World::company().on_each_engine(async |app| {
        let path = "/organizations/acme/profile";
        let profile = |text: &str| {
            json!({
                "business_address": "",
                "business_email": "",
                "business_name": text,
                "business_phone": "",
                "external_metadata": "",
            })
        };
        let wrong = |text: &str, pointer| (profile(text), pointer);
        for (body, pointer) in [wrong("a\0b", "/business_name"), wrong(&"x".repeat((16 << 10) + 1), "")] {
            app.put(path, body.clone()).by("ann").await.expect_error(400, 1100, pointer);
            let whole = json!({"name": "n", "profile": body});
            let pointer = format!("/profile{pointer}");
            app.put("/organizations/acme", whole.clone()).by("ann").await.expect_error(400, 1100, &pointer);
            app.post(ALL, whole).by("ann").await.expect_error(400, 1100, &pointer);
        }
        for text in [&"x".repeat(16 << 10), "\r\n\t\u{1}\u{7f}\"\\ \u{1f331} <script>", " {} "] {
            app.put(path, profile(text)).by("ann").await.expect(204);
            assert_eq!(app.get(path).by("ann").await.text("business_name"), text);
        }
    });
}

#[test]
fn other_bodies_are_held_to_their_shape_as_well() {
    World::company().on_each_engine(async |app| {
        let mut story = String::new();
        let array = "[\"a\"]";
        let routes: [(Method, &str, &[&str]); 5] = [
            (Method::PUT, "/client/v4/organizations/acme", &["{}", array, "{\"name\":\"a\",\"parent\":{\"id\":\"a.b\"}}"]),
            (Method::PUT, "/client/v4/organizations/acme/profile", &["{}", array, "null"]),
            (
                Method::PUT,
                "/umbel/v1/organizations/acme/flags",
                &["{\"account_creation\":true,\"member_management\":\"on\"}", array, "{\"account_creation\":\"ENABLED\"}"],
            ),
            (Method::POST, "/umbel/v1/users", &["{}", array, "{\"email\":\"\",\"name\":\"\",\"managed_by\":\"a b\"}"]),
            (Method::PATCH, "/umbel/v1/users/vic", &["{}", array, "{\"disabled\":\"yes\"}", "{\"disabled\":null}"]),
        ];
        for (method, path, bodies) in routes {
            story += &refused(app, method, path, "olga", bodies).await;
        }
        insta::assert_snapshot!("other_bodies", story);
    });
}

/// A body of exactly so many bytes.
fn body_of(length: usize) -> Vec<u8> {
    let mut body = b"{\"name\":\"a\",\"padding\":\"".to_vec();
    body.resize(length - 2, b'x');
    body.extend(b"\"}");
    body
}

#[test]
fn a_body_over_a_mebibyte_is_too_large_on_every_route() {
    const LIMIT: usize = 1 << 20;
    World::company().on_each_engine(async |app| {
        app.post(ALL, body_of(LIMIT)).by("ann").await.expect(200);
        let before = state(app).await;
        for (method, path) in [
            (Method::POST, ALL),
            (Method::PUT, "/organizations/acme"),
            (Method::PUT, "/organizations/acme/profile"),
            (Method::DELETE, "/organizations/shop"),
            (Method::POST, "/umbel/v1/tokens/ann-token/roll"),
        ] {
            let answer = app.call(method, path).by("ann").body(body_of(LIMIT + 1)).await;
            answer.expect_error(413, 1104, "");
        }
        app.post(ALL, body_of(LIMIT + 1)).await.expect(401);
        assert_eq!(state(app).await, before);
    });
}

#[test]
fn the_limit_of_a_body_is_a_setting() {
    World::company().settings(|settings| settings.body_size_max = 100).on_each_engine(async |app| {
        app.post(ALL, body_of(100)).by("ann").await.expect(200);
        app.post(ALL, body_of(101)).by("ann").await.expect_error(413, 1104, "");
        app.post(ALL, body_of(6 << 20)).by("ann").await.expect_error(413, 1104, "");
    });
}

#[test]
fn an_unknown_parent_is_told_like_one_that_is_hidden() {
    World::company().on_each_engine(async |app| {
        let below = async |parent: &str| app.post(ALL, json!({"name": "a", "parent": {"id": parent}})).by("ann").await;
        let unknown = below("nowhere").await.expect_error(404, 1200, "/parent/id");
        assert_eq!(below("globex").await.indistinct(), unknown.indistinct());
        assert_eq!(app.organizations().await, 5);
    });
}

#[test]
fn a_tree_grows_no_deeper_than_its_limit() {
    let world = World::company().settings(|settings| settings.tree_limits.depth_max = 3);
    world.on_each_engine(async |app| {
        let below = async |parent: &str, user: &str| app.post(ALL, json!({"name": "a", "parent": {"id": parent}})).by(user).await;
        below("eu", "ann").await.expect(200);
        for user in ["ann", "olga"] {
            let refused = below("shop", user).await.expect_error(409, 1401, "");
            assert_eq!(refused.header("x-should-retry"), Some("false"));
            assert!(refused.json()["errors"][0]["message"].as_str().unwrap().contains("tree_depth_max"));
        }
        assert_eq!(app.organizations().await, 6);
    });
}

#[test]
fn an_organization_has_no_more_children_than_its_limit() {
    let world = World::company().settings(|settings| settings.tree_limits.children_max = 5);
    world.on_each_engine(async |app| {
        let create = async || app.post(ALL, json!({"name": "a", "parent": {"id": "acme"}})).by("ann").await;
        let mut last = String::new();
        for _ in 0..3 {
            last = create().await.expect(200).text("id");
        }
        for _ in 0..3 {
            let refused = create().await.expect_error(409, 1401, "");
            assert!(refused.json()["errors"][0]["message"].as_str().unwrap().contains("children_max"));
        }
        app.delete(format!("{ALL}/{last}")).by("ann").await.expect(200);
        create().await.expect(200);
        create().await.expect(409);
        app.post(ALL, json!({"name": "elsewhere", "parent": {"id": "us"}})).by("ann").await.expect(200);
    });
}

#[test]
fn conflicts_are_not_to_be_retried() {
    World::company().on_each_engine(async |app| {
        let conflict = app.delete("/organizations/acme").by("ann").await.expect(409);
        assert_eq!(conflict.header("x-should-retry"), Some("false"));
        assert_eq!(app.delete("/organizations/acme").by("vic").await.expect(403).header("x-should-retry"), None);
    });
}
