//! The audit log as Merkle trees, one for each root organization and one for the server: entries become leaves behind the
//! requests that wrote them, and proofs are read from the tiles that are kept of each tree.

use std::borrow::Cow;
use std::collections::HashMap;

use time::format_description::well_known::Rfc3339;
use umbel_domain::OrganizationId;
use umbel_domain::audit::Field;
use umbel_proof::entry::{Account, Action, Actor, Organization, Raw, Resource};
use umbel_proof::note::Note;
use umbel_proof::{Checkpoint, Entry, Frontier, Hash, Invalid, Node, Seal, Signer, Tile, VerifierKey, leaf, tile};
use umbel_store::audit_trees::{self, Sealed, TileId};
use umbel_store::{Error, Query, Result};

/// The key that checkpoints are signed with.
pub(crate) struct SigningKey([u8; 32]);

impl SigningKey {
    /// Takes the key in hex digits; other text is no key of ours.
    pub(crate) fn new(hex: &str) -> Result<Self> {
        umbel_proof::hex::decode(hex).map(Self).ok_or_else(|| Error::Inconsistent("the key of the audit log is damaged".into()))
    }

    fn signer(&self, root: Option<&OrganizationId>) -> Result<Signer> {
        Signer::new(&origin(root), &self.0).map_err(inconsistent)
    }

    /// The key that verifies the checkpoints of a tree.
    pub(crate) fn verifier_key(&self, root: Option<&OrganizationId>) -> Result<VerifierKey> {
        Ok(self.signer(root)?.verifier_key().clone())
    }

    /// What a tree is now, and that signed.
    pub(crate) async fn checkpoint(&self, query: &mut impl Query, root: Option<&OrganizationId>) -> Result<(Checkpoint, Note)> {
        let size = audit_trees::size(query, root).await?;
        let frontier = frontier(query, root, size).await?;
        let (origin, size, root_hash) = (origin(root), frontier.size(), frontier.root());
        let checkpoint = Checkpoint { origin, size, root: root_hash, extensions: Vec::new() };
        let note = checkpoint.sign(&self.signer(root)?, &[]).map_err(inconsistent)?;
        Ok((checkpoint, note))
    }
}

/// The name of a tree.
fn origin(root: Option<&OrganizationId>) -> String {
    format!("umbel/audit/{}", root.map_or("server", OrganizationId::as_str))
}

/// The frontier of the first `size` leaves of a tree.
pub(crate) async fn frontier(query: &mut impl Query, root: Option<&OrganizationId>, size: u64) -> Result<Frontier> {
    let hashes = hashes(query, root, &Frontier::nodes(size)).await?;
    Frontier::new(size, hashes).map_err(inconsistent)
}

/// The hashes of nodes of a tree, in their order.
pub(crate) async fn hashes(query: &mut impl Query, root: Option<&OrganizationId>, nodes: &[Node]) -> Result<Vec<Hash>> {
    let mut tiles: Vec<Tile> = nodes.iter().copied().map(Tile::of).collect();
    tiles.sort_unstable();
    tiles.dedup();
    let ids: Vec<TileId> = tiles.iter().map(id).collect();
    let bytes: HashMap<Tile, Vec<u8>> = tiles.into_iter().zip(audit_trees::tiles(query, root, &ids).await?).collect();
    let hash = |node: &Node| tile::hash_of(*node, bytes.get(&Tile::of(*node)).map_or(&[], Vec::as_slice)).map_err(inconsistent);
    nodes.iter().map(hash).collect()
}

/// The name of a tile in the store.
pub(crate) fn id(tile: &Tile) -> TileId {
    TileId { level: tile.level, index: tile.index }
}

/// The hash of the leaf of an entry; `buffer` is for reuse.
pub(crate) fn hash(sealed: &Sealed, buffer: &mut Vec<u8>) -> Result<Hash> {
    Ok(leaf::hash(&entry(sealed)?, &seal(sealed)?, buffer))
}

/// What takes the place of the salt of an entry when its personal members are erased; `None` when they are already.
pub(crate) fn commitment(sealed: &Sealed, buffer: &mut Vec<u8>) -> Result<Option<Hash>> {
    Ok(match seal(sealed)? {
        Seal::Salt(salt) => Some(leaf::commitment(&entry(sealed)?, &salt, buffer)),
        Seal::Commitment(_) => None,
    })
}

/// What stands beside an entry to make its leaf.
pub(crate) fn seal(sealed: &Sealed) -> Result<Seal> {
    let seal = sealed.seal.as_slice();
    let salt = seal.try_into().map(Seal::Salt);
    salt.or_else(|_| seal.try_into().map(Seal::Commitment)).map_err(|_| Error::Inconsistent("the seal of an entry is cut".into()))
}

/// An entry as its leaf has it: as it is on the wire, with its bodies as the texts that they are stored as.
pub(crate) fn entry(sealed: &Sealed) -> Result<Entry<'_>> {
    let record = &sealed.record;
    let text = |field| record.fields.get(field).map(|text| Cow::Borrowed(&**text));
    let status = record.fields.get(Field::RawStatusCode).map(|status| status.parse());
    Ok(Entry {
        account: Account { id: record.account.as_ref().map(|id| id.as_str().into()) },
        action: Action {
            description: text(Field::ActionDescription),
            result: text(Field::ActionResult),
            time: record.at.to_datetime().format(&Rfc3339).ok().map(Cow::Owned),
            kind: text(Field::ActionType),
        },
        actor: Actor {
            context: text(Field::ActorContext),
            email: text(Field::ActorEmail),
            id: text(Field::ActorId),
            ip_address: text(Field::ActorIpAddress),
            token_id: text(Field::ActorTokenId),
            token_name: text(Field::ActorTokenName),
            kind: text(Field::ActorType),
        },
        id: Some(record.id.as_str().into()),
        organization: Organization { id: record.log.as_ref().map(|id| id.as_str().into()) },
        raw: Raw {
            cf_ray_id: text(Field::RawCfRayId),
            method: text(Field::RawMethod),
            status_code: status.transpose().map_err(|_| Error::Inconsistent("an audit entry has an unreadable status".into()))?,
            uri: text(Field::RawUri),
            user_agent: text(Field::RawUserAgent),
        },
        resource: Resource {
            after: record.bodies.after.as_deref().map(Cow::Borrowed),
            before: record.bodies.before.as_deref().map(Cow::Borrowed),
            id: text(Field::ResourceId),
            product: text(Field::ResourceProduct),
            request: record.bodies.request.as_deref().map(Cow::Borrowed),
            response: record.bodies.response.as_deref().map(Cow::Borrowed),
            scope: text(Field::ResourceScope),
            kind: text(Field::ResourceType),
        },
    })
}

/// What does not fit together in the stored tree.
pub(crate) fn inconsistent(error: Invalid) -> Error {
    Error::Inconsistent(error.0)
}
