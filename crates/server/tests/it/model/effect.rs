//! What an operation that is done changes, and what its answer shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use umbel_domain::{Action, Flag, MemberStatus, Role};

use super::operation::{Operation, Unit, What};
use super::rights::{Caller, Place};
use super::state::{Account, Member, Model, Organization, Scope, Token};
use crate::harness::call::Answer;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The ids of what a list holds, in its order.
fn ids(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|item| text(&item["id"])).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

impl Model {
    /// Does what was done, as the answer says; `Err` tells where the answer shows something else than is there.
    pub(crate) fn done(&mut self, operation: &Operation, answer: &Answer) -> Result<(), String> {
        let caller = self.caller(operation.by).ok_or("nobody did something")?;
        let result = if answer.body.is_empty() { Value::Null } else { answer.result() };
        self.change(&caller, operation.what, &result);
        let Some(expected) = self.shown(&caller, operation.what, &result) else { return Ok(()) };
        let (expected, shown) = expected;
        if expected == shown { Ok(()) } else { Err(format!("expected {expected}\n   shown {shown}")) }
    }

    fn change(&mut self, caller: &Caller, what: What, result: &Value) {
        match what {
            What::CreateOrganization { .. } | What::MoveOrganization { .. } | What::DeleteOrganization { .. } => {
                self.change_tree(caller, what, result);
            }
            What::RenameOrganization { organization, name } => {
                let id = self.organization(organization).to_owned();
                self.organizations.get_mut(&id).unwrap().name = format!("name {name}");
            }
            What::SetFlag { organization, flag, enabled } => {
                let id = self.organization(organization).to_owned();
                let flags = &mut self.organizations.get_mut(&id).unwrap().disabled_flags;
                _ = if enabled { flags.remove(&flag) } else { flags.insert(flag) };
            }
            What::AddMember { organization, user, role, active } => {
                let status = if active { MemberStatus::Active } else { MemberStatus::Canceled };
                self.add_member(organization, user, role, status, result);
            }
            What::AddSuperAdministrators { organization, users } => {
                for (user, result) in users.into_iter().zip(result.as_array().into_iter().flatten()) {
                    self.add_member(organization, user, Role::SuperAdministrator, MemberStatus::Active, result);
                }
            }
            What::SetRole { organization, member, role, .. } => {
                let id = Self::nth_member(&self.members, self.organization(organization), member).unwrap().0.clone();
                self.members.get_mut(&id).unwrap().roles = vec![role];
            }
            What::RemoveMember { organization, member, .. } => {
                let id = Self::nth_member(&self.members, self.organization(organization), member).unwrap().0.clone();
                self.members.remove(&id);
            }
            What::Leave { organization } => {
                let place = self.organization(organization).to_owned();
                self.members.retain(|_, member| member.place != place || member.user != caller.user);
            }
            What::CreateAccount { .. } | What::DeleteAccount { .. } | What::MoveAccount { .. } | What::MoveAccounts { .. } => {
                self.change_accounts(caller, what, result);
            }
            What::AddAccountMember { .. }
            | What::SetAccountRoles { .. }
            | What::RemoveAccountMember { .. }
            | What::AnswerInvitation { .. }
            | What::EndMembership { .. } => self.change_account_members(caller, what, result),
            What::SetDisabled { user, disabled } => self.users[user].disabled = disabled,
            What::CreateUser { user } => {
                self.make_user(user, text(&result["id"]));
                self.users[user].key = Some(text(&result["api_key"]));
            }
            What::DeleteUser { user } => {
                self.users[user].exists = false;
                self.members.retain(|_, member| member.user != user);
                self.account_members.retain(|_, member| member.user != user);
                let gone = self.tokens.extract_if(.., |_, token| token.owner == user).last();
                self.gone.token = gone.map_or(self.gone.token.clone(), |(id, token)| (id, token.secret));
            }
            What::CreateToken { organization, role } => {
                let scope = Scope { organization: organization.map(|number| self.organization(number).to_owned()), role };
                let secret = text(&result["value"]);
                self.tokens.insert(text(&result["id"]), Token { owner: caller.user, scope, secret });
            }
            What::RevokeToken { token } => {
                let (id, secret) = self.token(token);
                self.gone.token = (id.to_owned(), secret.to_owned());
                self.tokens.remove(&self.gone.token.0);
            }
            _ => {}
        }
    }

