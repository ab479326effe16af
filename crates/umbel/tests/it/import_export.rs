//! `import` and `export`.

use std::io::Write as _;
use std::process::Stdio;

use crate::process::{Server, on_each_engine, said, succeed, umbel};

/// The company that `umbel demo` serves.
pub(crate) const COMPANY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo.ndjson");

/// Imports standard input; returns whether it went well, and what was said on standard error.
pub(crate) fn import(database: &str, lines: &str) -> (bool, String) {
    let mut command = umbel(&["import", "--database", database, "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // A process that refuses early does not read to the end.
    _ = input.write_all(lines.as_bytes());
    drop(input);
    let output = child.wait_with_output().unwrap();
    (output.status.success(), said(&output.stderr))
}

fn export(database: &str) -> String {
    succeed(&["export", "--database", database])
}

#[test]
fn an_export_goes_from_engine_to_engine_and_comes_back_byte_for_byte() {
    on_each_engine(|from| {
        assert_eq!(succeed(&["import", "--database", from, COMPANY]), "lines added: 46, there already: 0\n");
        let exported = export(from);
        assert_eq!(exported.lines().count(), 46);
        on_each_engine(|to| {
            assert_eq!(import(to, &exported), (true, String::new()));
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("export.ndjson");
            // An export that is there already is replaced.
            std::fs::write(&file, "older").unwrap();
            succeed(&["export", "--database", to, file.to_str().unwrap()]);
            assert!(std::fs::read_to_string(&file).unwrap() == exported, "from {from} to {to}");
        });
        assert_eq!(succeed(&["import", "--database", from, COMPANY]), "lines added: 0, there already: 46\n");
        assert!(export(from) == exported, "importing again changed {from}");
    });
}

#[test]
fn bad_lines_are_named_and_nothing_of_the_file_is_applied() {
    on_each_engine(|database| {
        let file = "{\"kind\":\"organization\",\"id\":\"a\",\"name\":\"A\"}\n{\"kind\":\"acount\",\"id\":\"b\"}\noops\n";
        let (went_well, said) = import(database, file);
        assert!(!went_well);
        let lines: Vec<_> = said.lines().collect();
        assert!(lines[0].starts_with("umbel: line 2: kind: unknown variant `acount`"), "{said}");
        assert_eq!(lines[1], "umbel: line 3: expected value at column 1");
        assert_eq!(lines[2..], ["umbel: 2 lines are bad; nothing was imported"]);
        assert_eq!(export(database), "");
    });
}

#[test]
fn an_imported_token_opens_the_api() {
    let token = "imported-token-of-32-characters-or-more";
    let file = format!(
        r#"{{"kind":"organization_member","id":"m","organization_id":"acme","email":"ANN@example.com","role":"viewer"}}
{{"kind":"api_token","id":"t","name":"n","user_id":"ann","token":"{token}"}}
{{"kind":"organization","id":"acme","name":"Acme"}}
{{"kind":"organization","id":"other","name":"Other"}}
{{"kind":"user","id":"ann","email":"ann@example.com"}}
"#
    );
    on_each_engine(|database| {
        assert_eq!(import(database, &file), (true, String::new()));
        assert!(!export(database).contains(token));
        let server = Server::start(database);
        let client = server.client(token);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        assert_eq!(runtime.block_on(client.organization("acme")).unwrap().name, "Acme");
        assert!(runtime.block_on(client.organization("other")).is_err());
    });
}

#[test]
fn beside_a_server_one_can_export_but_not_import_into_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("umbel.db").display());
    succeed(&["import", "--database", &database, COMPANY]);
    let server = Server::start(&database);
    assert_eq!(export(&database).lines().count(), 46);
    for verb in [&["import", COMPANY][..], &["migrate"]] {
        let output = umbel(verb).args(["--database", &database]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{verb:?}");
        assert!(said(&output.stderr).ends_with("stop it first\n"), "{verb:?}: {}", said(&output.stderr));
    }
    assert_eq!(server.terminate(), Some(0));
    succeed(&["migrate", "--database", &database]);
}

#[test]
fn an_export_of_a_file_that_is_not_there_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("umbel.db");
    let output = umbel(&["export", "--database", &format!("sqlite:{}", file.display())]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output.stderr).starts_with("umbel: there is no database "), "{}", said(&output.stderr));
    assert!(!file.exists());
}
