//! Usage and its cost in the words of FOCUS.

use umbel_api as api;
use umbel_domain::{Day, Invalid, Timestamp};

use crate::billing::{Costs, Sum};
use crate::error::{Error, Result};
use crate::query::invalid;

/// Shows what something cost.
pub(crate) fn cost(sum: Sum) -> api::Cost {
    let Costs { list, contracted, billed } = sum.costs;
    let (account_id, account_name) = sum.account.map(|(id, name)| (id.to_string(), name.to_string())).unzip();
    let (organization_id, organization_name) = sum.organization.unzip();
    let metric = sum.metric.as_ref();
    api::Cost {
        day: sum.day.map(|day| day.to_string()),
        account_id,
        account_name,
        organization_id,
        organization_name: organization_name.flatten(),
        metric_id: metric.map(|metric| metric.id.to_string()),
        metric_name: metric.map(|metric| metric.name.as_str().to_owned()),
        service: sum.service,
        currency: sum.currency.code().to_owned(),
        list_cost: list.to_string(),
        contracted_cost: contracted.to_string(),
        billed_cost: billed.to_string(),
    }
}

/// The day, in UTC, of a date or a time.
fn day(text: &str) -> std::result::Result<Day, Invalid> {
    let moment = api::Moment::parse(text);
    let moment =
        moment.ok_or_else(|| Invalid("must be a date like `2026-01-02` or a time like `2026-01-02T03:04:05Z`".into()))?;
    Timestamp::from_datetime(moment.0).map(Day::of)
}

/// The first and the last day that are asked for, `from` one `to` another: both of them or none, for the month so far, and at most so many.
pub(crate) fn days((from, to): (Option<&str>, Option<&str>), today: Day, max: Option<i64>) -> Result<(Day, Day)> {
    let day = |name: &str, text: &str| day(text).map_err(|reason| invalid(name, &reason.0));
    let (first, last) = match (from, to) {
        (None, None) => return Ok((today.month_start(), today)),
        (Some(_), None) => return Err(invalid("to", "is missing: from needs it")),
        (None, Some(_)) => return Err(invalid("from", "is missing: to needs it")),
        (Some(from), Some(to)) => match (day("from", from), day("to", to)) {
            (Ok(first), Ok(last)) => (first, last),
            (first, last) => return Err(Error::all([first.err(), last.err()].into_iter().flatten().collect())),
        },
    };
    if last < first {
        return Err(invalid("to", "must not be before from"));
    }
    if last == Day::LAST {
        return Err(invalid("to", "must be a day that another one follows"));
    }
    match max {
        Some(max) if last.number() - first.number() >= max => {
            Err(invalid("to", &format!("must be at most {} days after from", max - 1)))
        }
        _ => Ok((first, last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(from: Option<&str>, to: Option<&str>) -> Option<(String, String)> {
        let (first, last) = days((from, to), Day::parse("2026-03-15").unwrap(), Some(31)).ok()?;
        Some((first.to_string(), last.to_string()))
    }

    #[test]
    fn thirty_one_days_can_be_asked_for_and_the_month_so_far_by_default() {
        assert_eq!(asked(Some("9999-12-31"), Some("9999-12-31")), None);
        let days = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(asked(None, None), days("2026-03-01", "2026-03-15"));
        assert_eq!(asked(Some("2026-01-01"), Some("2026-01-31")), days("2026-01-01", "2026-01-31"));
        assert_eq!(asked(Some("2026-01-01T23:59:59-01:00"), Some("2026-01-02")), days("2026-01-02", "2026-01-02"));
        for (from, to) in [
            (Some("2026-01-01"), None),
            (None, Some("2026-01-01")),
            (Some("2026-01-01"), Some("2026-02-01")),
            (Some("2026-01-02"), Some("2026-01-01")),
            (Some("yesterday"), Some("2026-01-01")),
        ] {
            assert_eq!(asked(from, to), None, "{from:?} {to:?}");
        }
    }
}
