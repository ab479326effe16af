//! The Merkle log of audit entries: how fast it grows, and how fast all of it is verified offline.

use std::fmt::Write as _;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::database::remove;
use crate::engine::Engine;
use crate::fsync::Delay;
use crate::report::{Goal, Line, median};
use crate::server::Server;
use crate::settings::SMALL;
use crate::tree::{self, Tree};
use crate::{Result, request, stream};

/// Entries that are proved; a bundle of them is read into memory.
const ENTRIES: u32 = 100_000;
const POLL: Duration = Duration::from_millis(50);

pub(super) fn run(bench: &Bench, engine: Engine) -> Result<Vec<Line>> {
    let original = bench.databases.filled(engine, Tree { size: SMALL })?;
    let database = bench.databases.copy(&original, "proofs")?;
    let file = bench.folder.join("proofs.ndjson").display().to_string();
    fs::write(&file, entries())?;
    bench.run_umbel(&["import", "--database", &database.url, &file])?;
    let begun = Instant::now();
    let server = bench.serve(&database, &[], &Delay::None)?;
    let key = grown(&server, ENTRIES.into())?;
    let built = f64::from(ENTRIES) / begun.elapsed().as_secs_f64();
    let mut sent = Vec::new();
    stream::read(server.address, &request::audit(&tree::id(0), "bundle"), |part| sent.extend_from_slice(part))?;
    fs::write(&file, stream::without_chunks(&sent)?)?;
    drop(server);
    remove(&database)?;
    let verify = || {
        let begun = Instant::now();
        bench.run_umbel(&["audit", "verify", &file, "--key", &key])?;
        Ok(f64::from(ENTRIES) / begun.elapsed().as_secs_f64())
    };
    let verified = (0..bench.settings.rounds).map(|_| verify()).collect::<Result<Vec<_>>>()?;
    fs::remove_file(&file)?;
    Ok(vec![
        Line::new("audit_proofs", engine, built, "1/s"),
        Line::new("audit_verify", engine, median(verified)?, "1/s").goal(Goal::ValueAtLeast(100_000.0)),
    ])
}

/// Lines of entries in the log of the root.
fn entries() -> String {
    let organization = tree::id(0);
    (0..ENTRIES).fold(String::new(), |mut lines, at| {
        let (day, second) = (at / 86_400 + 1, at % 86_400);
        let time = format!("2024-01-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60);
        let line = json!({
            "kind": "audit_entry",
            "id": format!("018cc251000070008{at:015x}"),
            "organization_id": organization,
            "action": {"description": "Update Organization", "result": "success", "time": time, "type": "update"},
            "actor": {"id": organization, "context": "api_token", "email": "bench@example.com", "ip_address": "198.51.100.4", "type": "user"},
            "raw": {"cf_ray_id": format!("{at:016x}"), "method": "PUT", "status_code": 200, "uri": format!("/client/v4/organizations/{at:032x}")},
            "resource": {"id": organization, "product": "organizations", "request": {"name": "Store Rotterdam"}, "type": "organization"},
        });
        // Writing to a text cannot fail.
        _ = writeln!(lines, "{line}");
        lines
    })
}

/// The key that signs, once so many entries are in a checkpoint.
pub(super) fn grown(server: &Server, entries: u64) -> Result<String> {
    loop {
        let mut answer = Vec::new();
        stream::read(server.address, &request::audit(&tree::id(0), "checkpoint"), |part| answer.extend_from_slice(part))?;
        let checkpoint = &serde_json::from_slice::<Value>(&answer)?["result"];
        if checkpoint["size"].as_u64() >= Some(entries) {
            return Ok(checkpoint["verifier_key"].as_str().ok_or("a checkpoint has no key")?.to_owned());
        }
        sleep(POLL);
    }
}
