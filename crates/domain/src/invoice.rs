//! Invoices: what an account owes for a billing period. Here, and nowhere else, money is rounded.

use sha2::{Digest, Sha256};
use umbel_decimal::{Decimal, Error, Rounding, SCALE};

use crate::{AccountId, Currency, InvoiceId, Month, OrganizationId};

/// What an account cost an organization in a billing period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Its id, made of what it is for.
    pub id: InvoiceId,
    /// What it is for.
    pub of: InvoiceKey,
    /// What the account was called last in the period.
    pub account_name: String,
    /// The sum of what is billed.
    pub exact: Decimal,
    /// The same as it is paid: rounded half-even to the smallest unit of the currency.
    pub total: Decimal,
}

/// What an invoice is for: an account that stood in two organizations in a month has one for each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvoiceKey {
    /// Whose billing period it is.
    pub root: OrganizationId,
    /// Which one.
    pub month: Month,
    /// Which account.
    pub account: AccountId,
    /// Which organization the account stood in.
    pub organization: OrganizationId,
    /// What the organization paid in.
    pub currency: Currency,
}

impl InvoiceKey {
    /// The id of the invoice, the same whenever it is made.
    pub fn id(&self) -> InvoiceId {
        let mut hash = Sha256::new();
        let month = self.month.to_string();
        for part in [self.root.as_str(), &month, self.account.as_str(), self.organization.as_str(), self.currency.code()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        InvoiceId::of_hash(hash.finalize().into())
    }

    /// The invoice with this sum.
    pub fn invoice(self, account_name: String, exact: Decimal) -> Result<Invoice, Error> {
        let total = exact.round_to(self.currency.fraction_digits(), Rounding::HalfEven)?;
        Ok(Invoice { id: self.id(), of: self, account_name, exact, total })
    }
}

/// Rounds amounts to so many digits after the point so that they add up to their rounded sum: each is rounded down, and what is
/// missing then goes to those that lost most by it, a unit of the last digit each, to the first of equals first.
pub fn apportion(amounts: &[Decimal], fraction_digits: u32) -> Result<Vec<Decimal>, Error> {
    let sum = amounts.iter().try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(*amount))?;
    let total = sum.round_to(fraction_digits, Rounding::HalfEven)?;
    let step = 10_i128.pow(SCALE.saturating_sub(fraction_digits));
    let mut rounded: Vec<i128> = amounts.iter().map(|amount| amount.mantissa().div_euclid(step)).collect();
    let missing = total.mantissa() / step - rounded.iter().sum::<i128>();
    let mut by_loss: Vec<usize> = (0..amounts.len()).collect();
    by_loss.sort_by_key(|at| std::cmp::Reverse(amounts[*at].mantissa().rem_euclid(step)));
    for at in by_loss.into_iter().take(usize::try_from(missing).unwrap_or_default()) {
        rounded[at] += 1;
    }
    rounded.into_iter().map(|units| Decimal::from_mantissa(units * step)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::price::tests::decimal;

    fn apportioned(amounts: &[&str], digits: u32) -> Vec<String> {
        let amounts: Vec<Decimal> = amounts.iter().map(|amount| decimal(amount)).collect();
        apportion(&amounts, digits).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_are_rounded_so_that_they_add_up_to_the_total() {
        assert_eq!(apportioned(&["0.333", "0.333", "0.334"], 2), ["0.33", "0.33", "0.34"]);
        assert_eq!(apportioned(&["0.005", "0.005", "0.005"], 2), ["0.01", "0.01", "0"], "0.015 is 0.02");
        assert_eq!(apportioned(&["0.005", "0"], 2), ["0", "0"], "0.005 is 0");
        assert_eq!(apportioned(&["-0.004", "1.008"], 2), ["-0.01", "1.01"], "1.004 is 1");
        assert_eq!(apportioned(&["1.5", "1.25"], 0), ["2", "1"], "2.75 is 3");
        assert!(apportioned(&[], 2).is_empty());
    }

    #[test]
    fn the_id_of_an_invoice_is_that_of_what_it_is_for() {
        let key = |account: &str, organization: &str| InvoiceKey {
            root: OrganizationId::parse("acme").unwrap(),
            month: Month::parse("2026-01").unwrap(),
            account: AccountId::parse(account).unwrap(),
            organization: OrganizationId::parse(organization).unwrap(),
            currency: Currency::USD,
        };
        assert_eq!(key("shop", "eu").id(), key("shop", "eu").id());
        assert_ne!(key("shop", "eu").id(), key("shope", "u").id());
        let invoice = key("shop", "eu").invoice("Shop".into(), decimal("2.345")).unwrap();
        assert_eq!((invoice.total, invoice.id.as_str().len()), (decimal("2.34"), 32));
    }

    proptest! {
        #[test]
        fn no_line_is_off_by_a_unit_and_all_of_them_are_the_total(
            amounts in prop::collection::vec(-10_i128.pow(20)..10_i128.pow(24), 0..20),
            digits in 0_u32..4,
        ) {
            let amounts: Vec<Decimal> = amounts.into_iter().map(|mantissa| Decimal::from_mantissa(mantissa).unwrap()).collect();
            let rounded = apportion(&amounts, digits).unwrap();
            let sum = |all: &[Decimal]| all.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(*one)).unwrap();
            prop_assert_eq!(sum(&rounded), sum(&amounts).round_to(digits, Rounding::HalfEven).unwrap());
            let unit = 10_i128.pow(SCALE - digits);
            for (amount, rounded) in amounts.iter().zip(&rounded) {
                prop_assert!((amount.mantissa() - rounded.mantissa()).abs() < unit);
                prop_assert_eq!(rounded.mantissa() % unit, 0);
            }
        }
    }
}
