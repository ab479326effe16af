//! Members of organizations with their roles.

use umbel_api::{self as api, ChangeOptions, Code};
use umbel_domain::audit::Entry;
use umbel_domain::{Action, Actions, Email, Flag, Member, MemberId, OrganizationId, Refusal, Role};
use umbel_store::{members, organizations};

use super::members::{CREATE_ERRORS, Roles, Viewer, Wanted, add, demotes_last, end, listed, one, removed};
use super::organizations::found;
use crate::body::Body;
use crate::caller::{Caller, On};
use crate::effect::effect_on_person;
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::query::Query;
use crate::reply::Reply;
use crate::role_book::RoleBook;
use crate::wire::{self, Reader};
use crate::write::Committed;

pub(super) const LIST: About = About {
    summary: "List the members of an organization with their roles",
    description: "The members of the organization itself, in the order of their ids. Every filter that is given must hold.",
    errors: super::members::LIST.errors,
};

pub(super) const CREATE: About = About {
    summary: "Add a member to an organization",
    description: "Adds the user with this address, whom it makes when nobody has it, with a role that allows no more than the \
                  caller may do here. Where new members are invited, the member is pending until its user accepts; when the \
                  server sends no mail, this answer alone has the link.",
    errors: CREATE_ERRORS,
};

pub(super) const GET: About = About {
    summary: "Get a member of an organization with its role",
    description: "One member of the organization itself.",
    errors: super::members::GET.errors,
};

pub(super) const UPDATE: About = About {
    summary: "Give a member another role",
    description: "Neither the role that the member has nor the new one may allow more than the caller may do here. The last super \
                  administrator of a root stays one. With `dry_run` nothing is changed: the answer says what the change would do.",
    errors: &[
        Code::InvalidId,
        Code::InvalidParameter,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::LastSuperAdministrator,
        Code::PreconditionFailed,
    ],
};

pub(super) const DELETE: About = About { summary: "Remove a member from an organization", ..super::members::DELETE };

pub(super) const LEAVE: About = About {
    summary: "Leave an organization",
    description: "Ends the caller's own membership of the organization itself. The last super administrator of a root stays.",
    errors: &[Code::InvalidId, Code::NotFound, Code::LastSuperAdministrator, Code::KeyReused],
};

/// `GET /umbel/v1/organizations/{organization_id}/members`
pub(super) async fn list(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ListMembers>,
) -> Result<Reply<Vec<api::Member>>> {
    listed(&caller, &id, &parameters, Roles::Shown).await
}

/// `GET /umbel/v1/organizations/{organization_id}/members/{member_id}`
pub(super) async fn get(caller: Caller, Ids(id, member): Ids<OrganizationId, MemberId>) -> Result<Reply<api::Member>> {
    one(&caller, &id, &member, Roles::Shown).await
}

/// `POST /umbel/v1/organizations/{organization_id}/members`
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::AddMember>,
) -> Result<Committed<api::Member>> {
    let mut reader = Reader::default();
    let email = reader.member("/email", Email::parse(&body.email));
    let role = reader.member("/role", wire::role(&body.role));
    let (email, role) = reader.finish(email.zip(role))?;
    let mut write = caller.write(Action::ManageMembers, On::Organization(&id)).await?;
    let organization = found(&mut write, &id).await?;
    let wanted = Wanted { email, role, status: wire::new_member_status(body.status) };
    let added = add(&caller, &mut write, &organization, wanted).await?;
    let viewer = Viewer::new(&caller, write.reach(), &organization.lineage, Roles::Shown);
    let (full, public) = added.show(&viewer);
    write.commit_secret(added.entries, Reply::one(full), Reply::one(public)).await
}

