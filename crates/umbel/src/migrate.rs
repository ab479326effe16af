//! `umbel migrate`: the schema of this program.

use std::io::Write as _;

use clap::Args;
use umbel_store::Access;

use crate::Result;
use crate::settings::Database;

/// Brings the schema of the database up to date, as `serve` does when it starts; needs the server stopped.
#[derive(Args)]
pub(crate) struct Migrate {
    #[command(flatten)]
    database: Database,
}

impl Migrate {
    pub(crate) async fn run(self) -> Result {
        self.database.open(Access::Exclusive).await?;
        Ok(writeln!(std::io::stdout(), "the schema of {} is up to date", self.database.url()?)?)
    }
}
