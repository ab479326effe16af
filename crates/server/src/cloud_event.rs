//! Reading CloudEvents 1.0 as HTTP carries them: a batch, one event as JSON, or one with its attributes in headers.

mod binary;
mod members;

use std::borrow::Cow;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use umbel_api::Code;
use umbel_domain::{Invalid, Timestamp};
use umbel_store::usage::ContentHash;

use crate::app::App;
use crate::error::{Error, Result};
use crate::wire;
pub(crate) use members::Members;

/// The most events of a batch.
pub(crate) const EVENTS_MAX: usize = 10_000;
/// The most bytes of an attribute.
const ATTRIBUTE_LENGTH_MAX: usize = 1 << 10;

const BATCH: &str = "application/cloudevents-batch";
const SINGLE: &str = "application/cloudevents";

/// The body of a request that carries events.
pub(crate) struct Events {
    mode: Mode,
    body: Bytes,
    headers: HeaderMap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Batched,
    Structured,
    Binary,
}

/// An event as it came: who it says that it is, as far as that can be read, and what it says, or why it cannot be read.
pub(crate) struct Received<'a> {
    pub(crate) id: Cow<'a, str>,
    pub(crate) source: Cow<'a, str>,
    pub(crate) event: std::result::Result<Event<'a>, String>,
}

/// What an event says.
pub(crate) struct Event<'a> {
    pub(crate) kind: Cow<'a, str>,
    pub(crate) subject: Cow<'a, str>,
    /// When it happened; `None` when it does not say.
    pub(crate) time: Option<Timestamp>,
    pub(crate) data: Members<'a>,
    /// A hash of all of this.
    pub(crate) content: ContentHash,
}

impl FromRequest<App> for Events {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let headers = request.headers().clone();
        let mode = mode(&headers)?;
        let body = crate::body::bytes(request).await?;
        Ok(Self { mode, body, headers })
    }
}

fn mode(headers: &HeaderMap) -> Result<Mode> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let refused = |message: String| Err(Error::at(Code::InvalidHeader, "/header/Content-Type", message));
    // The longer one first: it begins like the other.
    for (prefix, mode) in [(BATCH, Mode::Batched), (SINGLE, Mode::Structured)] {
        match media_type.strip_prefix(prefix) {
            Some("" | "+json") => return Ok(mode),
            Some(format) if mode == Mode::Structured || format.starts_with('+') => {
                return refused(format!("{media_type} is not read; send {prefix}+json"));
            }
            _ => {}
        }
    }
    if headers.contains_key("ce-specversion") {
        return Ok(Mode::Binary);
    }
    refused(format!("send {BATCH}+json, {SINGLE}+json, or the attributes of an event in headers like ce-id"))
}

impl Events {
    /// The events, each for itself; refused when there are none to be told apart.
    pub(crate) fn read(&self) -> Result<Vec<Received<'_>>> {
        match self.mode {
            Mode::Binary => Ok(vec![binary::read(&self.headers, &self.body)]),
            Mode::Structured => {
                let event: &RawValue = serde_json::from_slice(&self.body).map_err(|error| not_json(&error))?;
                Ok(vec![structured(event)])
            }
            Mode::Batched => {
                let events: Vec<&RawValue> = serde_json::from_slice(&self.body).map_err(|error| not_json(&error))?;
                if events.len() > EVENTS_MAX {
                    let message = format!("the batch has {} events; send at most {EVENTS_MAX} at once", events.len());
                    return Err(Error::new(Code::InvalidBody, message));
                }
                Ok(events.into_iter().map(structured).collect())
            }
        }
    }
}

fn not_json(error: &serde_json::Error) -> Error {
    let what = if error.is_data() { "the body is not what its Content-Type says" } else { "the body is not JSON" };
    Error::new(Code::InvalidBody, format!("{what}: {error}"))
}

/// The attributes that count; others are extensions. What is `null` is not there.
#[derive(Default, Deserialize)]
struct Attributes<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    #[serde(borrow)]
    specversion: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    event_type: Option<&'a RawValue>,
    #[serde(borrow)]
    subject: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    datacontenttype: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    data_base64: Option<&'a RawValue>,
}

