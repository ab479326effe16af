//! `umbel focus check`: files of costs and usage in the format of FOCUS, without a server and without a network.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;
use umbel_focus::check::{self, Expected};
use umbel_focus::{Format, Version};

use crate::bar::Bar;
use crate::{Result, print};

/// Checks whether a file of costs and usage conforms to FOCUS, and shows where it does not.
#[derive(Args)]
pub(crate) struct Check {
    /// File to check: CSV, NDJSON or Parquet.
    file: PathBuf,
    /// Format of the file, `csv`, `ndjson` or `parquet`; without it the end of its name tells.
    #[arg(long)]
    format: Option<Format>,
    /// Version of FOCUS, `1.2`, `1.3` or `1.4`.
    #[arg(long, value_name = "VERSION", default_value = "1.3")]
    focus_version: Version,
    /// Total of an invoice, to which its rows must add up; can be given for several.
    #[arg(long = "invoice", value_name = "ID=TOTAL", value_parser = invoice)]
    invoices: Vec<(String, String)>,
}

fn invoice(text: &str) -> std::result::Result<(String, String), &'static str> {
    let (id, total) = text.rsplit_once('=').ok_or("give the id of the invoice and its total, like INV-7=12.50")?;
    Ok((id.to_owned(), total.to_owned()))
}

impl Check {
    pub(crate) fn run(self, json: bool) -> Result {
        let named = |error: &dyn std::error::Error| format!("{}: {error}", self.file.display());
        let format = self.format.map_or_else(|| by_name(&self.file), Ok)?;
        let mut expected = Expected { version: self.focus_version, invoices: BTreeMap::new() };
        for (id, total) in self.invoices {
            let total = total.parse().map_err(|error| format!("--invoice {id}={total}: the total {error}"))?;
            expected.invoices.insert(id, total);
        }
        let file = File::open(&self.file).map_err(|error| format!("cannot read {}: {error}", self.file.display()))?;
        let report = {
            let bar = Bar::new("rows checked:");
            let advance = |rows| bar.advance(rows);
            let report = match format {
                Format::Csv => check::csv(BufReader::with_capacity(1 << 18, file), &expected, advance),
                Format::Ndjson => check::ndjson(BufReader::with_capacity(1 << 18, file), &expected, advance),
                Format::Parquet => check::parquet(file, &expected, advance),
            };
            report.map_err(|error| named(&error))?
        };
        let printed = if json { print::json(&report) } else { print::out(&report.to_string()) };
        printed?;
        if report.conforms {
            Ok(())
        } else {
            Err(format!("{} does not conform to FOCUS {}", self.file.display(), expected.version).into())
        }
    }
}

/// The format that the end of the name tells.
fn by_name(file: &Path) -> Result<Format> {
    let end = file.extension().and_then(|end| end.to_str()).unwrap_or_default();
    let format = end.to_ascii_lowercase().parse();
    Ok(format.map_err(|_| format!("the name {} does not tell the format: use --format", file.display()))?)
}
