//! Rounding, for what leaves the exact world: the total of an invoice, and what is shown to people.

use crate::{Decimal, Error, SCALE};

/// What becomes of a number that lies exactly between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// The one whose last digit is even, so that many of them do not add up to a gain.
    HalfEven,
    /// The one that is farther from zero, so that a credit is as large as its charge.
    HalfUp,
}

impl Decimal {
    /// The nearest number with so many digits after the point; refused when it is too large.
    pub fn round_to(self, fraction_digits: u32, rounding: Rounding) -> Result<Self, Error> {
        let Some(dropped @ 1..) = SCALE.checked_sub(fraction_digits) else {
            return Ok(self);
        };
        let step = 10_u128.pow(dropped);
        let (kept, rest) = (self.magnitude() / step, self.magnitude() % step);
        let up = match rounding {
            Rounding::HalfUp => rest >= step / 2,
            Rounding::HalfEven => rest > step / 2 || (rest == step / 2 && kept % 2 == 1),
        };
        Self::from_magnitude((kept + u128::from(up)) * step, self.is_negative())
    }
}