/// A string, borrowed from the text unless it is spelled with escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn structured(event: &RawValue) -> Received<'_> {
    let attributes = match serde_json::from_str::<Attributes<'_>>(event.get()) {
        Ok(attributes) if event.get().starts_with('{') => attributes,
        read => {
            let reason = read.err().map_or_else(|| "must be an object".to_owned(), |error| without_place(&error));
            return Received { id: "".into(), source: "".into(), event: Err(format!("the event cannot be read: {reason}")) };
        }
    };
    let (id, source) = (identifier("id", attributes.id), identifier("source", attributes.source));
    let shown = |text: &std::result::Result<Cow<'_, str>, String>| text.as_ref().map(ToString::to_string).unwrap_or_default();
    let (shown_id, shown_source) = (shown(&id), shown(&source));
    let event = id.and(source).and_then(|source| {
        must_be_reference(&source)?;
        said(&attributes)
    });
    Received { id: shown_id.into(), source: shown_source.into(), event }
}

fn said<'a>(attributes: &Attributes<'a>) -> std::result::Result<Event<'a>, String> {
    if required("specversion", attributes.specversion)? != "1.0" {
        return Err("specversion must be 1.0".into());
    }
    let event_type = required("type", attributes.event_type)?;
    let subject = required("subject", attributes.subject)?;
    let time = attributes.time.map(|time| text("time", time)).transpose()?;
    let content_type = attributes.datacontenttype.map(|value| text("datacontenttype", value)).transpose()?;
    must_be_json(content_type.as_deref())?;
    let data = match (attributes.data, attributes.data_base64) {
        (Some(_), Some(_)) => return Err("data and data_base64 exclude each other; leave one out".into()),
        (Some(data), None) => Some(Cow::Borrowed(data.get())),
        (None, Some(encoded)) => Some(Cow::Owned(decoded(&text("data_base64", encoded)?)?)),
        (None, None) => None,
    };
    event(event_type, subject, time.as_deref(), data)
}

/// Puts an event together.
fn event<'a>(
    event_type: Cow<'a, str>,
    subject: Cow<'a, str>,
    time: Option<&str>,
    data: Option<Cow<'a, str>>,
) -> std::result::Result<Event<'a>, String> {
    let time = time.map(|text| wire::timestamp(text).map_err(|Invalid(reason)| format!("time {reason}"))).transpose()?;
    let mut hash = Sha256::new();
    for part in [event_type.as_bytes(), subject.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update([u8::from(time.is_some())]);
    hash.update(time.map_or(0, Timestamp::micros).to_be_bytes());
    hash.update(members::minified(data.as_deref().unwrap_or_default()));
    let mut content = [0; 8];
    content.copy_from_slice(&hash.finalize()[..8]);
    Ok(Event { kind: event_type, subject, time, data: Members::read(data)?, content })
}

fn text<'a>(name: &str, value: &'a RawValue) -> std::result::Result<Cow<'a, str>, String> {
    let Text(text) = serde_json::from_str(value.get()).map_err(|_| format!("{name} must be a string"))?;
    must_be_short(name, &text)?;
    Ok(text)
}

fn must_be_short(name: &str, text: &str) -> std::result::Result<(), String> {
    // Encoded data is no attribute.
    if text.len() > ATTRIBUTE_LENGTH_MAX && name != "data_base64" {
        return Err(format!("{name} must have at most {ATTRIBUTE_LENGTH_MAX} bytes"));
    }
    Ok(())
}

fn required<'a>(name: &str, value: Option<&'a RawValue>) -> std::result::Result<Cow<'a, str>, String> {
    let value = value.ok_or_else(|| format!("{name} is missing"))?;
    let text = text(name, value)?;
    if text.is_empty() { Err(format!("{name} must not be empty")) } else { Ok(text) }
}

fn identifier<'a>(name: &str, value: Option<&'a RawValue>) -> std::result::Result<Cow<'a, str>, String> {
    required(name, value)
}

/// Refuses what is no reference to a URI (RFC 3986): characters that one never has, and half an escape.
fn must_be_reference(source: &str) -> std::result::Result<(), String> {
    let mut bytes = source.bytes();
    while let Some(byte) = bytes.next() {
        let good = match byte {
            b'%' => bytes.next().is_some_and(|b| b.is_ascii_hexdigit()) && bytes.next().is_some_and(|b| b.is_ascii_hexdigit()),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte),
        };
        if !good {
            return Err("source must be a URI or a reference to one, with other characters escaped like %20".into());
        }
    }
    Ok(())
}

fn must_be_json(content_type: Option<&str>) -> std::result::Result<(), String> {
    let Some(content_type) = content_type else { return Ok(()) };
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media_type == "application/json" || media_type == "text/json" || media_type.ends_with("+json");
    if is_json { Ok(()) } else { Err("datacontenttype must be application/json".into()) }
}

