//! What the parts of the measurement share: sizes, databases and servers.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::Result;
use crate::database::{Database, Databases};
use crate::engine::Engine;
use crate::fill::Content;
use crate::fsync::Delay;
use crate::load::{Answered, Seen};
use crate::serial::Shape;
use crate::server::Server;
use crate::session::Session;
use crate::settings::Settings;
use crate::stored::Audit;
use crate::tree::Tree;
use crate::usage::Usage;

/// Everything that a part needs.
pub(crate) struct Bench {
    pub(crate) settings: Settings,
    pub(crate) databases: Databases,
    /// Where databases and logs are, on a disk.
    pub(crate) folder: PathBuf,
    umbel: PathBuf,
}

impl Bench {
    /// Builds the server and makes the folder.
    pub(crate) fn new(settings: Settings) -> Result<Self> {
        let programs = programs()?;
        let umbel = programs.join("umbel");
        build()?;
        if let Some(url) = &settings.postgres {
            refuse_without_sync(url)?;
        }
        let folder = programs.with_file_name("bench");
        fs::create_dir_all(&folder)?;
        let databases = Databases::new(&folder, &umbel, settings.postgres.clone())?;
        Ok(Self { settings, databases, folder, umbel })
    }

    pub(crate) fn engines(&self) -> Vec<Engine> {
        let postgres = self.settings.postgres.iter().map(|_| Engine::Postgres);
        [Engine::Sqlite].into_iter().chain(postgres).collect()
    }

    /// The big tree.
    pub(crate) fn tree(&self) -> Tree {
        Tree { size: self.settings.organizations }
    }

    /// Runs a server on a database, its log in a file.
    pub(crate) fn serve(&self, database: &Database, options: &[&str], delay: &Delay) -> Result<Server> {
        let mut command = Command::new(&self.umbel);
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", &database.url]).args(options);
        command.stderr(File::create(self.folder.join("server.log"))?);
        delay.apply(&mut command);
        Server::start(command, "")
    }

    /// Runs a server on the month of usage that is known.
    pub(crate) fn serve_usage(&self, engine: Engine) -> Result<Server> {
        let usage = Usage { keys: 0, ..self.settings.usage(engine) };
        let database = self.databases.filled_with(engine, Content::Usage(usage), Usage::tree())?;
        self.serve(&database, &[], &Delay::None)
    }

    /// Runs a command of the program to its end.
    pub(crate) fn run_umbel(&self, arguments: &[&str]) -> Result {
        let status = Command::new(&self.umbel).args(arguments).stdout(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(format!("`umbel {}` failed", arguments.join(" ")).into()) }
    }

    /// How often a second the disk syncs now.
    pub(crate) fn fsync_rate(&self, delay: &Delay) -> Result<f64> {
        let folder = self.folder.display().to_string();
        let millis = millis(self.settings.duration / 3);
        Ok(child(&["fsync", &folder, &millis], delay)?.trim().parse()?)
    }

    /// Adds the rows of creates, one sync for each.
    pub(crate) fn create_serially(&self, database: &Database, shape: Shape, delay: &Delay) -> Result<Answered> {
        let (size, duration) = (self.tree().size.to_string(), self.settings.duration);
        let micros = child(&["serial", &database.url, &size, shape.name(), &millis(duration)], delay)?;
        Answered::new(Seen { micros: serde_json::from_str(&micros)?, refused: 0 }, duration)
    }

    /// How many organizations a second the store alone creates.
    pub(crate) fn create_in_store(&self, database: &Database, audit: Audit, delay: &Delay) -> Result<f64> {
        let (size, duration) = (self.tree().size.to_string(), self.settings.duration);
        let created = child(&["stored", &database.url, &size, audit.name(), &millis(duration)], delay)?;
        Ok(created.trim().parse::<f64>()? / duration.as_secs_f64())
    }
}

/// Where this program and the server are built.
fn programs() -> Result<PathBuf> {
    let program = env::current_exe()?;
    Ok(program.parent().ok_or("this program is in no folder")?.to_owned())
}

fn build() -> Result {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("umbel").join("Cargo.toml");
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--locked", "--quiet", "--manifest-path"]).arg(manifest);
    if command.status()?.success() { Ok(()) } else { Err("the server cannot be built".into()) }
}

/// What is not durable is not compared with what is.
fn refuse_without_sync(postgres: &str) -> Result {
    let mut session = Session::open(postgres)?;
    for setting in ["fsync", "synchronous_commit"] {
        if session.text(&format!("SHOW {setting}"))? != "on" {
            return Err(format!("the PostgreSQL server of UMBEL_BENCH_POSTGRES has {setting} off; turn it on").into());
        }
    }
    Ok(())
}

/// Runs this program as a child and reads what it prints.
fn child(arguments: &[&str], delay: &Delay) -> Result<String> {
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments).stderr(Stdio::inherit());
    delay.apply(&mut command);
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("the measurement of `{}` failed", arguments.join(" ")).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}
