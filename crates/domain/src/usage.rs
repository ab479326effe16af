//! What is used: the values of events, and how they become a day's quantity.

use umbel_decimal::Decimal;

use crate::metric::Aggregation;
use crate::{AccountId, Day, Invalid, MetricId, Month, Name, Timestamp};

/// The most digits of a value before the point.
pub const VALUE_INTEGER_DIGITS_MAX: u32 = 18;
/// The most digits of a value after the point.
pub const VALUE_FRACTION_DIGITS_MAX: u32 = 6;
/// How far ahead of the server's clock an event may be.
pub const AHEAD_MAX_SECONDS: i64 = 5 * 60;

/// Refuses a value that no quantity can be.
pub fn check_value(value: Decimal, fraction_digits_max: u32) -> Result<(), Invalid> {
    if value.is_negative() {
        return Err(Invalid("must not be negative".into()));
    }
    if value.integer_digits() > VALUE_INTEGER_DIGITS_MAX {
        return Err(Invalid(format!("must have at most {VALUE_INTEGER_DIGITS_MAX} digits before the point")));
    }
    if value.fraction_digits() > fraction_digits_max {
        return Err(Invalid(format!("must have at most {fraction_digits_max} digits after the point")));
    }
    Ok(())
}

/// When an event may have happened.
#[derive(Debug, Clone, Copy)]
pub struct EventWindow {
    /// Now.
    pub now: Timestamp,
    /// How many days back.
    pub days: u16,
}

impl EventWindow {
    /// Refuses a time outside of the window, or before the first day of which every event that was counted is still known.
    pub fn check(self, at: Timestamp, known_from: Day) -> Result<(), Invalid> {
        if at > self.now.plus_seconds(AHEAD_MAX_SECONDS) {
            return Err(Invalid(format!("lies more than {} minutes ahead of the server's clock", AHEAD_MAX_SECONDS / 60)));
        }
        if at < self.now.plus_seconds(-86_400 * i64::from(self.days)) {
            return Err(Invalid(format!("lies more than {} days back", self.days)));
        }
        if Day::of(at) < known_from {
            return Err(Invalid(format!("lies before {known_from}, and which events were counted then is not known any more")));
        }
        Ok(())
    }

    /// The last day of which no event can come any more, so that its keys can be forgotten: one day later than that, for a clock
    /// that is behind.
    pub fn forgotten(self) -> Day {
        Day::of(self.now).plus(-i32::from(self.days) - 2)
    }
}

/// Where in an account something was used: a zone, a region, both, or neither.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The id of the zone; empty for none.
    pub zone_id: String,
    /// The id of the region; empty for none.
    pub region_id: String,
}

/// The most characters of the id or the name of a zone or a region.
pub const SPOT_LENGTH_MAX: usize = 255;

/// Reads the id or the name of a zone or a region.
pub fn spot_text(text: &str) -> Result<String, Invalid> {
    Name::parse(text, SPOT_LENGTH_MAX).map(|name| name.as_str().to_owned())
}

/// What a quantity is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageKey {
    /// Who used it.
    pub account_id: AccountId,
    /// On which day.
    pub day: Day,
    /// Of what.
    pub metric_id: MetricId,
    /// Where.
    pub spot: Spot,
}

/// What an account used of a metric on a day at a spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyUsage {
    /// What it is of.
    pub key: UsageKey,
    /// What the zone was called last.
    pub zone_name: Option<String>,
    /// What the region was called last.
    pub region_name: Option<String>,
    /// How much, as far as it is known.
    pub rollup: Rollup,
    /// Of what became known when the month was closed: in which later one that is invoiced. The quantity is what it adds to those before,
    /// less than zero where it takes something back.
    pub booked: Option<Month>,
}

impl DailyUsage {
    /// The month in which it is invoiced.
    pub fn invoiced_in(&self) -> Month {
        self.booked.unwrap_or(Month::of(self.key.day))
    }
}

/// What events of one day come to; two of them can be put together in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollup {
    /// How much.
    pub quantity: Decimal,
    /// When the event was whose value it is, where that decides; `None` counts as before all.
    pub latest: Option<Timestamp>,
}

impl Rollup {
    /// What one event comes to; a value is counted as one where only the number of events or of different values matters.
    pub fn of_event(aggregation: Aggregation, value: Decimal, at: Timestamp) -> Self {
        match aggregation {
            Aggregation::Count | Aggregation::UniqueCount => Self { quantity: Decimal::ONE, latest: None },
            Aggregation::Sum | Aggregation::Max | Aggregation::Min => Self { quantity: value, latest: None },
            Aggregation::Latest => Self { quantity: value, latest: Some(at) },
        }
    }

