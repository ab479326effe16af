//! Group commit: one dispatcher lends the writing connection to one write after another, each in a savepoint of its own, and
//! all that queued while the last COMMIT was syncing share the next one.
//!
//! A [`Write`] can be taken back: its lease ends when it is dropped, committed or too old, and then its statements fail. Nothing
//! is acknowledged before the shared COMMIT; what was only decided waits for it too ([`Settled`]), because it may rest on a row
//! of a batch mate.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Step, connect_to_write, execute, fold, text};
use crate::engine::{Counters, Outcome, Settled};
use crate::sql::{Statement, Value};
use crate::{Error, Result};

/// Writes that wait for the connection; one more is told that the database is busy.
const QUEUE_MAX: usize = 1024;
/// Writes that share a COMMIT.
const BATCH_MAX: usize = 256;
/// A batch takes no further write when it is older than this.
const BATCH_AGE_MAX: Duration = Duration::from_millis(50);
/// A write that holds the connection for longer is rolled back.
const LEASE_MAX: Duration = Duration::from_secs(2);
/// The same for a change that said that it takes long.
const LONG_LEASE_MAX: Duration = Duration::from_mins(1);
/// Pages in the log from which on a COMMIT brings them into the file. It takes far fewer writes and syncs of the file than SQLite's
/// own 1,000, of which a large batch fills half, and less than one create in a hundred waits for it.
const CHECKPOINT_PAGES: u32 = 4_000;
/// Page cache of the writing connection, in KiB. A COMMIT looks at every page that is there once pages have changed places in a
/// tree, so that a larger cache costs more than the reads that it saves.
const CACHE_SIZE_KIB: i64 = 8 * 1024;
/// How long another process may hold the database before the writes that wait are told that it is busy.
const FOREIGN_LOCK_MAX: Duration = Duration::from_secs(5);

/// The queue of those who want to write.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Ticket>,
}

type Ticket = oneshot::Sender<Write>;
type Acknowledgement = oneshot::Sender<Result<()>>;

/// How a write came back.
enum Returned {
    Committed(Acknowledgement),
    Abandoned,
}

struct Slot {
    connection: Connection,
    /// The one write that may use the connection now; 0 for none.
    lease: u64,
    /// Whether a savepoint could not be undone, so that the batch must not be committed.
    broken: bool,
}

impl Slot {
    /// Uses the connection while the lease lasts; any error ends the lease.
    fn with<T>(&mut self, lease: u64, use_it: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        if self.lease != lease {
            return Err(Error::Expired);
        }
        let out = use_it(&self.connection);
        if out.is_err() {
            self.undo(lease);
        }
        out
    }

    /// Ends the transaction of the batch, if it stands, and undoes all of it.
    fn roll_back(&mut self) {
        self.broken = false;
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "cannot roll back a batch");
        }
    }

    /// Whether the transaction of the batch can still be committed.
    fn is_alive(&self) -> bool {
        !self.broken && !self.connection.is_autocommit()
    }

    /// Ends a lease that still runs and undoes what was done under it.
    fn undo(&mut self, lease: u64) {
        if self.lease == lease {
            self.lease = 0;
            if !self.connection.is_autocommit() {
                // A COMMIT would keep the rows of a savepoint that is still open.
                self.broken |= self.connection.execute_batch("ROLLBACK TO s; RELEASE s").is_err();
            }
        }
    }
}

/// A change under way: a savepoint in the transaction of its batch.
pub(crate) struct Write {
    slot: Arc<Mutex<Slot>>,
    lease: u64,
    /// When the lease ends; not behind the lock of the slot, which a long statement holds.
    lease_ends: Arc<Mutex<Instant>>,
    is_long: bool,
    home: Option<oneshot::Sender<Returned>>,
    settled: watch::Receiver<Option<Outcome>>,
}

impl Write {
    /// Gives the change a minute, and its statements a thread for blocking work.
    pub(crate) fn expect_long(&mut self) {
        self.is_long = true;
        *self.lease_ends.lock() = Instant::now() + LONG_LEASE_MAX;
    }

