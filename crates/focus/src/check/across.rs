//! The rules across rows.

use std::collections::{BTreeMap, HashMap};

use umbel_decimal::Decimal;

use super::DISTINCT_MAX;
use super::named::Check;
use super::report::{Failures, shown};
use super::within::{Cells, Note};

/// What is remembered of the rows so far.
#[derive(Default)]
pub(super) struct Across {
    /// The category of each service.
    categories: Known,
    /// The SKU of each price.
    skus: Known,
    /// What each invoice adds up to.
    invoices: Sums,
    /// What each currency adds up to.
    currencies: Sums,
}

/// What belongs to what, as it was first seen.
#[derive(Default)]
struct Known {
    of: HashMap<String, String>,
    full: bool,
}

/// Sums, none where they are too large.
#[derive(Default)]
struct Sums {
    of: HashMap<String, Option<Decimal>>,
    full: bool,
}

impl Across {
    /// Looks at one more row.
    pub(super) fn add(&mut self, cells: Cells<'_>, note: &mut Note<'_>) {
        let mut one = |known: &mut Known, check, owner: &'static str, owned: &'static str| {
            let (Some(key), Some(value)) = (cells.text(owner), cells.text(owned)) else { return };
            if let Some(first) = known.other_than(key, value) {
                note(check, owned, format!("the {owned} of {} is {}, and was {}", shown(key), shown(value), shown(first)));
            }
        };
        one(&mut self.categories, Check::ServiceCategory, "ServiceName", "ServiceCategory");
        one(&mut self.skus, Check::SkuOfPrice, "SkuPriceId", "SkuId");
        if let Some(cost) = cells.decimal("BilledCost") {
            for (sums, name) in [(&mut self.currencies, "BillingCurrency"), (&mut self.invoices, "InvoiceId")] {
                if let Some(key) = cells.text(name) {
                    sums.add(key, cost);
                }
            }
        }
    }

    /// Compares the sums with the totals that are expected; returns the sums by currency, and what could not be compared.
    pub(super) fn finish(
        self,
        expected: &BTreeMap<String, Decimal>,
        failures: &mut Failures,
    ) -> (BTreeMap<String, Option<Decimal>>, Vec<String>) {
        for (invoice, total) in expected {
            let sum = self.invoices.of.get(invoice).copied().unwrap_or(Some(Decimal::ZERO));
            if sum != Some(*total) {
                let sum = sum.map_or_else(|| "too much to add up".to_owned(), |sum| sum.to_string());
                failures.add(Check::InvoiceTotal, None, None, || {
                    format!("the rows of {} come to {sum}, not {total}", shown(invoice))
                });
            }
        }
        let full = [
            (self.categories.full, "services"),
            (self.skus.full, "prices"),
            (self.invoices.full, "invoices"),
            (self.currencies.full, "currencies"),
        ];
        let limits = full.into_iter().filter(|(full, _)| *full);
        let limits = limits.map(|(_, what)| format!("there are more than {DISTINCT_MAX} {what}")).collect();
        (self.currencies.of.into_iter().collect(), limits)
    }
}

impl Known {
    /// What the key had first, when that is something else.
    fn other_than(&mut self, key: &str, value: &str) -> Option<&str> {
        if !self.of.contains_key(key) {
            self.full |= self.of.len() >= DISTINCT_MAX;
            if !self.full {
                self.of.insert(key.to_owned(), value.to_owned());
            }
            return None;
        }
        self.of.get(key).map(String::as_str).filter(|first| *first != value)
    }
}

impl Sums {
    fn add(&mut self, key: &str, cost: Decimal) {
        let is_full = self.of.len() >= DISTINCT_MAX;
        match self.of.get_mut(key) {
            Some(sum) => *sum = sum.and_then(|sum| sum.checked_add(cost).ok()),
            None if is_full => self.full = true,
            None => _ = self.of.insert(key.to_owned(), Some(cost)),
        }
    }
}
