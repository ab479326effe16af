//! Answers of any length.

use bytes::Bytes;

use crate::{Error, TIMEOUT};

/// An export under way.
#[derive(Debug)]
pub struct Export(reqwest::Response);

impl Export {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        Self(response)
    }

    /// The next bytes; `None` when everything was read. After an error what was read is not the whole.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        match tokio::time::timeout(TIMEOUT, self.0.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| Error::BrokenOff(error.to_string())),
            Err(_) => Err(Error::BrokenOff(format!("nothing came for {} seconds", TIMEOUT.as_secs()))),
        }
    }
}
