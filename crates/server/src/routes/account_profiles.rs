//! Profiles of accounts.

use umbel_api::{self as api, Code};
use umbel_domain::audit::Entry;
use umbel_domain::{AccountId, Action};
use umbel_store::accounts;

use super::accounts::found;
use crate::body::Body;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::reply::Reply;
use crate::wire::{self, Reader};
use crate::write::Committed;

pub(super) const GET: About = About {
    summary: "Get an account's profile",
    description: "What the owners of the account say of themselves; not found until it is set.",
    errors: &[Code::InvalidId, Code::NotFound],
};

pub(super) const UPDATE: About = About {
    summary: "Set an account's profile",
    description: "Replaces the profile as a whole. The five members are free text and come back exactly as they were given.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

/// `GET /accounts/{account_id}/profile`
pub(super) async fn get(caller: Caller, Id(id): Id<AccountId>) -> Result<Reply<api::Profile>> {
    let mut read = caller.read(Action::ReadAccount, On::Account(&id)).await?;
    let account = accounts::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("account"))?;
    let profile = account.profile.as_ref();
    let profile = profile.ok_or_else(|| Error::new(Code::NotFound, "the account has no profile yet; set one"))?;
    Ok(Reply::one(wire::profile(profile)))
}

/// `PUT /accounts/{account_id}/profile`
pub(super) async fn update(
    caller: Caller,
    Id(id): Id<AccountId>,
    Body(body): Body<api::Profile>,
) -> Result<Committed<api::NoContent>> {
    let mut reader = Reader::default();
    let profile = wire::new_profile(&mut reader, "", body);
    let profile = reader.finish(Some(profile))?;
    let mut write = caller.write(Action::UpdateAccount, On::Account(&id)).await?;
    let mut account = found(&mut write, &id).await?;
    write.expect(account.profile.as_ref().map(wire::profile).as_ref())?;
    write.becomes(&wire::profile(&profile));
    account.profile = Some(profile);
    accounts::update(&mut write, &account).await?;
    write.commit(Entry::account_profile_updated(&account), Reply::nothing()).await
}
