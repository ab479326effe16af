//! Budgets between the words on the wire and the types of the rules.

use umbel_api as api;
use umbel_decimal::Decimal;
use umbel_domain::budget::Reached;
use umbel_domain::{Budget, Timestamp};

/// Shows a budget.
pub(crate) fn budget(budget: &Budget) -> api::Budget {
    api::Budget {
        id: budget.id.to_string(),
        organization_id: budget.organization_id.to_string(),
        name: budget.name.as_str().to_owned(),
        amount: budget.amount.to_string(),
        currency: budget.currency.code().to_owned(),
        thresholds: budget.thresholds.clone(),
        reached: budget.reached.map(|reached| reached.threshold),
        reached_in: budget.reached.map(|reached| reached.month.to_string()),
        create_time: Timestamp::to_datetime(budget.create_time),
        update_time: Timestamp::to_datetime(budget.update_time),
    }
}

/// What is written down when a threshold is reached.
pub(crate) fn reached(budget: &Budget, reached: Reached, billed: Decimal) -> String {
    let (month, amount, billed) = (reached.month.to_string(), budget.amount.to_string(), billed.to_string());
    let told = serde_json::json!({
        "id": budget.id.as_str(),
        "name": budget.name.as_str(),
        "billing_period": month,
        "threshold": reached.threshold,
        "amount": amount,
        "billed_cost": billed,
        "currency": budget.currency.code(),
    });
    told.to_string()
}
