//! Members of organizations.

use umbel_domain::{
    Email, Holding, Lineage, Member, MemberId, MemberStatus, OrganizationId, Person, Place, Role, Timestamp, UserId,
};

use crate::engine::{Change, Row};
use crate::names::NamePatterns;
use crate::roles::role;
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, Page, Query, Result, Write, invitations, users};

/// The most memberships that are removed together with their user or their organization.
pub const REMOVED_TOGETHER_MAX: usize = 1_000;

const INSERT: Sql = sql!(
    "INSERT INTO organization_members (organization_id, id, user_id, role, status, create_time, update_time) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)"
);
pub(crate) const OF_USER: Sql = sql!(
    "SELECT organization_id, id, user_id, role, status, create_time, update_time FROM organization_members \
     WHERE user_id = $1 ORDER BY organization_id LIMIT $2"
);
pub(crate) const OF_ORGANIZATION: Sql = sql!(
    "SELECT organization_id, id, user_id, role, status, create_time, update_time FROM organization_members \
     WHERE organization_id = $1 ORDER BY id LIMIT $2"
);
pub(crate) const LIST: Sql = sql!(
    "SELECT organization_id, id, user_id, role, status, create_time, update_time FROM organization_members \
     WHERE (organization_id, id) > ($1, $2) ORDER BY organization_id, id LIMIT $3"
);
pub(crate) const ORGANIZATIONS_OF_USER: Sql = sql!(
    "SELECT o.id, o.lineage, o.name, m.role FROM organization_members m JOIN organizations o ON o.id = m.organization_id \
     WHERE m.user_id = $1 AND m.status = 'active' ORDER BY m.organization_id LIMIT $2"
);
pub(crate) const COUNT_OTHERS: Sql = sql!(
    "SELECT COUNT(*) FROM (SELECT 1 FROM organization_members WHERE organization_id = $1 AND user_id <> $2 \
     AND status IN ('active', 'pending') LIMIT $3) AS counted"
);
const UPDATE: Sql =
    sql!("UPDATE organization_members SET role = $3, status = $4, update_time = $5 WHERE organization_id = $1 AND id = $2");
const DELETE: Sql = sql!("DELETE FROM organization_members WHERE organization_id = $1 AND id = $2");
pub(crate) const COUNT: Sql =
    sql!("SELECT COUNT(*) FROM (SELECT 1 FROM organization_members WHERE organization_id = $1 LIMIT $2) AS counted");
pub(crate) const SUPER_ADMINISTRATORS: Sql = sql!(
    "SELECT COUNT(*) FROM (SELECT 1 FROM organization_members m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 \
     AND m.status = 'active' AND m.role = 'super_administrator' AND u.disabled = 0 LIMIT 1) AS counted"
);
/// Who holds up the root beside a member: another super administrator who can act.
pub(crate) const OTHER_SUPER_ADMINISTRATORS: Sql = sql!(
    "SELECT COUNT(*) FROM (SELECT 1 FROM organization_members m JOIN users u ON u.id = m.user_id \
     WHERE m.organization_id = $1 AND m.id <> $2 AND m.status = 'active' AND m.role = 'super_administrator' \
     AND u.disabled = 0 LIMIT 1) AS counted"
);
pub(crate) const ORPHANED_ROOTS: Sql = sql!(
    "SELECT COUNT(*) FROM organization_members m JOIN organizations o ON o.id = m.organization_id \
     WHERE m.user_id = $1 AND m.status = 'active' AND m.role = 'super_administrator' AND o.parent_id = '' \
     AND NOT EXISTS (SELECT 1 FROM organization_members n JOIN users u ON u.id = n.user_id \
     WHERE n.organization_id = m.organization_id AND n.user_id <> $1 AND n.status = 'active' \
     AND n.role = 'super_administrator' AND u.disabled = 0)"
);

