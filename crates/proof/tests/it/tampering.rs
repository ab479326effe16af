//! Whoever changes a bundle in any way that a seeded hand comes upon is found out, and told where.
#![expect(clippy::ptr_arg, reason = "all ways of tampering have one type, and some of them change how many lines there are")]

use std::collections::BTreeMap;

use serde_json::Value;
use umbel_proof::{Signer, merkle};

use crate::log::{Log, ORIGIN, signer, verify};

const TAMPERINGS: usize = 2_000;
/// How many leaves the logs have that are tampered with.
const SIZE: u8 = 21;

/// A source of numbers that are the same in each run.
struct Hand {
    seed: u64,
}

impl Hand {
    /// A number below `limit`.
    fn pick(&mut self, limit: usize) -> usize {
        self.seed += 1;
        let hash = merkle::leaf_hash(&self.seed.to_be_bytes());
        let number = u64::from_be_bytes(std::array::from_fn(|at| hash[at]));
        usize::try_from(number % u64::try_from(limit).unwrap()).unwrap()
    }

    /// The place of a line of a leaf.
    fn leaf(&mut self, lines: &[String]) -> usize {
        1 + self.pick(lines.len() - 2)
    }
}

/// A way of tampering, and phrases of which one must be in the error that it leads to.
type Tampering = (&'static str, fn(&mut Hand, &mut Vec<String>), &'static [&'static str]);

const WRONG_HASH: &str = "a line before this one or the checkpoint was changed";
const WRONG_PROOF: &str = "does not lead to the root";
const WRONG_LENGTH: &str = "hashes than its tree has levels";
const WRONG_SIZE: &str = "entries by its checkpoint";
const WRONG_PLACE: &str = "a line is missing, added or moved";
const WRONG_ORDER: &str = "in ascending order";

const TAMPERINGS_OF_ALL: [Tampering; 14] = [
    ("a changed member", change_member, &[WRONG_HASH, WRONG_PROOF]),
    ("a member that is left out", remove_member, &[WRONG_HASH, WRONG_PROOF]),
    ("a member that is made up", add_member, &["unknown field", "duplicate field", "canonical form"]),
    ("an altered salt or commitment", change_seal, &[WRONG_HASH, WRONG_PROOF]),
    ("entries that change places", swap_entries, &[WRONG_HASH, WRONG_PROOF, WRONG_LENGTH]),
    ("lines that change places", swap_lines, &[WRONG_PLACE, WRONG_ORDER]),
    ("a line that is repeated", repeat_line, &[WRONG_PLACE, WRONG_ORDER]),
    ("a tail that is cut off", cut_tail, &["was cut off"]),
    ("lines after the end", add_after_the_end, &["something comes after the checkpoint"]),
    ("the checkpoint of another size", other_size, &[WRONG_SIZE]),
    ("the checkpoint of another log", other_log, &["is not signed by the key"]),
    ("the same checkpoint by another key", other_key, &["is not signed by the key"]),
    (
        "a checkpoint that is changed",
        change_checkpoint,
        &["is wrong: note or signature was changed", "the checkpoint", "not signed by"],
    ),
    (
        "a header that is changed",
        change_header,
        &[
            WRONG_HASH,
            WRONG_LENGTH,
            WRONG_PROOF,
            WRONG_PLACE,
            "the checkpoint is of the log",
            WRONG_SIZE,
            "version",
            "the frontier",
        ],
    ),
];

const TAMPERINGS_OF_RANGES: [Tampering; 4] = [
    ("a line that is removed", remove_line, &[WRONG_PLACE, WRONG_SIZE]),
    ("a line that is removed, the others renumbered", remove_and_renumber, &[WRONG_SIZE]),
    ("a line that is made up, the others renumbered", insert_and_renumber, &[WRONG_SIZE]),
    ("a history that is made up under its true size", forge_all, &[WRONG_HASH]),
];

#[test]
fn two_thousand_random_tamperings_are_all_found_and_named() {
    let mut erased = Log::of(SIZE.into());
    erased.erase(3);
    let ranges = [Log::of(SIZE.into()).range(0), Log::of(SIZE.into()).range(6), erased.range(0)];
    let selections = [Log::of(SIZE.into()).selection(&[0, 1, 5, 16, 20]), erased.selection(&[2, 3, 18])];
    let of_ranges: Vec<_> = TAMPERINGS_OF_ALL.iter().chain(&TAMPERINGS_OF_RANGES).collect();
    let of_selections: Vec<_> = TAMPERINGS_OF_ALL.iter().collect();

    let (mut hand, mut found) = (Hand { seed: 2026 }, BTreeMap::<_, usize>::new());
    while found.values().sum::<usize>() < TAMPERINGS {
        let (bundles, ways) =
            if hand.pick(3) > 0 { (ranges.as_slice(), &of_ranges) } else { (selections.as_slice(), &of_selections) };
        let good = &bundles[hand.pick(bundles.len())];
        let (name, tamper, phrases) = ways[hand.pick(ways.len())];
        let mut lines: Vec<_> = good.split_inclusive('\n').map(str::to_owned).collect();
        tamper(&mut hand, &mut lines);
        let bad = lines.concat();
        if bad == *good {
            continue;
        }
        let error = verify(&bad, None).err().unwrap_or_else(|| panic!("{name} is not found: {bad}"));
        assert!(error.starts_with("line "), "{name}: {error}");
        assert!(phrases.iter().any(|phrase| error.contains(phrase)), "{name}: {error}");
        *found.entry(*name).or_default() += 1;
    }
    assert_eq!(found.len(), TAMPERINGS_OF_ALL.len() + TAMPERINGS_OF_RANGES.len(), "{found:?}");
}

#[test]
fn passing_on_an_entry_without_its_personal_members_is_allowed_and_counted() {
    let bundle = Log::of(9).range(0);
    let mut log = Log::of(9);
    log.erase(9);
    let erased = log.range(0);
    let mut lines: Vec<_> = bundle.lines().collect();
    lines[1] = erased.lines().nth(1).unwrap();
    assert_eq!(verify(&(lines.join("\n") + "\n"), None).unwrap().tally.erased, 1);
}

/// Changes a line of JSON and keeps it canonical.
fn edit(line: &mut String, change: impl FnOnce(&mut Value)) {
    let mut json = serde_json::from_str(line).unwrap();
    change(&mut json);
    *line = format!("{json}\n");
}

/// The paths of the members of the entry of a line that are no objects.
fn members(line: &str) -> Vec<String> {
    let json: Value = serde_json::from_str(line).unwrap();
    let entry = json["entry"].as_object().unwrap();
    let paths = entry.iter().flat_map(|(name, value)| match value.as_object() {
        Some(group) => group.keys().map(|member| format!("/entry/{name}/{member}")).collect(),
        None => vec![format!("/entry/{name}")],
    });
    paths.collect()
}

fn change_text(hand: &mut Hand, text: &str) -> String {
    let mut letters: Vec<_> = text.chars().collect();
    let at = hand.pick(letters.len());
    letters[at] = if letters[at] == '0' { '1' } else { '0' };
    letters.into_iter().collect()
}

fn change_member(hand: &mut Hand, lines: &mut Vec<String>) {
    let at = hand.leaf(lines);
    let members = members(&lines[at]);
    let path = &members[hand.pick(members.len())];
    edit(&mut lines[at], |json| {
        let member = json.pointer_mut(path).unwrap();
        *member = match &*member {
            Value::String(text) => change_text(hand, text).into(),
            _ => 201.into(),
        };
    });
}

fn remove_member(hand: &mut Hand, lines: &mut Vec<String>) {
    let at = hand.leaf(lines);
    let members = members(&lines[at]);
    let path = &members[hand.pick(members.len())];
    edit(&mut lines[at], |json| {
        let (parent, name) = path.rsplit_once('/').unwrap();
        let group = json.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        group.remove(name);
        if group.is_empty() {
            let (parent, name) = parent.rsplit_once('/').unwrap();
            json.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        }
    });
}

fn add_member(hand: &mut Hand, lines: &mut Vec<String>) {
    let at = hand.leaf(lines);
    let added = ["{\"entry\":{\"zone\":{},", "{\"entry\":{\"id\":\"entry-0\",", "{\"entry\":{\"action\":{},"][hand.pick(3)];
    lines[at] = lines[at].replacen("{\"entry\":{", added, 1);
}

fn change_seal(hand: &mut Hand, lines: &mut Vec<String>) {
    let at = hand.leaf(lines);
    edit(&mut lines[at], |json| {
        let name = if json.get("salt").is_some() { "salt" } else { "commitment" };
        json[name] = change_text(hand, json[name].as_str().unwrap()).into();
    });
}

fn swap_entries(hand: &mut Hand, lines: &mut Vec<String>) {
    let (a, b) = (hand.leaf(lines), hand.leaf(lines));
    let [from, to] = [a, b].map(|at| serde_json::from_str::<Value>(&lines[at]).unwrap());
    for (at, other) in [(a, to), (b, from)] {
        edit(&mut lines[at], |json| {
            let index = json["index"].take();
            *json = other;
            json["index"] = index;
        });
    }
}

fn swap_lines(hand: &mut Hand, lines: &mut Vec<String>) {
    let (a, b) = (hand.leaf(lines), hand.leaf(lines));
    lines.swap(a, b);
}

fn repeat_line(hand: &mut Hand, lines: &mut Vec<String>) {
    let (from, to) = (hand.leaf(lines), hand.leaf(lines));
    lines.insert(to, lines[from].clone());
    // A line that is put before itself is the first of two.
    if lines[to] == lines[to + 1] {
        lines.swap(to, to + 1);
    }
}

fn remove_line(hand: &mut Hand, lines: &mut Vec<String>) {
    lines.remove(hand.leaf(lines));
}

fn renumber(lines: &mut [String]) {
    let start = serde_json::from_str::<Value>(&lines[0]).unwrap()["start"].as_u64().unwrap();
    let leaves = lines.len() - 1;
    for (index, line) in (start..).zip(&mut lines[1..leaves]) {
        edit(line, |json| json["index"] = index.into());
    }
}

fn remove_and_renumber(hand: &mut Hand, lines: &mut Vec<String>) {
    remove_line(hand, lines);
    renumber(lines);
}

fn insert_and_renumber(hand: &mut Hand, lines: &mut Vec<String>) {
    let at = hand.leaf(lines);
    lines.insert(at, lines[at].clone());
    change_member(hand, lines);
    renumber(lines);
}

fn forge_all(hand: &mut Hand, lines: &mut Vec<String>) {
    remove_line(hand, lines);
    let at = hand.leaf(lines);
    lines.insert(at, lines[at].clone());
    renumber(lines);
}

fn cut_tail(hand: &mut Hand, lines: &mut Vec<String>) {
    let whole = lines.concat();
    let mut length = 1 + hand.pick(whole.len() - 1);
    if hand.pick(2) == 0 {
        length = whole[..whole.floor_char_boundary(length)].rfind('\n').map_or(length, |end| end + 1);
    }
    *lines = vec![whole[..whole.floor_char_boundary(length)].to_owned()];
}

fn add_after_the_end(hand: &mut Hand, lines: &mut Vec<String>) {
    let from = hand.pick(lines.len());
    lines.push(lines[from].clone());
}

fn replace_checkpoint(lines: &mut [String], note: &str) {
    edit(lines.last_mut().unwrap(), |json| json["note"] = note.into());
}

fn other_size(hand: &mut Hand, lines: &mut Vec<String>) {
    let size = hand.pick(SIZE.into()) as u64;
    replace_checkpoint(lines, &Log::of(size).note().to_string());
}

fn other_log(hand: &mut Hand, lines: &mut Vec<String>) {
    let origin = change_text(hand, ORIGIN);
    let signer = Signer::new(&origin, &[42; 32]).unwrap();
    let checkpoint = umbel_proof::Checkpoint { origin, ..Log::of(SIZE.into()).checkpoint(SIZE.into()) };
    replace_checkpoint(lines, &checkpoint.sign(&signer, &[]).unwrap().to_string());
}

fn other_key(hand: &mut Hand, lines: &mut Vec<String>) {
    let secret = u8::try_from(hand.pick(42)).unwrap();
    let signer = Signer::new(ORIGIN, &[secret; 32]).unwrap();
    replace_checkpoint(lines, &Log::of(SIZE.into()).checkpoint(SIZE.into()).sign(&signer, &[]).unwrap().to_string());
}

fn change_checkpoint(hand: &mut Hand, lines: &mut Vec<String>) {
    let note = Log::of(SIZE.into()).note().to_string();
    let size = format!("\n{SIZE}\n");
    let changed = match hand.pick(3) {
        0 => note.replacen(&size, &format!("\n{}\n", hand.pick(999)), 1),
        1 => note.replacen(&size, &(size.clone() + &"A".repeat(1 + hand.pick(3))), 1),
        _ => {
            let text = signer().verifier_key().to_string();
            note.replacen(ORIGIN, &change_text(hand, text.split('+').next().unwrap()), 1 + hand.pick(2))
        }
    };
    replace_checkpoint(lines, &changed);
}

fn change_header(hand: &mut Hand, lines: &mut Vec<String>) {
    edit(&mut lines[0], |json| {
        let names: Vec<_> =
            json.as_object().unwrap().keys().filter(|name| !["kind", "proofs"].contains(&name.as_str())).cloned().collect();
        let member = &mut json[&names[hand.pick(names.len())]];
        *member = match &*member {
            Value::String(text) => change_text(hand, text).into(),
            Value::Number(number) => (number.as_u64().unwrap() + 1 + hand.pick(9) as u64).into(),
            Value::Array(hashes) if !hashes.is_empty() => {
                let mut hashes = hashes.clone();
                let at = hand.pick(hashes.len());
                match hand.pick(3) {
                    0 => drop(hashes.remove(at)),
                    1 => hashes.rotate_left(1),
                    _ => hashes[at] = change_text(hand, hashes[at].as_str().unwrap()).into(),
                }
                hashes.into()
            }
            other => other.clone(),
        };
    });
}
