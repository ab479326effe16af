//! Lists of accounts: those of one organization, and all that somebody can see.

use umbel_domain::{Account, Lineage, OrganizationId};

use super::{columns, from_row};
use crate::names::NamePatterns;
use crate::sql::Builder;
use crate::{Page, Query, Result};

/// Subtrees that one statement reads.
const SUBTREES_PER_STATEMENT: usize = 32;

/// Which accounts to list; everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What the name must look like.
    pub name: NamePatterns,
    /// The same, as older clients ask for it.
    pub public_name: NamePatterns,
}

impl Filter {
    /// Whether names have to be looked at, of which any number may not match.
    pub fn scans_names(&self) -> bool {
        self.name.any() || self.public_name.any()
    }

    fn push(&self, statement: &mut Builder<'_>) {
        self.name.push(statement);
        self.public_name.push(statement);
    }
}

/// In which order to list the accounts of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By their names, whatever the case, and then their ids; else by their ids alone.
    pub by_name: bool,
    /// From the last to the first.
    pub descending: bool,
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Behind an account: its folded name and its id; at the beginning when both are empty.
    After(String, String),
    /// After so many.
    Skip(usize),
}

/// A page of the accounts that an organization holds itself.
pub async fn of_organization(
    query: &mut impl Query,
    organization: &OrganizationId,
    filter: &Filter,
    order: Order,
    start: &Start,
    size: usize,
) -> Result<Page<Account>> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT ", columns!(), " FROM (SELECT id FROM accounts WHERE organization_id = "));
    statement.bind(organization.as_str());
    filter.push(&mut statement);
    if let Start::After(name, id) = start
        && !id.is_empty()
    {
        match (order.by_name, order.descending) {
            (false, false) => _ = statement.push(" AND id > ").bind(id),
            (false, true) => _ = statement.push(" AND id < ").bind(id),
            (true, false) => _ = statement.push(" AND (name_folded, id) > (").bind(name).push(", ").bind(id).push(")"),
            (true, true) => _ = statement.push(" AND (name_folded, id) < (").bind(name).push(", ").bind(id).push(")"),
        }
    }
    statement.push(match (order.by_name, order.descending) {
        (false, false) => " ORDER BY id",
        (false, true) => " ORDER BY id DESC",
        (true, false) => " ORDER BY name_folded, id",
        (true, true) => " ORDER BY name_folded DESC, id DESC",
    });
    statement.push(" LIMIT ").bind(size + 1);
    if let Start::Skip(skipped) = start {
        statement.push(" OFFSET ").bind(*skipped);
    }
    statement.push(") AS found JOIN accounts a ON a.id = found.id LEFT JOIN organizations o ON o.id = a.organization_id");
    statement.push(match (order.by_name, order.descending) {
        (false, false) => " ORDER BY a.id",
        (false, true) => " ORDER BY a.id DESC",
        (true, false) => " ORDER BY a.name_folded, a.id",
        (true, true) => " ORDER BY a.name_folded DESC, a.id DESC",
    });
    Ok(Page::of(query.rows(&statement, statement.args(), from_row).await?, size))
}

/// How many accounts [`of_organization`] would find on all pages, counted no further than `max`.
pub async fn count_of_organization(
    query: &mut impl Query,
    organization: &OrganizationId,
    filter: &Filter,
    max: u64,
) -> Result<u64> {
    let mut statement = Builder::default();
    statement.push("SELECT COUNT(*) FROM (SELECT 1 FROM accounts WHERE organization_id = ").bind(organization.as_str());
    filter.push(&mut statement);
    statement.push(" LIMIT ").bind(max).push(") AS counted");
    Ok(query.number(&statement, statement.args()).await?.cast_unsigned())
}

