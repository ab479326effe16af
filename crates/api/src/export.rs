//! Exports: lists of any length in one answer.

use crate::parameters::Word;

/// How an export is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object a line.
    #[default]
    Ndjson,
    /// Comma-separated values (RFC 4180), after a line with the names of the columns.
    Csv,
}

impl Word for ExportFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("ndjson", Self::Ndjson), ("csv", Self::Csv)];
}

impl ExportFormat {
    /// The word for it, which is also how names of files end.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }
}
