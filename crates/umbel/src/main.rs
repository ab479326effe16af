//! Umbel: a self-hosted organizations service, and the command line beside it.

mod backup;
mod bar;
mod bootstrap;
mod completions;
mod database;
mod demo;
mod export;
mod focus;
mod import;
mod log;
mod man;
mod migrate;
mod operator;
mod print;
mod remote;
mod restore;
mod serve;
mod settings;
mod sources;
mod user;
mod verify;
mod whole_file;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::remote::audit::Audit;
use crate::remote::focus::Focus;
use crate::remote::{
    Remote, Single, account, billing, budget, cost, invitation, member, membership, metric, organization, price, role, token,
    usage,
};

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

/// Threads for blocking work: scans, a COMMIT, hashing passwords, writing parts of exports, and looking up names. Without a limit one
/// starts whenever something begins before the thread of another is idle again, and each keeps about 2 MiB.
const BLOCKING_THREADS_MAX: usize = 16;

#[derive(Subcommand)]
enum Command {
    Serve(Box<settings::Serve>),
    Demo(demo::Demo),
    Bootstrap(bootstrap::Bootstrap),
    Operator(operator::Operator),
    User(user::User),
    Import(import::Import),
    Export(export::Export),
    Migrate(migrate::Migrate),
    Backup(backup::Backup),
    Restore(restore::Restore),
    /// Organizations: list, create, change, move, draw as a tree; asks a running server.
    Org(Remote<organization::Verb>),
    /// Accounts: list, create, change, move; asks a running server.
    Account(Remote<account::Verb>),
    /// Members of organizations and accounts, and their roles; asks a running server.
    Member(Remote<member::Verb>),
    /// Invitations into organizations; asks a running server.
    Invitation(Remote<invitation::Verb>),
    /// Your own memberships of accounts: list, accept, reject; asks a running server.
    Membership(Remote<membership::Verb>),
    /// Roles that members can have; asks a running server.
    Role(Remote<role::Verb>),
    /// The audit log: list, follow, export, histories, what a change did, asking a running server; verify offline.
    Audit(Audit),
    /// What is metered: list, make, retire; asks a running server, as an operator.
    Metric(Remote<metric::Verb>),
    /// What metrics cost: list, make, end; asks a running server, as an operator.
    Price(Remote<price::Verb>),
    /// Usage: send events to a running server.
    Usage(Remote<usage::Verb>),
    /// Costs of an organization, added up by day, account, organization, metric or service; asks a running server.
    Cost(Single<cost::Costs>),
    /// Billing periods of roots and their invoices: close a month, list and show; asks a running server.
    Billing(Remote<billing::Verb>),
    /// Budgets of organizations: list, make, change; asks a running server.
    Budget(Remote<budget::Verb>),
    /// Files of costs and usage in the format of FOCUS: export them, asking a running server; check them offline.
    Focus(Focus),
    /// API tokens of your own; asks a running server.
    Token(Remote<token::Verb>),
    Completions(completions::Completions),
    Man(man::Man),
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
    #[cfg(target_os = "linux")]
    {
        // The allocator asks for them, and then 2 MiB are taken where a byte is used. Where they cannot be disabled it is only memory.
        _ = rustix::thread::disable_transparent_huge_pages(true);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(BLOCKING_THREADS_MAX).enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run().await,
            Command::Demo(demo) => demo.run().await,
            Command::Bootstrap(bootstrap) => bootstrap.run().await,
            Command::Operator(operator) => operator.run().await,
            Command::User(user) => user.run().await,
            Command::Import(import) => import.run().await,
            Command::Export(export) => export.run().await,
            Command::Migrate(migrate) => migrate.run().await,
            Command::Backup(backup) => backup.run(),
            Command::Restore(restore) => restore.run().await,
            Command::Org(verbs) => verbs.run().await,
            Command::Account(verbs) => verbs.run().await,
            Command::Member(verbs) => verbs.run().await,
            Command::Invitation(verbs) => verbs.run().await,
            Command::Membership(verbs) => verbs.run().await,
            Command::Role(verbs) => verbs.run().await,
            Command::Audit(verbs) => verbs.run().await,
            Command::Metric(verbs) => verbs.run().await,
            Command::Price(verbs) => verbs.run().await,
            Command::Usage(verbs) => verbs.run().await,
            Command::Cost(verb) => verb.run().await,
            Command::Billing(verbs) => verbs.run().await,
            Command::Budget(verbs) => verbs.run().await,
            Command::Focus(verbs) => verbs.run().await,
            Command::Token(verbs) => verbs.run().await,
            Command::Completions(completions) => completions.run(),
            Command::Man(man) => man.run(),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    const PAGE: &str = include_str!("../../../docs/command-line.md");

    #[test]
    fn every_verb_of_a_group_is_on_the_page() {
        let command = Cli::command();
        // What works on the database itself has a page of its own.
        for group in command.get_subcommands().filter(|group| group.get_name() != "operator") {
            for verb in group.get_subcommands() {
                let line = format!("umbel {} {}", group.get_name(), verb.get_name());
                assert!(PAGE.contains(&line), "{line}");
            }
        }
    }

    #[test]
    fn the_definition_of_the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
