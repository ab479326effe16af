//! The roles that a member of an account can have.

use umbel_api::{self as api, Code};
use umbel_domain::{AccountId, Action, Role};
use umbel_store::accounts;

use crate::caller::{Caller, On};
use crate::counted::Counted;
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids, RoleName};
use crate::query::Query;
use crate::reply::Reply;
use crate::role_book::RoleBook;

pub(super) const LIST: About = About {
    summary: "List the roles of an account",
    description: "The roles that a member of the account can have: the built-in ones, and then those that the root of its tree made. A \
                  page behind the last one is empty.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound],
};

pub(super) const GET: About = About {
    summary: "Get a role of an account",
    description: "One of the roles that a member of the account can have.",
    errors: &[Code::InvalidId, Code::NotFound],
};

/// `GET /accounts/{account_id}/roles`
pub(super) async fn list(
    caller: Caller,
    Id(id): Id<AccountId>,
    Query(parameters): Query<api::ListPages>,
) -> Result<Reply<Vec<api::AccountRole>>> {
    let book = opened(&caller, &id).await?;
    let counted = Counted::new(parameters.page, parameters.per_page);
    let roles = book.roles();
    let page = roles.iter().skip(counted.skipped()).take(counted.size()).map(|role| book.show_on_account(*role));
    Ok(counted.reply(page.collect(), roles.len() as u64, u64::MAX))
}

/// `GET /accounts/{account_id}/roles/{role_id}`
pub(super) async fn get(caller: Caller, Ids(id, RoleName(name)): Ids<AccountId, RoleName>) -> Result<Reply<api::AccountRole>> {
    let book = opened(&caller, &id).await?;
    let role = Role::from_name(&name).filter(|role| book.roles().contains(role)).ok_or_else(|| Error::not_found("role"))?;
    Ok(Reply::one(book.show_on_account(role)))
}

async fn opened(caller: &Caller, id: &AccountId) -> Result<RoleBook> {
    let mut read = caller.read(Action::ReadAccount, On::Account(id)).await?;
    let account = accounts::get(&mut *read, id).await?.ok_or_else(|| Error::not_found("account"))?;
    RoleBook::open(&mut *read, &account.lineage).await
}
