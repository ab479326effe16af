//! What all accounts cost in a month, added up in one way and another.

use crate::bench::Bench;
use crate::engine::Engine;
use crate::load::Load;
use crate::report::{Goal, Line};
use crate::{Result, request};

/// What is grouped by: parts of the lines' names, and parameters.
const GROUPS: [(&str, &str); 4] =
    [("day", "&group_by=day"), ("account", "&group_by=account"), ("metric", "&group_by=metric"), ("sum", "")];
/// Middle of how many.
const TIMES: u32 = 5;

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let server = bench.serve_usage(engine)?;
    let line = |(name, options): &(&str, &str)| {
        let duration = bench.settings.duration * TIMES;
        let load = Load { address: server.address, clients: 1, duration, seed: 0, status: 200, compose: request::costs(options) };
        let millis = server.measure(&load)?.answered.p50_micros / 1e3;
        Ok(Line::new(format!("costs_by_{name}"), engine, millis, "ms").goal(Goal::ValueAtMost(300.0)))
    };
    GROUPS.iter().map(line).collect()
}
