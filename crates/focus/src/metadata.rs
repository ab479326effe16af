//! The documents beside the files of a dataset instance: who generates it, what it is, which columns it has, how recent it is.

use serde::{Serialize, Serializer};
use time::UtcDateTime;
use umbel_decimal::{PRECISION, SCALE};

use crate::column::Kind;
use crate::period::Moment;
use crate::{Period, Version};

/// The id that FOCUS gives the dataset of costs and usage.
pub const COST_AND_USAGE: &str = "CostAndUsage";

/// All of it, as one document.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Metadata<'a> {
    /// Who generates the data.
    pub data_generator: DataGenerator<'a>,
    /// What the data is.
    pub dataset_instance: [DatasetInstance<'a>; 1],
    /// Its columns.
    pub schema: [Schema<'a>; 1],
    /// How recent it is.
    pub recency: [Recency<'a>; 1],
}

/// Who generates the data.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DataGenerator<'a> {
    /// Its name.
    pub data_generator: &'a str,
}

/// A set of files that belong together.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DatasetInstance<'a> {
    /// Its id, which never changes.
    pub dataset_instance_id: &'a str,
    /// Its name.
    pub dataset_instance_name: &'a str,
    /// Which of the datasets of FOCUS it is: [`COST_AND_USAGE`].
    pub focus_dataset_id: &'a str,
}

/// The columns of a dataset instance; when they change there is a new one.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Schema<'a> {
    /// Its id, another one after each change.
    pub schema_id: &'a str,
    /// Of which dataset instance.
    pub dataset_instance_id: &'a str,
    /// The version of FOCUS.
    pub focus_version: Version,
    /// Since when it is used.
    #[serde(serialize_with = "moment")]
    pub creation_date: UtcDateTime,
    /// The version of the program that writes the data.
    pub data_generator_version: &'a str,
    /// The columns, in their order.
    pub column_definition: Vec<ColumnDefinition>,
}

/// A column.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ColumnDefinition {
    /// Its name.
    pub column_name: &'static str,
    /// What is in it.
    pub data_type: DataType,
    /// How many digits its numbers have at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numeric_precision: Option<u32>,
    /// How many of them stand after the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_scale: Option<u32>,
    /// How its texts are encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_encoding: Option<&'static str>,
    /// The prefixes of tags that the provider sets; it sets none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_tag_prefixes: Option<[&'static str; 0]>,
    /// Whether the version advises against it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
}

/// What is in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DataType {
    /// Text.
    String,
    /// Points in time.
    DateTime,
    /// Numbers.
    Decimal,
    /// JSON objects.
    Json,
}

impl<'a> Schema<'a> {
    /// The schema of what [`crate::Writer`] writes.
    pub fn new(
        schema_id: &'a str,
        dataset_instance_id: &'a str,
        version: Version,
        creation_date: UtcDateTime,
        data_generator_version: &'a str,
    ) -> Self {
        let definition = |column: &crate::Column| {
            let data_type = match column.kind {
                Kind::Decimal | Kind::Price => DataType::Decimal,
                Kind::Time => DataType::DateTime,
                Kind::KeyValues | Kind::Object => DataType::Json,
                _ => DataType::String,
            };
            let decimal = data_type == DataType::Decimal;
            ColumnDefinition {
                column_name: column.name,
                data_type,
                numeric_precision: decimal.then_some(PRECISION),
                number_scale: decimal.then_some(SCALE),
                string_encoding: (data_type == DataType::String).then_some("UTF-8"),
                provider_tag_prefixes: (column.name == "Tags").then_some([]),
                deprecated: column.is_deprecated_in(version),
            }
        };
        let column_definition = version.columns().map(definition).collect();
        Self { schema_id, dataset_instance_id, focus_version: version, creation_date, data_generator_version, column_definition }
    }
}

/// How recent a dataset instance is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Recency<'a> {
    /// Of which dataset instance.
    pub dataset_instance_id: &'a str,
    /// When data was added or changed last.
    #[serde(serialize_with = "moment")]
    pub dataset_instance_last_updated: UtcDateTime,
    /// When this was written.
    #[serde(serialize_with = "moment")]
    pub recency_last_updated: UtcDateTime,
    /// Each of the times that the data is about, such as days.
    pub time_sectors: Vec<TimeSector>,
}

/// How recent the data about some time is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeSector {
    /// Its first moment.
    #[serde(serialize_with = "moment")]
    pub time_sector_start: UtcDateTime,
    /// The first moment after it.
    #[serde(serialize_with = "moment")]
    pub time_sector_end: UtcDateTime,
    /// Whether nothing is expected to be added or changed.
    pub time_sector_complete: bool,
    /// When data about it was added or changed last.
    #[serde(serialize_with = "moment")]
    pub time_sector_last_updated: UtcDateTime,
}

/// Whether data about a time may still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It may.
    Open,
    /// It is not expected to: what comes late becomes a correction.
    Complete,
}

impl TimeSector {
    /// The sector of a period.
    pub fn new(period: Period, completeness: Completeness, last_updated: UtcDateTime) -> Self {
        Self {
            time_sector_start: period.start(),
            time_sector_end: period.end(),
            time_sector_complete: completeness == Completeness::Complete,
            time_sector_last_updated: last_updated,
        }
    }
}

fn moment<S: Serializer>(time: &UtcDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Moment(*time))
}
