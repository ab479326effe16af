//! Invitations into organizations.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::member::Member;
use crate::parameters::{PageSize, parameters};

/// A membership that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: String,
    /// The organization that invites.
    pub organization_id: String,
    /// The membership that waits.
    pub member_id: String,
    /// The address that is invited.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// The role that the membership shall give.
    #[schema(example = "viewer")]
    pub role: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub create_time: OffsetDateTime,
    /// Until when it can be accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_on: OffsetDateTime,
    /// Whether that is over.
    pub expired: bool,
    /// How far its delivery has come.
    pub delivery: String,
    /// Who invites.
    pub invited_by: Inviter,
    /// Where it is accepted: only in the answer to a resend when the server sends no mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub link: Option<String>,
    /// What it is accepted with: only in the answer to a resend when the server sends no mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub token: Option<String>,
}

/// Who invites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Inviter {
    /// Their id.
    pub id: String,
    /// Their e-mail address.
    pub email: String,
}

/// Answers an invitation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerInvitation {
    /// What the invited person was sent.
    pub token: String,
}

/// A new member, with the invitation that they have to accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddedMember {
    /// The member.
    #[serde(flatten)]
    pub member: Member,
    /// What to hand to the invited person; absent when nobody has to accept, or when a mail does it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub invitation: Option<NewInvitation>,
}

/// What to hand to an invited person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewInvitation {
    /// The invitation's id.
    pub id: String,
    /// Where it is accepted.
    pub link: Option<String>,
    /// What it is accepted with.
    pub token: Option<String>,
    /// Until when it can be accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_on: OffsetDateTime,
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
