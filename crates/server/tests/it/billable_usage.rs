//! What was used and what it costs, as the Cloudflare API tells it.

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::rated;
use crate::harness::world::World;

/// Members of each record, as their text in the answer: numbers with all of their digits.
fn records(answer: &Answer, members: &[&str]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(&answer.body).unwrap();
    let envelope: std::collections::BTreeMap<&str, &serde_json::value::RawValue> = serde_json::from_str(text).unwrap();
    let records: Vec<std::collections::BTreeMap<&str, &serde_json::value::RawValue>> =
        serde_json::from_str(envelope["result"].get()).unwrap();
    let shown = |record: &std::collections::BTreeMap<&str, &serde_json::value::RawValue>| {
        members.iter().map(|member| record.get(member).map_or("-", |value| value.get()).trim_matches('"').to_owned()).collect()
    };
    records.iter().map(shown).collect()
}

#[test]
fn records_are_written_as_serde_writes_them() {
    let hostile = "\"\\/<é\u{2028}🦀";
    let world = rated::world(3).line(json!({"kind": "account", "id": "odd", "name": "Odd \"\\é🦀", "organization_id": "eu"}));
    let used = |metric: &str, day: &str| {
        json!({
            "kind": "usage_daily",
            "account_id": "odd",
            "metric_id": metric,
            "day": day,
            "quantity": "1.5",
            "zone_id": hostile,
            "zone_name": hostile,
            "region_id": "EEUR",
            "region_name": hostile,
        })
    };
    let world = world.metric("unpriced", "sum", "1").line(used("unpriced", "2026-01-01")).line(used("bytes", "2026-01-02"));
    world.on_each_engine(async |app| {
        rated::late(app, 3).await;
        app.put("/accounts/odd", json!({"name": "Even"})).by("olga").await.expect(200);
        let answer = ask(app, "organizations/acme", "from=2025-12-10&to=2026-01-05").await;
        let text = std::str::from_utf8(&answer.body).unwrap();
        let records =
            text.strip_prefix(r#"{"success":true,"errors":[],"messages":[],"result":"#).unwrap().strip_suffix('}').unwrap();
        let read: Vec<umbel_api::BillableUsage> = serde_json::from_str(records).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), records);
        let is_of_each_kind = [
            read.iter().any(|record| record.charge_class.is_some()),
            read.iter().any(|record| record.billed_cost.is_none()),
            read.iter().any(|record| record.list_cost.is_some() && record.list_unit_price.is_none()),
            read.iter().any(|record| record.x_zone_name.as_deref() == Some(hostile)),
        ];
        assert_eq!(is_of_each_kind, [true; 4]);
    });
}

async fn ask(app: &TestApp, of: &str, query: &str) -> Answer {
    app.get(format!("/{of}/billable/usage?{query}")).by("olga").await.expect(200)
}

