//! Lists of organizations: what the caller can see of what the filters name, in the order of the lineages.
//!
//! A list draws from one of three sources. Ids, when the filters name them; the children of one organization, when that is what
//! is asked for; else the subtrees that the caller can see. Each is walked in chunks that follow one another in byte order, so
//! that a page ends with the chunk that fills it.

use umbel_domain::{Lineage, Organization, OrganizationId};

use super::{columns, from_row};
use crate::authorization::LINEAGE;
use crate::names::NamePatterns;
use crate::sql::{Builder, IN_LIST_MAX, args};
use crate::{Page, Query, Result};

/// Subtrees that one statement reads.
const SUBTREES_PER_STATEMENT: usize = 32;
/// Subtrees that one statement counts: it need not put them in order.
const SUBTREES_PER_COUNT: usize = 256;

/// Which organizations to list; every filter that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these, at most [`IN_LIST_MAX`].
    pub ids: Option<Vec<OrganizationId>>,
    /// Only those with exactly this name.
    pub name: Option<String>,
    /// Only those whose names look so.
    pub patterns: NamePatterns,
    /// Only those directly below something.
    pub parent: Option<ParentFilter>,
}

/// Below what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentFilter {
    /// Nothing: roots.
    None,
    /// This organization.
    Organization(OrganizationId),
}

/// The organizations of a page: at most `size` that lie in the `visible` subtrees, behind the lineage `after`.
///
/// `visible` is disjoint and in byte order.
pub async fn list(
    query: &mut impl Query,
    visible: &[Lineage],
    filter: &Filter,
    after: &str,
    size: usize,
) -> Result<Page<Organization>> {
    let mut found = Vec::new();
    for chunk in chunks(source(query, visible, filter, after).await?, after, SUBTREES_PER_STATEMENT) {
        let wanted = size + 1 - found.len();
        let mut statement = Builder::default();
        statement.push(concat!("SELECT ", columns!(), " FROM ("));
        push_found(&mut statement, &chunk, filter, after, wanted);
        statement.push(
            ") AS found JOIN organizations o ON o.id = found.id LEFT JOIN organizations p ON p.id = o.parent_id ORDER BY o.lineage",
        );
        let rows = query.rows(&statement, statement.args(), from_row).await?;
        found.extend(rows.into_iter().filter(|organization| is_visible(visible, &organization.lineage)));
        if found.len() > size {
            break;
        }
    }
    Ok(Page::of(found, size))
}

/// How many organizations [`list`] would find on all pages, counted no further than `max`.
pub async fn count(query: &mut impl Query, visible: &[Lineage], filter: &Filter, max: u64) -> Result<u64> {
    let mut total = 0;
    let limit = usize::try_from(max).unwrap_or(usize::MAX);
    for chunk in chunks(source(query, visible, filter, "").await?, "", SUBTREES_PER_COUNT) {
        total += match &chunk {
            // Which of them are visible is only known of the rows.
            Chunk::Ids(_) => count_ids(query, visible, filter, &chunk).await?,
            Chunk::Children(_) | Chunk::Subtrees(_) => count_chunk(query, filter, &chunk, limit).await?,
        };
        if total >= max {
            return Ok(max);
        }
    }
    Ok(total)
}

async fn count_chunk(query: &mut impl Query, filter: &Filter, chunk: &Chunk<'_>, limit: usize) -> Result<u64> {
    let mut statement = Builder::default();
    if let Chunk::Subtrees(subtrees) = chunk {
        push_count(&mut statement, subtrees, filter, limit);
    } else {
        statement.push("SELECT COUNT(*) FROM (");
        push_found(&mut statement, chunk, filter, "", limit);
        statement.push(") AS counted");
    }
    Ok(query.number(&statement, statement.args()).await?.cast_unsigned())
}

async fn count_ids(query: &mut impl Query, visible: &[Lineage], filter: &Filter, chunk: &Chunk<'_>) -> Result<u64> {
    let mut statement = Builder::default();
    statement.push("SELECT o.lineage FROM (");
    push_found(&mut statement, chunk, filter, "", IN_LIST_MAX);
    statement.push(") AS found JOIN organizations o ON o.id = found.id");
    let lineages = query.rows(&statement, statement.args(), |row| Ok(Lineage::parse(row.text(0)?)?)).await?;
    Ok(lineages.iter().filter(|lineage| is_visible(visible, lineage)).count() as u64)
}

fn is_visible(visible: &[Lineage], lineage: &Lineage) -> bool {
    visible.iter().any(|subtree| subtree.contains(lineage))
}

