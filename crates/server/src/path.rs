//! Ids in paths.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use umbel_api::Code;
use umbel_domain::{AccountId, ApiTokenId, Invalid, OrganizationId, UserId};

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
    UserId, "user_id";
    ApiTokenId, "token_id";
}

impl<T: PathId> FromRequestParts<App> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let invalid = |reason: String| Error::at(Code::InvalidId, format!("/path/{}", T::NAME), format!("{} {reason}", T::NAME));
        let path = axum::extract::Path::<String>::from_request_parts(parts, app).await;
        let axum::extract::Path(text) = path.map_err(|_| invalid("is not UTF-8".into()))?;
        T::parse(&text).map(Self).map_err(|error| invalid(error.0))
    }
}
