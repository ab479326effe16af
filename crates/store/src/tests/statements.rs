//! Which statements ran: what stands in for a check of SQL at compile time is that each ran, on both engines.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use umbel_decimal::Decimal;
use umbel_domain::audit::{self, Direction, Field, FilterBy, Mode, Record, Retention};
use umbel_domain::budget::Reached;
use umbel_domain::metric::Aggregation;
use umbel_domain::usage::{DailyUsage, Rollup, UsageKey};
use umbel_domain::{
    Action, AuditEntryId, BillingPeriod, Currency, Day, Delivery, InvoiceKey, Lineage, MemberStatus, Month, Organization, Place,
    Role, SessionId, secret,
};

use super::engines::on_each_engine;
use super::fixtures::{
    NOW, SALT, account, account_id, account_member, budget, change, custom_role, erasure, id, invitation, lineage, member,
    metric, organization, plant, price, record, starting_with, token, usage_key, user, user_id,
};
use crate::accounts::{Order, Start};
use crate::audit_log::{self, Log, digests};
use crate::authorization::Memberships;
use crate::idempotency::{Answer, Key};
use crate::names::NamePatterns;
use crate::organizations::{Filter, ParentFilter};
use crate::sql::{Statement, Value};
use crate::usage::{self, Behind, CountedEvent, corrections};
use crate::{
    Error, Read, Result, Store, Write, access, account_members, accounts, admin, api_tokens, audit_erasures, audit_retention,
    audit_trees, billing_currencies, billing_periods, budgets, histories, idempotency, invitations, invoices, members, metrics,
    organizations, placements, prices, roles, server_state, users,
};

/// A statement that ran.
#[derive(Debug, Clone)]
pub(super) struct Ran {
    /// Files and lines of the literals that it is made of.
    pub(super) origins: Vec<(&'static str, u32)>,
    pub(super) sqlite: String,
    pub(super) postgres: String,
    pub(super) args: Vec<Value<'static>>,
}

tokio::task_local! {
    static LISTENS: Arc<Mutex<Vec<Ran>>>;
}

/// Notes a statement for whoever listens in this task; others that run at the same time are not heard.
pub(crate) fn note(statement: Statement<'_>, args: &[Value<'_>]) {
    let listens = |ran: &Arc<Mutex<Vec<Ran>>>| {
        let (origins, sqlite, postgres) = match statement {
            Statement::Literal(sql) => (vec![sql.origin], sql.sqlite.to_owned(), sql.postgres.to_owned()),
            Statement::Built(builder) => (builder.origins.clone(), builder.text().to_owned(), builder.text().to_owned()),
        };
        ran.lock().push(Ran { origins, sqlite, postgres, args: args.iter().map(Value::to_static).collect() });
    };
    // Most tests do not listen.
    _ = LISTENS.try_with(listens);
}

/// Every statement that runs while `work` does.
pub(super) async fn ran_during(work: impl Future<Output = ()>) -> Vec<Ran> {
    let ran = Arc::new(Mutex::new(Vec::new()));
    LISTENS.scope(ran.clone(), work).await;
    Arc::into_inner(ran).unwrap().into_inner()
}

/// A literal of the source: its file, below `src`, and its line.
type Origin = (String, u32);

/// Every literal of SQL in a folder of the source: those of `sql!`, and those of which a `Builder` puts statements together.
fn literals(folder: &Path, below: &str, found: &mut BTreeSet<Origin>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{below}{name}");
        if name == "tests" || name == "tests.rs" {
        } else if entry.file_type().unwrap().is_dir() {
            literals(&entry.path(), &format!("{path}/"), found);
        } else {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
            let builds = text.contains("Builder");
            let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim_start().starts_with("//"));
            let literals = lines.filter(|(line, _)| line.contains("sql!(") || builds && pushes_literal(line));
            found.extend(literals.map(|(_, number)| (path.clone(), number)));
        }
    }
}

fn pushes_literal(line: &str) -> bool {
    let mut behind = line.split(".push(").skip(1);
    behind.any(|behind| behind.is_empty() || ["\"", "if ", "concat!("].iter().any(|start| behind.starts_with(start)))
}

