//! Who may do what where: every route, asked by everybody, about everything.
//!
//! What is expected follows from the role table and from where somebody stands. A change that would be allowed is made to fail
//! afterwards, by a stale `If-Match` or a limit, so that every question finds the same world.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::http::Method;
use serde_json::{Value, json};
use umbel_domain::secret::Secret;
use umbel_domain::{Action, CustomRole, MemberStatus, Role, RoleId};

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::world::{World, secret_of, token_of};
use crate::openapi;

/// Somebody with a credential, who stands at or nowhere near `acme/eu/`.
struct Person {
    name: String,
    credential: String,
    /// The lineage below which anything is allowed; that of the server is empty.
    at: Option<&'static str>,
    /// The lineage of the organization that the user is a member of itself.
    member_of: Option<&'static str>,
    /// What is allowed there is what all of these allow.
    roles: Vec<Role>,
    /// What a custom role allows, if that is all there is.
    only: Option<&'static [Action]>,
    /// The organization that the credential is bound to.
    scope: Option<&'static str>,
    /// The role that caps the credential.
    cap: Option<Role>,
    disabled: bool,
}

impl Person {
    fn user(name: &str, at: Option<&'static str>, roles: &[Role]) -> Self {
        let (credential, roles) = (token_of(name), roles.to_vec());
        let member_of = at.filter(|at| at.ends_with('/') && !at.contains('@'));
        Self { name: name.to_owned(), credential, at, member_of, roles, only: None, scope: None, cap: None, disabled: false }
    }

    fn may(&self, action: Action) -> bool {
        let base = CustomRole::BASE.contains(action);
        self.roles.iter().all(|role| role.allows(action)) && self.only.is_none_or(|only| base || only.contains(&action))
    }

    fn is_whole_server(&self) -> bool {
        self.at == Some("")
    }
}

const SUPER: &[Role] = &[Role::SuperAdministrator];
const EU: Option<&str> = Some("acme/eu/");
/// The ids of the roles that the two roots have made.
const MADE: [&str; 2] = ["019c4f65e7607d8c9f6f6b58aa3aff54", "019c4f65e7607d8c9f6f6b58aa3aff55"];
/// What the custom role allows beside what every role does.
const CUSTOM: &[Action] = &[Action::ReadMembers, Action::UpdateOrganization, Action::CreateAccount, Action::MoveAccount];

fn people() -> Vec<Person> {
    let built_in = Role::BUILT_IN.iter().map(|role| Person::user(&role.name(), EU, &[*role]));
    let mut people: Vec<_> = built_in.collect();
    people.push(Person { only: Some(CUSTOM), ..Person::user("custom", EU, &[]) });
    people.push(Person::user("nobody", None, SUPER));
    people.push(Person::user("stranger", Some("globex/"), SUPER));
    people.extend(["canceled", "pending", "rejected"].map(|name| Person::user(name, None, SUPER)));
    people.push(Person::user("account_administrator", Some("acme/eu/@x-eu/"), &[Role::Administrator]));
    people.push(Person { disabled: true, ..Person::user("disabled", EU, SUPER) });
    people.push(Person::user("olga", Some(""), &[]));
    people.extend(TOKENS.map(|(name, owner, at, scope, cap)| {
        let of_owner = if owner == "olga" { &[] } else { SUPER };
        let roles = of_owner.iter().copied().chain(cap).collect();
        let member_of = EU.filter(|_| owner != "olga");
        Person {
            name: name.to_owned(),
            credential: secret_of(name),
            at,
            member_of,
            roles,
            only: None,
            scope,
            cap,
            disabled: false,
        }
    }));
    people
}

type Token = (&'static str, &'static str, Option<&'static str>, Option<&'static str>, Option<Role>);

/// Tokens with a scope: name, owner, where they reach, organization and role of the scope.
const TOKENS: [Token; 5] = [
    ("super_in_shop", "super_administrator", Some("acme/eu/shop/"), Some("shop"), None),
    ("super_in_acme", "super_administrator", EU, Some("acme"), None),
    ("super_as_viewer", "super_administrator", EU, None, Some(Role::Viewer)),
    ("olga_in_eu", "olga", EU, Some("eu"), None),
    ("olga_as_auditor", "olga", Some(""), None, Some(Role::Auditor)),
];

/// Organizations, each with an account `x-` and a member `m-` and its own id, as they stand to `acme/eu/`; the last one is not there.
const TARGETS: [(&str, &str, Option<&str>); 6] = [
    ("own", "eu", Some("acme/eu/")),
    ("above", "acme", Some("acme/")),
    ("below", "shop", Some("acme/eu/shop/")),
    ("sibling", "us", Some("acme/us/")),
    ("foreign", "globex", Some("globex/")),
    ("unknown", "nowhere", None),
];

