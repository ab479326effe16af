//! Organizations.

use umbel_api::{self as api, Code, PageSize};
use umbel_domain::audit::Entry;
use umbel_domain::organization::{BoundByFlags, Contents};
use umbel_domain::{
    AccountId, Action, Flag, Lineage, Member, MemberStatus, Name, Organization, OrganizationId, Reach, Role, UserId,
};
use umbel_store::names::NamePatterns;
use umbel_store::organizations::{self, Filter, ParentFilter};
use umbel_store::{IN_LIST_MAX, accounts, audit_streams, members, roles, users};

use crate::body::Body;
use crate::caller::{Caller, On, Pace, Read};
use crate::error::{Error, Result};
use crate::fan_out::Held;
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::wire::{self, Reader};
use crate::write::{Committed, Write};

/// Things of one kind that stand in the way of a deletion are counted no further.
const BLOCKERS_COUNTED_MAX: u64 = 10_000;

pub(super) const LIST: About = About {
    summary: "List organizations",
    description: "The organizations that the caller can see, a parent before what is below it. Every filter that is given must \
                  hold. Text filters other than `name` disregard case. Repeat the filters with each page.",
    errors: &[Code::InvalidParameter, Code::InvalidPageToken, Code::TooExpensive],
};

pub(super) const CREATE: About = About {
    summary: "Create an organization",
    description: "Creates an organization below `parent`, whose flags it inherits, or a new root, whose super administrator the \
                  caller becomes. Members that only the server sets (`id`, `create_time`, `meta`) are ignored.",
    errors: &[
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get an organization",
    description: "One organization, with its place in the tree, its flags and its profile.",
    errors: &[Code::InvalidId, Code::NotFound],
};

pub(super) const UPDATE: About = About {
    summary: "Update an organization",
    description: "Sets the name and, when it is an object, the profile. `parent` may be repeated but not changed here.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

pub(super) const DELETE: About = About {
    summary: "Delete an organization",
    description: "Deletes an empty organization: one without organizations below it, without accounts, without users whom it \
                  manages, and without active or pending members other than the caller. The answer names everything that is in the way.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::FlagDisabled, Code::NotEmpty, Code::PreconditionFailed],
};

pub(super) const UPDATE_FLAGS: About = About {
    summary: "Set flags of an organization",
    description: "Sets the flags that are given and leaves the others alone. For operators. Organizations below keep theirs: \
                  flags are inherited when an organization is created.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

/// `GET /organizations`: what the caller can see of what the filters name.
pub(super) async fn list(
    caller: Caller,
    Query(parameters): Query<api::ListOrganizations>,
) -> Result<Reply<Vec<api::Organization>>> {
    let named = named(&parameters)?;
    let pace = if named.0.is_some() || named.1.any() { Pace::Long } else { Pace::Short };
    let mut read = caller.read_on(pace, Action::ReadOrganization, &[(On::Visible, "")]).await?;
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    let filter = filter(&mut read, named, &parameters).await?;
    let visible = read.subtrees(Action::ReadOrganization);
    let PageSize(size) = parameters.page_size;
    let after = position.as_ref().map_or("", |position| &position.after);
    let page = organizations::list(&mut *read, &visible, &filter, after, size).await?;
    let total = match position {
        _ if parameters.include_total == Some(false) => None,
        Some(position) => position.total,
        None if !page.more => Some(page.items.len() as u64),
        None => count(&caller, read, &filter).await?,
    };
    let last = page.items.last().filter(|_| page.more);
    let info = caller.page_info(&list, last.map(|last| last.lineage.as_str().to_owned()), total);
    Ok(Reply::page(page.items.iter().map(wire::organization).collect(), info))
}

/// How many there are on all pages; `None` when that is more than the server counts.
async fn count(caller: &Caller, read: Read, filter: &Filter) -> Result<Option<u64>> {
    let mut read = caller.go_on_long(read, Action::ReadOrganization, On::Visible).await?;
    let (visible, max) = (read.subtrees(Action::ReadOrganization), caller.app.settings.total_size_max);
    let total = organizations::count(&mut *read, &visible, filter, max + 1).await?;
    Ok(Some(total).filter(|total| *total <= max))
}

/// The filters of a request; what they name by id is looked up here.
async fn filter(
    read: &mut Read,
    (name, patterns): (Option<String>, NamePatterns),
    parameters: &api::ListOrganizations,
) -> Result<Filter> {
    let id = |name: &str, text: &str| OrganizationId::parse(text).map_err(|error| invalid(name, &error.0));
    let parent = match parameters.parent_id.as_deref() {
        None => None,
        Some("null") => Some(ParentFilter::None),
        Some(parent) => Some(ParentFilter::Organization(id("parent.id", parent)?)),
    };
    let mut only_ids: Option<Vec<OrganizationId>> = None;
    let mut only = |named: Vec<OrganizationId>| match &mut only_ids {
        None => only_ids = Some(named),
        Some(ids) => ids.retain(|id| named.contains(id)),
    };
    if !parameters.id.is_empty() {
        debug_assert!(parameters.id.len() <= IN_LIST_MAX, "parameters have at most as many values");
        only(parameters.id.iter().map(|text| id("id", text)).collect::<Result<_>>()?);
    }
    if let Some(text) = &parameters.containing_account {
        let account = AccountId::parse(text).map_err(|error| invalid("containing.account", &error.0))?;
        let account = accounts::get(&mut **read, &account).await?;
        only(account.iter().flat_map(|account| ids(&account.lineage)).collect());
    }
    if let Some(text) = &parameters.containing_organization {
        let mut above = line_of(read, &id("containing.organization", text)?).await?;
        above.pop();
        only(above);
    }
    if let Some(text) = &parameters.containing_user {
        let user = UserId::parse(text).map_err(|error| invalid("containing.user", &error.0))?;
        let manager = users::get(&mut **read, &user).await?.and_then(|user| user.managed_by);
        only(match manager {
            Some(manager) => line_of(read, &manager).await?,
            None => Vec::new(),
        });
    }
    Ok(Filter { ids: only_ids, name, patterns, parent })
}

/// The name that is asked for, and what else is asked of names.
fn named(parameters: &api::ListOrganizations) -> Result<(Option<String>, NamePatterns)> {
    let patterns = NamePatterns {
        equals: None,
        starts_with: name("name.startsWith", parameters.name_starts_with.as_ref())?,
        ends_with: name("name.endsWith", parameters.name_ends_with.as_ref())?,
        contains: name("name.contains", parameters.name_contains.as_ref())?,
    };
    Ok((name("name", parameters.name.as_ref())?, patterns))
}

/// The text that a name is compared with.
pub(super) fn name(parameter: &str, text: Option<&String>) -> Result<Option<String>> {
    if text.is_some_and(|text| text.chars().count() > Name::ORGANIZATION_LENGTH_MAX) {
        return Err(invalid(parameter, &format!("must have at most {} characters", Name::ORGANIZATION_LENGTH_MAX)));
    }
    Ok(text.cloned())
}

/// The ids of the organizations from the root down.
pub(crate) fn ids(lineage: &Lineage) -> impl Iterator<Item = OrganizationId> {
    lineage.ids().filter_map(|id| OrganizationId::parse(id).ok())
}

/// The organizations of a line whose members may be seen, from the root down, and then those whose members may not.
pub(crate) fn members_seen(reach: &Reach, lineage: &Lineage) -> (Vec<OrganizationId>, Vec<OrganizationId>) {
    ids(lineage).partition(|id| {
        let place = lineage.up_to(id.as_str());
        place.is_some_and(|place| reach.covers(&place, Action::ReadMembers))
    })
}

/// The organizations from the root down to this one.
async fn line_of(read: &mut Read, id: &OrganizationId) -> Result<Vec<OrganizationId>> {
    let organization = organizations::get(&mut **read, id).await?;
    Ok(organization.iter().flat_map(|found| ids(&found.lineage)).collect())
}

/// `POST /organizations`: creates an organization below a parent, or a new root.
pub(super) async fn create(caller: Caller, Body(body): Body<api::CreateOrganization>) -> Result<Committed<api::Organization>> {
    let new = wire::new_organization(body)?;
    let mut write = match &new.parent {
        None => caller.write(Action::CreateOrganization, On::Server).await?,
        Some(parent) => {
            let below = caller.write(Action::CreateOrganization, On::Organization(parent)).await;
            below.map_err(|error| error.pointing_at("/parent/id"))?
        }
    };
    let parent = match &new.parent {
        None => None,
        Some(parent) => Some(found(&mut write, parent).await?),
    };
    let (id, now, limits) = (write.new_organization_id(), write.now(), caller.app.settings.tree_limits);
    let bound = parent.as_ref().map_or(BoundByFlags::No, |parent| write.bound_by_flags(&parent.lineage));
    let organization = new.create(id, now, parent.as_ref(), limits, bound)?;
    if let Some(parent) = &parent {
        caller.app.fan_out.take(&mut write, Held::Organizations, &parent.id, limits.children_max).await?;
    } else {
        let founder = founder(&write, &caller, &organization);
        members::insert(&mut write, &founder).await?;
    }
    organizations::insert(&mut write, &organization).await?;
    let reply = Reply::one(wire::organization(&organization));
    write.commit(Entry::organization_created(&organization), reply).await
}

/// The creator of a root is its first super administrator.
fn founder(write: &Write, caller: &Caller, organization: &Organization) -> Member {
    Member {
        id: write.new_member_id(),
        organization_id: organization.id.clone(),
        user_id: caller.identity.user.id.clone(),
        role: Role::SuperAdministrator,
        status: MemberStatus::Active,
        create_time: organization.create_time,
        update_time: organization.create_time,
    }
}

/// `GET /organizations/{organization_id}`
pub(super) async fn get(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<api::Organization>> {
    let mut read = caller.read(Action::ReadOrganization, On::Organization(&id)).await?;
    let organization = organizations::get(&mut *read, &id).await?;
    Ok(Reply::one(wire::organization(&organization.ok_or_else(|| Error::not_found("organization"))?)))
}

/// `PUT /organizations/{organization_id}`: sets the name, and the profile when there is one.
pub(super) async fn update(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::UpdateOrganization>,
) -> Result<Committed<api::Organization>> {
    let mut reader = Reader::default();
    let name = reader.member("/name", Name::parse(&body.name, Name::ORGANIZATION_LENGTH_MAX));
    let parent = body.parent.and_then(|parent| reader.member("/parent/id", OrganizationId::parse(&parent.id)));
    let profile = body.profile.map(|profile| wire::new_profile(&mut reader, "/profile", profile));
    let name = reader.finish(name)?;
    let mut write = caller.write(Action::UpdateOrganization, On::Organization(&id)).await?;
    let mut organization = found(&mut write, &id).await?;
    write.expect(Some(&wire::organization(&organization)))?;
    if let Some(parent) = parent
        && parent != organization.id
        && Some(parent.as_str()) != organization.lineage.parent_id()
    {
        let message = "parent.id is not the parent that the organization has; this route moves nothing";
        return Err(Error::at(Code::InvalidBody, "/parent/id", message));
    }
    organization.name = name;
    organization.profile = profile.or(organization.profile);
    organizations::update(&mut write, &organization).await?;
    let reply = Reply::one(wire::organization(&organization));
    write.commit(Entry::organization_updated(&organization), reply).await
}

/// `DELETE /organizations/{organization_id}`: deletes an empty organization.
pub(super) async fn delete(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::DeleteOrganization, On::Organization(&id)).await?;
    let organization = found(&mut write, &id).await?;
    write.expect(Some(&wire::organization(&organization)))?;
    organization.permits(Flag::EnterpriseCapability, write.bound_by_flags(&organization.lineage))?;
    let members = members::of_organization(&mut *write, &id).await?;
    let contents = Contents {
        organizations: organizations::count_children(&mut *write, &id, BLOCKERS_COUNTED_MAX).await?,
        accounts: accounts::count(&mut *write, &id, BLOCKERS_COUNTED_MAX).await?,
        members: members_in_the_way(&caller, &mut write, &organization, &members).await?,
        users: organizations::count_managed_users(&mut *write, &id, BLOCKERS_COUNTED_MAX).await?,
    };
    contents.must_be_empty()?;
    if members.len() > members::REMOVED_TOGETHER_MAX {
        return Err(umbel_domain::Refusal::TooManyMemberships { limit: members::REMOVED_TOGETHER_MAX }.into());
    }
    for member in &members {
        members::delete(&mut write, member).await?;
    }
    roles::delete_of_organization(&mut write, &id).await?;
    audit_streams::delete_of_organization(&mut write, &id).await?;
    organizations::delete(&mut write, &organization).await?;
    let reply = Reply::ok(api::Deleted { id: id.to_string() });
    let more = members.iter().map(Entry::member_deleted).collect();
    write.commit_with(Entry::organization_deleted(&organization), more, reply).await
}

/// Active and pending members other than the caller; an operator is not held up by a last super administrator either.
async fn members_in_the_way(caller: &Caller, write: &mut Write, organization: &Organization, members: &[Member]) -> Result<u64> {
    let me = &caller.identity.user.id;
    let others = members::count_others(&mut **write, &organization.id, me, BLOCKERS_COUNTED_MAX).await?;
    let is_last_super_administrator = |member: &Member| {
        member.user_id != *me && member.status == MemberStatus::Active && member.role == Role::SuperAdministrator
    };
    let is_operator = write.bound_by_flags(&organization.lineage) == BoundByFlags::No;
    Ok(if others == 1 && is_operator && members.iter().any(is_last_super_administrator) { 0 } else { others })
}

/// `PUT /umbel/v1/organizations/{organization_id}/flags`: sets flags, for operators.
pub(super) async fn update_flags(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::UpdateFlags>,
) -> Result<Committed<api::Flags>> {
    let mut write = caller.write(Action::UpdateFlags, On::Organization(&id)).await?;
    let mut organization = found(&mut write, &id).await?;
    write.expect(Some(&wire::organization(&organization)))?;
    organization.flags = wire::updated_flags(organization.flags, &body);
    organizations::update(&mut write, &organization).await?;
    write.becomes(&wire::organization(&organization));
    let reply = Reply::ok(wire::flags(organization.flags));
    write.commit(Entry::organization_updated(&organization), reply).await
}

/// The organization that a change is about.
pub(super) async fn found(write: &mut Write, id: &OrganizationId) -> Result<Organization> {
    organizations::get(&mut **write, id).await?.ok_or_else(|| Error::not_found("organization"))
}
