//! How a handler answers.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use umbel_api::envelope::Envelope;
use umbel_api::{Message, ResultInfo};

/// An answer with a result; that of a list says in an `I` where it goes on.
#[derive(Debug)]
pub(crate) struct Reply<U, I = ResultInfo> {
    result: U,
    messages: Vec<Message>,
    result_info: Option<I>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One thing, with an entity tag.
    One,
    /// Several things, or something that does not change.
    Untagged,
    /// Nothing: status 204.
    Nothing,
}

impl<U: Serialize, I: Serialize> Reply<U, I> {
    /// One thing; its entity tag is a hash of it.
    pub(crate) fn one(result: U) -> Self {
        Self { result, messages: Vec::new(), result_info: None, kind: Kind::One }
    }

    /// Something without an entity tag.
    pub(crate) fn ok(result: U) -> Self {
        Self { kind: Kind::Untagged, ..Self::one(result) }
    }

    /// A page of a list.
    pub(crate) fn page(result: U, info: I) -> Self {
        Self { result_info: Some(info), ..Self::ok(result) }
    }

    /// Says something beside the result.
    pub(crate) fn saying(mut self, code: u16, message: &str) -> Self {
        self.messages.push(Message { code, message: message.to_owned() });
        self
    }

    /// The answer in bytes. An answer that cannot be written as JSON is a fault of the program.
    pub(crate) fn render(self) -> Rendered {
        if self.kind == Kind::Nothing {
            return Rendered { status: StatusCode::NO_CONTENT, body: Vec::new(), etag: None };
        }
        self.render_body().unwrap_or_else(|error| {
            tracing::error!(%error, "an answer has no JSON form");
            Rendered { status: StatusCode::INTERNAL_SERVER_ERROR, body: Vec::new(), etag: None }
        })
    }

    fn render_body(self) -> serde_json::Result<Rendered> {
        let (messages, result_info) = (self.messages, self.result_info);
        if self.kind != Kind::One {
            return Ok(Rendered { body: enveloped(&self.result, messages, result_info)?, etag: None, status: StatusCode::OK });
        }
        let result = serde_json::value::to_raw_value(&self.result)?;
        let etag = Some(etag_of(&result));
        Ok(Rendered { body: enveloped(&result, messages, result_info)?, etag, status: StatusCode::OK })
    }
}

fn enveloped<U: Serialize, I: Serialize>(result: &U, messages: Vec<Message>, info: Option<I>) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Envelope { success: true, errors: Vec::new(), messages, result, result_info: info })
}

impl Reply<umbel_api::NoContent> {
    /// An answer without a body: status 204.
    pub(crate) fn nothing() -> Self {
        Self { kind: Kind::Nothing, ..Self::one(umbel_api::NoContent) }
    }
}

/// An answer in bytes.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    pub(crate) etag: Option<HeaderValue>,
}

impl IntoResponse for Rendered {
    fn into_response(self) -> Response {
        if self.body.is_empty() {
            return self.status.into_response();
        }
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/json")], self.body).into_response();
        if let Some(etag) = self.etag {
            response.headers_mut().insert(header::ETAG, etag);
        }
        response
    }
}

impl<U: Serialize, I: Serialize> IntoResponse for Reply<U, I> {
    fn into_response(self) -> Response {
        self.render().into_response()
    }
}

/// The entity tag of a thing as it is shown: a hash, so that it also changes with what the thing shows of others.
pub(crate) fn etag<T: Serialize>(shown: &T) -> serde_json::Result<HeaderValue> {
    Ok(etag_of(&serde_json::value::to_raw_value(shown)?))
}

fn etag_of(json: &RawValue) -> HeaderValue {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(json.get())[..16]));
    // Base64 in quotes is always a header value.
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Whether a list of entity tags (`If-Match`, `If-None-Match`; RFC 9110, 13.1) names `etag`.
pub(crate) fn names(list: &HeaderValue, etag: &HeaderValue, weak: Comparison) -> bool {
    let (Ok(list), Ok(etag)) = (list.to_str(), etag.to_str()) else { return false };
    list.split(',').map(str::trim).any(|candidate| {
        let candidate = if weak == Comparison::Weak { candidate.trim_start_matches("W/") } else { candidate };
        candidate == "*" || candidate == etag
    })
}

/// How entity tags are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// A weak tag is never the same: `If-Match`.
    Strong,
    /// A weak tag may be the same: `If-None-Match`.
    Weak,
}
