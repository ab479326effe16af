//! Moving organizations with everything below them, and what moves and role changes would do.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use umbel_domain::Role;

use crate::harness::TestApp;
use crate::harness::call::Call;
use crate::harness::world::World;

fn relocate(app: &TestApp, organization: &str, parent: Option<&str>) -> Call {
    app.post(format!("/umbel/v1/organizations/{organization}/move"), json!({"parent_id": parent}))
}

fn would(app: &TestApp, organization: &str, parent: Option<&str>) -> Call {
    app.post(format!("/umbel/v1/organizations/{organization}/move?dry_run=true"), json!({"parent_id": parent}))
}

/// The company with accounts, in which `sue` is super administrator of everything and `gus` of Globex.
fn company() -> World {
    let world = ["acme/eu/@europe", "acme/eu/shop/@till", "acme/us/@states"].into_iter().fold(World::company(), World::account);
    world.user("sue").member("acme", "sue", Role::SuperAdministrator).member("globex", "sue", Role::SuperAdministrator)
}

/// Where everything stands.
async fn places(app: &TestApp) -> BTreeSet<String> {
    app.rows("organizations").await.iter().map(|row| row["lineage"].as_str().unwrap().to_owned()).collect()
}

async fn tags(app: &TestApp, organization: &str) -> Value {
    app.get(format!("/organizations/{organization}")).by("olga").await.expect(200).result()["meta"]["hierarchy_tags"].clone()
}

#[test]
fn everything_below_moves_along_and_is_seen_there_at_once() {
    company().on_each_engine(async |app| {
        app.get("/accounts/till").by("gus").await.expect(404);
        let moved = relocate(app, "eu", Some("globex")).by("sue").await.expect(200).result();
        assert_eq!(moved["organization"]["parent"], json!({"id": "globex", "name": "globex"}));
        assert_eq!(moved["organization"]["meta"]["hierarchy_tags"], json!(["globex", "eu"]));
        assert!(moved.get("effect").is_none());
        assert_eq!(tags(app, "shop").await, json!(["globex", "eu", "shop"]));
        app.get("/organizations/shop").by("ann").await.expect_error(404, 1200, "");
        app.get("/accounts/till").by("ann").await.expect_error(404, 1200, "");
        app.put("/organizations/shop", json!({"name": "Globex Shop"})).by("gus").await.expect(200);
        assert_eq!(app.get("/accounts/till/organizations").by("gus").await.ids(), ["globex", "eu", "shop"]);
        assert_eq!(app.get("/organizations").by("ann").await.ids(), ["acme", "us"]);
        assert_eq!(app.get("/organizations").by("gus").await.ids(), ["globex", "eu", "shop"]);
        assert_eq!(app.get("/accounts").by("gus").await.ids(), ["europe", "till"]);
        assert_eq!(app.get("/organizations?parent.id=globex").by("gus").await.ids(), ["eu"]);
        app.post("/organizations", json!({"name": "new", "parent": {"id": "shop"}})).by("gus").await.expect(200);
        relocate(app, "eu", Some("acme")).by("sue").await.expect(200);
        assert_eq!(app.get("/organizations/shop").by("ann").await.expect(200).text("name"), "Globex Shop");
    });
}

#[test]
fn moving_to_where_it_is_changes_nothing() {
    company().on_each_engine(async |app| {
        let before = app.rows("organizations").await;
        relocate(app, "eu", Some("acme")).by("ann").await.expect(200);
        relocate(app, "acme", None).by("ann").await.expect(200);
        assert_eq!(app.rows("organizations").await, before);
        assert_eq!(app.audit_log().await.len(), 0);
    });
}

#[test]
fn nothing_is_put_below_itself_too_deep_too_crowded_or_where_a_flag_forbids_it() {
    let limited = company().settings(|settings| {
        settings.tree_limits.depth_max = 3;
        settings.tree_limits.children_max = 2;
    });
    limited.organization("acme/us/third").on_each_engine(async |app| {
        let before = places(app).await;
        for below in ["acme", "eu", "shop"] {
            relocate(app, "acme", Some(below)).by("ann").await.expect_error(409, 1407, "/parent_id");
        }
        relocate(app, "eu", Some("third")).by("ann").await.expect_error(409, 1401, "/parent_id");
        relocate(app, "third", Some("shop")).by("ann").await.expect_error(409, 1401, "/parent_id");
        let crowded = relocate(app, "shop", Some("acme")).by("ann").await.expect_error(409, 1401, "");
        assert!(crowded.json()["errors"][0]["message"].as_str().unwrap().contains("children_max"));
        app.put("/umbel/v1/organizations/us/flags", json!({"sub_org_creation": "disabled"})).by("olga").await.expect(200);
        relocate(app, "shop", Some("us")).by("ann").await.expect_error(403, 1301, "/parent_id");
        assert_eq!(places(app).await, before);
        relocate(app, "shop", Some("us")).by("olga").await.expect(200);
    });
}