/// Adds a member.
pub async fn insert(write: &mut Write, member: &Member) -> Result<()> {
    let args = args![
        member.organization_id.as_str(),
        member.id.as_str(),
        member.user_id.as_str(),
        member.role.name(),
        member.status.name(),
        member.create_time,
        member.update_time,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Which members of an organization to list; everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those with one of these statuses, each named once; with any when it is empty.
    pub statuses: Vec<MemberStatus>,
    /// What the canonical form of the address must look like.
    pub email: NamePatterns,
}

impl Filter {
    /// Whether members have to be looked at, of which any number may not match.
    pub fn scans(&self) -> bool {
        !self.statuses.is_empty() || self.email.any()
    }

    fn push(&self, statement: &mut Builder<'_>) {
        // One text for any number of statuses: the last one is repeated.
        if let Some(last) = self.statuses.last() {
            let padded = self.statuses.iter().chain(std::iter::repeat(last)).take(MemberStatus::ALL.len());
            for (at, status) in padded.enumerate() {
                statement.push(if at == 0 { " AND m.status IN (" } else { ", " }).bind(status.name());
            }
            statement.push(")");
        }
        self.email.push_on(statement, "u.email_canonical");
    }
}

/// Members of an organization with their users and where these are managed; what follows is the id of the organization.
macro_rules! people {
    () => {
        " FROM organization_members m JOIN users u ON u.id = m.user_id LEFT JOIN organizations g ON g.id = u.managed_by \
         WHERE m.organization_id = "
    };
}

/// The columns that [`person`] reads, of [`people`].
macro_rules! select_people {
    () => {
        concat!(
            "SELECT u.id, u.email, u.name, u.two_factor_authentication_enabled, u.operator, u.managed_by, u.disabled, \
             u.create_time, u.version, u.last_seen_on, g.lineage, m.organization_id, m.id, m.user_id, m.role, m.status, \
             m.create_time, m.update_time",
            people!()
        )
    };
}

/// A page of at most `size` members of an organization, in the order of their ids, behind the id `after`.
pub async fn page(
    query: &mut impl Query,
    organization: &OrganizationId,
    filter: &Filter,
    after: &str,
    size: usize,
) -> Result<Page<Person>> {
    let mut statement = Builder::default();
    statement.push(concat!(select_people!())).bind(organization.as_str()).push(" AND m.id > ").bind(after);
    filter.push(&mut statement);
    statement.push(" ORDER BY m.id LIMIT ").bind(size + 1);
    Ok(Page::of(query.rows(&statement, statement.args(), person).await?, size))
}

/// How many members [`page`] would find on all pages, counted no further than `max`.
pub async fn count_found(query: &mut impl Query, organization: &OrganizationId, filter: &Filter, max: u64) -> Result<u64> {
    let mut statement = Builder::default();
    statement.push("SELECT COUNT(*) FROM (SELECT 1");
    // Who they are is looked up only where it counts.
    statement.push(if filter.email.any() { people!() } else { " FROM organization_members m WHERE m.organization_id = " });
    statement.bind(organization.as_str());
    filter.push(&mut statement);
    statement.push(" LIMIT ").bind(max).push(") AS counted");
    Ok(query.number(&statement, statement.args()).await?.cast_unsigned())
}

/// The member of this organization with this id.
pub async fn get(query: &mut impl Query, organization: &OrganizationId, id: &MemberId) -> Result<Option<Person>> {
    let mut statement = Builder::default();
    statement.push(concat!(select_people!())).bind(organization.as_str()).push(" AND m.id = ").bind(id.as_str());
    query.row(&statement, statement.args(), person).await
}

/// The member of this organization who is this user.
pub async fn get_by_user(query: &mut impl Query, organization: &OrganizationId, user: &UserId) -> Result<Option<Person>> {
    let mut statement = Builder::default();
    statement.push(concat!(select_people!())).bind(organization.as_str()).push(" AND m.user_id = ").bind(user.as_str());
    query.row(&statement, statement.args(), person).await
}

/// How many members an organization has, of any status, counted no further than `max`.
pub async fn count(query: &mut impl Query, organization: &OrganizationId, max: u64) -> Result<u64> {
    Ok(query.number(COUNT, args![organization.as_str(), max]).await?.cast_unsigned())
}

/// Whether somebody else than this member can act as super administrator of the organization.
pub async fn has_other_super_administrator(query: &mut impl Query, member: &Member) -> Result<bool> {
    let args = args![member.organization_id.as_str(), member.id.as_str()];
    Ok(query.number(OTHER_SUPER_ADMINISTRATORS, args).await? > 0)
}

/// Who is an active member of these organizations, at most [`crate::IN_LIST_MAX`], and as what; at most `size` of them, nobody who is
/// disabled, and only this user if one is named.
pub async fn holdings(
    query: &mut impl Query,
    organizations: &[OrganizationId],
    user: Option<&UserId>,
    size: usize,
) -> Result<Vec<Holding>> {
    let ids: Vec<String> = organizations.iter().map(ToString::to_string).collect();
    let mut statement = Builder::default();
    statement.push(
        "SELECT m.organization_id, m.user_id, u.email, m.role FROM organization_members m JOIN users u ON u.id = m.user_id \
         WHERE m.status = 'active' AND u.disabled = 0 AND m.organization_id",
    );
    statement.bind_list(&ids);
    if let Some(user) = user {
        statement.push(" AND m.user_id = ").bind(user.as_str());
    }
    statement.push(" ORDER BY m.organization_id, m.id LIMIT ").bind(size);
    let read = |row: &Row<'_>| {
        Ok(Holding {
            place: Place::Organization(OrganizationId::parse(row.text_ref(0)?)?),
            user_id: UserId::parse(row.text_ref(1)?)?,
            email: Email::parse(row.text_ref(2)?)?,
            role: role(row.text_ref(3)?)?,
        })
    };
    query.rows(&statement, statement.args(), read).await
}

