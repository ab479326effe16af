//! Ids that name nothing, what is somebody else's, or what no id can be: in every place of a path and of a body.

use axum::http::Method;
use serde_json::{Value, json};
use umbel_domain::Role;

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::world::World;

/// Places for ids, what is there and the caller's, and what is there and somebody else's.
const PLACES: [(&str, &str, &str); 8] = [
    ("<organization>", "eu", "globex"),
    ("<destination>", "us", "globex"),
    ("<account>", "top", "other"),
    ("<second>", "europe", "other"),
    ("<member>", "eu-ned", "globex-gus"),
    ("<account_member>", "top-ned", "other-gus"),
    ("<membership>", "top-ann", "top-ned"),
    ("<token>", "ann-token", "gus-token"),
];

fn world() -> World {
    let world = ["acme/@top", "acme/eu/@europe", "globex/@other"].into_iter().fold(World::company(), World::account);
    let world = world.member("eu", "ned", Role::Viewer).account_member("top", "ned", Role::Viewer);
    world.account_member("top", "ann", Role::Viewer).account_member("other", "gus", Role::Viewer)
}

/// Every route that takes ids of its caller, which may do all of it.
fn routes() -> Vec<(Method, &'static str, Value)> {
    const NONE: Value = Value::Null;
    let (get, post, put, patch, delete) = (Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    let profile = json!({
        "business_address": "",
        "business_email": "",
        "business_name": "",
        "business_phone": "",
        "external_metadata": "",
    });
    let (name, to) = (json!({"name": "n"}), json!({"destination_organization_id": "<destination>"}));
    let (user, parent) = (json!({"user": {"email": "new@example.com"}}), json!({"parent_id": "<destination>"}));
    let many = json!({"account_ids": ["<account>", "<second>"], "destination_organization_id": "<destination>"});
    vec![
        (get.clone(), "/organizations/<organization>", NONE),
        (put.clone(), "/organizations/<organization>", name.clone()),
        (delete.clone(), "/organizations/<organization>", NONE),
        (get.clone(), "/organizations/<organization>/profile", NONE),
        (put.clone(), "/organizations/<organization>/profile", profile.clone()),
        (post.clone(), "/organizations", json!({"name": "n", "parent": {"id": "<destination>"}})),
        (post.clone(), "/umbel/v1/organizations/<organization>/move", parent.clone()),
        (post.clone(), "/umbel/v1/organizations/<organization>/move?dry_run=true", parent),
        (post.clone(), "/umbel/v1/organizations/<organization>/leave", NONE),
        (get.clone(), "/organizations/<organization>/members", NONE),
        (post.clone(), "/organizations/<organization>/members", json!({"member": user})),
        (post.clone(), "/organizations/<organization>/members:batchCreate", json!({"members": [user]})),
        (get.clone(), "/organizations/<organization>/members/<member>", NONE),
        (delete.clone(), "/organizations/<organization>/members/<member>", NONE),
        (get.clone(), "/umbel/v1/organizations/<organization>/members", NONE),
        (post.clone(), "/umbel/v1/organizations/<organization>/members", json!({"email": "new@example.com", "role": "viewer"})),
        (get.clone(), "/umbel/v1/organizations/<organization>/members/<member>", NONE),
        (patch.clone(), "/umbel/v1/organizations/<organization>/members/<member>", json!({"role": "billing"})),
        (patch, "/umbel/v1/organizations/<organization>/members/<member>?dry_run=true", json!({"role": "billing"})),
        (delete.clone(), "/umbel/v1/organizations/<organization>/members/<member>", NONE),
        (get.clone(), "/organizations/<organization>/accounts", NONE),
        (post.clone(), "/accounts", json!({"name": "n", "unit": {"id": "<destination>"}})),
        (get.clone(), "/accounts/<account>", NONE),
        (put.clone(), "/accounts/<account>", name),
        (delete.clone(), "/accounts/<account>", NONE),
        (get.clone(), "/accounts/<account>/profile", NONE),
        (put.clone(), "/accounts/<account>/profile", profile),
        (get.clone(), "/accounts/<account>/organizations", NONE),
        (get.clone(), "/accounts/<account>/roles", NONE),
        (post.clone(), "/accounts/<account>/move", to.clone()),
        (post.clone(), "/accounts/<account>/move?dry_run=true", to),
        (post.clone(), "/accounts/move", many.clone()),
        (post.clone(), "/accounts/move?dry_run=true", many),
        (get.clone(), "/accounts/<account>/members", NONE),
        (post.clone(), "/accounts/<account>/members", json!({"email": "new@example.com", "roles": ["viewer"]})),
        (get.clone(), "/accounts/<account>/members/<account_member>", NONE),
        (put.clone(), "/accounts/<account>/members/<account_member>", json!({"roles": [{"id": "billing"}]})),
        (delete.clone(), "/accounts/<account>/members/<account_member>", NONE),
        (get.clone(), "/memberships/<membership>", NONE),
        (put, "/memberships/<membership>", json!({"status": "accepted"})),
        (delete.clone(), "/memberships/<membership>", NONE),
        (post.clone(), "/umbel/v1/tokens", json!({"name": "n", "organization_id": "<destination>"})),
        (get, "/umbel/v1/tokens/<token>", NONE),
        (post, "/umbel/v1/tokens/<token>/roll", NONE),
        (delete, "/umbel/v1/tokens/<token>", NONE),
    ]
}

/// The pointer to a text in a body.
fn pointer_to(body: &Value, text: &str) -> Option<String> {
    let inside = |(step, value): (String, &Value)| pointer_to(value, text).map(|pointer| format!("/{step}{pointer}"));
    match body {
        Value::String(found) => (found == text).then(String::new),
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).find_map(inside),
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), member)).find_map(inside),
        _ => None,
    }
}

