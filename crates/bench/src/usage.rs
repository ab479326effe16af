//! What accounts used: metrics with prices, days that are known, and keys of events that were counted.
//!
//! Computed like the tree: all accounts stand at its root, and each uses every metric every day.

use std::ops::Range;

use crate::engine::Engine;
use crate::fill::{bytes, insert};
use crate::random::{Random, mix};
use crate::tree::{self, Tree};

/// The first day that something is known of, 2024-03-01, counted from 1970.
pub(crate) const FIRST_DAY: u32 = 19_783;
/// Days of that month.
pub(crate) const DAYS: u64 = 31;
/// What holds from this day on held always.
const FIRST_EVER: i64 = -719_528;
/// The last day that there is: keys of it are never forgotten.
const LAST_EVER: u64 = 2_932_896;
const SERVICES: u64 = 10;
/// What the event types of all metrics begin with; each has its own.
const EVENT_TYPE: &str = "com.example.bench";

/// How much was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) accounts: u64,
    pub(crate) metrics: u64,
    /// Days on which every account used every metric.
    pub(crate) days: u64,
    /// Events whose keys are kept.
    pub(crate) keys: u64,
}

impl Usage {
    pub(crate) fn tree() -> Tree {
        Tree { size: 1 }
    }

    /// The organization that has all accounts.
    pub(crate) fn organization() -> String {
        tree::id(0)
    }

    /// An event that nothing was counted of, as JSON.
    pub(crate) fn event(self, random: &mut Random) -> String {
        let (account, metric, id, count) =
            (account(random.below(self.accounts)), random.below(self.metrics), random.next(), random.below(1_000));
        format!(
            r#"{{"specversion":"1.0","id":"{id:016x}","source":"/bench/{:016x}","type":"{EVENT_TYPE}.{metric}","subject":"{account}","data":{{"count":{count}}}}}"#,
            random.next()
        )
    }

    /// The statements that add everything, each with many rows.
    pub(crate) fn statements(self, engine: Engine, rows: u64) -> impl Iterator<Item = String> {
        let chunks = move |count: u64| {
            (0..count).step_by(usize::try_from(rows).unwrap_or(1)).map(move |start| start..count.min(start + rows))
        };
        let cells = if self.days == 0 { 0 } else { self.accounts * self.metrics };
        chunks(self.accounts)
            .flat_map(|range| [accounts(range.clone()), placements(range)])
            .chain([metrics(self.metrics), prices(self.metrics)])
            .chain(chunks(cells * self.days).map(move |range| self.days(engine, range)))
            .chain(chunks(cells).map(move |range| self.months(engine, range)))
            .chain(chunks(self.keys).map(move |range| self.keys(engine, range)))
    }

    /// Rows of days in the order of their table.
    fn days(self, engine: Engine, range: Range<u64>) -> String {
        let rows = range.map(|at| {
            let (account_at, day, metric_at) = (at / self.metrics / self.days, at / self.metrics % self.days, at % self.metrics);
            let quantity = bytes(engine, &quantity(account_at * self.metrics + metric_at, day));
            format!(
                "('{}',{},'{}','','',{quantity},NULL,NULL,NULL)",
                account(account_at),
                u64::from(FIRST_DAY) + day,
                metric(metric_at)
            )
        });
        insert("usage_days (account_id, day, metric_id, zone_id, region_id, quantity, latest, zone_name, region_name)", rows)
    }

    fn months(self, engine: Engine, range: Range<u64>) -> String {
        let rows = range.map(|cell| {
            let quantities = (0..self.days).fold(String::new(), |hex, day| hex + &format!("{day:02x}") + &quantity(cell, day));
            let (account, metric) = (account(cell / self.metrics), metric(cell % self.metrics));
            format!("('{account}',{FIRST_DAY},'{metric}','','',{})", bytes(engine, &quantities))
        });
        insert("usage_months (account_id, month, metric_id, zone_id, region_id, quantities)", rows)
    }

    /// Keys in their order, evenly spread over all that there can be.
    fn keys(self, engine: Engine, range: Range<u64>) -> String {
        let rows = range.map(|at| {
            let key = bytes(engine, &format!("{:016x}{:016x}", u64::MAX / self.keys * at, mix(at)));
            format!("({key},{},{LAST_EVER})", bytes(engine, &format!("{:016x}", mix(at + 1))))
        });
        insert("usage_keys (key_hash, content_hash, day)", rows)
    }
}

pub(crate) fn account(at: u64) -> String {
    format!("018cc2520000700080000000{at:08x}")
}

pub(crate) fn metric(at: u64) -> String {
    format!("metric_{at:03}")
}

/// A quantity between 0.001 and 1,000, in the hex digits of what is kept: units of 10⁻¹⁸ behind a sign.
fn quantity(cell: u64, day: u64) -> String {
    const THOUSANDTH: u128 = 1_000_000_000_000_000;
    let quantity = u128::from(mix(cell * DAYS + day) % 1_000_000 + 1) * THOUSANDTH;
    format!("{:032x}", quantity | 1 << 127)
}

fn accounts(range: Range<u64>) -> String {
    let (root, above) = (tree::id(0), tree::lineage(0));
    let rows = range.map(|at| {
        let (id, micros) = (account(at), tree::time_micros(at));
        format!("('{id}','{root}','{above}@{id}/','Account {at}','account {at}','standard',{micros},'{{}}',NULL,1)")
    });
    insert("accounts (id, organization_id, lineage, name, name_folded, type, create_time, settings, profile, version)", rows)
}

fn placements(range: Range<u64>) -> String {
    let above = tree::lineage(0);
    let rows = range.map(|at| {
        let id = account(at);
        format!("('@{id}',{FIRST_EVER},'{above}@{id}/','Account {at}')")
    });
    insert("placements (place, from_day, lineage, name)", rows)
}

fn metrics(count: u64) -> String {
    let rows = (0..count).map(|at| {
        let (id, service) = (metric(at), at % SERVICES);
        format!(
            "('{id}','Metric {at}','{EVENT_TYPE}.{at}','sum','count','Requests','Requests','1000','Service {service}','Compute',\
             'Serverless Compute','Bench','{id}','Requests',{},NULL)",
            tree::time_micros(0)
        )
    });
    insert("metrics", rows)
}

fn prices(count: u64) -> String {
    let rows = (0..count).map(|at| {
        let micros = tree::time_micros(0);
        format!(
            "('price_{at:03}','{}','USD','','0.{:04}',NULL,{FIRST_EVER},NULL,'0','graduated','',{micros})",
            metric(at),
            at + 1
        )
    });
    insert("prices", rows)
}
