//! Months of the calendar, in UTC: what is invoiced together.

use crate::{Day, Invalid};

/// A month in UTC, between the years 0 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Day);

impl Month {
    /// The month of a day.
    pub fn of(day: Day) -> Self {
        Self(day.month_start())
    }

    /// Reads `2026-01`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let day = Day::parse(&format!("{text}-01")).map_err(|_| Invalid("must be a month like 2026-01".into()))?;
        Ok(Self(day))
    }

    /// Its first day.
    pub fn first(self) -> Day {
        self.0
    }

    /// Its last day.
    pub fn last(self) -> Day {
        self.end().plus(-1)
    }

    /// The first day after it.
    pub fn end(self) -> Day {
        self.0.next_month_start()
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let day = self.0.to_string();
        f.write_str(day.strip_suffix("-01").unwrap_or(&day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_as_it_is_shown_and_has_all_of_its_days() {
        let month = Month::parse("2024-02").unwrap();
        assert_eq!((month.to_string().as_str(), month), ("2024-02", Month::of(Day::parse("2024-02-29").unwrap())));
        assert_eq!((month.first().to_string(), month.last().to_string()), ("2024-02-01".into(), "2024-02-29".into()));
        assert_eq!(month.end().to_string(), "2024-03-01");
        for text in ["", "2026", "2026-1", "2026-13", "2026-01-01", "2026-01-01-01", "+026-01"] {
            assert!(Month::parse(text).is_err(), "{text:?}");
        }
    }
}
