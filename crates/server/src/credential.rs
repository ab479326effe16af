//! From the headers of a request to whom it belongs.

use axum::http::{HeaderMap, HeaderName, header};
use subtle::ConstantTimeEq;
use umbel_api::Code;
use umbel_domain::authorization::Bounds;
use umbel_domain::{ApiToken, Email, Session, User, secret};
use umbel_store::{Opening, Read};

use crate::app::App;
use crate::cookie;
use crate::error::{Error, Result};
use crate::request::RequestInfo;
use crate::sign_in::Spent;

/// Who makes a request, and with what.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) user: User,
    pub(crate) credential: Credential,
    /// How far the credential reaches at most.
    pub(crate) bounds: Bounds,
}

/// With what somebody makes a request.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// The global API key.
    ApiKey,
    /// An API token.
    ApiToken(ApiToken),
    /// A session.
    Session(Session),
    /// What they sign in with just now.
    SigningIn(Spent),
}

impl Identity {
    /// The token, if there is one.
    pub(crate) fn token(&self) -> Option<&ApiToken> {
        if let Credential::ApiToken(token) = &self.credential { Some(token) } else { None }
    }

    /// The session, if there is one.
    pub(crate) fn session(&self) -> Option<&Session> {
        if let Credential::Session(session) = &self.credential { Some(session) } else { None }
    }
}

/// The credentials that a request carries.
#[derive(Debug, PartialEq, Eq)]
struct Presented<'h> {
    token: Option<&'h str>,
    email_and_key: Option<(&'h str, &'h str)>,
}

/// Finds out who makes a request, and hands on the transaction that told.
pub(crate) async fn identify(app: &App, info: &RequestInfo, headers: &HeaderMap) -> Result<(Identity, Opening<Read>)> {
    let presented = presented(headers)?;
    match presented {
        Presented { token: None, email_and_key: None } => {
            let missing = || Error::new(Code::NoCredential, "the request carries no credential");
            return by_session(app, cookie::of(headers, info).ok_or_else(missing)?).await;
        }
        // What cannot be a token is not looked for.
        Presented { token: Some(token), email_and_key: None } if !secret::may_be_token(token) => return Err(unknown()),
        _ => {}
    }
    let mut opening = app.store.read().await?;
    let by_token = match presented.token {
        Some(token) => Some(by_token(app, &mut opening, token).await?),
        None => None,
    };
    let by_key = match presented.email_and_key {
        Some((email, key)) => Some(by_key(app, &mut opening, email, key).await?),
        None => None,
    };
    let identity = match (by_token, by_key) {
        (Some(by_token), Some(by_key)) => both(by_token, by_key)?,
        (Some(found), _) | (None, Some(found)) => found.ok_or_else(unknown)?,
        (None, None) => return Err(unknown()),
    };
    Ok((identity, opening))
}

/// Of two credentials both must be good and name one user; then the scope of the token holds.
fn both(by_token: Option<Identity>, by_key: Option<Identity>) -> Result<Identity> {
    let refused = |header: &str, message: &str| Err(Error::at(Code::InvalidCredential, format!("/header/{header}"), message));
    match (by_token, by_key) {
        (Some(token), Some(key)) if token.user.id == key.user.id => Ok(token),
        (Some(_), Some(_)) => refused(
            "Authorization",
            "Authorization and X-Auth-Email with X-Auth-Key belong to different users; send only one of them",
        ),
        (Some(_), None) => refused(
            "X-Auth-Key",
            "X-Auth-Email with X-Auth-Key is unknown or revoked; unset both to use the token in Authorization",
        ),
        (None, Some(_)) => refused(
            "Authorization",
            "the token in Authorization is unknown, revoked or expired; unset it to use X-Auth-Email with X-Auth-Key",
        ),
        (None, None) => Err(unknown()),
    }
}

fn presented(headers: &HeaderMap) -> Result<Presented<'_>> {
    let (email, key) =
        (text(headers, &HeaderName::from_static("x-auth-email"))?, text(headers, &HeaderName::from_static("x-auth-key"))?);
    let token = match text(headers, &header::AUTHORIZATION)? {
        None => None,
        Some(authorization) => Some(bearer(authorization)?),
    };
    let incomplete = |present: &str, absent: &str| {
        let message = format!("{present} came without {absent}; unset it to use an API token, or send both");
        Err(Error::at(Code::InvalidCredential, format!("/header/{present}"), message))
    };
    match (email, key) {
        (Some(email), Some(key)) => Ok(Presented { token, email_and_key: Some((email, key)) }),
        (Some(_), None) if token.is_none() => incomplete("X-Auth-Email", "X-Auth-Key"),
        (None, Some(_)) => incomplete("X-Auth-Key", "X-Auth-Email"),
        _ => Ok(Presented { token, email_and_key: None }),
    }
}

