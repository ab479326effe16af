//! What becomes of each operation, as the documents say it: the status of the answer.

use std::collections::BTreeMap;

use umbel_domain::{Action, Flag, MemberStatus, Role};

use super::operation::{Operation, Unit, What, Whose};
use super::rights::{Caller, Place};
use super::state::{ACCOUNTS_MAX, CHILDREN_MAX, DEPTH_MAX, MEMBERS_MAX, Member, Model, Scope};

type Verdict = Result<u16, u16>;

const BAD: u16 = 400;
const UNKNOWN: u16 = 401;
const FORBIDDEN: u16 = 403;
const NOT_FOUND: u16 = 404;
const CONFLICT: u16 = 409;

fn ensure(holds: bool, otherwise: u16) -> Result<(), u16> {
    if holds { Ok(()) } else { Err(otherwise) }
}

impl Model {
    /// The status of the answer.
    pub(crate) fn verdict(&self, operation: &Operation) -> u16 {
        let Some(caller) = self.caller(operation.by) else { return UNKNOWN };
        let judged = match operation.what {
            What::CreateOrganization { .. }
            | What::RenameOrganization { .. }
            | What::DeleteOrganization { .. }
            | What::MoveOrganization { .. }
            | What::SetFlag { .. } => self.judge_organizations(&caller, operation.what),
            What::AddMember { .. }
            | What::AddSuperAdministrators { .. }
            | What::SetRole { .. }
            | What::RemoveMember { .. }
            | What::Leave { .. } => self.judge_members(&caller, operation.what),
            What::CreateAccount { .. } | What::DeleteAccount { .. } | What::MoveAccount { .. } | What::MoveAccounts { .. } => {
                self.judge_accounts(&caller, operation.what)
            }
            What::AddAccountMember { .. }
            | What::SetAccountRoles { .. }
            | What::RemoveAccountMember { .. }
            | What::AnswerInvitation { .. }
            | What::EndMembership { .. } => self.judge_account_members(&caller, operation.what),
            What::SetDisabled { .. }
            | What::CreateUser { .. }
            | What::DeleteUser { .. }
            | What::CreateToken { .. }
            | What::RevokeToken { .. } => self.judge_users(&caller, operation.what),
            _ => self.judge_reading(&caller, operation.what),
        };
        judged.unwrap_or_else(|refused| refused)
    }

    /// What is not visible is not found, and what is visible and not allowed is forbidden.
    fn demand(&self, caller: &Caller, action: Action, place: Place<'_>) -> Result<(), u16> {
        ensure(self.sees(caller, place), NOT_FOUND)?;
        ensure(self.may(caller, action, place), FORBIDDEN)
    }

    fn demand_flag(&self, caller: &Caller, organization: &str, flag: Flag) -> Result<(), u16> {
        ensure(self.permits(caller, organization, flag), FORBIDDEN)
    }

    fn judge_organizations(&self, caller: &Caller, what: What) -> Verdict {
        match what {
            What::CreateOrganization { parent: None, .. } => {
                ensure(Self::may_at_the_root(caller, Action::CreateOrganization), FORBIDDEN)?;
            }
            What::CreateOrganization { parent: Some(parent), .. } => {
                let parent = self.organization(parent);
                self.demand(caller, Action::CreateOrganization, Place::Organization(parent))?;
                self.demand_flag(caller, parent, Flag::SubOrgCreation)?;
                ensure(self.line(parent).len() < DEPTH_MAX && self.children(parent) < CHILDREN_MAX, CONFLICT)?;
            }
            What::RenameOrganization { organization, .. } => {
                self.demand(caller, Action::UpdateOrganization, Place::Organization(self.organization(organization)))?;
            }
            What::DeleteOrganization { organization } => {
                let organization = self.organization(organization);
                self.demand(caller, Action::DeleteOrganization, Place::Organization(organization))?;
                self.demand_flag(caller, organization, Flag::EnterpriseCapability)?;
                ensure(self.is_empty_but_for(caller, organization), CONFLICT)?;
            }
            What::MoveOrganization { organization, to } => self.judge_move(caller, self.organization(organization), to)?,
            What::SetFlag { organization, .. } => {
                self.demand(caller, Action::UpdateFlags, Place::Organization(self.organization(organization)))?;
            }
            _ => unreachable!("{what:?}"),
        }
        Ok(200)
    }

