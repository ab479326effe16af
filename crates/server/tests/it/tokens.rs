//! API tokens: what they reach, and who may make, see and end them.

use std::time::Duration;

use serde_json::{Value, json};
use umbel_domain::Role;

use crate::harness::call::Answer;
use crate::harness::world::World;
use crate::harness::{Story, TestApp};

const TOKENS: &str = "/umbel/v1/tokens";

/// Ann, super administrator of Acme, with tokens of every width.
fn widths() -> World {
    World::company()
        .token("all", "ann", None, None)
        .token("all-viewer", "ann", None, Some(Role::Viewer))
        .token("eu", "ann", Some("eu"), None)
        .token("eu-admin", "ann", Some("eu"), Some(Role::Administrator))
        .token("shop-viewer", "ann", Some("shop"), Some(Role::Viewer))
        .token("us", "ann", Some("us"), None)
        .token("vic-first", "vic", None, None)
}

async fn make(app: &TestApp, with: &str, more: Value) -> Answer {
    let mut body = json!({"name": "made"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post(TOKENS, body).by_token(with).await
}

#[test]
fn a_token_is_made_shown_rolled_and_revoked() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        let body = json!({
            "name": " deploy ",
            "organization_id": "eu",
            "role": "administrator",
            "expires_on": "2027-01-01T01:00:00+01:00",
            "id": "mine",
            "value": "chosen",
        });
        let made = story.tell(app.post(TOKENS, body).by("ann").await);
        let path = format!("{TOKENS}/{}", made.text("id"));
        story.tell(app.get(&path).by("ann").await);
        story.tell(app.get(TOKENS).by("ann").await);
        let rolled = story.tell(app.call(axum::http::Method::POST, format!("{path}/roll")).by("ann").await);
        app.get("/user").bearer(&made.text("value")).await.expect_error(401, 10_000, "");
        app.get("/organizations/eu").bearer(&rolled.text("value")).await.expect(200);
        story.tell(app.delete(&path).by("ann").await);
        story.tell(app.get(&path).by("ann").await);
        app.get("/user").bearer(&rolled.text("value")).await.expect_error(401, 10_000, "");
        insta::assert_snapshot!("life_of_a_token", story);
    });
}

#[test]
fn a_scope_and_a_role_narrow_what_a_token_reaches() {
    widths().on_each_engine(async |app| {
        let reads = async |token: &str| app.get("/organizations").by_token(token).await.expect(200).ids().join(" ");
        assert_eq!(reads("all").await, "acme eu shop us");
        assert_eq!(reads("all-viewer").await, "acme eu shop us");
        assert_eq!(reads("eu").await, "eu shop");
        assert_eq!(reads("shop-viewer").await, "shop");
        let rename = async |token: &str, id: &str| {
            app.put(format!("/organizations/{id}"), json!({"name": id})).by_token(token).await.status
        };
        for (token, id, status) in [
            ("all", "shop", 200),
            ("all-viewer", "shop", 403),
            ("eu", "shop", 200),
            ("eu-admin", "shop", 200),
            ("shop-viewer", "shop", 403),
            ("eu", "us", 404),
            ("eu", "acme", 404),
        ] {
            assert_eq!(rename(token, id).await, status, "{token} {id}");
        }
        app.delete("/organizations/shop").by_token("eu-admin").await.expect_error(403, 1300, "");
    });
}

#[test]
fn a_scope_or_a_role_never_widens_what_the_owner_may_do() {
    let world = World::company()
        .token("vic-super", "vic", None, Some(Role::SuperAdministrator))
        .token("vic-globex", "vic", Some("globex"), Some(Role::SuperAdministrator))
        .token("ned-acme", "ned", Some("acme"), None);
    world.on_each_engine(async |app| {
        app.put("/organizations/shop", json!({"name": "x"})).by_token("vic-super").await.expect_error(403, 1300, "");
        app.get("/organizations/globex").by_token("vic-globex").await.expect(404);
        app.get("/organizations/acme").by_token("vic-globex").await.expect(404);
        app.get("/organizations/acme").by_token("ned-acme").await.expect(404);
        app.get("/umbel/v1/users").by_token("vic-super").await.expect_error(403, 1300, "");
    });
}

