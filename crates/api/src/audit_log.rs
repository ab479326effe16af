//! The audit log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa::openapi::Required;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};

use crate::export::ExportFormat;
use crate::parameters::{Direction, Limit, Moment, Parameters, Values, documented, one_of, parameters};

/// The most values that a filter of the audit log may have.
const FILTER_VALUES_MAX: usize = 100;

/// An entry of the audit log. What is not known of it is absent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff50")]
    pub id: String,
    /// The account that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub account: Option<AuditPlace>,
    /// What was done.
    pub action: AuditAction,
    /// Who did it.
    pub actor: AuditActor,
    /// The organization in whose log it is; absent in the server's own log.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub organization: Option<AuditPlace>,
    /// The request that did it.
    pub raw: AuditRaw,
    /// What it was done to.
    pub resource: AuditResource,
}

/// An organization or an account that an entry names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditPlace {
    /// Its id.
    #[schema(example = "019c4f65e7607d8c9f6f6b58aa3aff4f")]
    pub id: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditAction {
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "Create Organization")]
    pub description: Option<Arc<str>>,
    /// `success` or `failure`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "success")]
    pub result: Option<Arc<str>>,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(example = "2026-01-02T03:04:05.123456Z")]
    pub time: OffsetDateTime,
    /// `create`, `delete`, `update` or `view`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "create")]
    pub action_type: Option<Arc<str>>,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditActor {
    /// The id of the user.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "019c4f65e7607d8c9f6f6b58aa3aff53")]
    pub id: Option<Arc<str>>,
    /// Through what they came: `api_key`, `api_token` or `dash`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "api_token")]
    pub context: Option<Arc<str>>,
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "ann@example.com")]
    pub email: Option<Arc<str>>,
    /// The address that the request came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "198.51.100.4")]
    pub ip_address: Option<Arc<str>>,
    /// The id of their token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub token_id: Option<Arc<str>>,
    /// The name of their token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub token_name: Option<Arc<str>>,
    /// `user`, or `system` for workers and the command line.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "user")]
    pub actor_type: Option<Arc<str>>,
}

/// The request behind an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRaw {
    /// Its id, which its answer bore as `cf-ray`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "8e8dd2156ef28414")]
    pub cf_ray_id: Option<Arc<str>>,
    /// Its method.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "POST")]
    pub method: Option<Arc<str>>,
    /// The status of its answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = 200)]
    pub status_code: Option<i64>,
    /// Its path and query, as they were sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "/client/v4/organizations")]
    pub uri: Option<Arc<str>>,
    /// What its client calls itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub user_agent: Option<Arc<str>>,
}

/// What it was done to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditResource {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub id: Option<Arc<str>>,
    /// The product that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "organizations")]
    pub product: Option<Arc<str>>,
    /// The body of the request, without secrets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, value_type = Object)]
    pub request: Option<Box<RawValue>>,
    /// The body of the answer, without secrets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, value_type = Object)]
    pub response: Option<Box<RawValue>>,
    /// In what it lies, as a rule `organizations`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, value_type = Object)]
    pub scope: Option<Box<RawValue>>,
    /// What it is.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false, example = "organization")]
    pub resource_type: Option<Arc<str>>,
}

/// Where a list of entries goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditInfo {
    /// How many entries this page has, in decimal digits.
    #[schema(example = "100")]
    pub count: String,
    /// Pass it as `cursor`, with the same filters, for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub cursor: Option<String>,
    /// The same cursor, where other clients look for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub cursors: Option<AuditCursors>,
}

/// Where a list of entries goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditCursors {
    /// Pass it as `cursor`, with the same filters, for the next page.
    pub after: String,
}

impl AuditInfo {
    /// Says how many entries a page has and where the list goes on, if it does.
    pub fn new(count: usize, cursor: Option<String>) -> Self {
        let cursors = cursor.clone().map(|after| AuditCursors { after });
        Self { count: count.to_string(), cursor, cursors }
    }
}

/// How a history was found, and where it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditHistoryInfo {
    /// How many entries this page has.
    #[schema(example = 3)]
    pub count: u64,
    /// Pass it as `cursor` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub cursor: Option<String>,
    /// How well the entries fit.
    pub history_status: AuditHistoryStatus,
}

