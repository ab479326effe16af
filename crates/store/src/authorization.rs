//! What has to be known to decide whether somebody may do something.

use umbel_domain::{Lineage, OrganizationId, Role, UserId};

use crate::engine::{Row, Session};
use crate::sql::{Sql, args, sql};
use crate::{Error, Opening, Result};

/// What counts of a user for what they may do: read anew in each transaction, never remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether they are an operator.
    pub operator: bool,
    /// Their active memberships.
    pub memberships: Vec<(Lineage, Role)>,
}

pub(crate) const STANDING: Sql = sql!(
    "SELECT u.operator, o.lineage, m.role FROM users u \
     LEFT JOIN organization_members m ON m.user_id = u.id AND m.status = 'active' \
     LEFT JOIN organizations o ON o.id = m.organization_id \
     WHERE u.id = $1 AND u.disabled = 0"
);
pub(crate) const LINEAGE: Sql = sql!("SELECT lineage FROM organizations WHERE id = $1");

#[expect(private_bounds, reason = "only this crate runs statements")]
impl<S: Session> Opening<S> {
    /// The standing of a user; `None` when there is no such user or it is disabled.
    pub async fn standing(&mut self, user: &UserId) -> Result<Option<Standing>> {
        let rows = self.0.rows(STANDING, args![user.as_str()], standing_row).await?;
        let Some((operator, _)) = rows.first() else { return Ok(None) };
        let operator = *operator;
        Ok(Some(Standing { operator, memberships: rows.into_iter().filter_map(|(_, membership)| membership).collect() }))
    }

    /// Where an organization stands; `None` when there is none with that id.
    pub async fn lineage(&mut self, id: &OrganizationId) -> Result<Option<Lineage>> {
        self.0.row(LINEAGE, args![id.as_str()], |row| Ok(Lineage::parse(row.text(0)?)?)).await
    }
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
