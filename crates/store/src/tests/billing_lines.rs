//! Import and export of what costs and invoices rest on.

use super::engines::on_each_empty_database;
use super::portability::{COMPANY, export, import, open, refused};
use crate::admin::portability::Imported;

/// What was gone, moved, renamed and paid otherwise.
const HISTORIES: &str = r#"{"kind":"history","account_id":"stall","places":[{"from":null,"organization_ids":["fair"],"name":"Stall"}]}
{"kind":"history","account_id":"web","places":[{"from":null,"organization_ids":["acme"],"name":"Shop"},{"from":"2026-01-02","organization_ids":["acme","Shop"],"name":"Web \"shop\""}]}
{"kind":"history","organization_id":"Shop","places":[{"from":null,"organization_ids":[]},{"from":"2025-07-01","organization_ids":["acme"]}],"billing_currencies":[]}
{"kind":"history","organization_id":"acme","places":[{"from":null,"organization_ids":[]}],"billing_currencies":[{"from":"2025-06-01","currency":"EUR"}]}
{"kind":"history","organization_id":"fair","places":[{"from":null,"organization_ids":[]}],"billing_currencies":[{"from":null,"currency":"CHF"}]}
"#;
const PRICE: &str = r#"{"kind":"price","id":"p4","metric_id":"requests","currency":"CHF","organization_id":"fair","list_unit_price":"0.4","contracted_unit_price":"0.3","effective_from":"2026-01-01","effective_to":null,"free_quantity":"0","tier_mode":"graduated","tiers":[],"create_time":"2026-01-02T03:04:05Z"}
"#;
const USAGE: &str = r#"{"kind":"usage_daily","account_id":"stall","metric_id":"requests","day":"2025-12-31","quantity":"1"}
"#;
const CLOSED: &str = r#"{"kind":"usage_daily","account_id":"web","metric_id":"requests","day":"2025-12-31","quantity":"-0.5","zone_id":"z1","billing_period":"2026-01"}
{"kind":"usage_daily","account_id":"web","metric_id":"requests","day":"2025-12-31","quantity":"2","zone_id":"z1","billing_period":"2026-02"}
{"kind":"budget","id":"b1","organization_id":"Shop","name":"Cloud","amount":"2500.5","currency":"USD","thresholds":[50,100],"reached":[{"month":"2026-01","threshold":100},{"month":"2025-12","threshold":50}],"create_time":"2026-01-02T03:04:05Z","update_time":"2026-01-03T00:00:00Z"}
{"kind":"billing_period","organization_id":"acme","billing_period":"2025-12","state":"closed","close_time":"2026-01-02T03:04:05Z","content_hash":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"}
{"kind":"billing_period","organization_id":"acme","billing_period":"2026-01","state":"open","close_time":null,"content_hash":null}
{"kind":"billing_period","organization_id":"fair","billing_period":"2025-12","state":"closing","close_time":"2026-01-02T03:04:05Z","content_hash":null}
{"kind":"invoice","id":"ID1","root_organization_id":"acme","billing_period":"2025-12","account_id":"web","account_name":"Shop","organization_id":"acme","currency":"EUR","exact_cost":"10.125","total":"10.12"}
{"kind":"invoice","id":"ID2","root_organization_id":"fair","billing_period":"2025-12","account_id":"stall","account_name":"Stall","organization_id":"fair","currency":"CHF","exact_cost":"0","total":"0"}
"#;
const LINES: u64 = 26 + 15;

/// The company with everything that was charged, as it is exported.
fn billed() -> String {
    let before = |text: &str, what: &str, lines: &str| {
        let at = text.find(what).unwrap();
        format!("{}{lines}{}", &text[..at], &text[at..])
    };
    let company = before(COMPANY, r#"{"kind":"metric""#, HISTORIES);
    let company = before(&company, r#"{"kind":"usage_daily""#, PRICE);
    before(&company, r#"{"kind":"usage_daily","account_id":"web""#, USAGE) + &CLOSED.replace("ID1", ID1).replace("ID2", ID2)
}

const ID1: &str = "f84091905b1f8d93b196d0e7fc866801";
const ID2: &str = "128ff341332c8dabbd1f789a74a270e3";

#[test]
fn an_import_of_what_was_charged_exports_the_same_bytes_on_either_engine() {
    let billed = billed();
    on_each_empty_database(async |database| {
        let store = open(database).await;
        let reversed: String = billed.lines().rev().flat_map(|line| [line, "\n"]).collect();
        assert_eq!(import(&store, &reversed).await.unwrap(), Imported { added: LINES, unchanged: 0 });
        assert_eq!(export(&store).await, billed);
        assert_eq!(import(&store, &billed).await.unwrap(), Imported { added: 0, unchanged: LINES });
        assert_eq!(export(&store).await, billed);
    });
}

#[test]
fn what_is_there_already_gets_no_other_past() {
    let lines = r#"{"kind":"history","account_id":"web","places":[{"from":null,"organization_ids":["acme"]},{"from":"2026-01-02","organization_ids":["acme","Shop"],"name":"Web \"shop\""}]}
{"kind":"history","organization_id":"acme","places":[{"from":null,"organization_ids":[]}],"billing_currencies":[{"from":"2026-01-01","currency":"EUR"}]}
{"kind":"usage_daily","account_id":"web","metric_id":"requests","day":"2025-12-31","quantity":"1","billing_period":"2026-01"}
{"kind":"billing_period","organization_id":"acme","billing_period":"2025-12","state":"open"}
{"kind":"invoice","id":"ID1","root_organization_id":"acme","billing_period":"2025-12","account_id":"web","organization_id":"acme","currency":"EUR","exact_cost":"10.125","total":"10.12"}"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        assert_eq!(
            refused(&store, &lines.replace("ID1", ID1)).await,
            [
                "1: history of account web exists already with another places",
                "2: history of organization acme exists already with another billing_currencies",
                "3: billing_period: only an account that comes with the file brings what was known late of it",
                "4: organization_id: acme is there already; its months are closed here",
                "5: billing_period: no line of the file closes it",
            ]
        );
    });
}

#[test]
fn what_cannot_have_been_is_refused() {
    let lines = r#"{"kind":"organization","id":"acme","name":"Acme"}
{"kind":"account","id":"web","name":"Web","organization_id":"acme"}
{"kind":"metric","id":"m","name":"M","event_type":"m","aggregation":"count","unit":"M","service_name":"S","service_category":"Other"}
{"kind":"history","account_id":"web","organization_id":"acme","places":[]}
{"kind":"history","account_id":"a1","places":[]}
{"kind":"history","account_id":"a2","places":[{"from":"2026-01-01","organization_ids":[]}]}
{"kind":"history","account_id":"a3","places":[{"from":null,"organization_ids":[]},{"from":"2026-01-01","organization_ids":[]},{"from":"2026-01-01","organization_ids":[]}]}
{"kind":"history","account_id":"a4","places":[{"from":null,"organization_ids":["o","o"]}]}
{"kind":"history","account_id":"a5","places":[{"from":null,"organization_ids":[]}],"billing_currencies":[]}
{"kind":"history","organization_id":"o1","places":[{"from":null,"organization_ids":[],"name":"O"}]}
{"kind":"history","organization_id":"o2","places":[{"from":null,"organization_ids":["o2"]}]}
{"kind":"history","account_id":"web","places":[{"from":null,"organization_ids":["acme"],"name":"Other"}]}
{"kind":"history","organization_id":"acme","places":[{"from":null,"organization_ids":[]}],"billing_currencies":[{"from":null,"currency":"EUR"}]}
{"kind":"history","organization_id":"acme","places":[{"from":null,"organization_ids":[]}]}"#;
    let more = r#"{"kind":"organization","id":"acme","name":"Acme"}
{"kind":"account","id":"web","name":"Web","organization_id":"acme"}
{"kind":"metric","id":"m","name":"M","event_type":"m","aggregation":"count","unit":"M","service_name":"S","service_category":"Other"}
{"kind":"usage_daily","account_id":"web","metric_id":"m","day":"2026-01-01","quantity":"1","billing_period":"2026-01"}
{"kind":"usage_daily","account_id":"web","metric_id":"m","day":"2026-01-01","quantity":"-1"}
{"kind":"billing_period","organization_id":"nobody","billing_period":"2026-01","state":"open"}
{"kind":"billing_period","organization_id":"acme","billing_period":"2026-01","state":"closed","close_time":"2026-02-02T00:00:00Z"}
{"kind":"billing_period","organization_id":"acme","billing_period":"2025-12","state":"closing","close_time":"2026-02-02T00:00:00Z"}
{"kind":"invoice","id":"i1","root_organization_id":"acme","billing_period":"2025-12","account_id":"web","organization_id":"acme","currency":"USD","exact_cost":"1","total":"1"}
{"kind":"invoice","id":"i2","root_organization_id":"acme","billing_period":"2025-12","account_id":"nobody","organization_id":"acme","currency":"USD","exact_cost":"1","total":"1"}
{"kind":"budget","id":"b1","organization_id":"nobody","name":"B","amount":"1","currency":"USD"}
{"kind":"budget","id":"b2","organization_id":"acme","name":"B","amount":"0","currency":"USD"}
{"kind":"budget","id":"b3","organization_id":"acme","name":"B","amount":"1","currency":"USD","thresholds":[0]}
{"kind":"budget","id":"b4","organization_id":"acme","name":"B","amount":"1","currency":"USD","reached":[{"month":"2025-12","threshold":50},{"month":"2026-01","threshold":50}]}"#;
    let many: Vec<_> = (0..21)
        .map(|n| format!(r#"{{"kind":"budget","id":"b{n}","organization_id":"acme","name":"B","amount":"1","currency":"USD"}}"#))
        .collect();
    let many = format!("{{\"kind\":\"organization\",\"id\":\"acme\",\"name\":\"Acme\"}}\n{}", many.join("\n"));
    on_each_empty_database(async |database| {
        let store = open(database).await;
        let reasons = [refused(&store, lines).await, refused(&store, more).await, refused(&store, &many).await].concat();
        insta::assert_snapshot!("lines_of_billing_with_reasons", reasons.join("\n"));
    });
}

#[test]
fn quantities_and_prices_whose_costs_have_no_room_are_refused_wherever_the_other_is() {
    let price = |id: &str, unit_price: &str| {
        format!(
            r#"{{"kind":"price","id":"{id}","metric_id":"places","currency":"EUR","list_unit_price":"{unit_price}","effective_from":"2027-01-01"}}"#
        ) + "\n"
    };
    let used = |day: &str, quantity: &str| {
        format!(r#"{{"kind":"usage_daily","account_id":"web","metric_id":"places","day":"{day}","quantity":"{quantity}"}}"#)
            + "\n"
    };
    let metric = r#"{"kind":"metric","id":"places","name":"Seats","event_type":"com.example.seats","aggregation":"sum","value_property":"value","unit":"Seats","pricing_unit":"Seats","pricing_block_size":"1","service_name":"Seats","service_category":"Compute","service_subcategory":"Serverless Compute","product_family":"Seats","sku_id":"seats","sku_meter":"Seats"}
"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        let reason = |refused: Vec<String>| {
            assert!(refused.len() == 1 && refused[0].contains("costs have at most 20 digits"), "{refused:?}");
            refused[0].split(" cannot").next().unwrap().to_owned()
        };
        let both = [metric, &used("2027-01-01", "100000000000000000"), &price("p9", "1000")].concat();
        assert_eq!(reason(refused(&store, &both).await), "2: quantity:");
        import(&store, &[metric, &used("2027-01-01", "100000000000000000")].concat()).await.unwrap();
        assert_eq!(reason(refused(&store, &price("p9", "1000")).await), "1: the price");
        import(&store, &price("p9", "10")).await.unwrap();
        assert_eq!(import(&store, &used("2027-01-02", "1")).await.unwrap().added, 1);
    });
}

#[test]
fn usage_of_any_age_is_taken_unless_a_root_of_its_own_account_has_closed_a_later_month() {
    let period = r#"{"kind":"billing_period","organization_id":"acme","billing_period":"2025-12","state":"closed","close_time":"2026-01-02T03:04:05Z","content_hash":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"}"#;
    let used = |account: &str| {
        format!(r#"{{"kind":"usage_daily","account_id":"{account}","metric_id":"requests","day":"2024-01-01","quantity":"1"}}"#)
    };
    let other = r#"{"kind":"organization","id":"other","name":"Other"}
{"kind":"account","id":"till","name":"Till","organization_id":"other"}
"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, &[COMPANY, period].concat()).await.unwrap();
        let of_others = [other, &used("till"), "\n", &used("alone")].concat();
        assert_eq!(import(&store, &of_others).await.unwrap().added, 4);
        assert_eq!(refused(&store, &used("web")).await, ["1: day: the billing period 2025-12 of the root acme is closed"]);
        let moved = r#"{"kind":"account","id":"kiosk","name":"Kiosk","organization_id":"other"}
{"kind":"history","account_id":"kiosk","places":[{"from":null,"organization_ids":["acme"],"name":"Kiosk"},{"from":"2026-01-01","organization_ids":["other"],"name":"Kiosk"}]}
"#;
        let refused = refused(&store, &[moved, &used("kiosk")].concat()).await;
        assert_eq!(refused, ["3: day: the billing period 2025-12 of the root acme is closed"]);
    });
}
