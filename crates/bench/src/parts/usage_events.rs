//! Durable events of usage over HTTP in batches, beside the same rows as bare SQL, and beside many more events that were counted.

use std::collections::BTreeSet;
use std::time::Instant;

use rusqlite::{Transaction, TransactionBehavior, params};

use crate::Result;
use crate::bench::Bench;
use crate::database::{Database, remove};
use crate::engine::Engine;
use crate::fill::Content;
use crate::fsync::Delay;
use crate::load::Load;
use crate::random::Random;
use crate::report::{Goal, Line, median};
use crate::request::{self, BATCH};
use crate::server::{Loaded, Server};
use crate::session::Session;
use crate::usage::{self, Usage};

/// Accounts and metrics that the events are about.
const ACCOUNTS: u64 = 100;
const METRICS: u64 = 10;
/// Events that were counted before, when they are few.
const FEW: u64 = 1_000_000;
const CLIENTS: usize = 4;
const PUT_DAY: &str = "INSERT INTO usage_days (account_id, day, metric_id, zone_id, region_id, quantity, latest) \
     VALUES (?, ?, ?, '', '', ?, ?) ON CONFLICT DO UPDATE SET quantity = excluded.quantity, latest = excluded.latest";
const PUT_MONTH: &str = "INSERT INTO usage_months (account_id, month, metric_id, zone_id, region_id, quantities) \
     VALUES (?, ?, ?, '', '', ?) ON CONFLICT DO UPDATE SET quantities = excluded.quantities";

struct Round {
    fsync_rate: f64,
    /// Events a second as bare SQL, where that is measured.
    bare: Option<f64>,
    few: Loaded,
    many: Loaded,
}

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let many = bench.settings.usage(engine).keys;
    let counted = |keys, name: &str| -> Result<Database> {
        let usage = Usage { accounts: ACCOUNTS, metrics: METRICS, days: 0, keys };
        bench.databases.copy(&bench.databases.filled_with(engine, Content::Usage(usage), Usage::tree())?, name)
    };
    let databases = [counted(FEW, "usage_few")?, counted(many, "usage_many")?, counted(FEW, "usage_bare")?];
    let [few, most, bare] = &databases;
    let servers = [bench.serve(few, &[], &Delay::None)?, bench.serve(most, &[], &Delay::None)?];
    let mut rounds = Vec::new();
    for round in 0..bench.settings.rounds {
        rounds.push(Round {
            fsync_rate: bench.fsync_rate(&Delay::None)?,
            bare: record_bare(bench, bare, round)?,
            few: load(bench, &servers[0], round)?,
            many: load(bench, &servers[1], round)?,
        });
    }
    drop(servers);
    databases.iter().try_for_each(remove)?;
    lines(engine, &rounds, many)
}

fn load(bench: &Bench, server: &Server, round: usize) -> Result<Loaded> {
    let usage = Usage { accounts: ACCOUNTS, metrics: METRICS, days: 0, keys: 0 };
    let (address, duration, compose) = (server.address, bench.settings.duration, request::record_usage(usage));
    server.measure(&Load { address, clients: CLIENTS, duration, seed: round as u64, status: 200, compose })
}

/// Adds the rows of events, a transaction for each batch, and says how many events a second that were; on SQLite alone.
fn record_bare(bench: &Bench, database: &Database, round: usize) -> Result<Option<f64>> {
    let Session::Sqlite(mut connection) = Session::open(&database.url)? else { return Ok(None) };
    let mut random = Random::new(1_000 + round as u64);
    let mut events = 0;
    let started = Instant::now();
    while started.elapsed() < bench.settings.duration {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        record_batch(&transaction, &mut random)?;
        transaction.commit()?;
        events += BATCH;
    }
    Ok(Some(f64::from(events) / started.elapsed().as_secs_f64()))
}

fn record_batch(transaction: &Transaction<'_>, random: &mut Random) -> Result {
    let mut keys: Vec<_> = (0..BATCH).map(|_| [random.next(), random.next()].map(u64::to_be_bytes).concat()).collect();
    keys.sort_unstable();
    let mut add_key = transaction.prepare_cached("INSERT INTO usage_keys (key_hash, content_hash, day) VALUES (?, ?, ?)")?;
    for key in &keys {
        add_key.execute(params![key, &key[..8], usage::FIRST_DAY])?;
    }
    let cells: BTreeSet<_> = (0..BATCH).map(|_| (random.below(ACCOUNTS), random.below(METRICS))).collect();
    let mut put_day = transaction.prepare_cached(PUT_DAY)?;
    let mut put_month = transaction.prepare_cached(PUT_MONTH)?;
    for (account, metric) in cells {
        let (account, metric) = (usage::account(account), usage::metric(metric));
        put_day.execute(params![account, usage::FIRST_DAY, metric, &keys[0], random.next().cast_signed()])?;
        put_month.execute(params![account, usage::FIRST_DAY, metric, [&[0], &*keys[0]].concat()])?;
    }
    Ok(())
}

fn lines(engine: Engine, rounds: &[Round], many: u64) -> Result<Vec<Line>> {
    let events = |loaded: &Loaded| loaded.answered.per_second * f64::from(BATCH);
    let fsync_rate = median(rounds.iter().map(|round| round.fsync_rate))?;
    let line = |name: &str, value, unit| Line::new(name, engine, value, unit).fsync_rate(fsync_rate);
    let few = median(rounds.iter().map(|round| events(&round.few)))?;
    let mut lines = vec![line("usage_events", few, "1/s").goal(Goal::ValueAtLeast(40_000.0))];
    if let Some(bare) = rounds.iter().map(|round| round.bare).collect::<Option<Vec<f64>>>() {
        let ratios: Vec<f64> = rounds.iter().zip(&bare).map(|(round, bare)| events(&round.few) / bare).collect();
        lines.push(line("usage_events_bare", median(bare)?, "1/s"));
        lines.push(line("usage_events_of_bare", 100.0 * median(ratios)?, "%").goal(Goal::ValueAtLeast(60.0)));
    }
    let slower = median(rounds.iter().map(|round| events(&round.few) / events(&round.many)))?;
    let name = format!("usage_events_{}m", many / 1_000_000);
    let rate = median(rounds.iter().map(|round| events(&round.many)))?;
    lines.push(line(&name, rate, "1/s").ratio(slower).goal(Goal::RatioAtMost(2.0)));
    let cpu = median(rounds.iter().map(|round| round.few.cpu_micros / f64::from(BATCH)))?;
    lines.push(line("usage_events_cpu", cpu, "us"));
    let p99 = median(rounds.iter().map(|round| round.few.answered.p99_micros))?;
    lines.push(line("usage_events_p99", p99, "us"));
    Ok(lines)
}