#[test]
fn a_move_takes_rights_at_both_ends() {
    company().member("eu", "gus", Role::SuperAdministrator).member("us", "adam", Role::SuperAdministrator).on_each_engine(
        async |app| {
            // Not by an administrator, and not by the super administrator of the organization alone.
            relocate(app, "shop", Some("us")).by("adam").await.expect_error(403, 1300, "");
            relocate(app, "eu", Some("globex")).by("gus").await.expect_error(403, 1300, "");
            relocate(app, "shop", Some("globex")).by("gus").await.expect(200);
            relocate(app, "shop", Some("eu")).by("gus").await.expect(200);
            relocate(app, "eu", Some("globex")).by("ann").await.expect_error(404, 1200, "/parent_id");
            relocate(app, "eu", Some("nowhere")).by("ann").await.expect_error(404, 1200, "/parent_id");
            relocate(app, "globex", Some("eu")).by("ann").await.expect_error(404, 1200, "");
            relocate(app, "shop", Some("us")).by("vic").await.expect_error(403, 1300, "");
            relocate(app, "globex", Some("eu")).by("gus").await.expect(200);
            for (body, at) in
                [(json!({}), "/parent_id"), (json!({"parent_id": "a/b"}), "/parent_id"), (json!({"parent_id": 7}), "/parent_id")]
            {
                app.post("/umbel/v1/organizations/eu/move", body).by("ann").await.expect_error(400, 1100, at);
            }
            app.post("/umbel/v1/organizations/eu/move?dry_run=perhaps", json!({"parent_id": null})).by("ann").await.expect(400);
        },
    );
}

#[test]
fn who_makes_an_organization_a_root_is_its_super_administrator_unless_there_is_one() {
    company().member("shop", "vic", Role::SuperAdministrator).on_each_engine(async |app| {
        relocate(app, "eu", None).by("ann").await.expect(200);
        assert_eq!(tags(app, "shop").await, json!(["eu", "shop"]));
        app.get("/organizations/eu").by("sue").await.expect(404);
        let members = app.get("/umbel/v1/organizations/eu/members").by("ann").await.expect(200).result();
        assert_eq!((&members[0]["user"]["id"], &members[0]["role"]), (&json!("ann"), &json!("super_administrator")));
        relocate(app, "shop", None).by("ann").await.expect(200);
        assert_eq!(app.get("/umbel/v1/organizations/shop/members").by("vic").await.expect(200).ids(), ["shop-vic"]);
        app.get("/organizations/shop").by("ann").await.expect(404);
    });
    let operators = company().settings(|settings| settings.root_creation = umbel_server::RootCreation::Operators);
    operators.on_each_engine(async |app| {
        relocate(app, "eu", None).by("ann").await.expect_error(403, 1300, "/parent_id");
        relocate(app, "eu", None).by("olga").await.expect(200);
    });
}

#[test]
fn a_dry_run_says_who_gains_and_who_loses_and_moves_nothing() {
    company().member("eu", "vic", Role::Viewer).on_each_engine(async |app| {
        let before = (app.rows("organizations").await, app.rows("accounts").await);
        insta::assert_snapshot!("dry_run_of_a_move", would(app, "eu", Some("globex")).by("sue").await);
        let effect = would(app, "eu", None).by("ann").await.expect(200).result()["effect"].clone();
        assert_eq!(effect["gains"], json!([]), "ann is a super administrator above, and would be one of the new root");
        let loses: Vec<_> = effect["loses"].as_array().unwrap().iter().map(|one| one["user_id"].as_str().unwrap()).collect();
        assert_eq!(loses, ["adam", "aud", "bill", "sue"], "nor ann, nor vic by the role in eu itself: {effect}");
        let effect = would(app, "eu", None).by("olga").await.expect(200).result()["effect"].clone();
        let gained = (&effect["gains"][0]["user_id"], &effect["gains"][0]["role"], &effect["gains"][0]["organization_id"]);
        assert_eq!(gained, (&json!("olga"), &json!("super_administrator"), &json!("eu")), "{effect}");
        let blocked = would(app, "acme", Some("shop")).by("ann").await.expect(200).result()["effect"].clone();
        assert_eq!(blocked["blockers"][0]["code"], 1407);
        would(app, "eu", Some("us")).by("vic").await.expect_error(403, 1300, "");
        would(app, "eu", Some("globex")).by("ann").await.expect_error(404, 1200, "/parent_id");
        assert_eq!((app.rows("organizations").await, app.rows("accounts").await), before);
        assert_eq!(app.final_audit_log().await.len(), 0);
    });
}

