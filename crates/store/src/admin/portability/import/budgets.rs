//! Checking lines of budgets.

use std::collections::HashMap;

use umbel_domain::{Budget, OrganizationId, Timestamp};

use super::references::Known;
use super::{Additions, BadLines, Line, Seen};
use crate::admin::portability::record::BudgetRecord;
use crate::{Result, Write, budgets};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<BudgetRecord>>,
    known: &Known,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut ids = Seen::new();
    let mut counts: HashMap<OrganizationId, usize> = HashMap::new();
    for line in lines {
        let (number, id) = (line.number, line.record.id.0.clone());
        let organization = line.record.organization_id.0.clone();
        let what = || format!("budget {id}");
        if !ids.first((organization.clone(), id.clone()), number, bad, what)
            || !known.organization(organization.as_str(), "organization_id", number, bad)
        {
            continue;
        }
        let stored = budgets::get(write, &organization, &id).await?;
        if !additions.is_new(&line, stored.map(Into::into), bad, what) {
            continue;
        }
        if !counts.contains_key(&organization) {
            counts.insert(organization.clone(), budgets::of_organization(write, &organization).await?.len());
        }
        let count = counts.entry(organization).or_default();
        *count += 1;
        match line.record.into_row(now) {
            Ok(_) if *count > Budget::PER_ORGANIZATION_MAX => {
                bad.add(number, format!("organization_id: an organization has at most {} budgets", Budget::PER_ORGANIZATION_MAX));
            }
            Ok(budget) => additions.budgets.push(budget),
            Err(reason) => bad.add(number, reason),
        }
    }
    Ok(())
}