    pub(crate) async fn fold<A: Send + 'static>(
        &mut self,
        statement: Statement<'_>,
        args: &[Value<'_>],
        begun: A,
        step: Step<A>,
    ) -> Result<A> {
        self.run(statement, args, move |connection, text, args| fold(connection, text, args, begun, step)).await
    }

    pub(crate) async fn execute(&mut self, statement: Statement<'_>, args: &[Value<'_>]) -> Result<u64> {
        self.run(statement, args, execute).await
    }

    async fn run<T: Send + 'static>(
        &mut self,
        statement: Statement<'_>,
        args: &[Value<'_>],
        run: impl FnOnce(&Connection, &str, &[Value<'_>]) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (text, lease) = (text(statement), self.lease);
        if !self.is_long {
            return self.slot.lock().with(lease, |connection| run(connection, text, args));
        }
        let (text, args) = (text.to_owned(), args.iter().map(Value::to_static).collect::<Vec<_>>());
        let slot = self.slot.clone();
        let run = move || slot.lock().with(lease, |connection| run(connection, &text, &args));
        tokio::task::spawn_blocking(run).await.map_err(|_| Error::Unavailable("a statement was lost".into()))?
    }

    pub(crate) fn settled(&self) -> Settled {
        Settled(Some(self.settled.clone()))
    }

    /// Returns after the shared COMMIT. Dropping this future does not stop the COMMIT.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let (acknowledgement, committed) = oneshot::channel();
        {
            let mut slot = self.slot.lock();
            slot.with(self.lease, |connection| Ok(connection.prepare_cached("RELEASE s")?.raw_execute().map(drop)?))?;
            slot.lease = 0;
            // Still under the lock: when the lease runs out now, the dispatcher finds this write either undone or returned.
            let home = self.home.take().ok_or(Error::Expired)?;
            home.send(Returned::Committed(acknowledgement)).map_err(|_| Error::Unknown)?;
        }
        committed.await.map_err(|_| Error::Unknown)?
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            self.slot.lock().undo(self.lease);
            // The dispatcher is gone only when the process ends.
            _ = home.send(Returned::Abandoned);
        }
    }
}

impl Writer {
    /// Opens the connection for writing and starts its dispatcher.
    pub(crate) fn start(path: &Path, counters: Arc<Counters>) -> Result<Self> {
        let connection = connect_to_write(path)?;
        // Waiting for a foreign lock must not hold up the thread: the dispatcher waits by itself.
        connection.busy_timeout(Duration::ZERO)?;
        connection
            .execute_batch(&format!("PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA cache_size = -{CACHE_SIZE_KIB}"))?;
        let (queue, tickets) = mpsc::channel(QUEUE_MAX);
        let dispatcher =
            Dispatcher { slot: Arc::new(Mutex::new(Slot { connection, lease: 0, broken: false })), leases: 0, tickets, counters };
        tokio::spawn(dispatcher.run());
        Ok(Self { queue })
    }

    /// Waits for the connection; a full queue is [`Error::Busy`] at once.
    pub(crate) async fn write(&self) -> Result<Write> {
        let (ticket, lent) = oneshot::channel();
        self.queue.try_send(ticket).map_err(|_| Error::Busy)?;
        lent.await.map_err(|_| Error::Busy)
    }

    /// Writes that wait now.
    pub(crate) fn waiting(&self) -> usize {
        QUEUE_MAX - self.queue.capacity()
    }
}

struct Dispatcher {
    slot: Arc<Mutex<Slot>>,
    leases: u64,
    tickets: mpsc::Receiver<Ticket>,
    counters: Arc<Counters>,
}

impl Dispatcher {
    async fn run(mut self) {
        while let Some(first) = self.tickets.recv().await {
            if self.begin().await {
                self.batch(first).await;
            } else {
                // Dropping the tickets tells those who wait that the database is busy.
                while self.tickets.try_recv().is_ok() {}
            }
        }
    }

