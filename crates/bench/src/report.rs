//! What was measured: a table for people, and one JSON object a line for programs.

use std::fmt;
use std::io::Write as _;

use serde_json::{Value, json};

use crate::engine::Engine;
use crate::{Result, say};

/// What a figure has to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    RatioAtLeast(f64),
    RatioAtMost(f64),
    ValueAtLeast(f64),
    ValueAtMost(f64),
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RatioAtLeast(bound) => write!(f, "ratio >= {bound}"),
            Self::RatioAtMost(bound) => write!(f, "ratio <= {bound}"),
            Self::ValueAtLeast(bound) => write!(f, "value >= {bound}"),
            Self::ValueAtMost(bound) => write!(f, "value <= {bound}"),
        }
    }
}

/// One figure.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    name: String,
    engine: Engine,
    value: f64,
    unit: &'static str,
    ratio: Option<f64>,
    goal: Option<Goal>,
    fsync_rate: Option<f64>,
}

impl Line {
    pub(crate) fn new(name: impl Into<String>, engine: Engine, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), engine, value, unit, ratio: None, goal: None, fsync_rate: None }
    }

    /// How it stands to what it is compared with.
    pub(crate) fn ratio(self, ratio: f64) -> Self {
        Self { ratio: Some(ratio), ..self }
    }

    /// What it has to reach; PostgreSQL is shown beside and has no goals.
    pub(crate) fn goal(self, goal: Goal) -> Self {
        Self { goal: Some(goal).filter(|_| self.engine == Engine::Sqlite), ..self }
    }

    /// How often a second the disk synced in the same minute.
    pub(crate) fn fsync_rate(self, rate: f64) -> Self {
        Self { fsync_rate: Some(rate), ..self }
    }

    fn is_met(&self) -> Option<bool> {
        Some(match self.goal? {
            Goal::RatioAtLeast(bound) => self.ratio? >= bound,
            Goal::RatioAtMost(bound) => self.ratio? <= bound,
            Goal::ValueAtLeast(bound) => self.value >= bound,
            Goal::ValueAtMost(bound) => self.value <= bound,
        })
    }

    fn to_json(&self) -> Value {
        let mut line = json!({
            "name": self.name,
            "engine": self.engine.to_string(),
            "value": rounded(self.value),
            "unit": self.unit,
        });
        let ratio = self.ratio.map(|ratio| json!(rounded(ratio)));
        let goal = self.goal.map(|goal| json!(goal.to_string()));
        let fsync_rate = self.fsync_rate.map(|rate| json!(rounded(rate)));
        for (name, value) in
            [("ratio", ratio), ("goal", goal), ("met", self.is_met().map(Value::from)), ("fsync_rate", fsync_rate)]
        {
            if let Some(value) = value {
                line[name] = value;
            }
        }
        line
    }

    fn to_row(&self) -> String {
        let text = |number: Option<f64>| number.map_or_else(String::new, |number| rounded(number).to_string());
        let goal = self.goal.map_or_else(String::new, |goal| goal.to_string());
        let met = self.is_met().map_or("", |met| if met { "met" } else { "MISSED" });
        let (name, engine, value, unit) = (&self.name, self.engine.to_string(), rounded(self.value), self.unit);
        let (ratio, fsync_rate) = (text(self.ratio), text(self.fsync_rate));
        format!("{name:<34} {engine:<8} {value:>10} {unit:<6} {ratio:>8}  {goal:<14} {met:<6} {fsync_rate:>8}")
    }
}

/// Prints every line, first as a table.
pub(crate) fn print(lines: &[Line]) -> Result {
    let header = ("name", "engine", "value", "unit", "ratio", "goal", "fsyncs/s");
    say(&format!(
        "\n{:<34} {:<8} {:>10} {:<6} {:>8}  {:<14} {:<6} {:>8}",
        header.0, header.1, header.2, header.3, header.4, header.5, "", header.6
    ));
    for line in lines {
        say(&line.to_row());
    }
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{}", line.to_json())?;
    }
    Ok(())
}

/// Three digits are more than two runs agree on.
fn rounded(number: f64) -> f64 {
    let scale = if number.abs() >= 100.0 { 1.0 } else { 100.0 };
    (number * scale).round() / scale
}

/// The middle one of these numbers.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> Result<f64> {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_unstable_by(f64::total_cmp);
    quantile(&numbers, 0.5)
}

/// The number that this share of the sorted numbers does not exceed.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "it is an index")]
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Result<f64> {
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).copied().ok_or_else(|| "nothing was measured; the time was too short".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numbers_that_were_measured() {
        let numbers: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!((quantile(&numbers, 0.5).unwrap(), quantile(&numbers, 0.99).unwrap()), (50.0, 99.0));
        assert_eq!(median([3.0, 1.0, 2.0]).ok(), Some(2.0));
        assert!(median([]).is_err());
    }

    #[test]
    fn a_goal_is_met_or_missed_and_postgres_has_none() {
        let line = |engine, ratio| Line::new("x", engine, 1.0, "1/s").ratio(ratio).goal(Goal::RatioAtLeast(0.4)).is_met();
        assert_eq!(line(Engine::Sqlite, 0.4), Some(true));
        assert_eq!(line(Engine::Sqlite, 0.39), Some(false));
        assert_eq!(line(Engine::Postgres, 0.1), None);
    }
}
