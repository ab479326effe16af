//! Apache Parquet: exact decimals, times in UTC, texts that repeat written once.

mod buffer;

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use umbel_decimal::{PRECISION, SCALE};

use self::buffer::Buffer;
use super::Encode;
use crate::Error;
use crate::column::{Cell, Column, Kind};

/// The most rows of a group, which are held until it is written.
const GROUP_ROWS_MAX: usize = 65_536;
/// The most bytes of distinct texts of a group; past it the group is written early.
const GROUP_TEXT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// The bytes of a decimal.
const DECIMAL_BYTES: i32 = 16;

pub(super) struct Encoder<W: Write + Send> {
    out: SerializedFileWriter<W>,
    buffers: Vec<Buffer>,
    rows: usize,
    /// The bytes of the distinct texts that are held.
    text_bytes: usize,
}

impl<W: Write + Send> Encoder<W> {
    pub(super) fn new(columns: &[&Column], out: W) -> Result<Self, Error> {
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("umbel-focus ", env!("CARGO_PKG_VERSION")).into())
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(GROUP_ROWS_MAX));
        for column in columns.iter().filter(|column| column.kind == Kind::Decimal) {
            // Costs and quantities hardly repeat.
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name), false);
        }
        let out =
            SerializedFileWriter::new(out, schema(columns).map_err(failed)?, Arc::new(properties.build())).map_err(failed)?;
        Ok(Self { out, buffers: columns.iter().map(|column| Buffer::new(column.kind)).collect(), rows: 0, text_bytes: 0 })
    }

    /// Writes the rows that are held as a group.
    fn write_group(&mut self) -> Result<(), Error> {
        let mut group = self.out.next_row_group().map_err(failed)?;
        for buffer in &mut self.buffers {
            if let Some(mut column) = group.next_column().map_err(failed)? {
                buffer.write(&mut column).map_err(failed)?;
                column.close().map_err(failed)?;
            }
        }
        group.close().map_err(failed)?;
        (self.rows, self.text_bytes) = (0, 0);
        Ok(())
    }
}

impl<W: Write + Send> Encode<W> for Encoder<W> {
    fn write(&mut self, cells: &mut dyn Iterator<Item = Cell<'_>>) -> Result<(), Error> {
        for (buffer, cell) in self.buffers.iter_mut().zip(cells) {
            self.text_bytes += buffer.push(cell);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS_MAX || self.text_bytes >= GROUP_TEXT_BYTES_MAX { self.write_group() } else { Ok(()) }
    }

    fn out(&mut self) -> &mut W {
        self.out.inner_mut()
    }

    fn finish(mut self: Box<Self>) -> Result<W, Error> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.out.into_inner().map_err(failed)
    }
}

/// The columns as Parquet has them; each may be null, so that files of different services can be read together.
fn schema(columns: &[&Column]) -> ParquetResult<TypePtr> {
    let fields = columns.iter().map(|column| field(column).map(Arc::new)).collect::<ParquetResult<_>>()?;
    Type::group_type_builder("focus").with_fields(fields).build().map(Arc::new)
}

fn field(column: &Column) -> ParquetResult<Type> {
    let digits = |digits: u32| i32::try_from(digits).map_err(|error| ParquetError::General(error.to_string()));
    let of = |physical| Type::primitive_type_builder(column.name, physical).with_repetition(Repetition::OPTIONAL);
    match column.kind {
        Kind::Decimal | Kind::Price => {
            let (scale, precision) = (digits(SCALE)?, digits(PRECISION)?);
            of(Physical::FIXED_LEN_BYTE_ARRAY)
                .with_length(DECIMAL_BYTES)
                .with_logical_type(Some(LogicalType::decimal(scale, precision)))
                .with_precision(precision)
                .with_scale(scale)
                .build()
        }
        Kind::Time => of(Physical::INT64).with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::MICROS))).build(),
        _ => of(Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String)).build(),
    }
}

fn failed(error: ParquetError) -> Error {
    match error {
        ParquetError::External(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => Error::Io(*error),
            Err(error) => Error::Io(std::io::Error::other(error)),
        },
        error => Error::Io(std::io::Error::other(error)),
    }
}
