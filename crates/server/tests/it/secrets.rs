//! No secret is kept or told anywhere.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::database::TABLES;
use crate::harness::mail_server::{Letter, MailServer, public_url};
use crate::harness::provider::Provider;
use crate::harness::world::{World, key_of, token_of};
use crate::oidc::{company, use_provider};
use crate::operations::metrics;

/// Everything that is logged while a test runs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Logs everything that any test in this process says, however unimportant.
fn capture() -> Log {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    subscriber.with_ansi(false).with_writer(move || writer.clone()).init();
    log
}

/// Makes credentials in every way, uses and repeats them, and presents good and bad ones; answers every secret.
async fn use_secrets(app: &TestApp) -> Vec<String> {
    let mut secrets = vec![token_of("ann"), key_of("ann"), token_of("olga"), key_of("olga")];
    let post = async |path: &str, body: Value, user: &str, secret: &str| {
        let post = || app.post(path, body.clone()).by_key(user).idempotency_key("k");
        let made = post().await.expect(200).text(secret);
        post().await.expect(200);
        made
    };
    secrets.push(post("/umbel/v1/tokens", json!({"name": "t", "organization_id": "eu"}), "ann", "value").await);
    secrets.push(post("/umbel/v1/tokens/ann-token/roll", json!({}), "ann", "value").await);
    secrets.push(post("/umbel/v1/users", json!({"email": "eve@example.com"}), "olga", "api_key").await);
    let stream = json!({"name": "siem", "url": "https://localhost:1/", "enabled": false});
    let streams = "/umbel/v1/organizations/acme/logs/audit/streams";
    secrets.push(post(streams, stream, "ann", "signing_secret").await);
    for secret in secrets.clone() {
        app.get("/user").bearer(&secret).await;
        app.get("/organizations/acme").header("x-auth-email", "eve@example.com").header("x-auth-key", &secret).await;
        app.put("/organizations/acme", json!({"name": "x"})).bearer(&secret).header("x-auth-key", "lone").await;
        app.delete("/organizations/eu").bearer(&secret).await;
        app.get("/user").header("authorization", &format!("Basic {secret}")).await;
        app.get("/user").header("x-auth-key", &secret).await;
        app.get("/user").bearer(&secret[..40.min(secret.len() - 1)]).await;
    }
    secrets
}

/// Invites in every way, sends again, and answers well and badly; answers every secret, the one that is still good at the end.
async fn use_invitations(app: &TestApp) -> Vec<String> {
    let all = "/umbel/v1/organizations/eu/members";
    let invite = || app.post(all, json!({"email": "ned@example.com", "role": "viewer"})).by("adam").idempotency_key("i");
    let invited = invite().await.expect(200).result()["invitation"].take();
    invite().await.expect(200);
    let id = invited["id"].as_str().unwrap();
    let resend = || app.post(format!("/umbel/v1/organizations/eu/invitations/{id}/resend"), "").by("adam").idempotency_key("r");
    let resent = resend().await.expect(200).text("token");
    resend().await.expect(200);
    let batch = json!({"members": [{"user": {"email": "gus@example.com"}}, {"user": {"email": "x@example.com"}}]});
    let batch = app.post("/organizations/eu/members:batchCreate", batch).by("ann").await.expect(200).result();
    let secret = |invitation: &Value| invitation["token"].as_str().unwrap().to_owned();
    let secrets = vec![secret(&invited), resent, secret(&batch[0]["invitation"]), secret(&batch[1]["invitation"])];
    let answers = [("ned", "accept", 1, 200), ("ned", "accept", 1, 404), ("ned", "reject", 0, 404), ("gus", "reject", 2, 200)];
    for (user, answer, at, status) in answers {
        let path = format!("/umbel/v1/invitations/{answer}");
        app.post(&path, json!({"token": secrets[at]})).by(user).idempotency_key(&format!("{at}{status}")).await.expect(status);
        app.post(&path, json!({"token": &secrets[at][..52]})).by(user).await.expect(400);
        app.post(&path, json!([secrets[at]])).by(user).await.expect(400);
        app.get("/user").bearer(&secrets[at]).await.expect(401);
    }
    secrets
}

