//! What proves the audit log: checkpoints, and proofs that an entry is in it and that it was only added to.

use umbel_api::{self as api, Code};
use umbel_domain::{AuditEntryId, OrganizationId, Timestamp};
use umbel_proof::{Hash, Plan, hex};
use umbel_store::audit_trees::{self, Place};
use umbel_store::{Query as Reading, audit_retention};

use super::audit_log::read;
use super::audit_roots::{named, read_above};
use crate::audit_tree;
use crate::caller::{Caller, Pace, Read};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::wire;

pub(super) const CHECKPOINT: About = About {
    summary: "Sign what the audit log is now",
    description: "How many entries the log of the whole tree of organizations has, and the hash of its Merkle tree, signed. Keep a \
                  checkpoint elsewhere: whoever has one can prove later that nothing before it was changed or removed. An entry is \
                  in it about a second after it was written.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const INCLUSION: About = About {
    summary: "Prove that an entry is in the audit log",
    description: "The inclusion proof (RFC 9162, 2.1.3) of an entry against the checkpoint that is signed with it. The entry is found by \
                  its id and by `action_time`, its `action.time`. What was deleted because it was kept for long enough can be proved no more \
                  but from a bundle that somebody kept.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden],
};

pub(super) const CONSISTENCY: About = About {
    summary: "Prove that the audit log was only added to",
    description: "The consistency proof (RFC 9162, 2.1.4) from the size of an earlier checkpoint to the one that is signed with it. A \
                  checkpoint that is larger than the log is proof that the log was rolled back.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden, Code::RolledBack],
};

pub(super) const CHECKPOINT_OF_SERVER: About = About {
    summary: "Sign what the server's audit log is now",
    description: "How many entries the server's own log has, and the hash of its Merkle tree, signed. For operators; the same as for \
                  an organization.",
    errors: &[Code::Forbidden],
};

pub(super) const INCLUSION_OF_SERVER: About = About {
    summary: "Prove that an entry is in the server's audit log",
    description: "The inclusion proof of an entry of the server's own log. For operators; the same as for an organization.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden],
};

pub(super) const CONSISTENCY_OF_SERVER: About = About {
    summary: "Prove that the server's audit log was only added to",
    description: "The consistency proof of the server's own log. For operators; the same as for an organization.",
    errors: &[Code::InvalidParameter, Code::Forbidden, Code::RolledBack],
};

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/checkpoint`
pub(super) async fn checkpoint(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<api::AuditCheckpoint>> {
    checkpoint_of(&caller, Some(&id)).await
}

/// `GET /umbel/v1/logs/audit/checkpoint`
pub(super) async fn checkpoint_of_server(caller: Caller) -> Result<Reply<api::AuditCheckpoint>> {
    checkpoint_of(&caller, None).await
}

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/{id}/proof`
pub(super) async fn inclusion(
    caller: Caller,
    Ids(organization, id): Ids<OrganizationId, AuditEntryId>,
    Query(parameters): Query<api::GetAuditEntry>,
) -> Result<Reply<api::AuditInclusion>> {
    inclusion_of(&caller, Some(&organization), &id, parameters).await
}

