//! Worlds in which everything that a cost depends on happens: allowances, tiers, prices by volume, prices that follow each other,
//! negotiated ones, currencies, and accounts and organizations that move.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::TestApp;
use super::world::World;

/// All days on which something was used.
pub(crate) const SPAN: (&str, &str) = ("2025-11-15", "2026-01-08");
/// The same in as many days as can be asked for together.
pub(crate) const PERIODS: [(&str, &str); 2] = [("2025-11-15", "2025-12-15"), ("2025-12-16", "2026-01-08")];

const ACCOUNTS: [&str; 6] = ["acme/@hq", "acme/eu/@web", "acme/eu/shop/@till", "acme/us/@api", "acme/us/@lab", "globex/@far"];
const METRICS: [(&str, &str, &str); 4] =
    [("calls", "count", "1000"), ("bytes", "sum", "1000000"), ("peak", "max", "1"), ("work", "sum", "1")];

/// Numbers that look random and are the same for each seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(7))
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What makes a price other than a plain one.
fn kind(random: &mut Random) -> Value {
    let up_to = 1 + random.below(40);
    let tiers = json!([{"up_to": up_to.to_string(), "list_unit_price": "0.003"}, {"up_to": (up_to + 30).to_string(), "list_unit_price": "0.002"}]);
    let free = random.below(60).to_string();
    match random.below(6) {
        0 => json!({}),
        1 => json!({"free_quantity": free}),
        2 => json!({"tiers": tiers}),
        3 => json!({"tiers": tiers, "free_quantity": free}),
        4 => json!({"tiers": tiers, "tier_mode": "volume"}),
        _ => json!({"tiers": tiers, "tier_mode": "volume", "free_quantity": free}),
    }
}

fn with(mut more: Value, others: &Value) -> Value {
    more.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    more
}

/// The world of a seed, in which `moves` are still to be made.
pub(crate) fn world(seed: u64) -> World {
    let mut random = Random::new(seed);
    let world = ACCOUNTS.iter().fold(World::company(), |world, account| world.account(account));
    let mut world = METRICS.iter().fold(world, |world, (id, aggregation, block)| world.metric(id, aggregation, block));
    for (id, ..) in METRICS {
        let edge = format!("2025-12-{:02}", 1 + random.below(28));
        let unit_price = |random: &mut Random| format!("0.00{}", 1 + random.below(900));
        if random.below(5) == 0 {
            // One that has no price in dollars on some days.
            world = world.price(
                &format!("{id}-late"),
                id,
                &unit_price(&mut random),
                &with(kind(&mut random), &json!({"effective_from": edge})),
            );
        } else {
            let first = with(kind(&mut random), &json!({"effective_to": edge}));
            let then = with(kind(&mut random), &json!({"effective_from": edge}));
            world = world.price(&format!("{id}-1"), id, &unit_price(&mut random), &first);
            world = world.price(&format!("{id}-2"), id, &unit_price(&mut random), &then);
        }
        for organization in ["acme", "eu", "us"] {
            if random.below(3) == 0 {
                let from = format!("2025-12-{:02}", 1 + random.below(28));
                let agreed = json!({"organization_id": organization, "contracted_unit_price": unit_price(&mut random), "effective_from": from});
                world =
                    world.price(&format!("{id}-{organization}"), id, &unit_price(&mut random), &with(kind(&mut random), &agreed));
            }
        }
        if random.below(2) == 0 {
            world = world.price(
                &format!("{id}-eur"),
                id,
                &unit_price(&mut random),
                &with(kind(&mut random), &json!({"currency": "EUR"})),
            );
        }
    }
    let days: Vec<String> = (15..=30)
        .map(|day| format!("2025-11-{day:02}"))
        .chain((1..=31).map(|day| format!("2025-12-{day:02}")))
        .chain((1..=8).map(|day| format!("2026-01-{day:02}")))
        .collect();
    for account in ACCOUNTS {
        let account = account.split_once('@').unwrap().1;
        for (metric, aggregation, _) in METRICS {
            for day in &days {
                if random.below(3) != 0 {
                    continue;
                }
                for zone in 0..=random.below(2) {
                    let quantity = match aggregation {
                        "count" => random.below(9).to_string(),
                        _ => format!("{}.{:06}", random.below(9), random.below(1_000_000)),
                    };
                    world = world.line(json!({
                        "kind": "usage_daily",
                        "account_id": account,
                        "metric_id": metric,
                        "day": day,
                        "quantity": quantity,
                        "zone_id": if zone == 0 { Value::Null } else { json!("zone-1") },
                        "zone_name": if zone == 0 { Value::Null } else { json!("example.com") },
                    }));
                }
            }
        }
    }
    world
}

