//! Members of organizations: who may add, change and remove whom, and what is shown of them.

use serde_json::{Value, json};
use umbel_domain::{MemberStatus, Role};

use crate::harness::call::Call;
use crate::harness::world::World;
use crate::harness::{Story, TestApp};

fn wrapped(email: &str) -> Value {
    json!({"member": {"user": {"email": email}}})
}

fn add(app: &TestApp, organization: &str, email: &str, role: Role) -> Call {
    app.post(format!("/umbel/v1/organizations/{organization}/members"), json!({"email": email, "role": role.name()}))
}

fn set_role(app: &TestApp, member: &str, role: Role) -> Call {
    let (organization, _) = member.split_once('-').unwrap();
    app.patch(format!("/umbel/v1/organizations/{organization}/members/{member}"), json!({"role": role.name()}))
}

fn remove(app: &TestApp, member: &str) -> Call {
    let (organization, _) = member.split_once('-').unwrap();
    app.delete(format!("/organizations/{organization}/members/{member}"))
}

#[test]
fn a_member_comes_and_goes_in_the_shape_of_cloudflare() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        let all = "/client/v4/organizations/eu/members";
        let created = story.tell(app.post(all, wrapped(" New.Person@Example.com ")).by("ann").await);
        let one = format!("{all}/{}", created.text("id"));
        story.tell(app.get(&one).by("vic").await);
        story.tell(app.get(all).by("vic").await);
        let others = json!({"members": [{"user": {"email": "ned@example.com"}}, {"user": {"email": "x"}, "status": "canceled"}]});
        story.tell(app.post(format!("{all}:batchCreate"), others).by("ann").await);
        story.tell(app.delete(&one).by("ann").await);
        story.tell(app.get(&one).by("ann").await);
        insta::assert_snapshot!("life_of_a_member", story);
    });
}

#[test]
fn under_our_own_prefix_members_have_roles() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        let all = "/umbel/v1/organizations/eu/members";
        let created = story.tell(add(app, "eu", "ned@example.com", Role::Billing).by("adam").await);
        let one = format!("{all}/{}", created.text("id"));
        story.tell(app.patch(&one, json!({"role": "auditor"})).by("adam").await);
        story.tell(app.get(&one).by("ned").await);
        story.tell(app.get(all).by("ned").await);
        story.tell(app.post("/umbel/v1/organizations/eu/leave", "").by("ned").await);
        story.tell(app.get(&one).by("ned").await);
        insta::assert_snapshot!("life_of_a_member_with_a_role", story);
    });
}

#[test]
fn nobody_gives_a_role_that_allows_more_than_they_may_do_there() {
    let world = World::company().token("ann-as-admin", "ann", None, Some(Role::Administrator));
    world.token("ann-in-eu", "ann", Some("eu"), None).on_each_engine(async |app| {
        // By creating, by the batch, by changing a role; a credential counts as it is bound.
        for role in Role::BUILT_IN {
            let by_admin = add(app, "eu", "a@example.com", role).by("adam").await;
            let by_bound = add(app, "us", "a@example.com", role).by_token("ann-as-admin").await;
            if role == Role::SuperAdministrator {
                by_admin.expect_error(403, 1302, "");
                by_bound.expect_error(403, 1302, "");
            } else {
                remove(app, &format!("eu-{}", "x")).by("adam").await.expect_error(404, 1200, "");
                let (in_eu, in_us) = (by_admin.expect(200).text("id"), by_bound.expect(200).text("id"));
                app.delete(format!("/organizations/eu/members/{in_eu}")).by("adam").await.expect(204);
                app.delete(format!("/organizations/us/members/{in_us}")).by_token("ann-as-admin").await.expect(204);
            }
            for user in ["bill", "aud", "vic"] {
                add(app, "eu", "a@example.com", role).by(user).await.expect_error(403, 1300, "");
            }
        }
        app.post("/organizations/eu/members", wrapped("a")).by("adam").await.expect_error(403, 1302, "/member/user/email");
        let batch = json!({"members": [{"user": {"email": "a"}}]});
        app.post("/organizations/eu/members:batchCreate", batch).by("adam").await.expect_error(
            403,
            1302,
            "/members/0/user/email",
        );
        set_role(app, "acme-vic", Role::SuperAdministrator).by("adam").await.expect_error(403, 1302, "/role");
        set_role(app, "acme-adam", Role::SuperAdministrator).by("adam").await.expect_error(403, 1302, "/role");
        set_role(app, "acme-ann", Role::Viewer).by("adam").await.expect_error(403, 1302, "");
        remove(app, "acme-ann").by("adam").await.expect_error(403, 1302, "");
        set_role(app, "acme-vic", Role::Administrator).by("vic").await.expect_error(403, 1300, "");
        // A token bound to a part of the tree reaches no further.
        add(app, "eu", "b@example.com", Role::SuperAdministrator).by_token("ann-in-eu").await.expect(200);
        add(app, "acme", "b@example.com", Role::Viewer).by_token("ann-in-eu").await.expect_error(404, 1200, "");
        assert_eq!(app.rows("organization_members").await.len(), 7);
    });
}

