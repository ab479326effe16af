//! The catalogue of what is metered, the price book, and what organizations pay in.

use serde_json::{Value, json};

use crate::harness::world::World;
use crate::harness::{Story, TestApp};

fn metric(id: &str) -> Value {
    json!({
        "id": id,
        "name": "Workers Standard Requests",
        "event_type": "com.example.request",
        "aggregation": "sum",
        "value_property": "requests",
        "unit": "Requests",
        "pricing_unit": "1M Requests",
        "pricing_block_size": "1000000",
        "service_name": "Workers",
        "service_category": "Compute",
        "service_subcategory": "Serverless Compute",
    })
}

fn price(more: &Value) -> Value {
    let mut price = json!({
        "metric_id": "requests",
        "currency": "USD",
        "list_unit_price": "0.3",
        "effective_from": "2026-01-01",
    });
    price.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    price
}

#[test]
fn a_metric_is_made_priced_and_retired() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        story.tell(app.post("/umbel/v1/metrics", metric("requests")).by("olga").await).expect(200);
        let tiers = json!([{"up_to": "1000000", "list_unit_price": "0.5"}, {"list_unit_price": "0.25"}]);
        let new = price(&json!({"id": "p1", "free_quantity": "100000", "tier_mode": "volume", "tiers": tiers}));
        story.tell(app.post("/umbel/v1/prices", new).by("olga").await).expect(200);
        story.tell(app.post("/umbel/v1/prices/p1/end", json!({"effective_to": "2026-02-01"})).by("olga").await).expect(200);
        let agreed = price(&json!({"organization_id": "eu", "contracted_unit_price": "0.2"}));
        story.tell(app.post("/umbel/v1/prices", agreed).by("olga").await).expect(200);
        story.tell(app.get("/umbel/v1/prices?metric_id=requests&page_size=1").by("olga").await).expect(200);
        story.tell(app.get("/umbel/v1/prices?organization_id=acme").by("olga").await).expect(200);
        story.tell(app.post("/umbel/v1/metrics/requests/retire", Value::Null).by("olga").await).expect(200);
        story.tell(app.get("/umbel/v1/metrics").by("olga").await).expect(200);
        insta::assert_snapshot!("life_of_a_metric", story);
    });
}

#[test]
fn a_metric_is_never_changed_or_made_twice() {
    World::company().on_each_engine(async |app| {
        app.post("/umbel/v1/metrics", metric("requests")).by("olga").await.expect(200);
        app.post("/umbel/v1/metrics", metric("requests")).by("olga").await.expect_error(409, 1402, "/id");
        app.put("/umbel/v1/metrics/requests", metric("requests")).by("olga").await.expect(405);
        app.delete("/umbel/v1/metrics/requests").by("olga").await.expect(405);
        let bad = |member: &str, value: Value| {
            let mut metric = metric("other");
            metric[member] = value;
            app.post("/umbel/v1/metrics", metric).by("olga")
        };
        for (member, value) in [
            ("id", json!("a b")),
            ("name", json!("")),
            ("event_type", json!("a b")),
            ("aggregation", json!("average")),
            ("value_property", Value::Null),
            ("pricing_block_size", json!("1024")),
            ("service_category", json!("Workers")),
        ] {
            bad(member, value).await.expect_error(400, 1100, &format!("/{member}"));
        }
        assert_eq!(app.rows("metrics").await.len(), 1);
    });
}

#[test]
fn a_price_that_could_not_be_exact_or_makes_no_sense_is_refused() {
    let world = World::company().metric("requests", "sum", "1000000");
    world.on_each_engine(async |app| {
        for (more, pointer) in [
            (json!({"list_unit_price": "0.0000001"}), "/list_unit_price"),
            (json!({"list_unit_price": "-1"}), "/list_unit_price"),
            (json!({"list_unit_price": "1e3"}), "/list_unit_price"),
            (json!({"list_unit_price": "NaN"}), "/list_unit_price"),
            (json!({"list_unit_price": "1234567890"}), "/list_unit_price"),
            (json!({"currency": "XXX"}), "/currency"),
            (json!({"currency": "usd"}), "/currency"),
            (json!({"free_quantity": "0.0000001"}), "/free_quantity"),
            (json!({"effective_to": "2026-01-01"}), "/effective_to"),
            (json!({"effective_from": "yesterday"}), "/effective_from"),
            (json!({"organization_id": "eu"}), "/contracted_unit_price"),
            (json!({"contracted_unit_price": "1"}), "/organization_id"),
            (
                json!({"tiers": [{"up_to": "5", "list_unit_price": "1"}, {"up_to": "5", "list_unit_price": "1"}]}),
                "/tiers/1/up_to",
            ),
            (json!({"tiers": [{"list_unit_price": "1"}, {"up_to": "5", "list_unit_price": "1"}]}), "/tiers/1/up_to"),
        ] {
            app.post("/umbel/v1/prices", price(&more)).by("olga").await.expect_error(400, 1100, pointer);
        }
        app.post("/umbel/v1/prices", price(&json!({"metric_id": "nothing"}))).by("olga").await.expect_error(
            404,
            1200,
            "/metric_id",
        );
        let nowhere = price(&json!({"organization_id": "nowhere", "contracted_unit_price": "1"}));
        app.post("/umbel/v1/prices", nowhere).by("olga").await.expect_error(404, 1200, "/organization_id");
        assert_eq!(app.rows("prices").await.len(), 0);
    });
}

