//! Words that members had which were erased: they go when no entry has them.
//!
//! A word is loose from the erasing transaction on, which gives the words another version. An entry that gets a loose word makes
//! it an ordinary one again ([`words::intern`]), so that whoever has seen that a word is loose, and then in no entry, may remove
//! it. Entries are looked at in transactions that may write: on PostgreSQL only those are serializable, and run into an entry that
//! was not to be seen yet.

use std::collections::{BTreeSet, HashMap};

use umbel_domain::Timestamp;
use umbel_domain::audit::Word;

use super::keys::Key;
use super::words;
use crate::engine::{Change, Row, Session};
use crate::sql::{Builder, IN_LIST_MAX, Sql, Value, args, sql};
use crate::{Query, Result, Store, Write};

const LOOSE: Sql = sql!("SELECT code, mark FROM audit_loose_words ORDER BY code LIMIT $1");
const LOOSEN: Sql =
    sql!("INSERT INTO audit_loose_words (code, mark) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET mark = excluded.mark");
const SETTLE: Sql = sql!("DELETE FROM audit_loose_words WHERE code = $1 AND mark = $2");
pub(crate) const USED: Sql = sql!(
    "SELECT at, id, organization, account, action_description, action_result, action_type, actor_context, actor_email, actor_id, \
     actor_ip_address, actor_token_id, actor_token_name, actor_type, raw_method, raw_status_code, raw_user_agent, resource_product, \
     resource_scope, resource_type FROM audit_entries WHERE (organization, at, id) > ($1, $2, $3) ORDER BY organization, at, id LIMIT $4"
);
/// Where the words begin among the columns of [`USED`], and where they end.
const WORDS: std::ops::Range<usize> = 2..20;
const REMOVE: Sql = sql!(
    "DELETE FROM audit_words WHERE code = $1 AND EXISTS (SELECT 1 FROM audit_loose_words l WHERE l.code = $1 AND l.mark = $2) \
     AND NOT EXISTS (SELECT 1 FROM audit_trees t WHERE t.tree = $1)"
);

/// Makes words loose, which they are under `mark`, a number that nobody used before: who looked for them under another one has
/// to look again.
pub(crate) async fn loosen(write: &mut Write, codes: &[i64], mark: i64) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    for code in codes.iter().collect::<BTreeSet<_>>() {
        write.execute(LOOSEN, args![*code, mark]).await?;
    }
    words::renew(write).await
}

/// Makes those of these words ordinary ones again that are loose.
pub(super) async fn fasten(write: &mut Write, words: &[(Word, i64)]) -> Result<()> {
    for chunk in words.chunks(IN_LIST_MAX) {
        let mut statement = Builder::default();
        statement.push("DELETE FROM audit_loose_words WHERE code");
        statement.bind_values(chunk.iter().map(|(_, code)| Value::from(*code)).collect());
        write.execute(&statement, statement.args()).await?;
    }
    Ok(())
}

/// Up to `limit` loose words: their numbers, and the mark of each.
pub async fn loose_words(query: &mut impl Query, limit: usize) -> Result<HashMap<i64, i64>> {
    Ok(query.rows(LOOSE, args![limit], |row| Ok((row.int(0)?, row.int(1)?))).await?.into_iter().collect())
}

/// Takes away from `loose` the words that up to `limit` entries behind `after` have; returns where to go on, or nothing at the
/// end.
pub async fn without_used(
    write: &mut Write,
    loose: &mut BTreeSet<i64>,
    after: Option<Place>,
    limit: usize,
) -> Result<Option<Place>> {
    let Place((at, id, log)) = after.unwrap_or(Place((Timestamp::from_micros(i64::MIN), Vec::new(), -1)));
    let read = |row: &Row<'_>| {
        let words = WORDS.map(|column| row.int_or_null(column)).collect::<Result<Vec<_>>>()?;
        Ok(((Timestamp::from_micros(row.int(0)?), row.bytes(1)?, row.int(2)?), words))
    };
    let entries = write.rows(USED, args![log, at, id.as_slice(), limit], read).await?;
    for code in entries.iter().flat_map(|(_, words)| words).flatten() {
        loose.remove(code);
    }
    let is_full = entries.len() == limit;
    Ok(entries.into_iter().next_back().filter(|_| is_full).map(|(key, _)| Place(key)))
}

/// An entry in the order of all entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Key);

/// Ends that words are loose under these marks: those go that are `unused` and still loose.
pub async fn settle(write: &mut Write, loose: &[(i64, i64)], unused: &BTreeSet<i64>) -> Result<()> {
    for (code, mark) in loose {
        if unused.contains(code) {
            write.execute(REMOVE, args![*code, *mark]).await?;
        }
        write.execute(SETTLE, args![*code, *mark]).await?;
    }
    write.forget_words();
    Ok(())
}

/// Forgets which words there are: another process may have removed some.
pub fn forget_words(store: &Store) {
    store.words.forget_all();
}
