//! What was acknowledged is there after a power cut, which takes away what was written and not synced: all of it, or any part.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/power_cut.c");
/// What is noted of a change, in words of eight bytes: its kind, and lengths.
const HEAD_WORDS: usize = 5;
const SYNCED: u64 = 1;

/// A library that notes what a power cut would take away.
pub(crate) struct Notes {
    folder: PathBuf,
    library: PathBuf,
    journal: PathBuf,
    /// The server ends before its next sync once this file is there.
    cut: PathBuf,
}

/// A change that is not synced.
struct Change {
    path: PathBuf,
    offset: u64,
    /// Bytes that were written, and what was there before.
    length: usize,
    old: Vec<u8>,
}

impl Notes {
    /// About the files of a folder; kept in another one.
    pub(crate) fn of(folder: &Path, keep: &Path) -> Self {
        let library = keep.join("libpower_cut.so");
        let arguments = ["-shared", "-fPIC", "-O2", "-Wall", "-D_LARGEFILE64_SOURCE", "-o"];
        let compiled = Command::new("cc").args(arguments).args([&library, Path::new(SOURCE)]).arg("-ldl").status().unwrap();
        assert!(compiled.success());
        Self { folder: folder.canonicalize().unwrap(), library, journal: keep.join("journal"), cut: keep.join("cut") }
    }

    /// Has a server take its notes from now on.
    pub(crate) fn taken_by<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        for path in [&self.journal, &self.cut] {
            _ = std::fs::remove_file(path);
        }
        command.envs([
            ("LD_PRELOAD", &self.library),
            ("UMBEL_TEST_FOLDER", &self.folder),
            ("UMBEL_TEST_JOURNAL", &self.journal),
            ("UMBEL_TEST_CUT", &self.cut),
        ])
    }

    /// Ends the server between a write and its sync: there is something to take away then, however fast the disk is.
    pub(crate) fn end_before_a_sync(&self) {
        File::create(&self.cut).unwrap();
    }

    /// Takes away what was written and not synced, as far as it is `lost`, in the folder of a server that was killed; returns how many
    /// syncs there were, and how many changes are gone.
    pub(crate) fn cut_power(&self, mut lost: impl FnMut() -> bool) -> (usize, usize) {
        let (syncs, unsynced) = self.read();
        let mut gone = 0;
        for change in unsynced.iter().rev().filter(|_| lost()) {
            gone += 1;
            let file = File::options().write(true).open(&change.path).unwrap();
            let mut before = change.old.clone();
            before.resize(change.length, 0);
            file.write_all_at(&before, change.offset).unwrap();
        }
        for entry in std::fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            // Memory does not outlive a power cut.
            if path.to_string_lossy().ends_with("-shm") {
                std::fs::remove_file(path).unwrap();
            }
        }
        (syncs, gone)
    }

    /// How often a file was synced, and what is not.
    fn read(&self) -> (usize, Vec<Change>) {
        let journal = std::fs::read(&self.journal).unwrap();
        let (mut rest, mut syncs, mut unsynced) = (journal.as_slice(), 0, Vec::<Change>::new());
        let mut take = |length: usize| rest.split_off(..length);
        while let Some(head) = take(8 * HEAD_WORDS) {
            let word = |at: usize| u64::from_ne_bytes(head[8 * at..8 * at + 8].try_into().unwrap());
            let [kind, path, offset, length, old] = std::array::from_fn(word);
            let size = |number: u64| usize::try_from(number).unwrap();
            // The last note may be cut off: what it is about was not done yet.
            let (Some(path), Some(old)) = (take(size(path)), take(size(old))) else { break };
            let path = PathBuf::from(String::from_utf8(path.to_vec()).unwrap());
            if kind == SYNCED {
                syncs += 1;
                unsynced.retain(|change| change.path != path);
            } else {
                unsynced.push(Change { path, offset, length: size(length), old: old.to_vec() });
            }
        }
        (syncs, unsynced)
    }
}
