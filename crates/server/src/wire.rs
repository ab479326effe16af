//! Between the words on the wire and the types of the rules.

pub(crate) mod audit_log;
pub(crate) mod audit_stream;
pub(crate) mod audit_table;
pub(crate) mod billing;
pub(crate) mod budget;
pub(crate) mod focus;
pub(crate) mod invoice;
pub(crate) mod server;
pub(crate) mod usage;
pub(crate) mod usage_record;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use umbel_api::organization::{AccountFlags, Meta, NamedParent};
use umbel_api::{self as api, Code, Switch};
use umbel_domain::{
    Account, AccountMember, AccountSettings, AccountType, Action, Actions, ApiToken, CustomRole, Delivery, Effect, Email, Flag,
    Flags, Holding, Invalid, MemberStatus, Name, NewOrganization, OpenInvitation, Organization, OrganizationId, Person, Place,
    Profile, Role, Timestamp, TokenKind, User,
};

use crate::error::{Error, Result};
use crate::role_book::RoleBook;

/// The most bytes of a profile, its five members together: a page may hold a thousand of them.
const PROFILE_SIZE_MAX: usize = 16 << 10;
/// The most bytes of a setting that is text.
const SETTING_SIZE_MAX: usize = 1 << 10;

/// Reads several members and names everything that is wrong at once.
#[derive(Default)]
pub(crate) struct Reader(Vec<Error>);

impl Reader {
    /// Takes a member, or notes what is wrong with it.
    pub(crate) fn member<T>(&mut self, pointer: &str, read: std::result::Result<T, Invalid>) -> Option<T> {
        read.map_err(|invalid| self.0.push(Error::member(pointer, &invalid))).ok()
    }

    /// What was put together, unless something was wrong.
    pub(crate) fn finish<T>(self, whole: Option<T>) -> Result<T> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(Error::all(self.0)),
        }
    }
}

/// Shows an organization.
pub(crate) fn organization(organization: &Organization) -> api::Organization {
    let parent = organization.lineage.parent_id().zip(organization.parent_name.as_ref());
    api::Organization {
        id: organization.id.to_string(),
        create_time: organization.create_time.to_datetime(),
        meta: Meta {
            flags: account_flags(organization.flags),
            hierarchy_tags: organization.lineage.ids().map(str::to_owned).collect(),
            tenant_flags: flags(organization.flags),
        },
        name: organization.name.as_str().to_owned(),
        parent: parent.map(|(id, name)| NamedParent { id: id.to_owned(), name: name.clone() }),
        profile: organization.profile.as_ref().map(profile),
    }
}

fn switch(flags: Flags, flag: Flag) -> Switch {
    if flags.is_enabled(flag) { Switch::Enabled } else { Switch::Disabled }
}

fn account_flags(flags: Flags) -> AccountFlags {
    AccountFlags {
        account_creation: switch(flags, Flag::AccountCreation),
        account_deletion: switch(flags, Flag::AccountDeletion),
        account_migration: switch(flags, Flag::AccountMigration),
        account_mobility: switch(flags, Flag::AccountMobility),
        sub_org_creation: switch(flags, Flag::SubOrgCreation),
    }
}

/// Shows the flags of an organization.
pub(crate) fn flags(flags: Flags) -> api::Flags {
    api::Flags {
        account_creation: switch(flags, Flag::AccountCreation),
        account_deletion: switch(flags, Flag::AccountDeletion),
        account_migration: switch(flags, Flag::AccountMigration),
        account_mobility: switch(flags, Flag::AccountMobility),
        sub_org_creation: switch(flags, Flag::SubOrgCreation),
        account_creation_applies_tenant_defaults: switch(flags, Flag::AccountCreationAppliesTenantDefaults),
        enterprise_capability: switch(flags, Flag::EnterpriseCapability),
        member_management: switch(flags, Flag::MemberManagement),
    }
}

/// The flags after a change.
pub(crate) fn updated_flags(flags: Flags, update: &api::UpdateFlags) -> Flags {
    let switches = [
        (Flag::AccountCreation, update.account_creation),
        (Flag::AccountDeletion, update.account_deletion),
        (Flag::AccountMigration, update.account_migration),
        (Flag::AccountMobility, update.account_mobility),
        (Flag::SubOrgCreation, update.sub_org_creation),
        (Flag::AccountCreationAppliesTenantDefaults, update.account_creation_applies_tenant_defaults),
        (Flag::EnterpriseCapability, update.enterprise_capability),
        (Flag::MemberManagement, update.member_management),
    ];
    switches.into_iter().fold(flags, |flags, (flag, switch)| match switch {
        Some(Switch::Enabled) => flags.with(flag),
        Some(Switch::Disabled) => flags.without(flag),
        None => flags,
    })
}

