//! `umbel import`: from lines of JSON to the database.

use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;

use clap::Args;
use umbel_store::Access;
use umbel_store::admin::portability::{self, Error};

use crate::Result;
use crate::bar::Bar;
use crate::settings::Database;
use crate::sources::sources;

/// Adds what the lines of a file describe, all of it or nothing; needs the server stopped.
#[derive(Args)]
pub(crate) struct Import {
    #[command(flatten)]
    database: Database,
    /// File of JSON objects, one a line; - is standard input.
    file: PathBuf,
}

impl Import {
    pub(crate) async fn run(self) -> Result {
        let input: Box<dyn BufRead> = if self.file.as_os_str() == "-" {
            Box::new(BufReader::new(std::io::stdin()))
        } else {
            let file = File::open(&self.file).map_err(|error| format!("cannot read {}: {error}", self.file.display()))?;
            Box::new(BufReader::new(file))
        };
        let store = self.database.open(Access::Exclusive).await?;
        let mut bar = Bar::new("importing");
        let imported = portability::import(&store, &sources(), input, &mut |progress| bar.show(progress)).await;
        drop(bar);
        if let Err(Error::BadLines(lines)) = &imported {
            for line in lines {
                writeln!(std::io::stderr(), "umbel: line {}: {}", line.number, line.reason)?;
            }
        }
        let imported = imported?;
        let mut out = std::io::stdout().lock();
        Ok(writeln!(out, "lines added: {}, there already: {}", imported.added, imported.unchanged)?)
    }
}
