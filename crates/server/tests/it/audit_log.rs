//! Reading the audit log: lists, filters, cursors, histories and what a change did.

use std::fmt::Write as _;

use serde_json::{Value, json};
use umbel_domain::Role;
use umbel_store::admin::{Sources, portability};

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::sources::START;
use crate::harness::world::World;

/// The span in which everything happens.
pub(crate) const SPAN: &str = "since=2026-01-01&before=2026-02-01";
const LOG: &str = "/client/v4/organizations/acme/logs/audit";

/// An entry that is imported: its id, its log and account, when it was written and everything else.
pub(crate) fn entry(world: World, id: &str, (log, account): (Option<&str>, Option<&str>), time: &str, more: &Value) -> World {
    let mut line = json!({
        "kind": "audit_entry",
        "id": id,
        "organization_id": log,
        "account_id": account,
        "action": {"time": time, "type": "update"},
    });
    for (part, members) in more.as_object().unwrap() {
        match &mut line[part] {
            Value::Object(known) => known.extend(members.as_object().unwrap().clone()),
            other => *other = members.clone(),
        }
    }
    world.line(line)
}

/// Acme with twelve entries of its own, two a second.
fn dozen() -> World {
    (0..12).fold(World::company(), |world, n| {
        let time = format!("2026-01-05T00:00:{:02}Z", n / 2);
        entry(world, &format!("e{n:02}"), (Some("acme"), None), &time, &json!({}))
    })
}

async fn list(app: &TestApp, query: &str) -> Answer {
    app.get(format!("{LOG}?{query}")).by("ann").await
}

/// Reads a log to its end, as the official clients do.
async fn whole(app: &TestApp, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut at = query.to_owned();
    loop {
        let page = list(app, &at).await.expect(200);
        pages.push(page.ids());
        let info = &page.json()["result_info"];
        assert_eq!(info["count"], page.ids().len().to_string());
        assert_eq!(info["cursor"], info["cursors"]["after"]);
        let Some(cursor) = info["cursor"].as_str() else { return pages };
        at = format!("{query}&cursor={cursor}");
    }
}

#[test]
fn an_entry_shows_who_did_what_by_which_request() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/acme", json!({"name": "New"})).by("ann").header("user-agent", "tests/1").await.expect(200);
        app.put("/organizations/eu", json!({"name": "No"})).by("vic").await.expect(403);
        app.app.finish().await;
        let own = list(app, SPAN).await.expect(200);
        let refused = app.get(format!("/organizations/eu/logs/audit?{SPAN}")).by("aud").await.expect(200);
        insta::assert_snapshot!("entries_as_they_are_shown", format!("{own}\n{refused}"));
    });
}

/// The members of an object and of the objects in it, by their names.
fn members(object: &Value) -> Vec<String> {
    let of = |(name, value): (&String, &Value)| match value.as_object() {
        Some(inner) => inner.keys().map(|member| format!("{name}.{member}")).collect(),
        None => vec![name.clone()],
    };
    object.as_object().unwrap().iter().flat_map(of).collect()
}

#[test]
fn a_page_has_the_members_that_the_cloudflare_api_describes() {
    World::company().on_each_engine(async |app| {
        for name in ["New", "Newer"] {
            app.put("/organizations/acme", json!({"name": name})).by("ann").header("user-agent", "tests/1").await.expect(200);
        }
        let page = list(app, &format!("{SPAN}&limit=1")).await.expect(200);
        let mut page = page.json();
        let entry = page["result"][0].take();
        let parts: [(&str, &[&str]); 5] = [
            ("action", &["description", "result", "time", "type"]),
            ("actor", &["context", "email", "id", "ip_address", "token_id", "token_name", "type"]),
            ("organization", &["id"]),
            ("raw", &["cf_ray_id", "method", "status_code", "uri", "user_agent"]),
            ("resource", &["id", "product", "request", "response", "scope", "type"]),
        ];
        let of = |(part, names): (&str, &[&str])| names.iter().map(|name| format!("{part}.{name}")).collect::<Vec<_>>();
        let mut expected: Vec<String> = parts.into_iter().flat_map(of).chain(["id".to_owned()]).collect();
        expected.sort();
        let mut shown = members(&entry);
        shown.sort();
        assert_eq!(shown, expected);
        assert_eq!(page["result_info"]["count"], "1");
        assert!(page["result_info"]["cursor"].is_string());
        assert_eq!((&page["success"], &page["errors"]), (&json!(true), &json!([])));
    });
}

