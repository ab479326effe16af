//! A filtered page of a list for one client, in a big tree and in a small one.

use crate::Result;
use crate::bench::Bench;
use crate::engine::Engine;
use crate::fsync::Delay;
use crate::load::{Answered, Compose, Load};
use crate::report::{Goal, Line, median};
use crate::request;
use crate::server::Server;
use crate::settings::SMALL;
use crate::tree::Tree;

struct Round {
    big: Answered,
    small: Answered,
    with_total: Answered,
}

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let (big, small) = (bench.tree(), Tree { size: SMALL });
    let (big_database, small_database) = (bench.databases.filled(engine, big)?, bench.databases.filled(engine, small)?);
    // In a trial run both are the same file, which two servers do not share.
    let small_database = if big.size == small.size { bench.databases.copy(&small_database, "small")? } else { small_database };
    let big_server = bench.serve(&big_database, &[], &Delay::None)?;
    let small_server = bench.serve(&small_database, &[], &Delay::None)?;
    let mut rounds = Vec::new();
    for round in 0..bench.settings.rounds {
        rounds.push(Round {
            small: load(bench, &small_server, &request::list_stores(small, "&include_total=false"), round)?,
            big: load(bench, &big_server, &request::list_stores(big, "&include_total=false"), round)?,
            with_total: load(bench, &big_server, &request::list_stores(big, ""), round)?,
        });
    }
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
    let line = |name: &str, value| Line::new(name, engine, value, "us");
    Ok(vec![
        line("list_page", of(|round| round.big.p50_micros)?)
            .ratio(of(|round| round.big.p50_micros / round.small.p50_micros)?)
            .goal(Goal::RatioAtMost(1.5)),
        line("list_page_p99", of(|round| round.big.p99_micros)?)
            .ratio(of(|round| round.big.p99_micros / round.big.p50_micros)?)
            .goal(Goal::RatioAtMost(3.0)),
        line("list_page_small", of(|round| round.small.p50_micros)?),
        line("list_page_small_p99", of(|round| round.small.p99_micros)?)
            .ratio(of(|round| round.small.p99_micros / round.small.p50_micros)?),
        line("list_page_with_total", of(|round| round.with_total.p50_micros)?)
            .ratio(of(|round| round.with_total.p50_micros / round.big.p50_micros)?),
    ])
}

fn load(bench: &Bench, server: &Server, compose: &Compose, round: usize) -> Result<Answered> {
    let (address, duration, compose) = (server.address, bench.settings.duration, compose.clone());
    let load = Load { address, clients: 1, duration, seed: round as u64, status: 200, compose };
    Ok(server.measure(&load)?.answered)
}
