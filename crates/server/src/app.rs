//! The service as a whole.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use umbel_domain::Timestamp;
use umbel_store::{Store, admin, server_state};

use crate::audit_tree::SigningKey;
use crate::billing::Room;
use crate::cursor::CursorKey;
use crate::fan_out::FanOut;
use crate::metrics::Metrics;
use crate::oidc::Provider;
use crate::openapi;
use crate::outbound::Outbound;
use crate::password::Passwords;
use crate::receivers::{self, Receivers};
use crate::routes;
use crate::settings::Settings;
use crate::sources::{Sources, random};
use crate::throttle::Throttle;
use crate::workers::Workers;

/// Everything that a request needs; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What every clone of an [`App`] shares.
pub struct Inner {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) sources: Arc<dyn Sources>,
    pub(crate) metrics: Metrics,
    pub(crate) cursor_key: CursorKey,
    pub(crate) signing_key: SigningKey,
    pub(crate) receivers: Receivers,
    pub(crate) workers: Workers,
    pub(crate) fan_out: FanOut,
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Throttle,
    /// Where people may sign in, if there is such a place.
    pub(crate) provider: Option<Provider>,
    /// Held by the one change at a time that is run again.
    pub(crate) reruns: Arc<tokio::sync::Mutex<()>>,
    /// Room for the accounts whose usage and costs are asked for.
    pub(crate) room: Room,
    /// Held while a billing period is made again.
    pub(crate) replays: Arc<tokio::sync::Mutex<()>>,
    pub(crate) stopping: std::sync::atomic::AtomicBool,
    /// Since when the service runs.
    pub(crate) start_time: Timestamp,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Puts the service together and starts its workers.
    pub async fn start(store: Store, settings: Settings, sources: Arc<dyn Sources>) -> umbel_store::Result<Self> {
        let key = kept(&store, "page_token_key", &URL_SAFE_NO_PAD.encode(random::<32>(&*sources))).await?;
        let cursor_key = CursorKey::new(&key);
        let outbound = Outbound::new(settings.stream_private_addresses).map_err(umbel_store::Error::Unusable)?;
        let receivers = Receivers::new(outbound, receivers::SigningKey::new(&key), settings.stream_directory.clone());
        let fresh = umbel_proof::hex::encode(&random::<32>(&*sources));
        let signing_key = SigningKey::new(&kept(&store, "audit_signing_key", &fresh).await?)?;
        let provider = settings.oidc.clone().map(|oidc| Provider::new(oidc, &key, sources.clone())).transpose();
        let provider = provider.map_err(umbel_store::Error::Unusable)?;
        let workers = Workers::start(store.clone(), &sources, &settings, receivers.clone());
        let (metrics, start_time) = (Metrics::new(store.clone()), sources.now());
        let (fan_out, room, reruns, replays) = Default::default();
        Ok(Self(Arc::new(Inner {
            store,
            settings,
            sources,
            metrics,
            cursor_key,
            signing_key,
            receivers,
            workers,
            fan_out,
            passwords: Passwords::default(),
            throttle: Throttle::default(),
            provider,
            reruns,
            room,
            replays,
            stopping: false.into(),
            start_time,
        })))
    }

    /// The router that serves every route.
    pub fn router(&self) -> axum::Router {
        routes::routes().into_router(self)
    }

    /// The router that serves the numbers of the service at `/metrics`, in Prometheus' text format.
    pub fn metrics_router(&self) -> axum::Router {
        let app = self.clone();
        axum::Router::new().fallback(async move |uri: axum::http::Uri| match uri.path() {
            "/metrics" => Ok(app.metrics.render(&app.workers)),
            _ => Err((axum::http::StatusCode::NOT_FOUND, "metrics are served at /metrics\n")),
        })
    }

    /// Says that the server is about to stop: from now on it is not ready.
    pub fn stop(&self) {
        self.stopping.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Finishes what the workers have taken on; to be called after the last request.
    pub async fn finish(&self) {
        self.workers.finish().await;
    }
}

/// The OpenAPI document of every route, as JSON.
pub fn openapi_document() -> String {
    openapi::render(&routes::routes().into_document())
}

/// What is kept under a name; the first process to ask keeps `fresh` there, all get the same.
async fn kept(store: &Store, name: &str, fresh: &str) -> umbel_store::Result<String> {
    loop {
        let mut write = admin::write(store).await?;
        let key = server_state::get_or_set(&mut write, name, fresh).await;
        match key {
            Ok(key) => match write.commit().await {
                Err(umbel_store::Error::Conflict) => {}
                done => return done.map(|()| key),
            },
            Err(umbel_store::Error::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
}
