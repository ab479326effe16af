//! `umbel audit retention`: how long a log is kept.

use clap::{Args, Subcommand, value_parser};
use umbel_client::AuditLog;
use umbel_client::api::AuditRetention;

use crate::remote::Server;
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Retention {
    /// Shows how long the log is kept.
    Show {
        #[command(flatten)]
        of: Root,
    },
    /// Decides how long the log is kept, and whether a hold forbids to delete anything; what is not given stays.
    Set(Set),
}

/// Whose log as a whole.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Root {
    /// Log of all organizations in the tree of this root.
    #[arg(long, value_name = "ROOT")]
    organization: Option<String>,
    /// Log of the server itself, for operators.
    #[arg(long)]
    server: bool,
}

impl Root {
    pub(super) fn log(self) -> AuditLog {
        self.organization.map_or(AuditLog::Server, AuditLog::Organization)
    }
}

#[derive(Args)]
pub(crate) struct Set {
    #[command(flatten)]
    of: Root,
    #[command(flatten)]
    change: Change,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct Change {
    /// Delete entries that are older than so many days.
    #[arg(long, value_name = "N", value_parser = value_parser!(i64).range(1..=36_500), conflicts_with = "forever")]
    days: Option<i64>,
    /// Delete nothing because of its age.
    #[arg(long)]
    forever: bool,
    /// Forbid to delete or erase anything.
    #[arg(long, conflicts_with = "release")]
    hold: bool,
    /// Lift the hold.
    #[arg(long)]
    release: bool,
}

impl Retention {
    pub(super) async fn run(self, server: &Server) -> Result {
        match self {
            Self::Show { of } => server.show(&server.client.audit_retention(&of.log()).await?, text),
            Self::Set(Set { of, change }) => {
                let log = of.log();
                let now = server.client.audit_retention(&log).await?;
                let retention_days = change.days.or(now.retention_days.filter(|_| !change.forever));
                let hold = change.hold || now.hold && !change.release;
                let retention = AuditRetention { retention_days, hold };
                server.show(&server.client.update_audit_retention(&log, &retention).await?, text)
            }
        }
    }
}

fn text(retention: &AuditRetention) -> String {
    let days = retention.retention_days.map_or_else(|| "for ever".to_owned(), |days| format!("{days} days"));
    print::block([("kept", days), ("hold", if retention.hold { "yes" } else { "no" }.to_owned())])
}
