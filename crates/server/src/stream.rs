//! Answers of any length, made while they are sent.

mod csv;
mod relay;

use std::marker::PhantomData;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{iter, try_unfold};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use umbel_api::{Code, ExportFormat};
use umbel_focus::Format;
use umbel_store::Place;

pub(crate) use csv::Table;
pub(crate) use relay::Relay;

use crate::caller::Caller;
use crate::error::{Error, Result};

/// Parts that are made before the client has taken those before them.
const PARTS_AHEAD: usize = 1;

/// A part of an answer, which is written while the next one is read.
pub(crate) type Part = JoinHandle<Result<Bytes>>;

/// What makes an answer, part after part.
pub(crate) trait Parts: Send + 'static {
    /// The next part, which is made on a thread for blocking work, with a place for that; `None` at the end, and from then on.
    fn next(&mut self, place: Place) -> impl Future<Output = Result<Option<Part>>> + Send;
}

/// An answer of any length: NDJSON, each line a `U`, or CSV. It is made no faster than its client takes it.
pub(crate) struct Stream<U> {
    format: ExportFormat,
    file_name: String,
    body: Body,
    shows: PhantomData<fn() -> U>,
}

impl<U> Stream<U> {
    /// Begins an answer that clients may keep as the file `name`, without an ending. What goes wrong with its first part is answered as
    /// usual. Later nobody can be told any more: then the body breaks off, as it does when its client takes nothing for as long as a
    /// request may take.
    pub(crate) async fn begin(caller: &Caller, format: ExportFormat, name: &str, parts: impl Parts) -> Result<Self> {
        let file_name = format!("{name}.{}", format.name());
        Ok(Self { format, file_name, body: body(caller, parts).await?, shows: PhantomData })
    }
}

/// A list of any length, a `U`, in the envelope of every answer. It is made no faster than its client takes it.
pub(crate) struct Listing<U> {
    body: Body,
    shows: PhantomData<fn() -> U>,
}

impl<U> Listing<U> {
    /// What an answer has before its items.
    pub(crate) const HEAD: &[u8] = br#"{"success":true,"errors":[],"messages":[],"result":["#;
    /// What it has behind them.
    pub(crate) const FOOT: &[u8] = b"]}";

    /// Begins an answer of which the parts are all of the bytes. What goes wrong is told as by [`Stream::begin`].
    pub(crate) async fn begin(caller: &Caller, parts: impl Parts) -> Result<Self> {
        Ok(Self { body: body(caller, parts).await?, shows: PhantomData })
    }
}

impl<U> IntoResponse for Listing<U> {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.body).into_response()
    }
}

/// Waits for a place for the next part.
type Turn = Box<dyn Fn() -> BoxFuture<'static, Result<Place>> + Send + Sync>;

/// The body that parts make for a caller.
async fn body(caller: &Caller, parts: impl Parts) -> Result<Body> {
    let (patience, caller) = (caller.app.settings.request_timeout, caller.clone());
    let turn = move || {
        let caller = caller.clone();
        async move { caller.place().await }.boxed()
    };
    begun(patience, Box::new(turn), parts).await
}

/// The body that parts make, of which the first is there.
async fn begun(patience: Duration, turn: Turn, parts: impl Parts) -> Result<Body> {
    let (parts, first) = next(parts, turn().await?).await?;
    let first = match first {
        Some(part) => Some(written(part).await?),
        None => None,
    };
    let (made, taken) = mpsc::channel(PARTS_AHEAD);
    tokio::spawn(make(parts, turn, made, patience));
    let others = try_unfold(taken, async |mut taken| match taken.recv().await {
        Some(Some(part)) => match written(part).await {
            Ok(bytes) => Ok(Some((bytes, taken))),
            Err(error) => {
                broken_off(&error);
                Err(BrokenOff)
            }
        },
        Some(None) => Ok(None),
        None => Err(BrokenOff),
    });
    Ok(Body::from_stream(iter(first).map(Ok).chain(others)))
}

/// Makes the other parts of an answer, and then `None`. Who hangs up before did not finish.
async fn make(mut parts: impl Parts, turn: Turn, made: mpsc::Sender<Option<Part>>, patience: Duration) {
    loop {
        let part = tokio::select! {
            part = async { next(parts, turn().await?).await } => part,
            // The client has left.
            () = made.closed() => return,
        };
        let part = match part {
            Ok((rest, part)) => {
                parts = rest;
                part
            }
            Err(error) => return broken_off(&error),
        };
        let is_last = part.is_none();
        match timeout(patience, made.send(part)).await {
            Ok(Ok(())) if is_last => return,
            Ok(Ok(())) => {}
            // The client has left.
            Ok(Err(_)) => return,
            Err(_) => return tracing::warn!("a client takes its answer too slowly; it is broken off"),
        }
    }
}

/// Makes the next part, all of it on one thread: what it asks the database has no need to go from thread to thread. It ends with the
/// statement that runs when nobody waits any more.
async fn next<P: Parts>(mut parts: P, place: Place) -> Result<(P, Option<Part>)> {
    let (runtime, _watched) = (Handle::current(), place.watched());
    let made = tokio::task::spawn_blocking(move || {
        let part = runtime.block_on(parts.next(place))?;
        Ok((parts, part))
    });
    made.await.map_err(|_| Error::new(Code::Internal, "a part of an answer was not made"))?
}

