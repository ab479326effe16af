//! `umbel audit`: what was done, by whom, and what it did.

mod asked;
mod erasure;
mod export;
mod retention;
mod stream;
mod tail;

use std::sync::Arc;

use clap::{Args, Subcommand};
use time::OffsetDateTime;
use umbel_client::api::{
    AuditChange, AuditDiff, AuditEntry, AuditHistoryStatus, GetAuditEntry, Limit as PageLimit, ListAuditLog, Moment,
};

use self::asked::{Asked, Whose, moment};
use super::{Limit, Options, Remote, Server};
use crate::verify::Verify;
use crate::{Result, print, sources};

/// The verbs about audit logs: those that ask a server, and the one that needs none.
#[derive(Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    verb: AnyVerb,
}

#[derive(Subcommand)]
enum AnyVerb {
    #[command(flatten)]
    Asking(Verb),
    Verify(Verify),
}

impl Audit {
    pub(crate) async fn run(self) -> Result {
        match self.verb {
            AnyVerb::Asking(verb) => Remote { options: self.options, verb }.run().await,
            AnyVerb::Verify(verify) => verify.run(self.options.json),
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the entries of a log, the newest first.
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        asked: Asked,
        #[command(flatten)]
        limit: Limit,
    },
    /// Shows the newest entries of a log, the newest last, and with -f those to come; as JSON a line an entry.
    Tail(tail::Tail),
    /// Writes every entry of a log to a file, which is there when it is complete.
    Export(export::Export),
    /// Decides where the log of an organization is sent on to.
    Stream {
        #[command(subcommand)]
        verb: stream::Verb,
    },
    /// Lists the entries about what an entry is about.
    History {
        #[command(flatten)]
        entry: Entry,
        #[command(flatten)]
        of: Of,
    },
    /// Shows what a change did.
    Diff {
        #[command(flatten)]
        entry: Entry,
        /// Organization in whose log the entry is.
        #[arg(long, value_name = "ID")]
        organization: String,
    },
    /// Shows or decides how long a log is kept.
    #[command(subcommand)]
    Retention(retention::Retention),
    /// Orders to erase what is personal of somebody from a log.
    Erase(erasure::Erase),
    /// Shows how far an erasure has come.
    Erasure(erasure::Erasure),
}

#[derive(Args)]
pub(crate) struct Entry {
    /// Id of the entry.
    #[arg(value_name = "ENTRY")]
    id: String,
    /// When it was written, as the list shows it.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    time: Moment,
}

/// In which log.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Of {
    /// Organization in whose log the entry is.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Account in whose log the entry is.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        match self {
            Self::List { whose, asked, limit } => {
                let (since, before) = asked.span(sources::now());
                let parameters = ListAuditLog { since, before, limit: PageLimit(limit.page_size().0), ..ListAuditLog::default() };
                let entries = limit.take(server.client.audit_log(whose.log(), parameters, asked.filters()?)).await?;
                server.show(&entries, |entries| list(entries))
            }
            Self::Tail(tail) => tail.run(server).await,
            Self::Export(export) => export.run(server).await,
            Self::Stream { verb } => verb.run(server).await,
            Self::Retention(retention) => retention.run(server).await,
            Self::Erase(erase) => erase.run(server).await,
            Self::Erasure(erasure) => erasure.run(server).await,
            Self::History { entry, of } => history(server, &entry, of).await,
            Self::Diff { entry, organization } => {
                let parameters = GetAuditEntry { action_time: entry.time };
                server.show(&server.client.audit_diff(&organization, &entry.id, &parameters).await?, diff)
            }
        }
    }
}

async fn history(server: &Server, entry: &Entry, of: Of) -> Result {
    let log = Whose::from(of).log();
    let span = ListAuditLog {
        since: Moment(OffsetDateTime::UNIX_EPOCH),
        before: Moment(sources::now()),
        limit: PageLimit(HISTORY_MAX),
        ..ListAuditLog::default()
    };
    let parameters = (GetAuditEntry { action_time: entry.time }, span);
    let history = server.client.audit_history(&log, &entry.id, &parameters).await?;
    match history.status {
        AuditHistoryStatus::Exact => {}
        AuditHistoryStatus::Approximate => {
            print::note("the entry does not say what it is about; these are about the same kind of thing");
        }
        AuditHistoryStatus::Unavailable => print::note("the entry does not say what it is about"),
    }
    if history.page.next_page_token.is_some() {
        print::note(&format!("only the newest {HISTORY_MAX} are shown"));
    }
    server.show(&history.page.items, |entries| list(entries))
}

/// The most entries of a history that are shown: one page.
const HISTORY_MAX: usize = 1000;

/// Entries in columns.
fn list(entries: &[AuditEntry]) -> String {
    let rows = entries.iter().map(|entry| {
        let [time, what, result, who, thing] = cells(entry);
        [time, what, result, who, thing, entry.id.clone()]
    });
    print::table(["TIME", "ACTION", "RESULT", "ACTOR", "RESOURCE", "ENTRY"], rows)
}

/// An entry in one line.
fn line(entry: &AuditEntry) -> String {
    let [time, what, result, who, thing] = cells(entry);
    print::escaped(&format!("{time}  {what} ({result}) by {who}: {thing}  {}", entry.id)) + "\n"
}

/// When, what, whether it was done, who, and to what.
fn cells(entry: &AuditEntry) -> [String; 5] {
    let AuditEntry { action, actor, resource, .. } = entry;
    let first = |texts: [&Option<Arc<str>>; 2]| texts.into_iter().flatten().next().map_or("-", |text| text).to_owned();
    let kind = resource.resource_type.iter().chain(&resource.id).map(|text| &**text).collect::<Vec<_>>().join(" ");
    [
        print::time(action.time),
        first([&action.description, &action.action_type]),
        first([&action.result, &None]),
        first([&actor.email, &actor.actor_type]),
        if kind.is_empty() { "-".to_owned() } else { kind },
    ]
}

/// An entry, and what it made different.
fn diff(diff: &AuditDiff) -> String {
    let changed = |AuditChange { pointer, before, after }: &AuditChange| {
        let value = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
        let text = match (value(before), value(after)) {
            (None, Some(after)) => format!("+ {pointer}: {after}"),
            (Some(before), None) => format!("- {pointer}: {before}"),
            (before, after) => format!("~ {pointer}: {} → {}", before.unwrap_or_default(), after.unwrap_or_default()),
        };
        print::escaped(&text) + "\n"
    };
    let changes: String = diff.changes.iter().map(changed).collect();
    line(&diff.entry) + if changes.is_empty() { "nothing is different\n" } else { &changes }
}
