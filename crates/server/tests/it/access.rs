//! Who may do what at a place, and why.

use serde_json::json;
use umbel_domain::Role;

use crate::harness::world::World;
use crate::harness::{Story, TestApp};

const MADE: &str = "019c4f65e7607d8c9f6f6b58aa3aff54";

/// The company, with people in the middle of the tree and on an account.
fn company() -> World {
    let role = json!({"kind": "role", "id": MADE, "organization_id": "acme", "name": "deployer", "actions": ["create_account"]});
    let world = World::company().line(role).user("eve").user("pat").user_with("gone", &json!({"disabled": true}));
    let world = world.member("eu", "eve", Role::Administrator).member("eu", "vic", Role::from_name(MADE).unwrap());
    let world = world.member("eu", "gone", Role::Viewer).member("shop", "ann", Role::Billing);
    let world = world.member_of_status("eu", "ned", Role::Viewer, umbel_domain::MemberStatus::Pending);
    world.account("acme/eu/shop/@web").account_member("web", "pat", Role::Billing).account_member("web", "eve", Role::Auditor)
}

async fn emails(app: &TestApp, path: &str, by: &str) -> Vec<String> {
    let answer = app.get(path).by(by).await.expect(200);
    let people = answer.result();
    let email = |person: &serde_json::Value| person["user"]["email"].as_str().unwrap().replace("@example.com", "");
    people.as_array().unwrap().iter().map(email).collect()
}

#[test]
fn everybody_with_access_is_listed_once_with_every_grant_from_the_root_down() {
    company().on_each_engine(async |app| {
        let mut story = Story::default();
        story.tell(app.get("/umbel/v1/organizations/shop/access").by("ann").await).expect(200);
        story.tell(app.get("/umbel/v1/accounts/web/access").by("ann").await).expect(200);
        insta::assert_snapshot!("who_may_do_what_and_why", story);
    });
}

#[test]
fn who_is_inactive_disabled_or_elsewhere_has_no_access() {
    company().on_each_engine(async |app| {
        let people = emails(app, "/umbel/v1/organizations/eu/access", "ann").await;
        assert_eq!(people, ["adam", "ann", "aud", "bill", "vic", "eve"]);
        assert_eq!(emails(app, "/umbel/v1/organizations/us/access", "ann").await, ["adam", "ann", "aud", "bill", "vic"]);
        for user in ["ned", "gone", "gus", "nobody@example.com", "pat"] {
            let path = format!("/umbel/v1/organizations/eu/access?user={user}");
            assert_eq!(emails(app, &path, "ann").await, [""; 0], "{user}");
        }
    });
}

#[test]
fn pages_put_together_are_the_whole_list() {
    company().on_each_engine(async |app| {
        for place in ["organizations/shop", "organizations/eu", "accounts/web"] {
            let whole = emails(app, &format!("/umbel/v1/{place}/access?page_size=100"), "ann").await;
            for size in 1..=whole.len() {
                let (mut all, mut token) = (Vec::new(), String::new());
                loop {
                    let path = format!("/umbel/v1/{place}/access?page_size={size}&page_token={token}");
                    let page = emails(app, &path, "ann").await;
                    assert!(page.len() <= size);
                    all.extend(page);
                    let answer = app.get(path).by("ann").await.json();
                    let Some(next) = answer["result_info"]["next_page_token"].as_str() else { break };
                    token = next.to_owned();
                }
                assert_eq!(all, whole, "{place} by {size}");
            }
        }
    });
}

#[test]
fn one_person_is_found_by_id_and_by_address_however_it_is_written() {
    company().on_each_engine(async |app| {
        for user in ["vic", "vic@example.com", "VIC%40Example.COM"] {
            let answer = app.get(format!("/umbel/v1/organizations/eu/access?user={user}")).by("ann").await.expect(200);
            let access = &answer.result()[0];
            assert_eq!(access["grants"][0]["role_name"], "viewer");
            assert_eq!(access["grants"][1]["role_name"], "deployer");
            assert_eq!(access["grants"][0]["path"], json!(["acme", "eu"]));
            assert_eq!(access["actions"], json!(["read_organization", "read_members", "read_account", "create_account"]));
        }
    });
}

