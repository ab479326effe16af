//! Where files are written to: a folder, or a bucket that speaks S3.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::local::LocalFileSystem;

use crate::Result;

/// How long a bucket may take for one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// Bytes of an answer of a bucket; documents that are read are less.
const ANSWER_SIZE_MAX: usize = 16 << 20;

/// A place as it is named.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Folder(PathBuf),
    Bucket { name: String, prefix: String },
}

/// A place that can be written to.
pub(super) struct Opened {
    pub(super) store: Arc<dyn ObjectStore>,
    /// What all names in it begin with: nothing, or something that ends with a slash.
    pub(super) prefix: String,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return match text.split_once("://") {
                Some((scheme, _)) => Err(format!("{scheme}:// is not known here: give a folder or s3://BUCKET/PREFIX")),
                None if text.is_empty() => Err("give a folder or s3://BUCKET/PREFIX".to_owned()),
                None => Ok(Self::Folder(text.into())),
            };
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            return Err("give a bucket, like s3://BUCKET/PREFIX".to_owned());
        }
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self::Bucket { name: name.to_owned(), prefix })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

impl Place {
    /// Opens it; a folder is made when it is not there.
    pub(super) fn open(&self) -> Result<Opened> {
        match self {
            Self::Folder(folder) => {
                let unwritten = |error: &dyn fmt::Display| format!("cannot write to {}: {error}", folder.display());
                std::fs::create_dir_all(folder).map_err(|error| unwritten(&error))?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| unwritten(&error))?;
                Ok(Opened { store: Arc::new(store.with_fsync(true)), prefix: String::new() })
            }
            Self::Bucket { name, prefix } => {
                let client = reqwest::Client::builder().timeout(ANSWER_TIMEOUT).redirect(reqwest::redirect::Policy::none());
                let builder = AmazonS3Builder::from_env().with_bucket_name(name).with_http_connector(Connector(client.build()?));
                let store = builder.build().map_err(|error| format!("the bucket {name} cannot be used: {error}"))?;
                Ok(Opened { store: Arc::new(store), prefix: prefix.clone() })
            }
        }
    }
}

/// Has the bucket be asked by the client that everything else is asked by.
#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Self(self.0.clone())))
    }
}

#[async_trait::async_trait]
impl HttpService for Connector {
    async fn call(&self, request: HttpRequest) -> std::result::Result<HttpResponse, HttpError> {
        let broken = |reason: String| HttpError::new(HttpErrorKind::Request, std::io::Error::other(reason));
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|error| broken(error.to_string()))?.to_bytes();
        let request = reqwest::Request::try_from(http::Request::from_parts(head, body));
        let request = request.map_err(|error| broken(error.without_url().to_string()))?;
        let answer = self.0.execute(request).await.map_err(|error| broken(error.without_url().to_string()))?;
        let (head, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        let body = Limited::new(body, ANSWER_SIZE_MAX).collect().await.map_err(|error| broken(error.to_string()))?.to_bytes();
        let body = Full::new(body).map_err(|never: std::convert::Infallible| match never {});
        Ok(http::Response::from_parts(head, HttpResponseBody::new(body)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        let shown = |text: &str| text.parse::<Place>().map(|place| place.to_string());
        assert_eq!(shown("exports/focus").unwrap(), "exports/focus");
        assert_eq!(shown("s3://lake").unwrap(), "s3://lake/");
        assert_eq!(shown("s3://lake/raw/focus/").unwrap(), "s3://lake/raw/focus/");
        for text in ["", "s3://", "s3:///raw", "gs://lake", "https://lake.example.com"] {
            assert!(shown(text).is_err(), "{text}");
        }
    }
}
