//! E-mail addresses: kept as they were given, compared in one canonical form.

use unicode_normalization::UnicodeNormalization;

use crate::Invalid;

/// An address as it was given, and its canonical form: trimmed, NFKC, lower case.
///
/// Nothing is asked of its shape, for clients send any text here; two addresses are the same when their canonical forms are.
#[derive(Debug, Clone)]
pub struct Email {
    text: String,
    canonical: String,
}

impl Email {
    /// The most bytes of an address (RFC 5321: 64 before the `@`, 255 after it).
    pub const LENGTH_MAX: usize = 320;

    /// Reads an address; it must not be empty, too long or contain control characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let canonical = if text.is_ascii() { text.to_ascii_lowercase() } else { text.nfkc().collect::<String>().to_lowercase() };
        let canonical = canonical.trim();
        if canonical.is_empty() || text.len() > Self::LENGTH_MAX || canonical.len() > 2 * Self::LENGTH_MAX {
            return Err(Invalid(format!("must have 1 to {} bytes", Self::LENGTH_MAX)));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid("must not contain control characters".into()));
        }
        Ok(Self { text: text.to_owned(), canonical: canonical.to_owned() })
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form in which addresses are compared.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Email {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_differ_by_case_space_or_compatibility_forms_are_the_same() {
        let plain = Email::parse("ann@example.com").unwrap();
        for text in [" Ann@Example.COM ", "ａｎｎ@example.com", "ann@example.com\u{3000}"] {
            assert_eq!(Email::parse(text).unwrap(), plain, "{text:?}");
        }
    }

    #[test]
    fn an_address_is_kept_as_it_was_given() {
        assert_eq!(Email::parse(" Ann@Example.com").unwrap().as_str(), "Ann@Example.com");
    }

    #[test]
    fn any_shape_is_an_address_but_emptiness_and_control_characters_are_not() {
        assert!(Email::parse("not an address").is_ok());
        for text in ["", "  ", "a\u{0}@b", "a\r\n@b", &"x".repeat(321)] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }
}
