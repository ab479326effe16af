//! Every route: the one place where routes are added, and the types that keep them honest.

mod access;
mod account_lists;
mod account_members;
mod account_moves;
mod account_profiles;
mod account_roles;
mod accounts;
mod api_tokens;
mod audit_bundles;
mod audit_erasures;
mod audit_exports;
mod audit_log;
mod audit_proofs;
mod audit_retention;
mod audit_roots;
mod audit_streams;
mod billable_usage;
mod billing_periods;
mod budgets;
mod costs;
mod focus_exports;
mod health;
mod invitations;
mod invoices;
mod linked_identities;
mod member_roles;
mod members;
mod memberships;
mod metrics;
mod oidc;
mod organization_moves;
pub(crate) mod organizations;
mod own_sign_in;
mod prices;
mod profiles;
mod roles;
mod server;
mod sessions;
mod usage_events;
mod user;
mod users;

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::MethodFilter;
use umbel_api::Code;
use utoipa::openapi::path::{HttpMethod, OperationBuilder};
use utoipa::openapi::{OpenApi, Paths};

use crate::app::App;
use crate::command::{Kind, command};
use crate::console;
use crate::oidc::CALLBACK;
use crate::openapi::{self, About, Changes, Reads, Schemas};
use crate::request::{PREFIX, observe, panicked, unknown_method, unknown_route};
use crate::sign_in::Means;

pub(crate) use sessions::Newcomer;

