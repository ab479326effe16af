//! Entity tags: what need not be sent again, and what must not be overwritten.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::world::{World, invitation_of};
use crate::openapi;

async fn etag(app: &TestApp, path: &str) -> String {
    app.get(path).by("olga").await.expect(200).header("etag").unwrap().to_owned()
}

fn profile(name: &str) -> Value {
    json!({
        "business_address": "",
        "business_email": "",
        "business_name": name,
        "business_phone": "",
        "external_metadata": "",
    })
}

#[test]
fn what_the_client_has_already_is_not_sent_again() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/acme/profile", profile("p")).by("ann").await.expect(204);
        let paths = ["/organizations/acme", "/organizations/acme/profile", "/umbel/v1/users/ann", "/umbel/v1/tokens/olga-token"];
        for path in paths {
            let shown = app.get(path).by("olga").await;
            let tag = etag(app, path).await;
            for list in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
                let known = app.get(path).by("olga").header("if-none-match", &list).await.expect(304);
                assert_eq!((known.body.len(), known.header("etag")), (0, Some(tag.as_str())), "{list}");
                assert_eq!(
                    (known.header("content-type"), known.header("content-length")),
                    (None, shown.header("content-length"))
                );
                app.call(Method::HEAD, path).by("olga").header("if-none-match", &list).await.expect(304);
            }
            for list in ["\"other\"", "", &tag[1..tag.len() - 1]] {
                app.get(path).by("olga").header("if-none-match", list).await.expect(200);
            }
        }
    });
}

#[test]
fn a_tag_changes_with_everything_that_is_shown() {
    World::company().on_each_engine(async |app| {
        let mut tags = vec![etag(app, "/organizations/eu").await];
        app.put("/organizations/acme", json!({"name": "Acme!"})).by("ann").await.expect(200);
        tags.push(etag(app, "/organizations/eu").await);
        app.put("/organizations/eu/profile", profile("p")).by("ann").await.expect(204);
        tags.push(etag(app, "/organizations/eu").await);
        let flags = json!({"account_creation": "disabled"});
        app.put("/umbel/v1/organizations/eu/flags", flags).by("olga").await.expect(200);
        tags.push(etag(app, "/organizations/eu").await);
        let unique: BTreeSet<_> = tags.iter().collect();
        assert_eq!(unique.len(), 4, "the parent's name, the profile and the flags are shown: {tags:?}");
        let updated = app.put("/organizations/eu", json!({"name": "Europe"})).by("ann").await.expect(200);
        assert_eq!(updated.header("etag"), Some(etag(app, "/organizations/eu").await.as_str()));
    });
}

#[test]
fn a_change_is_not_mistaken_for_a_question() {
    World::company().on_each_engine(async |app| {
        let renamed = app.put("/organizations/eu", json!({"name": "Europe"})).by("ann").header("if-none-match", "*").await;
        assert_eq!(renamed.expect(200).text("name"), "Europe");
        let created = app.post("/organizations", json!({"name": "root"})).by("ann").header("if-none-match", "*").await;
        created.expect(200);
    });
}

/// The id of a role that the root has made.
const ROLE: &str = "019c4f65e7607d8c9f6f6b58aa3aff54";