#[test]
fn a_dry_run_names_nobody_whom_the_caller_may_not_see() {
    let world = company().member("shop", "ned", Role::SuperAdministrator).member("globex", "ned", Role::SuperAdministrator);
    world.organization("acme/eu/shop/till").on_each_engine(async |app| {
        let effect = would(app, "till", Some("globex")).by("ned").await.expect(200).result()["effect"].clone();
        assert_eq!((&effect["complete"], &effect["loses"]), (&json!(false), &json!([])));
        assert_eq!(effect["gains"].as_array().unwrap().len(), 2, "{effect}");
    });
}

#[test]
fn a_dry_run_names_everything_that_stands_in_the_way() {
    let limited = company().settings(|settings| {
        settings.tree_limits.depth_max = 3;
        settings.tree_limits.children_max = 1;
        settings.accounts_max = 1;
    });
    limited.on_each_engine(async |app| {
        app.put("/umbel/v1/organizations/shop/flags", json!({"sub_org_creation": "disabled", "account_mobility": "disabled"}))
            .by("olga")
            .await
            .expect(200);
        app.post("/organizations", json!({"name": "x", "parent": {"id": "us"}})).by("ann").await.expect(200);
        let codes = |answer: crate::harness::call::Answer| {
            let effect = answer.expect(200).result()["effect"].take();
            let blockers = effect["blockers"].as_array().unwrap().clone();
            blockers.iter().map(|blocker| blocker["code"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(codes(would(app, "us", Some("shop")).by("ann").await), [1301, 1401]);
        assert_eq!(codes(would(app, "shop", Some("us")).by("ann").await), [1401]);
        let account = app.post("/accounts/states/move?dry_run=true", json!({"destination_organization_id": "shop"}));
        assert_eq!(codes(account.by("ann").await), [1301, 1401]);
    });
}

#[test]
fn a_dry_run_of_a_batch_counts_the_accounts_before() {
    let limited = company().account("acme/us/@third").settings(|settings| settings.accounts_max = 2);
    limited.on_each_engine(async |app| {
        let batch = || json!({"account_ids": ["third", "states"], "destination_organization_id": "shop"});
        let moved = app.post("/accounts/move?dry_run=true", batch()).by("ann").await.expect(200).result();
        let blockers = |at: usize| moved["statuses"][at]["effect"]["blockers"].as_array().unwrap().len();
        assert_eq!((blockers(0), blockers(1)), (0, 1), "{moved}");
        app.post("/accounts/move", batch()).by("ann").await.expect_error(409, 1401, "/account_ids/1");
    });
}

#[test]
fn what_can_not_be_tried_is_not_done_either() {
    company().on_each_engine(async |app| {
        let eyes = json!({"name": "Eyes", "actions": ["read_members"]});
        let role = app.post("/umbel/v1/organizations/acme/roles", eyes).by("ann").await.expect(200).result();
        let path = format!("/umbel/v1/organizations/acme/roles/{}?dry_run=true", role["id"].as_str().unwrap());
        app.patch(path, json!({"actions": []})).by("ann").await.expect_error(400, 1101, "/query/dry_run");
        let before = app.rows("organizations").await;
        app.post("/organizations?dry_run=true", json!({"name": "x"})).by("olga").await.expect_error(400, 1101, "/query/dry_run");
        app.delete("/organizations/us?dry_run=1").by("ann").await.expect_error(400, 1101, "/query/dry_run");
        assert_eq!(app.rows("organizations").await, before);
        app.post("/organizations?dry_run=false", json!({"name": "x"})).by("olga").await.expect(200);
    });
}

#[test]
fn a_dry_run_of_an_account_move_says_the_same() {
    company().member("eu", "bill", Role::Billing).on_each_engine(async |app| {
        let before = app.rows("accounts").await;
        let to_globex = || json!({"destination_organization_id": "globex"});
        let moved = app.post("/accounts/till/move?dry_run=true", to_globex()).by("sue").await.expect(200).result();
        assert_eq!((&moved["source_organization_id"], &moved["destination_organization_id"]), (&json!("shop"), &json!("globex")));
        let who = |list: &Value| {
            list.as_array().unwrap().iter().map(|one| one["user_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let effect = &moved["effect"];
        assert_eq!((&effect["organizations"], &effect["accounts"]), (&json!(0), &json!(1)));
        assert_eq!(who(&effect["gains"]), ["gus"]);
        assert_eq!(who(&effect["loses"]), ["adam", "ann", "aud", "bill", "vic"]);
        let batch = json!({"account_ids": ["till", "states"], "destination_organization_id": "eu"});
        let statuses = app.post("/accounts/move?dry_run=true", batch).by("ann").await.expect(200).result()["statuses"].take();
        assert_eq!(who(&statuses[0]["effect"]["gains"]), [""; 0]);
        assert_eq!(who(&statuses[1]["effect"]["gains"]), [""; 0], "bill has billing in acme already");
        assert_eq!((&statuses[0]["moved"], &statuses[1]["moved"]), (&json!(false), &json!(false)));
        assert_eq!(app.rows("accounts").await, before);
    });
}

#[test]
fn a_dry_run_of_a_role_change_says_what_it_would_do() {
    company().member("eu", "vic", Role::Billing).on_each_engine(async |app| {
        let path = |member: &str, dry: bool| {
            let organization = member.split('-').next().unwrap();
            format!("/umbel/v1/organizations/{organization}/members/{member}{}", if dry { "?dry_run=true" } else { "" })
        };
        let would = async |member: &str, role: &str| app.patch(path(member, true), json!({"role": role})).by("ann").await;
        let effect = would("eu-vic", "auditor").await.expect(200).result()["effect"].clone();
        assert_eq!((&effect["organizations"], &effect["accounts"], &effect["blockers"]), (&json!(2), &json!(2), &json!([])));
        assert_eq!((&effect["gains"][0]["role"], &effect["loses"][0]["role"]), (&json!("auditor"), &json!("billing")));
        let effect = would("eu-vic", "viewer").await.expect(200).result()["effect"].clone();
        assert_eq!(effect["gains"], json!([]), "vic is a viewer by a role further up");
        app.delete("/organizations/acme/members/acme-sue").by("ann").await.expect(204);
        let blocked = would("acme-ann", "viewer").await.expect(200).result()["effect"]["blockers"][0]["code"].clone();
        assert_eq!(blocked, 1403);
        app.patch(path("acme-ann", true), json!({"role": "viewer"})).by("adam").await.expect_error(403, 1302, "");
        assert_eq!(app.get(path("eu-vic", false)).by("ann").await.text("role"), "billing");
    });
}

#[test]
fn what_is_created_while_its_parent_moves_moves_along() {
    company().on_each_engine(async |app| {
        for round in 0..20 {
            let to = if round % 2 == 0 { "globex" } else { "acme" };
            let moving = tokio::spawn(relocate(app, "eu", Some(to)).by("olga").into_future());
            let creating: Vec<_> = (0..4)
                .map(|n| {
                    let child = json!({"name": format!("{round} {n}"), "parent": {"id": "shop"}});
                    tokio::spawn(app.post("/organizations", child).by("olga").into_future())
                })
                .collect();
            let account = json!({"name": "held", "unit": {"id": "shop"}});
            let holding = tokio::spawn(app.post("/accounts", account).by("olga").into_future());
            moving.await.unwrap().expect(200);
            holding.await.unwrap().expect(200);
            for created in creating {
                created.await.unwrap().expect(200);
            }
            let lost = app.rows("organizations").await.into_iter().chain(app.rows("accounts").await);
            let lineages = lost.map(|row| row["lineage"].as_str().unwrap().to_owned());
            let lost: Vec<_> = lineages.filter(|at| at.contains("eu/") && !at.starts_with(&format!("{to}/eu/"))).collect();
            assert_eq!(lost, [""; 0], "round {round}");
        }
    });
}
