//! What was charged on one server and carried to another one.

use axum::http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};
use umbel_store::admin::{Sources, portability};

use crate::billing_periods::{charged, close, file, invoices, record, replays};
use crate::harness::TestApp;
use crate::harness::rated::{self, Record};
use crate::harness::sources::START;
use crate::harness::world::World;

/// The company, with a root that goes away, and a price and a budget of its own.
fn company() -> World {
    let agreed = json!({"organization_id": "solo", "contracted_unit_price": "0.5"});
    let world = charged().organization("solo").organization("solo/shed").account("solo/shed/@lone");
    world.price("p9", "requests", "1", &agreed).used("lone", "requests", "2025-12-31", "11.5").budget("eu")
}

/// Everything that an invoice is about happens: moves, names, currencies, deletions, closing, and events that come late.
async fn live(app: &TestApp) {
    app.put("/accounts/api", json!({"name": "Renamed"})).by("olga").await.expect(200);
    app.delete("/accounts/lone").by("olga").await.expect(200);
    for organization in ["shed", "solo"] {
        app.delete(format!("/organizations/{organization}")).by("olga").await.expect(200);
    }
    app.put("/umbel/v1/organizations/eu/billing", json!({"billing_currency": "EUR"})).by("olga").await.expect(200);
    app.post("/umbel/v1/organizations/eu/move", json!({"parent_id": "us"})).by("olga").await.expect(200);
    close(app, "2025-12").await;
    rated::close(app, "solo", "2025-12").await;
    for (id, kind, account, time) in
        [("l1", "requests", "web", "2025-12-10T01:00:00Z"), ("l2", "requests", "api", "2025-12-05T01:00:00Z")]
    {
        record(app, kind, id, account, time, "8.25").await;
    }
    record(app, "requests", "n1", "web", "2026-01-02T01:00:00Z", "3").await;
}

/// What somebody who pays can see of it.
#[derive(Debug, PartialEq)]
struct Charges {
    files: Vec<Vec<u8>>,
    invoices: Vec<Vec<[String; 4]>>,
    records: Vec<Record>,
    periods: Value,
    budgets: Value,
}

async fn charges(app: &TestApp) -> Charges {
    let (mut files, mut invoiced) = (Vec::new(), Vec::new());
    for root in ["acme", "solo"] {
        assert!(replays(app, root, "2025-12").await, "{root}");
        invoiced.push(invoices(app, root, "2025-12").await);
    }
    for month in ["2025-12", "2026-01"] {
        files.push(file(app, "acme", month).await);
    }
    let get = async |path: &str| app.get(path).by("olga").await.expect(200).result();
    Charges {
        files,
        invoices: invoiced,
        records: rated::records(app, "acme", "2025-12-05", "2026-01-02").await,
        periods: get("/umbel/v1/organizations/acme/billing-periods").await,
        budgets: get("/umbel/v1/organizations/eu/budgets").await,
    }
}

async fn export(app: &TestApp) -> String {
    let mut out = Vec::new();
    portability::export(&app.store, &mut out, &mut |_| {}).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn what_was_charged_is_the_same_on_the_server_that_it_is_carried_to() {
    let carried = Mutex::new(Vec::new());
    company().on_each_engine(async |app| {
        live(app).await;
        let charges = charges(app).await;
        assert!(charges.invoices.iter().all(|invoices| !invoices.is_empty()), "{charges:?}");
        let corrected = charges.records.iter().filter(|record| record.get("ChargeClass").is_some()).count();
        assert_eq!(corrected, 2);
        let bundle = export(app).await;
        carried.lock().push((bundle, charges));
    });
    for (bundle, charges_there) in carried.into_inner() {
        World::default().on_each_engine(async |app| {
            let sources = Sources::new(START.micros(), |bytes| bytes.fill(7));
            portability::import(&app.store, &sources, bundle.as_bytes(), &mut |_| {}).await.unwrap();
            assert_eq!(export(app).await, bundle);
            assert_eq!(charges(app).await, charges_there);
            // It goes on from there: what comes late is a correction of what was invoiced elsewhere.
            record(app, "requests", "m1", "web", "2025-12-10T01:00:00Z", "1").await;
            assert!(replays(app, "acme", "2025-12").await);
            let closes = "/umbel/v1/organizations/acme/billing-periods/2025-12/close";
            app.call(Method::POST, closes).by("olga").await.expect(200);
            let again = portability::import(&app.store, &sources, bundle.as_bytes(), &mut |_| {}).await;
            assert!(again.is_err(), "the correction of the day is another one by now");
        });
    }
}
