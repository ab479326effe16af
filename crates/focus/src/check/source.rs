//! Files as rows of cells.

mod csv;
mod ndjson;
mod parquet;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use time::UtcDateTime;
use umbel_decimal::Decimal;

pub(super) use self::csv::Csv;
pub(super) use self::ndjson::Ndjson;
pub(super) use self::parquet::Parquet;
use crate::Error;

/// The most bytes of a line of NDJSON.
pub const LINE_LENGTH_MAX: usize = 1024 * 1024;

/// A file that is read row by row.
pub(super) trait Source {
    /// The names of its columns.
    fn names(&self) -> &[String];

    /// Reads the next row into `row`; says whether there was one.
    fn read(&mut self, row: &mut Vec<Found>) -> Result<bool, Error>;
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Null,
    /// A text of a format that has but texts.
    Untyped(String),
    Text(String),
    /// The digits of a number.
    Number(String),
    Decimal(Decimal),
    Json(String),
    Time(UtcDateTime),
    /// Something of a type that no column has.
    Other(&'static str),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Untyped(_) | Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Decimal(_) => "a decimal",
            Self::Json(_) => "a JSON object",
            Self::Time(_) => "a time",
            Self::Other(what) => what,
        })
    }
}

/// The members of a JSON object in their order; nothing when it is none.
pub(super) fn members(json: &[u8]) -> Option<Vec<(Cow<'_, str>, &RawValue)>> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let members = deserializer.deserialize_map(Members).ok()?;
    deserializer.end().ok()?;
    Some(members)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
