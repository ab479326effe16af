//! What is kept of earlier days, by which what was used is charged: where something stood, what it was called and what it paid in.

use umbel_domain::{AccountId, Currency, Day, Lineage, OrganizationId, Place};

use crate::placements::Stretch;
use crate::sql::{Sql, args, sql};
use crate::{Query, Result, Write, audit_streams, billing_currencies, placements};

/// Of what always was as it is, and is there, nothing else is kept than what it is.
const ALL: Sql = sql!(
    "SELECT place FROM placements WHERE place > $1 AND from_day > -719528 \
     UNION SELECT p.place FROM placements p WHERE p.place > $1 AND p.place >= '@' AND p.place < 'A' \
     AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = SUBSTR(p.place, 2)) \
     UNION SELECT id FROM departed_organizations WHERE id > $1 \
     UNION SELECT organization_id FROM billing_currencies WHERE organization_id > $1 AND from_day > -719528 \
     ORDER BY 1 LIMIT $2"
);

/// What is kept of an organization or an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct History {
    /// Of which one.
    pub(crate) of: Place,
    /// Where it stood, in the order of days; the first one from the beginning of time.
    pub(crate) stretches: Vec<Stretch>,
    /// What an organization paid in from which day on, in the order of days.
    pub(crate) currencies: Vec<(Day, Currency)>,
}

/// At most `size` of those of which more is kept than what they are, behind one of them, as texts; [`place`] reads them.
pub(crate) async fn all(query: &mut impl Query, after: &str, size: usize) -> Result<Vec<String>> {
    query.rows(ALL, args![after, size], |row| row.text(0)).await
}

/// An organization's id, or `@` and an account's.
pub(crate) fn text(of: &Place) -> String {
    match of {
        Place::Account(id) => format!("@{id}"),
        Place::Organization(id) => id.to_string(),
    }
}

/// Reads what [`text`] writes.
pub(crate) fn place(text: &str) -> Result<Place> {
    Ok(match text.strip_prefix('@') {
        Some(account) => Place::Account(AccountId::parse(account)?),
        None => Place::Organization(OrganizationId::parse(text)?),
    })
}

/// What is kept of an organization or an account, also when it is gone; `None` when there never was one.
pub(crate) async fn get(query: &mut impl Query, of: Place) -> Result<Option<History>> {
    let (stretches, currencies) = match &of {
        Place::Account(id) => (placements::of_account(query, id).await?, Vec::new()),
        Place::Organization(id) => {
            let currencies = billing_currencies::of(query, &[id.as_str()]).await?;
            let currencies = currencies.into_iter().map(|(_, from, currency)| (from, currency)).collect();
            (placements::of_organization(query, id).await?, currencies)
        }
    };
    Ok((!stretches.is_empty()).then_some(History { of, stretches, currencies }))
}

/// Writes what is kept of an organization or an account that has just been added, or that is gone.
pub(crate) async fn put(write: &mut Write, history: &History, is_gone: bool) -> Result<()> {
    match &history.of {
        Place::Account(_) => placements::replace(write, &text(&history.of), &history.stretches).await,
        Place::Organization(id) => {
            if let Some(last) = history.stretches.last().filter(|_| is_gone) {
                audit_streams::depart(write, id, &last.lineage).await?;
            }
            // Of an organization that was never moved its lineage says where it always stood.
            if history.stretches.len() > 1 {
                placements::replace(write, id.as_str(), &history.stretches).await?;
            }
            billing_currencies::replace(write, id, &history.currencies).await
        }
    }
}

/// Where something stood that stood below these organizations, from the root down.
pub(crate) fn lineage(of: &Place, above: &[OrganizationId]) -> Lineage {
    let holder = above.iter().fold(Lineage::server(), |lineage, id| lineage.child(id));
    match of {
        Place::Account(id) => holder.account(id),
        Place::Organization(id) => holder.child(id),
    }
}
