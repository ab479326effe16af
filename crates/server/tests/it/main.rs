//! The service as its clients see it: every route, on both engines, with a fixed clock and fixed ids.
#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it must be")]

mod access;
mod account_members;
mod accounts;
mod addresses;
mod audit;
mod audit_exports;
mod audit_log;
mod audit_proofs;
mod audit_retention;
mod audit_views;
mod bad_input;
mod concurrency;
mod credentials;
mod deletion;
mod foreign_ids;
mod harness;
mod idempotency;
mod invitations;
mod lists;
mod mail;
mod matrix;
mod members;
mod model;
mod moves;
mod openapi;
mod operations;
mod organizations;
mod paging;
mod preconditions;
mod races;
mod roles;
mod routing;
mod secrets;
mod tokens;
mod users;
