//! The rules of tree, members, accounts, roles and credentials, held against a model of them: many random operations by anybody,
//! of which the model says what becomes of them, and the service must agree, on both engines.
//!
//! The model is written from the documents (`docs/roles.md` first), not from the code; it shares the table of roles with it.
//! Sequences are the same in each run. One that makes them differ is cut down to what is needed for that and printed, so that a
//! test can give it to [`replay`], with the variants of `By`, `What`, `Unit`, `Whose`, `Role` and `Flag` in scope.

mod effect;
mod operation;
mod request;
mod rights;
mod rows;
mod state;
mod verdict;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::harness::TestApp;
use operation::{By, Operation, What};
use state::{Model, NAMES};

/// Sequences of operations, each on a database of its own, and their length: 20,000 operations.
const SEQUENCES: u64 = 40;
const LENGTH: usize = 500;
/// Of so many sequences one is for PostgreSQL as well, where they take more than three times as long: 5,000 operations.
const POSTGRES_EVERY: u64 = 4;
/// Sequences in `make test-deep`, other ones.
const DEEP_SEQUENCES: u64 = 2_000;
/// Every row is compared after so many operations, and what everybody sees.
const COMPARED_EVERY: usize = 125;

/// How often each kind of operation was answered with each status.
type Tally = BTreeMap<(String, u16), usize>;

/// Where service and model differ.
#[derive(Debug)]
struct Divergence {
    /// Operations until then.
    after: usize,
    what: String,
}

/// The operations of a sequence.
fn sequence(seed: u64, length: usize) -> Vec<Operation> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    proptest::collection::vec(operation::operation(), length).new_tree(&mut runner).unwrap().current()
}

/// Sends one operation; `Err` tells where the answer is another one than the model says.
async fn step(app: &TestApp, model: &mut Model, operation: &Operation, tally: &mut Tally) -> Result<(), String> {
    let expected = model.verdict(operation);
    let answer = model.request(app, operation).await;
    *tally.entry((operation.kind(), answer.status)).or_default() += 1;
    if answer.status != expected {
        return Err(format!("expected {expected}: {answer}"));
    }
    if expected < 300 {
        model.done(operation, &answer).map_err(|difference| format!("{difference}\n{answer}"))?;
        name_founders(app, model).await;
    }
    Ok(())
}

/// Finds out the ids of the memberships that came with a root or an account and that no answer showed.
async fn name_founders(app: &TestApp, model: &mut Model) {
    let (key, email) = (model.users[0].key.clone().unwrap(), format!("{}@example.com", NAMES[0]));
    for (members, noun) in [(&mut model.members, "organizations"), (&mut model.account_members, "accounts")] {
        let Some(unnamed) = members.keys().find(|id| id.starts_with("founder of ")).cloned() else { continue };
        let founder = members.remove(&unnamed).unwrap();
        let path = format!("/{noun}/{}/members", founder.place);
        let list = app.get(path).header("x-auth-email", &email).header("x-auth-key", &key).await.expect(200).result();
        let is_founder = |item: &&serde_json::Value| item["user"]["id"] == model.users[founder.user].id.as_str();
        let id = list.as_array().unwrap().iter().find(is_founder).map_or("nobody", |item| item["id"].as_str().unwrap());
        members.insert(id.to_owned(), founder);
    }
}

/// Compares every row, and what everybody sees.
async fn compare(app: &TestApp, model: &mut Model, tally: &mut Tally) -> Result<(), String> {
    model.compare_rows(app).await?;
    for user in 0..NAMES.len() {
        for what in [What::ListOrganizations, What::ListAccounts] {
            step(app, model, &Operation { by: By::Key(user), what }, tally).await?;
        }
    }
    Ok(())
}

async fn run(app: &TestApp, operations: &[Operation]) -> Result<Tally, Divergence> {
    let (mut model, mut tally) = (Model::new(), Tally::new());
    for (at, operation) in operations.iter().enumerate() {
        let differ = |what| Divergence { after: at + 1, what };
        if model.is_defined(operation) {
            step(app, &mut model, operation, &mut tally).await.map_err(|what| differ(format!("{operation:?}: {what}")))?;
        }
        if at % COMPARED_EVERY == 0 || at + 1 == operations.len() {
            compare(app, &mut model, &mut tally).await.map_err(differ)?;
        }
    }
    Ok(tally)
}

