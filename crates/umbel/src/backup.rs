//! `umbel backup`: a copy of the database.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use umbel_store::admin::backup;

use crate::Result;
use crate::bar::Bar;
use crate::settings::Database;

/// Copies a SQLite database into a new file, also beside a running server; for PostgreSQL it says how.
#[derive(Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    database: Database,
    /// File to write; it must not be there yet.
    file: PathBuf,
}

impl Backup {
    pub(crate) fn run(self) -> Result {
        let mut bar = Bar::new("copying pages");
        backup::backup(&self.database.url()?, &self.file, &mut |progress| bar.show(progress))?;
        drop(bar);
        Ok(writeln!(std::io::stdout(), "the backup is {}", self.file.display())?)
    }
}
