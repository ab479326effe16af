//! Proofs of the audit log, checked with nothing but what they say.

use std::time::Duration;

use serde_json::{Value, json};
use umbel_proof::bundle::{self, Known, Signed};
use umbel_proof::note::Note;
use umbel_proof::{Checkpoint, Hash, VerifierKey, hex, proof};

use crate::harness::TestApp;
use crate::harness::world::World;

/// The checkpoint of the log of acme once it has `size` entries, which takes about a second.
async fn checkpoint_of(app: &TestApp, size: u64) -> Value {
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

pub(crate) fn hash(hash: &Value) -> Hash {
    hex::decode(hash.as_str().unwrap()).unwrap()
}

pub(crate) fn hashes(proof: &Value) -> Vec<Hash> {
    proof.as_array().unwrap().iter().map(hash).collect()
}

/// What the signed note of a checkpoint says, which must be what stands beside it.
pub(crate) fn opened(checkpoint: &Value) -> Checkpoint {
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
        let earlier = opened(&checkpoint_of(app, 6).await);
        app.put("/organizations/us", json!({"name": "later"})).by("ann").await.expect(200);
        let later = opened(&checkpoint_of(app, 7).await);
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
        checkpoint_of(app, 1).await;
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

#[test]
fn a_bundle_holds_a_whole_tree_and_is_verified_without_the_server() {
    World::company().on_each_engine(async |app| {
        for number in 0..600 {
            let organization = ["acme", "eu", "shop"][number % 3];
            app.put(format!("/organizations/{organization}"), json!({"name": format!("Nr. {number}")}))
                .by("ann")
                .await
                .expect(200);
        }
        let checkpoint = checkpoint_of(app, 600).await;
        let bundle = async |query: &str| {
            app.get(format!("/umbel/v1/organizations/acme/logs/audit/bundle{query}")).by("aud").await.expect(200).body
        };
        let whole = bundle("").await;
        let key = VerifierKey::parse(checkpoint["verifier_key"].as_str().unwrap()).unwrap();
        let earlier = opened(&checkpoint);
        let known = Known { key: Some(&key), checkpoint: Some(&earlier) };
        let verified = bundle::verify(&whole[..], &known).unwrap();
        assert_eq!((verified.tally.leaves, verified.signed), (600, Signed::ByTheKnownKey));
        let rest = bundle::verify(&bundle("?first=599").await[..], &known).unwrap();
        assert_eq!(rest.tally.leaves, 1);
        assert_eq!(bundle::verify(&bundle("?first=600").await[..], &known).unwrap().tally.leaves, 0);
        let text = String::from_utf8_lossy(&whole);
        let changed = text.replacen("Nr. 17", "Nr. 18", 1);
        assert!(bundle::verify(changed.as_bytes(), &known).is_err());
        let shorter: String = text.lines().filter(|line| !line.contains("Nr. 599")).flat_map(|line| [line, "\n"]).collect();
        assert!(bundle::verify(shorter.as_bytes(), &known).is_err());
        for query in ["?first=601", "?first=-1", "?first=x"] {
            app.get(format!("/umbel/v1/organizations/acme/logs/audit/bundle{query}")).by("aud").await.expect(400);
        }
        app.get("/umbel/v1/organizations/eu/logs/audit/bundle").by("aud").await.expect(400);
    });
}

#[test]
fn a_rolled_back_or_altered_database_does_not_agree_with_a_kept_checkpoint() {
    World::company().on_sqlite(async |app| {
        for number in 0..3 {
            app.put("/organizations/acme", json!({"name": format!("{number}")})).by("ann").await.expect(200);
        }
        let kept = checkpoint_of(app, 3).await;
        let umbel_store::DatabaseUrl::Sqlite(path) = &app.database.url else { unreachable!() };
        let database = rusqlite::Connection::open(path).unwrap();
        database.execute("UPDATE audit_entries SET raw_uri = '/elsewhere' WHERE raw_method IS NOT NULL", ()).unwrap();
        let bundle = app.get("/umbel/v1/organizations/acme/logs/audit/bundle").by("aud").await.expect(200).body;
        let key = VerifierKey::parse(kept["verifier_key"].as_str().unwrap()).unwrap();
        let error = bundle::verify(&bundle[..], &Known { key: Some(&key), checkpoint: None }).unwrap_err();
        assert!(error.to_string().contains("the hash of the log is"), "{error}");
        database.execute("UPDATE audit_trees SET size = 2", ()).unwrap();
        let answer = app.get("/umbel/v1/organizations/acme/logs/audit/consistency?size=3").by("aud").await.expect(409);
        assert!(answer.to_string().contains("rolled back"), "{answer}");
    });
}
