//! Moving an organization with everything below it.

use umbel_api::{self as api, ChangeOptions, Code};
use umbel_domain::audit::Entry;
use umbel_domain::organization::End;
use umbel_domain::{
    Action, Actions, Day, Holding, Lineage, Member, MemberStatus, Organization, OrganizationId, Place, Reach, Refusal, Role,
};
use umbel_store::{Query, members, organizations, roles};

use super::organizations::found;
use crate::body::Body;
use crate::caller::{Caller, On, Pace, Read, bound_by_flags};
use crate::effect::{Lines, effect_of_move};
use crate::error::{Error, Result};
use crate::fan_out::Held;
use crate::openapi::About;
use crate::path::Id;
use crate::query::Query as Parameters;
use crate::reply::Reply;
use crate::wire;
use crate::write::{Committed, Write};

pub(super) const CREATE: About = About {
    summary: "Move an organization",
    description: "Moves an organization with everything below it below another one, or makes it a root, whose super administrator \
                  the caller becomes if there is none. It takes the right to move organizations at the parent that it has, or at \
                  itself if it is a root, and at the one that it gets. With `dry_run` nothing is moved: the answer says who would \
                  gain and who would lose which role, and everything that stands in the way.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::InvalidParameter,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::Cycle,
        Code::LimitReached,
        Code::RoleInUse,
        Code::PreconditionFailed,
        Code::KeyReused,
    ],
};

const PARENT: &str = "/parent_id";

/// `POST /umbel/v1/organizations/{organization_id}/move`
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Parameters(options): Parameters<ChangeOptions>,
    Body(body): Body<api::MoveOrganization>,
) -> Result<Committed<api::MovedOrganization>> {
    let to = body.parent_id.map(|id| OrganizationId::parse(&id)).transpose();
    let to = to.map_err(|invalid| Error::member(PARENT, &invalid))?;
    let destination = to.as_ref().map_or(On::Server, On::Organization);
    let named = [(On::Organization(&id), ""), (destination, PARENT)];
    if options.dry_run == Some(true) {
        let mut read = caller.read_on(Pace::Long, Action::MoveOrganization, &named).await?;
        return dry_run(&caller, &mut read, &id, to.as_ref()).await.map(|moved| Committed::dry_run(Reply::ok(moved)));
    }
    let mut write = caller.write_on(Action::MoveOrganization, &named).await?;
    let organization = found(&mut write, &id).await?;
    let parent = match &to {
        None => None,
        Some(to) => Some(found(&mut write, to).await?),
    };
    may_move(write.reach(), &organization, parent.as_ref())?;
    write.expect(Some(&wire::organization(&organization)))?;
    if to.as_ref().map(OrganizationId::as_str) == organization.lineage.parent_id() {
        return write.commit_all(Vec::new(), reply(&organization)).await;
    }
    let deepest = organizations::deepest(&mut *write, &organization.lineage).await?;
    let mut obstacles = obstacles(&caller, write.reach(), &organization, parent.as_ref(), deepest);
    obstacles.extend(custom_roles(&mut *write, &organization, parent.as_ref()).await?);
    if !obstacles.is_empty() {
        return Err(Error::all(obstacles));
    }
    if let Some(to) = &to {
        let limit = caller.app.settings.tree_limits.children_max;
        caller.app.fan_out.take(&mut write, Held::Organizations, to, limit).await?;
    } else {
        give_super_administrator(&caller, &mut write, &organization).await?;
    }
    let day = Day::of(write.now());
    organizations::relocate(&mut write, &organization, &organization.lineage_below(parent.as_ref()), day).await?;
    let moved = found(&mut write, &id).await?;
    write.becomes(&wire::organization(&moved));
    let entries = Entry::organization_moved(&organization, &moved).to_vec();
    write.commit_all(entries, reply(&moved)).await
}

fn reply(organization: &Organization) -> Reply<api::MovedOrganization> {
    Reply::ok(api::MovedOrganization { organization: wire::organization(organization), effect: None })
}

/// Refuses who may move organizations at neither end.
fn may_move(reach: &Reach, organization: &Organization, parent: Option<&Organization>) -> Result<()> {
    let from = organization.lineage.parent_id().and_then(|id| organization.lineage.up_to(id));
    if from.is_some_and(|from| !reach.covers(&from, Action::MoveOrganization)) {
        return Err(Error::new(Code::Forbidden, "your role does not allow to move organizations out of the parent"));
    }
    if parent.is_some_and(|parent| !reach.covers(&parent.lineage, Action::CreateOrganization)) {
        return Err(Error::forbidden().pointing_at(PARENT));
    }
    // What moves comes under the roles of its new place, and a new root under the caller: nobody gets more over it by that.
    let then = parent.map_or(Role::SuperAdministrator.actions(), |parent| Some(reach.actions_on(&parent.lineage)));
    if !reach.actions_on(&organization.lineage).contains_all(then.unwrap_or(Actions::ALL)) {
        let message = "you would be able to do more with the organization there than you may do with it now";
        return Err(Error::at(Code::WiderThanCaller, PARENT, message));
    }
    Ok(())
}

