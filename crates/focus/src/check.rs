//! The checker: whether a file conforms to FOCUS, and where it does not.
//!
//! It holds what the specification says that can be seen in one file: columns, values, the rules among the cells of a row, and
//! those across rows. Costs are compared exactly. Each rule is a [`Check`] with a name.

mod across;
mod checker;
mod columns;
mod named;
mod report;
mod source;
mod value;
mod within;

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

pub use ::parquet::file::reader::ChunkReader;
use umbel_decimal::Decimal;

pub use self::named::{Check, Weight};
pub use self::report::{Example, Outcome, Report};
pub use self::source::LINE_LENGTH_MAX;
use crate::{Error, Version};

/// How many different services, prices and invoices are remembered; what comes after them is not compared, and the report says so.
pub const DISTINCT_MAX: usize = 100_000;

/// What a file is held to.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The version of FOCUS.
    pub version: Version,
    /// The totals of invoices, which the rows of each must add up to.
    pub invoices: BTreeMap<String, Decimal>,
}

/// Checks a file of comma-separated values; `progress` is told each time that so many rows more were read.
pub fn csv(reader: impl Read, expected: &Expected, progress: impl FnMut(usize)) -> Result<Report, Error> {
    checker::check(source::Csv::new(reader)?, expected, progress)
}

/// Checks a file with a JSON object a line; `progress` is told each time that so many rows more were read.
pub fn ndjson(reader: impl BufRead, expected: &Expected, progress: impl FnMut(usize)) -> Result<Report, Error> {
    checker::check(source::Ndjson::new(reader)?, expected, progress)
}

/// Checks a Parquet file; `progress` is told each time that so many rows more were read.
pub fn parquet(reader: impl ChunkReader + 'static, expected: &Expected, progress: impl FnMut(usize)) -> Result<Report, Error> {
    checker::check(source::Parquet::new(reader)?, expected, progress)
}
