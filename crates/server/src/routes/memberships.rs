//! The caller's own memberships of accounts: to see, to accept, to reject and to end.

use umbel_api::{self as api, Code, Direction};
use umbel_domain::audit::Entry;
use umbel_domain::{Account, AccountMember, Action, Actions, MemberId, MemberStatus};
use umbel_store::account_members::{self, MembershipFilter, MembershipOrder};
use umbel_store::names::NamePatterns;
use umbel_store::{roles, users};

use super::account_members::{is_open, may_manage};
use super::organizations::name;
use crate::body::Body;
use crate::caller::{Caller, On};
use crate::counted::Counted;
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::wire;
use crate::write::{Committed, Write};

pub(super) const LIST: About = About {
    summary: "List the caller's memberships of accounts",
    description: "Accounts that the caller is a member of itself, or is invited to. A page behind the last one is empty.",
    errors: &[Code::InvalidParameter],
};

pub(super) const GET: About = About {
    summary: "Get a membership of the caller",
    description: "One account that the caller is a member of itself, or is invited to.",
    errors: &[Code::InvalidId, Code::NotFound],
};

pub(super) const UPDATE: About = About {
    summary: "Accept or reject a membership",
    description: "Accepts or rejects a membership that is pending; the same answer again changes nothing.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::AlreadyAnswered,
        Code::PreconditionFailed,
    ],
};

pub(super) const DELETE: About = About {
    summary: "End a membership of the caller",
    description: "Leaves an account.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

/// `GET /memberships`
pub(super) async fn list(
    caller: Caller,
    Query(parameters): Query<api::ListAccountMemberships>,
) -> Result<Reply<Vec<api::AccountMembership>>> {
    let mut read = caller.read_long(Action::ReadSelf, On::Own).await?;
    if parameters.account_name.is_some() && parameters.name.is_some() {
        return Err(invalid("name", "and account.name are the same; leave one out"));
    }
    let equals = name("account.name", parameters.account_name.or(parameters.name).as_ref())?;
    let filter = MembershipFilter {
        account_name: NamePatterns { equals, ..NamePatterns::default() },
        status: parameters.status.map(wire::account_member_status),
        within: caller.identity.bounds.within.clone(),
    };
    let order = parameters.order.map_or(MembershipOrder::Id, |order| match order {
        api::AccountMembershipOrder::Id => MembershipOrder::Id,
        api::AccountMembershipOrder::AccountName => MembershipOrder::AccountName,
        api::AccountMembershipOrder::Status => MembershipOrder::Status,
    });
    let order = (order, parameters.direction == Some(Direction::Descending));
    let counted = Counted::new(parameters.page, parameters.per_page);
    let (me, max) = (&caller.identity.user.id, caller.app.settings.total_size_max);
    let page = account_members::of_user(&mut *read, me, &filter, order, counted.skipped(), counted.size()).await?;
    let total = account_members::count_of_user(&mut *read, me, &filter, max + 1).await?;
    let shown = shown(&mut *read, &page).await?;
    Ok(counted.reply(shown, total, max))
}

/// `GET /memberships/{member_id}`
pub(super) async fn get(caller: Caller, Id(id): Id<MemberId>) -> Result<Reply<api::AccountMembership>> {
    let mut read = caller.read(Action::ReadSelf, On::Own).await?;
    let found = account_members::get_of_user(&mut *read, &caller.identity.user.id, &id).await?;
    let reached = |(account, _): &(Account, AccountMember)| {
        caller.identity.bounds.within.as_ref().is_some_and(|within| within.contains(&account.lineage))
    };
    let found = found.filter(reached).ok_or_else(|| Error::not_found("membership"))?;
    Ok(Reply::one(one(&mut *read, &found).await?))
}

/// Shows memberships, with what their roles allow together.
async fn shown(
    query: &mut impl umbel_store::Query,
    memberships: &[(Account, AccountMember)],
) -> Result<Vec<api::AccountMembership>> {
    let roles = memberships.iter().flat_map(|(account, member)| member.roles.iter().map(|role| (account.lineage.clone(), *role)));
    let mut allowed = roles::allowed(query, roles.collect()).await?.into_iter();
    let show = |(account, member): &(Account, AccountMember)| {
        let actions = allowed.by_ref().take(member.roles.len()).fold(Actions::NONE, Actions::union);
        wire::account_membership(account, member, actions.intersection(Actions::ON_ACCOUNT))
    };
    Ok(memberships.iter().map(show).collect())
}

async fn one(query: &mut impl umbel_store::Query, found: &(Account, AccountMember)) -> Result<api::AccountMembership> {
    shown(query, std::slice::from_ref(found)).await?.pop().ok_or_else(|| Error::not_found("membership"))
}

async fn found(caller: &Caller, write: &mut Write, id: &MemberId) -> Result<(Account, AccountMember)> {
    let found = account_members::get_of_user(&mut **write, &caller.identity.user.id, id).await?;
    let found = found.ok_or_else(|| Error::not_found("membership"))?;
    let current = one(&mut **write, &found).await?;
    write.expect(Some(&current))?;
    Ok(found)
}

/// `PUT /memberships/{member_id}`: accepts or rejects.
pub(super) async fn update(
    caller: Caller,
    Id(id): Id<MemberId>,
    Body(body): Body<api::UpdateAccountMembership>,
) -> Result<Committed<api::AccountMembership>> {
    let mut write = caller.write(Action::ManageOwnMemberships, On::Own).await?;
    let (account, member) = found(&caller, &mut write, &id).await?;
    let status = match body.status {
        api::MembershipAnswer::Accepted => MemberStatus::Active,
        api::MembershipAnswer::Rejected => MemberStatus::Rejected,
    };
    if member.status == status {
        let reply = Reply::one(one(&mut *write, &(account, member)).await?);
        return write.commit_all(Vec::new(), reply).await;
    }
    if !is_open(&member) {
        let message = "the membership is not pending any more; end it, or ask to be invited again";
        return Err(Error::at(Code::AlreadyAnswered, "/status", message));
    }
    if status == MemberStatus::Active {
        may_manage(&mut write, &account).await?;
    }
    let now = write.now();
    let member = AccountMember { status, update_time: now, ..member };
    account_members::update(&mut write, &member).await?;
    // Who accepts is known from then on.
    users::see(&mut write, &[(caller.identity.user.id.clone(), now)]).await?;
    let entry = Entry::account_member_updated(&account, &member);
    let reply = Reply::one(one(&mut *write, &(account, member)).await?);
    write.commit(entry, reply).await
}

/// `DELETE /memberships/{member_id}`: leaves an account.
pub(super) async fn delete(caller: Caller, Id(id): Id<MemberId>) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::ManageOwnMemberships, On::Own).await?;
    let (account, member) = found(&caller, &mut write, &id).await?;
    account_members::delete(&mut write, &member).await?;
    write.commit(Entry::account_member_deleted(&account, &member), Reply::ok(api::Deleted { id: id.to_string() })).await
}
