//! Costs and usage in the format of FOCUS.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::parameters::{Word, parameters};

parameters! {
    /// Which rows to export, and how.
    ExportFocus {
        /// The first day, in UTC, as a date or a time; needs `to`. Else the first of the month.
        from: Option<String> = "from",
        /// The last day, in UTC; needs `from`. Else today.
        to: Option<String> = "to",
        /// In the place of `from` and `to`: what is invoiced in a month like `2026-01`, corrections of earlier ones included.
        billing_period: Option<String> = "billing_period",
        /// How it is written; CSV when nothing is said.
        format: Option<FocusFormat> = "format",
        /// The version of FOCUS; 1.3 when nothing is said.
        version: Option<FocusVersion> = "version",
    }
}

parameters! {
    /// Which files the metadata is about.
    GetFocusMetadata {
        /// The first day, in UTC, as a date or a time; needs `to`. Else the first of the month.
        from: Option<String> = "from",
        /// The last day, in UTC, at most 3,659 days later; needs `from`. Else today.
        to: Option<String> = "to",
        /// The version of FOCUS; 1.3 when nothing is said.
        version: Option<FocusVersion> = "version",
    }
}

/// How a file of FOCUS is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FocusFormat {
    /// Comma-separated values (RFC 4180).
    #[default]
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Word for FocusFormat {
    const WORDS: &'static [(&'static str, Self)] = &[("csv", Self::Csv), ("ndjson", Self::Ndjson), ("parquet", Self::Parquet)];
}

/// A version of FOCUS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FocusVersion {
    /// 1.2.
    V1_2,
    /// 1.3.
    #[default]
    V1_3,
    /// 1.4.
    V1_4,
}

impl Word for FocusVersion {
    const WORDS: &'static [(&'static str, Self)] = &[("1.2", Self::V1_2), ("1.3", Self::V1_3), ("1.4", Self::V1_4)];
}

/// What FOCUS asks to be known about files of costs and usage, in its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FocusMetadata {
    /// Who generates the data.
    #[schema(value_type = Object)]
    pub data_generator: serde_json::Value,
    /// What the data is.
    #[schema(value_type = Vec<Object>)]
    pub dataset_instance: serde_json::Value,
    /// Its columns.
    #[schema(value_type = Vec<Object>)]
    pub schema: serde_json::Value,
    /// How recent it is, day by day.
    #[schema(value_type = Vec<Object>)]
    pub recency: serde_json::Value,
}
