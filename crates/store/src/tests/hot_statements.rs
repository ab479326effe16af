//! How the statements that run with every request find their rows: by an index, and without being prepared anew.

use std::fmt::Write as _;

use rusqlite::{OpenFlags, StatementStatus};
use tokio_postgres::types::{ToSql, Type};
use umbel_decimal::Decimal;
use umbel_domain::audit::{self, Record};
use umbel_domain::usage::{DailyUsage, Rollup, UsageKey};
use umbel_domain::{
    Account, AccountMember, BudgetId, Currency, Day, Email, InvitationId, InvoiceId, InvoiceKey, Lineage, MemberId, MetricId,
    Month, Person, Place, SessionId, secret,
};

use super::engines::{Database, on_empty_postgres, on_empty_sqlite};
use super::fixtures::{
    NOW, SALT, account, account_id, change, id, lineage, organization, price, record, starting_with, statement, token, usage_key,
    user_id,
};
use super::statements::{Ran, ran_during};
use crate::accounts::{Order, Start};
use crate::audit_log::{self, Log};
use crate::authorization::Memberships;
use crate::engine::{Change, sqlite};
use crate::idempotency::Key;
use crate::organizations::{Filter, ParentFilter};
use crate::sql::Value;
use crate::usage::{self, Behind, CountedEvent, corrections};
use crate::{
    Error, Page, Read, Result, Store, Write, access, account_members, accounts, admin, api_tokens, billing_periods, budgets,
    idempotency, invitations, invoices, linked_identities, members, organizations, placements, prices, roles, users,
};

/// Some thousand rows of everything: 3 roots of 1,000 children each, and a user with a token and a membership for each child.
const ROWS: &[&str] = &[
    "INSERT INTO organizations (id, parent_id, lineage, name, name_folded, create_time, flags, profile, version) \
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) \
     SELECT 'r' || CAST(i AS TEXT), '', 'r' || CAST(i AS TEXT) || '/', 'Root', 'root', 0, 255, NULL, 1 FROM n",
    "INSERT INTO organizations (id, parent_id, lineage, name, name_folded, create_time, flags, profile, version) \
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
     SELECT r.id || 'c' || CAST(i AS TEXT), r.id, r.lineage || r.id || 'c' || CAST(i AS TEXT) || '/', 'Child ' || CAST(i AS TEXT), \
     'child ' || CAST(i AS TEXT), 0, 255, NULL, 1 FROM n CROSS JOIN organizations r WHERE r.parent_id = ''",
    "INSERT INTO users (id, email, email_canonical, name, two_factor_authentication_enabled, operator, managed_by, disabled, \
     api_key_hash, create_time, version) SELECT 'u' || id, id, id, NULL, 0, 0, id, 0, NULL, 0, 1 FROM organizations",
    "INSERT INTO organization_members (organization_id, id, user_id, role, status, create_time, update_time) \
     SELECT id, 'm' || id, 'u' || id, 'super_administrator', 'active', 0, 0 FROM organizations",
    "INSERT INTO invitations (organization_id, id, member_id, hash, invited_by, create_time, update_time, expires_on, delivery) \
     SELECT organization_id, 'i' || id, id, id, user_id, 0, 0, 0, 'link' FROM organization_members",
    "INSERT INTO accounts (id, organization_id, lineage, name, name_folded, type, create_time, settings, profile, version) \
     SELECT 'a' || id, id, lineage || '@a' || id || '/', name, name_folded, 'standard', 0, \
     '{\"enforce_twofactor\":false}', NULL, 1 FROM organizations",
    "INSERT INTO account_members (account_id, id, user_id, roles, status, create_time, update_time) \
     SELECT 'a' || id, 'm' || id, 'u' || id, 'viewer', 'active', 0, 0 FROM organizations",
    "INSERT INTO roles (organization_id, id, name, description, actions, create_time, update_time) \
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
     SELECT 'r1c' || CAST(i AS TEXT), '019c4f65e7607d8c9f6f6b58' || CAST(10000000 + i AS TEXT), 'n', '', '', 0, 0 FROM n",
    "INSERT INTO api_tokens (id, hash, user_id, name, organization_id, role, create_time, expires_on, last_used_on) \
     SELECT 't' || id, id, 'u' || id, 'deploy', id, NULL, 0, NULL, NULL FROM organizations",
    "INSERT INTO sessions (id, hash, user_id, create_time, expires_at, last_used_on, by_link, ip_address, user_agent) \
     SELECT 's' || id, id, 'u' || id, 0, 1, NULL, 0, '', '' FROM organizations",
    "INSERT INTO passwords (user_id, hash) SELECT 'u' || id, '' FROM organizations",
    "INSERT INTO second_factors (user_id, secret, confirmed, last_step) SELECT 'u' || id, '', 1, 0 FROM organizations",
    "INSERT INTO sign_in_links (hash, user_id, expires_at) SELECT id, 'u' || id, 0 FROM organizations",
    "INSERT INTO linked_identities (id, user_id, issuer, subject, create_time, last_used_on) \
     SELECT 'i' || id, 'u' || id, 'https://id.example', id, 0, 0 FROM organizations",
    "INSERT INTO idempotency_keys (user_id, route, idempotency_key, fingerprint, status, answer, expires_at) \
     SELECT 'u' || parent_id, 'POST', id, 'f', 200, '{}', 0 FROM organizations",
];

