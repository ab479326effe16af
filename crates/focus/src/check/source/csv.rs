//! Comma-separated values.

use std::io::Read;

use csv::{Reader, StringRecord};

use super::{Found, Source};
use crate::{Error, Invalid};

/// A file of comma-separated values, with the names of the columns in its first line.
pub(in crate::check) struct Csv<R> {
    reader: Reader<R>,
    names: Vec<String>,
    record: StringRecord,
    rows: u64,
}

impl<R: Read> Csv<R> {
    pub(in crate::check) fn new(reader: R) -> Result<Self, Error> {
        let mut reader = Reader::from_reader(reader);
        let names = reader.headers().map_err(|error| refused(error, 0))?.iter().map(str::to_owned).collect();
        Ok(Self { reader, names, record: StringRecord::new(), rows: 0 })
    }
}

impl<R: Read> Source for Csv<R> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&mut self, row: &mut Vec<Found>) -> Result<bool, Error> {
        row.clear();
        self.rows += 1;
        let more = self.reader.read_record(&mut self.record).map_err(|error| refused(error, self.rows))?;
        let found = |cell: &str| if cell.is_empty() { Found::Null } else { Found::Untyped(cell.to_owned()) };
        row.extend(self.record.iter().map(found));
        Ok(more)
    }
}

/// The reason without the position, which is the row.
fn refused(error: csv::Error, number: u64) -> Error {
    let reason = match error.into_kind() {
        csv::ErrorKind::Io(error) => return Error::Io(error),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} cells where there are {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        _ => "it cannot be read".to_owned(),
    };
    Error::Row { number, reason: Invalid(reason) }
}
