//! JSON bodies, read strictly.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use parking_lot::RwLock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use umbel_api::Code;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::app::App;
use crate::command::Context;
use crate::error::Error;
use crate::json::{self, Shape};

/// The body of a request, as the JSON object that the route takes.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: ToSchema + DeserializeOwned + Serialize + 'static> FromRequest<App> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self, Error> {
        let context = request.extensions().get::<Context>().cloned();
        let body: T = read(request).await?;
        if let (Some(context), Ok(json)) = (context, serde_json::to_string(&body)) {
            context.keep_body(json);
        }
        Ok(Self(body))
    }
}

/// Like [`Body`], for one that is a secret: nothing of it is written down.
pub(crate) struct SecretBody<T>(pub(crate) T);

impl<T: ToSchema + DeserializeOwned + 'static> FromRequest<App> for SecretBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self, Error> {
        read(request).await.map(Self)
    }
}

async fn read<T: ToSchema + DeserializeOwned + 'static>(request: Request) -> Result<T, Error> {
    parse(&bytes(request).await?)
}

/// Reads a body that is the JSON object that a route takes.
pub(crate) fn parse<T: ToSchema + DeserializeOwned + 'static>(text: &[u8]) -> Result<T, Error> {
    let shape = shape_of::<T>().map_err(|reason| {
        tracing::error!(reason, "a schema cannot be used");
        Error::new(Code::Internal, "the server failed")
    })?;
    json::parse(&shape, text).map_err(|faults| {
        let fault = |fault: json::Fault| {
            let name = fault.pointer.trim_start_matches('/').replace('/', ".");
            let name = if name.is_empty() { "the body" } else { &name };
            Error::at(Code::InvalidBody, &fault.pointer, format!("{name} {}", fault.reason))
        };
        Error::all(faults.into_iter().map(fault).collect())
    })
}

/// The body of a request, which is no longer than `command` lets it be; axum would have a limit of its own.
pub(crate) async fn bytes(request: Request) -> Result<Bytes, Error> {
    let read = axum::body::to_bytes(request.into_body(), usize::MAX).await;
    read.map_err(|_| Error::new(Code::InvalidBody, "the body broke off"))
}

/// A schema and everything that it refers to, by name.
pub(crate) fn schemas_of<T: ToSchema>() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(T::name().into_owned(), <T as PartialSchema>::schema())];
    T::schemas(&mut schemas);
    schemas
}

/// The shape of a type, compiled once.
fn shape_of<T: ToSchema + 'static>() -> Result<Arc<Shape>, String> {
    static SHAPES: LazyLock<RwLock<HashMap<TypeId, Arc<Shape>>>> = LazyLock::new(RwLock::default);
    if let Some(shape) = SHAPES.read().get(&TypeId::of::<T>()) {
        return Ok(shape.clone());
    }
    let components: HashMap<_, _> = schemas_of::<T>().into_iter().collect();
    let components = serde_json::to_value(components).map_err(|error| error.to_string())?;
    let shape = Arc::new(Shape::new(&T::name(), &components)?);
    SHAPES.write().insert(TypeId::of::<T>(), shape.clone());
    Ok(shape)
}
