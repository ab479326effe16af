//! Invitations to organizations.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::parameters::{PageSize, parameters};

/// The open invitation of a pending member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id, which a new link keeps.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff53")]
    pub id: String,
    /// The id of the organization.
    pub organization_id: String,
    /// The id of the pending membership.
    pub member_id: String,
    /// The address of the invited user.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// The role that the membership gives once it is accepted.
    #[schema(example = "administrator")]
    pub role: String,
    /// Since when there is an invitation.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(example = "2026-01-02T03:04:05.123456Z")]
    pub create_time: OffsetDateTime,
    /// From when on its link is refused.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(example = "2026-01-09T03:04:05.123456Z")]
    pub expires_on: OffsetDateTime,
    /// Whether its link is refused by now.
    pub expired: bool,
    /// How far its link has come.
    pub delivery: InvitationDelivery,
    /// Who made the link.
    pub invited_by: Inviter,
    /// Where the invited user answers, to hand over; only in the answer that makes it, when the server sends no mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub link: Option<String>,
    /// The secret of the link; only in the answer that makes it, when the server sends no mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub token: Option<String>,
}

/// How the link of an invitation comes to the invited user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvitationDelivery {
    /// The inviter has it and hands it over.
    Link,
    /// By mail, which waits to be sent.
    Queued,
    /// By mail, which the mail server has taken.
    Sent,
    /// It did not: send it again.
    Failed,
}

/// Who made the link of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Inviter {
    /// The id of the user.
    pub id: String,
    /// The address; `null` when the user is gone.
    #[schema(example = "adam@acme.example")]
    pub email: Option<String>,
}

/// A link for the inviter to hand over to a new member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewInvitation {
    /// The id of the invitation.
    pub id: String,
    /// Where the invited user answers; absent when the server does not know how it is reached.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "https://umbel.acme.example/console/invitations#umi_…")]
    pub link: Option<String>,
    /// The secret of the link, which no other answer shows.
    pub token: String,
    /// From when on it is refused.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(example = "2026-01-09T03:04:05.123456Z")]
    pub expires_on: OffsetDateTime,
}

/// Accepts or rejects an invitation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerInvitation {
    /// The secret of the link: what is behind its `#`.
    pub token: String,
}

parameters! {
    /// Which page of invitations to list.
    ListInvitations {
        /// Items of a page, at most 1000.
        page_size: PageSize = "page_size",
        /// Where to go on: `next_page_token` of the page before.
        page_token: Option<String> = "page_token",
    }
}
