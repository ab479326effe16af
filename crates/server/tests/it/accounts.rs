//! What becomes of accounts: their lives, their places, and who sees them.

use serde_json::{Value, json};
use umbel_domain::Role;

use crate::harness::world::World;
use crate::harness::{Story, TestApp};

fn profile(name: &str) -> Value {
    json!({
        "business_address": "{\"line1\":\"1 Main St\"}",
        "business_email": "not an address",
        "business_name": name,
        "business_phone": "",
        "external_metadata": " {} ",
    })
}

/// The company with an account on each level, one that stands alone, and somebody who is a member of that one only.
fn accounts() -> World {
    let world = ["acme/@top", "acme/eu/@europe", "acme/eu/shop/@till", "acme/us/@states", "globex/@other", "@alone"];
    let world = world.into_iter().fold(World::company(), World::account);
    world.user("acc").account_member("europe", "acc", Role::SuperAdministrator).user("sol").account_member(
        "alone",
        "sol",
        Role::SuperAdministrator,
    )
}

async fn set_flag(app: &TestApp, organization: &str, flag: &str) {
    let flags = json!({flag: "disabled"});
    app.put(format!("/umbel/v1/organizations/{organization}/flags"), flags).by("olga").await.expect(200);
}

async fn life(app: &TestApp, prefix: &str) -> Story {
    let mut story = Story::default();
    let all = format!("{prefix}/accounts");
    let created = story.tell(app.post(&all, json!({"name": " Web shop ", "unit": {"id": "eu"}})).by("ann").await);
    let account = format!("{all}/{}", created.text("id"));
    story.tell(app.get(&account).by("vic").await);
    let settings = json!({"abuse_contact_email": "abuse", "enforce_twofactor": true});
    story.tell(app.put(&account, json!({"name": "Shop", "settings": settings, "type": null})).by("ann").await);
    story.tell(app.get(format!("{account}/profile")).by("vic").await);
    story.tell(app.put(format!("{account}/profile"), profile("Shop")).by("adam").await);
    story.tell(app.get(format!("{account}/profile")).by("vic").await);
    story.tell(app.get(format!("{prefix}/organizations/eu/accounts")).by("vic").await);
    story.tell(app.get(&all).by("vic").await);
    story.tell(app.get(format!("{account}/organizations")).by("vic").await);
    story.tell(app.post(format!("{account}/move"), json!({"destination_organization_id": "us"})).by("adam").await);
    story.tell(app.get(&account).by("vic").await);
    story.tell(app.delete("/organizations/us").by("ann").await);
    story.tell(app.delete(&account).by("adam").await);
    story.tell(app.get(&account).by("ann").await);
    story
}

#[test]
fn an_account_lives_and_ends_under_the_prefix_and_at_the_root() {
    World::company().on_each_engine(async |app| {
        insta::assert_snapshot!("life_of_an_account", life(app, "/client/v4").await);
    });
    World::company().on_each_engine(async |app| {
        let with_prefix = life(app, "").await.to_string().replace(" /", " /client/v4/");
        let expected = with_prefix.replace("/client/v4/organizations/us →", "/organizations/us →");
        insta::assert_snapshot!("life_of_an_account", expected);
    });
}

#[test]
fn what_terraform_and_the_clients_send_round_trips() {
    World::company().on_each_engine(async |app| {
        let body = json!({"name": "tf", "type": "enterprise", "unit": {"id": "acme"}, "settings": {"enforce_twofactor": false}});
        let created = app.post("/accounts", body).by("ann").await.expect(200).result();
        let path = format!("/accounts/{}", created["id"].as_str().unwrap());
        assert_eq!(created["settings"]["enforce_twofactor"], false);
        assert_eq!(created["managed_by"], json!({"parent_org_id": "acme", "parent_org_name": "acme"}));
        let plan = json!({
            "name": "tf",
            "type": null,
            "unit": {"id": "acme"},
            "managed_by": created["managed_by"],
            "settings": {"abuse_contact_email": null, "enforce_twofactor": false},
            "id": "another",
            "created_on": null,
        });
        let applied = app.put(&path, plan).by("ann").await.expect(200).result();
        assert_eq!(applied, created, "a plan is empty after it was applied");
        assert_eq!(app.get(&path).by("ann").await.result(), created);
    });
}

