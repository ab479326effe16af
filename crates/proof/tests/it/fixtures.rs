//! The bundles that other verifiers are tried on.

use std::path::Path;

use crate::log::{Log, signer, verify};

#[test]
fn the_committed_bundles_are_what_the_writer_makes() {
    let (log, mut erased) = (Log::of(40), Log::of(40));
    erased.erase(3);
    let note = |size| log.checkpoint(size).sign(&signer(), &[]).unwrap().to_string();
    let bundles = [
        ("whole.ndjson", log.range(0)),
        ("retained.ndjson", log.range(13)),
        ("selection.ndjson", log.selection(&[0, 1, 5, 17, 32, 39])),
        ("erased.ndjson", erased.range(0)),
        ("erased-selection.ndjson", erased.selection(&[2, 3, 36])),
        ("empty.ndjson", Log::of(0).range(0)),
    ];
    for (name, bundle) in &bundles {
        verify(bundle, None).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let others = [
        ("verifier-key.txt", format!("{}\n", signer().verifier_key())),
        ("checkpoint-20.txt", note(20)),
        ("checkpoint-40.txt", note(40)),
        ("checkpoint-41.txt", Log::of(41).note().to_string()),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for (name, made) in bundles.into_iter().chain(others) {
        let path = folder.join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == made, "{name} is out of date; `make fix` writes it anew");
    }
}
