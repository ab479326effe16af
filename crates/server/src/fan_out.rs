//! How many organizations, accounts and members an organization may still get.
//!
//! Counting 100,000 children takes milliseconds, and on PostgreSQL two transactions that count and add at once run into each
//! other. So where there is much room half of it is remembered and used up before the children are counted again; where there
//! is little, each change counts for itself, and the limit is exact.

use std::collections::HashMap;

use parking_lot::Mutex;
use umbel_domain::{OrganizationId, Refusal};
use umbel_store::{accounts, members, organizations};

use crate::error::Result;
use crate::write::Write;

/// Parents whose room is remembered.
const PARENTS_MAX: usize = 10_000;
/// Room that is not remembered: more than what changes under way, of all processes, can use up unseen.
const LITTLE_ROOM: u64 = 10_000;

/// What an organization holds a limited number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Held {
    /// Organizations directly below it.
    Organizations,
    /// Accounts.
    Accounts,
    /// Members, of any status.
    Members,
}

impl Held {
    async fn count(self, write: &mut Write, parent: &OrganizationId, limit: u64) -> Result<u64> {
        Ok(match self {
            Self::Organizations => organizations::count_children(&mut **write, parent, limit).await?,
            Self::Accounts => accounts::count(&mut **write, parent, limit).await?,
            Self::Members => members::count(&mut **write, parent, limit).await?,
        })
    }

    fn too_many(self, limit: u64) -> Refusal {
        match self {
            Self::Organizations => Refusal::TooManyChildren { limit },
            Self::Accounts => Refusal::TooManyAccounts { limit },
            Self::Members => Refusal::TooManyMembers { limit },
        }
    }
}

/// The room that organizations have.
#[derive(Default)]
pub(crate) struct FanOut {
    rooms: Mutex<HashMap<(Held, OrganizationId), u64>>,
    /// Held while children are counted, so that of many who find no room remembered only the first has to count.
    counting: tokio::sync::Mutex<()>,
}

impl FanOut {
    /// Takes the place of one more in `parent`, or refuses when `limit` are there.
    pub(crate) async fn take(&self, write: &mut Write, held: Held, parent: &OrganizationId, limit: u64) -> Result<()> {
        let key = (held, parent.clone());
        if self.take_remembered(&key) {
            return Ok(());
        }
        let _counting = self.counting.lock().await;
        if self.take_remembered(&key) {
            return Ok(());
        }
        let count = held.count(write, parent, limit).await?;
        if count >= limit {
            return Err(held.too_many(limit).into());
        }
        let room = (limit - count) / 2;
        let mut rooms = self.rooms.lock();
        if rooms.len() >= PARENTS_MAX {
            rooms.clear();
        }
        rooms.insert(key, if room < LITTLE_ROOM { 0 } else { room });
        Ok(())
    }

    fn take_remembered(&self, key: &(Held, OrganizationId)) -> bool {
        let mut rooms = self.rooms.lock();
        let Some(room) = rooms.get_mut(key).filter(|room| **room > 0) else { return false };
        *room -= 1;
        true
    }
}
