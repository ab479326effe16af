//! Durable creates over HTTP, beside the same rows with one sync each.

use std::time::Duration;

use crate::bench::Bench;
use crate::database::remove;
use crate::engine::Engine;
use crate::fsync::Delay;
use crate::load::{Answered, Load};
use crate::report::{Goal, Line, median};
use crate::serial::Shape;
use crate::server::{Loaded, Server};
use crate::{Result, request, say};

const CLIENTS: [usize; 4] = [1, 8, 64, 256];
/// What the slower disk takes longer for each sync.
pub(super) const DELAY: Duration = Duration::from_millis(4);
/// The parent of all must take every child.
pub(super) const OPTIONS: [&str; 2] = ["--children-max", "1000000000"];
/// Times that the slowest of a hundred creates may take of the time of the middle one.
const P99_MAX: f64 = 6.0;

struct Round {
    fsync_rate: f64,
    serial: Answered,
    created: [Loaded; CLIENTS.len()],
}

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let mut delays = vec![Delay::None];
    // Who starts the PostgreSQL server may be somebody else.
    if engine == Engine::Sqlite {
        delays.push(Delay::compile(&bench.folder, DELAY)?);
    }
    let mut lines = Vec::new();
    for delay in &delays {
        for shape in [Shape::Ordered, Shape::Scattered] {
            lines.extend(measure(bench, engine, shape, delay)?);
        }
    }
    Ok(lines)
}

fn measure(bench: &Bench, engine: Engine, shape: Shape, delay: &Delay) -> Result<Vec<Line>> {
    let original = bench.databases.filled(engine, bench.tree())?;
    let (grouped, serial) = (bench.databases.copy(&original, "grouped")?, bench.databases.copy(&original, "serial")?);
    let server = bench.serve(&grouped, &OPTIONS, delay)?;
    let mut rounds = Vec::new();
    for round in 0..bench.settings.rounds {
        let fsync_rate = bench.fsync_rate(delay)?;
        let serial = bench.create_serially(&serial, shape, delay)?;
        let [a, b, c, d] = CLIENTS.map(|clients| load(bench, &server, shape, clients, round));
        rounds.push(Round { fsync_rate, serial, created: [a?, b?, c?, d?] });
    }
    drop(server);
    remove(&grouped)?;
    remove(&serial)?;
    let suffix = suffix(shape, delay);
    say(&format!("{engine}: create{suffix} done"));
    lines(engine, &rounds, delay, &suffix)
}

fn load(bench: &Bench, server: &Server, shape: Shape, clients: usize, round: usize) -> Result<Loaded> {
    // No two loads send the same keys.
    let seed = (round * 1_000 + clients) as u64;
    let (address, duration) = (server.address, bench.settings.duration);
    let compose = request::create_organization(bench.tree(), shape);
    server.measure(&Load { address, clients, duration, seed, status: 200, compose })
}

fn suffix(shape: Shape, delay: &Delay) -> String {
    let shape = if shape == Shape::Scattered { "_scattered" } else { "" };
    let delay = match delay {
        Delay::None => String::new(),
        Delay::Of(duration, _) => format!("_{}ms", duration.as_millis()),
    };
    format!("{shape}{delay}")
}

fn lines(engine: Engine, rounds: &[Round], delay: &Delay, suffix: &str) -> Result<Vec<Line>> {
    let fsync_rate = median(rounds.iter().map(|round| round.fsync_rate))?;
    let serial = median(rounds.iter().map(|round| round.serial.per_second))?;
    let mut lines = vec![Line::new(format!("create_serial{suffix}"), engine, serial, "1/s").fsync_rate(fsync_rate)];
    for (at, clients) in CLIENTS.into_iter().enumerate() {
        let of = |figure: fn(Loaded) -> f64| median(rounds.iter().map(|round| figure(round.created[at])));
        let name = format!("create_{clients}{suffix}");
        let line = |suffix, value, unit| Line::new(format!("{name}{suffix}"), engine, value, unit).fsync_rate(fsync_rate);
        let ratio = median(rounds.iter().map(|round| round.created[at].answered.per_second / round.serial.per_second))?;
        let rate = line("", of(|loaded| loaded.answered.per_second)?, "1/s").ratio(ratio);
        lines.push(match goal(clients, delay) {
            Some(goal) => rate.goal(goal),
            None => rate,
        });
        let ratio = of(|loaded| loaded.answered.p99_micros / loaded.answered.p50_micros)?;
        let p99 = line("_p99", of(|loaded| loaded.answered.p99_micros)?, "us").ratio(ratio);
        lines.push(p99.goal(Goal::RatioAtMost(P99_MAX)));
        lines.push(line("_cpu", of(|loaded| loaded.cpu_micros)?, "us"));
        let refused = of(|loaded| loaded.answered.refused_percent)?;
        if refused > 0.0 {
            lines.push(line("_refused", refused, "%"));
        }
    }
    Ok(lines)
}

/// How many times the serial rate is wanted.
fn goal(clients: usize, delay: &Delay) -> Option<Goal> {
    match (clients, delay) {
        (64, Delay::None) => Some(Goal::RatioAtLeast(2.0)),
        (64, Delay::Of(..)) => Some(Goal::RatioAtLeast(15.0)),
        (256, Delay::Of(..)) => Some(Goal::RatioAtLeast(25.0)),
        _ => None,
    }
}
