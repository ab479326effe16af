//! The OpenAPI document, derived from the types that handlers take and return.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::de::DeserializeOwned;
use umbel_api::{Code, ExportFormat, Parameters, ResultInfo};
use umbel_focus::Format;
use utoipa::ToSchema;
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required,
    ResponseBuilder, Schema,
};

use crate::app::App;
use crate::body::{Body, SecretBody, schemas_of};
use crate::caller::Caller;
use crate::cloud_event::Events;
use crate::error::Error;
use crate::path::{Id, Ids, PathId};
use crate::query::Query;
use crate::reply::Reply;
use crate::routes::Newcomer;
use crate::stream::{FocusFile, Listing, Stream, media_type};
use crate::write::Committed;

/// Schemas by name.
pub(crate) type Schemas = BTreeMap<String, RefOr<Schema>>;

/// What a route's documentation says beyond what its types say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    /// In a few words.
    pub(crate) summary: &'static str,
    /// In a few sentences.
    pub(crate) description: &'static str,
    /// Which errors it can answer with, beside those that every route can.
    pub(crate) errors: &'static [Code],
}

/// An argument of a handler that documents itself.
pub(crate) trait Document {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder;
}

impl Document for Caller {
    fn document(operation: OperationBuilder, _: &mut Schemas) -> OperationBuilder {
        let none: [&str; 0] = [];
        operation
            .security(SecurityRequirement::new("api_token", none))
            .security(SecurityRequirement::new("api_email", none).add("api_key", none))
            .security(SecurityRequirement::new("session", none))
    }
}

impl Document for State<App> {
    fn document(operation: OperationBuilder, _: &mut Schemas) -> OperationBuilder {
        operation
    }
}

impl<B: ToSchema + DeserializeOwned> Document for Newcomer<B> {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
        Body::<B>::document(operation, schemas)
    }
}

impl<T: ToSchema + DeserializeOwned> Document for Body<T> {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
        schemas.extend(schemas_of::<T>());
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(T::name()))).build();
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build();
        operation.request_body(Some(body))
    }
}

impl<T: ToSchema + DeserializeOwned> Document for SecretBody<T> {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
        Body::<T>::document(operation, schemas)
    }
}

impl Document for Events {
    fn document(operation: OperationBuilder, _: &mut Schemas) -> OperationBuilder {
        let event = || ObjectBuilder::new().schema_type(Type::Object).description(Some("An event of CloudEvents 1.0."));
        let one = ContentBuilder::new().schema(Some(event().build())).build();
        let batch = ContentBuilder::new().schema(Some(ArrayBuilder::new().items(event()).build())).build();
        let body = RequestBodyBuilder::new()
            .content("application/cloudevents-batch+json", batch)
            .content("application/cloudevents+json", one)
            .required(Some(Required::True));
        operation.request_body(Some(body.build()))
    }
}

impl<T: PathId> Document for Id<T> {
    fn document(operation: OperationBuilder, _: &mut Schemas) -> OperationBuilder {
        operation.parameter(path_parameter::<T>())
    }
}

impl<T: PathId, U: PathId> Document for Ids<T, U> {
    fn document(operation: OperationBuilder, _: &mut Schemas) -> OperationBuilder {
        operation.parameter(path_parameter::<T>()).parameter(path_parameter::<U>())
    }
}

fn path_parameter<T: PathId>() -> ParameterBuilder {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]{1,64}$")).build();
    ParameterBuilder::new().name(T::NAME).parameter_in(ParameterIn::Path).required(Required::True).schema(Some(schema))
}

impl<T: Parameters> Document for Query<T> {
    fn document(operation: OperationBuilder, _: &mut Schemas) -> OperationBuilder {
        T::document().into_iter().fold(operation, OperationBuilder::parameter)
    }
}

/// An answer to a request that reads, which documents itself: a [`Reply`], a [`Listing`], a [`Stream`] or a [`FocusFile`].
pub(crate) trait Answer {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder;
}

impl<U: ToSchema, I: ToSchema> Answer for Reply<U, I> {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
        answer::<U, I>(operation, schemas)
    }
}

impl<U: ToSchema> Answer for Listing<U> {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
        answer::<U, ResultInfo>(operation, schemas)
    }
}

impl<U: ToSchema> Answer for Stream<U> {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
        schemas.extend(schemas_of::<U>());
        let lines = ContentBuilder::new().schema(Some(Ref::from_schema_name(U::name()))).build();
        let table = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String).build())).build();
        let done = ResponseBuilder::new()
            .description("The beginning of an answer of any length: each line of NDJSON is one of these. One that cannot be finished breaks off.")
            .content(media_type(ExportFormat::Ndjson), lines)
            .content(media_type(ExportFormat::Csv), table);
        operation.response("200", done)
    }
}

impl Answer for FocusFile {
    fn document(operation: OperationBuilder, _: &mut Schemas) -> OperationBuilder {
        let content = || ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String).build())).build();
        let description =
            "The beginning of a file of any length, whose rows are those of FOCUS. One that cannot be finished breaks off.";
        let done = ResponseBuilder::new().description(description);
        let done = Format::ALL.into_iter().fold(done, |done, format| done.content(format.media_type(), content()));
        operation.response("200", done)
    }
}

/// A handler that reads: it returns an [`Answer`]. `A` is the tuple of its arguments.
pub(crate) trait Reads<A> {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder;
}

/// A handler that changes something: it returns a [`Committed`]. `A` is the tuple of its arguments.
pub(crate) trait Changes<A> {
    fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder;
}

