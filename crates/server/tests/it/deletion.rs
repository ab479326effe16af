//! When an organization can be deleted.

use serde_json::json;
use umbel_domain::{MemberStatus, Role};

use crate::harness::world::World;

/// An empty root, and one or several who hold something in it.
fn root_of(members: &[(&str, Role, MemberStatus)]) -> World {
    let world = World::bare().organization("root");
    members.iter().fold(world, |world, (user, role, status)| world.user(user).member_of_status("root", user, *role, *status))
}

#[test]
fn everything_that_is_in_the_way_is_named_with_its_number() {
    let world = World::company().user_with("may", &json!({"managed_by": "acme"}));
    world.on_each_engine(async |app| {
        let answer = app.delete("/client/v4/organizations/acme").by("ann").await;
        insta::assert_snapshot!("everything_in_the_way_of_a_deletion", answer);
        assert_eq!(app.organizations().await, 5);
    });
}

#[test]
fn an_organization_with_children_cannot_be_deleted_and_an_empty_one_can() {
    World::company().on_each_engine(async |app| {
        app.delete("/organizations/eu").by("ann").await.expect_error(409, 1400, "");
        let deleted = app.delete("/organizations/shop").by("ann").await.expect(200);
        assert_eq!(deleted.result(), json!({"id": "shop"}));
        app.delete("/organizations/eu").by("ann").await.expect(200);
        app.get("/organizations/eu").by("ann").await.expect(404);
        app.delete("/organizations/eu").by("ann").await.expect(404);
    });
}

#[test]
fn a_body_of_a_delete_is_ignored() {
    World::company().on_each_engine(async |app| {
        app.delete("/organizations/shop").by("ann").body("").await.expect(200);
        app.delete("/organizations/us").by("ann").body("{nonsense").await.expect(200);
        app.delete("/organizations/eu").by("ann").body("\0").await.expect(200);
    });
}

#[test]
fn the_callers_own_membership_is_not_in_the_way() {
    let ann = ("ann", Role::SuperAdministrator, MemberStatus::Active);
    root_of(&[ann]).on_each_engine(async |app| {
        app.delete("/organizations/root").by("ann").await.expect(200);
        assert_eq!(app.rows("organization_members").await.len(), 0);
    });
}

#[test]
fn active_and_pending_members_are_in_the_way_and_others_are_not() {
    let ann = ("ann", Role::SuperAdministrator, MemberStatus::Active);
    for (status, expected) in
        [(MemberStatus::Active, 409), (MemberStatus::Pending, 409), (MemberStatus::Rejected, 200), (MemberStatus::Canceled, 200)]
    {
        root_of(&[ann, ("bob", Role::Viewer, status)]).on_each_engine(async |app| {
            let answer = app.delete("/organizations/root").by("ann").await;
            assert_eq!(answer.status, expected, "{status:?}: {answer}");
        });
    }
}

#[test]
fn the_last_super_administrator_is_not_in_the_way_of_an_operator_but_any_other_member_is() {
    let ann = ("ann", Role::SuperAdministrator, MemberStatus::Active);
    let viewer = ("vic", Role::Viewer, MemberStatus::Active);
    for (members, expected) in [(vec![ann], 200), (vec![viewer], 409), (vec![ann, viewer], 409)] {
        root_of(&members).on_each_engine(async |app| {
            let answer = app.delete("/organizations/root").by("olga").await;
            assert_eq!(answer.status, expected, "{members:?}: {answer}");
        });
    }
}

#[test]
fn without_the_capability_nobody_but_an_operator_deletes() {
    World::company().on_each_engine(async |app| {
        let flags = json!({"enterprise_capability": "disabled"});
        app.put("/umbel/v1/organizations/shop/flags", flags).by("olga").await.expect(200);
        app.delete("/organizations/shop").by("ann").await.expect_error(403, 1301, "");
        app.delete("/organizations/shop").by("olga").await.expect(200);
    });
}

#[test]
fn a_token_that_is_bound_to_a_deleted_organization_reaches_nothing() {
    World::company().token("shop-token", "ann", Some("shop"), None).on_each_engine(async |app| {
        app.get("/organizations/shop").by_token("shop-token").await.expect(200);
        app.delete("/organizations/shop").by("ann").await.expect(200);
        app.get("/organizations/acme").by_token("shop-token").await.expect(404);
        assert_eq!(app.get("/organizations").by_token("shop-token").await.expect(200).ids().len(), 0);
        app.post("/organizations", json!({"name": "root"})).by_token("shop-token").await.expect(403);
    });
}