/// Every row of every table and every entry of the audit log, whose bodies are compressed in their rows, as text.
async fn dump(app: &TestApp) -> String {
    let mut known: Vec<_> = TABLES.into();
    known.sort_unstable();
    assert_eq!(app.database.tables().await, known, "a new table is to be searched as well");
    let mut dump = String::new();
    for table in TABLES {
        for row in app.rows(table).await {
            dump.push_str(&Value::Object(row).to_string());
        }
    }
    for entry in app.audit_log().await {
        dump.push_str(&Value::Object(entry).to_string());
    }
    dump
}

/// Looks for secrets everywhere; only the hashes of those in `kept` are there.
async fn search(app: &TestApp, log: &Log, secrets: &[String], kept: &[String]) -> String {
    app.app.finish().await;
    let (dump, log, metrics) = (dump(app).await, log.text(), metrics(app).await);
    for secret in secrets {
        let hash = umbel_domain::secret::to_hex(&umbel_domain::secret::hash(secret));
        assert_eq!(dump.contains(&hash), kept.contains(secret), "the search finds what is there");
        // A part that is long enough to guess the rest.
        for part in [&secret[..], &secret[..30], &secret[secret.len() - 30..]] {
            assert!(!dump.contains(part), "in the database: {part}");
            assert!(!log.contains(part), "in the log: {part}");
            assert!(!metrics.contains(part), "in the metrics: {part}");
        }
    }
    dump
}

#[test]
fn no_secret_is_in_any_row_log_or_metric() {
    let log = capture();
    let world = World::company().settings(|settings| {
        settings.invitations = true;
        settings.public_url = Some(public_url());
    });
    world.on_each_engine(async |app| {
        let invitations = use_invitations(app).await;
        let secrets = use_secrets(app).await;
        assert_eq!((secrets.len(), invitations.len()), (8, 4));
        let kept: Vec<_> = secrets
            .iter()
            .filter(|secret| **secret != token_of("ann") && !secret.starts_with("whsec_"))
            .chain(invitations.last())
            .cloned()
            .collect();
        let dump = search(app, &log, &[secrets, invitations].concat(), &kept).await;
        let log = log.text();
        assert!(log.contains("/umbel/v1/tokens/ann-token/roll") && log.contains("ray_id"), "the log is captured");
        assert!(dump.contains("Roll API Token") && dump.contains("expires_at"), "the tables are read");
        assert!(dump.contains("Resend Invitation"), "the invitations are there");
    });
    let provider = Provider::start();
    company(&provider).on_each_engine(async |app| {
        let secrets = use_provider(app, &provider).await;
        let session = [secrets[3].clone()];
        search(app, &log, &secrets, &session).await;
        assert!(log.text().contains("/umbel/v1/session/oidc/callback"), "who came back is in the log, and not with what");
    });
    for (server, sent) in [(MailServer::start(), true), (MailServer::answering(&["550 no"]), false)] {
        world_with_mail(&server).on_each_engine(async |app| {
            let add = json!({"email": "ned@example.com", "role": "viewer"});
            app.post("/umbel/v1/organizations/eu/members", add).by("adam").await.expect(200);
            app.app.finish().await;
            let secrets: Vec<_> = server.take().iter().map(Letter::token).collect();
            assert_eq!(secrets.len(), usize::from(sent));
            search(app, &log, &secrets, &secrets).await;
            assert!(!log.text().contains("umi_"), "not even of a letter that was refused");
        });
    }
}

fn world_with_mail(server: &MailServer) -> World {
    World::company().settings(|settings| {
        settings.invitations = true;
        settings.public_url = Some(public_url());
        settings.mail = Some(server.mail());
    })
}
