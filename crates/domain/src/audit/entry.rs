//! What a change is written down as.

use super::Erasure;
use crate::audit::Stream;
use crate::{
    Account, AccountId, AccountMember, ApiToken, BillingPeriod, Budget, CustomRole, Invitation, Member, Metric, Organization,
    OrganizationId, Price, Session, User, UserId,
};

/// What happened to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What was done.
    pub action: ActionType,
    /// To what kind of thing.
    pub resource: ResourceType,
    /// To which one.
    pub resource_id: String,
    /// In words.
    pub description: String,
}

/// What a change is written down as, and in whose log.
///
/// Creating or deleting a child is its parent's affair; a change to an organization, its profile or its members is its own, as is
/// the creation of a root, and what happens to an account is its holder's. Users, tokens without a scope, accounts that stand alone and
/// the deletion of a root belong to the server's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose log it belongs to; `None` for the server's own.
    pub log: Option<OrganizationId>,
    /// The account that it is about, which has a log as well.
    pub account: Option<AccountId>,
    /// What happened.
    pub event: Event,
}

impl Entry {
    /// What stands for the server where a log is the resource.
    const SERVER: &str = "server";

    fn new(log: Option<OrganizationId>, action: ActionType, resource: ResourceType, id: &str, description: &str) -> Self {
        let event = Event { action, resource, resource_id: id.to_owned(), description: description.to_owned() };
        Self { log, account: None, event }
    }

    fn about(self, account: &Account) -> Self {
        Self { account: Some(account.id.clone()), ..self }
    }

    /// A new organization.
    pub fn organization_created(organization: &Organization) -> Self {
        let log = parent_of(organization).unwrap_or_else(|| organization.id.clone());
        Self::new(Some(log), ActionType::Create, ResourceType::Organization, organization.id.as_str(), "Create Organization")
    }

    /// Another name, or other flags.
    pub fn organization_updated(organization: &Organization) -> Self {
        let (log, id) = (organization.id.clone(), organization.id.as_str());
        Self::new(Some(log), ActionType::Update, ResourceType::Organization, id, "Update Organization")
    }

    /// An organization that is gone.
    pub fn organization_deleted(organization: &Organization) -> Self {
        let id = organization.id.as_str();
        Self::new(parent_of(organization), ActionType::Delete, ResourceType::Organization, id, "Delete Organization")
    }

    /// An organization that stands elsewhere now, in the log of the parent that it had and in that of the one that it has; a
    /// root has its own log.
    pub fn organization_moved(from: &Organization, to: &Organization) -> [Self; 2] {
        [from, to].map(|organization| {
            let log = parent_of(organization).unwrap_or_else(|| organization.id.clone());
            let id = organization.id.as_str();
            Self::new(Some(log), ActionType::Update, ResourceType::Organization, id, "Move Organization")
        })
    }

    /// What an organization says of itself.
    pub fn profile_updated(organization: &Organization) -> Self {
        let (log, id) = (organization.id.clone(), organization.id.as_str());
        Self::new(Some(log), ActionType::Update, ResourceType::OrganizationProfile, id, "Update Organization Profile")
    }

    /// A new account.
    pub fn account_created(account: &Account) -> Self {
        Self::of_account(account, ActionType::Create, "Create Account")
    }

    /// Another name, or other settings.
    pub fn account_updated(account: &Account) -> Self {
        Self::of_account(account, ActionType::Update, "Update Account")
    }

    /// An account that is gone.
    pub fn account_deleted(account: &Account) -> Self {
        Self::of_account(account, ActionType::Delete, "Delete Account")
    }

    /// An account that is now elsewhere, in the log of where it was and in that of where it is.
    pub fn account_moved(from: &Account, to: &Account) -> [Self; 2] {
        [from, to].map(|account| Self::of_account(account, ActionType::Update, "Move Account"))
    }

    /// What the owners of an account say of themselves.
    pub fn account_profile_updated(account: &Account) -> Self {
        let id = account.id.as_str();
        Self::new(account.organization_id(), ActionType::Update, ResourceType::AccountProfile, id, "Update Account Profile")
            .about(account)
    }

