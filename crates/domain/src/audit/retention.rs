//! How long entries are kept.

use crate::{Invalid, Timestamp};

/// How long the entries of a whole tree of organizations are kept, or those of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// For how many days at least; `None` for ever.
    pub days: Option<u32>,
    /// Whether nothing may be deleted or erased, whatever the days say.
    pub hold: bool,
}

impl Retention {
    /// The most days: a hundred years.
    pub const DAYS_MAX: u32 = 36_500;

    /// Reads for how many days entries are kept.
    pub fn days(days: i64) -> Result<u32, Invalid> {
        let days = u32::try_from(days).ok().filter(|days| (1..=Self::DAYS_MAX).contains(days));
        days.ok_or_else(|| Invalid(format!("must be from 1 to {}, or null to keep entries for ever", Self::DAYS_MAX)))
    }

    /// Which entries need not be kept any more: those from before this time, which is the beginning of a day in UTC. By whole
    /// days, so that what is written down of deleting is an entry a day at most where little happens.
    pub fn end(self, now: Timestamp) -> Option<Timestamp> {
        let days = self.days.filter(|_| !self.hold)?;
        Some(now.day().plus_seconds(-i64::from(days) * Timestamp::DAY_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, seconds: i64) -> Timestamp {
        Timestamp::from_micros((day * Timestamp::DAY_SECONDS + seconds) * 1_000_000)
    }

    #[test]
    fn entries_are_kept_for_whole_days_and_for_ever_without_a_number_or_under_a_hold() {
        let week = Retention { days: Some(7), hold: false };
        assert_eq!(week.end(at(20_000, 0)), Some(at(19_993, 0)));
        assert_eq!(week.end(at(20_000, 86_399)), Some(at(19_993, 0)));
        assert_eq!(Retention { hold: true, ..week }.end(at(20_000, 0)), None);
        assert_eq!(Retention::default().end(at(20_000, 0)), None);
    }

    #[test]
    fn a_number_of_days_is_at_least_one_and_at_most_a_hundred_years() {
        assert_eq!((Retention::days(1), Retention::days(36_500)), (Ok(1), Ok(36_500)));
        for days in [0, -1, 36_501, i64::MAX, i64::MIN] {
            assert!(Retention::days(days).is_err(), "{days}");
        }
    }
}
