//! `umbel bootstrap`: the first operator.

use clap::Args;
use umbel_store::Access;
use umbel_store::admin::{operators, sign_in};

use crate::Result;
use crate::operator::{Output, Shown};
use crate::settings::Database;
use crate::sources::sources;
use crate::user::ask;

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
    /// Also set a password for the console: ask for it, or read a line of the standard input.
    #[arg(long)]
    set_password: bool,
    #[command(flatten)]
    output: Output,
}

impl Bootstrap {
    pub(crate) async fn run(self) -> Result {
        let store = self.database.open(Access::Shared).await?;
        let password = self.set_password.then(ask).transpose()?;
        let credentials = operators::bootstrap(&store, &sources(), &self.email, &self.name).await?;
        if let Some(hash) = password {
            sign_in::set_password(&store, &sources(), &self.email, &hash).await?;
        }
        self.output.print(&format!("{} is the first operator.", self.email), &Shown::new(&credentials))
    }
}
