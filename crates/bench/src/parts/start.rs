//! How soon a server answers on a database that exists.

use std::time::Instant;

use crate::Result;
use crate::bench::Bench;
use crate::database::Database;
use crate::engine::Engine;
use crate::fsync::Delay;
use crate::http::Connection;
use crate::random::Random;
use crate::report::{Goal, Line, median};
use crate::request;

const START_MILLIS_MAX: f64 = 100.0;

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let database = bench.databases.filled(engine, bench.tree())?;
    let starts: Vec<f64> = (0..bench.settings.rounds).map(|_| start(bench, &database)).collect::<Result<_>>()?;
    Ok(vec![Line::new("start", engine, median(starts)?, "ms").goal(Goal::ValueAtMost(START_MILLIS_MAX))])
}

/// Milliseconds from before the server is executed until it has said that it is ready.
fn start(bench: &Bench, database: &Database) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut request = Vec::new();
    request::get("/readyz")(&mut Random::new(0), &mut request);
    let begun = Instant::now();
    let server = bench.serve(database, &[], &Delay::None)?;
    let status = runtime.block_on(async {
        let mut connection = Connection::open(server.address).await?;
        crate::Result::Ok(connection.exchange(&request).await?.status)
    })?;
    let elapsed = begun.elapsed();
    if status == 200 { Ok(elapsed.as_secs_f64() * 1e3) } else { Err(format!("/readyz answered {status}").into()) }
}