/// `PATCH /umbel/v1/organizations/{organization_id}/members/{member_id}`: gives a member another role.
pub(super) async fn update(
    caller: Caller,
    Ids(id, member): Ids<OrganizationId, MemberId>,
    Query(options): Query<ChangeOptions>,
    Body(body): Body<api::UpdateMember>,
) -> Result<Committed<api::Member>> {
    let role = wire::role(&body.role).map_err(|invalid| Error::member("/role", &invalid))?;
    if options.dry_run == Some(true) {
        return dry_run(&caller, &id, &member, role).await.map(|member| Committed::dry_run(Reply::ok(member)));
    }
    let mut write = caller.write(Action::ManageMembers, On::Organization(&id)).await?;
    let organization = found(&mut write, &id).await?;
    let mut person = members::get(&mut *write, &id, &member).await?.ok_or_else(|| Error::not_found("member"))?;
    let viewer = Viewer::new(&caller, write.reach(), &organization.lineage, Roles::Shown);
    write.expect(Some(&viewer.show(&person)))?;
    organization.permits(Flag::MemberManagement, write.bound_by_flags(&organization.lineage))?;
    let book = RoleBook::of(&mut *write, &organization.lineage, [person.member.role, role]).await?;
    may_change(&book, write.reach().actions_on(&organization.lineage), &person.member, role)?;
    if demotes_last(&mut *write, &organization, &person.member, role).await? {
        return Err(Refusal::LastSuperAdministrator.into());
    }
    person.member = Member { role, update_time: write.now(), ..person.member };
    members::update(&mut write, &person.member).await?;
    let reply = Reply::one(viewer.show(&person));
    write.commit(Entry::member_updated(&person.member), reply).await
}

/// Refuses to give a role in the place of another one, of which one allows more than the caller may do there.
fn may_change(book: &RoleBook, held: Actions, member: &Member, role: Role) -> Result<()> {
    book.must_have(role, "/role")?;
    book.may_decide_over(held, member.role)?;
    book.may_decide_over(held, role).map_err(|refusal| Error::from(refusal).pointing_at("/role"))
}

/// What giving another role would do.
async fn dry_run(caller: &Caller, id: &OrganizationId, member: &MemberId, role: Role) -> Result<api::Member> {
    let mut read = caller.read_long(Action::ManageMembers, On::Organization(id)).await?;
    let organization = organizations::get(&mut *read, id).await?.ok_or_else(|| Error::not_found("organization"))?;
    let person = members::get(&mut *read, id, member).await?.ok_or_else(|| Error::not_found("member"))?;
    let book = RoleBook::of(&mut *read, &organization.lineage, [person.member.role, role]).await?;
    may_change(&book, read.reach().actions_on(&organization.lineage), &person.member, role)?;
    let flag = organization.permits(Flag::MemberManagement, read.bound_by_flags(&organization.lineage)).err();
    let last = demotes_last(&mut *read, &organization, &person.member, role).await?.then_some(Refusal::LastSuperAdministrator);
    let blockers = flag.into_iter().chain(last).map(Error::from).collect();
    let counts = organizations::count_subtree(&mut *read, &organization.lineage).await?;
    let change = (person.holdings(person.member.role), person.holdings(role));
    let effect = effect_on_person(&mut read, &organization.lineage.parent(), &person.user.id, change, counts, blockers).await?;
    let viewer = Viewer::new(caller, read.reach(), &organization.lineage, Roles::Shown);
    Ok(api::Member { effect: Some(effect), ..viewer.show(&person) })
}

/// `DELETE /umbel/v1/organizations/{organization_id}/members/{member_id}`
pub(super) async fn delete(caller: Caller, Ids(id, member): Ids<OrganizationId, MemberId>) -> Result<Committed<api::NoContent>> {
    removed(&caller, &id, &member, Roles::Shown).await
}

/// `POST /umbel/v1/organizations/{organization_id}/leave`
pub(super) async fn leave(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::ReadOrganization, On::Organization(&id)).await?;
    let organization = found(&mut write, &id).await?;
    let person = members::get_by_user(&mut *write, &id, &caller.identity.user.id).await?;
    let person = person.ok_or_else(|| Error::new(Code::NotFound, "you are not a member of the organization itself"))?;
    end(&mut write, &organization, &person.member).await?;
    let reply = Reply::ok(api::Deleted { id: person.member.id.to_string() });
    write.commit(Entry::member_deleted(&person.member), reply).await
}
