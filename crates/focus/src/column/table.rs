//! The table: every column once.

use super::Kind::{Currency, Decimal, KeyValues, Object, OneOf, Price, Subcategory, Text, Time, Unit};
use super::Level::{Conditional, Custom, Mandatory, Recommended};
use super::Nulls::{Allowed, Forbidden};
use super::Version::{self, V1_2, V1_3, V1_4};
use super::{Cell, Column, Kind, Level, Nulls};
use crate::Row;
use crate::row::{ChargeCategory, ChargeClass, ChargeFrequency, PricingCategory};
use crate::service::CATEGORY_NAMES;

/// The columns of all versions in the order of their names, then ours.
///
/// `InvoiceId` is conditional since 1.4, which for a file that has it is the same. Prices are in the currency that is billed.
pub const ALL: &[Column] = &[
    column("AllocatedMethodDetails", Recommended, Allowed, Object, none).since(V1_3),
    column("AllocatedMethodId", Conditional, Allowed, Text, none).since(V1_3),
    column("AllocatedResourceId", Conditional, Allowed, Text, none).since(V1_3),
    column("AllocatedResourceName", Conditional, Allowed, Text, none).since(V1_3),
    column("AllocatedTags", Conditional, Allowed, KeyValues, none).since(V1_3),
    column("AvailabilityZone", Recommended, Allowed, Text, |row| row.availability_zone.into()),
    column("BilledCost", Mandatory, Forbidden, Decimal, |row| row.billed_cost.into()),
    column("BillingAccountId", Mandatory, Forbidden, Text, |row| row.billing_account.id.into()),
    column("BillingAccountName", Mandatory, Allowed, Text, |row| row.billing_account.name.into()),
    column("BillingAccountType", Conditional, Forbidden, Text, none),
    column("BillingCurrency", Mandatory, Forbidden, Currency, |row| row.billing_currency.into()),
    column("BillingPeriodEnd", Mandatory, Forbidden, Time, |row| row.billing_period.end().into()),
    column("BillingPeriodStart", Mandatory, Forbidden, Time, |row| row.billing_period.start().into()),
    column("CapacityReservationId", Conditional, Allowed, Text, none),
    column("CapacityReservationStatus", Conditional, Allowed, OneOf(&["Used", "Unused"]), none),
    column("ChargeCategory", Mandatory, Forbidden, OneOf(ChargeCategory::WORDS), |row| row.charge_category.as_str().into()),
    column("ChargeClass", Mandatory, Allowed, OneOf(ChargeClass::WORDS), |row| row.charge_class.as_str().into()),
    column("ChargeDescription", Mandatory, Allowed, Text, |row| row.charge_description.into()),
    column("ChargeFrequency", Recommended, Forbidden, OneOf(ChargeFrequency::WORDS), |row| row.charge_frequency.as_str().into()),
    column("ChargePeriodEnd", Mandatory, Forbidden, Time, |row| row.charge_period.end().into()),
    column("ChargePeriodStart", Mandatory, Forbidden, Time, |row| row.charge_period.start().into()),
    column("CommitmentDiscountCategory", Conditional, Allowed, OneOf(&["Spend", "Usage"]), none),
    column("CommitmentDiscountId", Conditional, Allowed, Text, none),
    column("CommitmentDiscountName", Conditional, Allowed, Text, none),
    column("CommitmentDiscountQuantity", Conditional, Allowed, Decimal, none),
    column("CommitmentDiscountStatus", Conditional, Allowed, OneOf(&["Used", "Unused"]), none),
    column("CommitmentDiscountType", Conditional, Allowed, Text, none),
    column("CommitmentDiscountUnit", Conditional, Allowed, Unit, none),
    column("CommitmentProgramEligibilityDetails", Conditional, Allowed, Object, none).since(V1_4),
    column("ConsumedQuantity", Conditional, Allowed, Decimal, |row| row.consumed.map(|consumed| consumed.amount).into()),
    column("ConsumedUnit", Conditional, Allowed, Unit, |row| row.consumed.map(|consumed| consumed.unit).into()),
    column("ContractApplied", Conditional, Allowed, Object, none).since(V1_3),
    column("ContractedCost", Mandatory, Forbidden, Decimal, |row| row.contracted_cost.into()),
    column("ContractedUnitPrice", Conditional, Allowed, Price, |row| {
        row.pricing.map(|pricing| pricing.contracted_unit_price).into()
    }),
    column("EffectiveCost", Mandatory, Forbidden, Decimal, |row| row.effective_cost.into()),
    column("HostProviderName", Mandatory, Allowed, Text, |row| row.host_provider.into()).since(V1_3),
    column("InvoiceDetailId", Conditional, Allowed, Text, none).since(V1_4),
    column("InvoiceId", Recommended, Allowed, Text, |row| row.invoice_id.into()),
    column("InvoiceIssuerName", Mandatory, Forbidden, Text, |row| row.invoice_issuer.into()),
    column("ListCost", Mandatory, Forbidden, Decimal, |row| row.list_cost.into()),
    column("ListUnitPrice", Conditional, Allowed, Price, |row| row.pricing.map(|pricing| pricing.list_unit_price).into()),
    column("PricingCategory", Conditional, Allowed, OneOf(PricingCategory::WORDS), |row| {
        row.pricing.map(|pricing| pricing.category.as_str()).into()
    }),
    column("PricingCurrency", Conditional, Forbidden, Currency, |row| row.billing_currency.into()),
    column("PricingCurrencyContractedUnitPrice", Conditional, Allowed, Price, |row| {
        row.pricing.map(|pricing| pricing.contracted_unit_price).into()
    }),
    column("PricingCurrencyEffectiveCost", Conditional, Forbidden, Decimal, |row| row.effective_cost.into()),
    column("PricingCurrencyListUnitPrice", Conditional, Allowed, Price, |row| {
        row.pricing.map(|pricing| pricing.list_unit_price).into()
    }),
    column("PricingQuantity", Mandatory, Allowed, Decimal, |row| row.pricing.map(|pricing| pricing.quantity.amount).into()),
    column("PricingUnit", Mandatory, Allowed, Unit, |row| row.pricing.map(|pricing| pricing.quantity.unit).into()),
    column("ProviderName", Mandatory, Forbidden, Text, |row| row.service_provider.into()).deprecated_in(V1_3).until(V1_3),
    column("PublisherName", Mandatory, Forbidden, Text, |row| row.service_provider.into()).deprecated_in(V1_3).until(V1_3),
    column("RegionId", Conditional, Allowed, Text, |row| row.region.map(|region| region.id).into()),
    column("RegionName", Conditional, Allowed, Text, |row| row.region.map(|region| region.name).into()),
    column("ResourceId", Conditional, Allowed, Text, |row| row.resource.map(|resource| resource.id).into()),
    column("ResourceName", Conditional, Allowed, Text, |row| row.resource.map(|resource| resource.name).into()),
    column("ResourceType", Conditional, Allowed, Text, |row| row.resource.map(|resource| resource.kind).into()),
    column("ServiceCategory", Mandatory, Forbidden, OneOf(CATEGORY_NAMES), |row| row.service.category.into()),
    column("ServiceName", Mandatory, Forbidden, Text, |row| row.service.name.into()),
    column("ServiceProviderName", Mandatory, Forbidden, Text, |row| row.service_provider.into()).since(V1_3),
    column("ServiceSubcategory", Recommended, Forbidden, Subcategory, |row| row.service.subcategory.into()),
    column("SkuId", Conditional, Allowed, Text, |row| row.pricing.map(|pricing| pricing.sku.id).into()),
    column("SkuMeter", Conditional, Allowed, Text, |row| row.pricing.map(|pricing| pricing.sku.meter).into()),
    column("SkuPriceDetails", Conditional, Allowed, KeyValues, |row| {
        row.pricing.and_then(|pricing| pricing.sku.price_details).into()
    }),
    column("SkuPriceId", Conditional, Allowed, Text, |row| row.pricing.map(|pricing| pricing.sku.price_id).into()),
    column("SubAccountId", Conditional, Allowed, Text, |row| row.sub_account.map(|sub_account| sub_account.id).into()),
    column("SubAccountName", Conditional, Allowed, Text, |row| row.sub_account.map(|sub_account| sub_account.name).into()),
    column("SubAccountType", Conditional, Allowed, Text, none),
    column("Tags", Conditional, Allowed, KeyValues, |row| row.tags.into()),
    column("x_BillableMetricId", Custom, Allowed, Text, |row| row.billable_metric.map(|metric| metric.id).into()),
    column("x_BillableMetricName", Custom, Allowed, Text, |row| row.billable_metric.map(|metric| metric.name).into()),
    column("x_OrganizationId", Custom, Allowed, Text, |row| row.organization.map(|organization| organization.id).into()),
    column("x_OrganizationPath", Custom, Allowed, Text, |row| row.organization.map(|organization| organization.path).into()),
    column("x_ProductFamilyName", Custom, Allowed, Text, |row| row.product_family.into()),
    column("x_ZoneId", Custom, Allowed, Text, |row| row.zone.map(|zone| zone.id).into()),
    column("x_ZoneName", Custom, Allowed, Text, |row| row.zone.map(|zone| zone.name).into()),
];

