//! The load generator: measures Umbel against limits of the same run.
//!
//! What is measured, and how to run it, is in `docs/bench.md`.

mod bare;
mod bench;
mod database;
mod engine;
mod entries;
mod fill;
mod fsync;
mod http;
mod load;
mod parts;
mod people;
mod process;
mod random;
mod report;
mod request;
mod serial;
mod server;
mod session;
mod settings;
mod stored;
mod stream;
mod tree;
mod usage;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

/// That of the server, as what runs here in its place needs the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The result of everything here; the error is shown to whoever runs the measurement.
type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // The limits that need a process of their own are this program again.
    let done = match words.as_slice() {
        [] => parts::run(),
        ["bare"] => bare::serve(),
        ["fsync", folder, millis] => fsync::run(folder, millis),
        ["stored", database, size, audit, millis] => stored::run(database, size, audit, millis),
        ["serial", database, size, shape, millis] => serial::run(database, size, shape, millis),
        _ => Err("it takes no arguments; set SIZE=full for the stated sizes, PART=name for one part".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Tells whoever watches how far it is.
fn say(text: &str) {
    // When nobody watches there is nobody to tell.
    _ = writeln!(std::io::stderr(), "{text}");
}
