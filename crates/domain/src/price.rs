//! The price book.

use umbel_decimal::{Decimal, SCALE};

use crate::{Currency, Day, Invalid, Metric, MetricId, OrganizationId, PriceId, Timestamp};

/// What a metric costs over a span of days. It never changes but that it ends: what it will be called for stays what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Its id, which reports name it by.
    pub id: PriceId,
    /// What it is the price of.
    pub metric_id: MetricId,
    /// In which currency.
    pub currency: Currency,
    /// For whom: an organization and everything below it; `None` for everybody.
    pub negotiated: Option<Negotiated>,
    /// What a pricing unit costs beyond the last tier, or at all.
    pub list_unit_price: Decimal,
    /// The first day on which it holds.
    pub effective_from: Day,
    /// The day on which it holds no more, if it ends.
    pub effective_to: Option<Day>,
    /// How much of each billing period costs an account nothing, in units of the metric.
    pub free_quantity: Decimal,
    /// What the tiers are looked up with.
    pub tier_mode: TierMode,
    /// Other prices for what comes first, in order; none for one price for all.
    pub tiers: Vec<Tier>,
    /// Since when it exists.
    pub create_time: Timestamp,
}

/// What one organization has agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// The organization.
    pub organization_id: OrganizationId,
    /// What a pricing unit costs there, whatever the tiers say.
    pub contracted_unit_price: Decimal,
}

/// What a tier is looked up with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TierMode {
    /// Each part of a period's quantity costs what its own tier says.
    #[default]
    Graduated,
    /// All of a period's quantity costs what the tier says that the whole of it reaches.
    Volume,
}

impl TierMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Graduated, Self::Volume];

    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Graduated => "graduated",
            Self::Volume => "volume",
        }
    }

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// A price for a part of a period's quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The last quantity that it is for, in units of the metric; `None` for all that is left, in the last one.
    pub up_to: Option<Decimal>,
    /// What a pricing unit costs in it.
    pub list_unit_price: Decimal,
}

impl Price {
    /// The most tiers of a price.
    pub const TIERS_MAX: usize = 32;
    /// The most digits of a unit price before the point.
    pub const INTEGER_DIGITS_MAX: u32 = 9;

