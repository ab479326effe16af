//! Checking lines of prices.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use umbel_domain::price::{Misfit, fits};
use umbel_domain::{Digits, Price, Timestamp};

use super::metrics::Metrics;
use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::portability::record::PriceRecord;
use crate::prices::{self, PER_ORGANIZATION_MAX, PER_SLOT_MAX};
use crate::{Result, Write, billing_periods};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<PriceRecord>>,
    (metrics, known): (&Metrics, &Known),
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let (mut ids, mut new) = (Seen::new(), Vec::new());
    for group in groups(lines) {
        let asked: Vec<String> = group.iter().map(|line| line.record.id.0.to_string()).collect();
        let stored = prices::with_ids(write, &asked).await?;
        let mut stored: HashMap<_, _> = stored.into_iter().map(|price| (price.id.to_string(), price)).collect();
        for line in group {
            let id = line.record.id.0.clone();
            if !ids.first(id.clone(), line.number, bad, || format!("price {id}"))
                || !line
                    .record
                    .organization()
                    .is_none_or(|id| known.was_organization(id.as_str(), "organization_id", line.number, bad))
                || !additions.is_new(&line, stored.remove(id.as_str()).map(Into::into), bad, || format!("price {id}"))
            {
                continue;
            }
            let Some(metric) = metrics.get(line.record.metric_id.0.as_str()) else {
                bad.add(line.number, format!("metric_id: there is no metric {}", line.record.metric_id.0));
                continue;
            };
            let checked = line.record.into_row(now).and_then(|price| match price.check(metric) {
                Ok(()) => Ok(price),
                Err(faults) => {
                    Err(faults.iter().map(|(member, invalid)| format!("{member}: {invalid}")).collect::<Vec<_>>().join("; "))
                }
            });
            let checked = checked.and_then(|price| {
                let needed = additions.needs(metric, Digits::of_price(&price));
                needed.map(|()| price).map_err(|reason| format!("the price {reason}"))
            });
            match checked {
                Ok(price) => new.push((line.number, price)),
                Err(reason) => bad.add(line.number, reason),
            }
        }
    }
    place(write, new, additions, bad).await
}

/// Sees that the new prices fit beside each other and those that are stored.
async fn place(write: &mut Write, mut new: Vec<(u64, Price)>, additions: &mut Additions, bad: &mut BadLines) -> Result<()> {
    let closed = if new.is_empty() { None } else { billing_periods::latest(write).await? };
    // In this order each one follows those before it.
    new.sort_by(|(_, a), (_, b)| (a.slot(), a.effective_from).cmp(&(b.slot(), b.effective_from)));
    let mut beside: Vec<Price> = Vec::new();
    let mut counts = HashMap::new();
    for (number, price) in new {
        if let Some(month) = closed.filter(|month| price.effective_from < month.end()) {
            bad.add(number, format!("effective_from: the billing period {month} of a root is closed"));
            continue;
        }
        if beside.first().is_none_or(|first| first.slot() != price.slot()) {
            beside = prices::of_slot(write, &price).await?;
        }
        let organization = price.negotiated.as_ref().map(|negotiated| &negotiated.organization_id);
        let count = match counts.entry(organization.cloned()) {
            Entry::Occupied(counted) => counted.into_mut(),
            Entry::Vacant(new) => new.insert(prices::count(write, organization, PER_ORGANIZATION_MAX).await?),
        };
        if beside.len() >= PER_SLOT_MAX || *count >= PER_ORGANIZATION_MAX {
            bad.add(
                number,
                format!("a metric has at most {PER_SLOT_MAX} prices in turn, an organization {PER_ORGANIZATION_MAX}"),
            );
            continue;
        }
        match fits(&price, &beside) {
            Err(Misfit::Overlaps(other)) => bad.add(number, format!("effective_from: price {other} holds at the same time")),
            Err(Misfit::LeavesGap(other)) => {
                bad.add(number, format!("effective_from: there would be no price between it and {other}"));
            }
            Ok(()) => {
                *count += 1;
                beside.push(price.clone());
                additions.prices.push(price);
            }
        }
    }
    Ok(())
}