/// A record as the reference shows one: every key, and the very numbers.
#[test]
fn a_record_is_that_of_the_reference_key_by_key() {
    let world = World::company().line(json!({
        "kind": "account",
        "id": "023e105f4ecef8ad9ca31a8372d0c353",
        "organization_id": "eu",
        "name": "My Account",
    }));
    let world = world.line(json!({
        "kind": "metric",
        "id": "workers_standard_requests",
        "name": "Workers Standard Requests",
        "event_type": "com.example.request",
        "aggregation": "sum",
        "value_property": "requests",
        "unit": "Requests",
        "pricing_unit": "Requests",
        "pricing_block_size": "1",
        "service_name": "Workers",
        "service_category": "Compute",
        "service_subcategory": "Serverless Compute",
        "product_family": "Workers",
        "sku_id": "workers_standard_requests",
        "sku_meter": "Workers Standard Requests",
    }));
    let world = world.price("p1", "workers_standard_requests", "0.000005", &json!({"free_quantity": "10000000"}));
    let world = world.line(json!({
        "kind": "usage_daily",
        "account_id": "023e105f4ecef8ad9ca31a8372d0c353",
        "metric_id": "workers_standard_requests",
        "day": "2025-05-01",
        "quantity": "150000",
        "zone_id": "023e105f4ecef8ad9ca31a8372d0c353",
        "zone_name": "example.com",
        "region_id": "EEUR",
        "region_name": "Eastern Europe",
    }));
    let world = world.settings(|settings| {
        settings.providers.service_provider_name = "Cloudflare".into();
        settings.providers.host_provider_name = "Cloudflare".into();
        settings.providers.invoice_issuer_name = "Cloudflare".into();
    });
    world.on_each_engine(async |app| {
        let expected = json!({
            "errors": [],
            "messages": [],
            "result": [{
                "BillingAccountId": "023e105f4ecef8ad9ca31a8372d0c353",
                "BillingAccountName": "My Account",
                "ChargeCategory": "Usage",
                "ChargeDescription": "Workers Standard Requests — daily usage",
                "ChargeFrequency": "Usage-Based",
                "ChargePeriodEnd": "2025-05-02T00:00:00Z",
                "ChargePeriodStart": "2025-05-01T00:00:00Z",
                "ConsumedQuantity": 150_000,
                "ConsumedUnit": "Requests",
                "HostProviderName": "Cloudflare",
                "InvoiceIssuerName": "Cloudflare",
                "ServiceProviderName": "Cloudflare",
                "x_BillableMetricName": "Workers Standard Requests",
                "BilledCost": 0,
                "BillingCurrency": "USD",
                "BillingPeriodEnd": "2025-06-01T00:00:00Z",
                "BillingPeriodStart": "2025-05-01T00:00:00Z",
                "ContractedCost": 0.75,
                "ContractedUnitPrice": 0.000_005,
                "EffectiveCost": 0,
                "ListCost": 0.75,
                "ListUnitPrice": 0.000_005,
                "PricingQuantity": 150_000,
                "PricingUnit": "Requests",
                "RegionId": "EEUR",
                "RegionName": "Eastern Europe",
                "x_BillableMetricId": "workers_standard_requests",
                "x_ProductFamilyName": "Workers",
                "x_ZoneId": "023e105f4ecef8ad9ca31a8372d0c353",
                "x_ZoneName": "example.com",
            }],
            "success": true,
        });
        for of in ["organizations/acme", "organizations/eu", "accounts/023e105f4ecef8ad9ca31a8372d0c353"] {
            assert_eq!(ask(app, of, "from=2025-05-01&to=2025-05-31").await.json(), expected, "{of}");
        }
        let digits = ask(app, "organizations/eu", "from=2025-05-01&to=2025-05-01").await;
        let prices = records(&digits, &["ContractedUnitPrice", "ContractedCost", "BilledCost"]);
        assert_eq!(prices, [["0.000005", "0.75", "0"]], "and no exponent");
    });
}

#[test]
fn what_has_no_price_in_the_currency_of_the_organization_has_no_costs() {
    let world = World::company().account("acme/eu/@web").metric("requests", "sum", "1");
    let world = world.price("p1", "requests", "1", &json!({"currency": "EUR"})).used("web", "requests", "2026-01-01", "5");
    world.on_each_engine(async |app| {
        let members =
            ["ConsumedQuantity", "BilledCost", "BillingCurrency", "BillingPeriodStart", "PricingQuantity", "PricingUnit"];
        let unpriced = records(&ask(app, "organizations/eu", "").await, &members);
        assert_eq!(unpriced, [["5", "-", "-", "-", "-", "-"]]);
        app.put("/umbel/v1/organizations/eu/billing", json!({"billing_currency": "EUR"})).by("olga").await.expect(200);
        let priced = records(&ask(app, "organizations/eu", "").await, &members);
        assert_eq!(priced, [["5", "5", "EUR", "2026-01-01T00:00:00Z", "5", "Requests"]]);
    });
}

