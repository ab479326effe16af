//! The catalogue of what is metered.

use umbel_decimal::Decimal;

use crate::{Invalid, MetricId, Name, Timestamp};

/// The categories of services that FOCUS knows.
pub const SERVICE_CATEGORIES: [&str; 19] = [
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Multicloud",
    "Networking",
    "Other",
    "Security",
    "Storage",
    "Web",
];

/// Something that is metered, and what it is to people and in reports. Nothing of it ever changes but that it is retired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its id, which records name it by.
    pub id: MetricId,
    /// What people call it.
    pub name: Name,
    /// The type of the events that it counts.
    pub event_type: EventType,
    /// How a day's events become one quantity.
    pub aggregation: Aggregation,
    /// The member of an event's data that is the value; `None` when the events themselves are counted.
    pub value_property: Option<Name>,
    /// What the quantity is counted in.
    pub unit: Name,
    /// What a price is for.
    pub pricing_unit: Name,
    /// How many units are one pricing unit.
    pub pricing_block: PricingBlock,
    /// The service that it belongs to.
    pub service_name: Name,
    /// One of [`SERVICE_CATEGORIES`].
    pub service_category: Name,
    /// What kind of service it is within the category.
    pub service_subcategory: Name,
    /// The family of products that it belongs to.
    pub product_family: Name,
    /// What it is called in price lists.
    pub sku_id: Name,
    /// What of that is measured.
    pub sku_meter: Name,
    /// Since when it exists.
    pub create_time: Timestamp,
    /// Since when it takes no more events, if it does not.
    pub retired_on: Option<Timestamp>,
}

impl Metric {
    /// The most digits after the point that a quantity of it has.
    pub const fn fraction_digits(&self) -> u32 {
        self.aggregation.fraction_digits()
    }

    /// Refuses members that do not fit each other: where, and why.
    pub fn check(&self) -> Result<(), (&'static str, Invalid)> {
        if self.value_property.is_none() && self.aggregation != Aggregation::Count {
            return Err(("value_property", Invalid("is missing: only a count needs no value".into())));
        }
        if !SERVICE_CATEGORIES.contains(&self.service_category.as_str()) {
            let known = SERVICE_CATEGORIES.join("`, `");
            return Err(("service_category", Invalid(format!("must be one of `{known}`"))));
        }
        Ok(())
    }
}

/// The `type` of events, as CloudEvents has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(String);

impl EventType {
    /// The most characters of a type.
    pub const LENGTH_MAX: usize = 255;

    /// Reads a type: printable characters, no spaces.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.chars().count());
        if !fits || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            let limit = Self::LENGTH_MAX;
            return Err(Invalid(format!("must have 1 to {limit} characters, none of them a space or a control character")));
        }
        Ok(Self(text.to_owned()))
    }

    /// The type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How the events of a day become one quantity. Quantities of days and of accounts are then added up, whatever the aggregation:
/// the peak of an organization is the sum of the peaks of its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// The sum of the values.
    Sum,
    /// How many events there are.
    Count,
    /// The largest value.
    Max,
    /// The smallest value.
    Min,
    /// The value of the latest event; of two at the same time the larger one.
    Latest,
    /// How many different values there are.
    UniqueCount,
}

impl Aggregation {
    /// Every aggregation.
    pub const ALL: [Self; 6] = [Self::Sum, Self::Count, Self::Max, Self::Min, Self::Latest, Self::UniqueCount];

    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Max => "max",
            Self::Min => "min",
            Self::Latest => "latest",
            Self::UniqueCount => "unique_count",
        }
    }

    /// The aggregation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|aggregation| aggregation.name() == name)
    }

    /// The most digits after the point that a quantity has.
    pub const fn fraction_digits(self) -> u32 {
        match self {
            Self::Count | Self::UniqueCount => 0,
            Self::Sum | Self::Max | Self::Min | Self::Latest => crate::usage::VALUE_FRACTION_DIGITS_MAX,
        }
    }
}

/// How many units are one pricing unit: a power of ten, so that dividing by it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PricingBlock(u32);

impl PricingBlock {
    /// A pricing unit for each unit.
    pub const ONE: Self = Self(0);
    /// The largest power.
    const POWER_MAX: u32 = 12;

    /// Reads `1`, `1000`, and other powers of ten up to a million millions.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let zeros = text.strip_prefix('1').filter(|zeros| zeros.bytes().all(|digit| digit == b'0'));
        let power = zeros.and_then(|zeros| u32::try_from(zeros.len()).ok()).filter(|power| *power <= Self::POWER_MAX);
        power.map(Self).ok_or_else(|| Invalid(format!("must be a power of ten, 1 to 1 with {} zeros", Self::POWER_MAX)))
    }

    /// To which power of ten.
    pub const fn power(self) -> u32 {
        self.0
    }

    /// What a quantity is in pricing units.
    pub fn pricing_quantity(self, quantity: Decimal) -> Result<Decimal, umbel_decimal::Error> {
        quantity.checked_div_power_of_ten(self.0)
    }
}

impl std::fmt::Display for PricingBlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", 10_u64.pow(self.0))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A metric that sums `value` in blocks of this size.
    pub(crate) fn metric(aggregation: Aggregation, block: &str) -> Metric {
        let name = |text| Name::parse(text, Name::LENGTH_MAX).unwrap();
        Metric {
            id: MetricId::parse("requests").unwrap(),
            name: name("Requests"),
            event_type: EventType::parse("com.example.request").unwrap(),
            aggregation,
            value_property: Some(name("value")),
            unit: name("Requests"),
            pricing_unit: name("Requests"),
            pricing_block: PricingBlock::parse(block).unwrap(),
            service_name: name("Workers"),
            service_category: name("Compute"),
            service_subcategory: name("Serverless Compute"),
            product_family: name("Workers"),
            sku_id: name("requests"),
            sku_meter: name("Requests"),
            create_time: Timestamp::from_micros(0),
            retired_on: None,
        }
    }

    #[test]
    fn a_block_is_a_power_of_ten() {
        for (text, power) in [("1", 0), ("10", 1), ("1000000000000", 12)] {
            let block = PricingBlock::parse(text).unwrap();
            assert_eq!((block.power(), block.to_string().as_str()), (power, text));
        }
        for text in ["", "0", "2", "01", "1.0", "-1", "100000000000000", "1e3", "1024"] {
            assert!(PricingBlock::parse(text).is_err(), "{text}");
        }
        let thousand = PricingBlock::parse("1000").unwrap();
        assert_eq!(thousand.pricing_quantity("1.000001".parse().unwrap()).unwrap().to_string(), "0.001000001");
    }

    #[test]
    fn only_a_count_needs_no_value_and_the_category_is_one_that_reports_know() {
        let count = Metric { value_property: None, ..metric(Aggregation::Count, "1") };
        assert_eq!(count.check(), Ok(()));
        let sum = Metric { value_property: None, ..metric(Aggregation::Sum, "1") };
        assert_eq!(sum.check().unwrap_err().0, "value_property");
        let odd = Metric { service_category: Name::parse("Workers", 100).unwrap(), ..metric(Aggregation::Sum, "1") };
        assert_eq!(odd.check().unwrap_err().0, "service_category");
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for aggregation in Aggregation::ALL {
            assert_eq!(Aggregation::from_name(aggregation.name()), Some(aggregation));
        }
        for text in ["", "a b", "a\u{7}", &"x".repeat(256)] {
            assert!(EventType::parse(text).is_err(), "{text:?}");
        }
    }
}
