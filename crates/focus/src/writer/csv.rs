//! Comma-separated values (RFC 4180): an empty cell is null, and numbers have a point.

use std::fmt::Write as _;
use std::io::Write;

use super::Encode;
use crate::Error;
use crate::column::{Cell, Column};
use crate::period::Moment;

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub(super) struct Encoder<W> {
    out: W,
    line: String,
}

impl<W: Write> Encoder<W> {
    pub(super) fn new(columns: &[&Column], out: W) -> Result<Self, Error> {
        let mut encoder = Self { out, line: String::new() };
        encoder.write(&mut columns.iter().map(|column| Cell::Text(column.name)))?;
        Ok(encoder)
    }
}

impl<W: Write> Encode<W> for Encoder<W> {
    fn write(&mut self, cells: &mut dyn Iterator<Item = Cell<'_>>) -> Result<(), Error> {
        self.line.clear();
        for cell in cells {
            push(&mut self.line, cell);
            self.line.push(',');
        }
        self.line.pop();
        self.line.push_str("\r\n");
        Ok(self.out.write_all(self.line.as_bytes())?)
    }

    fn out(&mut self) -> &mut W {
        &mut self.out
    }

    fn finish(mut self: Box<Self>) -> Result<W, Error> {
        self.out.flush()?;
        Ok(self.out)
    }
}

fn push(line: &mut String, cell: Cell<'_>) {
    // Writing to a text cannot fail.
    _ = match cell {
        Cell::Null => Ok(()),
        Cell::Decimal(decimal) => write!(line, "{}", decimal.pointed()),
        Cell::Time(time) => write!(line, "{}", Moment(time)),
        Cell::Text(text) | Cell::Json(text) => {
            push_text(line, text);
            Ok(())
        }
    };
}

/// Adds a text, in quotes when it needs them; one that would be taken for a formula gets an apostrophe in front.
fn push_text(line: &mut String, text: &str) {
    let quoted = text.contains([',', '"', '\r', '\n']);
    if quoted {
        line.push('"');
    }
    if text.starts_with(FORMULA) {
        line.push('\'');
    }
    if quoted {
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: Cell<'_>) -> String {
        let mut line = String::new();
        push(&mut line, cell);
        line
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
