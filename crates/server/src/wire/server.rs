//! How the server is, in the words on the wire.

use umbel_api as api;
use umbel_domain::Timestamp;
use umbel_store::server_state::Database;

use crate::workers::WorkerState;

/// Shows the server.
pub(crate) fn server(start_time: Timestamp, database: Database, workers: &[WorkerState]) -> api::Server {
    let Database { engine, engine_version, schema_version, size } = database;
    api::Server {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        start_time: start_time.to_datetime(),
        database: api::ServerDatabase { engine, engine_version, schema_version, size },
        workers: workers.iter().map(worker).collect(),
    }
}

fn worker(state: &WorkerState) -> api::ServerWorker {
    let error = |(at, what): (Timestamp, &str)| api::ServerWorkerError { time: at.to_datetime(), message: what.to_owned() };
    api::ServerWorker {
        name: state.name.to_owned(),
        state: if state.has_ended { api::ServerWorkerState::Ended } else { api::ServerWorkerState::Running },
        last_time: state.rounds.last.map(Timestamp::to_datetime),
        last_error: state.rounds.failed.map(error),
    }
}
