//! How long audit logs are kept: what is deleted, what stays, and that everything signed stays provable.

use std::time::Duration;

use serde_json::{Value, json};
use umbel_proof::bundle::{self, Known, Signed};
use umbel_proof::{VerifierKey, proof};

use crate::audit_log::entry;
use crate::audit_proofs::{hash, hashes, opened};
use crate::harness::TestApp;
use crate::harness::world::World;

const EVER: &str = "since=2020-01-01&before=2030-01-01";

/// Acme with 300 entries of last November in three logs, which are more than one transaction deletes, and Globex with one.
fn company() -> World {
    let world = (0..300).fold(World::company(), |world, n| {
        let log = ["acme", "eu", "shop"][n % 3];
        let more = json!({"resource": {"id": "shop", "product": "organizations", "type": "organization", "request": {"n": n}}});
        entry(world, &format!("old-{n:03}"), (Some(log), None), &format!("2025-11-{:02}T00:00:00Z", 1 + n / 30), &more)
    });
    entry(world, "old-of-globex", (Some("globex"), None), "2025-11-01T00:00:00Z", &json!({}))
}

fn retention_of(log: &str) -> String {
    format!("/umbel/v1/{log}logs/audit/retention")
}

pub(crate) async fn keep(app: &TestApp, log: &str, days: Option<u32>, hold: bool, by: &str) {
    let body = json!({"retention_days": days, "hold": hold});
    assert_eq!(app.put(retention_of(log), body.clone()).by(by).await.expect(200).json()["result"], body);
}

async fn checkpoint(app: &TestApp, log: &str, by: &str) -> Value {
    app.get(format!("/umbel/v1/{log}logs/audit/checkpoint")).by(by).await.expect(200).json()["result"].take()
}

/// Waits until the workers are done with what they have to do.
pub(crate) async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("this did not come about: {what}");
}

pub(crate) async fn grown(app: &TestApp, log: &str, size: u64, by: &str) -> Value {
    let mut last = Value::Null;
    until(&format!("the tree of {log} grows to {size}"), async || {
        last = checkpoint(app, log, by).await;
        assert!(last["size"].as_u64().unwrap() <= size, "{last}");
        last["size"] == size
    })
    .await;
    last
}

pub(crate) async fn count(app: &TestApp, table: &str) -> usize {
    app.rows(table).await.len()
}

