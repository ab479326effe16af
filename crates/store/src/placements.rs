//! Where accounts stood on which day, and what they were called: what they cost belongs to where they were.
//!
//! An account has a row from its first day on, which counts from the beginning of time, and one for each day on which it got another
//! name or came elsewhere, by a move of its own or of what is above it. An organization has rows once it was moved, or what is above
//! it was. What was noted of an earlier day never changes, also when the account goes.

use umbel_domain::{Account, AccountId, Day, Lineage, OrganizationId};

use crate::engine::{Change, Row};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Query, Result, Write, organizations};

const SET: Sql = sql!(
    "INSERT INTO placements (place, from_day, lineage, name) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (place, from_day) DO UPDATE SET lineage = excluded.lineage, name = excluded.name"
);
const DELETE: Sql = sql!("DELETE FROM placements WHERE place = $1");
/// An organization without rows was always where it is.
const REMEMBER_ORGANIZATIONS: Sql = sql!(
    "INSERT INTO placements (place, from_day, lineage) SELECT o.id, $3, o.lineage FROM organizations o \
     WHERE o.lineage > $1 AND o.lineage < $2 AND NOT EXISTS (SELECT 1 FROM placements p WHERE p.place = o.id)"
);
const PLACE_ORGANIZATIONS: Sql = sql!(
    "INSERT INTO placements (place, from_day, lineage) SELECT id, $3, lineage FROM organizations \
     WHERE lineage > $1 AND lineage < $2 ON CONFLICT (place, from_day) DO UPDATE SET lineage = excluded.lineage"
);
const PLACE_ACCOUNTS: Sql = sql!(
    "INSERT INTO placements (place, from_day, lineage, name) SELECT '@' || id, $3, lineage, name FROM accounts \
     WHERE lineage > $1 AND lineage < $2 \
     ON CONFLICT (place, from_day) DO UPDATE SET lineage = excluded.lineage, name = excluded.name"
);
/// Each row with the day on which the next one of its place begins.
macro_rules! stretches {
    ($($rest:literal)+) => {
        concat!(
            "SELECT p.place, p.lineage, p.from_day, CAST(COALESCE((SELECT MIN(n.from_day) FROM placements n \
             WHERE n.place = p.place AND n.from_day > p.from_day), 2932897) AS BIGINT), COALESCE(p.name, '') \
             FROM placements p WHERE ",
            $($rest),+
        )
    };
}
pub(crate) const OF_PLACE: Sql = sql!(stretches!("p.place = $1 ORDER BY p.from_day"));
/// Between `@` and `A` there are accounts alone.
pub(crate) const IN_SUBTREE: Sql = sql!(stretches!(
    "(p.lineage, p.from_day) > ($1, $2) AND p.lineage < $3 AND p.place >= '@' AND p.place < 'A' AND p.from_day < $4 \
     ORDER BY p.lineage, p.from_day LIMIT $5"
));
/// A stretch that has ended before the first day has another one behind it.
pub(crate) const COUNT_IN_SUBTREE: Sql = sql!(
    "SELECT COUNT(*) FROM (SELECT 1 FROM placements p WHERE p.lineage > $1 AND p.lineage < $2 AND p.place >= '@' AND p.place < 'A' \
     AND p.from_day < $4 AND NOT EXISTS (SELECT 1 FROM placements n WHERE n.place = p.place AND n.from_day > p.from_day \
     AND n.from_day <= $3) LIMIT $5) AS counted"
);

/// A stretch of days over which something stood at one place and had one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Where it stood: its own lineage.
    pub lineage: Lineage,
    /// The first day.
    pub first: Day,
    /// The first day on which it stood there no more, or was called otherwise.
    pub end: Day,
    /// What an account was called; empty for an organization.
    pub name: String,
}

/// Where an account has stood, in the order of days.
pub async fn of_account(query: &mut impl Query, id: &AccountId) -> Result<Vec<Stretch>> {
    query.rows(OF_PLACE, args![format!("@{id}")], from_row).await
}

/// Where these accounts, at most [`crate::IN_LIST_MAX`], have stood, each with its stretches in the order of days.
pub async fn of_accounts(query: &mut impl Query, accounts: &[&str]) -> Result<Vec<Stretch>> {
    let places: Vec<String> = accounts.iter().map(|account| format!("@{account}")).collect();
    let mut statement = Builder::default();
    statement.push(stretches!("p.place")).bind_list(&places).push(" ORDER BY p.place, p.from_day");
    query.rows(&statement, statement.args(), from_row).await
}

