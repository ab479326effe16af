//! What verbs print for people: tables, blocks, and names that cannot drive the terminal.

use std::io::{ErrorKind, Write as _};

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use unicode_width::UnicodeWidthStr as _;

use crate::Result;

/// Prints on standard output; a reader that has seen enough, like `head`, is no mistake.
pub(crate) fn out(text: &str) -> Result {
    offer(text.as_bytes()).map(drop)
}

/// Prints on standard output at once; says whether somebody still reads.
pub(crate) fn offer(bytes: &[u8]) -> Result<bool> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Prints one line of JSON.
pub(crate) fn json(value: &impl Serialize) -> Result {
    out(&(serde_json::to_string(value)? + "\n"))
}

/// Says something beside the result, on standard error.
pub(crate) fn note(text: &str) {
    // When nobody reads it there is nobody to tell.
    _ = writeln!(std::io::stderr(), "umbel: {text}");
}

/// The text with everything escaped that a terminal obeys instead of showing it.
pub(crate) fn escaped(text: &str) -> String {
    let obeyed =
        |c: char| c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if obeyed(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// A name with the id of what has it.
pub(crate) fn named(name: &str, id: &str) -> String {
    format!("{name} ({id})")
}

/// A time as people and programs read it, to the second.
pub(crate) fn time(time: OffsetDateTime) -> String {
    // Only years beyond 9999 have no such form.
    time.replace_nanosecond(0).ok().and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// The same of a time that there may not be.
pub(crate) fn time_or(at: Option<OffsetDateTime>, otherwise: &str) -> String {
    at.map_or(otherwise.to_owned(), time)
}

/// Rows below their heads, in columns as wide as it takes.
pub(crate) fn table<const N: usize>(heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows = rows.into_iter().map(|row| row.map(|cell| escaped(&cell)));
    let lines: Vec<_> = std::iter::once(heads.map(str::to_owned)).chain(rows).collect();
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width());
        }
    }
    let padded = |line: &[String; N]| {
        let cells = line.iter().zip(widths).map(|(cell, width)| cell.clone() + &" ".repeat(width - cell.width()));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(padded).collect()
}

/// What is known about one thing, a line each; what is empty is left out.
pub(crate) fn block<const N: usize>(lines: [(&str, String); N]) -> String {
    let lines: Vec<_> = lines.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let width = lines.iter().map(|(label, _)| label.len()).max().unwrap_or_default() + 1;
    let line = |(label, value): &(&str, String)| format!("{:<width$}  {}\n", format!("{label}:"), escaped(value));
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_wide_characters_count_twice() {
        let rows = [["1", "京都", "a"], ["22", "Ö", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(table(["ID", "NAME", "X"], rows), "ID  NAME  X\n1   京都  a\n22  Ö\n");
    }

    #[test]
    fn a_name_cannot_drive_the_terminal_or_feign_another_line() {
        let rows = [["\u{1b}[31mred\numbel: all is well\u{202e}".to_owned()]];
        assert_eq!(table(["NAME"], rows), "NAME\n\\u{1b}[31mred\\numbel: all is well\\u{202e}\n");
    }

    #[test]
    fn a_block_leaves_out_what_is_empty() {
        let lines = [("id", "1".to_owned()), ("profile", String::new()), ("name", "Café".to_owned())];
        assert_eq!(block(lines), "id:    1\nname:  Café\n");
    }

    #[test]
    fn times_are_shown_to_the_second() {
        let at = OffsetDateTime::from_unix_timestamp_nanos(1_767_323_045_123_456_000).unwrap();
        assert_eq!(time(at), "2026-01-02T03:04:05Z");
    }
}
