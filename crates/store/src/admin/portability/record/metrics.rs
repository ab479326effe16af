//! The lines of metrics.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use umbel_domain::metric::{Aggregation, EventType, PricingBlock};
use umbel_domain::{Metric, MetricId, Name, Timestamp};

use super::{Kind, Nullable, given};
use crate::admin::portability::text::{NameOf, Text, Textual};

type Label = Text<NameOf<{ Name::LENGTH_MAX }>>;

/// Something that is metered; what a line leaves out of how it is priced and reported follows from the rest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct MetricRecord {
    kind: Kind,
    pub(in crate::admin::portability) id: Text<MetricId>,
    name: Label,
    event_type: Text<EventType>,
    aggregation: Text<Aggregation>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    value_property: Option<Nullable<Label>>,
    unit: Label,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_unit: Option<Label>,
    #[serde(default, deserialize_with = "block", skip_serializing_if = "Option::is_none")]
    pricing_block_size: Option<Text<PricingBlock>>,
    service_name: Label,
    service_category: Label,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_subcategory: Option<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_family: Option<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku_id: Option<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku_meter: Option<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    retired_on: Option<Nullable<Text<Timestamp>>>,
}

impl MetricRecord {
    /// The new metric, or which member is wrong with it and why.
    pub(in crate::admin::portability) fn into_row(self, now: Timestamp) -> Result<Metric, String> {
        let label = |label: Option<Label>, otherwise: &Name| label.map_or_else(|| otherwise.clone(), |label| label.0.0);
        let other = Name::parse(&format!("Other ({})", self.service_category.0.0.as_str()), Name::LENGTH_MAX);
        let sku_id = Name::parse(self.id.0.as_str(), Name::LENGTH_MAX).map_err(|invalid| invalid.0)?;
        let metric = Metric {
            id: self.id.0,
            pricing_unit: label(self.pricing_unit, &self.unit.0.0),
            sku_meter: label(self.sku_meter, &self.name.0.0),
            name: self.name.0.0,
            event_type: self.event_type.0,
            aggregation: self.aggregation.0,
            value_property: self.value_property.flatten().map(|label| label.0.0),
            unit: self.unit.0.0,
            pricing_block: self.pricing_block_size.map_or(PricingBlock::ONE, |block| block.0),
            product_family: label(self.product_family, &self.service_name.0.0),
            service_name: self.service_name.0.0,
            service_subcategory: match self.service_subcategory {
                Some(label) => label.0.0,
                None => other.map_err(|invalid| format!("service_category: {invalid}"))?,
            },
            service_category: self.service_category.0.0,
            sku_id: label(self.sku_id, &sku_id),
            create_time: self.create_time.map_or(now, |time| time.0),
            retired_on: self.retired_on.flatten().map(|time| time.0),
        };
        metric.check().map_err(|(member, invalid)| format!("{member}: {invalid}"))?;
        Ok(metric)
    }
}

impl From<Metric> for MetricRecord {
    fn from(metric: Metric) -> Self {
        let label = |name| Text(NameOf(name));
        Self {
            kind: Kind::Metric,
            id: Text(metric.id),
            name: label(metric.name),
            event_type: Text(metric.event_type),
            aggregation: Text(metric.aggregation),
            value_property: Some(metric.value_property.map(label)),
            unit: label(metric.unit),
            pricing_unit: Some(label(metric.pricing_unit)),
            pricing_block_size: Some(Text(metric.pricing_block)),
            service_name: label(metric.service_name),
            service_category: label(metric.service_category),
            service_subcategory: Some(label(metric.service_subcategory)),
            product_family: Some(label(metric.product_family)),
            sku_id: Some(label(metric.sku_id)),
            sku_meter: Some(label(metric.sku_meter)),
            create_time: Some(Text(metric.create_time)),
            retired_on: Some(metric.retired_on.map(Text)),
        }
    }
}

/// Reads a block as a string, or as an integer, which people write for it.
fn block<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<PricingBlock>>, D::Error> {
    deserializer.deserialize_any(Block).map(|block| Some(Text(block)))
}

struct Block;

impl Visitor<'_> for Block {
    type Value = PricingBlock;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a power of ten")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<PricingBlock, E> {
        PricingBlock::read(text).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<PricingBlock, E> {
        self.visit_str(&number.to_string())
    }
}
