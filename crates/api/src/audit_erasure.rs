//! Erasing what is personal in an audit log.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Orders to erase the personal members of every entry that is by somebody or about them: exactly one member.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CreateAuditErasure {
    /// A user; while the user is there, entries that mention their address count, too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "019c4f65e7607d8c9f6f6b58aa3aff51")]
    pub user_id: Option<String>,
    /// An address: entries by who had it and entries that mention it. It is forgotten when the erasure is done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "ann@example.com")]
    pub email: Option<String>,
}

/// An erasure in an audit log. It does not show the address that it was ordered for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditErasure {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff55")]
    pub id: String,
    /// The user that it was ordered for; absent when it was ordered for an address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "019c4f65e7607d8c9f6f6b58aa3aff51")]
    pub user_id: Option<String>,
    /// How far it has come.
    pub status: AuditErasureStatus,
    /// How many entries it has erased so far.
    pub erased: u64,
    /// When it was ordered; entries after that are not looked at.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// When it was done.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub done_time: Option<OffsetDateTime>,
}

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditErasureStatus {
    /// It is under way, or waits until a hold is lifted.
    Running,
    /// Nothing of what was to be erased is left.
    Done,
}
