//! Creates in the store alone, with their entries of the audit log or without: the difference is what an entry adds.

use std::io::Write as _;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::task::JoinSet;
use umbel_domain::audit::{Actor, Bodies, Entry, Outcome, Record, RequestLine, Through};
use umbel_domain::{AuditEntryId, Name, Organization, OrganizationId, Timestamp};
use umbel_store::{Access, Store, admin, audit_log, organizations};

use crate::people::USER_ID;
use crate::random::Random;
use crate::serial::answer;
use crate::tree::{self, Tree};
use crate::{Result, request};

/// Those who create at once, as over HTTP.
const CLIENTS: u64 = 64;
const THREADS: usize = 2;

/// Whether creates have entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audit {
    With,
    Without,
}

impl Audit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::With => "with",
            Self::Without => "without",
        }
    }
}

impl FromStr for Audit {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let found = [Self::With, Self::Without].into_iter().find(|audit| audit.name() == name);
        found.ok_or_else(|| format!("creates are with entries or without, not {name:?}"))
    }
}

/// Creates for a time below the last organization of a tree of `size`, and prints how many there were.
pub(crate) fn run(database: &str, size: &str, audit: &str, millis: &str) -> Result {
    let (tree, audit): (_, Audit) = (Tree { size: size.parse()? }, audit.parse()?);
    let duration = Duration::from_millis(millis.parse()?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let created = runtime.block_on(create_for(duration, database, tree, audit))?;
    Ok(writeln!(std::io::stdout(), "{created}")?)
}

async fn create_for(duration: Duration, database: &str, tree: Tree, audit: Audit) -> Result<u64> {
    let store = Store::open(&database.parse()?, Access::Shared).await?;
    let mut read = admin::read(&store).await?;
    let parent = organizations::get(&mut read, &OrganizationId::parse(&tree::id(tree.size - 1))?).await?;
    drop(read);
    let parent = Arc::new(parent.ok_or("the tree has no last organization")?);
    let deadline = Instant::now() + duration;
    let mut clients: JoinSet<Result<u64>> = JoinSet::new();
    for client in 0..CLIENTS {
        let (store, parent) = (store.clone(), parent.clone());
        clients.spawn(async move {
            let mut random = Random::new(micros()?.cast_unsigned() ^ client << 52);
            let mut created = 0;
            while Instant::now() < deadline {
                created += u64::from(create(&store, &parent, audit, &mut random).await?);
            }
            Ok(created)
        });
    }
    clients.join_all().await.into_iter().sum()
}

/// Creates an organization as a server does; `false` when it ran into another create, as on PostgreSQL it may.
async fn create(store: &Store, parent: &Organization, audit: Audit, random: &mut Random) -> Result<bool> {
    let now = Timestamp::from_micros(micros()?);
    let id = OrganizationId::generate(now, bytes(random));
    let organization = Organization {
        lineage: parent.lineage.child(&id),
        parent_name: Some(parent.name.as_str().to_owned()),
        name: Name::parse(&format!("Store Rotterdam {:07}", random.below(10_000_000)), Name::ORGANIZATION_LENGTH_MAX)?,
        create_time: now,
        profile: None,
        version: 1,
        id,
        ..parent.clone()
    };
    let (id, name) = (organization.id.as_str(), organization.name.as_str());
    // A server renders these anyway.
    let request = serde_json::json!({ "name": name, "parent": { "id": parent.id.as_str() } }).to_string();
    let response = answer(id, name, organization.lineage.as_str());
    let made = async {
        let mut write = admin::write(store).await?;
        organizations::insert(&mut write, &organization).await?;
        if audit == Audit::With {
            let bodies = Bodies { request: Some(request), response: Some(response), before: None, after: None };
            let key = (AuditEntryId::generate(now, bytes(random)), now);
            let (entry, line) = (Entry::organization_created(&organization), line(random));
            let record = Record::new(key, entry, Outcome::Success, &actor(), Some(&line), bodies);
            audit_log::append(&mut write, &record, &bytes(random), Some(&parent.lineage)).await?;
        }
        write.commit().await
    };
    match made.await {
        Ok(()) => Ok(true),
        Err(umbel_store::Error::Conflict | umbel_store::Error::Busy) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn actor() -> Actor {
    let through = Through::ApiToken { id: USER_ID.to_owned(), name: "bench".to_owned() };
    Actor::User { id: USER_ID.to_owned(), email: "bench@example.com".to_owned(), ip: "127.0.0.1".to_owned(), through }
}

fn line(random: &mut Random) -> RequestLine {
    RequestLine {
        ray_id: request::key(random)[..16].to_owned(),
        method: "POST".to_owned(),
        uri: "/client/v4/organizations".to_owned(),
        status: 200,
        user_agent: "umbel-bench/1".to_owned(),
    }
}

fn bytes<const N: usize>(random: &mut Random) -> [u8; N] {
    std::array::from_fn(|_| random.next().to_le_bytes()[0])
}

/// Now, in microseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "it stands for the clock of a server, so that ids of later rounds come behind")]
fn micros() -> Result<i64> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_micros().try_into()?)
}
