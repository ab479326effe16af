//! Webhooks as the Standard Webhooks specification has them: an id, a time and a signature over both and the body.

use std::fmt;
use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use reqwest::{Method, Request};
use serde::Serialize;
use sha2::Sha256;
use umbel_api as api;
use umbel_domain::audit::Stream;
use umbel_domain::{Timestamp, secret};

use super::{Parcel, RETRY_AFTER_SECONDS_MAX, Undelivered};
use crate::outbound::Outbound;
use crate::wire;

/// Bytes of an answer that are read; what is longer ends the connection.
const ANSWER_READ_MAX: u64 = 64 << 10;

/// What the secrets of all streams follow from, so that none is kept.
#[derive(Clone)]
pub(crate) struct SigningKey(Vec<u8>);

/// What a receiver checks signatures with.
pub(crate) struct SigningSecret([u8; 32]);

/// The form in which it is handed over, `whsec_` and base64.
impl fmt::Display for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "whsec_{}", STANDARD.encode(self.0))
    }
}

impl SigningKey {
    /// The key, as any text that nobody else knows.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    /// The secret of a stream with that number.
    pub(crate) fn secret(&self, stream: &Stream, number: u32) -> SigningSecret {
        let about = format!("audit stream {} {} {number}", stream.organization_id, stream.id);
        SigningSecret(mac(&self.0, &[about.as_bytes()]))
    }

    /// The signatures of a message, one by each secret that counts now.
    fn signatures(&self, stream: &Stream, id: &str, now: Timestamp, body: &[u8]) -> String {
        let mut signatures = String::new();
        for number in stream.secret_numbers(now) {
            let secret = self.secret(stream, number);
            let signed = format!("{id}.{}.", seconds(now));
            let signature = STANDARD.encode(mac(&secret.0, &[signed.as_bytes(), body]));
            // Writing to a string does not fail.
            _ = write!(signatures, "{}v1,{signature}", if signatures.is_empty() { "" } else { " " });
        }
        signatures
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: time::OffsetDateTime,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    stream_id: &'a str,
    organization_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entries: Vec<api::AuditEntry>,
}

/// Sends entries; a message that is sent again has the same id.
pub(super) async fn send(outbound: &Outbound, key: &SigningKey, parcel: Parcel<'_>) -> Result<(), Undelivered> {
    let (Some(first), Some(last)) = (parcel.records.first(), parcel.records.last()) else { return Ok(()) };
    let sent_before = parcel.sent_before.to_string();
    let id = format!("msg_{}", id_of(&[parcel.stream.id.as_str(), first.id.as_str(), last.id.as_str(), &sent_before]));
    let entries = parcel.records.iter().map(wire::audit_log::audit_entry).collect();
    post(outbound, key, parcel.stream, &id, ("audit_log.entries", entries), parcel.now).await
}

/// Sends a message without entries.
pub(super) async fn test(outbound: &Outbound, key: &SigningKey, stream: &Stream, now: Timestamp) -> Result<(), Undelivered> {
    let id = format!("msg_{}", id_of(&[stream.id.as_str(), &now.micros().to_string()]));
    post(outbound, key, stream, &id, ("audit_log.test", Vec::new()), now).await
}

fn id_of(parts: &[&str]) -> String {
    let hash = secret::hash(&parts.join(" "));
    secret::to_hex(&hash[..16])
}

async fn post(
    outbound: &Outbound,
    key: &SigningKey,
    stream: &Stream,
    id: &str,
    (kind, entries): (&'static str, Vec<api::AuditEntry>),
    now: Timestamp,
) -> Result<(), Undelivered> {
    let data = Data { stream_id: stream.id.as_str(), organization_id: stream.organization_id.as_str(), entries };
    let body = serde_json::to_vec(&Message { kind, timestamp: now.to_datetime(), data }).map_err(|error| error.to_string())?;
    let url = stream.destination.url.parse().map_err(|_| "its URL cannot be used".to_owned())?;
    let mut request = Request::new(Method::POST, url);
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (HeaderName::from_static("webhook-id"), id.to_owned()),
        (HeaderName::from_static("webhook-timestamp"), seconds(now).to_string()),
        (HeaderName::from_static("webhook-signature"), key.signatures(stream, id, now, &body)),
    ];
    for (name, value) in headers {
        let value = HeaderValue::from_str(&value).map_err(|error| error.to_string())?;
        request.headers_mut().insert(name, value);
    }
    *request.body_mut() = Some(body.into());
    let answer = outbound.send(request).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    if answer.content_length().is_some_and(|length| length <= ANSWER_READ_MAX) {
        // Read to its end, so that the connection can be used again; it says nothing that counts.
        _ = answer.bytes().await;
    }
    if status.is_success() {
        return Ok(());
    }
    let more = if status.is_redirection() { ", and redirects are not followed" } else { "" };
    Err(Undelivered {
        reason: format!("the receiver answered {}{more}", status.as_u16()),
        retry_after_seconds: retry_after(&headers),
        for_good: status == http::StatusCode::GONE,
        too_large: status == http::StatusCode::PAYLOAD_TOO_LARGE,
    })
}

fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let seconds: i64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(seconds.clamp(0, RETRY_AFTER_SECONDS_MAX))
}
