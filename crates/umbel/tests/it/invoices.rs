//! Invoices by the real program: a month that is closed has all of them, whatever happens to the process that makes them.

use std::fmt::Write as _;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use umbel_client::Client;
use umbel_client::api::{BillingPeriod, BillingPeriodState, Invoice, ListInvoices};

use crate::import_export::import;
use crate::process::{Server, bootstrap, on_each_engine, succeed};
use crate::usage::metric;

const MONTH: &str = "2025-12";
/// Each of these trees closes the month; the process is killed a bit later each time.
const ROOTS: u64 = 6;
/// More than one transaction writes.
const ACCOUNTS: usize = 300;
const STEP: Duration = Duration::from_millis(15);

/// Trees that are the same but for their ids.
fn trees() -> String {
    let price = json!({
        "kind": "price",
        "id": "p1",
        "metric_id": "requests",
        "currency": "USD",
        "list_unit_price": "0.005",
        "effective_from": "2025-01-01",
    });
    let mut lines = format!("{}\n{price}\n", metric());
    for root in 0..ROOTS {
        let mut line = |line: Value| writeln!(lines, "{line}").unwrap();
        line(json!({"kind": "organization", "id": format!("root{root}"), "name": "Root"}));
        for account in 0..ACCOUNTS {
            let id = format!("account{root}-{account:03}");
            line(json!({"kind": "account", "id": id, "name": "Account", "organization_id": format!("root{root}")}));
            for day in ["2025-12-01", "2025-12-31"] {
                let quantity = format!("{account}.5");
                line(json!({"kind": "usage_daily", "account_id": id, "metric_id": "requests", "day": day, "quantity": quantity}));
            }
        }
    }
    lines
}

async fn closed(client: &Client, root: &str) -> BillingPeriod {
    loop {
        let period = client.billing_period(root, MONTH).await.unwrap();
        if period.state == BillingPeriodState::Closed {
            return period;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_killed_server_makes_the_invoices_of_a_closed_month_later_and_the_same() {
    on_each_engine(|database| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let token = bootstrap(database);
        assert_eq!(import(database, &trees()), (true, String::new()));
        let roots: Vec<String> = (0..ROOTS).map(|root| format!("root{root}")).collect();
        for (at, root) in (1..).zip(&roots) {
            let server = Server::start(database);
            let client = server.client(&token);
            runtime.block_on(async {
                client.close_billing_period(root, MONTH).await.unwrap();
                tokio::time::sleep(STEP * at).await;
            });
            server.kill();
        }
        let server = Server::start(database);
        let client = server.client(&token);
        for root in &roots {
            runtime.block_on(async {
                let period = closed(&client, root).await;
                let replay = client.replay_billing_period(root, MONTH).await.unwrap();
                assert_eq!((replay.matches, Some(replay.content_hash)), (true, period.content_hash), "{root}");
                let invoices: Vec<Invoice> = client.invoices(root, MONTH, ListInvoices::default()).try_collect().await.unwrap();
                let costs: Vec<&str> = invoices.iter().map(|invoice| invoice.exact_cost.as_str()).collect();
                // Twice so many requests and a half, at half a cent.
                let thousandths = (0..ACCOUNTS).map(|account| 10 * account + 5);
                let expected: Vec<String> = thousandths.map(|cost| format!("{}.{:03}", cost / 1_000, cost % 1_000)).collect();
                let expected: Vec<&str> = expected.iter().map(|cost| cost.trim_end_matches('0').trim_end_matches('.')).collect();
                assert_eq!(costs, expected, "{root}");
            });
        }
        assert_eq!(server.terminate(), Some(0));
        assert_eq!(entries(database), ROOTS, "each month was closed once");
    });
}

/// How many entries say that the invoices of a month are made.
fn entries(database: &str) -> u64 {
    let lines = succeed(&["export", "--database", database]);
    let lines =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|line| line["kind"] == "audit_entry");
    let made = lines.filter(|line| line["actor"]["type"] == "system" && line["resource"]["type"] == "billing_period");
    made.count() as u64
}
