//! Places for reads that may take long, of which there are few.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Error, Result};

/// A place for a read that may take long. On SQLite a statement that nobody waits for any more keeps it.
#[derive(Debug, Clone)]
pub struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
    left: Arc<AtomicBool>,
}

impl Place {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        Self { _permit: permit.into(), left: Arc::default() }
    }

    /// Lets no statement begin with the place once what is returned is dropped: for work that goes on when nobody waits for it any
    /// more.
    pub fn watched(&self) -> Watched {
        Watched(self.left.clone())
    }

    pub(crate) fn is_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }
}

/// Somebody who waits for what is read with a place.
#[derive(Debug)]
pub struct Watched(Arc<AtomicBool>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// All places of a database, and how many reads wait for one.
#[derive(Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Places {
    pub(crate) fn new(count: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), waiting: AtomicUsize::new(0) }
    }

    /// Takes a place, if there is one at once.
    pub(crate) fn try_take(&self) -> Option<Place> {
        self.free.clone().try_acquire_owned().ok().map(Place::new)
    }

    /// Waits for a place.
    pub(crate) async fn take(&self) -> Result<Place> {
        if let Some(place) = self.try_take() {
            return Ok(place);
        }
        let _waiting = Waiting::begin(&self.waiting);
        let permit = self.free.clone().acquire_owned().await.map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Place::new(permit))
    }

    /// How many reads wait for a place.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// Counts somebody as long as they wait, who may give up.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_waits_is_counted_until_they_have_a_place_or_give_up() {
        let places = Places::new(1);
        let taken = places.take().await.unwrap();
        assert_eq!((places.waiting(), places.try_take().is_none()), (0, true));
        assert!(tokio::time::timeout(Duration::from_millis(1), places.take()).await.is_err());
        assert_eq!(places.waiting(), 0, "who gave up does not wait");
        let (next, ()) = tokio::join!(places.take(), async {
            assert_eq!(places.waiting(), 1);
            drop(taken);
        });
        assert_eq!((places.waiting(), next.is_ok()), (0, true));
    }
}
