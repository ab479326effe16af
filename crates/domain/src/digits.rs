//! The digits of quantities and prices, of which a cost has room for so many.

use umbel_decimal::{Decimal, PRECISION, SCALE};

use crate::{Invalid, Metric, Price};

/// The most digits before the point that quantities of a metric, and its unit prices, have had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Digits {
    /// Of a quantity of one day, in units.
    pub quantity: u32,
    /// Of a unit price.
    pub price: u32,
}

impl Digits {
    /// Those of a quantity.
    pub fn of_quantity(quantity: Decimal) -> Self {
        Self { quantity: quantity.integer_digits(), price: 0 }
    }

    /// Those of the highest unit price that a price has.
    pub fn of_price(price: &Price) -> Self {
        let contracted = price.negotiated.as_ref().map(|negotiated| negotiated.contracted_unit_price);
        let unit_prices = price.tiers.iter().map(|tier| tier.list_unit_price).chain([price.list_unit_price]).chain(contracted);
        Self { quantity: 0, price: unit_prices.map(Decimal::integer_digits).max().unwrap_or_default() }
    }

    /// Those of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { quantity: self.quantity.max(other.quantity), price: self.price.max(other.price) }
    }

    /// Refuses quantities and prices of a metric whose product could have more digits before the point than a cost has.
    pub fn check(self, metric: &Metric) -> Result<(), Invalid> {
        const ROOM: u32 = PRECISION - SCALE;
        let Self { quantity, price } = self;
        if quantity.saturating_sub(metric.pricing_block.power()) + price <= ROOM {
            return Ok(());
        }
        let message = format!(
            "cannot be, for costs have at most {ROOM} digits before the point: quantities of {} have up to {quantity}, and its unit \
             prices up to {price}",
            metric.id
        );
        Err(Invalid(message))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metric::Aggregation;
    use crate::metric::tests::metric;
    use crate::price::tests::{decimal, price};
    use crate::rating::{Measured, rate};

    fn whole(digits: u32) -> Decimal {
        Decimal::from(10_u64.pow(digits) - 1)
    }

    proptest! {
        #[test]
        fn what_is_not_refused_can_be_rated(quantity in 0_u32..=18, unit_price in 0_u32..=9, power in 0_u32..=12) {
            let metric = metric(Aggregation::Sum, &10_u64.pow(power).to_string());
            let price = price("p", &whole(unit_price).to_string());
            let digits = Digits::of_quantity(whole(quantity)).with(Digits::of_price(&price));
            prop_assert_eq!((digits.quantity, digits.price), (quantity, unit_price));
            let measured = Measured { quantity: whole(quantity), before: Decimal::ZERO, total: Decimal::ZERO };
            prop_assert!(digits.check(&metric).is_err() || rate(&metric, &price, measured).is_ok());
        }
    }

    #[test]
    fn as_many_digits_are_not_refused_as_fit() {
        let requests = metric(Aggregation::Sum, "1");
        assert_eq!(Digits { quantity: 18, price: 2 }.check(&requests), Ok(()));
        assert!(
            Digits { quantity: 18, price: 3 }.check(&requests).unwrap_err().0.contains("up to 18, and its unit prices up to 3")
        );
        assert_eq!(Digits { quantity: 18, price: 3 }.check(&metric(Aggregation::Sum, "10")), Ok(()));
        assert_eq!(
            Digits::of_price(&price("p", "0.5")).with(Digits::of_quantity(decimal("12.5"))),
            Digits { quantity: 2, price: 0 }
        );
    }
}
