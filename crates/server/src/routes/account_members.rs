//! Members of accounts: roles on one account alone.

use umbel_api::{self as api, ChangeOptions, Code, Direction};
use umbel_domain::audit::Entry;
use umbel_domain::organization::Organization;
use umbel_domain::{
    Account, AccountId, AccountMember, Action, Actions, Email, Flag, Invalid, MemberId, MemberStatus, Person, Reach, Refusal,
    Role,
};
use umbel_store::account_members::{self, Order};
use umbel_store::{accounts, organizations};

use super::accounts::{found, holder};
use super::members::user_with;
use crate::body::Body;
use crate::caller::{Caller, On};
use crate::counted::Counted;
use crate::effect::effect_on_person;
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::query::Query;
use crate::reply::Reply;
use crate::role_book::RoleBook;
use crate::wire::{self, Reader};
use crate::write::{Committed, Write};

/// Roles that one member can be given at once, the same one several times included.
const ROLES_MAX: usize = 32;

pub(super) const LIST: About = About {
    summary: "List the members of an account",
    description: "The members of the account itself; members of organizations above it have rights here too and are listed \
                  there. A page behind the last one is empty.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden, Code::TooExpensive],
};

pub(super) const CREATE: About = About {
    summary: "Add a member to an account",
    description: "Adds the user with this address, whom it makes when nobody has it, with roles that allow no more than the \
                  caller may do there. The user accepts by `PUT /memberships/{member_id}`, unless `status` says otherwise.",
    errors: super::members::CREATE_ERRORS,
};

pub(super) const GET: About = About {
    summary: "Get a member of an account",
    description: "One member of the account itself.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const UPDATE: About = About {
    summary: "Give a member of an account other roles",
    description: "Neither the roles that the member has nor the new ones may allow more than the caller may do there. With \
                  `dry_run` nothing is changed: the answer says what the change would do.",
    errors: &[
        Code::InvalidId,
        Code::InvalidParameter,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::PreconditionFailed,
    ],
};

pub(super) const DELETE: About = About {
    summary: "Remove a member from an account",
    description: "Removes somebody whose roles allow no more than the caller may do there, or the caller itself.",
    errors: &[
        Code::InvalidId,
        Code::NotFound,
        Code::Forbidden,
        Code::FlagDisabled,
        Code::WiderThanCaller,
        Code::PreconditionFailed,
    ],
};

/// Shows a member, and of its user no more than the caller may know.
fn shown(
    caller: &Caller,
    reach: &Reach,
    account: &Account,
    book: &RoleBook,
    person: &Person<AccountMember>,
) -> api::AccountMember {
    let is_self = person.user.id == caller.identity.user.id;
    let root = account.lineage.root_id();
    wire::account_member(person, book, reach.knows_everybody() || is_self || person.is_known_in(root, person.member.create_time))
}

/// `GET /accounts/{account_id}/members`
pub(super) async fn list(
    caller: Caller,
    Id(id): Id<AccountId>,
    Query(parameters): Query<api::ListAccountMembers>,
) -> Result<Reply<Vec<api::AccountMember>>> {
    let mut read = caller.read_long(Action::ReadMembers, On::Account(&id)).await?;
    let account = accounts::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("account"))?;
    let order = parameters.order.map_or(Order::Id, |order| match order {
        api::AccountMemberOrder::FirstName | api::AccountMemberOrder::LastName => Order::Name,
        api::AccountMemberOrder::Email => Order::Email,
        api::AccountMemberOrder::Status => Order::Status,
    });
    let order = (order, parameters.direction == Some(Direction::Descending));
    let status = parameters.status.map(wire::account_member_status);
    let counted = Counted::new(parameters.page, parameters.per_page);
    let page = account_members::page(&mut *read, &account, status, order, counted.skipped(), counted.size()).await?;
    let max = caller.app.settings.total_size_max;
    let total = account_members::count_found(&mut *read, &id, status, max + 1).await?;
    let book = RoleBook::of(&mut *read, &account.lineage, page.iter().flat_map(|person| person.member.roles.clone())).await?;
    Ok(counted.reply(page.iter().map(|person| shown(&caller, read.reach(), &account, &book, person)).collect(), total, max))
}

