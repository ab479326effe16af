//! What was used and what it costs, as files of FOCUS.

use std::collections::BTreeMap;
use std::time::Duration;

use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use umbel_decimal::Decimal;
use umbel_domain::Role;
use umbel_focus::check::{self, Expected, Report};

use crate::audit_retention::until;
use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::rated::{self, PERIODS, Record, SPAN};
use crate::harness::world::World;

async fn ask(app: &TestApp, query: &str) -> Answer {
    app.get(format!("/umbel/v1/organizations/acme/focus?{query}")).by("bill").await
}

fn rows(answer: &Answer) -> Vec<Record> {
    rated::rows(&answer.body)
}

/// Some members of rows.
fn members<'r>(rows: &'r [Record], names: &[&str]) -> Vec<Vec<&'r str>> {
    rows.iter().map(|row| names.iter().map(|name| row[*name].as_str()).collect()).collect()
}

const COSTS: [&str; 5] = ["ListCost", "ContractedCost", "BilledCost", "EffectiveCost", "ConsumedQuantity"];

/// What rows or records come to, by what they are of.
fn sums(records: &[Record]) -> BTreeMap<Vec<String>, [Decimal; 5]> {
    let mut sums = BTreeMap::<_, [Decimal; 5]>::new();
    for record in records.iter().filter(|record| record.contains_key("BilledCost")) {
        let of =
            ["ChargePeriodStart", "BillingAccountId", "BillingAccountName", "x_BillableMetricId", "x_ZoneId", "BillingCurrency"];
        let of = of.map(|column| record.get(column).cloned().unwrap_or_default()).to_vec();
        let known = sums.entry(of).or_default();
        *known = std::array::from_fn(|at| known[at].checked_add(record[COSTS[at]].parse().unwrap()).unwrap());
    }
    sums
}

fn checked(format: &str, version: &str, body: &[u8]) -> Report {
    let expected = Expected { version: version.parse().unwrap(), invoices: BTreeMap::new() };
    let report = match format {
        "csv" => check::csv(body, &expected, |_| ()),
        "ndjson" => check::ndjson(body, &expected, |_| ()),
        _ => check::parquet(bytes::Bytes::copy_from_slice(body), &expected, |_| ()),
    };
    report.unwrap()
}

#[test]
fn rows_add_up_to_the_records_of_usage_and_every_file_conforms() {
    // Checking takes longer than exporting: each world has a format of its own.
    for (seed, format) in [(0, "csv"), (1, "ndjson"), (2, "parquet")] {
        rated::world(seed).on_each_engine(async |app| {
            rated::moves(app, seed).await;
            rated::late(app, seed).await;
            let mut records = Vec::new();
            for (from, to) in PERIODS {
                records.extend(rated::records(app, "acme", from, to).await);
            }
            let (from, to) = SPAN;
            let rows = rows(&ask(app, &format!("from={from}&to={to}")).await.expect(200));
            assert_eq!(sums(&rows), sums(&records), "seed {seed}");
            assert!(rows.len() > records.len() / 2);
            for version in ["1.2", "1.3", "1.4"] {
                let file = ask(app, &format!("from={from}&to={to}&format={format}&version={version}")).await.expect(200);
                let report = checked(format, version, &file.body);
                assert!(report.conforms && report.rows == rows.len() as u64, "seed {seed}, {format} {version}: {report}");
                assert!(report.checks.iter().all(|outcome| outcome.failures == 0), "seed {seed}, {format} {version}: {report}");
            }
        });
    }
}