    /// Whether nothing is in the way of a deletion. The caller's own membership is not, nor for an operator the last super
    /// administrator.
    fn is_empty_but_for(&self, caller: &Caller, organization: &str) -> bool {
        let counts = |member: &&Member| {
            member.place == organization
                && member.user != caller.user
                && [MemberStatus::Active, MemberStatus::Pending].contains(&member.status)
        };
        let others: Vec<_> = self.members.values().filter(counts).collect();
        let only_a_super_administrator = matches!(others[..], [other]
            if other.status == MemberStatus::Active && other.roles == [Role::SuperAdministrator]);
        let nobody = others.is_empty() || only_a_super_administrator && self.is_operator_at(caller, organization);
        nobody && self.children(organization) == 0 && self.accounts_in(organization) == 0
    }

    /// A move takes the right to move at the parent that the organization has and at the one that it gets.
    fn judge_move(&self, caller: &Caller, organization: &str, to: Option<usize>) -> Result<(), u16> {
        self.demand(caller, Action::MoveOrganization, Place::Organization(organization))?;
        let to = to.map(|number| self.organization(number));
        match to {
            None => ensure(Self::may_at_the_root(caller, Action::MoveOrganization), FORBIDDEN)?,
            Some(to) => self.demand(caller, Action::MoveOrganization, Place::Organization(to))?,
        }
        let from = self.organizations[organization].parent.as_deref();
        if let Some(from) = from {
            ensure(self.may(caller, Action::MoveOrganization, Place::Organization(from)), FORBIDDEN)?;
        }
        let Some(to) = to.filter(|to| Some(*to) != from) else { return Ok(()) };
        ensure(!self.line(to).contains(&organization), CONFLICT)?;
        self.demand_flag(caller, to, Flag::SubOrgCreation)?;
        ensure(self.line(to).len() + self.height(organization) <= DEPTH_MAX, CONFLICT)?;
        ensure(self.children(to) < CHILDREN_MAX, CONFLICT)
    }

    fn judge_members(&self, caller: &Caller, what: What) -> Verdict {
        match what {
            What::AddMember { organization, user, role, .. } => {
                let organization = self.organization(organization);
                self.demand(caller, Action::ManageMembers, Place::Organization(organization))?;
                self.judge_new_members(caller, organization, &[user], role)?;
            }
            What::AddSuperAdministrators { organization, users } => {
                let organization = self.organization(organization);
                self.demand(caller, Action::ManageMembers, Place::Organization(organization))?;
                self.judge_new_members(caller, organization, &users, Role::SuperAdministrator)?;
                ensure(users[0] != users[1], CONFLICT)?;
            }
            What::SetRole { organization, of, member, role } => {
                let (place, organization) =
                    (Place::Organization(self.organization(organization)), self.organization(organization));
                self.demand(caller, Action::ManageMembers, place)?;
                let member = Self::found(&self.members, organization, self.organization(of), member).ok_or(NOT_FOUND)?;
                self.demand_flag(caller, organization, Flag::MemberManagement)?;
                let decides = |role| self.decides_over(caller, role, place);
                ensure(decides(member.roles[0]) && decides(role), FORBIDDEN)?;
                ensure(role == Role::SuperAdministrator || !self.is_last(member), CONFLICT)?;
            }
            What::RemoveMember { organization, of, member } => {
                let (place, organization) =
                    (Place::Organization(self.organization(organization)), self.organization(organization));
                ensure(self.sees(caller, place), NOT_FOUND)?;
                let member = Self::found(&self.members, organization, self.organization(of), member);
                // Everybody may remove themselves.
                if member.is_none_or(|member| member.user != caller.user) {
                    ensure(self.may(caller, Action::ManageMembers, place), FORBIDDEN)?;
                    let member = member.ok_or(NOT_FOUND)?;
                    self.demand_flag(caller, organization, Flag::MemberManagement)?;
                    ensure(self.decides_over(caller, member.roles[0], place), FORBIDDEN)?;
                }
                ensure(member.is_none_or(|member| !self.is_last(member)), CONFLICT)?;
                return Ok(204);
            }
            What::Leave { organization } => {
                let organization = self.organization(organization);
                ensure(self.sees(caller, Place::Organization(organization)), NOT_FOUND)?;
                let mut here = Self::members_of(&self.members, organization).map(|(_, member)| member);
                let own = here.find(|member| member.user == caller.user).ok_or(NOT_FOUND)?;
                ensure(!self.is_last(own), CONFLICT)?;
            }
            _ => unreachable!("{what:?}"),
        }
        Ok(200)
    }