/// Whether an organization has an active super administrator.
pub async fn has_super_administrator(query: &mut impl Query, organization: &OrganizationId) -> Result<bool> {
    Ok(query.number(SUPER_ADMINISTRATORS, args![organization.as_str()]).await? > 0)
}

/// Writes what can change of a member; [`Error::Conflict`] when it is gone. One who is not pending is not invited any more.
pub async fn update(write: &mut Write, member: &Member) -> Result<()> {
    let args =
        args![member.organization_id.as_str(), member.id.as_str(), member.role.name(), member.status.name(), member.update_time,];
    write.one_row(UPDATE, args).await?;
    if member.status != MemberStatus::Pending {
        invitations::delete_of_member(write, member).await?;
    }
    Ok(())
}

/// The memberships of a user, of any status; at most one more than [`REMOVED_TOGETHER_MAX`].
pub async fn of_user(query: &mut impl Query, user: &UserId) -> Result<Vec<Member>> {
    query.rows(OF_USER, args![user.as_str(), REMOVED_TOGETHER_MAX + 1], from_row).await
}

/// An organization that somebody is an active member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Where it stands.
    pub lineage: Lineage,
    /// Its name.
    pub name: String,
    /// As what.
    pub role: Role,
}

/// The organizations that a user is an active member of; at most [`REMOVED_TOGETHER_MAX`].
pub async fn organizations_of_user(query: &mut impl Query, user: &UserId) -> Result<Vec<Membership>> {
    let read = |row: &Row<'_>| {
        Ok(Membership {
            organization_id: OrganizationId::parse(row.text_ref(0)?)?,
            lineage: Lineage::parse(row.text(1)?)?,
            name: row.text(2)?,
            role: role(row.text_ref(3)?)?,
        })
    };
    query.rows(ORGANIZATIONS_OF_USER, args![user.as_str(), REMOVED_TOGETHER_MAX], read).await
}

/// The members of an organization, of any status; at most one more than [`REMOVED_TOGETHER_MAX`].
pub async fn of_organization(query: &mut impl Query, organization: &OrganizationId) -> Result<Vec<Member>> {
    query.rows(OF_ORGANIZATION, args![organization.as_str(), REMOVED_TOGETHER_MAX + 1], from_row).await
}

