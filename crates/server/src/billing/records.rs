//! What accounts used and what it is rated by, kept small: what many records share is known by numbers.

use std::sync::Arc;

use umbel_decimal::{Decimal, Error as Inexact};
use umbel_domain::price_book::find_after;
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

/// What an account used on a day.
#[derive(Debug)]
pub(super) struct Used {
    /// The number of the metric.
    pub(super) metric: usize,
    pub(super) quantity: Decimal,
    /// Of a correction: the month in which it is invoiced.
    pub(super) booked: Option<Month>,
    at: Option<Box<At>>,
}

/// What an account used on a day, and what it is rated by.
#[derive(Debug)]
pub(super) struct Record {
    /// The number of the stretch of the account.
    pub(super) stretch: usize,
    pub(super) day: Day,
    pub(super) used: Used,
    /// The number of the price.
    pub(super) price: Option<usize>,
    pub(super) measured: Measured,
    pub(super) invoice_id: Option<InvoiceId>,
}

/// Records, and the plan that knows what their numbers stand for.
#[derive(Default)]
pub(crate) struct Records(Option<(Arc<Plan>, Vec<Record>)>);

/// What an account used on a day, and what it is rated by.
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
    /// The invoice that it is on, when there is one.
    pub(crate) invoice_id: Option<&'a InvoiceId>,
    measured: Measured,
}

/// By what neighbours among records are told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    /// Of an account at one place.
    pub(crate) stretch: usize,
    pub(crate) metric: usize,
    pub(crate) price: Option<usize>,
}

impl Used {
    /// What a row of a day says; the metric is found the faster the nearer it stands to `last`.
    pub(super) fn of(row: OfDay<'_>, metrics: &[Arc<Metric>], last: usize) -> umbel_store::Result<Self> {
        let missing = || umbel_store::Error::Inconsistent(format!("there is no metric {}", row.metric_id));
        let metric = find_after(metrics, last, row.metric_id).ok_or_else(missing)?;
        let ids_are_empty = row.zone_id.is_empty() && row.region_id.is_empty();
        let is_somewhere = !ids_are_empty || row.zone_name.is_some() || row.region_name.is_some();
        let at = is_somewhere.then(|| {
            let spot = Spot { zone_id: row.zone_id.to_owned(), region_id: row.region_id.to_owned() };
            let (zone_name, region_name) = (row.zone_name.map(str::to_owned), row.region_name.map(str::to_owned));
            Box::new(At { spot, zone_name, region_name })
        });
        Ok(Self { metric, quantity: row.quantity, booked: row.booked, at })
    }

    /// Where it was used.
    pub(super) fn at(&self) -> &At {
        self.at.as_deref().unwrap_or(&NOWHERE)
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
    /// What the account of a stretch used on a day, with the number of its price; that it cannot be measured is told as usual.
    pub(super) fn record(
        &self,
        (number, day): (usize, Day),
        used: Used,
        price: Option<usize>,
        measured: std::result::Result<Measured, Inexact>,
    ) -> Result<Record> {
        let stretch = &self.stretches[number];
        let unrated = |error| unrated(&self.book.metrics()[used.metric], &stretch.account, day, error);
        let measured = measured.map_err(unrated)?;
        let invoice_id = price.and_then(|price| {
            let month = used.booked.unwrap_or_else(|| Month::of(day));
            self.invoice_id(stretch, month, self.book.price(price).currency)
        });
        Ok(Record { stretch: number, day, used, price, measured, invoice_id })
    }

    fn billed<'a>(&'a self, record: &'a Record) -> Billed<'a> {
        let Record { stretch: number, day, used, price, measured, invoice_id } = record;
        let stretch = &self.stretches[*number];
        Billed {
            numbers: Numbers { stretch: *number, metric: used.metric, price: *price },
            account_id: &stretch.account,
            account_name: &stretch.name,
            lineage: &stretch.lineage,
            day: *day,
            booked: used.booked,
            at: used.at(),
            metric: &self.book.metrics()[used.metric],
            price: price.map(|price| &**self.book.price(price)),
            invoice_id: invoice_id.as_ref(),
            measured: *measured,
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
