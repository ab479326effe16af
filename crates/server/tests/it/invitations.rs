//! Invitations to organizations: who gets one, how it is answered, and who may send it again or take it back.

use serde_json::{Value, json};
use umbel_domain::Role;
use umbel_domain::secret::Secret;

use crate::harness::call::{Answer, Call};
use crate::harness::mail_server::public_url;
use crate::harness::world::{World, invitation_of};
use crate::harness::{Story, TestApp};

const WEEK_SECONDS: i64 = 7 * 24 * 60 * 60;

/// The company, where who is added is invited, and the inviter hands the link over.
pub(crate) fn inviting() -> World {
    World::company().settings(|settings| {
        settings.invitations = true;
        settings.public_url = Some(public_url());
    })
}

pub(crate) fn add(app: &TestApp, organization: &str, email: &str, role: Role) -> Call {
    app.post(format!("/umbel/v1/organizations/{organization}/members"), json!({"email": email, "role": role.name()}))
}

/// Invites `ned` to Europe as a viewer; answers the id of the invitation and its secret.
async fn invite_ned(app: &TestApp) -> (String, String) {
    let added = add(app, "eu", "ned@example.com", Role::Viewer).by("adam").await.expect(200).result();
    let text = |name: &str| added["invitation"][name].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

pub(crate) fn accept(app: &TestApp, token: &str) -> Call {
    app.post("/umbel/v1/invitations/accept", json!({"token": token}))
}

fn reject(app: &TestApp, token: &str) -> Call {
    app.post("/umbel/v1/invitations/reject", json!({"token": token}))
}

fn one(organization: &str, invitation: &str) -> String {
    format!("/umbel/v1/organizations/{organization}/invitations/{invitation}")
}

pub(crate) fn resend(app: &TestApp, organization: &str, invitation: &str) -> Call {
    app.post(format!("{}/resend", one(organization, invitation)), "")
}

pub(crate) async fn open(app: &TestApp, organization: &str) -> Vec<Value> {
    let listed = app.get(format!("/umbel/v1/organizations/{organization}/invitations?page_size=1000")).by("olga").await;
    listed.expect(200).result().as_array().unwrap().clone()
}

/// The statuses of the members of an organization.
async fn statuses(app: &TestApp, organization: &str) -> Vec<String> {
    let listed = app.get(format!("/organizations/{organization}/members")).by("olga").await.expect(200).result();
    listed.as_array().unwrap().iter().map(|member| member["status"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_invitation_is_handed_over_sent_again_and_accepted() {
    inviting().on_each_engine(async |app| {
        let mut story = Story::default();
        let added = story.tell(add(app, "eu", "ned@example.com", Role::Billing).by("adam").await);
        let (id, old) = (added.result()["invitation"]["id"].take(), added.result()["invitation"]["token"].take());
        let (id, old) = (id.as_str().unwrap().to_owned(), old.as_str().unwrap().to_owned());
        story.tell(app.get(one("eu", &id)).by("vic").await);
        story.tell(app.get("/umbel/v1/organizations/eu/invitations").by("vic").await);
        app.sources.advance_seconds(60);
        let new = story.tell(resend(app, "eu", &id).by("ann").await).text("token");
        story.tell(accept(app, &old).by("ned").await);
        story.tell(accept(app, &new).by("ned").await);
        story.tell(accept(app, &new).by("ned").await);
        story.tell(app.get("/umbel/v1/organizations/eu/invitations").by("vic").await);
        app.get("/organizations/shop").by("ned").await.expect(200);
        insta::assert_snapshot!("life_of_an_invitation", story);
    });
}

#[test]
fn who_is_added_is_pending_by_every_way_in_whatever_status_says() {
    inviting().on_each_engine(async |app| {
        let member = |email: &str, status: &str| json!({"user": {"email": email}, "status": status});
        let wrapped = json!({"member": member("a@example.com", "active")});
        let one = app.post("/organizations/us/members", wrapped).by("ann").await.expect(200).result();
        assert!(one["invitation"]["token"].as_str().unwrap().starts_with("umi_"), "{one}");
        assert_eq!(one["role"], Value::Null);
        let batch = json!({"members": [member("b@example.com", "active"), member("c@example.com", "canceled")]});
        let added = app.post("/organizations/us/members:batchCreate", batch).by("ann").await.expect(200).result();
        let tokens: Vec<_> = added.as_array().unwrap().iter().map(|member| member["invitation"]["token"].clone()).collect();
        assert!(tokens[0].is_string() && tokens[1].is_string() && tokens[0] != tokens[1], "{added}");
        let own = json!({"email": "d@example.com", "role": "viewer", "status": "canceled"});
        app.post("/umbel/v1/organizations/us/members", own).by("adam").await.expect(200);
        assert_eq!(statuses(app, "us").await, ["pending"; 4]);
        let open = open(app, "us").await;
        let shown: Vec<_> = open.iter().map(|open| (open["email"].as_str().unwrap(), open["role"].as_str().unwrap())).collect();
        let all = "super_administrator";
        let expected = [("a@example.com", all), ("b@example.com", all), ("c@example.com", all), ("d@example.com", "viewer")];
        assert_eq!(shown, expected);
    });
}

#[test]
fn an_operator_decides_by_status_and_invites_nobody() {
    inviting().on_each_engine(async |app| {
        let add = async |email: &str, status: Value| {
            let mut body = json!({"email": email, "role": "viewer"});
            body.as_object_mut().unwrap().extend(status.as_object().unwrap().clone());
            app.post("/umbel/v1/organizations/us/members", body).by("olga").await.expect(200).result()
        };
        for member in [add("a", json!({})).await, add("b", json!({"status": "active"})).await] {
            assert_eq!((&member["status"], &member["invitation"]), (&json!("active"), &Value::Null));
        }
        assert_eq!(add("c", json!({"status": "canceled"})).await["status"], "canceled");
        assert_eq!(app.rows("invitations").await.len(), 0);
    });
}

#[test]
fn without_the_setting_nobody_is_invited_but_open_invitations_are_answered() {
    World::company().invitation("us", "ned", Role::Viewer).on_each_engine(async |app| {
        let added = add(app, "eu", "ned@example.com", Role::Viewer).by("adam").await.expect(200).result();
        assert_eq!((&added["status"], &added["invitation"]), (&json!("active"), &Value::Null));
        accept(app, invitation_of("us", "ned").reveal()).by("ned").await.expect(200);
        assert_eq!(app.rows("invitations").await.len(), 0);
    });
}

#[test]
fn without_a_public_url_there_is_a_secret_and_no_link() {
    inviting().settings(|settings| settings.public_url = None).on_each_engine(async |app| {
        let member = add(app, "eu", "ned@example.com", Role::Viewer).by("adam").header("host", "evil.example").await;
        let invitation = member.expect(200).result()["invitation"].take();
        assert_eq!(invitation["link"], Value::Null);
        accept(app, invitation["token"].as_str().unwrap()).by("ned").await.expect(200);
    });
}

#[test]
fn a_pending_member_has_no_right() {
    inviting().account("acme/eu/@web").on_each_engine(async |app| {
        let (id, token) = invite_ned(app).await;
        for path in ["/organizations/eu", "/organizations/shop", "/accounts/web", "/umbel/v1/organizations/eu/invitations"] {
            app.get(path).by("ned").await.expect(404);
        }
        app.get(one("eu", &id)).by("ned").await.expect(404);
        resend(app, "eu", &id).by("ned").await.expect(404);
        app.delete(one("eu", &id)).by("ned").await.expect(404);
        app.post("/umbel/v1/organizations/eu/leave", "").by("ned").await.expect(404);
        assert_eq!(app.get("/organizations").by("ned").await.expect(200).ids().len(), 0);
        // The secret is no credential.
        app.get("/user").bearer(&token).await.expect(401);
        accept(app, &token).by("ned").await.expect(200);
        app.get("/organizations/shop").by("ned").await.expect(200);
    });
}

#[test]
fn of_twenty_answers_at_once_one_counts() {
    inviting().on_each_engine(async |app| {
        let (_, token) = invite_ned(app).await;
        let answers: Vec<_> = (0..20)
            .map(|n| if n % 2 == 0 { accept(app, &token) } else { reject(app, &token) })
            .map(|call| tokio::spawn(call.by("ned").into_future()))
            .collect();
        let mut counted = 0;
        for answer in answers {
            let answer = answer.await.unwrap();
            if answer.status == 200 { counted += 1 } else { _ = answer.expect_error(404, 1200, "/token") }
        }
        assert_eq!(counted, 1);
    });
}

#[test]
fn unknown_used_foreign_revoked_and_replaced_links_look_the_same() {
    let world = inviting().invitation("us", "ned", Role::Viewer).invitation("acme", "ned", Role::Viewer);
    world.invitation("shop", "ned", Role::Viewer).invitation("globex", "ned", Role::Viewer).on_each_engine(async |app| {
        let (replaced, used, revoked, removed, open) = ("us", "acme", "shop", "globex", "eu");
        let (_, open_token) = invite_ned(app).await;
        resend(app, replaced, "i-us-ned").by("ann").await.expect(200);
        reject(app, invitation_of(used, "ned").reveal()).by("ned").await.expect(200);
        app.delete(one(revoked, "i-shop-ned")).by("ann").await.expect(200);
        app.delete(format!("/organizations/{removed}/members/globex-ned")).by("gus").await.expect(204);
        for answer in ["accept", "reject"] {
            let answer = async |token: &str, user: &str| {
                app.post(format!("/umbel/v1/invitations/{answer}"), json!({"token": token})).by(user).await
            };
            let forged = answer(Secret::new_invitation([9; 32]).reveal(), "ned").await.expect_error(404, 1200, "/token");
            for dead in [replaced, used, revoked, removed] {
                let said = answer(invitation_of(dead, "ned").reveal(), "ned").await;
                assert_eq!(said.indistinct(), forged.indistinct(), "{dead}");
            }
            for stranger in ["gus", "adam", "vic", "olga"] {
                assert_eq!(answer(&open_token, stranger).await.indistinct(), forged.indistinct(), "{stranger}");
            }
        }
        // Nobody wrote down what strangers tried, nor was anything used up by it.
        accept(app, &open_token).by("ned").await.expect(200);
        let log = app.final_audit_log().await;
        assert!(log.iter().all(|row| row["action_result"] == "success"), "{log:?}");
        assert_eq!(statuses(app, open).await, ["active"]);
    });
}

#[test]
fn a_link_that_was_cut_off_or_mistyped_is_named_before_the_database_is_asked() {
    inviting().on_each_engine(async |app| {
        let (_, token) = invite_ned(app).await;
        let other = if token.ends_with('0') { '1' } else { '0' };
        let changed = format!("{}{other}", &token[..token.len() - 1]);
        let link = format!("https://umbel.example.com/console/invitations#{token}");
        let api_token = Secret::new_token([1; 32]);
        for wrong in ["", &token[..50], &changed, &link, &token.replace("umi_", "umb_"), api_token.reveal(), &format!("{token} ")]
        {
            accept(app, wrong).by("ned").await.expect_error(400, 1100, "/token");
            reject(app, wrong).by("ned").await.expect_error(400, 1100, "/token");
        }
        app.post("/umbel/v1/invitations/accept", json!({})).by("ned").await.expect_error(400, 1100, "/token");
        accept(app, &token).by("ned").await.expect(200);
    });
}

#[test]
fn an_expired_link_says_so_to_the_invited_user_alone_and_may_be_sent_again() {
    inviting().settings(|settings| settings.invitation_days = 1).on_each_engine(async |app| {
        let (id, token) = invite_ned(app).await;
        app.sources.advance_seconds(WEEK_SECONDS / 7 - 1);
        assert_eq!(open(app, "eu").await[0]["expired"], false);
        app.sources.advance_seconds(1);
        assert_eq!(open(app, "eu").await[0]["expired"], true);
        accept(app, &token).by("ned").await.expect_error(409, 1410, "/token");
        reject(app, &token).by("ned").await.expect_error(409, 1410, "/token");
        accept(app, &token).by("gus").await.expect_error(404, 1200, "/token");
        let new = resend(app, "eu", &id).by("adam").await.expect(200);
        assert_eq!((new.text("id"), &new.result()["expired"]), (id, &json!(false)));
        accept(app, &token).by("ned").await.expect_error(404, 1200, "/token");
        accept(app, &new.text("token")).by("ned").await.expect(200);
        // The organization's own log says that it was tried too late.
        let failures = app.final_audit_log().await.into_iter().filter(|row| row["action_result"] == "failure");
        let failures: Vec<_> = failures.map(|row| (row["organization_id"].clone(), row["resource_type"].clone())).collect();
        assert_eq!(failures, vec![(json!("eu"), json!("organization_member")); 2]);
    });
}

#[test]
fn only_a_credential_that_is_bound_to_no_organization_answers() {
    let world = inviting().token("in-eu", "ned", Some("eu"), None).token("as-viewer", "ned", None, Some(Role::Viewer));
    world.on_each_engine(async |app| {
        let (_, token) = invite_ned(app).await;
        accept(app, &token).await.expect(401);
        accept(app, &token).by_token("in-eu").await.expect_error(403, 1300, "");
        reject(app, &token).by_token("in-eu").await.expect_error(403, 1300, "");
        let as_viewer = accept(app, &token).by_token("as-viewer").await.status;
        assert_eq!(as_viewer, if Role::Viewer.allows(umbel_domain::Action::ManageOwnMemberships) { 200 } else { 403 });
    });
}

#[test]
fn who_rejects_is_no_member_and_may_be_invited_again_after_removal() {
    inviting().on_each_engine(async |app| {
        let (_, token) = invite_ned(app).await;
        let rejected = reject(app, &token).by("ned").await.expect(200);
        assert_eq!(rejected.text("status"), "rejected");
        accept(app, &token).by("ned").await.expect_error(404, 1200, "/token");
        assert_eq!((open(app, "eu").await.len(), statuses(app, "eu").await), (0, vec!["rejected".to_owned()]));
        app.get("/organizations/eu").by("ned").await.expect(404);
        add(app, "eu", "ned@example.com", Role::Viewer).by("adam").await.expect_error(409, 1402, "");
        app.delete(format!("/organizations/eu/members/{}", rejected.text("id"))).by("adam").await.expect(204);
        let (_, token) = invite_ned(app).await;
        accept(app, &token).by("ned").await.expect(200);
    });
}

#[test]
fn nobody_sends_again_or_revokes_an_invitation_to_a_role_wider_than_they_hold() {
    let world = inviting().invitation("eu", "ned", Role::SuperAdministrator).invitation("eu", "gus", Role::Administrator);
    world.on_each_engine(async |app| {
        let refused = async |organization: &str, id: &str, user: &str, status: u16, code: u64| {
            resend(app, organization, id).by(user).await.expect_error(status, code, "");
            app.delete(one(organization, id)).by(user).await.expect_error(status, code, "");
        };
        refused("eu", "i-eu-ned", "adam", 403, 1302).await;
        for user in ["bill", "aud", "vic"] {
            refused("eu", "i-eu-ned", user, 403, 1300).await;
        }
        for (organization, user) in [("acme", "ann"), ("us", "ann"), ("globex", "gus")] {
            refused(organization, "i-eu-ned", user, 404, 1200).await;
        }
        let flags = json!({"member_management": "disabled"});
        app.put("/umbel/v1/organizations/eu/flags", flags).by("olga").await.expect(200);
        refused("eu", "i-eu-ned", "ann", 403, 1301).await;
        assert_eq!(app.rows("invitations").await.len(), 2);
        resend(app, "eu", "i-eu-ned").by("olga").await.expect(200);
        app.delete(one("eu", "i-eu-ned")).by("olga").await.expect(200);
        app.put("/umbel/v1/organizations/eu/flags", json!({"member_management": "enabled"})).by("olga").await.expect(200);
        resend(app, "eu", "i-eu-gus").by("adam").await.expect(200);
        app.delete(one("eu", "i-eu-gus")).by("adam").await.expect(200);
        assert_eq!((open(app, "eu").await.len(), statuses(app, "eu").await.len()), (0, 0));
        app.get(one("eu", "i-eu-gus")).by("ann").await.expect_error(404, 1200, "");
        app.get("/umbel/v1/organizations/eu/invitations").by("bill").await.expect_error(403, 1300, "");
    });
}

#[test]
fn an_invitation_goes_with_its_membership_its_user_and_its_organization() {
    let world = inviting().user("una").invitation("acme", "ned", Role::Viewer).invitation("eu", "una", Role::Viewer);
    let world = world.invitation("us", "una", Role::Viewer).invitation("shop", "olga", Role::Viewer);
    world.invitation("eu", "olga", Role::Viewer).on_each_engine(async |app| {
        let left = async || app.rows("invitations").await.len();
        app.delete("/umbel/v1/organizations/acme/members/acme-ned").by("ann").await.expect(204);
        assert_eq!(left().await, 4);
        app.delete("/umbel/v1/users/una").by("olga").await.expect(200);
        assert_eq!(left().await, 2);
        // A pending member of somebody else is in the way; one's own is not.
        app.delete("/organizations/shop").by("ann").await.expect(409);
        app.delete("/organizations/shop").by("olga").await.expect(200);
        assert_eq!(left().await, 1);
        // Whoever makes a root without a super administrator becomes it, invited or not.
        app.post("/umbel/v1/organizations/eu/move", json!({"parent_id": null})).by("olga").await.expect(200);
        assert_eq!((left().await, statuses(app, "eu").await), (0, vec!["active".to_owned()]));
        accept(app, invitation_of("eu", "olga").reveal()).by("olga").await.expect_error(404, 1200, "/token");
    });
}

#[test]
fn another_role_is_the_one_that_the_invitation_gives() {
    inviting().on_each_engine(async |app| {
        let (id, token) = invite_ned(app).await;
        let member = app.get(one("eu", &id)).by("ann").await.expect(200).text("member_id");
        let role = json!({"role": "super_administrator"});
        app.patch(format!("/umbel/v1/organizations/eu/members/{member}"), role).by("ann").await.expect(200);
        assert_eq!(open(app, "eu").await[0]["role"], "super_administrator");
        resend(app, "eu", &id).by("adam").await.expect_error(403, 1302, "");
        assert_eq!(accept(app, &token).by("ned").await.expect(200).text("role"), "super_administrator");
    });
}

#[test]
fn the_flag_of_members_forbids_to_invite_and_to_accept_but_not_to_reject() {
    inviting().invitation("eu", "gus", Role::Viewer).on_each_engine(async |app| {
        let (_, token) = invite_ned(app).await;
        let flags = |switch: &str| app.put("/umbel/v1/organizations/eu/flags", json!({"member_management": switch})).by("olga");
        flags("disabled").await.expect(200);
        add(app, "eu", "x@example.com", Role::Viewer).by("ann").await.expect_error(403, 1301, "");
        accept(app, &token).by("ned").await.expect_error(403, 1301, "");
        reject(app, invitation_of("eu", "gus").reveal()).by("gus").await.expect(200);
        flags("enabled").await.expect(200);
        accept(app, &token).by("ned").await.expect(200);
    });
}

#[test]
fn pending_members_count_and_who_answers_is_known() {
    let world = inviting().settings(|settings| settings.members_max = 1);
    world.user_with("nina", &json!({"name": "Nina Noble"})).on_each_engine(async |app| {
        let added = add(app, "eu", "nina@example.com", Role::Viewer).by("adam").await.expect(200).result();
        assert_eq!((&added["status"], &added["user"]["name"]), (&json!("pending"), &json!("")));
        add(app, "eu", "more@example.com", Role::Viewer).by("adam").await.expect_error(409, 1401, "");
        accept(app, added["invitation"]["token"].as_str().unwrap()).by("nina").await.expect(200);
        let shown = app.get(format!("/organizations/eu/members/{}", added["id"].as_str().unwrap())).by("adam").await;
        assert_eq!(shown.expect(200).result()["user"]["name"], "Nina Noble");
    });
}

#[test]
fn a_secret_is_shown_once_and_the_entity_tag_is_that_of_the_member() {
    inviting().on_each_engine(async |app| {
        let add = || add(app, "eu", "ned@example.com", Role::Viewer).by("adam").idempotency_key("k");
        let added = add().await.expect(200);
        let path = format!("/umbel/v1/organizations/eu/members/{}", added.text("id"));
        assert_eq!(added.header("etag"), app.get(&path).by("adam").await.header("etag"));
        let without = |answer: &Answer| {
            let mut result = answer.result();
            let invitation = result.as_object_mut().unwrap().remove("invitation");
            (result, invitation.is_some())
        };
        let again = add().await.expect(200);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!((without(&added), without(&again)), ((again.result(), true), (again.result(), false)));
        let id = added.result()["invitation"]["id"].as_str().unwrap().to_owned();
        let resend = || resend(app, "eu", &id).by("adam").idempotency_key("k");
        let (sent, replayed) = (resend().await.expect(200), resend().await.expect(200));
        assert!(sent.result()["token"].is_string() && replayed.result()["token"].is_null());
        assert_eq!(sent.header("etag"), app.get(one("eu", &id)).by("adam").await.header("etag"));
        // Answering twice under one key is one answer.
        let accept = || accept(app, sent.result()["token"].as_str().unwrap()).by("ned").idempotency_key("k");
        let (accepted, replayed) = (accept().await.expect(200), accept().await.expect(200));
        assert_eq!((accepted.body, replayed.header("idempotency-replayed")), (replayed.body.clone(), Some("true")));
    });
}

#[test]
fn invitations_are_listed_in_pages() {
    let names: Vec<String> = (0..5).map(|n| format!("m{n}")).collect();
    let world = names.iter().fold(inviting(), |world, name| world.user(name).invitation("us", name, Role::Viewer));
    world.invitation("eu", "ned", Role::Viewer).on_each_engine(async |app| {
        let (mut walked, mut token) = (Vec::new(), String::new());
        loop {
            let path = format!("/umbel/v1/organizations/us/invitations?page_size=2&page_token={token}");
            let page = app.get(path).by("vic").await.expect(200);
            walked.extend(page.ids());
            let info = page.json()["result_info"].take();
            assert_eq!(info["total_size"], 5);
            let Some(next) = info["next_page_token"].as_str() else { break };
            next.clone_into(&mut token);
        }
        assert_eq!(walked, (0..5).map(|n| format!("i-us-m{n}")).collect::<Vec<_>>());
        let elsewhere = format!("/umbel/v1/organizations/eu/invitations?page_token={token}");
        app.get(elsewhere).by("vic").await.expect_error(400, 1103, "/query/page_token");
        app.get("/umbel/v1/organizations/us/invitations?page_size=-1").by("vic").await.expect(400);
    });
}

#[test]
fn an_invitation_outlives_the_user_who_made_it() {
    inviting().user("sue").member("acme", "sue", Role::SuperAdministrator).on_each_engine(async |app| {
        let added = add(app, "eu", "ned@example.com", Role::Viewer).by("sue").await.expect(200).result();
        app.delete("/umbel/v1/users/sue").by("olga").await.expect(200);
        assert_eq!(open(app, "eu").await[0]["invited_by"], json!({"id": "sue", "email": null}));
        accept(app, added["invitation"]["token"].as_str().unwrap()).by("ned").await.expect(200);
    });
}
