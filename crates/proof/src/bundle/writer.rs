//! Writing a bundle, a line at a time.

use std::io::Write;

use super::{Error, Header, LINE_LENGTH_MAX, Leaf, line};
use crate::Invalid;
use crate::note::Note;

/// A bundle that is being written; its memory does not grow with the bundle.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    header: Header,
    /// The index that the next leaf must have, or the least that it may have.
    next: u64,
    /// How many lines are written.
    lines: u64,
    buffer: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the first line.
    pub fn new(out: W, header: Header) -> Result<Self, Error> {
        let next = header.start();
        let mut writer = Self { out, header, next, lines: 0, buffer: Vec::new() };
        writer.header.write(&mut writer.buffer);
        writer.end_line()?;
        Ok(writer)
    }

    /// Writes a leaf; one that the header does not announce, or that comes out of order, is refused.
    pub fn leaf(&mut self, leaf: &Leaf<'_>) -> Result<(), Error> {
        self.header.check_leaf(self.next, leaf).map_err(|reason| self.refuse(reason))?;
        leaf.write(&mut self.buffer);
        self.end_line()?;
        self.next = leaf.index + 1;
        Ok(())
    }

    /// Writes the last line, the checkpoint that the leaves lead to, and returns what the bundle was written to.
    pub fn finish(mut self, checkpoint: &Note) -> Result<W, Error> {
        line::write_checkpoint(&checkpoint.to_string(), &mut self.buffer);
        self.end_line()?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// What the bundle is written to, for who takes away what is there so far.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn end_line(&mut self) -> Result<(), Error> {
        self.buffer.push(b'\n');
        if self.buffer.len() > LINE_LENGTH_MAX {
            let length = self.buffer.len();
            return Err(self.refuse(Invalid(format!("the line would have {length} bytes, more than {LINE_LENGTH_MAX}"))));
        }
        self.out.write_all(&self.buffer)?;
        self.lines += 1;
        Ok(())
    }

    fn refuse(&self, reason: Invalid) -> Error {
        Error::Line { number: self.lines + 1, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Contents;
    use crate::entry::tests::full_entry;
    use crate::{Entry, Frontier, Seal};

    fn leaf(index: u64) -> Leaf<'static> {
        Leaf { index, entry: Entry::default(), seal: Seal::Salt([0; 16]), proof: None }
    }

    fn writer(contents: Contents) -> Writer<Vec<u8>> {
        Writer::new(Vec::new(), Header { origin: "umbel/audit/a".into(), contents }).unwrap()
    }

    #[test]
    fn what_no_verifier_would_accept_is_not_written() {
        let mut range = writer(Contents::Range(Frontier::default()));
        range.leaf(&leaf(0)).unwrap();
        let length = range.get_mut().len();
        for bad in [
            leaf(0),
            leaf(2),
            Leaf { proof: Some(Vec::new()), ..leaf(1) },
            Leaf { entry: full_entry(), seal: Seal::Commitment([0; 32]), ..leaf(1) },
        ] {
            assert!(range.leaf(&bad).unwrap_err().to_string().starts_with("line 3: leaf "), "{bad:?}");
        }
        assert_eq!(range.get_mut().len(), length);
        range.leaf(&leaf(1)).unwrap();

        let mut selection = writer(Contents::Selection { size: 9, root: [0; 32] });
        let proven = |index| Leaf { proof: Some(Vec::new()), ..leaf(index) };
        selection.leaf(&proven(4)).unwrap();
        for bad in [proven(4), proven(3), proven(9), leaf(5)] {
            assert!(selection.leaf(&bad).is_err(), "{bad:?}");
        }
        selection.leaf(&proven(8)).unwrap();
    }

    #[test]
    fn a_line_over_the_limit_is_not_written() {
        let mut range = writer(Contents::Range(Frontier::default()));
        let entry = Entry { id: Some("x".repeat(LINE_LENGTH_MAX).into()), ..Entry::default() };
        assert!(range.leaf(&Leaf { entry, ..leaf(0) }).unwrap_err().to_string().contains("more than 16777216"));
    }
}
