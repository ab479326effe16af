//! The role table: which role may do what.

use std::borrow::Cow;

use crate::{Invalid, Lineage, Name, OrganizationId, RoleId, Timestamp};

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
    /// Make, change and remove the roles of a root organization.
    ManageRoles,
    /// Set up where the audit log is sent to, how long it is kept, and what is erased of it.
    ManageAuditLog,
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
    /// See and end one's own sessions, and set how one signs in, with a credential without bounds.
    ManageOwnSignIn,
    /// Record what an account used.
    RecordUsage,
    /// See and make metrics and prices, and set what an organization pays in.
    ManagePrices,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 25] = [
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
        Self::ManageRoles,
        Self::ManageAuditLog,
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
        Self::ManageOwnSignIn,
        Self::RecordUsage,
        Self::ManagePrices,
    ];

    /// The action's name, on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOrganization => "read_organization",
            Self::ReadMembers => "read_members",
            Self::ReadAuditLog => "read_audit_log",
            Self::ReadBilling => "read_billing",
            Self::CreateOrganization => "create_organization",
            Self::UpdateOrganization => "update_organization",
            Self::ManageMembers => "manage_members",
            Self::DeleteOrganization => "delete_organization",
            Self::MoveOrganization => "move_organization",
            Self::ManageSuperAdministrators => "manage_super_administrators",
            Self::ManageRoles => "manage_roles",
            Self::ManageAuditLog => "manage_audit_log",
            Self::UpdateFlags => "update_flags",
            Self::ReadAccount => "read_account",
            Self::CreateAccount => "create_account",
            Self::UpdateAccount => "update_account",
            Self::MoveAccount => "move_account",
            Self::DeleteAccount => "delete_account",
            Self::ManageUsers => "manage_users",
            Self::ReadSelf => "read_self",
            Self::ManageOwnMemberships => "manage_own_memberships",
            Self::ManageOwnTokens => "manage_own_tokens",
            Self::ManageOwnSignIn => "manage_own_sign_in",
            Self::RecordUsage => "record_usage",
            Self::ManagePrices => "manage_prices",
        }
    }

    /// The action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
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
        Action::RecordUsage,
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

    /// The actions of this set that are not in the other.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none in the set.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// The actions of the set, in the order of [`Action::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().filter(move |action| self.contains(*action))
    }

    /// The names of the actions.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Action::name).collect()
    }
}

/// What a member may do, in an organization and everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything that a member can do.
    SuperAdministrator,
    /// Everything but deleting and moving organizations, and deciding over super administrators and the audit log.
    Administrator,
    /// Sees organizations, accounts, usage and cost.
    Billing,
    /// Sees organizations, accounts, members and the audit log.
    Auditor,
    /// Sees organizations, accounts and members.
    Viewer,
    /// What a root organization made of it: see [`CustomRole`].
    Custom(RoleId),
}

impl Role {
    /// Every role that is there without being made.
    pub const BUILT_IN: [Self; 5] = [Self::SuperAdministrator, Self::Administrator, Self::Billing, Self::Auditor, Self::Viewer];

