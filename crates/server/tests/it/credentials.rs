//! Who asks, and whether they can show it.

use axum::http::Method;
use serde_json::json;
use umbel_domain::Role;

use crate::harness::call::{Answer, Call};
use crate::harness::world::{World, key_of, token_of};
use crate::harness::{Story, TestApp};
use crate::openapi;

/// Routes that answer without a credential, as `METHOD /path`, and how they do when nothing is sent along.
pub(crate) const OPEN: [(&str, u16); 9] = [
    ("GET /healthz", 200),
    ("GET /readyz", 200),
    ("GET /umbel/v1/openapi.json", 200),
    ("POST /umbel/v1/session", 403),
    ("POST /umbel/v1/session/link", 403),
    ("POST /umbel/v1/session/oidc", 403),
    ("GET /umbel/v1/session/options", 200),
    ("GET /umbel/v1/session/oidc", 404),
    ("GET /umbel/v1/session/oidc/callback", 404),
];

/// Asks with the headers given.
async fn with(app: &TestApp, headers: &[(&'static str, &str)]) -> Answer {
    let call: Call = headers.iter().fold(app.get("/user/tokens/verify"), |call, (name, value)| call.header(name, value));
    call.await
}

#[test]
fn every_route_but_the_open_ones_refuses_who_shows_no_credential() {
    World::company().on_each_engine(async |app| {
        let mut refused = 0;
        for (method, path) in openapi::routes() {
            let path = path.replace("{organization_id}", "acme").replace("{user_id}", "ann").replace("{token_id}", "ann-token");
            let at_root = path.strip_prefix("/client/v4").unwrap_or(&path).to_owned();
            for path in [path, at_root] {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let none = app.call(method.clone(), &path).body("{}").await;
                let name = format!("{method} {path}");
                if let Some((_, status)) = OPEN.iter().find(|(open, _)| *open == name) {
                    none.expect(*status);
                    continue;
                }
                assert_eq!(none.header("www-authenticate"), Some("Bearer"), "{none}");
                none.expect_error(401, 9106, "");
                let bad = app.call(method.clone(), &path).bearer("umb_not-a-token-of-ours-at-all").await;
                bad.expect_error(401, 10_000, "");
                let head = app.call(Method::HEAD, &path).await;
                assert!([401, 405].contains(&head.status), "{head}");
                refused += 1;
            }
        }
        assert!(refused > 30, "{refused}");
    });
}

#[test]
fn missing_and_malformed_credentials_say_what_to_send() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        let mut tell = async |headers: &[(&'static str, &str)]| _ = story.tell(with(app, headers).await);
        tell(&[]).await;
        tell(&[("authorization", "Basic YW5uOmFubg==")]).await;
        tell(&[("authorization", "Bearer")]).await;
        tell(&[("x-auth-email", "ann@example.com")]).await;
        tell(&[("x-auth-key", &key_of("ann"))]).await;
        tell(&[("authorization", "Bearer unknown-unknown-unknown-unknown-unknown")]).await;
        tell(&[("x-auth-email", "ann@example.com"), ("x-auth-key", &key_of("bill"))]).await;
        insta::assert_snapshot!("bad_credentials", story);
    });
}

#[test]
fn a_token_and_a_pair_of_address_and_key_are_credentials() {
    World::company().on_each_engine(async |app| {
        assert_eq!(app.get("/user").by("ann").await.expect(200).text("id"), "ann");
        assert_eq!(app.get("/user").by_key("ann").await.expect(200).text("id"), "ann");
        let shouted = app.get("/user").header("x-auth-email", " ANN@Example.COM").header("x-auth-key", &key_of("ann"));
        assert_eq!(shouted.await.expect(200).text("id"), "ann");
        let verified = app.get("/client/v4/user/tokens/verify").by("ann").await;
        insta::assert_snapshot!("a_token_is_verified", verified);
        app.get("/user/tokens/verify").by_key("ann").await.expect_error(400, 1000, "");
    });
}

#[test]
fn empty_headers_and_a_lone_address_beside_a_token_are_ignored() {
    World::company().on_each_engine(async |app| {
        let bearer = format!("Bearer {}", token_of("ann"));
        with(app, &[("authorization", &bearer), ("x-auth-email", ""), ("x-auth-key", "")]).await.expect(200);
        with(app, &[("authorization", &bearer), ("x-auth-email", "gus@example.com")]).await.expect(200);
        with(app, &[("authorization", ""), ("x-auth-email", " ")]).await.expect_error(401, 9106, "");
        let lone_key = with(app, &[("authorization", &bearer), ("x-auth-key", &key_of("ann"))]).await;
        lone_key.expect_error(400, 6003, "/header/X-Auth-Key");
    });
}

#[test]
fn a_credential_header_is_sent_once() {
    World::company().on_each_engine(async |app| {
        let twice = app.get("/user").by("ann").by("ann").await;
        twice.expect_error(400, 6003, "/header/authorization");
        let twice = app.get("/user").by_key("ann").header("x-auth-key", &key_of("ann")).await;
        twice.expect_error(400, 6003, "/header/x-auth-key");
    });
}

#[test]
fn two_credentials_count_only_when_both_are_good_and_name_one_user() {
    let world = World::company().token("in-eu", "ann", Some("eu"), Some(Role::Viewer));
    world.on_each_engine(async |app| {
        app.get("/user").by("ann").by_key("ann").await.expect(200);
        app.get("/user").by("ann").by_key("bill").await.expect_error(400, 6003, "/header/Authorization");
        let bad_key = app.get("/user").by("ann").header("x-auth-email", "ann@example.com").header("x-auth-key", "wrong");
        bad_key.await.expect_error(400, 6003, "/header/X-Auth-Key");
        let bad_token = app.get("/user").bearer(&token_of("nobody")).by_key("ann");
        bad_token.await.expect_error(400, 6003, "/header/Authorization");
        let both_bad = app.get("/user").bearer(&token_of("nobody")).by_key("nobody");
        both_bad.await.expect_error(401, 10_000, "");
        let bounded = async |path: &str| app.get(path.to_owned()).by_token("in-eu").by_key("ann").await;
        bounded("/organizations/eu").await.expect(200);
        bounded("/organizations/acme").await.expect(404);
        let rename = app.put("/organizations/eu", json!({"name": "x"})).by_token("in-eu").by_key("ann").await;
        rename.expect_error(403, 1300, "");
    });
}

#[test]
fn a_truncated_extended_or_changed_token_is_refused() {
    World::company().on_each_engine(async |app| {
        let made = app.post("/umbel/v1/tokens", json!({"name": "mine"})).by("ann").await.expect(200).text("value");
        app.get("/user").bearer(&made).await.expect(200);
        let changed = format!("{}{}{}", &made[..20], if &made[20..21] == "a" { 'b' } else { 'a' }, &made[21..]);
        for token in [&made[..52], &made[4..], &format!("{made}0"), &made.to_uppercase(), &changed, "umb_", "x"] {
            app.get("/user").bearer(token).await.expect_error(401, 10_000, "");
        }
        for token in [&token_of("ann")[1..], &format!("{}x", token_of("ann")), &token_of("ann").to_uppercase()] {
            app.get("/user").bearer(token).await.expect_error(401, 10_000, "");
        }
    });
}

#[test]
fn a_token_is_refused_from_its_expiry_on() {
    World::company().on_each_engine(async |app| {
        let body = json!({"name": "brief", "expires_on": "2026-01-02T03:05:05.123456Z"});
        let token = app.post("/umbel/v1/tokens", body).by("ann").await.expect(200).text("value");
        let verified = app.get("/user/tokens/verify").bearer(&token).await.expect(200).result();
        assert_eq!(verified["expires_on"], "2026-01-02T03:05:05.123456Z");
        app.sources.advance_seconds(59);
        app.get("/user").bearer(&token).await.expect(200);
        app.sources.advance_seconds(1);
        app.get("/user").bearer(&token).await.expect_error(401, 10_000, "");
        app.delete("/organizations/shop").bearer(&token).await.expect_error(401, 10_000, "");
    });
}

#[test]
fn a_revoked_token_is_refused_at_once() {
    World::company().on_each_engine(async |app| {
        app.delete("/umbel/v1/tokens/ann-token").by("ann").await.expect(200);
        app.get("/user").by("ann").await.expect_error(401, 10_000, "");
        app.get("/user").by_key("ann").await.expect(200);
    });
}

#[test]
fn the_credentials_of_a_disabled_user_are_refused_until_they_are_enabled() {
    World::company().on_each_engine(async |app| {
        app.patch("/umbel/v1/users/vic", json!({"disabled": true})).by("olga").await.expect(200);
        app.get("/user").by("vic").await.expect_error(401, 10_000, "");
        app.get("/user").by_key("vic").await.expect_error(401, 10_000, "");
        app.post("/organizations", json!({"name": "x"})).by("vic").await.expect_error(401, 10_000, "");
        app.patch("/umbel/v1/users/vic", json!({"disabled": false})).by("olga").await.expect(200);
        app.get("/user").by("vic").await.expect(200);
    });
}

#[test]
fn the_credentials_of_a_deleted_user_are_refused() {
    World::company().on_each_engine(async |app| {
        app.delete("/umbel/v1/users/vic").by("olga").await.expect(200);
        app.get("/user").by("vic").await.expect_error(401, 10_000, "");
        app.get("/user").by_key("vic").await.expect_error(401, 10_000, "");
    });
}
