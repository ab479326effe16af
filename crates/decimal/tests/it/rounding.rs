//! Rounding.

use num_bigint::{BigInt, Sign};
use proptest::prelude::*;
use umbel_decimal::{Decimal, Error, Rounding, SCALE};

use crate::oracle::{decimal, exact_or_error, mantissa, ten_to};

fn rounded(text: &str, digits: u32, rounding: Rounding) -> String {
    text.parse::<Decimal>().unwrap().round_to(digits, rounding).unwrap().to_string()
}

#[test]
fn halves_go_to_the_even_or_away_from_zero() {
    for (text, even, up) in [
        ("0.125", "0.12", "0.13"),
        ("0.135", "0.14", "0.14"),
        ("-0.125", "-0.12", "-0.13"),
        ("0.125000000000000001", "0.13", "0.13"),
        ("0.124999999999999999", "0.12", "0.12"),
        ("0.005", "0", "0.01"),
        ("-0.005", "0", "-0.01"),
    ] {
        assert_eq!(
            (rounded(text, 2, Rounding::HalfEven), rounded(text, 2, Rounding::HalfUp)),
            (even.into(), up.into()),
            "{text}"
        );
    }
    assert_eq!((rounded("2.5", 0, Rounding::HalfEven), rounded("2.5", 0, Rounding::HalfUp)), ("2".into(), "3".into()));
}

#[test]
fn more_digits_than_there_are_change_nothing_and_none_can_be_too_many() {
    assert_eq!(rounded("0.000000000000000001", 18, Rounding::HalfEven), "0.000000000000000001");
    assert_eq!(rounded("0.000000000000000001", u32::MAX, Rounding::HalfEven), "0.000000000000000001");
    assert_eq!(Decimal::MAX.round_to(0, Rounding::HalfUp), Err(Error::TooLarge));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_nearest_is_taken(number in decimal(), digits in 0..=SCALE, up in any::<bool>()) {
        let step = ten_to(SCALE - digits);
        let (floor, twice) = {
            let rest = ((mantissa(number) % &step) + &step) % &step;
            (mantissa(number) - &rest, BigInt::from(2) * rest)
        };
        let goes_up = match twice.cmp(&step) {
            std::cmp::Ordering::Equal if up => !number.is_negative(),
            std::cmp::Ordering::Equal => (&floor / &step % BigInt::from(2)).sign() != Sign::NoSign,
            order => order.is_gt(),
        };
        let nearest = if goes_up { floor + &step } else { floor };
        let rounding = if up { Rounding::HalfUp } else { Rounding::HalfEven };
        prop_assert_eq!(number.round_to(digits, rounding).map(mantissa), exact_or_error(&nearest, &BigInt::from(1)));
    }
}
