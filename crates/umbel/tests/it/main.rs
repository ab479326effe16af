//! The program as a whole: the real binary, real databases, real processes that are killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, clippy::allow_attributes, reason = "tests")]

mod architecture;
mod audit;
mod audit_streams;
mod backup;
mod client;
mod costs;
mod demo;
mod durability;
mod focus;
mod generated;
mod import_export;
mod invoices;
mod mail;
mod operators;
mod pages;
mod power_cut;
mod process;
mod prove_it;
mod remote;
mod remote_stub;
mod stub;
mod two_servers;
mod usage;
