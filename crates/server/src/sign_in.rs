//! Signing in: from a password or a link, and a second factor, to who it is.

use axum::http::HeaderMap;
use umbel_api::{self as api, Code};
use umbel_domain::audit::{Actor, Entry, Outcome, RequestLine, Through};
use umbel_domain::authorization::Bounds;
use umbel_domain::secret::{self, Secret, SecretHash};
use umbel_domain::{Email, User};
use umbel_store::credentials::SignIn;

use crate::app::App;
use crate::body;
use crate::caller::Caller;
use crate::command::{action_of, request_line};
use crate::cookie::check_origin;
use crate::credential::{Credential, Identity};
use crate::error::{Error, Result};
use crate::oidc::Proof;
use crate::request::RequestInfo;
use crate::settings::PublicUrl;
use crate::totp;
use crate::view::resource_of;
use crate::workers::LateEntry;

/// Seconds for which a link counts.
pub const LINK_SECONDS: i64 = 24 * 60 * 60;
/// The most wrong codes of a second factor in a row, over whatever time: a hundred, as NIST SP 800-63B has it.
const WRONG_CODES_MAX: i64 = 100;

/// The link that has this secret: a URL, or without one the path alone.
pub fn link(secret: &Secret, public_url: Option<&PublicUrl>) -> String {
    let (page, fragment) = ("/console/sign-in", format!("code={}", secret.reveal()));
    public_url.map_or_else(|| format!("{page}#{fragment}"), |url| url.to(page, &fragment))
}

/// What a sign-in uses up, in the transaction that begins the session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spent {
    /// The link that it came by.
    pub(crate) link: Option<SecretHash>,
    /// The time step of the code.
    pub(crate) step: Option<i64>,
    /// The PHC string of the password that was shown, which must still be the one.
    pub(crate) password: Option<String>,
    /// What a provider said, which counts once.
    pub(crate) proof: Option<Proof>,
    /// The secret of the second factor, which must still be the one.
    pub(crate) factor: Option<String>,
}

/// How somebody says who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// By a password.
    Password,
    /// By a link.
    Link,
    /// At a provider, just now.
    Provider,
}

/// Finds out who signs in; no transaction is held while a password is hashed.
pub(crate) async fn identify(app: &App, info: &RequestInfo, headers: &HeaderMap, means: Means, text: &[u8]) -> Result<Identity> {
    check_origin(headers, app.settings.public_url.as_ref())?;
    match means {
        Means::Password => by_password(app, info, body::parse(text)?).await,
        Means::Link => by_link(app, info, body::parse(text)?).await,
        Means::Provider => by_provider(app, info, headers, body::parse(text)?).await,
    }
}

async fn by_password(app: &App, info: &RequestInfo, body: api::SignIn) -> Result<Identity> {
    let email = Email::parse(&body.email).ok();
    may_guess(app, info, email.as_ref())?;
    let found = match &email {
        Some(email) => app.store.read().await?.sign_in_by_email(email).await?,
        None => None,
    };
    let phc = found.as_ref().and_then(|found| found.password.clone());
    let right = app.passwords.verify(body.password, phc).await?;
    let found = match found {
        Some(found) if right && !found.user.disabled => found,
        found => return Err(failed(app, info, email.as_ref(), found.as_ref().map(|found| &found.user), refusal())),
    };
    // Others may have guessed meanwhile.
    may_guess(app, info, email.as_ref())?;
    let spent = Spent { password: found.password.clone(), ..Spent::default() };
    finish(app, info, found, body.totp, spent).await
}

/// A link is not guessed: it has 256 random bits, so that wrong ones are not counted.
async fn by_link(app: &App, info: &RequestInfo, body: api::SignInByLink) -> Result<Identity> {
    if !secret::may_be_sign_in_link(&body.code) {
        return Err(refusal());
    }
    let hash = secret::hash(&body.code);
    let found = app.store.read().await?.sign_in_by_link(&hash, info.at).await?.filter(|found| !found.user.disabled);
    let found = found.ok_or_else(refusal)?;
    may_guess(app, info, Some(&found.user.email))?;
    finish(app, info, found, body.totp, Spent { link: Some(hash), ..Spent::default() }).await
}