/// The text of a header; an empty one counts as absent, a repeated one is refused.
fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let malformed = || Error::at(Code::InvalidCredential, format!("/header/{name}"), format!("{name} is malformed"));
    if values.next().is_some() {
        return Err(malformed());
    }
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| malformed())?.trim();
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn bearer(authorization: &str) -> Result<&str> {
    let token =
        authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    token
        .filter(|token| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()))
        .ok_or_else(|| Error::at(Code::InvalidCredential, "/header/Authorization", "Authorization must be `Bearer` and a token"))
}

fn unknown() -> Error {
    Error::new(Code::BadCredential, "the credential is unknown, revoked or expired")
}

async fn by_session(app: &App, secret: &str) -> Result<(Identity, Opening<Read>)> {
    if !secret::may_be_session(secret) {
        return Err(unknown());
    }
    let mut opening = app.store.read().await?;
    let found = opening.credential_by_session(&secret::hash(secret)).await?;
    let now = app.sources.now();
    let (user, session) = found.filter(|(user, session)| !user.disabled && session.expires_at > now).ok_or_else(unknown)?;
    app.workers.session_used(&user.id, &session.id, now);
    Ok((Identity { user, credential: Credential::Session(session), bounds: Bounds::UNBOUNDED }, opening))
}

async fn by_token(app: &App, opening: &mut Opening<Read>, token: &str) -> Result<Option<Identity>> {
    if !secret::may_be_token(token) {
        return Ok(None);
    }
    // The index finds the hash of the secret, never the secret: how long it takes tells nothing about the latter.
    let found = opening.credential_by_token(&secret::hash(token)).await?;
    let now = app.sources.now();
    let Some(found) = found.filter(|found| !found.user.disabled && !found.token.is_expired(now)) else { return Ok(None) };
    app.workers.credential_used(&found.user.id, Some(&found.token.id), now);
    Ok(Some(Identity { user: found.user, credential: Credential::ApiToken(found.token), bounds: found.bounds }))
}

async fn by_key(app: &App, opening: &mut Opening<Read>, email: &str, key: &str) -> Result<Option<Identity>> {
    let Ok(email) = Email::parse(email) else { return Ok(None) };
    let found = opening.credential_by_email(&email).await?.filter(|found| !found.user.disabled);
    let hash = secret::hash(key);
    let found = found.filter(|found| found.api_key_hash.is_some_and(|kept| bool::from(kept.ct_eq(&hash))));
    if let Some(found) = &found {
        app.workers.credential_used(&found.user.id, None, app.sources.now());
    }
    Ok(found.map(|found| Identity { user: found.user, credential: Credential::ApiKey, bounds: Bounds::UNBOUNDED }))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (Option<String>, Option<(String, String)>);

    fn read(pairs: &[(&'static str, &'static str)]) -> std::result::Result<Read, ()> {
        let headers: HeaderMap =
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        let presented = presented(&headers).map_err(drop)?;
        Ok((presented.token.map(Into::into), presented.email_and_key.map(|(email, key)| (email.into(), key.into()))))
    }

    #[test]
    fn empty_headers_and_a_lone_address_beside_a_token_count_as_absent() {
        let token = Ok((Some("t".to_owned()), None));
        assert_eq!(read(&[("authorization", "Bearer t"), ("x-auth-email", ""), ("x-auth-key", " ")]), token);
        assert_eq!(read(&[("authorization", "bearer  t"), ("x-auth-email", "a@b")]), token);
        assert_eq!(read(&[("x-auth-email", ""), ("authorization", "")]), Ok((None, None)));
    }

    #[test]
    fn half_a_pair_and_other_schemes_are_malformed() {
        for headers in [
            [("x-auth-email", "a@b"), ("accept", "x")],
            [("x-auth-key", "k"), ("accept", "x")],
            [("x-auth-key", "k"), ("authorization", "Bearer t")],
            [("authorization", "Basic t"), ("accept", "x")],
            [("authorization", "Bearer a b"), ("accept", "x")],
            [("authorization", "Bearer"), ("accept", "x")],
        ] {
            assert_eq!(read(&headers), Err(()), "{headers:?}");
        }
    }
}
