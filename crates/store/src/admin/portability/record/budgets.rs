//! The lines of budgets.

use serde::{Deserialize, Serialize};
use umbel_domain::budget::Reached;
use umbel_domain::{Budget, BudgetId, Currency, Invalid, Month, Name, OrganizationId, Timestamp};

use super::Kind;
use crate::admin::portability::text::{NameOf, Object, Text};

/// What an organization means to spend in each month.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct BudgetRecord {
    kind: Kind,
    pub(in crate::admin::portability) id: Text<BudgetId>,
    pub(in crate::admin::portability) organization_id: Text<OrganizationId>,
    name: Text<NameOf<{ Name::LENGTH_MAX }>>,
    amount: String,
    currency: Text<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thresholds: Option<Vec<u16>>,
    /// The latest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    reached: Option<Vec<Object<ReachedRecord>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_time: Option<Text<Timestamp>>,
}

/// A threshold that was reached in a month.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReachedRecord {
    month: Text<Month>,
    threshold: u16,
}

impl BudgetRecord {
    /// The new budget, or which member is wrong with it and why.
    pub(in crate::admin::portability) fn into_row(self, now: Timestamp) -> Result<Budget, String> {
        let create_time = self.create_time.map_or(now, |time| time.0);
        let thresholds = self.thresholds.unwrap_or_else(|| Budget::THRESHOLDS.to_vec());
        let mut reached = self.reached.unwrap_or_default().into_iter();
        let mut next = || reached.next().map(|Object(record)| Reached { month: record.month.0, threshold: record.threshold });
        let (latest, earlier, more) = (next(), next(), next());
        let in_order = latest.zip(earlier).is_none_or(|(latest, earlier)| earlier.month < latest.month);
        if more.is_some() || !in_order {
            return Err("reached: must be of at most two months, the latest first".into());
        }
        Ok(Budget {
            id: self.id.0,
            organization_id: self.organization_id.0,
            name: self.name.0.0,
            amount: Budget::amount(&self.amount).map_err(|Invalid(reason)| format!("amount: {reason}"))?,
            currency: self.currency.0,
            thresholds: Budget::thresholds(thresholds).map_err(|Invalid(reason)| format!("thresholds: {reason}"))?,
            reached: latest,
            reached_earlier: earlier,
            create_time,
            update_time: self.update_time.map_or(create_time, |time| time.0),
        })
    }
}

impl From<Budget> for BudgetRecord {
    fn from(budget: Budget) -> Self {
        let reached = |Reached { month, threshold }| Object(ReachedRecord { month: Text(month), threshold });
        Self {
            kind: Kind::Budget,
            id: Text(budget.id),
            organization_id: Text(budget.organization_id),
            name: Text(NameOf(budget.name)),
            amount: budget.amount.to_string(),
            currency: Text(budget.currency),
            thresholds: Some(budget.thresholds),
            reached: Some([budget.reached, budget.reached_earlier].into_iter().flatten().map(reached).collect()),
            create_time: Some(Text(budget.create_time)),
            update_time: Some(Text(budget.update_time)),
        }
    }
}
