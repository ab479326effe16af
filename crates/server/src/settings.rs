//! What an operator can set.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
pub use umbel_domain::authorization::RootCreation;
pub use umbel_domain::organization::TreeLimits;
use url::{Host, Url};

use crate::mail::Mail;
use crate::oidc::Oidc;

/// How the service behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may create roots.
    pub root_creation: RootCreation,
    /// How large a tree may grow.
    pub tree_limits: TreeLimits,
    /// Accounts of one organization.
    pub accounts_max: u64,
    /// Members of one organization.
    pub members_max: u64,
    /// Lists are counted up to here; above it the total is left out.
    pub total_size_max: u64,
    /// Bytes of a body.
    pub body_size_max: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether who is added to an organization is invited to it, and a member once they accept.
    pub invitations: bool,
    /// Days until the link of an invitation expires.
    pub invitation_days: u16,
    /// Whether it is written down who looks at the audit log, at members and at billing.
    pub audit_views: bool,
    /// How many days back events of usage may lie, and for how long their keys are kept.
    pub usage_window_days: u16,
    /// Who is named in records of usage.
    pub providers: Providers,
    /// Whether streams of the audit log may go to private addresses, and over http.
    pub stream_private_addresses: bool,
    /// Under which streams of the audit log may write files; without it there are none.
    pub stream_directory: Option<PathBuf>,
    /// Where people reach the server, for links; without it there are none.
    pub public_url: Option<PublicUrl>,
    /// Hours after which who is signed in has to sign in again.
    pub session_hours: u16,
    /// How invitations are sent; without it the inviter hands the link over.
    pub mail: Option<Mail>,
    /// The OpenID Connect provider at which people may sign in; without it there is none.
    pub oidc: Option<Oidc>,
}

/// Who is named in records of usage, in the words of FOCUS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Providers {
    /// Who offers the services.
    pub service_provider_name: String,
    /// Who runs them.
    pub host_provider_name: String,
    /// Who sends the invoices.
    pub invoice_issuer_name: String,
}

impl Default for Providers {
    fn default() -> Self {
        let name = || "Umbel".to_owned();
        Self { service_provider_name: name(), host_provider_name: name(), invoice_issuer_name: name() }
    }
}

/// The address at which people reach the server; nothing that a client sends ever takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Reads a URL like `https://umbel.example.com`, perhaps with a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let has_more =
            !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some();
        if !matches!(url.scheme(), "http" | "https") || has_more {
            return Err("give http:// or https://, a host, and at most a port and a path".to_owned());
        }
        Ok(Self(url))
    }

    /// Scheme, host and port as browsers name a page's origin.
    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host that people know.
    pub(crate) fn host(&self) -> Option<Host<&str>> {
        self.0.host()
    }

    /// The URL of a page of the server.
    pub(crate) fn at(&self, page: &str) -> String {
        format!("{}{page}", self.0.as_str().trim_end_matches('/'))
    }

    /// The link to a page of the server, with a fragment, which browsers keep to themselves.
    pub(crate) fn to(&self, page: &str, fragment: &str) -> String {
        format!("{}#{fragment}", self.at(page))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            root_creation: RootCreation::Everyone,
            tree_limits: TreeLimits { depth_max: 32, children_max: 100_000 },
            accounts_max: 10_000,
            members_max: 100_000,
            total_size_max: 10_000,
            body_size_max: 1 << 20,
            request_timeout: Duration::from_secs(30),
            trusted_proxies: Vec::new(),
            invitations: false,
            invitation_days: 7,
            audit_views: false,
            usage_window_days: 35,
            providers: Providers::default(),
            stream_private_addresses: false,
            stream_directory: None,
            public_url: None,
            session_hours: 24,
            mail: None,
            oidc: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_the_public_url() {
        for (url, link) in [
            ("https://umbel.example.com", "https://umbel.example.com/page#x"),
            ("http://[::1]:8787/", "http://[::1]:8787/page#x"),
            ("https://example.com/umbel/", "https://example.com/umbel/page#x"),
        ] {
            assert_eq!(PublicUrl::parse(url).unwrap().to("/page", "x"), link);
        }
        for bad in
            ["", "umbel.example.com", "ftp://x", "https://", "https://a:b@x", "https://x/?a", "https://x/#a", "javascript:x"]
        {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
