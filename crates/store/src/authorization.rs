//! What has to be known to decide whether somebody may do something.

use umbel_domain::{Lineage, OrganizationId, Role, UserId};

use crate::engine::{Row, Session};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, Opening, Result};

/// What counts of a user for what they may do: read anew in each transaction, never remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether they are an operator.
    pub operator: bool,
    /// Their active memberships.
    pub memberships: Vec<(Lineage, Role)>,
}

/// Which memberships of a user count.
#[derive(Debug, Clone, Copy)]
pub enum Memberships<'a> {
    /// All of them: for what is about everything that the user can see.
    All,
    /// Those at this place or above it: for what is about one organization, whatever else the user is a member of.
    Above(&'a Lineage),
    /// None: for what only operators may do, or everybody.
    None,
}

pub(crate) const STANDING: Sql = sql!(
    "SELECT u.operator, o.lineage, m.role FROM users u \
     LEFT JOIN organization_members m ON m.user_id = u.id AND m.status = 'active' \
     LEFT JOIN organizations o ON o.id = m.organization_id \
     WHERE u.id = $1 AND u.disabled = 0"
);
pub(crate) const STANDING_ALONE: Sql = sql!("SELECT operator, NULL, NULL FROM users WHERE id = $1 AND disabled = 0");
pub(crate) const LINEAGE: Sql = sql!("SELECT lineage FROM organizations WHERE id = $1");

#[expect(private_bounds, reason = "only this crate runs statements")]
impl<S: Session> Opening<S> {
    /// The standing of a user; `None` when there is no such user or it is disabled.
    pub async fn standing(&mut self, user: &UserId, memberships: Memberships<'_>) -> Result<Option<Standing>> {
        let rows = match memberships {
            Memberships::All => self.0.rows(STANDING, args![user.as_str()], standing_row).await?,
            Memberships::None => self.0.rows(STANDING_ALONE, args![user.as_str()], standing_row).await?,
            Memberships::Above(lineage) => {
                let line: Vec<String> = lineage.ids().map(str::to_owned).collect();
                let statement = standing_above(user, &line);
                self.0.rows(&statement, statement.args(), standing_row).await?
            }
        };
        let Some((operator, _)) = rows.first() else { return Ok(None) };
        let operator = *operator;
        Ok(Some(Standing { operator, memberships: rows.into_iter().filter_map(|(_, membership)| membership).collect() }))
    }

    /// Where an organization stands; `None` when there is none with that id.
    pub async fn lineage(&mut self, id: &OrganizationId) -> Result<Option<Lineage>> {
        self.0.row(LINEAGE, args![id.as_str()], |row| Ok(Lineage::parse(row.text(0)?)?)).await
    }
}

/// Asks for the standing of a user, with the memberships in the organizations of a line.
pub(crate) fn standing_above<'a>(user: &'a UserId, line: &'a [String]) -> Builder<'a> {
    let mut statement = Builder::default();
    statement.push("SELECT u.operator, o.lineage, m.role FROM users u LEFT JOIN organization_members m ON m.user_id = u.id");
    statement.push(" AND m.status = 'active' AND m.organization_id").bind_list(line);
    statement.push(" LEFT JOIN organizations o ON o.id = m.organization_id WHERE u.disabled = 0 AND u.id = ").bind(user.as_str());
    statement
}

fn standing_row(row: &Row<'_>) -> Result<(bool, Option<(Lineage, Role)>)> {
    let operator = row.bool(0)?;
    let Some(lineage) = row.text_or_null(1)? else { return Ok((operator, None)) };
    Ok((operator, Some((Lineage::parse(lineage)?, role(&row.text(2)?)?))))
}

/// The role of that name, as it is stored.
pub(crate) fn role(name: &str) -> Result<Role> {
    Role::from_name(name).ok_or_else(|| Error::Inconsistent(format!("{name:?} is not a role")))
}
