//! Organizations, people and records to test with, and the shortest ways to store and to ask.

use umbel_domain::audit::{Actor, Bodies, Entry, Erasure, ErasureState, Outcome, Record, RequestLine, Subject, Through};
use umbel_domain::metric::{Aggregation, EventType, PricingBlock};
use umbel_domain::price::{Negotiated, TierMode};
use umbel_domain::usage::{Spot, UsageKey};
use umbel_domain::{
    Account, AccountId, AccountMember, AccountSettings, AccountType, Action, Actions, ApiToken, ApiTokenId, AuditEntryId,
    AuditErasureId, Budget, BudgetId, Currency, CustomRole, Day, Delivery, Email, Flags, Invitation, InvitationId, Lineage,
    Member, MemberId, MemberStatus, Metric, MetricId, Name, Organization, OrganizationId, Price, PriceId, Role, RoleId, Scope,
    Timestamp, User, UserId,
};

use crate::audit_log::Salt;
use crate::engine::Session;
use crate::names::NamePatterns;
use crate::sql::Builder;
use crate::{Result, Store, Write, admin, audit_log, organizations};

/// When everything happens.
pub(super) const NOW: Timestamp = Timestamp::from_micros(1_767_323_045_123_456);

pub(super) fn id(text: &str) -> OrganizationId {
    OrganizationId::parse(text).unwrap()
}