    fn of_account(account: &Account, action: ActionType, description: &str) -> Self {
        Self::new(account.organization_id(), action, ResourceType::Account, account.id.as_str(), description).about(account)
    }

    /// Somebody who is a member now.
    pub fn member_created(member: &Member) -> Self {
        Self::of_member(member, ActionType::Create, "Create Organization Member")
    }

    /// A member with another role.
    pub fn member_updated(member: &Member) -> Self {
        Self::of_member(member, ActionType::Update, "Update Organization Member")
    }

    /// Somebody who is no longer a member.
    pub fn member_deleted(member: &Member) -> Self {
        Self::of_member(member, ActionType::Delete, "Delete Organization Member")
    }

    fn of_member(member: &Member, action: ActionType, description: &str) -> Self {
        let (log, id) = (member.organization_id.clone(), member.id.as_str());
        Self::new(Some(log), action, ResourceType::OrganizationMember, id, description)
    }

    /// An invitation with a new link.
    pub fn invitation_resent(invitation: &Invitation) -> Self {
        Self::of_invitation(invitation, ActionType::Update, "Resend Invitation")
    }

    /// An invitation that is taken back.
    pub fn invitation_revoked(invitation: &Invitation) -> Self {
        Self::of_invitation(invitation, ActionType::Delete, "Revoke Invitation")
    }

    fn of_invitation(invitation: &Invitation, action: ActionType, description: &str) -> Self {
        let (log, id) = (invitation.organization_id.clone(), invitation.id.as_str());
        Self::new(Some(log), action, ResourceType::Invitation, id, description)
    }

    /// Somebody who is a member of an account now.
    pub fn account_member_created(account: &Account, member: &AccountMember) -> Self {
        Self::of_account_member(account, member, ActionType::Create, "Create Account Member")
    }

    /// A member of an account with other roles, or one who accepted or rejected.
    pub fn account_member_updated(account: &Account, member: &AccountMember) -> Self {
        Self::of_account_member(account, member, ActionType::Update, "Update Account Member")
    }

    /// Somebody who is no longer a member of an account.
    pub fn account_member_deleted(account: &Account, member: &AccountMember) -> Self {
        Self::of_account_member(account, member, ActionType::Delete, "Delete Account Member")
    }

    fn of_account_member(account: &Account, member: &AccountMember, action: ActionType, description: &str) -> Self {
        let (log, id) = (account.organization_id(), member.id.as_str());
        Self::new(log, action, ResourceType::AccountMember, id, description).about(account)
    }

    /// A new role of a root.
    pub fn role_created(role: &CustomRole) -> Self {
        Self::of_role(role, ActionType::Create, "Create Role")
    }

    /// A role that is called otherwise or allows something else.
    pub fn role_updated(role: &CustomRole) -> Self {
        Self::of_role(role, ActionType::Update, "Update Role")
    }

    /// A role that is gone.
    pub fn role_deleted(role: &CustomRole) -> Self {
        Self::of_role(role, ActionType::Delete, "Delete Role")
    }

    /// Another span for which the entries of a tree are kept, or another hold; `None` is the server.
    pub fn audit_retention_updated(root: Option<&OrganizationId>) -> Self {
        let id = root.map_or(Self::SERVER, OrganizationId::as_str);
        Self::new(root.cloned(), ActionType::Update, ResourceType::AuditRetention, id, "Update Audit Retention")
    }

    /// Entries of a tree that were kept for long enough.
    pub fn audit_log_deleted(root: Option<&OrganizationId>) -> Self {
        let id = root.map_or(Self::SERVER, OrganizationId::as_str);
        Self::new(root.cloned(), ActionType::Delete, ResourceType::AuditLog, id, "Delete Audit Log Entries")
    }

    /// The order to erase what is personal in the entries of a tree.
    pub fn audit_erasure_created(erasure: &Erasure) -> Self {
        Self::of_erasure(erasure, ActionType::Create, "Create Audit Erasure")
    }

    /// An erasure that is done.
    pub fn audit_erasure_done(erasure: &Erasure) -> Self {
        Self::of_erasure(erasure, ActionType::Update, "Complete Audit Erasure")
    }

