//! `umbel role`: what members of an organization can be.

use clap::{Args, Subcommand};
use umbel_client::api::{CreateRole, Role, UpdateRole};

use super::Server;
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the roles, the built-in ones too.
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Shows a role.
    Get {
        /// Its id.
        id: String,
        #[command(flatten)]
        of: Of,
    },
    /// Defines a role.
    Create {
        /// Its name.
        name: String,
        #[command(flatten)]
        of: Of,
        /// What it is for.
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// Action that it allows; repeat it, or separate them by commas.
        #[arg(long, required = true, value_name = "ACTION", value_delimiter = ',')]
        action: Vec<String>,
    },
    /// Changes a role: what is given.
    Update(Update),
    /// Deletes a role that nobody has.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        of: Of,
    },
}

/// Whose roles.
#[derive(Args)]
pub(crate) struct Of {
    /// Root of the tree that the roles are for.
    #[arg(long, value_name = "ROOT")]
    organization: String,
}

#[derive(Args)]
pub(crate) struct Update {
    /// Its id.
    id: String,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    change: Change,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Change {
    /// Its new name.
    #[arg(long)]
    name: Option<String>,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Action that it allows from now on, and no others; repeat it, or separate them by commas.
    #[arg(long, value_name = "ACTION", value_delimiter = ',')]
    action: Option<Vec<String>>,
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List { of } => server.show(&client.roles(&of.organization).await?, |roles| list(roles)),
            Self::Get { id, of } => server.show(&client.role(&of.organization, &id).await?, text),
            Self::Create { name, of, description, action } => {
                let new = CreateRole { name, description, actions: action };
                server.show(&client.create_role(&of.organization, &new).await?, text)
            }
            Self::Update(Update { id, of, change: Change { name, description, action } }) => {
                let update = UpdateRole { name, description, actions: action };
                server.show(&client.update_role(&of.organization, &id, &update).await?, text)
            }
            Self::Delete { id, of } => server.gone(&client.delete_role(&of.organization, &id).await?, "is deleted"),
        }
    }
}

fn list(roles: &[Role]) -> String {
    let rows = roles.iter().map(|role| {
        [role.id.clone(), role.name.clone(), origin(role).to_owned(), role.actions.len().to_string(), role.description.clone()]
    });
    print::table(["ID", "NAME", "ORIGIN", "ACTIONS", "DESCRIPTION"], rows)
}

fn text(role: &Role) -> String {
    print::block([
        ("id", role.id.clone()),
        ("name", role.name.clone()),
        ("origin", origin(role).to_owned()),
        ("description", role.description.clone()),
        ("actions", role.actions.join(", ")),
    ])
}

fn origin(role: &Role) -> &'static str {
    if role.built_in { "built in" } else { "defined" }
}