/// Moves accounts and organizations on several days, and has one organization pay in another currency.
pub(crate) async fn moves(app: &TestApp, seed: u64) {
    let mut random = Random::new(seed ^ 0xff);
    if random.below(2) == 0 {
        app.put("/umbel/v1/organizations/us/billing", json!({"billing_currency": "EUR"})).by("olga").await.expect(200);
    }
    for _ in 0..4 {
        let (path, member, places) = match random.below(3) {
            0 => ("/accounts/web/move", "destination_organization_id", &["acme", "eu", "us", "globex"][..]),
            1 => ("/accounts/far/move", "destination_organization_id", &["acme", "eu", "us"][..]),
            _ => ("/umbel/v1/organizations/shop/move", "parent_id", &["acme", "us", "globex"][..]),
        };
        let place = places[usize::try_from(random.below(places.len() as u64)).unwrap()];
        // One that is there already is refused, which is as good.
        app.post(path, json!({member: place})).by("olga").await;
        app.sources.advance_seconds(86_400);
    }
}

/// Closes a month of a root and waits for its invoices.
pub(crate) async fn close(app: &TestApp, root: &str, month: &str) -> Value {
    let path = format!("/umbel/v1/organizations/{root}/billing-periods/{month}");
    app.post(format!("{path}/close"), Value::Null).by("olga").await.expect(200);
    for _ in 0..3_000 {
        let period = app.get(&path).by("olga").await.expect(200).result();
        if period["state"] == "closed" {
            return period;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{month} of {root} was not closed");
}

/// Closes the months that have ended, and then tells of days in them what was not known.
pub(crate) async fn late(app: &TestApp, seed: u64) {
    for (root, month) in [("acme", "2025-11"), ("acme", "2025-12"), ("globex", "2025-11"), ("globex", "2025-12")] {
        close(app, root, month).await;
    }
    let mut random = Random::new(seed ^ 0xf0f);
    let event = |n: u64| {
        let account = ACCOUNTS[usize::try_from(random.below(6)).unwrap()].split_once('@').unwrap().1;
        let (metric, ..) = METRICS[usize::try_from(random.below(4)).unwrap()];
        json!({
            "specversion": "1.0",
            "id": n.to_string(),
            "source": "/late",
            "type": format!("com.example.{metric}"),
            "subject": account,
            "time": format!("2025-12-{:02}T01:00:00Z", 10 + random.below(22)),
            "data": {"value": format!("{}.{:06}", random.below(40), random.below(1_000_000)), "zone_id": if random.below(2) == 0 { Value::Null } else { json!("zone-1") }},
        })
    };
    let events: Vec<Value> = (0..60).map(event).collect();
    let answer = app.call(axum::http::Method::POST, "/umbel/v1/usage/events").events(&json!(events)).by("olga").await.expect(200);
    assert!(answer.result().as_array().unwrap().iter().all(|event| event["status"] == "accepted"), "{}", answer.result());
}

/// A record of usage: its members and their texts, numbers with all of their digits.
pub(crate) type Record = BTreeMap<String, String>;

/// The rows of a file of comma-separated values.
pub(crate) fn rows(file: &[u8]) -> Vec<Record> {
    let mut reader = csv::Reader::from_reader(file);
    let columns = reader.headers().unwrap().clone();
    let row = |row: csv::Result<csv::StringRecord>| {
        columns.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect()
    };
    reader.records().map(row).collect()
}

/// The records of usage of an organization over some days.
pub(crate) async fn records(app: &TestApp, organization: &str, from: &str, to: &str) -> Vec<Record> {
    let answer =
        app.get(format!("/organizations/{organization}/billable/usage?from={from}&to={to}")).by("olga").await.expect(200);
    let text = std::str::from_utf8(&answer.body).unwrap();
    let envelope: BTreeMap<&str, &RawValue> = serde_json::from_str(text).unwrap();
    let records: Vec<BTreeMap<String, &RawValue>> = serde_json::from_str(envelope["result"].get()).unwrap();
    let texts = |record: BTreeMap<String, &RawValue>| {
        record.into_iter().map(|(member, value)| (member, value.get().trim_matches('"').to_owned())).collect()
    };
    records.into_iter().map(texts).collect()
}
