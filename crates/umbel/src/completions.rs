//! `umbel completions`: what a shell needs to complete the verbs.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{Cli, Result, print};

/// Prints the completions of a shell.
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Result {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "umbel", &mut script);
        print::out(&String::from_utf8(script)?)
    }
}