fn world() -> World {
    let profile = json!({
        "business_address": "",
        "business_email": "",
        "business_name": "",
        "business_phone": "",
        "external_metadata": "",
    });
    let organization = |world: World, (id, parent): (&str, Option<&str>)| {
        world.line(json!({"kind": "organization", "id": id, "parent_id": parent, "name": id, "profile": profile}))
    };
    let organizations = [("acme", None), ("eu", Some("acme")), ("shop", Some("eu")), ("us", Some("acme")), ("globex", None)];
    let account = |world: World, (id, _): (&str, Option<&str>)| {
        let name = format!("x-{id}");
        let world = world.line(json!({"kind": "account", "id": name, "organization_id": id, "name": name, "profile": profile}));
        let member = format!("m-{id}");
        world.line(json!({
            "kind": "account_member",
            "id": member,
            "account_id": name,
            "user_id": "plain",
            "roles": ["viewer"],
            "status": "canceled",
        }))
    };
    let entry = |world: World, (id, _): (&str, Option<&str>)| {
        world.line(json!({
            "kind": "audit_entry",
            "id": format!("e-{id}"),
            "organization_id": id,
            "account_id": format!("x-{id}"),
            "action": {"time": "2026-01-02T00:00:00Z"},
            "resource": {"id": id},
        }))
    };
    let world = World::bare().line(line("metric", metric())).line(line("price", price()));
    let world = organizations.into_iter().fold(world, organization);
    let world = organizations.into_iter().fold(world, entry);
    let world = organizations.into_iter().fold(world.user("plain"), account);
    let world = organizations.into_iter().fold(world, |world, (id, _)| {
        world.line(json!({
            "kind": "organization_member",
            "id": format!("m-{id}"),
            "organization_id": id,
            "user_id": "plain",
            "role": "viewer",
            "status": "canceled",
        }))
    });
    let invited = |world: World, (id, _): (&str, Option<&str>)| world.invitation(id, "invited", Role::Viewer);
    let world = organizations.into_iter().fold(world.user("invited"), invited);
    let world = Role::BUILT_IN.iter().fold(world, |world, role| world.user(&role.name()).member("eu", &role.name(), *role));
    let actions: Vec<_> = CUSTOM.iter().map(|action| action.name()).collect();
    let world = ["acme", "globex"].into_iter().zip(MADE).fold(world, |world, (root, id)| {
        world.line(json!({"kind": "role", "id": id, "organization_id": root, "name": "made", "actions": actions}))
    });
    let world = world.user("custom").member("eu", "custom", Role::Custom(RoleId::parse(MADE[0]).unwrap()));
    let world = world.user("account_administrator").account_member("x-eu", "account_administrator", Role::Administrator);
    let world = world.user("nobody").user("stranger").member("globex", "stranger", Role::SuperAdministrator);
    // So that the stranger is not the last one there.
    let world = world.user("other").member("globex", "other", Role::SuperAdministrator);
    let inactive = [MemberStatus::Canceled, MemberStatus::Pending, MemberStatus::Rejected];
    let world = inactive.into_iter().fold(world, |world, status| {
        world.user(status.name()).member_of_status("eu", status.name(), Role::SuperAdministrator, status)
    });
    let world = world.user_with("disabled", &json!({"disabled": true})).member("eu", "disabled", Role::SuperAdministrator);
    let world = ["acme/", "acme/eu/", "acme/eu/shop/", "acme/us/", "globex/"].into_iter().fold(world, World::audit_stream);
    let tokens = TOKENS.into_iter();
    let world = tokens.fold(world, |world, (name, owner, _, scope, cap)| world.token(name, owner, scope, cap));
    world.settings(|settings| {
        settings.tree_limits.depth_max = 1;
        settings.accounts_max = 1;
        settings.members_max = 1;
    })
}

/// What a route is about.
#[derive(Clone, Copy, PartialEq)]
enum About {
    Organization(Action),
    Account(Action),
    /// An account and, where it is moved to, the organization that holds it.
    AccountAndHolder(Action),
    /// An organization that is taken away from its parent, or a root.
    Move,
    /// What is not there, as far as anybody is concerned who asks about their own.
    NotOwn,
    /// A role of an organization, which only roots have.
    OfRoot,
    /// The caller's own membership of an organization.
    Membership,
    /// An account that stands alone, which everybody may create with a credential that reaches everywhere.
    Standalone,
    /// A root, which everybody may create with a credential that reaches everywhere.
    Root,
    /// What the caller can see, which may be nothing.
    Visible,
    Users,
    /// What the operators say of metrics and prices.
    Prices,
    /// What somebody may record, of anything.
    Records,
    /// What is used in an organization, which is nothing in one that cannot be seen.
    Usage,
    /// What a whole tree has, which is the root's.
    Tree(Action),
    /// The log of the server.
    ServerLog,
    /// What becomes of that log.
    ServerLogManaged,
    Own,
    /// How the caller signs in, for a credential without bounds.
    OwnSignIn,
    /// What needs a session, without which everybody is told so with this status.
    InSession(u16),
}

