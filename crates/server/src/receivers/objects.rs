//! Objects of NDJSON, in a bucket that speaks S3 or in a folder of the server.

use std::path::Path as Folder;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use umbel_domain::audit::{DestinationKind, Stream};

use super::Parcel;
use crate::outbound::Outbound;
use crate::wire;

/// How long an object may take to be written.
const PUT_MAX: Duration = Duration::from_secs(20);
/// Bytes of an answer of an object store.
const ANSWER_MAX: usize = 64 << 10;

/// The object store of a stream, and what names in it begin with.
pub(super) async fn open(
    outbound: &Outbound,
    folder: Option<&Folder>,
    stream: &Stream,
) -> Result<(Arc<dyn ObjectStore>, String), String> {
    let destination = &stream.destination;
    match &destination.kind {
        DestinationKind::Bucket { name, prefix } => {
            let mut builder = AmazonS3Builder::new()
                .with_bucket_name(name)
                .with_http_connector(Connector(outbound.clone()))
                .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
                .with_allow_http(true)
                .with_region(destination.region.as_deref().unwrap_or("us-east-1"));
            if let Some(endpoint) = &destination.endpoint {
                builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
            }
            if let (Some(id), Some(secret)) = (&destination.access_key_id, &destination.secret_access_key) {
                builder = builder.with_access_key_id(id).with_secret_access_key(secret);
            }
            let store = builder.build().map_err(|error| format!("the bucket cannot be used: {error}"))?;
            Ok((Arc::new(store), prefix.clone()))
        }
        DestinationKind::Folder { prefix } => {
            let folder = folder.ok_or("the operator has set no `stream_directory`")?;
            // Each organization has a folder of its own, so that none writes over the files of another.
            let folder = folder.join(stream.organization_id.as_str());
            tokio::fs::create_dir_all(&folder).await.map_err(|error| format!("the folder cannot be made: {}", error.kind()))?;
            let store = LocalFileSystem::new_with_prefix(folder).map_err(|_| "the folder cannot be used".to_owned())?;
            Ok((Arc::new(store.with_fsync(true)), prefix.clone()))
        }
        DestinationKind::Webhook | DestinationKind::Syslog { .. } => Err("it is no object store".to_owned()),
    }
}

/// Writes entries as one object, named after the day and id of the first: written again it takes its own place.
pub(super) async fn send(store: &dyn ObjectStore, prefix: &str, parcel: Parcel<'_>) -> Result<(), String> {
    let Some(first) = parcel.records.first() else { return Ok(()) };
    let day = first.at.to_datetime().date();
    let (year, month, day) = (day.year(), u8::from(day.month()), day.day());
    let name = format!("{year:04}/{month:02}/{day:02}/{:012}-{}.ndjson", parcel.first, first.id);
    let lines = wire::audit_log::lines(Vec::new(), parcel.records).map_err(|error| error.to_string())?;
    put(store, prefix, &name, lines).await
}

/// Writes an object that is no log.
pub(super) async fn test(store: &dyn ObjectStore, prefix: &str) -> Result<(), String> {
    put(store, prefix, "umbel-test", b"a test of an audit stream\n".to_vec()).await
}

async fn put(store: &dyn ObjectStore, prefix: &str, name: &str, bytes: Vec<u8>) -> Result<(), String> {
    let path = Path::from(if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") });
    let put = tokio::time::timeout(PUT_MAX, store.put(&path, PutPayload::from(bytes))).await;
    match put.map_err(|_| format!("writing took more than {} s", PUT_MAX.as_secs()))? {
        Ok(_) => Ok(()),
        Err(error) => Err(reason(&error)),
    }
}

/// Why an object was not written, without what may show how the server's files lie.
fn reason(error: &object_store::Error) -> String {
    match error {
        object_store::Error::PermissionDenied { .. } => "the key may not write there".to_owned(),
        object_store::Error::Unauthenticated { .. } => "the key is not accepted".to_owned(),
        object_store::Error::NotFound { .. } => "the bucket was not found".to_owned(),
        object_store::Error::Generic { store: "S3", source } => of_store(&source.to_string()),
        _ => "the object was not written".to_owned(),
    }
}

/// What an object store said: its status and the code of its error, and nothing else, for it may be no object store at all.
fn of_store(text: &str) -> String {
    let plain = |text: &str| text.chars().take_while(char::is_ascii_alphanumeric).take(64).collect::<String>();
    let behind = |mark: &str| text.split_once(mark).map(|(_, rest)| plain(rest)).filter(|found| !found.is_empty());
    match (behind("status code: "), behind("<Code>")) {
        (Some(status), Some(code)) => format!("the store answered {status}, {code}"),
        (Some(status), None) => format!("the store answered {status}"),
        (None, _) => match text.rsplit_once("HTTP error: ") {
            Some((_, own)) => own.to_owned(),
            None => "the object was not written".to_owned(),
        },
    }
}

/// Has object stores use the one way out.
#[derive(Debug)]
struct Connector(Outbound);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Connector(self.0.clone())))
    }
}

#[async_trait::async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let broken = |reason: String| HttpError::new(HttpErrorKind::Request, std::io::Error::other(reason));
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|error| broken(error.to_string()))?.to_bytes();
        let request = http::Request::from_parts(head, body);
        let mut request = reqwest::Request::try_from(request).map_err(|error| broken(error.without_url().to_string()))?;
        *request.timeout_mut() = Some(PUT_MAX);
        let answer: http::Response<reqwest::Body> = self.0.send(request).await.map_err(broken)?.into();
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await.map_err(|error| broken(error.to_string()))?.to_bytes();
        Ok(http::Response::from_parts(
            head,
            HttpResponseBody::new(Full::new(body).map_err(|never: std::convert::Infallible| match never {})),
        ))
    }
}
