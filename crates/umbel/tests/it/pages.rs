//! What the pages of the documentation tell people to type, typed: the `sh` blocks of a page are one script, which must run
//! without an error beside a server of its own.
//!
//! - The script has the program on its `PATH`, `UMBEL_URL`, and `UMBEL_TOKEN` of an operator, unless the page bootstraps.
//! - A line that begins with `umbel serve` is not in it: the server of the page has these settings.
//! - A block that cannot run here says why: `sh not-run: REASON`.

use std::path::{Path, PathBuf};

use crate::process::{Server, UMBEL, bootstrap, said, undisturbed};

/// A test for each page, and the list of them.
macro_rules! pages {
    ($($test:ident: $page:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            run($page);
        })*

        const TESTED: &[&str] = &[$($page),*];
    };
}

pages! {
    readme: "README.md",
    index: "docs/README.md",
    audit_streams: "docs/audit-streams.md",
    backup: "docs/backup.md",
    clients: "docs/clients.md",
    command_line: "docs/command-line.md",
    console: "docs/console.md",
    focus: "docs/focus.md",
    invoices: "docs/invoices.md",
    members: "docs/members.md",
    metering: "docs/metering.md",
    moving: "docs/moving.md",
    operations: "docs/operations.md",
    prove_it: "docs/prove-it.md",
    roles: "docs/roles.md",
    sign_in_with_oidc: "docs/sign-in-with-oidc.md",
    tutorial: "docs/tutorial.md",
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A block of a page: the line on which it is opened, what it is said to be, and its lines.
struct Block {
    opened: usize,
    info: String,
    lines: Vec<String>,
}

/// The fenced blocks of a page that are shell.
fn blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(repository().join(page)).unwrap();
    let mut lines = text.lines().enumerate();
    let mut blocks = Vec::new();
    while let Some((opened, line)) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let inside = lines.by_ref().map(|(_, line)| line.to_owned()).take_while(|line| line != "```").collect();
            blocks.push(Block { opened, info: info.to_owned(), lines: inside });
        }
    }
    blocks.retain(|block| block.info.split(' ').next().is_some_and(|word| ["sh", "bash", "shell", "console"].contains(&word)));
    blocks
}

/// The script of a page, each line where it stands in the page, and the settings of its server.
fn script(page: &str) -> (String, Vec<String>) {
    let (mut script, mut settings) = (Vec::new(), Vec::new());
    for block in blocks(page).into_iter().filter(|block| block.info == "sh") {
        script.resize(block.opened + 1, String::new());
        for line in block.lines {
            let serve = line.strip_prefix("umbel serve").map(|flags| flags.split_whitespace().map(str::to_owned));
            settings.extend(serve.clone().into_iter().flatten());
            script.push(if serve.is_some() { String::new() } else { line });
        }
    }
    (script.join("\n"), settings)
}

fn run(page: &str) {
    let (script, settings) = script(page);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.sh");
    std::fs::write(&file, format!("trap 'echo \"{page}: line $LINENO\" >&2' ERR; {script}")).unwrap();
    // What is the default to the commands of the page.
    let database = format!("sqlite:{}", folder.path().join("umbel-data/umbel.db").display());
    let token = if script.contains("umbel bootstrap") { String::new() } else { bootstrap(&database) };
    let server = Server::start_in(folder.path(), &database, &settings.iter().map(String::as_str).collect::<Vec<_>>());
    let folders = std::env::var("PATH").unwrap();
    let mut bash = undisturbed("bash");
    bash.args(["-e", "-u", "-E", "-o", "pipefail"]).arg(&file).current_dir(folder.path());
    bash.env("PATH", format!("{}:{folders}", Path::new(UMBEL).parent().unwrap().display()));
    bash.env("UMBEL_URL", &server.url).env("UMBEL_TOKEN", token).env("HOME", folder.path());
    let output = bash.output().unwrap();
    assert!(output.status.success(), "{page}\n{}\n{}", said(&output.stdout), said(&output.stderr));
}

/// The pages that people read to use the program.
fn all() -> Vec<String> {
    let files = std::fs::read_dir(repository().join("docs")).unwrap();
    let names = files.map(|file| format!("docs/{}", file.unwrap().file_name().into_string().unwrap()));
    let pages = names.filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"));
    let mut pages: Vec<_> = pages.chain(["README.md".to_owned()]).collect();
    pages.sort();
    pages
}

#[test]
fn every_page_with_commands_is_run() {
    let with_commands: Vec<_> = all().into_iter().filter(|page| blocks(page).iter().any(|block| block.info == "sh")).collect();
    assert_eq!(with_commands, TESTED);
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    for page in all() {
        let path = repository().join(&page);
        let text = std::fs::read_to_string(&path).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            assert!(path.parent().unwrap().join(link).exists(), "{page}: {link}");
        }
    }
}

#[test]
fn what_is_not_run_says_why() {
    let all = all();
    let not_run = all.iter().flat_map(|page| blocks(page).into_iter().map(move |block| (page, block)));
    let not_run = not_run.filter(|(_, block)| block.info != "sh").map(|(page, block)| {
        let reason = block.info.strip_prefix("sh not-run: ").unwrap_or_else(|| panic!("{page}: `{}` says no reason", block.info));
        format!("{page}: {}\n    {reason}\n", block.lines.first().unwrap())
    });
    insta::assert_snapshot!(not_run.collect::<String>());
}