struct Route {
    /// As the document names it.
    name: &'static str,
    about: About,
    body: Value,
    /// The answer when it is allowed.
    allowed: u16,
}

fn route(name: &'static str, about: About, body: Value, allowed: u16) -> Route {
    Route { name, about, body, allowed }
}

/// The routes, but those of roles; a path holds `{organization_id}`, `{account_id}` or `{member_id}` for the target and `{token_id}` for a token that was made before.
fn routes() -> Vec<Route> {
    use About as A;
    const NONE: Value = Value::Null;
    let name = json!({"name": "n"});
    let profile = json!({
        "business_address": "a",
        "business_email": "b",
        "business_name": "c",
        "business_phone": "d",
        "external_metadata": "e",
    });
    let moving = json!({"destination_organization_id": "{organization_id}"});
    let moving_all = json!({"account_ids": ["{account_id}"], "destination_organization_id": "{organization_id}"});
    let member = json!({"user": {"email": "new@example.com"}});
    let members = json!({"members": [member]});
    let member = json!({"member": member});
    let (viewer, role) = (json!({"email": "new@example.com", "role": "viewer"}), json!({"role": "viewer"}));
    let (reads, manages) = (A::Organization(Action::ReadMembers), A::Organization(Action::ManageMembers));
    let manages_all = A::Organization(Action::ManageSuperAdministrators);
    let account_member = json!({"email": "new@example.com", "roles": ["viewer"]});
    let (reads_account, manages_account) = (A::Account(Action::ReadMembers), A::Account(Action::ManageMembers));
    let routes = vec![
        route("GET /client/v4/accounts/{account_id}/members", reads_account, NONE, 200),
        route("POST /client/v4/accounts/{account_id}/members", manages_account, account_member, 409),
        route("GET /client/v4/accounts/{account_id}/members/{member_id}", reads_account, NONE, 200),
        route(
            "PUT /client/v4/accounts/{account_id}/members/{member_id}",
            manages_account,
            json!({"roles": [{"id": "viewer"}]}),
            412,
        ),
        route("DELETE /client/v4/accounts/{account_id}/members/{member_id}", manages_account, NONE, 412),
        route("GET /client/v4/accounts/{account_id}/roles", A::Account(Action::ReadAccount), NONE, 200),
        route("GET /client/v4/accounts/{account_id}/roles/{role_id}", A::Account(Action::ReadAccount), NONE, 200),
        route("GET /client/v4/memberships", A::Own, NONE, 200),
        route("GET /client/v4/memberships/{member_id}", A::Own, NONE, 404),
        route("PUT /client/v4/memberships/{member_id}", A::NotOwn, json!({"status": "accepted"}), 404),
        route("DELETE /client/v4/memberships/{member_id}", A::NotOwn, NONE, 404),
        route("GET /client/v4/organizations/{organization_id}/members", reads, NONE, 200),
        route("POST /client/v4/organizations/{organization_id}/members", manages_all, member, 409),
        route("POST /client/v4/organizations/{organization_id}/members:batchCreate", manages_all, members, 409),
        route("GET /client/v4/organizations/{organization_id}/members/{member_id}", reads, NONE, 200),
        route("DELETE /client/v4/organizations/{organization_id}/members/{member_id}", manages, NONE, 412),
        route("GET /umbel/v1/organizations/{organization_id}/members", reads, NONE, 200),
        route("POST /umbel/v1/organizations/{organization_id}/members", manages, viewer, 409),
        route("GET /umbel/v1/organizations/{organization_id}/members/{member_id}", reads, NONE, 200),
        route("PATCH /umbel/v1/organizations/{organization_id}/members/{member_id}", manages, role, 412),
        route("DELETE /umbel/v1/organizations/{organization_id}/members/{member_id}", manages, NONE, 412),
        route("POST /umbel/v1/organizations/{organization_id}/leave", A::Membership, NONE, 412),
        route("POST /umbel/v1/organizations/{organization_id}/move", A::Move, json!({"parent_id": "{organization_id}"}), 412),
        route("GET /client/v4/organizations/{organization_id}/accounts", A::Organization(Action::ReadAccount), NONE, 200),
        route("GET /client/v4/accounts", A::Visible, NONE, 200),
        route(
            "POST /client/v4/accounts",
            A::Organization(Action::CreateAccount),
            json!({"name": "n", "unit": {"id": "{organization_id}"}}),
            409,
        ),
        route("POST /client/v4/accounts", A::Standalone, json!({"name": "n", "standalone": true}), 200),
        route("GET /client/v4/accounts/{account_id}", A::Account(Action::ReadAccount), NONE, 200),
        route("PUT /client/v4/accounts/{account_id}", A::Account(Action::UpdateAccount), name.clone(), 412),
        route("DELETE /client/v4/accounts/{account_id}", A::Account(Action::DeleteAccount), NONE, 412),
        route("GET /client/v4/accounts/{account_id}/profile", A::Account(Action::ReadAccount), NONE, 200),
        route("PUT /client/v4/accounts/{account_id}/profile", A::Account(Action::UpdateAccount), profile.clone(), 412),
        route("GET /client/v4/accounts/{account_id}/organizations", A::Account(Action::ReadAccount), NONE, 200),
        route("POST /client/v4/accounts/{account_id}/move", A::AccountAndHolder(Action::MoveAccount), moving, 412),
        route("POST /client/v4/accounts/move", A::AccountAndHolder(Action::MoveAccount), moving_all, 200),
        route("GET /client/v4/organizations/{organization_id}", A::Organization(Action::ReadOrganization), NONE, 200),
        route("PUT /client/v4/organizations/{organization_id}", A::Organization(Action::UpdateOrganization), name.clone(), 412),
        route("DELETE /client/v4/organizations/{organization_id}", A::Organization(Action::DeleteOrganization), NONE, 412),
        route("GET /client/v4/organizations/{organization_id}/profile", A::Organization(Action::ReadOrganization), NONE, 200),
        route(
            "PUT /client/v4/organizations/{organization_id}/profile",
            A::Organization(Action::UpdateOrganization),
            profile,
            412,
        ),
        route("PUT /umbel/v1/organizations/{organization_id}/flags", A::Organization(Action::UpdateFlags), json!({}), 412),
        route(
            "POST /client/v4/organizations",
            A::Organization(Action::CreateOrganization),
            json!({"name": "n", "parent": {"id": "{organization_id}"}}),
            409,
        ),
        route("POST /client/v4/organizations", A::Root, name, 200),
        route("GET /client/v4/organizations", A::Visible, NONE, 200),
        route("GET /umbel/v1/server", A::Users, NONE, 200),
        route("GET /umbel/v1/users", A::Users, NONE, 200),
        route("POST /umbel/v1/users", A::Users, json!({"email": "olga@example.com"}), 409),
        route("GET /umbel/v1/users/{user_id}", A::Users, NONE, 200),
        route("PATCH /umbel/v1/users/{user_id}", A::Users, json!({"disabled": true}), 412),
        route("DELETE /umbel/v1/users/{user_id}", A::Users, NONE, 412),
        route("GET /client/v4/user", A::Own, NONE, 200),
        route("GET /client/v4/user/tokens/verify", A::Own, NONE, 200),
        route("GET /umbel/v1/tokens", A::Own, NONE, 200),
        route("POST /umbel/v1/tokens", A::Own, json!({"name": "made"}), 200),
        route("GET /umbel/v1/tokens/{token_id}", A::Own, NONE, 200),
        route("POST /umbel/v1/tokens/{token_id}/roll", A::Own, NONE, 200),
        route("DELETE /umbel/v1/tokens/{token_id}", A::Own, NONE, 200),
    ];
    routes.into_iter().chain(routes_of_invitations()).chain(routes_of_sign_in()).collect()
}