#[test]
fn the_last_super_administrator_of_a_root_stays() {
    World::company().user("sue").on_each_engine(async |app| {
        for user in ["ann", "olga"] {
            remove(app, "acme-ann").by(user).await.expect_error(409, 1403, "");
            set_role(app, "acme-ann", Role::Administrator).by(user).await.expect_error(409, 1403, "");
        }
        app.post("/umbel/v1/organizations/acme/leave", "").by("ann").await.expect_error(409, 1403, "");
        set_role(app, "acme-ann", Role::SuperAdministrator).by("ann").await.expect(200);
        // One who cannot act does not count.
        let sue = add(app, "acme", "sue@example.com", Role::SuperAdministrator).by("ann").await.expect(200).text("id");
        app.patch("/umbel/v1/users/sue", json!({"disabled": true})).by("olga").await.expect(200);
        remove(app, "acme-ann").by("ann").await.expect_error(409, 1403, "");
        app.patch("/umbel/v1/users/sue", json!({"disabled": false})).by("olga").await.expect(200);
        app.post("/umbel/v1/organizations/acme/leave", "").by("ann").await.expect(200);
        app.delete(format!("/organizations/acme/members/{sue}")).by("sue").await.expect_error(409, 1403, "");
        // Further down there need not be one.
        let gus = add(app, "eu", "gus@example.com", Role::SuperAdministrator).by("sue").await.expect(200).text("id");
        app.delete(format!("/organizations/eu/members/{gus}")).by("gus").await.expect(204);
    });
}

#[test]
fn of_super_administrators_who_remove_each_other_one_stays() {
    let names: Vec<String> = (0..8).map(|n| format!("s{n}")).collect();
    let root = names
        .iter()
        .fold(World::bare().organization("root"), |world, name| world.user(name).member("root", name, Role::SuperAdministrator));
    root.on_each_engine(async |app| {
        for round in 0.. {
            let members = app.rows("organization_members").await;
            let left: Vec<_> = members.iter().map(|row| row["user_id"].as_str().unwrap().to_owned()).collect();
            assert!(!left.is_empty());
            if left.len() == 1 {
                break;
            }
            assert!(round < 10, "{left:?}");
            // Everybody removes the next one, all at once.
            let removals: Vec<_> = left
                .iter()
                .zip(left.iter().cycle().skip(1))
                .map(|(who, whom)| tokio::spawn(remove(app, &format!("root-{whom}")).by(who).into_future()))
                .collect();
            for removal in removals {
                let status = removal.await.unwrap().status;
                assert!([204, 404, 409].contains(&status), "{status}");
            }
        }
        let last = app.rows("organization_members").await[0]["user_id"].as_str().unwrap().to_owned();
        remove(app, &format!("root-{last}")).by(&last).await.expect_error(409, 1403, "");
    });
}