#[test]
fn a_setting_that_is_absent_stays_and_null_unsets_it() {
    accounts().on_each_engine(async |app| {
        let all = json!({
            "abuse_contact_email": "abuse@acme.example",
            "access_approval_expiry": "2027-01-01T00:00:00Z",
            "api_access_enabled": true,
            "default_nameservers": "custom.account",
            "enforce_twofactor": true,
            "use_account_custom_ns_by_default": true,
        });
        let set = async |settings: Value| {
            let body = json!({"name": "top", "settings": settings});
            app.put("/accounts/top", body).by("ann").await.expect(200).result()["settings"].clone()
        };
        assert_eq!(set(all.clone()).await, all);
        assert_eq!(set(json!({})).await, all);
        assert_eq!(set(Value::Null).await, all);
        let mut some = all;
        some["api_access_enabled"] = json!(false);
        assert_eq!(set(json!({"api_access_enabled": false})).await, some);
        let unset = json!({
            "abuse_contact_email": null,
            "access_approval_expiry": null,
            "api_access_enabled": null,
            "default_nameservers": null,
            "enforce_twofactor": null,
            "use_account_custom_ns_by_default": null,
        });
        let mut initial = unset.clone();
        initial["enforce_twofactor"] = json!(false);
        assert_eq!(set(unset).await, initial);
    });
}

#[test]
fn bad_members_of_an_account_are_all_named_and_nothing_is_made() {
    accounts().on_each_engine(async |app| {
        let before = app.rows("accounts").await;
        let bad = json!({
            "name": "x".repeat(101),
            "unit": {"id": "a/b"},
            "settings": {"access_approval_expiry": "soon", "abuse_contact_email": "a\0b"},
        });
        let pointers = |answer: crate::harness::call::Answer| answer.errors().into_iter().map(|(_, at)| at).collect::<Vec<_>>();
        let answer = app.post("/accounts", bad).by("ann").await.expect(400);
        let expected = ["/name", "/unit/id", "/settings/abuse_contact_email", "/settings/access_approval_expiry"];
        assert_eq!(pointers(answer), expected);
        for (body, at) in [
            (json!({"unit": {"id": "eu"}}), "/name"),
            (json!({"name": "n", "type": "free", "unit": {"id": "eu"}}), "/type"),
            (json!({"name": "n", "unit": "eu"}), "/unit"),
            (json!({"name": "n", "unit": {}}), "/unit/id"),
            (json!({"name": "n", "unit": {"id": "eu"}, "standalone": "yes"}), "/standalone"),
            (json!({"name": "n", "unit": {"id": "eu"}, "standalone": true}), "/standalone"),
            (json!({"name": "n", "unit": {"id": "eu"}, "settings": []}), "/settings"),
            (json!({"name": "n", "unit": {"id": "eu"}, "settings": {"enforce_twofactor": 1}}), "/settings/enforce_twofactor"),
            (
                json!({"name": "n", "unit": {"id": "eu"}, "settings": {"default_nameservers": "x".repeat(2000)}}),
                "/settings/default_nameservers",
            ),
        ] {
            app.post("/accounts", body).by("ann").await.expect_error(400, 1100, at);
        }
        app.post("/accounts", json!({"name": "n", "unit": {"id": "globex"}})).by("ann").await.expect_error(404, 1200, "/unit/id");
        app.put("/accounts/top", json!({"name": "n", "unit": {"id": "eu"}})).by("ann").await.expect_error(400, 1100, "/unit/id");
        app.put("/accounts/alone", json!({"name": "n", "unit": {"id": "eu"}}))
            .by("sol")
            .await
            .expect_error(400, 1100, "/unit/id");
        app.get("/accounts/a.b").by("ann").await.expect_error(400, 1102, "/path/account_id");
        assert_eq!(app.rows("accounts").await, before);
    });
}

