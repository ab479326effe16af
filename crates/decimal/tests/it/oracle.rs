//! What a result must be, and decimals of every kind.

use num_bigint::{BigInt, Sign};
use proptest::prelude::*;
use umbel_decimal::{Decimal, Error, PRECISION, SCALE};

/// Ten to a power.
pub(crate) fn ten_to(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

/// The mantissa of a decimal.
pub(crate) fn mantissa(decimal: Decimal) -> BigInt {
    BigInt::from(decimal.mantissa())
}

/// What must come of a mantissa divided by a power of ten: too large before inexact.
pub(crate) fn exact_or_error(numerator: &BigInt, divisor: &BigInt) -> Result<BigInt, Error> {
    let quotient = numerator / divisor;
    if quotient.magnitude() >= ten_to(PRECISION).magnitude() {
        return Err(Error::TooLarge);
    }
    if (numerator % divisor).sign() == Sign::NoSign { Ok(quotient) } else { Err(Error::Inexact) }
}

/// Decimals short and long, with many digits on either side of the point, and the extremes.
pub(crate) fn decimal() -> impl Strategy<Value = Decimal> {
    let of_digits = |digits: u32| (-(10_i128.pow(digits) - 1)..10_i128.pow(digits)).prop_map(|mantissa| (mantissa, 0));
    let any = (1..=PRECISION).prop_flat_map(of_digits);
    // Those that end in zeros: few digits after the point, or none, so that products are exact.
    let round = (1..=SCALE).prop_flat_map(move |digits| (of_digits(digits), 0..=PRECISION - digits));
    let round = round.prop_map(|((mantissa, _), zeros)| (mantissa, zeros));
    let extreme = prop::sample::select(vec![Decimal::MIN, Decimal::ZERO, Decimal::ONE, Decimal::MAX]);
    let small = (-20_i128..=20).prop_map(|mantissa| (mantissa, 0));
    let made = prop_oneof![any, round, small];
    let made = made.prop_map(|(mantissa, zeros)| Decimal::from_mantissa(mantissa * 10_i128.pow(zeros)).unwrap());
    prop_oneof![9 => made, 1 => extreme]
}
