//! What was acknowledged is there, whatever happens to the process.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use umbel_client::api::{CreateOrganization, ListOrganizations, PageSize};
use umbel_client::{Client, Error};

use crate::process::{Server, bootstrap, on_each_engine, succeed};

const KILLS: u64 = 10;
const CREATORS: usize = 16;

#[test]
fn a_killed_server_loses_no_acknowledged_create() {
    on_each_engine(|database| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let token = bootstrap(database);
        let mut acknowledged = BTreeSet::new();
        for round in 1..=KILLS {
            let server = Server::start(database);
            let client = server.client(&token);
            let created = runtime.block_on(create_until_killed(server, client, Duration::from_millis(60 + 25 * round)));
            acknowledged.extend(created);
        }
        let server = Server::start(database);
        let there = runtime.block_on(every_id(&server.client(&token)));
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "{} of {} are lost, the first {:?}", lost.len(), acknowledged.len(), lost.first());
        assert_eq!(server.terminate(), Some(0));
        let mut written_down = entries_of_creations(database);
        written_down.sort_unstable();
        assert_eq!(written_down, there.into_iter().collect::<Vec<_>>(), "each has one entry, and each entry is of one");
    });
}

/// The ids of the organizations that the audit log says were created.
fn entries_of_creations(database: &str) -> Vec<String> {
    let lines = succeed(&["export", "--database", database]);
    let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let entries = lines.filter(|line| line["kind"] == "audit_entry" && line["action"]["description"] == "Create Organization");
    entries.map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

/// Creates with many clients at once; the server is killed while they are at it.
async fn create_until_killed(server: Server, client: Client, after: Duration) -> Vec<String> {
    let stop = Arc::new(AtomicBool::new(false));
    let (acknowledged, mut first) = tokio::sync::mpsc::unbounded_channel();
    let create = |n| tokio::spawn(create(client.clone(), n, stop.clone(), acknowledged.clone()));
    let creators: Vec<_> = (0..CREATORS).map(create).collect();
    first.recv().await.unwrap();
    tokio::time::sleep(after).await;
    server.kill();
    stop.store(true, Ordering::Relaxed);
    let mut created = Vec::new();
    for creator in creators {
        created.extend(creator.await.unwrap());
    }
    created
}

async fn create(client: Client, creator: usize, stop: Arc<AtomicBool>, acknowledged: UnboundedSender<()>) -> Vec<String> {
    let mut created = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        match client.create_organization(&CreateOrganization::root(&format!("Root of {creator}"))).await {
            Ok(organization) => {
                created.push(organization.id);
                acknowledged.send(()).unwrap();
            }
            Err(Error::Refused { status, problems }) => panic!("refused with {status}: {problems:?}"),
            Err(_) => break,
        }
    }
    created
}

async fn every_id(client: &Client) -> BTreeSet<String> {
    let mut filters = ListOrganizations { page_size: PageSize(1000), ..ListOrganizations::default() };
    let mut ids = BTreeSet::new();
    loop {
        let page = client.list_organizations(&filters).await.unwrap();
        ids.extend(page.items.into_iter().map(|organization| organization.id));
        filters.page_token = page.next_page_token;
        if filters.page_token.is_none() {
            return ids;
        }
    }
}

#[test]
fn a_server_that_is_told_to_stop_ends_well_and_frees_its_database() {
    on_each_engine(|database| {
        let token = bootstrap(database);
        let server = Server::start(database);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let created = runtime.block_on(server.client(&token).create_organization(&CreateOrganization::root("Acme"))).unwrap();
        assert_eq!(server.terminate(), Some(0));
        let again = Server::start(database);
        assert_eq!(runtime.block_on(again.client(&token).organization(&created.id)).unwrap(), created);
    });
}

#[test]
fn a_database_file_has_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("umbel.db").display());
    bootstrap(&database);
    let _server = Server::start(&database);
    let second = crate::process::umbel(&["serve", "--listen", "127.0.0.1:0", "--database", &database]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("stop it first"), "{said}");
}
