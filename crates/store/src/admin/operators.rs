//! Operators: who may do everything, made and unmade from the command line alone.

use umbel_domain::audit::{Actor, Bodies, Entry, Outcome, Record};
use umbel_domain::secret::Secret;
use umbel_domain::{ApiToken, ApiTokenId, AuditEntryId, Email, Invalid, Name, Scope, User, UserId};

use super::Sources;
use crate::{Store, Write, api_tokens, audit_log, sessions, sign_in, users};

/// Times that a change is tried again when it runs into another one.
const TRIES_MAX: u32 = 10;
/// How long it waits before it does.
const RETRY_DELAY: std::time::Duration = std::time::Duration::from_millis(20);

/// What an operator signs in with; both secrets are shown once and kept nowhere.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The operator.
    pub user_id: UserId,
    /// A new API token.
    pub api_token: Secret,
    /// The new global API key.
    pub api_key: Secret,
}

/// Who became an operator.
#[derive(Debug, Clone)]
pub enum Added {
    /// A new user, with credentials.
    New(Credentials),
    /// A user who was there, and keeps the credentials that they have.
    Existing(UserId),
}

/// Why the operators, or how users sign in, stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The address or the name cannot be one.
    Invalid {
        /// Which of the two.
        member: &'static str,
        /// What is wrong.
        reason: Invalid,
    },
    /// There is an operator already, so that this is not the first start.
    AlreadyBootstrapped,
    /// The user is an operator already.
    AlreadyOperator(String),
    /// No operator has this address.
    NotAnOperator(String),
    /// No user has this address.
    UnknownUser(String),
    /// The user signs in without a second factor already.
    NoSecondFactor(String),
    /// Nobody else could operate the server.
    LastOperator(String),
    /// The database did not do it.
    Store(crate::Error),
}

/// The result of what is done to operators.
pub type Result<T> = std::result::Result<T, Error>;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid { member, reason } => write!(f, "the {member} {reason}"),
            Self::AlreadyBootstrapped => {
                f.write_str("there is an operator already; use `umbel operator add` or `umbel operator reset-credential`")
            }
            Self::AlreadyOperator(email) => {
                write!(f, "{email} is an operator already; `umbel operator reset-credential` makes new credentials")
            }
            Self::NotAnOperator(email) => write!(f, "{email} is not an operator; add them with `umbel operator add`"),
            Self::UnknownUser(email) => write!(f, "no user has the address {email}; see `GET /umbel/v1/users`"),
            Self::NoSecondFactor(email) => write!(f, "{email} has no second factor"),
            Self::LastOperator(email) => write!(f, "{email} is the last operator; add another one first"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        Self::Store(error)
    }
}

/// Makes the first operator, a new user or one that was imported, with new credentials.
pub async fn bootstrap(store: &Store, sources: &Sources, email: &str, name: &str) -> Result<Credentials> {
    let (email, name) = (parse_email(email)?, parse_name(name)?);
    command(store, async |write| {
        if users::count_operators(write).await? > 0 {
            return Err(Error::AlreadyBootstrapped);
        }
        let user = match users::get_by_email(write, &email).await? {
            Some(user) => promote(write, sources, user).await?,
            None => create(write, sources, &email, &name).await?,
        };
        issue(write, sources, user, "bootstrap").await
    })
    .await
}

/// Makes a user an operator, also one who was disabled; an unknown address becomes a new user with credentials.
pub async fn add(store: &Store, sources: &Sources, email: &str, name: &str) -> Result<Added> {
    let (email, name) = (parse_email(email)?, parse_name(name)?);
    command(store, async |write| match users::get_by_email(write, &email).await? {
        Some(user) if user.operator => Err(Error::AlreadyOperator(email.as_str().to_owned())),
        Some(user) => Ok(Added::Existing(promote(write, sources, user).await?.id)),
        None => {
            let user = create(write, sources, &email, &name).await?;
            Ok(Added::New(issue(write, sources, user, "operator").await?))
        }
    })
    .await
}

/// Makes an operator a user like any other; the last one who can act stays.
pub async fn remove(store: &Store, sources: &Sources, email: &str) -> Result<UserId> {
    let email = parse_email(email)?;
    command(store, async |write| {
        let mut user = operator(write, &email).await?;
        user.operator = false;
        users::update(write, &user).await?;
        if users::count_able_operators(write).await? == 0 {
            return Err(Error::LastOperator(email.as_str().to_owned()));
        }
        note(write, sources, Entry::user_updated(&user)).await?;
        Ok(user.id)
    })
    .await
}

