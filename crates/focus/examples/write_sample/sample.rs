//! Some months of a hosting company: accounts in organizations, metrics with a free allowance, negotiated prices, a plan each
//! month, taxes, credits, rounding, and a correction of the month before.

use std::error::Error;

use time::{Date, Duration, Month, UtcDateTime};
use umbel_decimal::Decimal;
use umbel_focus::row::{
    ChargeCategory, ChargeClass, ChargeFrequency, Named, Organization, Pricing, PricingCategory, Quantity, Resource, Service, Sku,
};
use umbel_focus::{KeyValues, Period, Row};

const ACCOUNTS: [(&str, &str); 8] = [
    ("023e105f4ecef8ad9ca31a8372d0c353", "Web shop"),
    ("1a79a4d60de6718e8e5b326e338ae533", "Magazine, \"Die Woche\""),
    ("3b5d5c3712955042212316173ccf37be", "=SUM(A1:A9)"),
    ("4a8a08f09d37b73795649038408b5f33", "Cafe\nZurich"),
    ("5f39a1f6ac4d1d26b7e4d4f2c8a3e911", "Payments"),
    ("7fc56270e7a70fa81a5935b72eacbe29", "+81 Kyoto"),
    ("8fa14cdd754f91cc6554c9e71929cce7", "Staging"),
    ("9e107d9d372bb6826bd81d3542a419d6", "Hobby"),
];

/// What is measured and how it is priced.
struct Metric {
    id: &'static str,
    name: &'static str,
    unit: &'static str,
    pricing_unit: &'static str,
    /// A unit of the price is ten to this power of the unit that is measured.
    block: u32,
    service: Service<'static>,
    sku: &'static str,
    /// How much a day is free.
    free: &'static str,
    list_price: &'static str,
    contracted_price: &'static str,
    /// Digits after the point of what is measured.
    digits: u32,
}

const METRICS: [Metric; 4] = [
    Metric {
        id: "workers_requests",
        name: "Workers requests",
        unit: "Requests",
        pricing_unit: "1000000 Requests",
        block: 6,
        service: Service { name: "Workers", category: "Compute", subcategory: "Serverless Compute" },
        sku: "SKU-WORKERS-REQUESTS",
        free: "100000",
        list_price: "0.30",
        contracted_price: "0.2475",
        digits: 0,
    },
    Metric {
        id: "object_storage",
        name: "Object storage",
        unit: "GB-Hours",
        pricing_unit: "GB-Hours",
        block: 0,
        service: Service { name: "Object Store", category: "Storage", subcategory: "Object Storage" },
        sku: "SKU-OBJECT-STORAGE",
        free: "240",
        list_price: "0.0000205479",
        contracted_price: "0.0000205479",
        digits: 6,
    },
    Metric {
        id: "bandwidth",
        name: "Bandwidth",
        unit: "GB",
        pricing_unit: "1000 GB",
        block: 3,
        service: Service { name: "Delivery", category: "Networking", subcategory: "Content Delivery" },
        sku: "SKU-BANDWIDTH",
        free: "0",
        list_price: "45.5",
        contracted_price: "31.85",
        digits: 6,
    },
    Metric {
        id: "inference_neurons",
        name: "Inference",
        unit: "Neurons",
        pricing_unit: "1000 Neurons",
        block: 3,
        service: Service { name: "Inference", category: "AI and Machine Learning", subcategory: "Generative AI" },
        sku: "SKU-NEURONS",
        free: "10000",
        list_price: "0.011",
        contracted_price: "0.011",
        digits: 0,
    },
];

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// Hands over the rows of so many days from October 2026 on.
pub(crate) fn rows(days: u32, mut each: impl FnMut(&Row<'_>) -> Outcome) -> Outcome {
    let tags = KeyValues::new([("env", "production"), ("owner", "=team \"a\""), ("cost-center", "4711")])?;
    let (free, paid) = (KeyValues::new([("x_Tier", "free")])?, KeyValues::new([("x_Tier", "1")])?);
    let details = Details { tags: &tags, free: &free, paid: &paid };
    let mut random = Random(42);
    let first = UtcDateTime::new(Date::from_calendar_date(2026, Month::October, 1)?, time::Time::MIDNIGHT);
    for day in (0..days).map(|day| first + Duration::days(day.into())) {
        for account in ACCOUNTS {
            let charge = ordinary(account, day)?;
            for metric in &METRICS {
                let amount = Decimal::from(random.below(900_000_000)).checked_div_power_of_ten(metric.digits)?;
                usage(&charge, metric, amount, &details, &mut each)?;
            }
            if day.day() == 1 {
                monthly(&charge, &mut each)?;
            }
        }
    }
    Ok(())
}

struct Details<'a> {
    tags: &'a KeyValues,
    free: &'a KeyValues,
    paid: &'a KeyValues,
}

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// The first day of the month, and of the next one.
fn month_of(day: UtcDateTime) -> Result<Period, Box<dyn Error>> {
    let start = day.replace_day(1)?;
    Ok(Period::new(start, (start + Duration::days(31)).replace_day(1)?)?)
}

