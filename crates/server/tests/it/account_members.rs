//! Members of accounts, from the invitation to the end, and the roles that they can have.

use serde_json::{Value, json};
use umbel_domain::{MemberStatus, Role};

use crate::harness::call::Call;
use crate::harness::world::World;
use crate::harness::{Story, TestApp};

/// The company with an account in Europe and one that stands alone, which `sol` holds.
fn accounts() -> World {
    let world = World::company().account("acme/eu/@web").account("@alone");
    world.user("sol").account_member("alone", "sol", Role::SuperAdministrator)
}

fn invite(app: &TestApp, account: &str, email: &str, roles: &[&str]) -> Call {
    app.post(format!("/accounts/{account}/members"), json!({"email": email, "roles": roles}))
}

fn answer(app: &TestApp, membership: &str, status: &str) -> Call {
    app.put(format!("/memberships/{membership}"), json!({"status": status}))
}

#[test]
fn somebody_is_invited_accepts_and_leaves() {
    accounts().on_each_engine(async |app| {
        let mut story = Story::default();
        let all = "/client/v4/accounts/web/members";
        let invited = json!({"email": "ned@example.com", "roles": ["viewer", "billing", "viewer"]});
        let member = story.tell(app.post(all, invited).by("adam").await).text("id");
        let one = format!("{all}/{member}");
        story.tell(app.get("/client/v4/accounts/web").by("ned").await);
        story.tell(app.get("/client/v4/memberships").by("ned").await);
        story.tell(app.put(format!("/client/v4/memberships/{member}"), json!({"status": "accepted"})).by("ned").await);
        story.tell(app.get("/client/v4/accounts/web").by("ned").await);
        story.tell(app.get(all).by("vic").await);
        story.tell(app.put(&one, json!({"roles": [{"id": "administrator"}]})).by("ann").await);
        story.tell(app.get(&one).by("ned").await);
        story.tell(app.delete(format!("/client/v4/memberships/{member}")).by("ned").await);
        story.tell(app.get(&one).by("ann").await);
        insta::assert_snapshot!("life_of_a_member_of_an_account", story);
    });
}

#[test]
fn a_role_on_an_account_holds_there_alone() {
    accounts().account_member("web", "ned", Role::SuperAdministrator).on_each_engine(async |app| {
        app.put("/accounts/web", json!({"name": "Web"})).by("ned").await.expect(200);
        app.get("/organizations/eu").by("ned").await.expect(404);
        app.get("/accounts/alone").by("ned").await.expect(404);
        assert_eq!(app.get("/accounts").by("ned").await.ids(), ["web"]);
        invite(app, "web", "vic@example.com", &["super_administrator"]).by("ned").await.expect(200);
        app.delete("/accounts/web").by("ned").await.expect(200);
    });
}

#[test]
fn only_an_accepted_membership_gives_any_right() {
    for status in [MemberStatus::Pending, MemberStatus::Rejected, MemberStatus::Canceled] {
        let member = json!({
            "kind": "account_member",
            "id": "m",
            "account_id": "web",
            "user_id": "ned",
            "roles": ["super_administrator"],
            "status": status.name(),
        });
        accounts().line(member).on_each_engine(async |app| {
            app.get("/accounts/web").by("ned").await.expect_error(404, 1200, "");
            app.get("/accounts/web/members").by("ned").await.expect_error(404, 1200, "");
            assert_eq!(app.get("/accounts").by("ned").await.result(), json!([]));
        });
    }
}

