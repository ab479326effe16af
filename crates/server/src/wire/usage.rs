//! Usage and its cost in the words of FOCUS.

use umbel_api as api;
use umbel_decimal::Decimal;
use umbel_domain::rating::Charge;
use umbel_domain::usage::DailyUsage;
use umbel_domain::{Currency, Invalid, Metric, Timestamp};

use crate::settings::Providers;

/// Shows what an account of this name used, and what that costs, if it has a price.
pub(crate) fn billable_usage(
    usage: DailyUsage,
    account_name: &str,
    metric: &Metric,
    charge: Option<(Charge, Currency)>,
    providers: &Providers,
) -> api::BillableUsage {
    let day = usage.key.day;
    let at = Timestamp::to_datetime;
    let number = |decimal: Decimal| api::Decimal::new(decimal.to_string());
    let cost = |of: fn(&Charge) -> Option<Decimal>| charge.as_ref().and_then(|(charge, _)| of(charge)).map(number);
    let id = |id: String| Some(id).filter(|id| !id.is_empty());
    let is_priced = charge.is_some();
    api::BillableUsage {
        billing_account_id: usage.key.account_id.to_string(),
        billing_account_name: account_name.to_owned(),
        charge_category: "Usage".to_owned(),
        charge_description: format!("{} — daily usage", metric.name.as_str()),
        charge_frequency: "Usage-Based".to_owned(),
        charge_period_end: at(day.next().start()),
        charge_period_start: at(day.start()),
        consumed_quantity: number(usage.rollup.quantity),
        consumed_unit: metric.unit.as_str().to_owned(),
        host_provider_name: providers.host_provider_name.clone(),
        invoice_issuer_name: providers.invoice_issuer_name.clone(),
        service_provider_name: providers.service_provider_name.clone(),
        x_billable_metric_name: metric.name.as_str().to_owned(),
        billed_cost: cost(|charge| Some(charge.billed_cost)),
        billing_currency: charge.as_ref().map(|(_, currency)| currency.code().to_owned()),
        billing_period_end: is_priced.then(|| at(day.next_month_start().start())),
        billing_period_start: is_priced.then(|| at(day.month_start().start())),
        contracted_cost: cost(|charge| Some(charge.contracted_cost)),
        contracted_unit_price: cost(|charge| charge.contracted_unit_price),
        effective_cost: cost(|charge| Some(charge.billed_cost)),
        list_cost: cost(|charge| Some(charge.list_cost)),
        list_unit_price: cost(|charge| charge.list_unit_price),
        pricing_quantity: cost(|charge| Some(charge.pricing_quantity)),
        pricing_unit: is_priced.then(|| metric.pricing_unit.as_str().to_owned()),
        region_id: id(usage.key.spot.region_id),
        region_name: usage.region_name,
        x_billable_metric_id: metric.id.to_string(),
        x_product_family_name: metric.product_family.as_str().to_owned(),
        x_zone_id: id(usage.key.spot.zone_id),
        x_zone_name: usage.zone_name,
    }
}

/// The day, in UTC, of a date or a time.
pub(crate) fn day(text: &str) -> Result<umbel_domain::Day, Invalid> {
    let moment = api::Moment::parse(text);
    let moment =
        moment.ok_or_else(|| Invalid("must be a date like `2026-01-02` or a time like `2026-01-02T03:04:05Z`".into()))?;
    Timestamp::from_datetime(moment.0).map(umbel_domain::Day::of)
}
