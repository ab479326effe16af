//! PostgreSQL, and what speaks its protocol: pooled connections, statements sent together where that saves a round trip.

use std::sync::Arc;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::FutureExt;
use futures_util::future::join;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls;

use super::{Counters, Row, Settled, Step};
use crate::sql::{Statement, Value};
use crate::{Error, Result};

/// Connections for reading, and as many again for writing.
const CONNECTIONS_MAX: usize = 16;
/// Reads that may take long at once, so that there are connections for the others.
pub(crate) const LONG_READS_MAX: usize = CONNECTIONS_MAX / 2;
/// How long a request waits for a connection.
const CONNECTION_WAIT_MAX: std::time::Duration = std::time::Duration::from_secs(10);
/// How long a peer may leave what was sent to it without a sign of life.
const PEER_SILENCE_MAX: std::time::Duration = std::time::Duration::from_secs(10);
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
const READ_OPTIONS: &str = "-c statement_timeout=5s -c idle_in_transaction_session_timeout=30s";
/// Without the first two a small table is scanned, which under `SERIALIZABLE` locks it as a whole.
const WRITE_OPTIONS: &str =
    "-c enable_seqscan=off -c enable_bitmapscan=off -c statement_timeout=5s -c idle_in_transaction_session_timeout=5s";

/// The pools of a server: one for reads, one for writes, which need other settings.
pub(crate) struct Pools {
    reads: Pool,
    writes: Pool,
    counters: Arc<Counters>,
}

impl Pools {
    pub(crate) fn new(url: &str, counters: Arc<Counters>) -> Result<Self> {
        Ok(Self { reads: pool(url, READ_OPTIONS)?, writes: pool(url, WRITE_OPTIONS)?, counters })
    }

    pub(crate) async fn read(&self) -> Result<Read> {
        Ok(Read(Transaction::new(self.reads.get().await?, BEGIN_READ)))
    }

    pub(crate) async fn write(&self) -> Result<Write> {
        let transaction = Transaction::new(self.writes.get().await?, BEGIN_WRITE);
        Ok(Write { transaction, failed: false, counters: self.counters.clone() })
    }

    /// A connection for what is no single transaction: migrations.
    pub(crate) async fn client(&self) -> Result<Object> {
        Ok(self.writes.get().await?)
    }
}

fn pool(url: &str, options: &str) -> Result<Pool> {
    let unusable = |error: &dyn std::fmt::Display| Error::Unusable(format!("the database's URL cannot be used: {error}"));
    let mut config: tokio_postgres::Config = url.parse().map_err(|error: tokio_postgres::Error| unusable(&error))?;
    let options = format!("{} {options}", config.get_options().unwrap_or_default());
    config.options(options.trim()).application_name("umbel").connect_timeout(CONNECTION_WAIT_MAX);
    // A peer that is gone without a word is noticed by the system, not by every request in turn.
    config.keepalives_idle(PEER_SILENCE_MAX).tcp_user_timeout(PEER_SILENCE_MAX);
    let manager = Manager::from_config(config, tls(), ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(CONNECTIONS_MAX)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(CONNECTION_WAIT_MAX))
        .create_timeout(Some(CONNECTION_WAIT_MAX))
        .build()
        .map_err(|error| unusable(&error))
}

/// TLS with the certificate authorities of the system; whether it is used is `sslmode` in the URL.
fn tls() -> MakeRustlsConnect {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[expect(clippy::expect_used, reason = "the provider supports the default protocol versions")]
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    MakeRustlsConnect::new(builder.with_root_certificates(roots).with_no_client_auth())
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            // A unique index finds what the checks before could not see: a row of another transaction.
            Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::UNIQUE_VIOLATION => Self::Conflict,
            Some(code) if *code == SqlState::T_R_DEADLOCK_DETECTED => Self::Conflict,
            Some(code) if *code == SqlState::QUERY_CANCELED => Self::Deadline,
            Some(code) if *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Self::Expired,
            Some(_) => Self::Unavailable(error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)),
            None => Self::Unavailable(std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)),
        }
    }
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Timeout(_) => Self::Busy,
            deadpool_postgres::PoolError::Backend(error) => error.into(),
            error => Self::Unavailable(error.to_string()),
        }
    }
}

impl Value<'_> {
    fn postgres(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Text(text) => (text, Type::TEXT),
            Self::Int(number) => (number, Type::INT8),
            Self::Bytes(bytes) => (bytes, Type::BYTEA),
        }
    }
}

async fn query(client: &Object, statement: Statement<'_>, args: &[Value<'_>]) -> Result<Vec<tokio_postgres::Row>> {
    let typed: Vec<(&(dyn ToSql + Sync), Type)> = args.iter().map(Value::postgres).collect();
    Ok(match statement {
        Statement::Built(builder) => client.query_typed(builder.text(), &typed).await?,
        Statement::Literal(sql) => {
            let (values, types): (Vec<_>, Vec<_>) = typed.into_iter().unzip();
            let prepared = client.prepare_typed_cached(sql.postgres, &types).await?;
            client.query(&prepared, &values).await?
        }
    })
}

