//! Members of organizations, in the shape of Cloudflare, where every member is a super administrator.

use umbel_api::{self as api, Code, PageSize};
use umbel_domain::audit::Entry;
use umbel_domain::organization::BoundByFlags;
use umbel_domain::{
    Action, Email, Flag, Lineage, Member, MemberId, MemberStatus, Organization, OrganizationId, Person, Reach, Refusal, Role,
    User,
};
use umbel_store::members::{self, Filter};
use umbel_store::names::NamePatterns;
use umbel_store::{organizations, users};

use super::organizations::found;
use crate::body::Body;
use crate::caller::{Caller, On, Pace, Read};
use crate::error::{Error, Result};
use crate::fan_out::Held;
use crate::invite::invite;
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::role_book::RoleBook;
use crate::wire;
use crate::write::{Committed, Write};

/// Members that one request adds.
const BATCH_MAX: usize = 10;

pub(super) const LIST: About = About {
    summary: "List the members of an organization",
    description: "The members of the organization itself, in the order of their ids; members of organizations above it have \
                  rights here too and are listed there. Every filter that is given must hold. Repeat the filters with each page.",
    errors: &[
        Code::InvalidId,
        Code::InvalidParameter,
        Code::InvalidPageToken,
        Code::NotFound,
        Code::Forbidden,
        Code::TooExpensive,
    ],
};

pub(super) const CREATE: About = About {
    summary: "Add a super administrator to an organization",
    description: "Adds the user with this address, whom it makes when nobody has it. It takes a super administrator to make one; \
                  other roles are given by `POST /umbel/v1/organizations/{organization_id}/members`. Where new members are invited, the \
                  member is pending until its user accepts; when the server sends no mail, this answer alone has the link.",
    errors: CREATE_ERRORS,
};

pub(super) const CREATE_BATCH: About = About {
    summary: "Add several super administrators to an organization",
    description: "Adds 1 to 10 users, all of them or none. Where new members are invited, each gets an invitation.",
    errors: CREATE_ERRORS,
};

pub(super) const CREATE_ERRORS: &[Code] = &[
    Code::InvalidId,
    Code::InvalidBody,
    Code::BodyTooLarge,
    Code::NotFound,
    Code::Forbidden,
    Code::FlagDisabled,
    Code::WiderThanCaller,
    Code::AlreadyExists,
    Code::LimitReached,
    Code::KeyReused,
];

pub(super) const GET: About = About {
    summary: "Get a member of an organization",
    description: "One member of the organization itself.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const DELETE: About = About {
    summary: "Remove a member from an organization",
    description: "Removes somebody whose role allows no more than the caller may do here, or the caller itself. The last super \
                  administrator of a root stays.",
    errors: &[
        Code::InvalidId,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::LastSuperAdministrator,
        Code::PreconditionFailed,
    ],
};

/// Whether an answer shows roles: those in the shape of Cloudflare do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Roles {
    Hidden,
    Shown,
}

/// Who looks at members, and where.
pub(super) struct Viewer<'a> {
    caller: &'a Caller,
    /// Whether the caller knows every user of the server anyway.
    knows_everybody: bool,
    lineage: Lineage,
    roles: Roles,
}

impl<'a> Viewer<'a> {
    pub(super) fn new(caller: &'a Caller, reach: &Reach, lineage: &Lineage, roles: Roles) -> Self {
        let knows_everybody = reach.knows_everybody();
        Self { caller, knows_everybody, lineage: lineage.clone(), roles }
    }

    pub(super) fn show(&self, person: &Person) -> api::Member {
        let is_self = person.user.id == self.caller.identity.user.id;
        let is_known = self.knows_everybody || is_self || person.is_known_in(self.lineage.root_id(), person.member.create_time);
        let role = (self.roles == Roles::Shown).then(|| person.member.role.name().into_owned());
        api::Member { role, ..wire::member(person, is_known) }
    }
}

