//! What was used and what it costs, as files of FOCUS, and the metadata beside them.

use sha2::{Digest, Sha256};
use umbel_api::{self as api, Code};
use umbel_domain::usage::EventWindow;
use umbel_domain::{Action, Day, Invoice, Month, OrganizationId, Timestamp};
use umbel_focus::metadata::{
    COST_AND_USAGE, Completeness, DataGenerator, DatasetInstance, Metadata, Recency, Schema, TimeSector,
};
use umbel_focus::{Version, Writer};
use umbel_store::Place;
use umbel_store::organizations;

use crate::billing::{Of, Records, Walk};
use crate::caller::{Caller, On, Pace};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::settings::Providers;
use crate::stream::{FocusFile, Part, Parts, Relay};
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
                  the records of usage, to the last digit; what has no price is in no row. What became known when a month was closed is a \
                  row of its own, a correction. With `billing_period` it is what is invoiced in a month: of one that is closed all rows of an \
                  invoice, which add up to its total with one for what it was rounded by. `from` and `to` are days that are both \
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
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ExportFocus>,
) -> Result<FocusFile> {
    let asked = (parameters.from.as_deref(), parameters.to.as_deref());
    let month = parameters.billing_period.as_deref().map(Month::parse).transpose();
    let (room, of) = (caller.app.room.clone(), Of::Organization(id.clone()));
    let (span, walk) = match month.map_err(|reason| invalid("billing_period", &reason.0))? {
        Some(_) if asked != (None, None) => return Err(invalid("billing_period", "stands in the place of from and to")),
        Some(month) => (format!("for-{month}"), Walk::of_period(room, of, month)),
        None => {
            let (first, last) = wire::usage::days(asked, Day::of(caller.app.sources.now()), None)?;
            (format!("from-{first}-to-{last}"), Walk::new(room, of, first, last, None))
        }
    };
    let format = wire::focus::format(parameters.format.unwrap_or_default());
    let version = wire::focus::version(parameters.version.unwrap_or_default());
    let name = format!("focus-{version}-of-organization-{id}-{span}");
    let providers = caller.app.settings.providers.clone();
    let writer = Writer::new(format, version, Vec::new()).map_err(|error| unwritten(&error))?;
    let writer = Relay::new(writer);
    FocusFile::begin(&caller.clone(), format, &name, Export { caller, walk, providers, writer, has_ended: false }).await
}

/// A file under way.
struct Export {
    caller: Caller,
    walk: Walk,
    providers: Providers,
    writer: Relay<Writer<Vec<u8>>>,
    has_ended: bool,
}

impl Parts for Export {
    async fn next(&mut self, place: Place) -> Result<Option<Part>> {
        if self.has_ended {
            return Ok(None);
        }
        let caller = &self.caller;
        let mut read = caller.read_on(Pace::Apart(place), Action::ReadBilling, &[(self.walk.on(), "")]).await?;
        let (records, invoices) = if self.walk.has_ended() {
            (Records::default(), self.walk.invoices(&mut read).await?)
        } else {
            (self.walk.next(&mut read, RECORDS_PER_PART).await?, Some(Vec::new()))
        };
        drop(read);
        // The invoices of a month come behind everything that is on them.
        self.has_ended = invoices.is_none() || (self.walk.has_ended() && !self.walk.is_of_period());
        let invoices = invoices.unwrap_or_default();
        let (providers, is_last) = (self.providers.clone(), self.has_ended);
        // Meanwhile the next ones are read.
        Ok(Some(self.writer.part(move |mut writer| {
            write(&mut writer, &records, &invoices, &providers)?;
            if is_last {
                return Ok((writer.finish().map_err(|error| unwritten(&error))?.into(), None));
            }
            Ok((writer.take().into(), Some(writer)))
        })))
    }
}

/// Writes the rows of records, and of what invoices were rounded by.
fn write(writer: &mut Writer<Vec<u8>>, records: &Records, invoices: &[Invoice], providers: &Providers) -> Result<()> {
    for billed in records.iter() {
        let Some(price) = billed.price else { continue };
        for part in billed.parts()? {
            wire::focus::row(&billed, price, &part, providers, |row| writer.write(row)).map_err(|error| unwritten(&error))?;
        }
    }
    for invoice in invoices {
        wire::focus::rounding(invoice, providers, |row| writer.write(row)).map_err(|error| unwritten(&error))?;
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
