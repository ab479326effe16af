//! Signing in and out, and where one is signed in.

use std::marker::PhantomData;

use axum::http::header;
use umbel_api::{self as api, Code};
use umbel_domain::audit::Entry;
use umbel_domain::{Action, LinkedIdentity, Session, SessionId, Timestamp, User};
use umbel_store::{linked_identities, sessions, sign_in};

use crate::caller::{Caller, On};
use crate::cookie;
use crate::credential::Credential;
use crate::error::{Error, Result};
use crate::oidc::{self, Proof};
use crate::openapi::About;
use crate::path::Id;
use crate::reply::Reply;
use crate::write::{Committed, Write};

pub(super) const CREATE: About = About {
    summary: "Sign in",
    description: "Signs in with a password, and with a code where the user has a second factor. The answer sets the cookie \
                  `__Host-umbel`, which is a credential under `/client/v4` and `/umbel/v1`; changes that come with it must come \
                  from pages of this server.",
    errors: &[
        Code::SignInFailed,
        Code::SecondFactorNeeded,
        Code::SecondFactorLocked,
        Code::TooManyAttempts,
        Code::CrossOrigin,
        Code::InvalidBody,
        Code::BodyTooLarge,
    ],
};

pub(super) const CREATE_BY_LINK: About = About {
    summary: "Sign in by a link",
    description: "Signs in with the code of a link, which counts once, and with a code where the user has a second factor.",
    errors: CREATE.errors,
};

pub(super) const CREATE_BY_PROVIDER: About = About {
    summary: "Sign in by the provider",
    description: "Signs in as whom the OpenID Connect provider has just said it is, of which the cookie `__Host-umbel-oidc` tells, \
                  and with a code where the user has a second factor. What the provider says counts once, and for 5 minutes.",
    errors: &[
        Code::ProviderRefused,
        Code::UnknownIdentity,
        Code::SignInFailed,
        Code::SecondFactorNeeded,
        Code::SecondFactorLocked,
        Code::TooManyAttempts,
        Code::CrossOrigin,
        Code::InvalidBody,
        Code::BodyTooLarge,
    ],
};

pub(super) const GET: About = About {
    summary: "Get your session",
    description: "Who is signed in, and until when. Without a session the answer is 401.",
    errors: &[],
};

pub(super) const END: About = About {
    summary: "Sign out",
    description: "Ends the session that the request comes with, and takes its cookie away.",
    errors: &[Code::CrossOrigin],
};

pub(super) const LIST: About = About {
    summary: "List your sessions",
    description: "Where the caller is signed in, the youngest first.",
    errors: &[Code::Forbidden],
};

pub(super) const END_ONE: About = About {
    summary: "End a session",
    description: "Whoever is signed in there is not any more from the next request on.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::CrossOrigin],
};

/// Who signs in just now, as a `B` has shown.
pub(crate) struct Newcomer<B>(pub(crate) Caller, pub(crate) PhantomData<B>);

/// `POST /umbel/v1/session`
pub(super) async fn create(Newcomer(caller, _): Newcomer<api::SignIn>) -> Result<Committed<api::Session>> {
    begin(caller).await
}

/// `POST /umbel/v1/session/link`
pub(super) async fn create_by_link(Newcomer(caller, _): Newcomer<api::SignInByLink>) -> Result<Committed<api::Session>> {
    begin(caller).await
}

/// `POST /umbel/v1/session/oidc`
pub(super) async fn create_by_provider(Newcomer(caller, _): Newcomer<api::SignInByProvider>) -> Result<Committed<api::Session>> {
    Ok(begin(caller).await?.with_header(header::SET_COOKIE, oidc::clear()))
}

async fn begin(caller: Caller) -> Result<Committed<api::Session>> {
    let Credential::SigningIn(spent) = &caller.identity.credential else {
        return Err(Error::new(Code::Internal, "nobody signs in"));
    };
    let user = &caller.identity.user;
    let mut write = caller.write(Action::ManageOwnSignIn, On::Own).await?;
    let now = write.now();
    // What was shown must still hold, and whoever was first with the same link or code has used it up.
    let password = sign_in::password(&mut *write, &user.id).await?;
    let factor = sign_in::second_factor(&mut *write, &user.id).await?.filter(|factor| factor.confirmed);
    let holds = spent.password.is_none() || spent.password == password;
    if !holds || spent.factor != factor.map(|factor| factor.secret) {
        return Err(Error::new(Code::SignInFailed, "the password or the second factor has changed meanwhile"));
    }
    let link_counts = match &spent.link {
        Some(hash) => sign_in::use_link(&mut write, &user.id, hash, now).await?,
        None => true,
    };
    let code_counts = match spent.step {
        Some(step) => sign_in::use_step(&mut write, &user.id, step).await?,
        None => true,
    };
    if !link_counts || !code_counts {
        return Err(Error::new(Code::SignInFailed, "the link or the code was used already"));
    }
    let linked = match &spent.proof {
        Some(proof) => use_up(&mut write, user, proof).await?,
        None => None,
    };
    let session = Session {
        id: write.new_session_id(),
        user_id: user.id.clone(),
        create_time: now,
        expires_at: now.plus_seconds(i64::from(caller.app.settings.session_hours) * 3_600),
        last_used_on: None,
        by_link: spent.link.is_some(),
        ip_address: caller.request.ip.to_string(),
        user_agent: caller.request.user_agent.clone(),
    };
    let secret = write.new_session_secret();
    sessions::insert(&mut write, &session, &secret.hash()).await?;
    let reply = Reply::ok(shown(user, &session, password.is_some()));
    let cookie = cookie::set(&secret, now, session.expires_at);
    let more = linked.map(|identity| Entry::identity_linked(&identity.user_id)).into_iter().collect();
    Ok(write.commit_with(Entry::session_created(&session), more, reply).await?.with_header(header::SET_COOKIE, cookie))
}

