//! How long the audit log of a root, or that of the server, is kept.

use umbel_api::{self as api, Code};
use umbel_domain::OrganizationId;
use umbel_domain::audit::{Entry, Retention};
use umbel_store::audit_retention;

use super::audit_roots::{read_root, write_root};
use crate::body::Body;
use crate::caller::{Caller, Pace};
use crate::error::Result;
use crate::openapi::About;
use crate::path::Id;
use crate::reply::Reply;
use crate::wire::{self, Reader};
use crate::write::Committed;

pub(super) const GET: About = About {
    summary: "Show how long the audit log is kept",
    description: "How long the entries of all logs in the tree of a root are kept, and whether a hold forbids to delete any.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const UPDATE: About = About {
    summary: "Decide how long the audit log is kept",
    description: "Entries of all logs in the tree of a root are deleted when they are older than `retention_days`, in the order in \
                  which they became known; an entry in the log says how many and up to when. Checkpoints, and the consistency \
                  proofs between them, stay good. A hold stops that at once, and any erasure, until it is lifted.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

pub(super) const GET_OF_SERVER: About = About {
    summary: "Show how long the server's audit log is kept",
    description: "How long the entries of the server's own log are kept. For operators; the same as for a root.",
    errors: &[Code::Forbidden],
};

pub(super) const UPDATE_OF_SERVER: About = About {
    summary: "Decide how long the server's audit log is kept",
    description: "How long the entries of the server's own log are kept. For operators; the same as for a root.",
    errors: &[Code::InvalidBody, Code::BodyTooLarge, Code::Forbidden, Code::PreconditionFailed],
};

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/retention`
pub(super) async fn get(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<api::AuditRetention>> {
    shown(&caller, Some(&id)).await
}

/// `PUT /umbel/v1/organizations/{organization_id}/logs/audit/retention`
pub(super) async fn update(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::AuditRetention>,
) -> Result<Committed<api::AuditRetention>> {
    set(&caller, Some(&id), body).await
}

/// `GET /umbel/v1/logs/audit/retention`
pub(super) async fn get_of_server(caller: Caller) -> Result<Reply<api::AuditRetention>> {
    shown(&caller, None).await
}

/// `PUT /umbel/v1/logs/audit/retention`
pub(super) async fn update_of_server(
    caller: Caller,
    Body(body): Body<api::AuditRetention>,
) -> Result<Committed<api::AuditRetention>> {
    set(&caller, None, body).await
}

async fn shown(caller: &Caller, root: Option<&OrganizationId>) -> Result<Reply<api::AuditRetention>> {
    let mut read = read_root(caller, Pace::Short, root).await?;
    Ok(Reply::one(wire::audit_log::audit_retention(audit_retention::get(&mut *read, root).await?)))
}

async fn set(
    caller: &Caller,
    root: Option<&OrganizationId>,
    body: api::AuditRetention,
) -> Result<Committed<api::AuditRetention>> {
    let mut reader = Reader::default();
    let days = body.retention_days.map(|days| reader.member("/retention_days", Retention::days(days)));
    let retention = reader.finish(Some(Retention { days: days.flatten(), hold: body.hold }))?;
    let mut write = write_root(caller, root).await?;
    let current = audit_retention::get(&mut *write, root).await?;
    write.expect(Some(&wire::audit_log::audit_retention(current)))?;
    audit_retention::set(&mut write, root, retention).await?;
    let reply = Reply::one(wire::audit_log::audit_retention(retention));
    let committed = write.commit(Entry::audit_retention_updated(root), reply).await?;
    caller.app.workers.look_after_retention();
    Ok(committed)
}