    fn change_tree(&mut self, caller: &Caller, what: What, result: &Value) {
        match what {
            What::CreateOrganization { parent } => {
                let id = text(&result["id"]);
                let parent = parent.map(|number| self.organization(number).to_owned());
                let inherited = parent.as_ref().map(|parent| self.organizations[parent].disabled_flags.clone());
                let (name, disabled_flags) = ("new".to_owned(), inherited.unwrap_or_default());
                if parent.is_none() {
                    self.found_root(caller, &id);
                }
                self.organizations.insert(id, Organization { parent, name, disabled_flags });
            }
            What::MoveOrganization { organization, to } => {
                let id = self.organization(organization).to_owned();
                let to = to.map(|number| self.organization(number).to_owned());
                let becomes_root = to.is_none() && self.organizations[&id].parent.is_some();
                self.organizations.get_mut(&id).unwrap().parent = to;
                if becomes_root && self.acting_super_administrators(&id).next().is_none() {
                    self.found_root(caller, &id);
                }
            }
            What::DeleteOrganization { organization } => {
                let id = self.organization(organization).to_owned();
                self.organizations.remove(&id);
                self.members.retain(|_, member| member.place != id);
                self.gone.organization = id;
            }
            _ => unreachable!("{what:?}"),
        }
    }

    /// The caller becomes super administrator of a root that has none.
    fn found_root(&mut self, caller: &Caller, root: &str) {
        self.members.retain(|_, member| member.place != root || member.user != caller.user);
        let (roles, status) = (vec![Role::SuperAdministrator], MemberStatus::Active);
        let founder = Member { place: root.to_owned(), user: caller.user, roles, status };
        self.members.insert(format!("founder of {root}"), founder);
    }

    fn add_member(&mut self, organization: usize, user: usize, role: Role, status: MemberStatus, result: &Value) {
        self.make_user(user, text(&result["user"]["id"]));
        let place = self.organization(organization).to_owned();
        self.members.insert(text(&result["id"]), Member { place, user, roles: vec![role], status });
    }

    /// Whoever is added is made when nobody has the address; so made they have no credential.
    fn make_user(&mut self, user: usize, id: String) {
        let user = &mut self.users[user];
        if !user.exists {
            (user.id, user.exists, user.disabled, user.key) = (id, true, false, None);
        }
    }

    fn change_accounts(&mut self, caller: &Caller, what: What, result: &Value) {
        match what {
            What::CreateAccount { unit } => {
                let id = text(&result["id"]);
                let holder = match unit {
                    Unit::Alone => None,
                    Unit::Only => self.only_unit(caller).map(str::to_owned),
                    Unit::In(number) => Some(self.organization(number).to_owned()),
                };
                if unit == Unit::Alone {
                    let (roles, status) = (vec![Role::SuperAdministrator], MemberStatus::Active);
                    let founder = Member { place: id.clone(), user: caller.user, roles, status };
                    self.account_members.insert(format!("founder of {id}"), founder);
                }
                self.accounts.insert(id, Account { holder });
            }
            What::DeleteAccount { account } => {
                let id = self.account(account).to_owned();
                self.accounts.remove(&id);
                self.account_members.retain(|_, member| member.place != id);
                self.gone.account = id;
            }
            What::MoveAccount { account, to } => self.put_account(account, to),
            What::MoveAccounts { accounts, to } => accounts.into_iter().for_each(|account| self.put_account(account, to)),
            _ => unreachable!("{what:?}"),
        }
    }

    fn put_account(&mut self, account: usize, to: usize) {
        let (account, to) = (self.account(account).to_owned(), self.organization(to).to_owned());
        self.accounts.get_mut(&account).unwrap().holder = Some(to);
    }

    fn change_account_members(&mut self, caller: &Caller, what: What, result: &Value) {
        let nth = |account, nth| Self::nth_member(&self.account_members, self.account(account), nth).unwrap().0.clone();
        let own = |nth| self.nth_of_user(caller.user, nth).unwrap().0.clone();
        match what {
            What::AddAccountMember { account, user, role, accepted } => {
                self.make_user(user, text(&result["user"]["id"]));
                let (place, roles) = (self.account(account).to_owned(), vec![role]);
                let status = if accepted { MemberStatus::Active } else { MemberStatus::Pending };
                self.account_members.insert(text(&result["id"]), Member { place, user, roles, status });
            }
            What::SetAccountRoles { account, member, roles, .. } => {
                let id = nth(account, member);
                let once = if roles[0] == roles[1] { &roles[..1] } else { &roles[..] };
                self.account_members.get_mut(&id).unwrap().roles = once.to_vec();
            }
            What::AnswerInvitation { membership, accept, .. } => {
                let id = own(membership);
                let status = if accept { MemberStatus::Active } else { MemberStatus::Rejected };
                self.account_members.get_mut(&id).unwrap().status = status;
            }
            What::RemoveAccountMember { account, member, .. } => {
                let id = nth(account, member);
                self.account_members.remove(&id);
            }
            What::EndMembership { membership, .. } => {
                let id = own(membership);
                self.account_members.remove(&id);
            }
            _ => unreachable!("{what:?}"),
        }
    }