#[test]
fn old_entries_go_and_everything_that_was_signed_stays_provable() {
    company().on_each_engine(async |app| {
        const ACME: &str = "organizations/acme/";
        app.put("/organizations/shop", json!({"name": "Shop"})).by("ann").await.expect(200);
        let known = grown(app, ACME, 301, "aud").await;
        let (earlier, tiles) = (opened(&known), count(app, "audit_tiles").await);
        keep(app, ACME, Some(30), false, "ann").await;
        // The decision is an entry, and so is each of the two transactions that delete.
        let later = opened(&grown(app, ACME, 304, "aud").await);

        let listed =
            app.get(format!("/organizations/acme/logs/audit?{EVER}&include_descendants=true")).by("aud").await.expect(200);
        let what = |entry: &Value| format!("{} {}", entry["actor"]["type"], entry["action"]["description"]).replace('"', "");
        let listed = listed.json()["result"].take();
        let mut told: Vec<_> = listed.as_array().unwrap().iter().map(what).collect();
        told.sort();
        let deleted = "system Delete Audit Log Entries";
        assert_eq!(told, [deleted, deleted, "user Update Audit Retention", "user Update Organization"]);
        let mut said: Vec<_> = listed.as_array().unwrap().iter().filter(|entry| what(entry) == deleted).collect();
        said.sort_by_key(|entry| entry["resource"]["response"]["first"].as_u64());
        assert_eq!(said[0]["resource"]["response"], json!({"entries": 256, "first": 256, "to": "2025-11-09T00:00:00Z"}));
        assert_eq!(said[1]["resource"]["response"], json!({"entries": 44, "first": 300, "to": "2025-11-10T00:00:00Z"}));

        // Nothing of an old entry is left but the hashes, and Globex has its own.
        assert!(count(app, "audit_tiles").await >= tiles);
        assert_eq!(count(app, "audit_leaves").await, 5);
        assert!(app.rows("audit_bodies").await.len() <= 4);
        assert_eq!(app.get(format!("/organizations/globex/logs/audit?{EVER}")).by("gus").await.ids(), ["old-of-globex"]);
        let export = app.get(format!("/umbel/v1/organizations/eu/logs/audit/export?{EVER}")).by("aud").await.expect(200);
        assert!(export.body.is_empty());

        let path = "/umbel/v1/organizations/acme/logs/audit/consistency?size=301";
        let proved = app.get(path).by("aud").await.expect(200).json()["result"].take();
        proof::verify_consistency(301, &earlier.root, 304, &later.root, &hashes(&proved["proof"])).unwrap();
        let path = "/umbel/v1/organizations/acme/logs/audit/consistency?size=100";
        app.get(path).by("aud").await.expect(200);

        let gone = "/umbel/v1/organizations/acme/logs/audit/old-000/proof?action_time=2025-11-01";
        let gone = app.get(gone).by("aud").await.expect(404).to_string();
        assert!(
            gone.contains("one of the first 300 of the log, written up to 2025-11-10T00:00:00Z, which are deleted"),
            "{gone}"
        );
        let never = "/umbel/v1/organizations/acme/logs/audit/old-000/proof?action_time=2025-12-01";
        let never = app.get(never).by("aud").await.expect(404).to_string();
        assert!(!never.contains("deleted"), "{never}");
        let kept = listed.as_array().unwrap().iter().find(|entry| what(entry) == "user Update Organization").unwrap();
        let (id, time) = (kept["id"].as_str().unwrap(), kept["action"]["time"].as_str().unwrap());
        let path = format!("/umbel/v1/organizations/shop/logs/audit/{id}/proof?action_time={time}");
        let proved = app.get(path).by("aud").await.expect(200).json()["result"].take();
        assert_eq!(proved["index"], 300);
        proof::verify_inclusion(&hash(&proved["leaf_hash"]), 300, 304, &hashes(&proved["proof"]), &later.root).unwrap();

        let history = async |span: &str| {
            let path = format!("/organizations/shop/logs/audit/{id}/history?action_time={time}&{span}");
            app.get(path).by("aud").await.expect(200).json()["result_info"]["history_status"].take()
        };
        assert_eq!(history(EVER).await, "approximate");
        assert_eq!(history("since=2025-11-10T00:00:00.000001Z&before=2030-01-01").await, "exact");
        let gone = format!("/organizations/shop/logs/audit/old-002/history?action_time=2025-11-01&{EVER}");
        let gone = app.get(gone).by("aud").await.expect(404);
        assert_eq!(gone.json()["result_info"]["history_status"], "unavailable");
    });
}

#[test]
fn a_bundle_begins_with_the_first_entry_that_is_kept() {
    company().on_each_engine(async |app| {
        const ACME: &str = "organizations/acme/";
        app.put("/organizations/acme", json!({"name": "x"})).by("ann").await.expect(200);
        let known = grown(app, ACME, 301, "aud").await;
        keep(app, ACME, Some(30), false, "ann").await;
        grown(app, ACME, 304, "aud").await;
        let bundle =
            async |query: &str| app.get(format!("/umbel/v1/organizations/acme/logs/audit/bundle{query}")).by("aud").await;
        let key = VerifierKey::parse(known["verifier_key"].as_str().unwrap()).unwrap();
        let checkpoint = opened(&known);
        let known = Known { key: Some(&key), checkpoint: Some(&checkpoint) };
        let whole = bundle("").await.expect(200).body;
        assert!(String::from_utf8_lossy(&whole).contains("\"start\":300,"));
        let verified = bundle::verify(&whole[..], &known).unwrap();
        assert_eq!((verified.tally.leaves, verified.signed), (4, Signed::ByTheKnownKey));
        assert_eq!(bundle::verify(&bundle("?first=301").await.expect(200).body[..], &known).unwrap().tally.leaves, 3);
        for query in ["?first=0", "?first=299"] {
            let refused = bundle(query).await.expect(400).to_string();
            assert!(refused.contains("must be at least 300: the entries before that one are deleted"), "{refused}");
        }
    });
}

