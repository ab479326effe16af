//! The parts of the measurement.

mod account_get;
mod audit_cost;
mod audit_log;
mod audit_proofs;
mod billable_usage;
mod costs;
mod create;
mod focus_export;
mod list_page;
mod member_lists;
mod memory;
mod move_subtree;
mod point_get;
mod start;
mod usage_events;

use std::env;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::bench::Bench;
use crate::engine::Engine;
use crate::report::Line;
use crate::settings::{self, Settings};
use crate::{Result, report, say};

type Part = fn(&Bench, Engine) -> Result<Vec<Line>>;

const PARTS: [(&str, Part); 15] = [
    ("point_get", point_get::run),
    ("list_page", list_page::run),
    ("account_get", account_get::run),
    ("member_lists", member_lists::run),
    ("audit_log", audit_log::run),
    ("audit_proofs", audit_proofs::run),
    ("move", move_subtree::run),
    ("create", create::run),
    ("audit_cost", audit_cost::run),
    ("usage_events", usage_events::run),
    ("billable_usage", billable_usage::run),
    ("focus_export", focus_export::run),
    ("costs", costs::run),
    ("memory", memory::run),
    ("start", start::run),
];

/// Measures what the environment asks for and prints it.
pub(crate) fn run() -> Result {
    let settings = Settings::from_environment()?;
    if let Some(part) = &settings.part
        && !PARTS.iter().any(|(name, _)| name == part)
    {
        let names = PARTS.map(|(name, _)| name).join(", ");
        return Err(format!("PART={part} is no part; there are {names}").into());
    }
    if settings::text("UMBEL_BENCH_POSTGRES").is_none() {
        return run_with_postgres();
    }
    let bench = Bench::new(settings)?;
    let mut lines = Vec::new();
    for (name, part) in PARTS.into_iter().filter(|(name, _)| bench.settings.wants(name)) {
        for engine in bench.engines() {
            say(&format!("{engine}: {name}"));
            lines.extend(part(&bench, engine)?);
        }
    }
    report::print(&lines)
}

/// Runs this program again, beside a PostgreSQL server that is made for it and syncs.
fn run_with_postgres() -> Result {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/with-postgres");
    let again = r#"UMBEL_BENCH_POSTGRES="${UMBEL_TEST_POSTGRES:-none}" exec "$0""#;
    let mut command = Command::new(script);
    command.args(["sh", "-c", again]).arg(env::current_exe()?);
    command.env("UMBEL_POSTGRES_DURABLE", "1").env_remove("UMBEL_TEST_POSTGRES");
    Err(format!("cannot run scripts/with-postgres: {}", command.exec()).into())
}
