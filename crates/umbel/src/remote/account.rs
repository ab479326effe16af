//! `umbel account`: accounts.

use clap::{Args, Subcommand};
use umbel_client::api::{
    Account, AccountType, ChangeOptions, CreateAccount, ListAccounts, ListOrganizationAccounts, MoveAccount, MoveAccounts,
    MoveStatus, MovedAccount, Unit, UpdateAccount,
};

use super::access::Whose;
use super::{Limit, Server, access, effect, organization};
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the accounts that you can see.
    List(List),
    /// Shows an account.
    Get {
        /// Its id.
        id: String,
    },
    /// Creates an account.
    Create {
        /// Its name; need not be unique.
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Gives an account another name.
    Rename {
        /// Its id.
        id: String,
        /// Its new name.
        name: String,
    },
    /// Deletes an account.
    Delete {
        /// Its id.
        id: String,
    },
    /// Moves accounts into an organization, all of them or none.
    Move(Move),
    /// Lists the organizations above an account, from the root down to the one that holds it.
    Above {
        /// Its id.
        id: String,
    },
    /// Shows who may do what on an account, and whence.
    Access {
        /// Its id.
        id: String,
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Args)]
pub(crate) struct List {
    /// Only those that this organization holds itself.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Place {
    /// Organization that shall hold it.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Let it stand alone, in no organization.
    #[arg(long)]
    standalone: bool,
}

#[derive(Args)]
pub(crate) struct Move {
    /// Their ids, at most 100.
    #[arg(required = true, num_args = 1..=100)]
    id: Vec<String>,
    /// Organization that shall hold them.
    #[arg(long, value_name = "ID")]
    to: String,
    /// Change nothing; show who would gain and who would lose which role, and what stands in the way.
    #[arg(long)]
    dry_run: bool,
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List(list) => list.run(server).await,
            Self::Get { id } => server.show(&client.account(&id).await?, text),
            Self::Create { name, place } => {
                let unit = place.organization.map(|id| Unit { id });
                let standalone = place.standalone.then_some(true);
                let new = CreateAccount { name, account_type: None, unit, standalone, settings: None };
                server.show(&client.create_account(&new).await?, text)
            }
            Self::Rename { id, name } => {
                let update = UpdateAccount { name, account_type: None, unit: None, settings: None };
                server.show(&client.update_account(&id, &update).await?, text)
            }
            Self::Delete { id } => server.gone(&client.delete_account(&id).await?, "is deleted"),
            Self::Move(moved) => moved.run(server).await,
            Self::Above { id } => server.show(&client.organizations_above(&id).await?, |above| organization::table(above)),
            Self::Access { id, whose } => {
                let list = client.account_access(&id, whose.filters());
                access::show(server, &whose.limit.take(list).await?)
            }
        }
    }
}

impl List {
    async fn run(self, server: &Server) -> Result {
        let (client, page_size) = (&server.client, self.limit.page_size());
        let accounts = if let Some(id) = self.organization {
            let filters =
                ListOrganizationAccounts { page_size, include_total: Some(false), ..ListOrganizationAccounts::default() };
            self.limit.take(client.organization_accounts(&id, filters)).await?
        } else {
            let filters = ListAccounts { page: Some(1), per_page: self.limit.per_page(), ..ListAccounts::default() };
            self.limit.take(client.accounts(filters)).await?
        };
        server.show(&accounts, |accounts| {
            let rows = accounts.iter().map(|account| {
                let holder = holder(account).unwrap_or("-".to_owned());
                [account.id.clone(), account.name.clone(), kind(account).to_owned(), holder, print::time(account.created_on)]
            });
            print::table(["ID", "NAME", "TYPE", "ORGANIZATION", "CREATED"], rows)
        })
    }
}

impl Move {
    async fn run(self, server: &Server) -> Result {
        let options = ChangeOptions { dry_run: self.dry_run.then_some(true) };
        let destination_organization_id = self.to;
        if let [id] = self.id.as_slice() {
            let moved = server.client.move_account(id, &MoveAccount { destination_organization_id }, &options).await?;
            return server.show(&moved, one_moved);
        }
        let moves = MoveAccounts { account_ids: self.id, destination_organization_id };
        let moved = server.client.move_accounts(&moves, &options).await?;
        server.show(&moved, |moved| moved.statuses.iter().map(status).collect())
    }
}

fn one_moved(moved: &MovedAccount) -> String {
    let MovedAccount { account_id, source_organization_id, destination_organization_id, effect } = moved;
    if let Some(effect) = effect {
        return effect::text(&format!("moving {account_id}"), effect);
    }
    let source = if source_organization_id.is_empty() { "standing alone" } else { source_organization_id };
    format!("{account_id} is moved from {source} to {destination_organization_id}\n")
}

fn status(MoveStatus { tag, moved, message, effect }: &MoveStatus) -> String {
    let said = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    match effect {
        Some(effect) => effect::text(&format!("moving {tag}"), effect) + "\n",
        None if *moved => format!("{tag} is moved\n"),
        None => format!("{tag} is not moved{}\n", print::escaped(&said)),
    }
}

/// Everything about an account that people ask for.
fn text(account: &Account) -> String {
    let settings = &account.settings;
    print::block([
        ("id", account.id.clone()),
        ("name", account.name.clone()),
        ("type", kind(account).to_owned()),
        ("organization", holder(account).unwrap_or_default()),
        ("created", print::time(account.created_on)),
        ("abuse contact", settings.abuse_contact_email.clone().unwrap_or_default()),
        ("two factors", if settings.enforce_twofactor { "enforced" } else { "" }.to_owned()),
    ])
}

fn holder(account: &Account) -> Option<String> {
    account.managed_by.as_ref().map(|holder| print::named(&holder.parent_org_name, &holder.parent_org_id))
}

fn kind(account: &Account) -> &'static str {
    match account.account_type {
        AccountType::Standard => "standard",
        AccountType::Enterprise => "enterprise",
    }
}
