//! Accounts, one at a time.

use umbel_api::{self as api, Code};
use umbel_domain::account::NewAccount;
use umbel_domain::audit::Entry;
use umbel_domain::organization::BoundByFlags;
use umbel_domain::{
    Account, AccountId, AccountMember, AccountSettings, AccountType, Action, Day, Flag, Lineage, MemberStatus, Name,
    Organization, OrganizationId, Role,
};
use umbel_store::organizations::{self, Filter};
use umbel_store::{account_members, accounts, placements};

use crate::body::Body;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::fan_out::Held;
use crate::openapi::About;
use crate::path::Id;
use crate::reply::Reply;
use crate::wire::{self, Reader};
use crate::write::{Committed, Write};

pub(super) const CREATE: About = About {
    summary: "Create an account",
    description: "Creates an account in the organization `unit`, or standing alone with `standalone`, as whose super administrator \
                  the caller then begins. With neither, in the one organization where the caller is administrator or more. \
                  Members that only the server sets (`id`, `created_on`, `managed_by`) are ignored.",
    errors: &[
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::AccountCreationForbidden,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get an account",
    description: "One account, with the organization that holds it and its settings.",
    errors: &[Code::InvalidId, Code::NotFound],
};

pub(super) const UPDATE: About = About {
    summary: "Update an account",
    description: "Sets the name and, when they are given, the type and settings. `unit` may be repeated but not changed here: \
                  an account is moved by `POST /accounts/{account_id}/move`.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

pub(super) const DELETE: About = About {
    summary: "Delete an account",
    description: "Deletes an account and the memberships in it.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::FlagDisabled, Code::PreconditionFailed],
};

pub(super) const ORGANIZATIONS: About = About {
    summary: "List the organizations above an account",
    description: "From the root down to the one that holds the account; only those that the caller can see.",
    errors: &[Code::InvalidId, Code::NotFound],
};

/// `POST /accounts`: creates an account in an organization or standing alone.
pub(super) async fn create(caller: Caller, Body(body): Body<api::CreateAccount>) -> Result<Committed<api::Account>> {
    let mut reader = Reader::default();
    let name = reader.member("/name", Name::parse(&body.name, Name::LENGTH_MAX));
    let unit = body.unit.and_then(|unit| reader.member("/unit/id", OrganizationId::parse(&unit.id)));
    let settings = wire::updated_settings(&mut reader, AccountSettings::default(), body.settings.unwrap_or_default());
    let name = reader.finish(name)?;
    let unit = match (unit, body.standalone) {
        (Some(_), Some(true)) => {
            return Err(Error::at(Code::InvalidBody, "/standalone", "standalone and unit exclude each other; leave one out"));
        }
        (None, Some(true)) => None,
        (Some(unit), _) => Some(unit),
        (None, _) => Some(only_unit(&caller).await?),
    };
    let on = unit.as_ref().map_or((On::Server, ""), |unit| (On::Organization(unit), "/unit/id"));
    let write = caller.write_on(Action::CreateAccount, &[on]).await;
    let mut write = write.map_err(|error| if error.is_forbidden() { Error::account_creation_forbidden(error) } else { error })?;
    let holder = match &unit {
        None => None,
        Some(unit) => Some(super::organizations::found(&mut write, unit).await?),
    };
    let new = NewAccount { name, account_type: body.account_type.map_or(AccountType::Standard, wire::account_type), settings };
    let bound = holder.as_ref().map_or(BoundByFlags::No, |holder| write.bound_by_flags(&holder.lineage));
    let account = new.create(write.new_account_id(), write.now(), holder.as_ref(), bound)?;
    if let Some(holder) = &holder {
        caller.app.fan_out.take(&mut write, Held::Accounts, &holder.id, caller.app.settings.accounts_max).await?;
    } else {
        let founder = founder(&write, &caller, &account);
        account_members::insert(&mut write, &founder).await?;
    }
    accounts::insert(&mut write, &account).await?;
    let reply = Reply::one(wire::account(&account));
    write.commit(Entry::account_created(&account), reply).await
}

/// The one organization where the caller itself may create accounts, without looking at what is below it.
async fn only_unit(caller: &Caller) -> Result<OrganizationId> {
    let read = caller.read(Action::ReadOrganization, On::Visible).await?;
    let places = read.reach().places(Action::CreateAccount);
    let mut ids = places.iter().filter_map(|place| OrganizationId::parse(place.id()?).ok());
    if let (Some(only), None) = (ids.next(), ids.next()) {
        return Ok(only);
    }
    let message = "name the organization in unit.id, or set standalone: there is not just one that you administer";
    Err(Error::at(Code::InvalidBody, "/unit/id", message))
}

/// The creator of an account that stands alone is its first super administrator.
fn founder(write: &Write, caller: &Caller, account: &Account) -> AccountMember {
    AccountMember {
        id: write.new_member_id(),
        account_id: account.id.clone(),
        user_id: caller.identity.user.id.clone(),
        roles: vec![Role::SuperAdministrator],
        status: MemberStatus::Active,
        create_time: account.create_time,
        update_time: account.create_time,
    }
}

/// `GET /accounts/{account_id}`
pub(super) async fn get(caller: Caller, Id(id): Id<AccountId>) -> Result<Reply<api::Account>> {
    let mut read = caller.read(Action::ReadAccount, On::Account(&id)).await?;
    let account = accounts::get(&mut *read, &id).await?;
    Ok(Reply::one(wire::account(&account.ok_or_else(|| Error::not_found("account"))?)))
}

/// `PUT /accounts/{account_id}`: sets the name, and the type and settings when they are given.
pub(super) async fn update(
    caller: Caller,
    Id(id): Id<AccountId>,
    Body(body): Body<api::UpdateAccount>,
) -> Result<Committed<api::Account>> {
    let mut reader = Reader::default();
    let name = reader.member("/name", Name::parse(&body.name, Name::LENGTH_MAX));
    let unit = body.unit.and_then(|unit| reader.member("/unit/id", OrganizationId::parse(&unit.id)));
    let name = reader.finish(name)?;
    let mut write = caller.write(Action::UpdateAccount, On::Account(&id)).await?;
    let mut account = found(&mut write, &id).await?;
    write.expect(Some(&wire::account(&account)))?;
    if unit.is_some_and(|unit| Some(unit) != account.organization_id()) {
        let message = "unit.id is not the organization that holds the account; move it by POST /accounts/{account_id}/move";
        return Err(Error::at(Code::InvalidBody, "/unit/id", message));
    }
    let renamed = std::mem::replace(&mut account.name, name) != account.name;
    account.account_type = body.account_type.map_or(account.account_type, wire::account_type);
    if let Some(update) = body.settings {
        let mut reader = Reader::default();
        let settings = wire::updated_settings(&mut reader, account.settings, update);
        account.settings = reader.finish(Some(settings))?;
    }
    accounts::update(&mut write, &account).await?;
    if renamed {
        let day = Day::of(write.now());
        placements::place(&mut write, &account, day).await?;
    }
    let reply = Reply::one(wire::account(&account));
    write.commit(Entry::account_updated(&account), reply).await
}

/// `DELETE /accounts/{account_id}`
pub(super) async fn delete(caller: Caller, Id(id): Id<AccountId>) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::DeleteAccount, On::Account(&id)).await?;
    let account = found(&mut write, &id).await?;
    write.expect(Some(&wire::account(&account)))?;
    if let Some(holder) = holder(&mut write, &account).await? {
        holder.permits(Flag::AccountDeletion, write.bound_by_flags(&holder.lineage))?;
    }
    account_members::delete_of_account(&mut write, &id).await?;
    accounts::delete(&mut write, &account).await?;
    write.commit(Entry::account_deleted(&account), Reply::ok(api::Deleted { id: id.to_string() })).await
}