#[test]
fn what_is_paid_in_and_what_an_account_is_called_are_those_of_the_day() {
    let world = World::company().account("acme/eu/@web").metric("requests", "sum", "1");
    let world = world.price("p1", "requests", "1", &json!({"currency": "EUR"})).price("p2", "requests", "2", &json!({}));
    let world =
        ["2025-12-31", "2026-01-01", "2026-01-02"].into_iter().fold(world, |world, day| world.used("web", "requests", day, "5"));
    world.on_each_engine(async |app| {
        let found = async |of: &str| {
            let members = ["ChargePeriodStart", "BilledCost", "BillingCurrency", "BillingAccountName"];
            records(&ask(app, of, "from=2025-12-31&to=2026-01-02").await, &members)
        };
        app.put("/umbel/v1/organizations/eu/billing", json!({"billing_currency": "EUR"})).by("olga").await.expect(200);
        app.put("/accounts/web", json!({"name": "Shop"})).by("olga").await.expect(200);
        let expected = [
            ["2025-12-31T00:00:00Z", "10", "USD", "web"],
            ["2026-01-01T00:00:00Z", "5", "EUR", "web"],
            ["2026-01-02T00:00:00Z", "5", "EUR", "Shop"],
        ];
        assert_eq!(found("organizations/acme").await, expected);
        app.delete("/accounts/web").by("olga").await.expect(200);
        assert_eq!(found("organizations/acme").await, expected, "also when the account is gone");
        app.delete("/organizations/shop").by("olga").await.expect(200);
        app.delete("/organizations/eu").by("olga").await.expect(200);
        assert_eq!(found("organizations/acme").await, expected, "and the organization");
    });
}

#[test]
fn allowance_and_tiers_run_through_the_month_whatever_days_are_asked_for() {
    let tiers = json!({"free_quantity": "15", "tiers": [{"up_to": "20", "list_unit_price": "3"}, {"list_unit_price": "1"}]});
    let world = World::company().account("acme/eu/@web").metric("requests", "sum", "1").price("p1", "requests", "9", &tiers);
    let world = (1..=4).fold(world, |world, day| world.used("web", "requests", &format!("2025-11-{day:02}"), "8"));
    let world = world.used("web", "requests", "2025-12-01", "8");
    let world = world.line(json!({
        "kind": "usage_daily",
        "account_id": "web",
        "metric_id": "requests",
        "day": "2025-11-02",
        "quantity": "1",
        "zone_id": "z",
    }));
    world.on_each_engine(async |app| {
        let costs = async |query: &str| {
            records(
                &ask(app, "organizations/acme", query).await,
                &["ChargePeriodStart", "ListCost", "BilledCost", "ListUnitPrice"],
            )
        };
        let all = costs("from=2025-11-01&to=2025-12-01").await;
        let expected = [
            ["2025-11-01T00:00:00Z", "24", "0", "-"],
            ["2025-11-02T00:00:00Z", "24", "3", "-"],
            ["2025-11-02T00:00:00Z", "3", "3", "-"],
            ["2025-11-03T00:00:00Z", "14", "14", "-"],
            ["2025-11-04T00:00:00Z", "8", "8", "-"],
            ["2025-12-01T00:00:00Z", "24", "0", "-"],
        ];
        assert_eq!(all, expected);
        assert_eq!(costs("from=2025-11-03&to=2025-11-04").await, expected[3..5]);
    });
}

#[test]
fn a_price_by_volume_is_that_of_the_whole_month() {
    let tiers = json!({"tier_mode": "volume", "tiers": [{"up_to": "10", "list_unit_price": "3"}, {"list_unit_price": "2"}]});
    let world = World::company().account("acme/eu/@web").metric("requests", "sum", "1").price("p1", "requests", "9", &tiers);
    let world = world.used("web", "requests", "2025-11-01", "8").used("web", "requests", "2025-11-30", "8");
    world.used("web", "requests", "2025-12-01", "8").on_each_engine(async |app| {
        let costs = records(&ask(app, "accounts/web", "from=2025-11-01&to=2025-12-01").await, &["ListCost"]);
        assert_eq!(costs, [["16"], ["16"], ["24"]]);
    });
}

