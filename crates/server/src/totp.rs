//! Codes of second factors (TOTP, RFC 6238): SHA-1, six digits, thirty seconds.

use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Secret, TOTP};
use umbel_domain::Timestamp;

const STEP_SECONDS: i64 = 30;
/// How many steps the clock of a device may be off, either way.
const SKEW: i64 = 1;

/// A new secret in base 32, of 160 bits.
pub(crate) fn secret(random: [u8; 20]) -> String {
    Secret::Raw(random.to_vec()).to_encoded().to_string()
}

/// The secret as authenticators read it.
pub(crate) fn uri(email: &str, secret: &str) -> String {
    let label: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    format!("otpauth://totp/Umbel:{label}?secret={secret}&issuer=Umbel")
}

/// The time step that a code is of, if it is of one near `now` and behind `last`.
pub(crate) fn step_of(secret: &str, code: &str, now: Timestamp, last: i64) -> Option<i64> {
    let bytes = Secret::Encoded(secret.to_owned()).to_bytes().ok()?;
    let totp = TOTP::new(Algorithm::SHA1, 6, 0, STEP_SECONDS.unsigned_abs(), bytes).ok()?;
    let present = now.micros().div_euclid(STEP_SECONDS * 1_000_000);
    let is_of = |step: &i64| {
        let expected = totp.generate(step.saturating_mul(STEP_SECONDS).unsigned_abs());
        bool::from(expected.as_bytes().ct_eq(code.as_bytes()))
    };
    (present - SKEW..=present + SKEW).filter(|step| *step > last).find(is_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the test vectors of RFC 6238, appendix B, whose codes are the last six of its eight digits.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(step_of(SECRET, code, at(seconds), 0), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_once_and_only_near_its_time() {
        let code = "081804";
        let step = 1_111_111_109 / 30;
        for (seconds, found) in [(-60, None), (-30, Some(step)), (30, Some(step)), (60, None)] {
            assert_eq!(step_of(SECRET, code, at(1_111_111_109 + seconds), 0), found, "{seconds}");
        }
        assert_eq!(step_of(SECRET, code, at(1_111_111_109), step), None);
        for bad in ["", "81804", "0081804", "08180４"] {
            assert_eq!(step_of(SECRET, bad, at(1_111_111_109), 0), None, "{bad}");
        }
    }

    #[test]
    fn a_secret_is_read_as_it_is_written() {
        assert_eq!(secret(*b"12345678901234567890"), SECRET);
        assert_eq!(uri("a+b@x.example", "ABC"), "otpauth://totp/Umbel:a%2Bb%40x.example?secret=ABC&issuer=Umbel");
    }
}