#[test]
fn everybody_may_remove_themselves_and_nobody_else_without_the_right() {
    World::company().on_each_engine(async |app| {
        remove(app, "acme-vic").by("bill").await.expect_error(403, 1300, "");
        remove(app, "acme-nobody").by("bill").await.expect_error(403, 1300, "");
        remove(app, "acme-bill").by("bill").await.expect(204);
        app.get("/organizations/acme").by("bill").await.expect(404);
        app.post("/umbel/v1/organizations/eu/leave", "").by("vic").await.expect_error(404, 1200, "");
        app.post("/umbel/v1/organizations/acme/leave", "").by("vic").await.expect(200);
        app.post("/umbel/v1/organizations/acme/leave", "").by("vic").await.expect(404);
    });
}

#[test]
fn a_member_is_found_in_its_own_organization_alone() {
    World::company().on_each_engine(async |app| {
        for prefix in ["", "/umbel/v1"] {
            app.get(format!("{prefix}/organizations/acme/members/acme-vic")).by("ann").await.expect(200);
            app.get(format!("{prefix}/organizations/eu/members/acme-vic")).by("ann").await.expect_error(404, 1200, "");
            app.get(format!("{prefix}/organizations/globex/members/acme-vic")).by("ann").await.expect_error(404, 1200, "");
            app.delete(format!("{prefix}/organizations/eu/members/acme-vic")).by("ann").await.expect_error(404, 1200, "");
        }
        set_role(app, "eu-vic", Role::Viewer).by("ann").await.expect_error(404, 1200, "");
        let both = app.get("/organizations/a.b/members/c.d").by("ann").await.expect(400).errors();
        assert_eq!(both, [(1102, "/path/organization_id".into()), (1102, "/path/member_id".into())]);
    });
}

#[test]
fn somebody_who_is_a_member_in_any_way_is_not_added_again() {
    let world = World::company().user("una").member_of_status("acme", "una", Role::Viewer, MemberStatus::Rejected);
    world.on_each_engine(async |app| {
        for email in ["vic@example.com", " VIC@example.com", "una@example.com"] {
            app.post("/organizations/acme/members", wrapped(email)).by("ann").await.expect_error(409, 1402, "/member/user/email");
            add(app, "acme", email, Role::Viewer).by("ann").await.expect_error(409, 1402, "");
        }
        let before = (app.rows("users").await, app.rows("organization_members").await);
        let twice = json!({"members": [{"user": {"email": "new@example.com"}}, {"user": {"email": "NEW@example.com"}}]});
        let refused = app.post("/organizations/acme/members:batchCreate", twice).by("ann").await;
        refused.expect_error(409, 1402, "/members/1/user/email");
        assert_eq!((app.rows("users").await, app.rows("organization_members").await), before, "all or none");
    });
}

