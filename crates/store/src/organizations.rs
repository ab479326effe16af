//! Organizations, one at a time; lists are in `list.rs`.

mod list;
mod moves;

use umbel_domain::{Currency, Day, Flags, Lineage, Name, Organization, OrganizationId, Profile, Timestamp};

use crate::engine::{Change, Row};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, Query, Result, Write, audit_streams, billing_currencies, budgets};

pub use list::{Filter, ParentFilter, count, list};
pub use moves::{count_subtree, deepest, relocate};

/// The columns that [`from_row`] reads, of `organizations o LEFT JOIN organizations p ON p.id = o.parent_id`.
macro_rules! columns {
    () => {
        "o.id, o.lineage, p.name, o.name, o.create_time, o.flags, o.profile, o.version, o.billing_currency"
    };
}
use columns;

const INSERT: Sql = sql!(
    "INSERT INTO organizations (id, parent_id, lineage, name, name_folded, create_time, flags, profile, version, \
     billing_currency) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);
pub(crate) const GET: Sql =
    sql!(concat!("SELECT ", columns!(), " FROM organizations o LEFT JOIN organizations p ON p.id = o.parent_id WHERE o.id = $1"));
const UPDATE: Sql = sql!(
    "UPDATE organizations SET name = $2, name_folded = $3, flags = $4, profile = $5, billing_currency = $7, \
     version = version + 1 WHERE id = $1 AND version = $6"
);
const DELETE: Sql = sql!("DELETE FROM organizations WHERE id = $1 AND version = $2");
/// Where an organization stands that is there, or else stood that is gone.
pub(crate) const LAST_LINEAGE: Sql = sql!(
    "SELECT lineage FROM organizations WHERE id = $1 UNION ALL SELECT lineage FROM departed_organizations WHERE id = $1 \
     AND NOT EXISTS (SELECT 1 FROM organizations WHERE id = $1)"
);
pub(crate) const COUNT_CHILDREN: Sql =
    sql!("SELECT COUNT(*) FROM (SELECT 1 FROM organizations WHERE parent_id = $1 LIMIT $2) AS counted");
pub(crate) const COUNT_MANAGED_USERS: Sql =
    sql!("SELECT COUNT(*) FROM (SELECT 1 FROM users WHERE managed_by = $1 LIMIT $2) AS counted");

/// Adds an organization.
pub async fn insert(write: &mut Write, organization: &Organization) -> Result<()> {
    let profile = organization.profile.as_ref().map(profile_to_json);
    let args = args![
        organization.id.as_str(),
        organization.lineage.parent_id().unwrap_or_default(),
        organization.lineage.as_str(),
        organization.name.as_str(),
        organization.name.folded(),
        organization.create_time,
        i64::from(organization.flags.bits()),
        profile.as_deref(),
        organization.version,
        organization.billing_currency.code(),
    ];
    write.execute(INSERT, args).await?;
    if organization.billing_currency == Currency::USD {
        return Ok(());
    }
    billing_currencies::set(write, &organization.id, Day::FIRST, organization.billing_currency).await
}

/// The organization with this id.
pub async fn get(query: &mut impl Query, id: &OrganizationId) -> Result<Option<Organization>> {
    query.row(GET, args![id.as_str()], from_row).await
}

/// Where those of these organizations stand that exist, at most [`crate::IN_LIST_MAX`].
pub(crate) async fn lineages(query: &mut impl Query, ids: &[String]) -> Result<Vec<Lineage>> {
    let mut statement = Builder::default();
    statement.push("SELECT lineage FROM organizations WHERE id").bind_list(ids);
    query.rows(&statement, statement.args(), |row| Ok(Lineage::parse(row.text(0)?)?)).await
}

/// What those of these organizations are called that exist, at most [`crate::IN_LIST_MAX`].
pub async fn names(query: &mut impl Query, ids: &[&str]) -> Result<Vec<(String, String)>> {
    let mut statement = Builder::default();
    statement.push("SELECT id, name FROM organizations WHERE id").bind_list(ids);
    query.rows(&statement, statement.args(), |row| Ok((row.text(0)?, row.text(1)?))).await
}

/// Writes what can change of an organization; [`Error::Conflict`] when the row changed since it was read.
pub async fn update(write: &mut Write, organization: &Organization) -> Result<()> {
    let profile = organization.profile.as_ref().map(profile_to_json);
    let args = args![
        organization.id.as_str(),
        organization.name.as_str(),
        organization.name.folded(),
        i64::from(organization.flags.bits()),
        profile.as_deref(),
        organization.version,
        organization.billing_currency.code(),
    ];
    write.one_row(UPDATE, args).await
}

/// Removes an organization; [`Error::Conflict`] when the row changed since it was read.
pub async fn delete(write: &mut Write, organization: &Organization) -> Result<()> {
    audit_streams::depart(write, &organization.id, &organization.lineage).await?;
    budgets::delete_of_organization(write, &organization.id).await?;
    write.one_row(DELETE, args![organization.id.as_str(), organization.version]).await
}

/// Where an organization stands, or stood last before it was deleted; `None` when there never was one with that id.
pub async fn last_lineage(query: &mut impl Query, id: &OrganizationId) -> Result<Option<Lineage>> {
    query.row(LAST_LINEAGE, args![id.as_str()], |row| Ok(Lineage::parse(row.text(0)?)?)).await
}

/// Those of these organizations, at most [`crate::IN_LIST_MAX`], that were deleted.
pub(crate) async fn departed(query: &mut impl Query, ids: &[&str]) -> Result<Vec<OrganizationId>> {
    let mut statement = Builder::default();
    statement.push("SELECT id FROM departed_organizations WHERE id").bind_list(ids);
    query.rows(&statement, statement.args(), |row| Ok(OrganizationId::parse(row.text_ref(0)?)?)).await
}

/// How many organizations stand directly below this one, counted no further than `max`.
pub async fn count_children(query: &mut impl Query, id: &OrganizationId, max: u64) -> Result<u64> {
    Ok(query.number(COUNT_CHILDREN, args![id.as_str(), max]).await?.cast_unsigned())
}

/// How many users this organization manages, counted no further than `max`.
pub async fn count_managed_users(query: &mut impl Query, id: &OrganizationId, max: u64) -> Result<u64> {
    Ok(query.number(COUNT_MANAGED_USERS, args![id.as_str(), max]).await?.cast_unsigned())
}

fn from_row(row: &Row<'_>) -> Result<Organization> {
    Ok(Organization {
        id: OrganizationId::parse(row.text_ref(0)?)?,
        lineage: Lineage::parse(row.text(1)?)?,
        parent_name: row.text_or_null(2)?,
        name: Name::parse(row.text_ref(3)?, Name::ORGANIZATION_LENGTH_MAX)?,
        create_time: Timestamp::from_micros(row.int(4)?),
        flags: Flags::from_bits(row.int(5)?.to_le_bytes()[0]),
        profile: row.text_or_null(6)?.map(|json| profile_from_json(&json)).transpose()?,
        version: row.int(7)?,
        billing_currency: Currency::parse(row.text_ref(8)?)?,
    })
}

/// The form in which a profile is stored.
#[derive(serde::Serialize, serde::Deserialize)]
struct StoredProfile<'a> {
    business_address: std::borrow::Cow<'a, str>,
    business_email: std::borrow::Cow<'a, str>,
    business_name: std::borrow::Cow<'a, str>,
    business_phone: std::borrow::Cow<'a, str>,
    external_metadata: std::borrow::Cow<'a, str>,
}

pub(crate) fn profile_to_json(profile: &Profile) -> String {
    let stored = StoredProfile {
        business_address: profile.business_address.as_str().into(),
        business_email: profile.business_email.as_str().into(),
        business_name: profile.business_name.as_str().into(),
        business_phone: profile.business_phone.as_str().into(),
        external_metadata: profile.external_metadata.as_str().into(),
    };
    // Five strings always have a JSON form.
    serde_json::to_string(&stored).unwrap_or_default()
}

pub(crate) fn profile_from_json(json: &str) -> Result<Profile> {
    let stored: StoredProfile<'_> =
        serde_json::from_str(json).map_err(|error| Error::Inconsistent(format!("a stored profile: {error}")))?;
    Ok(Profile {
        business_address: stored.business_address.into_owned(),
        business_email: stored.business_email.into_owned(),
        business_name: stored.business_name.into_owned(),
        business_phone: stored.business_phone.into_owned(),
        external_metadata: stored.external_metadata.into_owned(),
    })
}