/// The literals of statements, without what stands before `src` in the names of their files.
fn origins(statements: &[Ran]) -> BTreeSet<Origin> {
    let all = statements.iter().flat_map(|ran| &ran.origins);
    all.map(|(file, line)| (file.rsplit_once("/src/").map_or(*file, |(_, below)| below).to_owned(), *line)).collect()
}

#[test]
fn every_statement_of_the_source_runs() {
    let mut literals_of_source = BTreeSet::new();
    literals(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut literals_of_source);
    assert!(literals_of_source.len() > 40, "{literals_of_source:?}");
    on_each_engine(async |store| {
        let ran = origins(&ran_during(use_everything(&store)).await);
        let missed: Vec<_> = literals_of_source.difference(&ran).collect();
        assert!(missed.is_empty(), "call what runs these in `use_everything`: {missed:#?}");
    });
}

/// Calls every function that runs a statement.
async fn use_everything(store: &Store) {
    let (acme, eu) = (organization("acme/"), organization("acme/eu/"));
    plant(store, &[acme.clone(), eu.clone()]).await;
    change(store, async |write| use_people(write).await).await.unwrap();
    change(store, async |write| use_roles(write).await).await.unwrap();
    change(store, async |write| use_invitations(write).await).await.unwrap();
    change(store, async |write| use_accounts(write).await).await.unwrap();
    change(store, async |write| use_billing(write).await).await.unwrap();
    let mut opening = store.read().await.unwrap();
    opening.operator(&user_id("ann")).await.unwrap().unwrap();
    opening.session_stands(&SessionId::parse("none").unwrap()).await.unwrap();
    opening.memberships(&user_id("ann"), Memberships::All).await.unwrap();
    opening.memberships(&user_id("ann"), Memberships::Above(&eu.lineage)).await.unwrap();
    opening.memberships(&user_id("ann"), Memberships::Above(&lineage("acme/@shop/"))).await.unwrap();
    opening.lineage(&acme.id).await.unwrap().unwrap();
    opening.last_lineage(&acme.id).await.unwrap().unwrap();
    opening.lineage_of_account(&account_id("shop")).await.unwrap().unwrap();
    opening.credential_by_token(&secret::hash("one")).await.unwrap().unwrap();
    opening.credential_by_email(&user("ann").email).await.unwrap().unwrap();
    super::sign_in::use_everything(store).await;
    use_lists(&mut admin::read(store).await.unwrap()).await.unwrap();
    use_as_the_system(&mut admin::read(store).await.unwrap()).await.unwrap();
    change(store, async |write| use_the_rest(write, &acme, &eu).await).await.unwrap();
    super::audit_streams::use_everything(store).await;
}

async fn use_people(write: &mut Write) -> Result<()> {
    let (ann, t1) = (user_id("ann"), token("t1", "ann"));
    users::insert(write, &user("ann"), None).await?;
    users::insert(write, &user("bob"), None).await?;
    users::set_api_key(write, &ann, &secret::hash("key")).await?;
    users::get(write, &ann).await?;
    users::get_by_email(write, &user("ann").email).await?;
    users::list(write, "", 10).await?;
    users::count(write, 10).await?;
    users::update(write, &user("bob")).await?;
    api_tokens::insert(write, &t1, &secret::hash("zero")).await?;
    api_tokens::set_hash(write, &t1.id, &secret::hash("one")).await?;
    api_tokens::touch(write, &[(t1.id.clone(), NOW)]).await?;
    api_tokens::list(write, &ann).await?;
    api_tokens::get(write, &ann, &t1.id).await?;
    members::insert(write, &member("acme", "ann", Role::Viewer)).await?;
    members::of_user(write, &ann).await?;
    members::of_organization(write, &id("acme")).await?;
    let names = NamePatterns { equals: Some("ann@example.com".into()), ..starting_with("ann") };
    let filter = members::Filter { statuses: vec![MemberStatus::Active], email: names };
    members::page(write, &id("acme"), &filter, "", 10).await?;
    members::count_found(write, &id("acme"), &filter, 10).await?;
    members::count_found(write, &id("acme"), &members::Filter::default(), 10).await?;
    members::count(write, &id("acme"), 10).await?;
    members::get(write, &id("acme"), &member("acme", "ann", Role::Viewer).id).await?;
    members::get_by_user(write, &id("acme"), &ann).await?;
    members::has_other_super_administrator(write, &member("acme", "ann", Role::Viewer)).await?;
    members::update(write, &member("acme", "ann", Role::Viewer)).await?;
    users::see(write, &[(ann.clone(), NOW)]).await?;
    members::organizations_of_user(write, &ann).await?;
    members::count_others(write, &id("acme"), &ann, 10).await?;
    members::orphaned_roots(write, &ann).await.map(drop)
}

