//! What is written down of changes and of refused attempts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::call::{Answer, CLIENT};
use crate::harness::database::Row;
use crate::harness::world::{World, invitation_of};
use crate::openapi;
use crate::operations::{metrics, value};
use crate::sign_in::IN_SESSIONS;

/// A change, and the entries that it must write: log, action, type and id of the resource. `{id}` stands for the new id.
struct Change {
    route: &'static str,
    path: &'static str,
    body: Value,
    entries: &'static [(&'static str, &'static str, &'static str, &'static str)],
}

fn change(
    route: &'static str,
    path: &'static str,
    body: Value,
    entries: &'static [(&'static str, &'static str, &'static str, &'static str)],
) -> Change {
    Change { route, path, body, entries }
}

fn profile() -> Value {
    json!({
        "business_address": "a",
        "business_email": "b",
        "business_name": "c",
        "business_phone": "d",
        "external_metadata": "e",
    })
}

/// A change on every mutating route, some in more than one way, in the order in which an operator makes them.
fn changes() -> Vec<Change> {
    let all = [
        changes_of_audit_streams(),
        changes_of_roles(),
        changes_of_members(),
        changes_of_organizations(),
        changes_of_accounts(),
        changes_of_people(),
        changes_of_invitations(),
        changes_of_billing(),
        changes_of_audit_logs(),
    ];
    all.into_iter().flatten().collect()
}

fn changes_of_roles() -> Vec<Change> {
    const MADE: &str = "/umbel/v1/organizations/globex/roles/019c4f65e7607d8c9f6f6b58aa3aff54";
    let entries = |action| -> &'static [(&str, &str, &str, &str)] {
        match action {
            "create" => &[("globex", "create", "role", "{id}")],
            "update" => &[("globex", "update", "role", "019c4f65e7607d8c9f6f6b58aa3aff54")],
            _ => &[("globex", "delete", "role", "019c4f65e7607d8c9f6f6b58aa3aff54")],
        }
    };
    vec![
        change(
            "POST /umbel/v1/organizations/{organization_id}/roles",
            "/umbel/v1/organizations/globex/roles",
            json!({"name": "editor", "actions": ["update_organization"]}),
            entries("create"),
        ),
        change(
            "PATCH /umbel/v1/organizations/{organization_id}/roles/{role_id}",
            MADE,
            json!({"name": "deployer"}),
            entries("update"),
        ),
        change("DELETE /umbel/v1/organizations/{organization_id}/roles/{role_id}", MADE, Value::Null, entries("delete")),
    ]
}

fn changes_of_audit_streams() -> Vec<Change> {
    const PATH: &str = "/umbel/v1/organizations/acme/logs/audit/streams/s-acme";
    const UPDATE: &[(&str, &str, &str, &str)] = &[("acme", "update", "audit_stream", "s-acme")];
    let since = json!({"since": "2026-01-02T00:00:00Z"});
    vec![
        change(
            "POST /umbel/v1/organizations/{organization_id}/logs/audit/streams",
            "/umbel/v1/organizations/eu/logs/audit/streams",
            json!({"name": "siem", "url": "https://example.com/", "enabled": false}),
            &[("eu", "create", "audit_stream", "{id}")],
        ),
        change(
            "PATCH /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}",
            PATH,
            json!({"name": "other"}),
            UPDATE,
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/roll",
            "/umbel/v1/organizations/acme/logs/audit/streams/s-acme/roll",
            Value::Null,
            UPDATE,
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/replay",
            "/umbel/v1/organizations/acme/logs/audit/streams/s-acme/replay",
            since,
            UPDATE,
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/test",
            "/umbel/v1/organizations/acme/logs/audit/streams/s-acme/test",
            Value::Null,
            UPDATE,
        ),
        change(
            "DELETE /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}",
            PATH,
            Value::Null,
            &[("acme", "delete", "audit_stream", "s-acme")],
        ),
    ]
}

