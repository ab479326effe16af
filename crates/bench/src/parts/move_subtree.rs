//! Moving ten thousand organizations with their accounts, while others read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use crate::Result;
use crate::bench::Bench;
use crate::database::remove;
use crate::engine::Engine;
use crate::fill::Content;
use crate::fsync::Delay;
use crate::http::Connection;
use crate::load::{Answered, Load};
use crate::report::{Goal, Line, median};
use crate::request;
use crate::server::Server;
use crate::tree;

/// The first organization below the root, with two full levels below it where the tree is large enough: 10,101 organizations.
const MOVED: u64 = 1;
/// Where it is put, and put again; the first one is where it begins.
const PARENTS: [u64; 2] = [0, 2];
const MOVE_MILLIS_MAX: f64 = 1_000.0;

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let original = bench.databases.filled_with(engine, Content::People, bench.tree())?;
    let database = bench.databases.copy(&original, "move")?;
    let server = bench.serve(&database, &[], &Delay::None)?;
    let (mut moves, mut unloaded, mut loaded) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..bench.settings.rounds {
        unloaded.push(server.measure(&reads(bench, &server, round))?.answered);
        let (took, read) = move_while_others_read(bench, &server, round)?;
        moves.extend(took);
        loaded.push(read);
    }
    drop(server);
    remove(&database)?;
    let p99 = |answered: &[Answered]| median(answered.iter().map(|answered| answered.p99_micros));
    let ratio = median(loaded.iter().zip(&unloaded).map(|(loaded, unloaded)| loaded.p99_micros / unloaded.p99_micros))?;
    let slowest = moves.iter().copied().fold(0.0, f64::max);
    Ok(vec![
        Line::new("move_10000", engine, median(moves)?, "ms").goal(Goal::ValueAtMost(MOVE_MILLIS_MAX)),
        Line::new("move_10000_slowest", engine, slowest, "ms"),
        Line::new("move_10000_reads_p99", engine, p99(&loaded)?, "us").ratio(ratio),
        Line::new("move_10000_unloaded_p99", engine, p99(&unloaded)?, "us"),
    ])
}

/// One client that reads organizations anywhere.
fn reads(bench: &Bench, server: &Server, round: usize) -> Load {
    let (address, duration, compose) = (server.address, bench.settings.duration, request::get_organization(bench.tree(), ""));
    Load { address, clients: 1, duration, seed: round as u64, status: 200, compose }
}

/// Moves there and back as long as others read; answers how many milliseconds each move took.
fn move_while_others_read(bench: &Bench, server: &Server, round: usize) -> Result<(Vec<f64>, Answered)> {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let moving = scope.spawn(|| move_until(server, &done));
        let read = reads(bench, server, round).measure();
        done.store(true, Ordering::Relaxed);
        let moves = moving.join().map_err(|_| "the thread that moves panicked")??;
        Ok((moves, read?))
    })
}

fn move_until(server: &Server, done: &AtomicBool) -> Result<Vec<f64>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = Connection::open(server.address).await?;
        let mut moves = Vec::new();
        while !done.load(Ordering::Relaxed) {
            for parent in PARENTS.into_iter().rev() {
                let request = request::move_organization(&tree::id(MOVED), &tree::id(parent));
                let begun = Instant::now();
                let answer = connection.exchange(&request).await?;
                if answer.status != 200 {
                    return Err(format!("a move was answered {}: {}", answer.status, String::from_utf8_lossy(answer.body)).into());
                }
                moves.push(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
        Ok(moves)
    })
}
