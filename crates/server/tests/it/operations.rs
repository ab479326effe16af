//! What operators of a server look at.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::audit_retention::until;
use crate::harness::TestApp;
use crate::harness::call::CLIENT;
use crate::harness::world::{World, token_of};

/// What `/metrics` shows.
pub(crate) async fn metrics(app: &TestApp) -> String {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = app.app.metrics_router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

/// The value of a line of the metrics.
pub(crate) fn value(metrics: &str, line: &str) -> u64 {
    let found = metrics.lines().find_map(|candidate| candidate.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {line} in {metrics}")).parse().unwrap()
}

#[test]
fn the_server_lives_and_is_ready_until_it_stops() {
    World::bare().on_each_engine(async |app| {
        assert_eq!(app.get("/healthz").await.expect(200).result(), "alive");
        assert_eq!(app.get("/readyz").await.expect(200).result(), "ready");
        app.app.stop();
        app.get("/healthz").await.expect(200);
        app.get("/readyz").await.expect_error(503, 1503, "");
        app.get("/user").by("olga").await.expect(200);
    });
}

/// How a worker is, as the server shows it.
pub(crate) async fn worker(app: &TestApp, name: &str) -> Value {
    let server = app.get("/umbel/v1/server").by("olga").await.expect(200).result();
    let workers = server["workers"].as_array().unwrap();
    workers.iter().find(|worker| worker["name"] == name).cloned().unwrap_or_default()
}

#[test]
fn operators_see_what_the_server_is_and_what_keeps_it() {
    World::company().on_each_engine(async |app| {
        let server = app.get("/umbel/v1/server").by("olga").await.expect(200).result();
        assert_eq!(
            (&server["version"], &server["start_time"]),
            (&json!(env!("CARGO_PKG_VERSION")), &json!("2026-01-02T03:04:05.123456Z"))
        );
        let database = &server["database"];
        assert_eq!(database["engine"], app.database.engine());
        assert!(database["engine_version"].as_str().unwrap().starts_with(|first: char| first.is_ascii_digit()), "{database}");
        assert!(database["schema_version"].as_u64().unwrap() >= 17, "{database}");
        assert!(database["size"].as_u64().unwrap() > 100_000, "{database}");
        app.get("/umbel/v1/server").by("ann").await.expect_error(403, 1300, "");
    });
}

#[test]
fn operators_see_what_each_worker_did_last() {
    World::company().on_each_engine(async |app| {
        let server = app.get("/umbel/v1/server").by("olga").await.expect(200).result();
        let names: Vec<_> = server["workers"].as_array().unwrap().iter().map(|worker| worker["name"].clone()).collect();
        assert_eq!(
            names,
            ["entries", "trees", "digests", "streams", "retention", "erasures", "invoices", "budgets", "housekeeping"]
        );
        until("the budgets are looked at", async || {
            let budgets = json!({"name": "budgets", "state": "running", "last_time": "2026-01-02T03:04:05.123456Z"});
            worker(app, "budgets").await == budgets
        })
        .await;
    });
}

#[test]
fn requests_are_counted_by_route_and_never_by_what_clients_make_up() {
    World::company().on_each_engine(async |app| {
        for id in ["acme", "eu", "nowhere"] {
            app.get(format!("/client/v4/organizations/{id}?q={id}")).by("ann").await;
            app.get(format!("/organizations/{id}")).by("ann").await;
        }
        for path in ["/invented", "/invented/too"] {
            app.get(path).await.expect(404);
        }
        for method in ["BREW", "BREWS", "PROPFIND"] {
            app.call(axum::http::Method::from_bytes(method.as_bytes()).unwrap(), "/organizations").by("ann").await.expect(405);
        }
        let metrics = metrics(app).await;
        let requests = |method: &str, route: &str, status: u16| {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            value(&metrics, &format!("umbel_http_requests_total{{{labels}}}"))
        };
        assert_eq!(requests("GET", "/organizations/{organization_id}", 200), 4);
        assert_eq!(requests("GET", "/organizations/{organization_id}", 404), 2);
        assert_eq!(requests("GET", "unknown", 404), 2);
        assert_eq!(requests("other", "/organizations", 405), 3);
        assert!(!metrics.contains("acme") && !metrics.contains("invented") && !metrics.contains("BREW"));
    });
}

#[test]
fn a_body_that_never_ends_is_given_up() {
    let world = World::company().settings(|settings| settings.request_timeout = Duration::from_millis(50));
    world.on_each_engine(async |app| {
        let stalled = Body::new(StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>()));
        let request = Request::post("/organizations").header("authorization", format!("Bearer {}", token_of("ann")));
        let response = app.app.router().oneshot(request.body(stalled).unwrap()).await.unwrap();
        assert_eq!(response.status(), 503);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(answer["errors"][0]["code"], 1502, "nothing can have changed, so that it can be sent again: {answer}");
        assert_eq!(app.organizations().await, 5);
    });
}

/// The address that the audit log has of a change that came with this header.
async fn logged_ip(app: &TestApp, forwarded: &[&str]) -> String {
    let call = app.put("/organizations/acme", json!({"name": "x"})).by("ann");
    forwarded.iter().fold(call, |call, value| call.header("x-forwarded-for", value)).await.expect(200);
    app.audit_log().await.last().unwrap()["actor_ip_address"].as_str().unwrap().to_owned()
}

#[test]
fn no_proxy_is_trusted_by_default() {
    World::company().on_each_engine(async |app| {
        assert_eq!(logged_ip(app, &["198.51.100.1"]).await, CLIENT);
    });
}

#[test]
fn behind_proxies_that_are_trusted_the_last_address_that_is_not_theirs_counts() {
    let trusted = ["203.0.113.0/24", "10.0.0.0/8"].map(|net| net.parse().unwrap());
    World::company().settings(|settings| settings.trusted_proxies = trusted.into()).on_each_engine(async |app| {
        for (forwarded, expected) in [
            (vec![], CLIENT),
            (vec!["198.51.100.1"], "198.51.100.1"),
            (vec!["192.0.2.66, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
            (vec!["192.0.2.66", "2001:db8::1,10.1.2.3"], "2001:db8::1"),
            (vec!["10.9.9.9"], "10.9.9.9"),
            (vec!["198.51.100.1, nonsense"], CLIENT),
        ] {
            assert_eq!(logged_ip(app, &forwarded).await, expected, "{forwarded:?}");
        }
    });
}

#[test]
fn changes_and_commits_are_counted() {
    World::company().on_each_engine(async |app| {
        let before = metrics(app).await;
        let body = json!({"name": "x"});
        app.put("/organizations/acme", body.clone()).by("ann").await.expect(200);
        app.put("/organizations/acme", body).by("vic").await.expect(403);
        let after = metrics(app).await;
        let grown = |name: &str| value(&after, name) - value(&before, name);
        assert!(
            (1..=3).contains(&grown("umbel_store_writes")),
            "the refused attempt and the tree may be written down by now: {after}"
        );
        assert!(grown("umbel_store_commits") >= 1);
        assert_eq!(value(&after, "umbel_given_up_total"), 0);
    });
}

#[test]
fn metrics_are_served_at_one_path() {
    World::bare().on_each_engine(async |app| {
        let request = Request::get("/").body(Body::empty()).unwrap();
        assert_eq!(app.app.metrics_router().oneshot(request).await.unwrap().status(), 404);
    });
}

/// The rows of the page about metrics, made from what `/metrics` shows.
fn rows(metrics: &str) -> String {
    let after = |line: &str, what: &str| {
        line.strip_prefix(what).and_then(|rest| rest.split_once(' ')).map(|(name, rest)| [name, rest].map(str::to_owned))
    };
    let helps = metrics.lines().filter_map(|line| after(line, "# HELP "));
    let row = |[name, help]: [String; 2]| {
        let kind = metrics.lines().filter_map(|line| after(line, "# TYPE ")).find(|[of, _]| *of == name).unwrap()[1].clone();
        let sample = metrics.lines().find(|line| line.starts_with(&name)).unwrap();
        let labels = sample.split_once('{').map(|(_, labels)| labels.split("\",").filter_map(|label| label.split_once('=')));
        let labels: Vec<_> = labels.into_iter().flatten().map(|(label, _)| label).filter(|label| *label != "le").collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        format!("| `{name}{labels}` | {kind} | {help} |\n")
    };
    helps.map(row).collect()
}

#[test]
fn the_page_of_metrics_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/metrics.md");
    World::company().on_each_engine(async |app| {
        app.get("/user").by("olga").await.expect(200);
        let page = std::fs::read_to_string(path).unwrap();
        let (head, rest) = page.split_once("| --- | --- | --- |\n").unwrap();
        let (_, foot) = rest.split_once("\n\n").unwrap();
        let renewed = format!("{head}| --- | --- | --- |\n{}\n{foot}", rows(&metrics(app).await));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &renewed).unwrap();
        }
        assert!(std::fs::read_to_string(path).unwrap() == renewed, "docs/metrics.md is out of date: `make fix` renews it");
    });
}
