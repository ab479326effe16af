//! What a provider says of itself, its keys included: asked for when it is needed, and kept for a while.

use std::sync::Arc;

use openidconnect::IssuerUrl;
use openidconnect::core::CoreProviderMetadata;
use tokio::sync::Mutex;
use umbel_domain::Timestamp;

use super::unavailable;
use crate::error::Result;
use crate::outbound::Outbound;

/// How long it is kept.
const KEPT_SECONDS: i64 = 60 * 60;
/// How old it is at least before it is asked for again because of a key that is not in it.
const RENEWED_SECONDS: i64 = 60;
/// How long it is remembered that the provider did not say it.
const FAILED_SECONDS: i64 = 5;

#[derive(Default)]
pub(super) struct Metadata(Mutex<Option<Kept>>);

struct Kept {
    at: Timestamp,
    /// Nothing where the provider did not say it.
    metadata: Option<Arc<CoreProviderMetadata>>,
}

impl Kept {
    fn is_good(&self, now: Timestamp, newer: bool) -> bool {
        let seconds = match (&self.metadata, newer) {
            (None, _) => FAILED_SECONDS,
            (Some(_), true) => RENEWED_SECONDS,
            (Some(_), false) => KEPT_SECONDS,
        };
        now.micros() - self.at.micros() < seconds * 1_000_000
    }
}

impl Metadata {
    /// What is kept, or else what the provider says now; whoever comes meanwhile waits for the same answer.
    pub(super) async fn get(
        &self,
        issuer: &IssuerUrl,
        outbound: &Outbound,
        now: Timestamp,
        newer: bool,
    ) -> Result<Arc<CoreProviderMetadata>> {
        let mut kept = self.0.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_good(now, newer)) {
            let failed = std::io::Error::other("it did not a moment ago");
            return kept.metadata.clone().ok_or_else(|| unavailable(&failed));
        }
        let found = CoreProviderMetadata::discover_async(issuer.clone(), outbound).await;
        let found = found.map(Arc::new).map_err(|error| unavailable(&error));
        *kept = Some(Kept { at: now, metadata: found.as_ref().ok().cloned() });
        found
    }
}
