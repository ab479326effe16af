//! Roles that root organizations made, and what roles allow where they are held.

use umbel_domain::{Action, Actions, CustomRole, Lineage, Name, OrganizationId, Role, RoleId, Timestamp};

use crate::engine::{Change, Row, Session};
use crate::members::push_pairs;
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, IN_LIST_MAX, Query, Result, Write};

/// The most roles that one root may make.
pub const PER_ROOT_MAX: usize = 100;

const INSERT: Sql = sql!(
    "INSERT INTO roles (organization_id, id, name, description, actions, create_time, update_time) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)"
);
const UPDATE: Sql =
    sql!("UPDATE roles SET name = $3, description = $4, actions = $5, update_time = $6 WHERE organization_id = $1 AND id = $2");
const DELETE: Sql = sql!("DELETE FROM roles WHERE organization_id = $1 AND id = $2");
const DELETE_OF_ORGANIZATION: Sql = sql!("DELETE FROM roles WHERE organization_id = $1");
pub(crate) const OF_ROOT: Sql = sql!(
    "SELECT organization_id, id, name, description, actions, create_time, update_time FROM roles \
     WHERE organization_id = $1 ORDER BY id LIMIT $2"
);
pub(crate) const LIST: Sql = sql!(
    "SELECT organization_id, id, name, description, actions, create_time, update_time FROM roles \
     WHERE (organization_id, id) > ($1, $2) ORDER BY organization_id, id LIMIT $3"
);
/// Members with a role, which stands alone or among other custom ones at the beginning of a list. Tokens do not count: one whose
/// cap is gone may do nothing.
pub(crate) const USES: Sql = sql!(
    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM organization_members WHERE role < 'a' AND role = $1 \
     UNION ALL SELECT 1 FROM account_members WHERE roles < 'a' AND ' ' || roles || ' ' LIKE $2 LIMIT $3) AS counted"
);
/// Members below a place, and of accounts there, with roles that only hold in their tree: custom roles are few beside the
/// members of a subtree, and `CROSS JOIN` has SQLite begin with them.
pub(crate) const USES_BELOW: Sql = sql!(
    "SELECT COUNT(*) FROM (SELECT 1 AS one FROM organization_members m CROSS JOIN organizations o \
     WHERE m.role < 'a' AND o.id = m.organization_id AND o.lineage > $1 AND o.lineage < $2 \
     UNION ALL SELECT 1 FROM account_members m CROSS JOIN accounts a \
     WHERE m.roles < 'a' AND a.id = m.account_id AND a.lineage > $1 AND a.lineage < $2 LIMIT 1) AS counted"
);

