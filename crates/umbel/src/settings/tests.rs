use std::{env, io::Write as _, process};

use clap::{CommandFactory as _, Subcommand};
use tempfile::NamedTempFile;

use super::*;

#[derive(Parser)]
#[command(name = "umbel")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Serve(Box<Serve>),
    Operator {
        #[command(subcommand)]
        verb: OperatorVerb,
    },
}

#[derive(Subcommand)]
enum OperatorVerb {
    Add(Database),
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// What `umbel ARGS` comes to, with the environment of the developer left out.
fn run_bare(args: &str) -> Result<Verb, String> {
    fn without_environment(command: Command) -> Command {
        command.mut_args(|arg| arg.env(None::<&str>)).mut_subcommands(without_environment)
    }
    let args = format!("umbel {args}");
    let cli = parse_as::<Cli>(&without_environment(Cli::command()), args.split_whitespace().map(OsString::from));
    cli.map(|cli| cli.verb).map_err(|error| error.to_string())
}

/// What `umbel ARGS --config umbel.toml` comes to with this text in the file.
fn run(args: &str, text: &str) -> Result<Verb, String> {
    let file = file(text);
    let path = file.path().to_str().unwrap();
    run_bare(&format!("{args} --config {path}")).map_err(|error| error.replace(path, "umbel.toml"))
}

fn serve(args: &str, text: &str) -> Serve {
    match run(&format!("serve {args}"), text) {
        Ok(Verb::Serve(serve)) => *serve,
        Ok(Verb::Operator { .. }) => panic!("another verb"),
        Err(error) => panic!("{error}"),
    }
}

fn refused(args: &str, text: &str) -> String {
    run(&format!("serve {args}"), text).err().unwrap()
}

#[test]
fn without_anything_the_defaults_hold() {
    let serve = serve("", "");
    assert_eq!(serve.database.database, "sqlite:./umbel-data/umbel.db");
    assert_eq!(serve.listen.to_string(), "127.0.0.1:8787");
    assert_eq!((serve.metrics_listen, serve.tls_certificate, serve.tls_key), (None, None, None));
    assert_eq!((serve.trusted_proxy, serve.root_creation), (vec![], RootCreation::Everyone));
    assert_eq!(
        (serve.tree_depth_max, serve.children_max, serve.accounts_max, serve.total_size_max),
        (32, 100_000, 10_000, 10_000)
    );
    assert_eq!((serve.body_size_max_bytes, serve.connections_max), (1_048_576, 1024));
    assert_eq!((serve.request_timeout_seconds, serve.drain_timeout_seconds), (30, 30));
    assert_eq!((serve.invitations, serve.invitation_days, serve.public_url), (false, 7, None));
    assert!(!serve.audit_views);
    assert_eq!((serve.smtp_url, serve.smtp_from), (None, None));
    assert_eq!((serve.oidc_issuer, serve.oidc_client_id, serve.oidc_client_secret_file), (None, None, None));
    assert_eq!((serve.log_format, serve.log_level.as_str()), (None, "info"));
}

#[test]
fn a_file_sets_every_setting() {
    let text = "database = \"sqlite:other.db\"\nlisten = \"[::1]:1\"\nmetrics_listen = \"[::1]:2\"\n\
        tls_certificate = \"c.pem\"\ntls_key = \"k.pem\"\ntrusted_proxy = [\"10.0.0.0/8\", \"::1/128\"]\n\
        root_creation = \"operators\"\ntree_depth_max = 0x10\nchildren_max = 1_000\naccounts_max = 7\nmembers_max = 9\ntotal_size_max = 3\n\
        body_size_max_bytes = 4\nrequest_timeout_seconds = 5\nconnections_max = 6\ndrain_timeout_seconds = 0\n\
        invitations = true\naudit_views = true\ninvitation_days = 365\nsession_hours = 8\npublic_url = \"https://umbel.example.com\"\n\
        smtp_url = \"smtp://localhost\"\nsmtp_from = \"umbel@example.com\"\n\
        stream_private_addresses = true\nstream_directory = \"streams\"\nusage_window_days = 40\n\
        service_provider_name = \"S\"\nhost_provider_name = \"H\"\ninvoice_issuer_name = \"I\"\n\
        oidc_issuer = \"https://id.example.com\"\noidc_client_id = \"umbel\"\noidc_client_secret_file = \"secret\"\noidc_name = \"Id\"\n\
        log_format = \"json\"\nlog_level = \"info,hyper=debug\"\n";
    assert_eq!(text.lines().count(), settings().len());
    let serve = serve("", text);
    assert_eq!(serve.database.database, "sqlite:other.db");
    assert_eq!((serve.listen, serve.metrics_listen.unwrap()), ("[::1]:1".parse().unwrap(), "[::1]:2".parse().unwrap()));
    assert_eq!((serve.tls_certificate, serve.tls_key), (Some("c.pem".into()), Some("k.pem".into())));
    assert_eq!(serve.trusted_proxy, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
    assert_eq!(serve.root_creation, RootCreation::Operators);
    assert_eq!((serve.tree_depth_max, serve.children_max, serve.accounts_max, serve.members_max), (16, 1000, 7, 9));
    assert_eq!(serve.total_size_max, 3);
    assert_eq!((serve.body_size_max_bytes, serve.connections_max), (4, 6));
    assert_eq!((serve.request_timeout_seconds, serve.drain_timeout_seconds), (5, 0));
    assert_eq!((serve.invitations, serve.audit_views, serve.invitation_days), (true, true, 365));
    assert_eq!((serve.stream_private_addresses, serve.stream_directory), (true, Some("streams".into())));
    assert_eq!((serve.usage_window_days, serve.session_hours), (40, 8));
    let names = [serve.service_provider_name, serve.host_provider_name, serve.invoice_issuer_name];
    assert_eq!(names, ["S", "H", "I"]);
    assert_eq!(serve.public_url, Some(PublicUrl::parse("https://umbel.example.com").unwrap()));
    assert_eq!((serve.smtp_url.as_deref(), serve.smtp_from.as_deref()), (Some("smtp://localhost"), Some("umbel@example.com")));
    assert_eq!((serve.oidc_issuer.as_deref(), serve.oidc_client_id.as_deref()), (Some("https://id.example.com"), Some("umbel")));
    assert_eq!((serve.oidc_client_secret_file, serve.oidc_name.as_str()), (Some("secret".into()), "Id"));
    assert_eq!((serve.log_format, serve.log_level.as_str()), (Some(LogFormat::Json), "info,hyper=debug"));
}

/// The environment belongs to the process, so the test runs itself again in one of its own.
#[test]
fn flags_beat_the_environment_beats_the_file_beats_the_defaults() {
    if env::var_os("UMBEL_CONFIG").is_some_and(|path| path == "of-the-test.toml") {
        let file = file("children_max = 1\ntotal_size_max = 1\nconnections_max = 1\ntrusted_proxy = [\"10.0.0.0/8\"]\n");
        let path = file.path().to_str().unwrap();
        let args = ["umbel", "serve", "--children-max=3", "--config", path];
        let Verb::Serve(serve) = parse::<Cli>(args.map(OsString::from)).unwrap_or_else(|e| panic!("{e}")).verb else {
            panic!("another verb");
        };
        assert_eq!((serve.children_max, serve.total_size_max, serve.connections_max), (3, 2, 1));
        assert_eq!(serve.trusted_proxy, ["1.0.0.0/8".parse().unwrap(), "2.0.0.0/8".parse().unwrap()]);
        assert_eq!(serve.tree_depth_max, 32);
        let named_by_environment = parse::<Cli>(["umbel", "serve"].map(OsString::from)).err().unwrap().to_string();
        assert!(named_by_environment.contains("of-the-test.toml"), "{named_by_environment}");
        return;
    }
    let (_, module) = module_path!().split_once("::").unwrap();
    let name = format!("{module}::flags_beat_the_environment_beats_the_file_beats_the_defaults");
    let output = process::Command::new(env::current_exe().unwrap())
        .args([&name, "--exact"])
        .env_clear()
        .env("UMBEL_CONFIG", "of-the-test.toml")
        .env("UMBEL_CHILDREN_MAX", "2")
        .env("UMBEL_TOTAL_SIZE_MAX", "2")
        .env("UMBEL_TRUSTED_PROXY", "1.0.0.0/8,2.0.0.0/8")
        .output()
        .unwrap();
    let answer = String::from_utf8_lossy(&output.stdout);
    assert!(answer.contains("1 passed"), "{answer}");
}

#[test]
fn a_flag_replaces_the_list_of_the_file() {
    let text = "trusted_proxy = [\"10.0.0.0/8\"]";
    let serve = serve("--trusted-proxy 1.0.0.0/8 --trusted-proxy 2.0.0.0/8,3.0.0.0/8", text);
    assert_eq!(serve.trusted_proxy.iter().map(IpNet::to_string).collect::<Vec<_>>(), ["1.0.0.0/8", "2.0.0.0/8", "3.0.0.0/8"]);
}

#[test]
fn other_verbs_take_the_database_of_the_file_and_check_all_of_it() {
    let Ok(Verb::Operator { verb: OperatorVerb::Add(database) }) =
        run("operator add", "listen = \"[::]:1\"\ndatabase = \"sqlite:x\"")
    else {
        panic!("refused");
    };
    assert_eq!(database.database, "sqlite:x");
    let error = run("operator add", "database = \"sqlite:x\"\nlisten = \"x\"").err().unwrap();
    assert_eq!(error, "error: umbel.toml:2: bad value for `listen`: invalid socket address syntax\n");
}

#[test]
fn a_flaw_of_the_file_is_named_with_its_line() {
    let flaws = [
        ("# one\n\nlisen = \"x\"", "3: unknown setting `lisen`; did you mean `listen`?"),
        ("metrics-listen = 1", "1: unknown setting `metrics-listen`; did you mean `metrics_listen`?"),
        ("x = 1", "1: unknown setting `x`; `umbel serve --help` lists the settings, here written with _ for -"),
        (
            "\n[umbel]\nlisten = 1",
            "2: unknown setting `umbel`; `umbel serve --help` lists the settings, here written with _ for -",
        ),
        ("config = \"x\"", "1: unknown setting `config`; `umbel serve --help` lists the settings, here written with _ for -"),
        ("\nx\n", "2: key with no value, expected `=`"),
        ("children_max = 1\nchildren_max = 2\n", "2: duplicate key"),
        ("z = 1\nlisten = 1", "1: unknown setting `z`; `umbel serve --help` lists the settings, here written with _ for -"),
        ("\nlisten = \"nowhere\"", "2: bad value for `listen`: invalid socket address syntax"),
        ("listen = [\"[::]:1\"]", "1: bad value for `listen`: give one value, not a list"),
        ("listen.port = 1", "1: bad value for `listen`: give a string, an integer or a boolean"),
        ("[listen]", "1: bad value for `listen`: give a string, an integer or a boolean"),
        ("children_max = 1.5", "1: bad value for `children_max`: give a string, an integer or a boolean"),
        ("children_max = true", "1: bad value for `children_max`: invalid digit found in string"),
        ("children_max = 0", "1: bad value for `children_max`: 0 is not in 1..=4294967295"),
        ("children_max = 99999999999999999999", "1: bad value for `children_max`: number too large to fit in target type"),
        ("tree_depth_max = 65", "1: bad value for `tree_depth_max`: 65 is not in 1..=64"),
        ("drain_timeout_seconds = 3601", "1: bad value for `drain_timeout_seconds`: 3601 is not in 0..=3600"),
        ("trusted_proxy = [\n  \"10.0.0.0/8\",\n  \"x\",\n]", "3: bad value for `trusted_proxy`: invalid IP address syntax"),
        ("trusted_proxy = [[]]", "1: bad value for `trusted_proxy`: give a string, an integer or a boolean"),
        ("root_creation = \"nobody\"", "1: bad value for `root_creation`: give one of everyone, operators"),
        ("invitation_days = 366", "1: bad value for `invitation_days`: 366 is not in 1..=365"),
        ("invitations = \"perhaps\"", "1: bad value for `invitations`: give one of true, false"),
        ("public_url = \"umbel.example.com/x\"", "1: bad value for `public_url`: relative URL without a base"),
        ("smtp_url = \"\"", "1: bad value for `smtp_url`: it must not be empty"),
        ("database = \"\"", "1: bad value for `database`: it must not be empty"),
        ("log_level = \"info,[a=debug\"", "1: bad value for `log_level`: invalid filter directive"),
        (
            "log_level = \"debgu\"",
            "1: bad value for `log_level`: `debgu` is not a level; give error, warn, info, debug or trace, or TARGET=LEVEL",
        ),
    ];
    for (text, flaw) in flaws {
        assert_eq!(refused("", text), format!("error: umbel.toml:{flaw}\n"), "{text}");
    }
}

#[test]
fn a_bad_value_of_the_file_is_refused_under_a_flag_too() {
    assert!(refused("--children-max 1", "children_max = 0").starts_with("error: umbel.toml:1: "));
}

#[test]
fn a_certificate_and_its_key_may_come_from_different_places_but_only_together() {
    let serve = serve("--tls-key k.pem", "tls_certificate = \"c.pem\"");
    assert_eq!((serve.tls_certificate, serve.tls_key), (Some("c.pem".into()), Some("k.pem".into())));
    for (args, text) in
        [("--tls-key k", ""), ("--tls-certificate c", ""), ("", "tls_key = \"k\""), ("", "tls_certificate = \"c\"")]
    {
        assert_eq!(refused(args, text), "error: tls_certificate and tls_key belong together; set both or neither\n");
    }
}

#[test]
fn invitations_are_a_flag_too() {
    for (args, invitations) in
        [("", false), ("--invitations", true), ("--invitations=true", true), ("--invitations false", false)]
    {
        assert_eq!(serve(args, "").invitations, invitations, "{args}");
        assert_eq!(serve(args, "invitations = true").invitations, args.is_empty() || invitations, "{args}");
    }
}

#[test]
fn a_mail_server_needs_links_and_a_sender_and_its_password_is_told_nowhere() {
    let all = ["--smtp-url=smtps://user:hunter2@mail.example.com", "--public-url=https://x", "--smtp-from=umbel@example.com"];
    assert!(serve(&all.join(" "), "").mail().unwrap().is_some());
    assert!(serve(&all[1..].join(" "), "").mail().unwrap().is_none());
    for left_out in [1, 2] {
        let args: Vec<_> = all.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, arg)| *arg).collect();
        let error = serve(&args.join(" "), "").mail().unwrap_err().to_string();
        assert_eq!(error, "smtp_url needs public_url, for the links, and smtp_from, for the sender; set all three");
    }
    let plain = ["--smtp-url=smtp://user:hunter2@mail.example.com", all[1], all[2]].join(" ");
    let error = serve(&plain, "").mail().unwrap_err().to_string();
    assert!(error.contains("smtps://") && !error.contains("hunter2"), "{error}");
    let error = refused("--smtp-url", "smtp_url = [\"smtps://user:hunter2@mail.example.com\"]");
    assert!(!error.contains("hunter2"), "{error}");
    let smtp_url = settings().into_iter().find(|setting| setting.get_id() == "smtp_url").unwrap();
    assert!(smtp_url.is_hide_env_values_set());
}