/// Asks with this id in this place, and good ones in all others.
async fn ask(app: &TestApp, (method, path, body): &(Method, &str, Value), place: &str, id: &str) -> Answer {
    let filled = |text: &str| {
        let text = text.replace(place, id);
        PLACES.iter().fold(text, |text, (place, good, _)| text.replace(place, good))
    };
    let call = app.call(method.clone(), filled(path)).by("ann");
    if body.is_null() { call.await } else { call.body(filled(&body.to_string()).as_str()).await }
}

#[test]
fn in_every_place_what_is_not_the_callers_is_like_what_is_not_there_and_what_is_no_id_is_named() {
    const TABLES: [&str; 6] = ["organizations", "organization_members", "accounts", "account_members", "users", "api_tokens"];
    world().on_each_engine(async |app| {
        let state = async || {
            let mut state = Vec::new();
            for table in TABLES {
                state.extend(app.rows(table).await);
            }
            state
        };
        let before = state().await;
        for route in &routes() {
            let named = |place: &str| route.1.contains(place) || route.2.to_string().contains(place);
            for (place, _, foreign) in PLACES.into_iter().filter(|(place, ..)| named(place)) {
                let pointer = pointer_to(&route.2, place);
                let unknown = ask(app, route, place, "nowhere").await;
                let unknown = unknown.expect_error(404, 1200, pointer.as_deref().unwrap_or_default());
                let hidden = ask(app, route, place, foreign).await;
                assert_eq!(hidden.indistinct(), unknown.indistinct(), "{hidden}");
                for bad in ["a.b", &"x".repeat(65)] {
                    let errors = ask(app, route, place, bad).await.expect(400).errors();
                    match &pointer {
                        Some(pointer) => assert_eq!(errors, [(1100, pointer.clone())], "{route:?}"),
                        None => assert_eq!((errors.len(), errors[0].0), (1, 1102), "{route:?}"),
                    }
                }
            }
        }
        assert!(state().await == before, "nothing has changed");
    });
}

#[test]
fn a_parent_or_unit_that_is_only_repeated_tells_nothing_of_others() {
    world().on_each_engine(async |app| {
        let parent = async |id: &str| app.put("/organizations/eu", json!({"name": "n", "parent": {"id": id}})).by("ann").await;
        let unit = async |id: &str| app.put("/accounts/top", json!({"name": "n", "unit": {"id": id}})).by("ann").await;
        let (unknown, hidden) = (parent("nowhere").await.expect_error(400, 1100, "/parent/id"), parent("globex").await);
        assert_eq!(hidden.indistinct(), unknown.indistinct());
        let (unknown, hidden) = (unit("nowhere").await.expect_error(400, 1100, "/unit/id"), unit("globex").await);
        assert_eq!(hidden.indistinct(), unknown.indistinct());
    });
}