/// `GET /umbel/v1/logs/audit/{id}/proof`
pub(super) async fn inclusion_of_server(
    caller: Caller,
    Id(id): Id<AuditEntryId>,
    Query(parameters): Query<api::GetAuditEntry>,
) -> Result<Reply<api::AuditInclusion>> {
    inclusion_of(&caller, None, &id, parameters).await
}

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/consistency`
pub(super) async fn consistency(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::GetAuditConsistency>,
) -> Result<Reply<api::AuditConsistency>> {
    consistency_of(&caller, Some(&id), parameters).await
}

/// `GET /umbel/v1/logs/audit/consistency`
pub(super) async fn consistency_of_server(
    caller: Caller,
    Query(parameters): Query<api::GetAuditConsistency>,
) -> Result<Reply<api::AuditConsistency>> {
    consistency_of(&caller, None, parameters).await
}

async fn checkpoint_of(caller: &Caller, of: Option<&OrganizationId>) -> Result<Reply<api::AuditCheckpoint>> {
    let (mut read, root) = read_above(caller, of).await?;
    Ok(Reply::ok(signed(caller, &mut read, root.as_ref()).await?))
}

async fn inclusion_of(
    caller: &Caller,
    of: Option<&OrganizationId>,
    id: &AuditEntryId,
    parameters: api::GetAuditEntry,
) -> Result<Reply<api::AuditInclusion>> {
    let at = wire::audit_log::moment("action_time", parameters.action_time)?;
    let (on, log) = named(of);
    let mut read = read(caller, Pace::Short, on, log).await?;
    let (root, index) = match audit_trees::place(&mut *read, of, at, id).await? {
        Place::Leaf(root, index) => (root, index),
        Place::Pending => {
            return Err(Error::new(Code::NotFound, "the audit log entry is not in the tree yet; ask again in a second"));
        }
        Place::Nowhere => {
            drop(read);
            return Err(absent(caller, of, at).await?);
        }
    };
    let root = root.as_ref();
    let checkpoint = signed(caller, &mut read, root).await?;
    let plan = Plan::inclusion(index, checkpoint.size).map_err(|error| Error::new(Code::Internal, error.0))?;
    let proof = proof(&mut *read, root, &plan).await?;
    let sealed = audit_trees::leaves(&mut *read, root, index, 1).await?;
    let sealed = sealed.first().ok_or_else(|| Error::not_found("audit log entry"))?;
    let leaf_hash = hex::encode(&audit_tree::hash(sealed, &mut Vec::new())?);
    Ok(Reply::ok(api::AuditInclusion { index, leaf_hash, proof, checkpoint }))
}

/// Why there is no such entry: there never was, or it may have been deleted.
async fn absent(caller: &Caller, of: Option<&OrganizationId>, at: Timestamp) -> Result<Error> {
    let (mut read, root) = read_above(caller, of).await?;
    let kept = audit_retention::kept(&mut *read, root.as_ref()).await?;
    Ok(match kept.deleted_to.filter(|deleted_to| at <= *deleted_to) {
        None => Error::not_found("audit log entry"),
        Some(deleted_to) => {
            let to = wire::rfc_3339(deleted_to);
            let message = format!(
                "audit log entry not found: it does not exist, or it is one of the first {} of the log, written up to {to}, which are \
                 deleted; a bundle that was kept proves it",
                kept.first
            );
            Error::new(Code::NotFound, message)
        }
    })
}

async fn consistency_of(
    caller: &Caller,
    of: Option<&OrganizationId>,
    parameters: api::GetAuditConsistency,
) -> Result<Reply<api::AuditConsistency>> {
    let size = parameters.size.and_then(|size| u64::try_from(size).ok());
    let size = size.ok_or_else(|| invalid("size", "must be the size of an earlier checkpoint"))?;
    let (mut read, root) = read_above(caller, of).await?;
    let checkpoint = signed(caller, &mut read, root.as_ref()).await?;
    if size > checkpoint.size && root.as_ref() != of {
        let reason = format!("must be at most {}, the number of entries of {}", checkpoint.size, checkpoint.origin);
        return Err(invalid("size", &reason));
    }
    if size > checkpoint.size {
        let message = format!("the log has {} entries and had {size}: it was rolled back", checkpoint.size);
        return Err(Error::at(Code::RolledBack, "/query/size", message));
    }
    let plan = Plan::consistency(size, checkpoint.size).map_err(|error| invalid("size", &error.0))?;
    Ok(Reply::ok(api::AuditConsistency { proof: proof(&mut *read, root.as_ref(), &plan).await?, checkpoint }))
}

async fn signed(caller: &Caller, read: &mut Read, root: Option<&OrganizationId>) -> Result<api::AuditCheckpoint> {
    let key = &caller.app.signing_key;
    let (checkpoint, note) = key.checkpoint(&mut **read, root).await?;
    Ok(api::AuditCheckpoint {
        origin: checkpoint.origin,
        size: checkpoint.size,
        root_hash: hex::encode(&checkpoint.root),
        note: note.to_string(),
        verifier_key: key.verifier_key(root)?.to_string(),
    })
}

async fn proof(read: &mut impl Reading, root: Option<&OrganizationId>, plan: &Plan) -> Result<Vec<String>> {
    let nodes: Vec<_> = plan.nodes().collect();
    let hashes = audit_tree::hashes(read, root, &nodes).await?;
    let proof: Vec<Hash> = plan.proof(&hashes).map_err(|error| Error::new(Code::Internal, error.0))?;
    Ok(proof.iter().map(|hash| hex::encode(hash)).collect())
}
