//! `umbel audit` against a real server.

use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;

use crate::process::{Server, on_each_engine, umbel};
use crate::remote::{ACME, ADA, EUROPE, LISBON_SHOP, company, result, run, text};

/// Renames Europe, so that there is an entry for each name.
fn rename(server: &Server, names: &[&str]) {
    for name in names {
        result(server, ADA, &["org", "rename", EUROPE, name]);
    }
}

fn of_europe(verb: &str) -> Vec<&str> {
    vec!["audit", verb, "--organization", EUROPE]
}

/// What the requests of some entries asked for.
fn names<'e>(entries: impl IntoIterator<Item = &'e Value>) -> Vec<String> {
    entries.into_iter().map(|entry| text(&entry["resource"]["request"]["name"]).to_owned()).collect()
}

#[test]
fn entries_are_listed_by_log_time_and_filters() {
    on_each_engine(|database| {
        let server = company(database);
        rename(&server, &["One", "Two", "Three"]);
        result(&server, ADA, &["account", "rename", LISBON_SHOP, "Shop"]);
        let list = |more: &[&str]| result(&server, ADA, &[&["audit", "list"], more].concat());
        let all = list(&["--organization", EUROPE]);
        assert_eq!(names(all.as_array().unwrap()), ["Three", "Two", "One"]);
        let count = |more: &[&str]| list(more).as_array().unwrap().len();
        assert_eq!(count(&["--organization", ACME]), 0);
        assert_eq!(count(&["--organization", ACME, "--below"]), 4);
        assert_eq!(count(&["--account", LISBON_SHOP]), 1);
        assert_eq!(count(&["--organization", EUROPE, "--before", "1h"]), 0);
        assert_eq!(count(&["--organization", EUROPE, "--filter", "action_type.not=update"]), 0);
        let by = ["--organization", EUROPE, "--filter", "actor_email=nobody@example.com", "--filter"];
        assert_eq!(count(&[&by[..], &["actor_email=ADA.LINDQVIST@acme.example"]].concat()), 3);
        let (_, out, err) = run(&server, ADA, &[of_europe("list"), vec!["--limit", "2"]].concat());
        assert_eq!((out.lines().count(), err.as_str()), (3, "umbel: only the first 2 are shown; --limit shows more\n"));
        assert!(out.contains("Update Organization") && out.contains(&format!("organization {EUROPE}")), "{out}");
        for (more, complaint) in [
            (["--filter", "action=create"], "there is no filter of that name"),
            (["--filter", "action_type=destroy"], "--filter action_type must be `create` or"),
            (["--since", "yesterday"], "give a date like 2026-01-02"),
        ] {
            let (status, _, err) = run(&server, ADA, &[of_europe("list"), more.to_vec()].concat());
            assert!(status != Some(0) && err.contains(complaint), "{err}");
        }
    });
}

#[test]
fn an_entry_has_a_history_and_a_diff() {
    on_each_engine(|database| {
        let server = company(database);
        rename(&server, &["One", "Two"]);
        let newest = &result(&server, ADA, &of_europe("list"))[0];
        let entry = [text(&newest["id"]), "--time", text(&newest["action"]["time"])];
        let history = result(&server, ADA, &[&of_europe("history")[..], &entry].concat());
        assert_eq!(names(history.as_array().unwrap()), ["Two", "One"]);
        let (status, out, _) = run(&server, ADA, &[&of_europe("diff")[..], &entry].concat());
        assert!(status == Some(0) && out.contains("\n~ /name: \"One\" → \"Two\"\n"), "{out}");
        // The list shows times to the second.
        let cut = text(&newest["action"]["time"]).split('.').next().unwrap().to_owned() + "Z";
        let diff = result(&server, ADA, &[&of_europe("diff")[..], &[entry[0], "--time", &cut]].concat());
        assert_eq!(diff["entry"], *newest);
        let (status, _, err) = run(&server, ADA, &[&of_europe("history")[..], &["none", "--time", &cut]].concat());
        assert!(status == Some(1) && err.contains("audit log entry not found"), "{err}");
    });
}

