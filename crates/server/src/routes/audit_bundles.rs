//! The audit log of a tree of organizations as a bundle, which anybody can verify without the server.

use bytes::Bytes;
use umbel_api::{self as api, Code, ExportFormat};
use umbel_domain::OrganizationId;
use umbel_proof::bundle::{Contents, Header, Leaf, Writer};
use umbel_proof::note::Note;
use umbel_store::Place;
use umbel_store::audit_retention;
use umbel_store::audit_trees::{self, Sealed};

use super::audit_roots::read_root;
use crate::audit_tree::{self, SigningKey};
use crate::caller::{Caller, Pace, Read};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::stream::{Part, Parts, Stream};

/// Entries that one transaction reads.
const ENTRIES_PER_READ: usize = 512;

pub(super) const OF_ROOT: About = About {
    summary: "Export the audit log with what proves it",
    description: "Every entry that was written in the tree below a root, in the order in which they became known, with a signed \
                  checkpoint: a bundle that anybody can verify without the server, by `umbel audit verify` or by a program of their own. `first` \
                  leaves out what an earlier bundle has. Entries that are deleted because they were kept for long enough are left \
                  out. An answer that cannot be finished breaks off.",
    errors: &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden],
};

pub(super) const OF_SERVER: About = About {
    summary: "Export the server's audit log with what proves it",
    description: "The server's own log as a bundle. For operators; the same as for a root.",
    errors: &[Code::InvalidParameter, Code::Forbidden],
};

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/bundle`
pub(super) async fn of_root(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ExportAuditBundle>,
) -> Result<Stream<api::AuditBundleLine>> {
    bundle(caller, Some(id), parameters).await
}

/// `GET /umbel/v1/logs/audit/bundle`
pub(super) async fn of_server(
    caller: Caller,
    Query(parameters): Query<api::ExportAuditBundle>,
) -> Result<Stream<api::AuditBundleLine>> {
    bundle(caller, None, parameters).await
}

async fn bundle(
    caller: Caller,
    root: Option<OrganizationId>,
    parameters: api::ExportAuditBundle,
) -> Result<Stream<api::AuditBundleLine>> {
    let first = parameters.first.map(u64::try_from).transpose();
    let first = first.map_err(|_| invalid("first", "must be the number of an entry, from 0 on"))?;
    let name = format!("audit-bundle-{}", root.as_ref().map_or("server", OrganizationId::as_str));
    Stream::begin(&caller.clone(), ExportFormat::Ndjson, &name, Bundle { caller, root, state: State::From(first) }).await
}

/// A bundle under way.
struct Bundle {
    caller: Caller,
    root: Option<OrganizationId>,
    state: State,
}

enum State {
    /// Nothing is written; this entry is the first, or the first that is kept.
    From(Option<u64>),
    /// This entry is the next, and what is signed at the end.
    Writing(Box<Begun>),
    Done,
}

struct Begun {
    writer: Writer<Vec<u8>>,
    next: u64,
    size: u64,
    note: Note,
}

impl Parts for Bundle {
    async fn next(&mut self, place: Place) -> Result<Option<Part>> {
        let state = match std::mem::replace(&mut self.state, State::Done) {
            State::Done => return Ok(None),
            state => state,
        };
        let caller = &self.caller;
        let root = self.root.as_ref();
        let mut read = read_root(caller, Pace::Apart(place), root).await?;
        let mut begun = match state {
            State::Writing(begun) => begun,
            State::From(first) => Box::new(begin(caller, &mut read, root, first).await?),
            State::Done => return Ok(None),
        };
        let wanted = usize::try_from(begun.size - begun.next).unwrap_or(usize::MAX).min(ENTRIES_PER_READ);
        let leaves = audit_trees::leaves(&mut *read, root, begun.next, wanted).await?;
        drop(read);
        if leaves.len() != wanted {
            return Err(Error::new(Code::Internal, "entries of the audit log are gone while they are exported"));
        }
        let part = begun.write(&leaves)?;
        if begun.next < begun.size {
            self.state = State::Writing(begun);
            return Ok(Some(written(part)));
        }
        let Begun { mut writer, note, .. } = *begun;
        writer.get_mut().extend(part);
        Ok(Some(written(writer.finish(&note).map_err(unwritten)?)))
    }
}

/// A part that is written: the next one goes on with the same writer.
fn written(part: Vec<u8>) -> Part {
    tokio::spawn(std::future::ready(Ok(Bytes::from(part))))
}

async fn begin(caller: &Caller, read: &mut Read, root: Option<&OrganizationId>, first: Option<u64>) -> Result<Begun> {
    let key: &SigningKey = &caller.app.signing_key;
    let (checkpoint, note) = key.checkpoint(&mut **read, root).await?;
    let kept = audit_retention::kept(&mut **read, root).await?.first;
    let first = first.unwrap_or(kept);
    if first < kept {
        return Err(invalid("first", &format!("must be at least {kept}: the entries before that one are deleted")));
    }
    if first > checkpoint.size {
        return Err(invalid("first", &format!("must be at most the number of entries, {}", checkpoint.size)));
    }
    let frontier = audit_tree::frontier(&mut **read, root, first).await?;
    let header = Header { origin: checkpoint.origin, contents: Contents::Range(frontier) };
    let writer = Writer::new(Vec::new(), header).map_err(unwritten)?;
    Ok(Begun { writer, next: first, size: checkpoint.size, note })
}

impl Begun {
    /// Writes leaves and takes what is written so far.
    fn write(&mut self, leaves: &[Sealed]) -> Result<Vec<u8>> {
        for sealed in leaves {
            let (entry, seal) = (audit_tree::entry(sealed)?, audit_tree::seal(sealed)?);
            self.writer.leaf(&Leaf { index: self.next, entry, seal, proof: None }).map_err(unwritten)?;
            self.next += 1;
        }
        Ok(std::mem::take(self.writer.get_mut()))
    }
}

fn unwritten(error: impl std::fmt::Display) -> Error {
    Error::new(Code::Internal, format!("the audit log cannot be written as a bundle: {error}"))
}
