//! What workers say of themselves.

use std::sync::Arc;

use parking_lot::Mutex;
use umbel_domain::Timestamp;
use umbel_store::{Error, Result};

use crate::sources::Sources;

/// What a worker did last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rounds {
    /// When it last came to the end of something, well or not.
    pub(crate) last: Option<Timestamp>,
    /// What last went wrong, and when; the log says more.
    pub(crate) failed: Option<(Timestamp, &'static str)>,
}

/// Where a worker says what it does; cheap to clone.
#[derive(Clone)]
pub(super) struct Report {
    sources: Arc<dyn Sources>,
    rounds: Arc<Mutex<Rounds>>,
}

impl Report {
    pub(super) fn new(sources: Arc<dyn Sources>) -> Self {
        Self { sources, rounds: Arc::default() }
    }

    /// Notes how something ended. That another server was faster is no failure.
    pub(super) fn note<T>(&self, done: Result<T>) -> Result<T> {
        match &done {
            Ok(_) | Err(Error::Conflict | Error::Busy) => self.rounds.lock().last = Some(self.sources.now()),
            Err(error) => self.failed(error.summary()),
        }
        done
    }

    /// Notes that something went wrong.
    pub(super) fn failed(&self, what: &'static str) {
        let now = self.sources.now();
        *self.rounds.lock() = Rounds { last: Some(now), failed: Some((now, what)) };
    }

    /// What was noted so far.
    pub(super) fn rounds(&self) -> Rounds {
        self.rounds.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that stands still.
    struct Still;

    const NOW: Timestamp = Timestamp::from_micros(1);

    impl Sources for Still {
        fn now(&self) -> Timestamp {
            NOW
        }

        fn fill(&self, _: &mut [u8]) {}
    }

    #[test]
    fn what_a_worker_says_went_wrong_has_nothing_in_it_that_only_the_log_is_to_know() {
        let report = Report::new(Arc::new(Still));
        let done: Result<()> = report.note(Err(Error::Unavailable("connecting to /secret failed".into())));
        assert!(done.is_err());
        assert_eq!(report.rounds().failed, Some((NOW, "the database does not answer")));
    }

    #[test]
    fn that_another_server_was_faster_is_no_failure_and_a_success_hides_none() {
        let report = Report::new(Arc::new(Still));
        _ = report.note::<()>(Err(Error::Conflict));
        assert_eq!((report.rounds().last, report.rounds().failed), (Some(NOW), None));
        report.failed("it broke");
        _ = report.note(Ok(()));
        assert_eq!(report.rounds().failed, Some((NOW, "it broke")));
    }
}
