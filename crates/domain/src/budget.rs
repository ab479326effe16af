//! Budgets: what an organization means to spend in a month, and at which part of it somebody wants to know.

use umbel_decimal::Decimal;

use crate::usage::check_value;
use crate::{BudgetId, Currency, Day, Invalid, Month, Name, OrganizationId, Timestamp};

/// What an organization, with everything below it, means to spend in each month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its id.
    pub id: BudgetId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub name: Name,
    /// How much, of what is billed.
    pub amount: Decimal,
    /// In which currency; what is billed in another one does not count.
    pub currency: Currency,
    /// Percentages of the amount at which an entry is written, in ascending order.
    pub thresholds: Vec<u16>,
    /// What was reached in the latest month in which something was.
    pub reached: Option<Reached>,
    /// What was reached in the one before that, to which something may still come late.
    pub reached_earlier: Option<Reached>,
    /// Since when it exists.
    pub create_time: Timestamp,
    /// When somebody last changed it.
    pub update_time: Timestamp,
}

/// A threshold that was reached in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Which month.
    pub month: Month,
    /// Which percentage.
    pub threshold: u16,
}

impl Budget {
    /// The most of one organization.
    pub const PER_ORGANIZATION_MAX: usize = 20;
    /// The most thresholds of one.
    pub const THRESHOLDS_MAX: usize = 10;
    /// The highest threshold: ten times the amount.
    pub const THRESHOLD_MAX: u16 = 1_000;
    /// Where nothing else is said.
    pub const THRESHOLDS: [u16; 3] = [50, 80, 100];
    /// The most digits of an amount after the point.
    const FRACTION_DIGITS_MAX: u32 = 6;

    /// Reads an amount: more than nothing, with at most 18 digits before the point and 6 after it.
    pub fn amount(text: &str) -> Result<Decimal, Invalid> {
        let amount: Decimal = text.parse().map_err(|error: umbel_decimal::Error| Invalid(error.to_string()))?;
        check_value(amount, Self::FRACTION_DIGITS_MAX)?;
        if amount.is_zero() { Err(Invalid("must be more than 0".into())) } else { Ok(amount) }
    }

    /// Reads thresholds, which are put in order.
    pub fn thresholds(mut percentages: Vec<u16>) -> Result<Vec<u16>, Invalid> {
        percentages.sort_unstable();
        percentages.dedup();
        let good = (1..=Self::THRESHOLDS_MAX).contains(&percentages.len())
            && percentages.iter().all(|percentage| (1..=Self::THRESHOLD_MAX).contains(percentage));
        let (most, highest) = (Self::THRESHOLDS_MAX, Self::THRESHOLD_MAX);
        let message = || Invalid(format!("must be 1 to {most} percentages from 1 to {highest}"));
        if good { Ok(percentages) } else { Err(message()) }
    }

    /// The highest threshold that is reached when so much is billed in a month, unless it or a higher one was reached in it before.
    pub fn newly_reached(&self, month: Month, billed: Decimal) -> Option<Reached> {
        let known = [self.reached, self.reached_earlier].into_iter().flatten();
        let before = known.filter(|reached| reached.month == month).map(|reached| reached.threshold).max();
        // What is more than there are numbers for is not reached.
        let limit = |threshold: u16| self.amount.checked_mul(Decimal::from(u64::from(threshold)))?.checked_div_power_of_ten(2);
        let is_reached = |threshold: &u16| limit(*threshold).is_ok_and(|limit| billed >= limit);
        let threshold = self.thresholds.iter().rev().copied().filter(|threshold| Some(*threshold) > before).find(is_reached)?;
        Some(Reached { month, threshold })
    }

    /// The budget once a threshold of it was reached.
    #[must_use]
    pub fn with_reached(self, reached: Reached) -> Self {
        match self.reached {
            Some(latest) if latest.month > reached.month => Self { reached_earlier: Some(reached), ..self },
            Some(latest) if latest.month < reached.month => {
                Self { reached: Some(reached), reached_earlier: Some(latest), ..self }
            }
            _ => Self { reached: Some(reached), ..self },
        }
    }