#[test]
fn a_hold_keeps_everything_until_it_is_lifted() {
    company().on_each_engine(async |app| {
        const ACME: &str = "organizations/acme/";
        grown(app, ACME, 300, "aud").await;
        keep(app, ACME, Some(30), true, "ann").await;
        grown(app, ACME, 301, "aud").await;
        // Globex's turn comes after that of Acme, if that had one.
        keep(app, "organizations/globex/", Some(30), false, "gus").await;
        let of_globex = async || app.get(format!("/organizations/globex/logs/audit?{EVER}")).by("gus").await.ids();
        until("the old entry of Globex goes", async || !of_globex().await.contains(&"old-of-globex".to_owned())).await;
        assert_eq!(checkpoint(app, ACME, "aud").await["size"], 301);
        let all = app.get(format!("/organizations/acme/logs/audit?{EVER}&include_descendants=true&limit=1000")).by("aud").await;
        assert_eq!(all.ids().len(), 301);
        keep(app, ACME, Some(30), false, "ann").await;
        grown(app, ACME, 304, "aud").await;
        assert_eq!(count(app, "audit_entries").await - of_globex().await.len(), 4);
    });
}

#[test]
fn entries_are_kept_for_whole_days_behind_younger_ones_too() {
    let world = entry(World::company(), "first", (Some("acme"), None), "2026-01-01T23:00:00Z", &json!({}));
    let world = entry(world, "of-2024", (Some("globex"), None), "2024-01-01T00:00:00Z", &json!({}));
    world.on_each_engine(async |app| {
        const GLOBEX: &str = "organizations/globex/";
        grown(app, GLOBEX, 1, "gus").await;
        keep(app, "organizations/acme/", Some(1), false, "ann").await;
        keep(app, GLOBEX, Some(1), false, "gus").await;
        until("the old entry of Globex goes", async || count(app, "audit_entries").await == 4).await;
        let left = app.get(format!("/organizations/acme/logs/audit?{EVER}&direction=asc")).by("aud").await.ids();
        assert_eq!(left[0], "first", "it is of yesterday");
        app.sources.advance_seconds(24 * 60 * 60);
        keep(app, "organizations/acme/", Some(1), false, "ann").await;
        let first =
            async || app.get(format!("/organizations/acme/logs/audit?{EVER}&direction=asc")).by("aud").await.ids()[0].clone();
        until("the entry of the day before yesterday goes", async || first().await != "first").await;
    });
}

#[test]
fn only_roots_decide_and_only_what_can_be_meant() {
    World::company().on_each_engine(async |app| {
        let of_eu = app.put(retention_of("organizations/eu/"), json!({"retention_days": 7, "hold": false})).by("ann").await;
        let of_eu = of_eu.expect_error(400, 1102, "/path/organization_id").to_string();
        assert!(of_eu.contains("ask for that of the root, acme"), "{of_eu}");
        app.get(retention_of("organizations/eu/")).by("aud").await.expect(400);
        let acme = retention_of("organizations/acme/");
        let unsaid = app.get(&acme).by("aud").await.expect(200).json()["result"].take();
        assert_eq!(unsaid, json!({"retention_days": null, "hold": false}));
        for days in [json!(0), json!(-1), json!(36_501)] {
            let body = json!({"retention_days": days, "hold": false});
            app.put(&acme, body).by("ann").await.expect_error(400, 1100, "/retention_days");
        }
        app.put(&acme, json!({"hold": false})).by("ann").await.expect_error(400, 1100, "/retention_days");
        app.put(&acme, json!({"retention_days": 7})).by("ann").await.expect_error(400, 1100, "/hold");
        app.put(&acme, json!({"retention_days": 7, "hold": false})).by("adam").await.expect(403);
        keep(app, "organizations/acme/", Some(36_500), true, "ann").await;
        keep(app, "organizations/acme/", None, false, "olga").await;
    });
}

