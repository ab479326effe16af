//! The audit log: what is written down of every change and of every refused attempt, and what can be asked of it.

mod entry;
mod erasure;
mod query;
mod record;
mod retention;
mod stream;

pub use entry::{ActionType, Entry, Event, Outcome, ResourceType};
pub use erasure::{Erasure, ErasureState, Subject};
pub use query::{Direction, Filter, FilterBy, Mode, Query};
pub use record::{Actor, Bodies, Field, Fields, Record, RequestLine, Through, Word};
pub use retention::Retention;
pub use stream::{Destination, DestinationKind, DestinationText, Progress, Stream};