fn ask() -> audit::Query {
    let filter = audit::Filter {
        by: audit::FilterBy::Field(audit::Field::ActionType),
        mode: audit::Mode::Including,
        values: vec!["create".into()],
    };
    let direction = audit::Direction::Descending;
    audit::Query { since: NOW, before: NOW.plus_seconds(1), direction, filters: vec![filter] }
}

fn today() -> Day {
    Day::of(NOW)
}

fn metric_id() -> MetricId {
    MetricId::parse("requests").unwrap()
}

async fn fill(store: &Store) {
    let insert = async |write: &mut Write| {
        write.expect_long();
        for rows in ROWS {
            write.execute(&statement(rows), &[]).await?;
        }
        Ok(())
    };
    change(store, insert).await.unwrap();
    // A lease is short.
    for first in (1..=1000).step_by(100) {
        let append = async |write: &mut Write| {
            for number in first..first + 100 {
                let created = record(&organization(&format!("r1/r1c{number}/")));
                let entry = Record { account: Some(account_id(&format!("ar1c{number}"))), ..created };
                audit_log::append(write, &entry, &SALT, None).await?;
            }
            Ok(())
        };
        change(store, append).await.unwrap();
    }
    change(store, async |write| fill_billing(write).await).await.unwrap();
}

/// A place, a day of usage and a negotiated price for each of a thousand accounts and their organizations.
async fn fill_billing(write: &mut Write) -> Result<()> {
    write.expect_long();
    let (mut days, mut values, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1_u16..=1000 {
        let account = account(&format!("r1/r1c{number}/@ar1c{number}/"));
        placements::place(write, &account, Day::FIRST).await?;
        prices::insert(write, &price(&format!("p{number}"), Some(&format!("r1c{number}")))).await?;
        let key = UsageKey { account_id: account.id, ..usage_key("requests", today()) };
        values.push((key.clone(), Decimal::ONE));
        let rollup = Rollup { quantity: Decimal::ONE, latest: None };
        days.push(DailyUsage { key, zone_name: None, region_name: None, rollup, booked: None });
        let mut event = CountedEvent { key: [9; 16], content: [0; 8], day: today() };
        event.key[..2].copy_from_slice(&number.to_be_bytes());
        events.push(event);
    }
    let late = |day: &DailyUsage| DailyUsage { booked: Some(Month::of(today().plus(40))), ..day.clone() };
    let corrections: Vec<DailyUsage> = days.iter().map(late).collect();
    usage::record(write, &events, (&days, &corrections), &values).await?;
    for number in 1_u16..=1000 {
        let (root, account) = (id(&format!("r{number}")), account_id(&format!("ar1c{number}")));
        billing_periods::close(write, &root, Month::of(today()), NOW).await?;
        let of = InvoiceKey { organization: root.clone(), root, month: Month::of(today()), account, currency: Currency::USD };
        let invoice = of.invoice("Shop".into(), Decimal::ONE).map_err(|error| Error::Inconsistent(error.to_string()))?;
        invoices::put(write, &invoice).await?;
    }
    Ok(())
}

/// Runs each, and takes down under its name which statements that were.
macro_rules! ran {
    ($all:ident: $($name:literal: $run:expr;)+) => { $({
        let ran = ran_during(async { $run.await.map(drop).unwrap() }).await;
        assert!(!ran.is_empty());
        $all.extend(ran.into_iter().map(|ran| ($name, ran)));
    })+ };
}

/// Each hot statement under the name of what runs it.
async fn hot(store: &Store) -> Vec<(&'static str, Ran)> {
    let mut all = Vec::new();
    let user = user_id("ur1c7");
    let key = Key { user_id: user.clone(), route: "POST".into(), key: "r1c7".into() };
    let mut opening = store.read().await.unwrap();
    ran! { all:
        "credential by token": opening.credential_by_token(&secret::hash("one"));
        "credential by session": opening.credential_by_session(&secret::hash("one"));
        "sign-in by e-mail": opening.sign_in_by_email(&Email::parse("r1c7").unwrap());
        "sign-in by link": opening.sign_in_by_link(&secret::hash("one"), NOW);
        "sign-in by identity": opening.sign_in_by_identity("https://id.example", "r1c7", None);
        "credential by e-mail": opening.credential_by_email(&Email::parse("r1c7").unwrap());
        "operator": opening.operator(&user);
        "session": opening.session_stands(&SessionId::parse("sr1c7").unwrap());
        "memberships": opening.memberships(&user, Memberships::All);
        "memberships above": opening.memberships(&user, Memberships::Above(&lineage("r1/r1c5/r1c7/")));
        "memberships above an account": opening.memberships(&user, Memberships::Above(&lineage("r1/r1c7/@ar1c7/")));
        "lineage": opening.lineage(&id("r1c7"));
        "lineage of an account": opening.lineage_of_account(&account_id("ar1c7"));
    }
    drop(opening);
    let mut read = admin::read(store).await.unwrap();
    let subtrees = [lineage("r1/r1c6/"), lineage("r1/r1c7/")];
    ran! { all:
        "organization": organizations::get(&mut read, &id("r1c7"));
        "account": accounts::get(&mut read, &account_id("ar1c7"));
        "page of an audit log": audit_log::list(&mut read, Log::Organization(&id("r1c7")), &ask(), None, 100);
        "page of the audit log of an account": audit_log::list(&mut read, Log::Account(&account_id("ar1c7")), &ask(), None, 100);
        "page of the audit logs of a subtree": audit_log::list_below(&mut read, &lineage("r1/r1c7/"), &ask(), None, 100);
        "page of members of an account": members_of_account(&mut read);
        "member of an account": account_members::get(&mut read, &account_id("ar1c7"), &MemberId::parse("mr1c7").unwrap());
        "members of an account counted": account_members::count(&mut read, &account_id("ar1c7"), 1000);
        "memberships of accounts": memberships_of_accounts(&mut read);
        "membership of an account": account_members::get_of_user(&mut read, &user, &MemberId::parse("mr1c7").unwrap());
        "accounts counted": accounts::count(&mut read, &id("r1c7"), 1000);
        "accounts of an organization": of_organization(&mut read, false);
        "accounts of an organization by name": of_organization(&mut read, true);
        "accounts of two subtrees": visible_accounts(&mut read);
        "list of two subtrees counted": organizations::count(&mut read, &subtrees, &Filter::default(), 10_001);
        "subtree counted": organizations::count_subtree(&mut read, &lineage("r1/"));
        "deepest of a subtree": organizations::deepest(&mut read, &lineage("r1/"));
        "members of a line": members::holdings(&mut read, &[id("r1"), id("r1c7")], None, 100);
        "members of a line who are a user": members::holdings(&mut read, &[id("r1"), id("r1c7")], Some(&user), 100);
        "people with access": access::holders(&mut read, &places(), "", 50);
        "access of people": access::held(&mut read, &[user_id("ur1c7"), user_id("ur1")], &places());
        "roles of a root": roles::of_root(&mut read, &id("r1"));
        "children counted": organizations::count_children(&mut read, &id("r1c7"), 1000);
        "managed users counted": organizations::count_managed_users(&mut read, &id("r1c7"), 1000);
        "kept answer": idempotency::find(&mut read, &key, NOW);
        "users": users::list(&mut read, "ur1c5", 50);
        "memberships of a user": members::of_user(&mut read, &user);
        "organizations of a user": members::organizations_of_user(&mut read, &user);
        "members of an organization": members::of_organization(&mut read, &id("r1c7"));
        "members counted": members::count_found(&mut read, &id("r1c7"), &members::Filter::default(), 10_001);
        "page of members": members::page(&mut read, &id("r1c7"), &members::Filter::default(), "mr1c6", 50);
        "member": members::get(&mut read, &id("r1c7"), &MemberId::parse("mr1c7").unwrap());
        "member by user": members::get_by_user(&mut read, &id("r1c7"), &user);
        "members counted": members::count(&mut read, &id("r1c7"), 1000);
        "other members counted": members::count_others(&mut read, &id("r1c7"), &user, 1000);
        "orphaned roots": members::orphaned_roots(&mut read, &user);
        "page of invitations": invitations::page(&mut read, &id("r1c7"), "imr1c6", 50);
        "invitation": invitations::get(&mut read, &id("r1c7"), &InvitationId::parse("imr1c7").unwrap());
        "invitations counted": invitations::count(&mut read, &id("r1c7"), 1000);
        "invitation by its secret": invitations::get_by_hash(&mut read, &user, &secret::hash("one"));
        "identity by subject": linked_identities::by_subject(&mut read, "https://id.example", "r1c7");
        "identities of a user": linked_identities::of_user(&mut read, &user);
        "sessions of a user": crate::sessions::list(&mut read, &user, NOW);
        "tokens of a user": api_tokens::list(&mut read, &user);
        "token of a user": api_tokens::get(&mut read, &user, &token("tr1c7", "ann").id);
    }
    for (name, visible, filter) in lists() {
        let list = organizations::list(&mut read, &visible, &filter, "r1/r1c5/", 50);
        let ran = ran_during(async { list.await.map(drop).unwrap() }).await;
        all.push((name, ran.into_iter().next_back().unwrap()));
    }
    all.extend(hot_of_billing(&mut read).await);
    drop(read);
    let mut write = admin::write(store).await.unwrap();
    ran! { all: "expired answers": purge(&mut write); }
    all
}

/// The same of what metering and invoices ask.
async fn hot_of_billing(read: &mut Read) -> Vec<(&'static str, Ran)> {
    let mut all = Vec::new();
    ran! { all:
        "usage of a day": usage::of_day(read, (&account_id("ar1c7"), today()), &Behind::default(), 100, (), |(), _| Ok(()));
        "usage of a period": usage::total(read, &account_id("ar1c7"), &metric_id(), today(), today().next());
        "first and last usage": usage::spans(read, &[&account_id("ar1c7"), &account_id("ar1c8")]);
        "usage of a month": usage::of_month(read, &[&account_id("ar1c7"), &account_id("ar1c8")], today().month_start(), (), |(), _, _| Ok(()));
        "usage of days": usage::days(read, &[usage_key("requests", today())]);
        "values of days": usage::seen(read, &[(usage_key("requests", today()), Decimal::ONE)]);
        "counted events": usage::counted(read, &[[0; 16], [1; 16]]);
        "corrections of days": corrections::of_keys(read, &[usage_key("requests", today())]);
        "corrections of accounts": corrections::of_accounts(read, &[&account_id("ar1c7")], (today(), today().next()), 10);
        "first day that is corrected": corrections::first_day(read, Month::of(today().plus(40)));
        "budgets of an organization": budgets::of_organization(read, &id("r7"));
        "budget": budgets::get(read, &id("r7"), &BudgetId::parse("b").unwrap());
        "budgets": budgets::all(read, None, 64);
        "billing period": billing_periods::get(read, &id("r7"), Month::of(today()));
        "billing periods": billing_periods::page(read, &id("r7"), None, 50);
        "billing periods that are closed": billing_periods::closed(read, &["r7"], Month::of(today()));
        "invoice": invoices::get(read, &InvoiceId::of_hash([7; 32]));
        "invoices of accounts": invoices::of_accounts(read, &["ar1c7", "ar1c8"], Month::of(today()));
        "places of accounts": placements::of_accounts(read, &["ar1c7", "ar1c8"]);
        "places of an account": placements::of_account(read, &account_id("ar1c7"));
        "places of an organization": placements::of_organization(read, &id("r1"));
        "count of places in a subtree": placements::count_in_subtree(read, &lineage("r1/"), (today(), today().next()), 100);
        "places in a subtree": placements::in_subtree(read, &lineage("r1/"), today(), None, 100);
        "prices that hold": prices::holding(read, &["r1", "r1c7"], today(), today().next());
    }
    all
}

async fn of_organization(read: &mut Read, by_name: bool) -> Result<Page<Account>> {
    let (order, start) = (Order { by_name, descending: false }, Start::After("child 7".into(), "ar1c6".into()));
    accounts::of_organization(read, &id("r1c7"), &accounts::Filter::default(), order, &start, 50).await
}

fn places() -> [Place; 3] {
    [Place::Organization(id("r1")), Place::Organization(id("r1c7")), Place::Account(account_id("ar1c7"))]
}

async fn visible_accounts(read: &mut Read) -> Result<Vec<Account>> {
    let places = [lineage("r1/r1c6/"), lineage("r1/r1c7/@ar1c7/")];
    accounts::visible(read, &places, &accounts::Filter::default(), false, 0, 50).await
}

async fn members_of_account(read: &mut Read) -> Result<Vec<Person<AccountMember>>> {
    account_members::page(read, &account("r1/r1c7/@ar1c7/"), None, (account_members::Order::Id, false), 0, 50).await
}

async fn memberships_of_accounts(read: &mut Read) -> Result<Vec<(Account, AccountMember)>> {
    let order = (account_members::MembershipOrder::Id, false);
    account_members::of_user(read, &user_id("ur1c7"), &account_members::MembershipFilter::default(), order, 0, 50).await
}

async fn purge(write: &mut Write) -> Result<u64> {
    idempotency::purge(write, NOW, 100).await
}

/// A list of each kind of source.
fn lists() -> Vec<(&'static str, Vec<Lineage>, Filter)> {
    let everything = || vec![Lineage::server()];
    let below = |parent| Filter { parent: Some(parent), ..Filter::default() };
    let r1 = || ParentFilter::Organization(id("r1"));
    let some = || vec![lineage("r1/r1c6/"), lineage("r1/r1c7/")];
    vec![
        ("list of everything", everything(), Filter::default()),
        ("list of two subtrees", some(), Filter::default()),
        ("list of roots", everything(), below(ParentFilter::None)),
        ("list of children", everything(), below(r1())),
        ("list of children by name", everything(), Filter { patterns: starting_with("Child 9"), ..below(r1()) }),
        ("list of children who are visible", some(), below(r1())),
        ("list of ids", everything(), Filter { ids: Some(vec![id("r1c1"), id("r2c2")]), ..Filter::default() }),
    ]
}

fn sqlite_plan(connection: &rusqlite::Connection, ran: &Ran) -> Vec<String> {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", ran.sqlite)).unwrap();
    for (value, at) in ran.args.iter().zip(1..) {
        explain.raw_bind_parameter(at, value).unwrap();
    }
    let mut rows = explain.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get(3).unwrap());
    }
    plan
}

