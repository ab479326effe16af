//! How the caller signs in: their password and their second factor.

use umbel_api::{self as api, Code};
use umbel_domain::audit::Entry;
use umbel_domain::session::check_password;
use umbel_domain::{Action, Session};
use umbel_store::{sessions, sign_in};

use crate::body::SecretBody;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::reply::Reply;
use crate::sources::random;
use crate::totp;
use crate::write::Committed;

pub(super) const SET_PASSWORD: About = About {
    summary: "Set your password",
    description: "Sets the password of whoever is signed in, and ends all of their other sessions. The present password is needed \
                  unless the session began with a link or there is none.",
    errors: &[
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::SignInFailed,
        Code::TooManyAttempts,
        Code::Forbidden,
        Code::NotSignedIn,
        Code::CrossOrigin,
    ],
};

pub(super) const GET_FACTOR: About = About {
    summary: "Get your second factor",
    description: "Whether the caller signs in with a second factor.",
    errors: &[Code::Forbidden],
};

pub(super) const CREATE_FACTOR: About = About {
    summary: "Add a second factor",
    description: "Makes a secret for an authenticator, which only this answer shows. Codes are asked for once one was confirmed; \
                  there must be no second factor yet.",
    errors: &[Code::Forbidden, Code::NotSignedIn, Code::CrossOrigin, Code::AlreadyExists, Code::KeyReused],
};

pub(super) const CONFIRM_FACTOR: About = About {
    summary: "Confirm your second factor",
    description: "Shows that the authenticator makes the right codes; from now on signing in needs one. Other sessions end.",
    errors: &[
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::SignInFailed,
        Code::TooManyAttempts,
        Code::NotFound,
        Code::Forbidden,
        Code::NotSignedIn,
        Code::CrossOrigin,
        Code::KeyReused,
    ],
};

pub(super) const DELETE_FACTOR: About = About {
    summary: "Remove your second factor",
    description: "From now on the password is enough to sign in. It takes a code of the factor that was not used yet.",
    errors: &[
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::SignInFailed,
        Code::SecondFactorLocked,
        Code::TooManyAttempts,
        Code::NotFound,
        Code::Forbidden,
        Code::NotSignedIn,
        Code::CrossOrigin,
    ],
};

/// `PUT /umbel/v1/user/password`
pub(super) async fn set_password(
    caller: Caller,
    SecretBody(body): SecretBody<api::SetPassword>,
) -> Result<Committed<api::NoContent>> {
    let session = signed_in(&caller)?;
    check_password(&body.password).map_err(|invalid| Error::member("/password", &invalid))?;
    let mut read = caller.read(Action::ManageOwnSignIn, On::Own).await?;
    let present = sign_in::password(&mut *read, &session.user_id).await?;
    drop(read);
    if present.is_some() && !session.by_link {
        let wrong = || Error::at(Code::SignInFailed, "/current_password", "the present password is not this one");
        caller.may_guess()?;
        let right = caller.app.passwords.verify(body.current_password.unwrap_or_default(), present.clone()).await?;
        if !right {
            return Err(caller.guessed_wrong(wrong()));
        }
    }
    let hash = caller.app.passwords.hash(body.password, random(&*caller.app.sources)).await?;
    let mut write = caller.write(Action::ManageOwnSignIn, On::Own).await?;
    if sign_in::password(&mut *write, &session.user_id).await? != present {
        return Err(Error::Conflict);
    }
    sign_in::set_password(&mut write, &session.user_id, &hash).await?;
    sign_in::delete_links(&mut write, &session.user_id).await?;
    sessions::delete_others(&mut write, &session.user_id, Some(&session.id)).await?;
    sessions::forget_link(&mut write, &session.id).await?;
    write.commit(Entry::password_set(&session.user_id), Reply::nothing()).await
}

/// `GET /umbel/v1/user/totp`
pub(super) async fn get_factor(caller: Caller) -> Result<Reply<api::SecondFactor>> {
    let mut read = caller.read(Action::ManageOwnSignIn, On::Own).await?;
    let factor = sign_in::second_factor(&mut *read, &caller.identity.user.id).await?;
    Ok(Reply::one(shown(factor.is_some_and(|factor| factor.confirmed))))
}

