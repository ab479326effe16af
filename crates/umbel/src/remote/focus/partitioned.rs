//! A file for each day, in the layout of Hive, and the metadata beside them.

use std::collections::BTreeMap;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use serde::Serialize;
use serde_json::Value;
use umbel_client::api::{FocusMetadata, GetFocusMetadata};

use super::place::{Opened, Place};
use super::{Export, Format, Server};
use crate::bar::Bar;
use crate::{Result, print};

/// Parts of a file that are on their way at once.
const PARTS_MAX: usize = 4;

/// What was written.
#[derive(Serialize)]
struct Written {
    place: String,
    files: usize,
    bytes: usize,
}

/// Writes all files of some days, and then the metadata, so that it never tells of what is not there.
pub(super) async fn export(export: &Export, server: &Server, place: &Place) -> Result {
    let format = export.format.unwrap_or(Format::Parquet);
    let version = export.focus_version;
    let asked = GetFocusMetadata { from: export.from.clone(), to: export.to.clone(), version: Some(version.into()) };
    let metadata = server.client.focus_metadata(&export.organization, &asked).await?;
    let Opened { store, prefix } = place.open()?;
    let folder = format!("{prefix}focus/v{}/cost_and_usage", version.text());
    let documents = Documents { store: &*store, folder: format!("{folder}/metadata") };
    let recency = documents.going_on(&metadata).await?;
    let mut written = Written { place: place.to_string(), files: 0, bytes: 0 };
    let bar = Bar::of_bytes("exporting");
    for day in days(&metadata)? {
        let month = day.get(..7).unwrap_or_default();
        let path = Path::from(format!("{folder}/billing_period={month}/day={day}/part-0.{}", format.end()));
        written.bytes += write(export, server, (&*store, &path), (format, day), &bar).await?;
        written.files += 1;
    }
    documents.write(&metadata, &recency).await?;
    drop(bar);
    server.show(&written, |written| {
        format!("files written to {}: {} of {} bytes\n", print::escaped(&written.place), written.files, written.bytes)
    })
}

/// The days that metadata is about.
fn days(metadata: &FocusMetadata) -> Result<Vec<&str>> {
    fn day(sector: &Value) -> Option<&str> {
        sector["TimeSectorStart"].as_str().and_then(|start| start.get(..10))
    }
    let sectors = metadata.recency[0]["TimeSectors"].as_array().ok_or("the metadata of the server names no days")?;
    let days: Option<Vec<&str>> = sectors.iter().map(day).collect();
    Ok(days.ok_or("the metadata of the server names a day that is none")?)
}

/// Writes the file of a day, which is there when it is complete; returns its bytes.
async fn write(
    export: &Export,
    server: &Server,
    (store, path): (&dyn ObjectStore, &Path),
    (format, day): (Format, &str),
    bar: &Bar,
) -> Result<usize> {
    let unwritten = |error: object_store::Error| format!("cannot write {path}: {error}");
    let asked = export.asked(format, (Some(day.to_owned()), Some(day.to_owned())));
    let mut answer = server.client.export_focus(&export.organization, &asked).await?;
    let mut file = WriteMultipart::new(store.put_multipart(path).await.map_err(unwritten)?);
    let mut written = 0;
    loop {
        let bytes = match answer.next().await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => break,
            Err(error) => {
                // What could not be finished is no file; that it cannot be cleared away is nothing that is still to be told.
                _ = file.abort().await;
                return Err(error.into());
            }
        };
        file.wait_for_capacity(PARTS_MAX).await.map_err(unwritten)?;
        file.write(&bytes);
        bar.advance(bytes.len());
        written += bytes.len();
    }
    file.finish().await.map_err(unwritten)?;
    Ok(written)
}

/// The documents beside the files.
struct Documents<'a> {
    store: &'a dyn ObjectStore,
    folder: String,
}

impl Documents<'_> {
    /// How recent everything is that is there when the files are written: what was known of other days stays. Refused where another
    /// organization has its files.
    async fn going_on(&self, metadata: &FocusMetadata) -> Result<Value> {
        let mut recency = metadata.recency.clone();
        let Some(known) = self.read("recency").await? else { return Ok(recency) };
        if known[0]["DatasetInstanceId"] != recency[0]["DatasetInstanceId"] {
            let whose = known[0]["DatasetInstanceId"].to_string();
            return Err(format!("there are files of {} already: give another place", print::escaped(&whose)).into());
        }
        let sectors = |of: &Value| of[0]["TimeSectors"].as_array().cloned().unwrap_or_default();
        let start = |sector: Value| (sector["TimeSectorStart"].as_str().unwrap_or_default().to_owned(), sector);
        let all: BTreeMap<String, Value> = sectors(&known).into_iter().chain(sectors(&recency)).map(start).collect();
        recency[0]["TimeSectors"] = all.into_values().collect();
        Ok(recency)
    }

    async fn write(&self, metadata: &FocusMetadata, recency: &Value) -> Result {
        let documents = [
            ("data_generator", &metadata.data_generator),
            ("dataset_instance", &metadata.dataset_instance),
            ("schema", &metadata.schema),
            ("recency", recency),
        ];
        for (name, document) in documents {
            let path = self.path(name);
            let payload = PutPayload::from(serde_json::to_vec_pretty(document)?);
            self.store.put(&path, payload).await.map_err(|error| format!("cannot write {path}: {error}"))?;
        }
        Ok(())
    }

    async fn read(&self, name: &str) -> Result<Option<Value>> {
        let path = self.path(name);
        let unread = |error: object_store::Error| format!("cannot read {path}: {error}");
        let found = match self.store.get(&path).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(unread)?,
        };
        let bytes = found.bytes().await.map_err(unread)?;
        Ok(Some(serde_json::from_slice(&bytes).map_err(|error| format!("{path} is no metadata: {error}"))?))
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}.json", self.folder))
    }
}
