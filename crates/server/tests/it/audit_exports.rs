//! The audit log in one answer.

use http_body_util::BodyExt;
use serde_json::{Value, json};
use umbel_domain::Role;

use crate::audit_log::{SPAN, entry};
use crate::harness::TestApp;
use crate::harness::world::World;

const OWN: &str = "/umbel/v1/organizations/acme/logs/audit/export";
/// More than three transactions read.
const MANY: usize = 2_500;

/// Acme with many entries, ten of them at each moment.
fn many() -> World {
    (0..MANY).fold(World::company(), |world, n| {
        let time = format!("2026-01-05T00:{:02}:{:02}Z", n / 600, n / 10 % 60);
        let kind = if n % 3 == 0 { "create" } else { "update" };
        entry(world, &format!("e{n:04}"), (Some("acme"), None), &time, &json!({"action": {"type": kind}}))
    })
}

fn lines(body: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(body).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Reads the list to its end.
async fn listed(app: &TestApp, list: &str, query: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(format!("{list}?{query}&limit=1000{cursor}")).by("ann").await.expect(200);
        all.extend(page.result().as_array().unwrap().clone());
        let json = page.json();
        let Some(next) = json["result_info"]["cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

#[test]
fn an_export_is_the_whole_list_a_line_an_entry() {
    many().on_each_engine(async |app| {
        let list = "/client/v4/organizations/acme/logs/audit";
        for query in [
            SPAN.to_owned(),
            format!("{SPAN}&direction=asc"),
            format!("{SPAN}&direction=asc&action_type=create"),
            format!("{SPAN}&action_type.not=create&id.not=e0001"),
            "since=2026-01-05T00:01:00Z&before=2026-01-05T00:02:00Z".to_owned(),
            format!("{SPAN}&include_descendants=true"),
            format!("{SPAN}&actor_email=nobody@example.com"),
        ] {
            let export = app.get(format!("{OWN}?{query}")).by("ann").await.expect(200);
            assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
            assert_eq!(
                export.header("content-disposition"),
                Some(r#"attachment; filename="audit-log-of-organization-acme.ndjson""#)
            );
            assert_eq!(lines(&export.body), listed(app, list, &query).await, "{query}");
        }
    });
}

#[test]
fn the_logs_of_accounts_and_of_the_server_are_exported_alike() {
    let world = World::company().account("acme/eu/@web");
    let world = entry(world, "e1", (Some("eu"), Some("web")), "2026-01-05T00:00:01Z", &json!({}));
    let world = entry(world, "e2", (None, None), "2026-01-05T00:00:02Z", &json!({}));
    world.on_each_engine(async |app| {
        for (path, user, id) in [
            ("/umbel/v1/accounts/web/logs/audit/export", "ann", "e1"),
            ("/umbel/v1/organizations/eu/logs/audit/export", "aud", "e1"),
            ("/umbel/v1/logs/audit/export", "olga", "e2"),
        ] {
            let found = lines(&app.get(format!("{path}?{SPAN}")).by(user).await.expect(200).body);
            assert_eq!(found.iter().map(|entry| entry["id"].as_str().unwrap()).collect::<Vec<_>>(), [id], "{path}");
        }
    });
}

#[test]
fn a_table_has_a_column_for_each_member_and_no_formulas() {
    let full = json!({
        "action": {"description": "Say \"hello\", twice", "result": "success", "type": "update"},
        "actor": {
            "id": "u1",
            "context": "api_token",
            "email": "+evil@example.com",
            "ip_address": "198.51.100.4",
            "token_id": "t1",
            "token_name": "=HYPERLINK(\"http://example.com\")",
            "type": "user",
        },
        "raw": {"cf_ray_id": "8e8dd2156ef28414", "method": "PUT", "status_code": 200, "uri": "/x?y=1", "user_agent": "@agent\r\n2"},
        "resource": {"id": "-r1", "product": "zones", "type": "zone", "scope": "organizations", "request": {"name": "a,b"}},
    });
    let world = entry(World::company(), "e1", (Some("acme"), None), "2026-01-05T00:00:00Z", &json!({}));
    let world = entry(world, "e2", (Some("acme"), Some("x")), "2026-01-05T00:00:01.5Z", &full);
    world.on_each_engine(async |app| {
        let table = app.get(format!("{OWN}?{SPAN}&format=csv")).by("ann").await.expect(200);
        insta::assert_snapshot!("an_audit_log_as_a_table", table);
        let empty = app.get(format!("{OWN}?{SPAN}&format=csv&id=none")).by("ann").await.expect(200);
        assert_eq!(std::str::from_utf8(&empty.body).unwrap().lines().count(), 1, "the names of the columns are always there");
    });
}

#[test]
fn a_table_of_many_parts_has_one_head() {
    many().on_each_engine(async |app| {
        let table = app.get(format!("{OWN}?{SPAN}&format=csv&direction=asc")).by("ann").await.expect(200);
        let text = std::str::from_utf8(&table.body).unwrap();
        let ids: Vec<&str> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!((ids[0], ids.len()), ("id", MANY + 1));
        assert!(ids[1..].is_sorted());
    });
}

#[test]
fn a_right_that_ends_meanwhile_ends_the_export() {
    many().on_each_engine(async |app| {
        let begin = async |user: &str| {
            let answer = app.get(format!("{OWN}?{SPAN}")).by(user).begin().await;
            assert_eq!(answer.status(), 200);
            let mut body = answer.into_body();
            let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
            assert!(!lines(&first).is_empty());
            body
        };
        let lost = begin("aud").await;
        app.end_membership("acme", "aud").await;
        assert!(lost.collect().await.is_err(), "a membership");
        let lost = begin("adam").await;
        app.change_role("acme", "adam", Role::Viewer).await;
        assert!(lost.collect().await.is_err(), "a role");
        let lost = begin("ann").await;
        app.delete("/umbel/v1/tokens/ann-token").by("ann").await.expect(200);
        assert!(lost.collect().await.is_err(), "a credential");
    });
}

#[test]
fn what_cannot_be_exported_is_said_before_anything_is() {
    many().on_each_engine(async |app| {
        app.get(format!("{OWN}?{SPAN}&format=xml")).by("ann").await.expect_error(400, 1101, "/query/format");
        app.get(format!("{OWN}?since=2026-01-02&before=2026-01-01")).by("ann").await.expect_error(400, 1101, "/query/before");
        app.get(format!("{OWN}?{SPAN}&action_type=destroy")).by("ann").await.expect_error(400, 1101, "/query/action_type");
        app.get(format!("{OWN}?{SPAN}")).by("vic").await.expect(403);
        app.get(format!("{OWN}?{SPAN}")).by("gus").await.expect(404);
        app.get(format!("{OWN}?{SPAN}")).await.expect(401);
        let ignored = app.get(format!("{OWN}?{SPAN}&limit=1&cursor=nonsense")).by("ann").await.expect(200);
        assert_eq!(lines(&ignored.body).len(), MANY, "an export has no pages");
    });
}
