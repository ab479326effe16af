//! Billing periods: what a root is invoiced together, open until it is closed.

use crate::{Day, Month, OrganizationId, Timestamp};

/// A month of a root organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingPeriod {
    /// Whose it is.
    pub root: OrganizationId,
    /// Which month.
    pub month: Month,
    /// How far it is.
    pub state: BillingPeriodState,
    /// When somebody closed it.
    pub close_time: Option<Timestamp>,
    /// SHA-256 of what was used in it and by which prices it was rated, once it is closed.
    pub content_hash: Option<[u8; 32]>,
}

/// How far a billing period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillingPeriodState {
    /// Whatever comes late is added to it.
    Open,
    /// Nothing changes it any more, and its invoices are made.
    Closing,
    /// It has its invoices.
    Closed,
}

impl BillingPeriodState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closing, Self::Closed];

    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl BillingPeriod {
    /// The first day on which a month may be closed: its days have ended then, whatever the clocks of other servers say.
    pub fn closable_from(month: Month) -> Day {
        month.end().next()
    }
}
