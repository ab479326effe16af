//! What is asked of an audit log: whose, since when, and which entries.

use clap::Args;
use time::{Duration, OffsetDateTime};
use umbel_client::AuditLog;
use umbel_client::api::{AuditFilters, Moment, Parameters as _, Values};

use super::Of;
use crate::Result;

/// Whose log.
#[derive(Args)]
pub(crate) struct Whose {
    #[command(flatten)]
    of: One,
    /// With the logs of all organizations below.
    #[arg(long, requires = "organization")]
    below: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct One {
    /// Log of this organization.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Log of this account.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Log of the server itself, for operators.
    #[arg(long)]
    server: bool,
}

impl From<Of> for Whose {
    fn from(Of { organization, account }: Of) -> Self {
        Self { of: One { organization, account, server: false }, below: false }
    }
}

impl Whose {
    pub(super) fn log(&self) -> AuditLog {
        match &self.of {
            One { organization: Some(id), .. } if self.below => AuditLog::OrganizationAndBelow(id.clone()),
            One { organization: Some(id), .. } => AuditLog::Organization(id.clone()),
            One { account: Some(id), .. } => AuditLog::Account(id.clone()),
            // There is just one of the three.
            One { .. } => AuditLog::Server,
        }
    }
}

/// Which entries.
#[derive(Args)]
pub(crate) struct Asked {
    /// From when on: a date, a time like 2026-01-02T03:04:05Z, or so long ago, like 90s, 15m, 12h, 7d or 4w.
    #[arg(long, value_name = "WHEN", default_value = "24h", value_parser = when)]
    since: When,
    /// Until when, that moment left out; now by default.
    #[arg(long, value_name = "WHEN", default_value = "0s", hide_default_value = true, value_parser = when)]
    before: When,
    /// Only entries with this value, like `actor_email=ann@example.com`, or without it, like `action_type.not=create`; repeat it.
    #[arg(long, value_name = "NAME[.not]=VALUE", value_parser = filter)]
    filter: Vec<(String, String)>,
}

impl Asked {
    /// Since when and until when.
    pub(super) fn span(&self, now: OffsetDateTime) -> (Moment, Moment) {
        (self.since.at(now), self.before.at(now))
    }

    /// The filters, of which the values of one are alternatives.
    pub(super) fn filters(&self) -> Result<AuditFilters> {
        let mut values = Values::new(self.filter.iter().cloned());
        let filters = AuditFilters::read(&mut values);
        match values.faults.first() {
            Some((name, reason)) => Err(format!("--filter {name} {reason}").into()),
            None => Ok(filters),
        }
    }
}

/// A point in time as people give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    At(Moment),
    Ago(Duration),
}

impl When {
    fn at(self, now: OffsetDateTime) -> Moment {
        match self {
            Self::At(moment) => moment,
            Self::Ago(span) => Moment(now.checked_sub(span).unwrap_or(OffsetDateTime::UNIX_EPOCH)),
        }
    }
}

fn when(text: &str) -> std::result::Result<When, String> {
    ago(text).map(When::Ago).or_else(|| moment(text).ok().map(When::At)).ok_or_else(|| {
        "give a date like 2026-01-02, a time like 2026-01-02T03:04:05Z, or so long ago, like 90s, 15m, 12h, 7d or 4w".to_owned()
    })
}

fn ago(text: &str) -> Option<Duration> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return None,
    };
    // A count of a sign would be one of a span to come.
    let count: u32 = count.bytes().all(|byte| byte.is_ascii_digit()).then(|| count.parse().ok())??;
    Some(Duration::seconds(seconds * i64::from(count)))
}

/// Reads a date or a time.
pub(super) fn moment(text: &str) -> std::result::Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| "give a date like 2026-01-02 or a time like 2026-01-02T03:04:05Z".to_owned())
}

fn filter(text: &str) -> std::result::Result<(String, String), String> {
    // Each comes in both forms.
    let names = || AuditFilters::names().step_by(2).collect::<Vec<_>>().join(", ");
    let (name, value) = text.split_once('=').ok_or("give it as NAME=VALUE or NAME.not=VALUE")?;
    if !AuditFilters::names().any(|known| known == name) {
        return Err(format!("there is no filter of that name; there are {}, each also with .not", names()));
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::*;

    fn at(text: &str) -> Option<String> {
        let now = OffsetDateTime::from_unix_timestamp(1_767_323_045).unwrap();
        when(text).ok().map(|when| when.at(now).0.format(&Rfc3339).unwrap())
    }

    #[test]
    fn a_point_in_time_is_a_date_a_time_or_so_long_ago() {
        for (text, expected) in [
            ("0s", "2026-01-02T03:04:05Z"),
            ("90s", "2026-01-02T03:02:35Z"),
            ("15m", "2026-01-02T02:49:05Z"),
            ("24h", "2026-01-01T03:04:05Z"),
            ("7d", "2025-12-26T03:04:05Z"),
            ("1w", "2025-12-26T03:04:05Z"),
            ("2026-01-01", "2026-01-01T00:00:00Z"),
            ("2026-01-01T01:00:00+01:00", "2026-01-01T01:00:00+01:00"),
            ("2026-01-01T01:00:00", "2026-01-01T01:00:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Some(expected), "{text}");
        }
        for bad in ["", "d", "-1d", "+1d", "1", "1.5d", "1y", "yesterday", "99999999999d", "7ď", "2026-13-01"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_filter_has_a_known_name_and_a_value() {
        assert_eq!(filter("action_type.not=create"), Ok(("action_type.not".to_owned(), "create".to_owned())));
        assert_eq!(filter("raw_uri=/x?a=b"), Ok(("raw_uri".to_owned(), "/x?a=b".to_owned())));
        for bad in ["action_type", "=x", "action=create", "action_type.nor=create"] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
