//! Import and export: a database as lines of JSON, each an object with a `kind`.
//!
//! What a line may hold stands in `record.rs`, once for both directions. An export writes every member of every line, in one
//! order, so that two databases with the same content export the same bytes, whichever engines they run on.

mod export;
mod import;
mod record;
mod text;

pub use export::export;
pub use import::{DEPTH_MAX, Imported, LINE_LENGTH_MAX, LINES_MAX, import};

/// The most bad lines that are named.
pub const BAD_LINES_MAX: usize = 20;

/// A line that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number; the first line is 1.
    pub number: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// Why nothing was imported, or not everything exported.
#[derive(Debug)]
pub enum Error {
    /// The file cannot be read or written.
    File(std::io::Error),
    /// Bad lines, at most [`BAD_LINES_MAX`] of them, in their order.
    BadLines(Vec<BadLine>),
    /// The database did not do it.
    Store(crate::Error),
}

/// The result of an import or export.
pub type Result<T> = std::result::Result<T, Error>;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::BadLines(lines) => {
                let at_least = if lines.len() == BAD_LINES_MAX { "at least " } else { "" };
                let are = if lines.len() == 1 { "line is" } else { "lines are" };
                write!(f, "{at_least}{} {are} bad; nothing was imported", lines.len())
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        Self::Store(error)
    }
}