/// Shows a profile.
pub(crate) fn profile(profile: &Profile) -> api::Profile {
    api::Profile {
        business_address: profile.business_address.clone(),
        business_email: profile.business_email.clone(),
        business_name: profile.business_name.clone(),
        business_phone: profile.business_phone.clone(),
        external_metadata: profile.external_metadata.clone(),
    }
}

/// Reads a profile, whose members are below `pointer`.
pub(crate) fn new_profile(reader: &mut Reader, pointer: &str, profile: api::Profile) -> Profile {
    let mut size = 0;
    let mut text = |name: &str, text: String| {
        size += text.len();
        let storable = !text.contains('\0');
        let read = if storable { Ok(text) } else { Err(Invalid("must not contain the character U+0000".into())) };
        reader.member(&format!("{pointer}/{name}"), read).unwrap_or_default()
    };
    let profile = Profile {
        business_address: text("business_address", profile.business_address),
        business_email: text("business_email", profile.business_email),
        business_name: text("business_name", profile.business_name),
        business_phone: text("business_phone", profile.business_phone),
        external_metadata: text("external_metadata", profile.external_metadata),
    };
    if size > PROFILE_SIZE_MAX {
        reader.0.push(Error::at(Code::InvalidBody, pointer, format!("the profile has more than {PROFILE_SIZE_MAX} bytes")));
    }
    profile
}

/// Reads what somebody asks for who creates an organization.
pub(crate) fn new_organization(body: api::CreateOrganization) -> Result<NewOrganization> {
    let mut reader = Reader::default();
    let name = reader.member("/name", Name::parse(&body.name, Name::ORGANIZATION_LENGTH_MAX));
    let parent = body.parent.and_then(|parent| reader.member("/parent/id", OrganizationId::parse(&parent.id)));
    let profile = body.profile.map(|profile| new_profile(&mut reader, "/profile", profile));
    reader.finish(name.map(|name| NewOrganization { name, parent, profile }))
}

/// Shows an account.
pub(crate) fn account(account: &Account) -> api::Account {
    let settings = &account.settings;
    let holder = account.organization_id().zip(account.organization_name.as_ref());
    api::Account {
        id: account.id.to_string(),
        created_on: account.create_time.to_datetime(),
        managed_by: holder.map(|(id, name)| api::ManagedBy { parent_org_id: id.to_string(), parent_org_name: name.clone() }),
        name: account.name.as_str().to_owned(),
        settings: api::AccountSettings {
            abuse_contact_email: settings.abuse_contact_email.clone(),
            access_approval_expiry: settings.access_approval_expiry.map(Timestamp::to_datetime),
            api_access_enabled: settings.api_access_enabled,
            default_nameservers: settings.default_nameservers.clone(),
            enforce_twofactor: settings.enforce_twofactor,
            use_account_custom_ns_by_default: settings.use_account_custom_ns_by_default,
        },
        account_type: match account.account_type {
            AccountType::Standard => api::AccountType::Standard,
            AccountType::Enterprise => api::AccountType::Enterprise,
        },
    }
}

/// Shows a member, and of its user no more than the caller may know.
pub(crate) fn member(person: &Person, is_known: bool) -> api::Member {
    let (member, user) = (&person.member, &person.user);
    let name = user.name.as_ref().filter(|_| is_known);
    api::Member {
        id: member.id.to_string(),
        create_time: member.create_time.to_datetime(),
        meta: api::MemberMeta {},
        role: None,
        status: match member.status {
            MemberStatus::Active => api::MemberStatus::Active,
            MemberStatus::Pending => api::MemberStatus::Pending,
            MemberStatus::Rejected => api::MemberStatus::Rejected,
            MemberStatus::Canceled => api::MemberStatus::Canceled,
        },
        update_time: member.update_time.to_datetime(),
        effect: None,
        invitation: None,
        user: api::MemberUser {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            name: name.map_or_else(String::new, |name| name.as_str().to_owned()),
            two_factor_authentication_enabled: is_known && user.two_factor_authentication_enabled,
        },
    }
}

