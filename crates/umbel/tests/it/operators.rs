//! `bootstrap` and `operator`.

use umbel_client::api::ListOrganizations;

use crate::process::{Server, bootstrap, on_each_engine, refused, said, succeed, umbel};

/// What a verb prints with `--json`.
fn shown(args: &[&str], database: &str) -> serde_json::Value {
    serde_json::from_str(&succeed(&[args, &["--json", "--database", database]].concat())).unwrap()
}

/// Whether a token is good.
fn admits(server: &Server, token: &str) -> bool {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(server.client(token).list_organizations(&ListOrganizations::default())).is_ok()
}

#[test]
fn operators_are_made_and_unmade_beside_a_running_server() {
    on_each_engine(|database| {
        let server = Server::start(database);
        let olga = bootstrap(database);
        assert!(admits(&server, &olga));
        let again = ["bootstrap", "--email", "eve@example.com", "--name", "Eve", "--database", database];
        assert_eq!(
            refused(&again),
            "umbel: there is an operator already; use `umbel operator add` or `umbel operator reset-credential`\n"
        );
        let last = ["operator", "remove", "--email", "olga@example.com", "--database", database];
        assert_eq!(refused(&last), "umbel: olga@example.com is the last operator; add another one first\n");

        let otto = shown(&["operator", "add", "--email", "otto@example.com", "--name", "Otto"], database);
        assert!(admits(&server, otto["api_token"].as_str().unwrap()));
        let reset = shown(&["operator", "reset-credential", "--email", "olga@example.com"], database);
        assert!(admits(&server, reset["api_token"].as_str().unwrap()) && !admits(&server, &olga));
        let removed = shown(&["operator", "remove", "--email", "otto@example.com"], database);
        assert_eq!(removed, serde_json::json!({"user_id": otto["user_id"], "api_token": null, "api_key": null}));
    });
}

#[test]
fn people_are_told_that_the_secrets_are_shown_once() {
    on_each_engine(|database| {
        let args = ["bootstrap", "--email", "olga@example.com", "--name", "Olga", "--database", database];
        let text = succeed(&args);
        let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start)).unwrap().trim().to_owned();
        assert!(text.starts_with("olga@example.com is the first operator.\n"), "{text}");
        assert!(text.ends_with("they are not shown again.\n"), "{text}");
        let (token, key) = (line("API token:"), line("API key:"));
        assert!(token.starts_with("umb_") && key.len() == 40, "{text}");
        let exported = succeed(&["export", "--database", database]);
        assert!(!exported.contains(&token) && !exported.contains(&key), "{exported}");
    });
}

#[test]
fn what_goes_wrong_is_one_line_and_shows_no_password() {
    let output = umbel(&["export", "--database", "postgres://umbel:hunter2@127.0.0.1:1/umbel"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output.stderr);
    assert!(said.starts_with("umbel: ") && said.lines().count() == 1 && !said.contains("hunter2"), "{said}");
}
