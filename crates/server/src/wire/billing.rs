//! Metrics and prices between the words on the wire and the types of the rules.

use umbel_api as api;
use umbel_decimal::Decimal;
use umbel_domain::metric::{Aggregation, EventType, PricingBlock};
use umbel_domain::price::{Negotiated, Tier, TierMode};
use umbel_domain::{Currency, Day, Invalid, Metric, MetricId, Name, OrganizationId, Price, PriceId, Timestamp};

use super::Reader;
use crate::error::{Error, Result};

/// Shows a metric.
pub(crate) fn metric(metric: &Metric) -> api::Metric {
    let text = |name: &Name| name.as_str().to_owned();
    api::Metric {
        id: metric.id.to_string(),
        name: text(&metric.name),
        event_type: metric.event_type.as_str().to_owned(),
        aggregation: match metric.aggregation {
            Aggregation::Sum => api::Aggregation::Sum,
            Aggregation::Count => api::Aggregation::Count,
            Aggregation::Max => api::Aggregation::Max,
            Aggregation::Min => api::Aggregation::Min,
            Aggregation::Latest => api::Aggregation::Latest,
            Aggregation::UniqueCount => api::Aggregation::UniqueCount,
        },
        value_property: metric.value_property.as_ref().map(text),
        unit: text(&metric.unit),
        pricing_unit: text(&metric.pricing_unit),
        pricing_block_size: metric.pricing_block.to_string(),
        service_name: text(&metric.service_name),
        service_category: text(&metric.service_category),
        service_subcategory: text(&metric.service_subcategory),
        product_family: text(&metric.product_family),
        sku_id: text(&metric.sku_id),
        sku_meter: text(&metric.sku_meter),
        create_time: metric.create_time.to_datetime(),
        retired_on: metric.retired_on.map(Timestamp::to_datetime),
    }
}

/// Reads a new metric.
pub(crate) fn new_metric(body: api::CreateMetric, now: Timestamp) -> Result<Metric> {
    let mut reader = Reader::default();
    let label = |text: &str| Name::parse(text, Name::LENGTH_MAX);
    let id = reader.member("/id", MetricId::parse(&body.id));
    let name = reader.member("/name", label(&body.name));
    let event_type = reader.member("/event_type", EventType::parse(&body.event_type));
    let value_property = body.value_property.and_then(|text| reader.member("/value_property", label(&text)));
    let unit = reader.member("/unit", label(&body.unit));
    let service_name = reader.member("/service_name", label(&body.service_name));
    let service_category = reader.member("/service_category", label(&body.service_category));
    let block = body.pricing_block_size.map_or(Ok(PricingBlock::ONE), |text| PricingBlock::parse(&text));
    let block = reader.member("/pricing_block_size", block);
    // What is left out follows from the rest; where that is wrong, it alone is named.
    let mut or = |pointer: &str, given: Option<String>, otherwise: Option<Name>| match given {
        Some(text) => reader.member(pointer, label(&text)),
        None => otherwise,
    };
    let other = service_category.as_ref().and_then(|category| label(&format!("Other ({})", category.as_str())).ok());
    let pricing_unit = or("/pricing_unit", body.pricing_unit, unit.clone());
    let subcategory = or("/service_subcategory", body.service_subcategory, other.or_else(|| service_category.clone()));
    let family = or("/product_family", body.product_family, service_name.clone());
    let sku_id = or("/sku_id", body.sku_id, id.as_ref().and_then(|id| label(id.as_str()).ok()));
    let sku_meter = or("/sku_meter", body.sku_meter, name.clone());
    let named = id.zip(name).zip(event_type.zip(unit)).zip(service_name.zip(service_category));
    let priced = block.zip(pricing_unit).zip(subcategory.zip(family)).zip(sku_id.zip(sku_meter));
    let ((((id, name), (event_type, unit)), (service_name, service_category)), priced) = reader.finish(named.zip(priced))?;
    let (((pricing_block, pricing_unit), (service_subcategory, product_family)), (sku_id, sku_meter)) = priced;
    let metric = Metric {
        id,
        name,
        event_type,
        aggregation: aggregation(body.aggregation),
        value_property,
        unit,
        pricing_unit,
        pricing_block,
        service_name,
        service_category,
        service_subcategory,
        product_family,
        sku_id,
        sku_meter,
        create_time: now,
        retired_on: None,
    };
    let mut reader = Reader::default();
    let checked = metric.check().map_err(|(member, invalid)| reader.member::<()>(&format!("/{member}"), Err(invalid))).is_ok();
    reader.finish(checked.then_some(metric))
}

fn aggregation(aggregation: api::Aggregation) -> Aggregation {
    match aggregation {
        api::Aggregation::Sum => Aggregation::Sum,
        api::Aggregation::Count => Aggregation::Count,
        api::Aggregation::Max => Aggregation::Max,
        api::Aggregation::Min => Aggregation::Min,
        api::Aggregation::Latest => Aggregation::Latest,
        api::Aggregation::UniqueCount => Aggregation::UniqueCount,
    }
}