#[test]
fn a_day_that_crosses_an_allowance_and_tiers_is_a_row_for_each_price() {
    let tiers = json!({"free_quantity": "5", "tiers": [{"up_to": "10", "list_unit_price": "3"}, {"list_unit_price": "1"}]});
    let world = World::company().account("acme/eu/shop/@till").metric("requests", "sum", "1").metric("seats", "max", "10");
    let world = world.price("p1", "requests", "9", &tiers);
    let agreed = json!({"organization_id": "eu", "contracted_unit_price": "0.5"});
    let world =
        world.price("p2", "seats", "0.75", &json!({})).price("p3", "seats", "0.75", &agreed).metric("unpriced", "sum", "1");
    let world = world.used("till", "requests", "2026-01-01", "12").used("till", "seats", "2026-01-01", "4");
    let world = world.used("till", "unpriced", "2026-01-01", "1").line(json!({
        "kind": "usage_daily",
        "account_id": "till",
        "metric_id": "requests",
        "day": "2026-01-02",
        "quantity": "0",
        "zone_id": "z1",
        "region_id": "EEUR",
        "region_name": "Eastern Europe",
    }));
    world.on_each_engine(async |app| {
        let file = ask(app, "").await.expect(200);
        let rows = rows(&file);
        let prices = ["SkuId", "SkuPriceId", "ConsumedQuantity", "PricingQuantity", "ListUnitPrice", "ContractedUnitPrice"];
        let expected = [
            ["requests", "p1/tier-1/free", "5.0", "5.0", "3.0", "3.0"],
            ["requests", "p1/tier-1", "5.0", "5.0", "3.0", "3.0"],
            ["requests", "p1/tier-2", "2.0", "2.0", "1.0", "1.0"],
            ["seats", "p3", "4.0", "0.4", "0.75", "0.5"],
            ["requests", "p1/tier-2", "0.0", "0.0", "1.0", "1.0"],
        ];
        assert_eq!(members(&rows, &prices), expected);
        let expected =
            [["15.0", "15.0", "0.0"], ["15.0", "15.0", "15.0"], ["2.0", "2.0", "2.0"], ["0.3", "0.2", "0.2"], ["0.0"; 3]];
        assert_eq!(members(&rows, &["ListCost", "ContractedCost", "BilledCost"]), expected);
        assert_eq!(rows[0]["SkuPriceDetails"], r#"{"x_Free":"true","x_Tier":"1"}"#);
        let place = ["x_OrganizationId", "x_OrganizationPath", "ChargePeriodStart", "BillingPeriodEnd", "ServiceSubcategory"];
        assert_eq!(
            members(&rows[..1], &place),
            [["shop", "acme/eu/shop", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "Other (Compute)"]]
        );
        let spot = ["x_ZoneId", "x_ZoneName", "ResourceId", "ResourceType", "RegionId", "RegionName"];
        assert_eq!(members(&rows[4..], &spot), [["z1", "z1", "z1", "Zone", "EEUR", "Eastern Europe"]]);
        assert_eq!(members(&rows[..1], &spot), [[""; 6]]);
    });
}

/// Two accounts with many zones each, so that a file has many parts.
fn many() -> World {
    let world = World::company().account("acme/eu/@web").account("acme/us/@api").metric("requests", "sum", "1");
    let world = world.price("p1", "requests", "0.000001", &json!({"free_quantity": "1000"}));
    let zones = |world: World, account: &str, day: &str| {
        (0..2_500).fold(world, |world, zone| {
            world.line(json!({"kind": "usage_daily", "account_id": account, "metric_id": "requests", "day": day, "quantity": "1", "zone_id": format!("z{zone:05}")}))
        })
    };
    zones(zones(world, "web", "2026-01-01"), "api", "2025-02-01")
}

#[test]
fn a_file_of_many_parts_is_one_file_with_every_row_once() {
    many().on_each_engine(async |app| {
        let span = "from=1970-01-01&to=2200-12-31";
        let file = ask(app, span).await.expect(200);
        let all = rows(&file);
        let zones = |rows: &[Record]| rows.iter().map(|row| row["x_ZoneId"].clone()).collect::<Vec<_>>();
        let expected: Vec<String> = (0..2_500).map(|zone| format!("z{zone:05}")).collect();
        assert_eq!((zones(&all[..2_500]), zones(&all[2_500..])), (expected.clone(), expected), "in the order of days");
        assert_eq!(all.iter().filter(|row| row["BilledCost"] == "0.000001").count(), 3_000);
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
        let name = "attachment; filename=\"focus-1.3-of-organization-acme-from-1970-01-01-to-2200-12-31.csv\"";
        assert_eq!(file.header("content-disposition"), Some(name));
        for format in ["ndjson", "parquet"] {
            let file = ask(app, &format!("{span}&format={format}")).await.expect(200);
            assert_eq!(checked(format, "1.3", &file.body).rows, 5_000, "{format}");
        }
        let empty = ask(app, "from=2024-01-01&to=2024-12-31").await.expect(200);
        assert_eq!(rows(&empty).len(), 0);
        let empty = ask(app, "from=2024-01-01&to=2024-12-31&format=parquet").await.expect(200);
        assert_eq!(checked("parquet", "1.3", &empty.body).rows, 0);
    });
}

#[test]
fn a_right_that_ends_meanwhile_ends_the_export() {
    many().on_each_engine(async |app| {
        let begin = async |user: &str, format: &str| {
            let path = format!("/umbel/v1/organizations/acme/focus?from=2025-01-01&to=2026-01-31&format={format}");
            let answer = app.get(path).by(user).begin().await;
            assert_eq!(answer.status(), 200);
            answer.into_body()
        };
        for format in ["csv", "parquet"] {
            let lost = begin("bill", format).await;
            app.change_role("acme", "bill", Role::Viewer).await;
            assert!(lost.collect().await.is_err(), "a role, {format}");
            app.change_role("acme", "bill", Role::Billing).await;
        }
        let lost = begin("ann", "ndjson").await;
        app.delete("/umbel/v1/tokens/ann-token").by("ann").await.expect(200);
        assert!(lost.collect().await.is_err(), "a credential");
    });
}

#[test]
fn what_cannot_be_exported_is_said_before_anything_is() {
    World::company().on_each_engine(async |app| {
        for (query, pointer) in [
            ("format=xml", "/query/format"),
            ("version=1.1", "/query/version"),
            ("from=2026-01-01", "/query/to"),
            ("from=2026-01-02&to=2026-01-01", "/query/to"),
        ] {
            ask(app, query).await.expect_error(400, 1101, pointer);
        }
        let metadata = |query: &str| app.get(format!("/umbel/v1/organizations/acme/focus/metadata?{query}")).by("bill");
        metadata("from=2000-01-01&to=2026-01-01").await.expect_error(400, 1101, "/query/to");
        for path in ["focus", "focus/metadata"] {
            for (organization, user, status, code) in
                [("acme", "vic", 403, 1300), ("acme", "gus", 404, 1200), ("nowhere", "ann", 404, 1200)]
            {
                let answer = app.get(format!("/umbel/v1/organizations/{organization}/{path}")).by(user).await;
                answer.expect_error(status, code, "");
            }
        }
    });
}

#[test]
fn metadata_tells_of_columns_and_of_days_that_may_still_change() {
    World::company().on_each_engine(async |app| {
        let ask = async |query: &str| {
            app.get(format!("/umbel/v1/organizations/acme/focus/metadata?{query}")).by("bill").await.expect(200).result()
        };
        let shown = ask("from=2025-11-25&to=2026-01-02").await;
        assert_eq!(shown["DatasetInstance"][0]["FocusDatasetId"], "CostAndUsage");
        assert_eq!(shown["Schema"][0]["ColumnDefinition"].as_array().unwrap().len(), 72);
        let sectors = shown["Recency"][0]["TimeSectors"].as_array().unwrap();
        let complete: Vec<_> = sectors
            .iter()
            .filter(|sector| sector["TimeSectorComplete"] == true)
            .map(|sector| &sector["TimeSectorStart"])
            .collect();
        assert_eq!(sectors.len(), 39);
        // Events may lie 35 days back, and a clock may be a day behind.
        assert_eq!(complete, ["2025-11-25T00:00:00Z"]);
        let id = |shown: &Value| shown["Schema"][0]["SchemaId"].as_str().unwrap().to_owned();
        assert_eq!(id(&shown), id(&ask("").await), "the same columns have the same id");
        assert_ne!(id(&shown), id(&ask("version=1.4").await));
    });
}

#[test]
fn who_asks_for_more_accounts_than_there_is_room_for_is_told_to_come_later() {
    let many = "INSERT INTO placements (place, from_day, lineage, name) \
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) \
                SELECT '@x' || CAST(i AS TEXT), -719528, 'acme/us/@x' || CAST(i AS TEXT) || '/', 'X' FROM n";
    let world = World::company().settings(|settings| settings.request_timeout = Duration::from_mins(10));
    world.account("acme/eu/@web").on_each_engine(async |app| {
        app.database.execute(many).await;
        app.database.execute("ANALYZE placements").await;
        let path = "/umbel/v1/organizations/acme/focus?from=2025-01-01&to=2025-01-01";
        let sent: Vec<_> = (0..5).map(|_| tokio::spawn(app.get(path).by("bill").begin())).collect();
        let mut under_way = Vec::new();
        for answer in sent {
            let answer = answer.await.unwrap();
            assert_eq!(answer.status(), 200);
            under_way.push(answer.into_body());
        }
        // Even who takes nothing more has room for its accounts.
        let day = "from=2025-01-01&to=2025-01-01";
        let refused = app.get(format!("/umbel/v1/organizations/us/costs?{day}")).by("bill").await.expect_error(503, 1501, "");
        assert_eq!(refused.header("retry-after"), Some("1"));
        drop(under_way.pop());
        let costs = async || app.get(format!("/umbel/v1/organizations/us/costs?{day}")).by("bill").await.status == 200;
        until("there is room again", costs).await;
    });
}
