//! Operations as requests.

use axum::http::Method;
use serde_json::{Value, json};
use umbel_domain::Role;

use super::operation::{ACCOUNTS, By, ORGANIZATIONS, Operation, TOKENS, Unit, What, Whose};
use super::state::{Member, Model, NAMES};
use crate::harness::TestApp;
use crate::harness::call::Call;
use crate::harness::world::key_of;

fn email(user: usize) -> String {
    format!("{}@example.com", NAMES[user])
}

/// The id of a membership; where there is none, an id that nothing has.
fn id_of(membership: Option<(&String, &Member)>) -> String {
    membership.map_or_else(|| "nobody".to_owned(), |(id, _)| id.clone())
}

fn names(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.name().into_owned()).collect()
}

impl Model {
    /// Whether something is to be tried: not what makes more than a sequence should have, nor what no document speaks of.
    pub(crate) fn is_defined(&self, operation: &Operation) -> bool {
        match operation.what {
            What::CreateOrganization { .. } => self.organizations.len() < ORGANIZATIONS,
            What::CreateAccount { unit } => {
                let scoped = self.caller(operation.by).is_some_and(|caller| caller.scope.organization.is_some());
                self.accounts.len() < ACCOUNTS && !(unit == Unit::Only && scoped)
            }
            What::CreateToken { .. } => self.tokens.len() < TOKENS,
            _ => true,
        }
    }

    /// The request, ready to be sent.
    pub(crate) fn request(&self, app: &TestApp, operation: &Operation) -> Call {
        let (method, path, body) = self.parts(operation);
        let call = app.call(method, path);
        let call = match operation.by {
            By::Key(user) => {
                let key = self.users[user].key.clone().unwrap_or_else(|| key_of(NAMES[user]));
                call.header("x-auth-email", &email(user)).header("x-auth-key", &key)
            }
            By::Token(number) => call.bearer(self.token(number).1),
        };
        if body.is_null() { call } else { call.body(body) }
    }

    fn parts(&self, operation: &Operation) -> (Method, String, Value) {
        let what = operation.what;
        match what {
            What::CreateOrganization { .. }
            | What::RenameOrganization { .. }
            | What::DeleteOrganization { .. }
            | What::MoveOrganization { .. }
            | What::SetFlag { .. } => self.parts_on_organizations(what),
            What::AddMember { .. }
            | What::AddSuperAdministrators { .. }
            | What::SetRole { .. }
            | What::RemoveMember { .. }
            | What::Leave { .. } => self.parts_on_members(what),
            What::CreateAccount { .. } | What::DeleteAccount { .. } | What::MoveAccount { .. } | What::MoveAccounts { .. } => {
                self.parts_on_accounts(what)
            }
            What::AddAccountMember { .. } | What::SetAccountRoles { .. } | What::RemoveAccountMember { .. } => {
                self.parts_on_account_members(what)
            }
            What::AnswerInvitation { membership, of, accept } => {
                let status = if accept { "accepted" } else { "rejected" };
                (Method::PUT, self.path_of_membership(operation.by, of, membership), json!({"status": status}))
            }
            What::EndMembership { membership, of } => {
                (Method::DELETE, self.path_of_membership(operation.by, of, membership), Value::Null)
            }
            What::SetDisabled { .. }
            | What::CreateUser { .. }
            | What::DeleteUser { .. }
            | What::CreateToken { .. }
            | What::RevokeToken { .. } => self.parts_on_users(what),
            _ => (Method::GET, self.path_of_reading(what), Value::Null),
        }
    }

    fn parts_on_organizations(&self, what: What) -> (Method, String, Value) {
        let id = |number| self.organization(number);
        let one = |number| format!("/organizations/{}", id(number));
        match what {
            What::CreateOrganization { parent, .. } => {
                let parent = parent.map(|number| json!({"id": id(number)}));
                (Method::POST, "/organizations".into(), json!({"name": "new", "parent": parent}))
            }
            What::RenameOrganization { organization, name } => {
                (Method::PUT, one(organization), json!({"name": format!("name {name}")}))
            }
            What::DeleteOrganization { organization } => (Method::DELETE, one(organization), Value::Null),
            What::MoveOrganization { organization, to } => {
                (Method::POST, format!("/umbel/v1{}/move", one(organization)), json!({"parent_id": to.map(id)}))
            }
            What::SetFlag { organization, flag, enabled } => {
                let word = if enabled { "enabled" } else { "disabled" };
                (Method::PUT, format!("/umbel/v1{}/flags", one(organization)), json!({flag.name(): word}))
            }
            _ => unreachable!("{what:?}"),
        }
    }

