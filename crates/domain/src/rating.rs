//! From a quantity and a price to a charge.

use umbel_decimal::{Decimal, Error};

use crate::Metric;
use crate::price::{Price, Tier, TierMode};

/// A quantity, and where it stands in what its account used of the metric in the billing period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// How much; less than zero where a correction takes something back.
    pub quantity: Decimal,
    /// How much was used in the period before, in the order of days, zones and regions.
    pub before: Decimal,
    /// How much was used in the whole period, as far as it is known; only prices by volume ask for it.
    pub total: Decimal,
}

/// What a quantity costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// The quantity in pricing units.
    pub pricing_quantity: Decimal,
    /// What a pricing unit costs everybody; `None` when that depends on tiers.
    pub list_unit_price: Option<Decimal>,
    /// What a pricing unit costs the account; `None` when that depends on tiers.
    pub contracted_unit_price: Option<Decimal>,
    /// What the whole quantity costs everybody.
    pub list_cost: Decimal,
    /// What the whole quantity costs the account.
    pub contracted_cost: Decimal,
    /// What of that is billed: what exceeds the free quantity.
    pub billed_cost: Decimal,
}

impl Measured {
    /// What is taken back, as something that was used: its cost is that of the last of what came before, where that matters.
    fn taken_back(self) -> Result<Option<Self>, Error> {
        let before = self.before.checked_add(self.quantity)?.max(Decimal::ZERO);
        Ok(self.quantity.is_negative().then_some(Self { quantity: -self.quantity, before, ..self }))
    }
}

/// Rates a quantity. Nothing is rounded: a cost that does not fit is an error.
pub fn rate(metric: &Metric, price: &Price, measured: Measured) -> Result<Charge, Error> {
    if let Some(used) = measured.taken_back()? {
        return rate(metric, price, used).map(Charge::negated);
    }
    let end = measured.before.checked_add(measured.quantity)?;
    let whole = Span { from: measured.before, to: end };
    let billed = Span { from: measured.before.max(price.free_quantity).min(end), to: end };
    let list = |span| list_cost(metric, price, span, measured.total);
    let list_unit_price = price.tiers.is_empty().then_some(price.list_unit_price);
    let contracted = price.negotiated.as_ref().map(|negotiated| negotiated.contracted_unit_price);
    let cost = |span: Span| contracted.map_or_else(|| list(span), |unit_price| span.cost(metric, unit_price));
    let list_cost = list(whole)?;
    let contracted_cost = if contracted.is_some() { cost(whole)? } else { list_cost };
    let billed_cost = if billed == whole { contracted_cost } else { cost(billed)? };
    Ok(Charge {
        pricing_quantity: metric.pricing_block.pricing_quantity(measured.quantity)?,
        list_unit_price,
        contracted_unit_price: contracted.or(list_unit_price),
        list_cost,
        contracted_cost,
        billed_cost,
    })
}

impl Charge {
    fn negated(self) -> Self {
        Self {
            pricing_quantity: -self.pricing_quantity,
            list_cost: -self.list_cost,
            contracted_cost: -self.contracted_cost,
            billed_cost: -self.billed_cost,
            ..self
        }
    }
}

/// A part of a quantity that has one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// How much of it.
    pub quantity: Decimal,
    /// The same in pricing units.
    pub pricing_quantity: Decimal,
    /// The tier whose price it is, the first one being 0; that behind the last one is the price beyond all tiers.
    pub tier: usize,
    /// Whether it is within the free quantity, so that nothing of it is billed.
    pub free: bool,
    /// What a pricing unit costs everybody.
    pub list_unit_price: Decimal,
    /// What a pricing unit costs the account.
    pub contracted_unit_price: Decimal,
    /// What the part costs everybody.
    pub list_cost: Decimal,
    /// What the part costs the account.
    pub contracted_cost: Decimal,
    /// What of that is billed: all or nothing.
    pub billed_cost: Decimal,
}

impl Part {
    fn negated(self) -> Self {
        Self {
            quantity: -self.quantity,
            pricing_quantity: -self.pricing_quantity,
            list_cost: -self.list_cost,
            contracted_cost: -self.contracted_cost,
            billed_cost: -self.billed_cost,
            ..self
        }
    }
}