/// `GET /organizations/{organization_id}/members`
pub(super) async fn list(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ListMembers>,
) -> Result<Reply<Vec<api::Member>>> {
    listed(&caller, &id, &parameters, Roles::Hidden).await
}

/// A page of the members of an organization.
pub(super) async fn listed(
    caller: &Caller,
    id: &OrganizationId,
    parameters: &api::ListMembers,
    roles: Roles,
) -> Result<Reply<Vec<api::Member>>> {
    let filter = filter(parameters)?;
    let pace = if filter.scans() { Pace::Long } else { Pace::Short };
    let mut read = caller.read_on(pace, Action::ReadMembers, &[(On::Organization(id), "")]).await?;
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    let viewer = viewer(caller, &mut read, id, roles).await?;
    let PageSize(size) = parameters.page_size;
    let after = position.as_ref().map_or("", |position| &position.after);
    let page = members::page(&mut *read, id, &filter, after, size).await?;
    let total = match position {
        _ if parameters.include_total == Some(false) => None,
        Some(position) => position.total,
        None if !page.more => Some(page.items.len() as u64),
        None => {
            let mut read = caller.go_on_long(read, Action::ReadMembers, On::Organization(id)).await?;
            let max = caller.app.settings.total_size_max;
            Some(members::count_found(&mut *read, id, &filter, max + 1).await?).filter(|total| *total <= max)
        }
    };
    let after = page.items.last().filter(|_| page.more).map(|last| last.member.id.to_string());
    let items = page.items.iter().map(|person| viewer.show(person)).collect();
    Ok(Reply::page(items, caller.page_info(&list, after, total)))
}

async fn viewer<'a>(caller: &'a Caller, read: &mut Read, id: &OrganizationId, roles: Roles) -> Result<Viewer<'a>> {
    let organization = organizations::get(&mut **read, id).await?.ok_or_else(|| Error::not_found("organization"))?;
    Ok(Viewer::new(caller, read.reach(), &organization.lineage, roles))
}

fn filter(parameters: &api::ListMembers) -> Result<Filter> {
    let text = |name: &str, text: &Option<String>| match text {
        Some(text) if text.len() > 2 * Email::LENGTH_MAX => {
            Err(invalid(name, &format!("must have at most {} bytes", 2 * Email::LENGTH_MAX)))
        }
        text => Ok(text.clone()),
    };
    let email = parameters.user_email.as_deref().map(|text| wire::email("/query/user.email", text)).transpose()?;
    Ok(Filter {
        statuses: parameters.status.iter().map(|status| wire::member_status(*status)).collect(),
        email: NamePatterns {
            equals: email.map(|email| email.canonical().to_owned()),
            starts_with: text("user.email.startsWith", &parameters.user_email_starts_with)?,
            ends_with: text("user.email.endsWith", &parameters.user_email_ends_with)?,
            contains: text("user.email.contains", &parameters.user_email_contains)?,
        },
    })
}

/// `GET /organizations/{organization_id}/members/{member_id}`
pub(super) async fn get(caller: Caller, Ids(id, member): Ids<OrganizationId, MemberId>) -> Result<Reply<api::Member>> {
    one(&caller, &id, &member, Roles::Hidden).await
}

/// One member of an organization.
pub(super) async fn one(caller: &Caller, id: &OrganizationId, member: &MemberId, roles: Roles) -> Result<Reply<api::Member>> {
    let mut read = caller.read(Action::ReadMembers, On::Organization(id)).await?;
    let viewer = viewer(caller, &mut read, id, roles).await?;
    let person = members::get(&mut *read, id, member).await?.ok_or_else(|| Error::not_found("member"))?;
    Ok(Reply::one(viewer.show(&person)))
}

/// Somebody who shall be a member.
pub(super) struct Wanted {
    pub(super) email: Email,
    pub(super) role: Role,
    pub(super) status: MemberStatus,
}