#[test]
fn pages_follow_one_another_from_the_newest_to_the_oldest_entry() {
    dozen().on_each_engine(async |app| {
        let all = whole(app, SPAN).await.concat();
        assert_eq!(all.first().map(String::as_str), Some("e11"));
        assert_eq!(all.len(), 12);
        for limit in [1, 5, 6, 12, 1000] {
            let pages = whole(app, &format!("{SPAN}&limit={limit}")).await;
            assert_eq!(pages.concat(), all);
            assert_eq!(pages.len(), all.len().div_ceil(limit), "no page is empty");
        }
        let mut oldest_first = whole(app, &format!("{SPAN}&direction=asc&limit=5")).await.concat();
        oldest_first.reverse();
        assert_eq!(oldest_first, all);
        assert_eq!(list(app, &format!("{SPAN}&limit=25.0")).await.expect(200).ids(), all);
    });
}

#[test]
fn a_span_begins_with_since_and_ends_before_before() {
    dozen().on_each_engine(async |app| {
        for (since, before, expected) in [
            ("2026-01-05T00:00:01Z", "2026-01-05T00:00:02Z", vec!["e03", "e02"]),
            ("2026-01-05T01:00:01%2B01:00", "2026-01-05T00:00:02", vec!["e03", "e02"]),
            ("2026-01-05T01:00:01+01:00", "2026-01-05T00:00:02", vec!["e03", "e02"]),
            ("2026-01-05", "2026-01-05T00:00:00.000001Z", vec!["e01", "e00"]),
            ("2026-01-06", "2026-01-07", vec![]),
            ("0001-01-01", "2026-01-05", vec![]),
        ] {
            let answer = list(app, &format!("since={since}&before={before}")).await.expect(200);
            assert_eq!(answer.ids(), expected, "{since} {before}");
        }
    });
}

#[test]
fn filters_name_what_is_wanted_or_what_is_not() {
    let actor = |email: &str, context: &str| json!({"actor": {"email": email, "context": context, "token_name": "a,b"}});
    let log = (Some("acme"), None);
    let time = "2026-01-05T00:00:00Z";
    let world = entry(World::company(), "e1", log, time, &actor("Ann@example.com", "api_key"));
    let world = entry(world, "e2", log, time, &actor("bob@example.com", "dash"));
    let world =
        entry(world, "e3", log, time, &json!({"action": {"type": "create"}, "raw": {"status_code": 403, "method": "POST"}}));
    let scoped = json!({"resource": {"scope": "organizations", "id": "x"}, "raw": {"method": "put"}});
    let world = entry(world, "019c4f65e7607d8c9f6f6b58aa3aff50", log, time, &scoped);
    world.on_each_engine(async |app| {
        let dashed = "019c4f65-e760-7d8c-9f6f-6b58aa3aff50";
        for (filter, expected) in [
            ("actor_email=ANN@example.com", vec!["e1"]),
            ("actor_email.not=ann@example.com&actor_email.not=nobody", vec!["e3", "e2", "019c4f65e7607d8c9f6f6b58aa3aff50"]),
            ("actor_context=dash&actor_context=api_key", vec!["e2", "e1"]),
            ("actor_context=dash&actor_email=ann@example.com", vec![]),
            ("actor_context=oauth", vec![]),
            ("actor_token_name=a,b", vec!["e2", "e1"]),
            ("actor_token_name=a", vec![]),
            ("action_type=create", vec!["e3"]),
            ("action_type.not=update", vec!["e3"]),
            ("action_type.not=create&action_type.not=delete&id.not=e1", vec!["e2", "019c4f65e7607d8c9f6f6b58aa3aff50"]),
            ("raw_status_code=403", vec!["e3"]),
            ("raw_method=PUT&raw_method=post", vec!["e3", "019c4f65e7607d8c9f6f6b58aa3aff50"]),
            ("resource_scope=organizations", vec!["019c4f65e7607d8c9f6f6b58aa3aff50"]),
            ("resource_scope.not=organizations&limit=1", vec!["e3"]),
            (&format!("id={dashed}&id=e2"), vec!["e2", "019c4f65e7607d8c9f6f6b58aa3aff50"]),
            ("resource_id=%27;%20DROP%20TABLE%20audit_entries;%20--", vec![]),
            ("unknown_filter=1&action_type=create", vec!["e3"]),
        ] {
            let answer = list(app, &format!("{SPAN}&{filter}")).await.expect(200);
            assert_eq!(answer.ids(), expected, "{filter}");
        }
    });
}

