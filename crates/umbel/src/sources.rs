//! The machine's clock and its random numbers, for the verbs.

use time::OffsetDateTime;
use umbel_server::sources::{Sources as _, System};
use umbel_store::admin::Sources;

/// The time now, and random bytes.
pub(crate) fn sources() -> Sources {
    Sources::new(System::default().now().micros(), |bytes| System::default().fill(bytes))
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    umbel_server::sources::random(&System::default())
}

/// The time now.
pub(crate) fn now() -> OffsetDateTime {
    let micros = i128::from(System::default().now().micros());
    // The clock of a machine shows no time before 1970 and none beyond the year 9999.
    OffsetDateTime::from_unix_timestamp_nanos(micros * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
