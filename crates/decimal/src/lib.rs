//! Exact decimals for quantities, prices and costs: a result is exact, or it is refused.
//!
//! A [`Decimal`] is the `DECIMAL(38, 18)` of databases and of Parquet: 38 digits, 18 of them after the point. Nothing is rounded
//! but by [`Decimal::round_to`], and nothing passes through a binary fraction.

mod bytes;
mod decimal;
mod rounding;
mod text;
mod wide;

use std::fmt;

pub use decimal::{Decimal, PRECISION, SCALE};
pub use rounding::Rounding;
pub use text::{Pointed, TEXT_LENGTH_MAX};

/// Why there is no such decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The text is not a number in the form that is read.
    Malformed,
    /// The number needs more than 20 digits before the point.
    TooLarge,
    /// The number needs more than 18 digits after the point.
    Inexact,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "is no decimal number such as -12.5",
            Self::TooLarge => "has more than 20 digits before the point",
            Self::Inexact => "has more than 18 digits after the point, and nothing is rounded",
        })
    }
}

impl std::error::Error for Error {}
