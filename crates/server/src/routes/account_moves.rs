//! Moving accounts from one organization to another.

use umbel_api::{self as api, ChangeOptions, Code};
use umbel_domain::audit::Entry;
use umbel_domain::organization::End;
use umbel_domain::{Account, AccountId, Action, Actions, Day, Organization, OrganizationId, Reach, Refusal};
use umbel_store::{accounts, organizations, placements, roles};

use super::accounts::{found, holder};
use crate::body::Body;
use crate::caller::{Caller, On, Pace, Read};
use crate::effect::{Lines, effect_of_move};
use crate::error::{Error, Result};
use crate::fan_out::Held;
use crate::openapi::About;
use crate::path::Id;
use crate::query::Query;
use crate::reply::Reply;
use crate::wire::{self, Reader};
use crate::write::{Committed, Write};

/// Accounts that one request moves.
const ACCOUNTS_MAX: usize = 100;

pub(super) const CREATE: About = About {
    summary: "Move an account",
    description: "Moves an account into an organization. It takes the right to move accounts where the account is and where it \
                  shall be, and the flag `account_mobility` at both ends; an account that stands alone is attached instead, for \
                  which the flag is `account_migration`. Moving an account to where it is changes nothing. With `dry_run` nothing is \
                  moved: the answer says who would gain and who would lose which role, and everything that stands in the way.",
    errors: &[
        Code::InvalidId,
        Code::InvalidParameter,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::LimitReached,
        Code::RoleInUse,
        Code::PreconditionFailed,
        Code::KeyReused,
    ],
};