#[test]
fn what_the_nearest_organization_has_negotiated_holds_from_day_to_day() {
    let world = World::company().account("acme/eu/shop/@till").account("acme/us/@api").account("@alone");
    let world = world.metric("requests", "sum", "1").price("list", "requests", "10", &json!({}));
    let agreed = |organization: &str, price: &str| json!({"organization_id": organization, "contracted_unit_price": price, "effective_from": "2026-01-02"});
    let world = world.price("acme", "requests", "10", &agreed("acme", "8")).price("shop", "requests", "10", &agreed("shop", "5"));
    let days = ["2026-01-01", "2026-01-02"];
    let world = ["till", "api", "alone"]
        .iter()
        .fold(world, |world, account| days.iter().fold(world, |world, day| world.used(account, "requests", day, "1")));
    world.on_each_engine(async |app| {
        let members = ["BillingAccountId", "ListUnitPrice", "ContractedUnitPrice", "BilledCost"];
        let of_acme = records(&ask(app, "organizations/acme", "").await, &members);
        let expected = [["api", "10", "10", "10"], ["till", "10", "10", "10"], ["api", "10", "8", "8"], ["till", "10", "5", "5"]];
        assert_eq!(of_acme, expected, "in the order of days and accounts");
        let alone = records(&ask(app, "accounts/alone", "").await, &members);
        assert_eq!(alone, [["alone", "10", "10", "10"]; 2]);
    });
}

/// Which days of an account an organization shows.
async fn days(app: &TestApp, organization: &str) -> Vec<String> {
    let answer = ask(app, &format!("organizations/{organization}"), "from=2025-12-30&to=2026-01-08").await;
    records(&answer, &["ChargePeriodStart"]).into_iter().map(|record| record[0][5..10].to_owned()).collect()
}

#[test]
fn what_an_account_used_stays_where_it_was_on_that_day() {
    let world = World::company().account("acme/eu/shop/@till").metric("requests", "sum", "1");
    let all = ["2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"];
    let world = all.iter().fold(world, |world, day| world.used("till", "requests", day, "1"));
    world.on_each_engine(async |app| {
        let everything = ["12-31", "01-01", "01-02", "01-03", "01-04", "01-05"];
        assert_eq!(days(app, "shop").await, everything);
        app.post("/accounts/till/move", json!({"destination_organization_id": "us"})).by("olga").await.expect(200);
        assert_eq!(
            (days(app, "shop").await, days(app, "us").await),
            (vec!["12-31".into(), "01-01".into()], everything[2..].iter().map(ToString::to_string).collect())
        );
        app.sources.advance_seconds(86_400);
        app.post("/umbel/v1/organizations/us/move", json!({"parent_id": "globex"})).by("olga").await.expect(200);
        assert_eq!(days(app, "acme").await, everything[..3]);
        assert_eq!(days(app, "globex").await, everything[3..]);
        assert_eq!(days(app, "us").await, everything[2..], "an organization takes along what was in it");
        app.sources.advance_seconds(86_400);
        app.post("/umbel/v1/organizations/us/move", json!({"parent_id": "acme"})).by("olga").await.expect(200);
        app.delete("/accounts/till").by("olga").await.expect(200);
        assert_eq!(
            (days(app, "globex").await, days(app, "acme").await),
            (
                vec!["01-03".into()],
                [&everything[..3], &everything[4..]].concat().iter().map(ToString::to_string).collect::<Vec<_>>()
            )
        );
        let named = records(&ask(app, "organizations/acme", "").await, &["BillingAccountName"]);
        assert!(named.iter().all(|name| name == &["till"]), "also when it is gone");
    });
}

#[test]
fn the_allowance_of_an_account_that_was_moved_goes_on() {
    let world = World::company().account("acme/eu/@web").metric("requests", "sum", "1");
    let world = world.price("p1", "requests", "1", &json!({"free_quantity": "10"}));
    let world = world.used("web", "requests", "2026-01-01", "8").used("web", "requests", "2026-01-02", "8");
    world.on_each_engine(async |app| {
        app.post("/accounts/web/move", json!({"destination_organization_id": "us"})).by("olga").await.expect(200);
        let of =
            async |organization: &str| records(&ask(app, &format!("organizations/{organization}"), "").await, &["BilledCost"]);
        assert_eq!((of("eu").await, of("us").await), (vec![vec!["0".to_owned()]], vec![vec!["6".to_owned()]]));
        assert_eq!(of("acme").await, [["0"], ["6"]]);
    });
}