/// Every route of the service.
pub(crate) fn routes() -> Routes {
    billing(signing_in(audit_streams(audit_trees(audit_logs(Routes::default())))))
        .get("/client/v4/organizations", organizations::list, organizations::LIST)
        .post("/client/v4/organizations", organizations::create, organizations::CREATE)
        .get("/client/v4/organizations/{organization_id}", organizations::get, organizations::GET)
        .put("/client/v4/organizations/{organization_id}", organizations::update, organizations::UPDATE)
        .delete("/client/v4/organizations/{organization_id}", organizations::delete, organizations::DELETE)
        .get("/client/v4/organizations/{organization_id}/profile", profiles::get, profiles::GET)
        .put("/client/v4/organizations/{organization_id}/profile", profiles::update, profiles::UPDATE)
        .get(
            "/client/v4/organizations/{organization_id}/accounts",
            account_lists::of_organization,
            account_lists::OF_ORGANIZATION,
        )
        .get("/client/v4/organizations/{organization_id}/members", members::list, members::LIST)
        .post("/client/v4/organizations/{organization_id}/members", members::create, members::CREATE)
        .post("/client/v4/organizations/{organization_id}/members:batchCreate", members::create_batch, members::CREATE_BATCH)
        .get("/client/v4/organizations/{organization_id}/members/{member_id}", members::get, members::GET)
        .delete("/client/v4/organizations/{organization_id}/members/{member_id}", members::delete, members::DELETE)
        .get("/client/v4/accounts", account_lists::list, account_lists::LIST)
        .post("/client/v4/accounts", accounts::create, accounts::CREATE)
        .get("/client/v4/accounts/{account_id}", accounts::get, accounts::GET)
        .put("/client/v4/accounts/{account_id}", accounts::update, accounts::UPDATE)
        .delete("/client/v4/accounts/{account_id}", accounts::delete, accounts::DELETE)
        .get("/client/v4/accounts/{account_id}/profile", account_profiles::get, account_profiles::GET)
        .put("/client/v4/accounts/{account_id}/profile", account_profiles::update, account_profiles::UPDATE)
        .get("/client/v4/accounts/{account_id}/organizations", accounts::organizations, accounts::ORGANIZATIONS)
        .post("/client/v4/accounts/{account_id}/move", account_moves::create, account_moves::CREATE)
        .post("/client/v4/accounts/move", account_moves::create_batch, account_moves::CREATE_BATCH)
        .get("/client/v4/accounts/{account_id}/members", account_members::list, account_members::LIST)
        .post("/client/v4/accounts/{account_id}/members", account_members::create, account_members::CREATE)
        .get("/client/v4/accounts/{account_id}/members/{member_id}", account_members::get, account_members::GET)
        .put("/client/v4/accounts/{account_id}/members/{member_id}", account_members::update, account_members::UPDATE)
        .delete("/client/v4/accounts/{account_id}/members/{member_id}", account_members::delete, account_members::DELETE)
        .get("/client/v4/accounts/{account_id}/roles", account_roles::list, account_roles::LIST)
        .get("/client/v4/accounts/{account_id}/roles/{role_id}", account_roles::get, account_roles::GET)
        .get("/client/v4/memberships", memberships::list, memberships::LIST)
        .get("/client/v4/memberships/{member_id}", memberships::get, memberships::GET)
        .put("/client/v4/memberships/{member_id}", memberships::update, memberships::UPDATE)
        .delete("/client/v4/memberships/{member_id}", memberships::delete, memberships::DELETE)
        .get("/client/v4/user", user::get, user::GET)
        .get("/client/v4/user/tokens/verify", user::verify_token, user::VERIFY_TOKEN)
        .post("/umbel/v1/organizations/{organization_id}/move", organization_moves::create, organization_moves::CREATE)
        .put("/umbel/v1/organizations/{organization_id}/flags", organizations::update_flags, organizations::UPDATE_FLAGS)
        .get("/umbel/v1/organizations/{organization_id}/members", member_roles::list, member_roles::LIST)
        .post("/umbel/v1/organizations/{organization_id}/members", member_roles::create, member_roles::CREATE)
        .get("/umbel/v1/organizations/{organization_id}/members/{member_id}", member_roles::get, member_roles::GET)
        .patch("/umbel/v1/organizations/{organization_id}/members/{member_id}", member_roles::update, member_roles::UPDATE)
        .delete("/umbel/v1/organizations/{organization_id}/members/{member_id}", member_roles::delete, member_roles::DELETE)
        .post("/umbel/v1/organizations/{organization_id}/leave", member_roles::leave, member_roles::LEAVE)
        .get("/umbel/v1/organizations/{organization_id}/access", access::of_organization, access::OF_ORGANIZATION)
        .get("/umbel/v1/accounts/{account_id}/access", access::of_account, access::OF_ACCOUNT)
        .get("/umbel/v1/organizations/{organization_id}/roles", roles::list, roles::LIST)
        .post("/umbel/v1/organizations/{organization_id}/roles", roles::create, roles::CREATE)
        .get("/umbel/v1/organizations/{organization_id}/roles/{role_id}", roles::get, roles::GET)
        .patch("/umbel/v1/organizations/{organization_id}/roles/{role_id}", roles::update, roles::UPDATE)
        .delete("/umbel/v1/organizations/{organization_id}/roles/{role_id}", roles::delete, roles::DELETE)
        .get("/umbel/v1/organizations/{organization_id}/invitations", invitations::list, invitations::LIST)
        .get("/umbel/v1/organizations/{organization_id}/invitations/{invitation_id}", invitations::get, invitations::GET)
        .post(
            "/umbel/v1/organizations/{organization_id}/invitations/{invitation_id}/resend",
            invitations::resend,
            invitations::RESEND,
        )
        .delete("/umbel/v1/organizations/{organization_id}/invitations/{invitation_id}", invitations::revoke, invitations::REVOKE)
        .post("/umbel/v1/invitations/accept", invitations::accept, invitations::ACCEPT)
        .post("/umbel/v1/invitations/reject", invitations::reject, invitations::REJECT)
        .get("/umbel/v1/users", users::list, users::LIST)
        .post("/umbel/v1/users", users::create, users::CREATE)
        .get("/umbel/v1/users/{user_id}", users::get, users::GET)
        .patch("/umbel/v1/users/{user_id}", users::update, users::UPDATE)
        .delete("/umbel/v1/users/{user_id}", users::delete, users::DELETE)
        .get("/umbel/v1/tokens", api_tokens::list, api_tokens::LIST)
        .post("/umbel/v1/tokens", api_tokens::create, api_tokens::CREATE)
        .get("/umbel/v1/tokens/{token_id}", api_tokens::get, api_tokens::GET)
        .delete("/umbel/v1/tokens/{token_id}", api_tokens::revoke, api_tokens::REVOKE)
        .post("/umbel/v1/tokens/{token_id}/roll", api_tokens::roll, api_tokens::ROLL)
        .get("/umbel/v1/server", server::get, server::GET)
        .open("/healthz", health::healthz, health::HEALTHZ)
        .open("/readyz", health::readyz, health::READYZ)
        .open("/umbel/v1/openapi.json", health::openapi, health::OPENAPI)
}