    fn of_erasure(erasure: &Erasure, action: ActionType, description: &str) -> Self {
        Self::new(erasure.root.clone(), action, ResourceType::AuditErasure, erasure.id.as_str(), description)
    }

    fn of_role(role: &CustomRole, action: ActionType, description: &str) -> Self {
        Self::new(Some(role.organization_id.clone()), action, ResourceType::Role, &role.id.to_string(), description)
    }

    /// A new metric.
    pub fn metric_created(metric: &Metric) -> Self {
        Self::new(None, ActionType::Create, ResourceType::Metric, metric.id.as_str(), "Create Metric")
    }

    /// A metric that takes no more events.
    pub fn metric_retired(metric: &Metric) -> Self {
        Self::new(None, ActionType::Update, ResourceType::Metric, metric.id.as_str(), "Retire Metric")
    }

    /// A new price.
    pub fn price_created(price: &Price) -> Self {
        Self::new(None, ActionType::Create, ResourceType::Price, price.id.as_str(), "Create Price")
    }

    /// A price that holds no longer than to a day.
    pub fn price_ended(price: &Price) -> Self {
        Self::new(None, ActionType::Update, ResourceType::Price, price.id.as_str(), "End Price")
    }

    /// A billing period that nothing changes any more.
    pub fn billing_period_closing(period: &BillingPeriod) -> Self {
        Self::of_billing_period(period, "Close Billing Period")
    }

    /// A billing period that has its invoices.
    pub fn billing_period_closed(period: &BillingPeriod) -> Self {
        Self::of_billing_period(period, "Make Invoices")
    }

    fn of_billing_period(period: &BillingPeriod, description: &str) -> Self {
        let (log, id) = (period.root.clone(), period.month.to_string());
        Self::new(Some(log), ActionType::Update, ResourceType::BillingPeriod, &id, description)
    }

    /// A new budget.
    pub fn budget_created(budget: &Budget) -> Self {
        Self::of_budget(budget, ActionType::Create, "Create Budget")
    }

    /// A budget over another amount, or with other thresholds.
    pub fn budget_updated(budget: &Budget) -> Self {
        Self::of_budget(budget, ActionType::Update, "Update Budget")
    }

    /// A budget of which a threshold was reached.
    pub fn budget_reached(budget: &Budget) -> Self {
        Self::of_budget(budget, ActionType::Update, "Reach Budget Threshold")
    }

    /// A budget that is gone.
    pub fn budget_deleted(budget: &Budget) -> Self {
        Self::of_budget(budget, ActionType::Delete, "Delete Budget")
    }

    fn of_budget(budget: &Budget, action: ActionType, description: &str) -> Self {
        Self::new(Some(budget.organization_id.clone()), action, ResourceType::Budget, budget.id.as_str(), description)
    }

    /// A new stream.
    pub fn audit_stream_created(stream: &Stream) -> Self {
        Self::of_audit_stream(stream, ActionType::Create, "Create Audit Stream")
    }

    /// A stream that is called otherwise, goes elsewhere, or is switched off or on.
    pub fn audit_stream_updated(stream: &Stream) -> Self {
        Self::of_audit_stream(stream, ActionType::Update, "Update Audit Stream")
    }

    /// A stream with a new signing secret.
    pub fn audit_stream_rolled(stream: &Stream) -> Self {
        Self::of_audit_stream(stream, ActionType::Update, "Roll Audit Stream")
    }

    /// A stream that is to be tested.
    pub fn audit_stream_tested(stream: &Stream) -> Self {
        Self::of_audit_stream(stream, ActionType::Update, "Test Audit Stream")
    }

    /// A stream that sends again what it has sent.
    pub fn audit_stream_replayed(stream: &Stream) -> Self {
        Self::of_audit_stream(stream, ActionType::Update, "Replay Audit Stream")
    }

    /// A stream that is gone.
    pub fn audit_stream_deleted(stream: &Stream) -> Self {
        Self::of_audit_stream(stream, ActionType::Delete, "Delete Audit Stream")
    }

    fn of_audit_stream(stream: &Stream, action: ActionType, description: &str) -> Self {
        let (log, id) = (stream.organization_id.clone(), stream.id.as_str());
        Self::new(Some(log), action, ResourceType::AuditStream, id, description)
    }

