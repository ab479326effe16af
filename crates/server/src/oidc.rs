//! Signing in at an OpenID Connect provider: the authorization code flow with PKCE.

mod flow;
mod metadata;

use std::pin::Pin;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndUserEmail, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    SubjectIdentifier, TokenResponse,
};
use tokio::sync::Semaphore;
use umbel_api::Code;
use umbel_domain::Timestamp;
use url::{Host, Url};

pub(crate) use flow::Proof;
use flow::{Begun, Flow, Seal, secret};
use metadata::Metadata;

use crate::cookie;
use crate::error::{Error, Result};
use crate::outbound::Outbound;
use crate::query;
use crate::settings::PublicUrl;
use crate::sources::Sources;

/// Where the provider sends people back to.
pub(crate) const CALLBACK: &str = "/umbel/v1/session/oidc/callback";

/// The cookie of somebody who is on their way.
const COOKIE: &str = "__Host-umbel-oidc";
/// How long somebody may be at the provider.
const BEGUN_SECONDS: i64 = 10 * 60;
/// How long what the provider said counts, which is as long as somebody may look for the code of their second factor.
const PROVEN_SECONDS: i64 = 5 * 60;
/// How far the clock of the provider may be ahead.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(1);
/// How old an ID token may be that the provider has just made.
const AGE_MAX: TimeDelta = TimeDelta::minutes(10);
/// People about whom the provider is asked at once; with one more the server says that it is busy.
const AT_ONCE_MAX: usize = 16;
/// Bytes of an answer of the provider.
const ANSWER_SIZE_MAX: usize = 64 << 10;
/// The most characters of a subject, as OpenID Connect has it.
const SUBJECT_LENGTH_MAX: usize = 255;
/// What ID tokens may be signed with: keys of which the provider shows the public half. `none` and secrets that are shared are not.
const SIGNED_WITH: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The OpenID Connect provider at which users sign in, and who the server is there; `Debug` does not show the secret.
#[derive(Debug, Clone)]
pub struct Oidc {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    name: String,
    public_url: PublicUrl,
    callback: RedirectUrl,
}

impl Oidc {
    /// Takes the URL of a provider, the client that the server is there, perhaps its secret, and what people know the provider by.
    pub fn new(
        issuer: &str,
        client_id: &str,
        client_secret: Option<&str>,
        name: &str,
        public_url: &PublicUrl,
    ) -> std::result::Result<Self, String> {
        let url = Url::parse(issuer).map_err(|error| format!("oidc_issuer is no URL: {error}"))?;
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return Err("oidc_issuer must be https://; only a provider on this machine may be http://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err("oidc_issuer must be a scheme, a host, and at most a port and a path".to_owned());
        }
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned()).map_err(|error| format!("oidc_issuer is no URL: {error}"))?,
            client_id: ClientId::new(client_id.to_owned()),
            client_secret: client_secret.map(|secret| ClientSecret::new(secret.to_owned())),
            name: name.to_owned(),
            callback: RedirectUrl::new(public_url.at(CALLBACK)).map_err(|error| format!("public_url is no URL: {error}"))?,
            public_url: public_url.clone(),
        })
    }
}

/// Takes the cookie of somebody away who is on their way.
pub(crate) fn clear() -> HeaderValue {
    cookie::line(COOKIE, "", 0)
}

/// The provider, whom the server asks about people.
pub(crate) struct Provider {
    settings: Oidc,
    outbound: Outbound,
    metadata: Metadata,
    seal: Seal,
    sources: Arc<dyn Sources>,
    at_once: Semaphore,
}

impl Provider {
    /// Asks nothing yet; `key` is any text that nobody else knows.
    pub(crate) fn new(settings: Oidc, key: &str, sources: Arc<dyn Sources>) -> std::result::Result<Self, String> {
        // The operator chose the provider, which may well be on a private network.
        let outbound = Outbound::new(true)?;
        let (metadata, at_once) = (Metadata::default(), Semaphore::new(AT_ONCE_MAX));
        Ok(Self { settings, outbound, metadata, seal: Seal::new(key), sources, at_once })
    }

    /// What people know it by.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    /// The page of the console that goes on when somebody comes back.
    pub(crate) fn page(&self, fragment: &str) -> String {
        self.settings.public_url.to("/console/sign-in", fragment)
    }

