//! What every request goes through: an id, a time limit, a line in the log, and numbers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use umbel_api::Code;
use umbel_domain::Timestamp;

use crate::app::App;
use crate::error::Error;
use crate::listener::Peer;
use crate::oidc::CALLBACK;
use crate::reply::{Comparison, names};
use crate::sources::random;
use crate::view::{View, write_down_view};

/// The prefix under which the routes of the Cloudflare API are served, besides the root.
pub(crate) const PREFIX: &str = "/client/v4";

/// The most bytes of path and query.
const URI_LENGTH_MAX: usize = 16 << 10;

/// What a request is, whatever comes of it.
#[derive(Debug)]
pub(crate) struct RequestInfo {
    /// Its id: 16 hex digits.
    pub(crate) ray_id: String,
    /// When it came.
    pub(crate) at: Timestamp,
    /// Whom it came from.
    pub(crate) ip: IpAddr,
    pub(crate) method: Method,
    /// Path and query as they were sent; without the query where that is a secret.
    pub(crate) uri: String,
    /// The route that it matched, without the prefix; empty when it matched none.
    pub(crate) route: String,
    pub(crate) user_agent: String,
    /// What the caller was let look at, if that is to be written down.
    pub(crate) view: Mutex<Option<View>>,
    /// Whether all of the body is there, so that a change may have been begun.
    pub(crate) is_body_read: AtomicBool,
}

impl RequestInfo {
    fn new(app: &App, request: &Request) -> Self {
        let headers = request.headers();
        let peer = request.extensions().get::<Peer>().map_or(SocketAddr::from(([127, 0, 0, 1], 0)), |peer| peer.0);
        let matched = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let user_agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            ray_id: format!("{:016x}", u64::from_be_bytes(random(&*app.sources))),
            at: app.sources.now(),
            ip: client_ip(peer.ip(), headers, app),
            method: request.method().clone(),
            // The code with which somebody comes back from a provider is in no log.
            uri: match request.uri().path_and_query() {
                Some(all) if matched == CALLBACK => all.path().to_owned(),
                all => all.map_or_else(String::new, cut),
            },
            route: matched.strip_prefix(PREFIX).unwrap_or(matched).to_owned(),
            user_agent: user_agent.unwrap_or_default().chars().take(512).collect(),
            view: Mutex::default(),
            is_body_read: AtomicBool::default(),
        }
    }

    /// The parts of the path that stand where the route has ids.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        let pairs = self.route.split('/').zip(self.path_and_query().0.split('/'));
        pairs.filter(|(name, _)| name.starts_with('{')).map(|(_, id)| id)
    }

    /// The path without the prefix, and the query.
    pub(crate) fn path_and_query(&self) -> (&str, &str) {
        let (path, query) = self.uri.split_once('?').unwrap_or((&self.uri, ""));
        (path.strip_prefix(PREFIX).unwrap_or(path), query)
    }
}

/// Path and query, cut where they are refused anyway.
fn cut(path_and_query: &PathAndQuery) -> String {
    let text = path_and_query.as_str();
    text[..text.floor_char_boundary(URI_LENGTH_MAX + 1)].to_owned()
}

/// The address of the client: the peer's, or, behind proxies that are trusted, the last one in `X-Forwarded-For` that is none.
fn client_ip(peer: IpAddr, headers: &HeaderMap, app: &App) -> IpAddr {
    let is_trusted = |ip: &IpAddr| app.settings.trusted_proxies.iter().any(|net| net.contains(ip));
    if !is_trusted(&peer) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|list| list.split(',')).map(str::trim).collect();
    let mut client = peer;
    for hop in hops.iter().rev() {
        let Ok(ip) = hop.parse::<IpAddr>() else { break };
        client = ip;
        if !is_trusted(&ip) {
            break;
        }
    }
    client
}

/// Runs a request and writes down what came of it.
pub(crate) async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let info = Arc::new(RequestInfo::new(&app, &request));
    let if_none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
    request.extensions_mut().insert(info.clone());
    let mut response = if info.uri.len() > URI_LENGTH_MAX {
        Error::new(Code::UriTooLong, format!("the URI is longer than {URI_LENGTH_MAX} bytes")).into_response()
    } else {
        let answered = tokio::time::timeout(app.settings.request_timeout, next.run(request)).await;
        answered.unwrap_or_else(|_| timed_out(&info).into_response())
    };
    if let Some(list) = if_none_match.filter(|_| matches!(info.method, Method::GET | Method::HEAD)) {
        response = unless_known(response, &list);
    }
    if let Some(view) = info.view.lock().take() {
        write_down_view(&app, view, &info, response.status());
    }
    let headers = response.headers_mut();
    // Hex is always a header value.
    headers.extend(HeaderValue::try_from(&info.ray_id).ok().map(|ray_id| (header::HeaderName::from_static("cf-ray"), ray_id)));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    let (status, elapsed) = (response.status(), started.elapsed());
    app.metrics.answered(&info.method, &info.route, status, elapsed);
    tracing::info!(
        ray_id = info.ray_id,
        method = info.method.as_str(),
        uri = info.uri,
        status = status.as_u16(),
        ip = %info.ip,
        elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

/// Answers a request that took too long. A change may have been on its way to the disk, where nothing stops it.
fn timed_out(info: &RequestInfo) -> Error {
    match info.method {
        Method::GET | Method::HEAD => Error::new(Code::TimedOut, "the request took too long"),
        _ if !info.is_body_read.load(Ordering::Relaxed) => {
            Error::new(Code::TimedOut, "the body took too long; nothing was changed")
        }
        _ => Error::new(Code::OutcomeUnknown, "the request took too long; whether the change was made is not known"),
    }
}

/// Answers 304 when the client has the representation already (RFC 9110, 13.1.2).
fn unless_known(mut response: Response, list: &HeaderValue) -> Response {
    let known = response.headers().get(header::ETAG).is_some_and(|etag| names(list, etag, Comparison::Weak));
    if response.status() == StatusCode::OK && known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        let body = std::mem::take(response.body_mut());
        response.headers_mut().remove(header::CONTENT_TYPE);
        // Left out, it would be added as that of no body at all, which is not what it tells here (RFC 9110, 8.6).
        if let Some(length) = body.size_hint().exact() {
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
    }
    response
}

/// Answers a path that no route has.
pub(crate) async fn unknown_route(request: Request) -> Error {
    let path: String = request.uri().path().chars().take(200).collect();
    Error::all(vec![
        Error::new(Code::NoSuchObject, format!("could not route to {path}; perhaps an id in it is wrong")),
        Error::new(Code::NoSuchRoute, "no route for that URI"),
    ])
}

/// Answers a method that a route does not take.
pub(crate) async fn unknown_method(request: Request) -> Error {
    Error::new(Code::MethodNotAllowed, format!("the route does not take {}", request.method()))
}

/// Answers a request whose handler panicked.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Error::new(Code::Internal, "the server failed").into_response()
}