/// How well the entries of a history fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditHistoryStatus {
    /// They are about the same resource.
    Exact,
    /// They are about the same kind of resource, for the entry does not say which one; or older ones are deleted by now.
    Approximate,
    /// The entry does not say what it is about.
    Unavailable,
}

/// What a change did, member by member.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditDiff {
    /// The entry.
    pub entry: AuditEntry,
    /// What is different, in the order of the pointers; empty for what changed nothing.
    pub changes: Vec<AuditChange>,
}

/// A member that a change made different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditChange {
    /// A JSON pointer (RFC 6901) into what a GET answers.
    #[schema(example = "/name")]
    pub pointer: String,
    /// What it was; absent for what is new.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub before: Option<serde_json::Value>,
    /// What it is now; absent for what is gone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(nullable = false)]
    pub after: Option<serde_json::Value>,
}

/// What the audit log of a tree of organizations was at a moment, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditCheckpoint {
    /// The name of the log.
    #[schema(example = "umbel/audit/019c4f65e7607d8c9f6f6b58aa3aff4f")]
    pub origin: String,
    /// How many entries it has.
    #[schema(example = 1234)]
    pub size: u64,
    /// The hash of its Merkle tree (RFC 9162), in hex digits.
    pub root_hash: String,
    /// The same as a signed checkpoint (C2SP tlog-checkpoint and signed-note).
    pub note: String,
    /// The key that verifies the signature (C2SP signed-note). Note it once: it stays the same.
    pub verifier_key: String,
}

/// What proves that an entry is in the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditInclusion {
    /// How many entries came before it.
    pub index: u64,
    /// The hash of its leaf, in hex digits.
    pub leaf_hash: String,
    /// The hashes of the proof (RFC 9162, 2.1.3), in hex digits.
    pub proof: Vec<String>,
    /// What it is proved against.
    pub checkpoint: AuditCheckpoint,
}

/// What proves that the audit log was only added to since an earlier checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditConsistency {
    /// The hashes of the proof (RFC 9162, 2.1.4), in hex digits.
    pub proof: Vec<String>,
    /// What it is proved against.
    pub checkpoint: AuditCheckpoint,
}

/// A line of a bundle: what it begins with, an entry, or the checkpoint that it ends with. The page about bundles says which members
/// each kind has.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct AuditBundleLine {
    /// Which kind of line it is.
    pub kind: AuditBundleKind,
}

/// The kinds of lines of a bundle.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum AuditBundleKind {
    /// The first line.
    AuditBundle,
    /// An entry.
    AuditLeaf,
    /// The last line.
    AuditCheckpoint,
}

parameters! {
    /// Which entries to export with what proves them.
    ExportAuditBundle {
        /// How many entries to leave out at the beginning, as many as an earlier bundle has; by default those that are deleted.
        first: Option<i64> = "first",
    }
}

parameters! {
    /// Since when the log is to be proved.
    GetAuditConsistency {
        /// The size of an earlier checkpoint.
        size: Option<i64> = "size",
    }
}

parameters! {
    /// Which span of the audit log to list, and how.
    ListAuditLog {
        /// From when on: a date, which is its first moment in UTC, or a time of RFC 3339; one without a zone is in UTC.
        since: Moment = "since",
        /// Until when, that moment left out.
        before: Moment = "before",
        /// The order; from the newest to the oldest by default.
        direction: Option<Direction> = "direction",
        /// Items of a page.
        limit: Limit = "limit",
        /// Where to go on: `cursor` of the page before, with the same filters.
        cursor: Option<String> = "cursor",
    }
}

parameters! {
    /// Which span of the audit log to export, and how.
    ExportAuditLog {
        /// From when on: a date, which is its first moment in UTC, or a time of RFC 3339; one without a zone is in UTC.
        since: Moment = "since",
        /// Until when, that moment left out.
        before: Moment = "before",
        /// The order; from the newest to the oldest by default.
        direction: Option<Direction> = "direction",
        /// How it is written: `ndjson`, the default, or `csv`.
        format: Option<ExportFormat> = "format",
    }
}