async fn use_roles(write: &mut Write) -> Result<()> {
    let role = custom_role("acme", &[Action::ReadBilling]);
    roles::insert(write, &role).await?;
    roles::update(write, &role).await?;
    roles::of_root(write, &id("acme")).await?;
    roles::list(write, ("", ""), 10).await?;
    roles::with_ids(write, &[role.id.to_string()]).await?;
    roles::uses(write, role.id, 10).await?;
    roles::used_below(write, &lineage("acme/")).await?;
    roles::allowed(write, vec![(lineage("acme/"), Role::Custom(role.id))]).await?;
    let places = [Place::Organization(id("acme")), Place::Account(account_id("shop"))];
    access::holders(write, &places[..1], "", 10).await?;
    access::holders(write, &places, "", 10).await?;
    access::held(write, &[user_id("ann")], &places).await?;
    roles::delete(write, &role).await?;
    roles::delete_of_organization(write, &id("acme")).await
}

async fn use_invitations(write: &mut Write) -> Result<()> {
    let (acme, invitation, hash) = (id("acme"), invitation("acme", "ann"), secret::hash("invited"));
    invitations::insert(write, &invitation, &hash).await?;
    invitations::page(write, &acme, "", 10).await?;
    invitations::count(write, &acme, 10).await?;
    invitations::get(write, &acme, &invitation.id).await?;
    invitations::get_by_hash(write, &user_id("ann"), &hash).await?;
    invitations::set_delivery(write, &hash, Delivery::Sent).await?;
    invitations::renew(write, &invitation, &secret::hash("again")).await?;
    members::update(write, &member("acme", "ann", Role::Viewer)).await
}

async fn use_accounts(write: &mut Write) -> Result<()> {
    let acme = id("acme");
    accounts::insert(write, &account("acme/@shop/")).await?;
    accounts::insert(write, &account("acme/@till/")).await?;
    account_members::insert(write, &account_member("shop", "ann", Role::Viewer)).await?;
    accounts::get(write, &account_id("shop")).await?;
    use_account_members(write).await?;
    accounts::count(write, &acme, 10).await?;
    let names = accounts::Filter { name: starting_with("s"), ..accounts::Filter::default() };
    let after = |name: &str, id: &str| Start::After(name.into(), id.into());
    for (by_name, descending) in [(false, false), (false, true), (true, false), (true, true)] {
        for start in [after("", ""), after("shop", "shop"), Start::Skip(1)] {
            let order = Order { by_name, descending };
            accounts::of_organization(write, &acme, &names, order, &start, 10).await?;
        }
        accounts::visible(write, &[Lineage::server(), lineage("x/")], &names, descending, 0, 10).await?;
    }
    accounts::count_of_organization(write, &acme, &names, 10).await?;
    accounts::count_visible(write, &[Lineage::server()], &names, 10).await?;
    accounts::update(write, &account("acme/@till/")).await
}

