//! Writers: rows in, a file out, a little at a time.

mod csv;
mod ndjson;
mod parquet;

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use crate::column::{Cell, Column, Nulls};
use crate::{Error, Invalid, Row, Version};

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Ndjson, Self::Parquet];

    /// How it is written, and how the names of its files end.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }

    /// What it is called on the web.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| Invalid(format!("{text:?} is no format of FOCUS files: use csv, ndjson or parquet")))
    }
}

/// Writes rows as a file in one of the formats.
///
/// CSV and NDJSON are written row by row. Parquet is written in groups of rows, which are held until they are full.
pub struct Writer<W: Write + Send + 'static> {
    columns: Vec<&'static Column>,
    encoder: Box<dyn Encode<W> + Send>,
    rows: u64,
}

/// What the formats have in common.
trait Encode<W> {
    /// Writes the cells of one row, in the order of the columns.
    fn write(&mut self, cells: &mut dyn Iterator<Item = Cell<'_>>) -> Result<(), Error>;

    /// Where it is written to.
    fn out(&mut self) -> &mut W;

    /// Writes what is left.
    fn finish(self: Box<Self>) -> Result<W, Error>;
}

impl<W: Write + Send + 'static> Writer<W> {
    /// Begins a file with the columns of a version.
    pub fn new(format: Format, version: Version, out: W) -> Result<Self, Error> {
        let columns: Vec<_> = version.columns().collect();
        let encoder: Box<dyn Encode<W> + Send> = match format {
            Format::Csv => Box::new(csv::Encoder::new(&columns, out)?),
            Format::Ndjson => Box::new(ndjson::Encoder::new(&columns, out)),
            Format::Parquet => Box::new(parquet::Encoder::new(&columns, out)?),
        };
        Ok(Self { columns, encoder, rows: 0 })
    }

    /// Writes a row; one that lacks what a column must have is refused.
    pub fn write(&mut self, row: &Row<'_>) -> Result<(), Error> {
        let number = self.rows + 1;
        if let Some(column) = self.columns.iter().find(|column| lacks(column, row)) {
            return Err(Error::Row { number, reason: Invalid(format!("it has no {}, which must not be null", column.name)) });
        }
        self.encoder.write(&mut self.columns.iter().map(|column| column.cell(row)))?;
        self.rows = number;
        Ok(())
    }

    /// How many rows were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what is left, and ends the file.
    pub fn finish(self) -> Result<W, Error> {
        self.encoder.finish()
    }
}

impl Writer<Vec<u8>> {
    /// Takes the bytes that are there, so that a file of any length passes through little memory.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.encoder.out())
    }
}

/// Whether a row lacks what every row must have in a column; what a feature that we lack would have is not asked for.
fn lacks(column: &Column, row: &Row<'_>) -> bool {
    use crate::column::Level::{Mandatory, Recommended};
    column.nulls == Nulls::Forbidden && matches!(column.level, Mandatory | Recommended) && column.cell(row) == Cell::Null
}

impl<W: Write + Send + 'static> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({} columns, {} rows)", self.columns.len(), self.rows)
    }
}