#[test]
fn everybody_who_sees_a_place_learns_what_they_may_do_there_and_nothing_of_others() {
    company().on_each_engine(async |app| {
        let path = "/umbel/v1/organizations/eu/access";
        for me in ["me", "bill", "bill@example.com"] {
            let answer = app.get(format!("{path}?user={me}")).by("bill").await.expect(200);
            assert_eq!(answer.result()[0]["actions"], json!(["read_organization", "read_billing", "read_account"]));
        }
        app.get(path).by("bill").await.expect_error(403, 1300, "");
        app.get(format!("{path}?user=ann")).by("bill").await.expect_error(403, 1300, "");
        app.get(format!("{path}?user=me")).by("gus").await.expect_error(404, 1200, "");
        app.get(format!("{path}?user=")).by("ann").await.expect_error(400, 1101, "/query/user");
    });
}

#[test]
fn what_the_scope_of_a_token_takes_away_is_named() {
    let world = company().token("narrow", "ann", Some("eu"), Some(Role::Viewer)).token("wide", "olga", None, Some(Role::Auditor));
    world.on_each_engine(async |app| {
        let narrow = app.get("/umbel/v1/organizations/shop/access?user=me").by_token("narrow").await.expect(200);
        let access = &narrow.result()[0];
        assert_eq!(access["actions"], json!(["read_organization", "read_members", "read_account"]));
        let withheld: Vec<_> = access["withheld"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect();
        assert!(withheld.contains(&"delete_organization") && withheld.contains(&"read_billing"), "{withheld:?}");
        assert_eq!(access["grants"][0]["organization"], json!({"id": "acme", "name": ""}), "the token does not see it");
        assert_eq!(access["grants"][1]["organization"], json!({"id": "shop", "name": "shop"}));
        let unscoped = app.get("/umbel/v1/organizations/shop/access?user=me").by("ann").await.expect(200);
        assert_eq!(unscoped.result()[0]["withheld"], json!([]));
        let operator = app.get("/umbel/v1/organizations/shop/access?user=me").by_token("wide").await.expect(200);
        let access = &operator.result()[0];
        assert_eq!((&access["operator"], &access["grants"]), (&json!(true), &json!([])));
        assert!(access["withheld"].as_array().unwrap().contains(&json!("update_flags")));
    });
}

#[test]
fn an_operator_is_told_apart_by_operators_alone() {
    company().member("acme", "olga", Role::Viewer).on_each_engine(async |app| {
        let asked = async |by: &str| {
            let answer = app.get("/umbel/v1/organizations/acme/access?user=olga").by(by).await.expect(200);
            answer.result()[0].clone()
        };
        assert_eq!(asked("ann").await["operator"], false);
        assert_eq!(asked("ann").await["actions"], json!(["read_organization", "read_members", "read_account"]));
        assert_eq!(asked("olga").await["operator"], true);
    });
}

#[test]
fn members_above_whom_the_caller_may_not_see_are_left_out_and_a_message_says_so() {
    company().on_each_engine(async |app| {
        let answer = app.get("/umbel/v1/organizations/shop/access").by("eve").await.expect(200);
        assert_eq!(answer.json()["messages"][0]["code"], 1300);
        assert_eq!(emails(app, "/umbel/v1/organizations/shop/access", "eve").await, ["eve", "vic", "ann"]);
        let one = app.get("/umbel/v1/organizations/shop/access?user=ann").by("eve").await.expect(200);
        assert_eq!(one.json()["messages"][0]["code"], 1300);
        let whole = app.get("/umbel/v1/organizations/shop/access").by("ann").await.expect(200);
        assert_eq!(whole.json()["messages"], json!([]));
    });
}
