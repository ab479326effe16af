//! Erasing what is personal in the entries of a tree.
//!
//! An entry keeps its leaf: in place of the salt comes the commitment to what was there. Words that only erased members had are
//! loose until it is found out that no entry has them, and then go.

use umbel_domain::audit::{Erasure, ErasureState, Subject};
use umbel_domain::{AuditEntryId, AuditErasureId, Email, OrganizationId, Timestamp, UserId};

use crate::audit_log::{self, digests, keys, packed, words};
use crate::audit_trees::{self, new_tree, tree, tree_id};
use crate::engine::{Change, Row, Session};
use crate::sql::{Sql, args, sql};
use crate::{Error, Query, Result, Write};

const INSERT: Sql = sql!(
    "INSERT INTO audit_erasures (tree, id, user_id, email, state, next_leaf, erased, create_time) \
     VALUES ($1, $2, $3, $4, 'entries', 0, 0, $5)"
);
/// So that a hold has a row to change, with which erasing runs into it.
const HAVE_TREE: Sql = sql!("INSERT INTO audit_trees (tree, size) VALUES ($1, 0) ON CONFLICT (tree) DO NOTHING");
pub(crate) const GET: Sql = sql!(
    "SELECT id, user_id, email, state, next_leaf, erased, create_time, done_time, tree FROM audit_erasures WHERE tree = $1 AND id = $2"
);
pub(crate) const UNDER_WAY: Sql = sql!(
    "SELECT id, user_id, email, state, next_leaf, erased, create_time, done_time, tree FROM audit_erasures \
     WHERE done_time IS NULL AND state = $1 \
     AND NOT EXISTS (SELECT 1 FROM audit_trees t WHERE t.tree = audit_erasures.tree AND t.hold <> 0) ORDER BY tree, id LIMIT $2"
);
/// A hold that is set meanwhile changes the same row: one of the two runs into the other.
const UNLESS_HELD: Sql = sql!("UPDATE audit_trees SET hold = 0 WHERE tree = $1 AND hold = 0");
const ADVANCE: Sql = sql!(
    "UPDATE audit_erasures SET next_leaf = $4, erased = erased + $5 \
     WHERE tree = $1 AND id = $2 AND state = 'entries' AND next_leaf = $3"
);
const WAITS: Sql = sql!("SELECT at FROM audit_pending WHERE tree = $1 AND at <= $2 ORDER BY tree, at LIMIT 1");
const ALL_LOOKED_AT: Sql =
    sql!("UPDATE audit_erasures SET state = 'words', email = NULL WHERE tree = $1 AND id = $2 AND state = 'entries'");
const DONE: Sql =
    sql!("UPDATE audit_erasures SET state = 'done', done_time = $3 WHERE tree = $1 AND id = $2 AND state = 'words'");
const DONE_SO_FAR: Sql = sql!("SELECT COUNT(*) FROM audit_erasures WHERE state = 'done'");
const PERSONAL: Sql = sql!(
    "SELECT actor_email, actor_ip_address, actor_token_name, raw_user_agent FROM audit_entries \
     WHERE organization = $1 AND at = $2 AND id = $3"
);
const ERASE: Sql = sql!(
    "UPDATE audit_entries SET actor_email = NULL, actor_ip_address = NULL, actor_token_name = NULL, raw_uri = NULL, \
     raw_user_agent = NULL, salt = $4 WHERE organization = $1 AND at = $2 AND id = $3"
);

/// Orders an erasure; `mark` is a number that nobody used before.
pub async fn insert(write: &mut Write, erasure: &Erasure, mark: i64) -> Result<()> {
    let tree = new_tree(write, erasure.root.as_ref()).await?;
    let (user, email) = (&erasure.subject.user_id, &erasure.subject.email);
    let (user, email) = (user.as_ref().map(UserId::as_str), email.as_ref().map(Email::as_str));
    write.execute(HAVE_TREE, args![tree]).await?;
    write.execute(INSERT, args![tree, erasure.id.as_str(), user, email, erasure.create_time]).await?;
    // The address may be a word that nothing has any more.
    let known = match &erasure.subject.email {
        Some(email) => words::look_up(write, &[email.canonical().to_owned(), email.as_str().to_owned()], true).await?,
        None => Vec::new(),
    };
    audit_log::loosen(write, &known, mark).await
}

/// An erasure in a tree.
pub async fn get(query: &mut impl Query, root: Option<&OrganizationId>, id: &AuditErasureId) -> Result<Option<Erasure>> {
    let Some(tree) = tree(query, root).await? else { return Ok(None) };
    let found = query.row(GET, args![tree, id.as_str()], from_row).await?;
    Ok(found.map(|(_, erasure)| Erasure { root: root.cloned(), ..erasure }))
}

