//! Who may import whom.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What each crate may import of the workspace, and what it must not import of the world.
const RULES: [(&str, &[&str], &[&str]); 8] = [
    ("umbel-api", &[], &["tokio", "axum", "hyper", "rusqlite", "tokio-postgres", "futures-util"]),
    ("umbel-domain", &[], &["serde", "serde_json", "tokio", "axum", "rusqlite", "tokio-postgres", "futures-util", "getrandom"]),
    ("umbel-proof", &[], &["tokio", "axum", "hyper", "rusqlite", "tokio-postgres", "futures-util", "getrandom"]),
    ("umbel-store", &["umbel-domain"], &["axum", "hyper", "utoipa", "getrandom"]),
    (
        "umbel-server",
        &["umbel-api", "umbel-domain", "umbel-proof", "umbel-store"],
        &["rusqlite", "tokio-postgres", "deadpool-postgres"],
    ),
    ("umbel-client", &["umbel-api"], &["rusqlite", "tokio-postgres", "axum"]),
    (
        "umbel",
        &["umbel-api", "umbel-client", "umbel-proof", "umbel-server", "umbel-store"],
        &["rusqlite", "tokio-postgres", "axum"],
    ),
    ("umbel-bench", &[], &[]),
];

#[test]
fn a_crate_imports_only_what_the_architecture_allows() {
    let metadata = MetadataCommand::new().no_deps().other_options(["--offline".to_owned()]).exec().unwrap();
    let crates: BTreeMap<_, _> = metadata.packages.iter().map(|package| (package.name.as_str(), package)).collect();
    let known: BTreeSet<_> = RULES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(crates.keys().copied().collect::<BTreeSet<_>>(), known, "every crate has a rule");
    for (name, may, must_not) in RULES {
        let normal = crates[name].dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        for dependency in normal {
            let imported = dependency.name.as_str();
            let forbidden = must_not.contains(&imported) || (known.contains(imported) && !may.contains(&imported));
            assert!(!forbidden, "{name} must not import {imported}");
        }
    }
}

#[test]
fn only_the_workers_of_the_server_use_the_door_without_authorization() {
    const WITHOUT_A_CALLER: [&str; 5] =
        ["app.rs", "workers.rs", "workers/erasure.rs", "workers/retention.rs", "workers/trees.rs"];
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src");
    let mut folders = vec![std::path::PathBuf::from(source)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !WITHOUT_A_CALLER.iter().any(|name| path.ends_with(name)) {
                let text = std::fs::read_to_string(&path).unwrap();
                let uses = ["admin::", "::admin", "{admin", "admin,", " admin}"].iter().any(|use_of| text.contains(use_of));
                assert!(!uses, "{} must not use store::admin", path.display());
            }
        }
    }
}
