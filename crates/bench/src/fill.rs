//! What the databases hold: a tree, one user who may do everything in it, and perhaps what stands in it.

use std::fmt::Write as _;

use crate::Result;
use crate::engine::Engine;
use crate::entries::Entries;
use crate::people::{People, caller};
use crate::session::Session;
use crate::tree::Tree;
use crate::usage::Usage;

/// To be raised when other rows are filled in, so that databases of before are not used.
pub(crate) const CONTENT: u32 = 3;
/// Rows that are added by one statement.
const ROWS_PER_STATEMENT: u64 = 1_000;

/// What a database is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Organizations alone.
    Organizations,
    /// Accounts and members as well.
    People,
    /// A long audit log as well.
    Entries(Entries),
    /// Accounts, and what they used.
    Usage(Usage),
}

/// Fills an empty database of the present schema.
pub(crate) fn fill(session: &mut Session, engine: Engine, content: Content, tree: Tree) -> Result {
    if engine == Engine::Sqlite {
        // Indexes in no order of time are written all over.
        session.run("PRAGMA cache_size = -1000000")?;
    }
    session.run("BEGIN")?;
    session.run(&caller())?;
    for start in (0..tree.size).step_by(usize::try_from(ROWS_PER_STATEMENT)?) {
        session.run(&Tree::insert(start..tree.size.min(start + ROWS_PER_STATEMENT)))?;
    }
    if content == Content::People {
        for statement in (People { tree }).statements(ROWS_PER_STATEMENT) {
            session.run(&statement)?;
        }
    }
    if let Content::Entries(entries) = content {
        for statement in entries.statements(engine, ROWS_PER_STATEMENT) {
            session.run(&statement)?;
        }
    }
    if let Content::Usage(usage) = content {
        for statement in usage.statements(engine, ROWS_PER_STATEMENT) {
            session.run(&statement)?;
        }
    }
    session.run("COMMIT")?;
    if engine == Engine::Postgres {
        // What its housekeeping would do within minutes.
        session.run("VACUUM ANALYZE")?;
        session.run("CHECKPOINT")?;
    }
    Ok(())
}

/// The statement that adds rows to a table, or to some of its columns.
pub(crate) fn insert(into: &str, rows: impl Iterator<Item = String>) -> String {
    let mut statement = format!("INSERT INTO {into} VALUES ");
    for (at, row) in rows.enumerate() {
        // Writing into a string does not fail.
        _ = write!(statement, "{}{row}", if at == 0 { "" } else { "," });
    }
    statement
}

/// Bytes in the dialect of an engine, from hex digits.
pub(crate) fn bytes(engine: Engine, hex: &str) -> String {
    match engine {
        Engine::Sqlite => format!("x'{hex}'"),
        Engine::Postgres => format!("'\\x{hex}'"),
    }
}
