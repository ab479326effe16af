//! What accounts used, as rows of FOCUS.

use umbel_api as api;
use umbel_domain::rating::Part;
use umbel_domain::{Day, Invoice, InvoiceId, Metric, Price};
use umbel_focus::row::{
    ChargeCategory, ChargeClass, ChargeFrequency, Named, Organization, Pricing, PricingCategory, Quantity, Resource, Service, Sku,
};
use umbel_focus::{Format, Invalid, KeyValues, Period, Row, Version, service};

use crate::billing::Billed;
use crate::settings::Providers;

pub(crate) fn format(format: api::FocusFormat) -> Format {
    match format {
        api::FocusFormat::Csv => Format::Csv,
        api::FocusFormat::Ndjson => Format::Ndjson,
        api::FocusFormat::Parquet => Format::Parquet,
    }
}

pub(crate) fn version(version: api::FocusVersion) -> Version {
    match version {
        api::FocusVersion::V1_2 => Version::V1_2,
        api::FocusVersion::V1_3 => Version::V1_3,
        api::FocusVersion::V1_4 => Version::V1_4,
    }
}

/// From the first moment of a day to that of another.
pub(crate) fn period(first: Day, end: Day) -> Result<Period, Invalid> {
    Period::new(first.start().to_datetime().to_utc(), end.start().to_datetime().to_utc())
}

/// Hands over the row of a part of what was used that has one price.
pub(crate) fn row<T>(
    billed: &Billed<'_>,
    price: &Price,
    part: &Part,
    providers: &Providers,
    each: impl FnOnce(&Row<'_>) -> Result<T, umbel_focus::Error>,
) -> Result<T, umbel_focus::Error> {
    let (metric, day, at) = (billed.metric, billed.day, billed.at);
    let id = sku_price_id(price, part);
    let tier = (part.tier + 1).to_string();
    let details = [("x_Tier", tier.as_str()), ("x_Free", if part.free { "true" } else { "false" })];
    let price_details = KeyValues::new(details).map_err(umbel_focus::Error::File)?;
    let path = billed.lineage.ids().collect::<Vec<_>>().join("/");
    let description = format!("{}, daily usage", metric.name.as_str());
    let invoice_id = billed.invoice_id();
    let zone = named(&at.spot.zone_id, at.zone_name.as_deref());
    let subcategory = subcategory(metric);
    let invalid = umbel_focus::Error::File;
    each(&Row {
        billed_cost: part.billed_cost,
        effective_cost: part.billed_cost,
        list_cost: part.list_cost,
        contracted_cost: part.contracted_cost,
        billing_currency: price.currency.code(),
        billing_account: Named { id: billed.account_id.as_str(), name: billed.account_name },
        sub_account: None,
        billing_period: period(billed.invoiced_in().first(), billed.invoiced_in().end()).map_err(invalid)?,
        charge_period: period(day, day.next()).map_err(invalid)?,
        charge_category: ChargeCategory::Usage,
        charge_class: if billed.booked.is_some() { ChargeClass::Correction } else { ChargeClass::Ordinary },
        charge_description: Some(&description),
        charge_frequency: ChargeFrequency::UsageBased,
        consumed: Some(Quantity { amount: part.quantity, unit: metric.unit.as_str() }),
        pricing: Some(Pricing {
            category: PricingCategory::Standard,
            quantity: Quantity { amount: part.pricing_quantity, unit: metric.pricing_unit.as_str() },
            list_unit_price: part.list_unit_price,
            contracted_unit_price: part.contracted_unit_price,
            sku: Sku {
                id: metric.sku_id.as_str(),
                meter: metric.sku_meter.as_str(),
                price_id: &id,
                price_details: Some(&price_details),
            },
        }),
        invoice_id: invoice_id.as_ref().map(InvoiceId::as_str),
        invoice_issuer: &providers.invoice_issuer_name,
        service_provider: &providers.service_provider_name,
        host_provider: Some(&providers.host_provider_name),
        service: Service {
            name: metric.service_name.as_str(),
            category: metric.service_category.as_str(),
            subcategory: &subcategory,
        },
        region: named(&at.spot.region_id, at.region_name.as_deref()),
        availability_zone: None,
        resource: zone.map(|zone| Resource { id: zone.id, name: zone.name, kind: "Zone" }),
        tags: None,
        organization: billed.lineage.id().map(|id| Organization { id, path: &path }),
        billable_metric: Some(Named { id: metric.id.as_str(), name: metric.name.as_str() }),
        product_family: Some(metric.product_family.as_str()),
        zone,
    })
}

/// Hands over the row of what an invoice was rounded by, if it was.
pub(crate) fn rounding<T>(
    invoice: &Invoice,
    providers: &Providers,
    each: impl FnOnce(&Row<'_>) -> Result<T, umbel_focus::Error>,
) -> Result<Option<T>, umbel_focus::Error> {
    let of = &invoice.of;
    let invalid = umbel_focus::Error::File;
    let rounded = invoice.total.checked_sub(invoice.exact).map_err(|error| invalid(Invalid(error.to_string())))?;
    if rounded.is_zero() {
        return Ok(None);
    }
    let month = period(of.month.first(), of.month.end()).map_err(invalid)?;
    let row = Row {
        billed_cost: rounded,
        effective_cost: rounded,
        list_cost: rounded,
        contracted_cost: rounded,
        billing_currency: of.currency.code(),
        billing_account: Named { id: of.account.as_str(), name: &invoice.account_name },
        sub_account: None,
        billing_period: month,
        charge_period: month,
        charge_category: ChargeCategory::Adjustment,
        charge_class: ChargeClass::Ordinary,
        charge_description: Some("Rounding of the invoice"),
        charge_frequency: ChargeFrequency::OneTime,
        consumed: None,
        pricing: None,
        invoice_id: Some(invoice.id.as_str()),
        invoice_issuer: &providers.invoice_issuer_name,
        service_provider: &providers.service_provider_name,
        host_provider: Some(&providers.host_provider_name),
        service: Service { name: "Invoicing", category: "Other", subcategory: "Other (Other)" },
        region: None,
        availability_zone: None,
        resource: None,
        tags: None,
        organization: Some(Organization { id: of.organization.as_str(), path: "" }),
        billable_metric: None,
        product_family: None,
        zone: None,
    };
    each(&row).map(Some)
}

/// Which price of the price book, and which tier of it: no id of a price has a slash.
fn sku_price_id(price: &Price, part: &Part) -> String {
    let tier = if price.tiers.is_empty() { String::new() } else { format!("/tier-{}", part.tier + 1) };
    format!("{}{tier}{}", price.id, if part.free { "/free" } else { "" })
}

/// Something with an id; what has no name is called by it.
fn named<'a>(id: &'a str, name: Option<&'a str>) -> Option<Named<'a>> {
    (!id.is_empty()).then(|| Named { id, name: name.unwrap_or(id) })
}

/// The subcategory of a metric, where FOCUS knows it as one of the category.
fn subcategory(metric: &Metric) -> String {
    let (category, own) = (metric.service_category.as_str(), metric.service_subcategory.as_str());
    if service::category_of(own) == Some(category) { own.to_owned() } else { format!("Other ({category})") }
}
