//! Checking lines of invoices.

use std::collections::{HashMap, HashSet};

use umbel_domain::Invoice;

use super::references::Known;
use super::{Additions, BadLines, Line, Seen, billing_periods, groups};
use crate::admin::portability::record::InvoiceRecord;
use crate::{Result, Write, invoices};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<InvoiceRecord>>,
    known: &Known,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut ids = Seen::new();
    let months: HashSet<_> = billing_periods::invoiced(additions).collect();
    for group in groups(lines) {
        let asked: Vec<String> = group.iter().map(|line| line.record.id.0.to_string()).collect();
        let stored = invoices::with_ids(write, &asked).await?;
        let mut stored: HashMap<_, Invoice> = stored.into_iter().map(|invoice| (invoice.id.to_string(), invoice)).collect();
        for line in group {
            let (number, id) = (line.number, line.record.id.0.clone());
            let (account, organization) = (&line.record.account_id.0, &line.record.organization_id.0);
            if !ids.first(id.clone(), number, bad, || format!("invoice {id}"))
                || !known.account(account.as_str(), number, bad)
                || !known.was_organization(organization.as_str(), "organization_id", number, bad)
                || !additions.is_new(&line, stored.remove(id.as_str()).map(Into::into), bad, || format!("invoice {id}"))
            {
                continue;
            }
            match line.record.into_row() {
                Err(reason) => bad.add(number, reason),
                Ok(invoice) if !months.contains(&(invoice.of.root.to_string(), invoice.of.month)) => {
                    bad.add(number, "billing_period: no line of the file closes it");
                }
                Ok(invoice) => additions.invoices.push(invoice),
            }
        }
    }
    Ok(())
}