/// Rates a quantity in parts that have one price each, of which the costs add up to those of the whole. There is at least one.
pub fn parts(metric: &Metric, price: &Price, measured: Measured) -> Result<Vec<Part>, Error> {
    if let Some(used) = measured.taken_back()? {
        return Ok(parts(metric, price, used)?.into_iter().map(Part::negated).collect());
    }
    let end = measured.before.checked_add(measured.quantity)?;
    let within = |edge: &Decimal| measured.before < *edge && *edge < end;
    let tiers = match price.tier_mode {
        TierMode::Graduated => &price.tiers[..],
        TierMode::Volume => &[],
    };
    let mut edges: Vec<Decimal> = tiers.iter().filter_map(|tier| tier.up_to).filter(within).collect();
    edges.extend(Some(price.free_quantity).filter(within));
    edges.push(end);
    edges.sort_unstable();
    edges.dedup();
    let mut from = measured.before;
    let part = |to| {
        let span = Span { from, to };
        from = to;
        let reached = match price.tier_mode {
            TierMode::Graduated => price.tiers.iter().position(|tier| tier.up_to.is_none_or(|up_to| span.from < up_to)),
            TierMode::Volume => price.tiers.iter().position(|tier| tier.up_to.is_none_or(|up_to| measured.total <= up_to)),
        };
        let tier = reached.unwrap_or(price.tiers.len());
        let list_unit_price = price.tiers.get(tier).map_or(price.list_unit_price, |tier| tier.list_unit_price);
        let negotiated = price.negotiated.as_ref().map(|negotiated| negotiated.contracted_unit_price);
        let contracted_unit_price = negotiated.unwrap_or(list_unit_price);
        let quantity = span.to.checked_sub(span.from)?;
        let contracted_cost = span.cost(metric, contracted_unit_price)?;
        let free = span.from < price.free_quantity;
        Ok(Part {
            quantity,
            pricing_quantity: metric.pricing_block.pricing_quantity(quantity)?,
            tier,
            free,
            list_unit_price,
            contracted_unit_price,
            list_cost: span.cost(metric, list_unit_price)?,
            contracted_cost,
            billed_cost: if free { Decimal::ZERO } else { contracted_cost },
        })
    };
    edges.into_iter().map(part).collect()
}

/// A part of what is used in a period, from one quantity to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: Decimal,
    to: Decimal,
}

impl Span {
    fn cost(self, metric: &Metric, unit_price: Decimal) -> Result<Decimal, Error> {
        metric.pricing_block.pricing_quantity(self.to.checked_sub(self.from)?)?.checked_mul(unit_price)
    }

    /// The part of it up to a quantity, and the rest.
    fn cut(self, at: Option<Decimal>) -> (Self, Self) {
        let at = at.map_or(self.to, |at| at.clamp(self.from, self.to));
        (Self { to: at, ..self }, Self { from: at, ..self })
    }
}