    /// The role's name, or its id when it was made by a root: what stands for it on the wire and in the database.
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::SuperAdministrator => "super_administrator",
            Self::Administrator => "administrator",
            Self::Billing => "billing",
            Self::Auditor => "auditor",
            Self::Viewer => "viewer",
            Self::Custom(id) => return Cow::Owned(id.to_string()),
        })
    }

    /// The role of that name, or with that id.
    pub fn from_name(name: &str) -> Option<Self> {
        let built_in = Self::BUILT_IN.into_iter().find(|role| role.name() == name);
        built_in.or_else(|| RoleId::parse(name).ok().map(Self::Custom))
    }

    /// The role table, of the built-in roles; what a custom one allows stands in the database, and by itself it allows nothing.
    pub const fn allows(self, action: Action) -> bool {
        use Action as A;
        use Role as R;
        match (self, action) {
            (R::Custom(_), _) | (_, A::UpdateFlags | A::ManageUsers | A::ManagePrices | A::ManageOwnSignIn) => false,
            (R::SuperAdministrator, _)
            | (_, A::ReadOrganization | A::ReadAccount | A::ReadSelf | A::ManageOwnMemberships | A::ManageOwnTokens) => true,
            (
                R::Administrator,
                A::DeleteOrganization | A::MoveOrganization | A::ManageSuperAdministrators | A::ManageAuditLog,
            ) => false,
            (R::Administrator, _) => true,
            (R::Billing, A::ReadBilling) => true,
            (R::Auditor, A::ReadMembers | A::ReadAuditLog) => true,
            (R::Viewer, A::ReadMembers) => true,
            (R::Billing | R::Auditor | R::Viewer, _) => false,
        }
    }

    /// Every action that a built-in role allows; `None` for a custom one, of which its name does not tell.
    pub const fn actions(self) -> Option<Actions> {
        match self {
            Self::Custom(_) => None,
            built_in => Some(built_in.table()),
        }
    }

    const fn table(self) -> Actions {
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

/// A role that a root organization made, for use in its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomRole {
    /// Its id.
    pub id: RoleId,
    /// The root in whose tree it can be used.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// What it allows, [`CustomRole::BASE`] included.
    pub actions: Actions,
    /// Since when it exists.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

impl CustomRole {
    /// What every role allows: to see the place, and what is everybody's own.
    pub const BASE: Actions = Actions::of(&[
        Action::ReadOrganization,
        Action::ReadAccount,
        Action::ReadSelf,
        Action::ManageOwnMemberships,
        Action::ManageOwnTokens,
    ]);

    /// The most characters of a description.
    pub const DESCRIPTION_LENGTH_MAX: usize = 500;

    /// Reads what a role is for.
    pub fn description(text: String) -> Result<String, Invalid> {
        let limit = Self::DESCRIPTION_LENGTH_MAX;
        if text.chars().count() > limit || text.chars().any(char::is_control) {
            return Err(Invalid(format!("must have at most {limit} characters, none of them a control character")));
        }
        Ok(text)
    }

    /// Reads what a role shall allow; what only operators may do no role allows.
    pub fn actions(names: &[impl AsRef<str>]) -> Result<Actions, Vec<(usize, Invalid)>> {
        let (mut actions, mut faults) = (Self::BASE, Vec::new());
        for (at, name) in names.iter().enumerate() {
            match Action::from_name(name.as_ref()).filter(|action| Role::SuperAdministrator.allows(*action)) {
                Some(action) => actions = actions.union(Actions::of(&[action])),
                None => faults.push((at, Invalid(format!("must be one of `{}`", Self::grantable().names().join("`, `"))))),
            }
        }
        if faults.is_empty() { Ok(actions) } else { Err(faults) }
    }

    /// What a custom role can allow: what the widest built-in one does.
    fn grantable() -> Actions {
        Role::SuperAdministrator.table()
    }

    /// Whether the role counts at this place: only in the tree of the root that made it.
    pub fn counts_at(&self, lineage: &Lineage) -> bool {
        lineage.root_id() == Some(self.organization_id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn the_role_table_reads() {
        let mut table = format!("{:<28}", "");
        for role in Role::BUILT_IN {
            write!(table, "{:<21}", role.name()).unwrap();
        }
        table.push_str("operator\n");
        for action in Action::ALL {
            write!(table, "{:<28}", format!("{action:?}")).unwrap();
            for role in Role::BUILT_IN {
                write!(table, "{:<21}", if role.allows(action) { "yes" } else { "-" }).unwrap();
            }
            table.push_str(if Actions::ALL.contains(action) { "yes\n" } else { "-\n" });
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn every_role_may_see_and_no_role_may_do_what_is_the_operators_or_needs_no_bounds() {
        for role in Role::BUILT_IN {
            assert!(role.allows(Action::ReadOrganization) && role.allows(Action::ReadAccount));
            for in_no_role in [Action::ManageUsers, Action::UpdateFlags, Action::ManagePrices, Action::ManageOwnSignIn] {
                assert!(!role.allows(in_no_role));
            }
            assert!(Role::SuperAdministrator.table().contains_all(role.table()), "{}", role.name());
            assert!(role.table().contains_all(CustomRole::BASE), "{}", role.name());
        }
    }

    #[test]
    fn names_of_actions_and_roles_are_read_as_they_are_written() {
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(action));
        }
        let custom = Role::Custom(RoleId::parse("019c4f65e7607d8c9f6f6b58aa3aff50").unwrap());
        for role in Role::BUILT_IN.into_iter().chain([custom]) {
            assert_eq!(Role::from_name(&role.name()), Some(role));
            assert_eq!(role.name().as_ref() < "a", role == custom, "custom roles come first in byte order");
        }
    }

    #[test]
    fn a_custom_role_always_lets_see_and_never_do_what_is_the_operators() {
        assert_eq!(CustomRole::actions(&[] as &[&str]), Ok(CustomRole::BASE));
        let billing = CustomRole::actions(&["read_billing"]).unwrap();
        assert_eq!(billing, Role::Billing.table());
        let faults = CustomRole::actions(&["read_billing", "manage_users", "update_flags", "fly"]).unwrap_err();
        assert_eq!(faults.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