/// How a plan comes to the rows of each table: by an index, or by a scan. An index that is walked from end to end is a scan too. Which
/// one of several that are as good is taken, and how rows are put together, differs with the statistics and with the version of
/// PostgreSQL.
async fn postgres_plan(client: &tokio_postgres::Client, ran: &Ran) -> Vec<String> {
    let typed = ran.args.iter().map(|value| match value {
        Value::Text(text) => (text as &(dyn ToSql + Sync), Type::TEXT),
        Value::Int(number) => (number as &(dyn ToSql + Sync), Type::INT8),
        Value::Bytes(bytes) => (bytes as &(dyn ToSql + Sync), Type::BYTEA),
    });
    let typed: Vec<_> = typed.collect();
    let rows = client.query_typed(&format!("EXPLAIN (COSTS OFF) {}", ran.postgres), &typed).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let nodes = lines.chunk_by(|_, next| !next.contains("->  "));
    let found = nodes.filter(|lines| lines[0].contains(" using ") || lines[0].contains("Seq Scan on"));
    let node = |lines: &[String]| {
        let bounded = lines.iter().any(|line| line.contains("Index Cond: "));
        let (_, table) = lines[0].rsplit_once(" on ").unwrap();
        format!("{table} by an index{}", if bounded { "" } else { ", from end to end" })
    };
    let mut nodes: Vec<String> = found.map(node).collect();
    nodes.sort_unstable();
    nodes
}