fn list_cost(metric: &Metric, price: &Price, span: Span, total: Decimal) -> Result<Decimal, Error> {
    if price.tier_mode == TierMode::Volume {
        let reached = price.tiers.iter().find(|tier| tier.up_to.is_none_or(|up_to| total <= up_to));
        return span.cost(metric, reached.map_or(price.list_unit_price, |tier| tier.list_unit_price));
    }
    let mut cost = Decimal::ZERO;
    let mut rest = span;
    for Tier { up_to, list_unit_price } in &price.tiers {
        let (within, beyond) = rest.cut(*up_to);
        cost = cost.checked_add(within.cost(metric, *list_unit_price)?)?;
        rest = beyond;
    }
    cost.checked_add(rest.cost(metric, price.list_unit_price)?)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;
    use crate::OrganizationId;
    use crate::metric::Aggregation;
    use crate::metric::tests::metric;
    use crate::price::Negotiated;
    use crate::price::tests::{decimal, negotiated, price};

    fn measured(quantity: &str, before: &str, total: &str) -> Measured {
        Measured { quantity: decimal(quantity), before: decimal(before), total: decimal(total) }
    }

    fn costs(charge: &Charge) -> [String; 3] {
        [charge.list_cost, charge.contracted_cost, charge.billed_cost].map(|cost| cost.to_string())
    }

    fn tiers(tiers: &[(Option<&str>, &str)]) -> Vec<Tier> {
        let tier =
            |(up_to, unit_price): &(Option<&str>, &str)| Tier { up_to: up_to.map(decimal), list_unit_price: decimal(unit_price) };
        tiers.iter().map(tier).collect()
    }

    #[test]
    fn what_is_free_has_a_list_cost_and_is_not_billed() {
        let metric = metric(Aggregation::Sum, "1");
        let price = Price { free_quantity: decimal("10000000"), ..price("p", "0.000005") };
        let charge = rate(&metric, &price, measured("150000", "0", "150000")).unwrap();
        assert_eq!(costs(&charge), ["0.75", "0.75", "0"]);
        assert_eq!(
            (charge.list_unit_price, charge.contracted_unit_price),
            (Some(decimal("0.000005")), Some(decimal("0.000005")))
        );
        let crossing = rate(&metric, &price, measured("150000", "9900000", "10050000")).unwrap();
        assert_eq!(costs(&crossing), ["0.75", "0.75", "0.25"]);
        let beyond = rate(&metric, &price, measured("150000", "10050000", "10200000")).unwrap();
        assert_eq!(costs(&beyond), ["0.75", "0.75", "0.75"]);
    }

    #[test]
    fn graduated_tiers_are_a_sum_and_volume_tiers_one_price_for_all() {
        let metric = metric(Aggregation::Sum, "10");
        let graduated = Price { tiers: tiers(&[(Some("100"), "3"), (Some("200"), "2")]), ..price("p", "1") };
        let charge = rate(&metric, &graduated, measured("150", "90", "240")).unwrap();
        assert_eq!(costs(&charge)[0], "27", "10 of the first, 100 of the second and 40 beyond");
        assert_eq!((charge.list_unit_price, charge.contracted_unit_price), (None, None));
        let volume = Price { tier_mode: TierMode::Volume, ..graduated };
        for (total, cost) in [("100", "45"), ("100.000001", "30"), ("200", "30"), ("240", "15")] {
            assert_eq!(costs(&rate(&metric, &volume, measured("150", "90", total)).unwrap())[0], cost, "{total}");
        }
    }

    #[test]
    fn a_negotiated_price_stands_in_the_place_of_all_tiers() {
        let metric = metric(Aggregation::Sum, "1");
        let with_tiers =
            Price { tiers: tiers(&[(Some("100"), "3"), (None, "2")]), free_quantity: decimal("50"), ..price("p", "9") };
        let price = Price { negotiated: Some(negotiated("acme", "1.5")), ..with_tiers };
        let charge = rate(&metric, &price, measured("100", "40", "140")).unwrap();
        assert_eq!(costs(&charge), ["260", "150", "135"]);
        assert_eq!((charge.list_unit_price, charge.contracted_unit_price), (None, Some(decimal("1.5"))));
    }

    #[test]
    fn parts_have_one_price_each() {
        let metric = metric(Aggregation::Sum, "10");
        let price =
            Price { tiers: tiers(&[(Some("100"), "3"), (Some("200"), "2")]), free_quantity: decimal("95"), ..price("p", "1") };
        let found = parts(&metric, &price, measured("150", "90", "240")).unwrap();
        let shown: Vec<_> =
            found.iter().map(|part| (part.tier, part.free, part.quantity.to_string(), part.list_cost.to_string())).collect();
        let part = |tier, free, quantity: &str, cost: &str| (tier, free, quantity.to_owned(), cost.to_owned());
        let expected =
            [part(0, true, "5", "1.5"), part(0, false, "5", "1.5"), part(1, false, "100", "20"), part(2, false, "40", "4")];
        assert_eq!(shown, expected);
        let nothing = parts(&metric, &price, measured("0", "100", "100")).unwrap();
        assert_eq!(nothing.iter().map(|part| (part.tier, part.free)).collect::<Vec<_>>(), [(1, false)]);
        let volume = Price { tier_mode: TierMode::Volume, ..price };
        let found = parts(&metric, &volume, measured("150", "90", "240")).unwrap();
        assert_eq!(found.iter().map(|part| (part.tier, part.free)).collect::<Vec<_>>(), [(2, true), (2, false)]);
    }

    #[test]
    fn what_is_taken_back_costs_what_it_was_charged_for() {
        let metric = metric(Aggregation::Sum, "10");
        let price =
            Price { tiers: tiers(&[(Some("100"), "3"), (Some("200"), "2")]), free_quantity: decimal("95"), ..price("p", "1") };
        let charged = rate(&metric, &price, measured("150", "90", "240")).unwrap();
        let back = rate(&metric, &price, measured("-150", "240", "240")).unwrap();
        assert_eq!(back, charged.negated());
        let parts_back = parts(&metric, &price, measured("-150", "240", "240")).unwrap();
        assert_eq!(parts_back.iter().map(|part| part.billed_cost.to_string()).collect::<Vec<_>>(), ["0", "-1.5", "-20", "-4"]);
        assert!(rate(&metric, &price, measured("0", "240", "240")).unwrap().billed_cost.is_zero());
        let plain = rate(&metric, &crate::price::tests::price("p", "2"), measured("-150", "0", "0")).unwrap();
        assert_eq!(costs(&plain), ["-30", "-30", "-30"]);
    }

    #[test]
    fn a_cost_that_does_not_fit_is_an_error_and_no_other_number() {
        let charge = rate(&metric(Aggregation::Sum, "1"), &price("p", "999999999"), measured("999999999999999999", "0", "0"));
        assert_eq!(charge, Err(Error::TooLarge));
    }

    /// Integers at a scale at which nothing has to be rounded, and the definition of a price unit by unit of the last digit.
    mod naive {
        use super::*;

        /// The scale of quantities, the scale of prices.
        pub(super) type Tiers = Vec<(Option<u64>, u64)>;

        /// The cost, at the scale of quantities and prices together and the block.
        pub(super) fn cost(from: u64, to: u64, tiers: &Tiers, beyond: u64) -> BigInt {
            let mut edges: Vec<u64> =
                tiers.iter().filter_map(|(up_to, _)| *up_to).filter(|edge| from < *edge && *edge < to).collect();
            edges.push(to);
            let (mut at, mut sum) = (from, BigInt::from(0));
            for edge in edges {
                let unit = tiers.iter().find(|(up_to, _)| up_to.is_none_or(|up_to| at < up_to)).map_or(beyond, |(_, unit)| *unit);
                sum += BigInt::from(edge - at) * BigInt::from(unit);
                at = edge;
            }
            sum
        }
    }

    /// A number of millionths.
    fn millionths(number: u64) -> Decimal {
        Decimal::from_mantissa(i128::from(number) * 1_000_000_000_000).unwrap()
    }

    fn ascending() -> impl Strategy<Value = naive::Tiers> {
        let steps = prop::collection::vec((1_u64..2_000_000_000, 0_u64..5_000_000), 0..5);
        (steps, any::<bool>()).prop_map(|(steps, open)| {
            let mut reached = 0;
            let mut tiers: naive::Tiers = Vec::new();
            for (step, unit) in steps {
                reached += step;
                tiers.push((Some(reached), unit));
            }
            if let Some(last) = tiers.last_mut().filter(|_| open) {
                last.0 = None;
            }
            tiers
        })
    }

    proptest! {
        #[test]
        fn a_charge_is_what_integers_without_end_say(
            quantity in 0_u64..5_000_000_000,
            before in 0_u64..5_000_000_000,
            after in 0_u64..1_000_000_000,
            free in 0_u64..6_000_000_000,
            unit in 0_u64..5_000_000,
            tiers in ascending(),
            contracted in prop::option::of(0_u64..5_000_000),
            volume in any::<bool>(),
            power in 0_u32..6,
        ) {
            let metric = metric(Aggregation::Sum, &10_u64.pow(power).to_string());
            let price = Price {
                list_unit_price: millionths(unit),
                free_quantity: millionths(free),
                tiers: tiers.iter().map(|(up_to, unit)| Tier { up_to: up_to.map(millionths), list_unit_price: millionths(*unit) }).collect(),
                tier_mode: if volume { TierMode::Volume } else { TierMode::Graduated },
                negotiated: contracted.map(|unit| Negotiated {
                    organization_id: OrganizationId::parse("o").unwrap(),
                    contracted_unit_price: millionths(unit),
                }),
                ..price("p", "0")
            };
            prop_assert_eq!(price.check(&metric), Ok(()));
            let total = before + quantity + after;
            let measured = Measured { quantity: millionths(quantity), before: millionths(before), total: millionths(total) };
            let charge = rate(&metric, &price, measured).unwrap();
            let (end, paid_from) = (before + quantity, (before + quantity).min(before.max(free)));
            let reached = tiers.iter().find(|(up_to, _)| up_to.is_none_or(|up_to| total <= up_to)).map_or(unit, |(_, unit)| *unit);
            let list = |from, to| if volume { naive::cost(from, to, &Vec::new(), reached) } else { naive::cost(from, to, &tiers, unit) };
            let agreed = |from, to| contracted.map_or_else(|| list(from, to), |unit| naive::cost(from, to, &Vec::new(), unit));
            // Millionths of millionths of a block are this much of the last digit of a cost.
            let scale = BigInt::from(10).pow(6 - power.min(6));
            let exact = |cost: Decimal| BigInt::from(cost.mantissa());
            prop_assert_eq!(exact(charge.list_cost), list(before, end) * &scale);
            prop_assert_eq!(exact(charge.contracted_cost), agreed(before, end) * &scale);
            prop_assert_eq!(exact(charge.billed_cost), agreed(paid_from, end) * &scale);
            let parts = parts(&metric, &price, measured).unwrap();
            let sum = |of: fn(&Part) -> Decimal| parts.iter().map(of).try_fold(Decimal::ZERO, Decimal::checked_add).unwrap();
            prop_assert_eq!(sum(|part| part.quantity), measured.quantity);
            prop_assert_eq!(sum(|part| part.list_cost), charge.list_cost);
            prop_assert_eq!(sum(|part| part.contracted_cost), charge.contracted_cost);
            prop_assert_eq!(sum(|part| part.billed_cost), charge.billed_cost);
            prop_assert!(parts.len() == 1 || parts.iter().all(|part| !part.quantity.is_zero()));
            let named: std::collections::BTreeSet<_> = parts.iter().map(|part| (part.tier, part.free)).collect();
            prop_assert_eq!(named.len(), parts.len());
            for part in &parts {
                prop_assert_eq!(part.pricing_quantity.checked_mul(part.list_unit_price), Ok(part.list_cost));
                prop_assert_eq!(part.pricing_quantity.checked_mul(part.contracted_unit_price), Ok(part.contracted_cost));
            }
            if let Some(unit_price) = charge.contracted_unit_price {
                prop_assert_eq!(charge.pricing_quantity.checked_mul(unit_price), Ok(charge.contracted_cost));
            }
        }

        #[test]
        fn charges_of_the_parts_add_up_to_that_of_the_whole(
            quantities in prop::collection::vec(0_u64..1_000_000_000, 1..8),
            free in 0_u64..3_000_000_000,
            unit in 0_u64..5_000_000,
            tiers in ascending(),
            volume in any::<bool>(),
        ) {
            let metric = metric(Aggregation::Sum, "1000");
            let price = Price {
                list_unit_price: millionths(unit),
                free_quantity: millionths(free),
                tiers: tiers.iter().map(|(up_to, unit)| Tier { up_to: up_to.map(millionths), list_unit_price: millionths(*unit) }).collect(),
                tier_mode: if volume { TierMode::Volume } else { TierMode::Graduated },
                ..price("p", "0")
            };
            let total = millionths(quantities.iter().sum());
            let (mut before, mut sums) = (Decimal::ZERO, [Decimal::ZERO; 3]);
            for quantity in quantities.iter().map(|quantity| millionths(*quantity)) {
                let charge = rate(&metric, &price, Measured { quantity, before, total }).unwrap();
                let costs = [charge.list_cost, charge.contracted_cost, charge.billed_cost];
                sums = std::array::from_fn(|at| sums[at].checked_add(costs[at]).unwrap());
                before = before.checked_add(quantity).unwrap();
            }
            let whole = rate(&metric, &price, Measured { quantity: total, before: Decimal::ZERO, total }).unwrap();
            prop_assert_eq!(sums, [whole.list_cost, whole.contracted_cost, whole.billed_cost]);
        }
    }
}
