//! `umbel audit stream`: where an audit log is sent on to.

use std::time::Duration;

use clap::{Args, Subcommand};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use umbel_client::api::{
    AuditStream, AuditStreamState, AuditStreamStatus, CreateAuditStream, Moment, ReplayAuditStream, UpdateAuditStream,
};

use super::super::Server;
use super::asked::moment;
use crate::{Result, print};

/// Time between two looks at what came of a test, and how many there are.
const LOOK: Duration = Duration::from_millis(500);
const LOOKS_MAX: u32 = 60;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the streams of an organization.
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Shows a stream and how its delivery goes.
    Get {
        #[command(flatten)]
        stream: One,
    },
    /// Makes a stream; shows the signing secret of a webhook, this once.
    Create(Create),
    /// Changes a stream: what is given.
    Update(Update),
    /// Switches a stream off; what happens meanwhile waits.
    Pause {
        #[command(flatten)]
        stream: One,
    },
    /// Switches a stream on.
    Resume {
        #[command(flatten)]
        stream: One,
    },
    /// Has something sent that is no entry, and says what came of it; fails when it was not taken.
    Test {
        #[command(flatten)]
        stream: One,
    },
    /// Sends again what was written since then.
    Replay {
        #[command(flatten)]
        stream: One,
        /// From when on, a date or a time.
        #[arg(long, value_name = "TIME", value_parser = moment)]
        since: Moment,
    },
    /// Makes a new signing secret and shows it, this once; for a day the old one signs as well.
    Roll {
        #[command(flatten)]
        stream: One,
    },
    /// Deletes a stream.
    Delete {
        #[command(flatten)]
        stream: One,
    },
}

/// Whose streams.
#[derive(Args)]
pub(crate) struct Of {
    /// Organization whose audit log is sent.
    #[arg(long, value_name = "ID")]
    organization: String,
}

/// Which stream.
#[derive(Args)]
pub(crate) struct One {
    /// Its id.
    id: String,
    #[command(flatten)]
    of: Of,
}

#[derive(Args)]
pub(crate) struct Create {
    /// Its name.
    name: String,
    #[command(flatten)]
    of: Of,
    /// Where it goes: `https://`…, `s3://BUCKET/PREFIX`, `file:///PREFIX`, `syslogs://HOST:PORT` or `syslog://HOST:PORT`.
    #[arg(long = "to", value_name = "URL")]
    to: String,
    #[command(flatten)]
    bucket: Bucket,
    /// Sends the logs of all organizations below, too.
    #[arg(long)]
    include_descendants: bool,
    /// Makes it switched off.
    #[arg(long)]
    paused: bool,
}

/// What a bucket needs.
#[derive(Args)]
struct Bucket {
    /// Region of the bucket.
    #[arg(long)]
    region: Option<String>,
    /// URL of an object store that speaks S3.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Id of the key to the bucket.
    #[arg(long, value_name = "ID")]
    access_key_id: Option<String>,
    /// Key to the bucket; better given in the environment, for everybody on a machine can read arguments.
    #[arg(long, env = "UMBEL_STREAM_SECRET_ACCESS_KEY", hide_env_values = true, value_name = "SECRET")]
    secret_access_key: Option<String>,
}

#[derive(Args)]
pub(crate) struct Update {
    #[command(flatten)]
    stream: One,
    /// Its new name.
    #[arg(long)]
    name: Option<String>,
    /// Where it goes from now on.
    #[arg(long = "to", value_name = "URL")]
    to: Option<String>,
    #[command(flatten)]
    bucket: Bucket,
    /// Whether to send the logs of all organizations below, too.
    #[arg(long, value_name = "WHETHER")]
    include_descendants: Option<bool>,
}

impl Verb {
    pub(super) async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List { of } => server.show(&client.audit_streams(&of.organization).await?, |streams| list(streams)),
            Self::Get { stream } => get(server, &stream).await,
            Self::Create(create) => self::create(server, create).await,
            Self::Update(update) => self::update(server, update).await,
            Self::Pause { stream } => switch(server, &stream, false).await,
            Self::Resume { stream } => switch(server, &stream, true).await,
            Self::Test { stream } => test(server, &stream).await,
            Self::Replay { stream, since } => {
                let replay = ReplayAuditStream { since: since.0.format(&Rfc3339)? };
                let status = client.replay_audit_stream(&stream.of.organization, &stream.id, &replay).await?;
                server.show(&status, state)
            }
            Self::Roll { stream } => server.show(&client.roll_audit_stream(&stream.of.organization, &stream.id).await?, text),
            Self::Delete { stream } => {
                server.gone(&client.delete_audit_stream(&stream.of.organization, &stream.id).await?, "is deleted")
            }
        }
    }
}