#[test]
fn an_invitation_is_answered_once_and_by_who_is_invited() {
    accounts().on_each_engine(async |app| {
        let first = invite(app, "web", "ned@example.com", &["viewer"]).by("ann").await.expect(200).text("id");
        for other in ["ann", "olga", "sol"] {
            answer(app, &first, "accepted").by(other).await.expect_error(404, 1200, "");
            app.get(format!("/memberships/{first}")).by(other).await.expect_error(404, 1200, "");
            app.delete(format!("/memberships/{first}")).by(other).await.expect_error(404, 1200, "");
        }
        answer(app, &first, "pending").by("ned").await.expect_error(400, 1100, "/status");
        answer(app, &first, "rejected").by("ned").await.expect(200);
        answer(app, &first, "rejected").by("ned").await.expect(200);
        answer(app, &first, "accepted").by("ned").await.expect_error(409, 1408, "/status");
        app.get("/accounts/web").by("ned").await.expect(404);
        app.delete(format!("/accounts/web/members/{first}")).by("ann").await.expect(200);
        let again = invite(app, "web", "ned@example.com", &["viewer"]).by("ann").await.expect(200).text("id");
        answer(app, &again, "accepted").by("ned").await.expect(200);
        answer(app, &again, "accepted").by("ned").await.expect(200);
        answer(app, &again, "rejected").by("ned").await.expect_error(409, 1408, "/status");
        app.get("/accounts/web").by("ned").await.expect(200);
    });
}

#[test]
fn a_credential_that_is_bound_answers_no_invitation() {
    let world = accounts().member("us", "ned", Role::Viewer).token("ned-in-us", "ned", Some("us"), None);
    world.token("ned-as-viewer", "ned", None, Some(Role::Viewer)).on_each_engine(async |app| {
        let member = invite(app, "web", "ned@example.com", &["administrator"]).by("ann").await.expect(200).text("id");
        answer(app, &member, "accepted").by_token("ned-in-us").await.expect_error(403, 1300, "");
        answer(app, &member, "accepted").by_token("ned-as-viewer").await.expect(200);
        // The role of the credential goes on to bound what it may do.
        app.put("/accounts/web", json!({"name": "x"})).by_token("ned-as-viewer").await.expect(403);
        app.get("/accounts/web").by_token("ned-in-us").await.expect(404);
        app.put("/accounts/web", json!({"name": "x"})).by("ned").await.expect(200);
    });
}

#[test]
fn nobody_gives_or_takes_roles_on_an_account_that_allow_more_than_theirs() {
    let world = accounts().account_member("web", "ned", Role::Administrator);
    world.account_member("web", "sol", Role::SuperAdministrator).on_each_engine(async |app| {
        for user in ["adam", "ned"] {
            invite(app, "web", "x", &["viewer", "super_administrator"]).by(user).await.expect_error(403, 1302, "");
            invite(app, "web", user, &["administrator", "auditor"]).by(user).await.expect(200);
            let roles = |role: &str| json!({"roles": [{"id": role}]});
            app.put("/accounts/web/members/web-sol", roles("viewer")).by(user).await.expect_error(403, 1302, "");
            let up = app.put("/accounts/web/members/web-ned", roles("super_administrator")).by(user).await;
            up.expect_error(403, 1302, "/roles");
            app.delete("/accounts/web/members/web-sol").by(user).await.expect_error(403, 1302, "");
        }
        for user in ["bill", "vic", "aud"] {
            invite(app, "web", "y", &["viewer"]).by(user).await.expect_error(403, 1300, "");
            app.delete("/accounts/web/members/web-ned").by(user).await.expect_error(403, 1300, "");
        }
        app.delete("/accounts/web/members/web-ned").by("ned").await.expect(200);
        app.delete("/accounts/web/members/web-sol").by("ann").await.expect(200);
    });
}

