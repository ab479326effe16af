//! The lines of billing periods.

use serde::{Deserialize, Serialize};
use umbel_domain::{BillingPeriod, BillingPeriodState, Month, OrganizationId, Timestamp};

use super::{Kind, Nullable, given};
use crate::admin::portability::text::Text;

/// What is known of a month of a root.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct BillingPeriodRecord {
    kind: Kind,
    pub(in crate::admin::portability) organization_id: Text<OrganizationId>,
    billing_period: Text<Month>,
    state: Text<BillingPeriodState>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    close_time: Option<Nullable<Text<Timestamp>>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    content_hash: Option<Nullable<Text<[u8; 32]>>>,
}

impl BillingPeriodRecord {
    /// The billing period, or what is wrong with it.
    pub(in crate::admin::portability) fn into_row(self) -> Result<BillingPeriod, String> {
        let close_time = self.close_time.flatten().map(|time| time.0);
        let content_hash = self.content_hash.flatten().map(|hash| hash.0);
        let state = self.state.0;
        let (is_timed, is_hashed) = (state != BillingPeriodState::Open, state == BillingPeriodState::Closed);
        if (close_time.is_some(), content_hash.is_some()) != (is_timed, is_hashed) {
            return Err(
                "a month that is closing or closed has a close_time, a closed one a content_hash, and no other one".into()
            );
        }
        Ok(BillingPeriod { root: self.organization_id.0, month: self.billing_period.0, state, close_time, content_hash })
    }
}

impl From<BillingPeriod> for BillingPeriodRecord {
    fn from(period: BillingPeriod) -> Self {
        Self {
            kind: Kind::BillingPeriod,
            organization_id: Text(period.root),
            billing_period: Text(period.month),
            state: Text(period.state),
            close_time: Some(period.close_time.map(Text)),
            content_hash: Some(period.content_hash.map(Text)),
        }
    }
}
