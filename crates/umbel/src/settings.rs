//! The settings of the server: from flags, else the environment, else a TOML file, else a default.
//!
//! [`Serve`] is the one definition of each. Its flag `--tree-depth-max` is `UMBEL_TREE_DEPTH_MAX` in the environment and
//! `tree_depth_max = 8` in the file.

use std::{
    collections::BTreeMap,
    error::Error as _,
    ffi::{OsStr, OsString},
    fs, iter,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Parser, ValueEnum,
    builder::{NonEmptyStringValueParser, PossibleValuesParser, RangedU64ValueParser, TypedValueParser as _},
    error::{ContextKind, ContextValue, ErrorKind},
    value_parser,
};
use ipnet::IpNet;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};
use umbel_server::PublicUrl;

/// Where the database is, for every verb that works on it; not `Debug`, for the URL may carry a password.
#[derive(Args)]
pub(crate) struct Database {
    /// Database: sqlite:FILE, or a postgres:// URL.
    #[arg(
        long,
        env = "UMBEL_DATABASE",
        hide_env_values = true,
        value_name = "URL",
        default_value = "sqlite:./umbel-data/umbel.db",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) database: String,
    /// TOML file of settings, for those that neither a flag nor the environment gives.
    #[arg(long, env = "UMBEL_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Serves the API until it is told to stop.
