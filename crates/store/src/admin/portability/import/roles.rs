//! Checking lines of roles.

use std::collections::HashMap;

use umbel_domain::Timestamp;

use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::portability::record::RoleRecord;
use crate::{Result, Write, roles};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<RoleRecord>>,
    known: &Known,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut ids = Seen::new();
    for group in groups(lines) {
        let asked: Vec<String> = group.iter().map(|line| line.record.id.0.to_string()).collect();
        let stored = roles::with_ids(write, &asked).await?;
        let mut stored: HashMap<_, _> = stored.into_iter().map(|role| (role.id, role)).collect();
        for line in group {
            let id = line.record.id.0;
            let organization = &line.record.organization_id.0;
            if !ids.first(id, line.number, bad, || format!("role {id}"))
                || !known.organization(organization.as_str(), "organization_id", line.number, bad)
            {
                continue;
            }
            if known.lineages.get(organization.as_str()).is_some_and(|lineage| lineage.depth() != 1) {
                bad.add(
                    line.number,
                    format!("organization_id: {organization} is no root, and only roots have roles of their own"),
                );
                continue;
            }
            if additions.is_new(&line, stored.remove(&id).map(Into::into), bad, || format!("role {id}")) {
                additions.roles.push(line.record.into_row(now));
            }
        }
    }
    Ok(())
}
