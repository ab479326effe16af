//! How many children an organization may still get.
//!
//! Counting 100,000 children takes milliseconds, and on PostgreSQL two transactions that count and add at once run into each
//! other. So where there is much room half of it is remembered and used up before the children are counted again; where there
//! is little, each change counts for itself, and the limit is exact.

use std::collections::HashMap;

use parking_lot::Mutex;
use umbel_domain::{OrganizationId, Refusal};
use umbel_store::organizations;

use crate::error::Result;
use crate::write::Write;

/// Parents whose room is remembered.
const PARENTS_MAX: usize = 10_000;
/// Room that is not remembered: more than what changes under way, of all processes, can use up unseen.
const LITTLE_ROOM: u64 = 10_000;

/// The room that parents have.
#[derive(Default)]
pub(crate) struct FanOut {
    rooms: Mutex<HashMap<OrganizationId, u64>>,
    /// Held while children are counted, so that of many who find no room remembered only the first has to count.
    counting: tokio::sync::Mutex<()>,
}

impl FanOut {
    /// Takes the place of one child, or refuses when `limit` children are there.
    pub(crate) async fn take(&self, write: &mut Write, parent: &OrganizationId, limit: u64) -> Result<()> {
        if self.take_remembered(parent) {
            return Ok(());
        }
        let _counting = self.counting.lock().await;
        if self.take_remembered(parent) {
            return Ok(());
        }
        let children = organizations::count_children(&mut **write, parent, limit).await?;
        if children >= limit {
            return Err(Refusal::TooManyChildren { limit }.into());
        }
        let room = (limit - children) / 2;
        let mut rooms = self.rooms.lock();
        if rooms.len() >= PARENTS_MAX {
            rooms.clear();
        }
        rooms.insert(parent.clone(), if room < LITTLE_ROOM { 0 } else { room });
        Ok(())
    }

    fn take_remembered(&self, parent: &OrganizationId) -> bool {
        let mut rooms = self.rooms.lock();
        let Some(room) = rooms.get_mut(parent).filter(|room| **room > 0) else { return false };
        *room -= 1;
        true
    }
}
