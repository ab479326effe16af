//! Streams: the audit log as it is sent on, entry by entry, to where an organization wants to have it.

use url::Url;

use crate::{AuditStreamId, Invalid, Name, OrganizationId, Timestamp};

/// A stream, as it was set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its id.
    pub id: AuditStreamId,
    /// Whose log it sends.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub name: Name,
    /// Where it goes.
    pub destination: Destination,
    /// Whether it sends the logs of all organizations below, too.
    pub include_descendants: bool,
    /// Whether it sends at all; what it does not send waits.
    pub enabled: bool,
    /// The number of its signing secret: one more each time a new one is made.
    pub secret_number: u32,
    /// Since when that secret signs.
    pub secret_time: Timestamp,
    /// Since when the stream exists.
    pub create_time: Timestamp,
    /// When it was last changed by somebody.
    pub update_time: Timestamp,
    /// Guards against lost updates.
    pub version: i64,
}

impl Stream {
    /// The most streams of one organization.
    pub const PER_ORGANIZATION_MAX: usize = 20;
    /// How long the secret before the present one still signs, so that a receiver can take the new one over.
    pub const OLD_SECRET_SECONDS: i64 = 24 * 60 * 60;

    /// The numbers of the secrets that sign at `now`, the newest first.
    pub fn secret_numbers(&self, now: Timestamp) -> impl Iterator<Item = u32> {
        let old = self.secret_number.checked_sub(1).filter(|_| now < self.secret_time.plus_seconds(Self::OLD_SECRET_SECONDS));
        std::iter::once(self.secret_number).chain(old)
    }
}

/// Where a stream goes: what its URL says, and what an object store needs beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Destination {
    /// The URL, as its parser writes it.
    pub url: String,
    /// What the URL means.
    pub kind: DestinationKind,
    /// The region of an object store.
    pub region: Option<String>,
    /// The URL of an object store that is not Amazon's.
    pub endpoint: Option<String>,
    /// The id of the key to an object store.
    pub access_key_id: Option<String>,
    /// The key itself, a secret.
    pub secret_access_key: Option<String>,
}

/// The kinds of destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DestinationKind {
    /// Signed requests to a URL (Standard Webhooks).
    Webhook,
    /// Objects of NDJSON in a bucket that speaks S3.
    Bucket {
        /// The bucket.
        name: String,
        /// What the names of the objects begin with.
        prefix: String,
    },
    /// Files of NDJSON in a folder of the server.
    Folder {
        /// The folder below that of the organization.
        prefix: String,
    },
    /// Messages of RFC 5424, over TCP.
    Syslog {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// Whether the connection is encrypted (RFC 5425).
        tls: bool,
    },
}

/// Shows no secret, and of the URL only where it leads: some carry one in their path.
impl std::fmt::Debug for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = Url::parse(&self.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        f.debug_struct("Destination").field("host", &host).finish_non_exhaustive()
    }
}

/// What a destination is read from.
#[derive(Debug, Clone, Copy, Default)]
pub struct DestinationText<'a> {
    /// The URL.
    pub url: &'a str,
    /// The region of an object store.
    pub region: Option<&'a str>,
    /// The URL of an object store.
    pub endpoint: Option<&'a str>,
    /// The id of its key.
    pub access_key_id: Option<&'a str>,
    /// Its key.
    pub secret_access_key: Option<&'a str>,
}

impl Destination {
    /// The most characters of a URL.
    pub const URL_LENGTH_MAX: usize = 2048;
    /// The most characters of anything else.
    pub const MEMBER_LENGTH_MAX: usize = 256;
    /// The port of syslog over TLS (RFC 5425), and, as servers have it, without.
    const SYSLOG_PORT: u16 = 6514;

