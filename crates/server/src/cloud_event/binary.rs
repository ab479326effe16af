//! An event whose attributes are headers and whose data is the body.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};

use super::{Event, Received, event, must_be_json, must_be_reference, must_be_short};

const PREFIX: &str = "ce-";

pub(super) fn read<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Received<'a> {
    let shown = |name| attribute(headers, name).ok().flatten().unwrap_or_default().into();
    Received { id: shown("id"), source: shown("source"), event: said(headers, body) }
}

fn said<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Result<Event<'a>, String> {
    required(headers, "id")?;
    must_be_reference(&required(headers, "source")?)?;
    if required(headers, "specversion")? != "1.0" {
        return Err("specversion must be 1.0".into());
    }
    if headers.contains_key("ce-datacontenttype") {
        return Err("ce-datacontenttype must be left out: the Content-Type says it".into());
    }
    let content_type = headers.get(header::CONTENT_TYPE).map(header::HeaderValue::to_str);
    must_be_json(content_type.transpose().map_err(|_| "datacontenttype must be application/json")?)?;
    let data = std::str::from_utf8(body).map_err(|_| "data is not UTF-8")?;
    let data = Some(data).filter(|data| !data.is_empty()).map(Cow::Borrowed);
    let (event_type, subject) = (required(headers, "type")?, required(headers, "subject")?);
    event(event_type.into(), subject.into(), attribute(headers, "time")?.as_deref(), data)
}

fn required(headers: &HeaderMap, name: &str) -> Result<String, String> {
    let value = attribute(headers, name)?.ok_or_else(|| format!("{name} is missing"))?;
    if value.is_empty() { Err(format!("{name} must not be empty")) } else { Ok(value) }
}

/// The value of an attribute: what is quoted is unquoted, and then escapes like `%20` are taken back, once.
fn attribute(headers: &HeaderMap, name: &str) -> Result<Option<String>, String> {
    let mut values = headers.get_all(format!("{PREFIX}{name}")).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(format!("{name} is given more than once"));
    }
    let bytes = unquoted(value.as_bytes().trim_ascii()).and_then(|bytes| unescaped(&bytes));
    let text =
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| format!("ce-{name} is not well escaped UTF-8"))?;
    must_be_short(name, &text)?;
    Ok(Some(text))
}

fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let Some(inside) = value.strip_prefix(b"\"") else { return Some(value.to_vec()) };
    let mut out = Vec::new();
    let mut bytes = inside.strip_suffix(b"\"")?.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => out.push(*bytes.next()?),
            b'"' => return None,
            byte => out.push(*byte),
        }
    }
    Some(out)
}

fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = value;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            out.push(*byte);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &[u8]) -> Option<String> {
        let headers =
            HeaderMap::from_iter([(header::HeaderName::from_static("ce-id"), header::HeaderValue::from_bytes(value).unwrap())]);
        attribute(&headers, "id").ok().flatten()
    }

    #[test]
    fn values_are_unquoted_and_unescaped_once() {
        for (value, text) in [
            (&b"plain"[..], "plain"),
            (b"\"a \\\"b\\\\\"", "a \"b\\"),
            (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
            (b"%2525", "%25"),
        ] {
            assert_eq!(of(value).as_deref(), Some(text));
        }
        for bad in [&b"%"[..], b"%2", b"%zz", b"%ff", b"\"open", b"\"a\"b\"", b"\xff"] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
