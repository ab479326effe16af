//! Sixteen bytes that databases sort as numbers.

use crate::{Decimal, Error};

/// The bit of the sign, which is turned so that negative numbers come first.
const SIGN: u128 = 1 << 127;

impl Decimal {
    /// Sixteen bytes whose order is the order of numbers.
    pub fn to_ordered_bytes(self) -> [u8; 16] {
        (self.mantissa().cast_unsigned() ^ SIGN).to_be_bytes()
    }

    /// Reads what [`Self::to_ordered_bytes`] wrote; what it never writes is refused.
    pub fn from_ordered_bytes(bytes: [u8; 16]) -> Result<Self, Error> {
        Self::from_mantissa((u128::from_be_bytes(bytes) ^ SIGN).cast_signed())
    }
}
