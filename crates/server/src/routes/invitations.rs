//! Invitations to organizations: to see, to send again and to revoke for those who manage members, to accept and to reject for
//! the invited user.

use umbel_api::{self as api, Code, PageSize};
use umbel_domain::audit::Entry;
use umbel_domain::{Action, Flag, InvitationId, Member, MemberStatus, OpenInvitation, Organization, OrganizationId, secret};
use umbel_store::{invitations, members, users};

use super::members::{Roles, Viewer};
use super::organizations::found;
use crate::body::SecretBody;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::invite::with_new_link;
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::query::Query;
use crate::reply::Reply;
use crate::role_book::RoleBook;
use crate::wire;
use crate::write::{Committed, Write};

pub(super) const LIST: About = About {
    summary: "List the invitations to an organization",
    description: "The invitations of pending members of the organization itself, expired ones included, in the order of their ids.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::InvalidPageToken, Code::NotFound, Code::Forbidden],
};

pub(super) const GET: About = About {
    summary: "Get an invitation to an organization",
    description: "One invitation, without its link.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const RESEND: About = About {
    summary: "Send an invitation again",
    description: "Makes a new link that expires later, and sends it by mail or, when the server sends none, shows it in this answer \
                  alone. The old one is refused from the next request on. The role of the invited member may allow no more than \
                  the caller may do here.",
    errors: &[
        Code::InvalidId,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::PreconditionFailed,
        Code::KeyReused,
    ],
};

pub(super) const REVOKE: About = About {
    summary: "Revoke an invitation",
    description: "Removes the invitation together with the pending member, whose role may allow no more than the caller may do \
                  here.",
    errors: &[
        Code::InvalidId,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::PreconditionFailed,
    ],
};

pub(super) const ACCEPT: About = About {
    summary: "Accept an invitation",
    description: "Makes the caller, whom the invitation must be for, an active member. An invitation that was answered, revoked or \
                  sent again, or is somebody else's, is not found. It takes a credential that is bound to no organization.",
    errors: &[
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::InvitationExpired,
        Code::KeyReused,
    ],
};

pub(super) const REJECT: About = About {
    summary: "Reject an invitation",
    description: "Turns the caller's invitation down: the membership is rejected. An invitation that was answered, revoked or sent \
                  again, or is somebody else's, is not found. It takes a credential that is bound to no organization.",
    errors: &[
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::InvitationExpired,
        Code::KeyReused,
    ],
};

/// `GET /umbel/v1/organizations/{organization_id}/invitations`
pub(super) async fn list(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ListInvitations>,
) -> Result<Reply<Vec<api::Invitation>>> {
    let mut read = caller.read(Action::ReadMembers, On::Organization(&id)).await?;
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    let PageSize(size) = parameters.page_size;
    let after = position.as_ref().map_or("", |position| &position.after);
    let page = invitations::page(&mut *read, &id, after, size).await?;
    let max = caller.app.settings.total_size_max;
    let total = match position {
        Some(position) => position.total,
        None if !page.more => Some(page.items.len() as u64),
        None => Some(invitations::count(&mut *read, &id, max + 1).await?).filter(|total| *total <= max),
    };
    let after = page.items.last().filter(|_| page.more).map(|last| last.invitation.id.to_string());
    let now = caller.app.sources.now();
    let items = page.items.iter().map(|open| wire::invitation(open, now)).collect();
    Ok(Reply::page(items, caller.page_info(&list, after, total)))
}

/// `GET /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}`
pub(super) async fn get(
    caller: Caller,
    Ids(id, invitation): Ids<OrganizationId, InvitationId>,
) -> Result<Reply<api::Invitation>> {
    let mut read = caller.read(Action::ReadMembers, On::Organization(&id)).await?;
    let open = invitations::get(&mut *read, &id, &invitation).await?.ok_or_else(|| Error::not_found("invitation"))?;
    Ok(Reply::one(wire::invitation(&open, caller.app.sources.now())))
}

/// The invitation that somebody decides over who manages members.
async fn managed(
    caller: &Caller,
    id: &OrganizationId,
    invitation: &InvitationId,
) -> Result<(Write, Organization, OpenInvitation)> {
    let mut write = caller.write(Action::ManageMembers, On::Organization(id)).await?;
    let organization = found(&mut write, id).await?;
    let open = invitations::get(&mut *write, id, invitation).await?.ok_or_else(|| Error::not_found("invitation"))?;
    let now = write.now();
    write.expect(Some(&wire::invitation(&open, now)))?;
    organization.permits(Flag::MemberManagement, write.bound_by_flags(&organization.lineage))?;
    let book = RoleBook::of(&mut *write, &organization.lineage, [open.role]).await?;
    book.may_decide_over(write.reach().actions_on(&organization.lineage), open.role)?;
    Ok((write, organization, open))
}