#[test]
fn bad_bodies_are_named() {
    World::company().on_each_engine(async |app| {
        let before = app.rows("organization_members").await;
        for (body, at) in [
            (json!({}), "/member"),
            (json!({"user": {"email": "x"}}), "/member"),
            (json!({"member": {}}), "/member/user"),
            (json!({"member": {"user": {}}}), "/member/user/email"),
            (json!({"member": {"user": {"email": ""}}}), "/member/user/email"),
            (json!({"member": {"user": {"email": "x".repeat(321)}}}), "/member/user/email"),
            (json!({"member": {"user": {"email": "a\u{1b}b"}}}), "/member/user/email"),
            (json!({"member": {"user": {"email": "x"}, "status": "pending"}}), "/member/status"),
        ] {
            app.post("/organizations/acme/members", body).by("ann").await.expect_error(400, 1100, at);
        }
        let batch = "/organizations/acme/members:batchCreate";
        let many: Vec<_> = (0..11).map(|n| json!({"user": {"email": format!("x{n}")}})).collect();
        app.post(batch, json!({"members": many})).by("ann").await.expect_error(400, 1100, "/members");
        app.post(batch, json!({"members": []})).by("ann").await.expect_error(400, 1100, "/members");
        let two_bad = json!({"members": [{"user": {"email": ""}}, {"user": {"email": "x"}}, {"user": {"email": " "}}]});
        let errors = app.post(batch, two_bad).by("ann").await.expect(400).errors();
        assert_eq!(errors, [(1100, "/members/0/user/email".into()), (1100, "/members/2/user/email".into())]);
        let ours = "/umbel/v1/organizations/acme/members";
        app.post(ours, json!({"email": "x", "role": "king"})).by("ann").await.expect_error(400, 1100, "/role");
        app.post(ours, json!({"email": "x"})).by("ann").await.expect_error(400, 1100, "/role");
        app.patch(format!("{ours}/acme-vic"), json!({"role": ""})).by("ann").await.expect_error(400, 1100, "/role");
        assert_eq!(app.rows("organization_members").await, before);
    });
}

#[test]
fn adding_an_address_reads_nobody() {
    let world = World::company().user_with("far", &json!({"name": "Far Away", "two_factor_authentication_enabled": true}));
    let near = json!({"name": "Near By", "two_factor_authentication_enabled": true, "managed_by": "us"});
    world.user_with("near", &near).on_each_engine(async |app| {
        let user = async |email: &str, by: &str| {
            let list = app.get(format!("/organizations/eu/members?user.email={email}")).by(by).await.expect(200).result();
            (list[0]["user"]["name"].clone(), list[0]["user"]["two_factor_authentication_enabled"].clone())
        };
        let hidden = (json!(""), json!(false));
        for name in ["far", "near"] {
            let created =
                app.post("/organizations/eu/members", wrapped(&format!("{name}@example.com"))).by("ann").await.expect(200);
            assert_eq!(created.result()["user"]["name"], if name == "far" { "" } else { "Near By" });
        }
        assert_eq!(user("far@example.com", "ann").await, hidden);
        assert_eq!(user("far@example.com", "far").await, (json!("Far Away"), json!(true)), "everybody knows themselves");
        assert_eq!(user("far@example.com", "olga").await, (json!("Far Away"), json!(true)), "operators know everybody");
        assert_eq!(user("near@example.com", "ann").await, (json!("Near By"), json!(true)), "managed in the same tree");
        app.app.finish().await;
        assert_eq!(user("far@example.com", "ann").await, (json!("Far Away"), json!(true)), "was here since");
    });
}

