//! What is in a cell, and whether it is what its column wants.

use std::collections::BTreeSet;

use time::UtcDateTime;
use umbel_decimal::Decimal;

use super::named::Check;
use super::report::shown;
use super::source::{Found, members};
use crate::column::{Column, Kind};
use crate::{currency, period, service, unit};

/// What was read of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    Text(&'a str),
    Decimal(Decimal),
    Time(UtcDateTime),
    /// A JSON object.
    Json,
    /// Something else than the column wants, about which no other check says anything.
    Unreadable,
}

/// What is wrong with a cell.
pub(super) type Fault = (Check, String);

/// Reads a cell; what is wrong with it is at most one thing.
pub(super) fn read<'a>(found: &'a Found, column: &Column) -> (Value<'a>, Option<Fault>) {
    let wrong = |check, what: String| (Value::Unreadable, Some((check, what)));
    match (found, column.kind) {
        (Found::Null, _) => (Value::Null, None),
        (Found::Text(text), _) if text.is_empty() => wrong(Check::EmptyTexts, "an empty text".into()),
        (Found::Number(text) | Found::Untyped(text), Kind::Decimal | Kind::Price) => decimal(text, column.kind),
        (Found::Decimal(decimal), Kind::Decimal | Kind::Price) => (Value::Decimal(*decimal), price(*decimal, column.kind)),
        (Found::Time(time), Kind::Time) => (Value::Time(*time), None),
        (Found::Text(text) | Found::Untyped(text), Kind::Time) => match period::parse(text) {
            Some(time) => (Value::Time(time), None),
            None => wrong(Check::Times, shown(text)),
        },
        (Found::Json(json) | Found::Text(json) | Found::Untyped(json), Kind::KeyValues | Kind::Object) => {
            object(json, column.kind)
        }
        (Found::Text(text) | Found::Untyped(text), kind) if !kind.is_decimal() => (Value::Text(text), word(text, kind)),
        (other, _) => wrong(Check::Types, other.to_string()),
    }
}

fn decimal(text: &str, kind: Kind) -> (Value<'static>, Option<Fault>) {
    // FOCUS knows `mEn`, and no plus anywhere.
    let read = if text.contains('+') {
        Err("has a plus".to_owned())
    } else {
        Decimal::parse_with_exponent(text).map_err(|error| error.to_string())
    };
    match read {
        Ok(decimal) => (Value::Decimal(decimal), price(decimal, kind)),
        Err(reason) => (Value::Unreadable, Some((Check::Types, format!("{}, which {reason}", shown(text))))),
    }
}

fn price(decimal: Decimal, kind: Kind) -> Option<Fault> {
    (kind == Kind::Price && decimal.is_negative()).then(|| (Check::Prices, decimal.to_string()))
}

fn object(json: &str, kind: Kind) -> (Value<'static>, Option<Fault>) {
    let check = if kind == Kind::KeyValues { Check::KeyValues } else { Check::Objects };
    let wrong = |reason: &str| (Value::Unreadable, Some((check, format!("{} {reason}", shown(json)))));
    let Some(members) = members(json.as_bytes()) else { return wrong("is no JSON object") };
    let nested = |json: &str| json.starts_with(['{', '[']);
    if kind == Kind::KeyValues && members.iter().any(|(_, value)| nested(value.get())) {
        return wrong("is not flat");
    }
    let keys: BTreeSet<_> = members.iter().map(|(key, _)| key).collect();
    if keys.len() < members.len() { wrong("has a key twice") } else { (Value::Json, None) }
}

/// What is wrong with a text that must be a certain word.
fn word(text: &str, kind: Kind) -> Option<Fault> {
    let check = match kind {
        Kind::OneOf(words) if !words.contains(&text) => Check::AllowedValues,
        Kind::Subcategory if service::category_of(text).is_none() => Check::AllowedValues,
        Kind::Currency if !currency::is_code(text) => Check::Currencies,
        Kind::Unit if !unit::is_unit(text) => Check::Units,
        _ => return None,
    };
    Some((check, shown(text)))
}
