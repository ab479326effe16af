//! `umbel audit export`: a whole log in a file.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use umbel_client::api::{ExportAuditLog, ExportFormat};

use super::asked::{Asked, Whose};
use crate::bar::Bar;
use crate::remote::Server;
use crate::whole_file::WholeFile;
use crate::{Result, print, sources};

#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    asked: Asked,
    /// How it is written.
    #[arg(long, value_enum, default_value = "ndjson")]
    format: Format,
    /// File to write, or to replace when all is written; - is standard output.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A JSON object a line.
    Ndjson,
    /// A table for spreadsheets.
    Csv,
}

impl From<Format> for ExportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Ndjson => Self::Ndjson,
            Format::Csv => Self::Csv,
        }
    }
}

impl Export {
    pub(super) async fn run(self, server: &Server) -> Result {
        let (since, before) = self.asked.span(sources::now());
        let parameters = ExportAuditLog { since, before, direction: None, format: Some(self.format.into()) };
        let mut export = server.client.export_audit_log(&self.whose.log(), &parameters, &self.asked.filters()?).await?;
        if self.file.as_os_str() == "-" {
            while let Some(bytes) = export.next().await?
                && print::offer(&bytes)?
            {}
            return Ok(());
        }
        let unwritten = |error| format!("cannot write {}: {error}", self.file.display());
        let mut file = WholeFile::create(&self.file).map_err(unwritten)?;
        let (bar, mut written) = (Bar::of_bytes("exporting"), 0);
        while let Some(bytes) = export.next().await? {
            file.write_all(&bytes).map_err(unwritten)?;
            bar.advance(bytes.len());
            written += bytes.len();
        }
        file.finish().map_err(unwritten)?;
        drop(bar);
        let shown = serde_json::json!({"file": self.file.display().to_string(), "bytes": written});
        server.show(&shown, |_| format!("bytes written to {}: {written}\n", print::escaped(&self.file.display().to_string())))
    }
}
