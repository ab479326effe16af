//! Costs, added up: always what the records of usage come to, to the last digit.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use umbel_decimal::Decimal;

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::rated::{self, PERIODS, SPAN};
use crate::harness::world::World;

async fn ask(app: &TestApp, query: &str) -> Answer {
    app.get(format!("/umbel/v1/organizations/acme/costs?{query}")).by("bill").await
}

/// Sums of list, contracted and billed costs, by what they are of.
type Sums = BTreeMap<Vec<String>, [Decimal; 3]>;

fn add(sums: &mut Sums, of: Vec<String>, costs: [Decimal; 3]) {
    let known = sums.entry(of).or_default();
    *known = std::array::from_fn(|at| known[at].checked_add(costs[at]).unwrap());
}

/// What rows of costs say, with their currency behind the members that they are grouped by.
fn sums_of_rows(rows: &Value, members: &[&str]) -> Sums {
    let mut sums = Sums::new();
    for row in rows.as_array().unwrap() {
        let of = members.iter().chain(&["currency"]).map(|member| row[member].as_str().unwrap().to_owned()).collect();
        assert!(!sums.contains_key(&of), "{of:?} is there twice");
        add(
            &mut sums,
            of,
            ["list_cost", "contracted_cost", "billed_cost"].map(|cost| row[cost].as_str().unwrap().parse().unwrap()),
        );
    }
    sums
}

/// What the records of usage come to.
fn sums_of_records(records: &[rated::Record], columns: &[&str]) -> Sums {
    let mut sums = Sums::new();
    for record in records.iter().filter(|record| record.contains_key("BilledCost")) {
        let text = |column: &&str| match *column {
            "day" => record["ChargePeriodStart"][..10].to_owned(),
            column => record[column].clone(),
        };
        let of = columns.iter().chain(&["BillingCurrency"]).map(text).collect();
        add(&mut sums, of, ["ListCost", "ContractedCost", "BilledCost"].map(|cost| record[cost].parse().unwrap()));
    }
    sums
}

/// Groups, the members of their rows, and where a record has the same.
const GROUPS: [(&str, &[&str], &[&str]); 9] = [
    ("", &[], &[]),
    ("day", &["day"], &["day"]),
    ("account", &["account_id"], &["BillingAccountId"]),
    ("metric", &["metric_id"], &["x_BillableMetricId"]),
    ("service", &["service"], &["x_ProductFamilyName"]),
    ("day,metric", &["day", "metric_id"], &["day", "x_BillableMetricId"]),
    ("day,account", &["day", "account_id", "account_name"], &["day", "BillingAccountId", "BillingAccountName"]),
    ("account,metric", &["account_id", "metric_id"], &["BillingAccountId", "x_BillableMetricId"]),
    ("metric,account", &["account_id", "metric_id"], &["BillingAccountId", "x_BillableMetricId"]),
];

#[test]
fn sums_are_those_of_the_records_of_usage_to_the_last_digit_whatever_they_are_grouped_by() {
    for seed in 0..6 {
        rated::world(seed).on_each_engine(async |app| {
            rated::moves(app, seed).await;
            rated::late(app, seed).await;
            let mut records = Vec::new();
            for (from, to) in PERIODS {
                records.extend(rated::records(app, "acme", from, to).await);
            }
            let (from, to) = SPAN;
            for (group, members, columns) in GROUPS {
                let group_by = if group.is_empty() { String::new() } else { format!("&group_by={group}") };
                let rows = ask(app, &format!("from={from}&to={to}{group_by}")).await.expect(200).result();
                assert_eq!(sums_of_rows(&rows, members), sums_of_records(&records, columns), "seed {seed}, {group}");
            }
            // Days that begin and end within a month have the same allowances and tiers behind them.
            let some = rated::records(app, "acme", "2025-12-10", "2026-01-03").await;
            let rows = ask(app, "from=2025-12-10&to=2026-01-03&group_by=day&group_by=metric").await.expect(200).result();
            let expected = sums_of_records(&some, &["day", "x_BillableMetricId"]);
            assert_eq!(sums_of_rows(&rows, &["day", "metric_id"]), expected, "seed {seed}");
            let total = sums_of_records(&records, &[]);
            let rows = ask(app, &format!("from={from}&to={to}&group_by=organization")).await.expect(200).result();
            let mut of_organizations = Sums::new();
            for (of, costs) in sums_of_rows(&rows, &["organization_id"]) {
                add(&mut of_organizations, vec![of[1].clone()], costs);
            }
            assert_eq!(of_organizations, total, "seed {seed}");
        });
    }
}

