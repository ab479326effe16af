//! The verbs that ask a running server, over HTTP.

mod access;
pub(crate) mod account;
mod account_member;
pub(crate) mod audit;
pub(crate) mod billing;
pub(crate) mod budget;
pub(crate) mod cost;
mod effect;
pub(crate) mod focus;
pub(crate) mod invitation;
pub(crate) mod member;
pub(crate) mod membership;
pub(crate) mod metric;
pub(crate) mod organization;
mod organization_member;
pub(crate) mod price;
pub(crate) mod role;
pub(crate) mod token;
mod tree;
pub(crate) mod usage;

use std::error::Error;
use std::pin::pin;

use clap::{Args, Subcommand, value_parser};
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use umbel_client::Client;
use umbel_client::api::{Code, Deleted, PageSize, Problem};

use crate::{Result, print};

/// A group of verbs and the server that they ask.
#[derive(Args)]
pub(crate) struct Remote<V: Subcommand> {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    verb: V,
}

#[derive(Args)]
struct Options {
    /// Server to ask.
    #[arg(
        long,
        global = true,
        env = "UMBEL_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:8787",
        help_heading = "Server"
    )]
    url: String,
    /// API token to ask with; better set `UMBEL_TOKEN`, for everybody on this machine can read the arguments of a process.
    #[arg(long, global = true, env = "UMBEL_TOKEN", hide_env_values = true, value_name = "TOKEN", help_heading = "Server")]
    token: Option<String>,
    /// Print the result as one line of JSON: an object, or an array for a list.
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
}

/// One verb alone and the server that it asks.
#[derive(Args)]
pub(crate) struct Single<V: Args> {
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    verb: V,
}

/// A verb that asks a server.
pub(crate) trait Verb {
    async fn run(self, server: &Server) -> Result;
}

impl<V: Verb + Subcommand> Remote<V> {
    pub(crate) async fn run(self) -> Result {
        self.options.run(self.verb).await
    }
}

impl<V: Verb + Args> Single<V> {
    pub(crate) async fn run(self) -> Result {
        self.options.run(self.verb).await
    }
}

impl Options {
    async fn run(self, verb: impl Verb) -> Result {
        let Self { url, token, json } = self;
        let token = token.filter(|token| !token.is_empty());
        let token =
            token.ok_or("there is no token to ask with; set UMBEL_TOKEN to an API token (`umbel bootstrap` shows the first)")?;
        let client = Client::new(&url, &token)?;
        verb.run(&Server { client, json }).await.map_err(|error| explained(error, &url))
    }
}

/// The server that a verb asks, and how it shows the answer.
pub(crate) struct Server {
    client: Client,
    json: bool,
}

impl Server {
    /// Shows a result.
    fn show<T: Serialize>(&self, result: &T, text: impl FnOnce(&T) -> String) -> Result {
        if self.json { print::json(result) } else { print::out(&text(result)) }
    }

    /// Shows what became of something that is no more.
    fn gone(&self, deleted: &Deleted, what: &str) -> Result {
        self.show(deleted, |deleted| format!("{} {what}\n", print::escaped(&deleted.id)))
    }
}

/// How much of a list to show.
#[derive(Args)]
pub(crate) struct Limit {
    /// Most items to show.
    #[arg(long = "limit", value_name = "N", default_value = "1000", value_parser = value_parser!(u32).range(1..=1_000_000))]
    items: u32,
}

impl Limit {
    /// Pages large enough to need few of them, and not larger than what is shown.
    fn page_size(&self) -> PageSize {
        PageSize(self.items.saturating_add(1).min(1000) as usize)
    }

    /// The same for lists whose pages are counted.
    fn per_page(&self) -> Option<i64> {
        i64::try_from(self.page_size().0).ok()
    }

    /// The first items of a list; says when there are more.
    async fn take<T>(&self, list: impl Stream<Item = std::result::Result<T, umbel_client::Error>>) -> Result<Vec<T>> {
        let (mut list, mut items) = (pin!(list), Vec::new());
        while let Some(item) = list.next().await {
            if items.len() == self.items as usize {
                print::note(&format!("only the first {} are shown; --limit shows more", self.items));
                break;
            }
            items.push(item?);
        }
        Ok(items)
    }
}

/// The error as it is told to people: every problem with what to do about it.
fn explained(error: Box<dyn Error>, url: &str) -> Box<dyn Error> {
    let error = match error.downcast::<umbel_client::Error>() {
        Ok(error) => *error,
        Err(other) => return other,
    };
    let url = print::escaped(url);
    let text = match &error {
        umbel_client::Error::Refused { status, problems } if problems.is_empty() => {
            format!("{url} answered {status} and nothing that Umbel says; check UMBEL_URL or --url")
        }
        umbel_client::Error::Refused { problems, .. } => {
            problems.iter().map(explained_problem).collect::<Vec<_>>().join("\numbel: ")
        }
        umbel_client::Error::NotUnderstood(_) => format!("{error}; check that {url} is Umbel, of a version like this one's"),
        umbel_client::Error::Unreachable(_) => format!("{error}; check that a server runs at {url}, or set UMBEL_URL or --url"),
        umbel_client::Error::BrokenOff(_) | umbel_client::Error::Invalid(_) => error.to_string(),
    };
    text.into()
}

fn explained_problem(problem: &Problem) -> String {
    let place = problem.source.as_ref().map(|source| format!(" at {}", source.pointer));
    let advice = Code::ALL.iter().find(|code| code.number() == problem.code).map(|code| format!("\n  {}", code.advice()));
    let text = format!("{} (code {}{})", problem.message, problem.code, place.unwrap_or_default());
    print::escaped(&text) + &advice.unwrap_or_default()
}