async fn use_account_members(write: &mut Write) -> Result<()> {
    use account_members::{MembershipFilter, MembershipOrder, Order};
    let (shop, ann, member) = (account_id("shop"), user_id("ann"), account_member("shop", "ann", Role::Viewer));
    let active = Some(MemberStatus::Active);
    for (order, descending) in
        [Order::Id, Order::Email, Order::Name, Order::Status].into_iter().zip([false, true].into_iter().cycle())
    {
        account_members::page(write, &account("acme/@shop/"), active, (order, descending), 0, 10).await?;
    }
    account_members::count_found(write, &shop, active, 10).await?;
    account_members::get(write, &shop, &member.id).await?;
    account_members::get_by_user(write, &shop, &ann).await?;
    account_members::count(write, &shop, 10).await?;
    let filter = MembershipFilter { account_name: starting_with("s"), status: active, within: Some(lineage("acme/")) };
    let nowhere = MembershipFilter { within: None, ..MembershipFilter::default() };
    account_members::of_user(write, &ann, &nowhere, (MembershipOrder::Id, false), 0, 10).await?;
    let everywhere = MembershipFilter::default();
    account_members::of_user(write, &ann, &everywhere, (MembershipOrder::Id, false), 0, 10).await?;
    for order in [MembershipOrder::Id, MembershipOrder::AccountName, MembershipOrder::Status] {
        account_members::of_user(write, &ann, &filter, (order, true), 0, 10).await?;
    }
    account_members::count_of_user(write, &ann, &filter, 10).await?;
    account_members::get_of_user(write, &ann, &member.id).await?;
    account_members::update(write, &member).await?;
    account_members::delete(write, &member).await?;
    account_members::insert(write, &member).await
}

/// What only export, import and the command line ask.
async fn use_as_the_system(read: &mut Read) -> Result<()> {
    let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let pair = |first: &str, second: &str| [(first.to_owned(), second.to_owned())];
    server_state::database(read).await?;
    users::count_operators(read).await?;
    users::count_able_operators(read).await?;
    users::list_with_keys(read, "", 10).await?;
    users::with_ids(read, &ids(&["ann", "bob", "cid"])).await?;
    users::with_ids(read, &[]).await?;
    users::ids_by_email(read, &ids(&["ann@example.com"])).await?;
    api_tokens::list_with_hashes(read, "", 10).await?;
    api_tokens::with_ids(read, &ids(&["t1"])).await?;
    api_tokens::taken_hashes(read, &ids(&["00"])).await?;
    members::list(read, ("acme", ""), 10).await?;
    members::with_ids(read, &pair("acme", "acme-ann")).await?;
    members::of_users(read, &pair("ann", "acme")).await?;
    accounts::all(read, &Lineage::server(), 10).await?;
    accounts::with_ids(read, &ids(&["shop"])).await?;
    account_members::list(read, ("", ""), 10).await?;
    account_members::with_ids(read, &pair("shop", "shop-ann")).await?;
    account_members::of_users(read, &pair("ann", "shop")).await?;
    organizations::lineages(read, &ids(&["acme"])).await.map(drop)
}

async fn use_lists(read: &mut Read) -> Result<()> {
    let (everything, eu) = ([Lineage::server()], [lineage("acme/eu/")]);
    let names = Filter {
        name: Some("eu".into()),
        patterns: NamePatterns {
            equals: Some("eu".into()),
            starts_with: Some("e".into()),
            ends_with: Some("u".into()),
            contains: Some("eu".into()),
        },
        ..Filter::default()
    };
    let below = |parent| Filter { parent: Some(parent), ..Filter::default() };
    let of_ids = |ids, parent| Filter { ids: Some(ids), parent, ..Filter::default() };
    let below_acme = ParentFilter::Organization(id("acme"));
    let filters = [
        names,
        below(ParentFilter::None),
        below(below_acme.clone()),
        of_ids(vec![], None),
        of_ids(vec![id("eu"), id("acme")], None),
        of_ids(vec![id("eu")], Some(below_acme)),
        of_ids(vec![id("eu")], Some(ParentFilter::None)),
    ];
    for filter in filters {
        for visible in [&everything, &eu] {
            organizations::list(read, visible, &filter, "", 10).await?;
            organizations::count(read, visible, &filter, 10).await?;
        }
    }
    organizations::get(read, &id("acme")).await?;
    organizations::count_children(read, &id("acme"), 10).await?;
    organizations::count_managed_users(read, &id("acme"), 10).await.map(drop)
}