#[test]
fn the_servers_log_is_kept_and_proved_as_that_of_a_root() {
    let world = entry(World::company(), "old", (None, None), "2025-11-01T00:00:00Z", &json!({}));
    world.on_each_engine(async |app| {
        app.post("/umbel/v1/users", json!({"email": "eve@example.com"})).by("olga").await.expect(200);
        let earlier = opened(&grown(app, "", 2, "olga").await);
        assert_eq!(earlier.origin, "umbel/audit/server");
        let old = app.get("/umbel/v1/logs/audit/old/proof?action_time=2025-11-01").by("olga").await.expect(200);
        let old = old.json()["result"].take();
        proof::verify_inclusion(&hash(&old["leaf_hash"]), 0, 2, &hashes(&old["proof"]), &earlier.root).unwrap();
        keep(app, "", Some(30), false, "olga").await;
        let later = opened(&grown(app, "", 4, "olga").await);
        app.get("/umbel/v1/logs/audit/old/proof?action_time=2025-11-01").by("olga").await.expect(404);
        let proved = app.get("/umbel/v1/logs/audit/consistency?size=2").by("olga").await.expect(200).json()["result"].take();
        proof::verify_consistency(2, &earlier.root, 4, &later.root, &hashes(&proved["proof"])).unwrap();
        let bundle = app.get("/umbel/v1/logs/audit/bundle").by("olga").await.expect(200).body;
        let known = Known { key: None, checkpoint: Some(&earlier) };
        assert_eq!(bundle::verify(&bundle[..], &known).unwrap().tally.leaves, 3);
        app.get("/umbel/v1/logs/audit/consistency?size=5").by("olga").await.expect_error(409, 1411, "/query/size");
    });
}

#[test]
fn operators_prove_and_decide_about_the_log_of_what_is_gone() {
    let world = World::company().organization("gone").organization("gone/below").member(
        "gone",
        "ann",
        umbel_domain::Role::SuperAdministrator,
    );
    entry(world, "old", (Some("gone"), None), "2025-11-01T00:00:00Z", &json!({})).on_each_engine(async |app| {
        app.put("/organizations/below", json!({"name": "x"})).by("ann").await.expect(200);
        app.delete("/organizations/below").by("ann").await.expect(200);
        // The end of her own membership is written down in the log of the root.
        app.delete("/organizations/gone").by("ann").await.expect(200);
        let earlier = opened(&grown(app, "organizations/gone/", 4, "olga").await);
        assert_eq!(opened(&checkpoint(app, "organizations/below/", "olga").await), earlier, "it is in the tree of its root");
        app.get("/umbel/v1/organizations/below/logs/audit/bundle").by("olga").await.expect(400);
        let whole = app.get("/umbel/v1/organizations/gone/logs/audit/bundle").by("olga").await.expect(200).body;
        assert_eq!(bundle::verify(&whole[..], &Known::default()).unwrap().tally.leaves, 4);
        let path = "/umbel/v1/organizations/gone/logs/audit/old/proof?action_time=2025-11-01";
        assert_eq!(app.get(path).by("olga").await.expect(200).json()["result"]["index"], 0);
        for path in ["checkpoint", "bundle", "retention", "consistency?size=1"] {
            app.get(format!("/umbel/v1/organizations/gone/logs/audit/{path}")).by("ann").await.expect(404);
        }
        keep(app, "organizations/gone/", Some(30), false, "olga").await;
        let later = opened(&grown(app, "organizations/gone/", 6, "olga").await);
        let path = "/umbel/v1/organizations/gone/logs/audit/consistency?size=4";
        let proved = app.get(path).by("olga").await.expect(200).json()["result"].take();
        proof::verify_consistency(4, &earlier.root, 6, &later.root, &hashes(&proved["proof"])).unwrap();
        app.put(retention_of("organizations/never/"), json!({"retention_days": 7, "hold": false})).by("olga").await.expect(404);
    });
}
