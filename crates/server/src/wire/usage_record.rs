//! The records of usage as text: what serde makes of [`umbel_api::BillableUsage`], of which most is the same in many records and is
//! written once for all of them.

use std::ops::Range;

use umbel_decimal::Decimal;
use umbel_domain::{Day, Metric, Month};

use crate::billing::Billed;
use crate::error::Result;
use crate::settings::Providers;

/// Writes the records of a walk, in which neighbours have a day, an account or a month in common and all of them few metrics and prices.
pub(crate) struct Writer {
    providers: String,
    /// By the number of the stretch.
    account: Option<(usize, String)>,
    day: Option<(Day, String)>,
    /// By the day, and the month of a correction.
    period: Option<((Day, Option<Month>), String)>,
    metrics: Numbered<OfMetric>,
    prices: Numbered<UnitPrices>,
}

/// What a metric says of itself, in the places where a record has it.
struct OfMetric {
    charge: String,
    unit: String,
    pricing_unit: String,
    ids: String,
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
        }
    }
}

/// What a price says of itself, which is nothing where tiers decide.
struct UnitPrices {
    contracted: String,
    list: String,
}

impl UnitPrices {
    fn new(contracted: Option<Decimal>, list: Option<Decimal>) -> Self {
        let member = |name: &str, price: Option<Decimal>| price.map(|price| format!(r#","{name}":{price}"#)).unwrap_or_default();
        Self { contracted: member("ContractedUnitPrice", contracted), list: member("ListUnitPrice", list) }
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
        let (metrics, prices) = (Numbered::new(), Numbered::new());
        Self { providers: providers.concat(), account: None, day: None, period: None, metrics, prices }
    }

    /// Appends what an account used, and what that costs, if it has a price; what has none has no members of costs.
    pub(crate) fn write(&mut self, bytes: &mut Vec<u8>, billed: &Billed<'_>) -> Result<()> {
        let (numbers, metric, charge) = (billed.numbers, billed.metric, billed.charge()?);
        let of_metric = self.metrics.get(numbers.metric, || OfMetric::new(metric, &self.providers));
        put(
            bytes,
            cached(&mut self.account, numbers.stretch, || {
                let members = member("BillingAccountId", billed.account_id.as_str());
                format!("{{{}{}", &members[1..], member("BillingAccountName", billed.account_name))
            }),
        );
        put(bytes, &of_metric.charge);
        put(bytes, cached(&mut self.day, billed.day, || span("ChargePeriod", billed.day, billed.day.next())));
        let consumed = number(bytes, r#","ConsumedQuantity":"#, billed.quantity());
        put(bytes, &of_metric.unit);
        let cost = charge.as_ref().map(|(charge, currency)| {
            let billed_cost = number(bytes, r#","BilledCost":"#, charge.billed_cost);
            put(bytes, r#","BillingCurrency":""#);
            put(bytes, currency.code());
            put(bytes, "\"");
            let period = (billed.day, billed.booked);
            put(
                bytes,
                cached(&mut self.period, period, || {
                    let month = billed.invoiced_in();
                    span("BillingPeriod", month.first(), month.end())
                }),
            );
            billed_cost
        });
        if billed.booked.is_some() {
            put(bytes, r#","ChargeClass":"Correction""#);
        }
        if let Some(((charge, _), cost)) = charge.zip(cost) {
            let prices = || UnitPrices::new(charge.contracted_unit_price, charge.list_unit_price);
            let prices = self.prices.get(numbers.price.unwrap_or_default(), prices);
            let contracted = again(bytes, r#","ContractedCost":"#, charge.contracted_cost, &cost);
            put(bytes, &prices.contracted);
            again(bytes, r#","EffectiveCost":"#, charge.billed_cost, &cost);
            again(bytes, r#","ListCost":"#, charge.list_cost, &contracted);
            put(bytes, &prices.list);
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

/// What is made once for each of many things with numbers.
struct Numbered<T>(Vec<Option<T>>);

impl<T> Numbered<T> {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn get(&mut self, number: usize, make: impl FnOnce() -> T) -> &T {
        if self.0.len() <= number {
            self.0.resize_with(number + 1, || None);
        }
        self.0[number].get_or_insert_with(make)
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

/// The members of a time from the first moment of a day to that of another.
fn span(name: &str, first: Day, end: Day) -> String {
    format!(r#","{name}End":"{end}T00:00:00Z","{name}Start":"{first}T00:00:00Z""#)
}

/// What was made of the same before, or is now.
fn cached<K: PartialEq>(kept: &mut Option<(K, String)>, key: K, make: impl FnOnce() -> String) -> &str {
    if kept.as_ref().is_none_or(|(of, _)| *of != key) {
        *kept = Some((key, make()));
    }
    kept.as_ref().map_or("", |(_, text)| text)
}
