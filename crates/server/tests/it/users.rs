//! Users: one's own, and those that operators look after.

use serde_json::json;
use umbel_domain::Role;

use crate::harness::Story;
use crate::harness::world::World;

#[test]
fn an_operator_creates_shows_disables_and_deletes_a_user() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        let new = json!({"email": " Eve@Example.com ", "name": "Eve van der Berg", "managed_by": "acme", "operator": true});
        let created = story.tell(app.post("/umbel/v1/users", new).by("olga").await);
        let user = format!("/umbel/v1/users/{}", created.text("id"));
        story.tell(app.get("/umbel/v1/users?email=eve%40EXAMPLE.com").by("olga").await);
        story.tell(app.get(&user).by("olga").await);
        let key = created.text("api_key");
        let own = app.get("/client/v4/user").header("x-auth-email", "eve@example.com").header("x-auth-key", &key);
        story.tell(own.await);
        story.tell(app.patch(&user, json!({"disabled": true})).by("olga").await);
        let own = app.get("/client/v4/user").header("x-auth-email", "eve@example.com").header("x-auth-key", &key);
        story.tell(own.await);
        story.tell(app.delete(&user).by("olga").await);
        story.tell(app.get(&user).by("olga").await);
        insta::assert_snapshot!("life_of_a_user", story);
    });
}

#[test]
fn an_address_belongs_to_one_user_whatever_its_case_and_width() {
    World::company().on_each_engine(async |app| {
        for email in ["ann@example.com", " ANN@Example.com", "ａｎｎ@example.com"] {
            app.post("/umbel/v1/users", json!({"email": email})).by("olga").await.expect_error(409, 1402, "/email");
        }
        let unknown = json!({"email": "new@example.com", "managed_by": "nowhere"});
        app.post("/umbel/v1/users", unknown).by("olga").await.expect_error(404, 1200, "/managed_by");
    });
}

#[test]
fn users_are_listed_page_by_page() {
    World::company().on_each_engine(async |app| {
        let first = app.get("/umbel/v1/users?page_size=5").by("olga").await.expect(200);
        assert_eq!(first.ids(), ["adam", "ann", "aud", "bill", "gus"]);
        let info = first.json()["result_info"].take();
        assert_eq!(info["total_size"], 8);
        let token = info["next_page_token"].as_str().unwrap();
        let last = app.get(format!("/umbel/v1/users?page_token={token}")).by("olga").await.expect(200);
        assert_eq!(last.ids(), ["ned", "olga", "vic"]);
        assert_eq!(last.json()["result_info"], json!({"total_size": 8}));
        app.get(format!("/organizations?page_token={token}")).by("olga").await.expect_error(400, 1103, "/query/page_token");
    });
}

#[test]
fn the_last_super_administrator_of_a_root_can_be_neither_disabled_nor_deleted() {
    let world = World::company().user("amy").member("acme", "amy", Role::SuperAdministrator);
    world.on_each_engine(async |app| {
        app.patch("/umbel/v1/users/gus", json!({"disabled": true})).by("olga").await.expect_error(409, 1403, "");
        app.delete("/umbel/v1/users/gus").by("olga").await.expect_error(409, 1403, "");
        app.patch("/umbel/v1/users/ann", json!({"disabled": true})).by("olga").await.expect(200);
        app.delete("/umbel/v1/users/amy").by("olga").await.expect_error(409, 1403, "");
        app.patch("/umbel/v1/users/ann", json!({"disabled": false})).by("olga").await.expect(200);
        app.delete("/umbel/v1/users/amy").by("olga").await.expect(200);
    });
}

#[test]
fn an_operator_can_be_neither_disabled_nor_deleted_over_http() {
    World::company().on_each_engine(async |app| {
        app.patch("/umbel/v1/users/olga", json!({"disabled": true})).by("olga").await.expect_error(409, 1406, "");
        app.delete("/umbel/v1/users/olga").by("olga").await.expect_error(409, 1406, "");
        app.patch("/umbel/v1/users/olga", json!({"disabled": false})).by("olga").await.expect(200);
    });
}

#[test]
fn a_deleted_user_leaves_neither_tokens_nor_memberships() {
    World::company().on_each_engine(async |app| {
        app.delete("/umbel/v1/users/vic").by("olga").await.expect(200);
        let belongs_to_vic = |row: &crate::harness::database::Row| row["user_id"] == "vic";
        assert!(!app.rows("api_tokens").await.iter().any(belongs_to_vic));
        assert!(!app.rows("organization_members").await.iter().any(belongs_to_vic));
        app.get("/umbel/v1/users/vic").by("olga").await.expect(404);
        app.delete("/umbel/v1/users/vic").by("olga").await.expect(404);
    });
}

#[test]
fn ones_own_user_shows_the_organizations_that_the_credential_reaches() {
    let world = World::company().member("globex", "ann", Role::Viewer).token("in-globex", "ann", Some("globex"), None);
    world.on_each_engine(async |app| {
        let organizations = |answer: crate::harness::call::Answer| {
            let organizations = answer.expect(200).result()["organizations"].take();
            let ids = organizations.as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap().to_owned());
            ids.collect::<Vec<_>>()
        };
        assert_eq!(organizations(app.get("/user").by("ann").await), ["acme", "globex"]);
        assert_eq!(organizations(app.get("/user").by_token("in-globex").await), ["globex"]);
        assert_eq!(organizations(app.get("/user").by("ned").await), [""; 0]);
    });
}
