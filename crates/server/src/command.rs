//! What every mutating route goes through: authenticate, read the body, run, wait until what was decided is durable, run again
//! when the transaction ran into another one, and write down what was refused.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use http_body_util::BodyExt;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use umbel_api::Code;
use umbel_domain::OrganizationId;
use umbel_domain::audit::{self, ActionType, Actor, Entry, RequestLine, Through};
use umbel_store::idempotency::Key;
use umbel_store::{Outcome, Settled};

use crate::app::App;
use crate::caller::Caller;
use crate::cookie::check_origin;
use crate::credential::{Credential, Identity, identify};
use crate::error::{Error, Result, RunAgain};
use crate::request::RequestInfo;
use crate::sign_in::{self, Means};
use crate::sources::random;
use crate::turn::Turn;
use crate::view::resource_of;
use crate::workers::{LateEntry, Posted};

/// How often a request is run before its client is told to try later.
const TRIES_MAX: u32 = 10;
/// The longest pause before the next try grows by this with each.
const PAUSE_STEP: Duration = Duration::from_millis(4);
/// The most bytes of a batch of events, unless the setting for all bodies is more.
const EVENTS_SIZE_MAX: usize = 8 << 20;
/// What is still read of a body that is too large, so that its client reads the answer instead of a broken connection.
const OVERLONG_BODY_READ_MAX: usize = 4 << 20;
/// The longest pause in a body.
const BODY_PAUSE_MAX: Duration = Duration::from_secs(10);
const IDEMPOTENCY_KEY_LENGTH_MAX: usize = 255;

/// What a mutating request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What one person or program asks for at once.
    One,
    /// Events, which may be many, and have keys of their own: no answer is kept.
    Events,
    /// What somebody signs in with, who is nobody before.
    SignIn(Means),
}

impl Kind {
    fn body_size_max(self, app: &App) -> usize {
        match self {
            Self::One | Self::SignIn(_) => app.settings.body_size_max,
            Self::Events => app.settings.body_size_max.max(EVENTS_SIZE_MAX),
        }
    }
}

/// What a mutating request keeps between its tries.
#[derive(Clone)]
pub(crate) struct Context(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) identity: Arc<Identity>,
    pub(crate) if_match: Option<HeaderValue>,
    /// Under which key the answer is kept; `None` when the client gave none.
    pub(crate) memo: Option<Memo>,
    known_body: Mutex<Option<String>>,
    settled: Mutex<Vec<Settled>>,
    seen: Mutex<Seen>,
    /// Letters to be sent when what they are about is durable.
    posted: Mutex<Vec<Posted>>,
    pub(crate) turn: Turn,
}

/// What the caller can see of what the request is about.
#[derive(Debug, Clone, Default)]
enum Seen {
    /// Nothing, or nothing yet: a refusal is written down nowhere.
    #[default]
    Nothing,
    /// A refusal belongs into the log of this organization; `None` for the server's.
    Log(Option<OrganizationId>),
}

/// A key, and a hash of the request that uses it.
#[derive(Debug, Clone)]
pub(crate) struct Memo {
    pub(crate) key: Key,
    pub(crate) fingerprint: String,
}

impl std::ops::Deref for Context {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Context {
    /// Keeps the answer back until this transaction has ended.
    pub(crate) fn await_end_of(&self, settled: Settled) {
        self.settled.lock().push(settled);
    }

    /// Notes that the caller can see what the request is about, so that a refusal is written down: in the log of an
    /// organization, or in the server's.
    pub(crate) fn seen(&self, log: Option<&OrganizationId>) {
        *self.seen.lock() = Seen::Log(log.cloned());
    }

    /// Keeps letters until what they are about is durable.
    pub(crate) fn post(&self, letters: Vec<Posted>) {
        self.posted.lock().extend(letters);
    }

    /// Keeps the members of the body that the route takes; others may be anything, and are written down nowhere.
    pub(crate) fn keep_body(&self, json: String) {
        *self.known_body.lock() = Some(json);
    }

    /// Keeps nothing of the body.
    pub(crate) fn withhold_body(&self) {
        *self.known_body.lock() = None;
    }

