//! The SQL of Umbel: the only crate that talks to a database.
//!
//! A statement is written once, in the dialect that heads `sql.rs`, and runs on SQLite and on PostgreSQL through the two-armed
//! connection of `engine.rs`. What a request does with the database goes through one door: [`Store::read`] and [`Store::write`]
//! begin a transaction in which only authorization data can be asked for, and [`Opening::admit`] opens it to everything else for
//! a [`Grant`], which only [`umbel_domain::authorize`] makes. The command line and the workers use the other door, [`admin`].

pub mod access;
pub mod account_members;
pub mod accounts;
pub mod admin;
pub mod api_tokens;
pub mod audit_erasures;
pub mod audit_log;
pub mod audit_retention;
pub mod audit_streams;
pub mod audit_trees;
pub mod authorization;
pub mod billing_currencies;
pub mod billing_periods;
pub mod budgets;
pub mod credentials;
pub mod database;
pub mod digits;
mod engine;
mod error;
mod histories;
pub mod idempotency;
pub mod invitations;
pub mod invoices;
pub mod linked_identities;
pub mod members;
pub mod metrics;
mod migrations;
pub mod names;
pub mod organizations;
mod page;
mod place;
pub mod placements;
pub mod prices;
pub mod roles;
pub mod server_state;
pub mod sessions;
pub mod sign_in;
mod sql;
pub mod usage;
pub mod users;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use ahash::HashMap;
use futures_util::future::BoxFuture;
use umbel_domain::Grant;

use audit_log::Words;
pub use database::{Access, DatabaseUrl};
use engine::{Change, ReadSession, Session, Step, WriteSession};
pub use engine::{Counters, Outcome, Settled};
pub use error::{Error, Result};
pub use page::Page;
pub use place::Place;
use place::Places;
pub use sql::IN_LIST_MAX;
use sql::{Sql, Statement, Value};
use umbel_domain::audit::Word;

/// A database, open for use; cheap to clone.
#[derive(Clone)]
pub struct Store {
    arm: Arc<Arm>,
    counters: Arc<Counters>,
    words: Arc<Words>,
    /// For reads that may take long.
    places: Arc<Places>,
}

enum Arm {
    Sqlite {
        reads: Arc<engine::sqlite::ReadPool>,
        writer: engine::sqlite::Writer,
        /// Held until the process ends, so that no second server uses the file.
        lock: Option<std::fs::File>,
    },
    Postgres(engine::postgres::Pools),
}

impl Store {
    /// Begins a transaction that reads one consistent state.
    pub async fn read(&self) -> Result<Opening<Read>> {
        let session = match &*self.arm {
            Arm::Sqlite { reads, .. } => ReadSession::Sqlite(reads.read()?),
            Arm::Postgres(pools) => ReadSession::Postgres(pools.read().await?),
        };
        Ok(Opening(Read { session, words: self.words.clone(), places: self.places.clone(), place: None }))
    }

    /// A place for what may take long, if there is one at once.
    pub fn try_place(&self) -> Option<Place> {
        self.places.try_take()
    }

    /// Waits for a place for what may take long; to be taken before the connection.
    pub async fn place(&self) -> Result<Place> {
        self.places.take().await
    }

    /// Begins a transaction that changes the database.
    pub async fn write(&self) -> Result<Opening<Write>> {
        let session = match &*self.arm {
            Arm::Sqlite { writer, .. } => WriteSession::Sqlite(writer.write().await?),
            Arm::Postgres(pools) => WriteSession::Postgres(pools.write().await?),
        };
        Ok(Opening(Write::new(session, self.words.clone())))
    }

    /// Asks the database for something trivial.
    pub async fn ping(&self) -> Result<()> {
        let mut session = self.read().await?.0;
        session.number(sql::sql!("SELECT CAST(1 AS BIGINT)"), &[]).await.map(drop)
    }

    /// Whether no other server uses the database.
    pub fn is_alone(&self) -> bool {
        matches!(&*self.arm, Arm::Sqlite { lock: Some(_), .. })
    }

    /// Numbers about commits and conflicts since the start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Writes that wait for their turn; always 0 on PostgreSQL, where they wait for a connection instead.
    pub fn writes_waiting(&self) -> usize {
        match &*self.arm {
            Arm::Sqlite { writer, .. } => writer.waiting(),
            Arm::Postgres(_) => 0,
        }
    }

    /// Reads that may take long and wait for a place.
    pub fn long_reads_waiting(&self) -> usize {
        self.places.waiting()
    }
}

/// A transaction whose caller is not authorized yet: it answers the questions of [`authorization`] and nothing else.
pub struct Opening<S>(S);

impl<S> Opening<S> {
    /// Opens the transaction to what `_grant` proves to be allowed.
    pub fn admit(self, _grant: &Grant) -> S {
        self.0
    }
}

impl Opening<Read> {
    /// Gives the read a place for what may take long.
    pub fn hold(&mut self, place: Place) {
        self.0.place = Some(place);
    }
}

impl Opening<Write> {
    /// Tells when and how this transaction has ended.
    pub fn settled(&self) -> Settled {
        self.0.settled()
    }
}

/// A transaction that reads one consistent state of the database; it ends when it is dropped.
pub struct Read {
    session: ReadSession,
    words: Arc<Words>,
    places: Arc<Places>,
    place: Option<Place>,
}

