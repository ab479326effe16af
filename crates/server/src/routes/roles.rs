//! Roles that a root organization makes for its tree.

use umbel_api::{self as api, Code};
use umbel_domain::audit::Entry;
use umbel_domain::name::fold;
use umbel_domain::{Action, Actions, CustomRole, Invalid, Name, Organization, OrganizationId, Refusal, Role};
use umbel_store::organizations;
use umbel_store::roles::{self, PER_ROOT_MAX};

use super::organizations::found;
use crate::body::Body;
use crate::caller::{Caller, On, Read};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids, RoleName};
use crate::reply::Reply;
use crate::role_book::RoleBook;
use crate::wire::{self, Reader};
use crate::write::{Committed, Write};

/// Members with a role that are counted when it is to be deleted.
const USES_COUNTED_MAX: u64 = 1_000;

pub(super) const LIST: About = About {
    summary: "List the roles of an organization",
    description: "The roles that can be given in the organization and below it: the built-in ones, and then those that the root \
                  of its tree made, at most 100.",
    errors: &[Code::InvalidId, Code::NotFound],
};

pub(super) const CREATE: About = About {
    summary: "Make a role",
    description: "Makes a role for the tree of a root organization: a named set of actions, which can be given wherever a role \
                  can. It holds no more than its author may do at the root.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::WiderThanCaller,
        Code::AlreadyExists,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get a role",
    description: "One of the roles that can be given in the organization and below it.",
    errors: &[Code::InvalidId, Code::NotFound],
};

pub(super) const UPDATE: About = About {
    summary: "Change a role",
    description: "Changes a role that the root made, for everybody who has it, from the next request on. Neither what it allowed \
                  nor what it allows then may be more than the caller may do at the root.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::WiderThanCaller,
        Code::AlreadyExists,
        Code::PreconditionFailed,
    ],
};

pub(super) const DELETE: About = About {
    summary: "Delete a role",
    description: "Deletes a role that the root made and that nobody has, neither as a member nor by an \
                  invitation. Tokens that it caps may do nothing from then on.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::WiderThanCaller, Code::RoleInUse, Code::PreconditionFailed],
};

/// `GET /umbel/v1/organizations/{organization_id}/roles`
pub(super) async fn list(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<Vec<api::Role>>> {
    let book = opened(&caller, &id).await?;
    let shown: Vec<_> = book.roles().into_iter().map(|role| book.show(role)).collect();
    let total = Some(shown.len() as u64);
    Ok(Reply::page(shown, api::ResultInfo::tokens(None, total)))
}

/// `GET /umbel/v1/organizations/{organization_id}/roles/{role_id}`
pub(super) async fn get(caller: Caller, Ids(id, RoleName(name)): Ids<OrganizationId, RoleName>) -> Result<Reply<api::Role>> {
    let book = opened(&caller, &id).await?;
    let role = Role::from_name(&name).filter(|role| book.roles().contains(role)).ok_or_else(|| Error::not_found("role"))?;
    Ok(Reply::one(book.show(role)))
}

async fn opened(caller: &Caller, id: &OrganizationId) -> Result<RoleBook> {
    let mut read: Read = caller.read(Action::ReadOrganization, On::Organization(id)).await?;
    let organization = organizations::get(&mut *read, id).await?.ok_or_else(|| Error::not_found("organization"))?;
    RoleBook::open(&mut *read, &organization.lineage).await
}

/// `POST /umbel/v1/organizations/{organization_id}/roles`
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::CreateRole>,
) -> Result<Committed<api::Role>> {
    let mut reader = Reader::default();
    let name = reader.member("/name", Name::parse(&body.name, Name::LENGTH_MAX));
    let description = reader.member("/description", CustomRole::description(body.description.unwrap_or_default()));
    let actions = actions(&mut reader, &body.actions);
    let ((name, description), actions) = reader.finish(name.zip(description).zip(actions))?;
    let mut write = caller.write(Action::ManageRoles, On::Organization(&id)).await?;
    let root = found_root(&mut write, &id).await?;
    may_hold(&write, &root, actions)?;
    let book = RoleBook::open(&mut *write, &root.lineage).await?;
    is_free(&book, &name, None)?;
    if book.custom().len() >= PER_ROOT_MAX {
        return Err(Refusal::TooManyRoles { limit: PER_ROOT_MAX }.into());
    }
    let (now, id) = (write.now(), write.new_role_id());
    let role =
        CustomRole { id, organization_id: root.id.clone(), name, description, actions, create_time: now, update_time: now };
    roles::insert(&mut write, &role).await?;
    let reply = Reply::one(wire::custom_role(&role));
    write.commit(Entry::role_created(&role), reply).await
}