pub(super) fn account_id(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

pub(super) fn user_id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

pub(super) fn lineage(text: &str) -> Lineage {
    Lineage::parse(text.into()).unwrap()
}

/// The organization at a lineage, named after its id.
pub(super) fn organization(at: &str) -> Organization {
    let lineage = lineage(at);
    let name = lineage.id().unwrap().to_owned();
    named(at, &name)
}

/// The organization at a lineage, with a name.
pub(super) fn named(at: &str, name: &str) -> Organization {
    let lineage = lineage(at);
    Organization {
        id: id(lineage.id().unwrap()),
        parent_name: lineage.parent_id().map(String::from),
        lineage,
        name: Name::parse(name, Name::ORGANIZATION_LENGTH_MAX).unwrap(),
        create_time: NOW,
        flags: Flags::ENABLED,
        profile: None,
        billing_currency: Currency::USD,
        version: 1,
    }
}

/// The account at a lineage, named after its id.
pub(super) fn account(at: &str) -> Account {
    let lineage = lineage(at);
    named_account(at, lineage.account_id().unwrap())
}

/// The account at a lineage, with a name.
pub(super) fn named_account(at: &str, name: &str) -> Account {
    let lineage = lineage(at);
    Account {
        id: account_id(lineage.account_id().unwrap()),
        organization_name: lineage.id().map(String::from),
        lineage,
        name: Name::parse(name, Name::LENGTH_MAX).unwrap(),
        account_type: AccountType::Standard,
        create_time: NOW,
        settings: AccountSettings::default(),
        profile: None,
        version: 1,
    }
}

/// Names that start so.
pub(super) fn starting_with(text: &str) -> NamePatterns {
    NamePatterns { starts_with: Some(text.to_owned()), ..NamePatterns::default() }
}

/// A user with the address `id@example.com`.
pub(super) fn user(id: &str) -> User {
    User {
        id: user_id(id),
        email: Email::parse(&format!("{id}@example.com")).unwrap(),
        name: None,
        two_factor_authentication_enabled: false,
        operator: false,
        managed_by: None,
        disabled: false,
        create_time: NOW,
        version: 1,
    }
}

/// An active member.
pub(super) fn member(organization: &str, user: &str, role: Role) -> Member {
    Member {
        id: MemberId::parse(&format!("{organization}-{user}")).unwrap(),
        organization_id: id(organization),
        user_id: user_id(user),
        role,
        status: MemberStatus::Active,
        create_time: NOW,
        update_time: NOW,
    }
}

/// A budget of `acme`.
pub(super) fn budget() -> Budget {
    Budget {
        id: BudgetId::parse("019c4f65e7607d8c9f6f6b58aa3aff70").unwrap(),
        organization_id: id("acme"),
        name: Name::parse("cloud", Name::LENGTH_MAX).unwrap(),
        amount: Budget::amount("100").unwrap(),
        currency: Currency::USD,
        thresholds: Budget::THRESHOLDS.to_vec(),
        reached: None,
        reached_earlier: None,
        create_time: NOW,
        update_time: NOW,
    }
}

/// A role that a root made.
pub(super) fn custom_role(root: &str, actions: &[Action]) -> CustomRole {
    CustomRole {
        id: RoleId::parse("019c4f65e7607d8c9f6f6b58aa3aff54").unwrap(),
        organization_id: id(root),
        name: Name::parse("deployer", Name::LENGTH_MAX).unwrap(),
        description: "Deploys.".into(),
        actions: CustomRole::BASE.union(Actions::of(actions)),
        create_time: NOW,
        update_time: NOW,
    }
}

/// The invitation of a member, `i-` before its id.
pub(super) fn invitation(organization: &str, user: &str) -> Invitation {
    Invitation {
        id: InvitationId::parse(&format!("i-{organization}-{user}")).unwrap(),
        organization_id: id(organization),
        member_id: MemberId::parse(&format!("{organization}-{user}")).unwrap(),
        invited_by: user_id("ann"),
        create_time: NOW,
        update_time: NOW,
        expires_on: NOW.plus_seconds(60),
        delivery: Delivery::Queued,
    }
}

/// A metric that takes what its events say.
pub(super) fn metric(id: &str, aggregation: Aggregation) -> Metric {
    let name = |text| Name::parse(text, Name::LENGTH_MAX).unwrap();
    Metric {
        id: MetricId::parse(id).unwrap(),
        name: name("Requests"),
        event_type: EventType::parse("com.example.request").unwrap(),
        aggregation,
        value_property: Some(name("value")),
        unit: name("Requests"),
        pricing_unit: name("Requests"),
        pricing_block: PricingBlock::ONE,
        service_name: name("Workers"),
        service_category: name("Compute"),
        service_subcategory: name("Serverless Compute"),
        product_family: name("Workers"),
        sku_id: name("requests"),
        sku_meter: name("Requests"),
        create_time: NOW,
        retired_on: None,
    }
}

/// A price of `requests`, for everybody or one organization, without tiers.
pub(super) fn price(id: &str, organization: Option<&str>) -> Price {
    Price {
        id: PriceId::parse(id).unwrap(),
        metric_id: MetricId::parse("requests").unwrap(),
        currency: Currency::USD,
        negotiated: organization.map(|organization| Negotiated {
            organization_id: self::id(organization),
            contracted_unit_price: "0.25".parse().unwrap(),
        }),
        list_unit_price: "0.5".parse().unwrap(),
        effective_from: Day::FIRST,
        effective_to: None,
        free_quantity: "0".parse().unwrap(),
        tier_mode: TierMode::Graduated,
        tiers: Vec::new(),
        create_time: NOW,
    }
}

/// What `shop` used of a metric on a day.
pub(super) fn usage_key(metric: &str, day: Day) -> UsageKey {
    UsageKey { account_id: account_id("shop"), day, metric_id: MetricId::parse(metric).unwrap(), spot: Spot::default() }
}

/// An active member of an account.
pub(super) fn account_member(account: &str, user: &str, role: Role) -> AccountMember {
    AccountMember {
        id: MemberId::parse(&format!("{account}-{user}")).unwrap(),
        account_id: account_id(account),
        user_id: user_id(user),
        roles: vec![role],
        status: MemberStatus::Active,
        create_time: NOW,
        update_time: NOW,
    }
}

/// A token without a scope and without an end.
pub(super) fn token(id: &str, user: &str) -> ApiToken {
    ApiToken {
        id: ApiTokenId::parse(id).unwrap(),
        user_id: user_id(user),
        name: Name::parse("deploy", Name::LENGTH_MAX).unwrap(),
        scope: Scope::default(),
        create_time: NOW,
        expires_on: None,
        last_used_on: None,
    }
}

/// What creating an organization writes down.
pub(super) fn record(created: &Organization) -> Record {
    let id = AuditEntryId::parse(created.id.as_str()).unwrap();
    let entry = Entry { log: Some(created.id.clone()), ..Entry::organization_created(created) };
    let through = Through::ApiToken { id: "t1".into(), name: "deploy".into() };
    let actor = Actor::User { id: "ann".into(), email: "ann@example.com".into(), ip: "203.0.113.7".into(), through };
    let line = RequestLine {
        ray_id: "8f3ab0c19d2e4f51".into(),
        method: "POST".into(),
        uri: "/client/v4/organizations".into(),
        status: 200,
        user_agent: "curl/8".into(),
    };
    let bodies = Bodies { request: Some("{}".into()), ..Bodies::default() };
    Record::new((id, NOW), entry, Outcome::Success, &actor, Some(&line), bodies)
}

/// The order to erase what is personal of ann.
pub(super) fn erasure(root: &OrganizationId) -> Erasure {
    Erasure {
        id: AuditErasureId::parse("erasure").unwrap(),
        root: Some(root.clone()),
        subject: Subject { user_id: None, email: Some(user("ann").email) },
        state: ErasureState::Entries { next: 0 },
        erased: 0,
        create_time: NOW.plus_seconds(-1),
        done_time: None,
    }
}

/// What the hashes of the entries of tests are salted with.
pub(super) const SALT: Salt = [7; 16];

/// Changes the database, all or nothing.
pub(super) async fn change(store: &Store, change: impl AsyncFnOnce(&mut Write) -> Result<()>) -> Result<()> {
    let mut write = admin::write(store).await?;
    change(&mut write).await?;
    write.commit().await
}

/// Stores organizations as they are.
pub(super) async fn plant(store: &Store, planted: &[Organization]) {
    let insert_all = async |write: &mut Write| {
        for organization in planted {
            organizations::insert(write, organization).await?;
        }
        Ok(())
    };
    change(store, insert_all).await.unwrap();
}

/// Stores the organization at a lineage together with its record, as a request does.
pub(super) async fn create(store: &Store, at: &str) -> Result<()> {
    let organization = organization(at);
    let insert = async |write: &mut Write| {
        organizations::insert(write, &organization).await?;
        audit_log::append(write, &record(&organization), &SALT, None).await
    };
    change(store, insert).await
}

/// A statement of the test's own.
pub(super) fn statement(text: &'static str) -> Builder<'static> {
    let mut statement = Builder::default();
    statement.push(text);
    statement
}

/// The one number that a statement of the test's own answers.
pub(super) async fn number(session: &mut impl Session, text: &'static str) -> Result<i64> {
    session.number(&statement(text), &[]).await
}

/// How many organizations and how many entries of the audit log there are.
pub(super) async fn counts(store: &Store) -> (i64, i64) {
    let mut read = admin::read(store).await.unwrap();
    let organizations = number(&mut read, "SELECT COUNT(*) FROM organizations").await.unwrap();
    (organizations, number(&mut read, "SELECT COUNT(*) FROM audit_entries").await.unwrap())
}

pub(super) async fn exists(store: &Store, organization: &str) -> bool {
    let mut read = admin::read(store).await.unwrap();
    organizations::get(&mut read, &id(organization)).await.unwrap().is_some()
}