macro_rules! handlers {
    ($($argument:ident)+) => {
        impl<F, R, T: Answer, $($argument: Document),+> Reads<($($argument,)+)> for F
        where
            F: Fn($($argument),+) -> R,
            R: Future<Output = Result<T, Error>>,
        {
            fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
                $(let operation = $argument::document(operation, schemas);)+
                T::document(operation, schemas)
            }
        }

        impl<F, R, U: ToSchema, $($argument: Document),+> Changes<($($argument,)+)> for F
        where
            F: Fn($($argument),+) -> R,
            R: Future<Output = Result<Committed<U>, Error>>,
        {
            fn document(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
                $(let operation = $argument::document(operation, schemas);)+
                answer::<U, ResultInfo>(operation, schemas)
            }
        }
    };
}

handlers!(A1);
handlers!(A1 A2);
handlers!(A1 A2 A3);
handlers!(A1 A2 A3 A4);

/// Documents the answer: the envelope around a `U`, which, when it is a list, says in an `I` where it goes on.
fn answer<U: ToSchema, I: ToSchema>(operation: OperationBuilder, schemas: &mut Schemas) -> OperationBuilder {
    if U::name() == <umbel_api::NoContent as ToSchema>::name() {
        return operation.response("204", ResponseBuilder::new().description("Done; there is nothing to say."));
    }
    let mut found = schemas_of::<U>();
    let (_, own) = found.remove(0);
    let is_list = matches!(own, RefOr::T(Schema::Array(_)));
    schemas.extend(found);
    schemas.extend(schemas_of::<umbel_api::Message>());
    let result = if is_list {
        own
    } else {
        schemas.insert(U::name().into_owned(), own);
        Ref::from_schema_name(U::name()).into()
    };
    let mut envelope = ObjectBuilder::new()
        .property("success", ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])))
        .property("errors", ArrayBuilder::new().items(Ref::from_schema_name("Problem")).max_items(Some(0)))
        .property("messages", ArrayBuilder::new().items(Ref::from_schema_name("Message")))
        .property("result", result);
    for required in ["success", "errors", "messages", "result"] {
        envelope = envelope.required(required);
    }
    if is_list {
        schemas.extend(schemas_of::<I>());
        envelope = envelope.property("result_info", Ref::from_schema_name(I::name()));
    }
    let content = ContentBuilder::new().schema(Some(Schema::Object(envelope.build()))).build();
    operation.response("200", ResponseBuilder::new().description("Done.").content("application/json", content))
}

/// Errors that every route with a caller can answer with.
const COMMON_ERRORS: [Code; 6] =
    [Code::InvalidCredential, Code::NoCredential, Code::BadCredential, Code::Internal, Code::Busy, Code::Unavailable];

/// Documents the errors, one answer a status.
pub(crate) fn errors(mut operation: OperationBuilder, errors: &[Code], schemas: &mut Schemas) -> OperationBuilder {
    schemas.extend(schemas_of::<umbel_api::Problem>());
    schemas.insert("Failure".into(), failure_schema());
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in errors.iter().chain(&COMMON_ERRORS) {
        by_status.entry(code.status()).or_default().push(*code);
    }
    for (status, mut codes) in by_status {
        codes.sort_unstable();
        codes.dedup();
        let lines = codes.iter().map(|code| format!("`{}` {}", code.number(), code.meaning()));
        let description = lines.collect::<Vec<_>>().join("\n\n");
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Failure"))).build();
        let response = ResponseBuilder::new().description(description).content("application/json", content);
        operation = operation.response(status.to_string(), response);
    }
    operation
}

fn failure_schema() -> RefOr<Schema> {
    let mut failure = ObjectBuilder::new()
        .description(Some("The envelope of a failed request."))
        .property("success", ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([false])))
        .property("errors", ArrayBuilder::new().items(Ref::from_schema_name("Problem")).min_items(Some(1)))
        .property("messages", ArrayBuilder::new().items(Ref::from_schema_name("Message")))
        .property("result", ObjectBuilder::new().schema_type(Type::Null));
    for required in ["success", "errors", "messages", "result"] {
        failure = failure.required(required);
    }
    Schema::Object(failure.build()).into()
}

/// A header that a route honours.
pub(crate) fn header(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
}

/// Puts the document together.
pub(crate) fn document(paths: Paths, schemas: Schemas) -> OpenApi {
    let key =
        |name: &str, description: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, description)));
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token.")).build();
    let mut components = Components::new();
    components.schemas = schemas;
    components.add_security_scheme("api_token", SecurityScheme::Http(token));
    components.add_security_scheme("api_email", key("X-Auth-Email", "The e-mail address of the user, beside the key."));
    components.add_security_scheme("api_key", key("X-Auth-Key", "The global API key of the user, beside the address."));
    let cookie = ApiKeyValue::with_description("__Host-umbel", "The session of somebody who signed in.");
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let info = InfoBuilder::new()
        .title("Umbel")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "A self-hosted organizations service. Routes under `/client/v4` are those of the Cloudflare Organizations API and are \
             served at the root as well; routes under `/umbel/v1` are Umbel's own.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()));
    OpenApiBuilder::new().info(info.build()).paths(paths).components(Some(components)).build()
}

/// The document as JSON, indented, with a line break at its end.
pub(crate) fn render(document: &OpenApi) -> String {
    // A document made of strings and numbers always has a JSON form.
    document.to_pretty_json().unwrap_or_default() + "\n"
}
