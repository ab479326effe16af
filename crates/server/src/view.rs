//! Who looks at the audit log, at members and at billing, which is written down when the setting `audit_views` says so.

use axum::http::StatusCode;
use umbel_domain::audit::{Actor, Entry, Outcome, RequestLine, ResourceType};
use umbel_domain::{AccountId, Action, OrganizationId};

use crate::app::App;
use crate::command::request_line;
use crate::request::RequestInfo;
use crate::workers::LateEntry;

/// What somebody was let look at.
#[derive(Debug)]
pub(crate) struct View {
    /// In whose log that is written down; `None` for the server's.
    pub(crate) log: Option<OrganizationId>,
    /// The account that it is about.
    pub(crate) account: Option<AccountId>,
    /// Who looks.
    pub(crate) actor: Actor,
}

/// Whether reading with this right is a view. All routes that show the audit log, members or what is billed ask for one of these.
pub(crate) const fn is_view(action: Action) -> bool {
    matches!(action, Action::ReadAuditLog | Action::ReadMembers | Action::ReadBilling)
}

/// Hands a view that was answered to the worker that writes it down.
pub(crate) fn write_down_view(app: &App, view: View, info: &RequestInfo, status: StatusCode) {
    if !status.is_success() && status != StatusCode::NOT_MODIFIED {
        return;
    }
    let resource = resource_of(&info.route);
    // A log has no id but that of whose it is.
    let id = if resource == ResourceType::AuditLog { info.ids().next() } else { info.ids().last() };
    app.workers.viewed(LateEntry {
        at: info.at,
        entry: Entry::viewed(view.log, view.account, resource, id.unwrap_or_default()),
        outcome: Outcome::Success,
        actor: view.actor,
        request: RequestLine { status: status.as_u16(), ..request_line(info) },
        request_body: None,
    });
}

/// What a route is about.
pub(crate) fn resource_of(route: &str) -> ResourceType {
    let has = |parts: &[&str]| parts.iter().any(|part| route.contains(part));
    match route {
        _ if route.ends_with("/audit/retention") => ResourceType::AuditRetention,
        _ if has(&["/audit/erasures"]) => ResourceType::AuditErasure,
        _ if has(&["/audit"]) => ResourceType::AuditLog,
        _ if has(&["/organizations/{organization_id}/roles"]) => ResourceType::Role,
        _ if has(&["/accounts"]) && has(&["/members", "/access"]) => ResourceType::AccountMember,
        _ if has(&["/memberships"]) => ResourceType::AccountMember,
        _ if has(&["/accounts"]) && route.ends_with("/profile") => ResourceType::AccountProfile,
        _ if has(&["/accounts"]) => ResourceType::Account,
        _ if has(&["/members", "/access", "/leave", "/invitations/accept", "/invitations/reject"]) => {
            ResourceType::OrganizationMember
        }
        _ if has(&["/invitations"]) => ResourceType::Invitation,
        _ if route.ends_with("/profile") => ResourceType::OrganizationProfile,
        _ if route.starts_with("/umbel/v1/session") => ResourceType::Session,
        _ if route.starts_with("/umbel/v1/user") => ResourceType::User,
        _ if route.starts_with("/umbel/v1/tokens") => ResourceType::ApiToken,
        _ if route.starts_with("/umbel/v1/metrics") => ResourceType::Metric,
        _ if route.starts_with("/umbel/v1/prices") => ResourceType::Price,
        _ if has(&["/billing-periods"]) => ResourceType::BillingPeriod,
        _ if has(&["/budgets"]) => ResourceType::Budget,
        _ if has(&["/invoices"]) => ResourceType::Invoice,
        _ => ResourceType::Organization,
    }
}
