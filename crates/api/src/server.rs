//! How a server is.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// What a server is, and how its parts are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Server {
    /// Its version.
    #[schema(example = "1.0.0")]
    pub version: String,
    /// Since when this process runs.
    #[serde(with = "time::serde::rfc3339")]
    pub start_time: OffsetDateTime,
    /// Where it keeps everything.
    pub database: ServerDatabase,
    /// What works behind its requests.
    pub workers: Vec<ServerWorker>,
}

/// The database of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerDatabase {
    /// What keeps it: SQLite or PostgreSQL.
    #[schema(example = "PostgreSQL")]
    pub engine: String,
    /// The version of that.
    #[schema(example = "17.6")]
    pub engine_version: String,
    /// The newest migration that was made.
    #[schema(example = 17)]
    pub schema_version: u64,
    /// How much room it takes, in bytes.
    #[schema(example = 8_388_608)]
    pub size: u64,
}

/// A part of a server that works behind its requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerWorker {
    /// What it is called.
    #[schema(example = "budgets")]
    pub name: String,
    /// Whether it is at work.
    pub state: ServerWorkerState,
    /// When it last came to the end of something, well or not; absent when it has had nothing to do since the start.
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option", default)]
    #[schema(nullable = false)]
    pub last_time: Option<OffsetDateTime>,
    /// What went wrong last since the start; the log of the process says more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub last_error: Option<ServerWorkerError>,
}

/// Whether a worker is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ServerWorkerState {
    /// It works, or waits for something to do.
    Running,
    /// It has ended, though the server runs.
    Ended,
}

/// What went wrong in a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerWorkerError {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// What.
    #[schema(example = "the database does not answer")]
    pub message: String,
}