    /// Opens the transaction of a batch; another process may hold the database for a while.
    async fn begin(&self) -> bool {
        let started = Instant::now();
        loop {
            let begun = {
                let mut slot = self.slot.lock();
                slot.roll_back();
                slot.connection.execute_batch("BEGIN IMMEDIATE")
            };
            match begun {
                Ok(()) => return true,
                Err(error) if started.elapsed() > FOREIGN_LOCK_MAX => {
                    tracing::error!(%error, "cannot begin a transaction");
                    return false;
                }
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn batch(&mut self, first: Ticket) {
        let started = Instant::now();
        let (settle, settled) = watch::channel(None);
        let mut committed = Vec::new();
        let mut alive = true;
        let mut next = Some(first);
        let mut lent = 0;
        while let Some(ticket) = next.take() {
            if !ticket.is_closed() {
                lent += 1;
                committed.extend(self.lend(ticket, settled.clone()).await);
                // A full disk, an I/O error or a lack of memory ends the whole transaction: the batch mates' work is gone too.
                alive = self.slot.lock().is_alive();
            }
            if alive && lent < BATCH_MAX && started.elapsed() < BATCH_AGE_MAX {
                next = self.tickets.try_recv().ok();
            }
        }
        let result = self.end(alive, committed.len()).await;
        let outcome = if result.is_ok() { Outcome::Durable } else { Outcome::Lost };
        for acknowledgement in committed {
            // Who left meanwhile does not hear that the write is durable.
            _ = acknowledgement.send(result.clone());
        }
        settle.send_replace(Some(outcome));
    }

    /// Lends the connection and waits until it comes back or the lease is over.
    async fn lend(&mut self, ticket: Ticket, settled: watch::Receiver<Option<Outcome>>) -> Option<Acknowledgement> {
        self.leases += 1;
        let lease = self.leases;
        {
            let mut slot = self.slot.lock();
            slot.connection.prepare_cached("SAVEPOINT s").and_then(|mut savepoint| savepoint.raw_execute()).ok()?;
            slot.lease = lease;
        }
        let (home, mut returned) = oneshot::channel();
        let lease_ends = Arc::new(Mutex::new(Instant::now() + LEASE_MAX));
        let (slot, ends) = (self.slot.clone(), lease_ends.clone());
        // When the requester is gone, the write is dropped here and comes back as abandoned.
        _ = ticket.send(Write { slot, lease, lease_ends, is_long: false, home: Some(home), settled });
        let returned = loop {
            let end = *ends.lock();
            if let Ok(returned) = tokio::time::timeout_at(end.into(), &mut returned).await {
                break returned.ok();
            }
            if *ends.lock() <= Instant::now() {
                self.slot.lock().undo(lease);
                // It may have come back in the very last moment.
                break returned.try_recv().ok();
            }
        };
        match returned {
            Some(Returned::Committed(acknowledgement)) => Some(acknowledgement),
            Some(Returned::Abandoned) | None => None,
        }
    }

    async fn end(&self, alive: bool, writes: usize) -> Result<()> {
        let slot = self.slot.clone();
        if !alive || writes == 0 {
            slot.lock().roll_back();
            if !alive {
                self.counters.conflicted();
                return Err(Error::Conflict);
            }
            return Ok(());
        }
        let commit = move || {
            let slot = slot.lock();
            slot.connection.execute_batch("COMMIT").inspect_err(|error| {
                end_process_on_failed_sync(error);
                // Some failures have ended the transaction already.
                _ = slot.connection.execute_batch("ROLLBACK");
            })
        };
        match tokio::task::spawn_blocking(commit).await {
            Ok(Ok(())) => {
                self.counters.committed(writes);
                Ok(())
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, writes, "a batch is lost and run again");
                self.counters.conflicted();
                Err(Error::Conflict)
            }
            Err(_) => Err(Error::Unknown),
        }
    }
}

/// After a failed fsync nobody knows what of the file is on the disk, and asking again would answer a lie; only reading the
/// file anew, in a new process, tells.
#[expect(clippy::exit, reason = "going on would acknowledge what may not be durable")]
fn end_process_on_failed_sync(error: &rusqlite::Error) {
    const FAILED_SYNCS: [i32; 2] = [rusqlite::ffi::SQLITE_IOERR_FSYNC, rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC];
    if error.sqlite_error().is_some_and(|error| FAILED_SYNCS.contains(&error.extended_code)) {
        // The log may be written by another thread, which ends with the process.
        let mut stderr = std::io::stderr();
        _ = writeln!(stderr, "umbel: the disk failed to sync: {error}; the process ends so that nothing lost is acknowledged");
        std::process::exit(74);
    }
}
