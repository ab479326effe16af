//! The price book.

use umbel_decimal::Decimal;
use umbel_domain::price::{Negotiated, Tier, TierMode};
use umbel_domain::{Currency, Day, MetricId, OrganizationId, Price, PriceId, Timestamp};

use crate::engine::{Change, Row};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, Page, Query, Result, Write};

/// The most prices of one slot: versions of what a metric costs somebody in a currency.
pub const PER_SLOT_MAX: usize = 1_000;
/// The most prices that hold for everybody, and the most that one organization has negotiated.
pub const PER_ORGANIZATION_MAX: usize = 10_000;

macro_rules! columns {
    () => {
        "id, metric_id, currency, organization_id, list_unit_price, contracted_unit_price, effective_from, effective_to, \
         free_quantity, tier_mode, tiers, create_time"
    };
}

const INSERT: Sql =
    sql!(concat!("INSERT INTO prices (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"));
const END: Sql = sql!("UPDATE prices SET effective_to = $2 WHERE id = $1 AND effective_to IS NULL");
const GET: Sql = sql!(concat!("SELECT ", columns!(), " FROM prices WHERE id = $1"));
const OF_SLOT: Sql = sql!(concat!(
    "SELECT ",
    columns!(),
    " FROM prices WHERE organization_id = $1 AND metric_id = $2 AND currency = $3 ORDER BY effective_from LIMIT $4"
));
const COUNT: Sql = sql!("SELECT COUNT(*) FROM (SELECT 1 FROM prices WHERE organization_id = $1 LIMIT $2) AS counted");
const ALL: Sql = sql!(concat!("SELECT ", columns!(), " FROM prices WHERE id > $1 ORDER BY id LIMIT $2"));

/// Which prices to list; everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those of this metric.
    pub metric_id: Option<MetricId>,
    /// Only those that this organization has negotiated.
    pub organization_id: Option<OrganizationId>,
}

