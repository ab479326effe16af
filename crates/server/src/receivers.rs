//! Where streams of the audit log go: what is sent to each kind of destination, and what counts as taken.

mod objects;
mod syslog;
mod webhook;

use std::path::PathBuf;

use umbel_domain::audit::{Destination, DestinationKind, Record, Stream};
use umbel_domain::{Invalid, Timestamp};

use crate::outbound::Outbound;
pub(crate) use webhook::SigningKey;

/// The most seconds that a receiver may ask to wait, as it says it; what is done about it has a limit of its own.
const RETRY_AFTER_SECONDS_MAX: i64 = 24 * 60 * 60;

/// Sends entries to where streams go.
#[derive(Clone)]
pub(crate) struct Receivers {
    outbound: Outbound,
    key: SigningKey,
    /// Under which files of streams lie; without it there are none.
    folder: Option<PathBuf>,
}

/// Entries that are sent together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parcel<'a> {
    pub(crate) stream: &'a Stream,
    pub(crate) records: &'a [Record],
    /// The leaf at which they begin: a parcel that is sent again begins at the same one.
    pub(crate) first: u64,
    /// How many entries were delivered before: of what is replayed there are more than the first time.
    pub(crate) sent_before: u64,
    pub(crate) now: Timestamp,
}

/// Why entries were not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undelivered {
    pub(crate) reason: String,
    /// How many seconds the receiver asks to wait.
    pub(crate) retry_after_seconds: Option<i64>,
    /// Whether it wants nothing any more.
    pub(crate) for_good: bool,
    /// Whether it may take fewer entries at once.
    pub(crate) too_large: bool,
}

impl From<String> for Undelivered {
    fn from(reason: String) -> Self {
        Self { reason, retry_after_seconds: None, for_good: false, too_large: false }
    }
}

/// How much is sent together, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Entries of a parcel.
    pub(crate) entries_max: usize,
    /// Seconds from one parcel to the next, so that it is worth it.
    pub(crate) seconds: i64,
}

impl Pace {
    pub(crate) fn of(kind: &DestinationKind) -> Self {
        match kind {
            DestinationKind::Webhook | DestinationKind::Syslog { .. } => Self { entries_max: 100, seconds: 0 },
            DestinationKind::Bucket { .. } | DestinationKind::Folder { .. } => Self { entries_max: 10_000, seconds: 60 },
        }
    }
}

impl Receivers {
    pub(crate) fn new(outbound: Outbound, key: SigningKey, folder: Option<PathBuf>) -> Self {
        Self { outbound, key, folder }
    }

    /// The secret that requests of a stream are signed with now.
    pub(crate) fn signing_secret(&self, stream: &Stream) -> Option<String> {
        matches!(stream.destination.kind, DestinationKind::Webhook)
            .then(|| self.key.secret(stream, stream.secret_number).to_string())
    }

    /// Refuses a destination that this server does not send to; names the member that is wrong.
    pub(crate) fn check(&self, destination: &Destination) -> Result<(), (&'static str, Invalid)> {
        for (member, url) in destination.reaches() {
            self.outbound.check(url).map_err(|reason| (member, Invalid(reason)))?;
        }
        if matches!(destination.kind, DestinationKind::Folder { .. }) && self.folder.is_none() {
            return Err(("url", Invalid("cannot be a file: the operator has set no `stream_directory`".into())));
        }
        Ok(())
    }

    /// Sends entries once.
    pub(crate) async fn send(&self, parcel: Parcel<'_>) -> Result<(), Undelivered> {
        match &parcel.stream.destination.kind {
            DestinationKind::Webhook => webhook::send(&self.outbound, &self.key, parcel).await,
            DestinationKind::Bucket { .. } | DestinationKind::Folder { .. } => {
                let (store, prefix) = objects::open(&self.outbound, self.folder.as_deref(), parcel.stream).await?;
                Ok(objects::send(&*store, &prefix, parcel).await?)
            }
            DestinationKind::Syslog { host, port, tls } => Ok(syslog::send(&self.outbound, (host, *port, *tls), parcel).await?),
        }
    }

    /// Sends something that is no entry, to see whether it is taken.
    pub(crate) async fn test(&self, stream: &Stream, now: Timestamp) -> Result<(), Undelivered> {
        match &stream.destination.kind {
            DestinationKind::Webhook => webhook::test(&self.outbound, &self.key, stream, now).await,
            DestinationKind::Bucket { .. } | DestinationKind::Folder { .. } => {
                let (store, prefix) = objects::open(&self.outbound, self.folder.as_deref(), stream).await?;
                Ok(objects::test(&*store, &prefix).await?)
            }
            DestinationKind::Syslog { host, port, tls } => Ok(syslog::test(&self.outbound, (host, *port, *tls), now).await?),
        }
    }
}
