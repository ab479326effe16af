//! The cells of one column until their group is written.

use std::collections::HashMap;

use ahash::RandomState;
use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int64Type};
use parquet::errors::Result;
use parquet::file::writer::SerializedColumnWriter;
use umbel_decimal::Decimal;

use crate::column::{Cell, Kind};

/// How many cells are handed over at once.
const BATCH: usize = 4096;

/// The cells of one column; nulls are counted and not held.
pub(super) struct Buffer {
    levels: Levels,
    values: Values,
}

/// Of each cell 1, or 0 when it is null: most columns have only one of them.
#[derive(Default)]
struct Levels {
    first: i16,
    like_first: usize,
    /// From the first on that is not like the first.
    others: Vec<i16>,
}

enum Values {
    Decimals(Vec<Decimal>),
    /// Microseconds since 1970.
    Times(Vec<i64>),
    Texts(Texts),
}

/// Texts, each held once.
#[derive(Default)]
struct Texts {
    numbers: Vec<u32>,
    distinct: Vec<ByteArray>,
    known: HashMap<Bytes, u32, RandomState>,
}

impl Buffer {
    pub(super) fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Decimal | Kind::Price => Values::Decimals(Vec::new()),
            Kind::Time => Values::Times(Vec::new()),
            _ => Values::Texts(Texts::default()),
        };
        Self { levels: Levels::default(), values }
    }

    /// Adds a cell, and returns by how many bytes of text more is held; a cell of another kind than the column, which there is
    /// none, counts as null.
    pub(super) fn push(&mut self, cell: Cell<'_>) -> usize {
        let (mut level, mut text_bytes) = (1, 0);
        match (&mut self.values, cell) {
            (Values::Decimals(decimals), Cell::Decimal(decimal)) => decimals.push(decimal),
            (Values::Times(times), Cell::Time(time)) => times.push(time.unix_timestamp() * 1_000_000),
            (Values::Texts(texts), Cell::Text(text) | Cell::Json(text)) => text_bytes = texts.push(text),
            _ => level = 0,
        }
        self.levels.push(level);
        text_bytes
    }

    /// Writes all cells, and is empty then.
    pub(super) fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let levels = std::mem::take(&mut self.levels).into_vec();
        match &mut self.values {
            Values::Decimals(decimals) => {
                write::<FixedLenByteArrayType, _>(column, &levels, decimals, as_bytes)?;
                decimals.clear();
            }
            Values::Times(times) => {
                write::<Int64Type, _>(column, &levels, times, <[i64]>::to_vec)?;
                times.clear();
            }
            Values::Texts(Texts { numbers, distinct, known }) => {
                // A number of a text is always that of one that is there.
                let texts =
                    |numbers: &[u32]| numbers.iter().filter_map(|number| distinct.get(*number as usize).cloned()).collect();
                write::<ByteArrayType, _>(column, &levels, numbers, texts)?;
                numbers.clear();
                distinct.clear();
                known.clear();
            }
        }
        Ok(())
    }
}

impl Levels {
    fn push(&mut self, level: i16) {
        if self.like_first == 0 {
            self.first = level;
        }
        if self.others.is_empty() && level == self.first {
            self.like_first += 1;
        } else {
            self.others.push(level);
        }
    }

    fn into_vec(self) -> Vec<i16> {
        let mut levels = vec![self.first; self.like_first];
        levels.extend(self.others);
        levels
    }
}

impl Texts {
    /// Adds a text, and returns how many bytes it takes when it is new.
    fn push(&mut self, text: &str) -> usize {
        // Rows come sorted, so that most cells repeat the one above them.
        let last = self.numbers.last().and_then(|number| self.distinct.get(*number as usize).map(|last| (*number, last)));
        let known = match last {
            Some((number, last)) if last.data() == text.as_bytes() => Some(number),
            _ => self.known.get(text.as_bytes()).copied(),
        };
        if let Some(number) = known {
            self.numbers.push(number);
            return 0;
        }
        // A group has fewer rows than there are numbers.
        let number = u32::try_from(self.distinct.len()).unwrap_or(u32::MAX);
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        self.distinct.push(ByteArray::from(bytes.clone()));
        self.known.insert(bytes, number);
        self.numbers.push(number);
        text.len()
    }
}

/// Sixteen bytes each, which share one piece of memory.
fn as_bytes(decimals: &[Decimal]) -> Vec<FixedLenByteArray> {
    let all: Bytes = decimals.iter().flat_map(|decimal| decimal.mantissa().to_be_bytes()).collect();
    let each = size_of::<i128>();
    (0..decimals.len()).map(|at| ByteArray::from(all.slice(at * each..(at + 1) * each)).into()).collect()
}

/// Writes cells in batches, of which the values are made one after the other.
fn write<T: DataType, V>(
    column: &mut SerializedColumnWriter<'_>,
    levels: &[i16],
    values: &[V],
    made: impl Fn(&[V]) -> Vec<T::T>,
) -> Result<()> {
    let mut values = values;
    for levels in levels.chunks(BATCH) {
        let count = levels.iter().filter(|level| **level == 1).count();
        let (batch, rest) = values.split_at(count.min(values.len()));
        column.typed::<T>().write_batch(&made(batch), Some(levels), None)?;
        values = rest;
    }
    Ok(())
}
