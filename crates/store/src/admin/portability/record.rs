//! The kinds of lines and their members.
//!
//! `None` is a member that a line does not give.

mod accounts;
mod audit_entries;
mod audit_retention;
mod billing_periods;
mod budgets;
mod histories;
mod invoices;
mod metrics;
mod prices;
mod roles;
mod usage;

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use umbel_domain::secret::SecretHash;
use umbel_domain::{
    ApiToken, ApiTokenId, Currency, Email, Flag, Flags, Lineage, Member, MemberId, MemberStatus, Name, Organization,
    OrganizationId, Profile, Role, Scope, Timestamp, TokenKind, User, UserId,
};

use super::text::{NameOf, Object, Plain, Text};
use crate::credentials::KeyCredential;
pub(super) use accounts::{AccountMemberRecord, AccountRecord};
pub(super) use audit_entries::AuditEntryRecord;
pub(super) use audit_retention::AuditRetentionRecord;
pub(super) use billing_periods::BillingPeriodRecord;
pub(super) use budgets::BudgetRecord;
pub(super) use histories::HistoryRecord;
pub(super) use invoices::InvoiceRecord;
pub(super) use metrics::MetricRecord;
pub(super) use prices::PriceRecord;
pub(super) use roles::RoleRecord;
pub(super) use usage::UsageRecord;

/// What may be `null`, which says something else than a member that is not given.
type Nullable<T> = Option<T>;

/// What a line describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    User,
    ApiToken,
    Organization,
    OrganizationMember,
    Account,
    AccountMember,
    Role,
    AuditEntry,
    AuditRetention,
    Metric,
    Price,
    UsageDaily,
    History,
    BillingPeriod,
    Invoice,
    Budget,
}

/// The kind of a line, whatever else it has.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) kind: Kind,
}

/// A user.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserRecord {
    kind: Kind,
    pub(super) id: Text<UserId>,
    pub(super) email: Text<Email>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    name: Option<Nullable<Text<NameOf<{ Name::LENGTH_MAX }>>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    two_factor_authentication_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<bool>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) managed_by: Option<Nullable<Text<OrganizationId>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    last_seen_on: Option<Nullable<Text<Timestamp>>>,
    #[serde(skip_serializing)]
    api_key: Option<Plain>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    api_key_hash: Option<Nullable<Text<SecretHash>>>,
}

impl UserRecord {
    /// Keeps of a key in plain only its hash.
    pub(super) fn forget_plain(&mut self) -> Result<(), String> {
        if let Some(Plain(hash)) = self.api_key.take() {
            if self.api_key_hash.is_some() {
                return Err("give api_key or api_key_hash, not both".into());
            }
            self.api_key_hash = Some(Some(Text(hash)));
        }
        Ok(())
    }

    /// The new user, created `now` unless the line says otherwise.
    pub(super) fn into_row(self, now: Timestamp) -> KeyCredential {
        let user = User {
            id: self.id.0,
            email: self.email.0,
            name: self.name.flatten().map(|name| name.0.0),
            two_factor_authentication_enabled: self.two_factor_authentication_enabled.unwrap_or(false),
            operator: self.operator.unwrap_or(false),
            managed_by: self.managed_by.flatten().map(|id| id.0),
            disabled: self.disabled.unwrap_or(false),
            create_time: self.create_time.map_or(now, |time| time.0),
            version: 1,
        };
        let api_key_hash = self.api_key_hash.flatten().map(|hash| hash.0);
        KeyCredential { user, api_key_hash, last_seen_on: self.last_seen_on.flatten().map(|time| time.0) }
    }
}

impl From<KeyCredential> for UserRecord {
    fn from(KeyCredential { user, api_key_hash, last_seen_on }: KeyCredential) -> Self {
        Self {
            kind: Kind::User,
            id: Text(user.id),
            email: Text(user.email),
            name: Some(user.name.map(|name| Text(NameOf(name)))),
            two_factor_authentication_enabled: Some(user.two_factor_authentication_enabled),
            operator: Some(user.operator),
            managed_by: Some(user.managed_by.map(Text)),
            disabled: Some(user.disabled),
            create_time: Some(Text(user.create_time)),
            last_seen_on: Some(last_seen_on.map(Text)),
            api_key: None,
            api_key_hash: Some(api_key_hash.map(Text)),
        }
    }
}

/// An API token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiTokenRecord {
    kind: Kind,
    pub(super) id: Text<ApiTokenId>,
    pub(super) user_id: Text<UserId>,
    name: Text<NameOf<{ Name::LENGTH_MAX }>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<Object<ScopeRecord>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    expires_on: Option<Nullable<Text<Timestamp>>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    last_used_on: Option<Nullable<Text<Timestamp>>>,
    #[serde(skip_serializing)]
    token: Option<Plain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token_hash: Option<Text<SecretHash>>,
}

/// How far a token reaches at most.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeRecord {
    pub(super) organization_id: Option<Text<OrganizationId>>,
    pub(super) role: Option<Text<Role>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Text<TokenKind>>,
}