    /// A change that was refused.
    pub fn refused(log: Option<OrganizationId>, action: ActionType, resource: ResourceType, id: &str) -> Self {
        Self::attempted(log, action, resource, id)
    }

    /// Something that was looked at: in the log of an organization, and in that of the account that it is about.
    pub fn viewed(log: Option<OrganizationId>, account: Option<AccountId>, resource: ResourceType, id: &str) -> Self {
        Self { account, ..Self::attempted(log, ActionType::View, resource, id) }
    }

    fn attempted(log: Option<OrganizationId>, action: ActionType, resource: ResourceType, id: &str) -> Self {
        let verb = match action {
            ActionType::Create => "Create",
            ActionType::Delete => "Delete",
            ActionType::Update => "Update",
            ActionType::View => "View",
        };
        let noun = match resource {
            ResourceType::Organization => "Organization",
            ResourceType::OrganizationProfile => "Organization Profile",
            ResourceType::OrganizationMember => "Organization Member",
            ResourceType::Invitation => "Invitation",
            ResourceType::Account => "Account",
            ResourceType::AccountProfile => "Account Profile",
            ResourceType::AccountMember => "Account Member",
            ResourceType::Role => "Role",
            ResourceType::User => "User",
            ResourceType::ApiToken => "API Token",
            ResourceType::Session => "Session",
            ResourceType::Database => "Database",
            ResourceType::AuditLog => "Audit Log",
            ResourceType::Metric => "Metric",
            ResourceType::Price => "Price",
            ResourceType::BillingPeriod => "Billing Period",
            ResourceType::Invoice => "Invoice",
            ResourceType::Budget => "Budget",
            ResourceType::AuditStream => "Audit Stream",
            ResourceType::AuditRetention => "Audit Retention",
            ResourceType::AuditErasure => "Audit Erasure",
        };
        Self::new(log, action, resource, id, &format!("{verb} {noun}"))
    }

    /// A database that is what a backup held, said in the log of a root organization, or in the server's: what happened since
    /// that was made is not in it.
    pub fn database_restored(log: Option<OrganizationId>) -> Self {
        Self::new(log, ActionType::Update, ResourceType::Database, "database", "Restore Database")
    }

    /// A new user.
    pub fn user_created(user: &User) -> Self {
        Self::new(None, ActionType::Create, ResourceType::User, user.id.as_str(), "Create User")
    }

    /// A user who is disabled or enabled, or gets other rights or credentials.
    pub fn user_updated(user: &User) -> Self {
        Self::new(None, ActionType::Update, ResourceType::User, user.id.as_str(), "Update User")
    }

    /// A user who is gone.
    pub fn user_deleted(user: &User) -> Self {
        Self::new(None, ActionType::Delete, ResourceType::User, user.id.as_str(), "Delete User")
    }

    /// A new token.
    pub fn api_token_created(token: &ApiToken) -> Self {
        Self::of_api_token(token, ActionType::Create, "Create API Token")
    }

    /// A token with a new secret.
    pub fn api_token_rolled(token: &ApiToken) -> Self {
        Self::of_api_token(token, ActionType::Update, "Roll API Token")
    }

    /// A token that is revoked.
    pub fn api_token_revoked(token: &ApiToken) -> Self {
        Self::of_api_token(token, ActionType::Delete, "Revoke API Token")
    }

    /// Somebody who is signed in now.
    pub fn session_created(session: &Session) -> Self {
        Self::of_session(session, ActionType::Create, "Sign In")
    }

    /// Somebody who is signed in no longer.
    pub fn session_ended(session: &Session) -> Self {
        Self::of_session(session, ActionType::Delete, "Sign Out")
    }

    fn of_session(session: &Session, action: ActionType, description: &str) -> Self {
        Self::new(None, action, ResourceType::Session, session.id.as_str(), description)
    }

    /// A user with another password.
    pub fn password_set(user: &UserId) -> Self {
        Self::of_sign_in(user, "Set Password")
    }

    /// A link by which a user signs in once.
    pub fn sign_in_link_created(user: &UserId) -> Self {
        Self::of_sign_in(user, "Create Sign-In Link")
    }

