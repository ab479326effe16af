//! Points in time.

use time::OffsetDateTime;

use crate::Invalid;

/// Microseconds since 1970-01-01T00:00:00Z, between the years 0 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Seconds of a day.
    pub const DAY_SECONDS: i64 = 24 * 60 * 60;

    /// The point in time `micros` microseconds after the epoch; clamped to what RFC 3339 can write.
    pub const fn from_micros(micros: i64) -> Self {
        const YEAR_0: i64 = -62_167_219_200_000_000;
        const YEAR_10_000: i64 = 253_402_300_800_000_000;
        Self(if micros < YEAR_0 {
            YEAR_0
        } else if micros >= YEAR_10_000 {
            YEAR_10_000 - 1
        } else {
            micros
        })
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The point in time that a calendar names; what is finer than a microsecond is cut off.
    pub fn from_datetime(datetime: OffsetDateTime) -> Result<Self, Invalid> {
        let micros = datetime.unix_timestamp_nanos().div_euclid(1000);
        let micros = i64::try_from(micros).map_err(|_| Invalid("must lie between the years 0 and 9999".into()))?;
        let timestamp = Self::from_micros(micros);
        if timestamp.0 == micros { Ok(timestamp) } else { Err(Invalid("must lie between the years 0 and 9999".into())) }
    }

    /// The same point in time on the calendar, in UTC.
    pub fn to_datetime(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The beginning of its day in UTC.
    pub const fn day(self) -> Self {
        Self::from_micros(self.0 - self.0.rem_euclid(Self::DAY_SECONDS * 1_000_000))
    }

    /// This point in time, `seconds` later.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_micros(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_time_survives_the_round_trip() {
        let timestamp = Timestamp::from_micros(1_767_323_045_123_456);
        assert_eq!(Timestamp::from_datetime(timestamp.to_datetime()), Ok(timestamp));
        let before_the_epoch = Timestamp::from_micros(-1);
        assert_eq!(Timestamp::from_datetime(before_the_epoch.to_datetime()), Ok(before_the_epoch));
    }
}