fn changes_of_members() -> Vec<Change> {
    vec![
        change(
            "POST /client/v4/organizations/{organization_id}/members",
            "/client/v4/organizations/eu/members",
            json!({"member": {"user": {"email": "ned@example.com"}}}),
            &[("eu", "create", "organization_member", "{id}")],
        ),
        change(
            "POST /client/v4/organizations/{organization_id}/members:batchCreate",
            "/client/v4/organizations/us/members:batchCreate",
            json!({"members": [{"user": {"email": "ned@example.com"}}, {"user": {"email": "new@example.com"}}]}),
            &[
                ("us", "create", "organization_member", "{id}"),
                ("us", "create", "organization_member", "{id}"),
                ("", "create", "user", "{id}"),
            ],
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/members",
            "/umbel/v1/organizations/us/members",
            json!({"email": "newer@example.com", "role": "viewer"}),
            &[("us", "create", "organization_member", "{id}"), ("", "create", "user", "{id}")],
        ),
        change(
            "PATCH /umbel/v1/organizations/{organization_id}/members/{member_id}",
            "/umbel/v1/organizations/acme/members/acme-adam",
            json!({"role": "viewer"}),
            &[("acme", "update", "organization_member", "acme-adam")],
        ),
        change(
            "DELETE /umbel/v1/organizations/{organization_id}/members/{member_id}",
            "/umbel/v1/organizations/acme/members/acme-adam",
            Value::Null,
            &[("acme", "delete", "organization_member", "acme-adam")],
        ),
        change(
            "DELETE /client/v4/organizations/{organization_id}/members/{member_id}",
            "/client/v4/organizations/acme/members/acme-bill",
            Value::Null,
            &[("acme", "delete", "organization_member", "acme-bill")],
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/leave",
            "/umbel/v1/organizations/empty/leave",
            Value::Null,
            &[("empty", "delete", "organization_member", "empty-olga")],
        ),
    ]
}

fn changes_of_accounts() -> Vec<Change> {
    vec![
        change(
            "POST /client/v4/accounts",
            "/client/v4/accounts",
            json!({"name": "held", "unit": {"id": "eu"}}),
            &[("eu", "create", "account", "{id}")],
        ),
        change(
            "POST /client/v4/accounts",
            "/accounts",
            json!({"name": "free", "standalone": true}),
            &[("", "create", "account", "{id}")],
        ),
        change(
            "PUT /client/v4/accounts/{account_id}",
            "/client/v4/accounts/web",
            json!({"name": "Web"}),
            &[("acme", "update", "account", "web")],
        ),
        change(
            "PUT /client/v4/accounts/{account_id}/profile",
            "/client/v4/accounts/web/profile",
            profile(),
            &[("acme", "update", "account_profile", "web")],
        ),
        change(
            "POST /client/v4/accounts/{account_id}/move",
            "/client/v4/accounts/web/move",
            json!({"destination_organization_id": "eu"}),
            &[("acme", "update", "account", "web"), ("eu", "update", "account", "web")],
        ),
        change(
            "POST /client/v4/accounts/{account_id}/move",
            "/client/v4/accounts/web/move",
            json!({"destination_organization_id": "eu"}),
            &[],
        ),
        change(
            "POST /client/v4/accounts/move",
            "/client/v4/accounts/move",
            json!({"account_ids": ["web", "alone"], "destination_organization_id": "us"}),
            &[
                ("eu", "update", "account", "web"),
                ("us", "update", "account", "web"),
                ("", "update", "account", "alone"),
                ("us", "update", "account", "alone"),
            ],
        ),
        change(
            "POST /client/v4/accounts/{account_id}/members",
            "/client/v4/accounts/web/members",
            json!({"email": "newest@example.com", "roles": ["viewer"]}),
            &[("us", "create", "account_member", "{id}"), ("", "create", "user", "{id}")],
        ),
        change(
            "PUT /client/v4/accounts/{account_id}/members/{member_id}",
            "/client/v4/accounts/web/members/web-olga",
            json!({"roles": [{"id": "viewer"}, {"id": "billing"}]}),
            &[("us", "update", "account_member", "web-olga")],
        ),
        change(
            "DELETE /client/v4/accounts/{account_id}/members/{member_id}",
            "/client/v4/accounts/web/members/web-olga",
            Value::Null,
            &[("us", "delete", "account_member", "web-olga")],
        ),
        change(
            "PUT /client/v4/memberships/{member_id}",
            "/client/v4/memberships/own",
            json!({"status": "accepted"}),
            &[("us", "update", "account_member", "own")],
        ),
        change("PUT /client/v4/memberships/{member_id}", "/client/v4/memberships/own", json!({"status": "accepted"}), &[]),
        change(
            "DELETE /client/v4/memberships/{member_id}",
            "/client/v4/memberships/own",
            Value::Null,
            &[("us", "delete", "account_member", "own")],
        ),
        change(
            "DELETE /client/v4/accounts/{account_id}",
            "/client/v4/accounts/web",
            Value::Null,
            &[("us", "delete", "account", "web")],
        ),
    ]
}