#[test]
fn members_are_filtered_and_paged_in_the_order_of_their_ids() {
    let statuses = [MemberStatus::Active, MemberStatus::Pending, MemberStatus::Rejected, MemberStatus::Canceled];
    let world = (0..9).zip(statuses.into_iter().cycle()).fold(World::company(), |world, (n, status)| {
        let name = format!("m{n}");
        let email = json!({"email": format!("M{n}%@{}.example", if n % 2 == 0 { "Even" } else { "odd" })});
        world.user_with(&name, &email).member_of_status("us", &name, Role::Viewer, status)
    });
    world.on_each_engine(async |app| {
        let found = async |query: &str| app.get(format!("/organizations/us/members{query}")).by("vic").await.expect(200);
        let ids = async |query: &str| found(query).await.ids();
        let us = |numbers: &[u8]| numbers.iter().map(|n| format!("us-m{n}")).collect::<Vec<_>>();
        assert_eq!(ids("").await, us(&[0, 1, 2, 3, 4, 5, 6, 7, 8]));
        assert_eq!(ids("?status=active").await, us(&[0, 4, 8]));
        assert_eq!(ids("?status=active&status=canceled").await, us(&[0, 3, 4, 7, 8]));
        assert_eq!(ids("?status=pending,rejected,pending").await, us(&[1, 2, 5, 6]));
        assert_eq!(ids("?user.email=M3%25@ODD.example").await, us(&[3]));
        assert_eq!(ids("?user.email.startsWith=m3").await, us(&[3]));
        assert_eq!(ids("?user.email.endsWith=EVEN.example").await, us(&[0, 2, 4, 6, 8]));
        assert_eq!(ids("?user.email.contains=%25@e&status=active").await, us(&[0, 4, 8]));
        assert_eq!(ids("?user.email.contains=_").await, us(&[]));
        for bad in ["?status=gone", "?status=", "?user.email=", "?page_size=-1", "?user.email=a&user.email=b"] {
            app.get(format!("/organizations/us/members{bad}")).by("vic").await.expect(400);
        }
        let (mut walked, mut token) = (Vec::new(), String::new());
        loop {
            let page = found(&format!("?page_size=2&page_token={token}&status=active&status=pending")).await;
            walked.extend(page.ids());
            let info = page.json()["result_info"].take();
            assert_eq!(info["total_size"], 5);
            let Some(next) = info["next_page_token"].as_str() else { break };
            next.clone_into(&mut token);
        }
        assert_eq!(walked, us(&[0, 1, 4, 5, 8]));
        assert_eq!(found("?include_total=false").await.json()["result_info"], json!({}));
        app.get("/organizations/us/members").by("bill").await.expect_error(403, 1300, "");
    });
}

#[test]
fn the_flag_and_the_limit_of_members_hold() {
    World::company().settings(|settings| settings.members_max = 1).on_each_engine(async |app| {
        add(app, "eu", "one@example.com", Role::Viewer).by("ann").await.expect(200);
        let refused = add(app, "eu", "two@example.com", Role::Viewer).by("ann").await.expect_error(409, 1401, "");
        assert!(refused.json()["errors"][0]["message"].as_str().unwrap().contains("members_max"));
        let flags = json!({"member_management": "disabled"});
        app.put("/umbel/v1/organizations/acme/flags", flags.clone()).by("olga").await.expect(200);
        app.put("/umbel/v1/organizations/us/flags", flags).by("olga").await.expect(200);
        add(app, "us", "x@example.com", Role::Viewer).by("ann").await.expect_error(403, 1301, "");
        app.post("/organizations/us/members", wrapped("x")).by("ann").await.expect_error(403, 1301, "/member/user/email");
        set_role(app, "acme-vic", Role::Auditor).by("ann").await.expect_error(403, 1301, "");
        remove(app, "acme-vic").by("ann").await.expect_error(403, 1301, "");
        remove(app, "acme-vic").by("vic").await.expect(204);
        add(app, "us", "x@example.com", Role::Viewer).by("olga").await.expect(200);
    });
}

#[test]
fn a_member_acts_at_once_and_no_longer_when_it_is_gone() {
    World::company().on_each_engine(async |app| {
        app.get("/organizations/shop").by("ned").await.expect(404);
        let member = add(app, "eu", "ned@example.com", Role::Administrator).by("adam").await.expect(200).text("id");
        app.put("/organizations/shop", json!({"name": "Shop"})).by("ned").await.expect(200);
        app.patch(format!("/umbel/v1/organizations/eu/members/{member}"), json!({"role": "viewer"})).by("adam").await.expect(200);
        app.put("/organizations/shop", json!({"name": "Shop"})).by("ned").await.expect(403);
        app.delete(format!("/umbel/v1/organizations/eu/members/{member}")).by("adam").await.expect(204);
        app.get("/organizations/shop").by("ned").await.expect(404);
        let canceled = json!({"email": "ned@example.com", "role": "viewer", "status": "canceled"});
        app.post("/umbel/v1/organizations/eu/members", canceled).by("adam").await.expect(200);
        app.get("/organizations/shop").by("ned").await.expect(404);
    });
}