/// The engines that a sequence runs on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum On {
    Sqlite,
    EachEngine,
}

/// Runs a sequence; the tally is of all engines.
fn run_on(on: On, operations: &[Operation]) -> Result<Tally, Divergence> {
    let results = Mutex::new(Vec::new());
    let test = async |app: &TestApp| {
        let result = run(app, operations).await;
        results.lock().unwrap().push(result);
    };
    match on {
        On::Sqlite => state::world().on_sqlite(test),
        On::EachEngine => state::world().on_each_engine(test),
    }
    let mut all = Tally::new();
    for result in results.into_inner().unwrap() {
        add(&mut all, result?);
    }
    Ok(all)
}

fn add(all: &mut Tally, more: Tally) {
    for (key, count) in more {
        *all.entry(key).or_default() += count;
    }
}

/// The fewest operations that still make a difference: pieces are left out, smaller and smaller ones, as long as one is left.
fn minimal(mut operations: Vec<Operation>, differ: impl Fn(&[Operation]) -> Option<usize>) -> Vec<Operation> {
    let mut piece = operations.len();
    while piece > 0 {
        let mut at = 0;
        while at < operations.len() {
            let rest = operations.iter().skip(at + piece);
            let without: Vec<_> = operations.iter().take(at).chain(rest).copied().collect();
            match differ(&without) {
                Some(after) => operations = without[..after].to_vec(),
                None => at += piece,
            }
        }
        piece /= 2;
    }
    operations
}

/// Runs a sequence; one that makes service and model differ is cut down and printed.
fn replay(on: On, operations: &[Operation]) -> Tally {
    let first = match run_on(on, operations) {
        Ok(tally) => return tally,
        Err(divergence) => divergence,
    };
    let differ = |operations: &[Operation]| run_on(on, operations).err().map(|divergence| divergence.after);
    let least = minimal(operations[..first.after].to_vec(), differ);
    let last = run_on(on, &least).err().map_or(first.what, |divergence| divergence.what);
    let listed = least.iter().fold(String::new(), |mut listed, operation| {
        writeln!(listed, "    {operation:?},").unwrap();
        listed
    });
    panic!("{last}\nafter replay(On::{on:?}, &[\n{listed}])");
}

fn hold(seeds: std::ops::Range<u64>) -> Tally {
    let mut all = Tally::new();
    for seed in seeds {
        let on = if seed % POSTGRES_EVERY == 0 { On::EachEngine } else { On::Sqlite };
        add(&mut all, replay(on, &sequence(seed, LENGTH)));
    }
    all
}

/// Every kind of operation was done, and every one that somebody may not do was refused.
fn assert_everything_was_tried(tally: &Tally) {
    for kind in sequence(0, LENGTH).iter().map(Operation::kind) {
        let answered =
            |expected: std::ops::Range<u16>| tally.iter().any(|((tried, status), _)| *tried == kind && expected.contains(status));
        assert!(answered(200..300), "{kind} was never done: {tally:#?}");
        assert!(answered(403..405) || kind.starts_with("List"), "{kind} was never refused: {tally:#?}");
    }
}

#[test]
fn the_service_never_differs_from_the_model_of_its_rules() {
    assert_everything_was_tried(&hold(0..SEQUENCES));
}

#[test]
#[ignore = "takes minutes"]
fn the_service_does_not_differ_from_the_model_of_its_rules_for_very_long() {
    hold(SEQUENCES..SEQUENCES + DEEP_SEQUENCES);
}

#[test]
fn a_sequence_is_cut_down_to_what_makes_the_difference() {
    let operations = sequence(0, 300);
    // The second one of these after the first makes it, and whatever comes between and behind does not.
    let (first, second) = (operations[70], operations[200]);
    let differ = |operations: &[Operation]| {
        let begun = operations.iter().position(|operation| *operation == first)?;
        let ended = operations[begun..].iter().position(|operation| *operation == second)?;
        Some(begun + ended + 1)
    };
    assert_eq!(minimal(operations, differ), [first, second]);
}
