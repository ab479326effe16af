//! The limit of a write: the rows of a create, one sync for each, on one connection.

use std::io::Write as _;
use std::str::FromStr;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::people::USER_ID;
use crate::random::Random;
use crate::session::Session;
use crate::tree::{self, Tree};
use crate::{Result, request};

const ORGANIZATION: &str = "INSERT INTO organizations \
     (create_time, id, parent_id, lineage, name, name_folded, flags, profile, version) \
     VALUES ($1, $2, $3, $4, $5, $6, 255, NULL, 1)";
/// An entry of the audit log and its bodies, given how an engine reads bytes from hex digits.
macro_rules! audit {
    ($begin:literal, $end:literal) => {
        [
            concat!(
                "INSERT INTO audit_entries (at, organization, id, salt, action_description, action_result, action_type, \
                 actor_context, actor_email, actor_id, actor_ip_address, actor_token_id, actor_token_name, actor_type, \
                 raw_cf_ray_id, raw_method, raw_status_code, raw_uri, raw_user_agent, resource_id, resource_product, \
                 resource_scope, resource_type) VALUES ($1, CAST(CAST($2 AS TEXT) AS BIGINT), ",
                $begin,
                "$3",
                $end,
                ", ",
                $begin,
                "$4",
                $end,
                ", 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ",
                $begin,
                "$5",
                $end,
                ", 13, 14, '/client/v4/organizations', 15, ",
                $begin,
                "$6",
                $end,
                ", 16, 17, 18)"
            ),
            concat!(
                "INSERT INTO audit_bodies (at, organization, id, bodies) VALUES ($1, CAST(CAST($2 AS TEXT) AS BIGINT), ",
                $begin,
                "$3",
                $end,
                ", ",
                $begin,
                "$4",
                $end,
                ")"
            ),
        ]
    };
}
const AUDIT_ON_SQLITE: [&str; 2] = audit!("unhex(", ")");
const AUDIT_ON_POSTGRES: [&str; 2] = audit!("decode(", ", 'hex')");
/// Bytes that the bodies of a creation take, compressed.
const BODIES_LENGTH: usize = 128;
const IDEMPOTENCY_KEY: &str = "INSERT INTO idempotency_keys \
     (expires_at, user_id, route, idempotency_key, fingerprint, status, answer) \
     VALUES ($1, $2, 'POST /organizations', $3, $4, 200, $5)";

/// Which rows are created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Below one parent, in the order of time, without idempotency keys: every index grows at one place.
    Ordered,
    /// Below any parent, with random idempotency keys: pages all over the file are written.
    Scattered,
}

impl Shape {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Scattered => "scattered",
        }
    }

    /// Below which organization the next one stands.
    pub(crate) fn parent(self, tree: Tree, random: &mut Random) -> u64 {
        match self {
            Self::Ordered => tree.size - 1,
            Self::Scattered => random.below(tree.size),
        }
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let found = [Self::Ordered, Self::Scattered].into_iter().find(|shape| shape.name() == name);
        found.ok_or_else(|| format!("{name:?} is no shape of rows"))
    }
}

/// Creates for a time in a database that holds a tree of `size`, and prints how long each took, in microseconds.
pub(crate) fn run(database: &str, size: &str, shape: &str, millis: &str) -> Result {
    let (tree, shape): (_, Shape) = (Tree { size: size.parse()? }, shape.parse()?);
    let duration = Duration::from_millis(millis.parse()?);
    let mut session = Session::open(database)?;
    // Behind those of earlier rounds.
    let mut at: u64 = session.text("SELECT CAST(COUNT(*) AS TEXT) FROM organizations")?.parse()?;
    let mut random = Random::new(at);
    let mut micros = Vec::new();
    let started = Instant::now();
    while started.elapsed() < duration {
        let begun = Instant::now();
        session.begin()?;
        create(&mut session, shape, tree, at, &mut random)?;
        session.run("COMMIT")?;
        micros.push(begun.elapsed().as_secs_f64() * 1e6);
        at += 1;
    }
    Ok(writeln!(std::io::stdout(), "{}", json!(micros))?)
}

fn create(session: &mut Session, shape: Shape, tree: Tree, at: u64, random: &mut Random) -> Result {
    let parent_at = shape.parent(tree, random);
    let (id, parent) = (tree::id(at), tree::id(parent_at));
    let lineage = format!("{}{id}/", tree::lineage(parent_at));
    let name = format!("Store Rotterdam {at:07}");
    let micros = i64::try_from(tree::time_micros(at))?;
    session.insert(ORGANIZATION, micros, &[&id, &parent, &lineage, &name, &name.to_lowercase()])?;
    let answer = answer(&id, &name, &lineage);
    let key = request::key(random);
    let (ray_id, fingerprint) = (&key[..16], [key.as_str(), &key].concat());
    let [entry, bodies] = match session {
        Session::Sqlite(_) => AUDIT_ON_SQLITE,
        Session::Postgres(_) => AUDIT_ON_POSTGRES,
    };
    let (log, entry_id) = (parent_at.to_string(), tree::id(at + 1));
    session.insert(entry, micros, &[&log, &entry_id, &key, ray_id, &id])?;
    session.insert(bodies, micros, &[&log, &entry_id, &key.repeat(BODIES_LENGTH / 16)])?;
    if shape == Shape::Scattered {
        session.insert(IDEMPOTENCY_KEY, micros, &[USER_ID, &key, &fingerprint, &answer])?;
    }
    Ok(())
}

/// What a server answers and keeps with the entry.
pub(crate) fn answer(id: &str, name: &str, lineage: &str) -> String {
    let account_flags = json!({
        "account_creation": "enabled",
        "account_deletion": "enabled",
        "account_migration": "enabled",
        "account_mobility": "enabled",
        "sub_org_creation": "enabled",
    });
    let mut tenant_flags = account_flags.clone();
    for flag in ["account_creation_applies_tenant_defaults", "enterprise_capability", "member_management"] {
        tenant_flags[flag] = "enabled".into();
    }
    let tags: Vec<&str> = lineage.split_terminator('/').collect();
    let meta = json!({ "flags": account_flags, "hierarchy_tags": tags, "tenant_flags": tenant_flags });
    let parent = json!({ "id": id, "name": name });
    let result = json!({ "id": id, "create_time": "2024-01-01T00:00:00.000000Z", "meta": meta, "name": name, "parent": parent });
    json!({ "success": true, "errors": [], "messages": [], "result": result }).to_string()
}
