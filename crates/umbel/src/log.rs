//! The log: one line an event on standard error, written by a thread of its own.

use std::io::{BufWriter, IsTerminal as _};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::Result;
use crate::settings::LogFormat;

/// Lines that wait to be written; further ones are dropped rather than that a request waits.
const LINES_WAITING_MAX: usize = 65_536;

/// Starts the log; it is complete once the guard is dropped.
///
/// Both forms keep to one line an event: JSON escapes control bytes, and the text form shows every text quoted and escaped.
pub(crate) fn start(format: Option<LogFormat>, filter: &str) -> Result<WorkerGuard> {
    let is_terminal = std::io::stderr().is_terminal();
    // The thread writes when no further line waits: lines that came together cost one call of the system.
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING_MAX).finish(BufWriter::new(std::io::stderr()));
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(filter)?).with_writer(writer).with_ansi(is_terminal);
    match format.unwrap_or(if is_terminal { LogFormat::Text } else { LogFormat::Json }) {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(guard)
}