    fn parts_on_members(&self, what: What) -> (Method, String, Value) {
        let at = |number| format!("/organizations/{}", self.organization(number));
        let id = |of: usize, nth| id_of(Self::nth_member(&self.members, self.organization(of), nth));
        match what {
            What::AddMember { organization, user, role, active } => {
                let status = if active { "active" } else { "canceled" };
                let body = json!({"email": email(user), "role": role.name(), "status": status});
                (Method::POST, format!("/umbel/v1{}/members", at(organization)), body)
            }
            What::AddSuperAdministrators { organization, users } => {
                let members = users.map(|user| json!({"user": {"email": email(user)}}));
                (Method::POST, format!("{}/members:batchCreate", at(organization)), json!({"members": members}))
            }
            What::SetRole { organization, of, member, role } => {
                let path = format!("/umbel/v1{}/members/{}", at(organization), id(of, member));
                (Method::PATCH, path, json!({"role": role.name()}))
            }
            What::RemoveMember { organization, of, member } => {
                (Method::DELETE, format!("{}/members/{}", at(organization), id(of, member)), Value::Null)
            }
            What::Leave { organization } => (Method::POST, format!("/umbel/v1{}/leave", at(organization)), Value::Null),
            _ => unreachable!("{what:?}"),
        }
    }

    fn parts_on_accounts(&self, what: What) -> (Method, String, Value) {
        let organization = |number| self.organization(number);
        let account = |number| self.account(number);
        match what {
            What::CreateAccount { unit, .. } => {
                let body = match unit {
                    Unit::Alone => json!({"name": "new", "standalone": true}),
                    Unit::Only => json!({"name": "new"}),
                    Unit::In(number) => json!({"name": "new", "unit": {"id": organization(number)}}),
                };
                (Method::POST, "/accounts".into(), body)
            }
            What::DeleteAccount { account: number } => (Method::DELETE, format!("/accounts/{}", account(number)), Value::Null),
            What::MoveAccount { account: number, to } => {
                let body = json!({"destination_organization_id": organization(to)});
                (Method::POST, format!("/accounts/{}/move", account(number)), body)
            }
            What::MoveAccounts { accounts, to } => {
                let body = json!({"account_ids": accounts.map(account), "destination_organization_id": organization(to)});
                (Method::POST, "/accounts/move".into(), body)
            }
            _ => unreachable!("{what:?}"),
        }
    }

    fn parts_on_account_members(&self, what: What) -> (Method, String, Value) {
        let at = |number| format!("/accounts/{}/members", self.account(number));
        let id = |of: usize, nth| id_of(Self::nth_member(&self.account_members, self.account(of), nth));
        match what {
            What::AddAccountMember { account, user, role, accepted } => {
                let status = accepted.then_some("accepted");
                (Method::POST, at(account), json!({"email": email(user), "roles": [role.name()], "status": status}))
            }
            What::SetAccountRoles { account, of, member, roles } => {
                let roles: Vec<_> = names(&roles).into_iter().map(|id| json!({"id": id})).collect();
                (Method::PUT, format!("{}/{}", at(account), id(of, member)), json!({"roles": roles}))
            }
            What::RemoveAccountMember { account, of, member } => {
                (Method::DELETE, format!("{}/{}", at(account), id(of, member)), Value::Null)
            }
            _ => unreachable!("{what:?}"),
        }
    }

    fn path_of_membership(&self, by: By, of: Whose, nth: usize) -> String {
        let user = match of {
            Whose::Own => self.caller(by).map(|caller| caller.user),
            Whose::Of(user) => Some(user),
        };
        format!("/memberships/{}", id_of(user.and_then(|user| self.nth_of_user(user, nth))))
    }

    fn parts_on_users(&self, what: What) -> (Method, String, Value) {
        let one = |user: usize| format!("/umbel/v1/users/{}", self.users[user].id);
        match what {
            What::SetDisabled { user, disabled } => (Method::PATCH, one(user), json!({"disabled": disabled})),
            What::CreateUser { user } => (Method::POST, "/umbel/v1/users".into(), json!({"email": email(user)})),
            What::DeleteUser { user } => (Method::DELETE, one(user), Value::Null),
            What::CreateToken { organization, role, .. } => {
                let organization = organization.map(|number| self.organization(number));
                let body = json!({"name": "new", "organization_id": organization, "role": role.map(Role::name)});
                (Method::POST, "/umbel/v1/tokens".into(), body)
            }
            What::RevokeToken { token } => (Method::DELETE, format!("/umbel/v1/tokens/{}", self.token(token).0), Value::Null),
            _ => unreachable!("{what:?}"),
        }
    }

    fn path_of_reading(&self, what: What) -> String {
        let organization = |number| format!("/organizations/{}", self.organization(number));
        let account = |number| format!("/accounts/{}", self.account(number));
        match what {
            What::GetOrganization { organization: number } => organization(number),
            What::ListOrganizations => "/organizations?page_size=1000".into(),
            What::ListAccountsOfOrganization { organization: number } => format!("{}/accounts", organization(number)),
            What::ListMembers { organization: number } => format!("/umbel/v1{}/members", organization(number)),
            What::GetAccount { account: number } => account(number),
            What::ListAccounts => "/accounts?per_page=1000".into(),
            What::ListOrganizationsOfAccount { account: number } => format!("{}/organizations", account(number)),
            What::ListAccountMembers { account: number } => format!("{}/members", account(number)),
            What::ListMemberships => "/memberships?per_page=1000".into(),
            What::ListTokens => "/umbel/v1/tokens".into(),
            _ => unreachable!("{what:?}"),
        }
    }
}
