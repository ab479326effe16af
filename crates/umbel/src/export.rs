//! `umbel export`: from the database to lines of JSON.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use umbel_store::Store;
use umbel_store::admin::portability;

use crate::Result;
use crate::bar::Bar;
use crate::settings::Database;
use crate::whole_file::WholeFile;

/// Writes everything as it is at one moment, without secrets but with their hashes; works beside a running server.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    database: Database,
    /// File to write, or to replace when all is written; without it, and with -, standard output.
    file: Option<PathBuf>,
}

impl Export {
    pub(crate) async fn run(self) -> Result {
        let store = self.database.open_existing().await?;
        match self.file.filter(|file| file.as_os_str() != "-") {
            None => write(&store, &mut BufWriter::new(std::io::stdout().lock())).await.map(drop),
            Some(file) => {
                let lines =
                    write_file(&store, &file).await.map_err(|error| format!("cannot write {}: {error}", file.display()))?;
                Ok(writeln!(std::io::stdout(), "lines written to {}: {lines}", file.display())?)
            }
        }
    }
}

async fn write_file(store: &Store, file: &Path) -> Result<u64> {
    let mut out = WholeFile::create(file)?;
    let lines = write(store, &mut out).await?;
    out.finish()?;
    Ok(lines)
}

async fn write(store: &Store, out: &mut impl Write) -> Result<u64> {
    let mut bar = Bar::new("exporting");
    Ok(portability::export(store, out, &mut |progress| bar.show(progress)).await?)
}
