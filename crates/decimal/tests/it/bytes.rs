//! The sixteen bytes of databases.

use proptest::prelude::*;
use umbel_decimal::{Decimal, Error};

use crate::oracle::decimal;

#[test]
fn bytes_that_are_no_decimal_are_refused() {
    assert_eq!(Decimal::from_ordered_bytes([0; 16]), Err(Error::TooLarge));
    assert_eq!(Decimal::from_ordered_bytes([0xff; 16]), Err(Error::TooLarge));
}

#[test]
fn the_bytes_never_change() {
    let mut bytes = [0; 16];
    bytes[0] = 0x80;
    assert_eq!(Decimal::ZERO.to_ordered_bytes(), bytes);
    let minus_one = 0x8000_0000_0000_0000_0000_0000_0000_0000_u128 - 1_000_000_000_000_000_000;
    assert_eq!((-Decimal::ONE).to_ordered_bytes(), minus_one.to_be_bytes());
}

proptest! {
    #[test]
    fn bytes_sort_as_numbers_do(a in decimal(), b in decimal()) {
        prop_assert_eq!(a.to_ordered_bytes().cmp(&b.to_ordered_bytes()), a.cmp(&b));
        prop_assert_eq!(Decimal::from_ordered_bytes(a.to_ordered_bytes()), Ok(a));
    }
}
