//! A JSON object a line.

use std::io::{BufRead, Read as _};

use super::{Found, LINE_LENGTH_MAX, Source, members};
use crate::{Error, Invalid};

/// A file with a JSON object a line; the first line says which columns there are.
pub(in crate::check) struct Ndjson<R> {
    reader: R,
    names: Vec<String>,
    line: Vec<u8>,
    rows: u64,
    /// Whether the first line, of which the names were taken, waits to be a row.
    pending: bool,
}

impl<R: BufRead> Ndjson<R> {
    pub(in crate::check) fn new(reader: R) -> Result<Self, Error> {
        let mut source = Self { reader, names: Vec::new(), line: Vec::new(), rows: 0, pending: false };
        if source.read_line()? {
            let members = members(&source.line).ok_or_else(|| source.refused("it is no JSON object"))?;
            source.names = members.into_iter().map(|(name, _)| name.into_owned()).collect();
            source.pending = true;
        }
        Ok(source)
    }

    /// Reads the next line; says whether there is one.
    fn read_line(&mut self) -> Result<bool, Error> {
        self.line.clear();
        self.rows += 1;
        let limit = LINE_LENGTH_MAX as u64 + 1;
        let length = (&mut self.reader).take(limit).read_until(b'\n', &mut self.line)?;
        if length > LINE_LENGTH_MAX {
            return Err(self.refused(&format!("it has more than {LINE_LENGTH_MAX} bytes")));
        }
        Ok(length > 0)
    }

    fn refused(&self, reason: &str) -> Error {
        Error::Row { number: self.rows, reason: Invalid(reason.to_owned()) }
    }
}

impl<R: BufRead> Source for Ndjson<R> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&mut self, row: &mut Vec<Found>) -> Result<bool, Error> {
        if !std::mem::take(&mut self.pending) && !self.read_line()? {
            return Ok(false);
        }
        let members = members(&self.line).ok_or_else(|| self.refused("it is no JSON object"))?;
        row.clear();
        row.resize(self.names.len(), Found::Null);
        for (at, (name, value)) in members.into_iter().enumerate() {
            // Lines have their members in the same order nearly always.
            let same = self.names.get(at).is_some_and(|expected| *expected == name);
            let at = if same { Some(at) } else { self.names.iter().position(|expected| *expected == name) };
            let Some(cell) = at.and_then(|at| row.get_mut(at)) else {
                return Err(self.refused(&format!("it has the member {name:?}, which the first row does not have")));
            };
            *cell = found(value.get());
        }
        Ok(true)
    }
}

/// What a JSON value is by its first character.
fn found(json: &str) -> Found {
    match json.as_bytes().first() {
        Some(b'n') => Found::Null,
        Some(b'"') => serde_json::from_str(json).map_or(Found::Other("a text that is not Unicode"), Found::Text),
        Some(b'{') => Found::Json(json.to_owned()),
        Some(b'[') => Found::Other("a JSON array"),
        Some(b't' | b'f') => Found::Other("true or false"),
        _ => Found::Number(json.to_owned()),
    }
}
