//! `umbel focus`: costs and usage in the format of FOCUS.

mod partitioned;
mod place;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use umbel_client::api::{ExportFocus, FocusFormat, FocusVersion};

use self::place::Place;
use super::{Options, Remote, Server};
use crate::bar::Bar;
use crate::focus::Check;
use crate::whole_file::WholeFile;
use crate::{Result, print};

/// The verbs about files of FOCUS: the one that asks a server, and the one that needs none.
#[derive(Args)]
pub(crate) struct Focus {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    verb: AnyVerb,
}

#[derive(Subcommand)]
enum AnyVerb {
    #[command(flatten)]
    Asking(Verb),
    Check(Check),
}

impl Focus {
    pub(crate) async fn run(self) -> Result {
        match self.verb {
            AnyVerb::Asking(verb) => Remote { options: self.options, verb }.run().await,
            AnyVerb::Check(check) => check.run(self.options.json),
        }
    }
}

#[derive(Subcommand)]
enum Verb {
    /// Writes what an organization and everything below it used, and what it cost.
    Export(Export),
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        match self {
            Self::Export(export) => export.run(server).await,
        }
    }
}

#[derive(Args)]
struct Export {
    /// Organization; what is below it is in the rows.
    organization: String,
    /// First day, in UTC; else the first of the month.
    #[arg(long, value_name = "DAY", requires = "to")]
    from: Option<String>,
    /// Last day, in UTC; else today.
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<String>,
    /// In the place of days: what is invoiced in a month like 2026-01, in UTC, with what invoices were rounded by.
    #[arg(long, value_name = "MONTH", conflicts_with_all = ["from", "partitioned"])]
    billing_period: Option<String>,
    /// How it is written; else what the end of the name of the file says, and Parquet for a folder.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Version of FOCUS.
    #[arg(long, value_enum, value_name = "VERSION", default_value = "1.3")]
    focus_version: Version,
    /// File to write, which is there when it is complete; - is standard output.
    #[arg(long, value_name = "FILE", required_unless_present = "partitioned", conflicts_with = "partitioned")]
    out: Option<PathBuf>,
    /// Folder, or `s3://BUCKET/PREFIX`, to write a file for each day to, in the layout of Hive, and the metadata beside them. A bucket
    /// takes its credentials from the environment, as AWS's own programs do.
    #[arg(long, value_name = "PLACE")]
    partitioned: Option<Place>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
    Parquet,
}

impl Format {
    /// The end of the names of its files.
    fn end(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

impl From<Format> for FocusFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Ndjson => Self::Ndjson,
            Format::Parquet => Self::Parquet,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Version {
    #[value(name = "1.2")]
    V1_2,
    #[value(name = "1.3")]
    V1_3,
    #[value(name = "1.4")]
    V1_4,
}

impl Version {
    fn text(self) -> &'static str {
        match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
            Self::V1_4 => "1.4",
        }
    }
}

impl From<Version> for FocusVersion {
    fn from(version: Version) -> Self {
        match version {
            Version::V1_2 => Self::V1_2,
            Version::V1_3 => Self::V1_3,
            Version::V1_4 => Self::V1_4,
        }
    }
}

impl Export {
    async fn run(self, server: &Server) -> Result {
        match (&self.partitioned, &self.out) {
            (Some(place), _) => partitioned::export(&self, server, place).await,
            (None, Some(file)) => self.to_file(server, file).await,
            (None, None) => Err("give --out or --partitioned".into()),
        }
    }

    async fn to_file(&self, server: &Server, file: &Path) -> Result {
        let end = file.extension().and_then(|end| end.to_str()).unwrap_or_default();
        let by_name = || Format::from_str(end, true).map_err(|_| "the name of the file does not tell the format: use --format");
        let format = self.format.map_or_else(by_name, Ok)?;
        let asked = self.asked(format, (self.from.clone(), self.to.clone()));
        let mut export = server.client.export_focus(&self.organization, &asked).await?;
        if file.as_os_str() == "-" {
            while let Some(bytes) = export.next().await?
                && print::offer(&bytes)?
            {}
            return Ok(());
        }
        let unwritten = |error| format!("cannot write {}: {error}", file.display());
        let mut out = WholeFile::create(file).map_err(unwritten)?;
        let (bar, mut written) = (Bar::of_bytes("exporting"), 0);
        while let Some(bytes) = export.next().await? {
            out.write_all(&bytes).map_err(unwritten)?;
            bar.advance(bytes.len());
            written += bytes.len();
        }
        out.finish().map_err(unwritten)?;
        drop(bar);
        let shown = serde_json::json!({"file": file.display().to_string(), "bytes": written});
        server.show(&shown, |_| format!("bytes written to {}: {written}\n", print::escaped(&file.display().to_string())))
    }

    fn asked(&self, format: Format, (from, to): (Option<String>, Option<String>)) -> ExportFocus {
        let (billing_period, version) = (self.billing_period.clone(), Some(self.focus_version.into()));
        ExportFocus { from, to, billing_period, format: Some(format.into()), version }
    }
}
