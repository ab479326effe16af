//! Reading an account far down in the tree, beside axum answering a constant.

use crate::Result;
use crate::bare;
use crate::bench::Bench;
use crate::engine::Engine;
use crate::fill::Content;
use crate::fsync::Delay;
use crate::load::Load;
use crate::report::{Goal, Line, median};
use crate::request;
use crate::server::{Loaded, Server};

const CLIENTS: usize = 64;

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let database = bench.databases.filled_with(engine, Content::People, bench.tree())?;
    let constant = bare::sample(&bench.serve(&database, &[], &Delay::None)?, &request::get_deep_account())?;
    let mut rounds = Vec::new();
    for round in 0..bench.settings.rounds {
        let limit = load(bench, &bare::start(&constant)?, round)?;
        rounds.push((limit, load(bench, &bench.serve(&database, &[], &Delay::None)?, round)?));
    }
    let rate = median(rounds.iter().map(|(_, loaded)| loaded.answered.per_second))?;
    let ratio = median(rounds.iter().map(|(limit, loaded)| loaded.answered.per_second / limit.answered.per_second))?;
    let cpu = median(rounds.iter().map(|(_, loaded)| loaded.cpu_micros))?;
    let cpu_ratio = median(rounds.iter().map(|(limit, loaded)| limit.cpu_micros / loaded.cpu_micros))?;
    Ok(vec![
        Line::new("account_get_deep", engine, rate, "1/s").ratio(ratio).goal(Goal::RatioAtLeast(0.3)),
        Line::new("account_get_deep_cpu", engine, cpu, "us").ratio(cpu_ratio),
    ])
}

fn load(bench: &Bench, server: &Server, round: usize) -> Result<Loaded> {
    let (address, duration, compose) = (server.address, bench.settings.duration, request::get_deep_account());
    server.measure(&Load { address, clients: CLIENTS, duration, seed: round as u64, status: 200, compose })
}