/// Adds the routes of metrics, prices and usage.
fn billing(routes: Routes) -> Routes {
    routes
        .get("/umbel/v1/metrics", metrics::list, metrics::LIST)
        .post("/umbel/v1/metrics", metrics::create, metrics::CREATE)
        .get("/umbel/v1/metrics/{metric_id}", metrics::get, metrics::GET)
        .post("/umbel/v1/metrics/{metric_id}/retire", metrics::retire, metrics::RETIRE)
        .get("/umbel/v1/prices", prices::list, prices::LIST)
        .post("/umbel/v1/prices", prices::create, prices::CREATE)
        .get("/umbel/v1/prices/{price_id}", prices::get, prices::GET)
        .post("/umbel/v1/prices/{price_id}/end", prices::end, prices::END)
        .get("/umbel/v1/organizations/{organization_id}/billing", prices::get_billing, prices::GET_BILLING)
        .put("/umbel/v1/organizations/{organization_id}/billing", prices::update_billing, prices::UPDATE_BILLING)
        .get("/umbel/v1/organizations/{organization_id}/budgets", budgets::list, budgets::LIST)
        .post("/umbel/v1/organizations/{organization_id}/budgets", budgets::create, budgets::CREATE)
        .get("/umbel/v1/organizations/{organization_id}/budgets/{budget_id}", budgets::get, budgets::GET)
        .patch("/umbel/v1/organizations/{organization_id}/budgets/{budget_id}", budgets::update, budgets::UPDATE)
        .delete("/umbel/v1/organizations/{organization_id}/budgets/{budget_id}", budgets::delete, budgets::DELETE)
        .get("/umbel/v1/organizations/{organization_id}/billing-periods", billing_periods::list, billing_periods::LIST)
        .get(
            "/umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}",
            billing_periods::get,
            billing_periods::GET,
        )
        .post(
            "/umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/close",
            billing_periods::close,
            billing_periods::CLOSE,
        )
        .get(
            "/umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/replay",
            billing_periods::replay,
            billing_periods::REPLAY,
        )
        .get(
            "/umbel/v1/organizations/{organization_id}/billing-periods/{billing_period}/invoices",
            invoices::list,
            invoices::LIST,
        )
        .get("/umbel/v1/organizations/{organization_id}/invoices/{invoice_id}", invoices::get, invoices::GET)
        .get(
            "/client/v4/organizations/{organization_id}/billable/usage",
            billable_usage::of_organization,
            billable_usage::OF_ORGANIZATION,
        )
        .get("/client/v4/accounts/{account_id}/billable/usage", billable_usage::of_account, billable_usage::OF_ACCOUNT)
        .get("/umbel/v1/organizations/{organization_id}/costs", costs::list, costs::LIST)
        .get("/umbel/v1/organizations/{organization_id}/focus", focus_exports::export, focus_exports::EXPORT)
        .get("/umbel/v1/organizations/{organization_id}/focus/metadata", focus_exports::metadata, focus_exports::METADATA)
        .post_events("/umbel/v1/usage/events", usage_events::create, usage_events::CREATE)
}

/// Adds the routes of signing in.
fn signing_in(routes: Routes) -> Routes {
    routes
        .sign_in("/umbel/v1/session", Means::Password, sessions::create, sessions::CREATE)
        .sign_in("/umbel/v1/session/link", Means::Link, sessions::create_by_link, sessions::CREATE_BY_LINK)
        .sign_in("/umbel/v1/session/oidc", Means::Provider, sessions::create_by_provider, sessions::CREATE_BY_PROVIDER)
        .open_get("/umbel/v1/session/options", oidc::options, oidc::OPTIONS)
        .lead("/umbel/v1/session/oidc", oidc::begin, oidc::BEGIN)
        .lead(CALLBACK, oidc::come_back, oidc::COME_BACK)
        .get("/umbel/v1/session", sessions::get, sessions::GET)
        .delete("/umbel/v1/session", sessions::end, sessions::END)
        .get("/umbel/v1/sessions", sessions::list, sessions::LIST)
        .delete("/umbel/v1/sessions/{session_id}", sessions::end_one, sessions::END_ONE)
        .put("/umbel/v1/user/password", own_sign_in::set_password, own_sign_in::SET_PASSWORD)
        .get("/umbel/v1/user/totp", own_sign_in::get_factor, own_sign_in::GET_FACTOR)
        .post("/umbel/v1/user/totp", own_sign_in::create_factor, own_sign_in::CREATE_FACTOR)
        .post("/umbel/v1/user/totp/confirm", own_sign_in::confirm_factor, own_sign_in::CONFIRM_FACTOR)
        .delete("/umbel/v1/user/totp", own_sign_in::delete_factor, own_sign_in::DELETE_FACTOR)
        .get("/umbel/v1/user/identities", linked_identities::list, linked_identities::LIST)
        .delete("/umbel/v1/user/identities/{identity_id}", linked_identities::delete, linked_identities::DELETE)
        .get("/umbel/v1/users/{user_id}/identities", linked_identities::list_of_user, linked_identities::LIST_OF_USER)
        .delete(
            "/umbel/v1/users/{user_id}/identities/{identity_id}",
            linked_identities::delete_of_user,
            linked_identities::DELETE_OF_USER,
        )
        .post("/umbel/v1/users/{user_id}/sign-in-link", users::create_sign_in_link, users::CREATE_SIGN_IN_LINK)
        .delete("/umbel/v1/users/{user_id}/totp", users::delete_second_factor, users::DELETE_SECOND_FACTOR)
}