/// Adds a price.
pub async fn insert(write: &mut Write, price: &Price) -> Result<()> {
    let negotiated = price.negotiated.as_ref();
    let args = args![
        price.id.as_str(),
        price.metric_id.as_str(),
        price.currency.code(),
        negotiated.map_or("", |negotiated| negotiated.organization_id.as_str()),
        price.list_unit_price.to_string(),
        negotiated.map(|negotiated| std::borrow::Cow::Owned(negotiated.contracted_unit_price.to_string())),
        price.effective_from.number(),
        price.effective_to.map(Day::number),
        price.free_quantity.to_string(),
        price.tier_mode.name(),
        tiers_to_text(&price.tiers),
        price.create_time,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Ends a price on a day; [`Error::Conflict`] when it has an end.
pub async fn end(write: &mut Write, id: &PriceId, effective_to: Day) -> Result<()> {
    write.one_row(END, args![id.as_str(), effective_to.number()]).await
}

/// The price with this id.
pub async fn get(query: &mut impl Query, id: &PriceId) -> Result<Option<Price>> {
    query.row(GET, args![id.as_str()], from_row).await
}

/// The prices of a slot, in the order of their days; at most [`PER_SLOT_MAX`].
pub async fn of_slot(query: &mut impl Query, price: &Price) -> Result<Vec<Price>> {
    let (metric, currency, organization) = price.slot();
    let args = args![organization.map_or("", OrganizationId::as_str), metric.as_str(), currency.code(), PER_SLOT_MAX];
    query.rows(OF_SLOT, args, from_row).await
}

/// How many prices an organization has negotiated, or hold for everybody, counted no further than `max`.
pub async fn count(query: &mut impl Query, organization: Option<&OrganizationId>, max: usize) -> Result<usize> {
    let count = query.number(COUNT, args![organization.map_or("", OrganizationId::as_str), max]).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// A page of prices, in the order of their ids, behind the id `after`.
pub async fn page(query: &mut impl Query, filter: &Filter, after: &str, size: usize) -> Result<Page<Price>> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT ", columns!(), " FROM prices WHERE id > ")).bind(after);
    if let Some(organization) = &filter.organization_id {
        statement.push(" AND organization_id = ").bind(organization.as_str());
    }
    if let Some(metric) = &filter.metric_id {
        statement.push(" AND metric_id = ").bind(metric.as_str());
    }
    statement.push(" ORDER BY id LIMIT ").bind(size + 1);
    Ok(Page::of(query.rows(&statement, statement.args(), from_row).await?, size))
}

/// The prices that hold on one of these days, from the first to before `end`: those for everybody, and those that one of these
/// organizations, at most [`crate::IN_LIST_MAX`] less one, has negotiated.
pub async fn holding(query: &mut impl Query, organizations: &[&str], first: Day, end: Day) -> Result<Vec<Price>> {
    let named: Vec<&str> = std::iter::once("").chain(organizations.iter().copied()).collect();
    let mut statement = Builder::default();
    statement.push(concat!("SELECT ", columns!(), " FROM prices WHERE organization_id")).bind_list(&named);
    statement.push(" AND effective_from < ").bind(end.number());
    statement.push(" AND (effective_to IS NULL OR effective_to > ").bind(first.number()).push(")");
    query.rows(&statement, statement.args(), from_row).await
}

/// At most `size` prices of all, behind the id `after`.
pub(crate) async fn all(query: &mut impl Query, after: &str, size: usize) -> Result<Vec<Price>> {
    query.rows(ALL, args![after, size], from_row).await
}

/// Those of these prices that exist, at most [`crate::IN_LIST_MAX`].
pub(crate) async fn with_ids(query: &mut impl Query, ids: &[String]) -> Result<Vec<Price>> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT ", columns!(), " FROM prices WHERE id")).bind_list(ids);
    query.rows(&statement, statement.args(), from_row).await
}

fn tiers_to_text(tiers: &[Tier]) -> String {
    let tier = |tier: &Tier| {
        let up_to = tier.up_to.map(|up_to| up_to.to_string()).unwrap_or_default();
        format!("{up_to}:{}", tier.list_unit_price)
    };
    tiers.iter().map(tier).collect::<Vec<_>>().join(" ")
}

fn tiers_from_text(text: &str) -> Result<Vec<Tier>> {
    let tier = |tier: &str| {
        let (up_to, price) = tier.split_once(':').ok_or_else(|| Error::Inconsistent(format!("{tier:?} is not a tier")))?;
        let up_to = Some(up_to).filter(|up_to| !up_to.is_empty()).map(decimal).transpose()?;
        Ok(Tier { up_to, list_unit_price: decimal(price)? })
    };
    text.split_terminator(' ').map(tier).collect()
}

fn decimal(text: &str) -> Result<Decimal> {
    text.parse().map_err(|error| Error::Inconsistent(format!("{text:?} {error}")))
}

fn from_row(row: &Row<'_>) -> Result<Price> {
    let organization = row.text(3)?;
    let negotiated = match row.text_or_null(5)? {
        None => None,
        Some(price) => {
            Some(Negotiated { organization_id: OrganizationId::parse(&organization)?, contracted_unit_price: decimal(&price)? })
        }
    };
    let tier_mode = row.text(9)?;
    Ok(Price {
        id: PriceId::parse(row.text_ref(0)?)?,
        metric_id: MetricId::parse(row.text_ref(1)?)?,
        currency: Currency::parse(row.text_ref(2)?)?,
        negotiated,
        list_unit_price: decimal(row.text_ref(4)?)?,
        effective_from: Day::from_number(row.int(6)?)?,
        effective_to: row.int_or_null(7)?.map(Day::from_number).transpose()?,
        free_quantity: decimal(row.text_ref(8)?)?,
        tier_mode: TierMode::from_name(&tier_mode)
            .ok_or_else(|| Error::Inconsistent(format!("{tier_mode:?} is not a mode of tiers")))?,
        tiers: tiers_from_text(row.text_ref(10)?)?,
        create_time: Timestamp::from_micros(row.int(11)?),
    })
}