/// `PATCH /umbel/v1/organizations/{organization_id}/roles/{role_id}`
pub(super) async fn update(
    caller: Caller,
    Ids(id, RoleName(name)): Ids<OrganizationId, RoleName>,
    Body(body): Body<api::UpdateRole>,
) -> Result<Committed<api::Role>> {
    let mut reader = Reader::default();
    let new_name = body.name.and_then(|name| reader.member("/name", Name::parse(&name, Name::LENGTH_MAX)));
    let new_description = body.description.and_then(|text| reader.member("/description", CustomRole::description(text)));
    let new_actions = body.actions.and_then(|names| actions(&mut reader, &names));
    reader.finish(Some(()))?;
    let mut write = caller.write(Action::ManageRoles, On::Organization(&id)).await?;
    let (root, book, role) = found_role(&mut write, &id, &name).await?;
    write.expect(Some(&wire::custom_role(&role)))?;
    may_hold(&write, &root, role.actions)?;
    let role = CustomRole {
        name: new_name.unwrap_or(role.name),
        description: new_description.unwrap_or(role.description),
        actions: new_actions.unwrap_or(role.actions),
        update_time: write.now(),
        ..role
    };
    may_hold(&write, &root, role.actions)?;
    is_free(&book, &role.name, Some(&role))?;
    roles::update(&mut write, &role).await?;
    let reply = Reply::one(wire::custom_role(&role));
    write.commit(Entry::role_updated(&role), reply).await
}

/// `DELETE /umbel/v1/organizations/{organization_id}/roles/{role_id}`
pub(super) async fn delete(
    caller: Caller,
    Ids(id, RoleName(name)): Ids<OrganizationId, RoleName>,
) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::ManageRoles, On::Organization(&id)).await?;
    let (root, _, role) = found_role(&mut write, &id, &name).await?;
    write.expect(Some(&wire::custom_role(&role)))?;
    may_hold(&write, &root, role.actions)?;
    let uses = roles::uses(&mut *write, role.id, USES_COUNTED_MAX + 1).await?;
    if uses > 0 {
        return Err(Refusal::RoleInUse { uses, max: USES_COUNTED_MAX }.into());
    }
    roles::delete(&mut write, &role).await?;
    let reply = Reply::ok(api::Deleted { id: role.id.to_string() });
    write.commit(Entry::role_deleted(&role), reply).await
}

fn actions(reader: &mut Reader, names: &[String]) -> Option<Actions> {
    if names.len() > Action::ALL.len() {
        return reader.member("/actions", Err(Invalid(format!("must have at most {} items", Action::ALL.len()))));
    }
    match CustomRole::actions(names) {
        Ok(actions) => Some(actions),
        Err(faults) => {
            for (at, invalid) in faults {
                reader.member::<()>(&format!("/actions/{at}"), Err(invalid));
            }
            None
        }
    }
}

/// The organization, which must be a root.
async fn found_root(write: &mut Write, id: &OrganizationId) -> Result<Organization> {
    let organization = found(write, id).await?;
    if organization.lineage.depth() != 1 {
        let root = organization.lineage.root_id().unwrap_or_default();
        let message = format!("only a root has roles of its own; the root of this organization is {root}");
        return Err(Error::at(Code::InvalidId, "/path/organization_id", message));
    }
    Ok(organization)
}

async fn found_role(write: &mut Write, id: &OrganizationId, name: &str) -> Result<(Organization, RoleBook, CustomRole)> {
    let root = found_root(write, id).await?;
    let book = RoleBook::open(&mut **write, &root.lineage).await?;
    let role = Role::from_name(name);
    if role.is_some_and(|role| role.actions().is_some()) {
        return Err(Error::new(Code::Forbidden, "built-in roles stay as they are; make one with another name"));
    }
    let custom = book.custom().iter().find(|custom| role == Some(Role::Custom(custom.id))).cloned();
    Ok((root, book, custom.ok_or_else(|| Error::not_found("role"))?))
}

/// Refuses a role that allows what the caller may not do at the root.
fn may_hold(write: &Write, root: &Organization, actions: Actions) -> Result<()> {
    let beyond = actions.without(write.reach().actions_on(&root.lineage));
    if beyond.is_empty() { Ok(()) } else { Err(Refusal::ActionsBeyondCaller { actions: beyond }.into()) }
}

/// Refuses a name that another role has, whatever the case.
fn is_free(book: &RoleBook, name: &Name, role: Option<&CustomRole>) -> Result<()> {
    let folded = fold(name.as_str());
    let mut others = book.roles().into_iter().filter(|other| role.is_none_or(|role| *other != Role::Custom(role.id)));
    let taken = others.any(|other| fold(&book.name(other)) == folded);
    if taken { Err(Refusal::RoleNameTaken.into()) } else { Ok(()) }
}
