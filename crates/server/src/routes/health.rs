//! Whether the server lives and can work, and what it can do.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use umbel_api::Code;

use crate::app::{App, openapi_document};
use crate::error::Error;
use crate::openapi::About;
use crate::reply::Reply;

pub(super) const HEALTHZ: About = About {
    summary: "Whether the process lives",
    description: "Answers 200 as long as the process takes requests. Restart it when this does not answer.",
    errors: &[],
};

pub(super) const READYZ: About = About {
    summary: "Whether the server can work",
    description: "Answers 200 when the database answers, and 503 when it does not or the server is about to stop. Send requests \
                  elsewhere while this is not 200.",
    errors: &[],
};

pub(super) const OPENAPI: About =
    About { summary: "This document", description: "The description of every route, in OpenAPI 3.1.", errors: &[] };

/// `GET /healthz`
pub(super) async fn healthz() -> Response {
    Reply::<_>::ok("alive").into_response()
}

/// `GET /readyz`
pub(super) async fn readyz(State(app): State<App>) -> Response {
    if app.stopping.load(std::sync::atomic::Ordering::Relaxed) {
        return Error::new(Code::Unavailable, "the server is about to stop").into_response();
    }
    match app.store.ping().await {
        Ok(()) => Reply::<_>::ok("ready").into_response(),
        Err(error) => Error::from(error).into_response(),
    }
}

/// `GET /umbel/v1/openapi.json`
pub(super) async fn openapi() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(openapi_document);
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}