fn written(plans: &[(&str, Vec<String>)]) -> String {
    let mut text = String::new();
    for (name, plan) in plans {
        writeln!(text, "{name}\n  {}", plan.join("\n  ")).unwrap();
    }
    text
}

#[test]
fn hot_statements_on_sqlite_follow_their_committed_plans_and_scan_no_table() {
    // What a scan may walk: the rows that a part of the same statement has found.
    const FOUND: [&str; 9] =
        ["asked", "CONSTANT ROW", "found", "subtree", "subtrees", "place", "places", "counted", "(subquery-"];
    on_empty_sqlite(async |database| {
        let store = database.open().await;
        fill(&store).await;
        let connection = database.sqlite();
        let plans: Vec<_> = hot(&store).await.into_iter().map(|(name, ran)| (name, sqlite_plan(&connection, &ran))).collect();
        let scans = |line: &&String| {
            let scanned = line.strip_prefix("SCAN ");
            scanned.is_some_and(|scanned| {
                !scanned.ends_with(" CONSTANT ROWS") && !FOUND.iter().any(|found| scanned.starts_with(found))
            })
        };
        for (name, plan) in &plans {
            assert_eq!(plan.iter().find(scans), None, "{name}: {plan:#?}");
        }
        insta::assert_snapshot!(written(&plans));
    });
}