async fn get(server: &Server, stream: &One) -> Result {
    let (organization, id) = (&stream.of.organization, &stream.id);
    let shown = server.client.audit_stream(organization, id).await?;
    let status = server.client.audit_stream_status(organization, id).await?;
    let both = serde_json::json!({"stream": shown, "status": status});
    server.show(&both, |_| format!("{}\n{}", text(&shown), state(&status)))
}

async fn create(server: &Server, create: Create) -> Result {
    let new = CreateAuditStream {
        name: create.name,
        url: create.to,
        region: create.bucket.region,
        endpoint: create.bucket.endpoint,
        access_key_id: create.bucket.access_key_id,
        secret_access_key: create.bucket.secret_access_key,
        include_descendants: Some(create.include_descendants),
        enabled: Some(!create.paused),
    };
    server.show(&server.client.create_audit_stream(&create.of.organization, &new).await?, text)
}

async fn update(server: &Server, update: Update) -> Result {
    let (stream, bucket) = (update.stream, update.bucket);
    let change = UpdateAuditStream {
        name: update.name,
        url: update.to,
        region: bucket.region,
        endpoint: bucket.endpoint,
        access_key_id: bucket.access_key_id,
        secret_access_key: bucket.secret_access_key,
        include_descendants: update.include_descendants,
        enabled: None,
    };
    server.show(&server.client.update_audit_stream(&stream.of.organization, &stream.id, &change).await?, text)
}

async fn switch(server: &Server, stream: &One, enabled: bool) -> Result {
    let change = UpdateAuditStream { enabled: Some(enabled), ..UpdateAuditStream::default() };
    server.show(&server.client.update_audit_stream(&stream.of.organization, &stream.id, &change).await?, text)
}

async fn test(server: &Server, stream: &One) -> Result {
    let (organization, id) = (&stream.of.organization, &stream.id);
    let mut status = server.client.test_audit_stream(organization, id).await?;
    for _ in 0..LOOKS_MAX {
        if let Some(test) = status.test.as_ref().filter(|test| test.finished_at.is_some()) {
            return match &test.error {
                None => server.show(&status, |_| "it was taken\n".to_owned()),
                Some(error) => Err(format!("it was not taken: {}", print::escaped(error)).into()),
            };
        }
        tokio::time::sleep(LOOK).await;
        status = server.client.audit_stream_status(organization, id).await?;
    }
    Err("the server has not made the test yet; `umbel audit stream get` shows what comes of it".into())
}

fn list(streams: &[AuditStream]) -> String {
    let rows = streams.iter().map(|stream| {
        let enabled = if stream.enabled { "on" } else { "off" };
        let whose = if stream.include_descendants { "all below, too" } else { "its own" };
        [stream.id.clone(), stream.name.clone(), enabled.to_owned(), whose.to_owned(), stream.url.clone()]
    });
    print::table(["ID", "NAME", "STATE", "LOGS", "TO"], rows)
}

fn text(stream: &AuditStream) -> String {
    let given = |member: &Option<String>| member.clone().unwrap_or_default();
    print::block([
        ("id", stream.id.clone()),
        ("name", stream.name.clone()),
        ("to", stream.url.clone()),
        ("enabled", stream.enabled.to_string()),
        ("include descendants", stream.include_descendants.to_string()),
        ("region", given(&stream.region)),
        ("endpoint", given(&stream.endpoint)),
        ("access key id", given(&stream.access_key_id)),
        ("signing secret", given(&stream.signing_secret)),
    ])
}

fn state(status: &AuditStreamStatus) -> String {
    let state = match status.state {
        AuditStreamState::UpToDate => "up to date",
        AuditStreamState::Behind => "behind",
        AuditStreamState::Failing => "failing",
        AuditStreamState::Disabled => "off",
    };
    let at = |time: Option<OffsetDateTime>| time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default();
    let test = status.test.as_ref();
    let failures = if status.failures > 0 { status.failures.to_string() } else { String::new() };
    print::block([
        ("state", state.to_owned()),
        ("next index", status.next_index.to_string()),
        ("behind", status.behind.to_string()),
        ("delivered", status.delivered.to_string()),
        ("delivered at", at(status.delivered_at)),
        ("error", status.error.clone().unwrap_or_default()),
        ("failures", failures),
        ("next attempt at", at(status.next_attempt_at)),
        ("tested at", at(test.and_then(|test| test.finished_at))),
        ("test error", test.and_then(|test| test.error.clone()).unwrap_or_default()),
    ])
}