    /// Where somebody signs in, and the cookie that they need when they come back.
    pub(crate) async fn begin(&self) -> Result<(Url, HeaderValue)> {
        let client = self.client(&*self.metadata(false).await?);
        let [state, nonce, verifier] = [(); 3].map(|()| secret(&*self.sources));
        let begun = Begun { state, nonce, verifier, at: self.sources.now().micros() };
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(begun.verifier.clone()));
        let (state, nonce) = (CsrfToken::new(begun.state.clone()), Nonce::new(begun.nonce.clone()));
        let (url, ..) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state.clone(), move || nonce.clone())
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok((url, cookie::line(COOKIE, &self.seal.close(&Flow::Begun(begun)), BEGUN_SECONDS)))
    }

    /// Finds out who comes back with this query, and the cookie that proves it.
    pub(crate) async fn come_back(&self, headers: &HeaderMap, query: &str) -> Result<HeaderValue> {
        let answer = Answer::read(query)?;
        let begun = match self.flow(headers) {
            Some(Flow::Begun(begun)) if self.is_young(begun.at, BEGUN_SECONDS) => begun,
            _ => return Err(refused("the browser has not begun, or too long ago")),
        };
        if !begun.has_state(&answer.state) {
            return Err(refused("the state is another one than the browser began with"));
        }
        if answer.issuer.is_some_and(|issuer| issuer != self.settings.issuer.as_str()) {
            return Err(refused("another provider answered"));
        }
        let code = answer.code.map_err(|error| refused(&format!("the provider answered with the error {error:?}")))?;
        let proof = self.exchange(begun, code).await?;
        Ok(cookie::line(COOKIE, &self.seal.close(&Flow::Proven(proof)), PROVEN_SECONDS))
    }

    /// What the provider said of whoever makes a request, as their cookie tells.
    pub(crate) fn proof(&self, headers: &HeaderMap) -> Option<Proof> {
        match self.flow(headers) {
            Some(Flow::Proven(proof)) if self.is_young(proof.at, PROVEN_SECONDS) => Some(proof),
            _ => None,
        }
    }

    /// Whether a browser has begun to sign in, as its cookie tells, which no page of others can have sent along by itself.
    pub(crate) fn has_begun(&self, headers: &HeaderMap) -> bool {
        matches!(self.flow(headers), Some(Flow::Begun(begun)) if self.is_young(begun.at, BEGUN_SECONDS))
    }

    fn flow(&self, headers: &HeaderMap) -> Option<Flow> {
        self.seal.open(cookie::value(headers, COOKIE)?)
    }

    fn is_young(&self, micros: i64, seconds_max: i64) -> bool {
        (0..seconds_max * 1_000_000).contains(&(self.sources.now().micros() - micros))
    }

    /// Asks the provider who it is that has this code.
    async fn exchange(&self, begun: Begun, code: String) -> Result<Proof> {
        let busy = |_| Error::new(Code::Busy, "too many people sign in at this moment; try again in a few seconds");
        let _permit = self.at_once.try_acquire().map_err(busy)?;
        let client = self.client(&*self.metadata(false).await?);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| unavailable(&error))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier));
        let tokens = request.request_async(&self.outbound).await.map_err(|error| match error {
            RequestTokenError::Request(error) => unavailable(&error),
            error => refused(&in_full(&error)),
        })?;
        let id_token = tokens.id_token().ok_or_else(|| refused("the provider answered without an ID token"))?;
        let claims = self.verified(&client, id_token, &Nonce::new(begun.nonce)).await?;
        let email = match claims.email() {
            Some(email) => verified_email(Some(email), claims.email_verified()),
            None => self.email(&client, tokens.access_token(), claims.subject()).await,
        };
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.chars().count() > SUBJECT_LENGTH_MAX {
            return Err(refused("the subject is none"));
        }
        let issuer = self.settings.issuer.as_str().to_owned();
        Ok(Proof { issuer, subject: subject.to_owned(), email, at: self.sources.now().micros() })
    }

    /// The claims of an ID token, if all of it is as it must be; a key that is not known may be a new one.
    async fn verified<'t>(&self, client: &Client, id_token: &'t CoreIdToken, nonce: &Nonce) -> Result<&'t CoreIdTokenClaims> {
        use ClaimsVerificationError::SignatureVerification;
        let claims = match id_token.claims(&self.verifier(client), nonce) {
            Err(SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let client = self.client(&*self.metadata(true).await?);
                id_token.claims(&self.verifier(&client), nonce)
            }
            done => done,
        };
        let claims = claims.map_err(|error| refused(&error.to_string()))?;
        // The library leaves this one to its users.
        if claims.authorized_party().is_some_and(|party| *party != self.settings.client_id) {
            return Err(refused("the ID token was made for another client"));
        }
        Ok(claims)
    }

    fn verifier<'c>(&self, client: &'c Client) -> CoreIdTokenVerifier<'c> {
        let now = date_time(self.sources.now());
        let is_fresh = move |issued: DateTime<Utc>| {
            let fresh = now - AGE_MAX <= issued && issued <= now + AHEAD_MAX;
            fresh.then_some(()).ok_or_else(|| format!("issued at {issued}, which is too long ago or to come"))
        };
        client.id_token_verifier().set_allowed_algs(SIGNED_WITH).set_time_fn(move || now).set_issue_time_verifier_fn(is_fresh)
    }

    /// The verified address that the provider tells only who asks for it; without one people are found by their subject alone.
    async fn email(&self, client: &Client, token: &AccessToken, subject: &SubjectIdentifier) -> Option<String> {
        let request = client.user_info(token.clone(), Some(subject.clone())).ok()?;
        let claims: std::result::Result<CoreUserInfoClaims, _> = request.request_async(&self.outbound).await;
        match claims {
            Ok(claims) => verified_email(claims.email(), claims.email_verified()),
            Err(error) => {
                tracing::warn!(%error, "the provider does not tell the address of somebody who signs in");
                None
            }
        }
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Client {
        let settings = &self.settings;
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost);
        CoreClient::from_provider_metadata(metadata.clone(), settings.client_id.clone(), settings.client_secret.clone())
            .set_redirect_uri(settings.callback.clone())
            .set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth })
    }

    async fn metadata(&self, newer: bool) -> Result<Arc<CoreProviderMetadata>> {
        self.metadata.get(&self.settings.issuer, &self.outbound, self.sources.now(), newer).await
    }
}

