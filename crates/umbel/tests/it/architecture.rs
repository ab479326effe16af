//! Who may import whom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What each crate may import of the workspace, and what it must not import of the world.
const RULES: [(&str, &[&str], &[&str]); 10] = [
    ("umbel-api", &[], &["tokio", "axum", "hyper", "rusqlite", "tokio-postgres", "futures-util"]),
    ("umbel-decimal", &[], &["serde", "tokio", "axum", "rusqlite", "tokio-postgres", "getrandom"]),
    (
        "umbel-domain",
        &["umbel-decimal"],
        &["serde", "serde_json", "tokio", "axum", "rusqlite", "tokio-postgres", "futures-util", "getrandom"],
    ),
    ("umbel-focus", &["umbel-decimal"], &["tokio", "axum", "hyper", "rusqlite", "tokio-postgres", "futures-util", "getrandom"]),
    ("umbel-proof", &[], &["tokio", "axum", "hyper", "rusqlite", "tokio-postgres", "futures-util", "getrandom"]),
    ("umbel-store", &["umbel-decimal", "umbel-domain"], &["axum", "hyper", "utoipa", "getrandom"]),
    (
        "umbel-server",
        &["umbel-api", "umbel-decimal", "umbel-domain", "umbel-focus", "umbel-proof", "umbel-store"],
        &["rusqlite", "tokio-postgres", "deadpool-postgres"],
    ),
    ("umbel-client", &["umbel-api"], &["rusqlite", "tokio-postgres", "axum"]),
    (
        "umbel",
        &["umbel-api", "umbel-client", "umbel-focus", "umbel-proof", "umbel-server", "umbel-store"],
        &["rusqlite", "tokio-postgres", "axum"],
    ),
    ("umbel-bench", &["umbel-api", "umbel-domain", "umbel-store"], &[]),
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

/// The crates through which quantities, prices and costs pass.
const OF_MONEY: [&str; 5] = ["api", "decimal", "domain", "focus", "store"];

#[test]
fn no_money_passes_through_a_binary_fraction() {
    for name in OF_MONEY {
        for (path, text) in sources(name) {
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            let floats: Vec<_> = words.filter(|word| ["f32", "f64"].iter().any(|float| word.ends_with(float))).collect();
            assert!(floats.is_empty(), "{}: {floats:?}", path.display());
        }
    }
}

#[test]
fn only_the_workers_of_the_server_use_the_door_without_authorization() {
    let without_a_caller = ["app.rs", "workers.rs", "workers"].map(|name| source("server").join(name));
    for (path, text) in sources("server") {
        if !without_a_caller.iter().any(|known| path.starts_with(known)) {
            let uses = ["admin::", "::admin", "{admin", "admin,", " admin}"].iter().any(|use_of| text.contains(use_of));
            assert!(!uses, "{} must not use store::admin", path.display());
        }
    }
}

/// The `src` of a crate.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src")
}

/// The files below the `src` of a crate, and what is in them.
fn sources(name: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![source(name)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty());
    files
}
