#![doc = include_str!("../README.md")]

mod access;
mod account_members;
mod accounts;
mod api_tokens;
mod audit_log;
mod audit_streams;
mod billing_periods;
mod budgets;
mod call;
mod costs;
mod error;
mod export;
mod focus;
mod invitations;
mod members;
mod memberships;
mod metrics;
mod organizations;
mod pages;
mod prices;
mod random;
mod retry;
mod roles;
mod usage;
mod user;

pub use audit_log::{AuditHistory, AuditLog};
pub use error::Error;
pub use export::Export;
pub use pages::Page;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Url, redirect};
/// The words on the wire.
pub use umbel_api as api;

/// How long one try of a request may take, its answer included.
const TIMEOUT: std::time::Duration = std::time::Duration::from_mins(1);

/// How long an export may take, which is cut off when nothing comes for as long as any answer may take.
const EXPORT_TIMEOUT: std::time::Duration = std::time::Duration::from_hours(24);

/// A server and a credential for it; cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
}

impl Client {
    /// A client for the server at `base_url`, without `/client/v4`, with an API token.
    pub fn new(base_url: &str, token: &str) -> Result<Self, Error> {
        let base_url = base_url.trim_end_matches('/');
        let plain = |url: &Url| matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
        if !Url::parse(base_url).is_ok_and(|url| plain(&url)) {
            return Err(Error::Invalid(format!(
                "`{}` is no URL of a server; give it as https://HOST:PORT",
                base_url.escape_debug()
            )));
        }
        let credential = HeaderValue::try_from(format!("Bearer {token}"));
        let mut credential = credential.map_err(|_| Error::Invalid("the token has characters that no token has".to_owned()))?;
        credential.set_sensitive(true);
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .user_agent(concat!("umbel-client/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, credential)]))
            // A redirected POST would become a GET.
            .redirect(redirect::Policy::none());
        Ok(Self { http: http.build()?, base_url: base_url.to_owned() })
    }
}