#[derive(Args)]
pub(crate) struct Serve {
    /// Where the database is.
    #[command(flatten)]
    pub(crate) database: Database,
    /// Address and port on which the API is served.
    #[arg(long, env = "UMBEL_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    pub(crate) listen: SocketAddr,
    /// Address and port on which Prometheus metrics are served; without it they are off.
    #[arg(long, env = "UMBEL_METRICS_LISTEN", value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// PEM file of the certificate chain to serve HTTPS with; needs the key too.
    #[arg(long, env = "UMBEL_TLS_CERTIFICATE", value_name = "FILE")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// PEM file of the private key of the certificate.
    #[arg(long, env = "UMBEL_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Network whose proxies are believed about the address of a client; may be repeated or separated by commas.
    #[arg(long, env = "UMBEL_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub(crate) trusted_proxy: Vec<IpNet>,
    /// Who may create root organizations: everyone, or operators alone.
    #[arg(long, env = "UMBEL_ROOT_CREATION", value_name = "WHO", default_value = "everyone", hide_possible_values = true)]
    pub(crate) root_creation: RootCreation,
    /// Most levels of a tree of organizations, the root included, 1 to 64.
    #[arg(long, env = "UMBEL_TREE_DEPTH_MAX", value_name = "LEVELS", default_value = "32",
        value_parser = value_parser!(u8).range(1..=64))]
    pub(crate) tree_depth_max: u8,
    /// Most children of one organization.
    #[arg(long, env = "UMBEL_CHILDREN_MAX", value_name = "COUNT", default_value = "100000",
        value_parser = value_parser!(u32).range(1..))]
    pub(crate) children_max: u32,
    /// Most accounts of one organization.
    #[arg(long, env = "UMBEL_ACCOUNTS_MAX", value_name = "COUNT", default_value = "10000",
        value_parser = value_parser!(u32).range(1..))]
    pub(crate) accounts_max: u32,
    /// Most members of one organization.
    #[arg(long, env = "UMBEL_MEMBERS_MAX", value_name = "COUNT", default_value = "100000",
        value_parser = value_parser!(u32).range(1..))]
    pub(crate) members_max: u32,
    /// Number of results up to which the total of a list is counted exactly.
    #[arg(long, env = "UMBEL_TOTAL_SIZE_MAX", value_name = "COUNT", default_value = "10000",
        value_parser = value_parser!(u32).range(1..))]
    pub(crate) total_size_max: u32,
    /// Most bytes of the body of a request.
    #[arg(long, env = "UMBEL_BODY_SIZE_MAX_BYTES", value_name = "BYTES", default_value = "1048576",
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=BODY_SIZE_LIMIT_BYTES))]
    pub(crate) body_size_max_bytes: usize,
    /// Seconds after which a request without an answer is given up, at most 3600.
    #[arg(long, env = "UMBEL_REQUEST_TIMEOUT_SECONDS", value_name = "SECONDS", default_value = "30",
        value_parser = value_parser!(u64).range(1..=TIMEOUT_LIMIT_SECONDS))]
    pub(crate) request_timeout_seconds: u64,
    /// Most connections that are open at once.
    #[arg(long, env = "UMBEL_CONNECTIONS_MAX", value_name = "COUNT", default_value = "1024",
        value_parser = value_parser!(u16).range(1..))]
    pub(crate) connections_max: u16,
    /// Seconds that running requests have to finish when the server stops, at most 3600.
    #[arg(long, env = "UMBEL_DRAIN_TIMEOUT_SECONDS", value_name = "SECONDS", default_value = "30",
        value_parser = value_parser!(u64).range(0..=TIMEOUT_LIMIT_SECONDS))]
    pub(crate) drain_timeout_seconds: u64,
    /// Whether new members of organizations are invited first, and members once they accept: true or false.
    #[arg(long, env = "UMBEL_INVITATIONS", value_name = "WHETHER", default_value = "false", hide_possible_values = true,
        num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) invitations: bool,
    /// Days until the link of an invitation expires, 1 to 365.
    #[arg(long, env = "UMBEL_INVITATION_DAYS", value_name = "DAYS", default_value = "7",
        value_parser = value_parser!(u16).range(1..=365))]
    pub(crate) invitation_days: u16,
    /// Hours after which who is signed in to the console has to sign in again, 1 to 720.
    #[arg(long, env = "UMBEL_SESSION_HOURS", value_name = "HOURS", default_value = "24",
        value_parser = value_parser!(u16).range(1..=720))]
    pub(crate) session_hours: u16,
    /// Whether it is written down who looks at the audit log, at members and at billing: true or false.
    #[arg(long, env = "UMBEL_AUDIT_VIEWS", value_name = "WHETHER", default_value = "false", hide_possible_values = true,
        num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) audit_views: bool,
    /// Days back that events of usage may lie and that their keys are kept, 1 to 400.
    #[arg(long, env = "UMBEL_USAGE_WINDOW_DAYS", value_name = "DAYS", default_value = "35",
        value_parser = value_parser!(u16).range(1..=400))]
    pub(crate) usage_window_days: u16,
    /// Who offers the services, in records of usage.
    #[arg(long, env = "UMBEL_SERVICE_PROVIDER_NAME", value_name = "NAME", default_value = "Umbel",
        value_parser = NonEmptyStringValueParser::new())]
    pub(crate) service_provider_name: String,
    /// Who runs the services, in records of usage.
    #[arg(long, env = "UMBEL_HOST_PROVIDER_NAME", value_name = "NAME", default_value = "Umbel",
        value_parser = NonEmptyStringValueParser::new())]
    pub(crate) host_provider_name: String,
    /// Who sends the invoices, in records of usage.
    #[arg(long, env = "UMBEL_INVOICE_ISSUER_NAME", value_name = "NAME", default_value = "Umbel",
        value_parser = NonEmptyStringValueParser::new())]
    pub(crate) invoice_issuer_name: String,
    /// Whether streams of the audit log may go to private addresses, and over http: true or false.
    #[arg(long, env = "UMBEL_STREAM_PRIVATE_ADDRESSES", value_name = "WHETHER", default_value = "false",
        hide_possible_values = true, num_args = 0..=1, default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) stream_private_addresses: bool,
    /// Directory below which streams of the audit log may write files; without it they may not.
    #[arg(long, env = "UMBEL_STREAM_DIRECTORY", value_name = "DIRECTORY")]
    pub(crate) stream_directory: Option<PathBuf>,
    /// URL at which people reach the server, for links; without it that of the address it listens on.
    #[arg(long, env = "UMBEL_PUBLIC_URL", value_name = "URL", value_parser = PublicUrl::parse)]
    pub(crate) public_url: Option<PublicUrl>,
    /// Mail server that invitations are sent by, smtps://USER:PASSWORD@HOST:PORT or smtp://; needs --public-url and --smtp-from.
    #[arg(long, env = "UMBEL_SMTP_URL", hide_env_values = true, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) smtp_url: Option<String>,
    /// Sender of the mail: an address, or a name and an address in angle brackets.
    #[arg(long, env = "UMBEL_SMTP_FROM", value_name = "ADDRESS", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) smtp_from: Option<String>,
    /// OpenID Connect provider at which users may sign in to the console: its issuer URL, https://; needs --oidc-client-id.
    #[arg(long, env = "UMBEL_OIDC_ISSUER", value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) oidc_issuer: Option<String>,
    /// Client that the server is at the provider.
    #[arg(long, env = "UMBEL_OIDC_CLIENT_ID", value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) oidc_client_id: Option<String>,
    /// File of the secret of the client; without it the client is a public one.
    #[arg(long, env = "UMBEL_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub(crate) oidc_client_secret_file: Option<PathBuf>,
    /// Name of the provider on the button with which people sign in.
    #[arg(long, env = "UMBEL_OIDC_NAME", value_name = "NAME", default_value = "OpenID Connect",
        value_parser = NonEmptyStringValueParser::new())]
    pub(crate) oidc_name: String,
    /// Form of the log: text or json; without it text on a terminal and json elsewhere.
    #[arg(long, env = "UMBEL_LOG_FORMAT", value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) log_format: Option<LogFormat>,
    /// Least severe level that is logged, error, warn, info, debug or trace, also by target as in info,hyper=debug.
    #[arg(long, env = "UMBEL_LOG_LEVEL", value_name = "FILTER", default_value = "info", value_parser = log_filter)]
    pub(crate) log_level: String,
}

