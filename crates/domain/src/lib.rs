//! The rules of Umbel: who may do what, what an organization may look like, what a credential is.
//!
//! Everything here is a pure function or a plain type. Time and randomness come in as arguments; nothing here waits, reads a
//! file or knows how a thing looks on the wire or in a table.

pub mod account;
pub mod api_token;
pub mod audit;
pub mod authorization;
pub mod billing_period;
pub mod budget;
pub mod currency;
pub mod day;
pub mod digits;
pub mod effect;
pub mod email;
pub mod flags;
pub mod id;
pub mod invitation;
pub mod invoice;
pub mod lineage;
pub mod linked_identity;
pub mod member;
pub mod metric;
pub mod month;
pub mod name;
pub mod organization;
pub mod price;
pub mod price_book;
pub mod rating;
pub mod refusal;
pub mod role;
pub mod secret;
pub mod session;
pub mod timestamp;
pub mod usage;
pub mod user;

pub use account::{Account, AccountSettings, AccountType, NewAccount};
pub use api_token::{ApiToken, Scope, TokenKind};
pub use authorization::{Denied, Grant, Principal, Reach, Target, authorize};
pub use billing_period::{BillingPeriod, BillingPeriodState};
pub use budget::Budget;
pub use currency::Currency;
pub use day::Day;
pub use digits::Digits;
pub use effect::{Effect, Holding};
pub use email::Email;
pub use flags::{Flag, Flags};
pub use id::{
    AccountId, ApiTokenId, AuditEntryId, AuditErasureId, AuditStreamId, BudgetId, InvitationId, InvoiceId, LinkedIdentityId,
    MemberId, MetricId, OrganizationId, PriceId, RoleId, SessionId, UserId,
};
pub use invitation::{Delivery, Invitation, OpenInvitation};
pub use invoice::{Invoice, InvoiceKey};
pub use lineage::Lineage;
pub use linked_identity::LinkedIdentity;
pub use member::{AccountMember, Member, MemberStatus, Person, Place};
pub use metric::Metric;
pub use month::Month;
pub use name::Name;
pub use organization::{NewOrganization, Organization, Profile};
pub use price::Price;
pub use price_book::PriceBook;
pub use refusal::Refusal;
pub use role::{Action, Actions, CustomRole, Role};
pub use session::Session;
pub use timestamp::Timestamp;
pub use user::User;

/// Why a text cannot be read as the value that it should be: a sentence without subject, ready to follow the name of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub String);

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}