fn changes_of_organizations() -> Vec<Change> {
    const ALL: &str = "/client/v4/organizations";
    const ONE: &str = "PUT /client/v4/organizations/{organization_id}";
    const DELETE: &str = "DELETE /client/v4/organizations/{organization_id}";
    const CREATE: &str = "POST /client/v4/organizations";
    vec![
        change(CREATE, ALL, json!({"name": "root"}), &[("{id}", "create", "organization", "{id}")]),
        change(
            CREATE,
            "/organizations",
            json!({"name": "child", "parent": {"id": "acme"}}),
            &[("acme", "create", "organization", "{id}")],
        ),
        change(ONE, "/client/v4/organizations/acme?a=b", json!({"name": "Acme"}), &[("acme", "update", "organization", "acme")]),
        change(
            "PUT /client/v4/organizations/{organization_id}/profile",
            "/client/v4/organizations/eu/profile",
            profile(),
            &[("eu", "update", "organization_profile", "eu")],
        ),
        change(
            "PUT /umbel/v1/organizations/{organization_id}/flags",
            "/umbel/v1/organizations/shop/flags",
            json!({"account_creation": "disabled"}),
            &[("shop", "update", "organization", "shop")],
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/move",
            "/umbel/v1/organizations/shop/move",
            json!({"parent_id": "us"}),
            &[("eu", "update", "organization", "shop"), ("us", "update", "organization", "shop")],
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/move",
            "/umbel/v1/organizations/shop/move?dry_run=true",
            json!({"parent_id": "eu"}),
            &[],
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/move",
            "/umbel/v1/organizations/shop/move",
            json!({"parent_id": "eu"}),
            &[("us", "update", "organization", "shop"), ("eu", "update", "organization", "shop")],
        ),
        change(DELETE, "/client/v4/organizations/shop", Value::Null, &[("eu", "delete", "organization", "shop")]),
        change(DELETE, "/client/v4/organizations/empty", Value::Null, &[("", "delete", "organization", "empty")]),
    ]
}

fn changes_of_people() -> Vec<Change> {
    const TOKEN: &str = "POST /umbel/v1/tokens";
    const USER: &str = "PATCH /umbel/v1/users/{user_id}";
    vec![
        change(TOKEN, "/umbel/v1/tokens", json!({"name": "server"}), &[("", "create", "api_token", "{id}")]),
        change(
            TOKEN,
            "/umbel/v1/tokens",
            json!({"name": "bound", "organization_id": "eu"}),
            &[("eu", "create", "api_token", "{id}")],
        ),
        change(
            "POST /umbel/v1/tokens/{token_id}/roll",
            "/umbel/v1/tokens/in-eu/roll",
            Value::Null,
            &[("eu", "update", "api_token", "in-eu")],
        ),
        change(
            "DELETE /umbel/v1/tokens/{token_id}",
            "/umbel/v1/tokens/in-eu",
            Value::Null,
            &[("eu", "delete", "api_token", "in-eu")],
        ),
        change("POST /umbel/v1/users", "/umbel/v1/users", json!({"email": "eve@example.com"}), &[("", "create", "user", "{id}")]),
        change(
            "POST /umbel/v1/users/{user_id}/sign-in-link",
            "/umbel/v1/users/vic/sign-in-link",
            Value::Null,
            &[("", "update", "user", "vic")],
        ),
        change(
            "DELETE /umbel/v1/users/{user_id}/totp",
            "/umbel/v1/users/two/totp",
            Value::Null,
            &[("", "update", "user", "two")],
        ),
        change(
            "DELETE /umbel/v1/users/{user_id}/identities/{identity_id}",
            "/umbel/v1/users/vic/identities/of-vic",
            Value::Null,
            &[("", "update", "user", "vic")],
        ),
        change(USER, "/umbel/v1/users/vic", json!({"disabled": true}), &[("", "update", "user", "vic")]),
        change(
            "DELETE /umbel/v1/users/{user_id}",
            "/umbel/v1/users/vic",
            Value::Null,
            &[
                ("", "delete", "user", "vic"),
                ("acme", "delete", "organization_member", "acme-vic"),
                ("globex", "delete", "organization_member", "globex-vic"),
            ],
        ),
    ]
}

