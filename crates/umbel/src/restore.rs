//! `umbel restore`: a database from its copy, and what its logs say of that.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use umbel_store::admin::backup::{self, Existing};

use crate::Result;
use crate::bar::Bar;
use crate::settings::Database;
use crate::sources::sources;

/// Puts a backup in the place of a SQLite database, and says so in its audit logs; needs the server stopped. For PostgreSQL it says
/// how.
#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    database: Database,
    /// File that `umbel backup` wrote.
    #[arg(required_unless_present = "done")]
    file: Option<PathBuf>,
    /// Replace the database that is there.
    #[arg(long)]
    replace: bool,
    /// Only say in the audit logs that the database was restored, by `pg_restore` or otherwise.
    #[arg(long, conflicts_with_all = ["file", "replace"])]
    done: bool,
}

impl Restore {
    pub(crate) async fn run(self) -> Result {
        let url = self.database.url()?;
        let Some(file) = &self.file else {
            let store = self.database.open_existing().await?;
            let mut bar = writing();
            backup::note_restore(&store, &sources(), &mut |progress| bar.show(progress)).await?;
            drop(bar);
            return Ok(writeln!(std::io::stdout(), "the audit logs say that {url} was restored")?);
        };
        let existing = if self.replace { Existing::Replace } else { Existing::Keep };
        let mut bar = Bar::new("copying pages");
        let restore = backup::Restore::begin(&url, file, existing, &mut |progress| bar.show(progress))?;
        // Whoever reads a log is told that it may lack what was in it; whoever kept a later checkpoint can prove it.
        bar = writing();
        restore.finish(&sources(), &mut |progress| bar.show(progress)).await?;
        drop(bar);
        Ok(writeln!(std::io::stdout(), "{url} is what {} holds", file.display())?)
    }
}

fn writing() -> Bar {
    Bar::new("writing into audit logs")
}