#[test]
fn bad_bodies_flags_and_limits_are_named_and_change_nothing() {
    accounts().settings(|settings| settings.members_max = 2).on_each_engine(async |app| {
        for (body, at) in [
            (json!({"roles": ["viewer"]}), "/email"),
            (json!({"email": "", "roles": ["viewer"]}), "/email"),
            (json!({"email": "x"}), "/roles"),
            (json!({"email": "x", "roles": []}), "/roles"),
            (json!({"email": "x", "roles": "viewer"}), "/roles"),
            (json!({"email": "x", "roles": ["viewer", "king"]}), "/roles/1"),
            (json!({"email": "x", "roles": [{"id": "viewer"}]}), "/roles/0"),
            (json!({"email": "x", "roles": ["viewer"], "status": "rejected"}), "/status"),
            (json!({"email": "x", "roles": vec!["viewer"; 33]}), "/roles"),
        ] {
            app.post("/accounts/web/members", body).by("ann").await.expect_error(400, 1100, at);
        }
        let one = invite(app, "web", "one", &["viewer"]).by("ann").await.expect(200).text("id");
        for (body, at) in [
            (json!({}), "/roles"),
            (json!({"roles": []}), "/roles"),
            (json!({"roles": ["viewer"]}), "/roles/0"),
            (json!({"roles": [{"id": "king"}]}), "/roles/0/id"),
        ] {
            app.put(format!("/accounts/web/members/{one}"), body).by("ann").await.expect_error(400, 1100, at);
        }
        invite(app, "web", "ONE", &["viewer"]).by("ann").await.expect_error(409, 1402, "/email");
        invite(app, "web", "two", &["viewer"]).by("ann").await.expect(200);
        invite(app, "web", "three", &["viewer"]).by("ann").await.expect_error(409, 1401, "");
        app.get(format!("/accounts/alone/members/{one}")).by("sol").await.expect_error(404, 1200, "");
        app.delete(format!("/accounts/alone/members/{one}")).by("sol").await.expect_error(404, 1200, "");
        app.put("/umbel/v1/organizations/eu/flags", json!({"member_management": "disabled"})).by("olga").await.expect(200);
        app.delete(format!("/accounts/web/members/{one}")).by("ann").await.expect_error(403, 1301, "");
        let roles = json!({"roles": [{"id": "viewer"}]});
        app.put(format!("/accounts/web/members/{one}"), roles).by("ann").await.expect_error(403, 1301, "");
        app.delete(format!("/accounts/web/members/{one}")).by("olga").await.expect(200);
    });
}

#[test]
fn members_of_an_account_are_listed_in_each_order_and_by_pages() {
    let people =
        [("a", "Zoe Adams", "accepted"), ("b", "Yan Baker", "pending"), ("c", "Xia Clark", "rejected"), ("d", "", "accepted")];
    let world = people.into_iter().fold(accounts(), |world, (id, name, status)| {
        let name = Some(name).filter(|name| !name.is_empty());
        let email = format!("{}@example.com", char::from(b'z' - id.as_bytes()[0] + b'a'));
        let status = if status == "accepted" { "active" } else { status };
        let member =
            json!({"kind": "account_member", "id": id, "account_id": "web", "user_id": id, "roles": ["viewer"], "status": status});
        world.user_with(id, &json!({"name": name, "email": email, "managed_by": "acme"})).line(member)
    });
    world.on_each_engine(async |app| {
        let ids = async |query: &str| app.get(format!("/accounts/web/members{query}")).by("vic").await.expect(200).ids();
        assert_eq!(ids("").await, ["a", "b", "c", "d"]);
        assert_eq!(ids("?direction=desc").await, ["d", "c", "b", "a"]);
        assert_eq!(ids("?order=user.email").await, ["d", "c", "b", "a"]);
        assert_eq!(ids("?order=user.first_name").await, ["d", "c", "b", "a"]);
        assert_eq!(ids("?order=user.last_name&direction=desc").await, ["a", "b", "c", "d"]);
        assert_eq!(ids("?order=status").await, ["a", "d", "b", "c"]);
        assert_eq!(ids("?status=accepted").await, ["a", "d"]);
        assert_eq!(ids("?per_page=3&page=2").await, ["d"]);
        assert_eq!(ids("?per_page=3&page=3").await, [""; 0]);
        let shown = app.get("/accounts/web/members/a").by("vic").await.expect(200).result();
        assert_eq!((&shown["user"]["first_name"], &shown["user"]["last_name"]), (&json!("Zoe"), &json!("Adams")));
        for bad in ["?order=name", "?status=active", "?direction=x"] {
            app.get(format!("/accounts/web/members{bad}")).by("vic").await.expect(400);
        }
        app.get("/accounts/web/members").by("bill").await.expect_error(403, 1300, "");
    });
}