fn decoded(encoded: &str) -> std::result::Result<String, String> {
    let bytes = STANDARD.decode(encoded).map_err(|_| "data_base64 is not base64")?;
    String::from_utf8(bytes).map_err(|_| "data_base64 is not JSON in UTF-8".to_owned())
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: &str) -> (String, String, std::result::Result<(), String>) {
        let raw: &RawValue = serde_json::from_str(event).unwrap();
        let received = structured(raw);
        (received.id.into_owned(), received.source.into_owned(), received.event.map(drop))
    }

    #[test]
    fn what_is_wrong_with_an_event_is_said_and_its_identity_is_told_as_far_as_it_can_be_read() {
        let good = r#"{"specversion":"1.0","id":"1","source":"/a?b=%20","type":"t","subject":"s","data":{"a":1},"ext":5}"#;
        assert_eq!(read(good), ("1".into(), "/a?b=%20".into(), Ok(())));
        for (from, to, id, reason) in [
            (r#""id":"1""#, r#""id":"""#, "", "id must not be empty"),
            (r#""id":"1""#, r#""id":1"#, "", "id must be a string"),
            (r#""id":"1""#, r#""id":null"#, "", "id is missing"),
            (r#""1.0""#, r#""0.3""#, "1", "specversion must be 1.0"),
            (
                r#""/a?b=%20""#,
                r#""a b""#,
                "1",
                "source must be a URI or a reference to one, with other characters escaped like %20",
            ),
            (
                r#""/a?b=%20""#,
                r#""a%2""#,
                "1",
                "source must be a URI or a reference to one, with other characters escaped like %20",
            ),
            (r#""data":"#, r#""time":"yesterday","data":"#, "1", "time must be a time like 2027-01-02T03:04:05Z"),
            (r#""data":"#, r#""datacontenttype":"text/csv","data":"#, "1", "datacontenttype must be application/json"),
            (r#""data":"#, r#""data_base64":"e30=","data":"#, "1", "data and data_base64 exclude each other; leave one out"),
            (r#""data":{"a":1}"#, r#""data_base64":"*""#, "1", "data_base64 is not base64"),
            (r#""data":{"a":1}"#, r#""data":[1]"#, "1", "data must be an object"),
            (r#""data":{"a":1}"#, r#""data":{"a":1,"a":2}"#, "1", "data has the member `a` twice"),
            (r#""id":"1""#, r#""id":"1","id":"2""#, "", "the event cannot be read: duplicate field `id`"),
        ] {
            let bad = good.replacen(from, to, 1);
            let (read_id, _, event) = read(&bad);
            assert_eq!((read_id.as_str(), event), (id, Err(reason.to_owned())), "{bad}");
        }
        for no_object in ["[]", "1", "null", "\"x\""] {
            assert!(read(no_object).2.is_err(), "{no_object}");
        }
    }

    #[test]
    fn the_content_is_the_same_however_it_is_spaced_and_another_one_when_anything_else_differs() {
        let content = |data: &'static str, time: Option<&str>| {
            event("t".into(), "s".into(), time, Some(data.into())).map_err(drop).unwrap().content
        };
        let one = content(r#"{"a":1,"b":"x y"}"#, None);
        assert_eq!(content("{ \"a\" :1,\n\t\"b\": \"x y\" }", None), one);
        for other in [r#"{"a":2,"b":"x y"}"#, r#"{"a":1,"b":"xy"}"#, r#"{"a":1}"#] {
            assert_ne!(content(other, None), one);
        }
        let timed = content(r#"{"a":1,"b":"x y"}"#, Some("2026-01-01T00:00:00Z"));
        assert_ne!(timed, one);
        assert_eq!(content(r#"{"a":1,"b":"x y"}"#, Some("2026-01-01T01:00:00+01:00")), timed);
    }

    #[test]
    fn the_mode_follows_from_the_content_type() {
        let of = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()));
            mode(&headers.collect()).ok()
        };
        assert_eq!(of(&[("content-type", "application/CloudEvents-Batch+json; charset=utf-8")]), Some(Mode::Batched));
        assert_eq!(of(&[("content-type", "application/cloudevents+json")]), Some(Mode::Structured));
        assert_eq!(of(&[("content-type", "application/json"), ("ce-specversion", "1.0")]), Some(Mode::Binary));
        for refused in
            ["application/json", "application/cloudevents+avro", "application/cloudevents-batch+xml", "application/cloudeventsx"]
        {
            assert_eq!(of(&[("content-type", refused)]), None, "{refused}");
        }
    }
}
