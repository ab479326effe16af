//! What a row is: one rated charge.

use umbel_decimal::Decimal;

use crate::{Invalid, KeyValues, Period};

/// One rated charge: an amount of usage of an account in a period at one price, a purchase, a tax, a credit or an adjustment.
///
/// A text that is empty is written as null. What a service does not have at all, such as commitments and reservations, has no
/// member here, and its columns are null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// What was or will be invoiced.
    pub billed_cost: Decimal,
    /// The cost after all discounts, purchases spread over the time that they are for.
    pub effective_cost: Decimal,
    /// The cost at list prices; [`Pricing::list_cost`] unless it is a correction.
    pub list_cost: Decimal,
    /// The cost at negotiated prices; [`Pricing::contracted_cost`] unless it is a correction.
    pub contracted_cost: Decimal,
    /// The currency of all costs and prices, ISO 4217; what is priced in a currency is billed in it.
    pub billing_currency: &'a str,
    /// Who is billed; the name as it was at that time.
    pub billing_account: Named<'a>,
    /// A group of charges within the account, such as a subscription.
    pub sub_account: Option<Named<'a>>,
    /// The time that is invoiced together.
    pub billing_period: Period,
    /// The time that the charge is for.
    pub charge_period: Period,
    /// What kind of charge it is.
    pub charge_category: ChargeCategory,
    /// Whether it corrects what was invoiced before.
    pub charge_class: ChargeClass,
    /// What it is for, in words.
    pub charge_description: Option<&'a str>,
    /// How often it is charged.
    pub charge_frequency: ChargeFrequency,
    /// What was used, of usage only.
    pub consumed: Option<Quantity<'a>>,
    /// What it was priced by.
    pub pricing: Option<Pricing<'a>>,
    /// The invoice that it is on, when there is one.
    pub invoice_id: Option<&'a str>,
    /// Who invoices.
    pub invoice_issuer: &'a str,
    /// Who provides the service, and so is its publisher as well.
    pub service_provider: &'a str,
    /// On whose infrastructure; none for taxes and adjustments.
    pub host_provider: Option<&'a str>,
    /// The service that was used.
    pub service: Service<'a>,
    /// The region.
    pub region: Option<Named<'a>>,
    /// The availability zone.
    pub availability_zone: Option<&'a str>,
    /// The resource that was used.
    pub resource: Option<Resource<'a>>,
    /// Tags.
    pub tags: Option<&'a KeyValues>,
    /// Where the account stands: the organization, and the path to it from its root.
    pub organization: Option<Organization<'a>>,
    /// The billable metric that was measured.
    pub billable_metric: Option<Named<'a>>,
    /// The product family of the metric.
    pub product_family: Option<&'a str>,
    /// The zone, a domain, that it was used for.
    pub zone: Option<Named<'a>>,
}

/// Something with an id and a name; the name may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// Its id, which never changes.
    pub id: &'a str,
    /// Its name at the time of the charge.
    pub name: &'a str,
}

/// An amount and its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity<'a> {
    /// How much.
    pub amount: Decimal,
    /// Of what: `Requests`, `1000 Requests`, `GB-Hours`.
    pub unit: &'a str,
}

/// What a charge was priced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pricing<'a> {
    /// By which model.
    pub category: PricingCategory,
    /// How many units were priced, in the unit that the price is for.
    pub quantity: Quantity<'a>,
    /// The published price of a unit.
    pub list_unit_price: Decimal,
    /// The negotiated price of a unit; the published one when none was negotiated.
    pub contracted_unit_price: Decimal,
    /// What was sold.
    pub sku: Sku<'a>,
}

impl Pricing<'_> {
    /// The exact cost at list prices; refused when it has too many digits.
    pub fn list_cost(&self) -> Result<Decimal, Invalid> {
        self.cost(self.list_unit_price)
    }

    /// The exact cost at negotiated prices; refused when it has too many digits.
    pub fn contracted_cost(&self) -> Result<Decimal, Invalid> {
        self.cost(self.contracted_unit_price)
    }

    fn cost(&self, price: Decimal) -> Result<Decimal, Invalid> {
        let amount = self.quantity.amount;
        amount.checked_mul(price).map_err(|error| Invalid(format!("the product of {amount} and {price} {error}")))
    }
}

/// What was sold, and at which of its prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sku<'a> {
    /// Its id, the same whatever the price.
    pub id: &'a str,
    /// What of it was measured.
    pub meter: &'a str,
    /// The price, of one tier and one time, whose meaning never changes.
    pub price_id: &'a str,
    /// What distinguishes this price.
    pub price_details: Option<&'a KeyValues>,
}

/// A service and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service<'a> {
    /// Its name.
    pub name: &'a str,
    /// One of [`crate::service::CATEGORY_NAMES`].
    pub category: &'a str,
    /// One of the subcategories of the category.
    pub subcategory: &'a str,
}

/// A resource and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its kind, such as `Zone`.
    pub kind: &'a str,
}

/// An organization and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Organization<'a> {
    /// Its id.
    pub id: &'a str,
    /// The ids from its root down to it, separated by slashes.
    pub path: &'a str,
}

/// Defines a closed set of words, in the order of the specification.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $word:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$each])* $word,)*
        }

        impl $name {
            /// All words.
            pub const WORDS: &'static [&'static str] = &[$($text),*];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)*
                }
            }
        }
    };
}

words! {
    /// What kind of charge it is.
    ChargeCategory {
        /// For what was used.
        Usage = "Usage",
        /// For what was acquired.
        Purchase = "Purchase",
        /// A tax.
        Tax = "Tax",
        /// A credit or refund.
        Credit = "Credit",
        /// Anything else, such as rounding.
        Adjustment = "Adjustment",
    }
}

words! {
    /// How often it is charged.
    ChargeFrequency {
        /// Once.
        OneTime = "One-Time",
        /// Each month, each year.
        Recurring = "Recurring",
        /// As much as is used.
        UsageBased = "Usage-Based",
    }
}

words! {
    /// By which model a charge is priced.
    PricingCategory {
        /// At the agreed price.
        Standard = "Standard",
        /// At a price that changes.
        Dynamic = "Dynamic",
        /// At the price of a commitment.
        Committed = "Committed",
        /// By another model.
        Other = "Other",
    }
}

/// Whether a charge corrects what was invoiced before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeClass {
    /// It does not.
    Ordinary,
    /// It does: its billing period had been invoiced.
    Correction,
}

impl ChargeClass {
    /// The words of it; an ordinary charge has none.
    pub const WORDS: &'static [&'static str] = &["Correction"];

    /// The word, when there is one.
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Ordinary => None,
            Self::Correction => Some("Correction"),
        }
    }
}
