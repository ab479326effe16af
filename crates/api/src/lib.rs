//! The words on the wire: what requests and answers look like, which parameters there are, which errors.
//!
//! Under `/client/v4` they are those of the Cloudflare Organizations API; under `/umbel/v1` they are our own, in the same
//! envelope. Nothing here decides anything.

pub mod access;
pub mod account;
pub mod account_member;
pub mod api_token;
pub mod audit_erasure;
pub mod audit_log;
pub mod audit_retention;
pub mod audit_stream;
pub mod billing_period;
pub mod budget;
pub mod cost;
pub mod effect;
pub mod envelope;
pub mod error;
pub mod export;
pub mod focus;
pub mod invitation;
pub mod member;
pub mod metric;
pub mod organization;
pub mod parameters;
pub mod price;
pub mod role;
pub mod server;
pub mod session;
pub mod usage;
pub mod user;

pub use access::{Access, AccessGrant, AccessPlace, AccessUser, ListAccess};
pub use account::{
    Account, AccountOrder, AccountSettings, AccountType, CreateAccount, ListAccounts, ListOrganizationAccounts, ManagedBy,
    MoveAccount, MoveAccounts, MoveStatus, MovedAccount, MovedAccounts, Unit, UpdateAccount, UpdateAccountSettings,
};
pub use account_member::{
    AccountMember, AccountMemberOrder, AccountMemberStatus, AccountMemberUser, AccountMembership, AccountMembershipOrder,
    AccountRole, CreateAccountMember, ListAccountMembers, ListAccountMemberships, ListPages, MembershipAnswer,
    NewAccountMemberStatus, Permission, Permissions, RoleId, UpdateAccountMember, UpdateAccountMembership,
};
pub use api_token::{ApiToken, CreateApiToken, TokenKind, TokenStatus, TokenVerification};
pub use audit_erasure::{AuditErasure, AuditErasureStatus, CreateAuditErasure};
pub use audit_log::{
    AccountAuditFilters, AuditAction, AuditActor, AuditBundleKind, AuditBundleLine, AuditChange, AuditCheckpoint,
    AuditConsistency, AuditCursors, AuditDescendants, AuditDiff, AuditEntry, AuditFilter, AuditFilters, AuditHistoryInfo,
    AuditHistoryStatus, AuditInclusion, AuditInfo, AuditPlace, AuditRaw, AuditResource, ExportAuditBundle, ExportAuditLog,
    GetAuditConsistency, GetAuditEntry, ListAuditLog,
};
pub use audit_retention::AuditRetention;
pub use audit_stream::{
    AuditStream, AuditStreamState, AuditStreamStatus, AuditStreamTest, CreateAuditStream, ReplayAuditStream, UpdateAuditStream,
};
pub use billing_period::{
    BillingPeriod, BillingPeriodReplay, BillingPeriodState, Invoice, InvoiceLine, ListBillingPeriods, ListInvoices,
};
pub use budget::{Budget, CreateBudget, UpdateBudget};
pub use cost::{Cost, CostGroup, ListCosts};
pub use effect::{ChangeOptions, Effect, Holding};
pub use envelope::{Envelope, Message, NoContent, Problem, ResultInfo, Source};
pub use error::Code;
pub use export::ExportFormat;
pub use focus::{ExportFocus, FocusFormat, FocusMetadata, FocusVersion, GetFocusMetadata};
pub use invitation::{AnswerInvitation, Invitation, InvitationDelivery, Inviter, ListInvitations, NewInvitation};
pub use member::{
    AddMember, CreateMember, CreateMembers, ListMembers, Member, MemberMeta, MemberStatus, MemberUser, NewMember,
    NewMemberStatus, NewMemberUser, UpdateMember,
};
pub use metric::{Aggregation, CreateMetric, Metric};
pub use organization::{
    CreateOrganization, Deleted, Flags, ListOrganizations, MoveOrganization, MovedOrganization, Organization, Parent, Profile,
    Switch, UpdateFlags, UpdateOrganization,
};
pub use parameters::{Direction, Limit, Moment, PageSize, Parameters, Values};
pub use price::{Billing, CreatePrice, EndPrice, ListPrices, Price, Tier, TierMode};
pub use role::{CreateRole, Role, UpdateRole};
pub use server::{Server, ServerDatabase, ServerWorker, ServerWorkerError, ServerWorkerState};
pub use session::{
    LinkedIdentity, SecondFactor, SecondFactorCode, Session, SessionPlace, SessionUser, SetPassword, SignIn, SignInByLink,
    SignInByProvider, SignInLink, SignInOptions, SignInProvider,
};
pub use usage::{BillableUsage, Decimal, EventStatus, GetUsage, RecordedEvent};
pub use user::{CreateUser, ListUsers, OwnUser, UpdateUser, User};
