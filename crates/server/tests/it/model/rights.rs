//! Who may do what, as the documentation of roles says it.

use std::collections::BTreeMap;

use umbel_domain::{Action, Flag, MemberStatus, Role};

use super::operation::By;
use super::state::{Member, Model, Scope};

/// Somebody with a good credential.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: usize,
    pub(crate) scope: Scope,
}

/// Where something is to be done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    Server,
    Organization(&'a str),
    Account(&'a str),
}

/// What a role on an account alone lets do.
const ON_ACCOUNTS: [Action; 9] = [
    Action::ReadAccount,
    Action::UpdateAccount,
    Action::MoveAccount,
    Action::DeleteAccount,
    Action::ReadMembers,
    Action::ManageMembers,
    Action::ManageSuperAdministrators,
    Action::ReadAuditLog,
    Action::ReadBilling,
];

impl Model {
    /// Whose credential it is, if it is good: that of a user who is there and not disabled.
    pub(crate) fn caller(&self, by: By) -> Option<Caller> {
        let caller = match by {
            By::Key(user) => Caller { user, scope: Scope::default() },
            By::Token(number) => {
                let token = self.tokens.get(self.token(number).0)?;
                Caller { user: token.owner, scope: token.scope.clone() }
            }
        };
        let user = &self.users[caller.user];
        let known = matches!(by, By::Token(_)) || user.key.is_some();
        (user.exists && !user.disabled && known).then_some(caller)
    }

    /// The organizations that a place is in or is; `None` when the place is not there.
    fn organizations_of(&self, place: Place<'_>) -> Option<Vec<&str>> {
        match place {
            Place::Server => Some(Vec::new()),
            Place::Organization(id) => self.organizations.get_key_value(id).map(|(id, _)| self.line(id)),
            Place::Account(id) => {
                self.accounts.get(id).map(|account| account.holder.as_deref().map_or_else(Vec::new, |id| self.line(id)))
            }
        }
    }

    /// Whether a place lies within the organization that the credential is bound to, if it is bound to one.
    pub(crate) fn is_within(&self, caller: &Caller, place: Place<'_>) -> bool {
        let line = self.organizations_of(place).unwrap_or_default();
        caller.scope.organization.as_ref().is_none_or(|bound| line.contains(&bound.as_str()))
    }

    /// Whether somebody may do something there: within the bounds of the credential, as an operator or by a role there or above.
    pub(crate) fn may(&self, caller: &Caller, action: Action, place: Place<'_>) -> bool {
        let Some(line) = self.organizations_of(place) else { return false };
        let in_place = self.is_within(caller, place);
        let in_role = caller.scope.role.is_none_or(|role| role.allows(action));
        let holds = |members: &BTreeMap<String, Member>, places: &[&str]| {
            let here = members.values().filter(|member| member.user == caller.user && places.contains(&member.place.as_str()));
            let mut active = here.filter(|member| member.status == MemberStatus::Active);
            active.any(|member| member.roles.iter().any(|role| role.allows(action)))
        };
        let on_account = match place {
            Place::Account(id) => ON_ACCOUNTS.contains(&action) && holds(&self.account_members, &[id]),
            _ => false,
        };
        in_place && in_role && (self.users[caller.user].operator || on_account || holds(&self.members, &line))
    }

    /// What somebody cannot see does not exist for them.
    pub(crate) fn sees(&self, caller: &Caller, place: Place<'_>) -> bool {
        match place {
            Place::Account(_) => self.may(caller, Action::ReadAccount, place),
            _ => self.may(caller, Action::ReadOrganization, place),
        }
    }

    /// Whether somebody may put something at the root: everybody may whose credential is bound to no organization, if its role
    /// allows it.
    pub(crate) fn may_at_the_root(caller: &Caller, action: Action) -> bool {
        caller.scope.organization.is_none() && caller.scope.role.is_none_or(|role| role.allows(action))
    }

    /// Whether a flag lets somebody do something; flags do not bind operators, unless their credential makes less of them.
    pub(crate) fn permits(&self, caller: &Caller, organization: &str, flag: Flag) -> bool {
        self.is_operator_at(caller, organization) || !self.organizations[organization].disabled_flags.contains(&flag)
    }

    /// Whether somebody is an operator there, as far as the credential goes.
    pub(crate) fn is_operator_at(&self, caller: &Caller, organization: &str) -> bool {
        self.may(caller, Action::UpdateFlags, Place::Organization(organization))
    }

    /// Nobody gives or takes a role that allows more than they may do there.
    pub(crate) fn decides_over(&self, caller: &Caller, role: Role, place: Place<'_>) -> bool {
        let counts = |action: &Action| match place {
            Place::Account(_) => ON_ACCOUNTS.contains(action),
            _ => true,
        };
        let given = Action::ALL.into_iter().filter(|action| role.allows(*action)).filter(counts);
        given.into_iter().all(|action| self.may(caller, action, place))
    }

    /// Whether a root would be left without a super administrator who can act, were this one not.
    pub(crate) fn is_last(&self, member: &Member) -> bool {
        let is_root = self.organizations[&member.place].parent.is_none();
        is_root && self.acting_super_administrators(&member.place).eq([member.user])
    }

    /// The same for all roots where somebody is a member.
    pub(crate) fn is_last_anywhere(&self, user: usize) -> bool {
        self.members.values().filter(|member| member.user == user).any(|member| self.is_last(member))
    }

    /// Whether a token with this scope reaches no further than the caller's credential; one whose organization is gone reaches
    /// nothing.
    pub(crate) fn reaches_no_further(&self, caller: &Caller, scope: &Scope) -> bool {
        let line = scope.organization.as_deref().map(|id| self.organizations_of(Place::Organization(id)));
        let in_place = match (&caller.scope.organization, line) {
            (None, _) | (_, Some(None)) => true,
            (Some(_), None) => false,
            (Some(bound), Some(Some(line))) => line.contains(&bound.as_str()),
        };
        let in_role = caller.scope.role.is_none_or(|mine| {
            scope.role.is_some_and(|theirs| Action::ALL.iter().all(|action| !theirs.allows(*action) || mine.allows(*action)))
        });
        in_place && in_role
    }
}
