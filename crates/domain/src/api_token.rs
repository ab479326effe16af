//! API tokens: credentials that a user makes for programs.

use crate::authorization::Bounds;
use crate::{Action, Actions, ApiTokenId, Lineage, Name, OrganizationId, Refusal, Role, Timestamp, UserId};

/// A credential of a user, perhaps bound to an organization, a role and a time. Its secret is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is for.
    pub name: Name,
    /// How far it reaches at most.
    pub scope: Scope,
    /// Since when it exists.
    pub create_time: Timestamp,
    /// From when on it is refused, if ever.
    pub expires_on: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    pub last_used_on: Option<Timestamp>,
}

/// How far a token reaches at most; whatever its owner may do outside of it, the token may not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only this organization and what is below it.
    pub organization_id: Option<OrganizationId>,
    /// Only what this role allows.
    pub role: Option<Role>,
    /// Only what a token of this kind is for.
    pub kind: TokenKind,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenKind {
    /// Whatever its owner may do.
    #[default]
    Api,
    /// Recording usage, and nothing else: for programs that meter.
    Meter,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Api, Self::Meter];

    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Meter => "meter",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    const fn actions(self) -> Actions {
        match self {
            Self::Api => Actions::ALL,
            Self::Meter => Actions::of(&[Action::RecordUsage]),
        }
    }
}

impl Scope {
    /// The bounds that the scope sets, given where its organization stands now, `None` when it is gone, and what its role allows
    /// there.
    pub fn bounds(&self, lineage: Option<Lineage>, allowed: Actions) -> Bounds {
        let within = if self.organization_id.is_none() { Some(Lineage::server()) } else { lineage };
        let allowed = if self.role.is_none() { Actions::ALL } else { allowed };
        Bounds { within, actions: allowed.intersection(self.kind.actions()) }
    }
}

impl ApiToken {
    /// Whether the token is refused at `now` because its time is over.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_on.is_some_and(|expires_on| expires_on <= now)
    }
}

/// How far the credential reaches that makes a token: the token must not reach further, neither in place, right nor time.
#[derive(Debug, Clone, Copy)]
pub struct Maker<'a> {
    /// The bounds of the credential.
    pub bounds: &'a Bounds,
    /// When the credential expires, if ever.
    pub expires_on: Option<Timestamp>,
}

impl Maker<'_> {
    /// When a token shall expire for which `asked` was asked: never later than its maker.
    pub fn expiry(&self, asked: Option<Timestamp>) -> Result<Option<Timestamp>, Refusal> {
        match (asked, self.expires_on) {
            (Some(asked), Some(limit)) if asked > limit => Err(Refusal::WiderThanCaller),
            (asked, limit) => Ok(asked.or(limit)),
        }
    }

    /// Whether a token with these bounds and this expiry reaches no further than its maker.
    pub fn may_handle(&self, bounds: &Bounds, expires_on: Option<Timestamp>) -> bool {
        let outlived = match (expires_on, self.expires_on) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(theirs), Some(mine)) => theirs > mine,
        };
        !outlived && self.bounds.contain(bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_outlives_the_credential_that_made_it() {
        let bounds = Bounds::UNBOUNDED;
        let at = Timestamp::from_micros;
        let maker = Maker { bounds: &bounds, expires_on: Some(at(10)) };
        assert_eq!(maker.expiry(None), Ok(Some(at(10))));
        assert_eq!(maker.expiry(Some(at(9))), Ok(Some(at(9))));
        assert_eq!(maker.expiry(Some(at(11))), Err(Refusal::WiderThanCaller));
        assert!(maker.may_handle(&bounds, Some(at(10))));
        assert!(!maker.may_handle(&bounds, Some(at(11))) && !maker.may_handle(&bounds, None));
        let free = Maker { bounds: &bounds, expires_on: None };
        assert_eq!(free.expiry(None), Ok(None));
    }
}
