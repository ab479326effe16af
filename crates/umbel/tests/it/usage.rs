//! Metering with the real program: what is sent counts once, whatever happens to the server, the client and the file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use umbel_client::api::{CreateAccount, CreateOrganization, EventStatus, Unit};
use umbel_client::{Client, Error};

use crate::process::{Server, bootstrap, on_each_engine, said, succeed, umbel};

const KILLS: u64 = 8;
const SENDERS: u64 = 4;
const BATCHES: u64 = 60;
const PER_BATCH: u64 = 50;

/// An account that is metered by the sum of what its events say.
async fn metered(client: &Client) -> String {
    let organization = client.create_organization(&CreateOrganization::root("Acme")).await.unwrap();
    let unit = Some(Unit { id: organization.id });
    let new = CreateAccount { name: "Web".to_owned(), unit, account_type: None, standalone: None, settings: None };
    client.create_account(&new).await.unwrap().id
}

fn metric() -> Value {
    json!({
        "kind": "metric",
        "id": "requests",
        "name": "Requests",
        "event_type": "com.example.request",
        "aggregation": "sum",
        "value_property": "count",
        "unit": "Requests",
        "service_name": "Edge",
        "service_category": "Networking",
    })
}

fn import(database: &str, lines: &[Value]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n");
    std::fs::write(file.path(), text).unwrap();
    succeed(&["import", file.path().to_str().unwrap(), "--database", database]);
}

/// An event of a sender: thousandths, so that no sum of binary fractions would be exact.
fn event(account: &str, sender: u64, number: u64) -> Value {
    json!({
        "specversion": "1.0",
        "id": number.to_string(),
        "source": format!("/sender/{sender}"),
        "type": "com.example.request",
        "subject": account,
        "data": {"count": format!("{}.{:03}", number % 7, number % 1000)},
    })
}

fn thousandths(number: u64) -> u64 {
    number % 7 * 1000 + number % 1000
}

/// Sends batches that overlap until they are answered; the server is killed meanwhile, and other ones answer.
async fn send_all(urls: tokio::sync::watch::Receiver<String>, token: String, account: String, sender: u64) -> BTreeMap<u64, u64> {
    let mut accepted = BTreeMap::new();
    for batch in 0..BATCHES {
        // A third of each batch was in the one before.
        let first = (batch * PER_BATCH).saturating_sub(PER_BATCH / 3);
        let numbers: Vec<u64> = (first..(batch + 1) * PER_BATCH).collect();
        let events: Vec<Value> = numbers.iter().map(|number| event(&account, sender, *number)).collect();
        let bytes = serde_json::to_vec(&events).unwrap();
        let answered = loop {
            let client = Client::new(&urls.borrow(), &token).unwrap();
            match client.record_usage(bytes.clone()).await {
                Ok(answered) => break answered,
                Err(Error::Refused { status: 503, .. }) => {}
                Err(Error::Refused { status, problems }) => panic!("refused with {status}: {problems:?}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        for (number, answer) in numbers.into_iter().zip(answered) {
            assert!(matches!(answer.status, EventStatus::Accepted | EventStatus::Duplicate), "{answer:?}");
            *accepted.entry(number).or_default() += u64::from(answer.status == EventStatus::Accepted);
        }
    }
    accepted
}

#[test]
fn events_count_exactly_once_however_often_the_server_is_killed() {
    on_each_engine(|database| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let token = bootstrap(database);
        import(database, &[metric()]);
        let mut server = Server::start(database);
        let account = runtime.block_on(metered(&server.client(&token)));
        let (url, urls) = tokio::sync::watch::channel(server.url.clone());
        let send = |sender| runtime.spawn(send_all(urls.clone(), token.clone(), account.clone(), sender));
        let senders: Vec<_> = (0..SENDERS).map(send).collect();
        for round in 0..KILLS {
            std::thread::sleep(Duration::from_millis(80 + 40 * round));
            server.kill();
            server = Server::start(database);
            url.send_replace(server.url.clone());
        }
        let mut sum = 0;
        for sender in senders {
            let accepted = runtime.block_on(sender).unwrap();
            assert_eq!(accepted.len() as u64, BATCHES * PER_BATCH);
            // What was counted without an answer is a duplicate when it is sent again.
            assert!(accepted.values().all(|count| *count <= 1));
            sum += accepted.keys().map(|number| thousandths(*number)).sum::<u64>();
        }
        assert_eq!(server.terminate(), Some(0));
        let exported = succeed(&["export", "--database", database]);
        let lines = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let days = lines.filter(|line| line["kind"] == "usage_daily");
        let total: u64 = days.map(|day| in_thousandths(day["quantity"].as_str().unwrap())).sum();
        assert_eq!(total, sum);
    });
}

fn in_thousandths(quantity: &str) -> u64 {
    let (whole, fraction) = quantity.split_once('.').unwrap_or((quantity, ""));
    whole.parse::<u64>().unwrap() * 1000 + format!("{fraction:0<3}").parse::<u64>().unwrap()
}

#[test]
fn a_file_of_events_is_sent_once_also_when_it_is_sent_again() {
    on_each_engine(|database| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let token = bootstrap(database);
        import(database, &[metric()]);
        let server = Server::start(database);
        let account = runtime.block_on(metered(&server.client(&token)));
        let mut events = String::new();
        for number in 0..25 {
            writeln!(events, "{}\n", event(&account, 1, number)).unwrap();
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &events).unwrap();
        let send = |arguments: &[&str]| {
            let verb = ["usage", "send", "--json", "--batch", "10", "--url", &server.url, file.path().to_str().unwrap()];
            umbel(&[&verb, arguments].concat()).env("UMBEL_TOKEN", &token).output().unwrap()
        };
        let counts = |output: &std::process::Output| {
            let sent: Value = serde_json::from_slice(&output.stdout).unwrap();
            ["accepted", "duplicate", "conflict", "rejected"].map(|status| sent[status].as_u64().unwrap())
        };
        let first = send(&["--from-line", "11"]);
        assert_eq!((counts(&first), first.status.code()), ([20, 0, 0, 0], Some(0)));
        assert_eq!(counts(&send(&[])), [5, 20, 0, 0]);
        let mut other = event(&account, 1, 3);
        other["data"]["count"] = 5.into();
        let bad = event("nobody", 1, 99);
        std::fs::write(file.path(), format!("{other}\n{bad}\n")).unwrap();
        let failed = send(&[]);
        assert_eq!((counts(&failed), failed.status.code()), ([0, 0, 1, 1], Some(1)));
        assert!(said(&failed.stderr).contains("not every event is counted"));
        let shown: Value = serde_json::from_slice(&failed.stdout).unwrap();
        assert_eq!((shown["bad"][1]["line"].as_u64(), shown["bad"][1]["status"].as_str()), (Some(2), Some("rejected")));
    });
}
