//! Sums, products and quotients.

use num_bigint::BigInt;
use proptest::prelude::*;
use umbel_decimal::{Decimal, Error, SCALE};

use crate::oracle::{decimal, exact_or_error, mantissa, ten_to};

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn a_product_that_others_round_is_exact() {
    // A mantissa of 96 bits, as many libraries have, makes …301783750191 of it.
    let product = number("123456789012345.123456789").checked_mul(number("0.123456789")).unwrap();
    assert_eq!(product.to_string(), "15241578751714.610301783750190521");
    assert_eq!(number("123456789012345.123456789").checked_mul(number("0.123456789123")), Err(Error::Inexact));
}

#[test]
fn what_does_not_fit_is_refused() {
    let least = Decimal::from_mantissa(1).unwrap();
    assert_eq!(least.checked_mul(number("0.1")), Err(Error::Inexact));
    assert_eq!(Decimal::MAX.checked_mul(Decimal::MIN), Err(Error::TooLarge));
    assert_eq!(Decimal::MAX.checked_mul(Decimal::ONE), Ok(Decimal::MAX));
    assert_eq!(Decimal::MAX.checked_add(least), Err(Error::TooLarge));
    assert_eq!(Decimal::MIN.checked_sub(least), Err(Error::TooLarge));
    assert_eq!(Decimal::MAX.checked_add(Decimal::MAX), Err(Error::TooLarge));
    assert_eq!(Decimal::from_mantissa(10_i128.pow(38)), Err(Error::TooLarge));
    assert_eq!(Decimal::from_mantissa(i128::MIN), Err(Error::TooLarge));
    assert_eq!(Decimal::ONE.checked_div_power_of_ten(18), Ok(least));
    assert_eq!(Decimal::ONE.checked_div_power_of_ten(19), Err(Error::Inexact));
    assert_eq!(Decimal::ONE.checked_div_power_of_ten(u32::MAX), Err(Error::Inexact));
    assert_eq!(Decimal::ZERO.checked_div_power_of_ten(u32::MAX), Ok(Decimal::ZERO));
}

#[test]
fn digits_are_counted_on_both_sides_of_the_point() {
    let digits = |text| (number(text).integer_digits(), number(text).fraction_digits());
    assert_eq!([digits("0"), digits("0.10"), digits("-10")], [(0, 0), (0, 1), (2, 0)]);
    assert_eq!(digits("999.000000000000000001"), (3, 18));
    assert_eq!((Decimal::MAX.integer_digits(), Decimal::MIN.fraction_digits()), (20, 18));
}

#[test]
fn every_integer_of_64_bits_has_its_decimal() {
    let texts = [Decimal::from(i64::MIN), Decimal::from(i64::MAX), Decimal::from(u64::MAX)].map(|decimal| decimal.to_string());
    assert_eq!(texts, [i64::MIN.to_string(), i64::MAX.to_string(), u64::MAX.to_string()]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_product_is_exact_or_refused(a in decimal(), b in decimal()) {
        let expected = exact_or_error(&(mantissa(a) * mantissa(b)), &ten_to(SCALE));
        prop_assert_eq!(a.checked_mul(b).map(mantissa), expected);
    }

    #[test]
    fn a_sum_is_exact_or_refused(a in decimal(), b in decimal()) {
        let one = BigInt::from(1);
        prop_assert_eq!(a.checked_add(b).map(mantissa), exact_or_error(&(mantissa(a) + mantissa(b)), &one));
        prop_assert_eq!(a.checked_sub(b).map(mantissa), exact_or_error(&(mantissa(a) - mantissa(b)), &one));
    }

    #[test]
    fn a_quotient_by_a_power_of_ten_is_exact_or_refused(a in decimal(), power in 0_u32..60) {
        prop_assert_eq!(a.checked_div_power_of_ten(power).map(mantissa), exact_or_error(&mantissa(a), &ten_to(power)));
    }

    #[test]
    fn what_was_checked_by_digits_has_an_exact_product(a in decimal(), b in decimal()) {
        // The promise that prices are accepted by: enough room on both sides.
        let fits = a.integer_digits() + b.integer_digits() <= 20 && a.fraction_digits() + b.fraction_digits() <= SCALE;
        prop_assert!(!fits || a.checked_mul(b).is_ok());
    }
}
