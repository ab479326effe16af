//! `umbel membership`: the caller's own memberships of accounts.

use std::pin::pin;

use clap::Subcommand;
use futures_util::TryStreamExt as _;
use umbel_client::Client;
use umbel_client::api::{AccountMembership, ListAccountMemberships, MembershipAnswer, UpdateAccountMembership};

use super::account_member::word;
use super::{Limit, Server};
use crate::{Result, print};

/// Memberships that a request asks for to find one.
const PER_PAGE: Option<i64> = Some(1000);

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the accounts that you are a member of yourself, or are invited to.
    List {
        #[command(flatten)]
        limit: Limit,
    },
    /// Becomes a member of an account.
    Accept {
        /// Id of the account.
        account: String,
    },
    /// Does not become a member of an account.
    Reject {
        /// Id of the account.
        account: String,
    },
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        match self {
            Self::List { limit } => {
                let filters = ListAccountMemberships { page: Some(1), per_page: limit.per_page(), ..Default::default() };
                let memberships = limit.take(server.client.account_memberships(filters)).await?;
                server.show(&memberships, |memberships| {
                    let rows = memberships.iter().map(row);
                    print::table(["ID", "ACCOUNT", "NAME", "ROLES", "STATUS"], rows)
                })
            }
            Self::Accept { account } => answer(server, &account, MembershipAnswer::Accepted).await,
            Self::Reject { account } => answer(server, &account, MembershipAnswer::Rejected).await,
        }
    }
}

async fn answer(server: &Server, account_id: &str, status: MembershipAnswer) -> Result {
    let id = find(&server.client, account_id).await?;
    let membership = server.client.update_account_membership(&id, &UpdateAccountMembership { status }).await?;
    server.show(&membership, |membership| {
        let [id, account, name, roles, status] = row(membership);
        print::block([("id", id), ("account", account), ("name", name), ("roles", roles), ("status", status)])
    })
}

/// The id of the caller's membership of an account.
pub(super) async fn find(client: &Client, account_id: &str) -> Result<String> {
    let filters = ListAccountMemberships { page: Some(1), per_page: PER_PAGE, ..ListAccountMemberships::default() };
    let mut memberships = pin!(client.account_memberships(filters));
    while let Some(membership) = memberships.try_next().await? {
        if membership.account.id == account_id {
            return Ok(membership.id);
        }
    }
    Err("you are not a member of the account itself".into())
}

fn row(membership: &AccountMembership) -> [String; 5] {
    let AccountMembership { id, account, roles, status, .. } = membership;
    [id.clone(), account.id.clone(), account.name.clone(), roles.join(", "), word(*status).to_owned()]
}
