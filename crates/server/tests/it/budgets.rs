//! Budgets: when an organization has spent what it meant to, somebody is told, once.

use axum::http::Method;
use serde_json::{Value, json};

use crate::audit_retention::until;
use crate::harness::TestApp;
use crate::harness::world::World;
use crate::operations::worker;

const PATH: &str = "/umbel/v1/organizations/eu/budgets";

/// The company, where `web` in `shop` below `eu` has used for 70 of a budget.
fn spending() -> World {
    let world = World::company().account("acme/eu/shop/@web").account("acme/us/@api").metric("requests", "sum", "1");
    let world = world.price("p1", "requests", "7", &json!({"free_quantity": "5"}));
    world.used("web", "requests", "2026-01-01", "15").used("api", "requests", "2026-01-01", "500").used(
        "web",
        "requests",
        "2025-12-31",
        "500",
    )
}

async fn make(app: &TestApp, body: &Value) -> Value {
    app.post(PATH, body.clone()).by("adam").await.expect(200).result()
}

/// What the log of `eu` says of thresholds, once there are so many entries.
async fn told(app: &TestApp, count: usize) -> Vec<Value> {
    for _ in 0..3000 {
        let log = app.audit_log().await;
        let reached: Vec<Value> = log
            .iter()
            .filter(|row| row["action_description"] == "Reach Budget Threshold")
            .map(|row| serde_json::from_str(row["response"].as_str().unwrap()).unwrap())
            .collect();
        if reached.len() >= count {
            return reached;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("not {count} thresholds were reached");
}

async fn use_more(app: &TestApp, id: &str, quantity: &str) {
    use_more_at(app, id, quantity, None).await;
}

async fn use_more_at(app: &TestApp, id: &str, quantity: &str, time: Option<&str>) {
    let mut event = json!([{
        "specversion": "1.0",
        "id": id,
        "source": "/edge",
        "type": "com.example.requests",
        "subject": "web",
        "data": {"value": quantity},
    }]);
    if let Some(time) = time {
        event[0]["time"] = time.into();
    }
    app.call(Method::POST, "/umbel/v1/usage/events").events(&event).by("olga").await.expect(200);
}

#[test]
fn a_threshold_that_is_reached_is_told_once_in_the_log_of_the_organization() {
    spending().on_each_engine(async |app| {
        let budget = make(app, &json!({"name": "cloud", "amount": "100"})).await;
        assert_eq!(
            (&budget["thresholds"], &budget["currency"], &budget["reached"]),
            (&json!([50, 80, 100]), &json!("USD"), &Value::Null)
        );
        let id = budget["id"].as_str().unwrap();
        let first = told(app, 1).await;
        let expected = json!({
            "id": id,
            "name": "cloud",
            "billing_period": "2026-01",
            "threshold": 50,
            "amount": "100",
            "billed_cost": "70",
            "currency": "USD",
        });
        assert_eq!(first, [expected], "what is free, of last month or of others does not count");
        let shown = app.get(format!("{PATH}/{id}")).by("bill").await.expect(200).result();
        assert_eq!((&shown["reached"], &shown["reached_in"]), (&json!(50), &json!("2026-01")));
        use_more(app, "1", "10").await;
        // Another one has all of them looked at.
        make(app, &json!({"name": "far", "amount": "100000", "thresholds": [100]})).await;
        assert_eq!(told(app, 2).await[1]["threshold"], 100, "the highest one");
        let seen =
            app.get("/organizations/eu/logs/audit?since=2026-01-01&before=2026-02-01&resource_type=budget").by("ann").await;
        let actions = seen.expect(200).result().as_array().unwrap().len();
        assert_eq!(actions, 4, "two that were made, two that were reached");
        app.patch(format!("{PATH}/{id}"), json!({"amount": "200"})).by("adam").await.expect(200);
        assert_eq!(told(app, 3).await[2]["threshold"], 50, "of another amount it is reached anew");
        app.sources.advance_seconds(31 * 86_400);
        use_more(app, "2", "25").await;
        make(app, &json!({"name": "next", "amount": "100000", "thresholds": [100]})).await;
        let fourth = &told(app, 4).await[3];
        assert_eq!(
            (&fourth["billing_period"], &fourth["billed_cost"], &fourth["threshold"]),
            (&json!("2026-02"), &json!("140"), &json!(50))
        );
        app.delete(format!("{PATH}/{id}")).by("adam").await.expect(200);
        app.get(format!("{PATH}/{id}")).by("bill").await.expect(404);
    });
}

#[test]
fn what_comes_late_for_the_month_before_is_told_of_that_month() {
    spending().on_each_engine(async |app| {
        make(app, &json!({"name": "cloud", "amount": "100"})).await;
        told(app, 1).await;
        app.sources.advance_seconds(31 * 86_400);
        // Another one has all of them looked at.
        let look = async |name: &str| make(app, &json!({"name": name, "amount": "100000", "thresholds": [100]})).await;
        use_more(app, "1", "15").await;
        look("first").await;
        told(app, 2).await;
        use_more_at(app, "2", "2", Some("2026-01-31T10:00:00Z")).await;
        look("second").await;
        told(app, 3).await;
        use_more(app, "3", "10").await;
        look("third").await;
        let found = told(app, 4).await;
        let found: Vec<_> =
            found.iter().map(|told| (told["billing_period"].as_str().unwrap(), told["threshold"].as_u64().unwrap())).collect();
        assert_eq!(found, [("2026-01", 50), ("2026-02", 50), ("2026-01", 80), ("2026-02", 100)]);
    });
}

#[test]
fn what_is_billed_in_another_currency_does_not_count() {
    spending().on_each_engine(async |app| {
        make(app, &json!({"name": "euros", "amount": "1", "currency": "EUR"})).await;
        make(app, &json!({"name": "dollars", "amount": "1"})).await;
        let told = told(app, 1).await;
        assert_eq!((told.len(), &told[0]["name"]), (1, &json!("dollars")));
    });
}

#[test]
fn a_budget_that_cannot_be_is_refused_and_there_are_at_most_twenty() {
    World::company().on_each_engine(async |app| {
        for (body, pointer) in [
            (json!({"amount": "1"}), "/name"),
            (json!({"name": "x", "amount": "0"}), "/amount"),
            (json!({"name": "x", "amount": "-1"}), "/amount"),
            (json!({"name": "x", "amount": "1e3"}), "/amount"),
            (json!({"name": "x", "amount": 1}), "/amount"),
            (json!({"name": "x", "amount": "1", "currency": "EURO"}), "/currency"),
            (json!({"name": "x", "amount": "1", "thresholds": []}), "/thresholds"),
            (json!({"name": "x", "amount": "1", "thresholds": [0]}), "/thresholds"),
        ] {
            app.post(PATH, body).by("adam").await.expect_error(400, 1100, pointer);
        }
        app.post(PATH, json!({"name": "x", "amount": "1"})).by("bill").await.expect_error(403, 1300, "");
        for n in 0..20 {
            make(app, &json!({"name": n.to_string(), "amount": "1"})).await;
        }
        app.post(PATH, json!({"name": "x", "amount": "1"})).by("adam").await.expect_error(409, 1401, "");
        assert_eq!(app.get(PATH).by("bill").await.expect(200).result().as_array().unwrap().len(), 20);
        app.delete("/organizations/shop").by("olga").await.expect(200);
        app.delete("/organizations/eu").by("olga").await.expect(200);
        assert!(app.rows("budgets").await.is_empty(), "budgets go with their organization");
    });
}

#[test]
fn that_a_budget_cannot_be_looked_at_shows_at_the_worker() {
    spending().on_each_engine(async |app| {
        app.database.execute("UPDATE usage_months SET metric_id = 'gone' WHERE account_id = 'web'").await;
        make(app, &json!({"name": "cloud", "amount": "100"})).await;
        let error = json!({"time": "2026-01-02T03:04:05.123456Z", "message": "a budget cannot be looked at"});
        until("the worker has failed", async || worker(app, "budgets").await["last_error"] == error).await;
    });
}
