//! A request and its answer.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body as HttpBody;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use umbel_server::listener::Peer;

use super::Body;
use super::sources::Fixed;
use super::world::{key_of, secret_of, token_of};

/// The headers that a snapshot shows.
const SHOWN: [&str; 10] = [
    "content-type",
    "content-disposition",
    "etag",
    "cf-ray",
    "x-should-retry",
    "retry-after",
    "idempotency-replayed",
    "allow",
    "www-authenticate",
    "set-cookie",
];

/// Where every request comes from.
pub(crate) const CLIENT: &str = "203.0.113.7";

/// A request in the making.
#[must_use]
pub(crate) struct Call {
    router: Router,
    sources: Arc<Fixed>,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Waited for before the body is sent.
    before_body: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Call {
    pub(super) fn new(router: Router, sources: Arc<Fixed>, method: Method, path: String) -> Self {
        Self { router, sources, method, path, headers: HeaderMap::new(), body: Vec::new(), before_body: None }
    }

    /// Sends the token that this user has from the beginning.
    pub(crate) fn by(self, user: &str) -> Self {
        self.bearer(&token_of(user))
    }

    /// Sends the global API key that this user has from the beginning.
    pub(crate) fn by_key(self, user: &str) -> Self {
        self.header("x-auth-email", &format!("{user}@example.com")).header("x-auth-key", &key_of(user))
    }

    /// Sends the secret of the token with this id.
    pub(crate) fn by_token(self, id: &str) -> Self {
        self.bearer(&secret_of(id))
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a header, also when one of that name is there.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        self
    }

    pub(crate) fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into().0;
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }

    /// Holds the body back until something has happened, after the headers were sent.
    pub(crate) fn once(mut self, happened: impl Future<Output = ()> + Send + 'static) -> Self {
        self.before_body = Some(Box::pin(happened));
        self
    }

    /// Sends events: a batch of CloudEvents.
    pub(crate) fn events(self, events: &Value) -> Self {
        self.body(events.clone()).content_type("application/cloudevents-batch+json")
    }

    /// Says what the body is.
    pub(crate) fn content_type(mut self, content_type: &'static str) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self
    }

    /// Sends the request and hands on the answer with its body, which still comes.
    pub(crate) async fn begin(self) -> Response<HttpBody> {
        let Self { router, sources, method, path, headers, body, before_body } = self;
        let uri: Uri = path.parse().unwrap();
        let body = match before_body {
            None => HttpBody::from(body),
            Some(happened) => HttpBody::from_stream(futures_util::stream::once(async {
                happened.await;
                Ok::<_, std::convert::Infallible>(body)
            })),
        };
        let mut request = Request::builder().method(method).uri(uri).body(body).unwrap();
        *request.headers_mut() = headers;
        let peer = SocketAddr::new(CLIENT.parse().unwrap(), 40_000);
        request.extensions_mut().insert(Peer(peer));
        Fixed::during(sources.next_request(), router.oneshot(request)).await.unwrap()
    }

    async fn send(self) -> Answer {
        let (method, path) = (self.method.clone(), self.path.clone());
        let (parts, body) = self.begin().await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { method, path, status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// What the service said.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The same answer, which must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// The body.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self}"))
    }

    /// What was asked for.
    #[track_caller]
    pub(crate) fn result(&self) -> Value {
        self.json()["result"].take()
    }

    /// A string in what was asked for.
    #[track_caller]
    pub(crate) fn text(&self, member: &str) -> String {
        self.result()[member].as_str().unwrap_or_else(|| panic!("no {member} in {self}")).to_owned()
    }

    /// The ids of what a list holds.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<String> {
        let result = self.result();
        let items = result.as_array().unwrap_or_else(|| panic!("not a list: {self}"));
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    /// A header that has one value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The code of each error, and what it points to.
    #[track_caller]
    pub(crate) fn errors(&self) -> Vec<(u64, String)> {
        let json = self.json();
        let error =
            |error: &Value| (error["code"].as_u64().unwrap(), error["source"]["pointer"].as_str().unwrap_or_default().to_owned());
        json["errors"].as_array().unwrap().iter().map(error).collect()
    }

    /// The one error, which must have this code.
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16, code: u64, pointer: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.errors(), [(code, pointer.to_owned())], "{answer}");
        answer
    }

    /// Everything that the client sees, without what is another in each answer.
    pub(crate) fn indistinct(&self) -> (u16, Vec<(String, String)>, Bytes) {
        let headers = self.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "cf-ray" | "date"));
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        (self.status, headers.collect(), self.body.clone())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} → {}", self.method, self.path, self.status)?;
        for (name, value) in SHOWN.iter().filter_map(|name| self.header(name).map(|value| (name, value))) {
            writeln!(f, "{name}: {value}")?;
        }
        match serde_json::from_slice::<Value>(&self.body) {
            Ok(json) => writeln!(f, "{json:#}"),
            Err(_) if self.body.is_empty() => Ok(()),
            Err(_) => writeln!(f, "{}", String::from_utf8_lossy(&self.body)),
        }
    }
}
