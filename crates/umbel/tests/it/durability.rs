//! What was acknowledged is there, whatever happens to the process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use umbel_client::api::{ChangeOptions, CreateOrganization, ListOrganizations, MoveOrganization, PageSize, UpdateOrganization};
use umbel_client::{Client, Error};

use crate::power_cut::Notes;
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

/// What is done to an organization, one step after the other, and what each of them is called in the audit log, so many times.
const STEPS: [(&str, usize); 4] =
    [("Create Organization", 1), ("Update Organization", 1), ("Move Organization", 2), ("Delete Organization", 1)];

#[test]
fn whatever_a_killed_server_changed_has_exactly_its_entries() {
    on_each_engine(|database| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let token = bootstrap(database);
        let places = two_roots(&runtime, database, &token);
        let mut acknowledged = BTreeMap::new();
        for round in 1..=KILLS {
            let server = Server::start(database);
            let client = server.client(&token);
            let changers = (0..CREATORS).map(|_| runtime.spawn(change(client.clone(), places.clone()))).collect::<Vec<_>>();
            std::thread::sleep(Duration::from_millis(100 + 25 * round));
            server.kill();
            acknowledged.extend(changers.into_iter().flat_map(|changer| runtime.block_on(changer).unwrap()));
        }
        assert_eq!(Server::start(database).terminate(), Some(0));
        must_have_exactly_its_entries(database, &places, &acknowledged);
    });
}

#[test]
fn a_power_cut_takes_nothing_that_was_acknowledged() {
    let (folder, keep) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let database = format!("sqlite:{}", folder.path().join("umbel.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let token = bootstrap(&database);
    let places = two_roots(&runtime, &database, &token);
    let notes = Notes::of(folder.path(), keep.path());
    let (mut acknowledged, mut draws, mut all_syncs) = (BTreeMap::new(), 7_u64, 0);
    for round in 1..=KILLS {
        let server = Server::start_by(&database, &[], |command| notes.taken_by(command));
        let client = server.client(&token);
        let changers = (0..CREATORS).map(|_| runtime.spawn(change(client.clone(), places.clone()))).collect::<Vec<_>>();
        std::thread::sleep(Duration::from_millis(300 + 25 * round));
        if round % 2 == 0 {
            notes.end_before_a_sync();
            server.wait();
        } else {
            server.kill();
        }
        acknowledged.extend(changers.into_iter().flat_map(|changer| runtime.block_on(changer).unwrap()));
        let (syncs, gone) = notes.cut_power(|| {
            draws = draws.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Everything in two rounds, and any half in the next two.
            round % 4 < 2 || draws >> 63 == 0
        });
        all_syncs += syncs;
        assert!(gone > 0 || round % 4 != 0, "round {round} took nothing away");
    }
    assert!(all_syncs > 0 && !acknowledged.is_empty());
    assert_eq!(Server::start(&database).terminate(), Some(0));
    must_have_exactly_its_entries(&database, &places, &acknowledged);
}

/// Makes the two roots between which organizations move.
fn two_roots(runtime: &tokio::runtime::Runtime, database: &str, token: &str) -> [String; 2] {
    let server = Server::start(database);
    let client = server.client(token);
    let root = |name| runtime.block_on(client.create_organization(&CreateOrganization::root(name))).unwrap().id;
    let places = [root("Here"), root("There")];
    assert_eq!(server.terminate(), Some(0));
    places
}

/// Whatever was acknowledged is there, and every change that is there has its entries, and none has others.
fn must_have_exactly_its_entries(database: &str, places: &[String; 2], acknowledged: &BTreeMap<String, usize>) {
    let lines = succeed(&["export", "--database", database]);
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &'static str| lines.iter().filter(move |line| line["kind"] == kind);
    let stands: BTreeMap<_, _> = of("organization").map(|line| (line["id"].as_str().unwrap(), line)).collect();
    let mut entries = BTreeMap::<_, Vec<_>>::new();
    for entry in of("audit_entry").filter(|entry| entry["resource"]["type"] == "organization") {
        entries
            .entry(entry["resource"]["id"].as_str().unwrap())
            .or_default()
            .push(entry["action"]["description"].as_str().unwrap());
    }
    assert!(acknowledged.keys().all(|id| entries.contains_key(id.as_str())) && entries.len() > places.len());
    for (id, written) in entries.iter().filter(|(id, _)| places.iter().all(|place| place != **id)) {
        let done = match stands.get(id) {
            None => 4,
            Some(line) if line["parent_id"] == places[1].as_str() => 3,
            Some(line) if line["name"] == RENAMED => 2,
            Some(_) => 1,
        };
        let count = |step: &str| written.iter().filter(|written| **written == step).count();
        let expected = |at: usize, times: usize| if at < done { times } else { 0 };
        let is_each_there = STEPS.iter().enumerate().all(|(at, (step, times))| count(step) == expected(at, *times));
        assert!(is_each_there, "{id} has come to step {done}: {written:?}");
        assert!(acknowledged.get(*id).is_none_or(|steps| *steps <= done), "{id}: a step that was acknowledged is lost");
    }
    assert!(stands.keys().all(|id| entries.contains_key(id)), "every organization has an entry");
}

const RENAMED: &str = "Renamed";

/// Takes organizations through all steps until the server is gone; returns how many steps of each were acknowledged.
async fn change(client: Client, [here, there]: [String; 2]) -> Vec<(String, usize)> {
    let mut acknowledged: Vec<(String, usize)> = Vec::new();
    loop {
        let Ok(made) = client.create_organization(&CreateOrganization::below(&here, "Made")).await else { return acknowledged };
        let steps = &mut acknowledged.push_mut((made.id.clone(), 1)).1;
        let renamed = UpdateOrganization { name: RENAMED.to_owned(), parent: None, profile: None };
        if client.update_organization(&made.id, &renamed).await.is_err() {
            return acknowledged;
        }
        *steps = 2;
        let to = MoveOrganization { parent_id: Some(there.clone()) };
        if client.move_organization(&made.id, &to, &ChangeOptions::default()).await.is_err() {
            return acknowledged;
        }
        *steps = 3;
        if client.delete_organization(&made.id).await.is_err() {
            return acknowledged;
        }
        *steps = 4;
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
