//! What was used and what it costs, as files of FOCUS, and the metadata beside them.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use umbel_api::{self as api, Code};
use umbel_domain::usage::EventWindow;
use umbel_domain::{Action, Day, OrganizationId, Timestamp};
use umbel_focus::metadata::{
    COST_AND_USAGE, Completeness, DataGenerator, DatasetInstance, Metadata, Recency, Schema, TimeSector,
};
use umbel_focus::{Version, Writer};
use umbel_store::organizations;

use crate::billing::{Billed, Of, Walk};
use crate::caller::{Caller, On, Recurring};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::Query;
use crate::reply::Reply;
use crate::settings::Providers;
use crate::stream::{FocusFile, Part, Parts};
use crate::wire;

/// Records of usage of a part, which one transaction reads.
const RECORDS_PER_PART: usize = 1_000;
/// The most days of metadata, each of which is told about.
const SECTORS_MAX: i64 = 3_660;

const ERRORS: &[Code] = &[Code::InvalidId, Code::InvalidParameter, Code::NotFound, Code::Forbidden, Code::TooExpensive];

pub(super) const EXPORT: About = About {
    summary: "Export the costs and usage of an organization as FOCUS",
    description: "What every account in the organization or below it used and what it cost, in the columns of FOCUS Cost and Usage, for as \
                  many days as you like. Usage that crosses a free allowance or a price tier on a day is a row for each price. Rows add up to \
                  the records of usage, to the last digit; what has no price is in no row. `from` and `to` are days that are both \
                  included; without them it is the month so far. Each part is authorized anew: an answer that cannot be finished breaks \
                  off, and is no complete HTTP message.",
    errors: ERRORS,
};

pub(super) const METADATA: About = About {
    summary: "Get the metadata of an export as FOCUS",
    description: "Who generates the data, what it is, its columns with types and digits, and for each day, at most 3,660, whether its rows \
                  may still change.",
    errors: ERRORS,
};

/// `GET /umbel/v1/organizations/{organization_id}/focus`
pub(super) async fn export(
    caller: Recurring,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ExportFocus>,
) -> Result<FocusFile> {
    let asked = (parameters.from.as_deref(), parameters.to.as_deref());
    let (first, last) = wire::usage::days(asked, Day::of(caller.now()), None)?;
    let format = wire::focus::format(parameters.format.unwrap_or_default());
    let version = wire::focus::version(parameters.version.unwrap_or_default());
    let name = format!("focus-{version}-of-organization-{id}-from-{first}-to-{last}");
    let (patience, providers) = (caller.patience(), caller.providers().clone());
    let writer = Writer::new(format, version, Vec::new()).map_err(|error| unwritten(&error))?;
    let walk = Walk::new(Of::Organization(id), first, last, None);
    let (pass, taken) = oneshot::channel();
    // It is taken from where it was just put.
    _ = pass.send(writer);
    FocusFile::begin(format, &name, patience, Export { caller, walk, providers, writer: taken, has_ended: false }).await
}

/// A file under way.
struct Export {
    caller: Recurring,
    walk: Walk,
    providers: Providers,
    /// Comes from whoever writes the part before.
    writer: oneshot::Receiver<Writer<Vec<u8>>>,
    has_ended: bool,
}

impl Parts for Export {
    async fn next(&mut self) -> Result<Option<Part>> {
        if self.has_ended {
            return Ok(None);
        }
        let caller = self.caller.caller().await?;
        let mut read = caller.read(Action::ReadBilling, self.walk.of().on()).await?;
        let records = self.walk.next(&mut read, RECORDS_PER_PART).await?;
        drop(read);
        self.has_ended = self.walk.has_ended();
        let (pass, taken) = oneshot::channel();
        let before = std::mem::replace(&mut self.writer, taken);
        let (providers, is_last) = (self.providers.clone(), self.has_ended);
        Ok(Some(tokio::spawn(async move {
            let lost = || Error::new(Code::Internal, "the part before was not written");
            let mut writer = before.await.map_err(|_| lost())?;
            // The threads that serve requests must not wait for it.
            let written = tokio::task::spawn_blocking(move || -> Result<_> {
                write(&mut writer, &records, &providers)?;
                if is_last {
                    return Ok((writer.finish().map_err(|error| unwritten(&error))?, None));
                }
                Ok((writer.take(), Some(writer)))
            });
            let (bytes, writer) = written.await.map_err(|_| lost())??;
            // Nobody waits for it when the client has left.
            _ = writer.map(|writer| pass.send(writer));
            Ok(Bytes::from(bytes))
        })))
    }
}