    /// Reads a destination; what is wrong is named by its member.
    pub fn parse(text: &DestinationText<'_>) -> Result<Self, Vec<(&'static str, Invalid)>> {
        let mut faults = Vec::new();
        let url = parse_url(text.url).map_err(|invalid| faults.push(("url", invalid))).ok();
        let kind = url.as_ref().and_then(|url| kind(url).map_err(|invalid| faults.push(("url", invalid))).ok());
        let members = [
            ("region", text.region),
            ("endpoint", text.endpoint),
            ("access_key_id", text.access_key_id),
            ("secret_access_key", text.secret_access_key),
        ];
        let of_bucket = matches!(kind, Some(DestinationKind::Bucket { .. }));
        for (name, given) in members {
            if let Some(reason) = given.and_then(|given| fault_of_member(given, of_bucket || kind.is_none())) {
                faults.push((name, Invalid(reason)));
            }
        }
        if of_bucket && let Err(invalid) = check_bucket(text) {
            faults.push(invalid);
        }
        let endpoint = text.endpoint.and_then(|endpoint| {
            let endpoint = parse_url(endpoint).and_then(|endpoint| match endpoint.scheme() {
                "https" | "http" => Ok(endpoint.to_string()),
                _ => Err(Invalid("must be an https:// or http:// URL".into())),
            });
            endpoint.map_err(|invalid| faults.push(("endpoint", invalid))).ok()
        });
        match (url, kind) {
            (Some(url), Some(kind)) if faults.is_empty() => Ok(Self {
                url: url.to_string(),
                kind,
                region: text.region.map(str::to_owned),
                endpoint,
                access_key_id: text.access_key_id.map(str::to_owned),
                secret_access_key: text.secret_access_key.map(str::to_owned),
            }),
            _ => Err(faults),
        }
    }

    /// The URLs that lead out of the server, with the members that they stand in.
    pub fn reaches(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let url = match self.kind {
            DestinationKind::Webhook | DestinationKind::Syslog { .. } => Some(("url", self.url.as_str())),
            DestinationKind::Bucket { .. } | DestinationKind::Folder { .. } => None,
        };
        url.into_iter().chain(self.endpoint.as_deref().map(|endpoint| ("endpoint", endpoint)))
    }
}

fn parse_url(text: &str) -> Result<Url, Invalid> {
    if text.chars().count() > Destination::URL_LENGTH_MAX {
        return Err(Invalid(format!("must have at most {} characters", Destination::URL_LENGTH_MAX)));
    }
    let url = Url::parse(text).map_err(|error| Invalid(format!("must be a URL: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(Invalid("must have neither user, password nor fragment".into()));
    }
    Ok(url)
}

fn kind(url: &Url) -> Result<DestinationKind, Invalid> {
    let bare = || if url.query().is_some() { Err(Invalid("must have no query".into())) } else { Ok(()) };
    let host = || url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| Invalid("must name a host".into()));
    match url.scheme() {
        "https" | "http" => Ok(DestinationKind::Webhook),
        "s3" => {
            bare()?;
            let name = url.host_str().filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| Invalid("must name a bucket, as in s3://bucket/prefix".into()))?;
            Ok(DestinationKind::Bucket { name: name.to_owned(), prefix: prefix(url)? })
        }
        "file" => {
            bare()?;
            if url.host().is_some() {
                return Err(Invalid("must have three slashes, as in file:///prefix".into()));
            }
            Ok(DestinationKind::Folder { prefix: prefix(url)? })
        }
        "syslog" | "syslogs" => {
            bare()?;
            if !matches!(url.path(), "" | "/") {
                return Err(Invalid("must have no path".into()));
            }
            let (host, port) = (host()?.to_owned(), url.port().unwrap_or(Destination::SYSLOG_PORT));
            Ok(DestinationKind::Syslog { host, port, tls: url.scheme() == "syslogs" })
        }
        _ => Err(Invalid("must begin with https://, s3://, file://, syslogs:// or syslog://".into())),
    }
}