/// Shows a price.
pub(crate) fn price(price: &Price) -> api::Price {
    let negotiated = price.negotiated.as_ref();
    let tier = |tier: &Tier| api::Tier {
        up_to: tier.up_to.map(|up_to| up_to.to_string()),
        list_unit_price: tier.list_unit_price.to_string(),
    };
    api::Price {
        id: price.id.to_string(),
        metric_id: price.metric_id.to_string(),
        currency: price.currency.code().to_owned(),
        organization_id: negotiated.map(|negotiated| negotiated.organization_id.to_string()),
        list_unit_price: price.list_unit_price.to_string(),
        contracted_unit_price: negotiated.map(|negotiated| negotiated.contracted_unit_price.to_string()),
        effective_from: price.effective_from.to_string(),
        effective_to: price.effective_to.map(|day| day.to_string()),
        free_quantity: price.free_quantity.to_string(),
        tier_mode: match price.tier_mode {
            TierMode::Graduated => api::TierMode::Graduated,
            TierMode::Volume => api::TierMode::Volume,
        },
        tiers: price.tiers.iter().map(tier).collect(),
        create_time: price.create_time.to_datetime(),
    }
}

/// Reads a new price, whose id is `fresh` unless the body has one.
pub(crate) fn new_price(body: api::CreatePrice, fresh: PriceId, now: Timestamp) -> Result<Price> {
    let mut reader = Reader::default();
    let id = reader.member("/id", body.id.map_or(Ok(fresh), |id| PriceId::parse(&id)));
    let metric_id = reader.member("/metric_id", MetricId::parse(&body.metric_id));
    let currency = reader.member("/currency", Currency::parse(&body.currency));
    let organization_id = body.organization_id.and_then(|id| reader.member("/organization_id", OrganizationId::parse(&id)));
    let contracted = body.contracted_unit_price.and_then(|price| reader.member("/contracted_unit_price", decimal(&price)));
    let list_unit_price = reader.member("/list_unit_price", decimal(&body.list_unit_price));
    let effective_from = reader.member("/effective_from", Day::parse(&body.effective_from));
    let effective_to = body.effective_to.and_then(|day| reader.member("/effective_to", Day::parse(&day)));
    let free_quantity =
        reader.member("/free_quantity", body.free_quantity.map_or(Ok(Decimal::ZERO), |quantity| decimal(&quantity)));
    let tiers = tiers(&mut reader, body.tiers.unwrap_or_default());
    let named = id.zip(metric_id).zip(currency.zip(list_unit_price)).zip(effective_from.zip(free_quantity));
    let (((id, metric_id), (currency, list_unit_price)), (effective_from, free_quantity)) = reader.finish(named)?;
    let negotiated = match (organization_id, contracted) {
        (Some(organization_id), Some(contracted_unit_price)) => Some(Negotiated { organization_id, contracted_unit_price }),
        (None, None) => None,
        (organization, _) => {
            let missing = if organization.is_some() { "/contracted_unit_price" } else { "/organization_id" };
            let together = "is missing: organization_id and contracted_unit_price belong together";
            return Err(Error::member(missing, &Invalid(together.into())));
        }
    };
    let tier_mode = match body.tier_mode.unwrap_or_default() {
        api::TierMode::Graduated => TierMode::Graduated,
        api::TierMode::Volume => TierMode::Volume,
    };
    Ok(Price {
        id,
        metric_id,
        currency,
        negotiated,
        list_unit_price,
        effective_from,
        effective_to,
        free_quantity,
        tier_mode,
        tiers,
        create_time: now,
    })
}

/// Refuses a price that could not be rated exactly, or makes no sense.
pub(crate) fn check_price(price: &Price, metric: &Metric) -> Result<()> {
    let mut reader = Reader::default();
    for (member, invalid) in price.check(metric).err().unwrap_or_default() {
        reader.member::<()>(&format!("/{member}"), Err(invalid));
    }
    reader.finish(Some(()))
}

fn tiers(reader: &mut Reader, tiers: Vec<api::Tier>) -> Vec<Tier> {
    let mut read = Vec::new();
    // The rules say how many there may be.
    for (at, tier) in tiers.into_iter().enumerate().take(Price::TIERS_MAX + 1) {
        let up_to = tier.up_to.and_then(|up_to| reader.member(&format!("/tiers/{at}/up_to"), decimal(&up_to)));
        let price = reader.member(&format!("/tiers/{at}/list_unit_price"), decimal(&tier.list_unit_price));
        read.extend(price.map(|list_unit_price| Tier { up_to, list_unit_price }));
    }
    read
}

/// Reads a decimal string.
pub(crate) fn decimal(text: &str) -> std::result::Result<Decimal, Invalid> {
    text.parse().map_err(|error: umbel_decimal::Error| Invalid(error.to_string()))
}
