//! Currencies.

use crate::Invalid;

/// The codes of ISO 4217 for money that circulates, in order.
const CODES: [&str; 155] = [
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD", "BND", "BOB", "BRL",
    "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP",
    "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG",
    "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD",
    "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK",
    "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR",
    "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP",
    "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES", "VND",
    "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

/// Those whose smallest unit is the currency itself.
const WHOLE: [&str; 16] =
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Those whose smallest unit is a thousandth.
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// A currency of ISO 4217, by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str);

impl Currency {
    /// What an organization pays in unless it is said otherwise.
    pub const USD: Self = Self("USD");

    /// Reads a code of three capital letters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let at = CODES.binary_search(&text).map_err(|_| Invalid("must be a currency of ISO 4217 like USD".into()))?;
        Ok(Self(CODES[at]))
    }

    /// The code.
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// How many digits after the point amounts have that can be paid.
    pub fn fraction_digits(self) -> u32 {
        if WHOLE.contains(&self.0) {
            0
        } else if THOUSANDTHS.contains(&self.0) {
            3
        } else {
            2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_none_is_missing_from_the_search() {
        assert!(CODES.is_sorted());
        for code in CODES {
            assert_eq!(Currency::parse(code).map(Currency::code), Ok(code));
        }
        assert_eq!(Currency::parse("USD"), Ok(Currency::USD));
        let digits = |code| Currency::parse(code).unwrap().fraction_digits();
        assert_eq!((digits("JPY"), digits("EUR"), digits("BHD")), (0, 2, 3));
        assert!(WHOLE.iter().chain(&THOUSANDTHS).all(|code| Currency::parse(code).is_ok()));
        for text in ["", "usd", "XXX", "XTS", "EURO", "DEM"] {
            assert!(Currency::parse(text).is_err(), "{text}");
        }
    }
}
