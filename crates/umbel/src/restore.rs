//! `umbel restore`: a database from its copy.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use umbel_store::admin::backup::{self, Existing};

use crate::Result;
use crate::bar::Bar;
use crate::settings::Database;

/// Puts a backup in the place of a SQLite database; needs the server stopped. For PostgreSQL it says how.
#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    database: Database,
    /// File that `umbel backup` wrote.
    file: PathBuf,
    /// Replace the database that is there.
    #[arg(long)]
    replace: bool,
}

impl Restore {
    pub(crate) fn run(self) -> Result {
        let existing = if self.replace { Existing::Replace } else { Existing::Keep };
        let mut bar = Bar::new("copying pages");
        let url = self.database.url()?;
        backup::restore(&url, &self.file, existing, &mut |progress| bar.show(progress))?;
        drop(bar);
        Ok(writeln!(std::io::stdout(), "{url} is what {} holds", self.file.display())?)
    }
}
