//! `umbel audit tail`: the newest entries, and those to come.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use clap::{Args, value_parser};
use futures_util::{StreamExt as _, TryStreamExt as _};
use time::OffsetDateTime;
use umbel_client::AuditLog;
use umbel_client::api::{AuditEntry, AuditFilters, Direction, Limit, ListAuditLog, Moment};

use super::asked::{Asked, Whose};
use crate::remote::Server;
use crate::{Result, print, sources};

/// How much later than its time an entry may be seen: it bears the time of its request, which has to be done first.
const OVERLAP: Duration = Duration::from_secs(10);
/// How far the clock of the server may be ahead of ours.
const AHEAD: Duration = Duration::from_hours(24);
/// Entries of a page.
const PAGE: Limit = Limit(1000);

#[derive(Args)]
pub(crate) struct Tail {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    asked: Asked,
    /// How many of the entries that are there to show.
    #[arg(short = 'n', long, value_name = "N", default_value = "10")]
    lines: usize,
    /// Show also those that come, until you press Ctrl-C.
    #[arg(short, long, conflicts_with = "before")]
    follow: bool,
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value = "2", requires = "follow", value_parser = value_parser!(u64).range(1..=3600))]
    interval: u64,
}

impl Tail {
    pub(super) async fn run(self, server: &Server) -> Result {
        let (since, before) = self.asked.span(sources::now());
        let (log, filters) = (self.whose.log(), self.asked.filters()?);
        let mut following = Following { server, log, filters, since, seen: HashMap::new() };
        let before = if self.follow { far() } else { before };
        let mut reads = show(server, &following.newest(before, self.lines).await?)?;
        while self.follow && reads {
            tokio::time::sleep(Duration::from_secs(self.interval)).await;
            reads = show(server, &following.more().await?)?;
        }
        Ok(())
    }
}

/// A log that is read again and again.
struct Following<'s> {
    server: &'s Server,
    log: AuditLog,
    filters: AuditFilters,
    since: Moment,
    /// When the entries were written that were seen and will be again.
    seen: HashMap<String, OffsetDateTime>,
}

impl Following<'_> {
    /// The newest entries, the newest last. All that the next look finds again is seen, shown or not.
    async fn newest(&mut self, before: Moment, lines: usize) -> Result<Vec<AuditEntry>> {
        let parameters = ListAuditLog { since: self.since, before, limit: PAGE, ..ListAuditLog::default() };
        let mut entries = pin!(self.server.client.audit_log(self.log.clone(), parameters, self.filters.clone()));
        let (mut shown, mut overlap) = (Vec::new(), None);
        while let Some(entry) = entries.next().await.transpose()? {
            let from = *overlap.get_or_insert(entry.action.time - OVERLAP);
            let again = entry.action.time >= from;
            if !again && shown.len() >= lines {
                break;
            }
            if again {
                self.seen.insert(entry.id.clone(), entry.action.time);
            }
            if shown.len() < lines {
                shown.push(entry);
            }
        }
        self.since = overlap.map_or(self.since, |from| Moment(from.max(self.since.0)));
        shown.reverse();
        Ok(shown)
    }

    /// The entries that were not seen yet, the newest last.
    async fn more(&mut self) -> Result<Vec<AuditEntry>> {
        let direction = Some(Direction::Ascending);
        let parameters = ListAuditLog { since: self.since, before: far(), direction, limit: PAGE, cursor: None };
        let entries = self.server.client.audit_log(self.log.clone(), parameters, self.filters.clone());
        let mut entries: Vec<_> = entries.try_collect().await?;
        entries.retain(|entry| !self.seen.contains_key(&entry.id));
        self.seen.extend(entries.iter().map(|entry| (entry.id.clone(), entry.action.time)));
        if let Some(newest) = self.seen.values().max() {
            self.since = Moment((*newest - OVERLAP).max(self.since.0));
            self.seen.retain(|_, time| *time >= self.since.0);
        }
        Ok(entries)
    }
}

fn far() -> Moment {
    Moment(sources::now() + AHEAD)
}

/// Prints entries, a line each; says whether somebody still reads.
fn show(server: &Server, entries: &[AuditEntry]) -> Result<bool> {
    let line = |entry: &AuditEntry| {
        if server.json { serde_json::to_string(entry).map(|json| json + "\n") } else { Ok(super::line(entry)) }
    };
    let lines: String = entries.iter().map(line).collect::<serde_json::Result<_>>()?;
    print::offer(lines.as_bytes())
}
