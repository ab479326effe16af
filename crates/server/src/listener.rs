//! Accepts connections and answers them over HTTP/1.1, in plain or over TLS, within limits.

#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tower::Service;

/// Where a connection stops buffering. A longer head of a request is refused, once what is at hand was looked at: up to about
/// twice as much may pass.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// How long accepting rests when the system has no more sockets or memory to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How much clients may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most connections at once; further ones wait in the queue of the operating system.
    pub connections_max: usize,
    /// How long a connection may take until the head of its next request has arrived, idle time between requests included.
    pub header_timeout: Duration,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// How long requests may go on after the signal to stop.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    /// 1,024 connections, 10 s for a head, 10 s for a handshake, 30 s to drain.
    fn default() -> Self {
        Self {
            connections_max: 1024,
            header_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(30),
        }
    }
}

/// The address at the other end of the connection, an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Answers the connections of `listener` with `app` until `stop`; then refuses new ones, closes idle ones, and waits for
/// requests under way. Returns whether all of them were answered within `limits.drain_timeout`; the others are cut off.
///
/// A body that stalls is the business of `app`: it has to limit how long a request takes. The connection is closed with the
/// answer then, because the rest of the body was not read.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> bool {
    let mut http = http1::Builder::new();
    // The most headers stay at hyper's own limit of 100: naming a limit makes it allocate for each request.
    http.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(BUFFER_BYTES_MAX);
    // Makes the routes now, which would otherwise be made again for each request.
    let app = app.with_state(());
    let server = Server { http, app, tls, handshake_timeout: limits.handshake_timeout };

    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < limits.connections_max => match accepted {
                Ok((socket, peer)) => {
                    connections.spawn(server.clone().connection(socket, Peer(peer), graceful.watcher()));
                }
                Err(error) => rest_after(&error).await,
            },
        }
    }
    drop(listener);
    let drained = timeout(limits.drain_timeout, graceful.shutdown()).await.is_ok();
    if !drained {
        while connections.try_join_next().is_some() {}
        tracing::warn!(connections = connections.len(), "requests still under way were cut off");
    }
    drained
}

/// Reads the certificate chain and the private key of a server from PEM files.
pub fn tls_acceptor(certificate_pem: &Path, key_pem: &Path) -> Result<TlsAcceptor, String> {
    let certificates = CertificateDer::pem_file_iter(certificate_pem)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("cannot read the certificate {}: {error}", certificate_pem.display()))?;
    if certificates.is_empty() {
        return Err(format!("no certificate in {}; give it in PEM", certificate_pem.display()));
    }
    let key = PrivateKeyDer::from_pem_file(key_pem)
        .map_err(|error| format!("cannot read the private key {}: {error}", key_pem.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(certificates, key))
        .map_err(|error| {
            let (certificate, key) = (certificate_pem.display(), key_pem.display());
            format!("cannot use the certificate {certificate} with the private key {key}: {error}")
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Says why nothing was accepted, and waits a little when trying again at once would only fail again.
async fn rest_after(error: &io::Error) {
    // The client of this one connection went away; the next is not concerned.
    if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted) {
        return;
    }
    tracing::warn!(%error, "cannot accept connections; raise the limit of open files if that is it");
    sleep(ACCEPT_PAUSE).await;
}

/// What every connection needs.
#[derive(Clone)]
struct Server {
    http: http1::Builder,
    app: Router,
    tls: Option<TlsAcceptor>,
    handshake_timeout: Duration,
}

impl Server {
    async fn connection(self, socket: TcpStream, peer: Peer, watcher: Watcher) {
        // Fails only when the client is gone already, which reading tells next.
        let _ = socket.set_nodelay(true);
        let Some(tls) = &self.tls else { return self.answer(socket, peer, watcher).await };
        match timeout(self.handshake_timeout, tls.accept(socket)).await {
            Ok(Ok(stream)) => self.answer(stream, peer, watcher).await,
            Ok(Err(error)) => tracing::debug!(peer = %peer.0, %error, "the tls handshake failed"),
            Err(_) => tracing::debug!(peer = %peer.0, "the tls handshake took too long"),
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static, peer: Peer, watcher: Watcher) {
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            self.app.clone().call(request)
        });
        if let Err(error) = watcher.watch(self.http.serve_connection(TokioIo::new(stream), service)).await {
            tracing::debug!(peer = %peer.0, %error, "the connection ended early");
        }
    }
}
