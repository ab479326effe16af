//! Billing periods: what is closed stays as it was, and what comes late is invoiced later.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};
use umbel_decimal::Decimal;
use umbel_focus::check::{self, Expected};

use crate::harness::TestApp;
use crate::harness::rated::{self, Record, rows};
use crate::harness::world::World;

const PERIODS: &str = "/umbel/v1/organizations/acme/billing-periods";

/// The company with accounts whose requests cost 1 each beyond ten in a month, the first ten of those 3.
pub(crate) fn charged() -> World {
    let tiers = json!({"free_quantity": "10", "tiers": [{"up_to": "20", "list_unit_price": "3"}]});
    let world = World::company().account("acme/eu/@web").account("acme/us/@api").metric("requests", "sum", "1");
    let world = world.price("p1", "requests", "1", &tiers).used("web", "requests", "2025-12-10", "15");
    world.used("web", "requests", "2025-12-31", "1.004").used("api", "requests", "2025-12-05", "4")
}

pub(crate) async fn close(app: &TestApp, month: &str) -> Value {
    rated::close(app, "acme", month).await
}

pub(crate) async fn record(app: &TestApp, kind: &str, id: &str, account: &str, time: &str, value: &str) {
    let event = json!([{
        "specversion": "1.0",
        "id": id,
        "source": "/edge/1",
        "type": format!("com.example.{kind}"),
        "subject": account,
        "time": time,
        "data": {"value": value},
    }]);
    let answer = app.call(Method::POST, "/umbel/v1/usage/events").events(&event).by("olga").await.expect(200);
    assert_eq!(answer.result()[0]["status"], "accepted", "{}", answer.result());
}

/// The file of everything that is invoiced in a month.
pub(crate) async fn file(app: &TestApp, organization: &str, month: &str) -> Vec<u8> {
    let path = format!("/umbel/v1/organizations/{organization}/focus?billing_period={month}");
    app.get(path).by("olga").await.expect(200).body.to_vec()
}

/// Some members of the invoices of an organization for a month.
pub(crate) async fn invoices(app: &TestApp, organization: &str, month: &str) -> Vec<[String; 4]> {
    let path = format!("/umbel/v1/organizations/{organization}/billing-periods/{month}/invoices?page_size=1000");
    let found = app.get(path).by("olga").await.expect(200).result();
    let text = |invoice: &Value| {
        ["account_id", "organization_id", "exact_cost", "total"].map(|name| invoice[name].as_str().unwrap().to_owned())
    };
    found.as_array().unwrap().iter().map(text).collect()
}

pub(crate) async fn replays(app: &TestApp, root: &str, month: &str) -> bool {
    let path = format!("/umbel/v1/organizations/{root}/billing-periods/{month}/replay");
    app.get(path).by("olga").await.expect(200).result()["matches"] == true
}

#[test]
fn whatever_happens_later_a_closed_month_stays_byte_for_byte() {
    charged().on_each_engine(async |app| {
        let before = file(app, "acme", "2025-12").await;
        assert!(rows(&before).iter().all(|row| row["InvoiceId"].is_empty()));
        let closed = close(app, "2025-12").await;
        assert_eq!(closed["content_hash"].as_str().unwrap().len(), 64);
        let invoiced = invoices(app, "acme", "2025-12").await;
        let expected = [["api", "us", "0", "0"], ["web", "eu", "18.012", "18.01"]];
        assert_eq!(invoiced, expected, "5 of 15 and 1.004 at 3, what is free at nothing");
        let kept = file(app, "acme", "2025-12").await;
        app.put("/accounts/web", json!({"name": "Other"})).by("olga").await.expect(200);
        app.put("/umbel/v1/organizations/eu/billing", json!({"billing_currency": "EUR"})).by("olga").await.expect(200);
        record(app, "requests", "late", "web", "2025-12-10T01:00:00Z", "7").await;
        app.post("/accounts/web/move", json!({"destination_organization_id": "us"})).by("olga").await.expect(200);
        app.post("/umbel/v1/organizations/us/move", json!({"parent_id": "eu"})).by("olga").await.expect(200);
        app.delete("/accounts/web").by("olga").await.expect(200);
        app.post("/umbel/v1/prices/p1/end", json!({"effective_to": "2026-01-01"})).by("olga").await.expect(200);
        assert_eq!(file(app, "acme", "2025-12").await, kept);
        assert!(replays(app, "acme", "2025-12").await);
        assert_eq!(invoices(app, "acme", "2025-12").await, invoiced);
        assert_eq!(close(app, "2025-12").await, closed, "closing again changes nothing");
    });
}

