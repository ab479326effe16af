//! The binary as a process, and databases for it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use umbel_client::Client;

/// The binary.
pub(crate) const UMBEL: &str = env!("CARGO_BIN_EXE_umbel");

/// A command line of the binary that no setting of the developer's shell changes.
pub(crate) fn umbel(args: &[&str]) -> Command {
    let mut command = undisturbed(UMBEL);
    command.args(args);
    command
}

/// A program that no setting of the developer's shell changes.
pub(crate) fn undisturbed(program: &str) -> Command {
    let mut command = Command::new(program);
    let ours = |name: &str| name.starts_with("UMBEL_") || name.starts_with("CLOUDFLARE_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| ours(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}

/// What a process wrote.
pub(crate) fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs the binary, which must go well, and returns what it prints.
pub(crate) fn succeed(args: &[&str]) -> String {
    let output = umbel(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", said(&output.stderr));
    said(&output.stdout)
}

/// Runs the binary, which must refuse, and returns what it complains of.
pub(crate) fn refused(args: &[&str]) -> String {
    let output = umbel(args).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {}", said(&output.stderr));
    said(&output.stderr)
}

/// Makes the first operator and returns their token.
pub(crate) fn bootstrap(database: &str) -> String {
    let args = ["bootstrap", "--json", "--email", "olga@example.com", "--name", "Olga", "--database", database];
    let output = umbel(&args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    shown["api_token"].as_str().unwrap().to_owned()
}

/// A server that is killed when the test ends.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// Starts a server on a free port and waits until it accepts connections.
    pub(crate) fn start(database: &str) -> Self {
        Self::start_with(database, &[])
    }

    /// The same with more settings.
    pub(crate) fn start_with(database: &str, settings: &[&str]) -> Self {
        Self::start_in(Path::new("."), database, settings)
    }

    /// The same in a folder, to which paths in the settings are relative.
    pub(crate) fn start_in(folder: &Path, database: &str, settings: &[&str]) -> Self {
        Self::start_by(database, settings, |command| command.current_dir(folder))
    }

    /// The same as a process that `prepare` has changed.
    pub(crate) fn start_by(database: &str, settings: &[&str], prepare: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let args = ["serve", "--listen", "127.0.0.1:0", "--log-level", "warn", "--database", database];
        let mut command = umbel(&[&args, settings].concat());
        let mut child = prepare(&mut command).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("the line that scripts wait for").to_owned();
        Self { child, url }
    }

    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(&self.url, token).unwrap()
    }

    /// Kills the process as a power cut would: at once.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until the process has ended by itself, for a minute at most.
    pub(crate) fn wait(mut self) {
        let has_ended = (0..6000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            self.child.try_wait().unwrap().is_some()
        });
        assert!(has_ended, "the server still runs");
    }

    /// Asks the process to stop, and returns its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(killed.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Runs a test on a fresh SQLite database, and on a fresh PostgreSQL database where there is a server for tests.
pub(crate) fn on_each_engine(test: impl Fn(&str)) {
    let folder = tempfile::tempdir().unwrap();
    test(&format!("sqlite:{}", folder.path().join("umbel.db").display()));
    on_postgres(test);
}

/// Runs a test on a fresh PostgreSQL database, where there is a server for tests.
pub(crate) fn on_postgres(test: impl Fn(&str)) {
    match std::env::var("UMBEL_TEST_POSTGRES").ok() {
        Some(server) => {
            static DATABASES: AtomicU32 = AtomicU32::new(0);
            let name = format!("umbel_it_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
            // One that failed before may have left it.
            psql(&server, &format!("DROP DATABASE IF EXISTS {name}"));
            psql(&server, &format!("CREATE DATABASE {name}"));
            let (base, _) = server.rsplit_once('/').expect("the URL names a database");
            test(&format!("{base}/{name}"));
            psql(&server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
        None if std::env::var_os("CI").is_some() => panic!("no PostgreSQL to test on: set UMBEL_TEST_POSTGRES"),
        None => eprintln!("not tested on PostgreSQL: run this through scripts/with-postgres"),
    }
}

fn psql(server: &str, statement: &str) {
    let run = async {
        let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(statement).await.unwrap();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(run);
}
