//! Metering with the real program: what is sent counts once, whatever happens to the server, the client and the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use time::{Date, OffsetDateTime};
use tokio::sync::watch;
use umbel_client::api::{CreateAccount, CreateOrganization, EventStatus, Unit};
use umbel_client::{Client, Error};

use crate::process::{Server, bootstrap, on_each_engine, said, succeed, umbel};

/// An account that is metered by the sum of what its events say.
async fn metered(client: &Client) -> String {
    let organization = client.create_organization(&CreateOrganization::root("Acme")).await.unwrap();
    let unit = Some(Unit { id: organization.id });
    let new = CreateAccount { name: "Web".to_owned(), unit, account_type: None, standalone: None, settings: None };
    client.create_account(&new).await.unwrap().id
}

/// A metric that adds up what events of one kind say.
pub(crate) fn metric() -> Value {
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

/// Of a hundred things that are sent so many were sent before, and so many say something else with an id of before.
const DUPLICATES: u64 = 30;
const CONFLICTS: u64 = 1;
/// One original of so many happened on one of the days before.
const LATE: u64 = 20;
const LATE_DAYS: u64 = 20;
const ACCOUNTS: u64 = 5;
const SENDERS: usize = 4;
const BATCH_MAX: u64 = 1_000;

/// Something that is sent: an event, or another one with its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sent {
    number: u64,
    is_conflict: bool,
}

impl Sent {
    /// So many, in no order.
    fn all(count: u64) -> Vec<Self> {
        let originals = count - count * (DUPLICATES + CONFLICTS) / 100;
        let again = |at: u64| Self { number: spread(at) % originals, is_conflict: at % (DUPLICATES + CONFLICTS) < CONFLICTS };
        let original = |number| Self { number, is_conflict: false };
        let mut all: Vec<(u64, Self)> = (0..originals)
            .map(original)
            .chain((originals..count).map(again))
            .enumerate()
            .map(|(at, sent)| (spread(at as u64), sent))
            .collect();
        all.sort_unstable();
        all.into_iter().map(|(_, sent)| sent).collect()
    }

    fn account(self) -> usize {
        usize::try_from(self.number % ACCOUNTS).unwrap()
    }

    fn day(self, today: Date) -> Date {
        let is_late = self.number.is_multiple_of(LATE);
        today - time::Duration::days(if is_late { 1 + (self.number / LATE % LATE_DAYS).cast_signed() } else { 0 })
    }

    /// Thousandths, so that no sum of binary fractions would be exact.
    fn thousandths(self) -> u64 {
        self.number % 7_919 + u64::from(self.is_conflict)
    }