#[test]
fn the_hash_tells_when_something_of_a_closed_month_was_changed() {
    charged().on_sqlite(async |app| {
        close(app, "2025-12").await;
        assert!(replays(app, "acme", "2025-12").await);
        let tamper = "UPDATE usage_days SET quantity = (SELECT MIN(quantity) FROM usage_days)";
        assert_eq!(app.sqlite().execute(tamper, []), Ok(3));
        assert!(!replays(app, "acme", "2025-12").await);
    });
}

#[test]
fn no_price_changes_in_a_month_that_is_closed() {
    charged().on_each_engine(async |app| {
        close(app, "2025-12").await;
        let price = |id: &str, from: &str| {
            json!({"id": id, "metric_id": "requests", "currency": "EUR", "list_unit_price": "1", "effective_from": from})
        };
        for (path, body) in [
            ("/umbel/v1/prices", price("p2", "2025-12-31")),
            ("/umbel/v1/prices", price("p2", "2025-01-01")),
            ("/umbel/v1/prices/p1/end", json!({"effective_to": "2025-12-31"})),
        ] {
            let refused = app.post(path, body).by("olga").await.expect(409);
            assert_eq!(refused.json()["errors"][0]["code"], 1421);
        }
        app.post("/umbel/v1/prices", price("p2", "2026-01-01")).by("olga").await.expect(200);
        app.post("/umbel/v1/prices/p1/end", json!({"effective_to": "2026-01-01"})).by("olga").await.expect(200);
    });
}

#[test]
fn what_comes_late_is_a_correction_that_goes_on_from_what_was_invoiced() {
    charged().metric("seats", "latest", "1").price("p2", "seats", "2", &json!({})).on_each_engine(async |app| {
        record(app, "seats", "s1", "web", "2025-12-20T01:00:00Z", "5").await;
        close(app, "2025-12").await;
        // 16.004 of the month were invoiced: 3.996 more cost 3 each, and the rest 1.
        record(app, "requests", "l1", "web", "2025-12-01T01:00:00Z", "2").await;
        record(app, "requests", "l2", "web", "2025-12-01T02:00:00Z", "3").await;
        // Six of api are free still.
        record(app, "requests", "l3", "api", "2025-12-05T01:00:00Z", "7").await;
        // The latest of the day is three, not five.
        record(app, "seats", "s2", "web", "2025-12-20T02:00:00Z", "3").await;
        record(app, "seats", "s0", "web", "2025-12-20T00:00:00Z", "9").await;
        let found = rated::records(app, "acme", "2025-12-01", "2025-12-31").await;
        let member = |record: &Record, name: &str| record.get(name).cloned().unwrap_or("-".into());
        let names =
            ["ChargePeriodStart", "BillingAccountId", "ChargeClass", "BillingPeriodStart", "ConsumedQuantity", "BilledCost"];
        let found: Vec<_> = found.iter().map(|record| names.map(|name| member(record, name))).collect();
        let (december, january) = ("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z");
        let expected = [
            ["2025-12-01T00:00:00Z", "web", "Correction", january, "5", "12.992"],
            ["2025-12-05T00:00:00Z", "api", "-", december, "4", "0"],
            ["2025-12-05T00:00:00Z", "api", "Correction", january, "7", "3"],
            ["2025-12-10T00:00:00Z", "web", "-", december, "15", "15"],
            ["2025-12-20T00:00:00Z", "web", "-", december, "5", "10"],
            ["2025-12-20T00:00:00Z", "web", "Correction", january, "-2", "-4"],
            ["2025-12-31T00:00:00Z", "web", "-", december, "1.004", "3.012"],
        ];
        assert_eq!(found, expected);
        record(app, "requests", "j1", "web", "2026-01-02T01:00:00Z", "11").await;
        app.sources.advance_seconds(31 * 86_400);
        close(app, "2026-01").await;
        let expected = [["api", "us", "3", "3"], ["web", "eu", "11.992", "11.99"]];
        assert_eq!(invoices(app, "acme", "2026-01").await, expected, "with 3 for one request of January");
        assert_eq!(invoices(app, "us", "2026-01").await, expected[..1]);
        let list = app.get(format!("{PERIODS}/2026-01/invoices")).by("olga").await.expect(200).result();
        let id = list[1]["id"].as_str().unwrap();
        let invoice = app.get(format!("/umbel/v1/organizations/eu/invoices/{id}")).by("olga").await.expect(200).result();
        let line = |metric: &str, of: &Value, exact: &str, amount: &str| {
            let mut line =
                json!({"metric_id": metric, "metric_name": metric.to_uppercase(), "exact_cost": exact, "amount": amount});
            if !of.is_null() {
                line["correction_of"] = of.clone();
            }
            line
        };
        let december = json!("2025-12");
        let expected = json!([
            line("requests", &Value::Null, "3", "3"),
            line("requests", &december, "12.992", "12.99"),
            line("seats", &december, "-4", "-4"),
        ]);
        assert_eq!(invoice["lines"], expected);
        app.get(format!("/umbel/v1/organizations/us/invoices/{id}")).by("olga").await.expect(404);
        assert!(replays(app, "acme", "2026-01").await && replays(app, "acme", "2025-12").await);
    });
}

