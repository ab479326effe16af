//! What can be asked of the audit log.

use crate::Timestamp;
use crate::audit::Field;

/// Entries of a span of time that pass filters, in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The first point in time of the span.
    pub since: Timestamp,
    /// The first one behind it.
    pub before: Timestamp,
    /// In which order.
    pub direction: Direction,
    /// Every one of them must hold.
    pub filters: Vec<Filter>,
}

/// The order of entries: by their time, and those of one time by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the oldest to the newest.
    Ascending,
    /// From the newest to the oldest.
    Descending,
}

/// What must hold of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What it looks at.
    pub by: FilterBy,
    /// Whether it names what is wanted or what is not.
    pub mode: Mode,
    /// The values that it names; one that includes and names none lets nothing pass.
    pub values: Vec<String>,
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterBy {
    /// The id of the entry.
    Id,
    /// One of its fields.
    Field(Field),
}

/// What a filter says of the values that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// An entry passes that has one of them.
    Including,
    /// An entry passes that has none of them, also when it lacks the field.
    Excluding,
}
