//! Roles that root organizations make for their trees.

use serde_json::{Value, json};
use umbel_domain::Role;

use crate::harness::call::Call;
use crate::harness::world::World;
use crate::harness::{Story, TestApp};

const MADE: &str = "019c4f65e7607d8c9f6f6b58aa3aff54";
const ROLES: &str = "/umbel/v1/organizations/acme/roles";

/// The company, where `dan` has the role `deployer` in `acme/eu/`, and which has two accounts.
fn company(actions: &[&str]) -> World {
    let role = json!({"kind": "role", "id": MADE, "organization_id": "acme", "name": "deployer", "actions": actions});
    let world = World::company().line(role).user("dan").account("acme/eu/@shop-account").account("acme/@other");
    world.member("eu", "dan", Role::from_name(MADE).unwrap())
}

fn create(app: &TestApp, name: &str, actions: &[&str]) -> Call {
    app.post(ROLES, json!({"name": name, "description": "d", "actions": actions}))
}

fn change(app: &TestApp, body: Value) -> Call {
    app.patch(format!("{ROLES}/{MADE}"), body)
}

#[test]
fn a_role_is_made_given_changed_and_deleted() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        let made = story.tell(create(app, "deployer", &["create_account"]).by("ann").await);
        let id = made.expect(200).text("id");
        story.tell(app.get(ROLES).by("vic").await);
        let member = json!({"email": "dan@example.com", "role": id});
        let member = story.tell(app.post("/umbel/v1/organizations/eu/members", member).by("ann").await).expect(200).text("id");
        let in_use = story.tell(app.delete(format!("{ROLES}/{id}")).by("ann").await);
        in_use.expect_error(409, 1409, "");
        let body = json!({"description": "Deploys.", "actions": ["create_account", "update_account"]});
        story.tell(app.patch(format!("{ROLES}/{id}"), body).by("ann").await).expect(200);
        app.delete(format!("/umbel/v1/organizations/eu/members/{member}")).by("ann").await.expect(204);
        story.tell(app.delete(format!("{ROLES}/{id}")).by("ann").await).expect(200);
        story.tell(app.get(format!("{ROLES}/{id}")).by("ann").await).expect(404);
        insta::assert_snapshot!("life_of_a_role", story);
    });
}

#[test]
fn a_custom_role_allows_what_it_says_from_the_next_request_on() {
    company(&["create_account"]).on_each_engine(async |app| {
        let create = async |name: &str| app.post("/accounts", json!({"name": name, "unit": {"id": "shop"}})).by("dan").await;
        create("a").await.expect(200);
        app.get("/organizations/shop").by("dan").await.expect(200);
        app.get("/organizations/acme").by("dan").await.expect(404);
        app.put("/organizations/shop", json!({"name": "x"})).by("dan").await.expect(403);
        change(app, json!({"actions": ["update_organization"]})).by("ann").await.expect(200);
        create("b").await.expect(403);
        app.put("/organizations/shop", json!({"name": "x"})).by("dan").await.expect(200);
    });
}

#[test]
fn a_custom_role_is_good_wherever_a_role_is() {
    company(&["create_account", "update_account", "read_members"]).on_each_engine(async |app| {
        let invited = json!({"email": "ned@example.com", "roles": ["billing", MADE], "status": "accepted"});
        let member = app.post("/accounts/shop-account/members", invited).by("ann").await.expect(200);
        assert_eq!(member.result()["roles"][0]["name"], "deployer");
        app.put("/accounts/shop-account", json!({"name": "n"})).by("ned").await.expect(200);
        app.get("/accounts/other").by("ned").await.expect(404);
        let roles = app.get("/accounts/shop-account/roles").by("ned").await.expect(200).ids();
        assert_eq!(roles.last().unwrap(), MADE);
        let membership = app.get("/memberships").by("ned").await.expect(200).ids().remove(0);
        let shown = app.get(format!("/memberships/{membership}")).by("ned").await.expect(200);
        assert_eq!(shown.result()["permissions"]["organization"], json!({"read": true, "write": true}));
        let token = json!({"name": "t", "organization_id": "eu", "role": MADE});
        let secret = app.post("/umbel/v1/tokens", token).by("ann").await.expect(200).text("value");
        app.get("/organizations/eu/members").bearer(&secret).await.expect(200);
        app.put("/organizations/eu", json!({"name": "n"})).bearer(&secret).await.expect(403);
        let unbound = app.post("/umbel/v1/tokens", json!({"name": "t", "role": MADE})).by("ann").await;
        unbound.expect_error(400, 1100, "/role");
        let promoted = json!({"role": MADE});
        app.patch("/umbel/v1/organizations/acme/members/acme-vic", promoted).by("ann").await.expect(200);
        app.post("/accounts", json!({"name": "n", "unit": {"id": "us"}})).by("vic").await.expect(200);
        change(app, json!({"actions": []})).by("ann").await.expect(200);
        app.get("/organizations/eu/members").bearer(&secret).await.expect(403);
    });
}

