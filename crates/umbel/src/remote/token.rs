//! `umbel token`: API tokens of your own.

use clap::{Args, Subcommand, ValueEnum};
use umbel_client::api::{ApiToken, CreateApiToken, TokenKind};

use super::Server;
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists your tokens that reach no further than the one in use.
    List,
    /// Creates a token that reaches no further than the one in use; prints its secret, once.
    Create(Create),
    /// Revokes a token.
    Revoke {
        /// Its id.
        id: String,
    },
    /// Gives a token a new secret, printed once; the old one is refused from then on.
    Roll {
        /// Its id.
        id: String,
    },
    /// Checks that the token in use is good.
    Verify,
}

#[derive(Args)]
pub(crate) struct Create {
    /// What it is for.
    #[arg(long)]
    name: String,
    /// Organization that it is bound to, with all that is below.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Role that caps what it may do.
    #[arg(long)]
    role: Option<String>,
    /// What it is for: a token of the kind meter records usage and does nothing else.
    #[arg(long, value_enum, default_value = "api")]
    kind: Kind,
    /// When it stops being good, like 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    expires_on: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// Whatever you may do.
    Api,
    /// Recording usage.
    Meter,
}

impl From<Kind> for TokenKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Api => Self::Api,
            Kind::Meter => Self::Meter,
        }
    }
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List => server.show(&client.api_tokens().await?, |tokens| list(tokens)),
            Self::Create(Create { name, organization, role, kind, expires_on }) => {
                let new = CreateApiToken { name, organization_id: organization, role, kind: Some(kind.into()), expires_on };
                show_secret(server, &client.create_api_token(&new).await?, "is created")
            }
            Self::Revoke { id } => server.gone(&client.revoke_api_token(&id).await?, "is revoked"),
            Self::Roll { id } => show_secret(server, &client.roll_api_token(&id).await?, "has a new secret"),
            Self::Verify => server.show(&client.verify_token().await?, |token| {
                format!("token {} is good; expires: {}\n", token.id, print::time_or(token.expires_on, "never"))
            }),
        }
    }
}

fn list(tokens: &[ApiToken]) -> String {
    let rows = tokens.iter().map(|token| {
        let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
        let (expires, used) = (print::time_or(token.expires_on, "never"), print::time_or(token.last_used_on, "never"));
        [token.id.clone(), token.name.clone(), text(&token.organization_id), text(&token.role), expires, used]
    });
    print::table(["ID", "NAME", "ORGANIZATION", "ROLE", "EXPIRES", "LAST USED"], rows)
}

/// Prints the secret alone on standard output, so that it can be piped into where secrets are kept.
fn show_secret(server: &Server, token: &ApiToken, what: &str) -> Result {
    if !server.json {
        let token = print::escaped(&print::named(&token.name, &token.id));
        print::note(&format!("token {token} {what}; keep the secret now, it is not shown again"));
    }
    server.show(token, |token| token.value.clone().unwrap_or_default() + "\n")
}