/// Adds the routes of audit logs.
fn audit_logs(routes: Routes) -> Routes {
    routes
        .get("/client/v4/organizations/{organization_id}/logs/audit", audit_log::of_organization, audit_log::OF_ORGANIZATION)
        .get(
            "/client/v4/organizations/{organization_id}/logs/audit/{id}/history",
            audit_log::history_of_organization,
            audit_log::HISTORY_OF_ORGANIZATION,
        )
        .get("/client/v4/accounts/{account_id}/logs/audit", audit_log::of_account, audit_log::OF_ACCOUNT)
        .get(
            "/client/v4/accounts/{account_id}/logs/audit/{id}/history",
            audit_log::history_of_account,
            audit_log::HISTORY_OF_ACCOUNT,
        )
        .get("/umbel/v1/logs/audit", audit_log::of_server, audit_log::OF_SERVER)
        .get("/umbel/v1/organizations/{organization_id}/logs/audit/{id}/diff", audit_log::show_diff, audit_log::DIFF)
        .get(
            "/umbel/v1/organizations/{organization_id}/logs/audit/export",
            audit_exports::of_organization,
            audit_exports::OF_ORGANIZATION,
        )
        .get("/umbel/v1/accounts/{account_id}/logs/audit/export", audit_exports::of_account, audit_exports::OF_ACCOUNT)
        .get("/umbel/v1/logs/audit/export", audit_exports::of_server, audit_exports::OF_SERVER)
}

/// Adds the routes of what is kept of audit logs, and of what proves it.
fn audit_trees(routes: Routes) -> Routes {
    const ROOT: &str = "/umbel/v1/organizations/{organization_id}/logs/audit/retention";
    const SERVER: &str = "/umbel/v1/logs/audit/retention";
    routes
        .get("/umbel/v1/organizations/{organization_id}/logs/audit/{id}/proof", audit_proofs::inclusion, audit_proofs::INCLUSION)
        .get("/umbel/v1/logs/audit/{id}/proof", audit_proofs::inclusion_of_server, audit_proofs::INCLUSION_OF_SERVER)
        .get(
            "/umbel/v1/organizations/{organization_id}/logs/audit/checkpoint",
            audit_proofs::checkpoint,
            audit_proofs::CHECKPOINT,
        )
        .get("/umbel/v1/logs/audit/checkpoint", audit_proofs::checkpoint_of_server, audit_proofs::CHECKPOINT_OF_SERVER)
        .get(
            "/umbel/v1/organizations/{organization_id}/logs/audit/consistency",
            audit_proofs::consistency,
            audit_proofs::CONSISTENCY,
        )
        .get("/umbel/v1/logs/audit/consistency", audit_proofs::consistency_of_server, audit_proofs::CONSISTENCY_OF_SERVER)
        .get("/umbel/v1/organizations/{organization_id}/logs/audit/bundle", audit_bundles::of_root, audit_bundles::OF_ROOT)
        .get("/umbel/v1/logs/audit/bundle", audit_bundles::of_server, audit_bundles::OF_SERVER)
        .get(ROOT, audit_retention::get, audit_retention::GET)
        .put(ROOT, audit_retention::update, audit_retention::UPDATE)
        .get(SERVER, audit_retention::get_of_server, audit_retention::GET_OF_SERVER)
        .put(SERVER, audit_retention::update_of_server, audit_retention::UPDATE_OF_SERVER)
        .post("/umbel/v1/organizations/{organization_id}/logs/audit/erasures", audit_erasures::create, audit_erasures::CREATE)
        .get(
            "/umbel/v1/organizations/{organization_id}/logs/audit/erasures/{erasure_id}",
            audit_erasures::get,
            audit_erasures::GET,
        )
        .post("/umbel/v1/logs/audit/erasures", audit_erasures::create_of_server, audit_erasures::CREATE_OF_SERVER)
        .get("/umbel/v1/logs/audit/erasures/{erasure_id}", audit_erasures::get_of_server, audit_erasures::GET_OF_SERVER)
}