#[test]
fn nobody_makes_changes_gives_or_takes_a_role_that_allows_more_than_they_may_do() {
    company(&["manage_super_administrators"]).on_each_engine(async |app| {
        create(app, "mover", &["move_organization"]).by("adam").await.expect_error(403, 1302, "");
        create(app, "editor", &["update_organization"]).by("adam").await.expect(200);
        create(app, "mover", &["move_organization"]).by("ann").await.expect(200);
        change(app, json!({"actions": []})).by("adam").await.expect_error(403, 1302, "");
        app.delete(format!("{ROLES}/{MADE}")).by("adam").await.expect_error(403, 1302, "");
        let member = json!({"email": "ned@example.com", "role": MADE});
        app.post("/umbel/v1/organizations/eu/members", member).by("adam").await.expect_error(403, 1302, "");
        app.delete("/umbel/v1/organizations/eu/members/eu-dan").by("adam").await.expect_error(403, 1302, "");
        app.patch("/umbel/v1/organizations/eu/members/eu-dan", json!({"role": "viewer"})).by("adam").await.expect(403);
        for user in ["vic", "bill", "aud", "dan"] {
            let root_is_visible = user != "dan";
            let status = if root_is_visible { 403 } else { 404 };
            create(app, "x", &[]).by(user).await.expect(status);
        }
    });
}

#[test]
fn what_only_operators_may_do_is_in_no_role() {
    company(&[]).on_each_engine(async |app| {
        for action in ["manage_users", "update_flags", "fly", ""] {
            create(app, "x", &["read_members", action]).by("olga").await.expect_error(400, 1100, "/actions/1");
            change(app, json!({"actions": [action]})).by("olga").await.expect_error(400, 1100, "/actions/0");
        }
    });
}

#[test]
fn roles_belong_to_a_root_and_hold_in_its_tree_alone() {
    company(&[]).line(json!({"kind": "organization", "id": "empty", "parent_id": "globex", "name": "e"})).on_each_engine(
        async |app| {
            let below = app.post("/umbel/v1/organizations/eu/roles", json!({"name": "x", "actions": []})).by("ann").await;
            below.expect_error(400, 1102, "/path/organization_id");
            let foreign = json!({"email": "ned@example.com", "role": MADE});
            let refused = app.post("/umbel/v1/organizations/globex/members", foreign).by("gus").await;
            refused.expect_error(400, 1100, "/role");
            app.get(format!("/umbel/v1/organizations/globex/roles/{MADE}")).by("gus").await.expect(404);
            app.get(format!("/umbel/v1/organizations/shop/roles/{MADE}")).by("ann").await.expect(200);
            let unknown = json!({"email": "ned@example.com", "role": "019c4f65e7607d8c9f6f6b58aa3aff99"});
            app.post("/umbel/v1/organizations/eu/members", unknown).by("ann").await.expect_error(400, 1100, "/role");
        },
    );
}

#[test]
fn what_holds_custom_roles_does_not_leave_their_tree() {
    company(&[]).on_each_engine(async |app| {
        let eu = "/umbel/v1/organizations/eu/move";
        app.post(eu, json!({"parent_id": "us"})).by("olga").await.expect(200);
        app.post(eu, json!({"parent_id": "globex"})).by("olga").await.expect_error(409, 1409, "/parent_id");
        app.post(eu, json!({"parent_id": null})).by("olga").await.expect_error(409, 1409, "/parent_id");
        let dry = app.post(format!("{eu}?dry_run=true"), json!({"parent_id": "globex"})).by("olga").await.expect(200);
        assert_eq!(dry.result()["effect"]["blockers"][0]["code"], 1409);
        let root = app.post("/umbel/v1/organizations/acme/move", json!({"parent_id": "globex"})).by("olga").await;
        root.expect_error(409, 1409, "/parent_id");
        let invited = json!({"email": "ned@example.com", "roles": [MADE]});
        let member = app.post("/accounts/other/members", invited).by("ann").await.expect(200).text("id");
        let to = || json!({"destination_organization_id": "globex"});
        app.post("/accounts/other/move", to()).by("olga").await.expect_error(409, 1409, "");
        let dry = app.post("/accounts/other/move?dry_run=true", to()).by("olga").await.expect(200);
        assert_eq!(dry.result()["effect"]["blockers"][0]["code"], 1409);
        app.delete(format!("/accounts/other/members/{member}")).by("ann").await.expect(200);
        app.post("/accounts/other/move", to()).by("olga").await.expect(200);
        app.delete("/umbel/v1/organizations/eu/members/eu-dan").by("ann").await.expect(204);
        app.post(eu, json!({"parent_id": "globex"})).by("olga").await.expect(200);
    });
}

