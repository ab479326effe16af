//! Users, for operators.

use umbel_api::{self as api, Code, PageSize, ResultInfo};
use umbel_domain::audit::Entry;
use umbel_domain::{Action, Email, Name, OrganizationId, Refusal, User, UserId};
use umbel_store::account_members::{self, MembershipFilter, MembershipOrder};
use umbel_store::{api_tokens, members, organizations, sessions, sign_in, users};

use crate::body::Body;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::Query;
use crate::reply::Reply;
use crate::sign_in::{LINK_SECONDS, link};
use crate::wire::{self, Reader};
use crate::write::{Committed, Write};

pub(super) const LIST: About = About {
    summary: "List users",
    description: "Every user of the server, in the order of their ids. For operators.",
    errors: &[Code::InvalidParameter, Code::InvalidPageToken, Code::Forbidden],
};

pub(super) const CREATE: About = About {
    summary: "Create a user",
    description: "Creates a user with a global API key, which only this answer shows. For operators.",
    errors: &[
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::AlreadyExists,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get a user",
    description: "One user. For operators.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const UPDATE: About = About {
    summary: "Disable or enable a user",
    description: "The credentials of a disabled user are refused from the next request on, and their memberships count for \
                  nothing. The last super administrator of a root cannot be disabled. For operators.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::LastSuperAdministrator,
        Code::IsOperator,
        Code::PreconditionFailed,
    ],
};

pub(super) const DELETE: About = About {
    summary: "Delete a user",
    description: "Deletes a user with their tokens and memberships. The last super administrator of a root cannot be deleted. \
                  For operators.",
    errors: &[
        Code::InvalidId,
        Code::NotFound,
        Code::Forbidden,
        Code::LastSuperAdministrator,
        Code::IsOperator,
        Code::LimitReached,
        Code::PreconditionFailed,
    ],
};

pub(super) const CREATE_SIGN_IN_LINK: About = About {
    summary: "Create a sign-in link",
    description: "Makes a link by which the user signs in once within a day, to set their first password or a new one; only this \
                  answer shows it, and it ends the one before. Who has a second factor still needs it. For operators.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::NotSignedIn, Code::KeyReused],
};

pub(super) const DELETE_SECOND_FACTOR: About = About {
    summary: "Remove the second factor of a user",
    description: "For a user who has lost their authenticator: from now on the password is enough, and all of their sessions end. \
                  For operators.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::NotSignedIn],
};

/// `GET /umbel/v1/users`
pub(super) async fn list(caller: Caller, Query(parameters): Query<api::ListUsers>) -> Result<Reply<Vec<api::User>>> {
    let mut read = caller.read(Action::ManageUsers, On::Server).await?;
    if let Some(email) = &parameters.email {
        let user = users::get_by_email(&mut *read, &wire::email("/query/email", email)?).await?;
        let total_size = Some(u64::from(user.is_some()));
        return Ok(Reply::page(user.iter().map(wire::user).collect(), ResultInfo::tokens(None, total_size)));
    }
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    let PageSize(size) = parameters.page_size;
    let after = position.as_ref().map_or("", |position| &position.after);
    let page = users::list(&mut *read, after, size).await?;
    let max = caller.app.settings.total_size_max;
    let total = match position {
        Some(position) => position.total,
        None => Some(users::count(&mut *read, max + 1).await?).filter(|total| *total <= max),
    };
    let last = page.items.last().filter(|_| page.more);
    let info = caller.page_info(&list, last.map(|last| last.id.to_string()), total);
    Ok(Reply::page(page.items.iter().map(wire::user).collect(), info))
}

/// `POST /umbel/v1/users`
pub(super) async fn create(caller: Caller, Body(body): Body<api::CreateUser>) -> Result<Committed<api::User>> {
    let mut reader = Reader::default();
    let email = reader.member("/email", Email::parse(&body.email));
    let name = body.name.and_then(|name| reader.member("/name", Name::parse(&name, Name::LENGTH_MAX)));
    let managed_by = body.managed_by.and_then(|id| reader.member("/managed_by", OrganizationId::parse(&id)));
    let email = reader.finish(email)?;
    let mut write = caller.write(Action::ManageUsers, On::Server).await?;
    if users::get_by_email(&mut *write, &email).await?.is_some() {
        return Err(Refusal::EmailTaken.into());
    }
    if let Some(manager) = &managed_by
        && organizations::get(&mut *write, manager).await?.is_none()
    {
        return Err(Error::not_found("organization").pointing_at("/managed_by"));
    }
    let user = User { name, managed_by, ..User::new(write.new_user_id(), email, write.now()) };
    let api_key = write.new_api_key();
    users::insert(&mut write, &user, Some(&api_key.hash())).await?;
    let public = wire::user(&user);
    let full = api::User { api_key: Some(api_key.reveal().to_owned()), ..public.clone() };
    write.commit_secret(vec![Entry::user_created(&user)], Reply::ok(full), Reply::ok(public)).await
}

/// `GET /umbel/v1/users/{user_id}`
pub(super) async fn get(caller: Caller, Id(id): Id<UserId>) -> Result<Reply<api::User>> {
    let mut read = caller.read(Action::ManageUsers, On::Server).await?;
    let user = users::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("user"))?;
    Ok(Reply::one(wire::user(&user)))
}

