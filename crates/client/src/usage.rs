//! Recording usage.

use reqwest::Method;
use umbel_api::RecordedEvent;

use crate::{Client, Error};

/// The media type of a batch of events.
const BATCH: &str = "application/cloudevents-batch+json";

impl Client {
    /// Records a batch of events, a JSON array of CloudEvents, and tells what became of each. It can be sent again: an event counts
    /// once.
    pub async fn record_usage(&self, batch: Vec<u8>) -> Result<Vec<RecordedEvent>, Error> {
        self.call(Method::POST, &["umbel", "v1", "usage", "events"]).bytes(BATCH, batch).result().await
    }
}