/// `POST /accounts/{account_id}/members`
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<AccountId>,
    Body(body): Body<api::CreateAccountMember>,
) -> Result<Committed<api::AccountMember>> {
    let mut reader = Reader::default();
    let email = reader.member("/email", Email::parse(&body.email));
    let roles = roles(&mut reader, body.roles.iter().map(|role| (role.as_str(), "")));
    let (email, roles) = reader.finish(email.zip(Some(roles)))?;
    let mut write = caller.write(Action::ManageMembers, On::Account(&id)).await?;
    let account = found(&mut write, &id).await?;
    may_manage(&mut write, &account).await?;
    let book = RoleBook::of(&mut *write, &account.lineage, roles.clone()).await?;
    may_give(&book, write.reach().actions_on(&account.lineage), &roles)?;
    let (user, created) = user_with(&mut write, email).await?;
    if account_members::get_by_user(&mut *write, &id, &user.id).await?.is_some() {
        return Err(Error::from(Refusal::AlreadyMember).pointing_at("/email"));
    }
    let limit = caller.app.settings.members_max;
    if account_members::count(&mut *write, &id, limit).await? >= limit {
        return Err(Refusal::TooManyMembers { limit }.into());
    }
    let member = AccountMember {
        id: write.new_member_id(),
        account_id: id.clone(),
        user_id: user.id,
        roles,
        status: wire::new_account_member_status(body.status),
        create_time: write.now(),
        update_time: write.now(),
    };
    account_members::insert(&mut write, &member).await?;
    let person = person(&mut write, &id, &member.id).await?;
    let reply = Reply::one(shown(&caller, write.reach(), &account, &book, &person));
    write.commit_with(Entry::account_member_created(&account, &member), created.into_iter().collect(), reply).await
}

/// Reads the ids of roles, at least one and each once; behind each stands what its pointer ends in.
fn roles<'a>(reader: &mut Reader, ids: impl ExactSizeIterator<Item = (&'a str, &'a str)>) -> Vec<Role> {
    let mut roles = Vec::new();
    if ids.len() == 0 {
        reader.member::<()>("/roles", Err(Invalid("must have at least one role".into())));
    }
    for (at, (id, end)) in ids.enumerate() {
        let role = reader.member(&format!("/roles/{at}{end}"), wire::role(id));
        roles.extend(role.filter(|role| !roles.contains(role)));
        if at == ROLES_MAX {
            reader.member::<()>("/roles", Err(Invalid(format!("must have at most {ROLES_MAX} items"))));
            break;
        }
    }
    roles
}

/// Refuses to take roles of which one allows more than `held`.
fn may_take(book: &RoleBook, held: Actions, roles: &[Role]) -> Result<()> {
    Ok(roles.iter().try_for_each(|role| book.may_decide_over(held, *role))?)
}

/// Refuses to give roles that the tree does not have, or of which one allows more than `held`.
fn may_give(book: &RoleBook, held: Actions, roles: &[Role]) -> Result<()> {
    roles.iter().try_for_each(|role| book.must_have(*role, "/roles"))?;
    may_take(book, held, roles)
}

/// Refuses to give roles in the place of others, of which one allows more than `held`.
fn may_change(book: &RoleBook, held: Actions, member: &AccountMember, roles: &[Role]) -> Result<()> {
    may_take(book, held, &member.roles)?;
    may_give(book, held, roles).map_err(|error| error.pointing_at("/roles"))
}

/// What giving other roles would do.
async fn dry_run(caller: &Caller, id: &AccountId, member: &MemberId, roles: &[Role]) -> Result<api::AccountMember> {
    let mut read = caller.read(Action::ManageMembers, On::Account(id)).await?;
    let account = accounts::get(&mut *read, id).await?.ok_or_else(|| Error::not_found("account"))?;
    let person = account_members::get(&mut *read, id, member).await?.ok_or_else(|| Error::not_found("member"))?;
    let book = RoleBook::of(&mut *read, &account.lineage, person.member.roles.iter().chain(roles).copied()).await?;
    may_change(&book, read.reach().actions_on(&account.lineage), &person.member, roles)?;
    let holder = match account.organization_id() {
        Some(id) => organizations::get(&mut *read, &id).await?,
        None => None,
    };
    let flag = holder.and_then(|holder| holder.permits(Flag::MemberManagement, read.bound_by_flags(&holder.lineage)).err());
    let change = (person.holdings(&person.member.roles), person.holdings(roles));
    let blockers = flag.into_iter().map(Error::from).collect();
    let above = account.lineage.holder();
    let effect = effect_on_person(&mut read, &above, &person.user.id, change, (0, 1), blockers).await?;
    Ok(api::AccountMember { effect: Some(effect), ..shown(caller, read.reach(), &account, &book, &person) })
}

