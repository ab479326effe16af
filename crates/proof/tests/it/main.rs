//! Bundles from outside: what is written verifies, and nothing that was tampered with does.
#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it must be")]

mod bit_flips;
mod bundles;
mod fixtures;
mod log;
mod tampering;