fn routes_of_sign_in() -> Vec<Route> {
    use About as A;
    const NONE: Value = Value::Null;
    vec![
        route("GET /umbel/v1/session", A::InSession(401), NONE, 200),
        route("DELETE /umbel/v1/session", A::InSession(401), NONE, 200),
        route("GET /umbel/v1/sessions", A::OwnSignIn, NONE, 200),
        route("DELETE /umbel/v1/sessions/{session_id}", A::OwnSignIn, NONE, 404),
        route("PUT /umbel/v1/user/password", A::InSession(403), json!({"password": "a long password"}), 204),
        route("GET /umbel/v1/user/totp", A::OwnSignIn, NONE, 200),
        route("POST /umbel/v1/user/totp", A::InSession(403), NONE, 200),
        route("POST /umbel/v1/user/totp/confirm", A::InSession(403), json!({"code": "123456"}), 200),
        route("DELETE /umbel/v1/user/totp", A::InSession(403), json!({"code": "123456"}), 200),
        route("POST /umbel/v1/users/{user_id}/sign-in-link", A::Users, NONE, 200),
        route("DELETE /umbel/v1/users/{user_id}/totp", A::Users, NONE, 404),
        route("GET /umbel/v1/user/identities", A::OwnSignIn, NONE, 200),
        route("DELETE /umbel/v1/user/identities/{identity_id}", A::InSession(403), NONE, 404),
        route("GET /umbel/v1/users/{user_id}/identities", A::Users, NONE, 200),
        route("DELETE /umbel/v1/users/{user_id}/identities/{identity_id}", A::Users, NONE, 404),
    ]
}

