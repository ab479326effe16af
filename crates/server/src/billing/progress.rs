//! How far accounts are in their billing periods: the price of what comes next may depend on that.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use umbel_api::Code;
use umbel_decimal::{Decimal, Error as Inexact};
use umbel_domain::price::TierMode;
use umbel_domain::rating::Measured;
use umbel_domain::{AccountId, Day, MetricId, Month, Price};
use umbel_store::Read;
use umbel_store::usage::{self, corrections};

use super::records::Usage;
use super::{CORRECTIONS_MAX, LateOrder, corrected, late_order};
use crate::error::{Error, Result};

/// The numbers of a stretch and a metric.
type Metered = (usize, usize);

/// How much was used before what comes next.
#[derive(Debug, Default)]
pub(super) struct Progress {
    on_time: HashMap<Metered, OnTime>,
    /// By the month in which corrections are invoiced: how much was invoiced before the next one.
    corrected: HashMap<(Metered, Month), Decimal>,
}

/// How far an account is in a billing period.
#[derive(Debug)]
struct OnTime {
    before: Decimal,
    /// That of the whole month, once a price asks for it.
    total: Option<Decimal>,
}

impl Progress {
    /// Says that what comes next is of this day.
    pub(super) fn begin_day(&mut self, day: Day) {
        if day == day.month_start() {
            self.on_time.clear();
            self.corrected.clear();
        }
    }

    /// Looks up how much an account used before what it used on a day, unless that is known: for a price that depends on it.
    pub(super) async fn look_back(
        &mut self,
        read: &mut Read,
        (of, day, usage): (Metered, Day, &Usage),
        (account, metric): (&AccountId, &MetricId),
        price: &Price,
    ) -> Result<()> {
        if let Some(booked) = usage.booked {
            if let Entry::Vacant(new) = self.corrected.entry((of, booked)) {
                let spot = usage.spot();
                new.insert(invoiced_before(read, account, metric, (booked, day, spot)).await?);
            }
            return Ok(());
        }
        let (start, end) = (day.month_start(), day.next_month_start());
        let on_time = match self.on_time.entry(of) {
            Entry::Occupied(begun) => begun.into_mut(),
            Entry::Vacant(new) => {
                new.insert(OnTime { before: usage::total(read, account, metric, start, day).await?, total: None })
            }
        };
        // A price of the other kind may have come before it in the month.
        if price.tier_mode == TierMode::Volume && on_time.total.is_none() {
            on_time.total = Some(usage::total(read, account, metric, start, end).await?);
        }
        Ok(())
    }

    /// What is rated by, and goes on by, what an account used.
    pub(super) fn measure(&mut self, of: Metered, usage: &Usage) -> std::result::Result<Measured, Inexact> {
        if let Some(booked) = usage.booked {
            let before = self.corrected.get_mut(&(of, booked));
            let measured = corrected(usage.quantity, before.as_deref().copied().unwrap_or_default())?;
            if let Some(before) = before {
                *before = measured.total;
            }
            return Ok(measured);
        }
        let mut measured = Measured { quantity: usage.quantity, before: Decimal::ZERO, total: Decimal::ZERO };
        if let Some(on_time) = self.on_time.get_mut(&of) {
            (measured.before, measured.total) = (on_time.before, on_time.total.unwrap_or_default());
            on_time.before = on_time.before.checked_add(usage.quantity)?;
        }
        Ok(measured)
    }
}

/// How much of its metric an account was invoiced for, or will be, in the month of a correction before that.
async fn invoiced_before(read: &mut Read, account: &AccountId, metric: &MetricId, late: LateOrder<'_>) -> Result<Decimal> {
    let (_, day, _) = late;
    let month = Month::of(day);
    let mut before = usage::total(read, account, metric, month.first(), month.end()).await?;
    let all = corrections::of_accounts(read, &[account], (month.first(), month.end()), CORRECTIONS_MAX).await?;
    if all.len() > CORRECTIONS_MAX {
        let message = format!("there are more than {CORRECTIONS_MAX} corrections of {month} for {account}");
        return Err(Error::new(Code::TooExpensive, message));
    }
    for earlier in all.iter().filter(|earlier| earlier.key.metric_id == *metric) {
        if late_order(earlier) < late {
            let sum = before.checked_add(earlier.rollup.quantity);
            before = sum.map_err(|error| Error::new(Code::Internal, format!("the total of {metric} {error}")))?;
        }
    }
    Ok(before)
}