/// Where the organizations of a list come from.
enum Source<'a> {
    /// These ids; in the order of their lineages when there are more than one statement takes.
    Ids(Vec<String>),
    /// The children of this parent, all of them visible; `""` for the roots.
    Children(&'a str),
    /// Whole subtrees.
    Subtrees(&'a [Lineage]),
}

async fn source<'a>(query: &mut impl Query, visible: &'a [Lineage], filter: &'a Filter, after: &str) -> Result<Source<'a>> {
    if let Some(ids) = &filter.ids {
        return Ok(Source::Ids(ids.iter().map(ToString::to_string).collect()));
    }
    let (parent, lineage) = match &filter.parent {
        None => return Ok(Source::Subtrees(visible)),
        Some(ParentFilter::None) => ("", Some(Lineage::server())),
        Some(ParentFilter::Organization(id)) => {
            let lineage = query.row(LINEAGE, args![id.as_str()], |row| Ok(Lineage::parse(row.text(0)?)?)).await?;
            (id.as_str(), lineage)
        }
    };
    let Some(lineage) = lineage else { return Ok(Source::Ids(Vec::new())) };
    if is_visible(visible, &lineage) {
        return Ok(Source::Children(parent));
    }
    // Above what is visible only those children show in which a visible subtree begins.
    let is_child = |subtree: &&Lineage| subtree.depth() == lineage.depth() + 1 && lineage.contains(subtree);
    let children = visible.iter().filter(is_child).filter(|child| child.as_str() > after);
    Ok(Source::Ids(children.filter_map(|child| child.id()).map(String::from).collect()))
}

/// What one statement reads.
enum Chunk<'a> {
    Ids(Vec<String>),
    Children(&'a str),
    Subtrees(&'a [Lineage]),
}

fn chunks<'a>(source: Source<'a>, after: &str, subtrees_max: usize) -> Vec<Chunk<'a>> {
    match source {
        Source::Ids(ids) => ids.chunks(IN_LIST_MAX).map(|ids| Chunk::Ids(ids.to_vec())).collect(),
        Source::Children(parent) => vec![Chunk::Children(parent)],
        Source::Subtrees(subtrees) => {
            let behind = subtrees.partition_point(|subtree| subtree.range().before.as_str() <= after);
            subtrees[behind..].chunks(subtrees_max).map(Chunk::Subtrees).collect()
        }
    }
}

/// Appends the ids of the organizations of a chunk that pass the filter: at most `limit`, of ids all of them.
fn push_found<'a>(statement: &mut Builder<'a>, chunk: &'a Chunk<'a>, filter: &'a Filter, after: &'a str, limit: usize) {
    match chunk {
        Chunk::Ids(ids) => {
            statement.push("SELECT o.id FROM organizations o WHERE o.id").bind_list(ids);
            statement.push(" AND o.lineage > ").bind(after);
            match &filter.parent {
                None => {}
                Some(ParentFilter::None) => _ = statement.push(" AND o.parent_id = ''"),
                Some(ParentFilter::Organization(id)) => _ = statement.push(" AND o.parent_id = ").bind(id.as_str()),
            }
            push_names(statement, filter);
        }
        Chunk::Children(parent) => {
            // With the slash behind it an id sorts as the lineage does that ends in it.
            let after = after.split_inclusive('/').next_back().unwrap_or_default();
            statement.push("SELECT o.id FROM organizations o WHERE o.parent_id = ").bind(*parent);
            statement.push(" AND o.id || '/' > ").bind(after);
            push_names(statement, filter);
            statement.push(" ORDER BY o.id || '/' LIMIT ").bind(limit);
        }
        Chunk::Subtrees(subtrees) => push_subtrees(statement, subtrees, filter, after, limit),
    }
}

/// Each subtree is a range of its own with exactly one bound below; a range with none would be scanned, one with two half scanned.
fn push_subtrees<'a>(statement: &mut Builder<'a>, subtrees: &'a [Lineage], filter: &'a Filter, after: &'a str, limit: usize) {
    statement.push("SELECT id FROM (");
    for at in 0..subtrees.len().next_power_of_two() {
        let range = subtrees.get(at).map(Lineage::range).unwrap_or_default();
        statement.push(if at == 0 { "" } else { " UNION ALL " });
        statement.push("SELECT * FROM (SELECT o.id, o.lineage FROM organizations o WHERE o.lineage > ");
        statement.bind(range.after.max(after.to_owned()));
        statement.push(" AND o.lineage < ").bind(range.before);
        push_names(statement, filter);
        statement.push(" ORDER BY o.lineage LIMIT ").bind(limit).push(") AS subtree");
    }
    statement.push(") AS subtrees ORDER BY lineage LIMIT ").bind(limit);
}

/// Counts what is in the subtrees, no further than `limit`. `CROSS JOIN` has SQLite walk each of them by itself.
fn push_count<'a>(statement: &mut Builder<'a>, subtrees: &'a [Lineage], filter: &'a Filter, limit: usize) {
    for at in 0..subtrees.len().next_power_of_two() {
        let range = subtrees.get(at).map(Lineage::range).unwrap_or_default();
        statement.push(if at == 0 { "WITH asked (above, below) AS (VALUES (" } else { "), (" });
        statement.bind(range.after).push(", ").bind(range.before);
    }
    statement.push(
        ")) SELECT COUNT(*) FROM (SELECT 1 FROM asked CROSS JOIN organizations o WHERE o.lineage > asked.above \
         AND o.lineage < asked.below",
    );
    push_names(statement, filter);
    statement.push(" LIMIT ").bind(limit).push(") AS counted");
}

fn push_names<'a>(statement: &mut Builder<'a>, filter: &'a Filter) {
    if let Some(name) = &filter.name {
        statement.push(" AND o.name = ").bind(name);
    }
    filter.patterns.push(statement);
}
