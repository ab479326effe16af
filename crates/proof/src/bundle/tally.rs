//! What is counted of the leaves of a bundle.

use std::collections::BTreeMap;

use super::Leaf;
use crate::Seal;
use crate::entry::Text;

/// The most organizations whose entries are counted, so that memory stays flat whatever a bundle has in it.
const ORGANIZATIONS_MAX: usize = 10_000;

/// What the leaves of a bundle come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many leaves there are.
    pub leaves: u64,
    /// How many of them have their personal members erased, by the server or by whoever passed the bundle on.
    pub erased: u64,
    /// The least `action.time`, compared as text.
    pub first_time: Option<String>,
    /// The greatest `action.time`, compared as text.
    pub last_time: Option<String>,
    /// How many entries belong to the log of an organization; those without one are counted under the empty id.
    pub by_organization: BTreeMap<String, u64>,
    /// How many entries belong to organizations beyond the first 10,000 that occur.
    pub of_others: u64,
}

impl Tally {
    pub(super) fn count(&mut self, leaf: &Leaf<'_>) {
        self.leaves += 1;
        self.erased += u64::from(matches!(leaf.seal, Seal::Commitment(_)));
        if let Some(time) = leaf.entry.action.time.as_deref() {
            if self.first_time.as_deref().is_none_or(|first| time < first) {
                self.first_time = Some(time.to_owned());
            }
            if self.last_time.as_deref().is_none_or(|last| time > last) {
                self.last_time = Some(time.to_owned());
            }
        }
        let organization = leaf.entry.organization.id.as_ref().map_or("", Text::as_ref);
        if let Some(entries) = self.by_organization.get_mut(organization) {
            *entries += 1;
        } else if self.by_organization.len() < ORGANIZATIONS_MAX {
            self.by_organization.insert(organization.to_owned(), 1);
        } else {
            self.of_others += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Entry;
    use crate::entry::{Action, Organization};

    #[test]
    fn organizations_beyond_the_limit_are_counted_together() {
        let mut tally = Tally::default();
        let limit = ORGANIZATIONS_MAX as u64;
        for index in (0..limit + 3).chain([0]) {
            let organization = Organization { id: Some(format!("o{index}").into()) };
            let entry = Entry { organization, ..Entry::default() };
            tally.count(&Leaf { index, entry, seal: Seal::Salt([0; 16]), proof: None });
        }
        assert_eq!((tally.leaves, tally.of_others, tally.by_organization["o0"]), (limit + 4, 3, 2));
    }

    #[test]
    fn times_are_compared_as_text_whatever_their_order() {
        let mut tally = Tally::default();
        for (index, time) in (0..).zip(["2026-02-02", "2026-02-01", "2026-02-03"]) {
            let action = Action { time: Some(time.into()), ..Action::default() };
            let entry = Entry { action, ..Entry::default() };
            tally.count(&Leaf { index, entry, seal: Seal::Commitment([0; 32]), proof: None });
        }
        assert_eq!(tally.first_time.as_deref(), Some("2026-02-01"));
        assert_eq!(tally.last_time.as_deref(), Some("2026-02-03"));
        assert_eq!((tally.erased, tally.by_organization[""]), (3, 3));
    }
}
