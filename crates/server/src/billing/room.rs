//! How many accounts all requests look at together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use umbel_api::Code;

use crate::error::{Error, Result};

/// The most accounts that requests hold at once, each place of one that was moved counted: five times those of one request.
const HELD_MAX: usize = 500_000;

/// Room for the accounts that requests hold; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self::of(HELD_MAX)
    }
}

impl Room {
    /// A room of its own for what runs once at a time.
    pub(crate) fn alone() -> Self {
        Self::of(Semaphore::MAX_PERMITS)
    }

    fn of(size: usize) -> Self {
        Self(Semaphore::new(size).into())
    }

    /// Takes room for so many accounts until what is returned is dropped; never waits.
    pub(super) fn take(&self, count: usize) -> Result<OwnedSemaphorePermit> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let message = "too many accounts are looked at for other requests at this moment; try again in a few seconds";
        self.0.clone().try_acquire_many_owned(count).map_err(|_| Error::new(Code::Busy, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_told_to_come_later_and_has_it_when_others_are_done() {
        let room = Room::of(5);
        let mut held = room.take(2).unwrap();
        held.merge(room.take(3).unwrap());
        assert_eq!(room.take(1).unwrap_err().problems()[0].code, Code::Busy.number());
        drop(held);
        assert!(room.take(5).is_ok());
    }
}