/// Adds a role.
pub async fn insert(write: &mut Write, role: &CustomRole) -> Result<()> {
    let args = args![
        role.organization_id.as_str(),
        role.id.to_string(),
        role.name.as_str(),
        role.description.as_str(),
        role.actions.names().join(" "),
        role.create_time,
        role.update_time,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Writes what can change of a role; [`Error::Conflict`] when it is gone.
pub async fn update(write: &mut Write, role: &CustomRole) -> Result<()> {
    let args = args![
        role.organization_id.as_str(),
        role.id.to_string(),
        role.name.as_str(),
        role.description.as_str(),
        role.actions.names().join(" "),
        role.update_time,
    ];
    write.one_row(UPDATE, args).await
}

/// Removes a role; [`Error::Conflict`] when it is gone.
pub async fn delete(write: &mut Write, role: &CustomRole) -> Result<()> {
    write.one_row(DELETE, args![role.organization_id.as_str(), role.id.to_string()]).await
}

/// Removes every role of an organization.
pub async fn delete_of_organization(write: &mut Write, organization: &OrganizationId) -> Result<()> {
    write.execute(DELETE_OF_ORGANIZATION, args![organization.as_str()]).await.map(drop)
}

/// The roles that a root made, in the order of their ids; at most [`PER_ROOT_MAX`].
pub async fn of_root(query: &mut impl Query, root: &OrganizationId) -> Result<Vec<CustomRole>> {
    query.rows(OF_ROOT, args![root.as_str(), PER_ROOT_MAX], from_row).await
}

/// By how many members a role is used, counted no further than `max`.
pub async fn uses(query: &mut impl Query, id: RoleId, max: u64) -> Result<u64> {
    Ok(query.number(USES, args![id.to_string(), format!("% {id} %"), max]).await?.cast_unsigned())
}

/// Whether somebody has a custom role at this place or below it.
pub async fn used_below(query: &mut impl Query, lineage: &Lineage) -> Result<bool> {
    let range = lineage.range();
    Ok(query.number(USES_BELOW, args![range.after, range.before]).await? > 0)
}

/// At most `size` roles of all organizations, in the order of organization and id, behind the pair `after`.
pub(crate) async fn list(query: &mut impl Query, after: (&str, &str), size: usize) -> Result<Vec<CustomRole>> {
    query.rows(LIST, args![after.0, after.1, size], from_row).await
}

/// Those of these roles that exist, at most [`IN_LIST_MAX`].
pub(crate) async fn with_ids(query: &mut impl Query, ids: &[String]) -> Result<Vec<CustomRole>> {
    let mut statement = Builder::default();
    statement.push("SELECT organization_id, id, name, description, actions, create_time, update_time FROM roles WHERE id");
    statement.bind_list(ids);
    query.rows(&statement, statement.args(), from_row).await
}

/// What roles allow where they are held, in their order.
pub async fn allowed(query: &mut impl Query, held: Vec<(Lineage, Role)>) -> Result<Vec<Actions>> {
    Ok(resolve(query, held).await?.into_iter().map(|(_, _, actions)| actions).collect())
}

/// What roles allow where they are held: a custom one what its root says, and outside of that tree, or when it is gone, nothing.
pub(crate) async fn resolve<S: Session>(session: &mut S, held: Vec<(Lineage, Role)>) -> Result<Vec<(Lineage, Role, Actions)>> {
    let custom = held.iter().filter_map(|(lineage, role)| match role {
        Role::Custom(id) => Some((lineage.root_id()?.to_owned(), id.to_string())),
        _ => None,
    });
    let mut pairs: Vec<(String, String)> = custom.collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut made = Vec::new();
    for pairs in pairs.chunks(IN_LIST_MAX) {
        let mut statement = Builder::default();
        statement.push(
            "SELECT organization_id, id, name, description, actions, create_time, update_time FROM roles \
             WHERE (organization_id, id)",
        );
        push_pairs(&mut statement, pairs);
        made.extend(session.rows(&statement, statement.args(), from_row).await?);
    }
    let actions = |lineage: &Lineage, role: Role| {
        role.actions().unwrap_or_else(|| {
            let found = made.iter().find(|made| role == Role::Custom(made.id) && made.counts_at(lineage));
            found.map_or(Actions::NONE, |made| made.actions)
        })
    };
    Ok(held
        .into_iter()
        .map(|(lineage, role)| {
            let actions = actions(&lineage, role);
            (lineage, role, actions)
        })
        .collect())
}

/// The roles of these names, one space between two.
pub(crate) fn roles(names: &str) -> Result<Vec<Role>> {
    names.split(' ').map(role).collect()
}

/// The role of that name, as it is stored.
pub(crate) fn role(name: &str) -> Result<Role> {
    Role::from_name(name).ok_or_else(|| Error::Inconsistent(format!("{name:?} is not a role")))
}

/// Roles as they are stored: their names, one space between two, the custom ones first.
pub(crate) fn names(roles: &[Role]) -> String {
    let (custom, built_in): (Vec<_>, Vec<_>) = roles.iter().partition(|role| matches!(role, Role::Custom(_)));
    custom.into_iter().chain(built_in).map(|role: &Role| role.name()).collect::<Vec<_>>().join(" ")
}

fn from_row(row: &Row<'_>) -> Result<CustomRole> {
    let actions = row.text(4)?;
    let actions = actions
        .split_terminator(' ')
        .map(|name| Action::from_name(name).ok_or_else(|| Error::Inconsistent(format!("{name:?} is not an action"))));
    Ok(CustomRole {
        organization_id: OrganizationId::parse(row.text_ref(0)?)?,
        id: RoleId::parse(row.text_ref(1)?)?,
        name: Name::parse(row.text_ref(2)?, Name::LENGTH_MAX)?,
        description: row.text(3)?,
        actions: Actions::of(&actions.collect::<Result<Vec<_>>>()?),
        create_time: Timestamp::from_micros(row.int(5)?),
        update_time: Timestamp::from_micros(row.int(6)?),
    })
}