#[test]
fn a_correction_at_the_end_of_a_part_is_there_once() {
    let used = |zone: u32| {
        json!({
            "kind": "usage_daily",
            "account_id": "web",
            "metric_id": "requests",
            "day": "2025-12-10",
            "quantity": "1",
            "zone_id": format!("z{zone:04}"),
        })
    };
    let world = World::company().account("acme/eu/@web").metric("requests", "sum", "1").price("p1", "requests", "1", &json!({}));
    (0..999).map(used).fold(world, World::line).on_each_engine(async |app| {
        close(app, "2025-12").await;
        let late = json!([{
            "specversion": "1.0",
            "id": "late",
            "source": "/edge/1",
            "type": "com.example.requests",
            "subject": "web",
            "time": "2025-12-10T01:00:00Z",
            "data": {"value": 2, "zone_id": "z0998"},
        }]);
        app.call(Method::POST, "/umbel/v1/usage/events").events(&late).by("olga").await.expect(200);
        let found = rated::records(app, "acme", "2025-12-10", "2025-12-10").await;
        assert_eq!(found.len(), 1_000);
        assert_eq!(found[999].get("ChargeClass").map(String::as_str), Some("Correction"));
    });
}

#[test]
fn corrections_of_each_month_go_on_from_what_was_invoiced_of_it() {
    charged().used("web", "requests", "2025-11-30", "15").on_each_engine(async |app| {
        close(app, "2025-11").await;
        close(app, "2025-12").await;
        record(app, "requests", "n", "web", "2025-11-30T01:00:00Z", "3").await;
        record(app, "requests", "d", "web", "2025-12-12T01:00:00Z", "4").await;
        let found = rated::records(app, "acme", "2025-11-30", "2025-12-30").await;
        let late = found.iter().filter(|record| record.contains_key("ChargeClass"));
        let costs: Vec<_> = late.map(|record| (record["ChargePeriodStart"].as_str(), record["BilledCost"].as_str())).collect();
        // Of November 15 were invoiced, of December 16.004; those behind 20 cost 1 instead of 3.
        assert_eq!(costs, [("2025-11-30T00:00:00Z", "9"), ("2025-12-12T00:00:00Z", "11.992")]);
    });
}

#[test]
fn all_rows_of_an_invoice_add_up_to_its_total_and_the_file_conforms() {
    for seed in [0, 1] {
        rated::world(seed).on_each_engine(async |app| {
            rated::moves(app, seed).await;
            rated::late(app, seed).await;
            app.sources.advance_seconds(40 * 86_400);
            for root in ["acme", "globex"] {
                rated::close(app, root, "2026-01").await;
            }
            let mut totals = BTreeMap::new();
            let mut all = Vec::new();
            for root in ["acme", "globex"] {
                for month in ["2025-11", "2025-12", "2026-01"] {
                    assert!(replays(app, root, month).await, "seed {seed}: {root} {month}");
                    let path = format!("/umbel/v1/organizations/{root}/billing-periods/{month}/invoices?page_size=1000");
                    let listed = app.get(path).by("olga").await.expect(200).result();
                    let mut of_month = BTreeMap::new();
                    for invoice in listed.as_array().unwrap() {
                        let text = |name: &str| invoice[name].as_str().unwrap().to_owned();
                        of_month.insert(text("id"), text("total").parse::<Decimal>().unwrap());
                    }
                    let file = file(app, root, month).await;
                    all.extend(rows(&file));
                    let on_file: Vec<_> = rows(&file).into_iter().map(|row| row["InvoiceId"].clone()).collect();
                    let invoices = of_month.iter().filter(|(id, _)| on_file.contains(*id));
                    let invoices = invoices.map(|(id, total)| (id.clone(), *total)).collect();
                    let expected = Expected { version: "1.3".parse().unwrap(), invoices };
                    let report = check::csv(&file[..], &expected, |_| ()).unwrap();
                    assert!(report.conforms, "seed {seed}: {root} {month}: {report}");
                    totals.extend(of_month);
                }
            }
            let mut sums = BTreeMap::<String, Decimal>::new();
            for row in &all {
                let sum = sums.entry(row["InvoiceId"].clone()).or_default();
                *sum = sum.checked_add(row["BilledCost"].parse().unwrap()).unwrap();
            }
            totals.retain(|id, total| sums.contains_key(id) || !total.is_zero());
            assert_eq!(sums, totals, "seed {seed}");
            assert!(
                all.iter().any(|row| row["ChargeClass"] == "Correction")
                    && all.iter().any(|row| row["ChargeCategory"] == "Adjustment")
            );
        });
    }
}