    /// A user who signs in with a second factor from now on.
    pub fn second_factor_added(user: &UserId) -> Self {
        Self::of_sign_in(user, "Add Second Factor")
    }

    /// A user who signs in without a second factor from now on.
    pub fn second_factor_removed(user: &UserId) -> Self {
        Self::of_sign_in(user, "Remove Second Factor")
    }

    /// A user who signs in by an OpenID Connect provider from now on.
    pub fn identity_linked(user: &UserId) -> Self {
        Self::of_sign_in(user, "Link Identity")
    }

    /// A user whom a provider is asked about no more.
    pub fn identity_removed(user: &UserId) -> Self {
        Self::of_sign_in(user, "Remove Identity")
    }

    fn of_sign_in(user: &UserId, description: &str) -> Self {
        Self::new(None, ActionType::Update, ResourceType::User, user.as_str(), description)
    }

    fn of_api_token(token: &ApiToken, action: ActionType, description: &str) -> Self {
        let log = token.scope.organization_id.clone();
        Self::new(log, action, ResourceType::ApiToken, token.id.as_str(), description)
    }
}

fn parent_of(organization: &Organization) -> Option<OrganizationId> {
    organization.lineage.parent_id().and_then(|id| OrganizationId::parse(id).ok())
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionType {
    /// Something is new.
    Create,
    /// Something is gone.
    Delete,
    /// Something is different.
    Update,
    /// Something was looked at.
    View,
}

impl ActionType {
    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Update => "update",
            Self::View => "view",
        }
    }
}

/// The kinds of things that entries are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceType {
    /// An organization.
    Organization,
    /// What an organization says of itself.
    OrganizationProfile,
    /// A user in an organization.
    OrganizationMember,
    /// The link by which a pending member answers.
    Invitation,
    /// An account.
    Account,
    /// What the owners of an account say of themselves.
    AccountProfile,
    /// A user in an account.
    AccountMember,
    /// A role that a root made.
    Role,
    /// A user.
    User,
    /// A credential of a user.
    ApiToken,
    /// A place where a user is signed in.
    Session,
    /// Everything that the server keeps.
    Database,
    /// What was written down about an organization, an account or the server.
    AuditLog,
    /// Something that is metered.
    Metric,
    /// What a metric costs.
    Price,
    /// A month of a root, which is invoiced together.
    BillingPeriod,
    /// What an account owes.
    Invoice,
    /// What an organization means to spend.
    Budget,
    /// Where an audit log is sent on to.
    AuditStream,
    /// How long an audit log is kept.
    AuditRetention,
    /// Erasing what is personal in an audit log.
    AuditErasure,
}

impl ResourceType {
    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::OrganizationProfile => "organization_profile",
            Self::OrganizationMember => "organization_member",
            Self::Invitation => "invitation",
            Self::Account => "account",
            Self::AccountProfile => "account_profile",
            Self::AccountMember => "account_member",
            Self::Role => "role",
            Self::User => "user",
            Self::ApiToken => "api_token",
            Self::Session => "session",
            Self::Database => "database",
            Self::AuditLog => "audit_log",
            Self::Metric => "metric",
            Self::Price => "price",
            Self::BillingPeriod => "billing_period",
            Self::Invoice => "invoice",
            Self::Budget => "budget",
            Self::AuditStream => "audit_stream",
            Self::AuditRetention => "audit_retention",
            Self::AuditErasure => "audit_erasure",
        }
    }

    /// The product that the thing belongs to.
    pub const fn product(self) -> &'static str {
        match self {
            Self::Organization
            | Self::OrganizationProfile
            | Self::OrganizationMember
            | Self::Invitation
            | Self::AuditLog
            | Self::AuditStream
            | Self::AuditRetention
            | Self::AuditErasure => "organizations",
            Self::Account | Self::AccountProfile | Self::AccountMember => "accounts",
            Self::Role | Self::User | Self::ApiToken | Self::Session => "iam",
            Self::Database => "server",
            Self::Metric | Self::Price | Self::BillingPeriod | Self::Invoice | Self::Budget => "billing",
        }
    }
}

/// Whether an attempt came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused.
    Failure,
}

impl Outcome {
    /// The word on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}