/// Bodies are read into memory whole, so a greater limit would be none.
const BODY_SIZE_LIMIT_BYTES: u64 = 1 << 30;
/// Longer waits are mistakes of unit, and the greatest ones do not fit a deadline.
const TIMEOUT_LIMIT_SECONDS: u64 = 3600;

/// Who may create root organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RootCreation {
    /// Every active user.
    Everyone,
    /// Operators alone.
    Operators,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Reads the command line, and for the settings it leaves out the environment and the file that `--config` names.
///
/// The error is printed by its `exit`, which also answers `--help`.
pub(crate) fn parse<C: Parser>(args: impl IntoIterator<Item = OsString>) -> Result<C, clap::Error> {
    parse_as(&C::command(), args)
}

/// The settings that `umbel serve` has when nobody sets any.
pub(crate) fn defaults() -> Result<Serve, clap::Error> {
    let command = Serve::augment_args(Command::new("serve")).mut_args(|argument| argument.env(None));
    Serve::from_arg_matches(&command.get_matches_from(["serve"]))
}

/// Parses twice: first for the name of the file, then with the values of the file as default values.
fn parse_as<C: FromArgMatches>(command: &Command, args: impl IntoIterator<Item = OsString>) -> Result<C, clap::Error> {
    let args: Vec<OsString> = args.into_iter().collect();
    let mut matches = command.clone().try_get_matches_from(&args)?;
    if let Some(path) = value_of("config", &matches) {
        let values = read(path)?;
        matches = with_defaults(command.clone(), &values).try_get_matches_from(args)?;
    }
    // Not `requires` of clap: a value of the file is a default to it, which satisfies nothing.
    if value_of("tls_certificate", &matches).is_some() != value_of("tls_key", &matches).is_some() {
        return Err(refusal("tls_certificate and tls_key belong together; set both or neither"));
    }
    C::from_arg_matches_mut(&mut matches)
}

/// The path given for an argument of the verb, or of the verb below it.
fn value_of<'a>(id: &str, matches: &'a ArgMatches) -> Option<&'a PathBuf> {
    let mut verbs = iter::successors(Some(matches), |verb| verb.subcommand().map(|(_, below)| below));
    verbs.find_map(|verb| verb.try_get_one(id).ok().flatten())
}

/// Texts by the name of their setting.
type Values = BTreeMap<String, Vec<String>>;

/// The command with the values as defaults of the settings of its verbs.
fn with_defaults(command: Command, values: &Values) -> Command {
    let with_default = |arg: Arg| match values.get(arg.get_id().as_str()) {
        Some(texts) => arg.default_values(texts.clone()),
        None => arg,
    };
    command.mut_args(with_default).mut_subcommands(|verb| with_defaults(verb, values))
}

fn refusal(message: impl Into<String>) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{}\n", message.into()))
}

/// What is wrong in the file, and the byte where.
struct Flaw {
    offset: usize,
    reason: String,
}

fn read(path: &Path) -> Result<Values, clap::Error> {
    let file = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| refusal(format!("cannot read {file}: {error}; correct --config or UMBEL_CONFIG")))?;
    check(&text).map_err(|Flaw { offset, reason }| {
        let line = text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1;
        refusal(format!("{file}:{line}: {reason}"))
    })
}

/// The values of a file, each tried on its setting.
fn check(text: &str) -> Result<Values, Flaw> {
    let table = DeTable::parse(text)
        .map_err(|error| Flaw { offset: error.span().map_or(0, |span| span.start), reason: error.message().to_owned() })?;
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let settings = settings();
    let mut values = Values::new();
    for (key, value) in entries {
        let setting = settings.iter().find(|setting| setting.get_id() == key.get_ref().as_ref());
        let setting = setting.ok_or_else(|| Flaw { offset: key.span().start, reason: unknown(key.get_ref(), &settings) })?;
        values.insert(key.get_ref().clone().into_owned(), texts(setting, value)?);
    }
    Ok(values)
}

