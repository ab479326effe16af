//! A JSON object a line: numbers with all their digits, JSON as JSON, null where there is nothing.

use std::io::Write;

use super::Encode;
use crate::column::{Cell, Column};
use crate::period::Moment;
use crate::{Error, Invalid};

pub(super) struct Encoder<W> {
    out: W,
    line: Vec<u8>,
    /// What stands before each cell.
    before: Vec<String>,
}

impl<W: Write> Encoder<W> {
    pub(super) fn new(columns: &[&Column], out: W) -> Self {
        // Names of columns need no escaping.
        let first = std::iter::once('{').chain(std::iter::repeat(','));
        let before = columns.iter().zip(first).map(|(column, mark)| format!("{mark}\"{}\":", column.name)).collect();
        Self { out, line: Vec::new(), before }
    }
}

impl<W: Write> Encode<W> for Encoder<W> {
    fn write(&mut self, cells: &mut dyn Iterator<Item = Cell<'_>>) -> Result<(), Error> {
        self.line.clear();
        for (before, cell) in self.before.iter().zip(cells) {
            self.line.extend_from_slice(before.as_bytes());
            match cell {
                Cell::Null => self.line.extend_from_slice(b"null"),
                Cell::Decimal(decimal) => write!(self.line, "{decimal}")?,
                Cell::Time(time) => write!(self.line, "\"{}\"", Moment(time))?,
                Cell::Json(json) => self.line.extend_from_slice(json.as_bytes()),
                Cell::Text(text) => serde_json::to_writer(&mut self.line, text)
                    .map_err(|error| Error::File(Invalid(format!("a text cannot be written: {error}"))))?,
            }
        }
        self.line.extend_from_slice(b"}\n");
        Ok(self.out.write_all(&self.line)?)
    }

    fn out(&mut self) -> &mut W {
        &mut self.out
    }

    fn finish(mut self: Box<Self>) -> Result<W, Error> {
        self.out.flush()?;
        Ok(self.out)
    }
}
