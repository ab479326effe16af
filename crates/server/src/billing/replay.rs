//! A closed billing period, made again from what was kept of it: the same each time.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use umbel_decimal::Decimal;
use umbel_domain::{Invoice, InvoiceKey, Month, OrganizationId};

use super::Billed;
use crate::error::{Error, Result};

/// The invoices and the content hash of a billing period, under way.
pub(crate) struct Replay {
    root: OrganizationId,
    month: Month,
    hash: Sha256,
    sums: BTreeMap<InvoiceKey, (String, Decimal)>,
}

impl Replay {
    pub(crate) fn new(root: OrganizationId, month: Month) -> Self {
        Self { root, month, hash: Sha256::new(), sums: BTreeMap::new() }
    }

    /// Takes what comes next of the billing period.
    ///
    /// The hash is that of a line for each: a JSON array of texts, which are the account, the ids from its root down to it, the day, the
    /// month in which it is invoiced, the metric, the zone, the region, the quantity, and, where there is a price, its id, the
    /// currency, the list cost, the contracted cost and the billed cost.
    pub(crate) fn take(&mut self, billed: &Billed<'_>) -> Result<()> {
        let (spot, charge) = (&billed.at.spot, billed.charge()?);
        let mut line = vec![
            billed.account_id.to_string(),
            billed.lineage.as_str().to_owned(),
            billed.day.to_string(),
            billed.invoiced_in().to_string(),
            billed.metric.id.to_string(),
            spot.zone_id.clone(),
            spot.region_id.clone(),
            billed.quantity().to_string(),
        ];
        if let (Some((charge, currency)), Some(price)) = (charge, billed.price) {
            line.extend([price.id.to_string(), currency.code().to_owned()]);
            line.extend([charge.list_cost, charge.contracted_cost, charge.billed_cost].map(|cost| cost.to_string()));
            let organization = billed.lineage.id().and_then(|id| OrganizationId::parse(id).ok());
            if let Some(organization) = organization {
                let (root, month, account) = (self.root.clone(), self.month, billed.account_id.clone());
                let key = InvoiceKey { root, month, account, organization, currency };
                let (name, sum) = self.sums.entry(key).or_insert_with(|| (String::new(), Decimal::ZERO));
                billed.account_name.clone_into(name);
                let added = sum.checked_add(charge.billed_cost);
                *sum = added.map_err(|error| super::unrated(billed.metric, billed.account_id, billed.day, error))?;
            }
        }
        // Texts always have a JSON form.
        self.hash.update(serde_json::to_vec(&line).unwrap_or_default());
        self.hash.update(b"\n");
        Ok(())
    }

    /// The invoices, and the content hash.
    pub(crate) fn finish(self) -> Result<(Vec<Invoice>, [u8; 32])> {
        let invoices = self.sums.into_iter().map(|(key, (name, exact))| key.invoice(name, exact));
        let invoices = invoices.collect::<std::result::Result<_, _>>();
        let invoices =
            invoices.map_err(|error| Error::new(umbel_api::Code::Internal, format!("the total of an invoice {error}")))?;
        Ok((invoices, self.hash.finalize().into()))
    }
}
