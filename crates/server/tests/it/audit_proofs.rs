//! Proofs of the audit log, checked with nothing but what they say.

use std::time::Duration;

use serde_json::{Value, json};
use umbel_proof::note::Note;
use umbel_proof::{Checkpoint, Hash, VerifierKey, hex, proof};

use crate::harness::TestApp;
use crate::harness::world::World;

/// The checkpoint of the log of acme once it has `size` entries, which takes about a second.
async fn checkpoint(app: &TestApp, size: u64) -> Value {
    for _ in 0..600 {
        let answer = app.get("/umbel/v1/organizations/acme/logs/audit/checkpoint").by("aud").await.expect(200);
        let checkpoint = answer.json()["result"].take();
        if checkpoint["size"] == size {
            return checkpoint;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the tree did not grow to {size} entries");
}

fn hash(hash: &Value) -> Hash {
    hex::decode(hash.as_str().unwrap()).unwrap()
}

fn hashes(proof: &Value) -> Vec<Hash> {
    proof.as_array().unwrap().iter().map(hash).collect()
}

/// What the signed note of a checkpoint says, which must be what stands beside it.
fn opened(checkpoint: &Value) -> Checkpoint {
    let key: VerifierKey = VerifierKey::parse(checkpoint["verifier_key"].as_str().unwrap()).unwrap();
    let opened = Checkpoint::open(&Note::parse(checkpoint["note"].as_str().unwrap()).unwrap(), &key).unwrap();
    assert_eq!(
        (opened.origin.as_str(), opened.size),
        (checkpoint["origin"].as_str().unwrap(), checkpoint["size"].as_u64().unwrap())
    );
    assert_eq!(opened.root, hash(&checkpoint["root_hash"]));
    opened
}

#[test]
fn every_entry_of_a_tree_is_proved_against_its_checkpoint() {
    World::company().on_each_engine(async |app| {
        for (number, organization) in ["acme", "eu", "shop", "us", "acme", "eu", "globex"].into_iter().enumerate() {
            let by = if organization == "globex" { "gus" } else { "ann" };
            app.put(format!("/organizations/{organization}"), json!({"name": format!("{number}")})).by(by).await.expect(200);
        }
        let earlier = opened(&checkpoint(app, 6).await);
        app.put("/organizations/us", json!({"name": "later"})).by("ann").await.expect(200);
        let later = opened(&checkpoint(app, 7).await);
        let mut indexes = Vec::new();
        for log in ["acme", "eu", "shop", "us"] {
            let entries = app
                .get(format!("/organizations/{log}/logs/audit?since=2026-01-01&before=2027-01-01"))
                .by("aud")
                .await
                .expect(200);
            for entry in entries.json()["result"].as_array().unwrap() {
                let (id, time) = (entry["id"].as_str().unwrap(), entry["action"]["time"].as_str().unwrap());
                let path = format!("/umbel/v1/organizations/{log}/logs/audit/{id}/proof?action_time={time}");
                let proved = app.get(path).by("aud").await.expect(200).json()["result"].take();
                let index = proved["index"].as_u64().unwrap();
                let against = opened(&proved["checkpoint"]);
                assert_eq!(against, later);
                proof::verify_inclusion(&hash(&proved["leaf_hash"]), index, 7, &hashes(&proved["proof"]), &against.root).unwrap();
                indexes.push(index);
            }
        }
        indexes.sort_unstable();
        assert_eq!(indexes, [0, 1, 2, 3, 4, 5, 6], "each is a leaf of its own");
        let path = "/umbel/v1/organizations/eu/logs/audit/consistency?size=6";
        let proved = app.get(path).by("aud").await.expect(200).json()["result"].take();
        proof::verify_consistency(6, &earlier.root, 7, &later.root, &hashes(&proved["proof"])).unwrap();
        app.get("/umbel/v1/organizations/acme/logs/audit/consistency?size=8").by("aud").await.expect(409);
        app.get("/umbel/v1/organizations/acme/logs/audit/consistency?size=-1").by("aud").await.expect(400);
        app.get("/umbel/v1/organizations/acme/logs/audit/consistency").by("aud").await.expect(400);
    });
}

#[test]
fn an_entry_of_another_log_or_of_none_has_no_proof() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/acme", json!({"name": "x"})).by("ann").await.expect(200);
        checkpoint(app, 1).await;
        let entries = app.get("/organizations/acme/logs/audit?since=2026-01-01&before=2027-01-01").by("aud").await.expect(200);
        let entry = &entries.json()["result"][0];
        let (id, time) = (entry["id"].as_str().unwrap(), entry["action"]["time"].as_str().unwrap());
        for (log, id, by) in [("eu", id, "aud"), ("acme", "other", "aud"), ("globex", id, "gus"), ("acme", id, "gus")] {
            let path = format!("/umbel/v1/organizations/{log}/logs/audit/{id}/proof?action_time={time}");
            app.get(path).by(by).await.expect(404);
        }
        let empty = app.get("/umbel/v1/organizations/globex/logs/audit/checkpoint").by("gus").await.expect(200);
        assert_eq!(empty.json()["result"]["size"], 0);
    });
}