/// The routes that honour `If-Match`, with the id of what they change and a body.
fn honouring() -> [(&'static str, &'static str, Value); 35] {
    [
        ("PUT /client/v4/organizations/{organization_id}", "shop", json!({"name": "new"})),
        ("PUT /client/v4/organizations/{organization_id}/profile", "shop", profile("second")),
        ("PUT /umbel/v1/organizations/{organization_id}/flags", "shop", json!({"account_mobility": "disabled"})),
        ("POST /umbel/v1/organizations/{organization_id}/move", "shop", json!({"parent_id": "us"})),
        ("DELETE /client/v4/organizations/{organization_id}", "shop", json!({})),
        ("PATCH /umbel/v1/organizations/{organization_id}/members/{member_id}", "acme/bill", json!({"role": "viewer"})),
        ("DELETE /umbel/v1/organizations/{organization_id}/members/{member_id}", "acme/bill", json!({})),
        ("DELETE /client/v4/organizations/{organization_id}/members/{member_id}", "acme/aud", json!({})),
        ("PATCH /umbel/v1/organizations/{organization_id}/roles/{role_id}", "acme", json!({"name": "new"})),
        ("DELETE /umbel/v1/organizations/{organization_id}/roles/{role_id}", "acme", json!({})),
        ("PATCH /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}", "acme", json!({"name": "new"})),
        ("POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/roll", "acme", json!({})),
        ("DELETE /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}", "acme", json!({})),
        ("POST /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}/resend", "acme/ned", json!({})),
        ("DELETE /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}", "acme/ned", json!({})),
        ("PUT /client/v4/accounts/{account_id}/members/{member_id}", "web/bill", json!({"roles": [{"id": "auditor"}]})),
        ("DELETE /client/v4/accounts/{account_id}/members/{member_id}", "web/bill", json!({})),
        ("PUT /client/v4/memberships/{member_id}", "own", json!({"status": "accepted"})),
        ("DELETE /client/v4/memberships/{member_id}", "own", json!({})),
        ("PUT /client/v4/accounts/{account_id}", "web", json!({"name": "new"})),
        ("PUT /client/v4/accounts/{account_id}/profile", "web", profile("second")),
        ("POST /client/v4/accounts/{account_id}/move", "web", json!({"destination_organization_id": "us"})),
        ("DELETE /client/v4/accounts/{account_id}", "web", json!({})),
        ("POST /umbel/v1/tokens/{token_id}/roll", "spare", json!({})),
        ("DELETE /umbel/v1/tokens/{token_id}", "spare", json!({})),
        ("PATCH /umbel/v1/users/{user_id}", "vic", json!({"disabled": true})),
        ("DELETE /umbel/v1/users/{user_id}", "vic", json!({})),
        ("PUT /umbel/v1/organizations/{organization_id}/billing", "acme", json!({"billing_currency": "EUR"})),
        ("POST /umbel/v1/prices/{price_id}/end", "p1", json!({"effective_to": "2027-01-01"})),
        ("PATCH /umbel/v1/organizations/{organization_id}/budgets/{budget_id}", "acme", json!({"amount": "2"})),
        ("DELETE /umbel/v1/organizations/{organization_id}/budgets/{budget_id}", "acme", json!({})),
        ("POST /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/close", "acme", json!({})),
        ("POST /umbel/v1/metrics/{metric_id}/retire", "requests", json!({})),
        (
            "PUT /umbel/v1/organizations/{organization_id}/logs/audit/retention",
            "acme",
            json!({"retention_days": 7, "hold": false}),
        ),
        ("PUT /umbel/v1/logs/audit/retention", "", json!({"retention_days": null, "hold": true})),
    ]
}

#[test]
fn every_route_that_says_so_honours_if_match_and_the_others_refuse_it() {
    let honouring: BTreeSet<_> = honouring().into_iter().map(|(name, ..)| name.to_owned()).collect();
    let document = openapi::document();
    let documented = openapi::routes().into_iter().filter(|(method, path)| {
        let parameters = document["paths"][path][method.to_lowercase()]["parameters"].as_array();
        parameters.is_some_and(|parameters| parameters.iter().any(|parameter| parameter["name"] == "If-Match"))
    });
    assert_eq!(documented.map(|(method, path)| format!("{method} {path}")).collect::<BTreeSet<_>>(), honouring);
    let world = World::company().account("acme/eu/@web").invitation("eu", "olga", umbel_domain::Role::Viewer);
    let world = world.metric("requests", "sum", "1");
    let world = world.audit_stream("acme/");
    world.on_each_engine(async |app| {
        let token = invitation_of("eu", "olga").reveal().to_owned();
        for (path, body) in [
            ("/organizations", json!({"name": "x", "parent": {"id": "acme"}})),
            ("/organizations/acme/members", json!({"member": {"user": {"email": "x"}}})),
            ("/organizations/acme/members:batchCreate", json!({"members": [{"user": {"email": "x"}}]})),
            ("/umbel/v1/organizations/acme/members", json!({"email": "x", "role": "viewer"})),
            ("/umbel/v1/organizations/acme/roles", json!({"name": "x", "actions": []})),
            ("/umbel/v1/organizations/acme/logs/audit/streams", json!({"name": "x", "url": "https://example.com/"})),
            ("/umbel/v1/organizations/acme/logs/audit/streams/s-acme/test", json!({})),
            ("/umbel/v1/organizations/acme/logs/audit/streams/s-acme/replay", json!({"since": "2026-01-02T00:00:00Z"})),
            ("/accounts", json!({"name": "x", "unit": {"id": "acme"}})),
            ("/accounts/web/members", json!({"email": "x", "roles": ["viewer"]})),
            ("/accounts/move", json!({"account_ids": ["web"], "destination_organization_id": "us"})),
            ("/umbel/v1/invitations/accept", json!({"token": token})),
            ("/umbel/v1/invitations/reject", json!({"token": token})),
            ("/umbel/v1/users", json!({"email": "x"})),
            ("/umbel/v1/tokens", json!({"name": "x"})),
            ("/umbel/v1/metrics", json!({"id": "x", "name": "x", "event_type": "x", "aggregation": "count", "unit": "x", "service_name": "x", "service_category": "Web"})),
            ("/umbel/v1/prices", json!({"metric_id": "requests", "currency": "USD", "list_unit_price": "1", "effective_from": "2026-01-01"})),
            ("/umbel/v1/usage/events", json!([])),
            ("/umbel/v1/organizations/acme/logs/audit/erasures", json!({"email": "x"})),
            ("/umbel/v1/logs/audit/erasures", json!({"email": "x"})),
        ] {
            for list in ["*", "\"x\""] {
                let call = app.post(path, body.clone());
                let call = if body.is_array() { call.events(&body) } else { call };
                let answer = call.by("olga").header("if-match", list).await;
                answer.expect_error(412, 1404, "/header/If-Match");
            }
        }
        assert_eq!(app.organizations().await, 5);
    });
}