#[test]
fn two_prices_hold_never_at_once_and_no_day_is_left_without_one() {
    let world = World::company().metric("requests", "sum", "1");
    world.on_each_engine(async |app| {
        let make = async |more: Value| app.post("/umbel/v1/prices", price(&more)).by("olga").await;
        let end = async |id: &str, day: &str| {
            app.post(format!("/umbel/v1/prices/{id}/end"), json!({"effective_to": day})).by("olga").await
        };
        make(json!({"id": "first"})).await.expect(200);
        make(json!({"id": "first", "currency": "EUR"})).await.expect_error(409, 1402, "/id");
        make(json!({"id": "second", "effective_from": "2026-03-01"})).await.expect_error(409, 1420, "/effective_from");
        end("first", "2026-01-01").await.expect_error(400, 1100, "/effective_to");
        end("first", "2026-02-01").await.expect(200);
        end("first", "2026-03-01").await.expect_error(409, 1420, "/effective_to");
        make(json!({"id": "second", "effective_from": "2026-03-01"})).await.expect_error(409, 1420, "/effective_from");
        make(json!({"id": "second", "effective_from": "2026-02-01"})).await.expect(200);
        make(json!({"id": "euro", "currency": "EUR"})).await.expect(200);
        let agreed = |id: &str, from: &str| {
            json!({"id": id, "effective_from": from, "organization_id": "eu", "contracted_unit_price": "0.1"})
        };
        make(agreed("agreed", "2026-05-01")).await.expect(200);
        make(agreed("again", "2026-06-01")).await.expect_error(409, 1420, "/effective_from");
    });
}

#[test]
fn an_organization_pays_in_one_currency_which_those_below_it_begin_with() {
    World::company().on_each_engine(async |app| {
        let path = "/umbel/v1/organizations/eu/billing";
        assert_eq!(app.get(path).by("bill").await.expect(200).text("billing_currency"), "USD");
        app.put(path, json!({"billing_currency": "EUR"})).by("ann").await.expect_error(403, 1300, "");
        app.put(path, json!({"billing_currency": "XXX"})).by("olga").await.expect_error(400, 1100, "/billing_currency");
        app.put(path, json!({"billing_currency": "EUR"})).by("olga").await.expect(200);
        let child =
            app.post("/organizations", json!({"name": "n", "parent": {"id": "eu"}})).by("ann").await.expect(200).text("id");
        let of = async |id: &str| {
            app.get(format!("/umbel/v1/organizations/{id}/billing")).by("ann").await.expect(200).text("billing_currency")
        };
        assert_eq!((of(&child).await, of("shop").await, of("acme").await), ("EUR".into(), "USD".into(), "USD".into()));
    });
}

async fn pages(app: &TestApp) -> Vec<String> {
    let (mut ids, mut token) = (Vec::new(), String::new());
    loop {
        let page = app.get(format!("/umbel/v1/prices?page_size=2&page_token={token}")).by("olga").await.expect(200);
        ids.extend(page.ids());
        match page.json()["result_info"]["next_page_token"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => return ids,
        }
    }
}

#[test]
fn the_price_book_is_read_page_by_page() {
    let currencies = ["USD", "EUR", "GBP", "JPY", "CHF"];
    let world = World::company().metric("requests", "sum", "1");
    let world = currencies
        .iter()
        .fold(world, |world, currency| world.price(&currency.to_lowercase(), "requests", "1", &json!({"currency": currency})));
    world.on_each_engine(async |app| assert_eq!(pages(app).await, ["chf", "eur", "gbp", "jpy", "usd"]));
}
