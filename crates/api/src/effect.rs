//! What a change would do: the answer to a dry run.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::envelope::Problem;
use crate::parameters::parameters;

/// Who would gain and who would lose which role on how much, and what stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Effect {
    /// How many organizations it is about, with everything below them.
    pub organizations: u64,
    /// How many accounts it is about.
    pub accounts: u64,
    /// Roles that somebody would hold on all of them and does not hold now.
    pub gains: Vec<Holding>,
    /// Roles that somebody holds on all of them now and would no longer.
    pub loses: Vec<Holding>,
    /// Whether `gains` and `loses` name everybody: of very many members only some are looked at, and of those whom the caller may
    /// not see none.
    pub complete: bool,
    /// Everything that stands in the way; empty when the change would be made.
    pub blockers: Vec<Problem>,
}

/// Somebody who holds a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holding {
    /// Who.
    pub user_id: String,
    /// Their address.
    #[schema(example = "ann@acme.example")]
    pub email: String,
    /// As what.
    #[schema(example = "administrator")]
    pub role: String,
    /// The organization whose member they are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub organization_id: Option<String>,
    /// The account whose member they are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub account_id: Option<String>,
}

parameters! {
    /// How to make a change.
    ChangeOptions {
        /// Whether to answer what would happen instead of doing it.
        dry_run: Option<bool> = "dry_run",
    }
}