fn routes_of_invitations() -> Vec<Route> {
    const NONE: Value = Value::Null;
    let no_invitation = json!({"token": Secret::new_invitation([7; 32]).reveal()});
    let (reads, manages) = (About::Organization(Action::ReadMembers), About::Organization(Action::ManageMembers));
    vec![
        route("GET /umbel/v1/organizations/{organization_id}/invitations", reads, NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}", reads, NONE, 200),
        route("POST /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}/resend", manages, NONE, 412),
        route("DELETE /umbel/v1/organizations/{organization_id}/invitations/{invitation_id}", manages, NONE, 412),
        route("POST /umbel/v1/invitations/accept", About::NotOwn, no_invitation.clone(), 404),
        route("POST /umbel/v1/invitations/reject", About::NotOwn, no_invitation, 404),
    ]
}

fn all_routes() -> Vec<Route> {
    let logs = routes_of_audit_logs().into_iter().chain(routes_of_audit_trees()).chain(routes_of_audit_streams());
    routes().into_iter().chain(routes_of_roles()).chain(logs).chain(routes_of_billing()).collect()
}

/// The routes of metrics, prices and usage.
fn routes_of_billing() -> Vec<Route> {
    use About as A;
    const NONE: Value = Value::Null;
    vec![
        route("GET /umbel/v1/metrics", A::Prices, NONE, 200),
        route("POST /umbel/v1/metrics", A::Prices, metric(), 409),
        route("GET /umbel/v1/metrics/{metric_id}", A::Prices, NONE, 200),
        route("POST /umbel/v1/metrics/{metric_id}/retire", A::Prices, NONE, 412),
        route("GET /umbel/v1/prices", A::Prices, NONE, 200),
        route("POST /umbel/v1/prices", A::Prices, price(), 409),
        route("GET /umbel/v1/prices/{price_id}", A::Prices, NONE, 200),
        route("POST /umbel/v1/prices/{price_id}/end", A::Prices, json!({"effective_to": "2027-01-01"}), 412),
        route("GET /umbel/v1/organizations/{organization_id}/billing", A::Organization(Action::ReadBilling), NONE, 200),
        route(
            "PUT /umbel/v1/organizations/{organization_id}/billing",
            A::Organization(Action::ManagePrices),
            json!({"billing_currency": "EUR"}),
            412,
        ),
        route("GET /client/v4/organizations/{organization_id}/billable/usage", A::Usage, NONE, 200),
        route("GET /client/v4/accounts/{account_id}/billable/usage", A::Account(Action::ReadBilling), NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/costs", A::Organization(Action::ReadBilling), NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/focus", A::Organization(Action::ReadBilling), NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/focus/metadata", A::Organization(Action::ReadBilling), NONE, 200),
        route("POST /umbel/v1/usage/events", A::Records, json!([]), 200),
        route("GET /umbel/v1/organizations/{organization_id}/budgets", A::Organization(Action::ReadBilling), NONE, 200),
        route(
            "POST /umbel/v1/organizations/{organization_id}/budgets",
            A::Organization(Action::UpdateOrganization),
            json!({"name": "n", "amount": "1"}),
            412,
        ),
        route(
            "GET /umbel/v1/organizations/{organization_id}/budgets/{budget_id}",
            A::Organization(Action::ReadBilling),
            NONE,
            404,
        ),
        route(
            "PATCH /umbel/v1/organizations/{organization_id}/budgets/{budget_id}",
            A::Organization(Action::UpdateOrganization),
            json!({}),
            404,
        ),
        route(
            "DELETE /umbel/v1/organizations/{organization_id}/budgets/{budget_id}",
            A::Organization(Action::UpdateOrganization),
            NONE,
            404,
        ),
        route("GET /umbel/v1/organizations/{organization_id}/billing-periods", A::Tree(Action::ReadBilling), NONE, 200),
        route(
            "GET /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}",
            A::Tree(Action::ReadBilling),
            NONE,
            200,
        ),
        route(
            "POST /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/close",
            A::Tree(Action::ManagePrices),
            NONE,
            412,
        ),
        route(
            "GET /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/replay",
            A::Tree(Action::ReadBilling),
            NONE,
            404,
        ),
        route(
            "GET /umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/invoices",
            A::Organization(Action::ReadBilling),
            NONE,
            200,
        ),
        route(
            "GET /umbel/v1/organizations/{organization_id}/invoices/{invoice_id}",
            A::Organization(Action::ReadBilling),
            NONE,
            404,
        ),
    ]
}

fn metric() -> Value {
    json!({
        "id": "requests",
        "name": "Requests",
        "event_type": "com.example.request",
        "aggregation": "count",
        "unit": "Requests",
        "service_name": "Workers",
        "service_category": "Compute",
    })
}

fn price() -> Value {
    json!({"id": "p1", "metric_id": "requests", "currency": "USD", "list_unit_price": "1", "effective_from": "2026-01-01"})
}

/// A line to import, out of what would make the same thing over HTTP.
fn line(kind: &str, mut line: Value) -> Value {
    line["kind"] = kind.into();
    line
}

/// The routes of audit logs.
fn routes_of_audit_logs() -> Vec<Route> {
    const NONE: Value = Value::Null;
    let (log, of_account) = (About::Organization(Action::ReadAuditLog), About::Account(Action::ReadAuditLog));
    vec![
        route("GET /client/v4/organizations/{organization_id}/logs/audit", log, NONE, 200),
        route("GET /client/v4/organizations/{organization_id}/logs/audit/{id}/history", log, NONE, 200),
        route("GET /client/v4/accounts/{account_id}/logs/audit", of_account, NONE, 200),
        route("GET /client/v4/accounts/{account_id}/logs/audit/{id}/history", of_account, NONE, 200),
        route("GET /umbel/v1/logs/audit", About::ServerLog, NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/{id}/diff", log, NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/export", log, NONE, 200),
        route("GET /umbel/v1/accounts/{account_id}/logs/audit/export", of_account, NONE, 200),
        route("GET /umbel/v1/logs/audit/export", About::ServerLog, NONE, 200),
    ]
}

/// The routes of what is kept of audit logs, and of what proves it.
fn routes_of_audit_trees() -> Vec<Route> {
    const NONE: Value = Value::Null;
    let log = About::Organization(Action::ReadAuditLog);
    let kept = json!({"retention_days": null, "hold": false});
    vec![
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/{id}/proof", log, NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/checkpoint", log, NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/consistency", log, NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/bundle", About::Tree(Action::ReadAuditLog), NONE, 200),
        route("GET /umbel/v1/logs/audit/{id}/proof", About::ServerLog, NONE, 404),
        route("GET /umbel/v1/logs/audit/checkpoint", About::ServerLog, NONE, 200),
        route("GET /umbel/v1/logs/audit/consistency", About::ServerLog, NONE, 200),
        route("GET /umbel/v1/logs/audit/bundle", About::ServerLog, NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/retention", About::Tree(Action::ReadAuditLog), NONE, 200),
        route(
            "PUT /umbel/v1/organizations/{organization_id}/logs/audit/retention",
            About::Tree(Action::ManageAuditLog),
            kept.clone(),
            412,
        ),
        route("GET /umbel/v1/logs/audit/retention", About::ServerLog, NONE, 200),
        route("PUT /umbel/v1/logs/audit/retention", About::ServerLogManaged, kept, 412),
        route(
            "POST /umbel/v1/organizations/{organization_id}/logs/audit/erasures",
            About::Tree(Action::ManageAuditLog),
            json!({"email": "nobody-at-all@example.com"}),
            412,
        ),
        route(
            "GET /umbel/v1/organizations/{organization_id}/logs/audit/erasures/{erasure_id}",
            About::Tree(Action::ReadAuditLog),
            NONE,
            404,
        ),
        route("POST /umbel/v1/logs/audit/erasures", About::ServerLogManaged, json!({"user_id": "nobody-at-all"}), 412),
        route("GET /umbel/v1/logs/audit/erasures/{erasure_id}", About::ServerLog, NONE, 404),
    ]
}

/// The routes of streams of audit logs; nothing is to change, so all that would ask for a tag that there is not.
fn routes_of_audit_streams() -> Vec<Route> {
    const NONE: Value = Value::Null;
    let manage = About::Organization(Action::ManageAuditLog);
    let body = json!({"name": "siem", "url": "https://example.com/"});
    vec![
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/streams", manage, NONE, 200),
        route("POST /umbel/v1/organizations/{organization_id}/logs/audit/streams", manage, body, 412),
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}", manage, NONE, 200),
        route("PATCH /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}", manage, json!({}), 412),
        route("DELETE /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}", manage, NONE, 412),
        route("GET /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/status", manage, NONE, 200),
        route("POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/roll", manage, NONE, 412),
        route("POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/test", manage, NONE, 412),
        route(
            "POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/replay",
            manage,
            json!({"since": "2026-01-02T00:00:00Z"}),
            412,
        ),
    ]
}

