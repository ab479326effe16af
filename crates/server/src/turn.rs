//! Changes that ran into each other would do so again: those that are run again take turns.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

/// The turn of a request. What it does before it changes something, as hashing a password, keeps no other waiting.
#[derive(Debug, Default)]
pub(crate) struct Turn(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    /// It runs for the first time, and needs none.
    #[default]
    First,
    /// It is run again, and waits for its turn when it begins to change something.
    Again,
    /// It has its turn.
    Taken { _until_dropped: OwnedMutexGuard<()> },
}

impl Turn {
    /// Waits for the turn of a request that is run again; `reruns` is held by whoever has it.
    pub(crate) async fn take(&self, reruns: &Arc<tokio::sync::Mutex<()>>) {
        if matches!(*self.0.lock(), State::Again) {
            let turn = reruns.clone().lock_owned().await;
            *self.0.lock() = State::Taken { _until_dropped: turn };
        }
    }

    /// Ends it; when the request is run again it needs another one.
    pub(crate) fn end(&self) {
        *self.0.lock() = State::Again;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_run_again_has_its_turn_only_from_its_change_until_that_has_ended() {
        let (reruns, turn) = (Arc::<tokio::sync::Mutex<()>>::default(), Turn::default());
        turn.take(&reruns).await;
        assert!(reruns.try_lock().is_ok(), "the first time it needs none");
        for _ in 0..2 {
            turn.end();
            assert!(reruns.try_lock().is_ok(), "it changes nothing yet");
            turn.take(&reruns).await;
            turn.take(&reruns).await;
            assert!(reruns.try_lock().is_err(), "it has its turn, however often it is asked for");
        }
        drop(turn);
        assert!(reruns.try_lock().is_ok(), "its client has left");
    }
}
