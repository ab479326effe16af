//! Decimals as text.

use num_bigint::BigInt;
use proptest::prelude::*;
use umbel_decimal::{Decimal, Error, TEXT_LENGTH_MAX};

use crate::oracle::{decimal, exact_or_error, mantissa, ten_to};

fn both(text: &str) -> (Result<Decimal, Error>, Result<Decimal, Error>) {
    (text.parse(), Decimal::parse_with_exponent(text))
}

#[test]
fn a_number_has_one_text() {
    for (read, shown, pointed) in [
        ("0", "0", "0.0"),
        ("-0.0", "0", "0.0"),
        ("1000", "1000", "1000.0"),
        ("007.50", "7.5", "7.5"),
        ("-0.000000000000000001", "-0.000000000000000001", "-0.000000000000000001"),
        ("0.00000000000000000100000000", "0.000000000000000001", "0.000000000000000001"),
        (
            "99999999999999999999.999999999999999999",
            "99999999999999999999.999999999999999999",
            "99999999999999999999.999999999999999999",
        ),
    ] {
        let decimal: Decimal = read.parse().unwrap();
        assert_eq!((decimal.to_string().as_str(), decimal.pointed().to_string().as_str()), (shown, pointed), "{read}");
        assert_eq!(Decimal::parse_with_exponent(read), Ok(decimal));
    }
    assert_eq!(format!("{:>6}|{:?}", Decimal::ONE, -Decimal::ONE), "     1|Decimal(-1)");
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["", "-", ".", "1.", ".5", "+1", " 1", "1 ", "--1", "1-", "1,5", "1.2.3", "0x1", "NaN", "Infinity", "1_000", "١"]
    {
        assert_eq!(both(text), (Err(Error::Malformed), Err(Error::Malformed)), "{text:?}");
    }
    for text in ["1e", "1e+", "e1", "1e1e1", "1e1.5", "1e 1", "1e--1", "1.e1", "+1e1"] {
        assert_eq!(both(text), (Err(Error::Malformed), Err(Error::Malformed)), "{text:?}");
    }
    let long = "0".repeat(TEXT_LENGTH_MAX + 1);
    assert_eq!(both(&long), (Err(Error::Malformed), Err(Error::Malformed)));
    assert_eq!(both(&long[1..]), (Ok(Decimal::ZERO), Ok(Decimal::ZERO)));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (large, fine) = ("100000000000000000000", "0.0000000000000000001");
    assert_eq!(both(large), (Err(Error::TooLarge), Err(Error::TooLarge)));
    assert_eq!(both(fine), (Err(Error::Inexact), Err(Error::Inexact)));
    assert_eq!(both(&format!("0.{}", "1".repeat(50))).0, Err(Error::Inexact));
    assert_eq!(both(&"1".repeat(50)).0, Err(Error::TooLarge));
}

#[test]
fn an_exponent_is_read_where_it_is_asked_for() {
    let with_exponent = |text| Decimal::parse_with_exponent(text).map(|decimal| decimal.to_string());
    assert_eq!("1e3".parse::<Decimal>(), Err(Error::Malformed));
    assert_eq!(with_exponent("1.5E+3"), Ok("1500".into()));
    assert_eq!(with_exponent("-25e-1"), Ok("-2.5".into()));
    assert_eq!(with_exponent("1e-18"), Ok("0.000000000000000001".into()));
    assert_eq!(with_exponent("1e-19"), Err(Error::Inexact));
    assert_eq!(with_exponent("10e-19"), Ok("0.000000000000000001".into()));
    assert_eq!(with_exponent("1e20"), Err(Error::TooLarge));
    assert_eq!(with_exponent("1e99999999999999999999"), Err(Error::TooLarge));
    assert_eq!(with_exponent("1e-99999999999999999999"), Err(Error::Inexact));
    assert_eq!(with_exponent("0.0e99999999999999999999"), Ok("0".into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_text_is_that_of_the_digits(decimal in decimal()) {
        let padded = format!("{:0>19}", mantissa(decimal).magnitude().to_string());
        let (integer, fraction) = padded.split_at(padded.len() - 18);
        let text = format!("{}{integer}.{fraction}", if decimal.is_negative() { "-" } else { "" });
        let shortest = text.trim_end_matches('0').trim_end_matches('.');
        prop_assert_eq!(decimal.to_string(), shortest);
        let mut appended = b"x".to_vec();
        decimal.append_to(&mut appended);
        decimal.pointed().append_to(&mut appended);
        prop_assert_eq!(String::from_utf8(appended).unwrap(), format!("x{shortest}{}", decimal.pointed()));
        prop_assert_eq!(both(&text), (Ok(decimal), Ok(decimal)));
        prop_assert_eq!(both(shortest).0, Ok(decimal));
        prop_assert_eq!(decimal.pointed().to_string().parse(), Ok(decimal));
    }

    #[test]
    fn what_is_read_is_what_the_digits_say(integer in "[0-9]{1,25}", fraction in "[0-9]{0,25}0{0,9}", exponent in -30_i32..30) {
        let digits: BigInt = format!("{integer}{fraction}").parse().unwrap();
        let power = exponent + 18 - i32::try_from(fraction.len()).unwrap();
        let scale = ten_to(power.unsigned_abs());
        let expected = if power < 0 { exact_or_error(&digits, &scale) } else { exact_or_error(&(digits * scale), &BigInt::from(1)) };
        let point = if fraction.is_empty() { "" } else { "." };
        let read = Decimal::parse_with_exponent(&format!("{integer}{point}{fraction}e{exponent}")).map(mantissa);
        // Of a number that is both too large and too fine, either may be said.
        match (read, expected) {
            (Err(Error::Inexact), Err(Error::TooLarge)) => prop_assert!(power < 0),
            (read, expected) => prop_assert_eq!(read, expected),
        }
    }

    #[test]
    fn nothing_that_is_read_panics(text in "[-+.eE0-9]{0,12}") {
        let (plain, with_exponent) = both(&text);
        prop_assert!(plain.is_err() || plain == with_exponent);
    }
}