fn changes_of_invitations() -> Vec<Change> {
    let own = |organization| json!({"token": invitation_of(organization, "olga").reveal()});
    vec![
        change(
            "POST /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}/resend",
            "/umbel/v1/organizations/acme/invitations/i-acme-ned/resend",
            Value::Null,
            &[("acme", "update", "invitation", "i-acme-ned")],
        ),
        change(
            "DELETE /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}",
            "/umbel/v1/organizations/acme/invitations/i-acme-ned",
            Value::Null,
            &[("acme", "delete", "invitation", "i-acme-ned"), ("acme", "delete", "organization_member", "acme-ned")],
        ),
        change(
            "POST /umbel/v1/invitations/accept",
            "/umbel/v1/invitations/accept",
            own("us"),
            &[("us", "update", "organization_member", "us-olga")],
        ),
        change(
            "POST /umbel/v1/invitations/reject",
            "/umbel/v1/invitations/reject",
            own("globex"),
            &[("globex", "update", "organization_member", "globex-olga")],
        ),
    ]
}

fn changes_of_billing() -> Vec<Change> {
    let metric = json!({
        "id": "requests",
        "name": "Requests",
        "event_type": "com.example.request",
        "aggregation": "count",
        "unit": "Requests",
        "service_name": "Workers",
        "service_category": "Compute",
    });
    let price = json!({
        "id": "p1",
        "metric_id": "requests",
        "currency": "USD",
        "list_unit_price": "0.5",
        "effective_from": "2026-01-01",
    });
    let end = || json!({"effective_to": "2026-02-01"});
    vec![
        change("POST /umbel/v1/metrics", "/umbel/v1/metrics", metric, &[("", "create", "metric", "requests")]),
        change("POST /umbel/v1/prices", "/umbel/v1/prices", price, &[("", "create", "price", "p1")]),
        change("POST /umbel/v1/prices/{price_id}/end", "/umbel/v1/prices/p1/end", end(), &[("", "update", "price", "p1")]),
        change("POST /umbel/v1/prices/{price_id}/end", "/umbel/v1/prices/p1/end", end(), &[]),
        change(
            "PUT /umbel/v1/organizations/{organization_id}/billing",
            "/umbel/v1/organizations/acme/billing",
            json!({"billing_currency": "EUR"}),
            &[("acme", "update", "organization", "acme")],
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/close",
            "/umbel/v1/organizations/acme/billing-periods/2025-11/close",
            Value::Null,
            &[("acme", "update", "billing_period", "2025-11")],
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/budgets",
            "/umbel/v1/organizations/eu/budgets",
            json!({"name": "cloud", "amount": "100"}),
            &[("eu", "create", "budget", "{id}")],
        ),
        change(
            "PATCH /umbel/v1/organizations/{organization_id}/budgets/{budget_id}",
            "/umbel/v1/organizations/acme/budgets/b-acme",
            json!({"amount": "200"}),
            &[("acme", "update", "budget", "b-acme")],
        ),
        change(
            "DELETE /umbel/v1/organizations/{organization_id}/budgets/{budget_id}",
            "/umbel/v1/organizations/acme/budgets/b-acme",
            Value::Null,
            &[("acme", "delete", "budget", "b-acme")],
        ),
        change(
            "POST /umbel/v1/usage/events",
            "/umbel/v1/usage/events",
            json!([{"specversion": "1.0", "id": "1", "source": "s", "type": "com.example.request", "subject": "alone"}]),
            &[],
        ),
        change(
            "POST /umbel/v1/metrics/{metric_id}/retire",
            "/umbel/v1/metrics/requests/retire",
            Value::Null,
            &[("", "update", "metric", "requests")],
        ),
        change("POST /umbel/v1/metrics/{metric_id}/retire", "/umbel/v1/metrics/requests/retire", Value::Null, &[]),
    ]
}

