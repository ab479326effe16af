//! Members of accounts.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use umbel_client::Client;
use umbel_client::api::{
    AccountMember, AccountMemberStatus, ChangeOptions, CreateAccountMember, ListAccountMembers, RoleId, UpdateAccountMember,
};

use super::organization_member::nobody;
use super::{Limit, Server, effect, membership};
use crate::{Result, print};

/// Pages that are looked through for somebody.
const PER_PAGE: Option<i64> = Some(1000);

pub(super) async fn list(server: &Server, account_id: &str, limit: &Limit) -> Result {
    let filters = ListAccountMembers { page: Some(1), per_page: limit.per_page(), ..ListAccountMembers::default() };
    let members = limit.take(server.client.account_members(account_id, filters)).await?;
    server.show(&members, |members| {
        let rows = members.iter().map(|member| {
            [member.id.clone(), member.user.email.clone(), name(member), roles(member), word(member.status).to_owned()]
        });
        print::table(["ID", "EMAIL", "NAME", "ROLES", "STATUS"], rows)
    })
}

pub(super) async fn add(server: &Server, account_id: &str, email: String, roles: Vec<String>) -> Result {
    let new = CreateAccountMember { email, roles, status: None };
    server.show(&server.client.add_account_member(account_id, &new).await?, text)
}

pub(super) async fn set_roles(
    server: &Server,
    account_id: &str,
    who: &str,
    roles: Vec<String>,
    options: &ChangeOptions,
) -> Result {
    let id = find(&server.client, account_id, who).await?;
    let doing = roles.join(", ");
    let update = UpdateAccountMember { roles: roles.into_iter().map(|id| RoleId { id }).collect() };
    let member = server.client.update_account_member(account_id, &id, &update, options).await?;
    server.show(&member, |member| match &member.effect {
        Some(effect) => effect::text(&format!("making {} {doing}", member.user.email), effect),
        None => text(member),
    })
}

pub(super) async fn remove(server: &Server, account_id: &str, who: &str) -> Result {
    let id = find(&server.client, account_id, who).await?;
    server.gone(&server.client.remove_account_member(account_id, &id).await?, "is no membership any more")
}

pub(super) async fn leave(server: &Server, account_id: &str) -> Result {
    let id = membership::find(&server.client, account_id).await?;
    server.gone(&server.client.end_account_membership(&id).await?, "is no membership any more")
}

/// The id of the membership that somebody means by an id or an address.
async fn find(client: &Client, account_id: &str, who: &str) -> Result<String> {
    if !who.contains('@') {
        return Ok(who.to_owned());
    }
    let filters = ListAccountMembers { page: Some(1), per_page: PER_PAGE, ..ListAccountMembers::default() };
    let mut members = pin!(client.account_members(account_id, filters));
    while let Some(member) = members.try_next().await? {
        if member.user.email.eq_ignore_ascii_case(who) {
            return Ok(member.id);
        }
    }
    Err(nobody(who, &format!("--account {account_id}")).into())
}

fn text(member: &AccountMember) -> String {
    print::block([
        ("id", member.id.clone()),
        ("email", member.user.email.clone()),
        ("name", name(member)),
        ("roles", roles(member)),
        ("status", word(member.status).to_owned()),
    ])
}

fn name(AccountMember { user, .. }: &AccountMember) -> String {
    user.first_name.iter().chain(&user.last_name).map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn roles(member: &AccountMember) -> String {
    member.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>().join(", ")
}

pub(super) fn word(status: AccountMemberStatus) -> &'static str {
    match status {
        AccountMemberStatus::Accepted => "accepted",
        AccountMemberStatus::Pending => "pending",
        AccountMemberStatus::Rejected => "rejected",
    }
}
