//! How many children an organization may still get.
//!
//! Counting 100,000 children takes milliseconds, and counting them inside of the transaction that adds one would make every
//! two such transactions collide. So what is counted is remembered as room: half of what is left may be used up before the
//! children are counted again, which makes the limit exact where it is near.

use std::collections::HashMap;

use parking_lot::Mutex;
use umbel_domain::{OrganizationId, Refusal};
use umbel_store::{Store, admin, organizations};

use crate::error::Result;

/// Parents whose room is remembered.
const PARENTS_MAX: usize = 10_000;

/// The room that parents have.
#[derive(Default)]
pub(crate) struct FanOut(Mutex<HashMap<OrganizationId, u64>>);

impl FanOut {
    /// Takes the place of one child, or refuses when `limit` children are there.
    pub(crate) async fn take(&self, store: &Store, parent: &OrganizationId, limit: u64) -> Result<()> {
        if let Some(room) = self.0.lock().get_mut(parent).filter(|room| **room > 0) {
            *room -= 1;
            return Ok(());
        }
        let children = organizations::count_children(&mut admin::read(store).await?, parent, limit).await?;
        if children >= limit {
            return Err(Refusal::TooManyChildren { limit }.into());
        }
        let mut rooms = self.0.lock();
        if rooms.len() >= PARENTS_MAX {
            rooms.clear();
        }
        rooms.insert(parent.clone(), (limit - children) / 2);
        Ok(())
    }
}
