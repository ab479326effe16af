//! One request: sent, tried again where that is of use, and its answer read.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName};
use reqwest::{Method, Request, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;
use tracing::field::Empty;
use umbel_api::{Envelope, Parameters, ResultInfo};

use crate::{Client, Error, Page, random, retry};

/// The most bytes of an answer; 1,000 items with everything that the server lets grow are less.
const ANSWER_SIZE_MAX: usize = 64 << 20;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request in the making.
pub(crate) struct Call<'a> {
    client: &'a Client,
    request: Result<RequestBuilder, Error>,
}

impl Client {
    /// A request on the path of these segments.
    pub(crate) fn call(&self, method: Method, path: &[&str]) -> Call<'_> {
        let key = (method == Method::POST).then(random::idempotency_key);
        let request = self.url(path).map(|url| self.http.request(method, url));
        let keyed = request.map(|request| key.into_iter().fold(request, |request, key| request.header(IDEMPOTENCY_KEY, key)));
        Call { client: self, request: keyed }
    }

    fn url(&self, path: &[&str]) -> Result<String, Error> {
        // An id like `..` or `a/b` would make it another request.
        if let Some(id) = path.iter().find(|segment| !is_plain(segment)) {
            return Err(Error::Invalid(format!("`{}` is no id; ids are letters, digits, `_` and `-`", id.escape_debug())));
        }
        Ok(format!("{}/{}", self.base_url, path.join("/")))
    }
}

fn is_plain(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

impl Call<'_> {
    pub(crate) fn query(self, parameters: &impl Parameters) -> Self {
        Self { request: self.request.map(|request| request.query(&parameters.pairs())), ..self }
    }

    pub(crate) fn body(self, body: &impl Serialize) -> Self {
        Self { request: self.request.map(|request| request.json(body)), ..self }
    }

    /// Sends bytes of this media type.
    pub(crate) fn bytes(self, media_type: &'static str, body: Vec<u8>) -> Self {
        Self { request: self.request.map(|request| request.header(CONTENT_TYPE, media_type).body(body)), ..self }
    }

    /// Lets the answer take this long, all of it.
    pub(crate) fn within(self, timeout: Duration) -> Self {
        Self { request: self.request.map(|request| request.timeout(timeout)), ..self }
    }

    /// What the answer has as its result.
    pub(crate) async fn result<T: DeserializeOwned>(self) -> Result<T, Error> {
        Ok(self.envelope::<T, ResultInfo>().await?.result)
    }

    /// A page of a list.
    pub(crate) async fn page<T: DeserializeOwned>(self) -> Result<Page<T>, Error> {
        Ok(self.envelope::<Vec<T>, ResultInfo>().await?.into())
    }

    /// The items of a page of a list that says in an `I` where it goes on.
    pub(crate) async fn list<T: DeserializeOwned, I: DeserializeOwned>(self) -> Result<(Vec<T>, Option<I>), Error> {
        let envelope = self.envelope::<Vec<T>, I>().await?;
        Ok((envelope.result, envelope.result_info))
    }

    /// Nothing, for an answer without a body.
    pub(crate) async fn nothing(self) -> Result<(), Error> {
        self.send(body).await.map(drop)
    }

    /// A good answer, its body still to come.
    pub(crate) async fn open(self) -> Result<Response, Error> {
        self.send(async |response| Ok(response)).await
    }

    async fn envelope<T: DeserializeOwned, I: DeserializeOwned>(self) -> Result<Envelope<T, I>, Error> {
        let body = self.send(body).await?;
        if body.len() > ANSWER_SIZE_MAX {
            return Err(Error::NotUnderstood(format!("it has more than {ANSWER_SIZE_MAX} bytes")));
        }
        serde_json::from_slice(&body).map_err(|error| Error::NotUnderstood(error.to_string()))
    }

    /// What `read` takes from a good answer, after as many tries as it takes, in a span of its own.
    async fn send<T>(self, read: impl AsyncFn(Response) -> reqwest::Result<T>) -> Result<T, Error> {
        let request = self.request?.build()?;
        let span = tracing::debug_span!(
            "umbel_request",
            http.request.method = %request.method(),
            url.path = request.url().path(),
            http.response.status_code = Empty,
            http.request.resend_count = Empty,
        );
        self.client.send(&request, read).instrument(span).await
    }
}

impl Client {
    async fn send<T>(&self, request: &Request, read: impl AsyncFn(Response) -> reqwest::Result<T>) -> Result<T, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            // A request that is no stream can be cloned.
            let copy = request.try_clone().ok_or_else(|| Error::Invalid("the request cannot be repeated".to_owned()))?;
            let pause = match self.attempt(copy, &read).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(no)) => retry::after_answer(tries, no.status, &no.headers, random::share()).ok_or_else(|| no.refusal()),
                Err(error) => retry::after_failure(tries, &error, random::share()).ok_or(Error::Unreachable(error)),
            };
            let pause = pause?;
            tracing::debug!(?pause, "the request is sent again");
            tracing::Span::current().record("http.request.resend_count", tries);
            tokio::time::sleep(pause).await;
        }
    }
}

/// An answer that is not a good one.
struct No {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    body: Vec<u8>,
}

impl No {
    fn refusal(&self) -> Error {
        let problems = serde_json::from_slice::<Envelope<serde_json::Value>>(&self.body).map(|envelope| envelope.errors);
        Error::Refused { status: self.status.as_u16(), problems: problems.unwrap_or_default() }
    }
}

impl Client {
    async fn attempt<T>(
        &self,
        request: Request,
        read: &impl AsyncFn(Response) -> reqwest::Result<T>,
    ) -> reqwest::Result<Result<T, No>> {
        let response = self.http.execute(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        tracing::Span::current().record("http.response.status_code", status.as_u16());
        if status.is_success() {
            return read(response).await.map(Ok);
        }
        Ok(Err(No { status, headers, body: body(response).await? }))
    }
}

/// The body of an answer, cut where it is too large.
async fn body(mut response: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while body.len() <= ANSWER_SIZE_MAX
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
