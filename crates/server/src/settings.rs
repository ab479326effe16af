//! What an operator can set.

use std::time::Duration;

use ipnet::IpNet;
pub use umbel_domain::authorization::RootCreation;
pub use umbel_domain::organization::TreeLimits;

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
        }
    }
}