fn changes_of_audit_logs() -> Vec<Change> {
    let kept = json!({"retention_days": 550, "hold": false});
    vec![
        change(
            "PUT /umbel/v1/organizations/{organization_id}/logs/audit/retention",
            "/umbel/v1/organizations/globex/logs/audit/retention",
            kept.clone(),
            &[("globex", "update", "audit_retention", "globex")],
        ),
        change(
            "PUT /umbel/v1/logs/audit/retention",
            "/umbel/v1/logs/audit/retention",
            kept,
            &[("", "update", "audit_retention", "server")],
        ),
        change(
            "POST /umbel/v1/organizations/{organization_id}/logs/audit/erasures",
            "/umbel/v1/organizations/acme/logs/audit/erasures",
            json!({"email": "nobody-at-all@example.com"}),
            &[("acme", "create", "audit_erasure", "{id}")],
        ),
        change(
            "POST /umbel/v1/logs/audit/erasures",
            "/umbel/v1/logs/audit/erasures",
            json!({"user_id": "nobody-at-all"}),
            &[("", "create", "audit_erasure", "{id}")],
        ),
    ]
}

async fn make(app: &TestApp, change: &Change) -> Answer {
    let method = Method::from_bytes(change.route.split(' ').next().unwrap().as_bytes()).unwrap();
    let call = app.call(method, change.path).by("olga").header("user-agent", "tests/1");
    match &change.body {
        Value::Null => call.await,
        Value::Array(_) => call.events(&change.body).await,
        body => call.body(body.clone()).await,
    }
}

/// The entry without what every entry of the same answer shares, which must be what the client sent and saw.
fn checked(row: &Row, change: &Change, answer: &Answer) -> (String, String, String, String) {
    let text = |name: &str| row[name].as_str().unwrap_or_else(|| panic!("{name} in {row:?}")).to_owned();
    assert_eq!((text("action_result"), text("actor_type")), ("success".into(), "user".into()));
    assert_eq!((text("actor_id"), text("actor_email")), ("olga".into(), "olga@example.com".into()));
    assert_eq!((text("actor_context"), text("actor_ip_address")), ("api_token".into(), CLIENT.into()));
    assert_eq!((text("actor_token_id"), text("actor_token_name")), ("olga-token".into(), "first".into()));
    assert_eq!((text("raw_method"), text("raw_uri")), (answer.method.to_string(), answer.path.clone()));
    assert_eq!(row["raw_status_code"], answer.status.to_string());
    assert_eq!((text("raw_user_agent"), text("raw_cf_ray_id").as_str()), ("tests/1".into(), answer.header("cf-ray").unwrap()));
    let product = match text("resource_type").as_str() {
        "role" | "user" | "api_token" => "iam",
        "account" | "account_profile" | "account_member" => "accounts",
        "metric" | "price" | "billing_period" | "budget" => "billing",
        _ => "organizations",
    };
    assert_eq!(text("resource_product"), product);
    assert!(!text("action_description").is_empty());
    let json = |name: &str| row[name].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
    if change.route == "POST /client/v4/accounts/move" {
        // Who reads one of the logs does not read of the other accounts.
        let id = text("resource_id");
        assert_eq!(json("request")["account_ids"], json!([id]));
        assert_eq!(json("response")["result"], json!({"statuses": [{"tag": id, "moved": true}]}));
        return (text("organization_id"), text("action_type"), text("resource_type"), text("resource_id"));
    }
    // A body that is a secret is not kept, nor is an address that is to be erased.
    let erases = text("resource_type") == "audit_erasure" && change.body.get("email").is_some();
    let leads = text("resource_type") == "audit_stream" && change.body.get("since").is_none();
    let kept = if change.body.get("token").is_some() || erases || leads { Value::Null } else { change.body.clone() };
    assert_eq!(json("request"), kept);
    let mut seen = if answer.body.is_empty() { Value::Null } else { answer.json() };
    let link = change.route.ends_with("/sign-in-link").then_some("url");
    for secret in ["value", "api_key", "token", "signing_secret"].into_iter().chain(link) {
        seen["result"].as_object_mut().and_then(|result| result.remove(secret));
    }
    if let Some(host) =
        seen["result"]["url"].as_str().and_then(|url| url.parse::<axum::http::Uri>().ok()?.host().map(str::to_owned))
    {
        // What comes behind the host may be a secret.
        seen["result"]["url"] = format!("https://{host}/…").into();
    }
    assert_eq!(json("response"), if answer.body.is_empty() { Value::Null } else { seen });
    (text("organization_id"), text("action_type"), text("resource_type"), text("resource_id"))
}