    /// What two come to; refused when that has too many digits.
    pub fn merged(self, aggregation: Aggregation, other: Self) -> Result<Self, Invalid> {
        let merged = match aggregation {
            Aggregation::Sum | Aggregation::Count | Aggregation::UniqueCount => {
                let quantity = self.quantity.checked_add(other.quantity).map_err(|error| Invalid(error.to_string()))?;
                Self { quantity, latest: None }
            }
            Aggregation::Max => Self { quantity: self.quantity.max(other.quantity), latest: None },
            Aggregation::Min => Self { quantity: self.quantity.min(other.quantity), latest: None },
            Aggregation::Latest => {
                if (self.latest, self.quantity) < (other.latest, other.quantity) {
                    other
                } else {
                    self
                }
            }
        };
        if merged.quantity.integer_digits() > VALUE_INTEGER_DIGITS_MAX {
            return Err(Invalid(format!("would make more than {VALUE_INTEGER_DIGITS_MAX} digits before the point on its day")));
        }
        Ok(merged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_micros(1_767_323_045_000_000);

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn all(aggregation: Aggregation, events: &[(Decimal, Timestamp)]) -> Rollup {
        let rollups = events.iter().map(|(value, at)| Rollup::of_event(aggregation, *value, *at));
        rollups.reduce(|all, next| all.merged(aggregation, next).unwrap()).unwrap()
    }

    #[test]
    fn a_value_is_bounded_on_both_sides_of_the_point() {
        for (text, good) in [
            ("0", true),
            ("999999999999999999.999999", true),
            ("1000000000000000000", false),
            ("0.0000001", false),
            ("1.5000000", true),
            ("-1", false),
        ] {
            assert_eq!(check_value(decimal(text), 6).is_ok(), good, "{text}");
        }
        assert!(check_value(decimal("1.5"), 0).is_err());
    }

    #[test]
    fn an_event_is_neither_too_old_nor_of_the_future() {
        let window = EventWindow { now: NOW, days: 35 };
        let day = 86_400;
        for (seconds, good) in [(0, true), (300, true), (301, false), (-35 * day, true), (-35 * day - 1, false)] {
            assert_eq!(window.check(NOW.plus_seconds(seconds), Day::FIRST).is_ok(), good, "{seconds}");
        }
        assert!(window.forgotten() < Day::of(NOW.plus_seconds(-35 * day - 1)));
    }

    #[test]
    fn each_aggregation_makes_its_own_quantity_of_a_day() {
        let at = |seconds| NOW.plus_seconds(seconds);
        let events = [(decimal("2"), at(0)), (decimal("3.5"), at(5)), (decimal("1"), at(5)), (decimal("2"), at(1))];
        for (aggregation, quantity) in [
            (Aggregation::Sum, "8.5"),
            (Aggregation::Count, "4"),
            (Aggregation::Max, "3.5"),
            (Aggregation::Min, "1"),
            (Aggregation::Latest, "3.5"),
        ] {
            assert_eq!(all(aggregation, &events).quantity, decimal(quantity), "{aggregation:?}");
        }
    }

    #[test]
    fn a_day_that_grows_too_large_is_refused() {
        let large = Rollup { quantity: decimal("999999999999999999"), latest: None };
        let one = Rollup { quantity: Decimal::ONE, latest: None };
        assert!(large.merged(Aggregation::Sum, one).is_err());
        assert_eq!(large.merged(Aggregation::Max, one), Ok(large));
    }

    proptest! {
        #[test]
        fn the_order_of_events_and_how_they_are_grouped_do_not_matter(
            events in prop::collection::vec((0_u64..1000, 0_i64..5), 1..12),
            split in 0_usize..12,
            kind in 0_usize..6,
        ) {
            let aggregation = Aggregation::ALL[kind];
            let events: Vec<_> = events.iter().map(|(value, s)| (Decimal::from(*value), NOW.plus_seconds(*s))).collect();
            let whole = all(aggregation, &events);
            let mut reversed = events.clone();
            reversed.reverse();
            prop_assert_eq!(all(aggregation, &reversed), whole);
            let (first, second) = events.split_at(split.min(events.len()));
            if !first.is_empty() && !second.is_empty() {
                prop_assert_eq!(all(aggregation, second).merged(aggregation, all(aggregation, first)), Ok(whole));
            }
        }
    }
}
