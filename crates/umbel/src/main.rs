//! Umbel: a self-hosted organizations service, and the command line beside it.

mod backup;
mod bar;
mod bootstrap;
mod database;
mod demo;
mod export;
mod import;
mod log;
mod migrate;
mod operator;
mod restore;
mod serve;
mod settings;
mod sources;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The allocator of the system gives memory back to it and asks for it anew at almost every request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted organizations service: a tree of organizations with members, behind the Cloudflare Organizations API.
#[derive(Parser)]
#[command(name = "umbel", version, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(Box<settings::Serve>),
    Demo(demo::Demo),
    Bootstrap(bootstrap::Bootstrap),
    Operator(operator::Operator),
    Import(import::Import),
    Export(export::Export),
    Migrate(migrate::Migrate),
    Backup(backup::Backup),
    Restore(restore::Restore),
}

/// The result of a verb; the error is shown to whoever typed it.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let cli: Cli = match settings::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // When nobody reads it there is nobody to tell.
            _ = writeln!(std::io::stderr(), "umbel: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run().await,
            Command::Demo(demo) => demo.run().await,
            Command::Bootstrap(bootstrap) => bootstrap.run().await,
            Command::Operator(operator) => operator.run().await,
            Command::Import(import) => import.run().await,
            Command::Export(export) => export.run().await,
            Command::Migrate(migrate) => migrate.run().await,
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run(),
        }
    })
}