fn obstacles(
    caller: &Caller,
    reach: &Reach,
    organization: &Organization,
    parent: Option<&Organization>,
    deepest: usize,
) -> Vec<Error> {
    let to = parent.map(|parent| End { organization: parent, bound: bound_by_flags(reach, &parent.lineage) });
    let obstacles = organization.obstacles_below(to, deepest, caller.app.settings.tree_limits);
    obstacles.into_iter().map(|obstacle| Error::from(obstacle).pointing_at(PARENT)).collect()
}

/// Roles hold in the tree of the root that made them: what leaves the tree must not have any.
async fn custom_roles(
    query: &mut impl Query,
    organization: &Organization,
    parent: Option<&Organization>,
) -> Result<Option<Error>> {
    let new_root = parent.map_or(Some(organization.id.as_str()), |parent| parent.lineage.root_id());
    if organization.lineage.root_id() == new_root {
        return Ok(None);
    }
    let inside =
        roles::used_below(query, &organization.lineage).await? || !roles::of_root(query, &organization.id).await?.is_empty();
    Ok(inside.then(|| Error::from(Refusal::CustomRolesInside).pointing_at(PARENT)))
}

/// A root has a super administrator: the caller, if nobody else is.
async fn give_super_administrator(caller: &Caller, write: &mut Write, organization: &Organization) -> Result<()> {
    if members::has_super_administrator(&mut **write, &organization.id).await? {
        return Ok(());
    }
    let me = &caller.identity.user.id;
    let (role, status, now) = (Role::SuperAdministrator, MemberStatus::Active, write.now());
    if let Some(person) = members::get_by_user(&mut **write, &organization.id, me).await? {
        return Ok(members::update(write, &Member { role, status, update_time: now, ..person.member }).await?);
    }
    let (id, organization_id, user_id) = (write.new_member_id(), organization.id.clone(), me.clone());
    let member = Member { id, organization_id, user_id, role, status, create_time: now, update_time: now };
    Ok(members::insert(write, &member).await?)
}

/// Who would become super administrator of a new root, if anybody.
async fn super_administrator(caller: &Caller, read: &mut Read, id: &OrganizationId) -> Result<Option<Holding>> {
    if members::has_super_administrator(&mut **read, id).await? {
        return Ok(None);
    }
    let me = &caller.identity.user;
    let (place, role) = (Place::Organization(id.clone()), Role::SuperAdministrator);
    Ok(Some(Holding { place, user_id: me.id.clone(), email: me.email.clone(), role }))
}

async fn dry_run(
    caller: &Caller,
    read: &mut Read,
    id: &OrganizationId,
    to: Option<&OrganizationId>,
) -> Result<api::MovedOrganization> {
    let gone = || Error::not_found("organization");
    let organization = organizations::get(&mut **read, id).await?.ok_or_else(gone)?;
    let parent = match to {
        None => None,
        Some(to) => Some(organizations::get(&mut **read, to).await?.ok_or_else(gone)?),
    };
    may_move(read.reach(), &organization, parent.as_ref())?;
    let counts = organizations::count_subtree(&mut **read, &organization.lineage).await?;
    let from = organization.lineage.parent();
    let to = parent.as_ref().map_or(Lineage::server(), |parent| parent.lineage.clone());
    let mut blockers = Vec::new();
    if from != to {
        let deepest = organizations::deepest(&mut **read, &organization.lineage).await?;
        blockers = obstacles(caller, read.reach(), &organization, parent.as_ref(), deepest);
        blockers.extend(custom_roles(&mut **read, &organization, parent.as_ref()).await?);
        if let Some(parent) = &parent {
            let limit = caller.app.settings.tree_limits.children_max;
            if organizations::count_children(&mut **read, &parent.id, limit).await? >= limit {
                blockers.push(Error::from(Refusal::TooManyChildren { limit }).pointing_at(PARENT));
            }
        }
    }
    let new_holder = match &parent {
        None if from != to => super_administrator(caller, read, id).await?,
        _ => None,
    };
    let lines = Lines::of_move(read.reach(), &from, &to, Some(&organization.lineage));
    let effect = effect_of_move(read, &lines, new_holder, counts, blockers).await?;
    Ok(api::MovedOrganization { organization: wire::organization(&organization), effect: Some(effect) })
}