/// What a path says of names of files: no step leads upwards, and there is nothing that some system takes for more than a name.
fn prefix(url: &Url) -> Result<String, Invalid> {
    let prefix = url.path().trim_matches('/');
    let is_name = |name: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=');
        !name.is_empty() && name.chars().all(plain) && !name.starts_with('.')
    };
    if prefix.is_empty() || prefix.split('/').all(is_name) {
        return Ok(prefix.to_owned());
    }
    Err(Invalid("must have a path of names of letters, digits, `-`, `_`, `=` and `.`, that do not begin with `.`".into()))
}

fn fault_of_member(given: &str, may_be_given: bool) -> Option<String> {
    let limit = Destination::MEMBER_LENGTH_MAX;
    if !may_be_given {
        return Some("belongs to s3:// alone; leave it out".into());
    }
    let plain = !given.is_empty() && given.len() <= limit && given.bytes().all(|byte| byte.is_ascii_graphic());
    (!plain).then(|| format!("must have 1 to {limit} printable ASCII characters without spaces"))
}

fn check_bucket(text: &DestinationText<'_>) -> Result<(), (&'static str, Invalid)> {
    let missing = |member| Err((member, Invalid("must be given for s3://".into())));
    if text.region.is_none() && text.endpoint.is_none() {
        return Err(("region", Invalid("must be given for s3://, unless there is an endpoint".into())));
    }
    match (text.access_key_id, text.secret_access_key) {
        (None, _) => missing("access_key_id"),
        (_, None) => missing("secret_access_key"),
        _ => Ok(()),
    }
}

/// How far a stream got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How many entries were delivered, those that were delivered again counted again.
    pub delivered: u64,
    /// When entries were last delivered.
    pub delivered_at: Option<Timestamp>,
    /// How often it failed since then.
    pub failures: u32,
    /// Why it failed last, when it did since.
    pub error: Option<String>,
    /// When it is tried again.
    pub next_attempt_at: Timestamp,
    /// When a test was last asked for.
    pub test_requested_at: Option<Timestamp>,
    /// When that test was made.
    pub tested_at: Option<Timestamp>,
    /// Why it failed, when it did.
    pub test_error: Option<String>,
}

impl Progress {
    /// The longest pause between two tries, in seconds.
    pub const PAUSE_SECONDS_MAX: i64 = 60 * 60;
    /// The first pause, in seconds; each further one is twice as long.
    const PAUSE_SECONDS: i64 = 5;

    /// What a new stream begins with.
    pub fn new(now: Timestamp) -> Self {
        Self {
            delivered: 0,
            delivered_at: None,
            failures: 0,
            error: None,
            next_attempt_at: now,
            test_requested_at: None,
            tested_at: None,
            test_error: None,
        }
    }

