//! The demo: what it prints works, and nothing of it is left.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::umbel;

/// Starts a demo whose files lie in a folder.
fn start(folder: &TempDir) -> Child {
    umbel(&["demo"]).env("TMPDIR", folder.path()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Presses Ctrl-C; nothing may be left in the folder.
fn interrupt(mut demo: Child, folder: &TempDir) {
    assert!(Command::new("kill").args(["-INT", &demo.id().to_string()]).status().unwrap().success());
    assert_eq!(demo.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_commands_that_it_prints_work_and_nothing_of_it_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = start(&folder);
    let mut printed = String::new();
    let mut output = BufReader::new(demo.stdout.take().unwrap());
    while !printed.ends_with("client.organizations.delete(new.id)\n\"\n\n") {
        assert!(output.read_line(&mut printed).unwrap() > 0, "the demo ended: {printed}");
    }
    let is_command = |line: &&str| line.starts_with("export ") || line.starts_with("curl ");
    let commands: Vec<_> = printed.lines().map(str::trim).filter(is_command).collect();
    let answers = Command::new("sh").args(["-ec", &commands.join("\n")]).output().unwrap();
    assert!(answers.status.success(), "{}", String::from_utf8_lossy(&answers.stderr));
    let answers: Vec<Value> = serde_json::Deserializer::from_slice(&answers.stdout).into_iter().map(Result::unwrap).collect();
    let results: Vec<_> = answers.iter().map(|answer| answer["result"].as_array().unwrap()).collect();
    assert_eq!(results.len(), 3, "{printed}");
    assert_eq!(results[0][0]["name"], "Acme Group");
    assert!(
        results[1].iter().all(|found| found["name"].as_str().unwrap().to_lowercase().contains("europe"))
            && !results[1].is_empty()
    );
    assert!(
        results[2].iter().any(|record| record["BilledCost"].as_f64().is_some_and(|cost| cost > 0.0)),
        "{:?}",
        results[2].first()
    );
    interrupt(demo, &folder);
    assert_eq!(output.read_to_string(&mut printed).unwrap(), 0);
}

#[test]
fn who_stops_it_before_it_serves_finds_nothing_of_it_either() {
    let folder = tempfile::tempdir().unwrap();
    let demo = start(&folder);
    // It listens to signals before it makes its folder.
    while std::fs::read_dir(folder.path()).unwrap().count() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    interrupt(demo, &folder);
}