    /// What an answer must show and what it shows, where there is something to compare.
    fn shown(&self, caller: &Caller, what: What, result: &Value) -> Option<(Value, Value)> {
        let organization = |number| self.organization(number);
        let account = |number| self.account(number);
        let visible = |id: &&String| self.sees(caller, Place::Organization(id));
        Some(match what {
            What::GetOrganization { organization: number } | What::RenameOrganization { organization: number, .. } => {
                (self.organization_shown(organization(number)), organization_of(result))
            }
            What::CreateOrganization { .. } => (self.organization_shown(&text(&result["id"])), organization_of(result)),
            What::MoveOrganization { organization: number, .. } => {
                (self.organization_shown(organization(number)), organization_of(&result["organization"]))
            }
            What::ListOrganizations => {
                let mut seen: Vec<_> = self.organizations.keys().filter(visible).collect();
                seen.sort_by_key(|id| self.lineage(Some(id), None));
                (json!(seen), json!(ids(result)))
            }
            What::ListAccountsOfOrganization { organization: number } => {
                let held = |account: &Account| account.holder.as_deref() == Some(organization(number));
                let held = self.accounts.iter().filter(|(_, account)| held(account)).map(|(id, _)| id);
                (json!(held.collect::<Vec<_>>()), json!(sorted(ids(result))))
            }
            What::ListMembers { organization: number } => {
                let shown = |item: &Value| json!([item["user"]["id"], [item["role"]], item["status"]]);
                (self.members_shown(&self.members, organization(number)), all(result, shown))
            }
            What::GetAccount { account: number } => {
                let holder = self.accounts[account(number)].holder.as_ref();
                let name = holder.map(|holder| &self.organizations[holder].name);
                let shown = &result["managed_by"];
                let expected = json!([account(number), holder, name]);
                (expected, json!([result["id"], shown["parent_org_id"], shown["parent_org_name"]]))
            }
            What::ListAccounts => {
                let seen = self.accounts.keys().filter(|id| self.may(caller, Action::ReadAccount, Place::Account(id)));
                (json!(seen.collect::<Vec<_>>()), json!(sorted(ids(result))))
            }
            What::ListOrganizationsOfAccount { account: number } => {
                let line = self.accounts[account(number)].holder.as_deref().map_or_else(Vec::new, |holder| self.line(holder));
                let seen = line.into_iter().filter(|id| self.sees(caller, Place::Organization(id)));
                (json!(seen.collect::<Vec<_>>()), json!(ids(result)))
            }
            What::ListAccountMembers { account: number } => {
                let shown = |item: &Value| {
                    let status = if item["status"] == "accepted" { json!("active") } else { item["status"].clone() };
                    json!([item["user"]["id"], sorted(ids(&item["roles"])), status])
                };
                (self.members_shown(&self.account_members, account(number)), all(result, shown))
            }
            What::ListMemberships => {
                let own = self.account_members.values().filter(|member| member.user == caller.user);
                let reached = own.filter(|member| self.is_within(caller, Place::Account(&member.place)));
                let own: BTreeSet<_> = reached.map(|member| &member.place).collect();
                let shown = |item: &Value| item["account"]["id"].clone();
                (json!(own), all(result, shown))
            }
            What::ListTokens => {
                let own = self.tokens.iter().filter(|(_, token)| token.owner == caller.user);
                let handled = own.filter(|(_, token)| self.reaches_no_further(caller, &token.scope)).map(|(id, _)| id);
                (json!(handled.collect::<Vec<_>>()), json!(sorted(ids(result))))
            }
            _ => return None,
        })
    }

    fn organization_shown(&self, id: &str) -> Value {
        let organization = &self.organizations[id];
        let parent = organization.parent.as_ref().map(|id| json!({"id": id, "name": self.organizations[id].name}));
        let word = |flag: &Flag| if organization.disabled_flags.contains(flag) { "disabled" } else { "enabled" };
        let flags: BTreeMap<_, _> = Flag::ALL.iter().map(|flag| (flag.name(), word(flag))).collect();
        json!([id, organization.name, parent, self.line(id), flags])
    }

    fn members_shown(&self, members: &BTreeMap<String, Member>, place: &str) -> Value {
        let here = Self::members_of(members, place).map(|(_, member)| member);
        let shown = |member: &Member| {
            let roles = sorted(member.roles.iter().map(|role| role.name().into_owned()).collect());
            json!([self.users[member.user].id, roles, member.status.name()])
        };
        let mut shown: Vec<_> = here.map(shown).collect();
        shown.sort_by_key(Value::to_string);
        shown.into()
    }
}

fn organization_of(shown: &Value) -> Value {
    json!([shown["id"], shown["name"], shown["parent"], shown["meta"]["hierarchy_tags"], shown["meta"]["tenant_flags"]])
}

/// What a list shows of each item, in order.
fn all(list: &Value, shown: impl Fn(&Value) -> Value) -> Value {
    let mut shown: Vec<_> = list.as_array().into_iter().flatten().map(shown).collect();
    shown.sort_by_key(Value::to_string);
    shown.into()
}
