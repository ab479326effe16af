//! Which columns there are.

use std::collections::BTreeSet;

use super::named::Check;
use super::report::{Failures, shown};
use crate::Version;
use crate::column::Level;

/// The most characters of the name of a column.
const NAME_LENGTH_MAX: usize = 50;
/// How the names of custom columns begin.
const CUSTOM: &str = "x_";

/// Checks the names of the columns.
pub(super) fn check(version: Version, names: &[String], failures: &mut Failures) {
    let mut note = |check, what: String| failures.add(check, None, None, || what);
    let mut seen = BTreeSet::new();
    let mut custom = None;
    for name in names {
        if !seen.insert(name.as_str()) {
            note(Check::ColumnsUnique, shown(name));
        }
        match (name.strip_prefix(CUSTOM), custom) {
            (Some(rest), _) => {
                custom = Some(name);
                let good =
                    rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !rest.is_empty() && name.len() <= NAME_LENGTH_MAX;
                if !good {
                    note(Check::ColumnNames, shown(name));
                }
            }
            (None, _) if version.column(name).is_none() => {
                note(Check::ColumnsKnown, format!("{} is not in FOCUS {version}", shown(name)));
            }
            (None, Some(before)) => note(Check::ColumnsOrdered, format!("{} comes after {}", shown(name), shown(before))),
            (None, None) => {}
        }
    }
    for column in version.columns().filter(|column| column.level == Level::Mandatory && !seen.contains(column.name)) {
        note(Check::ColumnsPresent, format!("there is no {}", column.name));
    }
}