    /// The body of the request as the audit log keeps it: JSON.
    pub(crate) fn body(&self) -> Option<String> {
        self.known_body.lock().clone()
    }
}

impl Caller {
    /// The caller as the audit log names it.
    pub(crate) fn actor(&self) -> Actor {
        actor(&self.identity, &self.request)
    }

    /// The request as the audit log keeps it, without its status.
    pub(crate) fn request_line(&self) -> RequestLine {
        request_line(&self.request)
    }
}

fn actor(identity: &Identity, request: &RequestInfo) -> Actor {
    Actor::User {
        id: identity.user.id.to_string(),
        email: identity.user.email.as_str().to_owned(),
        ip: request.ip.to_string(),
        through: match &identity.credential {
            Credential::ApiKey => Through::ApiKey,
            Credential::ApiToken(token) => Through::ApiToken { id: token.id.to_string(), name: token.name.as_str().to_owned() },
            Credential::Session(_) | Credential::SigningIn(_) => Through::Session,
        },
    }
}

pub(crate) fn request_line(request: &RequestInfo) -> RequestLine {
    RequestLine {
        ray_id: request.ray_id.clone(),
        method: request.method.to_string(),
        uri: request.uri.clone(),
        status: 0,
        user_agent: request.user_agent.clone(),
    }
}

/// Runs a mutating request.
pub(crate) async fn command(State((app, kind)): State<(App, Kind)>, request: Request, next: Next) -> Response {
    match prepare(&app, kind, request).await {
        Ok((context, info, parts, body)) => {
            let again = || {
                let mut request = Request::from_parts(parts.clone(), Body::from(body.clone()));
                request.extensions_mut().insert(context.clone());
                next.clone().run(request)
            };
            let response = run(&app, &context, again).await;
            write_down_refusal(&app, &context, &info, &response);
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn prepare(
    app: &App,
    kind: Kind,
    request: Request,
) -> Result<(Context, Arc<RequestInfo>, axum::http::request::Parts, Bytes)> {
    let (parts, body) = request.into_parts();
    let info = parts.extensions.get::<Arc<RequestInfo>>().cloned();
    let info = info.ok_or_else(|| Error::new(Code::Internal, "the request was not observed"))?;
    let read = async {
        let body = read_body(body, kind.body_size_max(app), BODY_PAUSE_MAX).await?;
        info.is_body_read.store(true, Ordering::Relaxed);
        Ok::<_, Error>(body)
    };
    let (identity, body) = if let Kind::SignIn(means) = kind {
        let body = read.await?;
        (sign_in::identify(app, &info, &parts.headers, means, &body).await?, body)
    } else {
        let identity = identify(app, &info, &parts.headers).await?.0;
        if identity.session().is_some() {
            check_origin(&parts.headers, app.settings.public_url.as_ref())?;
        }
        (identity, read.await?)
    };
    let identity = Arc::new(identity);
    let memo = if kind == Kind::One { memo(&parts.headers, &identity, &info, &body)? } else { None };
    let if_match = parts.headers.get(header::IF_MATCH).cloned();
    let (known_body, settled, seen, posted, turn) = Default::default();
    let context = Context(Arc::new(Inner { identity, if_match, memo, known_body, settled, seen, posted, turn }));
    Ok((context, info, parts, body))
}

async fn read_body(mut body: Body, size_max: usize, pause_max: Duration) -> Result<Bytes> {
    let mut read = BytesMut::new();
    let mut overlong = 0;
    let paused = |_| Error::new(Code::TimedOut, "the body stopped coming; nothing was changed");
    while let Some(frame) = timeout(pause_max, body.frame()).await.map_err(paused)? {
        let frame = frame.map_err(|_| Error::new(Code::InvalidBody, "the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        if overlong == 0 && read.len() + data.len() <= size_max {
            read.extend_from_slice(&data);
        } else {
            overlong += data.len();
        }
        if overlong > OVERLONG_BODY_READ_MAX {
            break;
        }
    }
    if overlong > 0 {
        return Err(Error::new(Code::BodyTooLarge, format!("the body is larger than {size_max} bytes; send less at once")));
    }
    Ok(read.freeze())
}

fn memo(headers: &HeaderMap, identity: &Identity, info: &RequestInfo, body: &Bytes) -> Result<Option<Memo>> {
    let Some(key) = headers.get("idempotency-key").filter(|_| info.method == Method::POST) else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=IDEMPOTENCY_KEY_LENGTH_MAX).contains(&key.len())).ok_or_else(|| {
        let message = format!("Idempotency-Key must have 1 to {IDEMPOTENCY_KEY_LENGTH_MAX} printable characters");
        Error::at(Code::InvalidHeader, "/header/Idempotency-Key", message)
    })?;
    let (path, query) = info.path_and_query();
    let mut hash = Sha256::new();
    for part in [path.as_bytes(), query.as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let fingerprint = umbel_domain::secret::to_hex(&hash.finalize());
    let route = format!("{} {}", info.method, info.route);
    Ok(Some(Memo { key: Key { user_id: identity.user.id.clone(), route, key: key.to_owned() }, fingerprint }))
}

/// Runs the handler until what it decided rests on nothing that was lost.
async fn run<F: Future<Output = Response>>(app: &App, context: &Context, again: impl Fn() -> F) -> Response {
    let mut tries = 1;
    loop {
        let response = again().await;
        // Also a refusal may rest on a row of a batch mate: nothing leaves before it is durable.
        let waits = std::mem::take(&mut *context.settled.lock());
        let mut lost = response.extensions().get::<RunAgain>().is_some();
        for settled in waits {
            lost |= settled.wait().await == Outcome::Lost && !response.status().is_server_error();
        }
        context.turn.end();
        let posted = std::mem::take(&mut *context.posted.lock());
        if !lost {
            posted.into_iter().for_each(Posted::send);
            return response;
        }
        drop(posted);
        if tries == TRIES_MAX {
            app.metrics.gave_up();
            return Error::Conflict.into_response();
        }
        app.metrics.ran_again();
        if tries > 1 {
            let [jitter] = random::<1>(&*app.sources);
            tokio::time::sleep(PAUSE_STEP * tries * u32::from(jitter) / 256).await;
        }
        tries += 1;
    }
}

/// Hands a refused attempt on something visible to the worker that writes it down.
fn write_down_refusal(app: &App, context: &Context, info: &RequestInfo, response: &Response) {
    if !matches!(response.status().as_u16(), 403 | 409 | 412 | 422) {
        return;
    }
    let Seen::Log(log) = context.seen.lock().clone() else { return };
    app.workers.refused(
        context.identity.user.id.clone(),
        LateEntry {
            at: info.at,
            entry: refused_entry(info, log),
            outcome: audit::Outcome::Failure,
            actor: actor(&context.identity, info),
            request: RequestLine { status: response.status().as_u16(), ..request_line(info) },
            request_body: context.body(),
        },
    );
}

/// What a request tries to do.
pub(crate) fn action_of(info: &RequestInfo) -> ActionType {
    match info.method {
        Method::POST
            if !["/roll", "/move", "/leave", "/resend", "/accept", "/reject", "/retire", "/end"]
                .iter()
                .any(|verb| info.route.ends_with(verb)) =>
        {
            ActionType::Create
        }
        Method::DELETE => ActionType::Delete,
        _ if info.route.ends_with("/leave") => ActionType::Delete,
        _ => ActionType::Update,
    }
}

/// What a refused request is written down as: the route says what it was about.
fn refused_entry(info: &RequestInfo, log: Option<OrganizationId>) -> Entry {
    // What was not created has none but its parent's.
    let id = info.ids().last().map(ToOwned::to_owned).or_else(|| log.as_ref().map(ToString::to_string)).unwrap_or_default();
    Entry::refused(log, action_of(info), resource_of(&info.route), &id)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    use super::*;

    #[tokio::test]
    async fn a_body_that_stops_coming_is_given_up() {
        let stalled = Body::new(StreamBody::new(stream::pending::<std::result::Result<Frame<Bytes>, Infallible>>()));
        let error = read_body(stalled, 10, Duration::from_millis(10)).await.unwrap_err();
        assert_eq!(error.problems()[0].code, 1502);
    }
}