#[test]
fn the_roles_of_an_account_are_listed_until_an_empty_page() {
    accounts().on_each_engine(async |app| {
        insta::assert_snapshot!("roles_of_an_account", app.get("/client/v4/accounts/web/roles?per_page=2").by("bill").await);
        let ids = app.get("/accounts/web/roles").by("bill").await.expect(200).ids();
        assert_eq!(ids, Role::BUILT_IN.map(Role::name));
        assert_eq!(app.get("/accounts/web/roles?page=2").by("bill").await.result(), json!([]));
        assert_eq!(app.get("/accounts/web/roles/viewer").by("bill").await.expect(200).text("name"), "viewer");
        app.get("/accounts/web/roles/king").by("bill").await.expect_error(404, 1200, "");
        app.get("/accounts/web/roles").by("ned").await.expect_error(404, 1200, "");
    });
}

#[test]
fn everybody_lists_their_own_memberships() {
    let invited = json!({"kind": "account_member", "id": "z", "account_id": "web", "user_id": "sol", "status": "pending"});
    accounts().line(invited).on_each_engine(async |app| {
        let list = async |query: &str| app.get(format!("/memberships{query}")).by("sol").await.expect(200);
        let ids = async |query: &str| list(query).await.ids();
        assert_eq!(ids("").await, ["alone-sol", "z"]);
        assert_eq!(ids("?direction=desc").await, ["z", "alone-sol"]);
        assert_eq!(ids("?order=account.name&direction=desc").await, ["z", "alone-sol"]);
        assert_eq!(ids("?order=status").await, ["alone-sol", "z"]);
        assert_eq!(ids("?account.name=WEB").await, ["z"]);
        assert_eq!(ids("?name=alone").await, ["alone-sol"]);
        assert_eq!(ids("?status=pending").await, ["z"]);
        assert_eq!(ids("?page=2").await, [""; 0]);
        let info = json!({"page": 1, "per_page": 20, "count": 2, "total_count": 2, "total_pages": 1});
        assert_eq!(list("").await.json()["result_info"], info);
        let shown: Value = app.get("/memberships/z").by("sol").await.expect(200).result();
        assert_eq!((&shown["account"]["name"], &shown["status"]), (&json!("web"), &json!("pending")));
        for bad in ["?order=name", "?status=active", "?account.name=a&name=b"] {
            app.get(format!("/memberships{bad}")).by("sol").await.expect(400);
        }
    });
}

#[test]
fn a_dry_run_says_what_other_roles_would_do_and_changes_nothing() {
    accounts().member("eu", "vic", Role::Billing).account_member("web", "vic", Role::Viewer).on_each_engine(async |app| {
        let path = "/accounts/web/members/web-vic";
        let before = app.rows("account_members").await;
        let body = || json!({"roles": [{"id": "billing"}, {"id": "auditor"}]});
        let answer = app.put(format!("{path}?dry_run=true"), body()).by("ann").await.expect(200);
        let effect = &answer.result()["effect"];
        assert_eq!((&effect["organizations"], &effect["accounts"]), (&json!(0), &json!(1)));
        let held = |role: &str| json!({"user_id": "vic", "email": "vic@example.com", "role": role, "account_id": "web"});
        assert_eq!(effect["gains"], json!([held("auditor")]), "billing is held above already");
        assert_eq!(effect["loses"], json!([]), "and so is viewer");
        assert_eq!(effect["blockers"], json!([]));
        app.put("/umbel/v1/organizations/eu/flags", json!({"member_management": "disabled"})).by("olga").await.expect(200);
        let blocked = app.put(format!("{path}?dry_run=true"), body()).by("ann").await.expect(200);
        assert_eq!(blocked.result()["effect"]["blockers"][0]["code"], 1301);
        app.put(format!("{path}?dry_run=true"), body()).by("vic").await.expect(403);
        app.put(format!("{path}?dry_run=perhaps"), body()).by("ann").await.expect_error(400, 1101, "/query/dry_run");
        assert_eq!(app.rows("account_members").await, before);
    });
}

