//! Sample rows as files, and the checker's view of them.

use std::collections::BTreeMap;

use bytes::Bytes;
use umbel_focus::check::{self, Expected, Report};
use umbel_focus::{Format, Version, Writer};

use crate::sample;

/// What a file of the version is held to.
pub(crate) fn expected(version: Version) -> Expected {
    Expected { version, invoices: BTreeMap::new() }
}

/// The sample of so many days as a file.
pub(crate) fn written(format: Format, version: Version, days: u32) -> Vec<u8> {
    let mut writer = Writer::new(format, version, Vec::new()).unwrap();
    sample::rows(days, |row| Ok(writer.write(row)?)).unwrap();
    writer.finish().unwrap()
}

/// What the checker says of a file.
pub(crate) fn checked(format: Format, expected: &Expected, file: Vec<u8>) -> Report {
    let report = match format {
        Format::Csv => check::csv(file.as_slice(), expected, drop),
        Format::Ndjson => check::ndjson(file.as_slice(), expected, drop),
        Format::Parquet => check::parquet(Bytes::from(file), expected, drop),
    };
    report.unwrap()
}

/// The names of the checks that a file fails.
pub(crate) fn failed(report: &Report) -> Vec<&'static str> {
    report.failed().map(|outcome| outcome.check).collect()
}