parameters! {
    /// Whose entries to list.
    AuditDescendants {
        /// Whether to list the logs of all organizations below as well; false by default.
        include_descendants: Option<bool> = "include_descendants",
    }
}

parameters! {
    /// Which entry.
    GetAuditEntry {
        /// When the entry was written: its `action.time`.
        action_time: Moment = "action_time",
    }
}

/// What the values of a filter may be.
#[derive(Debug, Clone, Copy)]
enum Allowed {
    Text,
    Words(&'static [&'static str]),
    Integer,
}

/// A filter of the audit log, in both of its forms.
struct KnownFilter {
    name: &'static str,
    /// The name of the form that leaves out what the other one lets pass.
    name_excluding: &'static str,
    allowed: Allowed,
    /// What the values are compared with.
    what: &'static str,
}

macro_rules! filters {
    ($(#[$doc:meta] $table:ident { $($name:literal, $allowed:expr, $what:literal;)+ })+) => {$(
        #[$doc]
        const $table: &[KnownFilter] = &[$(KnownFilter {
            name: $name,
            name_excluding: concat!($name, ".not"),
            allowed: $allowed,
            what: $what,
        }),+];
    )+};
}

filters! {
    /// Every filter of the audit log.
    FILTERS {
        "action_result", Allowed::Words(&["success", "failure"]), "whether it was done";
        "action_type", Allowed::Words(&["create", "delete", "view", "update"]), "what was done";
        "actor_context", Allowed::Words(&["api", "api_key", "api_token", "dash", "oauth", "origin_ca_key"]), "how the actor came";
        "actor_email", Allowed::Text, "the address of the actor, whatever the case";
        "actor_id", Allowed::Text, "the id of the actor";
        "actor_ip_address", Allowed::Text, "the address that the request came from";
        "actor_token_id", Allowed::Text, "the id of the token";
        "actor_token_name", Allowed::Text, "the name of the token";
        "actor_type", Allowed::Words(&["cloudflare_admin", "system", "user"]), "what the actor is";
        "id", Allowed::Text, "the id of the entry";
        "raw_cf_ray_id", Allowed::Text, "the id of the request";
        "raw_method", Allowed::Text, "the method of the request, whatever the case";
        "raw_status_code", Allowed::Integer, "the status of the answer";
        "raw_uri", Allowed::Text, "path and query of the request";
        "resource_id", Allowed::Text, "the id of the resource";
        "resource_product", Allowed::Text, "the product of the resource";
        "resource_scope", Allowed::Words(&["organizations"]), "in what the resource lies";
        "resource_type", Allowed::Text, "the kind of the resource";
    }
    /// The filters of an account's audit log that are other ones there, or are there alone.
    ACCOUNT_FILTERS {
        "account_name", Allowed::Text, "the name that the account has now";
        "actor_type", Allowed::Words(&["account", "cloudflare_admin", "system", "user"]), "what the actor is";
        "audit_log_id", Allowed::Text, "the id of the entry, as `id`";
        "product_category", Allowed::Words(&[]), "the category of the product, of which there are none";
        "resource_scope", Allowed::Words(&["accounts", "memberships", "organizations", "user", "zones"]), "in what the resource lies";
        "zone_id", Allowed::Text, "the id of the zone, which no entry has";
        "zone_name", Allowed::Text, "the name of the zone, which no entry has";
    }
}

/// Every filter of an account's audit log.
fn account_filters() -> impl Iterator<Item = &'static KnownFilter> {
    let is_other = |known: &&KnownFilter| ACCOUNT_FILTERS.iter().any(|other| other.name == known.name);
    FILTERS.iter().filter(move |known| !is_other(known)).chain(ACCOUNT_FILTERS)
}

/// A filter that is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFilter {
    /// Its name, without `.not`.
    pub name: &'static str,
    /// Whether it leaves out what it names.
    pub excluding: bool,
    /// What it names; one that includes and names nothing lets nothing pass.
    pub values: Vec<String>,
}

/// The filters that are given; every one of them must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilters(pub Vec<AuditFilter>);

impl AuditFilters {
    /// The names of all filters, each in both forms.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FILTERS.iter().flat_map(KnownFilter::names)
    }
}