#[test]
fn with_neither_unit_nor_standalone_the_only_organization_that_one_administers_is_meant() {
    accounts().member("us", "vic", Role::Administrator).on_each_engine(async |app| {
        let new = || json!({"name": "new", "standalone": false, "unit": null});
        for user in ["ann", "adam"] {
            let created = app.post("/accounts", new()).by(user).await.expect(200).result();
            assert_eq!(created["managed_by"]["parent_org_id"], "acme", "{user}");
        }
        // A viewer of acme who administers a part of it.
        let created = app.post("/accounts", new()).by("vic").await.expect(200).result();
        assert_eq!(created["managed_by"]["parent_org_id"], "us");
        for user in ["bill", "ned", "olga", "sol"] {
            app.post("/accounts", new()).by(user).await.expect_error(400, 1100, "/unit/id");
        }
    });
    accounts().member("eu", "ann", Role::Administrator).on_each_engine(async |app| {
        app.post("/accounts", json!({"name": "new"})).by("ann").await.expect_error(400, 1100, "/unit/id");
    });
}

#[test]
fn who_creates_an_account_that_stands_alone_is_its_super_administrator() {
    World::company().on_each_engine(async |app| {
        let created = app.post("/accounts", json!({"name": "mine", "standalone": true})).by("ned").await.expect(200).result();
        assert!(created.get("managed_by").is_none());
        let path = format!("/accounts/{}", created["id"].as_str().unwrap());
        app.put(&path, json!({"name": "still mine"})).by("ned").await.expect(200);
        app.get(&path).by("ann").await.expect_error(404, 1200, "");
        assert_eq!(app.get(format!("{path}/organizations")).by("ned").await.expect(200).result(), json!([]));
        app.delete(&path).by("ned").await.expect(200);
        assert_eq!(app.rows("account_members").await.len(), 0);
    });
    let operators = World::company().settings(|settings| settings.root_creation = umbel_server::RootCreation::Operators);
    operators.on_each_engine(async |app| {
        let alone = || json!({"name": "mine", "standalone": true});
        let refused = app.post("/accounts", alone()).by("ned").await.expect(403);
        assert_eq!(refused.errors(), [(1002, String::new()), (1300, String::new())]);
        app.post("/accounts", alone()).by("olga").await.expect(200);
    });
}

#[test]
fn an_account_that_may_not_be_created_is_refused_as_clients_know_it() {
    World::company().on_each_engine(async |app| {
        let new = || json!({"name": "new", "unit": {"id": "eu"}});
        let refused = app.post("/accounts", new()).by("vic").await.expect(403).json();
        assert_eq!(refused["errors"][0], json!({"code": 1002, "message": "Forbidden. Account creation is not allowed"}));
        set_flag(app, "eu", "account_creation").await;
        insta::assert_snapshot!("account_creation_is_disabled", app.post("/client/v4/accounts", new()).by("ann").await);
        app.post("/accounts", new()).by("olga").await.expect(200);
        app.post("/accounts", json!({"name": "new", "unit": {"id": "shop"}})).by("ann").await.expect(200);
    });
}

#[test]
fn accounts_are_deleted_unless_the_flag_forbids_it() {
    accounts().on_each_engine(async |app| {
        set_flag(app, "eu", "account_deletion").await;
        app.delete("/accounts/europe").by("ann").await.expect_error(403, 1301, "");
        app.delete("/accounts/europe").by("acc").await.expect_error(403, 1301, "");
        app.delete("/accounts/till").by("ann").await.expect(200);
        app.delete("/accounts/till").by("ann").await.expect_error(404, 1200, "");
        app.delete("/accounts/europe").by("olga").await.expect(200);
        app.delete("/accounts/alone").by("sol").await.expect(200);
        assert_eq!(app.rows("account_members").await.len(), 0);
    });
}

