//! Checking lines of organizations, and finding where they stand.

use std::collections::{HashMap, HashSet};

use umbel_domain::{Lineage, Organization, OrganizationId, Timestamp};

use super::references::Known;
use super::{Additions, BadLines, DEPTH_MAX, Line, Seen, gone, groups};
use crate::admin::portability::record::OrganizationRecord;
use crate::organizations::{self, Filter};
use crate::{IN_LIST_MAX, Result, Write};

/// Ids of a circle that are named.
const CIRCLE_NAMED_MAX: usize = 5;

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<OrganizationRecord>>,
    known: &mut Known,
    now: Timestamp,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut ids = Seen::new();
    let mut new = Vec::new();
    for group in groups(lines) {
        let mut stored = stored(write, &group).await?;
        let asked: Vec<&str> = group.iter().map(|line| line.record.id.0.as_str()).collect();
        let departed: HashSet<OrganizationId> = organizations::departed(write, &asked).await?.into_iter().collect();
        for line in group {
            let id = line.record.id.0.clone();
            if !ids.first(id.clone(), line.number, bad, || format!("organization {id}")) {
                continue;
            }
            let stored = stored.remove(id.as_str());
            if stored.is_none() && departed.contains(&id) {
                bad.add(line.number, gone(&format!("organization {id}")));
                continue;
            }
            if let Some(stored) = &stored {
                known.lineages.insert(id.to_string(), stored.lineage.clone());
            }
            if additions.is_new(&line, stored.map(Into::into), bad, || format!("organization {id}")) {
                new.push(line);
            }
        }
    }
    place(&new, known, bad);
    for line in new {
        if let Some(lineage) = known.lineages.get(line.record.id.0.as_str()) {
            additions.organizations.push(line.record.into_row(lineage.clone(), now));
        }
    }
    // In this order the rows go to the end of the index, and it is that of an export.
    additions.organizations.sort_unstable_by(|a, b| a.lineage.cmp(&b.lineage));
    Ok(())
}

async fn stored(write: &mut Write, group: &[Line<OrganizationRecord>]) -> Result<HashMap<String, Organization>> {
    let ids = group.iter().map(|line| line.record.id.0.clone()).collect();
    let filter = Filter { ids: Some(ids), ..Filter::default() };
    let page = organizations::list(write, &[Lineage::server()], &filter, "", IN_LIST_MAX).await?;
    Ok(page.items.into_iter().map(|stored| (stored.id.to_string(), stored)).collect())
}

/// Finds the lineage of each new organization; of those below a bad one only the bad one is named.
fn place(new: &[Line<OrganizationRecord>], known: &mut Known, bad: &mut BadLines) {
    let by_id: HashMap<&str, usize> = new.iter().enumerate().map(|(at, line)| (line.record.id.0.as_str(), at)).collect();
    let mut state = vec![State::Unseen; new.len()];
    for start in 0..new.len() {
        // The way up from here, until something is reached whose place is known.
        let mut path = Vec::new();
        let mut at = start;
        let mut above = loop {
            match state[at] {
                State::Placed => break known.lineages.get(new[at].record.id.0.as_str()).cloned(),
                State::Bad => break None,
                State::OnPath => {
                    bad.add(new[at].number, circle(new, &path, at));
                    break None;
                }
                State::Unseen => {}
            }
            state[at] = State::OnPath;
            path.push(at);
            let Some(parent) = new[at].record.parent() else { break Some(Lineage::server()) };
            match by_id.get(parent.as_str()) {
                Some(next) => at = *next,
                None => break lineage_of_parent(parent, new[at].number, known, bad),
            }
        };
        for at in path.into_iter().rev() {
            let Line { number, record } = &new[at];
            above = above.map(|above| above.child(&record.id.0));
            if let Some(lineage) = above.take_if(|lineage| lineage.depth() > DEPTH_MAX) {
                bad.add(*number, format!("it stands on level {}; a tree has at most {DEPTH_MAX}", lineage.depth()));
            }
            state[at] = if above.is_some() { State::Placed } else { State::Bad };
            known.lineages.extend(above.clone().map(|lineage| (record.id.0.to_string(), lineage)));
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum State {
    Unseen,
    OnPath,
    Placed,
    Bad,
}

/// Where a parent stands that is not new; `None` when its line is bad or there is none.
fn lineage_of_parent(parent: &OrganizationId, number: u64, known: &Known, bad: &mut BadLines) -> Option<Lineage> {
    known.organization(parent.as_str(), "parent_id", number, bad);
    known.lineages.get(parent.as_str()).cloned()
}

fn circle(new: &[Line<OrganizationRecord>], path: &[usize], start: usize) -> String {
    let circle = path.iter().skip_while(|at| **at != start);
    let ids: Vec<&str> = circle.map(|at| new[*at].record.id.0.as_str()).collect();
    let more = if ids.len() > CIRCLE_NAMED_MAX { " → …" } else { "" };
    let named = ids[..ids.len().min(CIRCLE_NAMED_MAX)].join(" → ");
    format!("parent_id: it would stand above itself: {named}{more} → {}", ids[0])
}
