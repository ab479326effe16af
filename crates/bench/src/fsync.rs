//! How fast the disk syncs, and how a slower one is imitated.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::Result;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fsync_delay.c");
const PAGE_BYTES: usize = 4096;
/// Pages of the file that is synced, about as many as a write-ahead log has.
const PAGES: u64 = 1024;

/// How much longer each sync takes than the disk needs.
#[derive(Debug, Clone)]
pub(crate) enum Delay {
    None,
    /// By so much, through a library that is loaded before all others.
    Of(Duration, PathBuf),
}

impl Delay {
    /// Compiles the library into a folder.
    pub(crate) fn compile(folder: &Path, duration: Duration) -> Result<Self> {
        let library = folder.join("libfsync_delay.so");
        let arguments = ["-shared", "-fPIC", "-O2", "-Wall", "-o"];
        let status = Command::new("cc").args(arguments).args([library.as_path(), Path::new(SOURCE)]).arg("-ldl").status();
        match status {
            Ok(status) if status.success() => Ok(Self::Of(duration, library)),
            _ => Err(format!("cannot compile {SOURCE}; install a C compiler as `cc`").into()),
        }
    }

    /// Slows the syncs of a child.
    pub(crate) fn apply(&self, command: &mut Command) {
        if let Self::Of(duration, library) = self {
            command.env("LD_PRELOAD", library).env("UMBEL_FSYNC_DELAY_MICROS", duration.as_micros().to_string());
        }
    }
}

/// Writes and syncs one page after another of a file in a folder, for a time, and prints how many it were in a second.
pub(crate) fn run(folder: &str, millis: &str) -> Result {
    let duration = Duration::from_millis(millis.parse()?);
    let path = Path::new(folder).join("fsync.probe");
    let file = File::options().write(true).create(true).truncate(true).open(&path)?;
    let page = [0x55; PAGE_BYTES];
    for at in 0..PAGES {
        file.write_all_at(&page, at * PAGE_BYTES as u64)?;
    }
    file.sync_all()?;
    let started = Instant::now();
    let mut synced = 0_u32;
    while started.elapsed() < duration {
        file.write_all_at(&page, u64::from(synced) % PAGES * PAGE_BYTES as u64)?;
        file.sync_data()?;
        synced += 1;
    }
    let per_second = f64::from(synced) / started.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(writeln!(std::io::stdout(), "{per_second}")?)
}