#[test]
fn hot_statements_on_postgres_follow_their_committed_plans_and_scan_no_table() {
    on_empty_postgres(async |database| {
        let store = database.open().await;
        fill(&store).await;
        let client = database.postgres().await;
        client.batch_execute("VACUUM ANALYZE").await.unwrap();
        // As writes see it; where it could scan, also to join, PostgreSQL would prefer to while the tables are as small as here.
        let scans =
            "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_mergejoin = off; SET enable_hashjoin = off";
        client.batch_execute(scans).await.unwrap();
        let mut plans = Vec::new();
        for (name, ran) in hot(&store).await {
            let plan = postgres_plan(&client, &ran).await;
            assert!(!plan.is_empty(), "{name}: {}", ran.postgres);
            assert_eq!(plan.iter().find(|line| line.ends_with("from end to end")), None, "{name}: {plan:#?}");
            plans.push((name, plan));
        }
        insta::assert_snapshot!(written(&plans));
    });
}

#[test]
fn hot_statements_are_prepared_once() {
    on_empty_sqlite(async |database| {
        let store = database.open().await;
        fill(&store).await;
        for (name, ran) in hot(&store).await {
            assert_eq!(prepared_again(database, &ran), 0, "{name}: {}", ran.sqlite);
        }
    });
}

/// How often a statement is prepared anew when it runs a hundred times, with arguments that differ.
fn prepared_again(database: &Database, ran: &Ran) -> i32 {
    let connection = sqlite::connect(&database.path(), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    for round in 0..100 {
        let mut cached = connection.prepare_cached(&ran.sqlite).unwrap();
        for (value, at) in ran.args.iter().zip(1..) {
            let other = Value::from(format!("r2c{round}"));
            let value = if round % 2 == 0 && matches!(value, Value::Text(_)) { &other } else { value };
            cached.raw_bind_parameter(at, value).unwrap();
        }
        let mut rows = cached.raw_query();
        while rows.next().unwrap().is_some() {}
    }
    connection.prepare_cached(&ran.sqlite).unwrap().get_status(StatementStatus::RePrepare)
}