#[test]
fn windows_are_days_that_are_both_included_and_at_most_thirty_one() {
    World::company()
        .account("acme/eu/@web")
        .metric("requests", "sum", "1")
        .used("web", "requests", "2026-01-01", "1")
        .on_each_engine(async |app| {
            let of = |query: &str| app.get(format!("/organizations/acme/billable/usage?{query}")).by("bill");
            for (query, pointer) in [
                ("from=2026-01-01", "/query/to"),
                ("to=2026-01-01", "/query/from"),
                ("from=2026-01-02&to=2026-01-01", "/query/to"),
                ("from=2026-01-01&to=2026-02-01", "/query/to"),
                ("from=x&to=2026-01-01", "/query/from"),
                ("metric=a.b", "/query/metric"),
            ] {
                of(query).await.expect_error(400, 1101, pointer);
            }
            for (query, count) in [
                ("", 1),
                ("from=2026-01-01&to=2026-01-01", 1),
                ("from=2026-01-01T23:00:00-02:00&to=2026-01-31", 0),
                ("metric=requests", 1),
                ("metric=other", 0),
            ] {
                assert_eq!(of(query).await.expect(200).result().as_array().unwrap().len(), count, "{query}");
            }
        });
}

#[test]
fn what_cannot_be_seen_is_an_empty_list_and_what_may_not_be_read_is_refused() {
    let world =
        World::company().account("acme/eu/@web").metric("requests", "sum", "1").used("web", "requests", "2026-01-01", "1");
    world.on_each_engine(async |app| {
        for (organization, user) in [("nowhere", "ann"), ("acme", "gus"), ("acme", "ned")] {
            let answer = app.get(format!("/organizations/{organization}/billable/usage")).by(user).await.expect(200);
            assert_eq!(answer.json(), json!({"success": true, "errors": [], "messages": [], "result": []}));
        }
        for user in ["vic", "aud"] {
            app.get("/organizations/acme/billable/usage").by(user).await.expect_error(403, 1300, "");
            app.get("/accounts/web/billable/usage").by(user).await.expect_error(403, 1300, "");
        }
        app.get("/accounts/nowhere/billable/usage").by("ann").await.expect_error(404, 1200, "");
        app.get("/accounts/web/billable/usage").by("gus").await.expect_error(404, 1200, "");
        let empty = app.get("/organizations/us/billable/usage").by("bill").await.expect(200);
        assert_eq!(empty.result(), Value::Array(Vec::new()));
    });
}

#[test]
fn an_answer_of_many_parts_has_every_record_once() {
    let world = World::company().account("acme/eu/@web").account("acme/us/@api").metric("requests", "sum", "1");
    let zones = |world: World, account: &str, day: &str, count: u32| {
        (0..count).fold(world, |world, zone| {
            world.line(json!({
                "kind": "usage_daily",
                "account_id": account,
                "metric_id": "requests",
                "day": day,
                "quantity": "1",
                "zone_id": format!("z{zone:05}"),
            }))
        })
    };
    let world = zones(world, "web", "2026-01-01", 2_500);
    let world = zones(world, "api", "2026-01-02", 1_000);
    world.price("p1", "requests", "1", &json!({"free_quantity": "2400"})).on_each_engine(async |app| {
        let answer = ask(app, "organizations/acme", "").await;
        let zones = records(&answer, &["BillingAccountId", "x_ZoneId", "BilledCost"]);
        assert_eq!(zones.len(), 3_500);
        assert!(zones[..2_500].iter().enumerate().all(|(at, record)| record[..2] == ["web".to_owned(), format!("z{at:05}")]));
        assert_eq!(zones.iter().filter(|record| record[2] == "1").count(), 100);
    });
}
