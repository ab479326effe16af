//! The rules among the cells of a row.

use std::collections::HashMap;

use umbel_decimal::Decimal;

use super::named::Check;
use super::report::shown;
use super::value::Value;
use crate::period::Moment;
use crate::row::{ChargeCategory, ChargeClass, ChargeFrequency};
use crate::service;

/// The cells of a row by the names of their columns.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) values: &'a [Value<'a>],
    pub(super) at: &'a HashMap<&'static str, usize>,
}

impl<'a> Cells<'a> {
    /// The cell; nothing when there is no such column, or something in it that could not be read.
    pub(super) fn get(self, name: &str) -> Option<Value<'a>> {
        self.at.get(name).and_then(|at| self.values.get(*at)).copied().filter(|value| *value != Value::Unreadable)
    }

    /// The text of the cell, when it has one.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number of the cell, when it has one.
    pub(super) fn decimal(self, name: &str) -> Option<Decimal> {
        match self.get(name) {
            Some(Value::Decimal(decimal)) => Some(decimal),
            _ => None,
        }
    }

    /// Whether it is known that the cell is null.
    fn is_null(self, name: &str) -> bool {
        self.get(name) == Some(Value::Null)
    }

    /// Whether it is known that the cell has something.
    fn is_there(self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != Value::Null)
    }

    fn is_category(self, category: ChargeCategory) -> bool {
        self.text("ChargeCategory") == Some(category.as_str())
    }

    fn is_correction(self) -> bool {
        self.text("ChargeClass") == ChargeClass::Correction.as_str()
    }
}

/// Takes what is wrong: the check, the column that it is about, and what it is.
pub(super) type Note<'n> = dyn FnMut(Check, &'static str, String) + 'n;

/// What usage and purchases have, and taxes have not.
const PRICING: [&str; 6] = ["ContractedUnitPrice", "ListUnitPrice", "PricingCategory", "PricingQuantity", "SkuId", "SkuPriceId"];

/// Checks what is there, and only there, where something else is.
const ALSO: [(Check, &str, &str); 6] = [
    (Check::PricingUnit, "PricingQuantity", "PricingUnit"),
    (Check::ConsumedUnit, "ConsumedQuantity", "ConsumedUnit"),
    (Check::SubAccount, "SubAccountId", "SubAccountName"),
    (Check::SubAccount, "SubAccountId", "SubAccountType"),
    (Check::Region, "RegionId", "RegionName"),
    (Check::Resource, "ResourceId", "ResourceType"),
];

/// Checks what is there only where something else is.
const ONLY: [(Check, &str, &str); 3] = [
    (Check::Resource, "ResourceId", "ResourceName"),
    (Check::SkuDetails, "SkuId", "SkuMeter"),
    (Check::SkuDetails, "SkuPriceId", "SkuPriceDetails"),
];

/// Checks a row.
pub(super) fn check(cells: Cells<'_>, note: &mut Note<'_>) {
    periods(cells, note);
    cost(cells, Check::ListCost, ["ListUnitPrice", "PricingQuantity", "ListCost"], note);
    cost(cells, Check::ContractedCost, ["ContractedUnitPrice", "PricingQuantity", "ContractedCost"], note);
    pricing(cells, note);
    consumption(cells, note);
    for (check, one, other) in ALSO {
        if cells.is_there(one) && cells.is_null(other) {
            // Kinds of accounts and of resources are features of their own, which may be lacking.
            let about = if other.ends_with("Type") { other } else { one };
            note(check, about, format!("there is a {one} and no {other}"));
        }
    }
    for (check, one, other) in ALSO.into_iter().chain(ONLY) {
        if cells.is_null(one) && cells.is_there(other) {
            note(check, other, format!("there is a {other} and no {one}"));
        }
    }
    service(cells, note);
    providers(cells, note);
}

