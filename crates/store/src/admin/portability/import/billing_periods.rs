//! Checking lines of billing periods.

use umbel_domain::{BillingPeriod, Month};

use super::references::Known;
use super::{Additions, BadLines, Line, Seen};
use crate::admin::portability::record::BillingPeriodRecord;
use crate::{Result, Write, billing_periods};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<BillingPeriodRecord>>,
    known: &Known,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut seen = Seen::new();
    for Line { number, record } in lines {
        let period = match record.into_row() {
            Ok(period) => period,
            Err(reason) => {
                bad.add(number, reason);
                continue;
            }
        };
        let BillingPeriod { root, month, .. } = &period;
        let what = || format!("billing period {month} of organization {root}");
        if !known.was_organization(root.as_str(), "organization_id", number, bad)
            || !seen.first((root.clone(), *month), number, bad, what)
        {
            continue;
        }
        let line = Line { number, record: BillingPeriodRecord::from(period.clone()) };
        let stored = billing_periods::find(write, root, *month).await?;
        if !additions.is_new(&line, stored.map(Into::into), bad, what) {
            continue;
        }
        if known.come.contains(root.as_str()) {
            additions.billing_periods.push(period);
        } else {
            bad.add(number, format!("organization_id: {root} is there already; its months are closed here"));
        }
    }
    Ok(())
}

/// The months that invoices of the file may be of.
pub(super) fn invoiced(additions: &Additions) -> impl Iterator<Item = (String, Month)> {
    additions
        .billing_periods
        .iter()
        .filter(|period| period.close_time.is_some())
        .map(|period| (period.root.to_string(), period.month))
}
