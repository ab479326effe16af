//! The service on a fresh database of each engine, asked through its router.

pub(crate) mod call;
pub(crate) mod database;
pub(crate) mod mail_server;
pub(crate) mod provider;
pub(crate) mod rated;
pub(crate) mod receiver;
pub(crate) mod sources;
pub(crate) mod world;

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use serde_json::Value;
use umbel_domain::audit::{Field, Record};
use umbel_domain::{Member, MemberId, MemberStatus, OrganizationId, Role, UserId};
use umbel_server::{App, Settings};
use umbel_store::audit_log::{self, Log};
use umbel_store::{Access, Store, admin, members};

use call::{Answer, Call};
use database::{Database, Row};
use sources::Fixed;
use world::World;

/// The service under test.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) sources: Arc<Fixed>,
    pub(crate) database: Arc<Database>,
    router: Router,
}

impl TestApp {
    /// Fills the database with `world` and starts the service on it.
    pub(crate) async fn start(database: Arc<Database>, world: &World, settings: Settings) -> Self {
        let store = Store::open(&database.url, Access::Exclusive).await.unwrap();
        world.import_into(&store).await;
        let sources = Arc::new(Fixed::default());
        let app = App::start(store.clone(), settings, sources.clone()).await.unwrap();
        let router = app.router();
        Self { app, store, sources, database, router }
    }

    /// A request, which is sent when it is awaited.
    pub(crate) fn call(&self, method: Method, path: impl Into<String>) -> Call {
        Call::new(self.router.clone(), self.sources.clone(), method, path.into())
    }

    pub(crate) fn get(&self, path: impl Into<String>) -> Call {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&self, path: impl Into<String>, body: impl Into<Body>) -> Call {
        self.call(Method::POST, path).body(body)
    }

    pub(crate) fn put(&self, path: impl Into<String>, body: impl Into<Body>) -> Call {
        self.call(Method::PUT, path).body(body)
    }

    pub(crate) fn patch(&self, path: impl Into<String>, body: impl Into<Body>) -> Call {
        self.call(Method::PATCH, path).body(body)
    }

    pub(crate) fn delete(&self, path: impl Into<String>) -> Call {
        self.call(Method::DELETE, path)
    }

    /// Every row of a table.
    pub(crate) async fn rows(&self, table: &str) -> Vec<Row> {
        self.database.rows(table).await
    }

    /// A connection to the SQLite file, past the service.
    pub(crate) fn sqlite(&self) -> rusqlite::Connection {
        self.database.sqlite()
    }

    /// The audit log of all organizations and of the server, in order.
    pub(crate) async fn audit_log(&self) -> Vec<Row> {
        let mut read = admin::read(&self.store).await.unwrap();
        let mut records = Vec::new();
        for log in audit_log::logs(&mut read).await.unwrap() {
            let log = log.as_ref().map_or(Log::Server, Log::Organization);
            records.extend(audit_log::all(&mut read, log, None, 100_000).await.unwrap());
        }
        records.sort_by_key(|record| (record.at, record.id.clone()));
        records.iter().map(row).collect()
    }

    /// The audit log once everything is in it that the workers took on; nothing refused is written down afterwards.
    pub(crate) async fn final_audit_log(&self) -> Vec<Row> {
        self.app.finish().await;
        self.audit_log().await
    }

    /// How many organizations there are.
    pub(crate) async fn organizations(&self) -> usize {
        self.rows("organizations").await.len()
    }

    /// Ends a membership that [`World::member`] made.
    pub(crate) async fn end_membership(&self, organization: &str, user: &str) {
        let mut write = admin::write(&self.store).await.unwrap();
        members::delete(&mut write, &membership(organization, user, Role::Viewer)).await.unwrap();
        write.commit().await.unwrap();
    }

    /// Gives a member another role.
    pub(crate) async fn change_role(&self, organization: &str, user: &str, role: Role) {
        let member = membership(organization, user, role);
        let mut write = admin::write(&self.store).await.unwrap();
        members::delete(&mut write, &member).await.unwrap();
        members::insert(&mut write, &member).await.unwrap();
        write.commit().await.unwrap();
    }
}

/// An entry by the names of its fields.
fn row(record: &Record) -> Row {
    let mut row: Row =
        Field::ALL.iter().map(|field| (field.name().to_owned(), record.fields.get(*field).map(|text| &**text).into())).collect();
    let log = record.log.as_ref().map_or("", OrganizationId::as_str);
    row.insert("organization_id".into(), log.into());
    row.insert("account_id".into(), record.account.as_ref().map(ToString::to_string).into());
    row.insert("at".into(), record.at.micros().into());
    row.insert("id".into(), record.id.to_string().into());
    let bodies = &record.bodies;
    for (name, body) in
        [("request", &bodies.request), ("response", &bodies.response), ("before", &bodies.before), ("after", &bodies.after)]
    {
        row.insert(name.into(), body.clone().into());
    }
    row
}

/// An active membership as [`World::member`] makes it.
fn membership(organization: &str, user: &str, role: Role) -> Member {
    Member {
        id: MemberId::parse(&format!("{organization}-{user}")).unwrap(),
        organization_id: OrganizationId::parse(organization).unwrap(),
        user_id: UserId::parse(user).unwrap(),
        role,
        status: MemberStatus::Active,
        create_time: sources::START,
        update_time: sources::START,
    }
}

/// What a request carries.
pub(crate) struct Body(Vec<u8>);

impl From<Value> for Body {
    fn from(json: Value) -> Self {
        Self(json.to_string().into())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Answers, one after the other, for a snapshot.
#[derive(Default)]
pub(crate) struct Story(String);

impl Story {
    /// Adds an answer and hands it on.
    pub(crate) fn tell(&mut self, answer: Answer) -> Answer {
        writeln!(self.0, "{answer}").unwrap();
        answer
    }
}

impl std::fmt::Display for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.trim_end())
    }
}