#[test]
fn an_organization_with_accounts_is_not_deleted() {
    accounts().on_each_engine(async |app| {
        let refused = app.delete("/organizations/shop").by("ann").await.expect_error(409, 1400, "");
        assert!(refused.json()["errors"][0]["message"].as_str().unwrap().contains("accounts in it: 1"));
        app.delete("/accounts/till").by("ann").await.expect(200);
        app.delete("/organizations/shop").by("ann").await.expect(200);
    });
}

#[test]
fn at_the_limit_of_accounts_none_is_created_or_moved_in() {
    accounts().settings(|settings| settings.accounts_max = 2).on_each_engine(async |app| {
        let new = || json!({"name": "new", "unit": {"id": "eu"}});
        app.post("/accounts", new()).by("ann").await.expect(200);
        let refused = app.post("/accounts", new()).by("ann").await.expect_error(409, 1401, "");
        assert!(refused.json()["errors"][0]["message"].as_str().unwrap().contains("accounts_max"));
        let to_eu = || json!({"destination_organization_id": "eu"});
        app.post("/accounts/top/move", to_eu()).by("ann").await.expect_error(409, 1401, "");
        app.post("/accounts/europe/move", to_eu()).by("ann").await.expect(200);
        app.delete("/accounts/europe").by("ann").await.expect(200);
        app.post("/accounts/top/move", to_eu()).by("ann").await.expect(200);
    });
}

#[test]
fn a_move_takes_rights_and_flags_at_both_ends() {
    accounts().member("globex", "adam", Role::Administrator).member("us", "acc", Role::Administrator).on_each_engine(
        async |app| {
            let to = |organization: &str| json!({"destination_organization_id": organization});
            let moved = app.post("/accounts/till/move", to("us")).by("ann").await.expect(200).result();
            let expected = json!({"account_id": "till", "source_organization_id": "shop", "destination_organization_id": "us"});
            assert_eq!(moved, expected);
            assert_eq!(app.get("/organizations?containing.account=till").by("ann").await.ids(), ["acme", "us"]);
            app.post("/accounts/till/move", to("globex")).by("adam").await.expect(200);
            app.get("/accounts/till").by("ann").await.expect_error(404, 1200, "");
            app.post("/accounts/till/move", to("eu")).by("gus").await.expect_error(404, 1200, "/destination_organization_id");
            app.post("/accounts/till/move", to("us")).by("ann").await.expect_error(404, 1200, "");
            app.post("/accounts/top/move", to("eu")).by("vic").await.expect_error(403, 1300, "");
            // Super administrator of the account, but of no organization above it.
            app.post("/accounts/europe/move", to("us")).by("acc").await.expect_error(403, 1300, "");
            let alone = app.post("/accounts/alone/move", to("us")).by("sol").await;
            alone.expect_error(404, 1200, "/destination_organization_id");
            app.post("/accounts/top/move", to("a/b")).by("ann").await.expect_error(400, 1100, "/destination_organization_id");
            app.post("/accounts/top/move", json!({})).by("ann").await.expect_error(400, 1100, "/destination_organization_id");
            set_flag(app, "us", "account_mobility").await;
            app.post("/accounts/top/move", to("us")).by("ann").await.expect_error(403, 1301, "");
            app.post("/accounts/states/move", to("eu")).by("ann").await.expect_error(403, 1301, "");
            app.post("/accounts/top/move", to("us")).by("olga").await.expect(200);
            set_flag(app, "eu", "account_migration").await;
            app.post("/accounts/alone/move", to("us")).by("olga").await.expect(200);
        },
    );
}