#[test]
fn only_a_root_has_billing_periods_and_only_one_that_has_ended_is_closed() {
    charged().on_each_engine(async |app| {
        let open = app.get(format!("{PERIODS}/2026-01")).by("bill").await.expect(200).result();
        assert_eq!(open, json!({"billing_period": "2026-01", "state": "open"}));
        let refused = app.post(format!("{PERIODS}/2026-01/close"), Value::Null).by("olga").await.expect(409);
        assert_eq!(refused.json()["errors"][0]["code"], 1422);
        assert!(refused.json()["errors"][0]["message"].as_str().unwrap().ends_with("from 2026-02-02 on"));
        for month in ["2026", "2026-13", "2026-01-01", "december"] {
            app.get(format!("{PERIODS}/{month}")).by("olga").await.expect(400);
        }
        app.get(format!("{PERIODS}/2025-12/replay")).by("olga").await.expect(404);
        app.get("/umbel/v1/organizations/eu/billing-periods").by("olga").await.expect(400);
        close(app, "2025-12").await;
        close(app, "2025-11").await;
        let listed = app.get(format!("{PERIODS}?page_size=1")).by("bill").await.expect(200).json();
        assert_eq!(listed["result"][0]["billing_period"], "2025-12");
        let token = listed["result_info"]["next_page_token"].as_str().unwrap();
        let rest = app.get(format!("{PERIODS}?page_size=1&page_token={token}")).by("bill").await.expect(200).json();
        assert_eq!(rest["result"][0]["billing_period"], "2025-11");
    });
}

#[test]
fn an_event_that_meets_the_closing_is_either_in_the_month_or_a_correction() {
    charged().on_each_engine(async |app| {
        let path = format!("{PERIODS}/2025-12/close");
        let closing = app.post(path, Value::Null).by("olga");
        let recording = futures_util::future::join_all((0..20).map(|n| async move {
            record(app, "requests", &n.to_string(), "web", "2025-12-10T01:00:00Z", "1").await;
        }));
        let (closed, _) = futures_util::future::join(async { closing.await.expect(200) }, recording).await;
        assert_ne!(closed.result()["state"], "open");
        close(app, "2025-12").await;
        assert!(replays(app, "acme", "2025-12").await);
        let found = rated::records(app, "eu", "2025-12-10", "2025-12-10").await;
        let quantities = found.iter().map(|record| record["ConsumedQuantity"].parse::<Decimal>().unwrap());
        let sum = quantities.fold(Decimal::ZERO, |sum, quantity| sum.checked_add(quantity).unwrap());
        assert_eq!(sum.to_string(), "35");
    });
}

