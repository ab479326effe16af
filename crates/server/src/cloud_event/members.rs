//! The data of an event: an object, of which the values that matter are read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use umbel_decimal::Decimal;

use super::Text;

/// The members of an object, in their order.
#[derive(Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

/// What a member is.
enum Value<'a> {
    String(Cow<'a, str>),
    Number(Cow<'a, str>),
    Null,
    Other,
}

impl<'a> Members<'a> {
    /// Reads an object; no data at all has no members.
    pub(super) fn read(data: Option<Cow<'a, str>>) -> Result<Self, String> {
        let unread = |error: serde_json::Error| {
            let reason = if error.is_data() { "data must be an object" } else { "data is not JSON" };
            reason.to_owned()
        };
        let members = match data {
            None => return Ok(Self::default()),
            Some(Cow::Borrowed(text)) => serde_json::from_str::<Self>(text).map_err(unread)?,
            Some(Cow::Owned(text)) => {
                let members = serde_json::from_str::<Members<'_>>(&text).map_err(unread)?;
                Self(members.0.into_iter().map(owned).collect())
            }
        };
        let mut names: Vec<&str> = members.0.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("data has the member `{}` twice", pair[0].escape_debug())),
            None => Ok(members),
        }
    }

    fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| value).filter(|value| !matches!(value, Value::Null))
    }

    /// A number, or a decimal in a string; `None` when there is no such member.
    pub(crate) fn number(&self, name: &str) -> Result<Option<Decimal>, String> {
        let read = match self.get(name) {
            None => return Ok(None),
            Some(Value::Number(digits)) => Decimal::parse_with_exponent(digits),
            Some(Value::String(digits)) => digits.parse(),
            Some(_) => return Err(format!("data.{name} must be a number or a decimal in a string")),
        };
        read.map(Some).map_err(|error| format!("data.{name} {error}"))
    }

    /// A text; `None` when there is no such member.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("data.{name} must be a string")),
        }
    }
}

fn owned<'b>((name, value): (Cow<'_, str>, Value<'_>)) -> (Cow<'b, str>, Value<'b>) {
    let value = match value {
        Value::String(text) => Value::String(text.into_owned().into()),
        Value::Number(digits) => Value::Number(digits.into_owned().into()),
        Value::Null => Value::Null,
        Value::Other => Value::Other,
    };
    (name.into_owned().into(), value)
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Text(name), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            let text = value.get();
            let value = match text.as_bytes().first() {
                Some(b'"') => serde_json::from_str::<Text<'de>>(text).map_or(Value::Other, |Text(text)| Value::String(text)),
                Some(b'-' | b'0'..=b'9') => Value::Number(text.into()),
                Some(b'n') => Value::Null,
                _ => Value::Other,
            };
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

/// The text without what is between its tokens alone.
pub(super) fn minified(json: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let (mut quoted, mut escaped) = (false, false);
    for byte in json.bytes() {
        if !quoted && byte.is_ascii_whitespace() {
            continue;
        }
        out.push(byte);
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Members<'_> {
        Members::read(Some(json.into())).unwrap()
    }

    #[test]
    fn numbers_keep_every_digit_and_strings_may_stand_for_them() {
        let members = members(
            r#"{"a": 123456789012345678.123456, "b": "0.1", "c": 1e3, "d": null, "e": "1e3", "f": [1], "g": "NaN", "h": 1e-99, "i": true}"#,
        );
        let number = |name| members.number(name).map(|number| number.map(|number| number.to_string()));
        assert_eq!(number("a"), Ok(Some("123456789012345678.123456".into())));
        assert_eq!((number("b"), number("c")), (Ok(Some("0.1".into())), Ok(Some("1000".into()))));
        assert_eq!((number("d"), number("z")), (Ok(None), Ok(None)));
        for bad in ["e", "f", "g", "h", "i"] {
            assert!(number(bad).is_err(), "{bad}");
        }
        assert_eq!((members.text("b"), members.text("d")), (Ok(Some("0.1")), Ok(None)));
        assert!(members.text("a").is_err());
    }

    #[test]
    fn only_what_is_between_tokens_is_left_out() {
        assert_eq!(minified("{ \"a \\\" b\" : [ 1 ,\n2 ] }"), br#"{"a \" b":[1,2]}"#);
    }
}
