//! Measures how fast rows are written and checked, and in how much memory:
//! `cargo run --release -p umbel-focus --example rate -- parquet 1000000`.
//!
//! What counts is processor time, as Linux tells it, so that a busy machine does not.
#![expect(clippy::print_stdout, reason = "it prints what it measures")]

#[path = "write_sample/sample.rs"]
mod sample;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter};

use umbel_focus::check::{self, Expected};
use umbel_focus::{Format, Version, Writer};

/// Rows of a day of the sample, roughly.
const ROWS_OF_A_DAY: u32 = 55;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let format: Format = arguments.next().as_deref().unwrap_or("parquet").parse()?;
    let rows: u32 = arguments.next().as_deref().unwrap_or("100000").parse()?;
    let path = std::env::temp_dir().join(format!("umbel-focus-rate-{}.{format}", std::process::id()));
    let days = rows / ROWS_OF_A_DAY;

    let started = processor_microseconds()?;
    sample::rows(days, |_| Ok(()))?;
    let making = processor_microseconds()? - started;

    let mut writer = Writer::new(format, Version::V1_3, BufWriter::with_capacity(1 << 18, File::create(&path)?))?;
    let started = processor_microseconds()?;
    sample::rows(days, |row| Ok(writer.write(row)?))?;
    let rows = writer.rows();
    writer.finish()?;
    report("written", rows, processor_microseconds()? - started - making)?;
    println!("{} bytes a row", std::fs::metadata(&path)?.len() / rows);

    let expected = Expected { version: Version::V1_3, invoices: BTreeMap::new() };
    let file = File::open(&path)?;
    let started = processor_microseconds()?;
    let checked = match format {
        Format::Csv => check::csv(BufReader::with_capacity(1 << 18, file), &expected, drop),
        Format::Ndjson => check::ndjson(BufReader::with_capacity(1 << 18, file), &expected, drop),
        Format::Parquet => check::parquet(file, &expected, drop),
    };
    std::fs::remove_file(&path)?;
    print!("{}", checked?);
    report("checked", rows, processor_microseconds()? - started)
}

fn report(what: &str, rows: u64, microseconds: u64) -> Result<(), Box<dyn Error>> {
    let memory = std::fs::read_to_string("/proc/self/status")?;
    let peak = memory.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default().trim();
    println!("{rows} rows {what}: {} a second, at most {peak} of memory so far", rows * 1_000_000 / microseconds.max(1));
    Ok(())
}

/// The time for which this thread has run.
fn processor_microseconds() -> Result<u64, Box<dyn Error>> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: u64 = statistics.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1_000)
}