    /// How many seconds to wait after so many failures in a row, where the receiver asked for `asked`.
    pub fn pause_seconds(failures: u32, asked: Option<i64>) -> i64 {
        let doubled = Self::PAUSE_SECONDS << failures.saturating_sub(1).min(20);
        doubled.max(asked.unwrap_or(0)).min(Self::PAUSE_SECONDS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<DestinationKind, String> {
        let text = DestinationText {
            url,
            region: url.starts_with("s3").then_some("eu-central-1"),
            access_key_id: url.starts_with("s3").then_some("AK"),
            secret_access_key: url.starts_with("s3").then_some("SK"),
            ..DestinationText::default()
        };
        Destination::parse(&text).map(|read| read.kind).map_err(|faults| format!("{faults:?}"))
    }

    #[test]
    fn the_scheme_of_a_url_says_what_it_is() {
        assert_eq!(read("https://example.com/hook?x=1"), Ok(DestinationKind::Webhook));
        let bucket = DestinationKind::Bucket { name: "logs".into(), prefix: "umbel/acme".into() };
        assert_eq!(read("s3://logs/umbel/acme/"), Ok(bucket));
        assert_eq!(read("s3://logs"), Ok(DestinationKind::Bucket { name: "logs".into(), prefix: String::new() }));
        assert_eq!(read("file:///siem/acme"), Ok(DestinationKind::Folder { prefix: "siem/acme".into() }));
        let syslog = |port, tls| Ok(DestinationKind::Syslog { host: "siem.example.com".into(), port, tls });
        assert_eq!(read("syslogs://siem.example.com"), syslog(6514, true));
        assert_eq!(read("syslog://siem.example.com:514"), syslog(514, false));
    }

    #[test]
    fn what_no_stream_can_go_to_is_refused() {
        for url in [
            "",
            "example.com",
            "ftp://example.com",
            "https://u:p@example.com/",
            "https://example.com/#x",
            "s3://",
            "s3:///x",
            "s3://b/.hidden",
            "s3://b/a//b",
            "s3://b/a?x",
            "file://host/x",
            "file:///a/%2e%2e%2fb",
            "file:///a%00",
            "syslog://",
            "syslog://h/path",
        ] {
            assert!(read(url).is_err(), "{url}");
        }
        // The parser takes steps upwards away, so that they lead nowhere.
        assert_eq!(read("file:///a/../../../etc"), Ok(DestinationKind::Folder { prefix: "etc".into() }));
    }

    #[test]
    fn a_bucket_needs_its_key_and_nothing_else_may_have_one() {
        let names = |text: DestinationText<'_>| {
            let faults = Destination::parse(&text).unwrap_err();
            faults.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let bucket = DestinationText { url: "s3://b", ..DestinationText::default() };
        assert_eq!(names(bucket), ["region"]);
        assert_eq!(names(DestinationText { region: Some("r"), ..bucket }), ["access_key_id"]);
        let with = DestinationText { region: Some("r"), access_key_id: Some("a"), ..bucket };
        assert_eq!(names(with), ["secret_access_key"]);
        assert_eq!(names(DestinationText { secret_access_key: Some("a b"), ..with }), ["secret_access_key"]);
        let full = DestinationText { secret_access_key: Some("s"), ..with };
        assert_eq!(names(DestinationText { endpoint: Some("ftp://x"), ..full }), ["endpoint"]);
        assert_eq!(names(DestinationText { url: "https://x", ..full }), ["region", "access_key_id", "secret_access_key"]);
        let secret = DestinationText { secret_access_key: Some("hunter2"), ..full };
        assert!(!format!("{:?}", Destination::parse(&secret).unwrap()).contains("hunter2"));
    }

    #[test]
    fn pauses_double_up_to_an_hour() {
        let pauses = [1, 2, 3, 10, 11, u32::MAX].map(|failures| Progress::pause_seconds(failures, None));
        assert_eq!(pauses, [5, 10, 20, 2560, 3600, 3600]);
        assert_eq!(Progress::pause_seconds(1, Some(120)), 120);
        assert_eq!(Progress::pause_seconds(1, Some(i64::MAX)), 3600);
    }

    #[test]
    fn the_secret_before_signs_for_another_day() {
        let at = Timestamp::from_micros(0);
        let stream = |secret_number| Stream {
            id: AuditStreamId::parse("s").unwrap(),
            organization_id: OrganizationId::parse("o").unwrap(),
            name: Name::parse("n", 10).unwrap(),
            destination: Destination::parse(&DestinationText { url: "https://x", ..DestinationText::default() }).unwrap(),
            include_descendants: false,
            enabled: true,
            secret_number,
            secret_time: at,
            create_time: at,
            update_time: at,
            version: 1,
        };
        let numbers = |number, now| stream(number).secret_numbers(now).collect::<Vec<_>>();
        assert_eq!(numbers(0, at), [0]);
        assert_eq!(numbers(2, at), [2, 1]);
        assert_eq!(numbers(2, at.plus_seconds(Stream::OLD_SECRET_SECONDS)), [2]);
    }
}