#[test]
fn an_account_that_stands_alone_is_attached_if_the_flag_permits_it() {
    accounts().member("eu", "sol", Role::Administrator).on_each_engine(async |app| {
        let to_eu = || json!({"destination_organization_id": "eu"});
        set_flag(app, "eu", "account_migration").await;
        app.post("/accounts/alone/move", to_eu()).by("sol").await.expect_error(403, 1301, "");
        app.put("/umbel/v1/organizations/eu/flags", json!({"account_migration": "enabled"})).by("olga").await.expect(200);
        let attached = app.post("/accounts/alone/move", to_eu()).by("sol").await.expect(200).result();
        assert_eq!(attached["source_organization_id"], "");
        assert_eq!(app.get("/accounts/alone").by("ann").await.expect(200).result()["managed_by"]["parent_org_id"], "eu");
        assert_eq!(app.get("/accounts/alone/organizations").by("ann").await.ids(), ["acme", "eu"]);
        assert_eq!(app.get("/accounts/alone/organizations").by("sol").await.ids(), ["eu"], "only what the caller sees");
    });
}

#[test]
fn several_accounts_are_moved_all_or_none() {
    accounts().on_each_engine(async |app| {
        let move_all = async |ids: Value, to: &str| {
            app.post("/accounts/move", json!({"account_ids": ids, "destination_organization_id": to})).by("ann").await
        };
        let moved = move_all(json!(["till", "europe", "top"]), "eu").await.expect(200).result();
        let there = "the account is there already";
        let expected = json!({"statuses": [
            {"tag": "till", "moved": true},
            {"tag": "europe", "moved": false, "message": there},
            {"tag": "top", "moved": true},
        ]});
        assert_eq!(moved, expected);
        let before = app.rows("accounts").await;
        move_all(json!(["till", "other"]), "us").await.expect_error(404, 1200, "/account_ids/1");
        move_all(json!(["till", "unknown"]), "us").await.expect_error(404, 1200, "/account_ids/1");
        move_all(json!(["till"]), "globex").await.expect_error(404, 1200, "/destination_organization_id");
        move_all(json!(["till", "till"]), "us").await.expect_error(400, 1100, "/account_ids/1");
        move_all(json!(["till", "a/b"]), "us").await.expect_error(400, 1100, "/account_ids/1");
        move_all(json!([]), "us").await.expect_error(400, 1100, "/account_ids");
        move_all(json!(vec!["x"; 101]), "us").await.expect(400);
        let many: Vec<_> = (0..101).map(|n| format!("x{n}")).collect();
        move_all(json!(many), "us").await.expect_error(400, 1100, "/account_ids");
        move_all(json!("till"), "us").await.expect_error(400, 1100, "/account_ids");
        assert_eq!(app.rows("accounts").await, before);
    });
    let limited = accounts().account("acme/us/@second").settings(|settings| settings.accounts_max = 3);
    limited.on_each_engine(async |app| {
        let before = app.rows("accounts").await;
        let body = json!({"account_ids": ["till", "europe"], "destination_organization_id": "us"});
        app.post("/accounts/move", body).by("ann").await.expect_error(409, 1401, "/account_ids/1");
        assert_eq!(app.rows("accounts").await, before, "one that does not fit keeps all of them back");
    });
}

#[test]
fn everybody_lists_the_accounts_that_they_see() {
    accounts().member("us", "sol", Role::Viewer).on_each_engine(async |app| {
        let seen = async |user: &str| app.get("/accounts").by(user).await.expect(200).ids();
        assert_eq!(seen("vic").await, ["top", "europe", "till", "states"]);
        assert_eq!(seen("sol").await, ["alone", "states"]);
        assert_eq!(seen("acc").await, ["europe"]);
        assert_eq!(seen("ned").await, [""; 0]);
        assert_eq!(seen("olga").await.len(), 6);
        // A role on an account reaches the account alone.
        app.get("/accounts/europe").by("acc").await.expect(200);
        app.get("/organizations/eu").by("acc").await.expect_error(404, 1200, "");
        assert_eq!(app.get("/organizations").by("acc").await.ids(), [""; 0]);
        assert_eq!(app.get("/accounts/europe/organizations").by("acc").await.ids(), [""; 0]);
        let shown = app.get("/accounts/europe").by("acc").await.result();
        assert_eq!(shown["managed_by"], json!({"parent_org_id": "eu", "parent_org_name": "eu"}));
    });
}

