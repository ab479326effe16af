//! What becomes of an organization from its creation to its end.

use serde_json::json;

use crate::harness::world::World;
use crate::harness::{Story, TestApp};

/// A life under a prefix, told by its answers.
async fn life(app: &TestApp, prefix: &str) -> Story {
    let mut story = Story::default();
    let all = format!("{prefix}/organizations");
    let created = story.tell(app.post(&all, json!({"name": "Initech"})).by("ned").await);
    let root = format!("{all}/{}", created.text("id"));
    story.tell(app.get(&root).by("ned").await);
    let child = json!({"name": " Initech Europe ", "parent": {"id": created.text("id")}, "profile": profile("EU")});
    let child = format!("{all}/{}", story.tell(app.post(&all, child).by("ned").await).text("id"));
    story.tell(app.get(&all).by("ned").await);
    story.tell(app.put(&root, json!({"name": "Initrode"})).by("ned").await);
    story.tell(app.get(&child).by("ned").await);
    story.tell(app.get(format!("{root}/profile")).by("ned").await);
    story.tell(app.put(format!("{root}/profile"), profile("the top")).by("ned").await);
    story.tell(app.get(format!("{root}/profile")).by("ned").await);
    story.tell(app.get(&root).by("ned").await);
    let flags = format!("/umbel/v1/organizations/{}/flags", created.text("id"));
    story.tell(app.put(&flags, json!({"sub_org_creation": "disabled"})).by("olga").await);
    story.tell(app.post(&all, json!({"name": "Too late", "parent": {"id": created.text("id")}})).by("ned").await);
    story.tell(app.delete(&root).by("ned").await);
    story.tell(app.delete(&child).by("ned").await);
    story.tell(app.delete(&root).by("ned").await);
    story.tell(app.get(&root).by("ned").await);
    story
}

fn profile(name: &str) -> serde_json::Value {
    json!({
        "business_address": "{\"line1\":\"1 Main St\",\"line2\":\"\"}",
        "business_email": "not an address",
        "business_name": name,
        "business_phone": "",
        "external_metadata": " {} ",
    })
}

#[test]
fn an_organization_lives_and_ends_under_the_prefix_and_at_the_root() {
    World::company().on_each_engine(async |app| {
        insta::assert_snapshot!("life_of_an_organization", life(app, "/client/v4").await);
    });
    World::company().on_each_engine(async |app| {
        let with_prefix = life(app, "").await.to_string().replace(" /organizations", " /client/v4/organizations");
        insta::assert_snapshot!("life_of_an_organization", with_prefix);
    });
}

#[test]
fn members_that_only_the_server_sets_are_ignored() {
    World::company().on_each_engine(async |app| {
        let body = json!({
            "name": "Mine",
            "id": "acme",
            "create_time": "1999-01-01T00:00:00Z",
            "meta": {"flags": {"account_creation": "disabled"}, "managed_by": "me"},
            "managed_by": "me",
            "parent": {"id": "acme", "name": "Not Acme"},
            "role": "super_administrator",
        });
        let created = app.post("/organizations", body).by("ann").await.expect(200).result();
        assert_ne!(created["id"], "acme");
        assert_eq!(created["create_time"], "2026-01-02T03:04:05.123456Z");
        assert_eq!(created["meta"]["flags"]["account_creation"], "enabled");
        assert!(created["meta"].get("managed_by").is_none());
        assert_eq!(created["parent"], json!({"id": "acme", "name": "acme"}));
    });
}

#[test]
fn a_child_has_the_flags_that_its_parent_has_when_it_is_created() {
    World::company().on_each_engine(async |app| {
        let child = json!({"name": "child", "parent": {"id": "acme"}});
        let before = app.post("/organizations", child.clone()).by("ann").await.expect(200);
        let flags = json!({"account_mobility": "disabled", "member_management": "disabled"});
        let set = app.put("/umbel/v1/organizations/acme/flags", flags).by("olga").await.expect(200).result();
        assert_eq!(set["account_mobility"], "disabled");
        assert_eq!(set["account_creation"], "enabled", "a flag that is not given stays");
        let after = app.post("/organizations", child).by("ann").await.expect(200).result();
        assert_eq!(after["meta"]["tenant_flags"], set);
        assert_eq!(after["meta"]["flags"]["account_mobility"], "disabled");
        let before = app.get(format!("/organizations/{}", before.text("id"))).by("ann").await.result();
        assert_eq!(before["meta"]["tenant_flags"]["account_mobility"], "enabled");
    });
}

