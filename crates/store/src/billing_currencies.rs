//! What organizations paid in on which day.
//!
//! An organization has a row for each day from which on it paid in another currency; before the first one, and without any, that is
//! [`Currency::USD`]. Rows outlive the organization.

use umbel_domain::{Currency, Day, OrganizationId};

use crate::engine::Change;
use crate::sql::{Builder, Sql, args, sql};
use crate::{Query, Result, Write};

const SET: Sql = sql!(
    "INSERT INTO billing_currencies (organization_id, from_day, currency) VALUES ($1, $2, $3) \
     ON CONFLICT (organization_id, from_day) DO UPDATE SET currency = excluded.currency"
);
const DELETE: Sql = sql!("DELETE FROM billing_currencies WHERE organization_id = $1");

/// Notes what an organization pays in from this day on.
pub async fn set(write: &mut Write, organization: &OrganizationId, day: Day, currency: Currency) -> Result<()> {
    write.execute(SET, args![organization.as_str(), day.number(), currency.code()]).await.map(drop)
}

/// Writes what an organization paid in from which day on, in the place of what is noted.
pub(crate) async fn replace(write: &mut Write, organization: &OrganizationId, currencies: &[(Day, Currency)]) -> Result<()> {
    write.execute(DELETE, args![organization.as_str()]).await?;
    for (day, currency) in currencies {
        set(write, organization, *day, *currency).await?;
    }
    Ok(())
}

/// What these organizations, at most [`crate::IN_LIST_MAX`], pay in from which day on, in the order of days.
pub async fn of(query: &mut impl Query, organizations: &[&str]) -> Result<Vec<(String, Day, Currency)>> {
    let mut statement = Builder::default();
    statement.push("SELECT organization_id, from_day, currency FROM billing_currencies WHERE organization_id");
    statement.bind_list(organizations).push(" ORDER BY organization_id, from_day");
    let read =
        |row: &crate::engine::Row<'_>| Ok((row.text(0)?, Day::from_number(row.int(1)?)?, Currency::parse(row.text_ref(2)?)?));
    query.rows(&statement, statement.args(), read).await
}