#[test]
fn pages_of_accounts_are_counted_until_an_empty_one() {
    let world = (1..=25).fold(World::company(), |world, n| world.account(&format!("acme/@x{n:02}")));
    world.on_each_engine(async |app| {
        let page = async |query: &str| app.get(format!("/accounts{query}")).by("vic").await.expect(200);
        let info = |page: u64, per_page: u64, count: u64| {
            let total_pages = 25_u64.div_ceil(per_page);
            json!({"page": page, "per_page": per_page, "count": count, "total_count": 25, "total_pages": total_pages})
        };
        let first = page("").await;
        assert_eq!((first.ids().len(), first.json()["result_info"].clone()), (20, info(1, 20, 20)));
        assert_eq!(page("?page=2").await.json()["result_info"], info(2, 20, 5));
        let behind = page("?page=3").await;
        assert_eq!((behind.result(), behind.json()["result_info"].clone()), (json!([]), info(3, 20, 0)));
        assert_eq!(page("?page=9223372036854775807&per_page=1000").await.result(), json!([]));
        assert_eq!(page("?per_page=0").await.json()["result_info"], info(1, 1, 1));
        assert_eq!(page("?per_page=-5&page=-5").await.ids(), ["x01"]);
        assert_eq!(page("?per_page=5000").await.json()["result_info"], info(1, 1000, 25));
        assert_eq!(page("?direction=desc&per_page=5").await.ids(), ["x25", "x24", "x23", "x22", "x21"]);
        assert_eq!(page("?name=X07").await.ids(), ["x07"]);
        for bad in ["?page=x", "?per_page=1.5", "?direction=up", "?page=1&page=2"] {
            app.get(format!("/accounts{bad}")).by("vic").await.expect(400);
        }
        let mut walked = Vec::new();
        for n in 1.. {
            let ids = page(&format!("?per_page=7&page={n}")).await.ids();
            if ids.is_empty() {
                break;
            }
            walked.extend(ids);
        }
        assert_eq!(walked, (1..=25).map(|n| format!("x{n:02}")).collect::<Vec<_>>());
    });
}

#[test]
fn the_accounts_of_an_organization_are_its_own_alone_filtered_and_in_order() {
    let names = [("a1", "Beta"), ("a2", "alpha"), ("a3", "ALPHA two"), ("a4", "50% off"), ("a5", "gamma/delta")];
    let held = |world: World, (id, name): (&str, &str)| {
        world.line(json!({"kind": "account", "id": id, "organization_id": "us", "name": name}))
    };
    let world = names.into_iter().fold(World::company().account("acme/eu/shop/@below"), held);
    world.on_each_engine(async |app| {
        let found = async |query: &str| app.get(format!("/organizations/us/accounts{query}")).by("vic").await.expect(200);
        let ids = async |query: &str| found(query).await.ids();
        let all = ["a1", "a2", "a3", "a4", "a5"];
        assert_eq!(ids("").await, all);
        assert_eq!(ids("?direction=desc").await, ["a5", "a4", "a3", "a2", "a1"]);
        assert_eq!(ids("?order_by=account_name").await, ["a4", "a2", "a3", "a1", "a5"]);
        assert_eq!(ids("?order_by=account_name&direction=desc").await, ["a5", "a1", "a3", "a2", "a4"]);
        assert_eq!(ids("?name=ALPHA").await, ["a2"]);
        assert_eq!(ids("?name.startsWith=alp").await, ["a2", "a3"]);
        assert_eq!(ids("?name.endsWith=TWO").await, ["a3"]);
        assert_eq!(ids("?name.contains=%25").await, ["a4"]);
        assert_eq!(ids("?account_pubname=beta").await, ["a1"]);
        assert_eq!(ids("?account_pubname.startsWith=alp&name.endsWith=two").await, ["a3"]);
        assert_eq!(ids("?account_pubname.endsWith=off").await, ["a4"]);
        assert_eq!(ids("?account_pubname.contains=mm").await, ["a5"]);
        assert_eq!(found("").await.json()["result_info"], json!({"total_size": 5}));
        assert_eq!(found("?include_total=false").await.json()["result_info"], json!({}));
        let second = found("?page=2&per_page=2").await;
        let info = json!({"page": 2, "per_page": 2, "count": 2, "total_count": 5, "total_pages": 3});
        assert_eq!((second.ids(), second.json()["result_info"].clone()), (vec!["a3".into(), "a4".into()], info));
        for bad in ["?order_by=name", "?direction=x", "?page_size=1001", "?page=1&page_token=x", "?include_total=maybe"] {
            app.get(format!("/organizations/us/accounts{bad}")).by("vic").await.expect(400);
        }
        assert_eq!(app.get("/organizations/eu/accounts").by("vic").await.ids(), [""; 0], "not those of organizations below");
        app.get("/organizations/globex/accounts").by("vic").await.expect_error(404, 1200, "");
        for order in ["", "&order_by=account_name", "&direction=desc", "&order_by=account_name&direction=desc"] {
            let (mut walked, mut token) = (Vec::new(), String::new());
            loop {
                let page = found(&format!("?page_size=2{order}&page_token={token}")).await;
                walked.extend(page.ids());
                let info = page.json()["result_info"].take();
                assert_eq!(info["total_size"], 5);
                let Some(next) = info["next_page_token"].as_str() else { break };
                next.clone_into(&mut token);
            }
            assert_eq!(walked, ids(&format!("?page_size=0{order}")).await);
        }
        let first = found("?page_size=2").await.json();
        let token = first["result_info"]["next_page_token"].as_str().unwrap().to_owned();
        let other = app.get(format!("/organizations/us/accounts?direction=desc&page_token={token}")).by("vic").await;
        other.expect_error(400, 1103, "/query/page_token");
    });
}

