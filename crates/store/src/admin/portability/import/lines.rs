//! Reading lines, each for itself.

use std::io::{BufRead, Read};

use serde::de::DeserializeOwned;

use super::{BadLines, File, LINE_LENGTH_MAX, LINES_MAX, Line, PROGRESS_STEP};
use crate::admin::Progress;
use crate::admin::portability::Result;
use crate::admin::portability::record::{ApiTokenRecord, Head, Kind, UserRecord};
use crate::admin::portability::text::Object;

/// Reads a file; stops when enough lines are bad.
pub(super) fn read(mut input: impl BufRead, bad: &mut BadLines, progress: &mut dyn FnMut(Progress)) -> Result<File> {
    let mut file = File::default();
    let mut line = Vec::new();
    let mut number = 0;
    while !bad.is_full() && next_line(&mut input, &mut line)? {
        number += 1;
        if number > LINES_MAX {
            bad.add(number, format!("a file has at most {LINES_MAX} lines; split it"));
            break;
        }
        if let Err(reason) = file.add(number, &line) {
            bad.add(number, reason);
        }
        if number % PROGRESS_STEP == 0 {
            progress(Progress { done: number, total: None });
        }
    }
    Ok(file)
}

/// Reads a line of at most one byte more than it may have; `false` at the end.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let limit = LINE_LENGTH_MAX as u64 + 1;
    input.by_ref().take(limit).read_until(b'\n', line)?;
    if line.len() > LINE_LENGTH_MAX && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(!line.is_empty())
}

impl File {
    /// Adds what a line describes; an empty one describes nothing.
    fn add(&mut self, number: u64, line: &[u8]) -> std::result::Result<(), String> {
        if line.strip_suffix(b"\n").unwrap_or(line).len() > LINE_LENGTH_MAX {
            return Err(format!("a line has at most {LINE_LENGTH_MAX} bytes"));
        }
        let text = std::str::from_utf8(line).map_err(|error| format!("it is not UTF-8 from byte {}", error.valid_up_to() + 1))?;
        let text = text.trim_end();
        if text.is_empty() {
            return Ok(());
        }
        match parse::<Head>(text)?.kind {
            Kind::User => {
                let mut record = parse(text)?;
                UserRecord::forget_plain(&mut record)?;
                self.users.push(Line { number, record });
            }
            Kind::ApiToken => {
                let mut record = parse(text)?;
                ApiTokenRecord::forget_plain(&mut record)?;
                self.api_tokens.push(Line { number, record });
            }
            Kind::Organization => self.organizations.push(Line { number, record: parse(text)? }),
            Kind::OrganizationMember => self.members.push(Line { number, record: parse(text)? }),
            Kind::Role => self.roles.push(Line { number, record: parse(text)? }),
            Kind::Account => self.accounts.push(Line { number, record: parse(text)? }),
            Kind::AuditEntry => self.audit_entries.push(Line { number, record: parse(text)? }),
            Kind::AuditRetention => self.audit_retention.push(Line { number, record: parse(text)? }),
            Kind::AccountMember => self.account_members.push(Line { number, record: parse(text)? }),
            Kind::Metric => self.metrics.push(Line { number, record: parse(text)? }),
            Kind::Price => self.prices.push(Line { number, record: parse(text)? }),
            Kind::History => self.histories.push(Line { number, record: parse(text)? }),
            Kind::BillingPeriod => self.billing_periods.push(Line { number, record: parse(text)? }),
            Kind::Invoice => self.invoices.push(Line { number, record: parse(text)? }),
            Kind::Budget => self.budgets.push(Line { number, record: parse(text)? }),
            Kind::UsageDaily => self.usage.push(Line { number, record: parse(text)? }),
        }
        Ok(())
    }
}

/// Reads an object; the reason names the member that cannot be read.
fn parse<T: DeserializeOwned>(text: &str) -> std::result::Result<T, String> {
    let deserializer = &mut serde_json::Deserializer::from_str(text);
    let record: Object<T> = serde_path_to_error::deserialize(&mut *deserializer).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        // Of what is no JSON at all, and of the object itself, there is no path to tell.
        if error.is_data() && path != "." {
            printable(&format!("{path}: {}", without_place(&error)))
        } else {
            without_place(&error)
        }
    })?;
    deserializer.end().map_err(|error| without_place(&error))?;
    Ok(record.0)
}

/// A reason as a terminal can show it, whatever the file calls its members.
fn printable(reason: &str) -> String {
    reason.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The error without its line, which is always 1, and with its column where that is of use.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    if error.is_data() { reason.to_owned() } else { format!("{reason} at column {}", error.column()) }
}
