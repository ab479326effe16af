//! Who may do something at a place, and by which memberships.

use umbel_domain::{AccountId, Email, MemberId, OrganizationId, Place, Role, UserId};

use crate::engine::Row;
use crate::roles::roles;
use crate::sql::Builder;
use crate::{IN_LIST_MAX, Query, Result};

/// Somebody who has access to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// The membership that they were found by.
    pub member_id: MemberId,
}

/// A membership that gives access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Whose.
    pub user_id: UserId,
    /// Where.
    pub place: Place,
    /// The name of the organization or account.
    pub place_name: String,
    /// Its id.
    pub member_id: MemberId,
    /// As what.
    pub roles: Vec<Role>,
}

/// At most `size` active members of the last of these places who are members of none of those before, in the order of the ids
/// of their memberships, behind the id `after`; nobody who is disabled. The places are at most [`IN_LIST_MAX`].
pub async fn holders(query: &mut impl Query, places: &[Place], after: &str, size: usize) -> Result<Vec<Holder>> {
    let Some((place, before)) = places.split_last() else { return Ok(Vec::new()) };
    let mut statement = Builder::default();
    statement.push("SELECT u.id, u.email, m.id FROM ");
    match place {
        Place::Organization(id) => {
            statement.push("organization_members m JOIN users u ON u.id = m.user_id WHERE m.organization_id = ").bind(id.as_str())
        }
        Place::Account(id) => {
            statement.push("account_members m JOIN users u ON u.id = m.user_id WHERE m.account_id = ").bind(id.as_str())
        }
    };
    statement.push(" AND m.status = 'active' AND u.disabled = 0 AND m.id > ").bind(after);
    let before = organizations(before);
    if !before.is_empty() {
        statement.push(
            " AND NOT EXISTS (SELECT 1 FROM organization_members n WHERE n.user_id = m.user_id AND n.status = 'active' \
             AND n.organization_id",
        );
        statement.bind_list(&before).push(")");
    }
    statement.push(" ORDER BY m.id LIMIT ").bind(size);
    let read = |row: &Row<'_>| {
        Ok(Holder {
            user_id: UserId::parse(row.text_ref(0)?)?,
            email: Email::parse(row.text_ref(1)?)?,
            member_id: MemberId::parse(row.text_ref(2)?)?,
        })
    };
    query.rows(&statement, statement.args(), read).await
}

/// The active memberships of these users at these places, at most [`IN_LIST_MAX`] of each.
///
/// The users are joined, not listed, so that each is looked up by itself: the places may have very many members.
pub async fn held(query: &mut impl Query, users: &[UserId], places: &[Place]) -> Result<Vec<Held>> {
    debug_assert!(users.len() <= IN_LIST_MAX, "callers check the length");
    let organizations = organizations(places);
    let mut statement = Builder::default();
    let padding = users.len().next_power_of_two() - users.len();
    let padded = users.iter().map(UserId::as_str).chain(std::iter::repeat_n("", padding));
    for (at, user) in padded.enumerate() {
        statement.push(if at == 0 { "WITH asked (user_id) AS (VALUES (" } else { "), (" }).bind(user);
    }
    statement.push(
        ")) SELECT m.user_id, 'organization', m.organization_id, o.name, m.id, m.role FROM asked CROSS JOIN organization_members m \
         CROSS JOIN organizations o WHERE m.user_id = asked.user_id AND o.id = m.organization_id AND m.status = 'active' \
         AND m.organization_id",
    );
    statement.bind_list(&organizations);
    if let Some(Place::Account(id)) = places.last() {
        statement.push(
            " UNION ALL SELECT m.user_id, 'account', m.account_id, a.name, m.id, m.roles FROM asked CROSS JOIN account_members m \
             CROSS JOIN accounts a WHERE m.user_id = asked.user_id AND a.id = m.account_id AND m.status = 'active' \
             AND m.account_id = ",
        );
        statement.bind(id.as_str());
    }
    query.rows(&statement, statement.args(), membership).await
}

fn organizations(places: &[Place]) -> Vec<&str> {
    places
        .iter()
        .filter_map(|place| match place {
            Place::Organization(id) => Some(id.as_str()),
            Place::Account(_) => None,
        })
        .collect()
}

fn membership(row: &Row<'_>) -> Result<Held> {
    let id = row.text(2)?;
    Ok(Held {
        user_id: UserId::parse(row.text_ref(0)?)?,
        place: match row.text(1)?.as_str() {
            "account" => Place::Account(AccountId::parse(&id)?),
            _ => Place::Organization(OrganizationId::parse(&id)?),
        },
        place_name: row.text(3)?,
        member_id: MemberId::parse(row.text_ref(4)?)?,
        roles: roles(row.text_ref(5)?)?,
    })
}
