//! An entry as it is kept.

use std::sync::Arc;

use crate::audit::{Entry, Event, Outcome};
use crate::{AccountId, AuditEntryId, OrganizationId, Timestamp};

/// A text that many entries share.
pub type Word = Arc<str>;

/// One entry of the audit log as it is kept; never changed afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: AuditEntryId,
    /// Whose log it belongs to; `None` for the server's own.
    pub log: Option<OrganizationId>,
    /// The account that it is about, in whose log it is, too.
    pub account: Option<AccountId>,
    /// When it happened.
    pub at: Timestamp,
    /// What happened to what, who did it, and by which request.
    pub fields: Fields,
    /// What was asked for, and what came of it.
    pub bodies: Bodies,
}

impl Record {
    /// What a server writes down: `actor` did what `entry` says, as `request` asked for.
    pub fn new(
        (id, at): (AuditEntryId, Timestamp),
        entry: Entry,
        result: Outcome,
        actor: &Actor,
        request: Option<&RequestLine>,
        bodies: Bodies,
    ) -> Self {
        let fields = Fields::of(&entry.event, result, actor, request);
        Self { id, log: entry.log, account: entry.account, at, fields, bodies }
    }
}

/// What was asked for, and what came of it: JSON without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bodies {
    /// The body of the request.
    pub request: Option<String>,
    /// The body of the answer.
    pub response: Option<String>,
    /// What a GET answered before the change, of a change of something that has one.
    pub before: Option<String>,
    /// What a GET answers after the change, where the answer to the change is something else.
    pub after: Option<String>,
}

macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $field:ident = $name:literal;)+) => {
        /// A member of an entry that is a text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $($(#[doc = $doc])+ $field),+ }

        impl Field {
            /// Every field.
            pub const ALL: [Self; Fields::COUNT] = [$(Self::$field),+];

            /// The field's name: that of its filter and of its column.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$field => $name),+ }
            }
        }

        impl Fields {
            const COUNT: usize = [$($name),+].len();
        }
    };
}

fields! {
    /// What was done, in words.
    ActionDescription = "action_description";
    /// `success` or `failure`.
    ActionResult = "action_result";
    /// `create`, `delete`, `update` or `view`.
    ActionType = "action_type";
    /// Through what the actor came: `api_key`, `api_token`, `dash`.
    ActorContext = "actor_context";
    /// The actor's address.
    ActorEmail = "actor_email";
    /// The actor's id.
    ActorId = "actor_id";
    /// The address that the request came from.
    ActorIpAddress = "actor_ip_address";
    /// The id of the actor's token.
    ActorTokenId = "actor_token_id";
    /// The name of the actor's token.
    ActorTokenName = "actor_token_name";
    /// `user`, or `system` for workers and the command line.
    ActorType = "actor_type";
    /// The id of the request.
    RawCfRayId = "raw_cf_ray_id";
    /// The method of the request.
    RawMethod = "raw_method";
    /// The status of the answer, in decimal digits.
    RawStatusCode = "raw_status_code";
    /// Path and query of the request, as they were sent.
    RawUri = "raw_uri";
    /// What the client calls itself.
    RawUserAgent = "raw_user_agent";
    /// The id of what it happened to.
    ResourceId = "resource_id";
    /// The product that the resource belongs to.
    ResourceProduct = "resource_product";
    /// In what the resource lies: JSON, as a rule `"organizations"`.
    ResourceScope = "resource_scope";
    /// The kind of the resource.
    ResourceType = "resource_type";
}

impl Field {
    /// The field of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Whether a filter compares the field without regard to case.
    pub const fn folds_case(self) -> bool {
        matches!(self, Self::ActorEmail | Self::RawMethod)
    }
}

/// The texts of an entry, by field; what is not known is absent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields([Option<Word>; Fields::COUNT]);

/// Shows the fields that are known, by their names.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = Field::ALL.into_iter().filter_map(|field| Some((field.name(), self.get(field)?)));
        f.debug_map().entries(known).finish()
    }
}

impl Fields {
    /// The text of a field.
    pub fn get(&self, field: Field) -> Option<&Word> {
        self.0[field as usize].as_ref()
    }

    /// Sets a field.
    pub fn set(&mut self, field: Field, text: impl Into<Word>) {
        self.0[field as usize] = Some(text.into());
    }

    fn of(event: &Event, result: Outcome, actor: &Actor, request: Option<&RequestLine>) -> Self {
        let mut fields = Self::default();
        fields.set(Field::ActionDescription, event.description.as_str());
        fields.set(Field::ActionResult, result.name());
        fields.set(Field::ActionType, event.action.name());
        fields.set(Field::ResourceId, event.resource_id.as_str());
        fields.set(Field::ResourceProduct, event.resource.product());
        fields.set(Field::ResourceScope, "\"organizations\"");
        fields.set(Field::ResourceType, event.resource.name());
        fields.set_actor(actor);
        if let Some(line) = request {
            fields.set(Field::RawCfRayId, line.ray_id.as_str());
            fields.set(Field::RawMethod, line.method.as_str());
            fields.set(Field::RawStatusCode, line.status.to_string());
            fields.set(Field::RawUri, line.uri.as_str());
            fields.set(Field::RawUserAgent, line.user_agent.as_str());
        }
        fields
    }

    fn set_actor(&mut self, actor: &Actor) {
        let Actor::User { id, email, ip, through } = actor else { return self.set(Field::ActorType, "system") };
        self.set(Field::ActorType, "user");
        self.set(Field::ActorId, id.as_str());
        self.set(Field::ActorEmail, email.as_str());
        self.set(Field::ActorIpAddress, ip.as_str());
        let context = match through {
            Through::ApiKey => "api_key",
            Through::ApiToken { id, name } => {
                self.set(Field::ActorTokenId, id.as_str());
                self.set(Field::ActorTokenName, name.as_str());
                "api_token"
            }
            Through::Session => "dash",
        };
        self.set(Field::ActorContext, context);
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A user, through a credential.
    User {
        /// The user's id.
        id: String,
        /// The user's address.
        email: String,
        /// The address that the request came from.
        ip: String,
        /// The credential.
        through: Through,
    },
    /// The command line or a worker.
    System,
}

/// A kind of credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Through {
    /// The global API key.
    ApiKey,
    /// An API token.
    ApiToken {
        /// The token's id.
        id: String,
        /// The token's name.
        name: String,
    },
    /// Signing in.
    Session,
}

/// The request behind an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// The id of the request, 16 hex digits.
    pub ray_id: String,
    /// The method.
    pub method: String,
    /// Path and query as they were sent.
    pub uri: String,
    /// The status of the answer.
    pub status: u16,
    /// What the client calls itself.
    pub user_agent: String,
}
