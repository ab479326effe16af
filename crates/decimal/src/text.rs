//! Decimals as text.

use std::fmt;
use std::str::FromStr;

use crate::decimal::trimmed;
use crate::{Decimal, Error, SCALE};

/// The most characters of a number that is read.
pub const TEXT_LENGTH_MAX: usize = 128;

/// The longest text of a magnitude: twenty digits, the point, eighteen digits.
const WRITTEN_MAX: usize = 39;

impl Decimal {
    /// Reads a number as JSON has them, `1e-7` among them.
    pub fn parse_with_exponent(text: &str) -> Result<Self, Error> {
        match text.split_once(['e', 'E']) {
            Some((number, exponent)) => parse(number, parse_exponent(exponent)?, text.len()),
            None => text.parse(),
        }
    }

    /// Appends it to a text as [`Display`](fmt::Display) shows it.
    pub fn append_to(self, text: &mut Vec<u8>) {
        append_to(self, text, 0);
    }

    /// Shows it with a point always, `1000.0`: readers that guess the type of a column then take none for one of integers.
    pub fn pointed(self) -> Pointed {
        Pointed(self)
    }
}

impl FromStr for Decimal {
    type Err = Error;

    /// Reads digits, with a minus before them or not, with a point between them or not; no exponent, no plus, no spaces.
    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text, 0, text.len())
    }
}

fn parse_exponent(text: &str) -> Result<i32, Error> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || digits.bytes().any(|byte| !byte.is_ascii_digit()) {
        return Err(Error::Malformed);
    }
    // What does not fit is as much too far off as the nearest that does.
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i32::MIN } else { i32::MAX }))
}

/// Reads digits, times ten to the exponent; `length` is that of the whole text.
fn parse(number: &str, exponent: i32, length: usize) -> Result<Decimal, Error> {
    let magnitude = number.strip_prefix('-').unwrap_or(number);
    let (integer, fraction) = match magnitude.split_once('.') {
        Some((_, "")) => return Err(Error::Malformed),
        Some(parts) => parts,
        None => (magnitude, ""),
    };
    if integer.is_empty() || length > TEXT_LENGTH_MAX {
        return Err(Error::Malformed);
    }
    let (digits, power) = significant_digits(integer, fraction)?;
    if digits == Some(0) {
        return Ok(Decimal::ZERO);
    }
    // The mantissa is `digits * 10^power`, and the last of the digits is not zero.
    let power = power + i64::from(exponent) + i64::from(SCALE);
    if power < 0 {
        return Err(Error::Inexact);
    }
    let factor = u32::try_from(power).ok().and_then(|power| 10_u128.checked_pow(power));
    let mantissa = digits.zip(factor).and_then(|(digits, factor)| digits.checked_mul(factor));
    Decimal::from_magnitude(mantissa.ok_or(Error::TooLarge)?, number.starts_with('-'))
}

/// The digits of both parts as an integer that does not end in a zero, and the power of ten to multiply it by; no integer when it
/// has too many digits.
fn significant_digits(integer: &str, fraction: &str) -> Result<(Option<u128>, i64), Error> {
    let (mut digits, mut zeros) = (Some(0_u128), 0);
    for byte in integer.bytes().chain(fraction.bytes()) {
        match byte {
            b'0' => zeros += 1,
            b'1'..=b'9' => {
                digits = digits.and_then(|digits| append(digits, zeros, byte - b'0'));
                zeros = 0;
            }
            _ => return Err(Error::Malformed),
        }
    }
    let fraction_length = i64::try_from(fraction.len()).map_err(|_| Error::Malformed)?;
    Ok((digits, i64::from(zeros) - fraction_length))
}

/// Appends zeros and a digit to a number.
fn append(number: u128, zeros: u32, digit: u8) -> Option<u128> {
    let shifted = if number == 0 { 0 } else { number.checked_mul(10_u128.checked_pow(zeros + 1)?)? };
    shifted.checked_add(u128::from(digit))
}

/// A decimal that is shown with a point always.
#[derive(Debug, Clone, Copy)]
pub struct Pointed(Decimal);

impl Pointed {
    /// Appends it to a text as [`Display`](fmt::Display) shows it.
    pub fn append_to(self, text: &mut Vec<u8>) {
        append_to(self.0, text, 1);
    }
}

fn append_to(decimal: Decimal, text: &mut Vec<u8>, least_fraction_digits: u32) {
    let mut buffer = [0; WRITTEN_MAX];
    let start = write(decimal, &mut buffer, least_fraction_digits);
    if decimal.is_negative() {
        text.push(b'-');
    }
    text.extend_from_slice(&buffer[start..]);
}

/// Writes the digits without the sign into the end of a buffer, and returns where they begin.
fn write(decimal: Decimal, buffer: &mut [u8; WRITTEN_MAX], least_fraction_digits: u32) -> usize {
    let mut at = WRITTEN_MAX;
    let mut push = |byte: u8| {
        at -= 1;
        buffer[at] = byte;
    };
    let (mut integer, fraction) = decimal.parts();
    let (mut fraction, digits) = trimmed(fraction);
    for _ in digits..least_fraction_digits {
        push(b'0');
    }
    for _ in 0..digits {
        push(digit(fraction));
        fraction /= 10;
    }
    if digits.max(least_fraction_digits) > 0 {
        push(b'.');
    }
    // Division takes much longer where a number has more than 64 bits, which few have.
    let mut short = loop {
        match u64::try_from(integer) {
            Ok(short) => break short,
            Err(_) => push(digit(u64::try_from(integer % 10).unwrap_or_default())),
        }
        integer /= 10;
    };
    loop {
        push(digit(short));
        short /= 10;
        if short == 0 {
            return at;
        }
    }
}

/// The last digit of a number.
fn digit(number: u64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or_default()
}

fn fmt(decimal: Decimal, f: &mut fmt::Formatter<'_>, least_fraction_digits: u32) -> fmt::Result {
    let mut buffer = [0; WRITTEN_MAX];
    let start = write(decimal, &mut buffer, least_fraction_digits);
    let digits = std::str::from_utf8(&buffer[start..]).map_err(|_| fmt::Error)?;
    f.pad_integral(!decimal.is_negative(), "", digits)
}

impl fmt::Display for Decimal {
    /// Shows it without trailing zeros, and an integer without a point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt(*self, f, 0)
    }
}

impl fmt::Display for Pointed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt(self.0, f, 1)
    }
}
