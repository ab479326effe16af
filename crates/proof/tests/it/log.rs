//! A log to make bundles of: the same bytes in each run.

use std::io::Cursor;

use umbel_proof::bundle::{self, Contents, Header, Known, Leaf, Verified, Writer};
use umbel_proof::entry::{Action, Actor, Entry, Organization, Raw, Resource};
use umbel_proof::note::Note;
use umbel_proof::{Checkpoint, Edge, Frontier, Hash, Plan, Seal, Signer, leaf, tile};

pub(crate) const ORIGIN: &str = "umbel/audit/3f2b7c9d";

/// Bodies whose text must survive as it is: decimals, large numbers, letters beyond the first plane, escapes, spaces.
const BODIES: [&str; 6] = [
    r#"{"name":"Aurora"}"#,
    r#"{"amount":12.50,"rate":1e-7,"big":123456789012345678901234567890}"#,
    "{\"name\":\"Zoë 🦋 \u{2028} \u{7f} Ωmega\"}",
    r#"{"note":"line\nbreak \"quoted\" \\ back\u0000slash"}"#,
    "{ \"spaced\" : [ 1.0 , -0 ] }",
    "null",
];

pub(crate) fn signer() -> Signer {
    Signer::new(ORIGIN, &[42; 32]).unwrap()
}

/// The entries of a log, with their salts.
pub(crate) struct Log {
    pub(crate) leaves: Vec<(Entry<'static>, Seal)>,
}

impl Log {
    pub(crate) fn of(size: u64) -> Self {
        Self { leaves: (0..size).map(|index| (entry(index), Seal::Salt(salt(index)))).collect() }
    }

    pub(crate) fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub(crate) fn hashes(&self) -> Vec<Hash> {
        let mut buffer = Vec::new();
        self.leaves.iter().map(|(entry, seal)| leaf::hash(entry, seal, &mut buffer)).collect()
    }

    /// Erases the personal members of every entry whose index is a multiple of `every`.
    pub(crate) fn erase(&mut self, every: usize) {
        for (entry, seal) in self.leaves.iter_mut().step_by(every) {
            *seal = Seal::Commitment(seal.commitment(entry, &mut Vec::new()));
            let (actor, raw, resource) = (&mut entry.actor, &mut entry.raw, &mut entry.resource);
            (actor.email, actor.ip_address, actor.token_name) = (None, None, None);
            (raw.uri, raw.user_agent, resource.request, resource.response) = (None, None, None, None);
            (resource.before, resource.after) = (None, None);
        }
    }

    pub(crate) fn frontier(&self, size: u64) -> Frontier {
        let mut frontier = Frontier::default();
        for hash in &self.hashes()[..usize::try_from(size).unwrap()] {
            frontier.push(*hash);
        }
        frontier
    }

    pub(crate) fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint { origin: ORIGIN.into(), size, root: self.frontier(size).root(), extensions: Vec::new() }
    }

    pub(crate) fn note(&self) -> Note {
        self.checkpoint(self.size()).sign(&signer(), &[]).unwrap()
    }

    /// A bundle of all leaves from `start` on.
    pub(crate) fn range(&self, start: u64) -> String {
        let contents = Contents::Range(self.frontier(start));
        let mut writer = Writer::new(Vec::new(), Header { origin: ORIGIN.into(), contents }).unwrap();
        for (index, (entry, seal)) in (0..).zip(&self.leaves).skip(usize::try_from(start).unwrap()) {
            writer.leaf(&Leaf { index, entry: entry.clone(), seal: *seal, proof: None }).unwrap();
        }
        String::from_utf8(writer.finish(&self.note()).unwrap()).unwrap()
    }

    /// A bundle of some leaves, each with its proof, computed from tiles as a server does it.
    pub(crate) fn selection(&self, indices: &[u64]) -> String {
        let mut edge = Edge::default();
        let tiles = edge.append(&self.hashes());
        let size = self.size();
        let contents = Contents::Selection { size, root: edge.frontier().root() };
        let mut writer = Writer::new(Vec::new(), Header { origin: ORIGIN.into(), contents }).unwrap();
        for index in indices {
            let plan = Plan::inclusion(*index, size).unwrap();
            let hash = |node| {
                let changed = tiles.iter().find(|changed| changed.tile == umbel_proof::Tile::of(node)).unwrap();
                tile::hash_of(node, &changed.bytes).unwrap()
            };
            let proof = Some(plan.proof(&plan.nodes().map(hash).collect::<Vec<_>>()).unwrap());
            let (entry, seal) = self.leaves[usize::try_from(*index).unwrap()].clone();
            writer.leaf(&Leaf { index: *index, entry, seal, proof }).unwrap();
        }
        String::from_utf8(writer.finish(&self.note()).unwrap()).unwrap()
    }
}

/// Verifies with the key of the log; the error as its text.
pub(crate) fn verify(bundle: &str, checkpoint: Option<&Checkpoint>) -> Result<Verified, String> {
    let signer = signer();
    let known = Known { key: Some(signer.verifier_key()), checkpoint };
    bundle::verify(Cursor::new(bundle), &known).map_err(|error| error.to_string())
}

fn salt(index: u64) -> [u8; 16] {
    let hash = umbel_proof::merkle::leaf_hash(format!("salt {index}").as_bytes());
    std::array::from_fn(|at| hash[at])
}

/// Every seventh entry is the system's, which has no request; every fifth has no token; bodies and organizations take turns.
fn entry(index: u64) -> Entry<'static> {
    let text = |text: String| Some(text.into());
    let body = |shift: u64| BODIES[usize::try_from((index + shift) % 6).unwrap()];
    let action = Action {
        description: text("Update Organization".into()),
        result: text(if index % 11 == 10 { "failure" } else { "success" }.into()),
        time: text(format!("2026-03-{:02}T10:{:02}:{:02}.250Z", 1 + index / 3600, index / 60 % 60, index % 60)),
        kind: text("update".into()),
    };
    let resource = Resource {
        id: text(format!("organization-{index}")),
        product: text("organizations".into()),
        scope: text("organizations".into()),
        kind: text("organization".into()),
        ..Resource::default()
    };
    let organization = Organization { id: text(format!("organization-{}", index % 3)) };
    let entry = Entry { id: text(format!("entry-{index}")), action, organization, resource, ..Entry::default() };
    if index % 7 == 6 {
        let actor = Actor { kind: text("system".into()), ..Actor::default() };
        return Entry { actor, ..entry };
    }
    let token = (!index.is_multiple_of(5)).then(|| format!("tøken \"{index}\""));
    Entry {
        actor: Actor {
            context: text(if token.is_some() { "api_token" } else { "api_key" }.into()),
            email: text(format!("user-{}@example.com", index % 4)),
            id: text(format!("user-{}", index % 4)),
            ip_address: text(format!("192.0.2.{}", index % 250)),
            token_id: token.as_ref().map(|_| format!("token-{index}").into()),
            token_name: token.map(Into::into),
            kind: text("user".into()),
        },
        raw: Raw {
            cf_ray_id: text(format!("ray-{index}")),
            method: text("PUT".into()),
            status_code: Some(200),
            uri: text(format!("/client/v4/organizations/organization-{index}?q=%20")),
            user_agent: text("umbel-test/1.0 (línux)".into()),
        },
        resource: Resource {
            request: text(body(0).into()),
            response: text(body(1).into()),
            before: index.is_multiple_of(2).then(|| body(2).into()),
            after: index.is_multiple_of(4).then(|| body(3).into()),
            ..entry.resource
        },
        ..entry
    }
}
