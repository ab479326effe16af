use std::net::Ipv4Addr;

use axum::body::to_bytes;
use axum::extract::{Extension, Request};
use axum::http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::*;

/// Far longer than anything here takes; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// A limit that is meant to be reached.
const SHORT: Duration = Duration::from_millis(200);
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// Limits of which none is reached; each test shortens its own.
fn generous() -> Limits {
    Limits { connections_max: 100, header_timeout: PATIENCE * 2, handshake_timeout: PATIENCE * 2, drain_timeout: PATIENCE * 2 }
}

/// A server under test, with the two ends of a handler that takes as long as the test wants.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<bool>,
    slow_entered: Arc<Notify>,
    slow_may_finish: Arc<Notify>,
}

async fn start(limits: Limits, tls: Option<TlsAcceptor>) -> Running {
    let (slow_entered, slow_may_finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (entered, may_finish) = (slow_entered.clone(), slow_may_finish.clone());
    let app = Router::new().fallback(move |Extension(Peer(peer)): Extension<Peer>, request: Request| async move {
        match request.uri().path() {
            "/peer" => (StatusCode::OK, peer.to_string()),
            "/slow" => {
                entered.notify_one();
                may_finish.notified().await;
                (StatusCode::OK, "slow answer".into())
            }
            "/upload" => match timeout(SHORT, to_bytes(request.into_body(), 1024)).await {
                Ok(body) => (StatusCode::OK, format!("{body:?}")),
                Err(_) => (StatusCode::REQUEST_TIMEOUT, String::new()),
            },
            _ => (StatusCode::OK, "hello".into()),
        }
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(serve(listener, app, tls, limits, async {
        let _ = stopped.await;
    }));
    Running { address, stop, served, slow_entered, slow_may_finish }
}

impl Running {
    /// A connection that has sent `text`.
    async fn send(&self, text: &[u8]) -> TcpStream {
        let mut client = TcpStream::connect(self.address).await.unwrap();
        client.write_all(text).await.unwrap();
        client
    }
}

/// All that comes until the server closes the connection.
async fn until_closed(mut client: impl AsyncRead + Unpin) -> String {
    let mut answer = Vec::new();
    // A reset closes the connection as well as an end does.
    let _ = timeout(PATIENCE, client.read_to_end(&mut answer)).await.expect("the connection is still open");
    String::from_utf8(answer).unwrap()
}

/// An answer of which the end of the body is known, with the connection still open.
async fn until_ends_with(client: &mut TcpStream, end: &str) -> String {
    let mut answer = String::new();
    while !answer.ends_with(end) {
        let mut bytes = [0; 1024];
        let count = timeout(PATIENCE, client.read(&mut bytes)).await.unwrap().unwrap();
        assert_ne!(count, 0, "closed after {answer:?}");
        answer.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    answer
}

async fn until_refused(address: SocketAddr) {
    timeout(PATIENCE, async {
        while TcpStream::connect(address).await.is_ok() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("connections are still accepted");
}

#[tokio::test]
async fn a_client_that_says_nothing_is_closed() {
    let server = start(Limits { header_timeout: SHORT, ..generous() }, None).await;
    assert_eq!(until_closed(server.send(b"").await).await, "");
}

#[tokio::test]
async fn half_a_head_is_closed() {
    let server = start(Limits { header_timeout: SHORT, ..generous() }, None).await;
    for text in [&b"G"[..], b"GET / HTTP/1.1\r\nhost: x\r\n"] {
        let answer = until_closed(server.send(text).await).await;
        assert!(!answer.contains("200 OK"), "{answer}");
    }
}

#[tokio::test]
async fn a_connection_that_idles_after_an_answer_is_closed() {
    let server = start(Limits { header_timeout: SHORT, ..generous() }, None).await;
    let answer = until_closed(server.send(GET).await).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_connection_answers_several_requests() {
    let server = start(generous(), None).await;
    let mut client = server.send(GET).await;
    until_ends_with(&mut client, "hello").await;
    client.write_all(GET).await.unwrap();
    until_ends_with(&mut client, "hello").await;
}

#[tokio::test]
async fn a_handler_knows_the_address_of_its_client() {
    let server = start(generous(), None).await;
    let mut client = server.send(b"GET /peer HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let address = client.local_addr().unwrap().to_string();
    until_ends_with(&mut client, &format!("\r\n\r\n{address}")).await;
}

#[tokio::test]
async fn a_head_beyond_its_limits_is_refused() {
    let server = start(generous(), None).await;
    let headers: Vec<_> = (0..101).map(|i| format!("x{i}: y\r\n")).collect();
    for header in [headers.concat(), format!("x: {}\r\n", "y".repeat(BUFFER_BYTES_MAX * 4))] {
        let mut client = server.send(b"GET / HTTP/1.1\r\n").await;
        // Writing fails when the server has closed already.
        let _ = client.write_all(format!("{header}\r\n").as_bytes()).await;
        let answer = until_closed(client).await;
        assert!(answer.starts_with("HTTP/1.1 431 ") || answer.is_empty(), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_stalls_ends_with_the_time_of_its_handler() {
    let server = start(generous(), None).await;
    let answer = until_closed(server.send(b"POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").await).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_one_to_end() {
    let server = start(Limits { connections_max: 1, ..generous() }, None).await;
    let mut first = server.send(GET).await;
    until_ends_with(&mut first, "hello").await;
    let mut second = server.send(GET).await;
    let mut bytes = [0; 1];
    assert!(timeout(SHORT, second.read(&mut bytes)).await.is_err(), "the second is answered beside the first");
    drop(first);
    until_ends_with(&mut second, "hello").await;
}

#[tokio::test]
async fn a_request_under_way_is_answered_after_the_signal_while_new_connections_are_refused() {
    let server = start(generous(), None).await;
    let mut idle = server.send(GET).await;
    until_ends_with(&mut idle, "hello").await;
    let silent = server.send(b"").await;
    let slow = server.send(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.slow_entered.notified().await;

    server.stop.send(()).unwrap();
    until_refused(server.address).await;
    assert_eq!(until_closed(idle).await, "");
    assert_eq!(until_closed(silent).await, "");
    assert!(!server.served.is_finished());

    server.slow_may_finish.notify_one();
    let answer = until_closed(slow).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("slow answer"), "{answer}");
    assert!(timeout(PATIENCE, server.served).await.unwrap().unwrap());
}

#[tokio::test]
async fn a_request_that_outlives_the_drain_is_cut_off() {
    let server = start(Limits { drain_timeout: SHORT, ..generous() }, None).await;
    let slow = server.send(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.slow_entered.notified().await;
    server.stop.send(()).unwrap();
    assert!(!timeout(PATIENCE, server.served).await.unwrap().unwrap());
    assert_eq!(until_closed(slow).await, "");
}

/// A certificate for `localhost` in a directory of its own, with its key.
fn certificate() -> (tempfile::TempDir, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("certificate.pem"), made.cert.pem()).unwrap();
    std::fs::write(directory.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    (directory, made.cert.der().clone())
}

fn acceptor(directory: &Path) -> TlsAcceptor {
    tls_acceptor(&directory.join("certificate.pem"), &directory.join("key.pem")).unwrap()
}

#[tokio::test]
async fn a_handshake_that_stalls_is_closed() {
    let (directory, _) = certificate();
    let server = start(Limits { handshake_timeout: SHORT, ..generous() }, Some(acceptor(directory.path()))).await;
    assert_eq!(until_closed(server.send(b"").await).await, "");
    assert_eq!(until_closed(server.send(b"\x16\x03\x01").await).await, "");
}

#[tokio::test]
async fn a_request_over_tls_is_answered() {
    let (directory, certificate) = certificate();
    let server = start(generous(), Some(acceptor(directory.path()))).await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let socket = TcpStream::connect(server.address).await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut client = TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), socket).await.unwrap();
    assert_eq!(client.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    client.write_all(b"GET /peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let answer = until_closed(client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with(&address), "{answer}");
}

#[test]
fn files_that_make_no_certificate_are_named() {
    let (directory, _) = certificate();
    let (other, _) = self::certificate();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("empty.pem"), "").unwrap();
    for (certificate, key, named) in [
        (path("absent.pem"), path("key.pem"), "absent.pem"),
        (path("empty.pem"), path("key.pem"), "empty.pem"),
        (path("certificate.pem"), path("absent.pem"), "absent.pem"),
        (path("certificate.pem"), path("certificate.pem"), "the private key"),
        (path("certificate.pem"), other.path().join("key.pem"), "key.pem"),
    ] {
        let error = tls_acceptor(&certificate, &key).err().unwrap();
        assert!(error.contains(named), "{error}");
    }
}