#[test]
fn a_month_of_an_account_is_closed_once_one_of_its_roots_has_closed_it() {
    charged().on_each_engine(async |app| {
        record(app, "requests", "r1", "web", "2026-01-01T01:00:00Z", "12").await;
        app.post("/accounts/web/move", json!({"destination_organization_id": "globex"})).by("olga").await.expect(200);
        record(app, "requests", "r2", "web", "2026-01-02T01:00:00Z", "3").await;
        app.sources.advance_seconds(31 * 86_400);
        rated::close(app, "globex", "2026-01").await;
        assert_eq!(invoices(app, "globex", "2026-01").await, [["web", "globex", "9", "9"]], "what is free was used before");
        record(app, "requests", "r3", "web", "2026-01-01T02:00:00Z", "7").await;
        assert!(replays(app, "globex", "2026-01").await);
        rated::close(app, "acme", "2026-01").await;
        assert_eq!(invoices(app, "eu", "2026-01").await, [["web", "eu", "6", "6"]]);
        app.sources.advance_seconds(28 * 86_400);
        rated::close(app, "acme", "2026-02").await;
        for organization in ["acme", "eu"] {
            let corrected = invoices(app, organization, "2026-02").await;
            assert_eq!(corrected, [["web", "eu", "17", "17"]], "five at 3 and two at 1, where it stood on the day");
        }
        assert!(invoices(app, "us", "2026-02").await.is_empty() && invoices(app, "globex", "2026-02").await.is_empty());
        assert!(replays(app, "acme", "2026-01").await && replays(app, "globex", "2026-01").await);
    });
}

/// What was refused, and how.
async fn refused(app: &TestApp, path: &str, by: &str) -> (u64, String) {
    let answer = app.get(path).by(by).await.json();
    let error = &answer["errors"][0];
    (error["code"].as_u64().unwrap(), error["message"].as_str().unwrap().to_owned())
}

#[test]
fn what_was_a_root_is_invoiced_for_the_days_on_which_it_was_one() {
    charged().on_each_engine(async |app| {
        record(app, "requests", "r1", "web", "2026-01-01T01:00:00Z", "12").await;
        app.post("/umbel/v1/organizations/acme/move", json!({"parent_id": "globex"})).by("olga").await.expect(200);
        record(app, "requests", "r2", "web", "2026-01-02T01:00:00Z", "3").await;
        close(app, "2025-12").await;
        let expected = [["api", "us", "0", "0"], ["web", "eu", "18.012", "18.01"]];
        assert_eq!(invoices(app, "acme", "2025-12").await, expected);
        assert!(invoices(app, "globex", "2025-12").await.is_empty(), "nothing of it was globex's");
        app.sources.advance_seconds(31 * 86_400);
        for (root, total) in [("acme", "6"), ("globex", "9")] {
            rated::close(app, root, "2026-01").await;
            assert!(replays(app, root, "2026-01").await, "{root}");
            let found: Vec<_> = invoices(app, root, "2026-01").await.into_iter().map(|[.., total]| total).collect();
            assert_eq!(found, [total], "{root}");
        }
        let february = format!("{PERIODS}/2026-02");
        let (code, message) = refused(app, &february, "bill").await;
        assert_eq!((code, message.ends_with("those of the root, globex")), (1102, true), "{message}");
        record(app, "requests", "r3", "web", "2026-01-01T02:00:00Z", "2").await;
        assert_eq!(app.get(&february).by("bill").await.expect(200).result()["state"], "open");
        app.sources.advance_seconds(28 * 86_400);
        close(app, "2026-02").await;
        assert_eq!(invoices(app, "acme", "2026-02").await, [["web", "eu", "6", "6"]], "corrected where it stood on the day");
        let listed = app.get(PERIODS).by("bill").await.expect(200).result();
        assert_eq!(listed.as_array().unwrap().len(), 3);
    });
}

#[test]
fn a_root_that_is_gone_is_invoiced_and_read_by_whoever_could_read_it_last() {
    let world = || charged().organization("solo").organization("solo/shed").account("solo/shed/@lone");
    for (above, reads) in [(None, 404), (Some("acme"), 200)] {
        world().used("lone", "requests", "2025-12-31", "11.5").on_each_engine(async |app| {
            let month = "/umbel/v1/organizations/solo/billing-periods/2025-12";
            if let Some(above) = above {
                app.post("/umbel/v1/organizations/solo/move", json!({"parent_id": above})).by("olga").await.expect(200);
            }
            app.delete("/accounts/lone").by("olga").await.expect(200);
            for organization in ["shed", "solo"] {
                app.delete(format!("/organizations/{organization}")).by("olga").await.expect(200);
            }
            let closed = rated::close(app, "solo", "2025-12").await;
            assert!(replays(app, "solo", "2025-12").await);
            assert_eq!(app.get(month).by("olga").await.expect(200).result(), closed);
            for organization in ["solo", "shed"] {
                assert_eq!(invoices(app, organization, "2025-12").await, [["lone", "shed", "4.5", "4.5"]]);
            }
            for organization in ["solo", "shed"] {
                let rows = rows(&file(app, organization, "2025-12").await);
                let billed: Vec<_> = rows.iter().map(|row| (row["BilledCost"].as_str(), row["InvoiceId"].is_empty())).collect();
                assert_eq!(billed, [("0.0", false), ("4.5", false)], "of {organization}: what is free, and the rest");
            }
            assert!(invoices(app, "acme", "2025-12").await.is_empty(), "it never was acme's");
            let listed = app.get(format!("{month}/invoices")).by("olga").await.expect(200).result();
            let invoice = format!("/umbel/v1/organizations/solo/invoices/{}", listed[0]["id"].as_str().unwrap());
            assert_eq!(app.get(&invoice).by("olga").await.expect(200).result()["lines"][0]["amount"], "4.5");
            for path in [month, &invoice] {
                assert_eq!(app.get(path).by("bill").await.status, reads, "{path} below {above:?}");
            }
            assert_eq!(refused(app, "/umbel/v1/organizations/nobody/billing-periods", "olga").await.0, 1200);
            let log = app.audit_log().await;
            let told = log.iter().filter(|row| row["organization_id"] == "solo" && row["resource_type"] == "billing_period");
            assert_eq!(told.count(), 2, "closed, and invoiced");
        });
    }
}

