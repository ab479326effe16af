//! `umbel audit erase` and `umbel audit erasure`: taking what is personal of somebody out of a log.

use clap::Args;
use umbel_client::api::{AuditErasure, AuditErasureStatus, CreateAuditErasure};

use super::retention::Root;
use crate::remote::Server;
use crate::{Result, print};

#[derive(Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    of: Root,
    #[command(flatten)]
    who: Who,
}

/// Of whom.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Who {
    /// Entries that this user did, or that are about them.
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// Entries by who had this address, or that mention it.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

impl Erase {
    pub(super) async fn run(self, server: &Server) -> Result {
        let new = CreateAuditErasure { user_id: self.who.user_id, email: self.who.email };
        server.show(&server.client.create_audit_erasure(&self.of.log(), &new).await?, text)
    }
}

#[derive(Args)]
pub(crate) struct Erasure {
    /// Its id, as `erase` shows it.
    id: String,
    #[command(flatten)]
    of: Root,
}

impl Erasure {
    pub(super) async fn run(self, server: &Server) -> Result {
        server.show(&server.client.audit_erasure(&self.of.log(), &self.id).await?, text)
    }
}

fn text(erasure: &AuditErasure) -> String {
    let status = match erasure.status {
        AuditErasureStatus::Running => "running",
        AuditErasureStatus::Done => "done",
    };
    print::block([
        ("id", erasure.id.clone()),
        ("status", status.to_owned()),
        ("erased", erasure.erased.to_string()),
        ("ordered", print::time(erasure.create_time)),
        ("done", erasure.done_time.map(print::time).unwrap_or_default()),
    ])
}
