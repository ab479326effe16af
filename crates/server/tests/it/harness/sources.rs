//! A clock that stands still and random bytes that are counted.

use std::cell::Cell;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use umbel_domain::Timestamp;
use umbel_server::sources::Sources;

/// When every test begins: 2026-01-02T03:04:05.123456Z.
pub(crate) const START: Timestamp = Timestamp::from_micros(1_767_323_045_123_456);

/// What is drawn outside of requests counts from here.
const ELSEWHERE: u64 = 1 << 48;

tokio::task_local! {
    /// The number of the request that draws, and how often it drew.
    static DRAWS: (u64, Cell<u64>);
}

/// Time and randomness that are the same in each run: the bytes depend on which request draws them, and on nothing else.
pub(crate) struct Fixed {
    micros: AtomicI64,
    requests: AtomicU64,
    elsewhere: AtomicU64,
}

impl Default for Fixed {
    fn default() -> Self {
        Self { micros: START.micros().into(), requests: AtomicU64::default(), elsewhere: ELSEWHERE.into() }
    }
}

impl Fixed {
    /// Sets the clock forward.
    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.micros.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// The number of one more request.
    pub(crate) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Runs the request with this number.
    pub(crate) async fn during<T>(request: u64, run: impl Future<Output = T>) -> T {
        DRAWS.scope((request, Cell::new(0)), run).await
    }

    fn draw(&self) -> u64 {
        let of_request = |(request, draws): &(u64, Cell<u64>)| (request << 16) + draws.replace(draws.get() + 1);
        DRAWS.try_with(of_request).unwrap_or_else(|_| self.elsewhere.fetch_add(1, Ordering::Relaxed))
    }
}

impl Sources for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::Relaxed))
    }

    /// The last eight of many bytes are the number of the draw, so that ids stay in order; the others look like chance.
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.draw();
        let mut state = number;
        for byte in bytes.iter_mut() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
        if let Some(last) = bytes.last_chunk_mut() {
            *last = number.to_be_bytes();
        }
    }
}
