//! `umbel usage`: what was used.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use clap::{Args, Subcommand, value_parser};
use serde::Serialize;
use umbel_client::api::{EventStatus, RecordedEvent};
use umbel_store::admin::Progress;

use super::Server;
use crate::bar::Bar;
use crate::{Result, print};

/// The most bytes of a batch; the server takes a few more.
const BATCH_SIZE_MAX: usize = 7 << 20;
/// Events that were not counted and are named.
const NAMED_MAX: usize = 20;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Sends events, each counted once however often it is sent.
    Send(Send),
}

#[derive(Args)]
pub(crate) struct Send {
    /// File of CloudEvents 1.0, an event as JSON on each line; - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// First line to send, where the one before it has ended.
    #[arg(long, value_name = "N", default_value = "1", value_parser = value_parser!(u64).range(1..))]
    from_line: u64,
    /// Most events of a request.
    #[arg(long, value_name = "N", default_value = "1000", value_parser = value_parser!(u16).range(1..=10_000))]
    batch: u16,
}

/// What became of the events.
#[derive(Debug, Default, Serialize)]
struct Sent {
    accepted: u64,
    duplicate: u64,
    conflict: u64,
    rejected: u64,
    /// The first that were not counted.
    bad: Vec<Bad>,
}

#[derive(Debug, Serialize)]
struct Bad {
    line: u64,
    #[serde(flatten)]
    event: RecordedEvent,
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        match self {
            Self::Send(send) => send.run(server).await,
        }
    }
}

impl Send {
    async fn run(self, server: &Server) -> Result {
        let unread = |error: std::io::Error| format!("cannot read {}: {error}", print::escaped(&self.file.display().to_string()));
        let (mut input, total): (Box<dyn BufRead + std::marker::Send>, _) = if self.file.as_os_str() == "-" {
            (Box::new(BufReader::new(std::io::stdin())), None)
        } else {
            let file = File::open(&self.file).map_err(unread)?;
            let size = file.metadata().ok().map(|known| known.len());
            (Box::new(BufReader::new(file)), size)
        };
        let (mut bar, mut bytes, mut number) = (Bar::new("sending"), 0, 0);
        let (mut sent, mut batch) = (Sent::default(), Batch::default());
        loop {
            let mut line = Vec::new();
            let read = input.read_until(b'\n', &mut line).map_err(unread)?;
            number += 1;
            bytes += read as u64;
            let is_full = batch.lines.len() == usize::from(self.batch) || batch.body.len() + line.len() > BATCH_SIZE_MAX;
            if (is_full || read == 0) && !batch.lines.is_empty() {
                let first = batch.lines[0];
                let answered = server.client.record_usage(batch.finish()).await;
                let resumed = |error| {
                    print::note(&format!("everything before line {first} is recorded; go on with --from-line {first}"));
                    error
                };
                sent.add(std::mem::take(&mut batch).lines, answered.map_err(resumed)?);
                bar.show(Progress { done: bytes, total });
            }
            if read == 0 {
                break;
            }
            if number >= self.from_line && !line.trim_ascii().is_empty() {
                batch.add(number, line.trim_ascii());
            }
        }
        drop(bar);
        let is_good = sent.conflict + sent.rejected == 0;
        server.show(&sent, text)?;
        if is_good { Ok(()) } else { Err("not every event is counted".into()) }
    }
}

/// Events that are sent together.
#[derive(Default)]
struct Batch {
    body: Vec<u8>,
    /// On which line each stands.
    lines: Vec<u64>,
}

impl Batch {
    fn add(&mut self, number: u64, event: &[u8]) {
        self.body.push(if self.lines.is_empty() { b'[' } else { b',' });
        self.body.extend_from_slice(event);
        self.lines.push(number);
    }

    /// The batch as a JSON array.
    fn finish(&mut self) -> Vec<u8> {
        self.body.push(b']');
        std::mem::take(&mut self.body)
    }
}

impl Sent {
    fn add(&mut self, lines: Vec<u64>, answered: Vec<RecordedEvent>) {
        for (line, event) in lines.into_iter().zip(answered) {
            match event.status {
                EventStatus::Accepted => self.accepted += 1,
                EventStatus::Duplicate => self.duplicate += 1,
                EventStatus::Conflict => self.conflict += 1,
                EventStatus::Rejected => self.rejected += 1,
            }
            if matches!(event.status, EventStatus::Conflict | EventStatus::Rejected) && self.bad.len() < NAMED_MAX {
                self.bad.push(Bad { line, event });
            }
        }
    }
}

fn text(sent: &Sent) -> String {
    let counts = print::block([
        ("accepted", sent.accepted.to_string()),
        ("duplicate", sent.duplicate.to_string()),
        ("conflict", sent.conflict.to_string()),
        ("rejected", sent.rejected.to_string()),
    ]);
    let bad = sent.bad.iter().map(|Bad { line, event }| {
        let reason = print::escaped(event.message.as_deref().unwrap_or_default());
        format!("line {line}: {} of {}: {reason}\n", print::escaped(&event.id), print::escaped(&event.source))
    });
    counts + &bad.collect::<String>()
}