async fn use_billing(write: &mut Write) -> Result<()> {
    let (today, requests) = (Day::of(NOW), metric("requests", Aggregation::Sum));
    metrics::insert(write, &requests).await?;
    metrics::all(write).await?;
    metrics::get(write, &requests.id).await?;
    let (list, agreed) = (price("p1", None), price("p2", Some("acme")));
    prices::insert(write, &list).await?;
    prices::insert(write, &agreed).await?;
    prices::get(write, &list.id).await?;
    prices::of_slot(write, &agreed).await?;
    prices::count(write, None, 10).await?;
    let filter = prices::Filter { metric_id: Some(requests.id.clone()), organization_id: Some(id("acme")) };
    prices::page(write, &filter, "", 10).await?;
    prices::holding(write, &["acme"], today, today.next()).await?;
    prices::all(write, "", 10).await?;
    prices::with_ids(write, &["p1".to_owned()]).await?;
    prices::end(write, &list.id, today).await?;
    let budget = budget();
    budgets::insert(write, &budget).await?;
    budgets::get(write, &budget.organization_id, &budget.id).await?;
    budgets::of_organization(write, &budget.organization_id).await?;
    budgets::all(write, Some(&budget), 10).await?;
    budgets::reach(write, &budget, Reached { month: Month::of(today), threshold: 50 }).await?;
    budgets::update(write, &budget).await?;
    budgets::delete(write, &budget).await?;
    billing_currencies::set(write, &id("acme"), today, Currency::USD).await?;
    billing_currencies::of(write, &["acme"]).await?;
    organizations::names(write, &["acme"]).await?;
    accounts::lineages(write, &["shop".to_owned()]).await?;
    let keys = [usage_key("requests", today), usage_key("seats", today)];
    let day = |key: &UsageKey| DailyUsage {
        key: key.clone(),
        zone_name: None,
        region_name: None,
        rollup: Rollup { quantity: Decimal::ONE, latest: None },
        booked: None,
    };
    let events = [1, 2].map(|n| CountedEvent { key: [n; 16], content: [n; 8], day: today });
    let values = [(keys[0].clone(), Decimal::ONE), (keys[1].clone(), Decimal::ONE)];
    let late = DailyUsage { booked: Some(Month::of(today)), ..day(&usage_key("requests", today.plus(-40))) };
    usage::record(write, &events, (&keys.each_ref().map(day), std::slice::from_ref(&late)), &values).await?;
    corrections::of_keys(write, std::slice::from_ref(&late.key)).await?;
    corrections::of_accounts(write, &[&account_id("shop")], (today.plus(-60), today), 10).await?;
    corrections::first_day(write, Month::of(today)).await?;
    corrections::all(write, Some(&late), 10).await?;
    billing_periods::add_late(write, &id("acme"), Month::of(today)).await?;
    billing_periods::close(write, &id("acme"), Month::of(today), NOW).await?;
    let closing = billing_periods::closing(write, None, 10).await?;
    billing_periods::closing(write, closing.first(), 10).await?;
    billing_periods::finish(write, &id("acme"), Month::of(today), [7; 32]).await?;
    billing_periods::get(write, &id("acme"), Month::of(today)).await?;
    billing_periods::page(write, &id("acme"), None, 10).await?;
    billing_periods::closed(write, &["acme"], Month::of(today)).await?;
    billing_periods::latest(write).await?;
    billing_periods::all(write, closing.first(), 10).await?;
    billing_periods::insert(write, &BillingPeriod { month: Month::of(today.plus(-40)), ..closing[0].clone() }).await?;
    let of = InvoiceKey {
        root: id("acme"),
        month: Month::of(today),
        account: account_id("shop"),
        organization: id("acme"),
        currency: Currency::USD,
    };
    let invoice = of.invoice("Shop".into(), Decimal::ONE).map_err(|error| Error::Inconsistent(error.to_string()))?;
    invoices::put(write, &invoice).await?;
    invoices::get(write, &invoice.id).await?;
    invoices::with_ids(write, &[invoice.id.to_string()]).await?;
    invoices::all(write, Some(&invoice.of), 10).await?;
    invoices::of_accounts(write, &["shop"], Month::of(today)).await?;
    usage::counted(write, &[events[0].key]).await?;
    usage::days(write, &keys).await?;
    usage::seen(write, &values).await?;
    usage::of_day(write, (&account_id("shop"), today), &Behind::default(), 10, (), |(), _| Ok(())).await?;
    usage::total(write, &account_id("shop"), &requests.id, today, today.next()).await?;
    usage::spans(write, &[&account_id("shop")]).await?;
    usage::of_month(write, &[&account_id("shop")], today.month_start(), (), |(), _, _| Ok(())).await?;
    usage::all(write, None, 10).await?;
    usage::forget(write, 0, 2, today).await?;
    usage::known_from(write).await?;
    billing_periods::latest_of(write, &["acme"]).await?;
    crate::digits::set(write, &requests.id, umbel_domain::Digits { quantity: 1, price: 1 }).await?;
    crate::digits::all(write).await?;
    usage::forget(write, 1, 2, today).await?;
    placements::of_account(write, &account_id("shop")).await?;
    placements::of_accounts(write, &["shop"]).await?;
    placements::of_organization(write, &id("acme")).await?;
    placements::in_subtree(write, &lineage("acme/"), today, None, 10).await?;
    placements::count_in_subtree(write, &lineage("acme/"), (today, today.next()), 10).await?;
    placements::noted(write, &["shop".to_owned()]).await?;
    organizations::departed(write, &["acme"]).await?;
    placements::place(write, &account("acme/@shop/"), today).await?;
    histories::all(write, "", 10).await?;
    for of in ["acme", "@shop"] {
        let history = histories::get(write, histories::place(of)?).await?;
        histories::put(write, &history.unwrap_or_else(|| panic!("there is no {of}")), true).await?;
    }
    metrics::retire(write, &requests.id, NOW).await
}

