//! The columns of FOCUS Cost and Usage in its versions, and ours behind them.

mod table;

use std::fmt;
use std::str::FromStr;

use time::UtcDateTime;
use umbel_decimal::Decimal;

use crate::{Invalid, KeyValues, Row};

pub use table::ALL;

/// A version of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 1.2, of 2025.
    V1_2,
    /// 1.3, of December 2025.
    V1_3,
    /// 1.4, of 2026.
    V1_4,
}

impl Version {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::V1_2, Self::V1_3, Self::V1_4];

    /// How it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
            Self::V1_4 => "1.4",
        }
    }

    /// Its columns in the order in which we write them: those of FOCUS by name, then ours.
    pub fn columns(self) -> impl Iterator<Item = &'static Column> {
        ALL.iter().filter(move |column| column.is_in(self))
    }

    /// The column of this name.
    pub fn column(self, name: &str) -> Option<&'static Column> {
        self.columns().find(|column| column.name == name)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|version| version.as_str() == text);
        found.ok_or_else(|| Invalid(format!("{text:?} is no version of FOCUS that is known here: use 1.2, 1.3 or 1.4")))
    }
}

/// Whether a file must have a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Always.
    Mandatory,
    /// It should.
    Recommended,
    /// When what it tells of is supported.
    Conditional,
    /// It is ours and not of FOCUS.
    Custom,
}

/// Whether a cell may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// It may.
    Allowed,
    /// It may not.
    Forbidden,
}

/// What is in the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of the subcategories of services.
    Subcategory,
    /// The code of a currency.
    Currency,
    /// A unit of measure.
    Unit,
    /// An exact number.
    Decimal,
    /// An exact number that is not negative.
    Price,
    /// A point in time, in UTC and to the second.
    Time,
    /// A flat JSON object.
    KeyValues,
    /// A JSON object.
    Object,
}

impl Kind {
    /// Whether it is a number.
    pub const fn is_decimal(self) -> bool {
        matches!(self, Self::Decimal | Self::Price)
    }

    /// Whether it is a JSON object.
    pub const fn is_json(self) -> bool {
        matches!(self, Self::KeyValues | Self::Object)
    }
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Whether a file must have it.
    pub level: Level,
    /// Whether its cells may be empty.
    pub nulls: Nulls,
    /// What is in its cells.
    pub kind: Kind,
    /// The first version that has it; of those that are older than ours, ours.
    pub since: Version,
    /// The last version that has it.
    pub until: Version,
    /// The first version that advises against it, when there is one.
    pub deprecated: Option<Version>,
    /// What it has of a row.
    cell: for<'r> fn(&'r Row<'r>) -> Cell<'r>,
}

impl Column {
    /// Whether a version has it.
    pub fn is_in(&self, version: Version) -> bool {
        (self.since..=self.until).contains(&version)
    }

    /// Whether a version advises against it.
    pub fn is_deprecated_in(&self, version: Version) -> bool {
        self.deprecated.is_some_and(|since| since <= version)
    }

    /// Its cell of a row; an empty text is null.
    pub fn cell<'r>(&self, row: &'r Row<'r>) -> Cell<'r> {
        match (self.cell)(row) {
            Cell::Text("") => Cell::Null,
            cell => cell,
        }
    }
}

/// What a column has of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'r> {
    /// Nothing.
    Null,
    /// A text.
    Text(&'r str),
    /// A number.
    Decimal(Decimal),
    /// A point in time.
    Time(UtcDateTime),
    /// A JSON object.
    Json(&'r str),
}

impl<'r> From<&'r str> for Cell<'r> {
    fn from(text: &'r str) -> Self {
        Self::Text(text)
    }
}

impl From<Decimal> for Cell<'_> {
    fn from(decimal: Decimal) -> Self {
        Self::Decimal(decimal)
    }
}

impl From<UtcDateTime> for Cell<'_> {
    fn from(time: UtcDateTime) -> Self {
        Self::Time(time)
    }
}

impl<'r> From<&'r KeyValues> for Cell<'r> {
    fn from(object: &'r KeyValues) -> Self {
        Self::Json(object.as_json())
    }
}

impl<'r, T: Into<Cell<'r>>> From<Option<T>> for Cell<'r> {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Null, Into::into)
    }
}
