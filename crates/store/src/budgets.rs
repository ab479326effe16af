//! Budgets of organizations.

use umbel_decimal::Decimal;
use umbel_domain::budget::Reached;
use umbel_domain::{Budget, BudgetId, Currency, Day, Month, Name, OrganizationId, Timestamp};

use crate::engine::{Change, Row};
use crate::sql::{Sql, args, sql};
use crate::{Error, Query, Result, Write};

macro_rules! columns {
    () => {
        "organization_id, id, name, amount, currency, thresholds, reached_month, reached_threshold, create_time, update_time"
    };
}

const INSERT: Sql = sql!(concat!("INSERT INTO budgets (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, $7, $8)"));
const UPDATE: Sql = sql!(
    "UPDATE budgets SET name = $3, amount = $4, currency = $5, thresholds = $6, update_time = $7, reached_month = NULL, \
     reached_threshold = NULL WHERE organization_id = $1 AND id = $2"
);
/// What somebody changed meanwhile is looked at anew.
const REACH: Sql = sql!(
    "UPDATE budgets SET reached_month = $4, reached_threshold = $5 WHERE organization_id = $1 AND id = $2 AND update_time = $3 \
     AND (reached_month IS NULL OR reached_month <> $4 OR reached_threshold < $5)"
);
const DELETE: Sql = sql!("DELETE FROM budgets WHERE organization_id = $1 AND id = $2");
const DELETE_OF_ORGANIZATION: Sql = sql!("DELETE FROM budgets WHERE organization_id = $1");
pub(crate) const GET: Sql = sql!(concat!("SELECT ", columns!(), " FROM budgets WHERE organization_id = $1 AND id = $2"));
pub(crate) const OF_ORGANIZATION: Sql =
    sql!(concat!("SELECT ", columns!(), " FROM budgets WHERE organization_id = $1 ORDER BY id LIMIT $2"));
pub(crate) const ALL: Sql = sql!(concat!(
    "SELECT ",
    columns!(),
    " FROM budgets WHERE (organization_id, id) > ($1, $2) ORDER BY organization_id, id LIMIT $3"
));

/// Adds a budget.
pub async fn insert(write: &mut Write, budget: &Budget) -> Result<()> {
    let args = args![
        budget.organization_id.as_str(),
        budget.id.as_str(),
        budget.name.as_str(),
        budget.amount.to_string(),
        budget.currency.code(),
        thresholds_to_text(&budget.thresholds),
        budget.create_time,
        budget.update_time,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Writes what can change of a budget, which has reached nothing from then on; [`Error::Conflict`] when it is gone.
pub async fn update(write: &mut Write, budget: &Budget) -> Result<()> {
    let args = args![
        budget.organization_id.as_str(),
        budget.id.as_str(),
        budget.name.as_str(),
        budget.amount.to_string(),
        budget.currency.code(),
        thresholds_to_text(&budget.thresholds),
        budget.update_time,
    ];
    write.one_row(UPDATE, args).await
}

/// Notes that a threshold was reached; [`Error::Conflict`] when somebody else did, or the budget was changed.
pub async fn reach(write: &mut Write, budget: &Budget, reached: Reached) -> Result<()> {
    let args = args![
        budget.organization_id.as_str(),
        budget.id.as_str(),
        budget.update_time,
        reached.month.first().number(),
        i64::from(reached.threshold),
    ];
    write.one_row(REACH, args).await
}

/// Removes a budget; [`Error::Conflict`] when it is gone.
pub async fn delete(write: &mut Write, budget: &Budget) -> Result<()> {
    write.one_row(DELETE, args![budget.organization_id.as_str(), budget.id.as_str()]).await
}

/// Removes every budget of an organization.
pub(crate) async fn delete_of_organization(write: &mut Write, organization: &OrganizationId) -> Result<()> {
    write.execute(DELETE_OF_ORGANIZATION, args![organization.as_str()]).await.map(drop)
}

/// The budget of an organization with this id.
pub async fn get(query: &mut impl Query, organization: &OrganizationId, id: &BudgetId) -> Result<Option<Budget>> {
    query.row(GET, args![organization.as_str(), id.as_str()], from_row).await
}

/// The budgets of an organization, in the order of their ids; at most [`Budget::PER_ORGANIZATION_MAX`].
pub async fn of_organization(query: &mut impl Query, organization: &OrganizationId) -> Result<Vec<Budget>> {
    query.rows(OF_ORGANIZATION, args![organization.as_str(), Budget::PER_ORGANIZATION_MAX], from_row).await
}

/// At most `size` budgets of all organizations, behind one of them.
pub async fn all(query: &mut impl Query, after: Option<&Budget>, size: usize) -> Result<Vec<Budget>> {
    let after = after.map_or(("", ""), |after| (after.organization_id.as_str(), after.id.as_str()));
    query.rows(ALL, args![after.0, after.1, size], from_row).await
}

fn thresholds_to_text(thresholds: &[u16]) -> String {
    thresholds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn from_row(row: &Row<'_>) -> Result<Budget> {
    let inconsistent = |what: String| Error::Inconsistent(format!("a budget has {what:?}"));
    let (amount, thresholds) = (row.text(3)?, row.text(5)?);
    let percentage = |text: &str| text.parse::<u16>().map_err(|_| inconsistent(text.to_owned()));
    let reached = row.int_or_null(6)?.zip(row.int_or_null(7)?).map(|(month, threshold)| -> Result<Reached> {
        let threshold = u16::try_from(threshold).map_err(|_| inconsistent(threshold.to_string()))?;
        Ok(Reached { month: Month::of(Day::from_number(month)?), threshold })
    });
    Ok(Budget {
        organization_id: OrganizationId::parse(&row.text(0)?)?,
        id: BudgetId::parse(&row.text(1)?)?,
        name: Name::parse(&row.text(2)?, Name::LENGTH_MAX)?,
        amount: amount.parse::<Decimal>().map_err(|_| inconsistent(amount))?,
        currency: Currency::parse(&row.text(4)?)?,
        thresholds: thresholds.split(' ').map(percentage).collect::<Result<_>>()?,
        reached: reached.transpose()?,
        create_time: Timestamp::from_micros(row.int(8)?),
        update_time: Timestamp::from_micros(row.int(9)?),
    })
}
