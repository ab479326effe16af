//! The caller's own user.

use umbel_api::{self as api, Code, TokenStatus};
use umbel_domain::{Action, Timestamp};
use umbel_store::members;

use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::reply::Reply;
use crate::wire;

pub(super) const GET: About = About {
    summary: "Get your own user",
    description: "The user that the credential belongs to, with the organizations that it is an active member of as far as the \
                  credential reaches.",
    errors: &[],
};

pub(super) const VERIFY_TOKEN: About = About {
    summary: "Verify an API token",
    description: "Tells whether the token in `Authorization` is good.",
    errors: &[Code::NotAToken],
};

/// `GET /user`
pub(super) async fn get(caller: Caller) -> Result<Reply<api::OwnUser>> {
    let mut read = caller.read(Action::ReadSelf, On::Own).await?;
    let memberships = members::organizations_of_user(&mut *read, &caller.identity.user.id).await?;
    let visible = memberships.into_iter().filter(|membership| read.reach().covers(&membership.lineage, Action::ReadOrganization));
    let organizations = visible.map(|membership| api::user::Membership {
        id: membership.organization_id.to_string(),
        name: membership.name,
        status: "member".into(),
        permissions: Vec::new(),
        roles: vec![membership.role.name().into_owned()],
    });
    Ok(Reply::one(wire::own_user(&caller.identity.user, organizations.collect())))
}

/// `GET /user/tokens/verify`
pub(super) async fn verify_token(caller: Caller) -> Result<Reply<api::TokenVerification>> {
    caller.read(Action::ReadSelf, On::Own).await?;
    let token = caller.identity.token();
    let token = token.ok_or_else(|| Error::new(Code::NotAToken, "the request carries no API token to verify"))?;
    let verification = api::TokenVerification {
        id: token.id.to_string(),
        status: TokenStatus::Active,
        expires_on: token.expires_on.map(Timestamp::to_datetime),
    };
    Ok(Reply::ok(verification).saying(10000, "This API Token is valid and active"))
}
