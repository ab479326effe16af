//! Checking lines of what is kept of earlier days.

use std::collections::HashMap;

use umbel_domain::{Currency, Lineage, Place};

use super::references::Known;
use super::{Additions, BadLines, DEPTH_MAX, Line, Seen};
use crate::admin::portability::record::HistoryRecord;
use crate::histories::{self, History};
use crate::{Result, Write};

pub(super) async fn check(
    write: &mut Write,
    lines: Vec<Line<HistoryRecord>>,
    known: &mut Known,
    additions: &mut Additions,
    bad: &mut BadLines,
) -> Result<()> {
    let mut seen = Seen::new();
    for Line { number, record } in lines {
        let history = match record.into_row() {
            Ok(history) => history,
            Err(reason) => {
                bad.add(number, reason);
                continue;
            }
        };
        let what = || match &history.of {
            Place::Account(id) => format!("history of account {id}"),
            Place::Organization(id) => format!("history of organization {id}"),
        };
        let place = histories::text(&history.of);
        if !seen.first(place.clone(), number, bad, what) {
            continue;
        }
        let line = Line { number, record: HistoryRecord::from(history.clone()) };
        let stored = histories::get(write, history.of.clone()).await?;
        if let Some(stranger) = stranger(&history) {
            bad.add(number, format!("places: {stranger}"));
        } else if additions.is_new(&line, stored.map(Into::into), bad, what) {
            known.come.insert(place.clone());
            additions.histories.push((number, history));
        }
        known.gone.insert(place);
    }
    present(additions, known, bad);
    Ok(())
}

/// What nothing can have stood like: too deep, or below itself.
fn stranger(history: &History) -> Option<String> {
    history.stretches.iter().find_map(|stretch| {
        let mut ids: Vec<&str> = stretch.lineage.ids().collect();
        let depth = ids.len();
        ids.sort_unstable();
        ids.dedup();
        if depth > DEPTH_MAX {
            return Some(format!("a tree has at most {DEPTH_MAX} levels"));
        }
        (ids.len() < depth).then(|| "nothing stands below itself".to_owned())
    })
}

/// Notes what comes with this file and is still there, the history of which must end with what its own line says.
fn present(additions: &Additions, known: &mut Known, bad: &mut BadLines) {
    let mut present: HashMap<String, (&Lineage, Option<&str>, Option<Currency>)> = HashMap::new();
    for one in &additions.organizations {
        present.insert(one.id.to_string(), (&one.lineage, None, Some(one.billing_currency)));
    }
    for one in &additions.accounts {
        present.insert(format!("@{}", one.id), (&one.lineage, Some(one.name.as_str()), None));
    }
    for (number, history) in &additions.histories {
        let Some((lineage, name, currency)) = present.get(&histories::text(&history.of)) else { continue };
        let last = history.stretches.last();
        let paid = history.currencies.last().map_or(Currency::USD, |(_, currency)| *currency);
        let agrees = last.is_some_and(|last| &&last.lineage == lineage && name.is_none_or(|name| name == last.name));
        if !agrees {
            bad.add(*number, "places: the last one must be where it stands, with its name");
        } else if currency.is_some_and(|currency| currency != paid) {
            bad.add(*number, "billing_currencies: the last one must be what it pays in");
        }
    }
    for place in present.into_keys() {
        known.gone.remove(&place);
        known.come.insert(place);
    }
}