#[test]
fn what_cannot_be_asked_is_named() {
    dozen().on_each_engine(async |app| {
        let many = "&resource_id=x".repeat(101);
        let mut answers = String::new();
        for query in [
            "",
            "since=2026-01-01",
            "since=2026-02-01&before=2026-01-01",
            "since=2026-01-01&before=2026-01-01",
            "since=yesterday&before=2026-13-01",
            "since=2026-01-01&since=2026-01-02&before=2026-02-01",
            "since=2026-01-01T00:00:00+99:00&before=2026-02-01",
            &format!("{SPAN}&limit=0"),
            &format!("{SPAN}&limit=25.5&direction=up"),
            &format!("{SPAN}&limit=1001"),
            &format!("{SPAN}&action_type=destroy&action_result.not=maybe&actor_type=account"),
            &format!("{SPAN}&actor_email=&resource_scope.not=zones&raw_status_code=ok"),
            &format!("{SPAN}{many}"),
            &format!("{SPAN}&actor_token_name=%00"),
            &format!("{SPAN}&cursor=nonsense"),
            &format!("{SPAN}&include_descendants=perhaps"),
        ] {
            let answer = list(app, query).await.expect(400);
            writeln!(answers, "{query}\n{:#}", answer.json()["errors"]).unwrap();
        }
        insta::assert_snapshot!("what_cannot_be_asked_of_an_audit_log", answers);
    });
}

#[test]
fn no_filter_takes_nothing_or_too_much_and_none_breaks_on_what_is_hostile() {
    let account = "/client/v4/accounts/web/logs/audit";
    dozen().account("acme/eu/@web").on_each_engine(async |app| {
        let ask = async |log: &str, query: &str| app.get(format!("{log}?{SPAN}{query}")).by("ann").await;
        let refused = async |log: &str, name: &str, query: &str| {
            let answer = ask(log, query).await.expect(400);
            let errors = answer.json()["errors"].take();
            let is_named = |error: &Value| error["source"]["pointer"] == format!("/query/{name}") && error["code"] == 1101;
            assert!(errors.as_array().unwrap().iter().all(is_named), "{query}: {errors}");
        };
        let of_organization = umbel_api::AuditFilters::names().map(|name| (LOG, name));
        let of_account = umbel_api::AccountAuditFilters::names().map(|name| (account, name));
        for (log, name) in of_organization.chain(of_account) {
            refused(log, name, &format!("&{name}=")).await;
            refused(log, name, &format!("&{name}=x").repeat(101)).await;
            for hostile in ["%27%20OR%201=1--", "%25%5F%5C", "%F0%9F%A6%80", "%22%3B%0A", "..%2F..", &"x".repeat(5_000)] {
                let answer = ask(log, &format!("&{name}={hostile}")).await;
                assert!([200, 400].contains(&answer.status), "{name}={hostile}: {}", answer.status);
                let is_excluding = name.contains(".not");
                assert!(answer.status != 200 || is_excluding || answer.ids() == [""; 0], "{name}={hostile}");
            }
        }
    });
}