#[test]
fn rows_have_only_what_they_are_grouped_by_and_stand_in_order() {
    let world = World::company().account("acme/eu/@web").account("acme/us/@api");
    let world = world.metric("requests", "sum", "1").metric("seats", "max", "1");
    let world = world.price("p1", "requests", "0.5", &json!({"free_quantity": "1"})).price("p2", "seats", "3", &json!({}));
    let world = world.used("web", "requests", "2026-01-01", "2").used("api", "requests", "2026-01-02", "4");
    world.used("web", "seats", "2026-01-02", "1").on_each_engine(async |app| {
        let rows = async |query: &str| ask(app, query).await.expect(200).result();
        let total = json!([{"currency": "USD", "list_cost": "6", "contracted_cost": "6", "billed_cost": "5"}]);
        assert_eq!(rows("").await, total);
        let by_organization = json!([
            {"organization_id": "eu", "organization_name": "eu", "currency": "USD", "list_cost": "4", "contracted_cost": "4", "billed_cost": "3.5"},
            {"organization_id": "us", "organization_name": "us", "currency": "USD", "list_cost": "2", "contracted_cost": "2", "billed_cost": "1.5"},
        ]);
        assert_eq!(rows("group_by=organization").await, by_organization);
        let by_service_and_day = json!([
            {"day": "2026-01-01", "service": "Workers", "currency": "USD", "list_cost": "1", "contracted_cost": "1", "billed_cost": "0.5"},
            {"day": "2026-01-02", "service": "Workers", "currency": "USD", "list_cost": "5", "contracted_cost": "5", "billed_cost": "4.5"},
        ]);
        assert_eq!(rows("group_by=service&group_by=day").await, by_service_and_day);
        let one_day = json!([
            {"day": "2026-01-02", "metric_id": "requests", "metric_name": "REQUESTS", "currency": "USD", "list_cost": "2", "contracted_cost": "2", "billed_cost": "1.5"},
            {"day": "2026-01-02", "metric_id": "seats", "metric_name": "SEATS", "currency": "USD", "list_cost": "3", "contracted_cost": "3", "billed_cost": "3"},
        ]);
        assert_eq!(rows("from=2026-01-02&to=2026-01-02&group_by=day,metric").await, one_day);
        assert_eq!(rows("from=2025-01-02&to=2025-01-02&group_by=day").await, json!([]));
    });
}

#[test]
fn different_currencies_are_never_added_up_and_what_has_no_price_is_in_no_sum() {
    let world = World::company().account("acme/eu/@web").account("acme/us/@api").account("acme/us/@lab");
    let world = world.metric("requests", "sum", "1").metric("free", "sum", "1");
    let world = world.price("p1", "requests", "2", &json!({})).price("p2", "requests", "1.5", &json!({"currency": "EUR"}));
    let world = ["web", "api", "lab"].iter().fold(world, |world, account| world.used(account, "requests", "2026-01-01", "1"));
    world.used("api", "free", "2026-01-01", "1").on_each_engine(async |app| {
        app.put("/umbel/v1/organizations/eu/billing", json!({"billing_currency": "EUR"})).by("olga").await.expect(200);
        let rows = ask(app, "group_by=metric").await.expect(200).result();
        let of = |row: &Value| [&row["currency"], &row["billed_cost"]].map(|text| text.as_str().unwrap().to_owned());
        let found: Vec<_> = rows.as_array().unwrap().iter().map(of).collect();
        assert_eq!(found, [["EUR".to_owned(), "1.5".to_owned()], ["USD".to_owned(), "4".to_owned()]]);
    });
}

