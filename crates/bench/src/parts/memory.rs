//! The memory of a server after work of every kind.

use std::time::Duration;

use crate::Result;
use crate::bench::Bench;
use crate::database::{Database, remove};
use crate::engine::Engine;
use crate::fsync::Delay;
use crate::load::{Compose, Load};
use crate::report::{Goal, Line};
use crate::request;
use crate::serial::Shape;
use crate::server::Server;
use crate::tree::Tree;

/// Organizations of a tree whose pages together take less than a MiB.
const TINY: u64 = 1_000;
/// What SQLite keeps of the file for each connection at most, as the server sets it.
const CACHE_MIB: f64 = 32.0;
const RESIDENT_MIB_MAX: f64 = 64.0;

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let line = |name: &str, value| Line::new(name, engine, value, "MiB");
    let (tiny, _) = resident(bench, engine, Tree { size: TINY })?;
    let (big, connections) = resident(bench, engine, bench.tree())?;
    let mut lines = vec![line("memory", tiny).goal(Goal::ValueAtMost(RESIDENT_MIB_MAX)), line("memory_big", big)];
    if engine == Engine::Sqlite {
        let connections = f64::from(u32::try_from(connections)?);
        lines.push(line("memory_big_page_cache_max", connections * CACHE_MIB));
    }
    Ok(lines)
}

/// The resident memory of a server after its work, in MiB, and how many connections to the file it has.
fn resident(bench: &Bench, engine: Engine, tree: Tree) -> Result<(f64, usize)> {
    let database = bench.databases.copy(&bench.databases.filled(engine, tree)?, "memory")?;
    let server = bench.serve(&database, &["--children-max", "1000000000"], &Delay::None)?;
    work(bench, &server, tree)?;
    let process = server.process();
    let measured = (process.memory_mib("VmRSS")?, connections(&server, &database)?);
    drop(server);
    remove(&database)?;
    Ok(measured)
}

fn work(bench: &Bench, server: &Server, tree: Tree) -> Result {
    let duration = bench.settings.duration;
    let loads: [(usize, Duration, Compose); 4] = [
        (64, duration, request::get_organization(tree, "")),
        (256, duration, request::get_organization(tree, "")),
        (64, duration, request::list_stores(tree, "")),
        // What is created fills page caches, so that there is not much of it.
        (64, duration / 10, request::create_organization(tree, Shape::Scattered)),
    ];
    for (clients, duration, compose) in loads {
        Load { address: server.address, clients, duration, seed: clients as u64, status: 200, compose }.run()?;
    }
    Ok(())
}

fn connections(server: &Server, database: &Database) -> Result<usize> {
    // SQLite closes the file itself late, for its locks belong to the whole process; the log beside it at once.
    let log = database.file().map(|file| file.with_extension("db-wal"));
    log.map_or(Ok(0), |log| server.process().times_open(&log))
}
