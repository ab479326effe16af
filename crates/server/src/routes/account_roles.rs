//! The roles that a member of an account can have.

use umbel_api::{self as api, Code};
use umbel_domain::{AccountId, Action, Role};

use crate::caller::{Caller, On};
use crate::counted::Counted;
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids, RoleName};
use crate::query::Query;
use crate::reply::Reply;
use crate::wire;

pub(super) const LIST: About = About {
    summary: "List the roles of an account",
    description: "The roles that a member of the account can have. A page behind the last one is empty.",
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
    caller.read(Action::ReadAccount, On::Account(&id)).await?;
    let counted = Counted::new(parameters.page, parameters.per_page);
    let page = Role::ALL.into_iter().skip(counted.skipped()).take(counted.size()).map(wire::account_role);
    Ok(counted.reply(page.collect(), Role::ALL.len() as u64, u64::MAX))
}

/// `GET /accounts/{account_id}/roles/{role_id}`
pub(super) async fn get(caller: Caller, Ids(id, RoleName(name)): Ids<AccountId, RoleName>) -> Result<Reply<api::AccountRole>> {
    caller.read(Action::ReadAccount, On::Account(&id)).await?;
    let role = Role::from_name(&name).ok_or_else(|| Error::not_found("role"))?;
    Ok(Reply::one(wire::account_role(role)))
}
