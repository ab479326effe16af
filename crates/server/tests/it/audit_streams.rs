//! Streams of the audit log: everything arrives, in order, whatever its receiver does.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::audit_retention::{grown, until};
use crate::harness::TestApp;
use crate::harness::database::TABLES;
use crate::harness::receiver::{Behaviour, Received, Receiver, Sink};
use crate::harness::world::World;
use crate::operations::worker;

const STREAMS: &str = "/umbel/v1/organizations/acme/logs/audit/streams";

fn world() -> World {
    World::company().settings(|settings| settings.stream_private_addresses = true)
}

/// Makes a stream of acme and returns its path and its signing secret.
async fn stream(app: &TestApp, url: &str, more: Value) -> (String, String) {
    let mut body = json!({"name": "siem", "url": url});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = app.post(STREAMS, body).by("ann").await.expect(200).result();
    let secret = made["signing_secret"].as_str().unwrap_or_default().to_owned();
    (format!("{STREAMS}/{}", made["id"].as_str().unwrap()), secret)
}

async fn rename(app: &TestApp, organization: &str, name: &str) {
    app.put(format!("/organizations/{organization}"), json!({"name": name})).by("ann").await.expect(200);
}

/// The delivery state of a stream once it is as it should be, which takes a few seconds.
async fn status(app: &TestApp, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut status = Value::Null;
    for _ in 0..600 {
        status = app.get(format!("{path}/status")).by("ann").await.expect(200).result();
        if is_so(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never was so: {status}");
}

async fn delivered(app: &TestApp, path: &str, entries: u64) -> Value {
    status(app, path, |status| status["delivered"] == entries && status["state"] == "up_to_date").await
}

/// What the entries did, in their order.
fn done(received: &[Received]) -> Vec<String> {
    let entries = received.iter().flat_map(Received::entries);
    let words = |entry: Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("{} {}", text(&entry["action"]["description"]), text(&entry["resource"]["request"]["name"]))
    };
    entries.map(words).map(|words| words.trim().to_owned()).collect()
}

/// The signatures that a message should have, by each of these secrets.
fn signed(message: &Received, secrets: &[&str]) -> String {
    let content = [message.header("webhook-id"), ".", message.header("webhook-timestamp"), "."].concat();
    let sign = |secret: &&str| {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(content.as_bytes());
        mac.update(&message.body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_webhook_gets_every_entry_in_order_signed_with_the_secrets_that_count() {
    world().on_each_engine(async |app| {
        let receiver = Receiver::start().await;
        let (path, secret) = stream(app, &receiver.url("/hook?x=1"), json!({"include_descendants": true})).await;
        for (organization, name) in [("acme", "one"), ("shop", "two"), ("eu", "three")] {
            rename(app, organization, name).await;
            app.sources.advance_seconds(1);
        }
        delivered(app, &path, 4).await;
        let expected = ["Create Audit Stream", "Update Organization one", "Update Organization two", "Update Organization three"];
        assert_eq!(done(&receiver.received()), expected);
        for message in receiver.received() {
            assert_eq!((message.method.as_str(), message.uri.to_string().as_str()), ("POST", "/hook?x=1"));
            assert_eq!(
                (message.header("content-type"), message.json()["type"].as_str()),
                ("application/json", Some("audit_log.entries"))
            );
            assert_eq!(message.header("webhook-signature"), signed(&message, &[&secret]));
        }
        let listed = app.get("/organizations/acme/logs/audit?since=2026-01-01&before=2027-01-01&actor_id=ann").by("aud").await;
        let sent = receiver.received().iter().flat_map(Received::entries).find(|entry| entry["resource"]["id"] == "acme");
        let listed = listed.expect(200).result();
        assert_eq!(sent.as_ref(), listed.as_array().unwrap().iter().find(|entry| entry["resource"]["id"] == "acme"));
        let rolled = app.post(format!("{path}/roll"), "").by("ann").await.expect(200).text("signing_secret");
        delivered(app, &path, 5).await;
        let last = receiver.received().pop().unwrap();
        assert_eq!(last.header("webhook-signature"), signed(&last, &[&rolled, &secret]), "the old one counts for a day");
        app.sources.advance_seconds(24 * 60 * 60);
        rename(app, "acme", "later").await;
        delivered(app, &path, 6).await;
        let last = receiver.received().pop().unwrap();
        assert_eq!(last.header("webhook-signature"), signed(&last, &[&rolled]));
    });
}

#[test]
fn what_is_not_taken_is_sent_again_as_the_same_message_and_later_entries_wait_for_it() {
    world().on_each_engine(async |app| {
        let receiver = Receiver::start().await;
        receiver.behave(Behaviour::Status(503));
        let (path, _) = stream(app, &receiver.url("/"), json!({})).await;
        let failing = status(app, &path, |status| status["failures"] == 1).await;
        assert_eq!((failing["state"].as_str(), failing["error"].as_str()), (Some("failing"), Some("the receiver answered 503")));
        assert_eq!(failing["next_attempt_at"], "2026-01-02T03:05:45.123456Z", "it asked for 100 seconds");
        rename(app, "acme", "meanwhile").await;
        receiver.behave(Behaviour::Status(302));
        app.sources.advance_seconds(100);
        let failing = status(app, &path, |status| status["failures"] == 2).await;
        assert_eq!(failing["error"], "the receiver answered 302, and redirects are not followed");
        receiver.behave(Behaviour::Endless);
        app.sources.advance_seconds(100);
        let reached = delivered(app, &path, 2).await;
        let checkpoint = app.get("/umbel/v1/organizations/acme/logs/audit/checkpoint").by("ann").await.expect(200).result();
        assert_eq!(reached["next_index"], checkpoint["size"]);
        let received = receiver.received();
        assert!(received.iter().all(|message| message.uri == "/"), "no redirect was followed");
        assert_eq!(done(&received[2..]), ["Create Audit Stream", "Update Organization meanwhile"]);
        receiver.behave(Behaviour::Status(200));
        let since = json!({"since": "2026-01-02T00:00:00Z"});
        app.post(format!("{path}/replay"), since).by("ann").await.expect(200);
        delivered(app, &path, 5).await;
        assert_eq!(
            done(&receiver.received()[received.len()..]),
            ["Create Audit Stream", "Update Organization meanwhile", "Replay Audit Stream"]
        );
    });
}

#[test]
fn who_finds_a_message_too_large_gets_its_entries_in_smaller_ones() {
    world().on_each_engine(async |app| {
        let receiver = Receiver::start().await;
        receiver.behave(Behaviour::Status(503));
        let (path, _) = stream(app, &receiver.url("/"), json!({})).await;
        status(app, &path, |status| status["failures"] == 1).await;
        let names: Vec<String> = (0..20).map(|at| format!("name {at}")).collect();
        for name in &names {
            rename(app, "acme", name).await;
        }
        let refused = receiver.received().len();
        receiver.behave(Behaviour::AtMost(3));
        app.sources.advance_seconds(100);
        let delivered = delivered(app, &path, 21).await;
        assert_eq!((delivered["failures"].as_u64(), &delivered["error"]), (Some(0), &Value::Null));
        let received = receiver.received().split_off(refused);
        assert!(received.len() >= 7, "{} messages of at most three entries", received.len());
        let renamed: Vec<String> = names.iter().map(|name| format!("Update Organization {name}")).collect();
        assert_eq!(done(&received), [&["Create Audit Stream".to_owned()][..], &renamed].concat(), "each once and in order");
        receiver.behave(Behaviour::AtMost(0));
        rename(app, "acme", "last").await;
        let failing = status(app, &path, |status| status["failures"] == 1).await;
        assert_eq!(failing["error"], "the receiver answered 413", "one entry cannot be sent in parts");
    });
}

#[test]
fn a_receiver_that_is_gone_ends_its_stream_and_one_that_is_dead_stops_no_other() {
    world().on_each_engine(async |app| {
        let (gone, dead, good) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
        let slow = Receiver::start().await;
        gone.behave(Behaviour::Status(410));
        dead.behave(Behaviour::Silent);
        slow.behave(Behaviour::Dripping);
        let (of_dead, _) = stream(app, &dead.url("/"), json!({})).await;
        let (of_slow, _) = stream(app, &slow.url("/"), json!({})).await;
        let (of_gone, _) = stream(app, &gone.url("/"), json!({})).await;
        let (of_good, _) = stream(app, &good.url("/"), json!({})).await;
        let ended = status(app, &of_gone, |status| status["state"] == "disabled").await;
        assert_eq!(ended["error"], "the receiver answered 410");
        rename(app, "acme", "on").await;
        // The change, and that another stream was switched off.
        for sent in ["Update Organization on", "Update Audit Stream"] {
            status(app, &of_good, |_| done(&good.received()).iter().any(|done| done == sent)).await;
        }
        status(app, &of_dead, |status| status["error"] == "there was no answer within 10 s").await;
        // That it was taken is known before the rest of the answer, which is given up.
        status(app, &of_slow, |status| status["delivered"].as_u64() > Some(0) && status["failures"] == 0).await;
        // Switched off it keeps its place, and goes on there.
        app.patch(&of_dead, json!({"enabled": false})).by("ann").await.expect(200);
        dead.behave(Behaviour::Status(200));
        rename(app, "acme", "off").await;
        let off = app.get(format!("{of_dead}/status")).by("ann").await.expect(200).result();
        assert_eq!((off["state"].as_str(), off["delivered"].as_u64()), (Some("disabled"), Some(0)));
        app.patch(&of_dead, json!({"enabled": true})).by("ann").await.expect(200);
        status(app, &of_dead, |status| status["delivered"].as_u64() > Some(5) && status["state"] == "up_to_date").await;
        assert_eq!(done(&dead.received()[1..])[0], "Create Audit Stream");
    });
}

#[test]
fn a_test_says_what_comes_of_it_without_an_entry() {
    world().on_each_engine(async |app| {
        let receiver = Receiver::start().await;
        let (path, secret) = stream(app, &receiver.url("/"), json!({"enabled": false})).await;
        let asked = app.post(format!("{path}/test"), "").by("ann").await.expect(200).result();
        assert_eq!(asked["test"], json!({"requested_at": "2026-01-02T03:04:05.123456Z"}));
        let tested = |status: &Value| status["test"]["finished_at"].is_string();
        assert_eq!(status(app, &path, tested).await["test"]["error"], Value::Null);
        let message = receiver.received().remove(0);
        assert_eq!((message.json()["type"].as_str(), message.entries().len()), (Some("audit_log.test"), 0));
        assert_eq!(message.header("webhook-signature"), signed(&message, &[&secret]));
        receiver.behave(Behaviour::Status(404));
        app.post(format!("{path}/test"), "").by("ann").await.expect(200);
        assert_eq!(status(app, &path, tested).await["test"]["error"], "the receiver answered 404");
    });
}

#[test]
fn files_hold_what_an_export_holds_below_a_folder_of_the_organization() {
    let folder = tempfile::tempdir().unwrap();
    let world = world().settings(|settings| settings.stream_directory = Some(folder.path().to_owned()));
    let files = |engine: usize| {
        let pattern = folder.path().join("acme").join(format!("siem{engine}/2026/01/02"));
        let mut files: Vec<_> = std::fs::read_dir(pattern).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect::<Vec<_>>()
    };
    let round = std::sync::atomic::AtomicUsize::new(0);
    world.on_each_engine(async |app| {
        let engine = round.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (path, _) = stream(app, &format!("file:///siem{engine}"), json!({})).await;
        delivered(app, &path, 1).await;
        rename(app, "acme", "one").await;
        rename(app, "acme", "two").await;
        grown(app, "organizations/acme/", 3, "aud").await;
        app.sources.advance_seconds(60);
        delivered(app, &path, 3).await;
        let files = files(engine);
        let lines: Vec<_> = files.iter().map(|file| file.lines().count()).collect();
        assert_eq!(lines, [1, 2], "what comes within a minute is one file");
        let span = "since=2026-01-01&before=2027-01-01&direction=asc";
        let export = app.get(format!("/umbel/v1/organizations/acme/logs/audit/export?{span}")).by("aud").await.expect(200);
        assert_eq!(files.concat(), String::from_utf8(export.body.to_vec()).unwrap());
        app.post(format!("{path}/test"), "").by("ann").await.expect(200);
        status(app, &path, |status| status["test"]["finished_at"].is_string() && status["test"]["error"].is_null()).await;
    });
}

#[test]
fn an_object_store_gets_objects_by_signed_requests() {
    world().on_each_engine(async |app| {
        let receiver = Receiver::start().await;
        let keys = json!({"endpoint": receiver.url(""), "region": "eu-central-1", "access_key_id": "AKID", "secret_access_key": "hunter2"});
        let (path, _) = stream(app, "s3://logs/umbel", keys).await;
        delivered(app, &path, 1).await;
        let put = receiver.received().remove(0);
        assert_eq!(put.method, "PUT");
        let name = put.uri.path().strip_prefix("/logs/umbel/2026/01/02/000000000000-").unwrap();
        assert!(name.ends_with(".ndjson"), "{name}");
        assert!(put.header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKID/"), "{put:?}");
        let lines: Vec<Value> = put.body.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!((lines.len(), lines[0]["action"]["description"].as_str()), (1, Some("Create Audit Stream")));
        receiver.behave(Behaviour::Status(403));
        app.post(format!("{path}/test"), "").by("ann").await.expect(200);
        let refused = status(app, &path, |status| status["test"]["finished_at"].is_string()).await;
        assert_eq!(refused["test"]["error"], "the key may not write there");
        let shown = app.get(&path).by("ann").await.expect(200).to_string();
        assert!(shown.contains("AKID") && !shown.contains("hunter2"));
        app.app.finish().await;
        let mut kept_in = Vec::new();
        for table in TABLES {
            kept_in.extend(app.rows(table).await.iter().any(|row| Value::Object(row.clone()).to_string().contains("hunter2")).then_some(table));
        }
        assert_eq!(kept_in, ["audit_streams"], "it has to be shown to the store");
        assert!(!app.audit_log().await.iter().any(|entry| Value::Object(entry.clone()).to_string().contains("hunter2")));
    });
}

#[test]
fn syslog_gets_a_framed_message_for_each_entry() {
    world().on_each_engine(async |app| {
        let sink = Sink::start();
        let (path, _) = stream(app, &format!("syslog://{}", sink.address), json!({})).await;
        rename(app, "acme", "one").await;
        app.put("/organizations/acme", json!({"name": "no"})).by("vic").await.expect(403);
        delivered(app, &path, 3).await;
        let text = String::from_utf8(sink.read()).unwrap();
        let (mut rest, mut messages) = (text.as_str(), Vec::new());
        while let Some((length, after)) = rest.split_once(' ') {
            let (message, after) = after.split_at(length.parse().unwrap());
            messages.push(message);
            rest = after;
        }
        let heads: Vec<_> = messages.iter().map(|message| message.split_once('{').unwrap().0).collect();
        assert_eq!(
            heads,
            [
                "<110>1 2026-01-02T03:04:05.123456Z - umbel - audit_stream - ",
                "<110>1 2026-01-02T03:04:05.123456Z - umbel - organization - ",
                "<108>1 2026-01-02T03:04:05.123456Z - umbel - organization - ",
            ]
        );
        let entry: Value = serde_json::from_str(&messages[1][heads[1].len()..]).unwrap();
        assert_eq!(entry["resource"]["request"]["name"], "one");
    });
}

#[test]
fn a_stream_goes_nowhere_where_the_operator_does_not_allow_it() {
    World::company().on_each_engine(async |app| {
        let keys = |endpoint: &str| json!({"endpoint": endpoint, "access_key_id": "a", "secret_access_key": "s"});
        for (url, more, pointer) in [
            ("http://example.com/", json!({}), "/url"),
            ("https://127.0.0.1/", json!({}), "/url"),
            ("https://[::ffff:10.0.0.1]/", json!({}), "/url"),
            ("https://0x7f000001/", json!({}), "/url"),
            ("syslog://169.254.169.254:514", json!({}), "/url"),
            ("s3://bucket", keys("https://192.168.0.1"), "/endpoint"),
            ("s3://bucket", keys("http://example.com"), "/endpoint"),
            ("s3://bucket", json!({"region": "x"}), "/access_key_id"),
            ("file:///x", json!({}), "/url"),
            ("ftp://example.com", json!({}), "/url"),
            ("https://example.com/", json!({"region": "x"}), "/region"),
        ] {
            let mut body = json!({"name": "x", "url": url});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            app.post(STREAMS, body).by("ann").await.expect_error(400, 1100, pointer);
        }
        // A name is checked when it is connected to.
        let (path, _) = stream(app, "https://localhost:1/", json!({})).await;
        let failing = status(app, &path, |status| status["failures"] == 1).await;
        assert_eq!(
            failing["error"],
            "cannot connect: it leads to no public address; the setting `stream_private_addresses` allows others"
        );
    });
}

#[test]
fn an_organization_has_at_most_twenty_streams_which_go_with_it() {
    world().on_each_engine(async |app| {
        let streams = "/umbel/v1/organizations/shop/logs/audit/streams";
        let body = json!({"name": "siem", "url": "https://example.com/", "enabled": false});
        for _ in 0..20 {
            app.post(streams, body.clone()).by("ann").await.expect(200);
        }
        app.post(streams, body).by("ann").await.expect(409);
        let listed = app.get(streams).by("ann").await.expect(200).result();
        assert_eq!(listed.as_array().unwrap().len(), 20);
        assert!(listed[0]["signing_secret"].is_null());
        app.patch(format!("{streams}/{}", listed[0]["id"].as_str().unwrap()), json!({"url": "nonsense"}))
            .by("ann")
            .await
            .expect_error(400, 1100, "/url");
        app.delete("/organizations/shop").by("olga").await.expect(200);
        assert_eq!(app.rows("audit_streams").await.len(), 0);
    });
}

#[test]
fn that_a_stream_was_not_delivered_shows_at_the_worker() {
    world().on_each_engine(async |app| {
        let receiver = Receiver::start().await;
        receiver.behave(Behaviour::Status(500));
        stream(app, &receiver.url("/"), json!({})).await;
        let error = json!({"time": "2026-01-02T03:04:05.123456Z", "message": "an audit stream was not delivered"});
        until("the worker has failed", async || worker(app, "streams").await["last_error"] == error).await;
    });
}
