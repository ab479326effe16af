//! How much is measured: from the environment.

use std::env;
use std::time::Duration;

use crate::Result;
use crate::engine::Engine;
use crate::entries::Entries;
use crate::usage::{self, Usage};

/// Organizations of the smaller tree that lists are compared with.
pub(crate) const SMALL: u64 = 10_000;

/// How much is measured.
pub(crate) struct Settings {
    /// Organizations in the big tree.
    pub(crate) organizations: u64,
    /// Entries of the audit log: on SQLite, and on PostgreSQL.
    entries: [u64; 2],
    /// What was used, and events that were counted: on SQLite, and on PostgreSQL.
    usage: [Usage; 2],
    /// Rounds whose median counts.
    pub(crate) rounds: usize,
    /// How long each thing is measured in each round.
    pub(crate) duration: Duration,
    /// The one part that is wanted; `None` for all.
    pub(crate) part: Option<String>,
    /// The PostgreSQL server to measure on; `None` to leave that engine out.
    pub(crate) postgres: Option<String>,
}

impl Settings {
    pub(crate) fn from_environment() -> Result<Self> {
        let size = text("SIZE").unwrap_or_default();
        let used = |accounts, metrics, keys| Usage { accounts, metrics, days: usage::DAYS, keys };
        let (organizations, entries, usage, rounds, duration) = match size.as_str() {
            "" => {
                let usage = [used(500, 200, 5_000_000), used(100, 200, 2_000_000)];
                (100_000, [2_000_000, 500_000], usage, 5, Duration::from_secs(1))
            }
            "full" => {
                let usage = [used(500, 200, 50_000_000), used(500, 200, 10_000_000)];
                (1_000_000, [20_000_000, 5_000_000], usage, 5, Duration::from_secs(1))
            }
            // To see that it works; the numbers say little.
            "small" => (SMALL, [100_000; 2], [used(50, 20, 1_100_000); 2], 1, Duration::from_millis(300)),
            other => return Err(format!("SIZE={other} is no size; leave it out, or set it to full or small").into()),
        };
        let postgres = text("UMBEL_BENCH_POSTGRES").filter(|url| url != "none");
        Ok(Self { organizations, entries, usage, rounds, duration, part: text("PART"), postgres })
    }

    /// The audit log that is measured.
    pub(crate) fn entries(&self, engine: Engine) -> Entries {
        let [on_sqlite, on_postgres] = self.entries;
        Entries { count: if engine == Engine::Sqlite { on_sqlite } else { on_postgres } }
    }

    /// What was used, where that is measured, and how many events were counted when there are many.
    pub(crate) fn usage(&self, engine: Engine) -> Usage {
        let [on_sqlite, on_postgres] = self.usage;
        if engine == Engine::Sqlite { on_sqlite } else { on_postgres }
    }

    pub(crate) fn wants(&self, part: &str) -> bool {
        self.part.as_deref().is_none_or(|wanted| wanted == part)
    }
}

/// A variable of the environment; an empty one counts as absent.
pub(crate) fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}
