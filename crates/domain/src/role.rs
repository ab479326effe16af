//! The role table: which role may do what.

/// Something that a caller may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Action {
    /// See an organization: its name, place, profile and flags. Who may not do this is told that there is no such thing.
    ReadOrganization,
    /// See who the members are.
    ReadMembers,
    /// Read the audit log.
    ReadAuditLog,
    /// Read usage and cost.
    ReadBilling,
    /// Create an organization below this one.
    CreateOrganization,
    /// Change an organization's name and profile.
    UpdateOrganization,
    /// Add, change and remove members who are not super administrators.
    ManageMembers,
    /// Delete an organization.
    DeleteOrganization,
    /// Move an organization out of this one, or below it; of a root, move the root itself.
    MoveOrganization,
    /// Add, change and remove super administrators.
    ManageSuperAdministrators,
    /// Change an organization's flags.
    UpdateFlags,
    /// See an account: its name, type and settings. Who may not do this is told that there is no such thing.
    ReadAccount,
    /// Create an account in an organization.
    CreateAccount,
    /// Change an account's name, settings and profile.
    UpdateAccount,
    /// Move an account out of an organization or into it.
    MoveAccount,
    /// Delete an account.
    DeleteAccount,
    /// Create, list, disable and delete users.
    ManageUsers,
    /// See one's own user.
    ReadSelf,
    /// Accept, reject and end one's own memberships, with a credential that is bound to no organization.
    ManageOwnMemberships,
    /// Create, list, roll and revoke one's own API tokens, as far as they reach no further than the credential in use.
    ManageOwnTokens,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 20] = [
        Self::ReadOrganization,
        Self::ReadMembers,
        Self::ReadAuditLog,
        Self::ReadBilling,
        Self::CreateOrganization,
        Self::UpdateOrganization,
        Self::ManageMembers,
        Self::DeleteOrganization,
        Self::MoveOrganization,
        Self::ManageSuperAdministrators,
        Self::UpdateFlags,
        Self::ReadAccount,
        Self::CreateAccount,
        Self::UpdateAccount,
        Self::MoveAccount,
        Self::DeleteAccount,
        Self::ManageUsers,
        Self::ReadSelf,
        Self::ManageOwnMemberships,
        Self::ManageOwnTokens,
    ];
}

/// A set of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actions(u64);

impl Actions {
    /// No action at all.
    pub const NONE: Self = Self(0);
    /// Every action: what an operator may do.
    pub const ALL: Self = Self(u64::MAX);

    /// What a role on an account allows at most: what is about accounts.
    pub const ON_ACCOUNT: Self = Self::of(&[
        Action::ReadAccount,
        Action::UpdateAccount,
        Action::MoveAccount,
        Action::DeleteAccount,
        Action::ReadMembers,
        Action::ManageMembers,
        Action::ManageSuperAdministrators,
        Action::ReadAuditLog,
        Action::ReadBilling,
    ]);

    /// These actions.
    pub const fn of(actions: &[Action]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < actions.len() {
            bits |= 1 << actions[at] as u64;
            at += 1;
        }
        Self(bits)
    }

    /// Whether `action` is in the set.
    pub const fn contains(self, action: Action) -> bool {
        self.0 & (1 << action as u64) != 0
    }

    /// Whether every action of `other` is in the set.
    pub const fn contains_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The actions of both sets together.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The actions that are in both sets.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What a member may do, in an organization and everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything that a member can do.
    SuperAdministrator,
    /// Everything but deleting and moving organizations and deciding over super administrators.
    Administrator,
    /// Sees organizations, accounts, usage and cost.
    Billing,
    /// Sees organizations, accounts, members and the audit log.
    Auditor,
    /// Sees organizations, accounts and members.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::SuperAdministrator, Self::Administrator, Self::Billing, Self::Auditor, Self::Viewer];

    /// The role's name, on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SuperAdministrator => "super_administrator",
            Self::Administrator => "administrator",
            Self::Billing => "billing",
            Self::Auditor => "auditor",
            Self::Viewer => "viewer",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The role table.
    pub const fn allows(self, action: Action) -> bool {
        use Action as A;
        use Role as R;
        match (self, action) {
            (_, A::UpdateFlags | A::ManageUsers) => false,
            (R::SuperAdministrator, _)
            | (_, A::ReadOrganization | A::ReadAccount | A::ReadSelf | A::ManageOwnMemberships | A::ManageOwnTokens) => true,
            (R::Administrator, A::DeleteOrganization | A::MoveOrganization | A::ManageSuperAdministrators) => false,
            (R::Administrator, _) => true,
            (R::Billing, A::ReadBilling) => true,
            (R::Auditor, A::ReadMembers | A::ReadAuditLog) => true,
            (R::Viewer, A::ReadMembers) => true,
            (R::Billing | R::Auditor | R::Viewer, _) => false,
        }
    }

    /// Every action that the role allows.
    pub const fn actions(self) -> Actions {
        let mut actions = Actions::NONE;
        let mut at = 0;
        while at < Action::ALL.len() {
            if self.allows(Action::ALL[at]) {
                actions = actions.union(Actions::of(&[Action::ALL[at]]));
            }
            at += 1;
        }
        actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn the_role_table_reads() {
        let mut table = format!("{:<28}", "");
        for role in Role::ALL {
            write!(table, "{:<21}", role.name()).unwrap();
        }
        table.push_str("operator\n");
        for action in Action::ALL {
            write!(table, "{:<28}", format!("{action:?}")).unwrap();
            for role in Role::ALL {
                write!(table, "{:<21}", if role.actions().contains(action) { "yes" } else { "-" }).unwrap();
            }
            table.push_str(if Actions::ALL.contains(action) { "yes\n" } else { "-\n" });
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn every_role_may_see_and_no_role_may_do_what_is_the_operators() {
        for role in Role::ALL {
            assert!(role.allows(Action::ReadOrganization) && role.allows(Action::ReadAccount));
            assert!(!role.allows(Action::ManageUsers) && !role.allows(Action::UpdateFlags));
            assert!(Role::SuperAdministrator.actions().contains_all(role.actions()), "{}", role.name());
        }
    }
}