impl Parameters for AuditFilters {
    fn read(values: &mut Values) -> Self {
        Self(FILTERS.iter().flat_map(|known| known.read(values)).collect())
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        self.0.iter().flat_map(AuditFilter::pairs).collect()
    }

    fn document() -> Vec<Parameter> {
        FILTERS.iter().flat_map(KnownFilter::document).collect()
    }
}

/// The filters of an account's audit log that are given; every one of them must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountAuditFilters(pub Vec<AuditFilter>);

impl AccountAuditFilters {
    /// The names of all filters, each in both forms.
    pub fn names() -> impl Iterator<Item = &'static str> {
        account_filters().flat_map(KnownFilter::names)
    }

    /// The same as filters that any audit log has, for an account that has this name.
    pub fn of_entries(self, name: Option<&str>) -> AuditFilters {
        let of_entries = |filter: AuditFilter| {
            // What all entries of the log have in common.
            let shared = match filter.name {
                "account_name" => name,
                "product_category" | "zone_id" | "zone_name" => None,
                "audit_log_id" => return Some(AuditFilter { name: "id", ..filter }),
                _ => return Some(filter),
            };
            let is_named = shared.is_some_and(|shared| filter.values.iter().any(|value| value == shared));
            let nothing_passes = is_named == filter.excluding;
            nothing_passes.then(|| AuditFilter { name: "id", excluding: false, values: Vec::new() })
        };
        AuditFilters(self.0.into_iter().filter_map(of_entries).collect())
    }
}

impl Parameters for AccountAuditFilters {
    fn read(values: &mut Values) -> Self {
        Self(account_filters().flat_map(|known| known.read(values)).collect())
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        self.0.iter().flat_map(AuditFilter::pairs).collect()
    }

    fn document() -> Vec<Parameter> {
        account_filters().flat_map(KnownFilter::document).collect()
    }
}

impl AuditFilter {
    fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let known = account_filters().find(|known| known.name == self.name);
        let name = known.filter(|_| self.excluding).map_or(self.name, |known| known.name_excluding);
        self.values.iter().map(move |value| (name, value.clone()))
    }
}

impl KnownFilter {
    fn names(&self) -> [&'static str; 2] {
        [self.name, self.name_excluding]
    }

    /// Takes both forms of the filter, as far as they are given, or notes what is wrong with them.
    fn read(&self, values: &mut Values) -> Vec<AuditFilter> {
        let mut filters = Vec::new();
        for (name, excluding) in [(self.name, false), (self.name_excluding, true)] {
            let given = values.each(name, FILTER_VALUES_MAX);
            let given: Vec<_> = given.into_iter().filter_map(|value| self.allowed.read(values, name, value)).collect();
            if !given.is_empty() {
                filters.push(AuditFilter { name: self.name, excluding, values: given });
            }
        }
        filters
    }

    fn document(&self) -> [Parameter; 2] {
        [(self.name, "one"), (self.name_excluding, "none")].map(|(name, which)| {
            let items = ArrayBuilder::new().items(self.allowed.schema()).max_items(Some(FILTER_VALUES_MAX));
            let description = format!("Only entries with {which} of these: {}.", self.what);
            documented(name, &description, Required::False, items.build().into())
        })
    }
}

impl Allowed {
    /// Takes a value of the filter `name`, or notes what is wrong with it.
    fn read(self, values: &mut Values, name: &str, value: String) -> Option<String> {
        match self {
            Self::Words([]) => {
                values.fault(name, "is none that there is; leave it out");
                None
            }
            Self::Words(words) if !words.contains(&value.as_str()) => {
                values.fault(name, one_of(words));
                None
            }
            Self::Integer => {
                let number = value.parse::<u16>();
                number.map_err(|_| values.fault(name, "must be an integer from 0 to 65535")).ok().map(|number| number.to_string())
            }
            Self::Text | Self::Words(_) => Some(value),
        }
    }

    fn schema(self) -> ObjectBuilder {
        let kind = if matches!(self, Self::Integer) { Type::Integer } else { Type::String };
        let words = if let Self::Words(words @ [_, ..]) = self { Some(words.iter().copied()) } else { None };
        ObjectBuilder::new().schema_type(kind).enum_values(words)
    }
}
