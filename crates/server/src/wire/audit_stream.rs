//! Streams of the audit log, and how their delivery goes.

use umbel_api as api;
use umbel_domain::Timestamp;
use umbel_domain::audit::Stream;
use umbel_store::audit_streams::Kept;

/// Shows a stream, without its secrets.
pub(crate) fn audit_stream(stream: &Stream) -> api::AuditStream {
    let destination = stream.destination.clone();
    api::AuditStream {
        id: stream.id.to_string(),
        organization_id: stream.organization_id.to_string(),
        name: stream.name.as_str().to_owned(),
        url: destination.url,
        region: destination.region,
        endpoint: destination.endpoint,
        access_key_id: destination.access_key_id,
        include_descendants: stream.include_descendants,
        enabled: stream.enabled,
        create_time: stream.create_time.to_datetime(),
        update_time: stream.update_time.to_datetime(),
        signing_secret: None,
    }
}

/// Shows how the delivery of a stream goes.
pub(crate) fn status(kept: &Kept) -> api::AuditStreamStatus {
    let progress = &kept.progress;
    let state = match (kept.stream.enabled, progress.failures, kept.behind) {
        (false, ..) => api::AuditStreamState::Disabled,
        (true, 1.., _) => api::AuditStreamState::Failing,
        (true, 0, 1..) => api::AuditStreamState::Behind,
        (true, 0, 0) => api::AuditStreamState::UpToDate,
    };
    api::AuditStreamStatus {
        state,
        next_index: kept.place.leaf,
        behind: kept.behind,
        delivered: progress.delivered,
        delivered_at: progress.delivered_at.map(Timestamp::to_datetime),
        failures: progress.failures,
        error: progress.error.clone(),
        next_attempt_at: Some(progress.next_attempt_at.to_datetime()).filter(|_| progress.failures > 0 && kept.stream.enabled),
        test: progress.test_requested_at.map(|requested_at| api::AuditStreamTest {
            requested_at: requested_at.to_datetime(),
            finished_at: progress.tested_at.map(Timestamp::to_datetime),
            error: progress.test_error.clone(),
        }),
    }
}
