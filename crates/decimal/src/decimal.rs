//! The type, and what is computed with it.

use std::fmt;
use std::ops::Neg;

use crate::{Error, wide};

/// The digits after the point.
pub const SCALE: u32 = 18;
/// All digits.
pub const PRECISION: u32 = 38;

/// One, as a mantissa.
pub(crate) const UNIT: u64 = 10_u64.pow(SCALE);
/// The largest mantissa.
const MANTISSA_MAX: i128 = 10_i128.pow(PRECISION) - 1;

/// An exact decimal of at most 20 digits before the point and 18 after it.
///
/// Equal numbers are equal, hash alike and have one text: `1.50` is read as `1.5`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i128);

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(UNIT as i128);
    /// The largest one.
    pub const MAX: Self = Self(MANTISSA_MAX);
    /// The smallest one.
    pub const MIN: Self = Self(-MANTISSA_MAX);

    /// Takes the number in units of the last digit, 10⁻¹⁸.
    pub const fn from_mantissa(mantissa: i128) -> Result<Self, Error> {
        if mantissa < -MANTISSA_MAX || mantissa > MANTISSA_MAX { Err(Error::TooLarge) } else { Ok(Self(mantissa)) }
    }

    /// The number in units of the last digit, 10⁻¹⁸.
    pub const fn mantissa(self) -> i128 {
        self.0
    }

    /// The mantissa without its sign.
    pub(crate) const fn magnitude(self) -> u128 {
        self.0.unsigned_abs()
    }

    /// Takes a mantissa without its sign, and the sign.
    pub(crate) fn from_magnitude(magnitude: u128, negative: bool) -> Result<Self, Error> {
        let mantissa = i128::try_from(magnitude).map_err(|_| Error::TooLarge)?;
        Self::from_mantissa(if negative { -mantissa } else { mantissa })
    }

    /// Whether it is less than zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; refused when it is too large.
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.0.checked_add(other.0).ok_or(Error::TooLarge).and_then(Self::from_mantissa)
    }

    /// The difference; refused when it is too large.
    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.checked_add(-other)
    }

    /// The exact product; refused when it is too large or has more digits after the point than fit.
    pub fn checked_mul(self, other: Self) -> Result<Self, Error> {
        let (quotient, rest) = wide::product(self.magnitude(), other.magnitude()).divided_by(UNIT);
        let magnitude = quotient.narrow().ok_or(Error::TooLarge)?;
        let product = Self::from_magnitude(magnitude, self.is_negative() != other.is_negative())?;
        if rest == 0 { Ok(product) } else { Err(Error::Inexact) }
    }

    /// The exact quotient by ten to this power; refused when it has more digits after the point than fit.
    pub fn checked_div_power_of_ten(self, power: u32) -> Result<Self, Error> {
        if power == 0 || self.is_zero() {
            return Ok(self);
        }
        let divisor = 10_i128.checked_pow(power).ok_or(Error::Inexact)?;
        let quotient = self.0 / divisor;
        if quotient * divisor == self.0 { Ok(Self(quotient)) } else { Err(Error::Inexact) }
    }

    /// What stands before the point and what behind it, in units of the last digit, without the sign.
    pub(crate) fn parts(self) -> (u128, u64) {
        let (magnitude, unit) = (self.magnitude(), u128::from(UNIT));
        let integer = magnitude / unit;
        // What is left over of a division by a number of 64 bits has no more.
        (integer, u64::try_from(magnitude - integer * unit).unwrap_or_default())
    }

    /// How many digits it has before the point; zero has none.
    pub fn integer_digits(self) -> u32 {
        self.parts().0.checked_ilog10().map_or(0, |log| log + 1)
    }

    /// How many digits it has after the point, trailing zeros not counted.
    pub fn fraction_digits(self) -> u32 {
        trimmed(self.parts().1).1
    }
}

/// A fraction in units of the last digit without the zeros at its end, and how many digits it has then.
pub(crate) fn trimmed(mut fraction: u64) -> (u64, u32) {
    const HALF: u64 = 10_u64.pow(SCALE / 2);
    if fraction == 0 {
        return (0, 0);
    }
    let mut digits = SCALE;
    if fraction.is_multiple_of(HALF) {
        fraction /= HALF;
        digits -= SCALE / 2;
    }
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        digits -= 1;
    }
    (fraction, digits)
}

impl Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl From<i64> for Decimal {
    fn from(integer: i64) -> Self {
        Self(i128::from(integer) * i128::from(UNIT))
    }
}

impl From<u64> for Decimal {
    fn from(integer: u64) -> Self {
        Self(i128::from(integer) * i128::from(UNIT))
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}
