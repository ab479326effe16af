//! Query parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use umbel_api::{Code, Parameters, Values};

use crate::app::App;
use crate::error::Error;

/// The query parameters of a request.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: Parameters + Send> FromRequestParts<App> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Error> {
        let mut values = Values::new(pairs(parts.uri.query().unwrap_or_default()));
        let read = T::read(&mut values);
        if values.faults.is_empty() {
            return Ok(Self(read));
        }
        let fault = |(name, reason): (String, String)| invalid(&name, &reason);
        Err(Error::all(values.faults.into_iter().map(fault).collect()))
    }
}

/// What is wrong with the parameter `name`.
pub(crate) fn invalid(name: &str, reason: &str) -> Error {
    Error::at(Code::InvalidParameter, format!("/query/{name}"), format!("{name} {reason}"))
}

/// The decoded pairs of a query string.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()))
}