/// Refuses when the organization that holds the account lets nobody change members.
pub(super) async fn may_manage(write: &mut Write, account: &Account) -> Result<()> {
    match holder(write, account).await? {
        Some(holder) => Ok(permits(&holder, write)?),
        None => Ok(()),
    }
}

fn permits(holder: &Organization, write: &Write) -> std::result::Result<(), Refusal> {
    holder.permits(Flag::MemberManagement, write.bound_by_flags(&holder.lineage))
}

async fn person(write: &mut Write, account: &AccountId, id: &MemberId) -> Result<Person<AccountMember>> {
    account_members::get(&mut **write, account, id).await?.ok_or_else(|| Error::not_found("member"))
}

/// `GET /accounts/{account_id}/members/{member_id}`
pub(super) async fn get(caller: Caller, Ids(id, member): Ids<AccountId, MemberId>) -> Result<Reply<api::AccountMember>> {
    let mut read = caller.read(Action::ReadMembers, On::Account(&id)).await?;
    let account = accounts::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("account"))?;
    let person = account_members::get(&mut *read, &id, &member).await?.ok_or_else(|| Error::not_found("member"))?;
    let book = RoleBook::of(&mut *read, &account.lineage, person.member.roles.clone()).await?;
    Ok(Reply::one(shown(&caller, read.reach(), &account, &book, &person)))
}

/// `PUT /accounts/{account_id}/members/{member_id}`: gives other roles.
pub(super) async fn update(
    caller: Caller,
    Ids(id, member): Ids<AccountId, MemberId>,
    Query(options): Query<ChangeOptions>,
    Body(body): Body<api::UpdateAccountMember>,
) -> Result<Committed<api::AccountMember>> {
    let mut reader = Reader::default();
    let roles = roles(&mut reader, body.roles.iter().map(|role| (role.id.as_str(), "/id")));
    let roles = reader.finish(Some(roles))?;
    if options.dry_run == Some(true) {
        return dry_run(&caller, &id, &member, &roles).await.map(|member| Committed::dry_run(Reply::ok(member)));
    }
    let mut write = caller.write(Action::ManageMembers, On::Account(&id)).await?;
    let account = found(&mut write, &id).await?;
    let mut person = person(&mut write, &id, &member).await?;
    let book = RoleBook::of(&mut *write, &account.lineage, person.member.roles.iter().chain(&roles).copied()).await?;
    write.expect(Some(&shown(&caller, write.reach(), &account, &book, &person)))?;
    may_manage(&mut write, &account).await?;
    may_change(&book, write.reach().actions_on(&account.lineage), &person.member, &roles)?;
    person.member = AccountMember { roles, update_time: write.now(), ..person.member };
    account_members::update(&mut write, &person.member).await?;
    let reply = Reply::one(shown(&caller, write.reach(), &account, &book, &person));
    write.commit(Entry::account_member_updated(&account, &person.member), reply).await
}

/// `DELETE /accounts/{account_id}/members/{member_id}`
pub(super) async fn delete(caller: Caller, Ids(id, member): Ids<AccountId, MemberId>) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::ReadAccount, On::Account(&id)).await?;
    let account = found(&mut write, &id).await?;
    let person = account_members::get(&mut *write, &id, &member).await?;
    let is_self = person.as_ref().is_some_and(|person| person.user.id == caller.identity.user.id);
    if !is_self && !write.reach().covers(&account.lineage, Action::ManageMembers) {
        return Err(Error::forbidden());
    }
    let person = person.ok_or_else(|| Error::not_found("member"))?;
    let book = RoleBook::of(&mut *write, &account.lineage, person.member.roles.clone()).await?;
    write.expect(Some(&shown(&caller, write.reach(), &account, &book, &person)))?;
    if !is_self {
        may_manage(&mut write, &account).await?;
        may_take(&book, write.reach().actions_on(&account.lineage), &person.member.roles)?;
    }
    account_members::delete(&mut write, &person.member).await?;
    let reply = Reply::ok(api::Deleted { id: member.to_string() });
    write.commit(Entry::account_member_deleted(&account, &person.member), reply).await
}

/// Whether a membership can still be accepted or rejected.
pub(super) fn is_open(member: &AccountMember) -> bool {
    member.status == MemberStatus::Pending
}
