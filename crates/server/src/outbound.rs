//! The way out: connections to hosts that somebody else names, to checked addresses only.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpStream;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

/// How long a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long a request and its answer may take.
pub(crate) const REQUEST_MAX: Duration = Duration::from_secs(10);
/// How long an unused connection is kept.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// Blocks that are no part of the public network, or of which nobody knows where they lead (IANA's registries of special purpose).
static NOT_PUBLIC_V4: LazyLock<Vec<Ipv4Net>> = LazyLock::new(|| {
    let blocks = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    ];
    blocks.iter().filter_map(|block| block.parse().ok()).collect()
});
/// The block of public addresses of version 6, and then those within it that are none.
static PUBLIC_V6: LazyLock<Vec<Ipv6Net>> = LazyLock::new(|| {
    let blocks = ["2000::/3", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];
    blocks.iter().filter_map(|block| block.parse().ok()).collect()
});

/// Whether an address is one of the public network.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|block| block.contains(&address)),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    PUBLIC_V6
        .split_first()
        .is_some_and(|(public, others)| public.contains(&address) && !others.iter().any(|block| block.contains(&address)))
}

/// What connects to hosts that somebody else names: without redirects and proxies, and to private addresses only where that is allowed.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    http: reqwest::Client,
    checked: Checked,
    tls: Arc<ClientConfig>,
}

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy)]
struct Checked {
    private: bool,
}

/// Why a host is not connected to.
const NOT_PUBLIC: &str = "it leads to no public address; the setting `stream_private_addresses` allows others";

impl Checked {
    fn allows(self, address: IpAddr) -> bool {
        self.private || is_public(address)
    }

    /// The addresses of a host that may be connected to.
    async fn addresses(self, host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        let unknown = |_| format!("{host} has no address");
        let found = tokio::time::timeout(CONNECT_MAX, tokio::net::lookup_host((host, port)));
        let found = found.await.map_err(|_| format!("looking {host} up took too long"))?.map_err(unknown)?;
        let allowed: Vec<_> = found.filter(|address| self.allows(address.ip())).collect();
        if allowed.is_empty() { Err(NOT_PUBLIC.to_owned()) } else { Ok(allowed) }
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let checked = *self;
        Box::pin(async move {
            let addresses = checked.addresses(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl Outbound {
    /// Connects to private addresses only with `private`.
    pub(crate) fn new(private: bool) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
        let checked = Checked { private };
        let http = reqwest::Client::builder()
            .use_preconfigured_tls(tls.clone())
            .dns_resolver(Arc::new(checked))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_MAX)
            .timeout(REQUEST_MAX)
            .pool_idle_timeout(IDLE_MAX)
            .user_agent(concat!("umbel/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { http, checked, tls: Arc::new(tls) })
    }

    /// Refuses a URL that may not be connected to whatever its host resolves to, and says why.
    pub(crate) fn check(&self, url: &str) -> Result<(), String> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        if url.scheme() == "http" && !self.checked.private {
            return Err("must be https://; the setting `stream_private_addresses` allows http://".to_owned());
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            // Of a scheme that the standard of URLs does not know the host is any text.
            Some(Host::Domain(host)) => host.parse().ok(),
            None => None,
        };
        if address.is_some_and(|address| !self.checked.allows(address)) {
            return Err(format!("cannot be used: {NOT_PUBLIC}"));
        }
        Ok(())
    }

    /// Sends a request, of which nothing was checked yet.
    pub(crate) async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, String> {
        self.check(request.url().as_str())?;
        self.http.execute(request).await.map_err(|error| reason(&error))
    }

    /// Connects to a host, without encryption.
    pub(crate) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, String> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = self.checked.addresses(host, port).await?;
        let connected = tokio::time::timeout(CONNECT_MAX, TcpStream::connect(addresses.as_slice())).await;
        connected.map_err(|_| "connecting took too long".to_owned())?.map_err(|error| format!("cannot connect: {}", error.kind()))
    }

    /// How connections are encrypted.
    pub(crate) fn tls(&self) -> Arc<ClientConfig> {
        self.tls.clone()
    }
}

/// Why a request failed, in few words and without its URL, which may hold a secret.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("there was no answer within {} s", REQUEST_MAX.as_secs());
    }
    let mut source: &dyn std::error::Error = error;
    while let Some(below) = source.source() {
        source = below;
    }
    let what = if error.is_connect() { "cannot connect" } else { "the request broke off" };
    if source.is::<reqwest::Error>() { what.to_owned() } else { format!("{what}: {source}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_network_are_public() {
        for public in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.0.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        assert_eq!((NOT_PUBLIC_V4.len(), PUBLIC_V6.len()), (14, 5), "every block was read");
    }

    #[test]
    fn a_url_that_names_a_private_address_is_refused_in_every_spelling() {
        let (strict, open) = (Outbound::new(false).unwrap(), Outbound::new(true).unwrap());
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "syslog://127.0.0.1:514",
            "syslogs://[::1]:6514",
            "http://example.com/",
        ] {
            assert!(strict.check(url).is_err(), "{url}");
            assert_eq!(open.check(url), Ok(()), "{url}");
        }
        assert_eq!(strict.check("https://example.com/"), Ok(()));
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_a_private_address_is_not_connected_to() {
        let strict = Outbound::new(false).unwrap();
        assert_eq!(strict.connect("localhost", 1).await.unwrap_err(), NOT_PUBLIC);
        let request = reqwest::Request::new(reqwest::Method::GET, "https://localhost:1/".parse().unwrap());
        assert_eq!(strict.send(request).await.unwrap_err(), format!("cannot connect: {NOT_PUBLIC}"));
    }
}
