//! Erasing what is personal in audit logs: where it goes from, what stays, and that everything signed stays provable.

use serde_json::{Value, json};
use umbel_domain::Role;
use umbel_proof::bundle::{self, Known};
use umbel_server::App;
use umbel_store::DatabaseUrl;

use crate::audit_log::entry;
use crate::audit_proofs::opened;
use crate::audit_retention::{grown, keep, until};
use crate::harness::TestApp;
use crate::harness::database::TABLES;
use crate::harness::world::World;

const EVER: &str = "since=2020-01-01&before=2030-01-01";
const ACME: &str = "organizations/acme/";
const ADDRESS: &str = "eve@example.com";

/// Eve is administrator of Acme; what she did elsewhere is in the logs of Acme and of the server.
fn company() -> World {
    let world = World::company().user("eve").member("acme", "eve", Role::Administrator);
    let more = json!({
        "actor": {"id": "u", "email": "Eve@Example.com", "token_name": "of eve", "ip_address": "198.51.100.9"},
        "resource": {"id": "shop", "before": {"owner": "eve\u{40}example.com"}},
    });
    let world = entry(world, "imported", (Some("shop"), None), "2025-11-01T00:00:00Z", &more);
    entry(world, "of-server", (None, None), "2025-11-01T00:00:00Z", &json!({"raw": {"uri": "/users?email=eve%40example.com"}}))
}

fn erasures_of(log: &str) -> String {
    format!("/umbel/v1/{log}logs/audit/erasures")
}

/// Orders an erasure and waits until it is done.
async fn erase(app: &TestApp, log: &str, who: Value, by: &str) -> Value {
    let ordered = app.post(erasures_of(log), who).by(by).await.expect(200).json()["result"].take();
    assert_eq!((&ordered["status"], &ordered["erased"]), (&json!("running"), &json!(0)));
    done(app, log, ordered["id"].as_str().unwrap(), by).await
}

async fn done(app: &TestApp, log: &str, id: &str, by: &str) -> Value {
    let shown = async || app.get(format!("{}/{id}", erasures_of(log))).by(by).await.expect(200).json()["result"].take();
    until("the erasure is done", async || shown().await["status"] == "done").await;
    shown().await
}

/// Every place in the database that names the address.
async fn places(app: &TestApp) -> Vec<String> {
    let mut places = Vec::new();
    let bytes = umbel_domain::secret::to_hex(ADDRESS.as_bytes());
    for table in TABLES {
        for row in app.rows(table).await {
            let text = json!(row).to_string().to_lowercase();
            places.extend((text.contains(ADDRESS) || text.contains(&bytes)).then(|| format!("{table}: {text}")));
        }
    }
    for row in app.audit_log().await {
        let text = json!(row).to_string().to_lowercase().replace("%40", "@");
        places.extend(text.contains(ADDRESS).then(|| format!("the log: {text}")));
    }
    places
}

/// Whether the address stands in the file of the database, or in its write-ahead log.
fn is_in_files(app: &TestApp) -> bool {
    let DatabaseUrl::Sqlite(path) = &app.database.url else { return false };
    let wal = path.with_extension("db-wal");
    [path.clone(), wal].iter().any(|path| {
        let file = std::fs::read(path).unwrap_or_default().to_ascii_lowercase();
        file.windows(ADDRESS.len()).any(|window| window == ADDRESS.as_bytes())
    })
}

/// What Eve did, and what was done to her; she is gone afterwards.
async fn live_and_leave(app: &TestApp) {
    app.put("/organizations/eu", json!({"name": "Europe"})).by("eve").await.expect(200);
    app.post("/umbel/v1/organizations/us/members", json!({"email": "EVE@example.com", "role": "viewer"}))
        .by("ann")
        .await
        .expect(200);
    app.post("/umbel/v1/organizations/us/members", json!({"email": ADDRESS, "role": "viewer"})).by("ann").await.expect(409);
    app.put("/organizations/eu", json!({"name": "EU"})).by("ann").await.expect(200);
    app.delete("/umbel/v1/users/eve").by("olga").await.expect(200);
}