/// Up to `limit` erasures that have come so far: to entries, or to words.
pub async fn under_way(query: &mut impl Query, state: ErasureState, limit: usize) -> Result<Vec<Erasure>> {
    let mut erasures = Vec::new();
    for (tree, erasure) in query.rows(UNDER_WAY, args![name(state), limit], from_row).await? {
        erasures.push(Erasure { root: tree_id(query, tree).await?, ..erasure });
    }
    Ok(erasures)
}

/// How many erasures are done.
pub async fn count_done(query: &mut impl Query) -> Result<u64> {
    Ok(query.number(DONE_SO_FAR, args![]).await?.cast_unsigned())
}

/// What becomes of an entry: its log, its time and its id, and the commitment that takes the place of its salt.
pub type Erased = (Option<OrganizationId>, Timestamp, AuditEntryId, [u8; 32]);

/// Erases the personal members of entries, and notes that the leaves before `next` are looked at. [`Error::Conflict`] when
/// somebody else was faster; `false` when a hold forbids it. `mark` is a number that nobody used before.
pub async fn erase(write: &mut Write, erasure: &Erasure, next: u64, entries: &[Erased], mark: i64) -> Result<bool> {
    let ErasureState::Entries { next: from } = erasure.state else { return Ok(false) };
    let of = known_tree(write, erasure).await?;
    if write.execute(UNLESS_HELD, args![of]).await? == 0 {
        return Ok(false);
    }
    write.one_row(ADVANCE, args![of, erasure.id.as_str(), from, next, entries.len()]).await?;
    let (mut loose, mut erased) = (Vec::new(), Vec::new());
    for (log, at, id, commitment) in entries {
        let Some(organization) = tree(write, log.as_ref()).await? else { continue };
        let key = (*at, packed::pack(id.as_str()), organization);
        let words = |row: &Row<'_>| (0..4).map(|at| row.int_or_null(at)).collect::<Result<Vec<_>>>();
        let words = write.row(PERSONAL, args![organization, *at, key.1.as_slice()], words).await?;
        loose.extend(words.into_iter().flatten().flatten());
        write.execute(ERASE, args![organization, *at, key.1.as_slice(), commitment.as_slice()]).await?;
        digests::remove_from(write, organization, *at).await?;
        erased.push(key);
    }
    digests::disturb(write, &format!("erased {mark}")).await?;
    keys::delete_bodies(write, &erased).await?;
    audit_log::loosen(write, &loose, mark).await?;
    Ok(true)
}

/// Notes that the entries of all leaves before `next` are looked at and that those are all, and forgets the address; `false`
/// when there are more leaves by now, or when an entry still waits to become one.
pub async fn end_of_entries(write: &mut Write, erasure: &Erasure, next: u64) -> Result<bool> {
    let tree = known_tree(write, erasure).await?;
    if audit_trees::size(write, erasure.root.as_ref()).await? > next {
        return Ok(false);
    }
    if write.row(WAITS, args![tree, erasure.create_time], |row| row.int(0)).await?.is_some() {
        return Ok(false);
    }
    write.one_row(ALL_LOOKED_AT, args![tree, erasure.id.as_str()]).await.map(|()| true)
}

/// Notes that an erasure is done; [`Error::Conflict`] when somebody else was faster.
pub async fn end(write: &mut Write, erasure: &Erasure, now: Timestamp) -> Result<()> {
    let tree = known_tree(write, erasure).await?;
    write.one_row(DONE, args![tree, erasure.id.as_str(), now]).await
}

async fn known_tree(write: &mut Write, erasure: &Erasure) -> Result<i64> {
    tree(write, erasure.root.as_ref()).await?.ok_or(Error::Conflict)
}

const fn name(state: ErasureState) -> &'static str {
    match state {
        ErasureState::Entries { .. } => "entries",
        ErasureState::Words => "words",
        ErasureState::Done => "done",
    }
}

fn from_row(row: &Row<'_>) -> Result<(i64, Erasure)> {
    let user_id = row.text_or_null(1)?.map(|id| UserId::parse(&id)).transpose()?;
    let email = row.text_or_null(2)?.map(|email| Email::parse(&email)).transpose()?;
    let state = match row.text(3)?.as_str() {
        "entries" => ErasureState::Entries { next: row.int(4)?.cast_unsigned() },
        "words" => ErasureState::Words,
        _ => ErasureState::Done,
    };
    let erasure = Erasure {
        id: AuditErasureId::parse(row.text_ref(0)?)?,
        root: None,
        subject: Subject { user_id, email },
        state,
        erased: row.int(5)?.cast_unsigned(),
        create_time: Timestamp::from_micros(row.int(6)?),
        done_time: row.int_or_null(7)?.map(Timestamp::from_micros),
    };
    Ok((row.int(8)?, erasure))
}