async fn execute(client: &Object, statement: Statement<'_>, args: &[Value<'_>]) -> Result<u64> {
    let typed: Vec<(&(dyn ToSql + Sync), Type)> = args.iter().map(Value::postgres).collect();
    Ok(match statement {
        Statement::Built(builder) => client.execute_typed(builder.text(), &typed).await?,
        Statement::Literal(sql) => {
            let (values, types): (Vec<_>, Vec<_>) = typed.into_iter().unzip();
            let prepared = client.prepare_typed_cached(sql.postgres, &types).await?;
            client.execute(&prepared, &values).await?
        }
    })
}

fn fold_all<A>(rows: &[tokio_postgres::Row], mut begun: A, step: Step<A>) -> Result<A> {
    rows.iter().try_for_each(|row| step(&mut begun, &Row::Postgres(row)))?;
    Ok(begun)
}

/// A transaction on a connection of a pool, from its first statement until it is dropped.
struct Transaction {
    client: Option<Object>,
    begin: &'static str,
    begun: bool,
    /// Whether a statement was sent whose answer has not come: true after the caller left in between.
    in_flight: bool,
}

impl Transaction {
    fn new(client: Object, begin: &'static str) -> Self {
        Self { client: Some(client), begin, begun: false, in_flight: false }
    }

    /// Runs a statement, the first one together with the BEGIN before it: one round trip instead of two.
    async fn run<'c, T, F>(&'c mut self, statement: impl FnOnce(&'c Object) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let client = self.client.as_ref().ok_or(Error::Expired)?;
        self.in_flight = true;
        let out = if std::mem::replace(&mut self.begun, true) {
            statement(client).await
        } else {
            let (begun, first) = join(client.batch_execute(self.begin), statement(client)).await;
            begun.map_err(Error::from).and(first)
        };
        self.in_flight = false;
        out
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(client) = self.client.take().filter(|_| self.begun) else { return };
        if self.in_flight {
            // Nobody knows when the answer comes, and the next user of the connection would wait for it: close it instead.
            drop(Object::take(client));
        } else {
            // Polling once queues the message before the connection can be lent again; the answer belongs to nobody.
            _ = client.batch_execute("ROLLBACK").now_or_never();
        }
    }
}

/// One consistent state of the database, from the first statement until it is dropped.
pub(crate) struct Read(Transaction);

impl Read {
    pub(crate) async fn fold<A>(&mut self, statement: Statement<'_>, args: &[Value<'_>], begun: A, step: Step<A>) -> Result<A> {
        fold_all(&self.0.run(|client| query(client, statement, args)).await?, begun, step)
    }
}

/// A change under way: a serializable transaction.
pub(crate) struct Write {
    transaction: Transaction,
    failed: bool,
    counters: Arc<Counters>,
}

impl Write {
    pub(crate) async fn fold<A>(&mut self, statement: Statement<'_>, args: &[Value<'_>], begun: A, step: Step<A>) -> Result<A> {
        let rows = self.run(|client| query(client, statement, args)).await?;
        fold_all(&rows, begun, step).inspect_err(|_| self.failed = true)
    }

    pub(crate) async fn execute(&mut self, statement: Statement<'_>, args: &[Value<'_>]) -> Result<u64> {
        self.run(|client| execute(client, statement, args)).await
    }

    /// A transaction of its own rests on nothing that is not durable.
    pub(crate) fn settled() -> Settled {
        Settled(None)
    }

    /// Returns after the COMMIT, which goes on when this future is dropped.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let client = self.transaction.client.take_if(|_| !self.failed).ok_or(Error::Expired)?;
        let counters = self.counters.clone();
        let commit = async move {
            match client.batch_execute("COMMIT").await {
                Ok(()) => {
                    counters.committed(1);
                    Ok(())
                }
                Err(error) if error.code().is_none() => Err(Error::Unknown),
                Err(error) => {
                    counters.conflicted();
                    Err(too_late(error.into()))
                }
            }
        };
        tokio::spawn(commit).await.map_err(|_| Error::Unknown)?
    }

    /// Runs a statement; any error ends the write, and so does leaving before the answer is there: nobody then knows whether
    /// the transaction has failed, and PostgreSQL acknowledges the COMMIT of a failed one like any other.
    async fn run<'c, T, F>(&'c mut self, statement: impl FnOnce(&'c Object) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        if std::mem::replace(&mut self.failed, true) {
            return Err(Error::Expired);
        }
        let out = self.transaction.run(statement).await.map_err(too_late);
        self.failed = out.is_err();
        if matches!(out, Err(Error::Conflict)) {
            self.counters.conflicted();
        }
        out
    }
}

/// A statement of a change is never too expensive: it waited for somebody else's lock.
fn too_late(error: Error) -> Error {
    if error == Error::Deadline { Error::Expired } else { error }
}
