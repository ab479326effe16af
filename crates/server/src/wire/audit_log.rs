//! Entries of the audit log, and what can be asked of it.

use serde_json::value::RawValue;
use umbel_api::{self as api, Code, Moment};
use umbel_domain::audit::{Direction, Erasure, ErasureState, Field, Filter, FilterBy, Mode, Query, Record, Retention};
use umbel_domain::{AuditEntryId, Timestamp};
use umbel_store::audit_retention::Deleted;

use crate::error::{Error, Result};
use crate::query::invalid;
use crate::wire::rfc_3339;

/// Shows an entry.
pub(crate) fn audit_entry(record: &Record) -> api::AuditEntry {
    let text = |field| record.fields.get(field).cloned();
    let place = |id: String| api::AuditPlace { id };
    api::AuditEntry {
        id: record.id.to_string(),
        account: record.account.as_ref().map(ToString::to_string).map(place),
        action: api::AuditAction {
            description: text(Field::ActionDescription),
            result: text(Field::ActionResult),
            time: record.at.to_datetime(),
            action_type: text(Field::ActionType),
        },
        actor: api::AuditActor {
            id: text(Field::ActorId),
            context: text(Field::ActorContext),
            email: text(Field::ActorEmail),
            ip_address: text(Field::ActorIpAddress),
            token_id: text(Field::ActorTokenId),
            token_name: text(Field::ActorTokenName),
            actor_type: text(Field::ActorType),
        },
        organization: record.log.as_ref().map(ToString::to_string).map(place),
        raw: api::AuditRaw {
            cf_ray_id: text(Field::RawCfRayId),
            method: text(Field::RawMethod),
            status_code: record.fields.get(Field::RawStatusCode).and_then(|status| status.parse().ok()),
            uri: text(Field::RawUri),
            user_agent: text(Field::RawUserAgent),
        },
        resource: api::AuditResource {
            id: text(Field::ResourceId),
            product: text(Field::ResourceProduct),
            request: record.bodies.request.as_deref().and_then(json),
            response: record.bodies.response.as_deref().and_then(json),
            scope: record.fields.get(Field::ResourceScope).and_then(|scope| json(scope)),
            resource_type: text(Field::ResourceType),
        },
    }
}

/// Shows how long an audit log is kept.
pub(crate) fn audit_retention(retention: Retention) -> api::AuditRetention {
    api::AuditRetention { retention_days: retention.days.map(i64::from), hold: retention.hold }
}

/// Shows an erasure, without the address that it was ordered for.
pub(crate) fn audit_erasure(erasure: &Erasure) -> api::AuditErasure {
    api::AuditErasure {
        id: erasure.id.to_string(),
        user_id: erasure.subject.user_id.as_ref().map(ToString::to_string),
        status: match erasure.state {
            ErasureState::Entries { .. } | ErasureState::Words => api::AuditErasureStatus::Running,
            ErasureState::Done => api::AuditErasureStatus::Done,
        },
        erased: erasure.erased,
        create_time: erasure.create_time.to_datetime(),
        done_time: erasure.done_time.map(Timestamp::to_datetime),
    }
}

/// What is written down of an erasure that is done: JSON.
pub(crate) fn audit_erasure_done(erasure: &Erasure) -> String {
    serde_json::json!({"erased": erasure.erased}).to_string()
}

/// What is written down of entries that are deleted: JSON.
pub(crate) fn audit_deletion(deleted: Deleted) -> String {
    serde_json::json!({"entries": deleted.entries, "first": deleted.first, "to": rfc_3339(deleted.to)}).to_string()
}

/// Appends entries as they are listed, a line each.
pub(crate) fn lines(mut bytes: Vec<u8>, records: &[Record]) -> serde_json::Result<Vec<u8>> {
    for record in records {
        serde_json::to_writer(&mut bytes, &audit_entry(record))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// What is stored as JSON, as it is.
fn json(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(text.to_owned()).ok()
}

/// Reads what is asked of the audit log.
pub(crate) fn audit_query(
    since: Moment,
    before: Moment,
    direction: Option<api::Direction>,
    filters: api::AuditFilters,
) -> Result<Query> {
    let (since, before) = (moment("since", since)?, moment("before", before)?);
    if since >= before {
        return Err(invalid("before", "must be later than since"));
    }
    let direction = match direction {
        Some(api::Direction::Ascending) => Direction::Ascending,
        Some(api::Direction::Descending) | None => Direction::Descending,
    };
    let filters = filters.0.into_iter().map(audit_filter).collect::<Result<_>>()?;
    Ok(Query { since, before, direction, filters })
}

/// Reads a point in time that the parameter `name` gives.
pub(crate) fn moment(name: &str, moment: Moment) -> Result<Timestamp> {
    Timestamp::from_datetime(moment.0).map_err(|reason| invalid(name, &reason.0))
}

fn audit_filter(filter: api::AuditFilter) -> Result<Filter> {
    let mode = if filter.excluding { Mode::Excluding } else { Mode::Including };
    let (by, values) = if filter.name == "id" {
        // As in a path, a UUID in its dashed form is the same id.
        let plain = |id: String| AuditEntryId::parse(&id).map_or(id, |id| id.to_string());
        (FilterBy::Id, filter.values.into_iter().map(plain).collect())
    } else {
        let field = Field::from_name(filter.name);
        let field = field.ok_or_else(|| Error::new(Code::Internal, format!("there is no field for {}", filter.name)))?;
        let values = filter.values;
        // A scope is stored as JSON.
        let values =
            if field == Field::ResourceScope { values.iter().map(|word| format!("\"{word}\"")).collect() } else { values };
        (FilterBy::Field(field), values)
    };
    Ok(Filter { by, mode, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_has_a_field() {
        for name in api::AuditFilters::names() {
            let name = name.trim_end_matches(".not");
            assert!(name == "id" || Field::from_name(name).is_some(), "{name}");
        }
        assert_eq!(api::AuditFilters::names().count(), 36);
    }
}