#[test]
fn an_erased_address_is_nowhere_and_every_proof_stays_good() {
    company().on_each_engine(async |app| {
        live_and_leave(app).await;
        // Imported, Europe, the member, the refusal, EU, the end of two memberships.
        let known = grown(app, ACME, 7, "aud").await;
        grown(app, "", 2, "olga").await;
        assert!(!places(app).await.is_empty());
        let proofs = async || {
            let path = "/umbel/v1/organizations/shop/logs/audit/imported/proof?action_time=2025-11-01";
            app.get(path).by("aud").await.expect(200).json()["result"]["leaf_hash"].take()
        };
        let leaf = proofs().await;

        let erased = erase(app, ACME, json!({"email": "Eve@example.com"}), "ann").await;
        // What Eve did, what Ann did with her address, and what was imported; the end of her memberships names her id alone.
        assert_eq!(erased["erased"], 4, "{erased}");
        let of_server = erase(app, "", json!({"email": ADDRESS}), "olga").await;
        assert_eq!(of_server["erased"], 2);
        assert_eq!(places(app).await, Vec::<String>::new());
        assert!(!is_in_files(app), "the file has what was erased");

        let now = opened(&grown(app, ACME, 9, "aud").await);
        assert_eq!(proofs().await, leaf);
        let bundle = app.get("/umbel/v1/organizations/acme/logs/audit/bundle").by("aud").await.expect(200).body;
        let earlier = opened(&known);
        let verified = bundle::verify(&bundle[..], &Known { key: None, checkpoint: Some(&earlier) }).unwrap();
        assert_eq!((verified.tally.leaves, verified.tally.erased, now.size), (9, 4, 9));

        let list = async |query: &str| {
            let path = format!("/organizations/acme/logs/audit?{EVER}&include_descendants=true&{query}");
            app.get(path).by("aud").await.expect(200)
        };
        assert!(list("actor_email=eve@example.com").await.ids().is_empty());
        let by_eve = list("actor_id=eve").await.json()["result"][0].take();
        assert_eq!(by_eve["actor"], json!({"context": "api_token", "id": "eve", "token_id": "eve-token", "type": "user"}));
        assert_eq!(by_eve["resource"].get("request"), None);
        let by_ann = list("actor_id=ann&resource_id=eu").await.json()["result"][0].take();
        assert_eq!((&by_ann["actor"]["email"], &by_ann["raw"]["method"]), (&json!("ann@example.com"), &json!("PUT")));
        assert_eq!(by_ann["resource"]["request"], json!({"name": "EU"}));
        app.get(format!("/umbel/v1/organizations/acme/logs/audit/export?{EVER}")).by("aud").await.expect(200);
        let told = list("resource_type=audit_erasure&direction=asc").await.json()["result"].take();
        assert_eq!((told[0]["actor"]["id"].clone(), told[0]["resource"].get("request")), (json!("ann"), None));
        assert_eq!((&told[1]["actor"]["type"], &told[1]["resource"]["response"]), (&json!("system"), &json!({"erased": 4})));

        // The word comes back with who has the address again.
        let again = json!({"email": ADDRESS, "role": "viewer"});
        app.post("/umbel/v1/organizations/us/members", again).by("ann").await.expect(200);
        let shown = list("resource_type=organization_member&action_type=create&direction=desc").await;
        assert!(shown.to_string().contains(ADDRESS), "{shown}");
    });
}

#[test]
fn a_user_is_erased_by_their_id_with_the_address_that_they_have() {
    company().on_each_engine(async |app| {
        app.put("/organizations/eu", json!({"name": "Europe"})).by("eve").await.expect(200);
        app.put("/organizations/eu", json!({"name": "EU"})).by("ann").await.expect(200);
        grown(app, ACME, 3, "aud").await;
        let erased = erase(app, ACME, json!({"user_id": "eve"}), "ann").await;
        assert_eq!((&erased["erased"], &erased["user_id"]), (&json!(2), &json!("eve")));
        // Whoever acts gets their words back, also while they are being removed.
        app.put("/organizations/eu", json!({"name": "E"})).by("eve").await.expect(200);
        let log = app.get(format!("/organizations/eu/logs/audit?{EVER}&actor_id=eve")).by("aud").await.json()["result"].take();
        assert_eq!((&log[0]["actor"]["email"], log[1]["actor"].get("email")), (&json!(ADDRESS), None));
    });
}