const fn column(name: &'static str, level: Level, nulls: Nulls, kind: Kind, cell: for<'r> fn(&'r Row<'r>) -> Cell<'r>) -> Column {
    Column { name, level, nulls, kind, since: V1_2, until: V1_4, deprecated: None, cell }
}

/// Of what we do not have: splitting of shared costs, commitments, reservations, kinds of accounts.
fn none<'r>(_: &'r Row<'r>) -> Cell<'r> {
    Cell::Null
}

impl Column {
    const fn since(self, since: Version) -> Self {
        Self { since, ..self }
    }

    const fn until(self, until: Version) -> Self {
        Self { until, ..self }
    }

    const fn deprecated_in(self, version: Version) -> Self {
        Self { deprecated: Some(version), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(version: Version, level: Level) -> Vec<&'static str> {
        version.columns().filter(|column| column.level == level).map(|column| column.name).collect()
    }

    #[test]
    fn each_version_has_its_columns() {
        let of_focus = |version: Version| version.columns().filter(|column| column.level != Custom).count();
        assert_eq!(Version::ALL.map(of_focus), [57, 65, 65]);
        let mandatory = |version| names(version, Mandatory).len();
        assert_eq!(Version::ALL.map(mandatory), [21, 23, 21]);
        let only = |in_it: Version, not_in: Version| {
            let only = in_it.columns().filter(|column| not_in.column(column.name).is_none());
            only.map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(only(V1_4, V1_3), ["CommitmentProgramEligibilityDetails", "InvoiceDetailId"]);
        assert_eq!(only(V1_3, V1_4), ["ProviderName", "PublisherName"]);
        assert_eq!(only(V1_3, V1_2).len(), 8);
    }

    #[test]
    fn columns_are_in_order_and_ours_come_last() {
        for version in Version::ALL {
            let names: Vec<_> = version.columns().map(|column| column.name).collect();
            let (focus, ours) = names.split_at(names.len() - 7);
            assert!(focus.is_sorted() && focus.iter().all(|name| !name.starts_with("x_")));
            assert!(ours.is_sorted() && ours.iter().all(|name| name.starts_with("x_")));
        }
    }

    #[test]
    fn what_a_version_advises_against_is_still_in_it() {
        let deprecated = |version: Version| {
            let deprecated = version.columns().filter(|column| column.is_deprecated_in(version));
            deprecated.map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(Version::ALL.map(deprecated), [vec![], vec!["ProviderName", "PublisherName"], vec![]]);
    }
}