/// Writes the rows of records.
fn write(writer: &mut Writer<Vec<u8>>, records: &[Billed], providers: &Providers) -> Result<()> {
    for billed in records {
        let Some(price) = &billed.price else { continue };
        for part in billed.parts()? {
            wire::focus::row(billed, price, &part, providers, |row| writer.write(row)).map_err(|error| unwritten(&error))?;
        }
    }
    Ok(())
}

fn unwritten(error: &umbel_focus::Error) -> Error {
    Error::new(Code::Internal, format!("a row of FOCUS cannot be written: {error}"))
}

/// `GET /umbel/v1/organizations/{organization_id}/focus/metadata`
pub(super) async fn metadata(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::GetFocusMetadata>,
) -> Result<Reply<api::FocusMetadata>> {
    let asked = (parameters.from.as_deref(), parameters.to.as_deref());
    let now = caller.app.sources.now();
    let (first, last) = wire::usage::days(asked, Day::of(now), Some(SECTORS_MAX))?;
    let version = wire::focus::version(parameters.version.unwrap_or_default());
    let mut read = caller.read(Action::ReadBilling, On::Organization(&id)).await?;
    let organization = organizations::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("organization"))?;
    let window = EventWindow { now, days: caller.app.settings.usage_window_days };
    let time = |at: Timestamp| at.to_datetime().to_utc();
    let mut time_sectors = Vec::new();
    let mut day = first;
    while day <= last {
        let complete = day < window.forgotten();
        let changed = if complete { day.plus(i32::from(window.days) + 2).start() } else { now };
        let completeness = if complete { Completeness::Complete } else { Completeness::Open };
        let period = wire::focus::period(day, day.next()).map_err(|error| unwritten(&umbel_focus::Error::File(error)))?;
        time_sectors.push(TimeSector::new(period, completeness, time(changed)));
        day = day.next();
    }
    let (schema_id, dataset_id) = (schema_id(version), format!("{id}-cost-and-usage"));
    let generator = &caller.app.settings.providers.service_provider_name;
    let created = time(organization.create_time);
    let shown = Metadata {
        data_generator: DataGenerator { data_generator: generator },
        dataset_instance: [DatasetInstance {
            dataset_instance_id: &dataset_id,
            dataset_instance_name: &format!("Costs and usage of {}", organization.name.as_str()),
            focus_dataset_id: COST_AND_USAGE,
        }],
        schema: [Schema::new(&schema_id, &dataset_id, version, created, env!("CARGO_PKG_VERSION"))],
        recency: [Recency {
            dataset_instance_id: &dataset_id,
            dataset_instance_last_updated: time_sectors
                .iter()
                .map(|sector| sector.time_sector_last_updated)
                .max()
                .unwrap_or(created),
            recency_last_updated: time(now),
            time_sectors,
        }],
    };
    let shown = serde_json::to_value(&shown).and_then(serde_json::from_value);
    Ok(Reply::ok(shown.map_err(|error| Error::new(Code::Internal, format!("metadata cannot be written: {error}")))?))
}

/// The id of the columns of a version, another one when they change: a UUID of their names (RFC 9562, version 8).
fn schema_id(version: Version) -> String {
    let mut hash = Sha256::new();
    hash.update(version.as_str());
    for column in version.columns() {
        hash.update([0]);
        hash.update(column.name);
    }
    let mut bytes: Vec<u8> = hash.finalize()[..16].to_vec();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