/// The routes of roles and of who has them.
fn routes_of_roles() -> Vec<Route> {
    use About as A;
    const NONE: Value = Value::Null;
    vec![
        route("GET /umbel/v1/organizations/{organization_id}/access", A::Organization(Action::ReadMembers), NONE, 200),
        route("GET /umbel/v1/accounts/{account_id}/access", A::Account(Action::ReadMembers), NONE, 200),
        route("GET /umbel/v1/organizations/{organization_id}/roles", A::Organization(Action::ReadOrganization), NONE, 200),
        route("POST /umbel/v1/organizations/{organization_id}/roles", A::OfRoot, json!({"name": "viewer", "actions": []}), 409),
        route(
            "GET /umbel/v1/organizations/{organization_id}/roles/{role_id}",
            A::Organization(Action::ReadOrganization),
            NONE,
            200,
        ),
        route("PATCH /umbel/v1/organizations/{organization_id}/roles/{role_id}", A::OfRoot, json!({}), 412),
        route("DELETE /umbel/v1/organizations/{organization_id}/roles/{role_id}", A::OfRoot, NONE, 412),
    ]
}

/// The lineage of the parent; of a root its own.
fn above(lineage: &str) -> &str {
    let end = lineage.trim_end_matches('/').rfind('/');
    end.map_or(lineage, |end| &lineage[..=end])
}