async fn use_audit_log(write: &mut Write, acme: &Organization) -> Result<()> {
    let filters = |mode| {
        // One of them is a word that an entry has: without any nothing is looked for.
        let word = record(acme).fields.get(Field::ActionType).unwrap().to_string();
        let values = || (0..crate::IN_LIST_MAX).map(|number| format!("x{number}")).chain([word.clone()]).collect();
        let filter = |by| audit::Filter { by, mode, values: values() };
        [FilterBy::Id, FilterBy::Field(Field::ActorEmail), FilterBy::Field(Field::ResourceType)].map(filter)
    };
    for (mode, direction) in [(Mode::Including, Direction::Ascending), (Mode::Excluding, Direction::Descending)] {
        let ask = audit::Query { since: NOW, before: NOW.plus_seconds(1), direction, filters: filters(mode).into() };
        for log in [Log::Server, Log::Organization(&acme.id), Log::Account(&account_id("shop"))] {
            for after in [None, Some((NOW, &record(acme).id))] {
                audit_log::list(write, log, &ask, after, 10).await?;
            }
        }
    }
    let ask = audit::Query { since: NOW, before: NOW.plus_seconds(1), direction: Direction::Ascending, filters: Vec::new() };
    audit_log::list_below(write, &Lineage::server(), &ask, None, 10).await?;
    audit_log::logs(write).await?;
    for growth in audit_trees::pending(write, -1, 100).await? {
        let root = growth.root.clone();
        for log in growth.logs() {
            while let Some(task) = digests::next(write, log, NOW.plus_seconds(1), 1).await? {
                digests::perform(write, task).await?;
            }
            assert_eq!(digests::lacking(write, log, NOW.micros()).await?, None);
        }
        audit_trees::entries_of(write, &growth).await?;
        let size = audit_trees::size(write, root.as_ref()).await?;
        let tile = audit_trees::TileId { level: 0, index: 0 };
        audit_trees::append(write, &growth, size, &[(tile, vec![0; 32])]).await?;
        audit_trees::tiles(write, root.as_ref(), &[tile]).await?;
        audit_trees::leaves(write, root.as_ref(), 0, 10).await?;
    }
    audit_trees::place(write, Some(&acme.id), NOW, &record(acme).id).await?;
    audit_trees::root_of(write, &acme.id).await?;
    use_audit_retention(write, acme).await
}

