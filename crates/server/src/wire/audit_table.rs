//! Entries of the audit log as a table.

use time::format_description::well_known::Rfc3339;
use umbel_domain::audit::{Field, Record};
use umbel_domain::{AccountId, OrganizationId};

use crate::stream::Table;

/// What stands in a cell.
enum Cell {
    Id,
    Time,
    Account,
    Organization,
    Request,
    Response,
    Of(Field),
}

/// The columns, named after the members of an entry.
const COLUMNS: [(&str, Cell); 25] = [
    ("id", Cell::Id),
    ("action.time", Cell::Time),
    ("action.type", Cell::Of(Field::ActionType)),
    ("action.description", Cell::Of(Field::ActionDescription)),
    ("action.result", Cell::Of(Field::ActionResult)),
    ("actor.id", Cell::Of(Field::ActorId)),
    ("actor.type", Cell::Of(Field::ActorType)),
    ("actor.email", Cell::Of(Field::ActorEmail)),
    ("actor.context", Cell::Of(Field::ActorContext)),
    ("actor.ip_address", Cell::Of(Field::ActorIpAddress)),
    ("actor.token_id", Cell::Of(Field::ActorTokenId)),
    ("actor.token_name", Cell::Of(Field::ActorTokenName)),
    ("organization.id", Cell::Organization),
    ("account.id", Cell::Account),
    ("resource.id", Cell::Of(Field::ResourceId)),
    ("resource.product", Cell::Of(Field::ResourceProduct)),
    ("resource.type", Cell::Of(Field::ResourceType)),
    ("resource.scope", Cell::Of(Field::ResourceScope)),
    ("resource.request", Cell::Request),
    ("resource.response", Cell::Response),
    ("raw.cf_ray_id", Cell::Of(Field::RawCfRayId)),
    ("raw.method", Cell::Of(Field::RawMethod)),
    ("raw.status_code", Cell::Of(Field::RawStatusCode)),
    ("raw.uri", Cell::Of(Field::RawUri)),
    ("raw.user_agent", Cell::Of(Field::RawUserAgent)),
];

/// The names of the columns.
pub(crate) fn head() -> csv::Result<Vec<u8>> {
    let mut table = Table::behind(Vec::new());
    table.push(COLUMNS.iter().map(|(name, _)| *name))?;
    table.into_bytes()
}

/// Appends entries, a row each.
pub(crate) fn rows(bytes: Vec<u8>, records: &[Record]) -> csv::Result<Vec<u8>> {
    let mut table = Table::behind(bytes);
    for record in records {
        // A time of the database can be written.
        let time = record.at.to_datetime().format(&Rfc3339).unwrap_or_default();
        table.push(COLUMNS.iter().map(|(_, cell)| text(record, cell, &time).unwrap_or_default()))?;
    }
    table.into_bytes()
}

fn text<'r>(record: &'r Record, cell: &Cell, time: &'r str) -> Option<&'r str> {
    match cell {
        Cell::Id => Some(record.id.as_str()),
        Cell::Time => Some(time),
        Cell::Account => record.account.as_ref().map(AccountId::as_str),
        Cell::Organization => record.log.as_ref().map(OrganizationId::as_str),
        Cell::Request => record.bodies.request.as_deref(),
        Cell::Response => record.bodies.response.as_deref(),
        Cell::Of(field) => record.fields.get(*field).map(|text| &**text),
    }
}
