//! What entries of the audit log, and their proofs, take of the time of creates.

use crate::Result;
use crate::bench::Bench;
use crate::database::{Database, remove};
use crate::engine::Engine;
use crate::fsync::Delay;
use crate::load::Load;
use crate::parts::audit_proofs::grown;
use crate::parts::create::{DELAY, OPTIONS};
use crate::report::{Goal, Line, median};
use crate::request;
use crate::serial::Shape;
use crate::session::Session;
use crate::stored::Audit;

const CLIENTS: usize = 64;

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let mut lines = measure(bench, engine, &Delay::None, "")?;
    if engine == Engine::Sqlite {
        let suffix = format!("_{}ms", DELAY.as_millis());
        lines.extend(measure(bench, engine, &Delay::compile(&bench.folder, DELAY)?, &suffix)?);
    }
    Ok(lines)
}

/// Each round creates over HTTP, and in the store alone without entries and with them.
fn measure(bench: &Bench, engine: Engine, delay: &Delay, suffix: &str) -> Result<Vec<Line>> {
    let original = bench.databases.filled(engine, bench.tree())?;
    let [served, bare, audited] = ["grouped", "bare", "audited"].map(|name| bench.databases.copy(&original, name));
    let (served, bare, audited) = (served?, bare?, audited?);
    let server = bench.serve(&served, &OPTIONS, delay)?;
    let (mut shares, mut costs) = (Vec::new(), Vec::new());
    for round in 0..bench.settings.rounds {
        let compose = request::create_organization(bench.tree(), Shape::Ordered);
        let (address, duration, seed) = (server.address, bench.settings.duration, round as u64);
        let created = server.measure(&Load { address, clients: CLIENTS, duration, seed, status: 200, compose })?;
        let without = bench.create_in_store(&bare, Audit::Without, delay)?;
        let with = bench.create_in_store(&audited, Audit::With, delay)?;
        shares.push(100.0 * created.answered.per_second * (1.0 / with - 1.0 / without));
        costs.push(created.cpu_micros);
    }
    drop(server);
    let proofs = 100.0 * growth_micros(bench, &audited, delay)? / median(costs)?;
    for database in [&served, &bare, &audited] {
        remove(database)?;
    }
    Ok(vec![
        Line::new(format!("audit_of_create{suffix}"), engine, median(shares)?, "%").goal(Goal::ValueAtMost(15.0)),
        Line::new(format!("proofs_of_create{suffix}"), engine, proofs, "%").goal(Goal::ValueAtMost(10.0)),
    ])
}

/// The time on processors, in microseconds, in which a server makes a leaf of an entry that waits.
fn growth_micros(bench: &Bench, database: &Database, delay: &Delay) -> Result<f64> {
    let waiting: u32 = Session::open(&database.url)?.text("SELECT CAST(COUNT(*) AS TEXT) FROM audit_pending")?.parse()?;
    let server = bench.serve(database, &[], delay)?;
    let before = server.process().cpu_time()?;
    grown(&server, waiting.into())?;
    Ok(server.process().cpu_time()?.saturating_sub(before).as_secs_f64() * 1e6 / f64::from(waiting))
}