#[test]
fn a_cursor_belongs_to_its_log_filters_and_user() {
    dozen().on_each_engine(async |app| {
        let page = list(app, &format!("{SPAN}&limit=2")).await.expect(200);
        let cursor = page.json()["result_info"]["cursor"].as_str().unwrap().to_owned();
        let at = |path: &str, query: &str| app.get(format!("{path}?{query}&cursor={cursor}"));
        assert_eq!(
            at("/organizations/acme/logs/audit", &format!("{SPAN}&limit=3")).by("ann").await.expect(200).ids(),
            ["e09", "e08", "e07"]
        );
        at(LOG, &format!("{SPAN}&action_type=update")).by("ann").await.expect(400);
        at(LOG, "since=2026-01-02&before=2026-02-01").by("ann").await.expect(400);
        at(LOG, &format!("{SPAN}&include_descendants=true")).by("ann").await.expect(400);
        at("/organizations/eu/logs/audit", SPAN).by("ann").await.expect(400);
        at(LOG, SPAN).by("aud").await.expect(400);
        let flipped = app.get(format!("{LOG}?{SPAN}&cursor={}A", &cursor[..cursor.len() - 1]));
        flipped.by("ann").await.expect(400);
    });
}

#[test]
fn the_logs_of_all_organizations_below_are_one_list_when_that_is_asked_for() {
    let logs = ["acme", "eu", "shop", "us", "globex"];
    let world = logs.iter().enumerate().fold(World::company(), |world, (n, log)| {
        entry(world, &format!("e{n}"), (Some(*log), None), &format!("2026-01-05T00:00:{n:02}Z"), &json!({}))
    });
    world.on_each_engine(async |app| {
        let below = async |organization: &str, query: &str, user: &str| {
            app.get(format!("/organizations/{organization}/logs/audit?{SPAN}&{query}")).by(user).await.expect(200).ids()
        };
        assert_eq!(below("acme", "include_descendants=true", "ann").await, ["e3", "e2", "e1", "e0"]);
        assert_eq!(below("acme", "include_descendants=true&direction=asc&limit=2", "aud").await, ["e0", "e1"]);
        assert_eq!(below("eu", "include_descendants=true", "aud").await, ["e2", "e1"]);
        assert_eq!(below("acme", "include_descendants=false", "ann").await, ["e0"]);
        assert_eq!(whole(app, &format!("{SPAN}&include_descendants=true&limit=1")).await.concat(), ["e3", "e2", "e1", "e0"]);
        app.post("/umbel/v1/organizations/shop/move", json!({"parent_id": "us"})).by("ann").await.expect(200);
        assert!(
            !below("eu", "include_descendants=true&id=e2", "ann").await.contains(&"e2".to_owned()),
            "it stands elsewhere now"
        );
        assert_eq!(below("us", "include_descendants=true&id=e2", "ann").await, ["e2"]);
    });
}

