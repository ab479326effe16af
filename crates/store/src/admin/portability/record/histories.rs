//! The lines of what is kept of earlier days.

use serde::{Deserialize, Serialize};
use umbel_domain::{AccountId, Currency, Day, Name, OrganizationId, Place};

use super::Kind;
use crate::admin::portability::text::{NameOf, Object, Text};
use crate::histories::{History, lineage};
use crate::placements::Stretch;

/// Where an organization or an account stood, what it was called and what it paid in: what was used then is charged by that.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct HistoryRecord {
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<Text<AccountId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<Text<OrganizationId>>,
    places: Vec<Object<PlaceRecord>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_currencies: Option<Vec<Object<CurrencyRecord>>>,
}

/// Where it stood from a day on, below the organizations from the root down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceRecord {
    /// `null` for the beginning of time.
    from: Option<Text<Day>>,
    organization_ids: Vec<Text<OrganizationId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Text<NameOf<{ Name::LENGTH_MAX }>>>,
}

/// What it paid in from a day on.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CurrencyRecord {
    from: Option<Text<Day>>,
    currency: Text<Currency>,
}

impl HistoryRecord {
    /// What is kept, or which member is wrong with it and why.
    pub(in crate::admin::portability) fn into_row(self) -> Result<History, String> {
        let of = match (self.account_id, self.organization_id) {
            (Some(id), None) => Place::Account(id.0),
            (None, Some(id)) => Place::Organization(id.0),
            _ => return Err("give account_id or organization_id, one of them".into()),
        };
        let is_account = matches!(of, Place::Account(_));
        let mut stretches: Vec<Stretch> = Vec::new();
        for Object(place) in self.places {
            let above: Vec<OrganizationId> = place.organization_ids.into_iter().map(|id| id.0).collect();
            if place.name.is_some() && !is_account {
                return Err("places: an organization is called the same in all of its history; leave name out".into());
            }
            stretches.push(Stretch {
                lineage: lineage(&of, &above),
                first: day(place.from),
                end: Day::LAST,
                name: place.name.map(|name| name.0.0.as_str().to_owned()).unwrap_or_default(),
            });
        }
        if stretches.first().is_none_or(|first| first.first != Day::FIRST) || !stretches.is_sorted_by(|a, b| a.first < b.first) {
            return Err("places: they must be in the order of days, the first from null".into());
        }
        if is_account && self.billing_currencies.is_some() {
            return Err("billing_currencies: an account has none of its own".into());
        }
        let currency = |Object(record): Object<CurrencyRecord>| (day(record.from), record.currency.0);
        let currencies: Vec<_> = self.billing_currencies.unwrap_or_default().into_iter().map(currency).collect();
        if !currencies.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err("billing_currencies: they must be in the order of days".into());
        }
        Ok(History { of, stretches, currencies })
    }
}

impl From<History> for HistoryRecord {
    fn from(history: History) -> Self {
        let is_account = matches!(history.of, Place::Account(_));
        let place = |stretch: Stretch| {
            let above = if is_account { stretch.lineage.holder() } else { stretch.lineage.parent() };
            Object(PlaceRecord {
                from: from(stretch.first),
                organization_ids: above.ids().filter_map(|id| OrganizationId::parse(id).ok()).map(Text).collect(),
                name: Name::parse(&stretch.name, Name::LENGTH_MAX).ok().map(|name| Text(NameOf(name))),
            })
        };
        let currency = |(first, currency)| Object(CurrencyRecord { from: from(first), currency: Text(currency) });
        let currencies = history.currencies.into_iter().map(currency).collect();
        let (account_id, organization_id) = match history.of {
            Place::Account(id) => (Some(Text(id)), None),
            Place::Organization(id) => (None, Some(Text(id))),
        };
        Self {
            kind: Kind::History,
            account_id,
            organization_id,
            places: history.stretches.into_iter().map(place).collect(),
            billing_currencies: (!is_account).then_some(currencies),
        }
    }
}

fn day(from: Option<Text<Day>>) -> Day {
    from.map_or(Day::FIRST, |day| day.0)
}

fn from(day: Day) -> Option<Text<Day>> {
    (day != Day::FIRST).then_some(Text(day))
}
