//! The audit log in one answer, however long it is.

use bytes::Bytes;
use umbel_api::{self as api, Code, ExportFormat};
use umbel_domain::audit::{Query as Ask, Record};
use umbel_domain::{AccountId, OrganizationId};
use umbel_store::audit_log::Log;

use super::audit_log::{Place, page, read};
use crate::caller::{Caller, On, Pace};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::Query;
use crate::stream::{Part, Parts, Stream};
use crate::wire;

/// Entries that one transaction reads.
const ENTRIES_PER_READ: usize = 512;

const ERRORS: &[Code] = &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden, Code::TooExpensive];

pub(super) const OF_ORGANIZATION: About = About {
    summary: "Export the audit log of an organization",
    description: "Every entry of a span of time that passes the filters, which are those of the list, in one answer. It is read page \
                  by page, each authorized anew: an answer that cannot be finished breaks off, and is no complete HTTP message. In CSV \
                  a cell that a spreadsheet would take for a formula has an apostrophe in front.",
    errors: ERRORS,
};

pub(super) const OF_ACCOUNT: About = About {
    summary: "Export the audit log of an account",
    description: "What was about the account, in whichever organization it was at the time. The same as for an organization.",
    errors: ERRORS,
};

pub(super) const OF_SERVER: About = About {
    summary: "Export the audit log of the server",
    description: "What belongs to no organization. For operators; the same as for an organization.",
    errors: &[Code::InvalidParameter, Code::Forbidden, Code::TooExpensive],
};

type Entries = Stream<api::AuditEntry>;

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/export`
pub(super) async fn of_organization(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query((descendants, (parameters, filters))): Query<(api::AuditDescendants, (api::ExportAuditLog, api::AuditFilters))>,
) -> Result<Entries> {
    begin(caller, Of::Organization(id, descendants), parameters, filters).await
}

/// `GET /umbel/v1/accounts/{account_id}/logs/audit/export`
pub(super) async fn of_account(
    caller: Caller,
    Id(id): Id<AccountId>,
    Query((parameters, filters)): Query<(api::ExportAuditLog, api::AuditFilters)>,
) -> Result<Entries> {
    begin(caller, Of::Account(id), parameters, filters).await
}

/// `GET /umbel/v1/logs/audit/export`
pub(super) async fn of_server(
    caller: Caller,
    Query((parameters, filters)): Query<(api::ExportAuditLog, api::AuditFilters)>,
) -> Result<Entries> {
    begin(caller, Of::Server, parameters, filters).await
}

async fn begin(caller: Caller, of: Of, parameters: api::ExportAuditLog, filters: api::AuditFilters) -> Result<Entries> {
    let ask = wire::audit_log::audit_query(parameters.since, parameters.before, parameters.direction, filters)?;
    let format = parameters.format.unwrap_or_default();
    let name = of.file_name();
    Stream::begin(&caller.clone(), format, &name, Export { caller, of, ask, format, next: Next::First }).await
}

/// Whose log is exported.
enum Of {
    Organization(OrganizationId, api::AuditDescendants),
    Account(AccountId),
    Server,
}

impl Of {
    fn log(&self) -> (On<'_>, Log<'_>) {
        match self {
            Self::Organization(id, _) => (On::Organization(id), Log::Organization(id)),
            Self::Account(id) => (On::Account(id), Log::Account(id)),
            Self::Server => (On::Server, Log::Server),
        }
    }

    fn descendants(&self) -> api::AuditDescendants {
        match self {
            Self::Organization(_, descendants) => descendants.clone(),
            Self::Account(_) | Self::Server => api::AuditDescendants::default(),
        }
    }

    fn file_name(&self) -> String {
        match self {
            Self::Organization(id, _) => format!("audit-log-of-organization-{id}"),
            Self::Account(id) => format!("audit-log-of-account-{id}"),
            Self::Server => "audit-log-of-server".to_owned(),
        }
    }
}

/// An export under way.
struct Export {
    caller: Caller,
    of: Of,
    ask: Ask,
    format: ExportFormat,
    next: Next,
}

/// What an export has to read next.
enum Next {
    First,
    After(Place),
    Nothing,
}

impl Parts for Export {
    async fn next(&mut self, place: umbel_store::Place) -> Result<Option<Part>> {
        let after = match &self.next {
            Next::First => None,
            Next::After(last) => Some(last),
            Next::Nothing => return Ok(None),
        };
        let caller = &self.caller;
        let (on, log) = self.of.log();
        let mut read = read(caller, Pace::Apart(place), on, log).await?;
        let page = page(&mut read, log, &self.of.descendants(), &self.ask, after, ENTRIES_PER_READ).await?;
        drop(read);
        let head = match (self.format, after) {
            (ExportFormat::Csv, None) => wire::audit_table::head().map_err(|error| unwritten(&error))?,
            _ => Vec::new(),
        };
        self.next = match page.items.last().filter(|_| page.more) {
            Some(last) => Next::After((last.at, last.id.clone())),
            None => Next::Nothing,
        };
        let format = self.format;
        // Meanwhile the next ones are read.
        let part = tokio::task::spawn_blocking(move || written(head, &page.items, format).map(Bytes::from));
        Ok(Some(part))
    }
}

/// Appends entries as they stand in an export.
fn written(bytes: Vec<u8>, records: &[Record], format: ExportFormat) -> Result<Vec<u8>> {
    match format {
        ExportFormat::Ndjson => wire::audit_log::lines(bytes, records).map_err(|error| unwritten(&error)),
        ExportFormat::Csv => wire::audit_table::rows(bytes, records).map_err(|error| unwritten(&error)),
    }
}

fn unwritten(error: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Internal, format!("an entry of the audit log cannot be written: {error}"))
}