#[test]
fn the_log_of_an_account_holds_what_was_about_it_wherever_it_was() {
    let world = World::company().account("acme/eu/@web").user("wes").account_member("web", "wes", Role::SuperAdministrator);
    world.on_each_engine(async |app| {
        app.put("/accounts/web", json!({"name": "Web"})).by("ann").await.expect(200);
        app.post("/accounts/web/move", json!({"destination_organization_id": "us"})).by("ann").await.expect(200);
        app.post("/accounts/web/members", json!({"email": "new@example.com", "roles": ["viewer"]})).by("ann").await.expect(200);
        let described = async |path: &str, user: &str| {
            let answer = app.get(format!("{path}/logs/audit?{SPAN}")).by(user).await.expect(200);
            let entries = answer.json()["result"].as_array().unwrap().clone();
            let shown =
                |entry: &Value| format!("{} in {}", entry["action"]["description"], entry["organization"]["id"]).replace('"', "");
            let mut shown: Vec<String> = entries.iter().map(shown).collect();
            shown.sort();
            shown
        };
        let all = ["Create Account Member in us", "Move Account in eu", "Move Account in us", "Update Account in eu"];
        assert_eq!(described("/accounts/web", "wes").await, all);
        assert_eq!(described("/organizations/eu", "ann").await, ["Move Account in eu", "Update Account in eu"]);
        assert_eq!(described("/organizations/us", "ann").await, ["Create Account Member in us", "Move Account in us"]);
    });
}

#[test]
fn the_log_of_an_account_has_filters_of_its_own() {
    let log = |account| (Some("eu"), Some(account));
    let world = World::company().account("acme/eu/@web").account("acme/eu/@ci");
    let world = entry(world, "019c4f65e7607d8c9f6f6b58aa3aff50", log("web"), "2026-01-05T00:00:01Z", &json!({}));
    let world = entry(world, "e2", log("web"), "2026-01-05T00:00:02Z", &json!({"actor": {"type": "account"}}));
    let world = entry(world, "e3", log("ci"), "2026-01-05T00:00:03Z", &json!({}));
    world.on_each_engine(async |app| {
        let list = async |query: &str| app.get(format!("/accounts/web/logs/audit?{SPAN}&{query}")).by("ann").await;
        let all = ["e2", "019c4f65e7607d8c9f6f6b58aa3aff50"];
        for (query, expected) in [
            ("account_name=ci&account_name=web", &all[..]),
            ("account_name=ci", &[]),
            ("account_name.not=web", &[]),
            ("account_name.not=ci", &all),
            ("audit_log_id=019c4f65-e760-7d8c-9f6f-6b58aa3aff50", &all[1..]),
            ("audit_log_id.not=019c4f65-e760-7d8c-9f6f-6b58aa3aff50", &all[..1]),
            ("audit_log_id=e3", &[]),
            ("zone_id=z", &[]),
            ("zone_id.not=z&zone_name.not=example.com", &all),
            ("zone_name=example.com", &[]),
            ("actor_type=account", &all[..1]),
            ("resource_scope=accounts", &[]),
            ("resource_scope.not=zones", &all),
            ("account_name=web&id=e2", &all[..1]),
        ] {
            assert_eq!(list(query).await.expect(200).ids(), expected, "{query}");
        }
        let refused = list("product_category=Zero%20Trust&product_category.not=x&zone_id=").await.expect(400);
        let pointers: Vec<_> = refused.json()["errors"].as_array().unwrap().iter().map(|error| error["source"].clone()).collect();
        let expected = ["product_category", "product_category.not", "zone_id"];
        assert_eq!(pointers, expected.map(|name| json!({"pointer": format!("/query/{name}")})));
        app.get(format!("/organizations/eu/logs/audit?{SPAN}&actor_type=account")).by("ann").await.expect(400);
    });
}