/// Adds the routes of streams of audit logs.
fn audit_streams(routes: Routes) -> Routes {
    use audit_streams as streams;
    routes
        .get("/umbel/v1/organizations/{organization_id}/logs/audit/streams", streams::list, streams::LIST)
        .post("/umbel/v1/organizations/{organization_id}/logs/audit/streams", streams::create, streams::CREATE)
        .get("/umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}", streams::get, streams::GET)
        .patch("/umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}", streams::update, streams::UPDATE)
        .delete("/umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}", streams::delete, streams::DELETE)
        .get("/umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/status", streams::status, streams::STATUS)
        .post("/umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/roll", streams::roll, streams::ROLL)
        .post("/umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/test", streams::test, streams::TEST)
        .post("/umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/replay", streams::replay, streams::REPLAY)
}

type AddRoute = Box<dyn FnOnce(axum::Router<App>, &App) -> axum::Router<App>>;

/// Routes in the making, and their documentation.
#[derive(Default)]
pub(crate) struct Routes {
    added: Vec<AddRoute>,
    paths: Paths,
    schemas: Schemas,
}

macro_rules! changing {
    ($($name:ident $method:ident;)+) => { $(
        fn $name<H, M: 'static, A>(self, path: &'static str, handler: H, about: About) -> Self
        where
            H: Handler<M, App> + Changes<A>,
        {
            self.change(&Method::$method, Kind::One, path, handler, about)
        }
    )+ };
}

impl Routes {
    changing! {
        post POST;
        put PUT;
        patch PATCH;
        delete DELETE;
    }

