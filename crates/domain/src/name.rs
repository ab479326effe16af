//! Names that people give to things.

use crate::Invalid;

/// A name without surrounding space and without control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// The most characters of a name, of everything but an organization.
    pub const LENGTH_MAX: usize = 100;
    /// The most characters of an organization's name.
    pub const ORGANIZATION_LENGTH_MAX: usize = 255;

    /// Reads a name of 1 to `length_max` characters; space around it is cut off.
    pub fn parse(text: &str, length_max: usize) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > length_max {
            return Err(Invalid(format!("must have 1 to {length_max} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid("must not contain control characters".into()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that a search without regard to case compares.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

/// The form in which two texts are the same when they differ by case alone.
pub fn fold(text: &str) -> String {
    // Letter by letter: the end of a word must not fold otherwise than its middle, or a search would miss it.
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_around_a_name_is_cut_off() {
        assert_eq!(Name::parse("  Acme Ltd \n", 255).unwrap().as_str(), "Acme Ltd");
    }

    #[test]
    fn the_beginning_of_a_name_folds_like_the_name() {
        assert!(fold("ΟΔΟΣΑ").starts_with(&fold("ΟΔΟΣ")));
        assert_eq!(fold("ÉCOLE"), "école");
    }

    #[test]
    fn a_name_counts_characters_and_not_bytes() {
        assert!(Name::parse(&"é".repeat(255), 255).is_ok());
        assert!(Name::parse(&"é".repeat(256), 255).is_err());
    }

    #[test]
    fn empty_names_and_control_characters_are_refused() {
        for text in ["", "   ", "a\u{0}b", "a\u{1b}[31m", "a\nb", "a\u{85}b"] {
            assert!(Name::parse(text, 255).is_err(), "{text:?}");
        }
    }
}