#[test]
fn a_bound_token_reaches_only_memberships_of_accounts_inside_its_bounds() {
    let world = accounts().account("acme/us/@shop").account_member("shop", "sol", Role::Viewer);
    let world = world.account_member("web", "sol", Role::Viewer).organization("gone");
    let world = world.token("in_eu", "sol", Some("eu"), None).token("nowhere", "sol", Some("gone"), None);
    world.on_each_engine(async |app| {
        let all = app.get("/memberships").by("sol").await.expect(200).ids();
        assert_eq!(all, ["alone-sol", "shop-sol", "web-sol"]);
        assert_eq!(app.get("/memberships").by_token("in_eu").await.expect(200).ids(), ["web-sol"]);
        app.get("/memberships/web-sol").by_token("in_eu").await.expect(200);
        app.get("/memberships/shop-sol").by_token("in_eu").await.expect_error(404, 1200, "");
        app.get("/memberships/alone-sol").by_token("in_eu").await.expect_error(404, 1200, "");
        app.delete("/organizations/gone").by("olga").await.expect(200);
        assert_eq!(app.get("/memberships").by_token("nowhere").await.expect(200).ids(), [""; 0]);
    });
}

#[test]
fn who_is_no_member_yet_or_any_more_learns_of_an_account_only_what_it_is_called() {
    let settings = json!({"abuse_contact_email": "abuse@example.com"});
    let line = json!({"kind": "account", "id": "web", "organization_id": "eu", "name": "Web", "settings": settings});
    World::company().user("sol").line(line).on_each_engine(async |app| {
        let id = invite(app, "web", "sol@example.com", &["viewer"]).by("ann").await.expect(200).text("id");
        let account = async || app.get(format!("/memberships/{id}")).by("sol").await.expect(200).result()["account"].clone();
        let hidden = account().await;
        assert_eq!((&hidden["name"], &hidden["settings"]["abuse_contact_email"]), (&json!("Web"), &json!(null)));
        assert_eq!(hidden["managed_by"], json!(null));
        answer(app, &id, "accepted").by("sol").await.expect(200);
        assert_eq!(account().await["settings"]["abuse_contact_email"], "abuse@example.com");
        assert_eq!(account().await["managed_by"]["parent_org_id"], "eu");
    });
}

#[test]
fn a_flag_that_forbids_new_members_forbids_accepting_too_and_not_rejecting() {
    accounts().user("pat").on_each_engine(async |app| {
        let pat = invite(app, "web", "pat@example.com", &["viewer"]).by("ann").await.expect(200).text("id");
        app.put("/umbel/v1/organizations/eu/flags", json!({"member_management": "disabled"})).by("olga").await.expect(200);
        answer(app, &pat, "accepted").by("pat").await.expect_error(403, 1301, "");
        answer(app, &pat, "rejected").by("pat").await.expect(200);
    });
}

#[test]
fn a_dry_run_tells_nothing_of_roles_above_that_the_caller_may_not_see() {
    let world = accounts().user("pat").account_member("web", "sol", Role::SuperAdministrator);
    world.account_member("web", "bill", Role::Viewer).on_each_engine(async |app| {
        let path = "/accounts/web/members/web-bill?dry_run=true";
        let effect = async |user: &str| {
            let answer = app.put(path, json!({"roles": [{"id": "billing"}]})).by(user).await.expect(200);
            answer.result()["effect"].clone()
        };
        let (seen, unseen) = (effect("ann").await, effect("sol").await);
        assert_eq!((&seen["gains"], &seen["complete"]), (&json!([]), &json!(true)), "bill holds it in acme");
        assert_eq!((&unseen["gains"][0]["role"], &unseen["complete"]), (&json!("billing"), &json!(false)));
    });
}

#[test]
fn names_that_are_not_shown_are_not_told_by_the_order() {
    let world = accounts().user_with("zed", &json!({"name": "Aaron Aardvark"})).user_with("amy", &json!({"name": "Zoe Zorn"}));
    world.account_member("alone", "zed", Role::Viewer).account_member("alone", "amy", Role::Viewer).on_each_engine(async |app| {
        let by = async |order: &str| app.get(format!("/accounts/alone/members?order={order}")).by("sol").await.expect(200).ids();
        assert_eq!(by("user.last_name").await, by("user.first_name").await);
        let unknown: Vec<_> = by("user.last_name").await.into_iter().filter(|id| id != "alone-sol").collect();
        assert_eq!(unknown, ["alone-amy", "alone-zed"], "in the order of their ids");
    });
}