/// At most `size` members of all organizations, in the order of organization and id, behind the pair `after`.
pub(crate) async fn list(query: &mut impl Query, after: (&str, &str), size: usize) -> Result<Vec<Member>> {
    query.rows(LIST, args![after.0, after.1, size], from_row).await
}

/// Those of these members that exist; each is an organization and an id.
pub(crate) async fn with_ids(query: &mut impl Query, ids: &[(String, String)]) -> Result<Vec<Member>> {
    let mut statement = Builder::default();
    statement.push(
        "SELECT organization_id, id, user_id, role, status, create_time, update_time FROM organization_members \
         WHERE (organization_id, id)",
    );
    push_pairs(&mut statement, ids);
    query.rows(&statement, statement.args(), from_row).await
}

/// Those of these users in these organizations who are members of any status; each is a user and an organization.
pub(crate) async fn of_users(query: &mut impl Query, pairs: &[(String, String)]) -> Result<Vec<Member>> {
    let mut statement = Builder::default();
    statement.push(
        "SELECT organization_id, id, user_id, role, status, create_time, update_time FROM organization_members \
         WHERE (user_id, organization_id)",
    );
    push_pairs(&mut statement, pairs);
    query.rows(&statement, statement.args(), from_row).await
}

/// Appends ` IN (…)` with pairs, padded by repeating the last one like [`Builder::bind_list`]; there must be one.
pub(crate) fn push_pairs<'a>(statement: &mut Builder<'a>, pairs: &'a [(String, String)]) {
    let padding = pairs.len().next_power_of_two() - pairs.len();
    let padded = pairs.iter().chain(pairs.last().into_iter().cycle().take(padding));
    statement.push(" IN (VALUES ");
    for (at, (first, second)) in padded.enumerate() {
        statement.push(if at == 0 { "(" } else { ", (" }).bind(first).push(", ").bind(second).push(")");
    }
    statement.push(")");
}

/// How many active and pending members there are beside this user, counted no further than `max`.
pub async fn count_others(query: &mut impl Query, organization: &OrganizationId, user: &UserId, max: u64) -> Result<u64> {
    Ok(query.number(COUNT_OTHERS, args![organization.as_str(), user.as_str(), max]).await?.cast_unsigned())
}

/// Removes a member, and the invitation of a pending one.
pub async fn delete(write: &mut Write, member: &Member) -> Result<()> {
    if member.status == MemberStatus::Pending {
        invitations::delete_of_member(write, member).await?;
    }
    write.execute(DELETE, args![member.organization_id.as_str(), member.id.as_str()]).await.map(drop)
}

/// How many roots have this user as their only super administrator who can act.
pub async fn orphaned_roots(query: &mut impl Query, user: &UserId) -> Result<u64> {
    Ok(query.number(ORPHANED_ROOTS, args![user.as_str()]).await?.cast_unsigned())
}

fn person(row: &Row<'_>) -> Result<Person> {
    Ok(Person {
        user: users::from_row(row)?,
        last_seen_on: row.int_or_null(9)?.map(Timestamp::from_micros),
        manager: row.text_or_null(10)?.map(Lineage::parse).transpose()?,
        member: from_columns(row, 11)?,
    })
}

pub(crate) fn from_row(row: &Row<'_>) -> Result<Member> {
    from_columns(row, 0)
}

fn from_columns(row: &Row<'_>, first: usize) -> Result<Member> {
    Ok(Member {
        organization_id: OrganizationId::parse(row.text_ref(first)?)?,
        id: MemberId::parse(row.text_ref(first + 1)?)?,
        user_id: UserId::parse(row.text_ref(first + 2)?)?,
        role: role(row.text_ref(first + 3)?)?,
        status: status(row.text_ref(first + 4)?)?,
        create_time: Timestamp::from_micros(row.int(first + 5)?),
        update_time: Timestamp::from_micros(row.int(first + 6)?),
    })
}

/// The status of that name, as it is stored.
pub(crate) fn status(name: &str) -> Result<MemberStatus> {
    MemberStatus::from_name(name).ok_or_else(|| Error::Inconsistent(format!("{name:?} is not a status")))
}