    fn event(self, accounts: &[String], today: Date) -> Value {
        let (number, day, count) = (self.number, self.day(today), self.thousandths());
        json!({
            "specversion": "1.0",
            "id": number.to_string(),
            "source": "/sender",
            "time": format!("{day}T00:00:00Z"),
            "type": "com.example.request",
            "subject": accounts[self.account()],
            "data": {"count": format!("{}.{:03}", count / 1000, count % 1000)},
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "events must be of days that the server, which has a real clock, still takes")]
fn today() -> Date {
    OffsetDateTime::now_utc().date()
}

/// Spreads a number over all 64 bits.
fn spread(number: u64) -> u64 {
    let mixed = (number ^ number >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// Batches of random sizes.
fn batches(mut all: &[Sent]) -> Vec<Vec<Sent>> {
    let mut batches = Vec::new();
    while !all.is_empty() {
        let size = usize::try_from(spread(all.len() as u64) % BATCH_MAX + 1).unwrap();
        let (batch, rest) = all.split_at(size.min(all.len()));
        batches.push(batch.to_vec());
        all = rest;
    }
    batches
}

/// Sends a batch until it is answered, whoever answers.
async fn send(urls: &watch::Receiver<String>, token: &str, events: &[Value]) -> Vec<EventStatus> {
    let bytes = serde_json::to_vec(events).unwrap();
    loop {
        let client = Client::new(&urls.borrow(), token).unwrap();
        match client.record_usage(bytes.clone()).await {
            Ok(answered) => return answered.into_iter().map(|event| event.status).collect(),
            Err(Error::Refused { status: 503, .. }) => {}
            Err(Error::Refused { status, problems }) => panic!("refused with {status}: {problems:?}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// What was counted of events, as the answers say.
#[derive(Default)]
struct Counted {
    /// Events that were counted, and how often that was said.
    accepted: BTreeMap<Sent, u64>,
    known: BTreeSet<Sent>,
    refused: BTreeSet<Sent>,
}

impl Counted {
    fn add(&mut self, sent: Sent, status: EventStatus) {
        match status {
            EventStatus::Accepted => *self.accepted.entry(sent).or_default() += 1,
            EventStatus::Duplicate => {}
            EventStatus::Conflict => _ = self.refused.insert(sent),
            EventStatus::Rejected => panic!("{sent:?} is rejected"),
        }
        if status != EventStatus::Conflict {
            self.known.insert(sent);
        }
    }

    /// The sums of everything that counts, by account and day.
    fn sums(&self, accounts: &[String], today: Date) -> BTreeMap<(String, String), u64> {
        let mut sums = BTreeMap::new();
        for sent in &self.known {
            *sums.entry((accounts[sent.account()].clone(), sent.day(today).to_string())).or_default() += sent.thousandths();
        }
        sums
    }
}

/// Sends so many events, of which many were sent before, with clients that try again, while the server is killed every few seconds.
fn count_exactly_once(database: &str, count: u64) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let token = bootstrap(database);
    import(database, &[metric()]);
    let mut server = Server::start(database);
    let accounts: Arc<Vec<String>> = Arc::new((0..ACCOUNTS).map(|_| runtime.block_on(metered(&server.client(&token)))).collect());
    let (url, urls) = watch::channel(server.url.clone());
    let today = today();
    let batches = Arc::new(Mutex::new(batches(&Sent::all(count))));
    let sender = || {
        let (batches, accounts, urls, token) = (Arc::clone(&batches), Arc::clone(&accounts), urls.clone(), token.clone());
        runtime.spawn(async move {
            let mut answered = Vec::new();
            loop {
                let Some(batch) = batches.lock().unwrap().pop() else { return answered };
                let events: Vec<Value> = batch.iter().map(|sent| sent.event(&accounts, today)).collect();
                let statuses = send(&urls, &token, &events).await;
                assert_eq!(statuses.len(), batch.len());
                answered.extend(batch.into_iter().zip(statuses));
            }
        })
    };
    let senders: Vec<_> = (0..SENDERS).map(|_| sender()).collect();
    // Longer each time, so that a slow machine comes to an end too.
    let mut pause = Duration::from_secs(2);
    while !senders.iter().all(tokio::task::JoinHandle::is_finished) {
        std::thread::sleep(pause);
        pause += Duration::from_millis(500);
        server.kill();
        server = Server::start(database);
        url.send_replace(server.url.clone());
    }
    let mut counted = Counted::default();
    for sender in senders {
        runtime.block_on(sender).unwrap().into_iter().for_each(|(sent, status)| counted.add(sent, status));
    }
    // What was counted without an answer is a duplicate when it is sent again.
    assert!(counted.accepted.values().all(|times| *times == 1));
    assert!(counted.known.is_disjoint(&counted.refused), "what is refused never counts");
    let numbers: BTreeSet<u64> = counted.known.iter().map(|sent| sent.number).collect();
    assert_eq!((numbers.len(), counted.known.len()), (numbers.len(), numbers.len()), "one of all with the same id counts");
    assert!(counted.refused.len() as u64 > count / 200, "there are conflicts");
    assert_eq!(server.terminate(), Some(0));
    let exported = succeed(&["export", "--database", database]);
    let lines = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let days = lines.filter(|line| line["kind"] == "usage_daily");
    let sums: BTreeMap<_, _> =
        days.map(|day| ((text(&day, "account_id"), text(&day, "day")), in_thousandths(&text(&day, "quantity")))).collect();
    assert!(sums == counted.sums(&accounts, today), "the days come to what was counted, to the last digit");
}

#[test]
fn events_count_exactly_once_however_often_the_server_is_killed() {
    on_each_engine(|database| count_exactly_once(database, 100_000));
}

#[test]
#[ignore = "takes minutes"]
fn a_million_events_count_exactly_once() {
    on_each_engine(|database| count_exactly_once(database, 1_000_000));
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
        let accounts = vec![runtime.block_on(metered(&server.client(&token))); usize::try_from(ACCOUNTS).unwrap()];
        let today = today();
        let event = |number| Sent { number, is_conflict: false }.event(&accounts, today);
        let mut events = String::new();
        for number in 0..25 {
            writeln!(events, "{}\n", event(number)).unwrap();
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
        let mut other = event(3);
        other["data"]["count"] = 5.into();
        let mut bad = event(99);
        bad["subject"] = "nobody".into();
        std::fs::write(file.path(), format!("{other}\n{bad}\n")).unwrap();
        let failed = send(&[]);
        assert_eq!((counts(&failed), failed.status.code()), ([0, 0, 1, 1], Some(1)));
        assert!(said(&failed.stderr).contains("not every event is counted"));
        let shown: Value = serde_json::from_slice(&failed.stdout).unwrap();
        assert_eq!((shown["bad"][1]["line"].as_u64(), shown["bad"][1]["status"].as_str()), (Some(2), Some("rejected")));
    });
}
