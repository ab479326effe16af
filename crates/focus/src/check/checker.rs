//! Row by row through a file.

use std::collections::HashMap;

use super::across::Across;
use super::named::Check;
use super::report::{Failures, Report};
use super::source::{Found, Source};
use super::value::{self, Value};
use super::within::{self, Cells};
use super::{Expected, columns};
use crate::Error;
use crate::column::{Column, Level, Nulls};

/// After how many rows the progress is told.
const STEP: usize = 1_000;

/// Checks all rows of a file.
pub(super) fn check(mut source: impl Source, expected: &Expected, mut progress: impl FnMut(usize)) -> Result<Report, Error> {
    let mut failures = Failures::default();
    columns::check(expected.version, source.names(), &mut failures);
    let known: Vec<_> = source.names().iter().map(|name| expected.version.column(name)).collect();
    let at = known.iter().enumerate().filter_map(|(at, column)| column.map(|column| (column.name, at))).collect();
    let mut checker = Checker { filled: vec![false; known.len()], known, at, failures, across: Across::default(), rows: 0 };
    let mut row = Vec::new();
    let mut told = 0;
    while source.read(&mut row)? {
        checker.row(&row);
        told += 1;
        if told == STEP {
            progress(std::mem::take(&mut told));
        }
    }
    progress(told);
    Ok(checker.finish(expected))
}

struct Checker {
    /// The columns of the file that FOCUS or we know.
    known: Vec<Option<&'static Column>>,
    /// Where they are.
    at: HashMap<&'static str, usize>,
    /// Which columns have something in a row.
    filled: Vec<bool>,
    failures: Failures,
    across: Across,
    rows: u64,
}

impl Checker {
    fn row(&mut self, row: &[Found]) {
        self.rows += 1;
        let (failures, number) = (&mut self.failures, Some(self.rows));
        let mut values = Vec::with_capacity(row.len());
        for (at, found) in row.iter().enumerate() {
            self.filled[at] |= *found != Found::Null;
            let Some(column) = self.known[at] else {
                values.push(Value::Unreadable);
                if *found == Found::Text(String::new()) {
                    failures.add(Check::EmptyTexts, Some(at), number, || "an empty text in a custom column".into());
                }
                continue;
            };
            let (value, fault) = value::read(found, column);
            if let Some((check, what)) = fault {
                failures.add(check, Some(at), number, || format!("{}: {what}", column.name));
            }
            if value == Value::Null && column.nulls == Nulls::Forbidden {
                failures.add(Check::NotNull, Some(at), number, || format!("{} is null", column.name));
            }
            values.push(value);
        }
        let cells = Cells { values: &values, at: &self.at };
        let mut note =
            |check, column: &'static str, what: String| failures.add(check, self.at.get(column).copied(), number, || what);
        within::check(cells, &mut note);
        self.across.add(cells, &mut note);
    }

    fn finish(mut self, expected: &Expected) -> Report {
        for (at, column) in self.known.iter().enumerate() {
            // A conditional column in which there is nothing at all is of something that the service does not have.
            if column.is_some_and(|column| column.level == Level::Conditional) && !self.filled[at] {
                self.failures.forget(at);
            }
        }
        let (billed_cost, limits) = self.across.finish(&expected.invoices, &mut self.failures);
        Report::new(expected.version, (self.rows, self.known.len()), billed_cost, &self.failures, limits)
    }
}