fn audited() -> World {
    let role = json!({
        "kind": "role",
        "id": "019c4f65e7607d8c9f6f6b58aa3aff54",
        "organization_id": "globex",
        "name": "made",
        "actions": [],
    });
    let world = World::company().line(role).organization("empty").member("empty", "olga", umbel_domain::Role::Viewer).member(
        "globex",
        "vic",
        umbel_domain::Role::Viewer,
    );
    world
        .user_with("two", &json!({"two_factor_authentication_enabled": true}))
        .audit_stream("acme/")
        .budget("acme")
        .identity("vic")
        .token("in-eu", "olga", Some("eu"), None)
        .invitation("acme", "ned", umbel_domain::Role::Viewer)
        .invitation("us", "olga", umbel_domain::Role::Viewer)
        .invitation("globex", "olga", umbel_domain::Role::Viewer)
        .account("acme/@web")
        .account("@alone")
        .account_member("web", "olga", umbel_domain::Role::Viewer)
        .account_member("web", "vic", umbel_domain::Role::Viewer)
        .line(json!({"kind": "account_member", "id": "own", "account_id": "alone", "user_id": "olga", "status": "pending"}))
}

#[test]
fn every_change_writes_exactly_its_entries() {
    audited().on_each_engine(async |app| {
        let mut known = BTreeSet::new();
        for change in changes() {
            let answer = make(app, &change).await;
            assert!([200, 204].contains(&answer.status), "{answer}");
            // What the workers write of an erasure comes when it comes.
            let new = app.audit_log().await.into_iter().filter(|row| row["actor_type"] == "user");
            let new: Vec<_> = new.filter(|row| known.insert(row["id"].to_string())).collect();
            let written: Vec<_> = new.iter().map(|row| checked(row, &change, &answer)).collect();
            assert_eq!(written.len(), change.entries.len(), "{}", change.route);
            for ((log, action, resource, id), expected) in written.iter().zip(change.entries) {
                // What is new has an id that nobody knew before; where it is shown it is the one in the answer.
                let is_new = expected.3 == "{id}" && answer.to_string().contains(id.as_str()) || *resource == "user";
                let id = if is_new && expected.3 == "{id}" { "{id}" } else { id };
                let log = if expected.0 == "{id}" && answer.to_string().contains(log.as_str()) { "{id}" } else { log };
                assert_eq!((log, action.as_str(), resource.as_str(), id), *expected, "{}", change.route);
            }
        }
    });
}

#[test]
fn no_mutating_route_is_missing_from_the_changes() {
    let made: BTreeSet<_> = changes().iter().map(|change| change.route.to_owned()).collect();
    let mutating = openapi::closed_routes().into_iter().filter(|route| !route.starts_with("GET "));
    let mutating = mutating.filter(|route| !IN_SESSIONS.contains(&route.as_str()));
    assert_eq!(made, mutating.collect());
}

#[test]
fn entries_are_the_same_on_both_engines() {
    audited().on_each_engine(async |app| {
        for change in changes() {
            make(app, &change).await;
        }
        let by_users = app.audit_log().await.into_iter().filter(|row| row["actor_type"] == "user");
        let rows: Vec<String> = by_users.map(|row| serde_json::to_string_pretty(&row).unwrap()).collect();
        insta::assert_snapshot!("entries_of_every_change", numbered(&rows.join("\n")));
    });
}

/// The same with the ids that each request drew numbered from 1: a request that had to be run again drew others before.
fn numbered(text: &str) -> String {
    let start = "019b7ca98d03";
    let ids = || text.match_indices(start).map(|(at, _)| (at, text[at..at + 32].split_at(28)));
    let mut drawn: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, (request, draw)) in ids() {
        drawn.entry(request).or_default().insert(draw);
    }
    let (mut numbered, mut end) = (String::new(), 0);
    for (at, (request, draw)) in ids() {
        let number = drawn[request].iter().position(|other| *other == draw).unwrap() + 1;
        write!(numbered, "{}{request}{number:04x}", &text[end..at]).unwrap();
        end = at + 32;
    }
    numbered + &text[end..]
}

