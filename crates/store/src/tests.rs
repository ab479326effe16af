//! The store, on both engines.

#![expect(clippy::needless_pass_by_value, reason = "tests hand over closures, which read better without a reference")]

mod accounts;
mod audit_digests;
mod audit_log;
mod audit_streams;
mod audit_trees;
mod backup;
mod billing_lines;
mod concurrency;
mod engines;
mod fixtures;
mod hot_statements;
mod invitations;
mod migrations;
mod nouns;
mod operators;
mod organizations;
mod paging;
mod portability;
mod postgres;
mod roles;
mod sign_in;
pub(crate) mod statements;
mod usage;
mod writer;
