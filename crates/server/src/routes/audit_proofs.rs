//! What proves the audit log: checkpoints, and proofs that an entry is in it and that it was only added to.

use umbel_api::{self as api, Code};
use umbel_domain::{Action, AuditEntryId, OrganizationId};
use umbel_proof::{Hash, Plan, hex};
use umbel_store::audit_trees::{self, Place};
use umbel_store::organizations;

use crate::audit_tree;
use crate::caller::{Caller, On, Read};
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
                  its id and by `action_time`, its `action.time`.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden],
};

pub(super) const CONSISTENCY: About = About {
    summary: "Prove that the audit log was only added to",
    description: "The consistency proof (RFC 9162, 2.1.4) from the size of an earlier checkpoint to the one that is signed with it. A \
                  checkpoint that is larger than the log is proof that the log was rolled back.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden, Code::RolledBack],
};

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/checkpoint`
pub(super) async fn checkpoint(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<api::AuditCheckpoint>> {
    let (mut read, root) = read(&caller, &id).await?;
    Ok(Reply::ok(signed(&caller, &mut read, &root).await?))
}

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/{id}/proof`
pub(super) async fn inclusion(
    caller: Caller,
    Ids(organization, id): Ids<OrganizationId, AuditEntryId>,
    Query(parameters): Query<api::GetAuditEntry>,
) -> Result<Reply<api::AuditInclusion>> {
    let at = wire::audit_log::moment("action_time", parameters.action_time)?;
    let (mut read, _) = read(&caller, &organization).await?;
    let (root, index) = match audit_trees::place(&mut *read, Some(&organization), at, &id).await? {
        Place::Leaf(Some(root), index) => (root, index),
        Place::Pending => {
            return Err(Error::new(Code::NotFound, "the audit log entry is not in the tree yet; ask again in a second"));
        }
        Place::Leaf(None, _) | Place::Nowhere => return Err(Error::not_found("audit log entry")),
    };
    let checkpoint = signed(&caller, &mut read, &root).await?;
    let plan = Plan::inclusion(index, checkpoint.size).map_err(|error| Error::new(Code::Internal, error.0))?;
    let proof = proof(&mut read, &root, &plan).await?;
    let sealed = audit_trees::leaves(&mut *read, Some(&root), index, 1).await?;
    let sealed = sealed.first().ok_or_else(|| Error::not_found("audit log entry"))?;
    let leaf_hash = hex::encode(&audit_tree::hash(sealed, &mut Vec::new())?);
    Ok(Reply::ok(api::AuditInclusion { index, leaf_hash, proof, checkpoint }))
}

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/consistency`
pub(super) async fn consistency(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::GetAuditConsistency>,
) -> Result<Reply<api::AuditConsistency>> {
    let size = parameters.size.and_then(|size| u64::try_from(size).ok());
    let size = size.ok_or_else(|| invalid("size", "must be the size of an earlier checkpoint"))?;
    let (mut read, root) = read(&caller, &id).await?;
    let checkpoint = signed(&caller, &mut read, &root).await?;
    if size > checkpoint.size && root != id {
        let reason = format!("must be at most {}, the number of entries of {}", checkpoint.size, checkpoint.origin);
        return Err(invalid("size", &reason));
    }
    if size > checkpoint.size {
        let message = format!("the log has {} entries and had {size}: it was rolled back", checkpoint.size);
        return Err(Error::at(Code::RolledBack, "/query/size", message));
    }
    let plan = Plan::consistency(size, checkpoint.size).map_err(|error| invalid("size", &error.0))?;
    Ok(Reply::ok(api::AuditConsistency { proof: proof(&mut read, &root, &plan).await?, checkpoint }))
}

/// Begins to read about the tree in which an organization stands, and names its root. What was a root keeps the tree that it had.
async fn read(caller: &Caller, id: &OrganizationId) -> Result<(Read, OrganizationId)> {
    let mut read = caller.read(Action::ReadAuditLog, On::Organization(id)).await?;
    let organization = organizations::get(&mut *read, id).await?.ok_or_else(|| Error::not_found("organization"))?;
    let above = organization.lineage.root_id().and_then(|root| OrganizationId::parse(root).ok());
    let root = match above {
        Some(above) if audit_trees::size(&mut *read, Some(id)).await? == 0 => above,
        _ => organization.id,
    };
    Ok((read, root))
}

async fn signed(caller: &Caller, read: &mut Read, root: &OrganizationId) -> Result<api::AuditCheckpoint> {
    let key = &caller.app.signing_key;
    let (checkpoint, note) = key.checkpoint(&mut **read, Some(root)).await?;
    Ok(api::AuditCheckpoint {
        origin: checkpoint.origin,
        size: checkpoint.size,
        root_hash: hex::encode(&checkpoint.root),
        note: note.to_string(),
        verifier_key: key.verifier_key(Some(root))?.to_string(),
    })
}

async fn proof(read: &mut Read, root: &OrganizationId, plan: &Plan) -> Result<Vec<String>> {
    let nodes: Vec<_> = plan.nodes().collect();
    let hashes = audit_tree::hashes(&mut **read, Some(root), &nodes).await?;
    let proof: Vec<Hash> = plan.proof(&hashes).map_err(|error| Error::new(Code::Internal, error.0))?;
    Ok(proof.iter().map(|hash| hex::encode(hash)).collect())
}
