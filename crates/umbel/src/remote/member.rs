//! `umbel member`: members of organizations and of accounts.

use clap::{Args, Subcommand};
use umbel_client::api::ChangeOptions;

use super::{Limit, Server, account_member, organization_member};
use crate::Result;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the members, with their roles.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        limit: Limit,
    },
    /// Adds a member; a user is made for an address that nobody has.
    Add {
        /// E-mail address.
        #[arg(value_name = "EMAIL")]
        email: String,
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        roles: Roles,
    },
    /// Gives a member another role, or other roles on an account.
    SetRole {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        roles: Roles,
        /// Change nothing; show what the member would gain and lose, and what stands in the way.
        #[arg(long)]
        dry_run: bool,
    },
    /// Removes a member.
    Remove {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        of: Of,
    },
    /// Ends your own membership.
    Leave {
        #[command(flatten)]
        of: Of,
    },
}

/// Whose members.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Of {
    /// Members of this organization itself.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Members of this account.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

#[derive(Args)]
pub(crate) struct Who {
    /// E-mail address, or the id of the membership.
    #[arg(value_name = "MEMBER")]
    member: String,
}

#[derive(Args)]
pub(crate) struct Roles {
    /// Role that the member shall have; repeat it for several roles on an account.
    #[arg(long, required = true, value_name = "ROLE")]
    role: Vec<String>,
}

impl Roles {
    /// The role, where a member has just one.
    fn only(self) -> Result<String> {
        let [role] = <[String; 1]>::try_from(self.role)
            .map_err(|roles| format!("a member of an organization has one role, not {}; give --role once", roles.len()))?;
        Ok(role)
    }
}

/// Where somebody is a member.
enum Place {
    Organization(String),
    Account(String),
}

impl From<Of> for Place {
    fn from(of: Of) -> Self {
        match of {
            Of { organization: Some(id), .. } => Self::Organization(id),
            // There is just one of the two.
            Of { account, .. } => Self::Account(account.unwrap_or_default()),
        }
    }
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        match self {
            Self::List { of, limit } => match of.into() {
                Place::Organization(id) => organization_member::list(server, &id, &limit).await,
                Place::Account(id) => account_member::list(server, &id, &limit).await,
            },
            Self::Add { email, of, roles } => match of.into() {
                Place::Organization(id) => organization_member::add(server, &id, email, roles.only()?).await,
                Place::Account(id) => account_member::add(server, &id, email, roles.role).await,
            },
            Self::SetRole { who, of, roles, dry_run } => {
                let options = ChangeOptions { dry_run: dry_run.then_some(true) };
                match of.into() {
                    Place::Organization(id) => {
                        organization_member::set_role(server, &id, &who.member, roles.only()?, &options).await
                    }
                    Place::Account(id) => account_member::set_roles(server, &id, &who.member, roles.role, &options).await,
                }
            }
            Self::Remove { who, of } => match of.into() {
                Place::Organization(id) => organization_member::remove(server, &id, &who.member).await,
                Place::Account(id) => account_member::remove(server, &id, &who.member).await,
            },
            Self::Leave { of } => match of.into() {
                Place::Organization(id) => organization_member::leave(server, &id).await,
                Place::Account(id) => account_member::leave(server, &id).await,
            },
        }
    }
}
