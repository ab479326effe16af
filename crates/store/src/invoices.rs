//! Invoices of months that are closed, and of those whose invoices are being made.

use umbel_decimal::Decimal;
use umbel_domain::{AccountId, Currency, Day, Invoice, InvoiceId, InvoiceKey, Month, OrganizationId};

use crate::engine::{Change, Row};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, Query, Result, Write};

macro_rules! columns {
    () => {
        "root_id, month, account_id, organization_id, currency, id, account_name, exact, total"
    };
}

const PUT: Sql = sql!(concat!(
    "INSERT INTO invoices (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (root_id, month, account_id, organization_id, currency) \
     DO UPDATE SET account_name = excluded.account_name, exact = excluded.exact, total = excluded.total"
));
/// Those of a month are there once all of them are.
macro_rules! all_made {
    () => {
        " AND EXISTS (SELECT 1 FROM billing_periods p WHERE p.root_id = invoices.root_id AND p.month = invoices.month \
         AND p.state = 'closed')"
    };
}
pub(crate) const GET: Sql = sql!(concat!("SELECT ", columns!(), " FROM invoices WHERE id = $1", all_made!()));
const ALL: Sql = sql!(concat!(
    "SELECT ",
    columns!(),
    " FROM invoices WHERE (root_id, month, account_id, organization_id, currency) > ($1, $2, $3, $4, $5) \
     ORDER BY root_id, month, account_id, organization_id, currency LIMIT $6"
));

/// Writes an invoice, in the place of what is there of it.
pub async fn put(write: &mut Write, invoice: &Invoice) -> Result<()> {
    let key = &invoice.of;
    let args = args![
        key.root.as_str(),
        key.month.first().number(),
        key.account.as_str(),
        key.organization.as_str(),
        key.currency.code(),
        invoice.id.as_str(),
        invoice.account_name.as_str(),
        invoice.exact.to_string(),
        invoice.total.to_string(),
    ];
    write.execute(PUT, args).await.map(drop)
}

/// The invoice with this id.
pub async fn get(query: &mut impl Query, id: &InvoiceId) -> Result<Option<Invoice>> {
    query.row(GET, args![id.as_str()], from_row).await
}

/// The invoices of these accounts, at most [`crate::IN_LIST_MAX`], for a month, of all roots.
pub async fn of_accounts(query: &mut impl Query, accounts: &[&str], month: Month) -> Result<Vec<Invoice>> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT ", columns!(), " FROM invoices WHERE account_id")).bind_list(accounts);
    statement.push(" AND month = ").bind(month.first().number()).push(all_made!());
    statement.push(" ORDER BY account_id, organization_id, currency");
    query.rows(&statement, statement.args(), from_row).await
}

/// At most `size` invoices of all, also those of months whose invoices are being made, behind one of them.
pub(crate) async fn all(query: &mut impl Query, after: Option<&InvoiceKey>, size: usize) -> Result<Vec<Invoice>> {
    let after = after.map_or(("", i64::MIN, "", "", ""), |key| {
        let month = key.month.first().number();
        (key.root.as_str(), month, key.account.as_str(), key.organization.as_str(), key.currency.code())
    });
    query.rows(ALL, args![after.0, after.1, after.2, after.3, after.4, size], from_row).await
}

/// Those of these invoices that exist, at most [`crate::IN_LIST_MAX`].
pub(crate) async fn with_ids(query: &mut impl Query, ids: &[String]) -> Result<Vec<Invoice>> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT ", columns!(), " FROM invoices WHERE id")).bind_list(ids);
    query.rows(&statement, statement.args(), from_row).await
}

fn from_row(row: &Row<'_>) -> Result<Invoice> {
    let amount = |at| -> Result<Decimal> {
        row.text(at)?.parse().map_err(|error| Error::Inconsistent(format!("an amount of an invoice {error}")))
    };
    Ok(Invoice {
        of: InvoiceKey {
            root: OrganizationId::parse(row.text_ref(0)?)?,
            month: Month::of(Day::from_number(row.int(1)?)?),
            account: AccountId::parse(row.text_ref(2)?)?,
            organization: OrganizationId::parse(row.text_ref(3)?)?,
            currency: Currency::parse(row.text_ref(4)?)?,
        },
        id: InvoiceId::parse(row.text_ref(5)?)?,
        account_name: row.text(6)?,
        exact: amount(7)?,
        total: amount(8)?,
    })
}
