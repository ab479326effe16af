//! The checks by name.

/// How much a check counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// A file that fails it does not conform.
    Must,
    /// A file that fails it conforms, and should be better.
    Should,
}

/// Defines the checks: name, weight, rule.
macro_rules! checks {
    ($($check:ident $name:literal $weight:ident $rule:literal)*) => {
        /// A check: one rule that a file is held to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check {
            $(#[doc = concat!("The check `", $name, "`.")] $check,)*
        }

        impl Check {
            /// All checks, in the order in which a report has them.
            pub const ALL: &'static [Self] = &[$(Self::$check),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$check => $name,)*
                }
            }

            /// How much it counts.
            pub const fn weight(self) -> Weight {
                match self {
                    $(Self::$check => Weight::$weight,)*
                }
            }

            /// The rule in a sentence.
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$check => $rule,)*
                }
            }
        }
    };
}

checks! {
    ColumnsPresent "columns_present" Must "Every mandatory column is there."
    ColumnsUnique "columns_unique" Must "No column is there twice."
    ColumnsKnown "columns_known" Must "A column is one of the version, or its name begins with x_."
    ColumnNames "column_names" Must "The name of a custom column has at most 50 letters and digits behind x_."
    ColumnsOrdered "columns_ordered" Should "Custom columns come after those of FOCUS."
    Types "types" Must "A cell is of the type of its column: an exact decimal, a text, a JSON object or a time in UTC."
    Times "times" Must "A time is written as YYYY-MM-DDThh:mm:ssZ."
    NotNull "not_null" Must "A cell is not null where its column does not allow it."
    EmptyTexts "empty_texts" Must "Nothing is null and not an empty text."
    AllowedValues "allowed_values" Must "A word is one of those that its column allows."
    Currencies "currencies" Must "A currency is a code of ISO 4217."
    Units "units" Should "A unit is written as units are: GB-Hours, 1000 Requests."
    Prices "prices" Must "A price is not negative."
    KeyValues "key_values" Must "Tags and details of prices are flat JSON objects with each key once."
    Objects "objects" Must "A JSON column has JSON objects with each key once."
    BillingPeriods "billing_periods" Must "A billing period ends after it starts."
    ChargePeriods "charge_periods" Must "A charge period ends after it starts."
    ChargeInBillingPeriod "charge_in_billing_period" Must "A charge is in its billing period, unless it is a correction."
    ListCost "list_cost" Must "ListCost is exactly ListUnitPrice times PricingQuantity, unless it is a correction."
    ContractedCost "contracted_cost" Must "ContractedCost is exactly ContractedUnitPrice times PricingQuantity, unless it is a correction."
    Priced "priced" Must "Usage and purchases have SKU, price, quantity and category of pricing, unless they are corrections."
    TaxUnpriced "tax_unpriced" Must "A tax has no SKU, price, quantity and category of pricing."
    PricingUnit "pricing_unit" Must "There is a PricingUnit where there is a PricingQuantity, and only there."
    Consumed "consumed" Must "Usage has a ConsumedQuantity, unless it is a correction or an unused commitment."
    ConsumedByUsage "consumed_by_usage" Must "Nothing but usage has a ConsumedQuantity."
    ConsumedUnit "consumed_unit" Must "There is a ConsumedUnit where there is a ConsumedQuantity, and only there."
    PurchaseFrequency "purchase_frequency" Must "A purchase is not usage-based."
    Subcategory "subcategory" Must "A ServiceSubcategory is one of its ServiceCategory."
    ServiceCategory "service_category" Must "A ServiceName has one ServiceCategory."
    SkuOfPrice "sku_of_price" Must "A SkuPriceId has one SkuId."
    SkuDetails "sku_details" Must "There is a SkuMeter and there are SkuPriceDetails only where there is a SKU."
    SubAccount "sub_account" Must "There is a SubAccountName, and a SubAccountType, where there is a SubAccountId, and only there."
    Region "region" Must "There is a RegionName where there is a RegionId, and only there."
    Resource "resource" Must "There is a ResourceType where there is a ResourceId, and a ResourceName only there."
    HostProvider "host_provider" Should "HostProviderName is ServiceProviderName, and only taxes, credits and adjustments have none."
    Provider "provider" Should "ProviderName is ServiceProviderName."
    InvoiceTotal "invoice_total" Must "The rows of an invoice add up to its total."
}