#[test]
fn what_is_ordered_is_finished_by_whoever_serves_next() {
    company().on_each_engine(async |app| {
        app.put("/organizations/eu", json!({"name": "Europe"})).by("eve").await.expect(200);
        app.app.finish().await;
        let ordered = app.post(erasures_of(ACME), json!({"email": ADDRESS})).by("ann").await.expect(200);
        let id = ordered.json()["result"]["id"].as_str().unwrap().to_owned();
        let running = app.get(format!("{}/{id}", erasures_of(ACME))).by("aud").await.expect(200);
        assert_eq!(running.json()["result"]["status"], "running");
        let next = App::start(app.store.clone(), umbel_server::Settings::default(), app.sources.clone()).await.unwrap();
        assert_eq!(done(app, ACME, &id, "aud").await["erased"], 2);
        next.finish().await;
    });
}

#[test]
fn a_hold_refuses_an_erasure_and_stops_one() {
    company().on_each_engine(async |app| {
        keep(app, ACME, None, true, "ann").await;
        let refused = app.post(erasures_of(ACME), json!({"email": ADDRESS})).by("ann").await;
        refused.expect_error(409, 1415, "");
        keep(app, ACME, None, false, "ann").await;
        app.app.finish().await;
        let ordered = app.post(erasures_of(ACME), json!({"email": ADDRESS})).by("ann").await.expect(200);
        let id = ordered.json()["result"]["id"].as_str().unwrap().to_owned();
        keep(app, ACME, None, true, "ann").await;
        let next = App::start(app.store.clone(), umbel_server::Settings::default(), app.sources.clone()).await.unwrap();
        // The order comes after all other entries, and the worker has had its turn when they are leaves.
        grown(app, ACME, 6, "aud").await;
        let log = app.get(format!("/organizations/shop/logs/audit?{EVER}")).by("aud").await;
        assert_eq!(log.json()["result"][0]["actor"]["email"], "Eve@Example.com");
        next.finish().await;
        keep(app, ACME, None, false, "ann").await;
        let next = App::start(app.store.clone(), umbel_server::Settings::default(), app.sources.clone()).await.unwrap();
        assert_eq!(done(app, ACME, &id, "aud").await["erased"], 1);
        next.finish().await;
        let refusals = app.audit_log().await.into_iter().filter(|row| row["action_result"] == "failure");
        assert_eq!(refusals.map(|row| row["request"].clone()).collect::<Vec<_>>(), [Value::Null]);
    });
}

#[test]
fn an_erasure_is_of_one_user_or_address_in_the_log_of_a_root() {
    World::company().on_each_engine(async |app| {
        for body in [json!({}), json!({"user_id": "eve", "email": ADDRESS})] {
            app.post(erasures_of(ACME), body).by("ann").await.expect_error(400, 1100, "");
        }
        app.post(erasures_of(ACME), json!({"email": " "})).by("ann").await.expect_error(400, 1100, "/email");
        app.post(erasures_of(ACME), json!({"user_id": "a/b"})).by("ann").await.expect_error(400, 1100, "/user_id");
        app.post(erasures_of("organizations/eu/"), json!({"email": ADDRESS})).by("ann").await.expect(400);
        app.post(erasures_of(ACME), json!({"email": ADDRESS})).by("adam").await.expect(403);
        let id = erase(app, ACME, json!({"email": ADDRESS}), "ann").await["id"].as_str().unwrap().to_owned();
        app.get(format!("{}/{id}", erasures_of("organizations/globex/"))).by("gus").await.expect(404);
        app.get(format!("{}/{id}", erasures_of(""))).by("olga").await.expect(404);
        let key = ("idempotency-key", "k");
        let first = app.post(erasures_of(ACME), json!({"email": ADDRESS})).by("ann").header(key.0, key.1).await.expect(200);
        let again = app.post(erasures_of(ACME), json!({"email": ADDRESS})).by("ann").header(key.0, key.1).await.expect(200);
        assert_eq!(first.text("id"), again.text("id"));
        assert!(!app.rows("idempotency_keys").await.iter().any(|row| json!(row).to_string().contains(ADDRESS)));
    });
}
