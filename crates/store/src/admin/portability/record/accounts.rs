//! The lines of accounts and their members.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use umbel_domain::{
    Account, AccountId, AccountMember, AccountSettings, AccountType, Email, Lineage, MemberId, MemberStatus, Name,
    OrganizationId, Role, Timestamp, UserId,
};

use super::{Kind, Nullable, ProfileRecord, given};
use crate::admin::portability::text::{NameOf, Object, Text};

/// An account.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct AccountRecord {
    kind: Kind,
    pub(in crate::admin::portability) id: Text<AccountId>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    organization_id: Option<Nullable<Text<OrganizationId>>>,
    name: Text<NameOf<{ Name::LENGTH_MAX }>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    account_type: Option<Text<AccountType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_on: Option<Text<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Object<SettingsRecord>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    profile: Option<Nullable<Object<ProfileRecord>>>,
}

/// How an account behaves; what a line leaves out was never set.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SettingsRecord {
    abuse_contact_email: Option<String>,
    access_approval_expiry: Option<Text<Timestamp>>,
    api_access_enabled: Option<bool>,
    default_nameservers: Option<String>,
    enforce_twofactor: bool,
    use_account_custom_ns_by_default: Option<bool>,
}

impl AccountRecord {
    /// The organization that the line names; `None` for an account that stands alone.
    pub(in crate::admin::portability) fn organization(&self) -> Option<&OrganizationId> {
        self.organization_id.as_ref()?.as_ref().map(|id| &id.0)
    }

    /// The new account, in the organization at `holder`.
    pub(in crate::admin::portability) fn into_row(self, holder: &Lineage, now: Timestamp) -> Account {
        let Object(settings) = self.settings.unwrap_or(Object(SettingsRecord::default()));
        Account {
            lineage: holder.account(&self.id.0),
            id: self.id.0,
            organization_name: None,
            name: self.name.0.0,
            account_type: self.account_type.map_or(AccountType::Standard, |account_type| account_type.0),
            create_time: self.created_on.map_or(now, |time| time.0),
            settings: AccountSettings {
                abuse_contact_email: settings.abuse_contact_email,
                access_approval_expiry: settings.access_approval_expiry.map(|time| time.0),
                api_access_enabled: settings.api_access_enabled,
                default_nameservers: settings.default_nameservers,
                enforce_twofactor: settings.enforce_twofactor,
                use_account_custom_ns_by_default: settings.use_account_custom_ns_by_default,
            },
            profile: self.profile.flatten().map(|Object(profile)| profile.into()),
            version: 1,
        }
    }
}

impl From<Account> for AccountRecord {
    fn from(account: Account) -> Self {
        let organization_id = account.organization_id();
        let settings = account.settings;
        Self {
            kind: Kind::Account,
            id: Text(account.id),
            organization_id: Some(organization_id.map(Text)),
            name: Text(NameOf(account.name)),
            account_type: Some(Text(account.account_type)),
            created_on: Some(Text(account.create_time)),
            settings: Some(Object(SettingsRecord {
                abuse_contact_email: settings.abuse_contact_email,
                access_approval_expiry: settings.access_approval_expiry.map(Text),
                api_access_enabled: settings.api_access_enabled,
                default_nameservers: settings.default_nameservers,
                enforce_twofactor: settings.enforce_twofactor,
                use_account_custom_ns_by_default: settings.use_account_custom_ns_by_default,
            })),
            profile: Some(account.profile.map(|profile| Object(profile.into()))),
        }
    }
}

/// A user in an account; on import an address may stand for the user.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin::portability) struct AccountMemberRecord {
    kind: Kind,
    pub(in crate::admin::portability) id: Text<MemberId>,
    pub(in crate::admin::portability) account_id: Text<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::admin::portability) user_id: Option<Text<UserId>>,
    #[serde(skip_serializing)]
    pub(in crate::admin::portability) email: Option<Text<Email>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::admin::portability) roles: Option<Roles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Text<MemberStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Text<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_time: Option<Text<Timestamp>>,
}

/// The roles of a member of an account: at least one, each once.
#[derive(Serialize)]
pub(in crate::admin::portability) struct Roles(pub(in crate::admin::portability) Vec<Text<Role>>);

impl<'de> Deserialize<'de> for Roles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let roles = Vec::<Text<Role>>::deserialize(deserializer)?;
        if roles.is_empty() || roles.iter().enumerate().any(|(at, role)| roles[..at].contains(role)) {
            return Err(D::Error::custom("must have at least one role, and each once"));
        }
        Ok(Self(roles))
    }
}

impl AccountMemberRecord {
    /// The new member, who is this user.
    pub(in crate::admin::portability) fn into_row(self, user_id: UserId, now: Timestamp) -> AccountMember {
        let create_time = self.create_time.map_or(now, |time| time.0);
        AccountMember {
            id: self.id.0,
            account_id: self.account_id.0,
            user_id,
            roles: self.roles.map_or(vec![Role::SuperAdministrator], |roles| roles.0.into_iter().map(|role| role.0).collect()),
            status: self.status.map_or(MemberStatus::Active, |status| status.0),
            create_time,
            update_time: self.update_time.map_or(create_time, |time| time.0),
        }
    }
}

impl From<AccountMember> for AccountMemberRecord {
    fn from(member: AccountMember) -> Self {
        Self {
            kind: Kind::AccountMember,
            id: Text(member.id),
            account_id: Text(member.account_id),
            user_id: Some(Text(member.user_id)),
            email: None,
            roles: Some(Roles(member.roles.into_iter().map(Text).collect())),
            status: Some(Text(member.status)),
            create_time: Some(Text(member.create_time)),
            update_time: Some(Text(member.update_time)),
        }
    }
}