#[test]
fn a_stale_tag_changes_nothing_on_any_route_that_honours_it() {
    let world = World::company().token("spare", "olga", None, None).account("acme/eu/@web");
    let world = world.account_member("web", "bill", umbel_domain::Role::Viewer);
    let world = world.invitation("acme", "ned", umbel_domain::Role::Viewer);
    let own = json!({"kind": "account_member", "id": "own", "account_id": "web", "user_id": "olga", "status": "pending"});
    let role = json!({"kind": "role", "id": ROLE, "organization_id": "acme", "name": "made", "actions": []});
    let world = world.metric("requests", "sum", "1").price("p1", "requests", "1", &json!({}));
    world.line(own).line(role).audit_stream("acme/").budget("acme").on_each_engine(async |app| {
        app.put("/organizations/shop/profile", profile("first")).by("ann").await.expect(204);
        app.put("/accounts/web/profile", profile("first")).by("ann").await.expect(204);
        for (name, id, body) in honouring() {
            let (method, path) = name.split_once(' ').unwrap();
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let (outer, inner) = id.split_once('/').unwrap_or((id, ""));
            let filled = |part: &'static str| match part {
                "{member_id}" if !inner.is_empty() => format!("{outer}-{inner}"),
                "{role_id}" => ROLE.to_owned(),
                "{budget_id}" => format!("b-{outer}"),
                "{billing_period}" => "2025-12".to_owned(),
                "{stream_id}" => format!("s-{outer}"),
                "{invitation_id}" => format!("i-{outer}-{inner}"),
                part if part.starts_with('{') => outer.to_owned(),
                part => part.to_owned(),
            };
            let path = path.split('/').map(filled).collect::<Vec<_>>().join("/");
            let shown_at = path
                .trim_end_matches("/roll")
                .trim_end_matches("/resend")
                .trim_end_matches("/retire")
                .trim_end_matches("/end")
                .trim_end_matches("/close")
                .trim_end_matches("/move")
                .replace("/umbel/v1/organizations/shop/flags", "/organizations/shop");
            let shown_at = shown_at.replace("/umbel/v1/organizations/shop", "/organizations/shop");
            let (path, shown_at) = (path.as_str(), shown_at.as_str());
            let before = etag(app, shown_at).await;
            let change = || app.call(method.clone(), path).by("olga").body(body.clone());
            for list in ["\"stale\"", &format!("W/{before}"), ""] {
                let refused = change().header("if-match", list).await;
                refused.expect_error(412, 1404, "/header/If-Match");
            }
            assert_eq!(etag(app, shown_at).await, before, "{method} {path}");
            let done = change().header("if-match", &format!("\"x\", {before}")).await;
            assert!([200, 204].contains(&done.status), "{done}");
        }
    });
}

#[test]
fn any_tag_stands_for_something_that_is_there() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/acme", json!({"name": "x"})).by("ann").header("if-match", "*").await.expect(200);
        let nothing_yet = app.put("/organizations/acme/profile", profile("p")).by("ann").header("if-match", "*").await;
        nothing_yet.expect_error(412, 1404, "/header/If-Match");
        app.put("/organizations/acme/profile", profile("p")).by("ann").await.expect(204);
        app.put("/organizations/acme/profile", profile("q")).by("ann").header("if-match", "*").await.expect(204);
    });
}

#[test]
fn of_two_clients_who_read_the_same_one_changes_it() {
    World::company().on_each_engine(async |app| {
        for round in 0..10 {
            let read = etag(app, "/organizations/shop").await;
            let change = |user: &str| {
                let name = json!({"name": format!("{user} {round}")});
                tokio::spawn(app.put("/organizations/shop", name).by(user).header("if-match", &read).into_future())
            };
            let (ann, adam) = (change("ann"), change("adam"));
            let mut statuses = [ann.await.unwrap().status, adam.await.unwrap().status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 412]);
        }
    });
}
