//! The verbs that ask a server, as people run them: against a real one, with what they print as snapshots.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::import_export::{COMPANY, import};
use crate::process::{Server, on_each_engine, said, succeed, umbel};

pub(crate) const ADA: &str = "token-of-ada-with-32-characters-or-more";
const TOMAS: &str = "token-of-tomas-with-32-characters-or-more";
pub(crate) const ACME: &str = "0194cb09ba807a48afe88e0698c38e92";
pub(crate) const EUROPE: &str = "0194cb152c3071ea8bdfa2f14d2d1a4d";
const AMERICAS: &str = "0194cb169f4873fcb799d1180536e3ee";
const TORONTO: &str = "0197c12337007aeaa9a422700bfe4261";
pub(crate) const LISBON_SHOP: &str = "0194ef5f7c807d8e91b7584a2265b1f5";

/// A server with the company of the demo, Ada as the super administrator of it all, and Tomás as that of Europe.
pub(crate) fn company(database: &str) -> Server {
    company_with(database, &[])
}

/// The same with more settings.
fn company_with(database: &str, settings: &[&str]) -> Server {
    succeed(&["import", "--database", database, COMPANY]);
    let token = |id: &str, user: &str, token: &str| {
        json!({"kind": "api_token", "id": id, "name": "laptop", "user_id": user, "token": token,
               "create_time": "2026-01-01T00:00:00Z"})
    };
    let (ada, tomas) = ("0194cb0526a07b0ca6029660a0f38fde", "0194cb1c0a007f238c3037b57c2f6558");
    let tokens = format!("{}\n{}\n", token("token-of-ada", ada, ADA), token("token-of-tomas", tomas, TOMAS));
    assert_eq!(import(database, &tokens), (true, String::new()));
    Server::start_with(database, settings)
}

/// Exit status, standard output and standard error of a verb.
pub(crate) fn run(server: &Server, token: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let output = umbel(args).env("UMBEL_URL", &server.url).env("UMBEL_TOKEN", token).output().unwrap();
    (output.status.code(), said(&output.stdout), said(&output.stderr))
}

/// What people see who type these lines, each a verb and its arguments.
fn session(server: &Server, token: &str, lines: &str) -> String {
    let typed = |line: &str| {
        let (status, out, err) = run(server, token, &line.split(' ').collect::<Vec<_>>());
        let failed = status.filter(|status| *status != 0).map(|status| format!("[exit status {status}]\n"));
        format!("$ umbel {line}\n{out}{err}{}\n", failed.unwrap_or_default())
    };
    let session: String = lines.lines().map(|line| typed(line.trim())).collect();
    session.replace(&server.url, "http://SERVER")
}

