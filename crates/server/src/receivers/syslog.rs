//! Syslog: each entry as a message of RFC 5424, framed by its length (RFC 6587), over TCP or TLS (RFC 5425).

use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use umbel_domain::Timestamp;
use umbel_domain::audit::{Field, Record};

use super::Parcel;
use crate::outbound::Outbound;
use crate::wire;

/// How long writing the messages of a parcel may take.
const WRITE_MAX: Duration = Duration::from_secs(10);
/// How long the receiver may take to close the connection once everything is sent.
const CLOSE_MAX: Duration = Duration::from_secs(2);
/// The facility `log audit` with the severities `informational` and `warning`.
const INFORMATIONAL: u8 = 13 * 8 + 6;
const WARNING: u8 = 13 * 8 + 4;

/// Sends entries.
pub(super) async fn send(outbound: &Outbound, to: (&str, u16, bool), parcel: Parcel<'_>) -> Result<(), String> {
    let mut bytes = Vec::new();
    for record in parcel.records {
        let json = serde_json::to_string(&wire::audit_log::audit_entry(record)).map_err(|error| error.to_string())?;
        let refused = record.fields.get(Field::ActionResult).is_some_and(|result| &**result == "failure");
        let priority = if refused { WARNING } else { INFORMATIONAL };
        push(&mut bytes, priority, record.at, message_id(record), &json)?;
    }
    write(outbound, to, &bytes).await
}

/// Sends a message that is no entry.
pub(super) async fn test(outbound: &Outbound, to: (&str, u16, bool), now: Timestamp) -> Result<(), String> {
    let mut bytes = Vec::new();
    push(&mut bytes, INFORMATIONAL, now, "test", "a test of an audit stream")?;
    write(outbound, to, &bytes).await
}

/// The kind of resource, as far as it fits where a message says what type it is.
fn message_id(record: &Record) -> &str {
    let kind = record.fields.get(Field::ResourceType).map_or("-", |kind| kind);
    if !kind.is_empty() && kind.len() <= 32 && kind.bytes().all(|byte| byte.is_ascii_graphic()) { kind } else { "-" }
}

/// Appends a message, its length in front.
fn push(bytes: &mut Vec<u8>, priority: u8, at: Timestamp, id: &str, text: &str) -> Result<(), String> {
    let at = at.to_datetime().format(&Rfc3339).map_err(|error| error.to_string())?;
    let message = format!("<{priority}>1 {at} - umbel - {id} - {text}");
    bytes.extend(format!("{} ", message.len()).as_bytes());
    bytes.extend(message.as_bytes());
    Ok(())
}

async fn write(outbound: &Outbound, (host, port, tls): (&str, u16, bool), bytes: &[u8]) -> Result<(), String> {
    let stream = outbound.connect(host, port).await?;
    if !tls {
        return hand_over(stream, bytes).await;
    }
    let name =
        ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|_| "its host has no name that TLS takes")?;
    let connected = tokio::time::timeout(WRITE_MAX, TlsConnector::from(outbound.tls()).connect(name, stream)).await;
    let stream = connected.map_err(|_| "the handshake took too long")?.map_err(|error| format!("cannot encrypt: {error}"))?;
    hand_over(stream, bytes).await
}

/// Writes everything, ends, and waits a moment for the receiver to end, too: it has no other way to say that it was there.
async fn hand_over(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Result<(), String> {
    let broke_off = |error: std::io::Error| format!("the connection broke off: {}", error.kind());
    let written = async {
        stream.write_all(bytes).await?;
        stream.flush().await?;
        stream.shutdown().await
    };
    tokio::time::timeout(WRITE_MAX, written).await.map_err(|_| "the receiver does not read")?.map_err(broke_off)?;
    let mut rest = [0; 64];
    match tokio::time::timeout(CLOSE_MAX, stream.read(&mut rest)).await {
        // A receiver that keeps the connection open has not refused it.
        Ok(Ok(_)) | Err(_) => Ok(()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(()),
        Ok(Err(error)) => Err(broke_off(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_length_in_front() {
        let mut bytes = Vec::new();
        push(&mut bytes, INFORMATIONAL, Timestamp::from_micros(1_767_323_045_123_456), "account", r#"{"é":1}"#).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (length, message) = text.split_once(' ').unwrap();
        assert_eq!(message, r#"<110>1 2026-01-02T03:04:05.123456Z - umbel - account - {"é":1}"#);
        assert_eq!(length.parse(), Ok(message.len()));
    }
}
