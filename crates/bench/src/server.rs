//! Servers under measurement: child processes that end with their handle.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crate::Result;
use crate::load::{Answered, Load};
use crate::process::Process;

/// A server that accepts connections.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// What a load did to a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loaded {
    pub(crate) answered: Answered,
    /// Time on processors for each request, in microseconds.
    pub(crate) cpu_micros: f64,
}

impl Server {
    /// Starts a server and waits until it says where it listens; `input` is what it reads.
    pub(crate) fn start(mut command: Command, input: &str) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input_of, output_of) = (child.stdin.take(), child.stdout.take());
        // From here on dropping it ends the child.
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        input_of.ok_or("the server has no input")?.write_all(input.as_bytes())?;
        let mut line = String::new();
        BufReader::new(output_of.ok_or("the server has no output")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.ok_or_else(|| format!("{command:?} did not start; its log says why"))?;
        server.address = address.parse()?;
        Ok(server)
    }

    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Runs a load for a moment, so that caches and connections are as they stay, and then counts.
    pub(crate) fn measure(&self, load: &Load) -> Result<Loaded> {
        Load { duration: load.duration / 3, seed: load.seed + 500, ..load.clone() }.run()?;
        let before = self.process().cpu_time()?;
        let answered = load.measure()?;
        let cpu = self.process().cpu_time()?.saturating_sub(before);
        Ok(Loaded { answered, cpu_micros: cpu.as_secs_f64() * 1e6 / answered.requests })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
