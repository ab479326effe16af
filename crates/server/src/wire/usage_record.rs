//! The records of usage as text: what serde makes of [`umbel_api::BillableUsage`], of which most is the same in many records and is
//! written once for all of them.

use std::ops::Range;

use umbel_decimal::Decimal;
use umbel_domain::rating::Charge;
use umbel_domain::{Day, Metric, Month};

use crate::billing::Billed;
use crate::error::Result;
use crate::settings::Providers;

/// Writes the records of a walk, in which neighbours have a day, an account or a month in common and all of them few metrics.
pub(crate) struct Writer {
    providers: String,
    /// By the number of the stretch.
    account: Option<(usize, String)>,
    day: Option<(Day, String)>,
    /// By the day, and the month of a correction.
    period: Option<((Day, Option<Month>), String)>,
    /// By their numbers.
    metrics: Vec<Option<OfMetric>>,
}

/// What a metric, and its price, says of itself in the places where a record has it.
struct OfMetric {
    charge: String,
    unit: String,
    pricing_unit: String,
    ids: String,
    /// Those of the last price, by its number.
    unit_prices: Option<(usize, UnitPrices)>,
}

impl OfMetric {
    fn new(metric: &Metric, providers: &str) -> Self {
        let name = metric.name.as_str();
        let description = member("ChargeDescription", &format!("{name} — daily usage"));
        Self {
            charge: format!(r#","ChargeCategory":"Usage"{description},"ChargeFrequency":"Usage-Based""#),
            unit: member("ConsumedUnit", metric.unit.as_str()) + providers + &member("x_BillableMetricName", name),
            pricing_unit: member("PricingUnit", metric.pricing_unit.as_str()),
            ids: member("x_BillableMetricId", metric.id.as_str())
                + &member("x_ProductFamilyName", metric.product_family.as_str()),
            unit_prices: None,
        }
    }
}

/// What a price says of itself, which is nothing where tiers decide.
struct UnitPrices {
    contracted: String,
    list: String,
}

impl UnitPrices {
    fn of(charge: &Charge) -> Self {
        let member = |name: &str, price: Option<Decimal>| price.map(|price| format!(r#","{name}":{price}"#)).unwrap_or_default();
        Self {
            contracted: member("ContractedUnitPrice", charge.contracted_unit_price),
            list: member("ListUnitPrice", charge.list_unit_price),
        }
    }
}

impl Writer {
    /// A writer of records that name these providers.
    pub(crate) fn new(providers: &Providers) -> Self {
        let providers = [
            member("HostProviderName", &providers.host_provider_name),
            member("InvoiceIssuerName", &providers.invoice_issuer_name),
            member("ServiceProviderName", &providers.service_provider_name),
        ];
        Self { providers: providers.concat(), account: None, day: None, period: None, metrics: Vec::new() }
    }

    /// Appends what an account used, and what that costs, if it has a price; what has none has no members of costs.
    pub(crate) fn write(&mut self, bytes: &mut Vec<u8>, billed: &Billed<'_>) -> Result<()> {
        let (numbers, metric, charge) = (billed.numbers, billed.metric, billed.charge()?);
        if self.metrics.len() <= numbers.metric {
            self.metrics.resize_with(numbers.metric + 1, || None);
        }
        let of_metric = self.metrics[numbers.metric].get_or_insert_with(|| OfMetric::new(metric, &self.providers));
        put(
            bytes,
            cached::<_, String>(&mut self.account, numbers.stretch, || {
                let members = member("BillingAccountId", billed.account_id.as_str());
                format!("{{{}{}", &members[1..], member("BillingAccountName", billed.account_name))
            }),
        );
        put(bytes, &of_metric.charge);
        put(bytes, cached::<_, String>(&mut self.day, billed.day, || span("ChargePeriod", billed.day, billed.day.next())));
        let consumed = number(bytes, r#","ConsumedQuantity":"#, billed.quantity());
        put(bytes, &of_metric.unit);
        let mut cost = None;
        if let Some((charge, currency)) = &charge {
            cost = Some(number(bytes, r#","BilledCost":"#, charge.billed_cost));
            put(bytes, r#","BillingCurrency":""#);
            put(bytes, currency.code());
            put(bytes, "\"");
            put(
                bytes,
                cached::<_, String>(&mut self.period, (billed.day, billed.booked), || billing_period(billed.invoiced_in())),
            );
        }
        if billed.booked.is_some() {
            put(bytes, r#","ChargeClass":"Correction""#);
        }
        if let (Some((charge, _)), Some(cost), Some(price)) = (&charge, cost, numbers.price) {
            let unit_prices = cached(&mut of_metric.unit_prices, price, || UnitPrices::of(charge));
            let contracted = again(bytes, r#","ContractedCost":"#, charge.contracted_cost, &cost);
            put(bytes, &unit_prices.contracted);
            again(bytes, r#","EffectiveCost":"#, charge.billed_cost, &cost);
            again(bytes, r#","ListCost":"#, charge.list_cost, &contracted);
            put(bytes, &unit_prices.list);
            again(bytes, r#","PricingQuantity":"#, charge.pricing_quantity, &consumed);
            put(bytes, &of_metric.pricing_unit);
        }
        let at = billed.at;
        optional(bytes, "RegionId", Some(at.spot.region_id.as_str()).filter(|id| !id.is_empty()));
        optional(bytes, "RegionName", at.region_name.as_deref());
        put(bytes, &of_metric.ids);
        optional(bytes, "x_ZoneId", Some(at.spot.zone_id.as_str()).filter(|id| !id.is_empty()));
        optional(bytes, "x_ZoneName", at.zone_name.as_deref());
        put(bytes, "}");
        Ok(())
    }
}

/// A number that is written, and where.
struct Written {
    decimal: Decimal,
    at: Range<usize>,
}

fn put(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.as_bytes());
}

fn number(bytes: &mut Vec<u8>, name: &str, decimal: Decimal) -> Written {
    put(bytes, name);
    let start = bytes.len();
    decimal.append_to(bytes);
    Written { decimal, at: start..bytes.len() }
}

/// Writes a number that often is the same as another one, whose digits are there.
fn again(bytes: &mut Vec<u8>, name: &str, decimal: Decimal, other: &Written) -> Written {
    if decimal != other.decimal {
        return number(bytes, name, decimal);
    }
    put(bytes, name);
    let start = bytes.len();
    bytes.extend_from_within(other.at.clone());
    Written { decimal, at: start..bytes.len() }
}

fn optional(bytes: &mut Vec<u8>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        put(bytes, &member(name, value));
    }
}

/// A member of an object behind another one.
fn member(name: &str, value: &str) -> String {
    format!(r#","{name}":{}"#, serde_json::Value::from(value))
}

fn billing_period(month: Month) -> String {
    span("BillingPeriod", month.first(), month.end())
}

/// The members of a time from the first moment of a day to that of another.
fn span(name: &str, first: Day, end: Day) -> String {
    format!(r#","{name}End":"{end}T00:00:00Z","{name}Start":"{first}T00:00:00Z""#)
}

/// What was made of the same before, or is now.
fn cached<K: PartialEq, T>(kept: &mut Option<(K, T)>, key: K, make: impl FnOnce() -> T) -> &T {
    let known = kept.take().filter(|(of, _)| *of == key);
    &kept.insert(known.unwrap_or_else(|| (key, make()))).1
}
