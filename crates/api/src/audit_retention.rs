//! How long an audit log is kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long the entries of the logs of a tree of organizations are kept, or those of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRetention {
    /// For how many days at least, from 1 to 36500; `null` for ever. What is older is deleted from the next day (UTC) on.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, example = 550)]
    pub retention_days: Option<i64>,
    /// Whether nothing may be deleted or erased at present, whatever `retention_days` says.
    pub hold: bool,
}