fn super_administrator(pointer: &str, member: &api::NewMember) -> Result<Wanted> {
    let email = Email::parse(&member.user.email);
    let email = email.map_err(|invalid| Error::member(&format!("{pointer}/user/email"), &invalid))?;
    Ok(Wanted { email, role: Role::SuperAdministrator, status: wire::new_member_status(member.status) })
}

/// `POST /organizations/{organization_id}/members`: adds a super administrator.
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::CreateMember>,
) -> Result<Committed<api::Member>> {
    let wanted = super_administrator("/member", &body.member)?;
    let mut write = caller.write(Action::ManageMembers, On::Organization(&id)).await?;
    let organization = found(&mut write, &id).await?;
    let added = add(&caller, &mut write, &organization, wanted).await;
    let added = added.map_err(|error| error.pointing_at("/member/user/email"))?;
    let viewer = Viewer::new(&caller, write.reach(), &organization.lineage, Roles::Hidden);
    let (full, public) = added.show(&viewer);
    write.commit_secret(added.entries, Reply::one(full), Reply::one(public)).await
}

/// `POST /organizations/{organization_id}/members:batchCreate`: adds super administrators, all or none.
pub(super) async fn create_batch(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::CreateMembers>,
) -> Result<Committed<Vec<api::Member>>> {
    if !(1..=BATCH_MAX).contains(&body.members.len()) {
        return Err(Error::at(Code::InvalidBody, "/members", format!("members must have 1 to {BATCH_MAX} items")));
    }
    let pointers = (0..).map(|at| format!("/members/{at}"));
    let read = body.members.iter().zip(pointers).map(|(member, pointer)| super_administrator(&pointer, member));
    let (wanted, faults): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    if !faults.is_empty() {
        return Err(Error::all(faults.into_iter().filter_map(Result::err).collect()));
    }
    let mut write = caller.write(Action::ManageMembers, On::Organization(&id)).await?;
    let organization = found(&mut write, &id).await?;
    let mut all = Vec::new();
    for (wanted, at) in wanted.into_iter().flatten().zip(0..) {
        let added = add(&caller, &mut write, &organization, wanted).await;
        all.push(added.map_err(|error| error.pointing_at(&format!("/members/{at}/user/email")))?);
    }
    let viewer = Viewer::new(&caller, write.reach(), &organization.lineage, Roles::Hidden);
    let (full, public) = all.iter().map(|added| added.show(&viewer)).unzip();
    let entries = all.into_iter().flat_map(|added| added.entries).collect();
    write.commit_secret(entries, Reply::ok(full), Reply::ok(public)).await
}

/// Somebody who was added.
pub(super) struct Added {
    person: Person,
    /// What is to be written down.
    pub(super) entries: Vec<Entry>,
    /// The link that the inviter hands over.
    invitation: Option<api::NewInvitation>,
}

impl Added {
    /// The new member as this answer shows it, and as it is kept, without a secret.
    pub(super) fn show(&self, viewer: &Viewer<'_>) -> (api::Member, api::Member) {
        let public = viewer.show(&self.person);
        (api::Member { invitation: self.invitation.clone(), ..public.clone() }, public)
    }
}