/// Shows an invitation as it is `now`, without its link.
pub(crate) fn invitation(open: &OpenInvitation, now: Timestamp) -> api::Invitation {
    let invitation = &open.invitation;
    api::Invitation {
        id: invitation.id.to_string(),
        organization_id: invitation.organization_id.to_string(),
        member_id: invitation.member_id.to_string(),
        email: open.email.as_str().to_owned(),
        role: open.role.name().into_owned(),
        create_time: invitation.create_time.to_datetime(),
        expires_on: invitation.expires_on.to_datetime(),
        expired: invitation.is_expired(now),
        delivery: match invitation.delivery(now) {
            Delivery::Link => api::InvitationDelivery::Link,
            Delivery::Queued => api::InvitationDelivery::Queued,
            Delivery::Sent => api::InvitationDelivery::Sent,
            Delivery::Failed => api::InvitationDelivery::Failed,
        },
        invited_by: api::Inviter {
            id: invitation.invited_by.to_string(),
            email: open.inviter.as_ref().map(|email| email.as_str().to_owned()),
        },
        link: None,
        token: None,
    }
}

/// Shows a member of an account, and of its user no more than the caller may know.
pub(crate) fn account_member(person: &Person<AccountMember>, book: &RoleBook, is_known: bool) -> api::AccountMember {
    let user = &person.user;
    let (first_name, last_name) = words(user.name.as_ref().filter(|_| is_known));
    api::AccountMember {
        id: person.member.id.to_string(),
        effect: None,
        roles: person.member.roles.iter().map(|role| book.show_on_account(*role)).collect(),
        status: shown_account_status(person.member.status),
        user: api::AccountMemberUser {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            first_name,
            last_name,
            two_factor_authentication_enabled: is_known && user.two_factor_authentication_enabled,
        },
    }
}

fn shown_account_status(status: MemberStatus) -> api::AccountMemberStatus {
    match status {
        MemberStatus::Active => api::AccountMemberStatus::Accepted,
        MemberStatus::Pending => api::AccountMemberStatus::Pending,
        MemberStatus::Rejected | MemberStatus::Canceled => api::AccountMemberStatus::Rejected,
    }
}

/// The status of that name on the wire.
pub(crate) fn account_member_status(status: api::AccountMemberStatus) -> MemberStatus {
    match status {
        api::AccountMemberStatus::Accepted => MemberStatus::Active,
        api::AccountMemberStatus::Pending => MemberStatus::Pending,
        api::AccountMemberStatus::Rejected => MemberStatus::Rejected,
    }
}

/// The status of a new member of an account.
pub(crate) fn new_account_member_status(status: Option<api::NewAccountMemberStatus>) -> MemberStatus {
    match status {
        Some(api::NewAccountMemberStatus::Accepted) => MemberStatus::Active,
        None | Some(api::NewAccountMemberStatus::Pending) => MemberStatus::Pending,
    }
}

/// What a built-in role lets do with an account.
pub(crate) fn on_account(role: Role) -> &'static str {
    match role {
        Role::SuperAdministrator => "Everything that a member can do.",
        Role::Administrator => "Everything but deciding over super administrators.",
        Role::Billing => "Sees the account, its usage and its cost.",
        Role::Auditor => "Sees the account, its members and its audit log.",
        Role::Viewer => "Sees the account and its members.",
        Role::Custom(_) => "",
    }
}

/// Shows what is allowed.
pub(crate) fn actions(actions: Actions) -> Vec<String> {
    actions.names().into_iter().map(str::to_owned).collect()
}

/// Shows a role that was made.
pub(crate) fn custom_role(role: &CustomRole) -> api::Role {
    api::Role {
        id: role.id.to_string(),
        name: role.name.as_str().to_owned(),
        description: role.description.clone(),
        built_in: false,
        actions: actions(role.actions),
    }
}

