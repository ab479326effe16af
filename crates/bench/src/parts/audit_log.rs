//! Pages of a long audit log, for one client: the first one, one deep inside, and one that a filter leaves few entries of.

use std::thread::sleep;
use std::time::Duration;

use crate::bench::Bench;
use crate::engine::Engine;
use crate::entries::{Entries, LOGS, RARE_EMAIL};
use crate::fill::Content;
use crate::fsync::Delay;
use crate::load::{Answered, Compose, Load};
use crate::report::{Goal, Line, median};
use crate::request::{self, LIMIT};
use crate::server::Server;
use crate::session::Session;
use crate::{Result, stream};

/// Entries of a digest of a log.
const DIGEST: u64 = 4_096;
/// New entries of a log have its digests made; enough come in this time.
const WRITING: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(100);
const POLLS_MAX: u32 = 3_000;
/// A long export takes long enough for fewer rounds.
const EXPORT_ROUNDS: usize = 3;

struct Round {
    first: Answered,
    deep: Answered,
    rare: Answered,
    below: Answered,
}

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let entries = bench.settings.entries(engine);
    let database = bench.databases.filled_with(engine, Content::Entries(entries), Entries::tree())?;
    let server = bench.serve(&database, &[], &Delay::None)?;
    let log = Entries::busy_log();
    have_digests(&server, &database.url, entries)?;
    // Behind half of the log.
    let middle = entries.micros(entries.count / 2);
    let everything = entries.micros(entries.count) + 1;
    let page = |before, options: &str| request::audit_log(&log, before, options);
    let root = request::audit_log(&crate::tree::id(0), everything, "&include_descendants=true");
    let mut rounds = Vec::new();
    for round in 0..bench.settings.rounds {
        rounds.push(Round {
            first: load(bench, &server, &page(everything, ""), round)?,
            deep: load(bench, &server, &page(middle, ""), round)?,
            rare: load(bench, &server, &page(everything, &format!("&actor_email={RARE_EMAIL}")), round)?,
            below: load(bench, &server, &root, round)?,
        });
    }
    let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
    let line = |name: &str, value| Line::new(name, engine, value, "us");
    let depth = entries.busy_count() / 2 / LIMIT;
    let mut lines = vec![
        line("audit_page", of(|round| round.first.p50_micros)?).goal(Goal::ValueAtMost(1_000.0)),
        line(&format!("audit_page_{depth}"), of(|round| round.deep.p50_micros)?)
            .ratio(of(|round| round.deep.p50_micros / round.first.p50_micros)?)
            .goal(Goal::RatioAtMost(1.2)),
        line("audit_filter_rare", of(|round| round.rare.p50_micros)?).goal(Goal::ValueAtMost(250_000.0)),
        line("audit_page_below", of(|round| round.below.p50_micros)?),
    ];
    lines.extend(export(bench, engine, &server, entries)?);
    drop(server);
    if engine == Engine::Sqlite {
        let size = |tables: &str| -> Result<f64> {
            let count = entries.count;
            let query = format!("SELECT CAST(1.0 * SUM(pgsize) / {count} AS TEXT) FROM dbstat WHERE name IN ({tables})");
            Ok(Session::open(&database.url)?.text(&query)?.parse()?)
        };
        let kept = "'audit_entries', 'audit_words', 'audit_leaves', 'audit_leaves_by_entry', 'audit_tiles', 'audit_entries_by_account', \
             'audit_digests'";
        lines.push(Line::new("audit_entry", engine, size(kept)?, "bytes").goal(Goal::ValueAtMost(350.0)));
        lines.push(Line::new("audit_entry_without_proofs", engine, size("'audit_entries', 'audit_words'")?, "bytes"));
    }
    Ok(lines)
}

/// Waits until the long log has its digests.
fn have_digests(server: &Server, url: &str, entries: Entries) -> Result {
    let compose = request::rename_organization(Entries::busy_log());
    server.measure(&Load { address: server.address, clients: 1, duration: WRITING, seed: 0, status: 200, compose })?;
    let made = || -> Result<u64> {
        let count = format!("SELECT CAST(COUNT(*) AS TEXT) FROM audit_digests WHERE field = 'id' AND organization = {LOGS}");
        Ok(Session::open(url)?.text(&count)?.parse()?)
    };
    for _ in 0..POLLS_MAX {
        if made()? >= entries.busy_count() / DIGEST {
            return Ok(());
        }
        sleep(POLL);
    }
    Err("the long log gets no digests".into())
}

/// The whole of the long log as one answer.
fn export(bench: &Bench, engine: Engine, server: &Server, entries: Entries) -> Result<[Line; 2]> {
    let request = request::audit_export(&Entries::busy_log(), entries.micros(entries.count) + 1);
    let count = f64::from(u32::try_from(entries.busy_count())?);
    let (mut rates, mut grown) = (Vec::new(), Vec::new());
    for _ in 0..bench.settings.rounds.min(EXPORT_ROUNDS) {
        let idle = server.process().memory_mib("VmRSS")?;
        server.process().forget_peak()?;
        rates.push(count / stream::read(server.address, &request, |_| ())?.whole.as_secs_f64());
        grown.push(server.process().memory_mib("VmHWM")? - idle);
    }
    Ok([
        Line::new("audit_export", engine, median(rates)?, "1/s").goal(Goal::ValueAtLeast(100_000.0)),
        Line::new("audit_export_memory", engine, median(grown)?, "MiB"),
    ])
}

fn load(bench: &Bench, server: &Server, compose: &Compose, round: usize) -> Result<Answered> {
    let (address, duration, compose) = (server.address, bench.settings.duration, compose.clone());
    let load = Load { address, clients: 1, duration, seed: round as u64, status: 200, compose };
    Ok(server.measure(&load)?.answered)
}
