//! How many digits the quantities and the unit prices of metrics have had: whoever adds one sees what the others need.

use std::collections::HashMap;

use umbel_domain::{Digits, MetricId};

use crate::engine::{Change, Row};
use crate::sql::{Sql, args, sql};
use crate::{Error, Query, Result, Write};

const ALL: Sql = sql!("SELECT metric_id, quantity, price FROM metric_digits WHERE metric_id > '' ORDER BY metric_id");
const SET: Sql = sql!(
    "INSERT INTO metric_digits (metric_id, quantity, price) VALUES ($1, $2, $3) \
     ON CONFLICT (metric_id) DO UPDATE SET quantity = excluded.quantity, price = excluded.price"
);

/// Those of all metrics that have any.
pub async fn all(query: &mut impl Query) -> Result<HashMap<MetricId, Digits>> {
    let read = |row: &Row<'_>| {
        let digits = Digits { quantity: number(row.int(1)?)?, price: number(row.int(2)?)? };
        Ok((MetricId::parse(row.text_ref(0)?)?, digits))
    };
    Ok(query.rows(ALL, &[], read).await?.into_iter().collect())
}

/// Keeps those of a metric.
pub async fn set(write: &mut Write, metric: &MetricId, digits: Digits) -> Result<()> {
    write.execute(SET, args![metric.as_str(), i64::from(digits.quantity), i64::from(digits.price)]).await.map(drop)
}

fn number(stored: i64) -> Result<u32> {
    u32::try_from(stored).map_err(|_| Error::Inconsistent(format!("a number has {stored} digits")))
}
