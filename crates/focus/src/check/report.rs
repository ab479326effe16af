//! What a check of a file came to.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use umbel_decimal::Decimal;

use super::named::{Check, Weight};
use crate::Version;

/// How many examples of a failed check a report shows.
const EXAMPLES_MAX: usize = 3;
/// How many characters of a value a report shows.
const SHOWN_MAX: usize = 60;

/// What a check of a file came to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The version of FOCUS that the file was held to.
    pub version: Version,
    /// How many rows it has.
    pub rows: u64,
    /// How many columns it has.
    pub columns: usize,
    /// What `BilledCost` adds up to, by currency; null when that is too large.
    pub billed_cost: BTreeMap<String, Option<String>>,
    /// Whether it conforms.
    pub conforms: bool,
    /// The checks in their order.
    pub checks: Vec<Outcome>,
    /// What could not be compared, because there is too much of it.
    pub limits: Vec<String>,
}

/// What one check came to.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Its name.
    pub check: &'static str,
    /// The rule that it holds.
    pub rule: &'static str,
    /// How much it counts.
    pub weight: Weight,
    /// How often it failed.
    pub failures: u64,
    /// Where it failed first.
    pub examples: Vec<Example>,
}

/// A place where a check failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// In which row; the first is 1. None when it is about the whole file.
    pub row: Option<u64>,
    /// What is wrong.
    pub what: String,
}

/// Failures while a file is read.
#[derive(Debug, Default)]
pub(super) struct Failures(BTreeMap<(Check, Option<usize>), Tally>);

#[derive(Debug, Default)]
struct Tally {
    count: u64,
    examples: Vec<Example>,
}

impl Failures {
    /// Notes a failure, which may be about a column: one of those that may turn out to be unsupported.
    pub(super) fn add(&mut self, check: Check, column: Option<usize>, row: Option<u64>, what: impl FnOnce() -> String) {
        let tally = self.0.entry((check, column)).or_default();
        tally.count += 1;
        if tally.examples.len() < EXAMPLES_MAX {
            tally.examples.push(Example { row, what: what() });
        }
    }

    /// Forgets the failures about a column.
    pub(super) fn forget(&mut self, unsupported: usize) {
        self.0.retain(|(_, column), _| *column != Some(unsupported));
    }

    fn outcome(&self, check: Check) -> Outcome {
        let tallies = || self.0.range((check, None)..=(check, Some(usize::MAX))).map(|(_, tally)| tally);
        let mut examples: Vec<_> = tallies().flat_map(|tally| tally.examples.iter().cloned()).collect();
        examples.sort_by_key(|example| example.row);
        examples.truncate(EXAMPLES_MAX);
        let failures = tallies().map(|tally| tally.count).sum();
        Outcome { check: check.name(), rule: check.rule(), weight: check.weight(), failures, examples }
    }
}

impl Report {
    pub(super) fn new(
        version: Version,
        (rows, columns): (u64, usize),
        billed_cost: BTreeMap<String, Option<Decimal>>,
        failures: &Failures,
        limits: Vec<String>,
    ) -> Self {
        let checks: Vec<_> = Check::ALL.iter().map(|check| failures.outcome(*check)).collect();
        let conforms = checks.iter().all(|outcome| outcome.failures == 0 || outcome.weight == Weight::Should);
        let text = |sum: Decimal| sum.to_string();
        let billed_cost = billed_cost.into_iter().map(|(currency, sum)| (currency, sum.map(text))).collect();
        Self { version, rows, columns, billed_cost, conforms, checks, limits }
    }

    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Outcome> {
        self.checks.iter().filter(|outcome| outcome.failures > 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "FOCUS {}: {} rows, {} columns", self.version, self.rows, self.columns)?;
        for (currency, sum) in &self.billed_cost {
            writeln!(f, "  billed: {} {}", sum.as_deref().unwrap_or("too much to add up"), currency.escape_debug())?;
        }
        for outcome in self.failed() {
            let word = if outcome.weight == Weight::Must { "FAILED" } else { "better" };
            writeln!(f, "  {word} {} ×{}: {}", outcome.check, outcome.failures, outcome.rule)?;
            for Example { row, what } in &outcome.examples {
                match row {
                    Some(row) => writeln!(f, "    row {row}: {what}")?,
                    None => writeln!(f, "    {what}")?,
                }
            }
        }
        for limit in &self.limits {
            writeln!(f, "  not compared: {limit}")?;
        }
        let verdict = if self.conforms { "conforms" } else { "does not conform" };
        let passed = self.checks.len() - self.failed().count();
        writeln!(f, "  the file {verdict}: {passed} of {} checks passed", self.checks.len())
    }
}

/// A value in quotes as a report shows it: cut when it is long, with everything escaped that a terminal obeys.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
