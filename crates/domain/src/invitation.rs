//! Invitations: what a pending member of an organization accepts or rejects.

use crate::{Email, InvitationId, MemberId, OrganizationId, Role, Timestamp, UserId};

/// How long the mail of an invitation may wait; nothing sends it afterwards.
pub const QUEUED_MAX_SECONDS: i64 = 60 * 60;

/// The one link by which a pending member answers; there is one for each pending member who was invited, and for nobody else. Its
/// secret is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id, which a new link keeps.
    pub id: InvitationId,
    /// Where to.
    pub organization_id: OrganizationId,
    /// The pending membership.
    pub member_id: MemberId,
    /// Who handed out the link.
    pub invited_by: UserId,
    /// Since when there is an invitation.
    pub create_time: Timestamp,
    /// Since when there is this link.
    pub update_time: Timestamp,
    /// From when on the link is refused.
    pub expires_on: Timestamp,
    /// How far the link has come, as it was last written down.
    pub delivery: Delivery,
}

impl Invitation {
    /// Whether the link is refused at `now` because its time is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_on <= now
    }

    /// How far the link has come at `now`: what waited too long was lost with the process that was to send it.
    pub fn delivery(&self, now: Timestamp) -> Delivery {
        match self.delivery {
            Delivery::Queued if self.update_time.plus_seconds(QUEUED_MAX_SECONDS) <= now => Delivery::Failed,
            delivery => delivery,
        }
    }
}

/// An invitation, and who is invited as what by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The address of the invited user.
    pub email: Email,
    /// The role that the membership gives once it is accepted.
    pub role: Role,
    /// The address of who handed out the link; `None` when that user is gone.
    pub inviter: Option<Email>,
}

/// How the link comes to the invited user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The inviter has it and hands it over.
    Link,
    /// By mail, which waits to be sent.
    Queued,
    /// By mail, which a mail server has taken.
    Sent,
    /// It did not: the invitation has to be sent again.
    Failed,
}

impl Delivery {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Link, Self::Queued, Self::Sent, Self::Failed];

    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// The delivery of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|delivery| delivery.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_000_000);

    fn invitation(delivery: Delivery) -> Invitation {
        Invitation {
            id: InvitationId::parse("i").unwrap(),
            organization_id: OrganizationId::parse("eu").unwrap(),
            member_id: MemberId::parse("m").unwrap(),
            invited_by: UserId::parse("ann").unwrap(),
            create_time: START,
            update_time: START,
            expires_on: START.plus_seconds(10),
            delivery,
        }
    }

    #[test]
    fn a_link_is_good_until_not_at_its_end() {
        let invitation = invitation(Delivery::Link);
        assert!(!invitation.is_expired(Timestamp::from_micros(10_999_999)) && invitation.is_expired(START.plus_seconds(10)));
    }

    #[test]
    fn mail_that_waited_too_long_has_failed_and_nothing_else_changes_with_time() {
        let late = START.plus_seconds(QUEUED_MAX_SECONDS);
        for delivery in Delivery::ALL {
            assert_eq!(invitation(delivery).delivery(Timestamp::from_micros(late.micros() - 1)), delivery);
            let expected = if delivery == Delivery::Queued { Delivery::Failed } else { delivery };
            assert_eq!(invitation(delivery).delivery(late), expected);
            assert_eq!(Delivery::from_name(delivery.name()), Some(delivery));
        }
    }
}
