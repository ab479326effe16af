//! Comma-separated values (RFC 4180) that spreadsheets take for what they are.

use csv::{Terminator, Writer, WriterBuilder};

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Some rows of a table.
pub(crate) struct Table(Writer<Vec<u8>>);

impl Table {
    /// Rows that come behind these bytes.
    pub(crate) fn behind(bytes: Vec<u8>) -> Self {
        Self(WriterBuilder::new().terminator(Terminator::CRLF).from_writer(bytes))
    }

    /// Adds a row. A cell that would be taken for a formula gets an apostrophe in front.
    pub(crate) fn push<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> csv::Result<()> {
        for cell in cells {
            if cell.starts_with(FORMULA) {
                self.0.write_field(format!("'{cell}"))?;
            } else {
                self.0.write_field(cell)?;
            }
        }
        self.0.write_record(None::<&[u8]>)
    }

    /// All of it in bytes.
    pub(crate) fn into_bytes(self) -> csv::Result<Vec<u8>> {
        self.0.into_inner().map_err(|error| error.into_error().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[&str]) -> String {
        let mut table = Table::behind(Vec::new());
        table.push(cells.iter().copied()).unwrap();
        String::from_utf8(table.into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(written(&["a", "", "b c", "d,e", "f\"g", "h\ni", "ü"]), "a,,b c,\"d,e\",\"f\"\"g\",\"h\ni\",ü\r\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        let written = written(&["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "a=b", " =1", "'=1"]);
        assert_eq!(written, "'=1+1,'+1,'-1,'@SUM(A1),'\tx,\"'\r=1\",a=b, =1,'=1\r\n");
    }

    #[test]
    fn rows_have_as_many_cells_as_the_first_one() {
        let mut table = Table::behind(Vec::new());
        table.push(["a", "b"]).unwrap();
        assert!(table.push(["c"]).is_err());
    }
}
