//! Statements about many rows at once.

use crate::sql::{Builder, Value};

/// The most rows of a statement.
const ROWS_MAX: usize = 256;

/// Cuts rows into groups whose sizes are powers of two, so that there are few different statements.
pub(super) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = rows.len().min(ROWS_MAX).checked_ilog2().map(|power| 1 << power)?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// Appends rows: `(…), (…)`.
pub(super) fn push_rows<'a, const N: usize>(statement: &mut Builder<'a>, rows: impl Iterator<Item = [Value<'a>; N]>) {
    for (at, row) in rows.enumerate() {
        statement.push(if at == 0 { "(" } else { ", (" });
        for (at, value) in row.into_iter().enumerate() {
            statement.push(if at == 0 { "" } else { ", " }).bind(value);
        }
        statement.push(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_powers_of_two_and_nothing_is_left_out() {
        let rows: Vec<usize> = (0..1_000).collect();
        let sizes: Vec<usize> = chunks(&rows).map(<[usize]>::len).collect();
        assert_eq!(sizes, [256, 256, 256, 128, 64, 32, 8]);
        assert!(chunks(&rows).flatten().eq(&rows));
        assert_eq!(chunks::<usize>(&[]).count(), 0);
    }
}
