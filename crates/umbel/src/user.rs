//! `umbel user`: how users sign in to the console.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use umbel_server::sign_in::LINK_SECONDS;
use umbel_server::{PublicUrl, password};
use umbel_store::admin::{Sources, sign_in};
use umbel_store::{Access, Store};

use crate::Result;
use crate::settings::Database;
use crate::sources::{random, sources};

/// Sets how users sign in to the console; works beside a running server.
#[derive(Args)]
pub(crate) struct User {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Sets the password of a user: asks for it, or reads a line of the standard input. Their sessions end.
    SetPassword(Whom),
    /// Prints a link by which a user signs in once within a day, to set their first password or a new one.
    Link {
        #[command(flatten)]
        whom: Whom,
        /// Where people reach the server; without it the path of the link is printed.
        #[arg(long, env = "UMBEL_PUBLIC_URL", value_name = "URL", value_parser = PublicUrl::parse)]
        public_url: Option<PublicUrl>,
    },
    /// Lets a user who has lost their authenticator sign in without it. Their sessions end.
    RemoveSecondFactor(Whom),
}

#[derive(Args)]
struct Whom {
    #[command(flatten)]
    database: Database,
    /// E-mail address of the user.
    #[arg(long)]
    email: String,
}

impl User {
    pub(crate) async fn run(self) -> Result {
        let mut out = std::io::stdout();
        match self.verb {
            Verb::SetPassword(Whom { database, email }) => {
                let store = database.open(Access::Shared).await?;
                let hash = ask()?;
                sign_in::set_password(&store, &sources(), &email, &hash).await?;
                Ok(writeln!(out, "{email} has a new password, and is signed in nowhere.")?)
            }
            Verb::Link { whom: Whom { database, email }, public_url } => {
                let store = database.open(Access::Shared).await?;
                Ok(writeln!(out, "{}", link(&store, &sources(), &email, public_url.as_ref()).await?)?)
            }
            Verb::RemoveSecondFactor(Whom { database, email }) => {
                let store = database.open(Access::Shared).await?;
                sign_in::remove_second_factor(&store, &sources(), &email).await?;
                Ok(writeln!(out, "{email} signs in without a second factor, and is signed in nowhere.")?)
            }
        }
    }
}

/// A link by which a user signs in once.
pub(crate) async fn link(store: &Store, sources: &Sources, email: &str, public_url: Option<&PublicUrl>) -> Result<String> {
    let (secret, _) = sign_in::make_link(store, sources, email, LINK_SECONDS).await?;
    Ok(umbel_server::sign_in::link(&secret, public_url))
}

/// Asks for a new password and hashes it.
pub(crate) fn ask() -> Result<String> {
    let password = if std::io::stdin().is_terminal() {
        let password = rpassword::prompt_password("New password: ")?;
        if rpassword::prompt_password("Once more: ")? != password {
            return Err("the two are not the same".into());
        }
        password
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    password::check(&password).map_err(|invalid| format!("the password {invalid}"))?;
    Ok(password::hash(&password, random()).map_err(|error| format!("the password could not be hashed: {error}"))?)
}
