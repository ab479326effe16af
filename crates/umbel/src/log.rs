//! The log: one line an event on standard error, written by a thread of its own.

use std::io::{BufWriter, IsTerminal as _, Write};
use std::time::Duration;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::Result;
use crate::settings::LogFormat;

/// Lines that wait to be written; further ones are dropped rather than that a request waits.
const LINES_WAITING_MAX: usize = 65_536;
/// How long the thread rests when no further line waits.
const PAUSE: Duration = Duration::from_millis(5);

/// Starts the log; it is complete once the guard is dropped.
///
/// Both forms keep to one line an event, whatever is in it.
pub(crate) fn start(format: Option<LogFormat>, filter: &str) -> Result<WorkerGuard> {
    let is_terminal = std::io::stderr().is_terminal();
    // The thread writes when no further line waits: lines that came together cost one call of the system.
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(LINES_WAITING_MAX)
        .finish(Lines { out: BufWriter::new(std::io::stderr()), is_terminal });
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(filter)?).with_writer(writer).with_ansi(is_terminal);
    match format.unwrap_or(if is_terminal { LogFormat::Text } else { LogFormat::Json }) {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(guard)
}

/// Writes lines, each by one call, and escapes the control bytes in them.
struct Lines<W> {
    out: W,
    /// Whether colors, which the text form makes of control bytes, are left to it.
    is_terminal: bool,
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let (mut rest, end) = line.strip_suffix(b"\n").map_or((line, &b""[..]), |text| (text, b"\n"));
        let is_escaped = |byte: &u8| byte.is_ascii_control() && !(self.is_terminal && *byte == 0x1b);
        while let Some(at) = rest.iter().position(is_escaped) {
            self.out.write_all(&rest[..at])?;
            write!(self.out, "\\x{:02x}", rest[at])?;
            rest = &rest[at + 1..];
        }
        self.out.write_all(rest)?;
        self.out.write_all(end)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()?;
        // Meanwhile further lines come together; to wake this thread costs a request more than all else about its line.
        std::thread::sleep(PAUSE);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(line: &str, is_terminal: bool) -> String {
        let mut lines = Lines { out: Vec::new(), is_terminal };
        lines.write_all(line.as_bytes()).unwrap();
        String::from_utf8(lines.out).unwrap()
    }

    #[test]
    fn an_event_stays_one_line_and_moves_no_cursor() {
        assert_eq!(written("héllo \u{1b}[2J\r\nforged line\x00\x7f\n", false), "héllo \\x1b[2J\\x0d\\x0aforged line\\x00\\x7f\n");
        assert_eq!(written("\u{1b}[32m INFO\u{1b}[0m a\tb\n", true), "\u{1b}[32m INFO\u{1b}[0m a\\x09b\n");
        assert_eq!(written("no end", false), "no end");
    }
}