/// What all charges of an account on a day have in common.
fn ordinary<'a>((id, name): (&'a str, &'a str), day: UtcDateTime) -> Result<Row<'a>, Box<dyn Error>> {
    let zero = Decimal::ZERO;
    Ok(Row {
        billed_cost: zero,
        effective_cost: zero,
        list_cost: zero,
        contracted_cost: zero,
        billing_currency: "EUR",
        billing_account: Named { id, name },
        sub_account: Some(Named { id: "sub-1", name: "Production" }),
        billing_period: month_of(day)?,
        charge_period: Period::new(day, day + Duration::DAY)?,
        charge_category: ChargeCategory::Usage,
        charge_class: ChargeClass::Ordinary,
        charge_description: None,
        charge_frequency: ChargeFrequency::UsageBased,
        consumed: None,
        pricing: None,
        invoice_id: Some("INV-2026-10"),
        invoice_issuer: "Umbel Hosting",
        service_provider: "Umbel Hosting",
        host_provider: Some("Umbel Hosting"),
        service: METRICS[0].service,
        region: Some(Named { id: "eu-central", name: "Europe (Central)" }),
        availability_zone: None,
        resource: None,
        tags: None,
        organization: Some(Organization { id: "0ae2", path: "0001/0ae2" }),
        billable_metric: None,
        product_family: None,
        zone: None,
    })
}

/// The rows of an amount of usage: what is free, and what is not.
fn usage(
    charge: &Row<'_>,
    metric: &'static Metric,
    amount: Decimal,
    details: &Details<'_>,
    each: &mut impl FnMut(&Row<'_>) -> Outcome,
) -> Outcome {
    let free = amount.min(metric.free.parse()?);
    let (free_id, paid_id) = (format!("{}-FREE-1", metric.sku), format!("{}-T1-1", metric.sku));
    let tiers = [
        (free, &free_id, "0", "0", details.free),
        (amount.checked_sub(free)?, &paid_id, metric.list_price, metric.contracted_price, details.paid),
    ];
    for (amount, price_id, list_price, contracted_price, price_details) in tiers.into_iter().filter(|tier| !tier.0.is_zero()) {
        let pricing = Pricing {
            category: PricingCategory::Standard,
            quantity: Quantity { amount: amount.checked_div_power_of_ten(metric.block)?, unit: metric.pricing_unit },
            list_unit_price: list_price.parse()?,
            contracted_unit_price: contracted_price.parse()?,
            sku: Sku { id: metric.sku, meter: metric.name, price_id, price_details: Some(price_details) },
        };
        let cost = pricing.contracted_cost()?;
        each(&Row {
            billed_cost: cost,
            effective_cost: cost,
            list_cost: pricing.list_cost()?,
            contracted_cost: cost,
            charge_description: Some(metric.name),
            consumed: Some(Quantity { amount, unit: metric.unit }),
            pricing: Some(pricing),
            service: metric.service,
            resource: Some(Resource { id: "zone-1", name: "example.com", kind: "Zone" }),
            tags: Some(details.tags),
            billable_metric: Some(Named { id: metric.id, name: metric.name }),
            product_family: Some(metric.service.name),
            zone: Some(Named { id: "zone-1", name: "example.com" }),
            ..charge.clone()
        })?;
    }
    Ok(())
}

/// What an account is charged besides, once a month.
fn monthly(charge: &Row<'_>, each: &mut impl FnMut(&Row<'_>) -> Outcome) -> Outcome {
    let month = Row {
        charge_period: charge.billing_period,
        sub_account: None,
        region: None,
        organization: charge.organization,
        service: Service { name: "Plans", category: "Web", subcategory: "Application Platforms" },
        ..charge.clone()
    };
    let plan = Pricing {
        category: PricingCategory::Standard,
        quantity: Quantity { amount: Decimal::ONE, unit: "Months" },
        list_unit_price: "20".parse()?,
        contracted_unit_price: "17.5".parse()?,
        sku: Sku { id: "SKU-PLAN", meter: "Plan", price_id: "SKU-PLAN-1", price_details: None },
    };
    let costing = |cost: &str, row: Row<'_>, each: &mut dyn FnMut(&Row<'_>) -> Outcome| -> Outcome {
        let cost: Decimal = cost.parse()?;
        // What is paid in advance has its effect where it is used.
        let effective_cost = if row.charge_category == ChargeCategory::Purchase { Decimal::ZERO } else { cost };
        let list_cost = row.pricing.map_or(Ok(cost), |pricing| pricing.list_cost())?;
        each(&Row { billed_cost: cost, effective_cost, contracted_cost: cost, list_cost, ..row })
    };
    let purchase = Row {
        charge_category: ChargeCategory::Purchase,
        charge_frequency: ChargeFrequency::Recurring,
        charge_description: Some("Plan, paid in advance"),
        pricing: Some(plan),
        ..month.clone()
    };
    costing("17.5", purchase, each)?;
    let once = Row { charge_frequency: ChargeFrequency::OneTime, host_provider: None, ..month.clone() };
    let of = |category, description| Row { charge_category: category, charge_description: Some(description), ..once.clone() };
    costing("3.325", of(ChargeCategory::Tax, "VAT, 19 %"), each)?;
    costing("-5", of(ChargeCategory::Credit, "Goodwill"), each)?;
    costing("-0.000000000000000001", of(ChargeCategory::Adjustment, "Rounding"), each)?;
    let before = month_of(charge.billing_period.start() - Duration::DAY)?;
    let correction = Row {
        charge_class: ChargeClass::Correction,
        charge_period: before,
        charge_description: Some("Requests that were reported late"),
        service: METRICS[0].service,
        ..month.clone()
    };
    costing("0.75", correction, each)
}
