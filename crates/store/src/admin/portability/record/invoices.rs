//! The lines of invoices.

use serde::{Deserialize, Serialize};
use umbel_decimal::Decimal;
use umbel_domain::{AccountId, Currency, Invoice, InvoiceId, InvoiceKey, Month, Name, OrganizationId};

use super::Kind;
use crate::admin::portability::text::{NameOf, Text};

/// What an account cost an organization in a billing period of a root.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct InvoiceRecord {
    kind: Kind,
    pub(in crate::admin::portability) id: Text<InvoiceId>,
    pub(in crate::admin::portability) root_organization_id: Text<OrganizationId>,
    billing_period: Text<Month>,
    pub(in crate::admin::portability) account_id: Text<AccountId>,
    account_name: Option<Text<NameOf<{ Name::LENGTH_MAX }>>>,
    pub(in crate::admin::portability) organization_id: Text<OrganizationId>,
    currency: Text<Currency>,
    exact_cost: Text<Decimal>,
    total: Text<Decimal>,
}

impl InvoiceRecord {
    /// The invoice, or which member is wrong with it and why.
    pub(in crate::admin::portability) fn into_row(self) -> Result<Invoice, String> {
        let of = InvoiceKey {
            root: self.root_organization_id.0,
            month: self.billing_period.0,
            account: self.account_id.0,
            organization: self.organization_id.0,
            currency: self.currency.0,
        };
        let name = self.account_name.map(|name| name.0.0.as_str().to_owned()).unwrap_or_default();
        let invoice = of.invoice(name, self.exact_cost.0).map_err(|error| format!("exact_cost: {error}"))?;
        if invoice.id != self.id.0 {
            return Err(format!("id: the invoice of what it is for has the id {}", invoice.id));
        }
        if invoice.total != self.total.0 {
            return Err(format!("total: exact_cost is paid as {}", invoice.total));
        }
        Ok(invoice)
    }
}

impl From<Invoice> for InvoiceRecord {
    fn from(invoice: Invoice) -> Self {
        Self {
            kind: Kind::Invoice,
            id: Text(invoice.id),
            root_organization_id: Text(invoice.of.root),
            billing_period: Text(invoice.of.month),
            account_id: Text(invoice.of.account),
            account_name: Name::parse(&invoice.account_name, Name::LENGTH_MAX).ok().map(|name| Text(NameOf(name))),
            organization_id: Text(invoice.of.organization),
            currency: Text(invoice.of.currency),
            exact_cost: Text(invoice.exact),
            total: Text(invoice.total),
        }
    }
}