#[test]
fn the_history_of_an_account_s_entry_is_what_was_about_that_account() {
    let log = |account| (Some("eu"), Some(account));
    let of_kind = |id: &str| json!({"resource": {"id": id, "product": "zones", "type": "zone"}});
    let world = World::company().account("acme/eu/@web").account("acme/eu/@ci");
    let world = entry(world, "e1", log("web"), "2026-01-05T00:00:01Z", &of_kind("z"));
    let world = entry(world, "e2", log("web"), "2026-01-05T00:00:02Z", &of_kind("z"));
    let world = entry(world, "e3", log("web"), "2026-01-05T00:00:03Z", &of_kind("other"));
    let world = entry(world, "e4", log("ci"), "2026-01-05T00:00:04Z", &of_kind("z"));
    world.on_each_engine(async |app| {
        let history = async |account: &str, id: &str, second: u8| {
            let query = format!("{SPAN}&action_time=2026-01-05T00:00:0{second}Z");
            app.get(format!("/accounts/{account}/logs/audit/{id}/history?{query}")).by("ann").await
        };
        let found = history("web", "e1", 1).await.expect(200);
        assert_eq!(found.ids(), ["e2", "e1"]);
        assert_eq!(found.json()["result_info"], json!({"count": 2, "history_status": "exact"}));
        assert_eq!(history("ci", "e4", 4).await.expect(200).ids(), ["e4"]);
        let absent = history("ci", "e1", 1).await.expect(404);
        assert_eq!(absent.json()["result_info"], json!({"count": 0, "history_status": "unavailable"}));
    });
}

#[test]
fn the_history_of_an_entry_is_that_of_the_same_resource() {
    let log = (Some("acme"), None);
    let thing = |id: &str| json!({"resource": {"id": id, "product": "zones", "type": "zone"}});
    let world = entry(World::company(), "a1", log, "2026-01-05T00:00:01.123456Z", &thing("a"));
    let world = entry(world, "a2", log, "2026-01-05T00:00:02Z", &thing("a"));
    let world = entry(world, "b1", log, "2026-01-05T00:00:03Z", &thing("b"));
    let world = entry(world, "kind", log, "2026-01-05T00:00:04Z", &json!({"resource": {"product": "zones", "type": "zone"}}));
    let world = entry(world, "nothing", log, "2026-01-05T00:00:05Z", &json!({}));
    world.on_each_engine(async |app| {
        let history = async |id: &str, query: &str| {
            app.get(format!("/organizations/acme/logs/audit/{id}/history?{SPAN}&{query}")).by("aud").await
        };
        let mut shown = String::new();
        for (id, query) in [
            ("a1", "action_time=2026-01-05T00:00:01.123456Z"),
            ("a1", "action_time=2026-01-05T00:00:01.123Z&direction=asc&limit=1"),
            ("kind", "action_time=2026-01-05T00:00:04Z"),
            ("nothing", "action_time=2026-01-05T00:00:05Z"),
            ("a1", "action_time=2026-01-05T00:00:02Z"),
            ("b2", "action_time=2026-01-05T00:00:03Z"),
        ] {
            let answer = history(id, query).await;
            let ids = if answer.status == 200 { answer.ids() } else { vec![answer.json().to_string()] };
            let mut info = answer.json()["result_info"].take();
            assert_eq!(info["cursor"].is_string(), query.contains("limit=1"), "{query}");
            info.as_object_mut().unwrap().remove("cursor");
            writeln!(shown, "{id} {query}: {} {ids:?} {info}", answer.status).unwrap();
        }
        insta::assert_snapshot!("histories", shown);
        let first = history("a1", "action_time=2026-01-05T00:00:01.123456Z&limit=1").await.expect(200);
        let cursor = first.json()["result_info"]["cursor"].as_str().unwrap().to_owned();
        let second = history("a1", &format!("action_time=2026-01-05T00:00:01.123456Z&limit=1&cursor={cursor}")).await.expect(200);
        assert_eq!((first.ids(), second.ids()), (vec!["a2".to_owned()], vec!["a1".to_owned()]));
        history("a1", "").await.expect(400);
        let elsewhere = format!("/organizations/globex/logs/audit/a1/history?{SPAN}&action_time=2026-01-05T00:00:01.123456Z");
        app.get(elsewhere).by("gus").await.expect(404);
    });
}