/// Gives an operator a new global API key and a new API token; every token that they had is revoked, and they are signed in nowhere.
pub async fn reset_credential(store: &Store, sources: &Sources, email: &str) -> Result<Credentials> {
    let email = parse_email(email)?;
    command(store, async |write| {
        let user = operator(write, &email).await?;
        for (token, _) in api_tokens::list(write, &user.id).await? {
            note(write, sources, Entry::api_token_revoked(&token)).await?;
        }
        api_tokens::delete_of_user(write, &user.id).await?;
        sign_in::delete_links(write, &user.id).await?;
        sessions::delete_others(write, &user.id, None).await?;
        issue(write, sources, user, "operator").await
    })
    .await
}

pub(super) fn parse_email(text: &str) -> Result<Email> {
    Email::parse(text).map_err(|reason| Error::Invalid { member: "e-mail address", reason })
}

fn parse_name(text: &str) -> Result<Name> {
    Name::parse(text, Name::LENGTH_MAX).map_err(|reason| Error::Invalid { member: "name", reason })
}

/// Runs a change in a transaction of its own, again when it runs into another one.
pub(super) async fn command<T>(store: &Store, mut change: impl AsyncFnMut(&mut Write) -> Result<T>) -> Result<T> {
    let mut tries = 1;
    loop {
        let mut write = super::write(store).await?;
        let outcome = match change(&mut write).await {
            Ok(out) => write.commit().await.map(|()| out).map_err(Error::Store),
            Err(error) => Err(error),
        };
        if tries == TRIES_MAX || !matches!(outcome, Err(Error::Store(crate::Error::Conflict))) {
            return outcome;
        }
        tries += 1;
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

async fn operator(write: &mut Write, email: &Email) -> Result<User> {
    let user = users::get_by_email(write, email).await?;
    user.filter(|user| user.operator).ok_or_else(|| Error::NotAnOperator(email.as_str().to_owned()))
}

async fn create(write: &mut Write, sources: &Sources, email: &Email, name: &Name) -> Result<User> {
    let user = User {
        id: UserId::generate(sources.now, sources.random()),
        email: email.clone(),
        name: Some(name.clone()),
        two_factor_authentication_enabled: false,
        operator: true,
        managed_by: None,
        disabled: false,
        create_time: sources.now,
        version: 1,
    };
    users::insert(write, &user, None).await?;
    note(write, sources, Entry::user_created(&user)).await?;
    Ok(user)
}

async fn promote(write: &mut Write, sources: &Sources, mut user: User) -> Result<User> {
    user.operator = true;
    user.disabled = false;
    users::update(write, &user).await?;
    note(write, sources, Entry::user_updated(&user)).await?;
    Ok(user)
}

/// Replaces the user's global API key and adds an API token without bounds.
async fn issue(write: &mut Write, sources: &Sources, user: User, token_name: &str) -> Result<Credentials> {
    let (api_key, api_token) = (Secret::new_api_key(sources.random()), Secret::new_token(sources.random()));
    users::set_api_key(write, &user.id, &api_key.hash()).await?;
    note(write, sources, Entry::user_updated(&user)).await?;
    let token = ApiToken {
        id: ApiTokenId::generate(sources.now, sources.random()),
        user_id: user.id.clone(),
        name: parse_name(token_name)?,
        scope: Scope::default(),
        create_time: sources.now,
        expires_on: None,
        last_used_on: None,
    };
    api_tokens::insert(write, &token, &api_token.hash()).await?;
    note(write, sources, Entry::api_token_created(&token)).await?;
    Ok(Credentials { user_id: user.id, api_token, api_key })
}

/// Writes down what the command line did.
pub(super) async fn note(write: &mut Write, sources: &Sources, entry: Entry) -> Result<()> {
    let id = AuditEntryId::generate(sources.now, sources.random());
    let record = Record::new((id, sources.now), entry, Outcome::Success, &Actor::System, None, Bodies::default());
    Ok(audit_log::append(write, &record, &sources.random(), None).await?)
}
