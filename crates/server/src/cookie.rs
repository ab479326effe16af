//! The cookie that holds the secret of a session, and which requests may come with it.

use axum::http::{HeaderMap, HeaderValue, header};
use umbel_api::Code;
use umbel_domain::Timestamp;
use umbel_domain::secret::Secret;

use crate::error::{Error, Result};
use crate::request::RequestInfo;
use crate::settings::PublicUrl;

/// With this prefix browsers take it only from this very host over a secure connection, or from the machine itself.
const NAME: &str = "__Host-umbel";

/// The secret that a request carries, where a session is a credential: under the two prefixes, not on the aliases at the root.
pub(crate) fn of<'h>(headers: &'h HeaderMap, info: &RequestInfo) -> Option<&'h str> {
    if !["/client/v4/", "/umbel/v1/"].iter().any(|prefix| info.uri.starts_with(prefix)) {
        return None;
    }
    value(headers, NAME)
}

/// The value of a cookie that a request carries.
pub(crate) fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    // Of two nobody knows which one the browser means.
    let value = values.next().filter(|_| values.next().is_none())?;
    Some(value).filter(|value| !value.is_empty())
}

/// Sets the cookie until a session ends.
pub(crate) fn set(secret: &Secret, now: Timestamp, expires_at: Timestamp) -> HeaderValue {
    let seconds = (expires_at.micros() - now.micros()).max(0) / 1_000_000;
    line(NAME, secret.reveal(), seconds)
}

/// Takes the cookie away.
pub(crate) fn clear() -> HeaderValue {
    line(NAME, "", 0)
}

/// Sets a cookie of letters, digits, `-` and `_` for so many seconds.
pub(crate) fn line(name: &str, value: &str, seconds: i64) -> HeaderValue {
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    // Which is always a header value.
    let mut value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// Refuses a change that a page of another site may have asked for: a browser sends the cookie along whoever asks.
pub(crate) fn check_origin(headers: &HeaderMap, public_url: Option<&PublicUrl>) -> Result<()> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text("host") || public_url.is_some_and(|url| url.origin() == origin)
        }
        (None, None) => false,
    };
    let message = "a session changes things only from the pages of this server; send `Origin` or use an API token";
    same.then_some(()).ok_or_else(|| Error::new(Code::CrossOrigin, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| (header::HeaderName::from_static(name), value.parse().unwrap());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_pages_of_this_server_change_things() {
        let url = PublicUrl::parse("https://umbel.example.com/app").unwrap();
        for (pairs, good) in [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "same-site"), ("origin", "https://umbel.example.com")], false),
            (vec![("sec-fetch-site", "cross-site")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("origin", "http://127.0.0.1:8787"), ("host", "127.0.0.1:8787")], true),
            (vec![("origin", "http://127.0.0.1:8788"), ("host", "127.0.0.1:8787")], false),
            (vec![("origin", "https://umbel.example.com"), ("host", "10.0.0.1")], true),
            (vec![("origin", "null"), ("host", "127.0.0.1")], false),
            (vec![("host", "127.0.0.1:8787")], false),
        ] {
            assert_eq!(check_origin(&headers(&pairs), Some(&url)).is_ok(), good, "{pairs:?}");
        }
    }
}
