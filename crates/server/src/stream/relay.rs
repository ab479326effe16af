//! A writer that goes from part to part.

use bytes::Bytes;
use tokio::sync::oneshot;
use umbel_api::Code;

use super::Part;
use crate::error::{Error, Result};

/// What writes the parts of an answer, each when the one before it is written.
pub(crate) struct Relay<W>(oneshot::Receiver<W>);

impl<W: Send + 'static> Relay<W> {
    /// Begins with the first part.
    pub(crate) fn new(writer: W) -> Self {
        let (pass, taken) = oneshot::channel();
        // It is taken from where it was just put.
        _ = pass.send(writer);
        Self(taken)
    }

    /// Writes the next part on a thread for blocking work, which returns the writer as long as more parts may come.
    pub(crate) fn part(&mut self, write: impl FnOnce(W) -> Result<(Bytes, Option<W>)> + Send + 'static) -> Part {
        let (pass, taken) = oneshot::channel();
        let before = std::mem::replace(&mut self.0, taken);
        tokio::spawn(async move {
            let writer = before.await.map_err(|_| Error::new(Code::Internal, "the part before was not written"))?;
            let written = tokio::task::spawn_blocking(|| write(writer)).await;
            let (bytes, writer) = written.map_err(|_| Error::new(Code::Internal, "a part of an answer was not written"))??;
            // Nobody waits for it when the client has left.
            _ = writer.map(|writer| pass.send(writer));
            Ok(bytes)
        })
    }
}