#[test]
fn events_that_were_counted_before_do_not_touch_the_month_of_their_root() {
    charged().on_each_engine(async |app| {
        let event = json!([{
            "specversion": "1.0",
            "id": "once",
            "source": "/edge",
            "type": "com.example.requests",
            "subject": "web",
            "time": "2025-12-10T01:00:00Z",
            "data": {"value": "1"},
        }]);
        for status in ["accepted", "duplicate", "duplicate"] {
            let answer = app.call(Method::POST, "/umbel/v1/usage/events").events(&event).by("olga").await.expect(200);
            assert_eq!(answer.result()[0]["status"], status);
            let late: Vec<_> = app.rows("billing_periods").await.into_iter().map(|row| row["late"].clone()).collect();
            assert_eq!(late, [json!(1)], "{status}");
        }
    });
}

#[test]
fn a_correction_costs_the_same_whichever_days_are_asked_for() {
    for seed in [0, 1] {
        rated::world(seed).on_each_engine(async |app| {
            rated::moves(app, seed).await;
            rated::late(app, seed).await;
            let whole = rated::records(app, "acme", "2025-12-01", "2025-12-31").await;
            let mut day_by_day = Vec::new();
            for day in 1..=31 {
                let day = format!("2025-12-{day:02}");
                day_by_day.extend(rated::records(app, "acme", &day, &day).await);
            }
            assert!(whole.iter().any(|record| record.get("ChargeClass").is_some_and(|class| class == "Correction")));
            assert_eq!(whole, day_by_day, "seed {seed}");
        });
    }
}

#[test]
fn a_month_with_too_many_accounts_cannot_be_closed() {
    let many = "INSERT INTO placements (place, from_day, lineage, name) \
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) \
                SELECT '@x' || CAST(i AS TEXT), -719528, 'acme/@x' || CAST(i AS TEXT) || '/', 'X' FROM n";
    charged().on_each_engine(async |app| {
        app.database.execute(many).await;
        let path = format!("{PERIODS}/2025-12");
        app.post(format!("{path}/close"), Value::Null).by("olga").await.expect_error(409, 1401, "");
        assert_eq!(app.get(&path).by("olga").await.expect(200).result()["state"], "open");
        app.database.execute("DELETE FROM placements WHERE place = '@x1'").await;
        app.post(format!("{path}/close"), Value::Null).by("olga").await.expect(200);
    });
}

#[test]
fn one_billing_period_is_made_again_at_a_time() {
    charged().on_each_engine(async |app| {
        close(app, "2025-12").await;
        let replay = || app.get(format!("{PERIODS}/2025-12/replay")).by("olga");
        let sent: Vec<_> = (0..16).map(|_| tokio::spawn(replay().into_future())).collect();
        let mut busy = 0;
        for answer in sent {
            let answer = answer.await.unwrap();
            if answer.status == 503 {
                assert_eq!(answer.expect_error(503, 1501, "").header("retry-after"), Some("1"));
                busy += 1;
            } else {
                assert_eq!(answer.expect(200).result()["matches"], true);
            }
        }
        assert!((1..16).contains(&busy), "{busy}");
        assert!(replays(app, "acme", "2025-12").await, "the one after them has its turn");
    });
}
