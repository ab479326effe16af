//! The store, on both engines.

mod concurrency;
mod engines;
mod fixtures;
mod hot_statements;
mod migrations;
mod nouns;
mod organizations;
mod paging;
mod postgres;
pub(crate) mod statements;
mod writer;