async fn written(part: Part) -> Result<Bytes> {
    part.await.map_err(|_| Error::new(Code::Internal, "a part of an answer was not written"))?
}

fn broken_off(error: &Error) {
    tracing::warn!(?error, "an answer is broken off");
}

/// An answer was begun and cannot be finished.
#[derive(Debug)]
struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer is broken off")
    }
}

impl std::error::Error for BrokenOff {}

impl<U> IntoResponse for Stream<U> {
    fn into_response(self) -> Response {
        download(media_type(self.format), &self.file_name, self.body)
    }
}

/// A file of FOCUS, of any length. It is made no faster than its client takes it.
pub(crate) struct FocusFile {
    format: Format,
    file_name: String,
    body: Body,
}

impl FocusFile {
    /// Begins an answer that clients may keep as the file `name`, without an ending. What goes wrong is told as by [`Stream::begin`].
    pub(crate) async fn begin(caller: &Caller, format: Format, name: &str, parts: impl Parts) -> Result<Self> {
        let file_name = format!("{name}.{format}");
        Ok(Self { format, file_name, body: body(caller, parts).await? })
    }
}

impl IntoResponse for FocusFile {
    fn into_response(self) -> Response {
        download(self.format.media_type(), &self.file_name, self.body)
    }
}

/// An answer that clients may keep as a file.
fn download(media_type: &'static str, file_name: &str, body: Body) -> Response {
    // Names are made of ids, days and versions, which have no quotes.
    let disposition = format!("attachment; filename=\"{file_name}\"");
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

/// The media type of a format.
pub(crate) const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Ndjson => "application/x-ndjson",
        ExportFormat::Csv => "text/csv; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::HttpBody;
    use http_body_util::BodyExt;
    use umbel_store::{Access, Store};

    use super::*;

    const PATIENCE: Duration = Duration::from_mins(1);

    /// Counts how many parts were asked for; the one with the number `fails` fails.
    struct Counting {
        made: Arc<AtomicUsize>,
        all: usize,
        fails: usize,
    }

    impl Parts for Counting {
        async fn next(&mut self, _: Place) -> Result<Option<Part>> {
            let number = self.made.fetch_add(1, Ordering::Relaxed);
            if number == self.fails {
                return Err(Error::new(Code::Unavailable, "gone"));
            }
            Ok((number < self.all).then(|| tokio::spawn(async { Ok("x".into()) })))
        }
    }

    async fn begin(all: usize, fails: usize, patience: Duration) -> Result<(Body, Arc<AtomicUsize>)> {
        let made: Arc<AtomicUsize> = Arc::default();
        let parts = Counting { made: made.clone(), all, fails };
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("umbel.db").display()).parse().unwrap();
        let store = Store::open(&database, Access::Shared).await.unwrap();
        let turn = move || {
            let store = store.clone();
            async move { Ok(store.place().await?) }.boxed()
        };
        Ok((begun(patience, Box::new(turn), parts).await?, made))
    }

    /// Waits until so many parts are asked for, and then whether one more is.
    async fn asked(made: &AtomicUsize, parts: usize) {
        for _ in 0..1_000 {
            if made.load(Ordering::Relaxed) == parts {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(made.load(Ordering::Relaxed), parts);
    }

    #[tokio::test]
    async fn an_answer_is_made_no_faster_than_it_is_taken() {
        let (mut body, made) = begin(1_000, usize::MAX, PATIENCE).await.unwrap();
        for taken in 0..10 {
            asked(&made, taken.max(1) + PARTS_AHEAD + 1).await;
            body.frame().await.unwrap().unwrap();
        }
        let made_at_most = made.load(Ordering::Relaxed) + PARTS_AHEAD + 1;
        drop(body);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(made.load(Ordering::Relaxed) <= made_at_most, "nothing is made for who has left");
    }

    #[tokio::test]
    async fn what_ends_early_is_never_whole() {
        let whole = begin(5, usize::MAX, PATIENCE).await.unwrap().0;
        assert_eq!(whole.collect().await.unwrap().to_bytes(), "xxxxx");
        let empty = begin(0, usize::MAX, PATIENCE).await.unwrap().0;
        assert_eq!(empty.size_hint().exact(), None, "an answer does not know its length");
        assert!(empty.collect().await.unwrap().to_bytes().is_empty());
        assert!(begin(5, 0, PATIENCE).await.is_err(), "before the first part an error can still be answered");
        for fails in 1..=5 {
            let (body, _) = begin(5, fails, PATIENCE).await.unwrap();
            assert!(body.collect().await.is_err(), "{fails}");
        }
    }

    #[tokio::test]
    async fn who_takes_nothing_loses_the_answer() {
        let (mut body, made) = begin(1_000, usize::MAX, Duration::ZERO).await.unwrap();
        asked(&made, PARTS_AHEAD + 2).await;
        body.frame().await.unwrap().unwrap();
        assert!(body.collect().await.is_err());
    }
}
