//! What has to be known to decide whether somebody may do something.

use umbel_domain::{AccountId, Actions, Lineage, OrganizationId, SessionId, UserId};

use crate::engine::{Row, Session};
use crate::organizations::LAST_LINEAGE;
use crate::roles::{resolve, roles};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Opening, Result};

/// Which active memberships of a user count. They are read anew in each transaction, never remembered.
#[derive(Debug, Clone, Copy)]
pub enum Memberships<'a> {
    /// All of them: for what is about everything that the user can see.
    All,
    /// Those at this place or above it: for what is about one organization, whatever else the user is a member of.
    Above(&'a Lineage),
    /// None: for what only operators may do, or everybody.
    None,
}

pub(crate) const OPERATOR: Sql = sql!("SELECT operator FROM users WHERE id = $1 AND disabled = 0");
/// With the slash behind it an id is looked for in an index that has the lineage too.
pub(crate) const MEMBERSHIPS: Sql = sql!(
    "SELECT o.lineage, m.role FROM organization_members m JOIN organizations o ON o.id || '/' = m.organization_id || '/' \
     WHERE m.user_id = $1 AND m.status = 'active' \
     UNION ALL SELECT a.lineage, m.roles FROM account_members m JOIN accounts a ON a.id || '/' = m.account_id || '/' \
     WHERE m.user_id = $1 AND m.status = 'active'"
);
pub(crate) const SESSION: Sql = sql!("SELECT 1 FROM sessions WHERE id = $1");
pub(crate) const LINEAGE: Sql = sql!("SELECT lineage FROM organizations WHERE id = $1");
pub(crate) const LINEAGE_OF_ACCOUNT: Sql = sql!("SELECT lineage FROM accounts WHERE id = $1");

#[expect(private_bounds, reason = "only this crate runs statements")]
impl<S: Session> Opening<S> {
    /// Whether a user is an operator; `None` when there is no such user or it is disabled.
    pub async fn operator(&mut self, user: &UserId) -> Result<Option<bool>> {
        self.0.row(OPERATOR, args![user.as_str()], |row| row.bool(0)).await
    }

    /// Whether a session has not been ended.
    pub async fn session_stands(&mut self, id: &SessionId) -> Result<bool> {
        Ok(self.0.row(SESSION, args![id.as_str()], |_| Ok(())).await?.is_some())
    }

    /// Where a user is an active member, and what their roles allow there.
    pub async fn memberships(&mut self, user: &UserId, which: Memberships<'_>) -> Result<Vec<(Lineage, Actions)>> {
        let places = match which {
            Memberships::All => {
                let read = |row: &Row<'_>| Ok((Lineage::parse(row.text(0)?)?, roles(row.text_ref(1)?)?));
                self.0.rows(MEMBERSHIPS, args![user.as_str()], read).await?
            }
            Memberships::None => Vec::new(),
            Memberships::Above(lineage) => {
                let statement = memberships_above(user, lineage);
                let read = |row: &Row<'_>| Ok((row.text(0)?, roles(row.text_ref(1)?)?));
                let places = self.0.rows(&statement, statement.args(), read).await?;
                places.into_iter().filter_map(|(id, roles)| Some((lineage.up_to(&id)?, roles))).collect()
            }
        };
        let held = places.into_iter().flat_map(|(place, roles)| roles.into_iter().map(move |role| (place.clone(), role)));
        let allowed = resolve(&mut self.0, held.collect()).await?;
        Ok(allowed.into_iter().map(|(place, _, actions)| (place, actions)).collect())
    }

    /// Where an account stands; `None` when there is none with that id.
    pub async fn lineage_of_account(&mut self, id: &AccountId) -> Result<Option<Lineage>> {
        self.0.row(LINEAGE_OF_ACCOUNT, args![id.as_str()], |row| Ok(Lineage::parse(row.text(0)?)?)).await
    }

    /// Where an organization stands, or stood last before it was deleted; `None` when there never was one with that id.
    pub async fn last_lineage(&mut self, id: &OrganizationId) -> Result<Option<Lineage>> {
        self.0.row(LAST_LINEAGE, args![id.as_str()], |row| Ok(Lineage::parse(row.text(0)?)?)).await
    }

    /// Where an organization stands; `None` when there is none with that id.
    pub async fn lineage(&mut self, id: &OrganizationId) -> Result<Option<Lineage>> {
        self.0.row(LINEAGE, args![id.as_str()], |row| Ok(Lineage::parse(row.text(0)?)?)).await
    }
}

/// Asks for the memberships of a user in the organizations of a line, and in an account at its end.
///
/// `CROSS JOIN` has SQLite look each of them up by itself, for the user may be a member of very many. The line is not padded: there
/// are as many texts as there are levels in the trees, and each id costs a look into the index.
pub(crate) fn memberships_above<'a>(user: &'a UserId, lineage: &'a Lineage) -> Builder<'a> {
    let mut statement = Builder::default();
    for (at, id) in lineage.ids().enumerate() {
        statement.push(if at == 0 { "WITH asked (id) AS (VALUES (" } else { "), (" }).bind(id);
    }
    // An account that stands alone has no line above it.
    let stands_alone = lineage.id().is_none();
    if !stands_alone {
        statement.push(")) SELECT m.organization_id, m.role FROM asked CROSS JOIN organization_members m WHERE m.user_id = ");
        statement.bind(user.as_str()).push(" AND m.organization_id = asked.id AND m.status = 'active'");
    }
    if let Some(account) = lineage.account_id() {
        statement.push(if stands_alone { "" } else { " UNION ALL " });
        statement.push("SELECT '@' || account_id, roles FROM account_members WHERE status = 'active' AND user_id = ");
        statement.bind(user.as_str()).push(" AND account_id = ").bind(account);
    }
    statement
}
