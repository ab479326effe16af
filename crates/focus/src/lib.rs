//! FOCUS Cost and Usage, the FinOps Open Cost and Usage Specification: the columns of its versions, what a row is, writers of
//! CSV, NDJSON and Parquet, the metadata beside a file, and a checker.
//!
//! Nothing here reads a clock or opens a file: times and ids are arguments, readers and writers are passed in. Memory does not
//! grow with the number of rows.

pub mod check;
pub mod column;
pub mod currency;
pub mod metadata;
pub mod period;
pub mod row;
pub mod service;

pub mod unit;
pub mod writer;

mod key_values;

use std::{fmt, io};

pub use column::{Column, Version};
pub use key_values::KeyValues;
pub use period::Period;
pub use row::Row;
pub use writer::{Format, Writer};

/// Why something is refused: a phrase in lower case that names the thing and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub String);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// Why a file cannot be read or written.
#[derive(Debug)]
pub enum Error {
    /// Reading or writing failed.
    Io(io::Error),
    /// The file is not of the format that it should be of.
    File(Invalid),
    /// A row is not what it must be.
    Row {
        /// Which row; the first is 1.
        number: u64,
        /// What is wrong with it.
        reason: Invalid,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the file cannot be read or written: {error}"),
            Self::File(reason) => reason.fmt(f),
            Self::Row { number, reason } => write!(f, "row {number}: {reason}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::File(reason) | Self::Row { reason, .. } => Some(reason),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
