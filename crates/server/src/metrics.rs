//! Numbers about the service, for Prometheus.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus::core::Collector;
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};
use umbel_store::Store;

use crate::workers::Workers;

/// Bounds of the classes of request times, in seconds.
const SECONDS: [f64; 12] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// The methods that are told apart.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Counters and times since the start.
pub(crate) struct Metrics {
    registry: Registry,
    store: Store,
    requests: IntCounterVec,
    seconds: HistogramVec,
    reruns: IntCounter,
    given_up: IntCounter,
    commits: IntGauge,
    writes: IntGauge,
    conflicts: IntGauge,
    writes_waiting: IntGauge,
    long_reads_waiting: IntGauge,
    refusals_dropped: IntGauge,
    views_dropped: IntGauge,
}

impl Metrics {
    pub(crate) fn new(store: Store) -> Self {
        let registry = Registry::new();
        let requests =
            IntCounterVec::new(Opts::new("umbel_http_requests_total", "Requests answered."), &["method", "route", "status"]);
        let seconds = HistogramOpts::new("umbel_http_request_duration_seconds", "Time from a request's header to its answer.");
        let seconds = HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["method", "route"]);
        Self {
            requests: registered(&registry, requests),
            seconds: registered(&registry, seconds),
            reruns: registered(
                &registry,
                IntCounter::new("umbel_reruns_total", "Changes run again because their transaction ran into another one."),
            ),
            given_up: registered(
                &registry,
                IntCounter::new("umbel_given_up_total", "Changes refused with 503 after ten tries that ran into others."),
            ),
            commits: registered(&registry, IntGauge::new("umbel_store_commits", "Transactions made durable since the start.")),
            writes: registered(
                &registry,
                IntGauge::new("umbel_store_writes", "Changes made durable since the start; on SQLite many share one commit."),
            ),
            conflicts: registered(&registry, IntGauge::new("umbel_store_conflicts", "Transactions lost since the start.")),
            writes_waiting: registered(
                &registry,
                IntGauge::new("umbel_store_writes_waiting", "Changes that wait for their turn; 0 on PostgreSQL."),
            ),
            long_reads_waiting: registered(
                &registry,
                IntGauge::new("umbel_store_long_reads_waiting", "Counts, exports and other long reads that wait for their turn."),
            ),
            refusals_dropped: registered(
                &registry,
                IntGauge::new("umbel_refusals_not_written_down", "Refused attempts that came too fast for the audit log."),
            ),
            views_dropped: registered(
                &registry,
                IntGauge::new("umbel_views_not_written_down", "Views that came too fast for the audit log."),
            ),
            store,
            registry,
        }
    }

    /// Counts an answer.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: StatusCode, elapsed: Duration) {
        let route = if route.is_empty() { "unknown" } else { route };
        // Clients can send any method; only those that exist are told apart.
        let method = METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or("other");
        self.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.seconds.with_label_values(&[method, route]).observe(elapsed.as_secs_f64());
    }

    /// Counts a change that is run again.
    pub(crate) fn ran_again(&self) {
        self.reruns.inc();
    }

    /// Counts a change that was run too often.
    pub(crate) fn gave_up(&self) {
        self.given_up.inc();
    }

    /// Every number in the text format.
    pub(crate) fn render(&self, workers: &Workers) -> String {
        let counters = self.store.counters();
        let gauge = |gauge: &IntGauge, value: u64| gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        gauge(&self.commits, counters.commits.load(Ordering::Relaxed));
        gauge(&self.writes, counters.writes.load(Ordering::Relaxed));
        gauge(&self.conflicts, counters.conflicts.load(Ordering::Relaxed));
        gauge(&self.refusals_dropped, workers.refusals_dropped());
        gauge(&self.views_dropped, workers.views_dropped());
        gauge(&self.writes_waiting, self.store.writes_waiting() as u64);
        gauge(&self.long_reads_waiting, self.store.long_reads_waiting() as u64);
        let mut text = Vec::new();
        // Writing into memory does not fail.
        _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}

#[expect(clippy::expect_used, reason = "names and labels are literals, which a test renders")]
fn registered<C: Collector + Clone + 'static>(registry: &Registry, made: prometheus::Result<C>) -> C {
    let collector = made.expect("a valid name");
    registry.register(Box::new(collector.clone())).expect("a name of its own");
    collector
}
