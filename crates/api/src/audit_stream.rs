//! Streams of the audit log.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Where an audit log is sent on to, entry by entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditStream {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff60")]
    pub id: String,
    /// The organization whose log it sends.
    pub organization_id: String,
    /// What people call it.
    #[schema(example = "siem")]
    pub name: String,
    /// Where it goes.
    #[schema(example = "https://siem.example.com/umbel")]
    pub url: String,
    /// The region of the bucket.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "eu-central-1")]
    pub region: Option<String>,
    /// The URL of the object store, where it is not Amazon's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub endpoint: Option<String>,
    /// The id of the key to the bucket.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub access_key_id: Option<String>,
    /// Whether it sends the logs of all organizations below, too.
    pub include_descendants: bool,
    /// Whether it sends; what it does not send waits.
    pub enabled: bool,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// When somebody last changed it.
    #[serde(with = "time::serde::rfc3339")]
    pub update_time: OffsetDateTime,
    /// The secret that its requests are signed with, `whsec_` and base64, where it was just made; it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub signing_secret: Option<String>,
}

/// How the delivery of a stream goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditStreamStatus {
    /// Whether it sends, waits for something to send, or cannot.
    pub state: AuditStreamState,
    /// Where it goes on: the `index` that the proof of the next entry has which it looks at, in the whole tree of organizations.
    pub next_index: u64,
    /// How many entries of the whole tree of organizations it has not looked at.
    pub behind: u64,
    /// How many entries were delivered, those that were delivered again counted again.
    pub delivered: u64,
    /// When entries were last delivered.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub delivered_at: Option<OffsetDateTime>,
    /// How often in a row it failed since then.
    pub failures: u32,
    /// Why it failed last, if it did since then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "the receiver answered 500")]
    pub error: Option<String>,
    /// When it is tried again, if it failed.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub next_attempt_at: Option<OffsetDateTime>,
    /// The test that was last asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub test: Option<AuditStreamTest>,
}

/// What a stream does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditStreamState {
    /// Everything is delivered.
    UpToDate,
    /// It delivers, and is not at the end.
    Behind,
    /// The receiver does not take it; it is tried again.
    Failing,
    /// It is switched off.
    Disabled,
}

/// A test of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditStreamTest {
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub requested_at: OffsetDateTime,
    /// When it was made; absent while it is not.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub finished_at: Option<OffsetDateTime>,
    /// Why it failed; absent when it did not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub error: Option<String>,
}

/// Makes a stream, which begins with what happens from now on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CreateAuditStream {
    /// 1 to 100 characters.
    #[schema(example = "siem")]
    pub name: String,
    /// `https://` for signed webhooks, `s3://BUCKET/PREFIX` for objects of NDJSON, `file:///PREFIX` for files of the server,
    /// `syslogs://HOST:PORT` or `syslog://HOST:PORT` for messages of RFC 5424 over TLS or TCP.
    #[schema(example = "https://siem.example.com/umbel")]
    pub url: String,
    /// The region of the bucket.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub region: Option<String>,
    /// The URL of an object store that speaks S3.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub endpoint: Option<String>,
    /// The id of the key to the bucket.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub access_key_id: Option<String>,
    /// The key to the bucket, which is never shown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret_access_key: Option<String>,
    /// Whether to send the logs of all organizations below, too; `false` by default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub include_descendants: Option<bool>,
    /// Whether it sends; `true` by default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub enabled: Option<bool>,
}

/// Changes a stream; what is left out stays. Of its destination nothing stays when there is a new `url`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct UpdateAuditStream {
    /// 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Where it goes from now on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// The region of the bucket.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub region: Option<String>,
    /// The URL of an object store that speaks S3.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub endpoint: Option<String>,
    /// The id of the key to the bucket.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub access_key_id: Option<String>,
    /// The key to the bucket, which is never shown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret_access_key: Option<String>,
    /// Whether to send the logs of all organizations below, too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub include_descendants: Option<bool>,
    /// Whether it sends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub enabled: Option<bool>,
}

/// Has a stream send again what it has sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReplayAuditStream {
    /// From when on, RFC 3339.
    #[schema(example = "2026-01-02T03:04:05Z")]
    pub since: String,
}