#[test]
fn the_diff_of_a_change_names_what_is_different() {
    World::company().account("acme/eu/@web").on_each_engine(async |app| {
        let profile = json!({
            "business_address": "a",
            "business_email": "b",
            "business_name": "c",
            "business_phone": "d",
            "external_metadata": "e",
        });
        app.put("/organizations/eu", json!({"name": "Europe"})).by("ann").await.expect(200);
        app.put("/umbel/v1/organizations/eu/flags", json!({"account_mobility": "disabled"})).by("olga").await.expect(200);
        app.put("/organizations/eu/profile", profile).by("ann").await.expect(204);
        app.patch("/umbel/v1/organizations/acme/members/acme-vic", json!({"role": "auditor"})).by("ann").await.expect(200);
        app.post("/umbel/v1/organizations/shop/move", json!({"parent_id": "us"})).by("ann").await.expect(200);
        app.delete("/organizations/shop").by("ann").await.expect(200);
        app.put("/organizations/eu", json!({"name": "x"})).by("vic").header("if-match", "\"stale\"").await;
        app.app.finish().await;
        let mut shown = String::new();
        for log in ["eu", "us", "acme"] {
            let entries = app.get(format!("/organizations/{log}/logs/audit?{SPAN}&direction=asc")).by("ann").await.expect(200);
            for entry in entries.json()["result"].as_array().unwrap() {
                let (id, time) = (entry["id"].as_str().unwrap(), entry["action"]["time"].as_str().unwrap());
                let path = format!("/umbel/v1/organizations/{log}/logs/audit/{id}/diff?action_time={time}");
                let diff = app.get(path).by("aud").await.expect(200).json()["result"].take();
                assert_eq!(diff["entry"], *entry);
                writeln!(shown, "{log}: {} {}", entry["action"]["description"], entry["action"]["result"]).unwrap();
                for change in diff["changes"].as_array().unwrap() {
                    writeln!(shown, "  {change}").unwrap();
                }
            }
        }
        insta::assert_snapshot!("what_changes_did", shown);
    });
}

#[test]
fn operators_read_the_log_of_the_server_and_that_of_what_is_gone() {
    World::company().organization("old").member("old", "ned", Role::SuperAdministrator).on_each_engine(async |app| {
        app.put("/organizations/old", json!({"name": "Old"})).by("ned").await.expect(200);
        app.delete("/organizations/old").by("ned").await.expect(200);
        let old = format!("/organizations/old/logs/audit?{SPAN}");
        let kept = app.get(&old).by("olga").await.expect(200).json()["result"].take();
        let described: Vec<_> = kept.as_array().unwrap().iter().map(|entry| &entry["action"]["description"]).collect();
        assert_eq!(described, ["Delete Organization Member", "Update Organization"]);
        app.get(&old).by("ned").await.expect(404);
        app.get(format!("/organizations/never/logs/audit?{SPAN}")).by("olga").await.expect(404);
        let of_server = app.get(format!("/umbel/v1/logs/audit?{SPAN}")).by("olga").await.expect(200);
        let entry = &of_server.json()["result"][0];
        assert_eq!((&entry["action"]["description"], &entry["resource"]["id"]), (&json!("Delete Organization"), &json!("old")));
        assert_eq!(entry.get("organization"), None);
        app.get(format!("/umbel/v1/logs/audit?{SPAN}")).by("ann").await.expect(403);
    });
}

#[test]
fn decimals_of_a_body_stay_as_they_were_sent() {
    let request = r#"{"price":1.10,"big":12345678901234567890.0}"#;
    let line = format!(
        r#"{{"kind":"audit_entry","id":"e","organization_id":"acme","action":{{"time":"2026-01-05T00:00:01Z"}},"resource":{{"request":{request}}}}}"#
    );
    World::company().on_each_engine(async |app| {
        let sources = Sources::new(START.micros(), |bytes| bytes.fill(7));
        portability::import(&app.store, &sources, line.as_bytes(), &mut |_| {}).await.unwrap();
        let answer = list(app, SPAN).await.expect(200);
        assert!(String::from_utf8_lossy(&answer.body).contains(request), "{answer}");
    });
}