#[test]
fn an_entry_names_the_global_api_key_by_its_kind_alone() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/acme", json!({"name": "x"})).by_key("ann").await.expect(200);
        let log = app.audit_log().await;
        assert_eq!(
            (log[0]["actor_context"].as_str(), log[0]["actor_email"].as_str()),
            (Some("api_key"), Some("ann@example.com"))
        );
        assert_eq!((&log[0]["actor_token_id"], &log[0]["actor_token_name"]), (&Value::Null, &Value::Null));
    });
}

#[test]
fn a_refused_change_of_something_visible_is_a_failure_in_its_log() {
    audited().on_each_engine(async |app| {
        let rename = || json!({"name": "new"});
        let below = || json!({"name": "x", "parent": {"id": "us"}});
        app.put("/organizations/eu", rename()).by("vic").await.expect(403);
        app.delete("/organizations/eu").by("ann").await.expect(409);
        app.put("/organizations/shop", rename()).by("ann").header("if-match", "\"stale\"").await.expect(412);
        app.post("/organizations", below()).by("ann").idempotency_key("k").await.expect(200);
        app.post("/organizations?", below()).by("ann").idempotency_key("k").await.expect(200);
        app.post("/organizations", json!({"name": "y", "parent": {"id": "us"}})).by("ann").idempotency_key("k").await.expect(422);
        app.put("/umbel/v1/organizations/acme/flags", json!({"account_mobility": "disabled"})).by("ann").await.expect(403);
        app.put("/organizations/globex/profile", profile()).by_key("gus").header("if-match", "*").await.expect(412);
        app.delete("/umbel/v1/users/gus").by("olga").await.expect(409);
        app.post("/umbel/v1/tokens", json!({"name": "wide"})).by_token("in-eu").await.expect(403);
        let log = app.final_audit_log().await;
        let failures = log.iter().filter(|row| row["action_result"] == "failure");
        let rows: Vec<String> = failures.map(|row| serde_json::to_string_pretty(row).unwrap()).collect();
        insta::assert_snapshot!("refused_changes", rows.join("\n"));
        assert_eq!(log.len(), rows.len() + 1);
    });
}

#[test]
fn nothing_is_written_down_of_what_is_invisible_malformed_or_only_read() {
    World::company().on_each_engine(async |app| {
        let rename = || json!({"name": "new"});
        app.put("/organizations/globex", rename()).by("ann").await.expect(404);
        app.put("/organizations/nowhere", rename()).by("ann").await.expect(404);
        app.delete("/organizations/acme").by("ned").await.expect(404);
        app.put("/organizations/acme", json!({"name": ""})).by("ann").await.expect(400);
        app.put("/organizations/acme", "{").by("ann").await.expect(400);
        app.put("/organizations/acme", json!({"name": "x", "parent": {"id": "us"}})).by("ann").await.expect(400);
        app.put("/organizations/a.b", rename()).by("ann").await.expect(400);
        app.put("/organizations/acme", rename()).await.expect(401);
        app.get("/umbel/v1/users").by("ann").await.expect(403);
        app.get("/organizations").by("ann").await.expect(200);
        app.get("/organizations/acme").by("ann").await.expect(200);
        app.post("/umbel/v1/users", json!({"email": "x"})).by("ann").await.expect(403);
        assert_eq!(app.final_audit_log().await, Vec::<Row>::new());
    });
}

#[test]
fn of_the_refused_attempts_of_one_second_ten_are_written_down_for_each_caller() {
    World::company().on_each_engine(async |app| {
        let attempts = async |user: &str, count: usize| {
            for _ in 0..count {
                app.put("/organizations/acme", json!({"name": "new"})).by(user).await.expect(403);
            }
        };
        attempts("vic", 15).await;
        attempts("aud", 3).await;
        app.sources.advance_seconds(1);
        attempts("vic", 2).await;
        let log = app.final_audit_log().await;
        let by = |user: &str| log.iter().filter(|row| row["actor_id"] == user).count();
        assert_eq!((by("vic"), by("aud")), (12, 3));
        assert_eq!(value(&metrics(app).await, "umbel_refusals_not_written_down"), 5);
    });
}
