//! The trees of audit logs as requests name them: by an organization, or as that of the server, which is `None`.
//!
//! What was a root keeps the tree that it had, also when it stands below another root now, or is gone; of what is gone
//! operators ask.

use umbel_api::Code;
use umbel_domain::{Action, OrganizationId};
use umbel_store::audit_log::{self, Log};
use umbel_store::{Query, audit_trees, organizations};

use super::audit_log::read;
use crate::caller::{Caller, On, Pace, Read};
use crate::error::{Error, Result};
use crate::write::Write;

/// The log that a request names.
pub(super) fn named(of: Option<&OrganizationId>) -> (On<'_>, Log<'_>) {
    of.map_or((On::Server, Log::Server), |id| (On::Organization(id), Log::Organization(id)))
}

/// Begins to read about the tree in which a log lies, and names its root.
pub(super) async fn read_above(caller: &Caller, of: Option<&OrganizationId>) -> Result<(Read, Option<OrganizationId>)> {
    let (on, log) = named(of);
    let mut read = read(caller, Pace::Short, on, log).await?;
    let Some(id) = of else { return Ok((read, None)) };
    let root = match root_above(&mut *read, id).await? {
        Some(root) => root,
        None => id.clone(),
    };
    Ok((read, Some(root)))
}

/// Begins to read about the whole tree of a root.
pub(super) async fn read_root(caller: &Caller, pace: Pace, root: Option<&OrganizationId>) -> Result<Read> {
    let (on, log) = named(root);
    let mut read = read(caller, pace, on, log).await?;
    must_be_root(&mut *read, root).await?;
    Ok(read)
}

/// Begins to decide about the audit log of the whole tree of a root.
pub(super) async fn write_root(caller: &Caller, root: Option<&OrganizationId>) -> Result<Write> {
    let (on, log) = named(root);
    let mut write = match caller.write(Action::ManageAuditLog, on).await {
        Err(error) if error.is_not_found() && caller.identity.user.operator => {
            let Ok(mut write) = caller.write(Action::ManageAuditLog, On::Server).await else { return Err(error) };
            let is_empty = audit_log::all(&mut *write, log, None, 1).await?.is_empty();
            if is_empty { Err(error) } else { Ok(write) }
        }
        done => done,
    }?;
    must_be_root(&mut *write, root).await?;
    Ok(write)
}

/// Refuses what neither is nor was a root, and names the root above it.
async fn must_be_root(query: &mut impl Query, root: Option<&OrganizationId>) -> Result<()> {
    let Some(id) = root else { return Ok(()) };
    let Some(above) = root_above(query, id).await? else { return Ok(()) };
    let message = format!("an audit log is kept and proved for a whole tree; ask for that of the root, {above}");
    Err(Error::at(Code::InvalidId, "/path/organization_id", message))
}

/// The root above an organization that has no tree of its own; of one that is gone that in whose tree its entries are.
async fn root_above(query: &mut impl Query, id: &OrganizationId) -> Result<Option<OrganizationId>> {
    let above = match organizations::get(query, id).await? {
        Some(organization) => organization.lineage.root_id().and_then(|root| OrganizationId::parse(root).ok()),
        None => audit_trees::root_of(query, id).await?,
    };
    let above = above.filter(|above| above != id);
    Ok(if above.is_some() && audit_trees::size(query, Some(id)).await? > 0 { None } else { above })
}
