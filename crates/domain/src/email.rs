//! E-mail addresses: kept as they were given, compared in one canonical form.

use std::borrow::Cow;

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
        let canonical = canonical(text);
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

    /// Whether a text mentions the address, and not as a part of a longer one. What is written as in a URI (`%40`) or with the
    /// escapes of JSON (`\u0040`) counts, too.
    pub fn is_in(&self, text: &str) -> bool {
        let text = canonical(&unescaped(text));
        let mut rest = text.as_str();
        while let Some(at) = rest.find(&self.canonical) {
            let before = rest[..at].chars().next_back();
            let mut after = rest[at + self.canonical.len()..].chars();
            let (next, second) = (after.next(), after.next());
            let goes_on = next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
                || next == Some('.') && second.is_some_and(char::is_alphanumeric);
            if !goes_on && !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-')) {
                return true;
            }
            rest = &rest[at + rest[at..].chars().next().map_or(1, char::len_utf8)..];
        }
        false
    }

    /// Whether both are one mailbox for sure, as they differ by the case of ASCII letters at most: addresses of one canonical form may be
    /// those of different people elsewhere.
    pub fn is_same_mailbox(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }

    /// The form in which addresses are compared.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

fn canonical(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.nfkc().collect::<String>().to_lowercase() }
}

/// The text with what is escaped as in a URI or in JSON; what is no such escape stays.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '\\']) {
        return Cow::Borrowed(text);
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = |from: usize, to: usize| {
            let digits = rest.get(from..to).and_then(|digits| std::str::from_utf8(digits).ok())?;
            u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
        };
        let escaped_byte = digits(1, 3).and_then(|byte| u8::try_from(byte).ok()).filter(|_| byte == b'%');
        let escaped_char = digits(2, 6).and_then(char::from_u32).filter(|_| rest.starts_with(b"\\u"));
        if let Some(escaped) = escaped_byte {
            bytes.push(escaped);
            rest = &rest[3..];
        } else if let Some(escaped) = escaped_char {
            bytes.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &rest[6..];
        } else {
            bytes.push(byte);
            rest = behind;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
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
    fn a_mailbox_is_the_same_for_sure_when_nothing_but_the_case_of_ascii_differs() {
        let plain = Email::parse("ann@example.com").unwrap();
        assert!(plain.is_same_mailbox(&Email::parse(" Ann@Example.COM ").unwrap()));
        for text in ["ａｎｎ@example.com", "ann@example.com\u{3000}x", "ann@ex\u{ff41}mple.com", "bob@example.com"] {
            assert!(!plain.is_same_mailbox(&Email::parse(text).unwrap()), "{text:?}");
        }
        let [kelvin, plain] = ["\u{212a}@example.com", "k@example.com"].map(|text| Email::parse(text).unwrap());
        assert!(kelvin == plain && !kelvin.is_same_mailbox(&plain));
    }

    #[test]
    fn an_address_is_kept_as_it_was_given() {
        assert_eq!(Email::parse(" Ann@Example.com").unwrap().as_str(), "Ann@Example.com");
    }

    #[test]
    fn a_text_mentions_an_address_however_it_is_written_but_not_within_a_longer_one() {
        let ann = Email::parse("ann@example.com").unwrap();
        for text in [
            "ann@example.com",
            r#"{"email":"Ann@Example.COM"}"#,
            r#"{"email":"ann\u0040example.com"}"#,
            "/members?user.email=ann%40example.com&x=1",
            "100% of ann@example.com.",
            "\\ a%4 joann@example.com, ann@example.com",
            "<ａｎｎ@example.com>",
        ] {
            assert!(ann.is_in(text), "{text}");
        }
        for text in
            ["", "joann@example.com", "jo.ann@example.com", "ann@example.community", "ann@example.com.au", "ann%4example.com"]
        {
            assert!(!ann.is_in(text), "{text}");
        }
    }

    #[test]
    fn any_shape_is_an_address_but_emptiness_and_control_characters_are_not() {
        assert!(Email::parse("not an address").is_ok());
        for text in ["", "  ", "a\u{0}@b", "a\r\n@b", &"x".repeat(321)] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }
}