    /// A member of `of`, who is found only through that place.
    fn found<'a>(members: &'a BTreeMap<String, Member>, through: &str, of: &str, nth: usize) -> Option<&'a Member> {
        Self::nth_member(members, of, nth).map(|(_, member)| member).filter(|_| through == of)
    }

    fn judge_new_members(&self, caller: &Caller, organization: &str, users: &[usize], role: Role) -> Result<(), u16> {
        self.demand_flag(caller, organization, Flag::MemberManagement)?;
        ensure(self.decides_over(caller, role, Place::Organization(organization)), FORBIDDEN)?;
        let here: Vec<_> = Self::members_of(&self.members, organization).map(|(_, member)| member).collect();
        ensure(!here.iter().any(|member| users.contains(&member.user)), CONFLICT)?;
        ensure(here.len() + users.len() <= MEMBERS_MAX, CONFLICT)
    }

    fn judge_accounts(&self, caller: &Caller, what: What) -> Verdict {
        match what {
            What::CreateAccount { unit: Unit::Alone, .. } => {
                ensure(Self::may_at_the_root(caller, Action::CreateAccount), FORBIDDEN)?;
            }
            What::CreateAccount { unit, .. } => {
                let holder = match unit {
                    Unit::In(number) => self.organization(number),
                    _ => self.only_unit(caller).ok_or(BAD)?,
                };
                self.demand(caller, Action::CreateAccount, Place::Organization(holder))?;
                self.demand_flag(caller, holder, Flag::AccountCreation)?;
                ensure(self.accounts_in(holder) < ACCOUNTS_MAX, CONFLICT)?;
            }
            What::DeleteAccount { account } => {
                let account = self.account(account);
                self.demand(caller, Action::DeleteAccount, Place::Account(account))?;
                if let Some(holder) = &self.accounts[account].holder {
                    self.demand_flag(caller, holder, Flag::AccountDeletion)?;
                }
            }
            What::MoveAccount { account, to } => self.judge_account_moves(caller, &[account], to)?,
            What::MoveAccounts { accounts, to } => {
                ensure(self.account(accounts[0]) != self.account(accounts[1]), BAD)?;
                self.judge_account_moves(caller, &accounts, to)?;
            }
            _ => unreachable!("{what:?}"),
        }
        Ok(200)
    }

    /// The one organization where somebody is administrator or more by a membership of its own.
    pub(crate) fn only_unit(&self, caller: &Caller) -> Option<&str> {
        let own = self.members.values().filter(|member| member.user == caller.user && member.status == MemberStatus::Active);
        let units: Vec<_> = own.filter(|member| member.roles[0].allows(Action::CreateAccount)).collect();
        let capped = caller.scope.role.is_some_and(|role| !role.allows(Action::CreateAccount));
        matches!(units[..], [_]).then(|| units[0].place.as_str()).filter(|_| !capped)
    }

    /// A move takes the right at both ends, for each of the accounts, and the flag at both ends; what stands alone is attached.
    fn judge_account_moves(&self, caller: &Caller, accounts: &[usize], to: usize) -> Result<(), u16> {
        let to = self.organization(to);
        let accounts: Vec<_> = accounts.iter().map(|number| self.account(*number)).collect();
        for account in &accounts {
            self.demand(caller, Action::MoveAccount, Place::Account(account))?;
        }
        self.demand(caller, Action::MoveAccount, Place::Organization(to))?;
        let mut held = self.accounts_in(to);
        for account in accounts {
            let from = self.accounts[account].holder.as_deref();
            if let Some(from) = from {
                ensure(self.may(caller, Action::MoveAccount, Place::Organization(from)), FORBIDDEN)?;
                if from == to {
                    continue;
                }
                self.demand_flag(caller, from, Flag::AccountMobility)?;
            }
            let flag = from.map_or(Flag::AccountMigration, |_| Flag::AccountMobility);
            self.demand_flag(caller, to, flag)?;
            ensure(held < ACCOUNTS_MAX, CONFLICT)?;
            held += 1;
        }
        Ok(())
    }

    fn judge_account_members(&self, caller: &Caller, what: What) -> Verdict {
        match what {
            What::AddAccountMember { account, user, role, .. } => {
                let account = self.account(account);
                self.demand(caller, Action::ManageMembers, Place::Account(account))?;
                self.demand_member_management(caller, account)?;
                ensure(self.decides_over(caller, role, Place::Account(account)), FORBIDDEN)?;
                let here: Vec<_> = Self::members_of(&self.account_members, account).map(|(_, member)| member).collect();
                ensure(here.len() < MEMBERS_MAX && here.iter().all(|member| member.user != user), CONFLICT)?;
            }
            What::SetAccountRoles { account, of, member, roles } => {
                let account = self.account(account);
                self.demand(caller, Action::ManageMembers, Place::Account(account))?;
                let member = Self::found(&self.account_members, account, self.account(of), member).ok_or(NOT_FOUND)?;
                self.demand_member_management(caller, account)?;
                let mut all = member.roles.iter().chain(&roles);
                ensure(all.all(|role| self.decides_over(caller, *role, Place::Account(account))), FORBIDDEN)?;
            }
            What::RemoveAccountMember { account, of, member } => {
                let account = self.account(account);
                ensure(self.sees(caller, Place::Account(account)), NOT_FOUND)?;
                let member = Self::found(&self.account_members, account, self.account(of), member);
                if member.is_none_or(|member| member.user != caller.user) {
                    ensure(self.may(caller, Action::ManageMembers, Place::Account(account)), FORBIDDEN)?;
                    let member = member.ok_or(NOT_FOUND)?;
                    self.demand_member_management(caller, account)?;
                    let decides = |role: &Role| self.decides_over(caller, *role, Place::Account(account));
                    ensure(member.roles.iter().all(decides), FORBIDDEN)?;
                }
            }
            What::AnswerInvitation { membership, of, accept } => {
                let member = self.own_membership(caller, of, membership)?;
                let wanted = if accept { MemberStatus::Active } else { MemberStatus::Rejected };
                ensure([wanted, MemberStatus::Pending].contains(&member.status), CONFLICT)?;
                if accept && member.status == MemberStatus::Pending {
                    self.demand_member_management(caller, &member.place)?;
                }
            }
            What::EndMembership { membership, of } => {
                self.own_membership(caller, of, membership)?;
            }
            _ => unreachable!("{what:?}"),
        }
        Ok(200)
    }

    fn demand_member_management(&self, caller: &Caller, account: &str) -> Result<(), u16> {
        let holder = self.accounts[account].holder.as_ref();
        holder.map_or(Ok(()), |holder| self.demand_flag(caller, holder, Flag::MemberManagement))
    }

    /// What only its user may answer and end, with a credential that is bound to no organization.
    fn own_membership(&self, caller: &Caller, of: Whose, nth: usize) -> Result<&Member, u16> {
        ensure(Self::may_at_the_root(caller, Action::ManageOwnMemberships), FORBIDDEN)?;
        let own = matches!(of, Whose::Own) || of == Whose::Of(caller.user);
        self.nth_of_user(caller.user, nth).map(|(_, member)| member).filter(|_| own).ok_or(NOT_FOUND)
    }

    fn judge_users(&self, caller: &Caller, what: What) -> Verdict {
        if let What::SetDisabled { .. } | What::CreateUser { .. } | What::DeleteUser { .. } = what {
            ensure(self.may(caller, Action::ManageUsers, Place::Server), FORBIDDEN)?;
        }
        match what {
            What::SetDisabled { user, disabled } => {
                ensure(self.users[user].exists, NOT_FOUND)?;
                let may_go = !self.users[user].operator && !self.is_last_anywhere(user);
                ensure(!disabled || may_go, CONFLICT)?;
            }
            What::CreateUser { user } => ensure(!self.users[user].exists, CONFLICT)?,
            What::DeleteUser { user } => {
                ensure(self.users[user].exists, NOT_FOUND)?;
                ensure(!self.users[user].operator && !self.is_last_anywhere(user), CONFLICT)?;
            }
            What::CreateToken { organization, role, .. } => {
                let organization = organization.map(|number| self.organization(number));
                if let Some(organization) = organization {
                    ensure(self.sees(caller, Place::Organization(organization)), NOT_FOUND)?;
                }
                let scope = Scope { organization: organization.map(str::to_owned), role };
                ensure(self.reaches_no_further(caller, &scope), FORBIDDEN)?;
            }
            What::RevokeToken { token } => {
                let token = self.tokens.get(self.token(token).0).filter(|token| token.owner == caller.user);
                ensure(token.is_some_and(|token| self.reaches_no_further(caller, &token.scope)), NOT_FOUND)?;
            }
            _ => unreachable!("{what:?}"),
        }
        Ok(200)
    }

    fn judge_reading(&self, caller: &Caller, what: What) -> Verdict {
        let organization = |number| Place::Organization(self.organization(number));
        let account = |number| Place::Account(self.account(number));
        match what {
            What::GetOrganization { organization: number } => {
                self.demand(caller, Action::ReadOrganization, organization(number))?;
            }
            What::ListAccountsOfOrganization { organization: number } => {
                self.demand(caller, Action::ReadAccount, organization(number))?;
            }
            What::ListMembers { organization: number } => self.demand(caller, Action::ReadMembers, organization(number))?,
            What::GetAccount { account: number } | What::ListOrganizationsOfAccount { account: number } => {
                self.demand(caller, Action::ReadAccount, account(number))?;
            }
            What::ListAccountMembers { account: number } => self.demand(caller, Action::ReadMembers, account(number))?,
            _ => {}
        }
        Ok(200)
    }
}