    /// Adds a route that reads.
    fn get<H, M: 'static, A>(mut self, path: &'static str, handler: H, about: About) -> Self
    where
        H: Handler<M, App> + Reads<A>,
    {
        let operation = H::document(operation::<H>(about), &mut self.schemas);
        let operation = operation.parameter(openapi::header("If-None-Match", "Answers 304 when the `ETag` is still this one."));
        let operation = openapi::errors(operation, about.errors, &mut self.schemas);
        self.document(path, HttpMethod::Get, operation);
        self.add(path, MethodFilter::GET, handler, |route, _| route)
    }

    /// Adds a route that changes something: it runs inside of `command`, which runs it again where that is needed.
    fn change<H, M: 'static, A>(mut self, method: &Method, kind: Kind, path: &'static str, handler: H, about: About) -> Self
    where
        H: Handler<M, App> + Changes<A>,
    {
        let mut operation = H::document(operation::<H>(about), &mut self.schemas);
        let (filter, documented) = match *method {
            Method::POST => (MethodFilter::POST, HttpMethod::Post),
            Method::PUT => (MethodFilter::PUT, HttpMethod::Put),
            Method::PATCH => (MethodFilter::PATCH, HttpMethod::Patch),
            _ => (MethodFilter::DELETE, HttpMethod::Delete),
        };
        if *method == Method::POST && kind == Kind::One {
            let description = "Up to 255 characters. Repeating the request with the same key within 24 hours answers what the \
                               first one answered, with `idempotency-replayed: true`, and does nothing.";
            operation = operation.parameter(openapi::header("Idempotency-Key", description));
        }
        if about.errors.contains(&Code::PreconditionFailed) {
            let description = "Changes nothing unless the `ETag` of a GET is still this one.";
            operation = operation.parameter(openapi::header("If-Match", description));
        }
        let operation = openapi::errors(operation, about.errors, &mut self.schemas);
        self.document(path, documented, operation);
        self.add(path, filter, handler, move |route, app| {
            route.layer(axum::middleware::from_fn_with_state((app.clone(), kind), command))
        })
    }

    /// Adds a route that takes events.
    fn post_events<H, M: 'static, A>(self, path: &'static str, handler: H, about: About) -> Self
    where
        H: Handler<M, App> + Changes<A>,
    {
        self.change(&Method::POST, Kind::Events, path, handler, about)
    }

    /// Adds a route by which somebody signs in.
    fn sign_in<H, M: 'static, A>(self, path: &'static str, means: Means, handler: H, about: About) -> Self
    where
        H: Handler<M, App> + Changes<A>,
    {
        self.change(&Method::POST, Kind::SignIn(means), path, handler, about)
    }

    /// Adds a route that anybody may read, without a credential.
    fn open<H, M: 'static>(mut self, path: &'static str, handler: H, about: About) -> Self
    where
        H: Handler<M, App>,
    {
        let done = utoipa::openapi::ResponseBuilder::new()
            .description("Done.")
            .content("application/json", utoipa::openapi::ContentBuilder::new().build());
        self.document(path, HttpMethod::Get, operation::<H>(about).response("200", done));
        self.add(path, MethodFilter::GET, handler, |route, _| route)
    }

    /// Adds a route that anybody may read, without a credential, and that answers like one that needs one.
    fn open_get<H, M: 'static, A>(mut self, path: &'static str, handler: H, about: About) -> Self
    where
        H: Handler<M, App> + Reads<A>,
    {
        let operation = H::document(operation::<H>(about), &mut self.schemas);
        self.document(path, HttpMethod::Get, operation);
        self.add(path, MethodFilter::GET, handler, |route, _| route)
    }

    /// Adds a route that leads browsers elsewhere.
    fn lead<H, M: 'static>(mut self, path: &'static str, handler: H, about: About) -> Self
    where
        H: Handler<M, App>,
    {
        let elsewhere = utoipa::openapi::ResponseBuilder::new().description("Go where `Location` says.");
        let operation = operation::<H>(about).response("303", elsewhere);
        let operation = openapi::errors(operation, about.errors, &mut self.schemas);
        self.document(path, HttpMethod::Get, operation);
        self.add(path, MethodFilter::GET, handler, |route, _| route)
    }

    fn document(&mut self, path: &str, method: HttpMethod, operation: OperationBuilder) {
        self.paths.add_path_operation(path, vec![method], operation.build());
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn add<H, M: 'static>(
        mut self,
        path: &'static str,
        filter: MethodFilter,
        handler: H,
        wrap: impl FnOnce(axum::routing::MethodRouter<App>, &App) -> axum::routing::MethodRouter<App> + 'static,
    ) -> Self
    where
        H: Handler<M, App>,
    {
        self.added.push(Box::new(move |router, app| {
            let route = wrap(axum::routing::on(filter, handler), app);
            match path.strip_prefix(PREFIX) {
                Some(at_root) => router.route(at_root, route.clone()).route(path, route),
                None => router.route(path, route),
            }
        }));
        self
    }

    /// The router that serves the routes.
    #[expect(clippy::disallowed_methods, reason = "the console is no part of the API")]
    pub(crate) fn into_router(self, app: &App) -> axum::Router {
        let router = self.added.into_iter().fold(axum::Router::new(), |router, add| add(router, app));
        let page = || axum::routing::get(console::page);
        let router = router.route("/", axum::routing::get(console::front));
        let router =
            router.route("/console", page()).route("/console/", page()).route("/console/{*path}", page()).route("/docs", page());
        router
            .fallback(unknown_route)
            .method_not_allowed_fallback(unknown_method)
            .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
            .layer(axum::middleware::from_fn_with_state(app.clone(), observe))
            .with_state(app.clone())
    }

    /// The document of the routes.
    pub(crate) fn into_document(self) -> OpenApi {
        openapi::document(self.paths, self.schemas)
    }
}

/// An operation named after its handler: `organizations_create`.
fn operation<H>(about: About) -> OperationBuilder {
    let name = std::any::type_name::<H>();
    let mut words = name.rsplit("::");
    let (verb, noun) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    OperationBuilder::new()
        .operation_id(Some(format!("{noun}_{verb}")))
        .tag(noun.replace('_', " "))
        .summary(Some(about.summary))
        .description(Some(about.description))
}
