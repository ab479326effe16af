//! Days of the calendar, in UTC.

use time::Date;

use crate::{Invalid, Timestamp};

const MICROS: i64 = 86_400_000_000;
/// The Julian day of 1970-01-01.
const EPOCH: i32 = 2_440_588;

/// A day in UTC, between the years 0 and 9999: what usage is added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The first day that there is: what holds from it on held always.
    pub const FIRST: Self = Self(-719_528);
    /// The last day that there is.
    pub const LAST: Self = Self(2_932_896);

    /// The day with this number; 1970-01-01 is 0.
    pub fn from_number(number: i64) -> Result<Self, Invalid> {
        let day = i32::try_from(number).ok().map(Self).filter(|day| (Self::FIRST..=Self::LAST).contains(day));
        day.ok_or_else(|| Invalid("must lie between the years 0 and 9999".into()))
    }

    /// The number of the day; that of 1970-01-01 is 0.
    pub fn number(self) -> i64 {
        self.0.into()
    }

    /// The day of a point in time.
    pub fn of(at: Timestamp) -> Self {
        // A timestamp lies within the same years.
        Self::from_number(at.micros().div_euclid(MICROS)).unwrap_or(Self::FIRST)
    }

    /// The day of a date.
    pub fn from_date(date: Date) -> Result<Self, Invalid> {
        Self::from_number(i64::from(date.to_julian_day() - EPOCH))
    }

    /// Reads `2026-01-31`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let format = time::macros::format_description!("[year]-[month]-[day]");
        let date = Date::parse(text, format).map_err(|_| Invalid("must be a day like 2026-01-31".into()))?;
        Self::from_date(date)
    }

    /// Its first moment.
    pub fn start(self) -> Timestamp {
        Timestamp::from_micros(self.number() * MICROS)
    }

    /// The day after it; the last day is its own.
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// The day so many days later, or before, as far as there is one.
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days)).clamp(Self::FIRST, Self::LAST)
    }

    /// The first day of its month.
    pub fn month_start(self) -> Self {
        self.plus(1 - i32::from(self.date().day()))
    }

    /// The first day of the month after its own.
    pub fn next_month_start(self) -> Self {
        let date = self.date();
        self.month_start().plus(date.month().length(date.year()).into())
    }

    fn date(self) -> Date {
        // Every day lies within the years of a date.
        Date::from_julian_day(self.0 + EPOCH).unwrap_or(Date::MIN)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let date = self.date();
        write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_day_is_read_as_it_is_shown() {
        for text in ["1970-01-01", "0000-01-01", "9999-12-31", "2024-02-29"] {
            assert_eq!(day(text).to_string(), text);
        }
        assert_eq!((day("1970-01-01").number(), day("0000-01-01"), day("9999-12-31")), (0, Day::FIRST, Day::LAST));
        for text in ["", "2026-02-29", "2026-1-1", "2026-01-01T00:00:00Z", "10000-01-01"] {
            assert!(Day::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_and_ends_before_the_next() {
        let start = day("2026-03-01").start();
        assert_eq!((Day::of(start), Day::of(Timestamp::from_micros(start.micros() - 1))), (day("2026-03-01"), day("2026-02-28")));
        assert_eq!(Day::of(Timestamp::from_micros(-1)), day("1969-12-31"));
    }

    #[test]
    fn months_have_their_own_lengths() {
        assert_eq!(
            (day("2024-02-29").month_start(), day("2024-02-01").next_month_start()),
            (day("2024-02-01"), day("2024-03-01"))
        );
        assert_eq!(day("2026-12-31").next_month_start(), day("2027-01-01"));
    }
}