/// Whether somebody sees what is at this lineage.
fn sees(person: &Person, target: Option<&str>) -> bool {
    target.is_some_and(|target| person.at.is_some_and(|at| target.starts_with(at)))
}

fn expected(person: &Person, route: &Route, target: Option<&str>) -> u16 {
    let account = target.map(|target| format!("{target}@x-{}/", target.split_terminator('/').next_back().unwrap()));
    let everywhere = |action| person.scope.is_none() && person.cap.is_none_or(|cap| cap.allows(action));
    let allowed = match route.about {
        _ if person.disabled => return 401,
        About::Own | About::Visible => true,
        About::Users => person.is_whole_server() && person.may(Action::ManageUsers),
        About::ServerLog => person.is_whole_server() && person.may(Action::ReadAuditLog),
        About::Prices => person.is_whole_server() && person.may(Action::ManagePrices),
        // By now everybody who may has made a root, where they may do everything.
        About::Records => person.at.is_some() && person.may(Action::RecordUsage) || everywhere(Action::RecordUsage),
        About::Usage if !sees(person, target) => return 200,
        About::Usage => person.may(Action::ReadBilling),
        About::ServerLogManaged => person.is_whole_server() && person.may(Action::ManageAuditLog),
        About::InSession(status) => return status,
        About::OwnSignIn => person.scope.is_none() && person.cap.is_none(),
        About::NotOwn => everywhere(Action::ManageOwnMemberships),
        About::Root => everywhere(Action::CreateOrganization),
        About::Standalone => everywhere(Action::CreateAccount),
        About::Organization(_) | About::Move | About::OfRoot | About::Tree(_) if !sees(person, target) => {
            return 404;
        }
        About::Membership if !sees(person, target) || person.member_of != target => return 404,
        About::Account(_) if !sees(person, account.as_deref()) => return 404,
        About::AccountAndHolder(_) if !sees(person, target) => return 404,
        About::Membership => true,
        About::OfRoot if !person.may(Action::ManageRoles) => false,
        About::Tree(action) if !person.may(action) => false,
        About::Tree(_) if target.is_some_and(|target| target.matches('/').count() > 1) => return 400,
        About::Tree(_) => true,
        About::OfRoot if target.is_some_and(|target| target.matches('/').count() > 1) => return 400,
        About::OfRoot => true,
        About::Move => person.may(Action::MoveOrganization) && sees(person, target.map(above)),
        About::Organization(action) | About::Account(action) | About::AccountAndHolder(action) => person.may(action),
    };
    if allowed { route.allowed } else { 403 }
}

/// Asks under the prefix, at the root, with HEAD, and with the global API key where the credential has no scope, which must all
/// say the same; answers what the first one said.
async fn ask(app: &TestApp, person: &Person, route: &Route, target: &str, token: &str) -> Answer {
    let (method, path) = route.name.split_once(' ').unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let filled = |text: &str| {
        let filled = text.replace("{organization_id}", target).replace("{account_id}", &format!("x-{target}"));
        let filled = filled.replace("{member_id}", &format!("m-{target}"));
        let filled = filled.replace("{id}", &format!("e-{target}")).replace("{stream_id}", &format!("s-{target}"));
        let filled = filled.replace("{erasure_id}", "none").replace("{session_id}", "none").replace("{identity_id}", "none");
        let filled = filled.replace("{invitation_id}", &format!("i-{target}-invited"));
        // The roots have a role each; what stands below them asks for that of its own.
        let role = if target == "globex" { MADE[1] } else { MADE[0] };
        let filled = filled.replace("{role_id}", role);
        let filled = filled.replace("{metric_id}", "requests").replace("{price_id}", "p1");
        let filled = filled.replace("{billing_period}", "2025-12").replace("{invoice_id}", "none").replace("{budget_id}", "none");
        filled.replace("{user_id}", "viewer").replace("{token_id}", token)
    };
    let span =
        if path.contains("/logs/audit") { "?since=2026-01-01&before=2027-01-01&action_time=2026-01-02&size=0" } else { "" };
    let path = filled(path) + span;
    let mut body: Value = serde_json::from_str(&filled(&route.body.to_string())).unwrap();
    if path == "/umbel/v1/tokens" && method == Method::POST {
        // Not wider than the credential, and not above what it shows.
        body["organization_id"] = person.scope.and(person.at).and_then(|at| at.split_terminator('/').next_back()).into();
        body["role"] = person.cap.map(|cap| cap.name().into_owned()).into();
    }
    let call = |method: Method, path: &str| {
        let call = app.call(method, path);
        let call = if route.allowed == 412 { call.header("if-match", "\"stale\"") } else { call };
        match &body {
            Value::Null => call,
            Value::Array(_) => call.events(&body),
            body => call.body(body.clone()),
        }
    };
    let answer = call(method.clone(), &path).bearer(&person.credential).await;
    if method == Method::GET {
        let head = call(Method::HEAD, &path).bearer(&person.credential).await;
        assert_eq!(head.status, answer.status, "HEAD {path} by {}", person.name);
    }
    let at_root = path.strip_prefix("/client/v4");
    let changes = [About::Root, About::Standalone].contains(&route.about)
        || route.about == About::Own && method != Method::GET
        || path.ends_with("/sign-in-link");
    let has_key = person.credential == token_of(&person.name) && !path.ends_with("/verify");
    if !changes && (at_root.is_some() || has_key) {
        let again = call(method, at_root.unwrap_or(&path));
        let again = if has_key { again.by_key(&person.name) } else { again.bearer(&person.credential) };
        assert_eq!(again.await.indistinct(), answer.indistinct(), "{path} again by {}", person.name);
    }
    answer
}