/// The settings that a file may hold; their ids are their names there.
fn settings() -> Vec<Arg> {
    let serve = Serve::augment_args(Command::new("serve"));
    serve.get_arguments().filter(|arg| arg.get_id() != "config").cloned().collect()
}

fn unknown(key: &str, settings: &[Arg]) -> String {
    let names = PossibleValuesParser::new(settings.iter().map(|setting| setting.get_id().to_string()));
    let error = names.parse_ref(&Command::new("serve"), None, OsStr::new(key)).err();
    let hint = match error.as_ref().and_then(|error| error.get(ContextKind::SuggestedValue)) {
        Some(ContextValue::String(name)) => format!("did you mean `{name}`?"),
        _ => "`umbel serve --help` lists the settings, here written with _ for -".to_owned(),
    };
    format!("unknown setting `{}`; {hint}", key.escape_debug())
}

/// The texts of a value; those of a list are tried one by one, so that the flaw is found on its line.
fn texts(setting: &Arg, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, Flaw> {
    let flaw = |value: &Spanned<DeValue<'_>>, reason: String| Flaw {
        offset: value.span().start,
        reason: format!("bad value for `{}`: {reason}", setting.get_id()),
    };
    let items = match value.get_ref() {
        DeValue::Array(_) if !matches!(setting.get_action(), ArgAction::Append) => {
            return Err(flaw(value, "give one value, not a list".into()));
        }
        DeValue::Array(items) => items.iter().collect(),
        _ => vec![value],
    };
    let tried = |item| text(item).and_then(|text| try_on(setting, text)).map_err(|reason| flaw(item, reason));
    items.into_iter().map(tried).collect()
}

fn text(value: &Spanned<DeValue<'_>>) -> Result<String, String> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Boolean(value) => Ok(value.to_string()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Ok(number.to_string()),
            Err(error) => Err(error.to_string()),
        },
        _ => Err("give a string, an integer or a boolean".to_owned()),
    }
}

/// The text itself when the setting, alone on a command line, takes it; else the reason.
fn try_on(setting: &Arg, text: String) -> Result<String, String> {
    let command = Command::new("file").no_binary_name(true).arg(setting.clone());
    let flag = format!("--{}={text}", setting.get_long().unwrap_or_default());
    let Err(error) = command.try_get_matches_from([flag]) else { return Ok(text) };
    Err(match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(reason), _) => reason.to_string(),
        (None, Some(ContextValue::Strings(words))) if !words.is_empty() => format!("give one of {}", words.join(", ")),
        // The one refusal for which clap has no words of its own.
        _ => "it must not be empty".to_owned(),
    })
}

/// The filter as it is; a bare word that is no level is refused, for as a target it would silence everything else.
fn log_filter(text: &str) -> Result<String, String> {
    let known = |directive: &str| directive.contains('=') || directive.trim().parse::<LevelFilter>().is_ok();
    if let Some(word) = text.split(',').find(|directive| !known(directive)) {
        return Err(format!("`{word}` is not a level; give error, warn, info, debug or trace, or TARGET=LEVEL"));
    }
    EnvFilter::try_new(text).map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

/// The page of the documentation that lists the settings.
#[cfg(test)]
pub(crate) fn reference() -> String {
    let introduction = "# Settings of `umbel serve`\n\n\
        A setting is taken from its flag, else from the environment, else from the TOML file that `--config FILE` or\n\
        `UMBEL_CONFIG` names; else it has its default. A file with an unknown setting or a bad value is refused.\n\n\
        | In the file | Flag | Environment | Default | Meaning |\n|---|---|---|---|---|\n";
    iter::once(introduction.to_owned()).chain(settings().iter().map(reference_row)).collect()
}

#[cfg(test)]
fn reference_row(setting: &Arg) -> String {
    let name = setting.get_id();
    let flag = setting.get_long().unwrap();
    let variable = setting.get_env().unwrap().to_str().unwrap();
    let default = setting.get_default_values().first().map_or("none".into(), |text| format!("`{}`", text.to_str().unwrap()));
    let meaning = setting.get_help().unwrap();
    format!("| `{name}` | `--{flag}` | `{variable}` | {default} | {meaning} |\n")
}

#[cfg(test)]
mod tests;
