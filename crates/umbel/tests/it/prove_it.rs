//! What the page "Prove it yourself" does, against a real server and then without it.

use std::time::Duration;

use serde_json::Value;
use umbel_client::api::CreateOrganization;

use crate::process::{Server, bootstrap, refused, succeed};

/// What a GET answers.
fn get(server: &Server, token: &str, path: &str) -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let request = reqwest::Client::new().get(format!("{}{path}", server.url)).bearer_auth(token);
        request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
    })
}

/// The checkpoint of a root whose log has `size` entries, once it has, which takes about a second.
fn checkpoint(server: &Server, token: &str, root: &str, size: u64) -> Value {
    for _ in 0..600 {
        let answer = get(server, token, &format!("/umbel/v1/organizations/{root}/logs/audit/checkpoint"));
        let checkpoint = serde_json::from_str::<Value>(&answer).unwrap()["result"].take();
        if checkpoint["size"] == size {
            return checkpoint;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the log did not grow to {size} entries");
}

#[test]
fn a_bundle_is_verified_without_the_server_against_a_checkpoint_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let database = format!("sqlite:{}", file("umbel.db"));
    let token = bootstrap(&database);
    let server = Server::start(&database);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let create = |organization| runtime.block_on(server.client(&token).create_organization(&organization)).unwrap().id;
    let root = create(CreateOrganization::root("Root"));
    create(CreateOrganization::below(&root, "One"));
    // The root, its first member, and what is below it.
    let kept = checkpoint(&server, &token, &root, 2);
    let key = kept["verifier_key"].as_str().unwrap();
    std::fs::write(file("checkpoint.txt"), kept["note"].as_str().unwrap()).unwrap();
    create(CreateOrganization::below(&root, "Two"));
    checkpoint(&server, &token, &root, 3);
    let bundle = get(&server, &token, &format!("/umbel/v1/organizations/{root}/logs/audit/bundle"));
    std::fs::write(file("log.ndjson"), &bundle).unwrap();
    assert_eq!(server.terminate(), Some(0));

    let (log, kept_file) = (file("log.ndjson"), file("checkpoint.txt"));
    let verify = ["audit", "verify", &log, "--key", key, "--checkpoint", &kept_file];
    let said = succeed(&verify);
    assert!(said.contains("all 3 entries") && said.contains("signed by the key that you gave"), "{said}");
    let json: Value = serde_json::from_str(&succeed(&[&verify[..], &["--json"]].concat())).unwrap();
    assert_eq!((&json["entries"], &json["signature_verified"]), (&Value::from(3), &Value::from(true)));
    assert!(succeed(&["audit", "verify", &log]).contains("NOT VERIFIED"), "nobody is said to have signed when no key is given");

    let (changed, shorter) = (file("changed.ndjson"), file("shorter.ndjson"));
    std::fs::write(&changed, bundle.replacen("Two", "Six", 1)).unwrap();
    assert!(refused(&["audit", "verify", &changed, "--key", key]).contains("changed.ndjson: line "));
    let mut lines: Vec<&str> = bundle.lines().collect();
    lines.remove(3);
    std::fs::write(&shorter, lines.join("\n") + "\n").unwrap();
    assert!(refused(&["audit", "verify", &shorter, "--key", key]).contains("shorter.ndjson: line "));
    let other = "umbel/audit/other+00000000+AAAA";
    assert!(!refused(&["audit", "verify", &log, "--key", other]).is_empty());
    assert!(refused(&["audit", "verify", &file("none")]).contains("cannot read"));
}
