//! `umbel serve`: the service, until it is told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use umbel_server::listener::{self, Limits};
use umbel_server::sources::System;
use umbel_server::{App, Mail, Oidc, Providers, PublicUrl, Settings, TreeLimits};
use umbel_store::{Access, Store, admin, users};

use crate::Result;
use crate::settings::{RootCreation, Serve};

impl Serve {
    pub(crate) async fn run(self) -> Result {
        let _log = crate::log::start(self.log_format, &self.log_level)?;
        self.mail()?;
        let store = self.database.open(Access::Exclusive).await?;
        if users::count(&mut admin::read(&store).await?, 1).await? == 0 {
            let database = self.database.url()?;
            let hint = "the database is empty; make the first operator with";
            writeln!(
                std::io::stderr(),
                "umbel: {hint}\n  umbel bootstrap --database {database} --email you@example.com --name \"Your Name\""
            )?;
        }
        if !umbel_server::has_console() {
            writeln!(
                std::io::stderr(),
                "umbel: built without the console; `scripts/console build` before cargo adds it, with Node"
            )?;
        }
        serve(store, &self, self.listen, stop_signal()?, |address| {
            let scheme = if self.tls_certificate.is_some() { "https" } else { "http" };
            Ok(writeln!(std::io::stdout(), "listening on {scheme}://{address}")?)
        })
        .await
    }

    /// The mail server, if invitations are sent by one.
    pub(crate) fn mail(&self) -> Result<Option<Mail>> {
        let Some(smtp_url) = &self.smtp_url else { return Ok(None) };
        let (Some(public_url), Some(from)) = (&self.public_url, &self.smtp_from) else {
            return Err("smtp_url needs public_url, for the links, and smtp_from, for the sender; set all three".into());
        };
        Ok(Some(Mail::new(smtp_url, from, public_url)?))
    }

    /// The OpenID Connect provider, if users sign in at one.
    fn oidc(&self, public_url: Option<&PublicUrl>) -> Result<Option<Oidc>> {
        let Some(issuer) = &self.oidc_issuer else { return Ok(None) };
        let (Some(client_id), Some(public_url)) = (&self.oidc_client_id, public_url) else {
            return Err("oidc_issuer needs oidc_client_id, and public_url, to which people come back; set all three".into());
        };
        let secret = match &self.oidc_client_secret_file {
            Some(path) => {
                Some(std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?)
            }
            None => None,
        };
        Ok(Some(Oidc::new(issuer, client_id, secret.as_deref().map(str::trim), &self.oidc_name, public_url)?))
    }

    fn settings(&self, public_url: Option<PublicUrl>) -> Result<Settings> {
        Ok(Settings {
            root_creation: match self.root_creation {
                RootCreation::Everyone => umbel_server::RootCreation::Everyone,
                RootCreation::Operators => umbel_server::RootCreation::Operators,
            },
            tree_limits: TreeLimits { depth_max: self.tree_depth_max.into(), children_max: self.children_max.into() },
            accounts_max: self.accounts_max.into(),
            members_max: self.members_max.into(),
            total_size_max: self.total_size_max.into(),
            body_size_max: self.body_size_max_bytes,
            request_timeout: Duration::from_secs(self.request_timeout_seconds),
            trusted_proxies: self.trusted_proxy.clone(),
            invitations: self.invitations,
            session_hours: self.session_hours,
            audit_views: self.audit_views,
            stream_private_addresses: self.stream_private_addresses,
            stream_directory: self.stream_directory.clone(),
            invitation_days: self.invitation_days,
            usage_window_days: self.usage_window_days,
            providers: Providers {
                service_provider_name: self.service_provider_name.clone(),
                host_provider_name: self.host_provider_name.clone(),
                invoice_issuer_name: self.invoice_issuer_name.clone(),
            },
            oidc: self.oidc(public_url.as_ref())?,
            public_url,
            mail: self.mail()?,
        })
    }
}

/// Serves `store` until `stopped`; `ready` is told the address once connections are accepted.
pub(crate) async fn serve(
    store: Store,
    settings: &Serve,
    listen: SocketAddr,
    stopped: impl Future<Output = ()> + Send + 'static,
    ready: impl FnOnce(SocketAddr) -> Result,
) -> Result {
    let tls = match (&settings.tls_certificate, &settings.tls_key) {
        (Some(certificate), Some(key)) => Some(listener::tls_acceptor(certificate, key)?),
        _ => None,
    };
    let limits = Limits {
        connections_max: settings.connections_max.into(),
        drain_timeout: Duration::from_secs(settings.drain_timeout_seconds),
        ..Limits::default()
    };
    let socket = bind(listen).await?;
    let public_url = settings.public_url.clone().or_else(|| local_url(socket.local_addr().ok()?, tls.is_some()));
    let app = App::start(store, settings.settings(public_url)?, Arc::new(System::default())).await?;
    if let Some(address) = settings.metrics_listen {
        let socket = bind(address).await?;
        tracing::info!(address = %socket.local_addr()?, "metrics are served");
        tokio::spawn(listener::serve(socket, app.metrics_router(), None, Limits::default(), std::future::pending()));
    }
    ready(socket.local_addr()?)?;
    let stopping = app.clone();
    let stop = async move {
        stopped.await;
        stopping.stop();
        tracing::info!("stopping: requests under way are finished first");
    };
    listener::serve(socket, app.router(), tls, limits, stop).await;
    app.finish().await;
    Ok(())
}

/// The URL of an address that the server listens on, unless it listens on all.
fn local_url(address: SocketAddr, with_tls: bool) -> Option<PublicUrl> {
    let scheme = if with_tls { "https" } else { "http" };
    PublicUrl::parse(&format!("{scheme}://{address}")).ok().filter(|_| !address.ip().is_unspecified())
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    Ok(TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?)
}

/// Waits for SIGTERM or SIGINT.
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
