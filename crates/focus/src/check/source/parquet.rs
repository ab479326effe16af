//! Apache Parquet.

use std::sync::Arc;

use parquet::basic::LogicalType;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;
use time::UtcDateTime;
use umbel_decimal::{Decimal, SCALE};

use super::{Found, Source};
use crate::{Error, Invalid};

/// A Parquet file without nested columns.
pub(in crate::check) struct Parquet {
    rows: RowIter<'static>,
    names: Vec<String>,
    /// Of each column whether its times are in UTC.
    in_utc: Vec<bool>,
    read: u64,
}

impl Parquet {
    pub(in crate::check) fn new(reader: impl ChunkReader + 'static) -> Result<Self, Error> {
        let reader = SerializedFileReader::new(reader).map_err(|error| refused(&error))?;
        let fields = reader.metadata().file_metadata().schema().get_fields();
        if let Some(nested) = fields.iter().find(|field| !field.is_primitive()) {
            return Err(Error::File(Invalid(format!("the column {:?} is nested, which none of FOCUS is", nested.name()))));
        }
        let names = fields.iter().map(|field| field.name().to_owned()).collect();
        let in_utc = fields.iter().map(is_in_utc).collect();
        Ok(Self { rows: RowIter::from_file_into(Box::new(reader)), names, in_utc, read: 0 })
    }
}

fn is_in_utc(field: &Arc<Type>) -> bool {
    match field.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(timestamp)) => timestamp.is_adjusted_to_u_t_c,
        // Files from before there were logical types have times in UTC only.
        _ => true,
    }
}

impl Source for Parquet {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&mut self, row: &mut Vec<Found>) -> Result<bool, Error> {
        let Some(next) = self.rows.next() else { return Ok(false) };
        self.read += 1;
        let number = self.read;
        let next = next.map_err(|error| Error::Row { number, reason: Invalid(format!("it cannot be read: {error}")) })?;
        row.clear();
        row.extend(next.get_column_iter().zip(&self.in_utc).map(|((_, field), in_utc)| found(field, *in_utc)));
        Ok(true)
    }
}

fn found(field: &Field, in_utc: bool) -> Found {
    match field {
        Field::Null => Found::Null,
        Field::Str(text) => Found::Text(text.clone()),
        Field::Decimal(decimal) => exact(decimal).map_or(Found::Other("a decimal that needs more digits"), Found::Decimal),
        Field::Int(integer) => Found::Number(integer.to_string()),
        Field::Long(integer) => Found::Number(integer.to_string()),
        Field::TimestampMillis(_) | Field::TimestampMicros(_) if !in_utc => Found::Other("a time without a zone"),
        Field::TimestampMillis(millis) => time(i128::from(*millis) * 1_000_000),
        Field::TimestampMicros(micros) => time(i128::from(*micros) * 1_000),
        Field::Float16(_) | Field::Float(_) | Field::Double(_) => Found::Other("a binary fraction"),
        Field::Date(_) => Found::Other("a date without a time"),
        _ => Found::Other("of a type that no column has"),
    }
}

fn time(nanoseconds: i128) -> Found {
    UtcDateTime::from_unix_timestamp_nanos(nanoseconds).map_or(Found::Other("a time that no calendar has"), Found::Time)
}

/// The decimal, when it is one of ours.
fn exact(decimal: &parquet::data_type::Decimal) -> Option<Decimal> {
    let bytes = decimal.data();
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; size_of::<i128>()];
    let start = wide.len().checked_sub(bytes.len())?;
    wide[start..].copy_from_slice(bytes);
    let unscaled = i128::from_be_bytes(wide);
    let scale = u32::try_from(decimal.scale()).ok()?;
    let mantissa = if let Some(more) = SCALE.checked_sub(scale) {
        unscaled.checked_mul(10_i128.pow(more))?
    } else {
        let divisor = 10_i128.checked_pow(scale - SCALE)?;
        (unscaled % divisor == 0).then_some(unscaled / divisor)?
    };
    Decimal::from_mantissa(mantissa).ok()
}

fn refused(error: &ParquetError) -> Error {
    Error::File(Invalid(format!("the file is no Parquet file that can be read: {error}")))
}