/// Uses up what a provider said of a user, and links them with it where they are not yet: then that is the answer.
async fn use_up(write: &mut Write, user: &User, proof: &Proof) -> Result<Option<LinkedIdentity>> {
    let used = || Error::new(Code::ProviderRefused, "what the provider said was used already; begin again");
    let at = Timestamp::from_micros(proof.at);
    match linked_identities::by_subject(&mut **write, &proof.issuer, &proof.subject).await? {
        Some(known) if known.user_id == user.id => {
            let is_new = linked_identities::use_once(write, &known.id, at).await?;
            is_new.then_some(None).ok_or_else(used)
        }
        None if proof.email().is_some_and(|email| email.is_same_mailbox(&user.email)) => {
            let identity = LinkedIdentity {
                id: write.new_linked_identity_id(),
                user_id: user.id.clone(),
                issuer: proof.issuer.clone(),
                subject: proof.subject.clone(),
                create_time: write.now(),
                last_used_on: at,
            };
            linked_identities::insert(write, &identity).await?;
            Ok(Some(identity))
        }
        _ => Err(used()),
    }
}

/// `GET /umbel/v1/session`
pub(super) async fn get(caller: Caller) -> Result<Reply<api::Session>> {
    let mut read = caller.read(Action::ReadSelf, On::Own).await?;
    let session = signed_in(&caller)?;
    let has_password = sign_in::password(&mut *read, &session.user_id).await?.is_some();
    Ok(Reply::ok(shown(&caller.identity.user, session, has_password)))
}

/// `DELETE /umbel/v1/session`
pub(super) async fn end(caller: Caller) -> Result<Committed<api::Deleted>> {
    let session = signed_in(&caller)?;
    let mut write = caller.write(Action::ManageOwnSignIn, On::Own).await?;
    sessions::delete(&mut write, &session.user_id, &session.id).await?;
    let reply = Reply::ok(api::Deleted { id: session.id.to_string() });
    Ok(write.commit(Entry::session_ended(session), reply).await?.with_header(header::SET_COOKIE, cookie::clear()))
}

/// `GET /umbel/v1/sessions`
pub(super) async fn list(caller: Caller) -> Result<Reply<Vec<api::SessionPlace>>> {
    let mut read = caller.read(Action::ManageOwnSignIn, On::Own).await?;
    let found = sessions::list(&mut *read, &caller.identity.user.id, caller.app.sources.now()).await?;
    let current = caller.identity.session().map(|session| &session.id);
    let places: Vec<_> = found.iter().map(|session| place(session, current == Some(&session.id))).collect();
    let total_size = Some(places.len() as u64);
    Ok(Reply::page(places, api::ResultInfo::tokens(None, total_size)))
}

/// `DELETE /umbel/v1/sessions/{session_id}`
pub(super) async fn end_one(caller: Caller, Id(id): Id<SessionId>) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::ManageOwnSignIn, On::Own).await?;
    let now = write.now();
    let session = sessions::get(&mut *write, &caller.identity.user.id, &id, now).await?;
    let session = session.ok_or_else(|| Error::not_found("session"))?;
    sessions::delete(&mut write, &session.user_id, &session.id).await?;
    write.commit(Entry::session_ended(&session), Reply::ok(api::Deleted { id: id.to_string() })).await
}

/// The session that a request comes with.
pub(super) fn signed_in(caller: &Caller) -> Result<&Session> {
    caller.identity.session().ok_or_else(|| Error::new(Code::NoCredential, "the request comes with no session"))
}

fn shown(user: &User, session: &Session, has_password: bool) -> api::Session {
    api::Session {
        user: api::SessionUser {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            name: user.name.as_ref().map(|name| name.as_str().to_owned()),
        },
        may_set_password: session.by_link || !has_password,
        expires_at: session.expires_at.to_datetime(),
    }
}

fn place(session: &Session, current: bool) -> api::SessionPlace {
    api::SessionPlace {
        id: session.id.to_string(),
        create_time: session.create_time.to_datetime(),
        last_used_on: session.last_used_on.map(Timestamp::to_datetime),
        expires_at: session.expires_at.to_datetime(),
        ip_address: session.ip_address.clone(),
        user_agent: session.user_agent.clone(),
        current,
    }
}
