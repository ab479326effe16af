//! What the verbs ask and how they show the answer, where a stub gives it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::process::{said, umbel};
use crate::stub::{Answer, Stub, good};

/// What a verb prints when the server answers so, after what it asked.
fn session(line: &str, answers: impl IntoIterator<Item = Answer>) -> String {
    let stub = Stub::start(answers);
    let args: Vec<_> = line.split(' ').collect();
    let output = umbel(&args).env("UMBEL_URL", &stub.url).env("UMBEL_TOKEN", "token").output().unwrap();
    let asked = stub.lines().into_iter().map(|line| "> ".to_owned() + &line + "\n").collect::<String>();
    let (out, err) = (said(&output.stdout), said(&output.stderr));
    format!("$ umbel {line}\n{asked}{out}{err}[exit status {}]\n\n", output.status.code().unwrap())
}

/// One good answer without pages.
fn one(result: &Value) -> [Answer; 1] {
    [good(result, &json!(null))]
}

#[test]
fn roles_are_listed_defined_changed_and_deleted() {
    let helpdesk = json!({"id": "r1", "name": "helpdesk", "description": "Resets\u{1b}[2J", "built_in": false,
                          "actions": ["read_organization", "read_members"]});
    let viewer = json!({"id": "viewer", "name": "viewer", "description": "Sees", "built_in": true,
                        "actions": ["read_organization"]});
    let sessions = [
        session("role list --organization acme", one(&json!([viewer, helpdesk]))),
        session("role list --organization acme --json", one(&json!([viewer, helpdesk]))),
        session("role get r1 --organization acme", one(&helpdesk)),
        session("role create helpdesk --organization acme --action read_organization,read_members", one(&helpdesk)),
        session("role update r1 --organization acme --name helpdesk --action read_members", one(&helpdesk)),
        session("role update r1 --organization acme", []),
        session("role delete r1 --organization acme", one(&json!({"id": "r1"}))),
    ];
    assert_snapshot!("roles", sessions.concat());
}

#[test]
fn access_is_shown_with_the_way_that_it_comes() {
    let ann = json!({"user": {"id": "u1", "email": "ann@example.com"}, "operator": false,
        "actions": ["read_organization", "read_members"], "withheld": ["manage_members"],
        "grants": [
            {"role": "administrator", "role_name": "administrator", "organization": {"id": "root", "name": "Acme"},
             "member_id": "m1", "path": ["root", "europe", "lisbon"], "actions": ["read_organization"]},
            {"role": "r1", "role_name": "helpdesk", "organization": {"id": "lisbon", "name": "Lisbon"},
             "member_id": "m2", "path": ["lisbon"], "actions": ["read_members"]}]});
    let olga = json!({"user": {"id": "u2", "email": "olga@example.com"}, "operator": true, "actions": [], "withheld": [],
        "grants": []});
    let bob = json!({"user": {"id": "u3", "email": "bob@example.com"}, "operator": false, "actions": ["read_account"], "withheld": [],
        "grants": [{"role": "viewer", "role_name": "viewer", "account": {"id": "shop", "name": "Shop"},
                    "member_id": "m3", "path": ["shop"], "actions": ["read_account"]}]});
    let pages = [good(&json!([ann]), &json!({"next_page_token": "t"})), good(&json!([olga]), &json!({}))];
    let sessions = [
        session("org access lisbon", pages),
        session("org access lisbon --user me --json", one(&json!([ann]))),
        session("account access shop --user bob@example.com", one(&json!([bob]))),
        session("account access shop", one(&json!([]))),
    ];
    assert_snapshot!("access", sessions.concat());
}

#[test]
fn invitations_are_listed_sent_again_revoked_and_answered() {
    let invitation = json!({"id": "i1", "organization_id": "acme", "member_id": "m1", "email": "ann@example.com", "role": "viewer",
        "create_time": "2026-01-02T03:04:05Z", "expires_on": "2026-01-09T03:04:05Z", "expired": true, "delivery": "link",
        "invited_by": {"id": "u1", "email": "olga@example.com"}});
    let mut resent = invitation.clone();
    (resent["link"], resent["token"]) = (json!("http://127.0.0.1:8787/invitation#umi_1"), json!("umi_1"));
    let member = json!({"id": "m1", "create_time": "2026-01-02T03:04:05Z", "update_time": "2026-01-02T03:04:05Z", "meta": {},
        "role": "viewer", "status": "active",
        "user": {"id": "u1", "email": "ann@example.com", "name": "", "two_factor_authentication_enabled": false}});
    let mut invited = member.clone();
    invited["status"] = json!("pending");
    invited["invitation"] = json!({"id": "i1", "link": "http://127.0.0.1:8787/invitation#umi_1", "token": "umi_1",
        "expires_on": "2026-01-09T03:04:05Z"});
    let sessions = [
        session("member add ann@example.com --organization acme --role viewer", one(&invited)),
        session("invitation list --organization acme", one(&json!([invitation]))),
        session("invitation resend i1 --organization acme", one(&resent)),
        session("invitation revoke i1 --organization acme", one(&json!({"id": "i1"}))),
        session("invitation accept umi_1", one(&member)),
        session("invitation reject umi_1 --json", one(&member)),
    ];
    assert_snapshot!("invitations", sessions.concat());
}

#[test]
fn what_answers_and_is_not_umbel_is_told_apart() {
    let sessions = [
        session("org get acme", [Answer::Said(404, "", "<html>nginx</html>".into())]),
        session("org get acme", [Answer::Said(200, "", "<html>welcome</html>".into())]),
    ];
    let text = sessions.concat();
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with("umbel: ")).collect();
    assert!(lines[0].contains(" answered 404 and nothing that Umbel says; check UMBEL_URL or --url"), "{text}");
    assert!(
        lines[1].starts_with("umbel: the answer is not understood: expected value at line 1 column 1; check that "),
        "{text}"
    );
}