#[test]
fn a_token_of_an_operator_is_bound_like_any_other() {
    let world = World::company().token("in-eu", "olga", Some("eu"), None).token("viewer", "olga", None, Some(Role::Viewer));
    world.on_each_engine(async |app| {
        assert_eq!(app.get("/organizations").by_token("in-eu").await.ids(), ["eu", "shop"]);
        app.get("/umbel/v1/users").by_token("in-eu").await.expect_error(403, 1300, "");
        app.post("/organizations", json!({"name": "root"})).by_token("in-eu").await.expect_error(403, 1300, "");
        app.get("/organizations/globex").by_token("viewer").await.expect(200);
        app.put("/organizations/globex", json!({"name": "x"})).by_token("viewer").await.expect_error(403, 1300, "");
        app.get("/umbel/v1/users").by_token("viewer").await.expect_error(403, 1300, "");
    });
}

#[test]
fn a_token_mints_none_that_reaches_further_than_itself() {
    widths().on_each_engine(async |app| {
        for (with, more, status) in [
            ("all", json!({}), 200),
            ("all-viewer", json!({}), 403),
            ("all-viewer", json!({"role": "auditor"}), 403),
            ("all-viewer", json!({"role": "viewer"}), 200),
            ("eu", json!({}), 403),
            ("eu", json!({"organization_id": "shop"}), 200),
            ("eu", json!({"organization_id": "eu", "role": "super_administrator"}), 200),
            ("eu-admin", json!({"organization_id": "shop"}), 403),
            ("eu-admin", json!({"organization_id": "shop", "role": "super_administrator"}), 403),
            ("eu-admin", json!({"organization_id": "shop", "role": "administrator"}), 200),
            ("eu-admin", json!({"organization_id": "eu", "role": "billing"}), 200),
            ("eu-admin", json!({"organization_id": null, "role": null}), 403),
        ] {
            let answer = make(app, with, more.clone()).await;
            assert_eq!(answer.status, status, "{with} {more}: {answer}");
            if status == 403 {
                answer.expect_error(403, 1302, "");
            }
        }
        for id in ["acme", "us", "globex", "nowhere"] {
            make(app, "eu", json!({"organization_id": id})).await.expect_error(404, 1200, "/organization_id");
        }
    });
}

#[test]
fn a_token_sees_rolls_and_revokes_only_those_that_reach_no_further() {
    widths().on_each_engine(async |app| {
        assert_eq!(
            app.get(TOKENS).by_token("all").await.ids(),
            ["all", "all-viewer", "ann-token", "eu", "eu-admin", "shop-viewer", "us"]
        );
        assert_eq!(app.get(TOKENS).by_token("eu").await.ids(), ["eu", "eu-admin", "shop-viewer"]);
        assert_eq!(app.get(TOKENS).by_token("shop-viewer").await.ids(), ["shop-viewer"]);
        for hidden in ["all", "us", "ann-token", "vic-first", "vic-token", "nowhere"] {
            let path = format!("{TOKENS}/{hidden}");
            app.get(&path).by_token("eu").await.expect_error(404, 1200, "");
            app.post(format!("{path}/roll"), "").by_token("eu").await.expect_error(404, 1200, "");
            app.delete(&path).by_token("eu").await.expect_error(404, 1200, "");
        }
        app.post(format!("{TOKENS}/eu-admin/roll"), "").by_token("eu").await.expect(200);
        app.delete(format!("{TOKENS}/shop-viewer")).by_token("eu").await.expect(200);
        app.delete(format!("{TOKENS}/eu")).by_token("eu").await.expect(200);
    });
}

#[test]
fn the_tokens_of_others_do_not_exist_for_operators_either() {
    World::company().on_each_engine(async |app| {
        assert_eq!(app.get(TOKENS).by("olga").await.ids(), ["olga-token"]);
        app.get(format!("{TOKENS}/ann-token")).by("olga").await.expect(404);
        app.delete(format!("{TOKENS}/ann-token")).by("olga").await.expect(404);
        app.get("/user").by("ann").await.expect(200);
    });
}

