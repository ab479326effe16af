//! `umbel operator`: who may do everything.

use std::io::Write as _;

use clap::{Args, Subcommand};
use serde::Serialize;
use umbel_store::Access;
use umbel_store::admin::operators::{self, Added, Credentials};

use crate::Result;
use crate::settings::Database;
use crate::sources::sources;

/// Adds and removes operators, who may do everything; works beside a running server.
#[derive(Args)]
pub(crate) struct Operator {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Makes a user an operator; an unknown address becomes a new user, whose credentials are shown once.
    Add {
        #[command(flatten)]
        whom: Whom,
        /// Name of the user, if they are new.
        #[arg(long)]
        name: String,
    },
    /// Makes an operator a user like any other.
    Remove {
        #[command(flatten)]
        whom: Whom,
    },
    /// Gives an operator a new API key and a new API token, shown once, and revokes every token that they had.
    ResetCredential {
        #[command(flatten)]
        whom: Whom,
    },
}

#[derive(Args)]
struct Whom {
    #[command(flatten)]
    database: Database,
    /// E-mail address of the operator.
    #[arg(long)]
    email: String,
    #[command(flatten)]
    output: Output,
}

impl Operator {
    pub(crate) async fn run(self) -> Result {
        match self.verb {
            Verb::Add { whom, name } => {
                let store = whom.database.open(Access::Shared).await?;
                let added = operators::add(&store, &sources(), &whom.email, &name).await?;
                let (shown, so) = match &added {
                    Added::New(credentials) => (Shown::new(credentials), ""),
                    Added::Existing(user_id) => (Shown::without_secrets(user_id), " and keeps their credentials"),
                };
                whom.output.print(&format!("{} is an operator now{so}.", whom.email), &shown)
            }
            Verb::Remove { whom } => {
                let store = whom.database.open_existing().await?;
                let user_id = operators::remove(&store, &sources(), &whom.email).await?;
                let shown = Shown::without_secrets(&user_id);
                whom.output.print(&format!("{} is no operator any more.", whom.email), &shown)
            }
            Verb::ResetCredential { whom } => {
                let store = whom.database.open_existing().await?;
                let credentials = operators::reset_credential(&store, &sources(), &whom.email).await?;
                let sentence = format!("{} has new credentials; the old ones are revoked.", whom.email);
                whom.output.print(&sentence, &Shown::new(&credentials))
            }
        }
    }
}

/// What is shown of an operator.
#[derive(Serialize)]
pub(crate) struct Shown {
    user_id: String,
    api_token: Option<String>,
    api_key: Option<String>,
}

impl Shown {
    pub(crate) fn new(credentials: &Credentials) -> Self {
        Self {
            user_id: credentials.user_id.to_string(),
            api_token: Some(credentials.api_token.reveal().to_owned()),
            api_key: Some(credentials.api_key.reveal().to_owned()),
        }
    }

    fn without_secrets(user_id: &impl ToString) -> Self {
        Self { user_id: user_id.to_string(), api_token: None, api_key: None }
    }
}

/// How it is shown.
#[derive(Args)]
pub(crate) struct Output {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Output {
    /// Prints an operator, for people below a sentence.
    pub(crate) fn print(&self, sentence: &str, shown: &Shown) -> Result {
        let mut out = std::io::stdout().lock();
        if self.json {
            return Ok(writeln!(out, "{}", serde_json::to_string(shown)?)?);
        }
        writeln!(out, "{sentence}\n\nUser id:    {}", shown.user_id)?;
        if let (Some(api_token), Some(api_key)) = (&shown.api_token, &shown.api_key) {
            writeln!(out, "API token:  {api_token}\nAPI key:    {api_key}\n\nKeep both secrets now: they are not shown again.")?;
        }
        Ok(())
    }
}