/// `PATCH /umbel/v1/users/{user_id}`: disables or enables a user.
pub(super) async fn update(
    caller: Caller,
    Id(id): Id<UserId>,
    Body(body): Body<api::UpdateUser>,
) -> Result<Committed<api::User>> {
    let mut write = caller.write(Action::ManageUsers, On::Server).await?;
    let mut user = found(&mut write, &id).await?;
    write.expect(Some(&wire::user(&user)))?;
    if body.disabled {
        may_go(&mut write, &user).await?;
    }
    user.disabled = body.disabled;
    if user.disabled {
        sessions::delete_others(&mut write, &id, None).await?;
        sign_in::delete_links(&mut write, &id).await?;
    }
    users::update(&mut write, &user).await?;
    let reply = Reply::one(wire::user(&user));
    write.commit(Entry::user_updated(&user), reply).await
}

/// `DELETE /umbel/v1/users/{user_id}`: deletes a user, their tokens and their memberships.
pub(super) async fn delete(caller: Caller, Id(id): Id<UserId>) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::ManageUsers, On::Server).await?;
    let user = found(&mut write, &id).await?;
    write.expect(Some(&wire::user(&user)))?;
    may_go(&mut write, &user).await?;
    let limit = members::REMOVED_TOGETHER_MAX;
    let memberships = members::of_user(&mut *write, &id).await?;
    let (every, order) = (MembershipFilter::default(), (MembershipOrder::Id, false));
    let of_accounts = account_members::of_user(&mut *write, &id, &every, order, 0, limit + 1).await?;
    if memberships.len() > limit || of_accounts.len() > limit {
        return Err(Refusal::TooManyMemberships { limit }.into());
    }
    for member in &memberships {
        members::delete(&mut write, member).await?;
    }
    account_members::delete_of_user(&mut write, &id).await?;
    api_tokens::delete_of_user(&mut write, &id).await?;
    sign_in::delete_of_user(&mut write, &id).await?;
    users::delete(&mut write, &id).await?;
    let of_accounts = of_accounts.iter().map(|(account, member)| Entry::account_member_deleted(account, member));
    let more = memberships.iter().map(Entry::member_deleted).chain(of_accounts).collect();
    write.commit_with(Entry::user_deleted(&user), more, Reply::ok(api::Deleted { id: id.to_string() })).await
}

/// `POST /umbel/v1/users/{user_id}/sign-in-link`
pub(super) async fn create_sign_in_link(caller: Caller, Id(id): Id<UserId>) -> Result<Committed<api::SignInLink>> {
    let mut write = caller.write(Action::ManageUsers, On::Server).await?;
    let user = found(&mut write, &id).await?;
    may_change_sign_in(&caller, &user)?;
    let secret = write.new_sign_in_link();
    let expires_at = write.now().plus_seconds(LINK_SECONDS);
    sign_in::delete_links(&mut write, &user.id).await?;
    sign_in::insert_link(&mut write, &user.id, &secret.hash(), expires_at).await?;
    let url = link(&secret, caller.app.settings.public_url.as_ref());
    let public = api::SignInLink { url: None, expires_at: expires_at.to_datetime() };
    let full = api::SignInLink { url: Some(url), ..public.clone() };
    write.commit_secret(vec![Entry::sign_in_link_created(&user.id)], Reply::ok(full), Reply::ok(public)).await
}

/// `DELETE /umbel/v1/users/{user_id}/totp`
pub(super) async fn delete_second_factor(caller: Caller, Id(id): Id<UserId>) -> Result<Committed<api::User>> {
    let mut write = caller.write(Action::ManageUsers, On::Server).await?;
    let user = found(&mut write, &id).await?;
    may_change_sign_in(&caller, &user)?;
    if !user.two_factor_authentication_enabled {
        return Err(Error::not_found("second factor of the user"));
    }
    sign_in::delete_second_factor(&mut write, &user.id).await?;
    sign_in::delete_links(&mut write, &user.id).await?;
    sessions::delete_others(&mut write, &user.id, None).await?;
    let user = User { two_factor_authentication_enabled: false, version: user.version + 1, ..user };
    write.commit(Entry::second_factor_removed(&user.id), Reply::one(wire::user(&user))).await
}

/// Refuses a token to change how an operator signs in: it could make itself outlive its end.
pub(super) fn may_change_sign_in(caller: &Caller, user: &User) -> Result<()> {
    if user.operator && caller.identity.session().is_none() {
        let message = "only somebody who is signed in, or the command line, changes how an operator signs in";
        return Err(Error::new(Code::NotSignedIn, message));
    }
    Ok(())
}

pub(super) async fn found(write: &mut Write, id: &UserId) -> Result<User> {
    users::get(&mut **write, id).await?.ok_or_else(|| Error::not_found("user"))
}

/// Refuses to take away an operator, or the last super administrator of a root.
async fn may_go(write: &mut Write, user: &User) -> Result<()> {
    if user.operator {
        return Err(Refusal::IsOperator.into());
    }
    if members::orphaned_roots(&mut **write, &user.id).await? > 0 {
        return Err(Refusal::LastSuperAdministrator.into());
    }
    Ok(())
}