    /// The currency, the metric and the organization: what two prices at one time must not have in common.
    pub fn slot(&self) -> (&MetricId, Currency, Option<&OrganizationId>) {
        (&self.metric_id, self.currency, self.negotiated.as_ref().map(|negotiated| &negotiated.organization_id))
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|end| day < end)
    }

    /// Whether a cost depends on what was used in the period before.
    pub fn looks_back(&self) -> bool {
        !self.free_quantity.is_zero() || !self.tiers.is_empty()
    }

    /// Refuses what could not be rated exactly or makes no sense: each member, and why.
    pub fn check(&self, metric: &Metric) -> Result<(), Vec<(String, Invalid)>> {
        let mut faults = Vec::new();
        let mut note = |member: String, fault: Result<(), Invalid>| faults.extend(fault.err().map(|invalid| (member, invalid)));
        note("list_unit_price".into(), unit_price(self.list_unit_price, metric));
        if let Some(negotiated) = &self.negotiated {
            note("contracted_unit_price".into(), unit_price(negotiated.contracted_unit_price, metric));
        }
        note("free_quantity".into(), quantity(self.free_quantity, metric));
        if self.effective_to.is_some_and(|end| end <= self.effective_from) {
            note(
                "effective_to".into(),
                Err(Invalid("must be after effective_from: it is the first day without the price".into())),
            );
        }
        if self.tiers.len() > Self::TIERS_MAX {
            note("tiers".into(), Err(Invalid(format!("must have at most {} items", Self::TIERS_MAX))));
        }
        let mut reached = Some(Decimal::ZERO);
        for (at, tier) in self.tiers.iter().enumerate().take(Self::TIERS_MAX) {
            note(format!("tiers/{at}/list_unit_price"), unit_price(tier.list_unit_price, metric));
            let member = || format!("tiers/{at}/up_to");
            match (reached, tier.up_to) {
                (None, _) => note(member(), Err(Invalid("comes after a tier without end".into()))),
                (Some(reached), Some(up_to)) if up_to <= reached => {
                    note(member(), Err(Invalid(format!("must be more than {reached}, where the tier begins"))));
                }
                (_, Some(up_to)) => note(member(), quantity(up_to, metric)),
                (_, None) => {}
            }
            reached = tier.up_to;
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// Refuses a unit price whose product with a quantity could have more digits after the point than a cost has.
fn unit_price(price: Decimal, metric: &Metric) -> Result<(), Invalid> {
    let room = SCALE - metric.fraction_digits() - metric.pricing_block.power().min(SCALE - metric.fraction_digits());
    if price.is_negative() {
        return Err(Invalid("must not be negative".into()));
    }
    if price.integer_digits() > Price::INTEGER_DIGITS_MAX {
        return Err(Invalid(format!("must have at most {} digits before the point", Price::INTEGER_DIGITS_MAX)));
    }
    if price.fraction_digits() > room {
        let message = "must have at most {room} digits after the point: with more, costs of this metric could not be exact";
        return Err(Invalid(message.replace("{room}", &room.to_string())));
    }
    Ok(())
}

/// Refuses a quantity that the metric cannot have.
fn quantity(quantity: Decimal, metric: &Metric) -> Result<(), Invalid> {
    if quantity.is_negative() {
        return Err(Invalid("must not be negative".into()));
    }
    crate::usage::check_value(quantity, metric.fraction_digits())
}

/// Why a price cannot stand beside others of its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// Another one holds at the same time.
    Overlaps(PriceId),
    /// On the days between this one's end and that one's beginning there would be no price.
    LeavesGap(PriceId),
}

/// Whether a price fits beside the others of its slot. Between two prices for everybody there must be no day without one; where
/// nothing is negotiated the price for everybody holds.
pub fn fits(price: &Price, others: &[Price]) -> Result<(), Misfit> {
    let end = |price: &Price| price.effective_to.unwrap_or(Day::LAST.next());
    let overlaps = |other: &&Price| {
        price.effective_from < end(other) && other.effective_from < end(price)
            || price.effective_to.is_none() && other.effective_to.is_none()
    };
    if let Some(other) = others.iter().find(overlaps) {
        return Err(Misfit::Overlaps(other.id.clone()));
    }
    if price.negotiated.is_some() {
        return Ok(());
    }
    let before = others.iter().filter(|other| other.effective_from < price.effective_from).max_by_key(|other| end(other));
    let after =
        others.iter().filter(|other| other.effective_from > price.effective_from).min_by_key(|other| other.effective_from);
    match (before, after) {
        (Some(before), _) if end(before) != price.effective_from => Err(Misfit::LeavesGap(before.id.clone())),
        (_, Some(after)) if end(price) != after.effective_from => Err(Misfit::LeavesGap(after.id.clone())),
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::metric::Aggregation;
    use crate::metric::tests::metric;

    pub(crate) fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// What an organization has negotiated.
    pub(crate) fn negotiated(organization: &str, unit_price: &str) -> Negotiated {
        let organization_id = OrganizationId::parse(organization).unwrap();
        Negotiated { organization_id, contracted_unit_price: decimal(unit_price) }
    }

    /// A price for everybody, always.
    pub(crate) fn price(id: &str, unit_price: &str) -> Price {
        Price {
            id: PriceId::parse(id).unwrap(),
            metric_id: MetricId::parse("requests").unwrap(),
            currency: Currency::USD,
            negotiated: None,
            list_unit_price: decimal(unit_price),
            effective_from: Day::FIRST,
            effective_to: None,
            free_quantity: Decimal::ZERO,
            tier_mode: TierMode::Graduated,
            tiers: Vec::new(),
            create_time: Timestamp::from_micros(0),
        }
    }

    fn spanning(id: &str, from: &str, to: Option<&str>) -> Price {
        let day = |text| Day::parse(text).unwrap();
        Price { effective_from: day(from), effective_to: to.map(day), ..price(id, "1") }
    }

    fn faults(price: &Price, metric: &Metric) -> Vec<String> {
        price.check(metric).err().unwrap_or_default().into_iter().map(|(member, _)| member).collect()
    }

    #[test]
    fn a_price_whose_costs_could_not_be_exact_is_refused() {
        for (aggregation, block, good, bad) in [
            (Aggregation::Sum, "1", "0.000000000001", "0.0000000000001"),
            (Aggregation::Sum, "1000000", "0.000001", "0.0000001"),
            (Aggregation::Sum, "1000000000000", "1", "0.1"),
            (Aggregation::Count, "1", "0.000000000000000001", "1234567890"),
            (Aggregation::Count, "1000000", "0.000000000001", "0.0000000000001"),
        ] {
            let metric = metric(aggregation, block);
            assert_eq!(faults(&price("p", good), &metric), [""; 0], "{block} {good}");
            assert_eq!(faults(&price("p", bad), &metric), ["list_unit_price"], "{block} {bad}");
            let quantity =
                decimal(if aggregation == Aggregation::Sum { "999999999999999999.999999" } else { "999999999999999999" });
            let pricing_quantity = metric.pricing_block.pricing_quantity(quantity).unwrap();
            assert!(pricing_quantity.checked_mul(decimal(good)) != Err(umbel_decimal::Error::Inexact));
        }
        assert_eq!(faults(&price("p", "-1"), &metric(Aggregation::Sum, "1")), ["list_unit_price"]);
    }

    #[test]
    fn tiers_ascend_and_only_the_last_has_no_end() {
        let tier = |up_to: Option<&str>| Tier { up_to: up_to.map(decimal), list_unit_price: Decimal::ONE };
        let with = |tiers: &[Option<&str>]| Price { tiers: tiers.iter().map(|up_to| tier(*up_to)).collect(), ..price("p", "1") };
        let metric = metric(Aggregation::Sum, "1");
        assert_eq!(faults(&with(&[Some("1"), Some("1.5"), None]), &metric), [""; 0]);
        assert_eq!(faults(&with(&[Some("0")]), &metric), ["tiers/0/up_to"]);
        assert_eq!(faults(&with(&[Some("2"), Some("2")]), &metric), ["tiers/1/up_to"]);
        assert_eq!(faults(&with(&[None, Some("3")]), &metric), ["tiers/1/up_to"]);
        assert_eq!(faults(&with(&[Some("0.0000001")]), &metric), ["tiers/0/up_to"]);
        assert_eq!(faults(&with(&[Some("1"); 33]).clone(), &metric)[0], "tiers");
    }

    #[test]
    fn prices_of_one_slot_neither_overlap_nor_leave_a_day_without_one() {
        let first = spanning("a", "2026-01-01", Some("2026-02-01"));
        let fit = |from, to| fits(&spanning("b", from, to), std::slice::from_ref(&first));
        let id = || PriceId::parse("a").unwrap();
        assert_eq!(fit("2026-02-01", None), Ok(()));
        assert_eq!(fit("2025-12-01", Some("2026-01-01")), Ok(()));
        for (from, to) in
            [("2026-01-31", None), ("2025-01-01", None), ("2026-01-10", Some("2026-01-11")), ("2025-01-01", Some("2026-01-02"))]
        {
            assert_eq!(fit(from, to), Err(Misfit::Overlaps(id())), "{from} {to:?}");
        }
        for (from, to) in [("2026-02-02", None), ("2025-01-01", Some("2025-12-31"))] {
            assert_eq!(fit(from, to), Err(Misfit::LeavesGap(id())), "{from} {to:?}");
        }
        let open = spanning("a", "2026-01-01", None);
        assert_eq!(fits(&spanning("b", "9999-12-31", None), std::slice::from_ref(&open)), Err(Misfit::Overlaps(id())));
        let negotiated = Negotiated { organization_id: OrganizationId::parse("o").unwrap(), contracted_unit_price: Decimal::ONE };
        let later = Price { negotiated: Some(negotiated), ..spanning("b", "2026-03-01", None) };
        assert_eq!(fits(&later, std::slice::from_ref(&first)), Ok(()), "in between the price for everybody holds");
    }
}