impl Read {
    /// Takes a place for what may take long, if there is one at once.
    pub fn reserve(&mut self) -> bool {
        if self.place.is_none() {
            self.place = self.places.try_take();
        }
        self.place.is_some()
    }

    /// Says that what follows may take long, for which there is a place: on SQLite it then runs on a thread for blocking work.
    pub fn expect_long(&mut self) {
        debug_assert!(self.place.is_some(), "what may take long has a place");
        if let (ReadSession::Sqlite(session), Some(place)) = (&mut self.session, &self.place) {
            session.expect_long(place.clone());
        }
    }
}

/// A transaction that changes the database, all or nothing: dropped before [`Write::commit`], it changes nothing.
pub struct Write {
    session: WriteSession,
    words: Arc<Words>,
    /// Words of rows that are not committed yet, for reading.
    learned: Vec<(Word, i64)>,
    /// The same for entries, and the version of the words.
    learned_for_use: Option<(i64, HashMap<Word, i64>)>,
}

impl Write {
    pub(crate) fn new(session: WriteSession, words: Arc<Words>) -> Self {
        Self { session, words, learned: Vec::new(), learned_for_use: None }
    }

    /// Tells when and how this transaction has ended.
    pub fn settled(&self) -> Settled {
        match &self.session {
            WriteSession::Sqlite(session) => session.settled(),
            WriteSession::SqliteExclusive(_) => engine::sqlite::ExclusiveWrite::settled(),
            WriteSession::Postgres(_) => engine::postgres::Write::settled(),
        }
    }

    /// Says that what follows may take long: on SQLite it then runs on a thread for blocking work, and the change may take a
    /// minute before it is given up.
    pub fn expect_long(&mut self) {
        if let WriteSession::Sqlite(session) = &mut self.session {
            session.expect_long();
        }
    }

    /// Takes words that were found or added, for entries as long as the words have this version.
    fn learn_for_use(&mut self, version: i64, learned: HashMap<Word, i64>) {
        match &mut self.learned_for_use {
            Some((of, known)) if *of == version => known.extend(learned),
            other => *other = Some((version, learned)),
        }
    }

    /// Whether what was committed of words may be lost: a PostgreSQL server that takes over from another one may lack its last
    /// transactions.
    fn may_have_lost_words(&self) -> bool {
        matches!(self.session, WriteSession::Postgres(_))
    }

    /// Forgets which words there are.
    fn forget_words(&mut self) {
        self.learned_for_use = None;
        self.words.forget_all();
    }

    /// Changes one row, or finds that it is not as it was read: [`Error::Conflict`].
    async fn one_row(&mut self, statement: Sql, args: &[Value<'_>]) -> Result<()> {
        if self.execute(statement, args).await? == 1 { Ok(()) } else { Err(Error::Conflict) }
    }

    /// Makes the change durable. Dropping the future does not stop a COMMIT that has begun.
    pub async fn commit(self) -> Result<()> {
        match self.session {
            WriteSession::Sqlite(session) => session.commit().await?,
            WriteSession::SqliteExclusive(session) => session.commit()?,
            WriteSession::Postgres(session) => session.commit().await?,
        }
        self.words.learn(self.learned);
        if let Some((version, learned)) = self.learned_for_use {
            self.words.learn_for_use(version, learned);
        }
        Ok(())
    }
}

/// What statements of reading can be run in: a [`Read`] or a [`Write`].
#[expect(private_bounds, reason = "only this crate runs statements")]
pub trait Query: Session + Lexicon {}
impl<S: Session + Lexicon> Query for S {}

/// What knows the words of the audit log that were seen before.
pub(crate) trait Lexicon {
    /// The words of committed rows.
    fn words(&self) -> &Words;
    /// Takes words that were read from rows.
    fn learn(&mut self, learned: Vec<(Word, i64)>);
}

impl Lexicon for Read {
    fn words(&self) -> &Words {
        &self.words
    }

    fn learn(&mut self, learned: Vec<(Word, i64)>) {
        self.words.learn(learned);
    }
}

impl Lexicon for Write {
    fn words(&self) -> &Words {
        &self.words
    }

    fn learn(&mut self, learned: Vec<(Word, i64)>) {
        self.learned.extend(learned);
    }
}

impl Session for Read {
    fn fold<'a, A: Send + 'static>(
        &'a mut self,
        statement: impl Into<Statement<'a>>,
        args: &'a [Value<'a>],
        begun: A,
        step: Step<A>,
    ) -> BoxFuture<'a, Result<A>> {
        if self.place.as_ref().is_some_and(Place::is_left) {
            return Box::pin(std::future::ready(Err(Error::Unavailable("nobody waits for the answer any more".into()))));
        }
        self.session.fold(statement, args, begun, step)
    }
}

impl Session for Write {
    fn fold<'a, A: Send + 'static>(
        &'a mut self,
        statement: impl Into<Statement<'a>>,
        args: &'a [Value<'a>],
        begun: A,
        step: Step<A>,
    ) -> BoxFuture<'a, Result<A>> {
        self.session.fold(statement, args, begun, step)
    }
}

impl Change for Write {
    fn execute<'a>(&'a mut self, statement: impl Into<Statement<'a>>, args: &'a [Value<'a>]) -> BoxFuture<'a, Result<u64>> {
        self.session.execute(statement, args)
    }
}