#[test]
fn a_change_that_rests_on_an_old_account_is_refused() {
    accounts().on_each_engine(async |app| {
        let old = app.get("/accounts/top").by("ann").await.expect(200);
        let old = old.header("etag").unwrap();
        let not_modified = app.get("/accounts/top").by("ann").header("if-none-match", old).await;
        assert_eq!(not_modified.status, 304);
        app.put("/accounts/top", json!({"name": "Top"})).by("ann").header("if-match", old).await.expect(200);
        app.put("/accounts/top", json!({"name": "Top"})).by("ann").header("if-match", old).await.expect(412);
        app.delete("/accounts/top").by("ann").header("if-match", old).await.expect(412);
        let to_eu = json!({"destination_organization_id": "eu"});
        app.post("/accounts/top/move", to_eu).by("ann").header("if-match", old).await.expect(412);
        // The organization's name is part of what is shown.
        let shown = app.get("/accounts/top").by("ann").await;
        app.put("/organizations/acme", json!({"name": "Acme"})).by("ann").await.expect(200);
        let stale =
            app.put("/accounts/top", json!({"name": "x"})).by("ann").header("if-match", shown.header("etag").unwrap()).await;
        stale.expect(412);
    });
}

#[test]
fn a_creation_that_is_repeated_with_its_key_makes_one_account() {
    World::company().on_each_engine(async |app| {
        let create =
            async || app.post("/accounts", json!({"name": "once", "unit": {"id": "eu"}})).by("ann").idempotency_key("k").await;
        let (first, second) = (create().await.expect(200), create().await.expect(200));
        assert_eq!(first.result(), second.result());
        assert_eq!(second.header("idempotency-replayed"), Some("true"));
        assert_eq!(app.rows("accounts").await.len(), 1);
    });
}

#[test]
fn a_user_who_is_deleted_is_no_longer_a_member_of_accounts() {
    accounts().on_each_engine(async |app| {
        app.delete("/umbel/v1/users/sol").by("olga").await.expect(200);
        let members = app.rows("account_members").await;
        assert_eq!(members.iter().map(|row| row["user_id"].as_str().unwrap()).collect::<Vec<_>>(), ["acc"]);
    });
}