pub(super) const CREATE_BATCH: About = About {
    summary: "Move several accounts",
    description: "Moves 1 to 100 accounts into an organization, all of them or none. With `dry_run` nothing is moved.",
    errors: &[
        Code::InvalidParameter,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

/// `POST /accounts/{account_id}/move`
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<AccountId>,
    Query(options): Query<ChangeOptions>,
    Body(body): Body<api::MoveAccount>,
) -> Result<Committed<api::MovedAccount>> {
    let mut reader = Reader::default();
    let to = reader.member(DESTINATION, OrganizationId::parse(&body.destination_organization_id));
    let to = reader.finish(to)?;
    let named = [(On::Account(&id), ""), (On::Organization(&to), DESTINATION)];
    if options.dry_run == Some(true) {
        let mut read = caller.read_on(Pace::Long, Action::MoveAccount, &named).await?;
        let (account, effect) = effect(&caller, &mut read, &id, &to, 0).await?;
        return Ok(Committed::dry_run(Reply::ok(shown(&account, &to, Some(effect)))));
    }
    let mut write = caller.write_on(Action::MoveAccount, &named).await?;
    let account = found(&mut write, &id).await?;
    write.expect(Some(&wire::account(&account)))?;
    let destination = super::organizations::found(&mut write, &to).await?;
    let moved = move_account(&caller, &mut write, &account, &destination).await?;
    if let Some(moved) = &moved {
        write.becomes(&wire::account(moved));
    }
    let entries = moved.iter().flat_map(|moved| Entry::account_moved(&account, moved)).collect();
    write.commit_all(entries, Reply::ok(shown(&account, &to, None))).await
}

fn shown(account: &Account, to: &OrganizationId, effect: Option<api::Effect>) -> api::MovedAccount {
    api::MovedAccount {
        account_id: account.id.to_string(),
        source_organization_id: account.organization_id().as_ref().map(ToString::to_string).unwrap_or_default(),
        destination_organization_id: to.to_string(),
        effect,
    }
}

/// `POST /accounts/move`
pub(super) async fn create_batch(
    caller: Caller,
    Query(options): Query<ChangeOptions>,
    Body(body): Body<api::MoveAccounts>,
) -> Result<Committed<api::MovedAccounts>> {
    let (ids, to) = batch(&body)?;
    let pointers: Vec<_> = (0..ids.len()).map(|at| format!("/account_ids/{at}")).collect();
    let mut named: Vec<_> = ids.iter().zip(&pointers).map(|(id, pointer)| (On::Account(id), pointer.as_str())).collect();
    named.push((On::Organization(&to), DESTINATION));
    if options.dry_run == Some(true) {
        let mut read = caller.read_on(Pace::Long, Action::MoveAccount, &named).await?;
        let (mut statuses, mut before) = (Vec::new(), 0);
        for id in &ids {
            let (account, effect) = effect(&caller, &mut read, id, &to, before).await?;
            before += u64::from(account.organization_id().as_ref() != Some(&to));
            statuses.push(api::MoveStatus { tag: id.to_string(), moved: false, message: None, effect: Some(effect) });
        }
        return Ok(Committed::dry_run(Reply::ok(api::MovedAccounts { statuses })));
    }
    let mut write = caller.write_on(Action::MoveAccount, &named).await?;
    let destination = super::organizations::found(&mut write, &to).await?;
    let (mut statuses, mut entries) = (Vec::new(), Vec::new());
    for (id, pointer) in ids.iter().zip(&pointers) {
        let account = found(&mut write, id).await?;
        let moved = move_account(&caller, &mut write, &account, &destination).await;
        let moved = moved.map_err(|error| error.pointing_at(pointer))?;
        let message = moved.is_none().then(|| "the account is there already".to_owned());
        let status = api::MoveStatus { tag: id.to_string(), moved: moved.is_some(), message, effect: None };
        let asked = api::MoveAccounts { account_ids: vec![id.to_string()], destination_organization_id: to.to_string() };
        write.tell_apart(id.as_str(), &asked, Reply::ok(api::MovedAccounts { statuses: vec![status.clone()] }));
        statuses.push(status);
        entries.extend(moved.iter().flat_map(|moved| Entry::account_moved(&account, moved)));
    }
    write.commit_all(entries, Reply::ok(api::MovedAccounts { statuses })).await
}

const DESTINATION: &str = "/destination_organization_id";

/// Reads which accounts shall go where.
fn batch(body: &api::MoveAccounts) -> Result<(Vec<AccountId>, OrganizationId)> {
    let mut reader = Reader::default();
    let to = reader.member(DESTINATION, OrganizationId::parse(&body.destination_organization_id));
    let mut ids: Vec<AccountId> = Vec::new();
    for (at, text) in body.account_ids.iter().enumerate().take(ACCOUNTS_MAX) {
        let pointer = format!("/account_ids/{at}");
        if let Some(id) = reader.member(&pointer, AccountId::parse(text)) {
            if ids.contains(&id) {
                return Err(Error::at(Code::InvalidBody, pointer, format!("the account {id} is named twice")));
            }
            ids.push(id);
        }
    }
    if !(1..=ACCOUNTS_MAX).contains(&body.account_ids.len()) {
        let message = format!("account_ids must have 1 to {ACCOUNTS_MAX} items");
        return Err(Error::at(Code::InvalidBody, "/account_ids", message));
    }
    Ok((ids, reader.finish(to)?))
}

/// What moving an account would do, of which the caller may do so, when so many others come to the same place before it.
async fn effect(
    caller: &Caller,
    read: &mut Read,
    id: &AccountId,
    to: &OrganizationId,
    before: u64,
) -> Result<(Account, api::Effect)> {
    let account = accounts::get(&mut **read, id).await?.ok_or_else(|| Error::not_found("account"))?;
    let gone = || Error::not_found("organization");
    let destination = organizations::get(&mut **read, to).await?.ok_or_else(gone)?;
    let source = match account.organization_id() {
        None => None,
        Some(id) => Some(organizations::get(&mut **read, &id).await?.ok_or_else(gone)?),
    };
    may_move(read.reach(), &account, source.as_ref(), &destination)?;
    let (from, to) = (account.lineage.holder(), &destination.lineage);
    let mut blockers = Vec::new();
    if from != *to {
        let from = source.as_ref().map(|source| End { organization: source, bound: read.bound_by_flags(&source.lineage) });
        let to = End { organization: &destination, bound: read.bound_by_flags(&destination.lineage) };
        blockers.extend(account.clone().move_to(from, to).err().map(Error::from));
        blockers.extend(custom_roles(&mut **read, &account, &destination).await?.map(Error::from));
        let limit = caller.app.settings.accounts_max;
        if accounts::count(&mut **read, &destination.id, limit).await? + before >= limit {
            blockers.push(Refusal::TooManyAccounts { limit }.into());
        }
    }
    let lines = Lines::of_move(read.reach(), &from, to, None);
    let effect = effect_of_move(read, &lines, None, (0, 1), blockers).await?;
    Ok((account, effect))
}

/// Roles hold in the tree of the root that made them: no member of an account that leaves the tree must have one.
async fn custom_roles(
    query: &mut impl umbel_store::Query,
    account: &Account,
    destination: &Organization,
) -> Result<Option<Refusal>> {
    let leaves = account.lineage.root_id() != destination.lineage.root_id();
    let inside = leaves && roles::used_below(query, &account.lineage).await?;
    Ok(inside.then_some(Refusal::CustomRolesInside))
}

/// Refuses who may move the account itself by a role in it alone to take it away from its organization, and who could do more
/// with it in its new place than to decide over super administrators.
fn may_move(reach: &Reach, account: &Account, source: Option<&Organization>, destination: &Organization) -> Result<()> {
    if source.is_some_and(|source| !reach.covers(&source.lineage, Action::MoveAccount)) {
        return Err(Error::new(Code::Forbidden, "your role does not allow to move accounts out of their organization"));
    }
    let then = reach.actions_on(&destination.lineage).intersection(Actions::ON_ACCOUNT);
    let more = then.without(reach.actions_on(&account.lineage)).without(Actions::of(&[Action::ManageSuperAdministrators]));
    if !more.is_empty() {
        let message = "you would be able to do more with the account there than you may do with it now";
        return Err(Error::at(Code::WiderThanCaller, DESTINATION, message));
    }
    Ok(())
}

/// Moves one account, of which the caller may do so; `None` when it is there already.
async fn move_account(
    caller: &Caller,
    write: &mut Write,
    account: &Account,
    destination: &Organization,
) -> Result<Option<Account>> {
    let source = holder(write, account).await?;
    may_move(write.reach(), account, source.as_ref(), destination)?;
    if source.as_ref().is_some_and(|source| source.id == destination.id) {
        return Ok(None);
    }
    let mut moved = account.clone();
    let from = source.as_ref().map(|source| End { organization: source, bound: write.bound_by_flags(&source.lineage) });
    let to = End { organization: destination, bound: write.bound_by_flags(&destination.lineage) };
    moved.move_to(from, to)?;
    if let Some(refusal) = custom_roles(&mut **write, account, destination).await? {
        return Err(refusal.into());
    }
    caller.app.fan_out.take(write, Held::Accounts, &destination.id, caller.app.settings.accounts_max).await?;
    accounts::update(write, &moved).await?;
    let day = Day::of(write.now());
    placements::place(write, &moved, day).await?;
    Ok(Some(moved))
}