#[test]
fn flags_do_not_bind_operators() {
    World::company().on_each_engine(async |app| {
        let flags = json!({"sub_org_creation": "disabled", "enterprise_capability": "disabled"});
        app.put("/umbel/v1/organizations/acme/flags", flags).by("olga").await.expect(200);
        let child = json!({"name": "child", "parent": {"id": "acme"}});
        app.post("/organizations", child.clone()).by("ann").await.expect_error(403, 1301, "");
        let child = app.post("/organizations", child).by("olga").await.expect(200).text("id");
        app.delete(format!("/organizations/{child}")).by("ann").await.expect_error(403, 1301, "");
        app.delete(format!("/organizations/{child}")).by("olga").await.expect(200);
    });
}

#[test]
fn a_put_keeps_the_profile_unless_it_brings_one() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/acme/profile", profile("kept")).by("ann").await.expect(204);
        for body in [json!({"name": "n"}), json!({"name": "n", "profile": null})] {
            let kept = app.put("/organizations/acme", body).by("ann").await.expect(200).result();
            assert_eq!(kept["profile"], profile("kept"));
        }
        let body = json!({"name": "n", "profile": profile("new")});
        let replaced = app.put("/organizations/acme", body).by("ann").await.expect(200).result();
        assert_eq!(replaced["profile"], profile("new"));
    });
}

#[test]
fn a_put_may_name_the_parent_that_there_is_or_the_organization_itself() {
    World::company().on_each_engine(async |app| {
        for id in ["acme", "eu"] {
            let body = json!({"name": "Europe", "parent": {"id": id}, "profile": null});
            app.put("/organizations/eu", body).by("ann").await.expect(200);
        }
        app.put("/organizations/acme", json!({"name": "Acme", "parent": {"id": "acme"}})).by("ann").await.expect(200);
        app.put("/organizations/acme", json!({"name": "Acme", "parent": null})).by("ann").await.expect(200);
        for id in ["us", "globex", "nowhere"] {
            let body = json!({"name": "Moved", "parent": {"id": id}});
            app.put("/organizations/eu", body).by("ann").await.expect_error(400, 1100, "/parent/id");
        }
        assert_eq!(app.get("/organizations/eu").by("ann").await.text("name"), "Europe");
    });
}

#[test]
fn ids_are_looked_up_in_their_canonical_form_and_otherwise_as_they_are() {
    let world = World::company().organization("acme/019c4f65e7607d8c9f6f6b58aa3aff50");
    world.on_each_engine(async |app| {
        for id in ["019c4f65e7607d8c9f6f6b58aa3aff50", "019C4F65-E760-7D8C-9F6F-6B58AA3AFF50"] {
            let found = app.get(format!("/organizations/{id}")).by("ann").await.expect(200);
            assert_eq!(found.text("id"), "019c4f65e7607d8c9f6f6b58aa3aff50");
        }
        app.get("/organizations/ACME").by("ann").await.expect_error(404, 1200, "");
        app.get("/organizations/%61cme").by("ann").await.expect(200);
    });
}

#[test]
fn who_creates_a_root_is_its_super_administrator_and_nobody_else_sees_it() {
    World::company().on_each_engine(async |app| {
        let root = app.post("/organizations", json!({"name": "Initech"})).by("ned").await.expect(200).text("id");
        let user = app.get("/user").by("ned").await.expect(200).result();
        assert_eq!(user["organizations"][0]["roles"], json!(["super_administrator"]));
        assert_eq!(user["organizations"][0]["id"], root.as_str());
        app.get(format!("/organizations/{root}")).by("ann").await.expect(404);
        app.get(format!("/organizations/{root}")).by("olga").await.expect(200);
    });
}