async fn by_provider(app: &App, info: &RequestInfo, headers: &HeaderMap, body: api::SignInByProvider) -> Result<Identity> {
    let begin_again = "the browser does not come from the provider, or came too long ago; begin again";
    let proof = app.provider.as_ref().and_then(|provider| provider.proof(headers));
    let proof = proof.ok_or_else(|| Error::new(Code::ProviderRefused, begin_again))?;
    may_guess(app, info, None)?;
    let mut opening = app.store.read().await?;
    let found = opening.sign_in_by_identity(&proof.issuer, &proof.subject, proof.email().as_ref()).await?;
    drop(opening);
    let found = match found {
        Some(found) if !found.user.disabled => found,
        found => {
            let message = "nobody here is linked with whom the provider says it is, or has their verified e-mail address";
            let unknown = Error::new(Code::UnknownIdentity, message);
            return Err(failed(app, info, None, found.as_ref().map(|found| &found.user), unknown));
        }
    };
    may_guess(app, info, Some(&found.user.email))?;
    finish(app, info, found, body.totp, Spent { proof: Some(proof), ..Spent::default() }).await
}

/// Asks for a code of the second factor where there is one.
async fn finish(
    app: &App,
    info: &RequestInfo,
    SignIn { user, second_factor, .. }: SignIn,
    code: Option<String>,
    mut spent: Spent,
) -> Result<Identity> {
    match (second_factor, code) {
        (None, _) => {}
        (Some(_), None) => {
            let message = "the user has a second factor; send the code that it shows now as `totp`";
            return Err(Error::at(Code::SecondFactorNeeded, "/totp", message));
        }
        (Some(factor), Some(code)) => {
            let wrong = |refusal: Error| failed(app, info, Some(&user.email), Some(&user), refusal).pointing_at("/totp");
            if !app.store.write().await?.try_code(&user.id, WRONG_CODES_MAX).await? {
                return Err(wrong(locked()));
            }
            let step = totp::step_of(&factor.secret, &code, info.at, factor.last_step);
            let step = step.ok_or_else(|| wrong(refusal()))?;
            (spent.step, spent.factor) = (Some(step), Some(factor.secret));
        }
    }
    Ok(Identity { user, credential: Credential::SigningIn(spent), bounds: Bounds::UNBOUNDED })
}

impl Caller {
    /// Refuses one more guess about the caller's own password or codes after too many wrong ones.
    pub(crate) fn may_guess(&self) -> Result<()> {
        may_guess(&self.app, &self.request, Some(&self.identity.user.email))
    }

    /// Counts one more code of the caller's own second factor; refuses it after too many wrong ones in a row.
    pub(crate) async fn may_try_code(&self) -> Result<()> {
        let counted = self.app.store.write().await?.try_code(&self.identity.user.id, WRONG_CODES_MAX).await?;
        if counted { Ok(()) } else { Err(self.guessed_wrong(locked())) }
    }

    /// Counts a wrong guess about the caller's own password or codes, and writes it down.
    pub(crate) fn guessed_wrong(&self, refusal: Error) -> Error {
        let user = &self.identity.user;
        failed(&self.app, &self.request, Some(&user.email), Some(user), refusal)
    }
}

/// Refuses one more guess after too many wrong ones.
pub(crate) fn may_guess(app: &App, info: &RequestInfo, email: Option<&Email>) -> Result<()> {
    let wait = app.throttle.wait(email, info.ip, info.at);
    wait.map_or(Ok(()), |seconds| Err(Error::TooManyAttempts { seconds }))
}

/// Counts an attempt that failed and writes it down, if it was about somebody; whoever tried is told the same in any case.
fn failed(app: &App, info: &RequestInfo, email: Option<&Email>, user: Option<&User>, refusal: Error) -> Error {
    app.throttle.failed(email, info.ip);
    if let Some(user) = user {
        let (id, email) = (user.id.to_string(), user.email.as_str().to_owned());
        let late = LateEntry {
            at: info.at,
            entry: Entry::refused(None, action_of(info), resource_of(&info.route), &id),
            outcome: Outcome::Failure,
            actor: Actor::User { id, email, ip: info.ip.to_string(), through: Through::Session },
            request: RequestLine { status: Code::SignInFailed.status(), ..request_line(info) },
            request_body: None,
        };
        app.workers.refused(user.id.clone(), late);
    }
    refusal
}

fn refusal() -> Error {
    Error::new(Code::SignInFailed, "address, password or code are wrong, or the link was used or has expired")
}

fn locked() -> Error {
    let message = format!("{WRONG_CODES_MAX} codes in a row were wrong; an operator removes the second factor");
    Error::new(Code::SecondFactorLocked, message)
}
