//! Ids in paths.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use umbel_api::Code;
use umbel_domain::{
    AccountId, ApiTokenId, AuditEntryId, AuditErasureId, AuditStreamId, BudgetId, Invalid, InvitationId, InvoiceId,
    LinkedIdentityId, MemberId, MetricId, Month, OrganizationId, PriceId, SessionId, UserId,
};

use crate::app::App;
use crate::error::Error;

/// The id in a path with one.
pub(crate) struct Id<T>(pub(crate) T);

/// What stands for a thing in a path.
pub(crate) trait PathId: Sized {
    /// The name of the parameter in the route.
    const NAME: &str;

    /// Reads the id.
    fn parse(text: &str) -> Result<Self, Invalid>;
}

macro_rules! path_ids {
    ($($type:ty, $name:literal;)+) => { $(
        impl PathId for $type {
            const NAME: &str = $name;

            fn parse(text: &str) -> Result<Self, Invalid> {
                Self::parse(text)
            }
        }
    )+ };
}

path_ids! {
    OrganizationId, "organization_id";
    AccountId, "account_id";
    MemberId, "member_id";
    UserId, "user_id";
    ApiTokenId, "token_id";
    InvitationId, "invitation_id";
    AuditEntryId, "id";
    MetricId, "metric_id";
    PriceId, "price_id";
    AuditStreamId, "stream_id";
    AuditErasureId, "erasure_id";
    SessionId, "session_id";
    Month, "billing_period";
    InvoiceId, "invoice_id";
    BudgetId, "budget_id";
    LinkedIdentityId, "identity_id";
}

/// The name of a role, whether there is one or not.
pub(crate) struct RoleName(pub(crate) String);

impl PathId for RoleName {
    const NAME: &str = "role_id";

    fn parse(text: &str) -> Result<Self, Invalid> {
        // Roles are named like everything else that has an id.
        MemberId::parse(text).map(|id| Self(id.to_string()))
    }
}

impl<T: PathId> FromRequestParts<App> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, app).await;
        let axum::extract::Path(text) = path.map_err(|_| not_text::<T>())?;
        read(&text).map(Self)
    }
}

/// The ids in a path with two: of a thing, and of one in it.
pub(crate) struct Ids<T, U>(pub(crate) T, pub(crate) U);

impl<T: PathId, U: PathId> FromRequestParts<App> for Ids<T, U> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, app).await;
        let axum::extract::Path((outer, inner)) = path.map_err(|_| not_text::<T>())?;
        match (read(&outer), read(&inner)) {
            (Ok(outer), Ok(inner)) => Ok(Self(outer, inner)),
            (outer, inner) => Err(Error::all([outer.err(), inner.err()].into_iter().flatten().collect())),
        }
    }
}

fn read<T: PathId>(text: &str) -> Result<T, Error> {
    T::parse(text).map_err(|error| invalid::<T>(&error.0))
}

fn not_text<T: PathId>() -> Error {
    invalid::<T>("is not UTF-8")
}

fn invalid<T: PathId>(reason: &str) -> Error {
    Error::at(Code::InvalidId, format!("/path/{}", T::NAME), format!("{} {reason}", T::NAME))
}
