//! Reading one organization among many, beside axum answering a constant.

use crate::Result;
use crate::bare::{self, Constant};
use crate::bench::Bench;
use crate::database::Database;
use crate::engine::Engine;
use crate::fsync::Delay;
use crate::load::{Compose, Load};
use crate::report::{Goal, Line, median};
use crate::request;
use crate::server::{Loaded, Server};

const CLIENTS: usize = 64;
/// Bare axum leads the list; what comes behind is compared with it.
const NAMES: [&str; 5] = ["bare_axum", "point_get", "point_get_not_modified", "healthz", "point_get_without_log"];

/// One figure for each of the names.
type Round = [Loaded; NAMES.len()];

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let database = bench.databases.filled(engine, bench.tree())?;
    let constant = {
        let server = bench.serve(&database, &[], &Delay::None)?;
        bare::sample(&server, &request::get_organization(bench.tree(), ""))?
    };
    let rounds: Vec<Round> =
        (0..bench.settings.rounds).map(|round| measure(bench, &database, &constant, round)).collect::<Result<_>>()?;
    let mut lines = Vec::new();
    for (at, name) in NAMES.into_iter().enumerate() {
        let rate = median(rounds.iter().map(|round| round[at].answered.per_second))?;
        let ratio = median(rounds.iter().map(|round| round[at].answered.per_second / round[0].answered.per_second))?;
        let line = Line::new(name, engine, rate, "1/s").ratio(ratio);
        lines.push(if name == "point_get" { line.goal(Goal::RatioAtLeast(0.4)) } else { line });
        let cpu = median(rounds.iter().map(|round| round[at].cpu_micros))?;
        let ratio = median(rounds.iter().map(|round| round[0].cpu_micros / round[at].cpu_micros))?;
        lines.push(Line::new(format!("{name}_cpu"), engine, cpu, "us").ratio(ratio));
    }
    Ok(lines)
}

fn measure(bench: &Bench, database: &Database, constant: &Constant, round: usize) -> Result<Round> {
    let tree = bench.tree();
    let get = request::get_organization(tree, "");
    let bare = bare::start(constant)?;
    let bare_axum = load(bench, &bare, &get, 200, round)?;
    drop(bare);
    let server = bench.serve(database, &[], &Delay::None)?;
    let point_get = load(bench, &server, &get, 200, round)?;
    let not_modified = load(bench, &server, &request::get_organization(tree, "if-none-match: *\r\n"), 304, round)?;
    let healthz = load(bench, &server, &request::get("/healthz"), 200, round)?;
    drop(server);
    let silent = bench.serve(database, &["--log-level", "off"], &Delay::None)?;
    let without_log = load(bench, &silent, &get, 200, round)?;
    Ok([bare_axum, point_get, not_modified, healthz, without_log])
}

fn load(bench: &Bench, server: &Server, compose: &Compose, status: u16, round: usize) -> Result<Loaded> {
    let (address, duration, compose) = (server.address, bench.settings.duration, compose.clone());
    server.measure(&Load { address, clients: CLIENTS, duration, seed: round as u64, status, compose })
}
