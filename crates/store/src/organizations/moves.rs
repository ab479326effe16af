//! Moving a subtree: the lineages of everything in it change.

use umbel_domain::{Day, Lineage, Organization};

use crate::engine::{Change, Session};
use crate::sql::{Sql, args, sql};
use crate::{Query, Result, Write, audit_streams, placements};

/// Rows that one statement rewrites, so that each is done soon.
const ROWS_PER_STATEMENT: usize = 5_000;

const SET_PARENT: Sql = sql!("UPDATE organizations SET parent_id = $2, version = version + 1 WHERE id = $1 AND version = $3");
pub(crate) const DEEPEST: Sql = sql!(
    "SELECT CAST(COALESCE(MAX(LENGTH(lineage) - LENGTH(REPLACE(lineage, '/', ''))), 0) AS BIGINT) FROM organizations \
     WHERE lineage > $1 AND lineage < $2"
);
pub(crate) const COUNT_ORGANIZATIONS: Sql = sql!("SELECT COUNT(*) FROM organizations WHERE lineage > $1 AND lineage < $2");
pub(crate) const COUNT_ACCOUNTS: Sql = sql!("SELECT COUNT(*) FROM accounts WHERE lineage > $1 AND lineage < $2");
const LAST_OF_ORGANIZATIONS: Sql =
    sql!("SELECT lineage FROM organizations WHERE lineage > $1 AND lineage < $2 ORDER BY lineage LIMIT 1 OFFSET $3");
const LAST_OF_ACCOUNTS: Sql =
    sql!("SELECT lineage FROM accounts WHERE lineage > $1 AND lineage < $2 ORDER BY lineage LIMIT 1 OFFSET $3");
const REWRITE_ORGANIZATIONS: Sql =
    sql!("UPDATE organizations SET lineage = $3 || SUBSTR(lineage, CAST($4 AS INTEGER)) WHERE lineage > $1 AND lineage < $2");
const REWRITE_ACCOUNTS: Sql =
    sql!("UPDATE accounts SET lineage = $3 || SUBSTR(lineage, CAST($4 AS INTEGER)) WHERE lineage > $1 AND lineage < $2");

/// The depth of the deepest organization in the subtree at this lineage.
pub async fn deepest(query: &mut impl Query, subtree: &Lineage) -> Result<usize> {
    let range = subtree.range();
    let deepest = query.number(DEEPEST, args![range.after.as_str(), range.before.as_str()]).await?;
    Ok(usize::try_from(deepest).unwrap_or(0))
}

/// How many organizations and accounts there are in the subtree at this lineage, which counts itself.
pub async fn count_subtree(query: &mut impl Query, subtree: &Lineage) -> Result<(u64, u64)> {
    let range = subtree.range();
    let args = args![range.after.as_str(), range.before.as_str()];
    let organizations = query.number(COUNT_ORGANIZATIONS, args).await?.cast_unsigned();
    Ok((organizations, query.number(COUNT_ACCOUNTS, args).await?.cast_unsigned()))
}

/// Moves an organization with everything below it to where `moved` says; [`crate::Error::Conflict`] when the row changed since it
/// was read. It stands elsewhere than `moved` does, and not above it. What is used there on this `day` is used in the new place.
pub async fn relocate(write: &mut Write, from: &Organization, moved: &Lineage, day: Day) -> Result<()> {
    let parent = moved.parent_id().map(str::to_owned).unwrap_or_default();
    write.one_row(SET_PARENT, args![from.id.as_str(), parent.as_str(), from.version]).await?;
    write.expect_long();
    audit_streams::follow(write, &from.lineage, moved).await?;
    placements::remember(write, &from.lineage).await?;
    rewrite(write, &from.lineage, moved, LAST_OF_ORGANIZATIONS, REWRITE_ORGANIZATIONS).await?;
    rewrite(write, &from.lineage, moved, LAST_OF_ACCOUNTS, REWRITE_ACCOUNTS).await?;
    placements::subtree_moved(write, moved, day).await
}

/// Puts `to` in the place of `from` at the beginning of every lineage; what is rewritten leaves the range.
async fn rewrite(write: &mut Write, from: &Lineage, to: &Lineage, last_of: Sql, statement: Sql) -> Result<()> {
    let range = from.range();
    loop {
        let step = args![range.after.as_str(), range.before.as_str(), ROWS_PER_STATEMENT];
        let end = write.row(last_of, step, |row| row.text(0)).await?;
        let before = end.as_deref().unwrap_or(&range.before);
        let rest = from.as_str().len() + 1;
        write.execute(statement, args![range.after.as_str(), before, to.as_str(), rest]).await?;
        if end.is_none() {
            return Ok(());
        }
    }
}
