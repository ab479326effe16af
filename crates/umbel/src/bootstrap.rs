//! `umbel bootstrap`: the first operator.

use clap::Args;
use umbel_store::Access;
use umbel_store::admin::operators;

use crate::Result;
use crate::operator::{Output, Shown};
use crate::settings::Database;
use crate::sources::sources;

/// Makes the first operator and shows their credentials, once; works beside a running server.
#[derive(Args)]
pub(crate) struct Bootstrap {
    #[command(flatten)]
    database: Database,
    /// E-mail address of the operator.
    #[arg(long)]
    email: String,
    /// Name of the operator.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    output: Output,
}

impl Bootstrap {
    pub(crate) async fn run(self) -> Result {
        let store = self.database.open(Access::Shared).await?;
        let credentials = operators::bootstrap(&store, &sources(), &self.email, &self.name).await?;
        self.output.print(&format!("{} is the first operator.", self.email), &Shown::new(&credentials))
    }
}
