//! `umbel restore`: a database from its copy.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use umbel_store::admin::backup::{self, Existing};
use umbel_store::admin::operators;
use umbel_store::{Access, Store};

use crate::Result;
use crate::bar::Bar;
use crate::settings::Database;
use crate::sources::sources;

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
    pub(crate) async fn run(self) -> Result {
        let existing = if self.replace { Existing::Replace } else { Existing::Keep };
        let mut bar = Bar::new("copying pages");
        let url = self.database.url()?;
        backup::restore(&url, &self.file, existing, &mut |progress| bar.show(progress))?;
        drop(bar);
        // Whoever reads the log is told that it may lack what was in it; whoever kept a later checkpoint can prove it.
        let store = Store::open(&url, Access::Exclusive).await?;
        operators::note_restore(&store, &sources()).await?;
        Ok(writeln!(std::io::stdout(), "{url} is what {} holds", self.file.display())?)
    }
}