/// Adds a member, and the user when nobody has the address. Where new members are invited, everybody but an operator invites.
pub(super) async fn add(caller: &Caller, write: &mut Write, organization: &Organization, wanted: Wanted) -> Result<Added> {
    organization.permits(Flag::MemberManagement, write.bound_by_flags(&organization.lineage))?;
    let book = RoleBook::of(&mut **write, &organization.lineage, [wanted.role]).await?;
    book.must_have(wanted.role, "/role")?;
    book.may_decide_over(write.reach().actions_on(&organization.lineage), wanted.role)?;
    let (user, created) = user_with(write, wanted.email).await?;
    if members::get_by_user(&mut **write, &organization.id, &user.id).await?.is_some() {
        return Err(Refusal::AlreadyMember.into());
    }
    caller.app.fan_out.take(write, Held::Members, &organization.id, caller.app.settings.members_max).await?;
    let invites = caller.app.settings.invitations && write.bound_by_flags(&organization.lineage) == BoundByFlags::Yes;
    let member = Member {
        id: write.new_member_id(),
        organization_id: organization.id.clone(),
        user_id: user.id,
        role: wanted.role,
        status: if invites { MemberStatus::Pending } else { wanted.status },
        create_time: write.now(),
        update_time: write.now(),
    };
    members::insert(write, &member).await?;
    let person = members::get(&mut **write, &organization.id, &member.id).await?;
    let person = person.ok_or_else(|| Error::not_found("member"))?;
    let invitation = if invites { invite(caller, write, organization, &person).await? } else { None };
    let entries = std::iter::once(Entry::member_created(&member)).chain(created).collect();
    Ok(Added { person, entries, invitation })
}

/// The user with this address, who is made when nobody has it; then that is to be written down, too.
pub(super) async fn user_with(write: &mut Write, email: Email) -> Result<(User, Option<Entry>)> {
    if let Some(user) = users::get_by_email(&mut **write, &email).await? {
        return Ok((user, None));
    }
    let user = User::new(write.new_user_id(), email, write.now());
    users::insert(write, &user, None).await?;
    let entry = Entry::user_created(&user);
    Ok((user, Some(entry)))
}

/// `DELETE /organizations/{organization_id}/members/{member_id}`
pub(super) async fn delete(caller: Caller, Ids(id, member): Ids<OrganizationId, MemberId>) -> Result<Committed<api::NoContent>> {
    removed(&caller, &id, &member, Roles::Hidden).await
}

/// Removes a member; everybody may remove themselves.
pub(super) async fn removed(
    caller: &Caller,
    id: &OrganizationId,
    member: &MemberId,
    roles: Roles,
) -> Result<Committed<api::NoContent>> {
    let mut write = caller.write(Action::ReadOrganization, On::Organization(id)).await?;
    let organization = found(&mut write, id).await?;
    let person = members::get(&mut *write, id, member).await?;
    let is_self = person.as_ref().is_some_and(|person| person.user.id == caller.identity.user.id);
    if !is_self && !write.reach().covers(&organization.lineage, Action::ManageMembers) {
        return Err(Error::forbidden());
    }
    let person = person.ok_or_else(|| Error::not_found("member"))?;
    let shown = Viewer::new(caller, write.reach(), &organization.lineage, roles).show(&person);
    write.expect(Some(&shown))?;
    if !is_self {
        organization.permits(Flag::MemberManagement, write.bound_by_flags(&organization.lineage))?;
        let book = RoleBook::of(&mut *write, &organization.lineage, [person.member.role]).await?;
        book.may_decide_over(write.reach().actions_on(&organization.lineage), person.member.role)?;
    }
    end(&mut write, &organization, &person.member).await?;
    write.commit(Entry::member_deleted(&person.member), Reply::nothing()).await
}

/// Ends a membership, unless a root would be left without a super administrator.
pub(super) async fn end(write: &mut Write, organization: &Organization, member: &Member) -> Result<()> {
    if is_last(&mut **write, organization, member).await? {
        return Err(Refusal::LastSuperAdministrator.into());
    }
    Ok(members::delete(write, member).await?)
}

/// Whether `role` would take a root its last super administrator who can act.
pub(super) async fn demotes_last(
    query: &mut impl umbel_store::Query,
    organization: &Organization,
    member: &Member,
    role: Role,
) -> Result<bool> {
    Ok(role != Role::SuperAdministrator && is_last(query, organization, member).await?)
}

/// Whether this is the last super administrator of a root who can act.
async fn is_last(query: &mut impl umbel_store::Query, organization: &Organization, member: &Member) -> Result<bool> {
    let counts = organization.lineage.depth() == 1 && member.is_super_administrator();
    Ok(counts && !members::has_other_super_administrator(query, member).await?)
}
