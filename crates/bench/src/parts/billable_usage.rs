//! A long list of usage over HTTP, beside `serde_json` that writes the same records from memory.

use std::hint::black_box;
use std::time::Instant;

use umbel_api::BillableUsage;

use crate::Result;
use crate::bench::Bench;
use crate::engine::Engine;
use crate::report::{Goal, Line, median};
use crate::request;
use crate::stream::{self, Read};

/// The last of the days that are read: three of them have 300,000 records of 500 accounts and 200 metrics.
const LAST_DAY: &str = "2024-03-03";

struct Round {
    read: Read,
    /// What `serde_json` writes, in megabytes a second.
    limit: f64,
    grown_mib: f64,
}

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let server = bench.serve_usage(engine)?;
    let request = request::billable_usage(LAST_DAY);
    let mut sent = Vec::new();
    stream::read(server.address, &request, |part| sent.extend_from_slice(part))?;
    let records = Records::parse(&stream::without_chunks(&sent)?)?;
    drop(sent);
    let mut rounds = Vec::new();
    for _ in 0..bench.settings.rounds {
        let limit = records.write()?;
        let idle = server.process().memory_mib("VmRSS")?;
        server.process().forget_peak()?;
        let read = stream::read(server.address, &request, |_| ())?;
        let grown_mib = server.process().memory_mib("VmHWM")? - idle;
        rounds.push(Round { read, limit, grown_mib });
    }
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
    let line = |name: &str, value, unit| Line::new(name, engine, value, unit);
    let count = f64::from(u32::try_from(records.result.len())?);
    let ratio = of(|round| round.read.megabytes_per_second() / round.limit)?;
    Ok(vec![
        line("billable_usage_limit", of(|round| round.limit)?, "MB/s"),
        line("billable_usage", of(|round| round.read.megabytes_per_second())?, "MB/s").ratio(ratio).goal(Goal::RatioAtLeast(0.8)),
        line("billable_usage_records", count / of(|round| round.read.whole.as_secs_f64())?, "1/s"),
        line("billable_usage_first_byte", of(|round| round.read.first.as_secs_f64() * 1e3)?, "ms").goal(Goal::ValueAtMost(20.0)),
        line("billable_usage_memory", of(|round| round.grown_mib)?, "MiB").goal(Goal::ValueAtMost(16.0)),
    ])
}

/// The records of an answer.
#[derive(serde::Deserialize)]
struct Records {
    result: Vec<BillableUsage<'static>>,
}

impl Records {
    fn parse(body: &[u8]) -> Result<Self> {
        Ok(serde_json::from_slice(body)?)
    }

    /// Writes them into memory, and says how many megabytes a second that were.
    fn write(&self) -> Result<f64> {
        let mut written = Vec::with_capacity(1 << 20);
        let (started, mut bytes) = (Instant::now(), 0);
        for records in self.result.chunks(1_000) {
            written.clear();
            serde_json::to_writer(&mut written, records)?;
            bytes += black_box(&written).len();
        }
        Ok(f64::from(u32::try_from(bytes)?) / 1e6 / started.elapsed().as_secs_f64())
    }
}