#[test]
fn a_missing_file_says_what_to_do() {
    let error = run_bare("serve --config /nowhere.toml").err().unwrap();
    assert!(error.starts_with("error: cannot read /nowhere.toml: No such file"), "{error}");
    assert!(error.ends_with("; correct --config or UMBEL_CONFIG\n"), "{error}");
}

#[test]
fn the_reference_has_a_full_row_for_each_setting() {
    let page = reference();
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), settings().len());
    assert!(rows.iter().all(|row| row.split('|').count() == 7), "{page}");
    assert!(rows.contains(
        &"| `connections_max` | `--connections-max` | `UMBEL_CONNECTIONS_MAX` | `1024` | Most connections that are open at once |"
    ));
    for setting in settings() {
        let id = setting.get_id().as_str();
        assert_eq!(setting.get_long().unwrap(), id.replace('_', "-"));
        assert_eq!(setting.get_env().unwrap().to_str().unwrap(), format!("UMBEL_{}", id.to_uppercase()));
    }
}

#[test]
fn the_page_of_settings_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/settings.md");
    if env::var_os("UPDATE").is_some() {
        fs::write(path, reference()).unwrap();
    }
    assert!(fs::read_to_string(path).unwrap() == reference(), "docs/settings.md is out of date: `make fix` renews it");
}
