//! The program as a whole: the real binary, real databases, real processes that are killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, clippy::allow_attributes, reason = "tests")]

mod architecture;
mod backup;
mod durability;
mod import_export;
mod operators;
mod process;
mod two_servers;
