//! Members of organizations.

use umbel_client::Client;
use umbel_client::api::{AddMember, ChangeOptions, Deleted, ListMembers, Member, MemberStatus, PageSize, UpdateMember};

use super::{Limit, Server, effect, invitation};
use crate::{Result, print};

pub(super) async fn list(server: &Server, organization_id: &str, limit: &Limit) -> Result {
    let filters = ListMembers { page_size: limit.page_size(), include_total: Some(false), ..ListMembers::default() };
    let members = limit.take(server.client.members(organization_id, filters)).await?;
    server.show(&members, |members| {
        let rows = members.iter().map(|member| {
            let Member { id, user, role, status, .. } = member;
            [id.clone(), user.email.clone(), user.name.clone(), role.clone().unwrap_or_default(), word(*status).to_owned()]
        });
        print::table(["ID", "EMAIL", "NAME", "ROLE", "STATUS"], rows)
    })
}

pub(super) async fn add(server: &Server, organization_id: &str, email: String, role: String) -> Result {
    let added = server.client.add_member(organization_id, &AddMember { email, role, status: None }).await?;
    server.show(&added, |member| text(member) + &member.invitation.as_ref().map(invitation::handed_on).unwrap_or_default())
}

pub(super) async fn set_role(server: &Server, organization_id: &str, who: &str, role: String, options: &ChangeOptions) -> Result {
    let client = &server.client;
    let id = find(client, organization_id, who).await?;
    let member = client.update_member(organization_id, &id, &UpdateMember { role: role.clone() }, options).await?;
    server.show(&member, |member| match &member.effect {
        Some(effect) => effect::text(&format!("making {} {role}", member.user.email), effect),
        None => text(member),
    })
}

pub(super) async fn remove(server: &Server, organization_id: &str, who: &str) -> Result {
    let id = find(&server.client, organization_id, who).await?;
    server.client.remove_member(organization_id, &id).await?;
    // The answer has no body; what is shown is that of the other deletions.
    server.gone(&Deleted { id }, "is no membership any more")
}

pub(super) async fn leave(server: &Server, organization_id: &str) -> Result {
    server.gone(&server.client.leave_organization(organization_id).await?, "is no membership any more")
}

/// The id of the membership that somebody means by an id or an address.
async fn find(client: &Client, organization_id: &str, who: &str) -> Result<String> {
    if !who.contains('@') {
        return Ok(who.to_owned());
    }
    let (user_email, page_size, include_total) = (Some(who.to_owned()), PageSize(1), Some(false));
    let filters = ListMembers { user_email, page_size, include_total, ..ListMembers::default() };
    let found = client.list_members(organization_id, &filters).await?.items.pop();
    Ok(found.ok_or_else(|| nobody(who, &format!("--organization {organization_id}")))?.id)
}

/// That nobody with an address is a member.
pub(super) fn nobody(email: &str, of: &str) -> String {
    format!("no member has the address {}; `umbel member list {of}` shows who there is", print::escaped(email))
}

/// Everything about a member that people ask for.
pub(super) fn text(member: &Member) -> String {
    print::block([
        ("id", member.id.clone()),
        ("email", member.user.email.clone()),
        ("name", member.user.name.clone()),
        ("role", member.role.clone().unwrap_or_default()),
        ("status", word(member.status).to_owned()),
        ("since", print::time(member.create_time)),
    ])
}

fn word(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Active => "active",
        MemberStatus::Pending => "pending",
        MemberStatus::Rejected => "rejected",
        MemberStatus::Canceled => "canceled",
    }
}
