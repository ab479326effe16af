//! The catalogue of what is metered.

use umbel_domain::metric::{Aggregation, EventType, PricingBlock};
use umbel_domain::{Metric, MetricId, Name, Timestamp};

use crate::engine::{Change, Row};
use crate::sql::{Sql, args, sql};
use crate::{Error, Query, Result, Write};

/// The most metrics that a server has.
pub const METRICS_MAX: usize = 1_000;

macro_rules! columns {
    () => {
        "id, name, event_type, aggregation, value_property, unit, pricing_unit, pricing_block_size, service_name, \
         service_category, service_subcategory, product_family, sku_id, sku_meter, create_time, retired_on"
    };
}

const INSERT: Sql = sql!(concat!(
    "INSERT INTO metrics (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
));
const RETIRE: Sql = sql!("UPDATE metrics SET retired_on = $2 WHERE id = $1 AND retired_on IS NULL");
const GET: Sql = sql!(concat!("SELECT ", columns!(), " FROM metrics WHERE id = $1"));
const ALL: Sql = sql!(concat!("SELECT ", columns!(), " FROM metrics ORDER BY id LIMIT $1"));

/// Adds a metric.
pub async fn insert(write: &mut Write, metric: &Metric) -> Result<()> {
    let args = args![
        metric.id.as_str(),
        metric.name.as_str(),
        metric.event_type.as_str(),
        metric.aggregation.name(),
        metric.value_property.as_ref().map(Name::as_str),
        metric.unit.as_str(),
        metric.pricing_unit.as_str(),
        metric.pricing_block.to_string(),
        metric.service_name.as_str(),
        metric.service_category.as_str(),
        metric.service_subcategory.as_str(),
        metric.product_family.as_str(),
        metric.sku_id.as_str(),
        metric.sku_meter.as_str(),
        metric.create_time,
        metric.retired_on,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Has a metric take no more events from `at` on; [`Error::Conflict`] when it does not take any.
pub async fn retire(write: &mut Write, id: &MetricId, at: Timestamp) -> Result<()> {
    write.one_row(RETIRE, args![id.as_str(), at]).await
}

/// The metric with this id.
pub async fn get(query: &mut impl Query, id: &MetricId) -> Result<Option<Metric>> {
    query.row(GET, args![id.as_str()], from_row).await
}

/// Every metric, in the order of their ids; at most [`METRICS_MAX`].
pub async fn all(query: &mut impl Query) -> Result<Vec<Metric>> {
    query.rows(ALL, args![METRICS_MAX], from_row).await
}

fn from_row(row: &Row<'_>) -> Result<Metric> {
    let name = |at| -> Result<Name> { Ok(Name::parse(row.text_ref(at)?, Name::LENGTH_MAX)?) };
    let aggregation = row.text(3)?;
    Ok(Metric {
        id: MetricId::parse(row.text_ref(0)?)?,
        name: name(1)?,
        event_type: EventType::parse(row.text_ref(2)?)?,
        aggregation: Aggregation::from_name(&aggregation)
            .ok_or_else(|| Error::Inconsistent(format!("{aggregation:?} is not an aggregation")))?,
        value_property: row.text_or_null(4)?.map(|text| Name::parse(&text, Name::LENGTH_MAX)).transpose()?,
        unit: name(5)?,
        pricing_unit: name(6)?,
        pricing_block: PricingBlock::parse(row.text_ref(7)?)?,
        service_name: name(8)?,
        service_category: name(9)?,
        service_subcategory: name(10)?,
        product_family: name(11)?,
        sku_id: name(12)?,
        sku_meter: name(13)?,
        create_time: Timestamp::from_micros(row.int(14)?),
        retired_on: row.int_or_null(15)?.map(Timestamp::from_micros),
    })
}
