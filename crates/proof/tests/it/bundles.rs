//! What is written verifies, and what is known beforehand is held against it.

use std::io::Cursor;

use umbel_proof::bundle::{self, Contents, Known, Signed};
use umbel_proof::{Checkpoint, Signer};

use crate::log::{Log, ORIGIN, signer, verify};

#[test]
fn a_whole_log_verifies_and_says_what_it_is() {
    let log = Log::of(100);
    let verified = verify(&log.range(0), None).unwrap();
    assert_eq!(verified.checkpoint, log.checkpoint(100));
    assert_eq!(verified.signed, Signed::ByTheKnownKey);
    assert_eq!((verified.tally.leaves, verified.tally.erased, verified.tally.of_others), (100, 0, 0));
    assert_eq!(verified.tally.first_time.as_deref(), Some("2026-03-01T10:00:00.250Z"));
    assert_eq!(verified.tally.last_time.as_deref(), Some("2026-03-01T10:01:39.250Z"));
    assert_eq!(verified.tally.by_organization.into_values().collect::<Vec<_>>(), [34, 33, 33]);
}

#[test]
fn logs_of_every_small_size_verify_from_every_start() {
    for size in 0..20 {
        let log = Log::of(size);
        for start in 0..=size {
            let verified = verify(&log.range(start), None).unwrap();
            assert_eq!(verified.tally.leaves, size - start);
            assert_eq!(verified.contents, Contents::Range(log.frontier(start)));
        }
    }
}

#[test]
fn any_selection_verifies_against_the_whole_log() {
    let log = Log::of(300);
    for indices in [vec![], vec![0], vec![299], vec![3, 4, 255, 256, 257, 290], (0..300).collect()] {
        let verified = verify(&log.selection(&indices), Some(&log.checkpoint(300))).unwrap();
        assert_eq!(verified.tally.leaves, indices.len() as u64);
        assert_eq!(verified.checkpoint, log.checkpoint(300));
    }
}

#[test]
fn erasing_personal_members_changes_neither_root_nor_signature() {
    let mut log = Log::of(40);
    let before = log.checkpoint(40);
    log.erase(3);
    assert_eq!(log.checkpoint(40), before);
    for bundle in [log.range(0), log.range(7), log.selection(&[0, 1, 3])] {
        let erased = bundle.lines().filter(|line| line.contains("\"commitment\""));
        assert!(
            erased.clone().count() >= 2 && erased.clone().all(|line| !line.contains("example.com") && !line.contains("192.0.2"))
        );
        assert!(verify(&bundle, Some(&before)).unwrap().tally.erased >= 2);
    }
}

#[test]
fn without_a_key_the_result_says_that_nobody_vouches_for_it() {
    let log = Log::of(5);
    let verified = bundle::verify(Cursor::new(log.range(0)), &Known::default()).unwrap();
    let Signed::Unverified(claims) = verified.signed else { panic!("there is no key") };
    assert_eq!((claims[0].name.as_str(), claims[0].id), (ORIGIN, signer().verifier_key().id()));
}

#[test]
fn every_earlier_checkpoint_of_the_same_log_is_met() {
    let log = Log::of(30);
    for start in [0, 1, 8, 30] {
        for size in start..=30 {
            verify(&log.range(start), Some(&log.checkpoint(size))).unwrap();
        }
    }
}

#[test]
fn an_earlier_checkpoint_of_another_history_is_a_fork() {
    let log = Log::of(30);
    for size in 0..=30 {
        let other = Checkpoint { root: [7; 32], ..log.checkpoint(size) };
        let error = verify(&log.range(0), Some(&other)).unwrap_err();
        assert!(error.starts_with(&format!("line {}: the hash of the first {size} entries is 0707", size + 1)), "{error}");
        assert!(error.ends_with("the log was forked, or a line was changed"), "{error}");
    }
    let other = Checkpoint { root: [7; 32], ..log.checkpoint(30) };
    assert!(verify(&log.selection(&[2]), Some(&other)).unwrap_err().contains("forked"));
}

#[test]
fn a_later_checkpoint_means_that_the_log_was_rolled_back() {
    let (log, later) = (Log::of(30), Log::of(31).checkpoint(31));
    for bundle in [log.range(0), log.range(9), log.selection(&[2])] {
        let error = verify(&bundle, Some(&later)).unwrap_err();
        assert!(error.contains("the log has 30 entries here and had 31 at the known checkpoint: it was rolled back"), "{error}");
    }
}

#[test]
fn a_checkpoint_that_cannot_be_compared_is_refused_and_not_passed_over() {
    let log = Log::of(30);
    let error = verify(&log.range(9), Some(&log.checkpoint(8))).unwrap_err();
    assert!(error.starts_with("line 1: the known checkpoint is of 8 entries, and the bundle cannot tell"), "{error}");
    assert!(verify(&log.selection(&[2]), Some(&log.checkpoint(29))).is_err());
    let foreign = Checkpoint { origin: "umbel/audit/other".into(), ..log.checkpoint(30) };
    let error = verify(&log.range(0), Some(&foreign)).unwrap_err();
    assert!(error.contains("\"umbel/audit/3f2b7c9d\" and the known checkpoint of \"umbel/audit/other\""), "{error}");
}

#[test]
fn other_signatures_beside_the_logs_own_do_no_harm() {
    let log = Log::of(3);
    let witness = Signer::new("witness.example", &[1; 32]).unwrap();
    let note = log.checkpoint(3).sign(&signer(), &[&witness]).unwrap().to_string();
    let bundle = log.range(0).replace(&escaped(&log.note().to_string()), &escaped(&note));
    assert!(bundle.contains("witness.example"));
    verify(&bundle, None).unwrap();
}

#[test]
fn what_is_no_bundle_is_refused_by_name() {
    let log = Log::of(3);
    let good = log.range(0);
    let cases = [
        (String::new(), "line 1: the bundle is empty"),
        ("{}\n".into(), "line 1: missing field"),
        ("\n".into(), "line 1: EOF while parsing"),
        (good.lines().next().unwrap().into(), "line 1: the line has no end: the bundle was cut off"),
        (format!("{}\n", good.lines().next().unwrap()), "line 2: the bundle ends before its checkpoint: it was cut off"),
        (good.trim_end().into(), "line 5: the line has no end: the bundle was cut off"),
        (format!("{good}\n"), "line 6: something comes after the checkpoint"),
        (good.replacen('\n', "\r\n", 1), "line 1: it is JSON but not in its canonical form"),
        ("x".repeat(bundle::LINE_LENGTH_MAX), "line 1: the line is longer than 16777216 bytes"),
    ];
    for (bundle, expected) in cases {
        let error = verify(&bundle, None).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

fn escaped(note: &str) -> String {
    note.replace('\n', "\\n")
}