#[test]
fn a_token_does_not_outlive_the_one_that_made_it() {
    World::company().on_each_engine(async |app| {
        let until = |text: &str| json!({"name": "brief", "expires_on": text});
        let brief = app.post(TOKENS, until("2026-02-01T00:00:00Z")).by("ann").await.expect(200).text("value");
        let child = app.post(TOKENS, json!({"name": "child"})).bearer(&brief).await.expect(200);
        assert_eq!(child.text("expires_on"), "2026-02-01T00:00:00Z", "without an end of its own it has its maker's");
        app.post(TOKENS, until("2026-01-31T00:00:00Z")).bearer(&brief).await.expect(200);
        app.post(TOKENS, until("2026-02-01T00:00:01Z")).bearer(&brief).await.expect_error(403, 1302, "");
        app.delete(format!("{TOKENS}/ann-token")).bearer(&brief).await.expect_error(404, 1200, "");
        assert_eq!(app.get(TOKENS).bearer(&brief).await.ids().len(), 3);
    });
}

#[test]
fn a_token_loses_what_its_owner_loses_at_the_next_request() {
    widths().on_each_engine(async |app| {
        let rename = async || app.put("/organizations/shop", json!({"name": "x"})).by_token("eu").await;
        rename().await.expect(200);
        app.change_role("acme", "ann", Role::Viewer).await;
        rename().await.expect_error(403, 1300, "");
        app.get("/organizations/shop").by_token("eu").await.expect(200);
        app.end_membership("acme", "ann").await;
        rename().await.expect_error(404, 1200, "");
        app.get("/user").by_token("eu").await.expect(200);
    });
}

#[test]
fn a_user_has_a_thousand_tokens_at_most() {
    let world = (0..999).fold(World::company(), |world, n| world.token(&format!("t{n}"), "ann", None, None));
    world.on_each_engine(async |app| {
        let body = || json!({"name": "one too many"});
        app.post(TOKENS, body()).by("ann").await.expect_error(409, 1401, "");
        app.delete(format!("{TOKENS}/t0")).by("ann").await.expect(200);
        app.post(TOKENS, body()).by("ann").await.expect(200);
    });
}

#[test]
fn what_is_wrong_with_a_new_token_is_named_at_once() {
    World::company().on_each_engine(async |app| {
        let body = json!({"name": "", "organization_id": "a/b", "role": "king", "expires_on": "tomorrow"});
        insta::assert_snapshot!("a_wrong_token", app.post(TOKENS, body).by("ann").await);
        let past = json!({"name": "late", "expires_on": "2026-01-02T03:04:05.123456Z"});
        app.post(TOKENS, past).by("ann").await.expect_error(400, 1100, "/expires_on");
    });
}

#[test]
fn the_last_use_of_a_token_is_kept() {
    World::company().on_each_engine(async |app| {
        app.get("/user").by("ann").await.expect(200);
        app.app.finish().await;
        let used = app.get(format!("{TOKENS}/ann-token")).by("ann").await.expect(200);
        assert_eq!(used.text("last_used_on"), "2026-01-02T03:04:05.123456Z");
    });
}

#[test]
fn who_waits_for_a_turn_with_a_token_that_is_revoked_meanwhile_gets_nothing() {
    World::company().on_each_engine(async |app| {
        let made = app.post(TOKENS, json!({"name": "deploy"})).by("ann").await.expect(200);
        let (path, value) = (format!("{TOKENS}/{}", made.text("id")), made.text("value"));
        let mut places = Vec::new();
        while let Ok(place) = tokio::time::timeout(Duration::from_millis(200), app.store.place()).await {
            places.push(place.unwrap());
        }
        let meanwhile = async {
            app.get("/organizations/acme").by("ann").await.expect(200);
            app.delete(&path).by("ann").await.expect(200);
            tokio::time::sleep(Duration::from_millis(200)).await;
            drop(places);
        };
        let (at_once, for_the_total, other, ()) = tokio::join!(
            async { app.get("/accounts").bearer(&value).await },
            async { app.get("/organizations?page_size=1").bearer(&value).await },
            async { app.get("/organizations?page_size=1").by("ann").await },
            meanwhile,
        );
        at_once.expect_error(401, 10_000, "");
        for_the_total.expect_error(401, 10_000, "");
        assert!(other.expect(200).json()["result_info"]["total_size"].as_u64() > Some(1));
    });
}