/// `POST /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}/resend`
pub(super) async fn resend(
    caller: Caller,
    Ids(id, invitation): Ids<OrganizationId, InvitationId>,
) -> Result<Committed<api::Invitation>> {
    let (mut write, organization, open) = managed(&caller, &id, &invitation).await?;
    let (invitation, hash, handed) = with_new_link(&caller, &mut write, &organization, &open.email, open.invitation);
    invitations::renew(&mut write, &invitation, &hash).await?;
    let entries = vec![Entry::invitation_resent(&invitation)];
    let open = OpenInvitation { invitation, inviter: Some(caller.identity.user.email.clone()), ..open };
    let public = wire::invitation(&open, write.now());
    let (token, link) = handed.map(|handed| (handed.token, handed.link)).unzip();
    let full = api::Invitation { token, link: link.flatten(), ..public.clone() };
    write.commit_secret(entries, Reply::one(full), Reply::one(public)).await
}

/// `DELETE /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}`
pub(super) async fn revoke(
    caller: Caller,
    Ids(id, invitation): Ids<OrganizationId, InvitationId>,
) -> Result<Committed<api::Deleted>> {
    let (mut write, _, open) = managed(&caller, &id, &invitation).await?;
    let person = members::get(&mut *write, &id, &open.invitation.member_id).await?;
    let member = person.ok_or_else(|| Error::not_found("invitation"))?.member;
    members::delete(&mut write, &member).await?;
    let entries = vec![Entry::invitation_revoked(&open.invitation), Entry::member_deleted(&member)];
    write.commit_all(entries, Reply::ok(api::Deleted { id: invitation.to_string() })).await
}

/// `POST /umbel/v1/invitations/accept`
pub(super) async fn accept(
    caller: Caller,
    SecretBody(body): SecretBody<api::AnswerInvitation>,
) -> Result<Committed<api::Member>> {
    answer(&caller, &body.token, MemberStatus::Active).await
}

/// `POST /umbel/v1/invitations/reject`
pub(super) async fn reject(
    caller: Caller,
    SecretBody(body): SecretBody<api::AnswerInvitation>,
) -> Result<Committed<api::Member>> {
    answer(&caller, &body.token, MemberStatus::Rejected).await
}

/// Answers the caller's own invitation, which ends with that.
async fn answer(caller: &Caller, token: &str, status: MemberStatus) -> Result<Committed<api::Member>> {
    if !secret::may_be_invitation(token) {
        let message = "token is none of an invitation: it was cut off or mistyped; copy what is behind the # of the link";
        return Err(Error::at(Code::InvalidBody, "/token", message));
    }
    let mut write = caller.write(Action::ManageOwnMemberships, On::Own).await?;
    let (me, now, gone) = (&caller.identity.user.id, write.now(), || Error::not_found("invitation").pointing_at("/token"));
    let invitation = invitations::get_by_hash(&mut *write, me, &secret::hash(token)).await?.ok_or_else(gone)?;
    let organization = found(&mut write, &invitation.organization_id).await?;
    write.seen(&organization.id);
    if invitation.is_expired(now) {
        let message = "the invitation has expired; ask for a new one";
        return Err(Error::at(Code::InvitationExpired, "/token", message));
    }
    if status == MemberStatus::Active {
        organization.permits(Flag::MemberManagement, write.bound_by_flags(&organization.lineage))?;
    }
    let person = members::get(&mut *write, &organization.id, &invitation.member_id).await?.ok_or_else(gone)?;
    members::update(&mut write, &Member { status, update_time: now, ..person.member }).await?;
    // Who answers is known from then on.
    users::see(&mut write, &[(me.clone(), now)]).await?;
    let person = members::get(&mut *write, &organization.id, &invitation.member_id).await?.ok_or_else(gone)?;
    let viewer = Viewer::new(caller, write.reach(), &organization.lineage, Roles::Shown);
    let reply = Reply::one(viewer.show(&person));
    write.commit(Entry::member_updated(&person.member), reply).await
}
