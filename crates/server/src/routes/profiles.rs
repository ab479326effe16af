//! Profiles of organizations.

use umbel_api::{self as api, Code};
use umbel_domain::audit::Entry;
use umbel_domain::{Action, OrganizationId};
use umbel_store::organizations;

use super::organizations::found;
use crate::body::Body;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::reply::Reply;
use crate::wire::{self, Reader};
use crate::write::Committed;

pub(super) const GET: About = About {
    summary: "Get an organization's profile",
    description: "What the owners of the organization say of themselves; not found until it is set.",
    errors: &[Code::InvalidId, Code::NotFound],
};

pub(super) const UPDATE: About = About {
    summary: "Set an organization's profile",
    description: "Replaces the profile as a whole. The five members are free text and come back exactly as they were given.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

/// `GET /organizations/{organization_id}/profile`
pub(super) async fn get(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<api::Profile>> {
    let mut read = caller.read(Action::ReadOrganization, On::Organization(&id)).await?;
    let organization = organizations::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("organization"))?;
    let profile = organization.profile.as_ref();
    let profile = profile.ok_or_else(|| Error::new(Code::NotFound, "the organization has no profile yet; set one"))?;
    Ok(Reply::one(wire::profile(profile)))
}

/// `PUT /organizations/{organization_id}/profile`
pub(super) async fn update(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::Profile>,
) -> Result<Committed<api::NoContent>> {
    let mut reader = Reader::default();
    let profile = wire::new_profile(&mut reader, "", body);
    let profile = reader.finish(Some(profile))?;
    let mut write = caller.write(Action::UpdateOrganization, On::Organization(&id)).await?;
    let mut organization = found(&mut write, &id).await?;
    write.expect(organization.profile.as_ref().map(wire::profile).as_ref())?;
    write.becomes(&wire::profile(&profile));
    organization.profile = Some(profile);
    organizations::update(&mut write, &organization).await?;
    write.commit(Entry::profile_updated(&organization), Reply::nothing()).await
}
