//! A typed client for Umbel.
//!
//! ```no_run
//! # async fn run() -> Result<(), umbel_client::Error> {
//! let client = umbel_client::Client::new("http://127.0.0.1:8787", "umb_…")?;
//! let acme = client.create_organization(&umbel_client::api::CreateOrganization::root("Acme")).await?;
//! println!("{} {}", acme.id, acme.name);
//! # Ok(())
//! # }
//! ```

mod error;
mod organizations;

pub use error::Error;
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
/// The words on the wire.
pub use umbel_api as api;
use umbel_api::Envelope;

/// How long a request may take, its answer included.
const TIMEOUT: std::time::Duration = std::time::Duration::from_mins(1);

/// A server and a credential for it; cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    token: String,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Its items.
    pub items: Vec<T>,
    /// What to pass as `page_token` for the next page; `None` on the last one.
    pub next_page_token: Option<String>,
    /// How many items all pages have, when the server counted them.
    pub total_size: Option<u64>,
}

impl Client {
    /// A client for the server at `base_url`, without `/client/v4`, with an API token.
    pub fn new(base_url: &str, token: &str) -> Result<Self, Error> {
        let http =
            reqwest::Client::builder().timeout(TIMEOUT).user_agent(concat!("umbel-client/", env!("CARGO_PKG_VERSION"))).build();
        Ok(Self { http: http?, base_url: base_url.trim_end_matches('/').to_owned(), token: token.to_owned() })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base_url)).bearer_auth(&self.token)
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<Envelope<T>, Error> {
        let response = request.send().await?;
        let (status, body) = (response.status(), response.bytes().await?);
        if !status.is_success() {
            let problems = serde_json::from_slice::<Envelope<serde_json::Value>>(&body).map(|envelope| envelope.errors);
            return Err(Error::Refused { status: status.as_u16(), problems: problems.unwrap_or_default() });
        }
        serde_json::from_slice(&body).map_err(|error| Error::NotUnderstood(error.to_string()))
    }

    async fn send_json<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> Result<T, Error> {
        Ok(self.send(self.request(method, path).json(body)).await?.result)
    }
}
