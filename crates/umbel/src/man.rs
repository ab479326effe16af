//! `umbel man`: the manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};

use crate::{Cli, Result};

/// Writes a manual page of every verb.
#[derive(Args)]
pub(crate) struct Man {
    /// Folder to write them to, like ~/.local/share/man/man1; it is made if need be.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(&self) -> Result {
        let written = std::fs::create_dir_all(&self.folder).and_then(|()| clap_mangen::generate_to(Cli::command(), &self.folder));
        Ok(written.map_err(|error| format!("cannot write to {}: {error}", self.folder.display()))?)
    }
}
