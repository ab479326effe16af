//! What accounts used and what it is rated by, kept small: what many records share is known by numbers.

use std::sync::Arc;

use umbel_decimal::Decimal;
use umbel_domain::rating::{Charge, Measured, Part, parts, rate};
use umbel_domain::usage::Spot;
use umbel_domain::{AccountId, Currency, Day, InvoiceId, Lineage, Metric, Month, Price};
use umbel_store::usage::OfDay;

use super::{Plan, unrated};
use crate::error::Result;

/// Where something was used when no event named a zone or a region.
static NOWHERE: At = At { spot: Spot { zone_id: String::new(), region_id: String::new() }, zone_name: None, region_name: None };

/// Where something was used, and what that was called last.
#[derive(Debug)]
pub(crate) struct At {
    pub(crate) spot: Spot,
    pub(crate) zone_name: Option<String>,
    pub(crate) region_name: Option<String>,
}

/// What a row says of what an account used on a day.
#[derive(Debug)]
pub(super) struct Usage {
    /// The number of the metric.
    pub(super) metric: usize,
    pub(super) quantity: Decimal,
    /// Of a correction: the month in which it is invoiced.
    pub(super) booked: Option<Month>,
    at: Option<Box<At>>,
}

/// The same with what it is rated by.
#[derive(Debug)]
pub(super) struct Record {
    numbers: Numbers,
    day: Day,
    booked: Option<Month>,
    at: Option<Box<At>>,
    measured: Measured,
}

/// Records, and the plan that knows what their numbers stand for.
#[derive(Default)]
pub(crate) struct Records(Option<(Arc<Plan>, Vec<Record>)>);

/// What an account used on a day, and what it is rated by, in full.
#[derive(Clone, Copy)]
pub(crate) struct Billed<'a> {
    /// Different ones for different accounts, metrics and prices of one walk.
    pub(crate) numbers: Numbers,
    pub(crate) account_id: &'a AccountId,
    pub(crate) account_name: &'a str,
    /// Where the account stood.
    pub(crate) lineage: &'a Lineage,
    pub(crate) day: Day,
    /// Of a correction: the month in which it is invoiced.
    pub(crate) booked: Option<Month>,
    pub(crate) at: &'a At,
    pub(crate) metric: &'a Metric,
    pub(crate) price: Option<&'a Price>,
    measured: Measured,
    plan: &'a Plan,
}

/// By what neighbours among records are told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    /// Of an account at one place.
    pub(crate) stretch: usize,
    pub(crate) metric: usize,
    pub(crate) price: Option<usize>,
}

impl Usage {
    /// What a row of a day says, whose metric has this number.
    pub(super) fn new(row: OfDay<'_>, metric: usize) -> Self {
        let ids_are_empty = row.zone_id.is_empty() && row.region_id.is_empty();
        let is_somewhere = !ids_are_empty || row.zone_name.is_some() || row.region_name.is_some();
        let at = is_somewhere.then(|| {
            let (zone_name, region_name) = (row.zone_name.map(str::to_owned), row.region_name.map(str::to_owned));
            Box::new(At { spot: row.spot(), zone_name, region_name })
        });
        Self { metric, quantity: row.quantity, booked: row.booked, at }
    }

    /// Where it was used.
    pub(super) fn spot(&self) -> &Spot {
        &self.at.as_deref().unwrap_or(&NOWHERE).spot
    }

    /// What it is rated by: the account of the stretch with a number used it on a day, and it has the price with a number, if any.
    pub(super) fn rated(self, (stretch, day): (usize, Day), price: Option<usize>, measured: Measured) -> Record {
        let Self { metric, booked, at, .. } = self;
        Record { numbers: Numbers { stretch, metric, price }, day, booked, at, measured }
    }
}

impl Records {
    pub(super) fn new(plan: Arc<Plan>, records: Vec<Record>) -> Self {
        Self(Some((plan, records)))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |(_, records)| records.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Billed<'_>> {
        self.0.iter().flat_map(|(plan, records)| records.iter().map(|record| plan.billed(record)))
    }
}

impl Plan {
    fn billed<'a>(&'a self, record: &'a Record) -> Billed<'a> {
        let Record { numbers, day, booked, at, measured } = record;
        let stretch = &self.stretches[numbers.stretch];
        Billed {
            numbers: *numbers,
            account_id: &stretch.account,
            account_name: &stretch.name,
            lineage: &stretch.lineage,
            day: *day,
            booked: *booked,
            at: at.as_deref().unwrap_or(&NOWHERE),
            metric: &self.book.metrics()[numbers.metric],
            price: numbers.price.map(|price| &**self.book.price(price)),
            measured: *measured,
            plan: self,
        }
    }
}

impl Billed<'_> {
    /// How much was used.
    pub(crate) fn quantity(&self) -> Decimal {
        self.measured.quantity
    }

    /// The month in which it is invoiced.
    pub(crate) fn invoiced_in(&self) -> Month {
        self.booked.unwrap_or_else(|| Month::of(self.day))
    }

    /// The invoice that it is on, when there is one.
    pub(crate) fn invoice_id(&self) -> Option<InvoiceId> {
        self.plan.invoice_id(&self.plan.stretches[self.numbers.stretch], self.invoiced_in(), self.price?.currency)
    }

    /// What it costs, if it has a price.
    pub(crate) fn charge(&self) -> Result<Option<(Charge, Currency)>> {
        let rated = self.price.map(|price| Ok((rate(self.metric, price, self.measured)?, price.currency)));
        rated.transpose().map_err(|error| unrated(self.metric, self.account_id, self.day, error))
    }

    /// The same in parts that have one price each; none without a price.
    pub(crate) fn parts(&self) -> Result<Vec<Part>> {
        let parts = self.price.map(|price| parts(self.metric, price, self.measured));
        let parts = parts.transpose().map_err(|error| unrated(self.metric, self.account_id, self.day, error))?;
        Ok(parts.unwrap_or_default())
    }
}
