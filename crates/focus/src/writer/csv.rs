//! Comma-separated values (RFC 4180): an empty cell is null, and numbers have a point.

use std::io::Write;

use super::Encode;
use crate::Error;
use crate::column::{Cell, Column};
use crate::period::Moment;

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub(super) struct Encoder<W> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> Encoder<W> {
    pub(super) fn new(columns: &[&Column], out: W) -> Result<Self, Error> {
        let mut encoder = Self { out, line: Vec::new() };
        encoder.write(&mut columns.iter().map(|column| Cell::Text(column.name)))?;
        Ok(encoder)
    }
}

impl<W: Write> Encode<W> for Encoder<W> {
    fn write(&mut self, cells: &mut dyn Iterator<Item = Cell<'_>>) -> Result<(), Error> {
        self.line.clear();
        for cell in cells {
            push(&mut self.line, cell);
            self.line.push(b',');
        }
        self.line.pop();
        self.line.extend_from_slice(b"\r\n");
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

fn push(line: &mut Vec<u8>, cell: Cell<'_>) {
    match cell {
        Cell::Null => {}
        Cell::Decimal(decimal) => decimal.pointed().append_to(line),
        Cell::Time(time) => line.extend_from_slice(&Moment(time).text()),
        Cell::Text(text) | Cell::Json(text) => push_text(line, text),
    }
}

/// Adds a text, in quotes when it needs them; one that would be taken for a formula gets an apostrophe in front.
fn push_text(line: &mut Vec<u8>, text: &str) {
    let quoted = text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'));
    if quoted {
        line.push(b'"');
    }
    if text.starts_with(FORMULA) {
        line.push(b'\'');
    }
    if quoted {
        line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: Cell<'_>) -> String {
        let mut line = Vec::new();
        push(&mut line, cell);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let texts = ["a", "b c", "d,e", "f\"g", "h\ni", "ü", "=1+1", "@\"x\"", "-1", "+1", "\tx", "a=b", "'=1"];
        let cells = texts.map(|text| written(Cell::Text(text)));
        let expected = [
            "a",
            "b c",
            "\"d,e\"",
            "\"f\"\"g\"",
            "\"h\ni\"",
            "ü",
            "'=1+1",
            "\"'@\"\"x\"\"\"",
            "'-1",
            "'+1",
            "'\tx",
            "a=b",
            "'=1",
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn numbers_stay_numbers_and_have_a_point() {
        let number = |text: &str| written(Cell::Decimal(text.parse().unwrap()));
        assert_eq!([number("-1"), number("1000"), number("0.000000000000000001")], ["-1.0", "1000.0", "0.000000000000000001"]);
    }
}