/// At most `size` accounts of the `visible` places, in the order of their lineages, without the first `skipped` of them.
///
/// `visible` is disjoint and in byte order.
pub async fn visible(
    query: &mut impl Query,
    visible: &[Lineage],
    filter: &Filter,
    descending: bool,
    mut skipped: usize,
    size: usize,
) -> Result<Vec<Account>> {
    let mut found = Vec::new();
    for places in chunks(visible, descending) {
        let wanted = size - found.len();
        let mut statement = Builder::default();
        statement.push(concat!("SELECT ", columns!(), " FROM ("));
        push_places(&mut statement, places, filter, descending, skipped, wanted);
        statement.push(") AS found JOIN accounts a ON a.id = found.id LEFT JOIN organizations o ON o.id = a.organization_id");
        statement.push(if descending { " ORDER BY a.lineage DESC" } else { " ORDER BY a.lineage" });
        let rows = query.rows(&statement, statement.args(), from_row).await?;
        if rows.is_empty() && skipped > 0 {
            skipped -= usize::try_from(count_in(query, places, filter, skipped as u64).await?).unwrap_or(skipped);
        } else {
            skipped = 0;
        }
        found.extend(rows);
        if found.len() == size {
            break;
        }
    }
    Ok(found)
}

/// How many accounts [`visible`] would find on all pages, counted no further than `max`.
pub async fn count_visible(query: &mut impl Query, visible: &[Lineage], filter: &Filter, max: u64) -> Result<u64> {
    let mut total = 0;
    for places in chunks(visible, false) {
        total += count_in(query, places, filter, max - total).await?;
        if total == max {
            break;
        }
    }
    Ok(total)
}

/// At most `size` accounts of all, behind the lineage `after`.
pub(crate) async fn all(query: &mut impl Query, after: &Lineage, size: usize) -> Result<Vec<Account>> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT ", columns!(), " FROM accounts a LEFT JOIN organizations o ON o.id = a.organization_id"));
    statement.push(" WHERE a.lineage > ").bind(after.as_str()).push(" ORDER BY a.lineage LIMIT ").bind(size);
    query.rows(&statement, statement.args(), from_row).await
}

/// Those of these accounts that exist, at most [`crate::IN_LIST_MAX`].
pub(crate) async fn with_ids(query: &mut impl Query, ids: &[String]) -> Result<Vec<Account>> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT ", columns!(), " FROM accounts a LEFT JOIN organizations o ON o.id = a.organization_id"));
    statement.push(" WHERE a.id").bind_list(ids);
    query.rows(&statement, statement.args(), from_row).await
}

fn chunks(places: &[Lineage], descending: bool) -> Vec<&[Lineage]> {
    let mut chunks: Vec<_> = places.chunks(SUBTREES_PER_STATEMENT).collect();
    if descending {
        chunks.reverse();
    }
    chunks
}

async fn count_in(query: &mut impl Query, places: &[Lineage], filter: &Filter, max: u64) -> Result<u64> {
    let mut statement = Builder::default();
    statement.push("SELECT COUNT(*) FROM (");
    push_places(&mut statement, places, filter, false, 0, usize::try_from(max).unwrap_or(usize::MAX));
    statement.push(") AS counted");
    Ok(query.number(&statement, statement.args()).await?.cast_unsigned())
}

/// Appends the ids of the accounts in these places: each is a range of its own with one bound on either side.
fn push_places(statement: &mut Builder<'_>, places: &[Lineage], filter: &Filter, descending: bool, skipped: usize, limit: usize) {
    let order = if descending { " ORDER BY lineage DESC LIMIT " } else { " ORDER BY lineage LIMIT " };
    let reached = skipped.saturating_add(limit);
    statement.push("SELECT id FROM (");
    for at in 0..places.len().next_power_of_two() {
        let range = places.get(at).map(Lineage::range).unwrap_or_default();
        statement.push(if at == 0 { "" } else { " UNION ALL " });
        statement.push("SELECT * FROM (SELECT id, lineage FROM accounts WHERE lineage > ").bind(range.after);
        statement.push(" AND lineage < ").bind(range.before);
        filter.push(statement);
        statement.push(order).bind(reached).push(") AS place");
    }
    statement.push(") AS places").push(order).bind(limit).push(" OFFSET ").bind(skipped);
}
