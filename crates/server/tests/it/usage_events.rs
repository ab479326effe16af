//! Events that say what was used: each counts once.

use std::collections::BTreeMap;

use axum::http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use umbel_decimal::Decimal;
use umbel_domain::Role;

use crate::harness::TestApp;
use crate::harness::call::{Answer, Call};
use crate::harness::world::World;

/// The company with two accounts, `web` in `eu` and `alone`, where requests are summed.
fn metered() -> World {
    World::company().account("acme/eu/@web").account("acme/us/@api").account("@alone").metric("requests", "sum", "1")
}

fn event(id: &str, value: &Value) -> Value {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": "/edge/1",
        "type": "com.example.requests",
        "subject": "web",
        "time": "2026-01-02T01:00:00Z",
        "data": {"value": value},
    })
}

fn send(app: &TestApp, events: &Value) -> Call {
    app.call(Method::POST, "/umbel/v1/usage/events").events(events).by("adam")
}

fn statuses(answer: &Answer) -> Vec<String> {
    let result = answer.result();
    result.as_array().unwrap().iter().map(|event| event["status"].as_str().unwrap().to_owned()).collect()
}

/// The reasons of the events that were not counted.
fn messages(answer: &Answer) -> Vec<String> {
    let result = answer.result();
    result.as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Quantities by account, metric and day.
async fn quantities(app: &TestApp, account: &str) -> Vec<(String, String)> {
    let path = format!("/accounts/{account}/billable/usage?from=2025-12-20&to=2026-01-15");
    let answer = app.get(path).by("olga").await.expect(200);
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let records = text.split("\"BillingAccountId\"").skip(1);
    let between = |record: &str, from: &str, to: char| {
        let rest = record.split_once(from).unwrap().1;
        rest[..rest.find(to).unwrap()].to_owned()
    };
    records
        .map(|record| (between(record, "\"x_BillableMetricId\":\"", '"'), between(record, "\"ConsumedQuantity\":", ',')))
        .collect()
}

fn one(metric: &str, quantity: &str) -> Vec<(String, String)> {
    vec![(metric.to_owned(), quantity.to_owned())]
}

#[test]
fn an_event_counts_once_and_each_is_answered_in_its_place() {
    metered().on_each_engine(async |app| {
        let batch = json!([event("a", &json!(1.5)), event("b", &json!("2.25")), event("a", &json!(1.5)), event("b", &json!(3))]);
        let answer = send(app, &batch).await.expect(200);
        assert_eq!(statuses(&answer), ["accepted", "accepted", "duplicate", "conflict"]);
        assert_eq!(answer.result()[0], json!({"id": "a", "source": "/edge/1", "status": "accepted"}));
        assert_eq!(statuses(&send(app, &batch).await), ["duplicate", "duplicate", "duplicate", "conflict"]);
        let mut other_day = event("a", &json!(1.5));
        other_day["time"] = "2026-01-01T01:00:00Z".into();
        assert_eq!(statuses(&send(app, &json!([other_day])).await), ["conflict"], "whatever its day");
        assert_eq!(quantities(app, "web").await, one("requests", "3.75"));
        assert_eq!(app.final_audit_log().await.len(), 0, "the keys are the record");
    });
}

#[test]
fn the_same_id_is_another_event_in_another_tree_and_of_another_source() {
    metered().on_each_engine(async |app| {
        let with = |member: &str, value: &str| {
            let mut event = event("a", &json!(1));
            event[member] = value.into();
            event
        };
        let events = json!([with("subject", "web"), with("subject", "alone"), with("source", "/edge/"), with("subject", "api")]);
        let answer = app.call(Method::POST, "/umbel/v1/usage/events").events(&events).by("olga").await.expect(200);
        assert_eq!(statuses(&answer), ["accepted", "accepted", "accepted", "conflict"], "web and api are in one tree");
        let mut shifted = event("1a", &json!(1));
        shifted["source"] = "/edge/".into();
        assert_eq!(statuses(&send(app, &json!([shifted])).await), ["accepted"], "lengths are part of the key");
    });
}

#[test]
fn one_bad_event_does_not_stop_the_others_and_claims_no_key() {
    metered().metric("gone", "sum", "1").on_each_engine(async |app| {
        app.post("/umbel/v1/metrics/gone/retire", Value::Null).by("olga").await.expect(200);
        let with = |member: &str, value: Value| {
            let mut event = event("bad", &json!(1));
            event[member] = value;
            event
        };
        for (bad, reason) in [
            (with("specversion", json!("0.3")), "specversion must be 1.0"),
            (with("type", json!("unknown")), "type: no metric counts events of the type `unknown`"),
            (with("type", json!("com.example.gone")), "type: every metric of the type `com.example.gone` is retired"),
            (with("subject", json!("nobody")), "subject: there is no account `nobody` that you may record usage of"),
            (with("subject", json!("alone")), "subject: there is no account `alone` that you may record usage of"),
            (with("subject", json!("a/b")), "subject: there is no account `a/b` that you may record usage of"),
            (with("time", json!("2025-11-01T00:00:00Z")), "time lies more than 35 days back"),
            (with("time", json!("2026-01-02T03:10:00Z")), "time lies more than 5 minutes ahead of the server's clock"),
            (with("time", json!("now")), "time must be a time like 2027-01-02T03:04:05Z"),
            (with("data", json!({})), "data.value is missing: the metric requests takes its value from there"),
            (with("data", json!({"value": -1})), "data.value must not be negative"),
            (with("data", json!({"value": "NaN"})), "data.value is no decimal number such as -12.5"),
            (with("data", json!({"value": "0.0000001"})), "data.value must have at most 6 digits after the point"),
            (with("data", json!({"value": "1000000000000000000"})), "data.value must have at most 18 digits before the point"),
            (with("data", json!({"value": 1, "zone_id": 5})), "data.zone_id must be a string"),
            (with("data", json!({"value": 1, "region_id": ""})), "data.region_id must have 1 to 255 characters"),
            (with("data_base64", json!("e30=")), "data and data_base64 exclude each other; leave one out"),
            (with("source", json!("a b")), "source must be a URI or a reference to one, with other characters escaped like %20"),
            (json!("x"), "the event cannot be read: invalid type: string \"x\", expected struct Attributes"),
        ] {
            let answer = send(app, &json!([bad, event("good", &json!(2))])).await.expect(200);
            assert_eq!((messages(&answer)[0].as_str(), statuses(&answer)[0].as_str()), (reason, "rejected"), "{answer}");
        }
        assert_eq!(statuses(&send(app, &json!([event("bad", &json!(1))])).await), ["accepted"]);
        assert_eq!(quantities(app, "web").await, one("requests", "3"));
    });
}

#[test]
fn a_day_that_would_have_too_many_digits_takes_no_more() {
    metered().on_each_engine(async |app| {
        let large =
            json!([event("a", &json!("999999999999999999.999999")), event("b", &json!("0.000001")), event("c", &json!(0))]);
        let answer = send(app, &large).await.expect(200);
        assert_eq!(statuses(&answer), ["accepted", "rejected", "accepted"]);
        assert_eq!(quantities(app, "web").await, one("requests", "999999999999999999.999999"));
    });
}

#[test]
fn no_quantity_and_no_price_make_a_cost_with_too_many_digits() {
    let world = metered().metric("seats", "sum", "1").price("dear", "seats", "999999999", &json!({}));
    world.on_each_engine(async |app| {
        let seats = |id: &str, value: &str| {
            let mut event = event(id, &json!(value));
            event["type"] = json!("com.example.seats");
            event
        };
        let large = json!([event("a", &json!("999999999999999999")), seats("b", "99999999999"), seats("c", "1")]);
        let answer = send(app, &large).await.expect(200);
        assert_eq!(statuses(&answer), ["accepted", "accepted", "rejected"]);
        assert!(messages(&answer)[2].contains("costs have at most 20 digits"), "{:?}", messages(&answer));
        let price = |unit_price: &str| {
            json!({
                "metric_id": "requests",
                "currency": "USD",
                "list_unit_price": "1",
                "effective_from": "2026-01-01",
                "tiers": [{"up_to": "10", "list_unit_price": unit_price}],
            })
        };
        app.post("/umbel/v1/prices", price("100")).by("olga").await.expect_error(400, 1100, "");
        app.post("/umbel/v1/prices", price("99")).by("olga").await.expect(200);
        let usage = "/organizations/acme/billable/usage?from=2026-01-01&to=2026-01-02";
        assert_eq!(app.get(usage).by("olga").await.expect(200).result().as_array().unwrap().len(), 2);
    });
}

#[test]
fn what_happened_when_keys_are_forgotten_is_not_counted_again() {
    metered().settings(|settings| settings.usage_window_days = 400).on_each_engine(async |app| {
        app.database.execute("INSERT INTO server_state (name, value) VALUES ('usage_keys_from', '2025-12-20')").await;
        let at = |id: &str, time: &str| {
            let mut event = event(id, &json!(1));
            event["time"] = json!(time);
            event
        };
        let answer = send(app, &json!([at("a", "2025-12-19T23:59:59Z"), at("b", "2025-12-20T00:00:00Z")])).await.expect(200);
        assert_eq!(statuses(&answer), ["rejected", "accepted"]);
        assert!(messages(&answer)[0].contains("lies before 2025-12-20"), "{:?}", messages(&answer));
    });
}

#[test]
fn every_mode_of_http_carries_the_same_event() {
    metered().on_each_engine(async |app| {
        let call = || app.call(Method::POST, "/umbel/v1/usage/events").by("adam");
        let binary = || {
            let call = call().body(json!({"value": 1})).header("ce-specversion", "1.0").header("ce-id", "a%20b");
            call.header("ce-source", "/edge/1").header("ce-type", "com.example.requests").header("ce-subject", "web")
        };
        let first = binary().header("ce-time", "2026-01-02T01:00:00Z").await.expect(200);
        assert_eq!(first.result(), json!([{"id": "a b", "source": "/edge/1", "status": "accepted"}]));
        let single = call().body(event("a b", &json!(1))).content_type("application/cloudevents+json; charset=utf-8").await;
        assert_eq!(statuses(&single.expect(200)), ["duplicate"]);
        let mut encoded = event("a b", &json!(1));
        encoded.as_object_mut().unwrap().remove("data");
        encoded["data_base64"] = "eyJ2YWx1ZSI6MX0=".into();
        assert_eq!(statuses(&send(app, &json!([encoded])).await.expect(200)), ["duplicate"]);
        let lacking = binary().header("ce-id", "twice").await.expect(200);
        assert_eq!(messages(&lacking), ["id is given more than once"]);
        let escaped = call().body(json!({})).header("ce-specversion", "1.0").header("ce-id", "%ff").await.expect(200);
        assert_eq!(messages(&escaped), ["ce-id is not well escaped UTF-8"]);
        call().body(json!({})).await.expect_error(400, 1105, "/header/Content-Type");
        call().body(json!({})).content_type("application/cloudevents+avro").await.expect_error(400, 1105, "/header/Content-Type");
        for unread in ["{", "{}", "\"x\"", "[1", "\u{0}"] {
            call().body(unread).content_type("application/cloudevents-batch+json").await.expect_error(400, 1100, "");
        }
        assert_eq!(send(app, &json!([])).await.expect(200).result(), json!([]));
    });
}

#[test]
fn a_batch_has_ten_thousand_events_and_eight_mebibytes_at_most() {
    metered().on_sqlite(async |app| {
        let events: Vec<Value> = (0..10_001).map(|n| event(&n.to_string(), &json!(1))).collect();
        send(app, &json!(events)).await.expect_error(400, 1100, "");
        let answer = send(app, &json!(events[1..])).await.expect(200);
        assert!(statuses(&answer).iter().all(|status| status == "accepted"));
        assert_eq!(quantities(app, "web").await, one("requests", "10000"));
        let padded = |size: usize| json!([{"padding": "x".repeat(size)}]);
        assert_eq!(statuses(&send(app, &padded((8 << 20) - 100)).await.expect(200)), ["rejected"]);
        send(app, &padded(8 << 20)).await.expect(413);
    });
}

#[test]
fn each_aggregation_makes_a_day_of_its_events() {
    let metrics = ["sum", "count", "max", "min", "latest", "unique_count"];
    let world = World::company().account("acme/eu/@web");
    let world = metrics.iter().fold(world, |world, aggregation| {
        world.line(json!({
            "kind": "metric",
            "id": aggregation,
            "name": aggregation,
            "event_type": "com.example.requests",
            "aggregation": aggregation,
            "value_property": "value",
            "unit": "Requests",
            "service_name": "Workers",
            "service_category": "Compute",
        }))
    });
    world.on_each_engine(async |app| {
        let at = |id: &str, value: &str, time: &str| {
            let mut event = event(id, &json!(value));
            event["time"] = time.into();
            event
        };
        let first = json!([
            at("a", "2", "2026-01-02T01:00:00Z"),
            at("b", "7.5", "2026-01-02T02:00:00Z"),
            at("c", "2.0", "2026-01-02T00:00:00Z"),
        ]);
        let second = json!([at("d", "1", "2026-01-02T01:30:00Z"), at("e", "7.50", "2026-01-02T00:30:00Z")]);
        for batch in [&first, &second, &first] {
            send(app, batch).await.expect(200);
        }
        let quantities: BTreeMap<_, _> = quantities(app, "web").await.into_iter().collect();
        let expected = [("count", "5"), ("latest", "7.5"), ("max", "7.5"), ("min", "1"), ("sum", "20"), ("unique_count", "3")];
        assert_eq!(quantities, expected.map(|(metric, quantity)| (metric.to_owned(), quantity.to_owned())).into());
        let bad = json!([{"specversion": "1.0", "id": "f", "source": "s", "type": "com.example.requests", "subject": "web", "data": {"value": "x"}}]);
        assert_eq!(statuses(&send(app, &bad).await), ["rejected"], "a count ignores a good value and rejects a bad one");
    });
}

#[test]
fn who_may_not_record_usage_records_none_and_a_meter_does_nothing_else() {
    let world = metered().user("dan").account_member("web", "dan", Role::Administrator);
    world.on_each_engine(async |app| {
        let by = |user: &str| app.call(Method::POST, "/umbel/v1/usage/events").events(&json!([event(user, &json!(1))])).by(user);
        for user in ["vic", "aud", "bill", "ned"] {
            by(user).await.expect_error(403, 1300, "");
        }
        for user in ["ann", "adam", "olga", "dan"] {
            assert_eq!(statuses(&by(user).await.expect(200)), ["accepted"], "{user}");
        }
        assert_eq!(statuses(&by("gus").await.expect(200)), ["rejected"], "foreign accounts are unknown");
        let role = json!({"name": "m", "kind": "meter", "role": "viewer"});
        app.post("/umbel/v1/tokens", role).by("adam").await.expect_error(400, 1100, "/role");
        let made = app.post("/umbel/v1/tokens", json!({"name": "m", "kind": "meter", "organization_id": "eu"})).by("adam").await;
        assert_eq!(made.expect(200).result()["kind"], "meter");
        let made = app.post("/umbel/v1/tokens", json!({"name": "m2", "kind": "meter", "organization_id": "eu"})).by("adam").await;
        let secret = made.expect(200).text("value");
        let mut elsewhere = event("m", &json!(1));
        elsewhere["subject"] = "api".into();
        let events = json!([event("meter", &json!(1)), elsewhere]);
        let answer = app.call(Method::POST, "/umbel/v1/usage/events").events(&events).bearer(&secret).await.expect(200);
        assert_eq!(statuses(&answer), ["accepted", "rejected"]);
        for path in ["/user", "/user/tokens/verify", "/umbel/v1/tokens", "/organizations", "/accounts", "/memberships"] {
            app.get(path).bearer(&secret).await.expect(403);
        }
        for path in ["/organizations/eu", "/accounts/web", "/accounts/web/billable/usage", "/umbel/v1/organizations/eu/members"] {
            app.get(path).bearer(&secret).await.expect(404);
        }
        app.post("/umbel/v1/tokens", json!({"name": "n", "kind": "meter"})).bearer(&secret).await.expect(403);
        app.post("/organizations", json!({"name": "n"})).bearer(&secret).await.expect(403);
    });
}

/// What a client sends: batches of events, some again, some late, some with another value.
fn deliveries() -> impl Strategy<Value = Vec<Vec<(usize, usize, u64)>>> {
    let event = (0_usize..300, 0_usize..3, prop_oneof![9 => Just(0_u64), 1 => 1_u64..3]);
    prop::collection::vec(prop::collection::vec(event, 1..60), 5..20)
}

/// Whatever is sent again, late, in other batches or with another value: the first of each id counts, exactly.
#[test]
fn totals_equal_an_independent_sum_to_the_last_digit() {
    metered().metric("other", "sum", "1").on_each_engine(async |app| {
        let config = Config { failure_persistence: None, ..Config::default() };
        let batches = deliveries()
            .new_tree(&mut TestRunner::new_with_rng(
                config,
                proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
            ))
            .unwrap()
            .current();
        let mut counted: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        let micros = |id: usize, change: u64| (id as u64) * 1_000_003 + 7 + change;
        for batch in &batches {
            let sent: Vec<Value> = batch
                .iter()
                .map(|(id, source, change)| {
                    let value = micros(*id, *change);
                    json!({
                        "specversion": "1.0",
                        "id": id.to_string(),
                        "source": format!("/s{source}"),
                        "type": if id % 2 == 0 { "com.example.requests" } else { "com.example.other" },
                        "subject": "web",
                        "time": format!("2025-12-{:02}T12:00:00Z", 20 + id % 10),
                        "data": {"value": format!("{}.{:06}", value / 1_000_000, value % 1_000_000)},
                    })
                })
                .collect();
            let answer = send(app, &json!(sent)).await.expect(200);
            for ((id, source, change), status) in batch.iter().zip(statuses(&answer)) {
                let expected = match counted.get(&(*id, *source)) {
                    None => "accepted",
                    Some(first) if first == change => "duplicate",
                    Some(_) => "conflict",
                };
                assert_eq!(status, expected, "{id} of {source}");
                counted.entry((*id, *source)).or_insert(*change);
            }
        }
        for (parity, metric) in [(0, "requests"), (1, "other")] {
            let sum: u64 =
                counted.iter().filter(|((id, _), _)| id % 2 == parity).map(|((id, _), change)| micros(*id, *change)).sum();
            let shown = quantities(app, "web").await.into_iter().filter(|(of, _)| of == metric);
            let total = shown.fold(Decimal::ZERO, |sum, (_, quantity)| sum.checked_add(quantity.parse().unwrap()).unwrap());
            assert_eq!(total.mantissa(), i128::from(sum) * 1_000_000_000_000, "{metric}");
        }
        assert_eq!(app.rows("usage_keys").await.len(), counted.len());
    });
}

#[test]
fn of_twenty_twins_at_once_one_counts() {
    metered().on_each_engine(async |app| {
        let events = json!((0..50).map(|n| event(&n.to_string(), &json!("0.1"))).collect::<Vec<_>>());
        let calls: Vec<_> = (0..20).map(|_| tokio::spawn(send(app, &events).into_future())).collect();
        let mut accepted = 0;
        for call in calls {
            let answer = call.await.unwrap();
            if answer.status == 200 {
                accepted += statuses(&answer).iter().filter(|status| *status == "accepted").count();
            }
        }
        assert_eq!((accepted, quantities(app, "web").await), (50, one("requests", "5")));
    });
}
