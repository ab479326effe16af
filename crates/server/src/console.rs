//! The console: files that the build put into the program, and nothing that they may load from elsewhere.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use umbel_api::Code;

use crate::error::Error;
use crate::request::unknown_route;

/// What pages of the console may load and do: nothing inline, nothing from elsewhere, and no text that becomes HTML or script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";
/// What the reference of the API may do beyond that: its library shows icons from `data:` and builds HTML from text.
const REFERENCE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                                connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The page that every address of the console shows.
const INDEX: &str = "index.html";
/// The reference of the API.
const REFERENCE: &str = "docs.html";

/// Its name, what is in it, and that as gzip packs it.
type File = (&'static str, &'static [u8], &'static [u8]);

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// Whether the program was built with the console.
pub fn has_console() -> bool {
    !FILES.is_empty()
}

/// Answers a path below `/console`, and `/docs`.
pub(crate) async fn page(request: Request) -> Response {
    let name = match request.uri().path() {
        "/docs" => REFERENCE,
        path => {
            let name = path.strip_prefix("/console/").unwrap_or_default();
            // What is no file is a page, which the console finds itself.
            let is_file = name.starts_with("assets/") || !name.contains('/') && name.contains('.') && name != REFERENCE;
            if is_file { name } else { INDEX }
        }
    };
    match FILES.iter().find(|file| file.0 == name) {
        Some(file) => answer(file, request.headers()),
        None if has_console() => unknown_route(request).await.into_response(),
        None => {
            let message = "this program was built without the console; build it with Node: `scripts/console build`, then cargo";
            Error::new(Code::NoSuchRoute, message).into_response()
        }
    }
}

/// Leads people who come to `/` to the console; programs are told that there is no such route.
pub(crate) async fn front(request: Request) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return Redirect::to("/console/").into_response();
    }
    unknown_route(request).await.into_response()
}

fn answer((name, plain, gzip): &File, request: &HeaderMap) -> Response {
    let encodings = request.get(header::ACCEPT_ENCODING).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let takes_gzip = encodings.split(',').any(|encoding| encoding.trim().split(';').next() == Some("gzip"));
    let mut response = (StatusCode::OK, if takes_gzip { *gzip } else { *plain }).into_response();
    // The name of what is under `assets/` has a hash of it.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut add = |name, value| _ = response.headers_mut().insert(name, HeaderValue::from_static(value));
    add(header::CONTENT_TYPE, content_type(name));
    add(header::CACHE_CONTROL, cache);
    add(header::VARY, "accept-encoding");
    add(header::CONTENT_SECURITY_POLICY, if *name == REFERENCE { REFERENCE_POLICY } else { POLICY });
    add(header::REFERRER_POLICY, "no-referrer");
    if takes_gzip {
        add(header::CONTENT_ENCODING, "gzip");
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
