//! Measures how fast leaves are hashed and a bundle is verified: `cargo run --release -p umbel-proof --example rate -- 1000000`.
//!
//! What counts is processor time, as Linux tells it, so that a busy machine does not.
#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter};

use umbel_proof::bundle::{self, Contents, Header, Known, Leaf, Writer};
use umbel_proof::entry::{Account, Action, Actor, Entry, Organization, Raw, Resource};
use umbel_proof::{Checkpoint, Frontier, Seal, Signer, leaf};

const ORIGIN: &str = "umbel/audit/rate";

fn main() -> Result<(), Box<dyn Error>> {
    let count: u32 = std::env::args().nth(1).as_deref().unwrap_or("100000").parse()?;
    let signer = Signer::new(ORIGIN, &[1; 32])?;
    let path = std::env::temp_dir().join(format!("umbel-proof-rate-{}.ndjson", std::process::id()));

    let (mut frontier, mut buffer) = (Frontier::default(), Vec::new());
    let entry = entry();
    let started = processor_seconds()?;
    for index in 0..count {
        frontier.push(leaf::hash(&entry, &seal(index), &mut buffer));
    }
    report("leaves hashed", count, started)?;

    let header = Header { origin: ORIGIN.into(), contents: Contents::Range(Frontier::default()) };
    let mut writer = Writer::new(BufWriter::new(File::create(&path)?), header)?;
    let started = processor_seconds()?;
    for index in 0..count {
        writer.leaf(&Leaf { index: index.into(), entry: entry.clone(), seal: seal(index), proof: None })?;
    }
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: count.into(), root: frontier.root(), extensions: Vec::new() };
    writer.finish(&checkpoint.sign(&signer, &[])?)?;
    report("leaves written", count, started)?;

    let started = processor_seconds()?;
    let known = Known { key: Some(signer.verifier_key()), checkpoint: None };
    let verified = bundle::verify(BufReader::with_capacity(1 << 18, File::open(&path)?), &known);
    report("leaves verified", count, started)?;
    println!("{} bytes a line", std::fs::metadata(&path)?.len() / u64::from(count));
    std::fs::remove_file(&path)?;
    verified?;
    Ok(())
}

fn report(what: &str, count: u32, started: f64) -> Result<(), Box<dyn Error>> {
    let seconds = processor_seconds()? - started;
    println!("{count} {what} in {seconds:.2} s: {:.0} a second", f64::from(count) / seconds);
    Ok(())
}

/// The seconds for which this thread has run.
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = statistics.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

fn seal(index: u32) -> Seal {
    let mut salt = [7; 16];
    salt[..4].copy_from_slice(&index.to_be_bytes());
    Seal::Salt(salt)
}

/// What a change to an organization leaves behind, with bodies of the usual size.
fn entry() -> Entry<'static> {
    let text = |text: &'static str| Some(text.into());
    Entry {
        account: Account::default(),
        action: Action {
            description: text("Update Organization"),
            result: text("success"),
            time: text("2026-02-03T04:05:06.789Z"),
            kind: text("update"),
        },
        actor: Actor {
            context: text("api_token"),
            email: text("somebody@example.com"),
            id: text("0198f3c2a1b47d5e9f60718293a4b5c6"),
            ip_address: text("203.0.113.77"),
            token_id: text("0198f3c2a1b47d5e9f60718293a4b5c7"),
            token_name: text("deployment"),
            kind: text("user"),
        },
        id: text("0198f3c2a1b47d5e9f60718293a4b5c8"),
        organization: Organization { id: text("0198f3c2a1b47d5e9f60718293a4b5c9") },
        raw: Raw {
            cf_ray_id: text("9f60718293a4b5c6"),
            method: text("PUT"),
            status_code: Some(200),
            uri: text("/client/v4/organizations/0198f3c2a1b47d5e9f60718293a4b5c9"),
            user_agent: text("cloudflare-python/5.9.0"),
        },
        resource: Resource {
            after: None,
            before: None,
            id: text("0198f3c2a1b47d5e9f60718293a4b5c9"),
            product: text("organizations"),
            request: text(r#"{"name":"Aurora Retail","parent":{"id":"0198f3c2a1b47d5e9f60718293a4b5c0"}}"#),
            response: text(
                r#"{"create_time":"2026-01-01T00:00:00Z","id":"0198f3c2a1b47d5e9f60718293a4b5c9","meta":{"flags":{"account_creation":"enabled","account_deletion":"enabled","member_management":"enabled"},"managed_by":""},"name":"Aurora Retail","parent":{"id":"0198f3c2a1b47d5e9f60718293a4b5c0","name":"Aurora"}}"#,
            ),
            scope: text("\"organizations\""),
            kind: text("organization"),
        },
    }
}
