//! The HTTP service of Umbel.
//!
//! A handler is the use case: admit, decide, store, reply. It reaches the database only through `Caller::read` and
//! `Caller::write`, which authorize in the transaction that they open, and a handler that changes something returns a
//! `Committed`, which only `Write::commit` makes: no change without an audit entry, no success without a COMMIT.

mod app;
mod audit_tree;
mod billing;
mod body;
mod caller;
mod cloud_event;
mod command;
mod console;
mod cookie;
mod counted;
mod credential;
mod cursor;
mod diff;
mod effect;
mod error;
mod fan_out;
mod invite;
mod json;
pub mod listener;
mod mail;
mod metrics;
mod oidc;
mod openapi;
mod outbound;
pub mod password;
mod path;
mod query;
mod receivers;
mod reply;
mod request;
mod role_book;
mod routes;
mod settings;
pub mod sign_in;
pub mod sources;
mod stream;
mod throttle;
mod totp;
mod turn;
mod view;
mod wire;
mod withheld;
mod workers;
mod write;

pub use app::{App, openapi_document};
pub use console::has_console;
pub use mail::Mail;
pub use oidc::Oidc;
pub use settings::{Providers, PublicUrl, RootCreation, Settings, TreeLimits};
