//! Who users are at OpenID Connect providers.

use umbel_api::{self as api, Code};
use umbel_domain::audit::Entry;
use umbel_domain::{Action, LinkedIdentity, LinkedIdentityId, UserId};
use umbel_store::linked_identities;

use super::own_sign_in::signed_in;
use super::users::{found, may_change_sign_in};
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::reply::Reply;
use crate::write::{Committed, Write};

pub(super) const LIST: About = About {
    summary: "List your identities",
    description: "By which identities at OpenID Connect providers the caller signs in.",
    errors: &[Code::Forbidden],
};

pub(super) const DELETE: About = About {
    summary: "Remove an identity",
    description: "The provider is not believed any more about whoever it calls so. Who has the user's verified address there may be \
                  linked again.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::NotSignedIn, Code::CrossOrigin],
};

pub(super) const LIST_OF_USER: About = About {
    summary: "List the identities of a user",
    description: "By which identities at OpenID Connect providers a user signs in. For operators.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const DELETE_OF_USER: About = About {
    summary: "Remove an identity of a user",
    description: "For a user whom the provider knows anew, or somebody else in their place. For operators.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::NotSignedIn],
};

/// `GET /umbel/v1/user/identities`
pub(super) async fn list(caller: Caller) -> Result<Reply<Vec<api::LinkedIdentity>>> {
    let mut read = caller.read(Action::ManageOwnSignIn, On::Own).await?;
    Ok(page(&linked_identities::of_user(&mut *read, &caller.identity.user.id).await?))
}

/// `DELETE /umbel/v1/user/identities/{identity_id}`
pub(super) async fn delete(caller: Caller, Id(id): Id<LinkedIdentityId>) -> Result<Committed<api::Deleted>> {
    let user = signed_in(&caller)?.user_id.clone();
    let write = caller.write(Action::ManageOwnSignIn, On::Own).await?;
    remove(write, &user, &id).await
}

/// `GET /umbel/v1/users/{user_id}/identities`
pub(super) async fn list_of_user(caller: Caller, Id(id): Id<UserId>) -> Result<Reply<Vec<api::LinkedIdentity>>> {
    let mut read = caller.read(Action::ManageUsers, On::Server).await?;
    umbel_store::users::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("user"))?;
    Ok(page(&linked_identities::of_user(&mut *read, &id).await?))
}

/// `DELETE /umbel/v1/users/{user_id}/identities/{identity_id}`
pub(super) async fn delete_of_user(
    caller: Caller,
    Ids(user, id): Ids<UserId, LinkedIdentityId>,
) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::ManageUsers, On::Server).await?;
    let user = found(&mut write, &user).await?;
    may_change_sign_in(&caller, &user)?;
    remove(write, &user.id, &id).await
}

async fn remove(mut write: Write, user: &UserId, id: &LinkedIdentityId) -> Result<Committed<api::Deleted>> {
    if !linked_identities::delete(&mut write, user, id).await? {
        return Err(Error::not_found("identity"));
    }
    write.commit(Entry::identity_removed(user), Reply::ok(api::Deleted { id: id.to_string() })).await
}

fn page(identities: &[LinkedIdentity]) -> Reply<Vec<api::LinkedIdentity>> {
    let shown = |identity: &LinkedIdentity| api::LinkedIdentity {
        id: identity.id.to_string(),
        issuer: identity.issuer.clone(),
        subject: identity.subject.clone(),
        create_time: identity.create_time.to_datetime(),
        last_used_on: identity.last_used_on.to_datetime(),
    };
    let total_size = Some(identities.len() as u64);
    Reply::page(identities.iter().map(shown).collect(), api::ResultInfo::tokens(None, total_size))
}
