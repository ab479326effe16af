//! Where time and randomness come from: the only file that asks the machine for either.

use std::sync::atomic::{AtomicI64, Ordering};

use umbel_domain::{AuditEntryId, Timestamp};
use umbel_store::audit_log::Salt;

/// Tells the time and draws random bytes; tests have one that does neither by chance.
pub trait Sources: Send + Sync + 'static {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;

    /// Fills `bytes` with what nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` random bytes.
pub fn random<const N: usize>(sources: &dyn Sources) -> [u8; N] {
    let mut bytes = [0; N];
    sources.fill(&mut bytes);
    bytes
}

/// The id of an entry of the audit log that is written at `at`, and the salt of its hashes.
pub(crate) fn entry_id(sources: &dyn Sources, at: Timestamp) -> (AuditEntryId, Salt) {
    (AuditEntryId::generate(at, random(sources)), random(sources))
}

/// A number that nobody used before.
pub(crate) fn mark(sources: &dyn Sources) -> i64 {
    i64::from_be_bytes(random(sources))
}

/// The machine's clock, which here never shows the same microsecond twice and never goes back, and its random numbers.
#[derive(Debug, Default)]
pub struct System {
    last_micros: AtomicI64,
}

impl Sources for System {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
        let last = self.last_micros.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(micros.max(last + 1)));
        Timestamp::from_micros(micros.max(last.unwrap_or_default() + 1))
    }

    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, clippy::expect_used, reason = "this is the one place; without it nothing is safe")]
        getrandom::fill(bytes).expect("the system has random numbers");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_shows_the_same_microsecond_twice() {
        let system = System::default();
        let times: Vec<_> = (0..10_000).map(|_| system.now()).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
