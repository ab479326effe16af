//! Checking lines of accounts.

use std::collections::{HashMap, HashSet};

use umbel_domain::{AccountId, Lineage, OrganizationId, Timestamp};

use super::references::Known;
use super::{Additions, BadLines, Line, Seen, gone, groups};
use crate::admin::portability::record::AccountRecord;
use crate::{Result, Write, accounts, placements};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<AccountRecord>>,
    known: &mut Known,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut ids = Seen::new();
    for group in groups(lines) {
        let asked: Vec<String> = group.iter().map(|line| line.record.id.0.to_string()).collect();
        let stored = accounts::with_ids(write, &asked).await?;
        let noted: HashSet<AccountId> = placements::noted(write, &asked).await?.into_iter().collect();
        let mut stored: HashMap<_, _> = stored.into_iter().map(|account| (account.id.to_string(), account)).collect();
        for line in group {
            let id = line.record.id.0.clone();
            if !ids.first(id.clone(), line.number, bad, || format!("account {id}")) {
                continue;
            }
            let stored = stored.remove(id.as_str());
            if stored.is_none() && noted.contains(&id) {
                bad.add(line.number, gone(&format!("account {id}")));
                continue;
            }
            let Some(holder) = holder(line.record.organization(), line.number, known, bad) else { continue };
            known.accounts.insert(id.to_string(), Some(holder.account(&id)));
            if additions.is_new(&line, stored.map(Into::into), bad, || format!("account {id}")) {
                additions.accounts.push(line.record.into_row(&holder, now));
            }
        }
    }
    // In this order the rows go to the end of the index, and it is that of an export.
    additions.accounts.sort_unstable_by(|a, b| a.lineage.cmp(&b.lineage));
    Ok(())
}

/// Where the organization of an account stands, or the server; else the line is bad, or that of the organization is.
fn holder(organization: Option<&OrganizationId>, number: u64, known: &Known, bad: &mut BadLines) -> Option<Lineage> {
    let Some(id) = organization else { return Some(Lineage::server()) };
    known.organization(id.as_str(), "organization_id", number, bad);
    known.lineages.get(id.as_str()).cloned()
}