#[test]
fn bad_roles_are_named_and_change_nothing() {
    company(&[]).on_each_engine(async |app| {
        let before = app.rows("roles").await;
        for (body, pointer) in [
            (json!({"name": "", "actions": []}), "/name"),
            (json!({"name": "x".repeat(101), "actions": []}), "/name"),
            (json!({"name": "x", "actions": [], "description": "x".repeat(501)}), "/description"),
            (json!({"name": "x", "actions": [], "description": "a\u{7}"}), "/description"),
            (json!({"name": "x"}), "/actions"),
            (json!({"name": "x", "actions": "read_members"}), "/actions"),
            (json!({"name": "x", "actions": vec!["read_members"; umbel_domain::Action::ALL.len() + 1]}), "/actions"),
        ] {
            app.post(ROLES, body).by("ann").await.expect_error(400, 1100, pointer);
        }
        for name in ["Viewer", "DEPLOYER"] {
            create(app, name, &[]).by("ann").await.expect_error(409, 1402, "/name");
        }
        change(app, json!({"name": "Auditor"})).by("ann").await.expect_error(409, 1402, "/name");
        app.delete(format!("{ROLES}/viewer")).by("ann").await.expect_error(403, 1300, "");
        app.patch(format!("{ROLES}/nothing"), json!({})).by("ann").await.expect_error(404, 1200, "");
        change(app, json!({"name": "y"})).by("ann").header("if-match", "\"stale\"").await.expect(412);
        assert_eq!(app.rows("roles").await, before);
        change(app, json!({"name": "Deployer"})).by("ann").await.expect(200);
    });
}

#[test]
fn a_root_makes_a_hundred_roles_and_they_go_with_it() {
    World::company().user("eve").on_each_engine(async |app| {
        let root = app.post("/organizations", json!({"name": "r"})).by("eve").await.expect(200).text("id");
        let make = async |name: String| {
            app.post(format!("/umbel/v1/organizations/{root}/roles"), json!({"name": name, "actions": []})).by("eve").await
        };
        for n in 0..100 {
            make(format!("role {n}")).await.expect(200);
        }
        make("one more".into()).await.expect_error(409, 1401, "");
        app.delete(format!("/organizations/{root}")).by("eve").await.expect(200);
        assert_eq!(app.rows("roles").await.len(), 0);
    });
}

#[test]
fn nobody_gets_more_over_a_thing_by_moving_it() {
    let world = company(&["move_organization", "create_organization", "move_account"]).organization("mine");
    world.member("mine", "dan", Role::SuperAdministrator).on_each_engine(async |app| {
        let to =
            |parent: serde_json::Value| app.post("/umbel/v1/organizations/shop/move", json!({"parent_id": parent})).by("dan");
        to(json!("mine")).await.expect_error(403, 1302, "/parent_id");
        to(Value::Null).await.expect_error(403, 1302, "/parent_id");
        let dry = app.post("/umbel/v1/organizations/shop/move?dry_run=true", json!({"parent_id": "mine"})).by("dan").await;
        dry.expect_error(403, 1302, "/parent_id");
        let account = json!({"destination_organization_id": "mine"});
        let refused = app.post("/accounts/shop-account/move", account.clone()).by("dan").await;
        refused.expect_error(403, 1302, "/destination_organization_id");
        let within = json!({"destination_organization_id": "shop"});
        app.post("/accounts/shop-account/move", within).by("dan").await.expect(200);
        app.post("/accounts/other/move", account).by("olga").await.expect(200);
    });
}

#[test]
fn a_token_keeps_no_role_alive_and_may_do_nothing_without_it() {
    let role = json!({"kind": "role", "id": MADE, "organization_id": "acme", "name": "deployer", "actions": []});
    let token = |world: World| world.token("capped", "ann", Some("eu"), Role::from_name(MADE));
    token(World::company().line(role)).on_each_engine(async |app| {
        app.get("/organizations/eu").by_token("capped").await.expect(200);
        app.delete(format!("{ROLES}/{MADE}")).by("ann").await.expect(200);
        app.get("/organizations/eu").by_token("capped").await.expect(404);
    });
}
