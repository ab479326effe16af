//! What the operating system knows about a process.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::Result;

/// Linux shows times to programs in hundredths of a second, whatever its own clock.
const TICK: Duration = Duration::from_millis(10);

/// A running process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// The time that its threads spent on processors so far.
    pub(crate) fn cpu_time(self) -> Result<Duration> {
        let stat = self.read("stat")?;
        // The name in front may contain spaces; it ends with the last parenthesis.
        let (_, behind) = stat.rsplit_once(')').ok_or("/proc has no line for the process")?;
        let ticks: Vec<u32> =
            behind.split_whitespace().skip(11).take(2).map(str::parse).collect::<std::result::Result<_, _>>()?;
        Ok(TICK * ticks.iter().sum())
    }

    /// A size from its status in MiB, such as `VmRSS`.
    pub(crate) fn memory_mib(self, name: &str) -> Result<f64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kib: u32 = line.and_then(|line| line.split_whitespace().next()).ok_or("/proc shows no such size")?.parse()?;
        Ok(f64::from(kib) / 1024.0)
    }

    /// Forgets the largest size so far, which `VmHWM` is.
    pub(crate) fn forget_peak(self) -> Result {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.0), "5")?)
    }

    /// How often it has a file open.
    pub(crate) fn times_open(self, file: &Path) -> Result<usize> {
        let file = file.canonicalize()?;
        let descriptors = fs::read_dir(format!("/proc/{}/fd", self.0))?;
        let is_file = |entry: std::io::Result<fs::DirEntry>| entry.and_then(|entry| fs::read_link(entry.path())).ok();
        Ok(descriptors.filter_map(is_file).filter(|target| *target == file).count())
    }

    fn read(self, name: &str) -> Result<String> {
        let path = format!("/proc/{}/{name}", self.0);
        Ok(fs::read_to_string(&path).map_err(|error| format!("cannot read {path}: {error}; the process may be gone"))?)
    }
}