/// Asks everybody's question about every target and compares it with what is expected; answers the statuses as a table.
async fn matrix(app: &TestApp) -> String {
    let people = people();
    let mut made = vec![String::from("none"); people.len()];
    let mut table = String::new();
    people.iter().zip(1..).for_each(|(person, n)| writeln!(table, "{n:>2} {}", person.name).unwrap());
    write!(table, "\n{:<75}", "").unwrap();
    (1..=people.len()).for_each(|n| write!(table, "{n:>4}").unwrap());
    for route in all_routes() {
        let about_one = !matches!(
            route.about,
            About::Own
                | About::NotOwn
                | About::OwnSignIn
                | About::InSession(_)
                | About::Visible
                | About::Users
                | About::ServerLog
                | About::Root
                | About::Standalone
                | About::Prices
                | About::Records
                | About::ServerLogManaged
        );
        for (place, target, lineage) in &TARGETS[..if about_one { TARGETS.len() } else { 1 }] {
            let place = if about_one { place } else { "" };
            write!(table, "\n{:<75}", format!("{} {place}", route.name)).unwrap();
            for (person, token) in people.iter().zip(&mut made) {
                let answer = ask(app, person, &route, target, token).await;
                let context = format!("{} {place} by {}: {answer}", route.name, person.name);
                assert_eq!(answer.status, expected(person, &route, *lineage), "{context}");
                let sees_account = person.at.is_some_and(|at| at.contains('@')) && place == "own";
                let sees_place = about_one && sees(person, *lineage) && lineage.is_some();
                if answer.status == 404 && !sees_account && !sees_place {
                    let unknown = ask(app, person, &route, "nowhere", token).await;
                    assert_eq!(answer.indistinct(), unknown.indistinct(), "{context}");
                }
                if route.name == "POST /umbel/v1/tokens" && answer.status == 200 {
                    *token = answer.text("id");
                }
                write!(table, "{:>4}", answer.status).unwrap();
            }
        }
    }
    table
}

#[test]
fn every_route_allows_everybody_what_the_role_table_says_and_hides_the_rest() {
    world().on_each_engine(async |app| {
        let before = app.rows("organizations").await;
        let table = matrix(app).await;
        insta::assert_snapshot!("who_may_do_what_where", table);
        let after = app.rows("organizations").await;
        assert!(before.iter().all(|organization| after.contains(organization)), "what was there is as it was");
        let all = all_routes();
        let root = all.iter().find(|route| route.about == About::Root).unwrap();
        let roots = people().iter().filter(|person| expected(person, root, None) == 200).count();
        assert_eq!(after.len(), before.len() + roots);
    });
}

#[test]
fn no_route_is_missing_from_the_matrix() {
    let asked: BTreeSet<_> = all_routes().iter().map(|route| route.name.to_owned()).collect();
    assert_eq!(asked, openapi::closed_routes());
}

#[test]
fn roots_are_the_operators_when_the_setting_says_so() {
    let world = World::company().settings(|settings| settings.root_creation = umbel_server::RootCreation::Operators);
    world.on_each_engine(async |app| {
        let root = || json!({"name": "root"});
        for user in ["ann", "ned"] {
            app.post("/organizations", root()).by(user).await.expect_error(403, 1300, "");
        }
        app.post("/organizations", root()).by("olga").await.expect(200);
        app.post("/organizations", json!({"name": "child", "parent": {"id": "acme"}})).by("ann").await.expect(200);
    });
}

#[test]
fn a_right_that_is_lost_is_gone_at_the_next_request() {
    World::company().on_each_engine(async |app| {
        let rename = async || app.put("/organizations/shop", json!({"name": "x"})).by("adam").await;
        rename().await.expect(200);
        app.change_role("acme", "adam", Role::Viewer).await;
        rename().await.expect(403);
        app.end_membership("acme", "adam").await;
        rename().await.expect(404);
        assert_eq!(app.get("/organizations").by("adam").await.expect(200).ids().len(), 0);
    });
}
