//! Pages of a long audit log, for one client: the first one, one deep inside, and one that a filter leaves few entries of.

use std::hint::black_box;
use std::thread::sleep;
use std::time::{Duration, Instant};

use umbel_api::{AuditEntry, AuditInfo, Envelope};

use crate::bench::Bench;
use crate::engine::Engine;
use crate::entries::{Entries, LOGS, RARE_EMAIL};
use crate::fill::Content;
use crate::fsync::Delay;
use crate::load::{Answered, Compose, Load};
use crate::report::{Goal, Line, median};
use crate::request::{self, LIMIT};
use crate::server::{Loaded, Server};
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
            first: load(bench, &server, &page(everything, ""), round)?.answered,
            deep: load(bench, &server, &page(middle, ""), round)?.answered,
            rare: load(bench, &server, &page(everything, &format!("&actor_email={RARE_EMAIL}")), round)?.answered,
            below: load(bench, &server, &root, round)?.answered,
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
    if engine == Engine::Sqlite {
        lines.extend(page_cpu(bench, &server, &database.url, entries)?);
    }
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

/// What the newest page costs the server of processor time, beside its statement and the JSON of its entries by themselves.
fn page_cpu(bench: &Bench, server: &Server, url: &str, entries: Entries) -> Result<[Line; 2]> {
    let before = entries.micros(entries.count) + 1;
    let mut answer = Vec::new();
    let newest = request::newest_page(&Entries::busy_log(), before);
    stream::read(server.address, &newest, |part| answer.extend_from_slice(part))?;
    let page: Envelope<Vec<AuditEntry>, AuditInfo> = serde_json::from_slice(&answer)?;
    let statement = format!(
        "SELECT * FROM audit_entries e LEFT JOIN audit_bodies b ON b.organization = e.organization AND b.at = e.at AND b.id = e.id \
         WHERE e.organization = {LOGS} AND e.at >= 0 AND e.at < {before} ORDER BY e.at DESC, e.id DESC LIMIT {}",
        LIMIT + 1
    );
    let mut session = Session::open(url)?;
    let mut limit = || -> Result<f64> {
        let (begun, mut pages) = (Instant::now(), 0.0);
        while begun.elapsed() < bench.settings.duration / 3 {
            session.step(&statement)?;
            black_box(serde_json::to_vec(&page)?);
            pages += 1.0;
        }
        Ok(begun.elapsed().as_secs_f64() * 1e6 / pages)
    };
    let (mut limits, mut costs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..bench.settings.rounds {
        let (limit, loaded) = (limit()?, load(bench, server, &request::audit_log(&Entries::busy_log(), before, ""), round)?);
        limits.push(limit);
        costs.push(loaded.cpu_micros);
        ratios.push(loaded.cpu_micros / limit);
    }
    Ok([
        Line::new("audit_page_limit", Engine::Sqlite, median(limits)?, "us"),
        Line::new("audit_page_cpu", Engine::Sqlite, median(costs)?, "us").ratio(median(ratios)?).goal(Goal::RatioAtMost(1.5)),
    ])
}

fn load(bench: &Bench, server: &Server, compose: &Compose, round: usize) -> Result<Loaded> {
    let (address, duration, compose) = (server.address, bench.settings.duration, compose.clone());
    let load = Load { address, clients: 1, duration, seed: round as u64, status: 200, compose };
    server.measure(&load)
}