/// What the provider sends somebody back with.
struct Answer {
    /// The code, or the error.
    code: std::result::Result<String, String>,
    state: String,
    issuer: Option<String>,
}

impl Answer {
    /// Reads what is known of a query; anything else in it means nothing.
    fn read(query: &str) -> Result<Self> {
        let one = |name: &str| {
            let mut values = query::pairs(query).filter(|(other, _)| other == name).map(|(_, value)| value);
            let value = values.next();
            if values.next().is_some() { Err(refused("the provider answered with one parameter twice")) } else { Ok(value) }
        };
        let code = match (one("error")?, one("code")?) {
            (Some(error), _) => Err(error.chars().take(100).collect()),
            (None, Some(code)) => Ok(code),
            (None, None) => return Err(refused("the provider answered without a code")),
        };
        let state = one("state")?.ok_or_else(|| refused("the provider answered without a state"))?;
        Ok(Self { code, state, issuer: one("iss")? })
    }
}

/// An address counts only where the provider says that it is the person's.
fn verified_email(email: Option<&EndUserEmail>, verified: Option<bool>) -> Option<String> {
    email.filter(|_| verified == Some(true)).map(|email| email.as_str().to_owned())
}

fn date_time(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.micros()).unwrap_or_default()
}

/// Why the provider could not be asked.
#[derive(Debug)]
pub(crate) struct Unreachable(String);

impl std::fmt::Display for Unreachable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreachable {}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = Unreachable;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<HttpResponse, Unreachable>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(fetch(self, request))
    }
}

/// Sends a request to the provider, and reads no more of the answer than one can have.
async fn fetch(outbound: &Outbound, request: HttpRequest) -> std::result::Result<HttpResponse, Unreachable> {
    let request = request.try_into().map_err(|error: reqwest::Error| Unreachable(error.to_string()))?;
    let mut answer = outbound.send(request).await.map_err(Unreachable)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| Unreachable("the answer broke off".to_owned()))? {
        if body.len() + chunk.len() > ANSWER_SIZE_MAX {
            return Err(Unreachable(format!("the answer is longer than {ANSWER_SIZE_MAX} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}

/// Refuses somebody: they learn that it did not work, and the log why.
fn refused(reason: &str) -> Error {
    tracing::warn!(reason, "somebody could not sign in at the provider");
    let message = "signing in at the provider was broken off, took too long, or cannot be verified; begin again";
    Error::new(Code::ProviderRefused, message)
}

fn unavailable(error: &dyn std::error::Error) -> Error {
    tracing::warn!(reason = in_full(error), "the provider does not answer as it should");
    Error::new(Code::ProviderUnavailable, "the provider does not answer as it should; try again later")
}

/// An error and what is behind it.
fn in_full(error: &dyn std::error::Error) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
