//! The tree of organizations that is measured: computed, so that a million of them need no memory here.
//!
//! Organizations are numbered level by level, each has 100 below it, and ids are in the order of the numbers, as in a tree
//! that grew with time.

use std::fmt::Write as _;
use std::ops::Range;

use crate::random::mix;

const FAN_OUT: u64 = 100;
/// Of 100 children these are stores, enough to fill a page of 50; the others are offices.
const STORES: u64 = 70;
/// The beginning of 2024, so that what a server makes comes behind.
const EPOCH_MILLIS: u64 = 1_704_067_200_000;
const MILLIS_BETWEEN: u64 = 7;
const CITIES: [&str; 8] = ["Rotterdam", "Lyon", "Bratislava", "Porto", "Gothenburg", "Kraków", "Bologna", "Edinburgh"];
/// One organization in this many says something of itself.
const PROFILE_EVERY: u64 = 10;

/// The prefix by which the stores are found.
pub(crate) const STORE_PREFIX: &str = "store";

/// A tree of this many organizations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree {
    pub(crate) size: u64,
}

impl Tree {
    /// How many organizations have all 100 below them: those with the first numbers.
    pub(crate) fn full_parents(self) -> u64 {
        (self.size - 1) / FAN_OUT
    }

    /// The statement that adds the organizations with these numbers, for both engines.
    pub(crate) fn insert(range: Range<u64>) -> String {
        let mut statement = String::from(
            "INSERT INTO organizations (id, parent_id, lineage, name, name_folded, create_time, flags, profile, version) VALUES ",
        );
        let first = range.start;
        for at in range {
            let (id, lineage, name) = (id(at), lineage(at), name(at));
            let parent = parent(at).map(self::id).unwrap_or_default();
            let separator = if at == first { "" } else { "," };
            let (folded, micros, profile) = (name.to_lowercase(), time_micros(at), profile(at));
            // Writing into a string does not fail.
            _ = write!(statement, "{separator}('{id}','{parent}','{lineage}','{name}','{folded}',{micros},255,{profile},1)");
        }
        statement
    }
}

/// The id of an organization: a UUID of version 7.
pub(crate) fn id(at: u64) -> String {
    let (time, random) = (EPOCH_MILLIS + at * MILLIS_BETWEEN, mix(at));
    format!("{time:012x}7{:03x}8{:015x}", random >> 52, mix(random) >> 4)
}

/// The ids from the root down to an organization.
pub(crate) fn lineage(at: u64) -> String {
    let above = parent(at).map(lineage).unwrap_or_default();
    above + &id(at) + "/"
}

/// When an organization was created, in microseconds since 1970.
pub(crate) fn time_micros(at: u64) -> u64 {
    (EPOCH_MILLIS + at * MILLIS_BETWEEN) * 1000
}

fn parent(at: u64) -> Option<u64> {
    at.checked_sub(1).map(|before| before / FAN_OUT)
}

fn name(at: u64) -> String {
    let kind = if at.wrapping_sub(1) % FAN_OUT < STORES { "Store" } else { "Office" };
    let city = CITIES[usize::try_from(mix(at) % 8).unwrap_or_default()];
    format!("{kind} {city} {at:07}")
}

fn profile(at: u64) -> String {
    if !at.is_multiple_of(PROFILE_EVERY) {
        return "NULL".into();
    }
    let business = format!(
        r#""business_address":"{at} Harbour Street","business_email":"desk-{at}@example.com","business_name":"Desk {at}""#
    );
    format!(r#"'{{{business},"business_phone":"+31 10 {at:07}","external_metadata":""}}'"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organizations_of_a_tree_stand_below_one_another() {
        assert_eq!(lineage(0), format!("{}/", id(0)));
        assert_eq!(lineage(101), format!("{}/{}/{}/", id(0), id(1), id(101)));
    }

    #[test]
    fn ids_are_in_the_order_of_their_numbers() {
        let ids: Vec<_> = (0..1_000).map(id).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == 32));
    }

    #[test]
    fn each_full_parent_has_a_page_of_stores() {
        let tree = Tree { size: 10_000 };
        for number in [0, tree.full_parents() - 1] {
            let stores = (0..tree.size).filter(|at| parent(*at) == Some(number) && name(*at).starts_with("Store"));
            assert_eq!(stores.count(), 70);
        }
    }
}
