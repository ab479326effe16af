//! Files from outside: what is written is read again, conforms, and stops conforming where it is changed.
#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it must be")]

mod checker;
mod files;
mod metadata;
#[path = "../../examples/write_sample/sample.rs"]
mod sample;
mod table;
mod writers;
