//! The machine's clock and its random numbers, for the verbs that work on the database itself.

use umbel_server::sources::{Sources as _, System};
use umbel_store::admin::Sources;

/// The time now, and random bytes.
pub(crate) fn sources() -> Sources {
    Sources::new(System::default().now().micros(), |bytes| System::default().fill(bytes))
}