/// `GET /accounts/{account_id}/organizations`: the organizations above an account that the caller can see, root first.
pub(super) async fn organizations(caller: Caller, Id(id): Id<AccountId>) -> Result<Reply<Vec<api::Organization>>> {
    let mut read = caller.read(Action::ReadAccount, On::Account(&id)).await?;
    let account = accounts::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("account"))?;
    let above: Vec<_> = super::organizations::ids(&account.lineage).collect();
    if above.is_empty() {
        return Ok(Reply::ok(Vec::new()));
    }
    let (visible, size) = (read.subtrees(Action::ReadOrganization), above.len());
    let filter = Filter { ids: Some(above), ..Filter::default() };
    let page = organizations::list(&mut *read, &visible, &filter, Lineage::server().as_str(), size).await?;
    Ok(Reply::ok(page.items.iter().map(wire::organization).collect()))
}

/// The account that a change is about.
pub(super) async fn found(write: &mut Write, id: &AccountId) -> Result<Account> {
    accounts::get(&mut **write, id).await?.ok_or_else(|| Error::not_found("account"))
}

/// The organization that holds an account; `None` when it stands alone.
pub(super) async fn holder(write: &mut Write, account: &Account) -> Result<Option<Organization>> {
    match account.organization_id() {
        None => Ok(None),
        Some(id) => super::organizations::found(write, &id).await.map(Some),
    }
}
