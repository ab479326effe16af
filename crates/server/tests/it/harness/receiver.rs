//! Receivers of streams: one that takes requests, and one that takes whatever comes over a connection.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// What the entries of a webhook did, in their order.
    pub(crate) fn entries(&self) -> Vec<Value> {
        self.json()["data"]["entries"].as_array().cloned().unwrap_or_default()
    }
}

/// How requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// With this status.
    Status(u16),
    /// With 413 when there are more entries than this.
    AtMost(usize),
    /// With a body that never ends.
    Endless,
    /// With a body that comes byte by byte.
    Dripping,
    /// Not at all.
    Silent,
}

#[derive(Clone)]
struct Shared {
    received: Arc<Mutex<Vec<Received>>>,
    behaviour: Arc<Mutex<Behaviour>>,
}

/// A server of HTTP on a port of its own, for as long as the test.
pub(crate) struct Receiver {
    address: SocketAddr,
    shared: Shared,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Shared { received: Arc::default(), behaviour: Arc::new(Mutex::new(Behaviour::Status(200))) };
        let router = Router::new().fallback(take).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers otherwise from now on.
    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    /// What came in so far, without what was too large.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }
}

async fn take(State(shared): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let received = Received { method, uri, headers, body };
    let behaviour = *shared.behaviour.lock().unwrap();
    if let Behaviour::AtMost(entries) = behaviour
        && received.entries().len() > entries
    {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    shared.received.lock().unwrap().push(received);
    match behaviour {
        Behaviour::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap();
            // An object store names what it took.
            let more = [(header::LOCATION, "/elsewhere"), (header::RETRY_AFTER, "100"), (header::ETAG, "\"1\"")];
            (status, more).into_response()
        }
        Behaviour::AtMost(_) => StatusCode::OK.into_response(),
        Behaviour::Endless => {
            let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1024])));
            axum::body::Body::from_stream(endless).into_response()
        }
        Behaviour::Dripping => {
            let drip = futures_util::stream::unfold((), async |()| {
                tokio::time::sleep(Duration::from_millis(200)).await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
            });
            ([(header::CONTENT_LENGTH, "1000")], axum::body::Body::from_stream(drip)).into_response()
        }
        Behaviour::Silent => std::future::pending().await,
    }
}

/// Takes connections one after the other and reads each to its end.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    read: Arc<Mutex<Vec<u8>>>,
}

impl Sink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, read) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<u8>>>::default());
        let sink = Self { address, read: read.clone() };
        thread::spawn(move || {
            for client in listener.incoming() {
                let (mut client, mut bytes) = (client.unwrap(), Vec::new());
                // A client that breaks off has said what it said. It waits until the connection is closed.
                _ = client.read_to_end(&mut bytes);
                read.lock().unwrap().extend(bytes);
            }
        });
        sink
    }

    pub(crate) fn read(&self) -> Vec<u8> {
        self.read.lock().unwrap().clone()
    }
}