/// Where an organization has stood, in the order of days, also when it is gone; nothing when there never was one with that id.
pub async fn of_organization(query: &mut impl Query, id: &OrganizationId) -> Result<Vec<Stretch>> {
    let moved = query.rows(OF_PLACE, args![id.as_str()], from_row).await?;
    if !moved.is_empty() {
        return Ok(moved);
    }
    let always = |lineage| Stretch { lineage, first: Day::FIRST, end: Day::LAST, name: String::new() };
    Ok(organizations::last_lineage(query, id).await?.map(always).into_iter().collect())
}

/// Those of these accounts, at most [`crate::IN_LIST_MAX`], of which it was noted where they stood, also when they are gone.
pub(crate) async fn noted(query: &mut impl Query, accounts: &[String]) -> Result<Vec<AccountId>> {
    let places: Vec<String> = accounts.iter().map(|account| format!("@{account}")).collect();
    let mut statement = Builder::default();
    statement.push("SELECT DISTINCT SUBSTR(place, 2) FROM placements WHERE place").bind_list(&places);
    query.rows(&statement, statement.args(), |row| Ok(AccountId::parse(row.text_ref(0)?)?)).await
}

/// At most `size` stretches that accounts have stood in a subtree and that begin before `end`, in the order of their lineages, behind
/// one of them.
pub async fn in_subtree(
    query: &mut impl Query,
    subtree: &Lineage,
    end: Day,
    after: Option<&Stretch>,
    size: usize,
) -> Result<Vec<Stretch>> {
    let range = subtree.range();
    let (lineage, day) = after.map_or((range.after.as_str(), i64::MAX), |last| (last.lineage.as_str(), last.first.number()));
    query.rows(IN_SUBTREE, args![lineage, day, range.before.as_str(), end.number(), size], from_row).await
}

/// How many stretches accounts have stood in a subtree from a day to before another, counted no further than `max`.
pub async fn count_in_subtree(query: &mut impl Query, subtree: &Lineage, (first, end): (Day, Day), max: u64) -> Result<u64> {
    let range = subtree.range();
    let args = args![range.after, range.before, first.number(), end.number(), max];
    Ok(query.number(COUNT_IN_SUBTREE, args).await?.cast_unsigned())
}

fn from_row(row: &Row<'_>) -> Result<Stretch> {
    Ok(Stretch {
        lineage: Lineage::parse(row.text(1)?)?,
        first: Day::from_number(row.int(2)?)?,
        // Behind the last day there is none.
        end: Day::from_number(row.int(3)?).unwrap_or(Day::LAST),
        name: row.text(4)?,
    })
}

/// Notes where an account stands and what it is called, from this day on.
pub async fn place(write: &mut Write, account: &Account, day: Day) -> Result<()> {
    let args = args![format!("@{}", account.id), day.number(), account.lineage.as_str(), account.name.as_str()];
    write.execute(SET, args).await.map(drop)
}

/// Writes where an organization or, with `@` before its id, an account stood, in the place of what is noted.
pub(crate) async fn replace(write: &mut Write, place: &str, stretches: &[Stretch]) -> Result<()> {
    write.execute(DELETE, args![place]).await?;
    for Stretch { lineage, first, name, .. } in stretches {
        let name = Some(name.as_str()).filter(|name| !name.is_empty());
        write.execute(SET, args![place, first.number(), lineage.as_str(), name]).await?;
    }
    Ok(())
}

/// Keeps where the organizations of a subtree that is about to move have always been.
pub(crate) async fn remember(write: &mut Write, subtree: &Lineage) -> Result<()> {
    of_subtree(write, REMEMBER_ORGANIZATIONS, subtree, Day::FIRST).await
}

/// Notes where the organizations and accounts of a subtree stand from this day on.
pub(crate) async fn subtree_moved(write: &mut Write, subtree: &Lineage, day: Day) -> Result<()> {
    of_subtree(write, PLACE_ORGANIZATIONS, subtree, day).await?;
    of_subtree(write, PLACE_ACCOUNTS, subtree, day).await
}

async fn of_subtree(write: &mut Write, statement: Sql, subtree: &Lineage, day: Day) -> Result<()> {
    let range = subtree.range();
    write.execute(statement, args![range.after, range.before, day.number()]).await.map(drop)
}
