//! Exports of a month as FOCUS.

use crate::bench::Bench;
use crate::engine::Engine;
use crate::report::{Goal, Line, median};
use crate::{Result, request, stream};

/// Formats, and the rows a second that are wanted.
const FORMATS: [(&str, f64); 2] = [("csv", 150_000.0), ("parquet", 200_000.0)];
/// A month takes long enough for fewer rounds.
const ROUNDS: usize = 3;

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let usage = bench.settings.usage(engine);
    let server = bench.serve_usage(engine)?;
    let rows = f64::from(u32::try_from(usage.accounts * usage.metrics * usage.days)?);
    let mut lines = Vec::new();
    for (format, goal) in FORMATS {
        let request = request::focus(format);
        let (mut rates, mut grown) = (Vec::new(), Vec::new());
        for _ in 0..bench.settings.rounds.min(ROUNDS) {
            let idle = server.process().memory_mib("VmRSS")?;
            server.process().forget_peak()?;
            rates.push(rows / stream::read(server.address, &request, |_| ())?.whole.as_secs_f64());
            grown.push(server.process().memory_mib("VmHWM")? - idle);
        }
        lines.push(Line::new(format!("focus_{format}"), engine, median(rates)?, "1/s").goal(Goal::ValueAtLeast(goal)));
        lines.push(Line::new(format!("focus_{format}_memory"), engine, median(grown)?, "MiB"));
    }
    Ok(lines)
}
