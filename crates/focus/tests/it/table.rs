//! A file of comma-separated values that can be changed.

use umbel_focus::{Format, Version};

use crate::files::written;

/// Names of columns, and rows of cells.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// The sample of two days, in FOCUS 1.3.
    pub(crate) fn sample() -> Self {
        let file = written(Format::Csv, Version::V1_3, 2);
        let mut reader = csv::Reader::from_reader(file.as_slice());
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let names = cells(reader.headers().unwrap());
        Self { names, rows: reader.records().map(|record| cells(&record.unwrap())).collect() }
    }

    /// Where the column is.
    pub(crate) fn column(&self, name: &str) -> usize {
        self.names.iter().position(|other| other == name).unwrap()
    }

    /// The cells of the first row of which these columns have these values.
    pub(crate) fn row_with<const N: usize>(&mut self, wanted: [(&str, &str); N]) -> Cells<'_> {
        let at = wanted.map(|(name, value)| (self.column(name), value));
        let row = self.rows.iter().position(|row| at.iter().all(|(at, value)| row[*at] == *value)).unwrap();
        Cells { names: &self.names, row: &mut self.rows[row] }
    }

    /// A row of usage that is paid for.
    pub(crate) fn usage(&mut self) -> Cells<'_> {
        self.row_with([("ChargeCategory", "Usage"), ("SkuPriceId", "SKU-BANDWIDTH-T1-1")])
    }

    /// Removes a column.
    pub(crate) fn remove(&mut self, name: &str) {
        let at = self.column(name);
        self.names.remove(at);
        self.rows.iter_mut().for_each(|row| _ = row.remove(at));
    }

    /// Makes all cells of a column null.
    pub(crate) fn clear(&mut self, name: &str) {
        let at = self.column(name);
        self.rows.iter_mut().for_each(|row| row[at].clear());
    }

    /// Puts a column with the same cell everywhere at a place.
    pub(crate) fn insert(&mut self, at: usize, name: &str, cell: &str) {
        self.names.insert(at, name.to_owned());
        self.rows.iter_mut().for_each(|row| row.insert(at, cell.to_owned()));
    }

    /// The file.
    pub(crate) fn into_csv(self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.names).unwrap();
        self.rows.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.into_inner().unwrap()
    }
}

/// A row of a table.
pub(crate) struct Cells<'t> {
    names: &'t [String],
    row: &'t mut Vec<String>,
}

impl Cells<'_> {
    /// The cell of a column.
    pub(crate) fn get(&self, name: &str) -> &str {
        &self.row[self.names.iter().position(|other| other == name).unwrap()]
    }

    /// Changes the cell of a column.
    pub(crate) fn set(self, name: &str, cell: &str) -> Self {
        let at = self.names.iter().position(|other| other == name).unwrap();
        assert_ne!(self.row[at], cell, "{name} is changed");
        cell.clone_into(&mut self.row[at]);
        self
    }
}