async fn use_audit_retention(write: &mut Write, acme: &Organization) -> Result<()> {
    let (root, later) = (Some(&acme.id), NOW.plus_seconds(10 * 24 * 60 * 60));
    audit_retention::set(write, root, Retention { days: Some(7), hold: false }).await?;
    audit_retention::all(write).await?;
    for due in audit_retention::due(write, later, -1, 10).await? {
        audit_retention::delete(write, &due, later, 10).await?.unwrap();
    }
    audit_retention::kept(write, root).await?;
    use_audit_erasures(write, acme).await
}

async fn use_audit_erasures(write: &mut Write, acme: &Organization) -> Result<()> {
    let erasure = erasure(&acme.id);
    audit_erasures::insert(write, &erasure, 1).await?;
    audit_erasures::get(write, Some(&acme.id), &erasure.id).await?.unwrap();
    audit_erasures::under_way(write, erasure.state, 10).await?;
    let entry = record(&Organization { id: id("other"), ..acme.clone() });
    audit_log::append(write, &entry, &SALT, None).await?;
    let entries = [(entry.log.clone(), NOW, entry.id.clone(), [7; 32])];
    assert!(audit_erasures::erase(write, &erasure, 1, &entries, 2).await?);
    assert!(!audit_erasures::end_of_entries(write, &erasure, 0).await?, "there is a leaf");
    assert!(audit_erasures::end_of_entries(write, &erasure, 1).await?);
    let loose = audit_log::loose_words(write, 10).await?;
    let mut unused = loose.keys().copied().collect();
    audit_log::without_used(write, &mut unused, None, 10).await?;
    audit_log::append(write, &Record { id: AuditEntryId::parse("again")?, ..entry }, &SALT, None).await?;
    audit_log::settle(write, &loose.into_iter().collect::<Vec<_>>(), &unused).await?;
    audit_erasures::end(write, &erasure, NOW).await?;
    audit_erasures::count_done(write).await.map(drop)
}

async fn use_the_rest(write: &mut Write, acme: &Organization, eu: &Organization) -> Result<()> {
    let key = Key { user_id: user_id("ann"), route: "POST /organizations".into(), key: "k".into() };
    let answer = Answer { fingerprint: "f".into(), status: 200, body: "{}".into(), expires_at: NOW };
    idempotency::keep(write, &key, &answer).await?;
    idempotency::find(write, &key, NOW).await?;
    idempotency::purge(write, NOW, 10).await?;
    server_state::get_or_set(write, "key", "value").await?;
    audit_log::append(write, &record(acme), &SALT, None).await?;
    use_audit_log(write, acme).await?;
    organizations::update(write, acme).await?;
    organizations::deepest(write, &eu.lineage).await?;
    organizations::count_subtree(write, &eu.lineage).await?;
    organizations::relocate(write, eu, &lineage("eu/"), Day::of(NOW)).await?;
    members::holdings(write, std::slice::from_ref(&acme.id), Some(&user_id("ann")), 10).await?;
    members::has_super_administrator(write, &acme.id).await?;
    organizations::delete(write, &Organization { version: 2, ..eu.clone() }).await?;
    account_members::delete_of_account(write, &account_id("shop")).await?;
    account_members::delete_of_user(write, &user_id("ann")).await?;
    accounts::delete(write, &account("acme/@shop/")).await?;
    members::delete(write, &member("acme", "ann", Role::Viewer)).await?;
    api_tokens::delete(write, &token("t1", "ann").id).await?;
    api_tokens::delete_of_user(write, &user_id("ann")).await?;
    users::delete(write, &user_id("ann")).await
}
