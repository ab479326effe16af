//! The records of usage as text: what serde makes of [`umbel_api::BillableUsage`], of which most is the same in many records and is
//! written once for all of them.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use umbel_decimal::Decimal;
use umbel_domain::rating::Charge;
use umbel_domain::{AccountId, Currency, Day, Metric, MetricId, Month};

use crate::billing::Billed;
use crate::settings::Providers;

/// What all records of an answer have in common, which is written once.
pub(crate) struct Texts {
    providers: String,
    metrics: Mutex<HashMap<MetricId, Arc<OfMetric>>>,
}

/// Writes records, in which neighbours have a day, an account or a month in common and all of them few metrics.
pub(crate) struct Writer<'a> {
    texts: &'a Texts,
    account: Option<((&'a AccountId, &'a str), String)>,
    day: Option<(Day, String)>,
    month: Option<(Month, String)>,
    /// By their ids.
    metrics: HashMap<&'a str, Arc<OfMetric>>,
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

impl Texts {
    /// Those of records that name these providers.
    pub(crate) fn new(providers: &Providers) -> Self {
        let providers = [
            member("HostProviderName", &providers.host_provider_name),
            member("InvoiceIssuerName", &providers.invoice_issuer_name),
            member("ServiceProviderName", &providers.service_provider_name),
        ];
        Self { providers: providers.concat(), metrics: Mutex::default() }
    }

    fn of_metric(&self, metric: &Metric) -> Arc<OfMetric> {
        let mut metrics = self.metrics.lock();
        metrics.entry(metric.id.clone()).or_insert_with(|| OfMetric::new(metric, &self.providers).into()).clone()
    }
}

impl<'a> Writer<'a> {
    /// A writer of some of the records.
    pub(crate) fn new(texts: &'a Texts) -> Self {
        Self { texts, account: None, day: None, month: None, metrics: HashMap::new() }
    }

    /// Appends what an account used, and what that costs, if it has a price; what has none has no members of costs.
    pub(crate) fn write(&mut self, bytes: &mut Vec<u8>, billed: &'a Billed, charge: Option<&(Charge, Currency)>) {
        let (usage, metric) = (&billed.usage, &*billed.metric);
        let of_metric = self.metrics.entry(metric.id.as_str()).or_insert_with(|| self.texts.of_metric(metric));
        put(
            bytes,
            cached(&mut self.account, (&usage.key.account_id, &*billed.account_name), |(id, name)| {
                let members = member("BillingAccountId", id.as_str()) + &member("BillingAccountName", name);
                format!("{{{}", &members[1..])
            }),
        );
        put(bytes, &of_metric.charge);
        put(bytes, cached(&mut self.day, usage.key.day, |day| span("ChargePeriod", day, day.next())));
        number(bytes, r#","ConsumedQuantity":"#, usage.rollup.quantity);
        put(bytes, &of_metric.unit);
        if let Some((charge, currency)) = charge {
            number(bytes, r#","BilledCost":"#, charge.billed_cost);
            put(bytes, r#","BillingCurrency":""#);
            put(bytes, currency.code());
            put(bytes, "\"");
            put(bytes, cached(&mut self.month, usage.invoiced_in(), |month| span("BillingPeriod", month.first(), month.end())));
        }
        if usage.booked.is_some() {
            put(bytes, r#","ChargeClass":"Correction""#);
        }
        if let Some((charge, _)) = charge {
            number(bytes, r#","ContractedCost":"#, charge.contracted_cost);
            if let Some(price) = charge.contracted_unit_price {
                number(bytes, r#","ContractedUnitPrice":"#, price);
            }
            number(bytes, r#","EffectiveCost":"#, charge.billed_cost);
            number(bytes, r#","ListCost":"#, charge.list_cost);
            if let Some(price) = charge.list_unit_price {
                number(bytes, r#","ListUnitPrice":"#, price);
            }
            number(bytes, r#","PricingQuantity":"#, charge.pricing_quantity);
            put(bytes, &of_metric.pricing_unit);
        }
        let (zone, region) = (&usage.key.spot.zone_id, &usage.key.spot.region_id);
        optional(bytes, "RegionId", Some(region.as_str()).filter(|id| !id.is_empty()));
        optional(bytes, "RegionName", usage.region_name.as_deref());
        put(bytes, &of_metric.ids);
        optional(bytes, "x_ZoneId", Some(zone.as_str()).filter(|id| !id.is_empty()));
        optional(bytes, "x_ZoneName", usage.zone_name.as_deref());
        put(bytes, "}");
    }
}

fn put(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(text.as_bytes());
}

fn number(bytes: &mut Vec<u8>, name: &str, decimal: Decimal) {
    put(bytes, name);
    decimal.append_to(bytes);
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
fn cached<K: PartialEq + Copy>(kept: &mut Option<(K, String)>, key: K, make: impl FnOnce(K) -> String) -> &str {
    if kept.as_ref().is_none_or(|(of, _)| *of != key) {
        *kept = Some((key, make(key)));
    }
    kept.as_ref().map_or("", |(_, text)| text)
}