/// Shows a role that is there without being made.
pub(crate) fn built_in_role(role: Role) -> api::Role {
    let description = match role {
        Role::SuperAdministrator => "Everything that a member can do.",
        Role::Administrator => "Everything but deleting and moving organizations and deciding over super administrators.",
        Role::Billing => "Sees organizations, accounts, usage and cost.",
        Role::Auditor => "Sees organizations, accounts, members and the audit log.",
        Role::Viewer => "Sees organizations, accounts and members.",
        Role::Custom(_) => "",
    };
    let actions = actions(role.actions().unwrap_or(Actions::NONE));
    let name = role.name().into_owned();
    api::Role { id: name.clone(), name, description: description.into(), built_in: true, actions }
}

pub(crate) fn permissions(actions: Actions) -> api::Permissions {
    let permission = |read, write| api::Permission {
        read: actions.contains(read),
        write: Option::is_some_and(write, |write| actions.contains(write)),
    };
    api::Permissions {
        billing: permission(Action::ReadBilling, None),
        logs: permission(Action::ReadAuditLog, None),
        members: permission(Action::ReadMembers, Some(Action::ManageMembers)),
        organization: permission(Action::ReadAccount, Some(Action::UpdateAccount)),
    }
}

/// Shows a membership to the member itself.
pub(crate) fn account_membership(account: &Account, member: &AccountMember, actions: Actions) -> api::AccountMembership {
    // Only members see more of an account than what it is called.
    let is_member = member.status == MemberStatus::Active;
    let settings = if is_member { account.settings.clone() } else { AccountSettings::default() };
    let organization_name = account.organization_name.clone().filter(|_| is_member);
    let account = Account { settings, organization_name, ..account.clone() };
    api::AccountMembership {
        id: member.id.to_string(),
        account: self::account(&account),
        api_access_enabled: account.settings.api_access_enabled,
        permissions: permissions(actions),
        roles: member.roles.iter().map(|role| role.name().into_owned()).collect(),
        status: shown_account_status(member.status),
    }
}

/// Shows what a change would do.
pub(crate) fn effect(effect: Effect, organizations: u64, accounts: u64, complete: bool, blockers: Vec<Error>) -> api::Effect {
    let shown = |holdings: Vec<Holding>| holdings.iter().map(holding).collect();
    let blockers = blockers.into_iter().flat_map(Error::problems).collect();
    api::Effect { organizations, accounts, gains: shown(effect.gains), loses: shown(effect.loses), complete, blockers }
}

fn holding(holding: &Holding) -> api::Holding {
    let (organization_id, account_id) = match &holding.place {
        Place::Organization(id) => (Some(id.to_string()), None),
        Place::Account(id) => (None, Some(id.to_string())),
    };
    api::Holding {
        user_id: holding.user_id.to_string(),
        email: holding.email.as_str().to_owned(),
        role: holding.role.name().into_owned(),
        organization_id,
        account_id,
    }
}

/// The status of that name on the wire.
pub(crate) fn member_status(status: api::MemberStatus) -> MemberStatus {
    match status {
        api::MemberStatus::Active => MemberStatus::Active,
        api::MemberStatus::Pending => MemberStatus::Pending,
        api::MemberStatus::Rejected => MemberStatus::Rejected,
        api::MemberStatus::Canceled => MemberStatus::Canceled,
    }
}

/// The status of a new member.
pub(crate) fn new_member_status(status: Option<api::NewMemberStatus>) -> MemberStatus {
    match status {
        None | Some(api::NewMemberStatus::Active) => MemberStatus::Active,
        Some(api::NewMemberStatus::Canceled) => MemberStatus::Canceled,
    }
}

/// The type of an account.
pub(crate) fn account_type(account_type: api::AccountType) -> AccountType {
    match account_type {
        api::AccountType::Standard => AccountType::Standard,
        api::AccountType::Enterprise => AccountType::Enterprise,
    }
}

/// The settings after a change, whose members are below `/settings`.
pub(crate) fn updated_settings(
    reader: &mut Reader,
    settings: AccountSettings,
    update: api::UpdateAccountSettings,
) -> AccountSettings {
    let mut text = |name: &str, text: Option<Option<String>>, now: Option<String>| match text {
        None => now,
        Some(text) => text.and_then(|text| reader.member(&format!("/settings/{name}"), setting_text(text))),
    };
    let abuse_contact_email = text("abuse_contact_email", update.abuse_contact_email, settings.abuse_contact_email);
    let default_nameservers = text("default_nameservers", update.default_nameservers, settings.default_nameservers);
    let access_approval_expiry = match update.access_approval_expiry {
        None => settings.access_approval_expiry,
        Some(time) => time.and_then(|time| reader.member("/settings/access_approval_expiry", timestamp(&time))),
    };
    AccountSettings {
        abuse_contact_email,
        access_approval_expiry,
        api_access_enabled: update.api_access_enabled.unwrap_or(settings.api_access_enabled),
        default_nameservers,
        enforce_twofactor: update.enforce_twofactor.map_or(settings.enforce_twofactor, Option::unwrap_or_default),
        use_account_custom_ns_by_default: update
            .use_account_custom_ns_by_default
            .unwrap_or(settings.use_account_custom_ns_by_default),
    }
}