#[test]
fn what_cannot_be_added_up_is_refused_and_says_why() {
    World::company().on_each_engine(async |app| {
        for (query, pointer) in [
            ("group_by=zone", "/query/group_by"),
            ("group_by=day,account,metric", "/query/group_by"),
            ("from=2026-01-01", "/query/to"),
            ("from=2025-01-01&to=2026-01-02", "/query/to"),
            ("from=2026-01-02&to=2026-01-01", "/query/to"),
        ] {
            ask(app, query).await.expect_error(400, 1101, pointer);
        }
        ask(app, "from=2025-01-01&to=2026-01-01&group_by=day,day,account").await.expect(200);
        for (organization, user, status, code) in
            [("acme", "vic", 403, 1300), ("acme", "gus", 404, 1200), ("nowhere", "ann", 404, 1200)]
        {
            let answer = app.get(format!("/umbel/v1/organizations/{organization}/costs")).by(user).await;
            answer.expect_error(status, code, "");
        }
    });
}

/// Has accounts beside `web` that used the same.
async fn multiply(app: &TestApp, count: usize) {
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    for statement in [
        format!(
            "INSERT INTO placements (place, from_day, lineage, name) {numbers} \
             SELECT '@x' || CAST(i AS TEXT), -719528, 'acme/@x' || CAST(i AS TEXT) || '/', 'X' FROM n"
        ),
        format!(
            "INSERT INTO usage_months (account_id, month, metric_id, zone_id, region_id, quantities) {numbers} \
             SELECT 'x' || CAST(i AS TEXT), month, metric_id, zone_id, region_id, quantities \
             FROM n CROSS JOIN usage_months WHERE account_id = 'web'"
        ),
    ] {
        app.database.execute(&statement).await;
    }
}

#[test]
fn what_is_limited_are_sums_and_not_days_on_which_there_could_be_some() {
    let world = World::company().account("acme/eu/@web").metric("requests", "sum", "1").metric("seats", "max", "1");
    let world = world.price("p1", "requests", "2", &json!({})).price("p2", "seats", "1", &json!({"free_quantity": "1"}));
    let world = world.used("web", "seats", "2025-12-01", "2");
    let world = (1..=31).fold(world, |world, day| world.used("web", "requests", &format!("2025-12-{day:02}"), "1"));
    world.on_each_engine(async |app| {
        multiply(app, 3_300).await;
        let sums = async |query: &str| ask(app, query).await.expect(200).result().as_array().unwrap().clone();
        // With 31 days they are 102,331.
        let most = sums("from=2025-12-01&to=2025-12-30&group_by=day,account").await;
        assert_eq!(most.len(), 3_301 * 30);
        let billed =
            |day: &str| most.iter().filter(|sum| sum["day"] == day).map(|sum| sum["billed_cost"].clone()).collect::<Vec<_>>();
        assert_eq!(billed("2025-12-01"), vec![json!("3"); 3_301]);
        assert_eq!(billed("2025-12-30"), vec![json!("2"); 3_301]);
        let refused = ask(app, "from=2025-12-01&to=2025-12-31&group_by=day,account").await.expect_error(400, 1106, "");
        let message = "more than 100000 sums are asked for; group by less, or ask for fewer days";
        assert_eq!(refused.json()["errors"][0]["message"], message);
        for group in ["day,account", "account"] {
            assert_eq!(sums(&format!("from=2024-12-01&to=2025-12-01&group_by={group}")).await.len(), 3_301, "{group}");
        }
        let total = json!([{"currency": "USD", "list_cost": "211264", "contracted_cost": "211264", "billed_cost": "207963"}]);
        assert_eq!(json!(sums("from=2025-12-01&to=2025-12-31").await), total);
    });
}
