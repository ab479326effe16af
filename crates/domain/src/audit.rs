//! The audit log: what is written down of every change and of every refused attempt.

use crate::{AuditEntryId, OrganizationId, Timestamp};

/// One entry as it is stored; never changed afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: AuditEntryId,
    /// Whose log it belongs to; `None` for the server's own.
    pub log: Option<OrganizationId>,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// Whether it was done or refused.
    pub result: Outcome,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it; `None` for what no request did.
    pub request: Option<RequestLine>,
    /// The body of the request without its secrets: JSON.
    pub request_body: Option<String>,
    /// The answer without its secrets: JSON.
    pub response_body: Option<String>,
}

/// What happened to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What was done.
    pub action: ActionType,
    /// To what kind of thing.
    pub resource: ResourceType,
    /// To which one.
    pub resource_id: String,
    /// In words.
    pub description: String,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionType {
    /// Something is new.
    Create,
    /// Something is gone.
    Delete,
    /// Something is different.
    Update,
}

impl ActionType {
    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Update => "update",
        }
    }
}

/// The kinds of things that entries are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceType {
    /// An organization.
    Organization,
    /// What an organization says of itself.
    OrganizationProfile,
    /// A user in an organization.
    OrganizationMember,
    /// A user.
    User,
    /// A credential of a user.
    ApiToken,
}

impl ResourceType {
    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::OrganizationProfile => "organization_profile",
            Self::OrganizationMember => "organization_member",
            Self::User => "user",
            Self::ApiToken => "api_token",
        }
    }

    /// The product that the thing belongs to.
    pub const fn product(self) -> &'static str {
        match self {
            Self::Organization | Self::OrganizationProfile | Self::OrganizationMember => "organizations",
            Self::User | Self::ApiToken => "iam",
        }
    }
}

/// Whether an attempt came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused.
    Failure,
}

impl Outcome {
    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A user, through a credential.
    User {
        /// The user's id.
        id: String,
        /// The user's address.
        email: String,
        /// The address that the request came from.
        ip: String,
        /// The id and name of the token; `None` for a global API key.
        token: Option<(String, String)>,
    },
    /// The command line or a worker.
    System,
}

/// The request behind an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// The id of the request, 16 hex digits.
    pub ray_id: String,
    /// The method.
    pub method: String,
    /// Path and query as they were sent.
    pub uri: String,
    /// The status of the answer.
    pub status: u16,
    /// What the client calls itself.
    pub user_agent: String,
}
