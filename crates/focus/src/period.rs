//! Points in time and periods, as FOCUS has them: UTC, to the second, the end exclusive.

use std::fmt;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{PrimitiveDateTime, UtcDateTime};

use crate::Invalid;

const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// The last year of four digits.
const YEAR_MAX: i32 = 9999;

/// A point in time as `YYYY-MM-DDThh:mm:ssZ`, the only form there is.
#[derive(Debug, Clone, Copy)]
pub struct Moment(pub UtcDateTime);

impl Moment {
    /// The characters; of years that have not four digits the nearest.
    pub(crate) fn text(self) -> [u8; 20] {
        let (date, time) = (self.0.date(), self.0.time());
        let year = u16::try_from(date.year().clamp(0, YEAR_MAX)).unwrap_or_default();
        let [century, year] = [year / 100, year % 100].map(|digits| u8::try_from(digits).unwrap_or_default());
        let mut text = *b"0000-00-00T00:00:00Z";
        let numbers = [century, year, date.month().into(), date.day(), time.hour(), time.minute(), time.second()];
        for (at, number) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(numbers) {
            text[at] = b'0' + number / 10;
            text[at + 1] = b'0' + number % 10;
        }
        text
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

/// Reads a point in time in the only form there is.
pub fn parse(text: &str) -> Option<UtcDateTime> {
    PrimitiveDateTime::parse(text, FORMAT).ok().map(PrimitiveDateTime::as_utc)
}

/// From a point in time up to another, which is not in it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    start: UtcDateTime,
    end: UtcDateTime,
}

impl Period {
    /// Refuses an end that is not after the start, years that do not have four digits, and fractions of a second.
    pub fn new(start: UtcDateTime, end: UtcDateTime) -> Result<Self, Invalid> {
        if end <= start {
            return Err(Invalid(format!("the period from {start} ends at {end}, which is not after its start")));
        }
        let written = |time: UtcDateTime| (0..=YEAR_MAX).contains(&time.year()) && time.nanosecond() == 0;
        if !written(start) || !written(end) {
            return Err(Invalid(format!(
                "the period from {start} to {end} needs more than years of four digits and whole seconds"
            )));
        }
        Ok(Self { start, end })
    }

    /// Its first moment.
    pub fn start(self) -> UtcDateTime {
        self.start
    }

    /// The first moment after it.
    pub fn end(self) -> UtcDateTime {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn a_point_in_time_has_one_form() {
        let time = utc_datetime!(2026-10-01 00:00:09);
        assert_eq!(Moment(time).to_string(), "2026-10-01T00:00:09Z");
        assert_eq!(parse("2026-10-01T00:00:09Z"), Some(time));
        for text in [
            "2026-10-01 00:00:09",
            "2026-10-01T00:00:09",
            "2026-10-01T00:00:09+00:00",
            "2026-10-01T00:00:09.000Z",
            "2026-10-01t00:00:09z",
            "2026-10-1T00:00:09Z",
            "2026-02-30T00:00:00Z",
            "2026-10-01T24:00:00Z",
            "2026-10-01",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_period_ends_after_its_start_and_can_be_written() {
        let time = utc_datetime!(2026-10-01 00:00);
        let period = |start, end| Period::new(start, end);
        assert!(period(time, time + time::Duration::SECOND).is_ok());
        assert!(period(time, time).is_err());
        assert!(period(time + time::Duration::SECOND, time).is_err());
        assert!(period(time, time + time::Duration::MILLISECOND).is_err());
        assert!(period(utc_datetime!(-0001-10-01 00:00), time).is_err());
    }
}