fn periods(cells: Cells<'_>, note: &mut Note<'_>) {
    let time = |name| match cells.get(name) {
        Some(Value::Time(time)) => Some(time),
        _ => None,
    };
    let period = |start, end| time(start).zip(time(end));
    let (billing, charge) = (period("BillingPeriodStart", "BillingPeriodEnd"), period("ChargePeriodStart", "ChargePeriodEnd"));
    let named = [(Check::BillingPeriods, "BillingPeriodEnd", billing), (Check::ChargePeriods, "ChargePeriodEnd", charge)];
    for (check, column, period) in named {
        if let Some((start, end)) = period.filter(|(start, end)| start >= end) {
            note(check, column, format!("from {} to {}", Moment(start), Moment(end)));
        }
    }
    if let Some((billing, charge)) = billing.zip(charge) {
        let both_are_good = billing.0 < billing.1 && charge.0 < charge.1;
        if both_are_good && !cells.is_correction() && (charge.0 < billing.0 || charge.1 > billing.1) {
            note(Check::ChargeInBillingPeriod, "ChargePeriodStart", format!("from {} to {}", Moment(charge.0), Moment(charge.1)));
        }
    }
}

/// Checks that a cost is exactly a price times a quantity.
fn cost(cells: Cells<'_>, check: Check, [price, quantity, cost]: [&'static str; 3], note: &mut Note<'_>) {
    let (Some(by), Some(times), Some(stated)) = (cells.decimal(price), cells.decimal(quantity), cells.decimal(cost)) else {
        return;
    };
    let product = by.checked_mul(times);
    if !cells.is_correction() && product != Ok(stated) {
        let product = product.map_or_else(|error| format!("what {error}"), |product| product.to_string());
        note(check, cost, format!("{cost} is {stated}, and {by} times {times} is {product}"));
    }
}

fn pricing(cells: Cells<'_>, note: &mut Note<'_>) {
    let is = |category| cells.is_category(category);
    let must = (is(ChargeCategory::Usage) || is(ChargeCategory::Purchase)) && !cells.is_correction();
    for name in PRICING {
        if must && cells.is_null(name) {
            note(Check::Priced, name, format!("there is no {name}"));
        }
        if is(ChargeCategory::Tax) && cells.is_there(name) {
            note(Check::TaxUnpriced, name, format!("a tax has a {name}"));
        }
    }
    if is(ChargeCategory::Purchase) && cells.text("ChargeFrequency") == Some(ChargeFrequency::UsageBased.as_str()) {
        note(Check::PurchaseFrequency, "ChargeFrequency", "a purchase is usage-based".into());
    }
}

fn consumption(cells: Cells<'_>, note: &mut Note<'_>) {
    const CONSUMED: &str = "ConsumedQuantity";
    let is_usage = cells.is_category(ChargeCategory::Usage);
    let is_unused = cells.text("CommitmentDiscountStatus") == Some("Unused");
    if is_usage && !is_unused && !cells.is_correction() && cells.is_null(CONSUMED) {
        note(Check::Consumed, CONSUMED, format!("usage has no {CONSUMED}"));
    }
    if (is_unused || cells.text("ChargeCategory").is_some_and(|_| !is_usage)) && cells.is_there(CONSUMED) {
        note(Check::ConsumedByUsage, CONSUMED, format!("what was not used has a {CONSUMED}"));
    }
}

fn service(cells: Cells<'_>, note: &mut Note<'_>) {
    if let (Some(category), Some(subcategory)) = (cells.text("ServiceCategory"), cells.text("ServiceSubcategory"))
        && service::category_of(subcategory).is_some_and(|of| of != category)
        && service::CATEGORY_NAMES.contains(&category)
    {
        note(Check::Subcategory, "ServiceSubcategory", format!("{} is none of {}", shown(subcategory), shown(category)));
    }
}

fn providers(cells: Cells<'_>, note: &mut Note<'_>) {
    let Some(service_provider) = cells.text("ServiceProviderName") else { return };
    for (check, name) in [(Check::HostProvider, "HostProviderName"), (Check::Provider, "ProviderName")] {
        if let Some(other) = cells.text(name).filter(|other| *other != service_provider) {
            note(check, name, format!("{name} is {}, and the service provider {}", shown(other), shown(service_provider)));
        }
    }
    let needs_host = cells.is_category(ChargeCategory::Usage) || cells.is_category(ChargeCategory::Purchase);
    if needs_host && cells.is_null("HostProviderName") {
        note(Check::HostProvider, "HostProviderName", "there is no HostProviderName".into());
    }
}
