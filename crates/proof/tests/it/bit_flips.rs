//! No bit of a bundle can change unseen.

use std::io::Cursor;

use umbel_proof::bundle::{self, Known};

use crate::log::{Log, signer};

fn every_bit_is_held(bundle: &str) {
    let signer = signer();
    let known = Known { key: Some(signer.verifier_key()), checkpoint: None };
    assert!(bundle::verify(Cursor::new(bundle), &known).is_ok());
    let mut bytes = bundle.as_bytes().to_vec();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            let verified = bundle::verify(Cursor::new(&bytes), &known);
            assert!(verified.is_err(), "bit {bit} of byte {at}: {}", String::from_utf8_lossy(&bytes));
            bytes[at] ^= 1 << bit;
        }
    }
}

#[test]
fn every_changed_bit_of_a_range_is_noticed() {
    every_bit_is_held(&Log::of(8).range(7));
}

#[test]
fn every_changed_bit_of_a_selection_is_noticed() {
    every_bit_is_held(&Log::of(7).selection(&[6]));
}

#[test]
fn every_changed_bit_of_a_bundle_with_an_erased_entry_is_noticed() {
    let mut log = Log::of(1);
    log.erase(1);
    every_bit_is_held(&log.range(0));
}