impl ApiTokenRecord {
    /// Keeps of a token in plain only its hash.
    pub(super) fn forget_plain(&mut self) -> Result<(), String> {
        if let Some(Plain(hash)) = self.token.take() {
            if self.token_hash.is_some() {
                return Err("give token or token_hash, not both".into());
            }
            self.token_hash = Some(Text(hash));
        }
        Ok(())
    }

    /// The new token; without a secret in the line its hash is `unknown`, which nobody can present anything for.
    pub(super) fn into_row(self, now: Timestamp, unknown: SecretHash) -> (ApiToken, SecretHash) {
        let scope = self.scope.map_or_else(Scope::default, |Object(scope)| Scope {
            organization_id: scope.organization_id.map(|id| id.0),
            role: scope.role.map(|role| role.0),
            kind: scope.kind.map_or(TokenKind::Api, |kind| kind.0),
        });
        let token = ApiToken {
            id: self.id.0,
            user_id: self.user_id.0,
            name: self.name.0.0,
            scope,
            create_time: self.create_time.map_or(now, |time| time.0),
            expires_on: self.expires_on.flatten().map(|time| time.0),
            last_used_on: self.last_used_on.flatten().map(|time| time.0),
        };
        (token, self.token_hash.map_or(unknown, |hash| hash.0))
    }
}

impl From<(ApiToken, SecretHash)> for ApiTokenRecord {
    fn from((token, hash): (ApiToken, SecretHash)) -> Self {
        let scope = ScopeRecord {
            organization_id: token.scope.organization_id.map(Text),
            role: token.scope.role.map(Text),
            kind: Some(token.scope.kind).filter(|kind| *kind != TokenKind::Api).map(Text),
        };
        Self {
            kind: Kind::ApiToken,
            id: Text(token.id),
            user_id: Text(token.user_id),
            name: Text(NameOf(token.name)),
            scope: Some(Object(scope)),
            create_time: Some(Text(token.create_time)),
            expires_on: Some(token.expires_on.map(Text)),
            last_used_on: Some(token.last_used_on.map(Text)),
            token: None,
            token_hash: Some(Text(hash)),
        }
    }
}

/// An organization.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationRecord {
    kind: Kind,
    pub(super) id: Text<OrganizationId>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) parent_id: Option<Nullable<Text<OrganizationId>>>,
    name: Text<NameOf<{ Name::ORGANIZATION_LENGTH_MAX }>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<FlagsRecord>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    profile: Option<Nullable<Object<ProfileRecord>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_currency: Option<Text<Currency>>,
}

/// What an organization or an account says of itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileRecord {
    business_address: String,
    business_email: String,
    business_name: String,
    business_phone: String,
    external_metadata: String,
}

impl From<ProfileRecord> for Profile {
    fn from(profile: ProfileRecord) -> Self {
        Self {
            business_address: profile.business_address,
            business_email: profile.business_email,
            business_name: profile.business_name,
            business_phone: profile.business_phone,
            external_metadata: profile.external_metadata,
        }
    }
}

impl From<Profile> for ProfileRecord {
    fn from(profile: Profile) -> Self {
        Self {
            business_address: profile.business_address,
            business_email: profile.business_email,
            business_name: profile.business_name,
            business_phone: profile.business_phone,
            external_metadata: profile.external_metadata,
        }
    }
}

impl OrganizationRecord {
    /// The parent that the line names; `None` for a root.
    pub(super) fn parent(&self) -> Option<&OrganizationId> {
        self.parent_id.as_ref()?.as_ref().map(|id| &id.0)
    }

    /// The new organization, which stands at `lineage`.
    pub(super) fn into_row(self, lineage: Lineage, now: Timestamp) -> Organization {
        Organization {
            id: self.id.0,
            lineage,
            parent_name: None,
            name: self.name.0.0,
            create_time: self.create_time.map_or(now, |time| time.0),
            flags: self.flags.map_or(Flags::ENABLED, |flags| flags.0),
            profile: self.profile.flatten().map(|Object(profile)| profile.into()),
            billing_currency: self.billing_currency.map_or(Currency::USD, |currency| currency.0),
            version: 1,
        }
    }
}

impl From<Organization> for OrganizationRecord {
    fn from(organization: Organization) -> Self {
        let parent_id = organization.lineage.parent_id().and_then(|id| OrganizationId::parse(id).ok());
        Self {
            kind: Kind::Organization,
            id: Text(organization.id),
            parent_id: Some(parent_id.map(Text)),
            name: Text(NameOf(organization.name)),
            create_time: Some(Text(organization.create_time)),
            flags: Some(FlagsRecord(organization.flags)),
            profile: Some(organization.profile.map(|profile| Object(profile.into()))),
            billing_currency: Some(Text(organization.billing_currency)),
        }
    }
}

/// A user in an organization; on import an address may stand for the user.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberRecord {
    kind: Kind,
    pub(super) id: Text<MemberId>,
    pub(super) organization_id: Text<OrganizationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<Text<UserId>>,
    #[serde(skip_serializing)]
    pub(super) email: Option<Text<Email>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<Text<Role>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Text<MemberStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_time: Option<Text<Timestamp>>,
}