/// `POST /umbel/v1/user/totp`
pub(super) async fn create_factor(caller: Caller) -> Result<Committed<api::SecondFactor>> {
    let session = signed_in(&caller)?;
    let mut write = caller.write(Action::ManageOwnSignIn, On::Own).await?;
    let present = sign_in::second_factor(&mut *write, &session.user_id).await?;
    if present.is_some_and(|factor| factor.confirmed) {
        return Err(Error::new(Code::AlreadyExists, "there is a second factor already; remove it first"));
    }
    let secret = totp::secret(random(&*caller.app.sources));
    sign_in::begin_second_factor(&mut write, &session.user_id, &secret).await?;
    let uri = totp::uri(caller.identity.user.email.as_str(), &secret);
    let full = api::SecondFactor { secret: Some(secret), uri: Some(uri), ..shown(false) };
    // Nothing changes before it is confirmed, which is what is written down.
    write.commit_secret(Vec::new(), Reply::ok(full), Reply::ok(shown(false))).await
}

/// `POST /umbel/v1/user/totp/confirm`
pub(super) async fn confirm_factor(
    caller: Caller,
    SecretBody(body): SecretBody<api::SecondFactorCode>,
) -> Result<Committed<api::SecondFactor>> {
    let session = signed_in(&caller)?;
    caller.may_guess()?;
    let mut write = caller.write(Action::ManageOwnSignIn, On::Own).await?;
    let factor = sign_in::second_factor(&mut *write, &session.user_id).await?;
    let factor = factor.filter(|factor| !factor.confirmed).ok_or_else(|| Error::not_found("second factor to confirm"))?;
    let step = totp::step_of(&factor.secret, &body.code, write.now(), factor.last_step);
    sign_in::use_step(&mut write, &session.user_id, step.ok_or_else(|| wrong_code(&caller))?).await?;
    sessions::delete_others(&mut write, &session.user_id, Some(&session.id)).await?;
    write.commit(Entry::second_factor_added(&session.user_id), Reply::ok(shown(true))).await
}

/// `DELETE /umbel/v1/user/totp`
pub(super) async fn delete_factor(
    caller: Caller,
    SecretBody(body): SecretBody<api::SecondFactorCode>,
) -> Result<Committed<api::SecondFactor>> {
    let session = signed_in(&caller)?;
    caller.may_guess()?;
    let not_found = || Error::not_found("second factor");
    let mut read = caller.read(Action::ManageOwnSignIn, On::Own).await?;
    let factor = sign_in::second_factor(&mut *read, &session.user_id).await?.filter(|factor| factor.confirmed);
    let factor = factor.ok_or_else(not_found)?;
    drop(read);
    caller.may_try_code().await?;
    totp::step_of(&factor.secret, &body.code, caller.request.at, factor.last_step).ok_or_else(|| wrong_code(&caller))?;
    let mut write = caller.write(Action::ManageOwnSignIn, On::Own).await?;
    if sign_in::second_factor(&mut *write, &session.user_id).await?.is_none_or(|present| present.secret != factor.secret) {
        return Err(not_found());
    }
    sign_in::delete_second_factor(&mut write, &session.user_id).await?;
    write.commit(Entry::second_factor_removed(&session.user_id), Reply::ok(shown(false))).await
}

fn wrong_code(caller: &Caller) -> Error {
    let message = "the authenticator shows another code now; look at its clock";
    caller.guessed_wrong(Error::at(Code::SignInFailed, "/code", message))
}

fn shown(enabled: bool) -> api::SecondFactor {
    api::SecondFactor { enabled, secret: None, uri: None }
}

/// The session of whoever changes how they sign in: a token could make itself outlive its end otherwise.
pub(super) fn signed_in(caller: &Caller) -> Result<&Session> {
    let message = "only somebody who is signed in changes how they sign in; use the console";
    caller.identity.session().ok_or_else(|| Error::new(Code::NotSignedIn, message))
}