    /// The last days of the months that are looked at today: of the one before while events of it are still taken, so many days back, and
    /// of the present one so far. What was there before the budget was made or changed is not told.
    pub fn looked_at(&self, today: Day, window_days: u16) -> impl Iterator<Item = Day> + use<> {
        let before = today.month_start().plus(-1);
        let may_change = today.plus(-i32::from(window_days)) <= before && Day::of(self.update_time) <= before;
        [may_change.then_some(before), Some(today)].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn budget() -> Budget {
        let at = Timestamp::from_micros(0);
        Budget {
            id: BudgetId::parse("b").unwrap(),
            organization_id: OrganizationId::parse("acme").unwrap(),
            name: Name::parse("all", 10).unwrap(),
            amount: decimal("200"),
            currency: Currency::USD,
            thresholds: vec![50, 80, 100, 150],
            reached: None,
            reached_earlier: None,
            create_time: at,
            update_time: at,
        }
    }

    #[test]
    fn a_threshold_is_reached_once_in_a_month_and_the_highest_one_counts() {
        let mut budget = budget();
        let [january, february] = ["2026-01", "2026-02"].map(|month| Month::parse(month).unwrap());
        let reached =
            |budget: &Budget, month, billed| budget.newly_reached(month, decimal(billed)).map(|reached| reached.threshold);
        assert_eq!(reached(&budget, january, "99.999999999999999999"), None);
        assert_eq!(reached(&budget, january, "100"), Some(50));
        assert_eq!(reached(&budget, january, "250"), Some(100));
        budget.reached = Some(Reached { month: january, threshold: 80 });
        assert_eq!(reached(&budget, january, "199"), None);
        assert_eq!(reached(&budget, january, "200"), Some(100));
        assert_eq!(reached(&budget, february, "100"), Some(50));
        let budget = budget.with_reached(Reached { month: february, threshold: 50 });
        assert_eq!((reached(&budget, january, "199"), reached(&budget, january, "200")), (None, Some(100)));
        let budget = budget.with_reached(Reached { month: january, threshold: 100 });
        assert_eq!((reached(&budget, january, "200"), reached(&budget, february, "100")), (None, None));
        assert_eq!((reached(&budget, january, "300"), reached(&budget, february, "160")), (Some(150), Some(80)));
        let large = Budget {
            amount: decimal("200000000000000000"),
            thresholds: vec![50, 1_000],
            reached: None,
            reached_earlier: None,
            ..budget
        };
        assert_eq!(reached(&large, january, "100000000000000000"), Some(50));
    }

    #[test]
    fn the_month_before_is_looked_at_while_events_of_it_are_taken() {
        let day = |text: &str| Day::parse(text).unwrap();
        let looked_at = |changed: &str, today: &str, window_days| -> Vec<String> {
            let budget = Budget { update_time: day(changed).start(), ..budget() };
            budget.looked_at(day(today), window_days).map(|day| day.to_string()).collect()
        };
        assert_eq!(looked_at("2026-01-31", "2026-02-02", 35), ["2026-01-31", "2026-02-02"]);
        assert_eq!(looked_at("2026-02-01", "2026-02-02", 35), ["2026-02-02"], "it was changed since");
        assert_eq!(looked_at("2026-01-31", "2026-02-10", 10), ["2026-01-31", "2026-02-10"]);
        assert_eq!(looked_at("2026-01-31", "2026-02-10", 9), ["2026-02-10"], "no event of January is taken");
    }

    #[test]
    fn amounts_and_thresholds_are_bounded() {
        assert_eq!(Budget::amount("0.000001"), Ok(decimal("0.000001")));
        for text in ["0", "-1", "0.0000001", "1000000000000000000", "x", ""] {
            assert!(Budget::amount(text).is_err(), "{text}");
        }
        assert_eq!(Budget::thresholds(vec![100, 50, 100]), Ok(vec![50, 100]));
        for bad in [vec![], vec![0], vec![1_001], (1..=11).collect()] {
            assert!(Budget::thresholds(bad).is_err());
        }
    }
}