fn setting_text(text: String) -> std::result::Result<String, Invalid> {
    if text.contains('\0') {
        return Err(Invalid("must not contain the character U+0000".into()));
    }
    if text.len() > SETTING_SIZE_MAX {
        return Err(Invalid(format!("must have at most {SETTING_SIZE_MAX} bytes")));
    }
    Ok(text)
}

/// A point in time in the form of RFC 3339.
pub(crate) fn rfc_3339(at: Timestamp) -> String {
    // Every point in time that we know has one.
    at.to_datetime().format(&Rfc3339).unwrap_or_default()
}

/// Reads a point in time in the form of RFC 3339.
pub(crate) fn timestamp(text: &str) -> std::result::Result<Timestamp, Invalid> {
    let datetime = OffsetDateTime::parse(text, &Rfc3339);
    Timestamp::from_datetime(datetime.map_err(|_| Invalid("must be a time like 2027-01-02T03:04:05Z".into()))?)
}

/// Reads the name of a role, or its id.
pub(crate) fn role(name: &str) -> std::result::Result<Role, Invalid> {
    let names = || Role::BUILT_IN.map(Role::name).join("`, `");
    Role::from_name(name).ok_or_else(|| Invalid(format!("must be one of `{}`, or the id of a role of the root", names())))
}

/// Shows a user to operators.
pub(crate) fn user(user: &User) -> api::User {
    api::User {
        id: user.id.to_string(),
        email: user.email.as_str().to_owned(),
        name: user.name.as_ref().map(|name| name.as_str().to_owned()),
        two_factor_authentication_enabled: user.two_factor_authentication_enabled,
        operator: user.operator,
        managed_by: user.managed_by.as_ref().map(ToString::to_string),
        disabled: user.disabled,
        create_time: user.create_time.to_datetime(),
        api_key: None,
    }
}

/// A name up to its last word, and its last word if there is more than one.
fn words(name: Option<&Name>) -> (Option<String>, Option<String>) {
    let words = name.map(|name| name.as_str().rsplit_once(' ').unwrap_or((name.as_str(), "")));
    let (first, last) = words.unzip();
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    (text(first), text(last))
}

/// Shows a user to itself.
pub(crate) fn own_user(user: &User, organizations: Vec<api::user::Membership>) -> api::OwnUser {
    let (first_name, last_name) = words(user.name.as_ref());
    api::OwnUser {
        id: user.id.to_string(),
        email: user.email.as_str().to_owned(),
        first_name,
        last_name,
        country: None,
        telephone: None,
        zipcode: None,
        two_factor_authentication_enabled: user.two_factor_authentication_enabled,
        two_factor_authentication_locked: false,
        suspended: user.disabled,
        organizations,
    }
}

/// Shows a token.
pub(crate) fn api_token(token: &ApiToken) -> api::ApiToken {
    api::ApiToken {
        id: token.id.to_string(),
        name: token.name.as_str().to_owned(),
        organization_id: token.scope.organization_id.as_ref().map(ToString::to_string),
        role: token.scope.role.map(|role| role.name().into_owned()),
        kind: match token.scope.kind {
            TokenKind::Api => api::TokenKind::Api,
            TokenKind::Meter => api::TokenKind::Meter,
        },
        create_time: token.create_time.to_datetime(),
        expires_on: token.expires_on.map(Timestamp::to_datetime),
        last_used_on: token.last_used_on.map(Timestamp::to_datetime),
        value: None,
    }
}

/// Reads an e-mail address in a query or a body.
pub(crate) fn email(pointer: &str, text: &str) -> Result<Email> {
    Email::parse(text).map_err(|invalid| Error::at(Code::InvalidParameter, pointer, format!("the address {invalid}")))
}
