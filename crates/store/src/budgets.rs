//! Budgets of organizations.

use umbel_decimal::Decimal;
use umbel_domain::budget::Reached;
use umbel_domain::{Budget, BudgetId, Currency, Day, Month, Name, OrganizationId, Timestamp};

use crate::engine::{Change, Row};
use crate::sql::{Sql, args, sql};
use crate::{Error, Query, Result, Write};

macro_rules! columns {
    () => {
        "organization_id, id, name, amount, currency, thresholds, reached_month, reached_threshold, create_time, update_time, \
         earlier_month, earlier_threshold"
    };
}

const INSERT: Sql =
    sql!(concat!("INSERT INTO budgets (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"));
const UPDATE: Sql = sql!(
    "UPDATE budgets SET name = $3, amount = $4, currency = $5, thresholds = $6, update_time = $7, reached_month = NULL, \
     reached_threshold = NULL, earlier_month = NULL, earlier_threshold = NULL WHERE organization_id = $1 AND id = $2"
);
/// What somebody changed or told meanwhile is looked at anew.
const REACH: Sql = sql!(
    "UPDATE budgets SET reached_month = $4, reached_threshold = $5, earlier_month = $6, earlier_threshold = $7 \
     WHERE organization_id = $1 AND id = $2 AND update_time = $3 \
     AND reached_month IS NOT DISTINCT FROM $8 AND reached_threshold IS NOT DISTINCT FROM $9 \
     AND earlier_month IS NOT DISTINCT FROM $10 AND earlier_threshold IS NOT DISTINCT FROM $11"
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
    let [latest, earlier] = [budget.reached, budget.reached_earlier].map(numbers);
    let args = args![
        budget.organization_id.as_str(),
        budget.id.as_str(),
        budget.name.as_str(),
        budget.amount.to_string(),
        budget.currency.code(),
        thresholds_to_text(&budget.thresholds),
        latest.0,
        latest.1,
        budget.create_time,
        budget.update_time,
        earlier.0,
        earlier.1,
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

/// Notes that a threshold was reached, and returns the budget as it is then; [`Error::Conflict`] when somebody else did, or it was
/// changed.
pub async fn reach(write: &mut Write, budget: &Budget, reached: Reached) -> Result<Budget> {
    let changed = budget.clone().with_reached(reached);
    let [latest, earlier] = [changed.reached, changed.reached_earlier].map(numbers);
    let [known_latest, known_earlier] = [budget.reached, budget.reached_earlier].map(numbers);
    let args = args![
        budget.organization_id.as_str(),
        budget.id.as_str(),
        budget.update_time,
        latest.0,
        latest.1,
        earlier.0,
        earlier.1,
        known_latest.0,
        known_latest.1,
        known_earlier.0,
        known_earlier.1,
    ];
    write.one_row(REACH, args).await?;
    Ok(changed)
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

/// The month and the percentage as they are stored.
fn numbers(reached: Option<Reached>) -> (Option<i64>, Option<i64>) {
    (reached.map(|reached| reached.month.first().number()), reached.map(|reached| i64::from(reached.threshold)))
}

fn from_row(row: &Row<'_>) -> Result<Budget> {
    let inconsistent = |what: String| Error::Inconsistent(format!("a budget has {what:?}"));
    let (amount, thresholds) = (row.text(3)?, row.text(5)?);
    let percentage = |text: &str| text.parse::<u16>().map_err(|_| inconsistent(text.to_owned()));
    let reached = |at: usize| -> Result<Option<Reached>> {
        let Some((month, threshold)) = row.int_or_null(at)?.zip(row.int_or_null(at + 1)?) else { return Ok(None) };
        let threshold = u16::try_from(threshold).map_err(|_| inconsistent(threshold.to_string()))?;
        Ok(Some(Reached { month: Month::of(Day::from_number(month)?), threshold }))
    };
    Ok(Budget {
        organization_id: OrganizationId::parse(row.text_ref(0)?)?,
        id: BudgetId::parse(row.text_ref(1)?)?,
        name: Name::parse(row.text_ref(2)?, Name::LENGTH_MAX)?,
        amount: amount.parse::<Decimal>().map_err(|_| inconsistent(amount))?,
        currency: Currency::parse(row.text_ref(4)?)?,
        thresholds: thresholds.split(' ').map(percentage).collect::<Result<_>>()?,
        reached: reached(6)?,
        reached_earlier: reached(10)?,
        create_time: Timestamp::from_micros(row.int(8)?),
        update_time: Timestamp::from_micros(row.int(9)?),
    })
}