#[test]
fn an_export_is_a_file_once_it_is_complete() {
    on_each_engine(|database| {
        let server = company(database);
        rename(&server, &["One", "Two", "Three"]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log.ndjson");
        let path = file.to_str().unwrap();
        let shown = result(&server, ADA, &[of_europe("export"), vec![path]].concat());
        let written = std::fs::read_to_string(&file).unwrap();
        assert_eq!(shown["bytes"], written.len());
        let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(Value::from(lines), result(&server, ADA, &of_europe("list")));
        assert_eq!(run(&server, ADA, &[of_europe("export"), vec!["-"]].concat()), (Some(0), written.clone(), String::new()));
        let (_, table, _) = run(&server, ADA, &[of_europe("export"), vec!["--format", "csv", "-"]].concat());
        assert!(table.starts_with("id,action.time,") && table.lines().count() == 4, "{table}");
        let (status, _, err) = run(&server, ADA, &["audit", "export", "--server", path]);
        assert!(status == Some(1) && err.contains("1300"), "{err}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), written, "what fails leaves what was there");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    });
}

/// `tail -f` in another process, and its lines.
struct Tail {
    child: Child,
    lines: Option<Lines<BufReader<ChildStdout>>>,
}

impl Tail {
    fn start(server: &Server, more: &[&str]) -> Self {
        let args = [&of_europe("tail")[..], &["-f", "--interval", "1", "--json"], more].concat();
        let mut command = umbel(&args);
        command.env("UMBEL_URL", &server.url).env("UMBEL_TOKEN", ADA).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines: Some(lines) }
    }

    fn next(&mut self) -> String {
        let line: Value = serde_json::from_str(&self.lines.as_mut().unwrap().next().unwrap().unwrap()).unwrap();
        names([&line]).remove(0)
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn a_followed_log_shows_each_entry_once() {
    on_each_engine(|database| {
        let server = company(database);
        rename(&server, &["One", "Two", "Three"]);
        let (_, out, _) = run(&server, ADA, &[of_europe("tail"), vec!["-n", "2", "--json"]].concat());
        let shown: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(names(&shown), ["Two", "Three"]);
        let mut tail = Tail::start(&server, &["-n", "1"]);
        assert_eq!(tail.next(), "Three", "what is not shown at first is not shown later");
        for name in ["Four", "Five", "Six"] {
            rename(&server, &[name]);
            assert_eq!(tail.next(), name);
        }
        rename(&server, &["Seven", "Eight"]);
        assert_eq!([tail.next(), tail.next()], ["Seven", "Eight"]);
    });
}

#[test]
fn a_followed_log_shows_what_comes_and_ends_with_its_reader() {
    on_each_engine(|database| {
        let server = company(database);
        let mut tail = Tail::start(&server, &["--since", "1h"]);
        rename(&server, &["First"]);
        assert_eq!(tail.next(), "First");
        // The reader goes away, as `head` does.
        tail.lines = None;
        rename(&server, &["Second"]);
        assert_eq!(tail.child.wait().unwrap().code(), Some(0));
        let mut complaint = String::new();
        tail.child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert_eq!(complaint, "");
    });
}

#[test]
fn a_root_decides_how_long_its_log_is_kept_and_what_is_erased_of_it() {
    on_each_engine(|database| {
        let server = company(database);
        rename(&server, &["One"]);
        let retention = |args: &[&str]| result(&server, ADA, &[&["audit", "retention"], args].concat());
        let of_acme = ["--organization", ACME];
        assert_eq!(retention(&[&["show"], &of_acme[..]].concat())["retention_days"], Value::Null);
        let set = |more: &[&str]| retention(&[&["set"], &of_acme[..], more].concat());
        assert_eq!(set(&["--days", "550", "--hold"]).to_string(), r#"{"hold":true,"retention_days":550}"#);
        assert_eq!(set(&["--release"]).to_string(), r#"{"hold":false,"retention_days":550}"#);
        assert_eq!(set(&["--forever"]).to_string(), r#"{"hold":false,"retention_days":null}"#);
        let (status, out, _) = run(&server, ADA, &["audit", "retention", "show", "--organization", ACME]);
        assert_eq!((status, out.as_str()), (Some(0), "kept:  for ever\nhold:  no\n"));
        let (status, _, err) = run(&server, ADA, &["audit", "retention", "show", "--organization", EUROPE]);
        assert!(status == Some(1) && err.contains(&format!("ask for that of the root, {ACME}")), "{err}");

        let erase = ["audit", "erase", "--organization", ACME, "--email", "ada.lindqvist@acme.example"];
        let erasure = result(&server, ADA, &erase);
        let shown = || result(&server, ADA, &["audit", "erasure", text(&erasure["id"]), "--organization", ACME]);
        let tries = (0..600).map(|_| std::thread::sleep(std::time::Duration::from_millis(50)));
        assert!(tries.map(|()| shown()).any(|shown| shown["status"] == "done"), "{}", shown());
        // The rename, what was decided three times, and the order itself.
        assert_eq!(shown()["erased"], 5);
        let list = result(&server, ADA, &[&of_europe("list")[..], &["--filter", "actor_type=user"]].concat());
        assert_eq!(list[0]["actor"].get("email"), None);
        let (status, _, err) = run(&server, ADA, &["audit", "erase", "--organization", ACME]);
        assert!(status == Some(2) && err.contains("--user-id"), "{err}");
    });
}