/// The result of a verb that goes well, as programs read it.
pub(crate) fn result(server: &Server, token: &str, args: &[&str]) -> Value {
    let (status, out, err) = run(server, token, &[args, &["--json"]].concat());
    assert_eq!((status, err.as_str()), (Some(0), ""), "{args:?}");
    assert_eq!(out.lines().count(), 1, "{out}");
    serde_json::from_str(&out).unwrap()
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn everything_there_is_can_be_looked_at() {
    on_each_engine(|database| {
        let server = company(database);
        let lines = format!(
            "org list --parent none
             org list --parent {ACME}
             org list --name-contains CAF
             org list --limit 2
             org get {ACME}
             org get 019970469d20727d8d3c7c7149dafc43
             account list --limit 3
             account list --organization 0194ef4d2d00793bbc23d710cfc9c11b
             account get 0194cb2531c07c21a29f6fbed82c07cd
             member list --organization {ACME}
             member list --account 0197c4fffc0071a58da4f9fc3c6da5d7"
        );
        assert_snapshot!("looking", session(&server, ADA, &lines));
    });
}

#[test]
fn the_tree_is_drawn_and_says_where_it_is_cut() {
    on_each_engine(|database| {
        let server = company(database);
        let lines = format!(
            "org tree
             org tree {EUROPE} --accounts
             org tree --depth 1
             org tree --limit 6
             org tree {ACME} --depth 0"
        );
        assert_snapshot!("tree", session(&server, ADA, &lines));
        // Who may not see the root sees what they may see.
        assert_snapshot!("tree_of_a_part", session(&server, TOMAS, "org tree --depth 1"));
        let tree = result(&server, ADA, &["org", "tree", EUROPE, "--accounts"]);
        assert_eq!(tree[0]["children"][0]["accounts"][0]["name"], "Lisbon roastery shop");
        assert_eq!((tree.as_array().unwrap().len(), &tree[0]["more"]), (1, &json!(false)));
    });
}

#[test]
fn a_dry_run_says_who_would_gain_and_lose_and_changes_nothing() {
    on_each_engine(|database| {
        let server = company(database);
        let lines = format!(
            "org move {TORONTO} --to {EUROPE} --dry-run
             org move {EUROPE} --to {EUROPE} --dry-run
             account move {LISBON_SHOP} --to {TORONTO} --dry-run
             member set-role tomas.ferreira@acme.example --organization {EUROPE} --role viewer --dry-run"
        );
        let before = succeed(&["export", "--database", database]);
        assert_snapshot!("dry_run", session(&server, ADA, &lines));
        let uses =
            |export: &str| export.lines().filter(|line| !line.contains("api_token")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(uses(&succeed(&["export", "--database", database])), uses(&before));
    });
}

#[test]
fn organizations_are_made_renamed_moved_and_deleted() {
    on_each_engine(|database| {
        let server = company(database);
        let labs = result(&server, ADA, &["org", "create", "Acme Labs", "--parent", EUROPE]);
        let id = text(&labs["id"]);
        assert_eq!((text(&labs["name"]), text(&labs["parent"]["id"])), ("Acme Labs", EUROPE));
        let renamed = result(&server, ADA, &["org", "rename", id, "Labs of Acme"]);
        assert_eq!((&renamed["id"], text(&renamed["name"])), (&labs["id"], "Labs of Acme"));
        let moved = result(&server, ADA, &["org", "move", id, "--to", AMERICAS]);
        assert_eq!(moved["organization"]["meta"]["hierarchy_tags"], json!([ACME, AMERICAS, id]));
        let root = result(&server, ADA, &["org", "move", id, "--root"]);
        assert_eq!(root["organization"]["parent"], Value::Null);
        assert_eq!(run(&server, ADA, &["org", "delete", id]), (Some(0), format!("{id} is deleted\n"), String::new()));
        assert_eq!(result(&server, ADA, &["org", "list", "--name-contains", "Labs"]), json!([]));
    });
}

#[test]
fn accounts_are_made_renamed_moved_and_deleted() {
    on_each_engine(|database| {
        let server = company(database);
        let shop = result(&server, ADA, &["account", "create", "Shop", "--organization", EUROPE]);
        let id = text(&shop["id"]);
        assert_eq!(text(&shop["managed_by"]["parent_org_id"]), EUROPE);
        assert_eq!(text(&result(&server, ADA, &["account", "rename", id, "Web shop"])["name"]), "Web shop");
        let moved = result(&server, ADA, &["account", "move", id, "--to", AMERICAS]);
        assert_eq!((text(&moved["source_organization_id"]), text(&moved["destination_organization_id"])), (EUROPE, AMERICAS));
        let (_, out, _) = run(&server, ADA, &["account", "move", id, LISBON_SHOP, "--to", AMERICAS]);
        assert!(out.starts_with(&format!("{id} is not moved: ")) && out.ends_with(&format!("{LISBON_SHOP} is moved\n")), "{out}");
        assert_eq!(result(&server, ADA, &["account", "delete", id]), json!({ "id": id }));
        let alone = result(&server, ADA, &["account", "create", "Alone", "--standalone"]);
        assert_eq!(alone["managed_by"], Value::Null);
    });
}

#[test]
fn members_of_an_organization_are_added_changed_and_removed_by_address_or_id() {
    on_each_engine(|database| {
        let server = company(database);
        let of = ["--organization", EUROPE];
        let run = |verb: &[&str]| result(&server, ADA, &[&["member"], verb, &of].concat());
        let added = run(&["add", "ann@example.com", "--role", "viewer"]);
        assert_eq!((text(&added["user"]["email"]), text(&added["role"])), ("ann@example.com", "viewer"));
        let changed = run(&["set-role", "ann@example.com", "--role", "auditor"]);
        assert_eq!((&changed["id"], text(&changed["role"])), (&added["id"], "auditor"));
        assert_eq!(text(&run(&["set-role", text(&added["id"]), "--role", "billing"])["role"]), "billing");
        assert_eq!(run(&["remove", "Ann@Example.com"]), json!({ "id": added["id"] }));
        let lines = format!(
            "member remove ann@example.com --organization {EUROPE}
             member add ann@example.com --organization {EUROPE} --role viewer --role auditor
             member leave --organization {EUROPE}
             member leave --organization {ACME}"
        );
        assert_snapshot!("members", session(&server, ADA, &lines));
        let left = result(&server, TOMAS, &["member", "leave", "--organization", EUROPE]);
        assert_eq!(left, json!({"id": "0194cb1cf46071f29971ad3f1f04a396"}));
    });
}

#[test]
fn members_of_an_account_have_several_roles() {
    on_each_engine(|database| {
        let server = company(database);
        let of = ["--account", LISBON_SHOP];
        let run = |token, verb: &[&str]| result(&server, token, &[&["member"], verb, &of].concat());
        let email = "tomas.ferreira@acme.example";
        let added = run(ADA, &["add", email, "--role", "viewer", "--role", "billing"]);
        let roles = |member: &Value| {
            member["roles"].as_array().unwrap().iter().map(|role| text(&role["id"]).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((roles(&added), text(&added["status"])), (vec!["viewer".to_owned(), "billing".into()], "pending"));
        assert_eq!(roles(&run(ADA, &["set-role", email, "--role", "auditor"])), ["auditor"]);
        assert_eq!(run(TOMAS, &["leave"]), json!({ "id": added["id"] }));
        let again = run(ADA, &["add", email, "--role", "viewer"]);
        assert_eq!(run(ADA, &["remove", "Tomas.Ferreira@Acme.example"]), json!({ "id": again["id"] }));
        assert_eq!(run(ADA, &["list"]), json!([]));
        let (status, _, err) = self::run(&server, ADA, &["member", "leave", "--account", LISBON_SHOP]);
        assert_eq!((status, err.as_str()), (Some(1), "umbel: you are not a member of the account itself\n"));
    });
}

#[test]
fn the_secret_of_a_token_is_alone_on_standard_output() {
    on_each_engine(|database| {
        let server = company(database);
        let create = ["token", "create", "--name", "ci", "--organization", EUROPE, "--role", "viewer", "--expires-on"];
        let (status, secret, err) = run(&server, ADA, &[&create[..], &["2999-01-01T00:00:00Z"]].concat());
        assert_eq!(status, Some(0), "{err}");
        assert!(err.starts_with("umbel: token ci (") && err.ends_with("it is not shown again\n") && !err.contains(secret.trim()));
        let verified = result(&server, secret.trim(), &["token", "verify"]);
        assert_eq!(text(&verified["expires_on"]), "2999-01-01T00:00:00Z");
        let id = text(&verified["id"]);
        let listed = result(&server, ADA, &["token", "list"]);
        assert!(listed.as_array().unwrap().iter().any(|token| token["id"] == id && token["role"] == "viewer"), "{listed}");
        let rolled = result(&server, ADA, &["token", "roll", id]);
        assert_eq!(run(&server, secret.trim(), &["token", "verify"]).0, Some(1));
        let secret = text(&rolled["value"]);
        assert_eq!(result(&server, secret, &["org", "list"]).as_array().unwrap().len(), 4, "it reaches Europe alone");
        assert_eq!(result(&server, ADA, &["token", "revoke", id]), json!({ "id": id }));
        assert_eq!(run(&server, secret, &["token", "verify"]).0, Some(1));
    });
}

#[test]
fn what_goes_wrong_is_told_with_what_to_do_next() {
    on_each_engine(|database| {
        let server = company(database);
        let lines = format!(
            "org get 0000
             org get ../user
             org delete {ACME}
             org create {}
             account create Shop
             member list
             org rename {ACME}
             org list --limit 0
             token verify --token token-that-nobody-has-but-long-enough
             token verify --url http://127.0.0.1:1
             token verify --url 127.0.0.1:1
             token create --name x --expires-on soon --role king",
            "x".repeat(256)
        );
        assert_snapshot!("errors", session(&server, TOMAS, &lines).replace(&"x".repeat(256), "xxx…"));
    });
}

#[test]
fn without_a_token_it_says_where_one_comes_from() {
    for token in [None, Some("")] {
        let mut command = umbel(&["org", "list"]);
        let output = command.envs(token.map(|token| ("UMBEL_TOKEN", token))).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let expected =
            "umbel: there is no token to ask with; set UMBEL_TOKEN to an API token (`umbel bootstrap` shows the first)\n";
        assert_eq!(said(&output.stderr), expected);
    }
}

#[test]
fn what_programs_read_is_what_the_server_answers() {
    on_each_engine(|database| {
        let server = company(database);
        let asked = |path: &str| -> Value {
            let request = async {
                let answer = reqwest::Client::new().get(format!("{}{path}", server.url)).bearer_auth(ADA).send().await;
                answer.unwrap().json::<Value>().await.unwrap()
            };
            tokio::runtime::Runtime::new().unwrap().block_on(request)["result"].take()
        };
        let (organization, members) =
            (format!("/client/v4/organizations/{ACME}"), format!("/umbel/v1/organizations/{ACME}/members"));
        assert_eq!(result(&server, ADA, &["org", "get", ACME]), asked(&organization));
        assert_eq!(result(&server, ADA, &["org", "list"]), asked("/client/v4/organizations?page_size=1000"));
        assert_eq!(result(&server, ADA, &["account", "list"]), asked("/client/v4/accounts?per_page=1000"));
        assert_eq!(result(&server, ADA, &["member", "list", "--organization", ACME]), asked(&members));
    });
}

#[test]
fn a_reader_that_has_seen_enough_is_no_mistake() {
    on_each_engine(|database| {
        let server = company(database);
        let script = format!("{} org list --json | head -c 1", env!("CARGO_BIN_EXE_umbel"));
        let mut command = std::process::Command::new("bash");
        command.args(["-o", "pipefail", "-c", &script]).env("UMBEL_URL", &server.url).env("UMBEL_TOKEN", ADA);
        let output = command.output().unwrap();
        assert_eq!((output.status.code(), said(&output.stdout), said(&output.stderr)), (Some(0), "[".into(), String::new()));
    });
}

#[test]
fn a_role_is_made_given_explained_and_not_deleted_while_somebody_has_it() {
    on_each_engine(|database| {
        let server = company(database);
        let make = ["role", "create", "helpdesk", "--organization", ACME, "--action", "read_members,create_account"];
        let role = text(&result(&server, ADA, &make)["id"]).to_owned();
        let add = ["member", "add", "lena@example.com", "--organization", EUROPE, "--role", &role];
        assert_eq!(result(&server, ADA, &add)["role"], json!(role));
        let access = ["org", "access", LISBON_SHOP, "--user", "lena@example.com"];
        let (status, ..) = run(&server, ADA, &access);
        assert_eq!(status, Some(1), "an account is no organization");
        let access = result(&server, ADA, &["account", "access", LISBON_SHOP, "--user", "lena@example.com"]);
        assert_eq!(access[0]["grants"][0]["role_name"], "helpdesk");
        assert_eq!(access[0]["grants"][0]["organization"]["id"], EUROPE);
        let (status, _, err) = run(&server, ADA, &["role", "delete", &role, "--organization", ACME]);
        assert!(status == Some(1) && err.contains("1409"), "{err}");
        let me = result(&server, TOMAS, &["org", "access", EUROPE, "--user", "me"]);
        assert!(me[0]["actions"].as_array().unwrap().contains(&json!("delete_organization")));
        result(&server, ADA, &["member", "remove", "lena@example.com", "--organization", EUROPE]);
        assert_eq!(result(&server, ADA, &["role", "delete", &role, "--organization", ACME])["id"], json!(role));
    });
}

#[test]
fn who_is_invited_answers_with_the_token_that_the_inviter_hands_on() {
    on_each_engine(|database| {
        let server = company_with(database, &["--invitations", "true"]);
        let toms = "tomas.ferreira@acme.example";
        let invite = ["member", "add", toms, "--organization", AMERICAS, "--role", "viewer"];
        let invited = result(&server, ADA, &invite);
        assert_eq!(invited["status"], "pending");
        let open = result(&server, ADA, &["invitation", "list", "--organization", AMERICAS]);
        assert_eq!((&open[0]["email"], &open[0]["delivery"]), (&json!(toms), &json!("link")));
        let (status, ..) = run(&server, TOMAS, &["org", "get", AMERICAS]);
        assert_eq!(status, Some(1), "an invitation gives no right");
        let resent = result(&server, ADA, &["invitation", "resend", text(&open[0]["id"]), "--organization", AMERICAS]);
        let (status, ..) = run(&server, TOMAS, &["invitation", "accept", text(&invited["invitation"]["token"])]);
        assert_eq!(status, Some(1), "the first link is dead");
        let accepted = result(&server, TOMAS, &["invitation", "accept", text(&resent["token"])]);
        assert_eq!((&accepted["status"], &accepted["role"]), (&json!("active"), &json!("viewer")));
        assert_eq!(result(&server, TOMAS, &["org", "get", AMERICAS])["id"], AMERICAS);
    });
}