impl MemberRecord {
    /// The new member, who is this user.
    pub(super) fn into_row(self, user_id: UserId, now: Timestamp) -> Member {
        let create_time = self.create_time.map_or(now, |time| time.0);
        Member {
            id: self.id.0,
            organization_id: self.organization_id.0,
            user_id,
            role: self.role.map_or(Role::SuperAdministrator, |role| role.0),
            status: self.status.map_or(MemberStatus::Active, |status| status.0),
            create_time,
            update_time: self.update_time.map_or(create_time, |time| time.0),
        }
    }
}

impl From<Member> for MemberRecord {
    fn from(member: Member) -> Self {
        Self {
            kind: Kind::OrganizationMember,
            id: Text(member.id),
            organization_id: Text(member.organization_id),
            user_id: Some(Text(member.user_id)),
            email: None,
            role: Some(Text(member.role)),
            status: Some(Text(member.status)),
            create_time: Some(Text(member.create_time)),
            update_time: Some(Text(member.update_time)),
        }
    }
}

/// Flags as an object of their names; one that is not there is enabled.
struct FlagsRecord(Flags);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FlagState {
    Enabled,
    Disabled,
}

impl Serialize for FlagsRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let state = |flag| if self.0.is_enabled(flag) { FlagState::Enabled } else { FlagState::Disabled };
        serializer.collect_map(Flag::ALL.map(|flag| (flag.name(), state(flag))))
    }
}

impl<'de> Deserialize<'de> for FlagsRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FlagsVisitor).map(Self)
    }
}

struct FlagsVisitor;

impl<'de> Visitor<'de> for FlagsVisitor {
    type Value = Flags;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of flags")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flags, A::Error> {
        let (mut flags, mut seen) = (Flags::ENABLED, Flags::from_bits(0));
        while let Some((name, state)) = map.next_entry::<String, FlagState>()? {
            let flag = Flag::ALL.into_iter().find(|flag| flag.name() == name);
            let flag = flag.ok_or_else(|| A::Error::custom(format!("there is no flag `{}`", name.escape_debug())))?;
            if seen.is_enabled(flag) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            seen = seen.with(flag);
            if matches!(state, FlagState::Disabled) {
                flags = flags.without(flag);
            }
        }
        Ok(flags)
    }
}

/// Tells `null` from a member that is not there.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The first member that the line gives otherwise than it is stored; that a token was used since does not count.
pub(super) fn difference(line: &impl Serialize, stored: &impl Serialize) -> Option<String> {
    let (line, stored) = (serde_json::to_value(line).ok()?, serde_json::to_value(stored).ok()?);
    let mut members = line.as_object()?.iter().filter(|(member, _)| !["last_used_on", "last_seen_on"].contains(&member.as_str()));
    members.find(|(member, value)| stored.get(member) != Some(value)).map(|(member, _)| member.clone())
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;

    const PAGE: &str = include_str!("../../../../../docs/operations.md");

    /// The words in backquotes that serde would have taken instead.
    fn expected<T: DeserializeOwned>(wrong: serde_json::Value) -> Vec<String> {
        let said = serde_json::from_value::<T>(wrong).err().unwrap().to_string();
        said.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    fn members<T: DeserializeOwned>() -> Vec<String> {
        expected::<T>(json!({"no such member": 1}))
    }

    #[test]
    fn the_documentation_names_every_kind_and_member() {
        let documented = [
            ("user", members::<UserRecord>()),
            ("api_token", members::<ApiTokenRecord>()),
            ("organization", members::<OrganizationRecord>()),
            ("organization_member", members::<MemberRecord>()),
            ("account", members::<AccountRecord>()),
            ("account_member", members::<AccountMemberRecord>()),
            ("role", members::<RoleRecord>()),
            ("audit_entry", members::<AuditEntryRecord>()),
            ("audit_retention", members::<AuditRetentionRecord>()),
            ("metric", members::<MetricRecord>()),
            ("price", members::<PriceRecord>()),
            ("usage_daily", members::<UsageRecord>()),
            ("history", members::<HistoryRecord>()),
            ("billing_period", members::<BillingPeriodRecord>()),
            ("invoice", members::<InvoiceRecord>()),
            ("budget", members::<BudgetRecord>()),
        ];
        let kinds: Vec<_> = documented.iter().map(|(kind, _)| (*kind).to_owned()).collect();
        assert_eq!(expected::<Kind>(json!("no such kind")), kinds);
        for (kind, members) in documented {
            let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{kind}` |")));
            let row = row.unwrap_or_else(|| panic!("docs/operations.md has no row for the kind {kind}"));
            assert!(members.len() > 2, "{kind}: {members:?}");
            for member in members.iter().filter(|member| *member != "kind") {
                assert!(row.contains(&format!("`{member}`")), "docs/operations.md does not say what {kind} has as {member}");
            }
        }
    }
}
