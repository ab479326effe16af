//! Checking lines of roles.

use std::collections::{HashMap, HashSet};

use umbel_domain::name::fold;
use umbel_domain::{OrganizationId, Role, Timestamp};

use super::references::Known;
use super::{Additions, BadLines, Line, Seen, groups};
use crate::admin::portability::record::RoleRecord;
use crate::roles::PER_ROOT_MAX;
use crate::{Result, Write, roles};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<RoleRecord>>,
    known: &Known,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let (mut ids, mut names) = (Seen::new(), Names::default());
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
            if additions.is_new(&line, stored.remove(&id).map(Into::into), bad, || format!("role {id}"))
                && names.take(write, organization, &line, bad).await?
            {
                additions.roles.push(line.record.into_row(now));
            }
        }
    }
    Ok(())
}

/// The names that the roles of each root have, folded.
#[derive(Default)]
struct Names(HashMap<OrganizationId, HashSet<String>>);

impl Names {
    /// Whether the root has room for one more role, and no other one with this name; else the line is bad.
    async fn take(
        &mut self,
        write: &mut Write,
        root: &OrganizationId,
        line: &Line<RoleRecord>,
        bad: &mut BadLines,
    ) -> Result<bool> {
        if !self.0.contains_key(root) {
            let stored = roles::of_root(write, root).await?;
            self.0.insert(root.clone(), stored.iter().map(|role| fold(role.name.as_str())).collect());
        }
        let names = self.0.entry(root.clone()).or_default();
        let name = fold(line.record.name());
        if names.len() >= PER_ROOT_MAX {
            bad.add(line.number, format!("organization_id: {root} has {PER_ROOT_MAX} roles, which is all that a root may make"));
            return Ok(false);
        }
        if Role::BUILT_IN.iter().any(|role| role.name() == name) || !names.insert(name) {
            bad.add(line.number, "name: another role of the root has this name");
            return Ok(false);
        }
        Ok(true)
    }
}
