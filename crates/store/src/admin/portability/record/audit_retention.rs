//! The lines of how long audit logs are kept.

use serde::{Deserialize, Serialize};
use umbel_domain::audit::Retention;
use umbel_domain::{Invalid, OrganizationId};

use super::{Kind, Nullable, given};
use crate::admin::portability::text::Text;

/// How long the audit log of a root is kept, or that of the server.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct AuditRetentionRecord {
    kind: Kind,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    organization_id: Option<Nullable<Text<OrganizationId>>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    retention_days: Option<Nullable<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<bool>,
}

impl AuditRetentionRecord {
    /// Whose log it is: of a root, or of the server.
    pub(in crate::admin::portability) fn root(&self) -> Option<&OrganizationId> {
        self.organization_id.as_ref()?.as_ref().map(|id| &id.0)
    }

    /// What the line says; the reason when it cannot be so.
    pub(in crate::admin::portability) fn into_row(self) -> Result<(Option<OrganizationId>, Retention), String> {
        let days = self.retention_days.flatten().map(Retention::days).transpose();
        let days = days.map_err(|Invalid(reason)| format!("retention_days {reason}"))?;
        let retention = Retention { days, hold: self.hold.unwrap_or_default() };
        Ok((self.organization_id.flatten().map(|id| id.0), retention))
    }
}

impl From<(Option<OrganizationId>, Retention)> for AuditRetentionRecord {
    fn from((root, retention): (Option<OrganizationId>, Retention)) -> Self {
        Self {
            kind: Kind::AuditRetention,
            organization_id: Some(root.map(Text)),
            retention_days: Some(retention.days.map(i64::from)),
            hold: Some(retention.hold),
        }
    }
}
