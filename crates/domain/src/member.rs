//! Members: users in organizations.

use crate::{AccountId, Actions, Holding, Lineage, MemberId, OrganizationId, Refusal, Role, Timestamp, User, UserId};

/// A user in an organization, with a role that holds there and below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// Where.
    pub organization_id: OrganizationId,
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: Role,
    /// Whether the role holds: only that of an active member does.
    pub status: MemberStatus,
    /// Since when.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

impl Member {
    /// Whether this member keeps a root from being without a super administrator.
    pub fn is_super_administrator(&self) -> bool {
        self.status == MemberStatus::Active && self.role == Role::SuperAdministrator
    }
}

/// A member of an organization or of an account, and who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<M = Member> {
    /// The membership.
    pub member: M,
    /// The user.
    pub user: User,
    /// When the user last used a credential, as far as it was noted.
    pub last_seen_on: Option<Timestamp>,
    /// Where the organization stands that manages the user.
    pub manager: Option<Lineage>,
}

impl<M> Person<M> {
    /// Whether more of the user, who is a member `since` then, may be shown than the address, to those who see the members of a
    /// tree with this root.
    ///
    /// Adding an address must read nobody: the user has to be managed in the tree, or to have been here since.
    pub fn is_known_in(&self, root: Option<&str>, since: Timestamp) -> bool {
        let is_managed_here = self.manager.as_ref().is_some_and(|manager| manager.root_id() == root);
        is_managed_here || self.last_seen_on.is_some_and(|seen| seen >= since)
    }
}

impl Person<Member> {
    /// What the person holds by this membership, if it were as this role: nothing, unless it is active.
    pub fn holdings(&self, role: Role) -> Vec<Holding> {
        let place = Place::Organization(self.member.organization_id.clone());
        self.held(self.member.status, &place, &[role])
    }
}

impl Person<AccountMember> {
    /// What the person holds by this membership, if it were as these roles: nothing, unless it is active.
    pub fn holdings(&self, roles: &[Role]) -> Vec<Holding> {
        self.held(self.member.status, &Place::Account(self.member.account_id.clone()), roles)
    }
}

impl<M> Person<M> {
    fn held(&self, status: MemberStatus, place: &Place, roles: &[Role]) -> Vec<Holding> {
        let roles = roles.iter().filter(|_| status == MemberStatus::Active);
        let holding = |role: &Role| {
            let (user_id, email) = (self.user.id.clone(), self.user.email.clone());
            Holding { place: place.clone(), user_id, email, role: *role }
        };
        roles.map(holding).collect()
    }
}

/// Refuses to give or take a role that allows more than `held`: nobody decides over more than they hold themselves.
pub fn may_decide_over(held: Actions, role: Role, allowed: Actions) -> Result<(), Refusal> {
    if held.contains_all(allowed) { Ok(()) } else { Err(Refusal::RoleBeyondCaller { role }) }
}

/// A user in an account, with roles that hold there alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountMember {
    /// Its id.
    pub id: MemberId,
    /// Where.
    pub account_id: AccountId,
    /// Who.
    pub user_id: UserId,
    /// As what: at least one role, each once.
    pub roles: Vec<Role>,
    /// Whether the roles hold: only those of an active member do.
    pub status: MemberStatus,
    /// Since when.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

/// Where somebody is a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In an organization, and by that in everything below it.
    Organization(OrganizationId),
    /// In an account.
    Account(AccountId),
}

/// How far a membership has come; only an active one gives any right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStatus {
    /// The role holds.
    Active,
    /// Invited and not yet accepted.
    Pending,
    /// The invitation was turned down.
    Rejected,
    /// Ended.
    Canceled,
}

impl MemberStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Active, Self::Pending, Self::Rejected, Self::Canceled];

    /// The status's name, on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Email};

    #[test]
    fn nobody_decides_over_a_role_that_allows_more_than_they_hold() {
        let actions = |role: Role| role.actions().unwrap();
        for (held, role) in Role::BUILT_IN.into_iter().flat_map(|held| Role::BUILT_IN.map(|role| (held, role))) {
            let allowed = Action::ALL.into_iter().all(|action| !role.allows(action) || held.allows(action));
            assert_eq!(may_decide_over(actions(held), role, actions(role)).is_ok(), allowed, "{held:?} over {role:?}");
            assert_eq!(may_decide_over(Actions::ALL, role, actions(role)), Ok(()));
        }
        let decides = |held, role| may_decide_over(actions(held), role, actions(role)).is_ok();
        assert!(decides(Role::Administrator, Role::Administrator) && !decides(Role::Administrator, Role::SuperAdministrator));
        assert!(!decides(Role::Viewer, Role::Billing));
    }

    #[test]
    fn a_person_is_known_who_is_managed_in_the_tree_or_was_here_since() {
        let since = Timestamp::from_micros(10);
        let person = |last_seen_on: Option<i64>, manager: Option<&str>| Person {
            member: Member {
                id: MemberId::parse("m").unwrap(),
                organization_id: OrganizationId::parse("eu").unwrap(),
                user_id: UserId::parse("ann").unwrap(),
                role: Role::Viewer,
                status: MemberStatus::Active,
                create_time: since,
                update_time: since,
            },
            user: User {
                id: UserId::parse("ann").unwrap(),
                email: Email::parse("ann").unwrap(),
                name: None,
                two_factor_authentication_enabled: false,
                operator: false,
                managed_by: None,
                disabled: false,
                create_time: since,
                version: 1,
            },
            last_seen_on: last_seen_on.map(Timestamp::from_micros),
            manager: manager.map(|at| Lineage::parse(at.into()).unwrap()),
        };
        let known = |last_seen_on, manager| person(last_seen_on, manager).is_known_in(Some("acme"), since);
        assert!(!known(None, None) && !known(Some(9), None) && !known(Some(9), Some("globex/")));
        assert!(known(Some(10), None) && known(None, Some("acme/")) && known(None, Some("acme/us/")));
    }
}
