//! Writes believable rows as a FOCUS file, and prints what they add up to.
//!
//! usage: `write_sample FORMAT VERSION DAYS FILE`

mod sample;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};

use umbel_decimal::Decimal;
use umbel_focus::Writer;

/// What some rows add up to.
#[derive(Default)]
struct Sums {
    rows: u64,
    billed_cost: Decimal,
    list_cost: Decimal,
    consumed: Decimal,
}

fn main() -> Result<(), Box<dyn Error>> {
    let [format, version, days, file] =
        std::env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "usage: write_sample FORMAT VERSION DAYS FILE")?;
    let mut writer = Writer::new(format.parse()?, version.parse()?, BufWriter::new(File::create(file)?))?;
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    sample::rows(days.parse()?, |row| {
        writer.write(row)?;
        let sums = sums.entry(row.billable_metric.map_or("", |metric| metric.id).to_owned()).or_default();
        sums.rows += 1;
        sums.billed_cost = sums.billed_cost.checked_add(row.billed_cost)?;
        sums.list_cost = sums.list_cost.checked_add(row.list_cost)?;
        if let Some(consumed) = row.consumed {
            sums.consumed = sums.consumed.checked_add(consumed.amount)?;
        }
        Ok(())
    })?;
    writer.finish()?;
    let mut out = std::io::stdout().lock();
    for (metric, Sums { rows, billed_cost, list_cost, consumed }) in sums {
        writeln!(out, "{metric},{rows},{billed_cost},{list_cost},{consumed}")?;
    }
    Ok(())
}
