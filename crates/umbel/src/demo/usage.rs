//! What the accounts of the demo used until today, as lines to import.

use serde_json::{Value, json};
use time::{Date, Duration, Weekday};

/// Days of usage.
const DAYS: i64 = 60;

/// Metrics, prices, and sixty days of usage of every account of the company.
pub(super) fn lines(company: &str, today: Date) -> String {
    let accounts = company.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let accounts: Vec<Value> = accounts.filter(|line| line["kind"] == "account").collect();
    let mut lines = catalogue();
    for (account, busy) in accounts.iter().zip(1_u64..) {
        for back in (0..DAYS).rev() {
            let day = today - Duration::days(back);
            for (metric, quantity) in used(busy, day) {
                let day = format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day());
                let line = json!({"kind": "usage_daily", "account_id": account["id"], "metric_id": metric, "day": day, "quantity": quantity});
                lines.push(line);
            }
        }
    }
    let text = |line: &Value| line.to_string() + "\n";
    lines.iter().map(text).collect()
}

fn catalogue() -> Vec<Value> {
    let metric = |id: &str, name: &str, unit: &str, service: [&str; 3]| {
        json!({
            "kind": "metric",
            "id": id,
            "name": name,
            "event_type": format!("com.example.{id}"),
            "aggregation": "sum",
            "value_property": "quantity",
            "unit": unit,
            "service_name": service[0],
            "service_category": service[1],
            "service_subcategory": service[2],
        })
    };
    let price = |metric: &str, unit_price: &str, free: &str| {
        let (currency, from) = ("USD", "2025-01-01");
        let (id, list) = (format!("{metric}-2025"), unit_price);
        json!({"kind": "price", "id": id, "metric_id": metric, "currency": currency, "list_unit_price": list, "effective_from": from, "free_quantity": free})
    };
    vec![
        metric("requests", "Requests", "Requests", ["Workers", "Compute", "Serverless Compute"]),
        metric("egress", "Egress", "GB", ["Delivery", "Networking", "Content Delivery"]),
        metric("storage", "Storage", "GB-Days", ["Storage", "Storage", "Object Storage"]),
        price("requests", "0.000005", "10000000"),
        price("egress", "0.02", "100"),
        price("storage", "0.0005", "0"),
    ]
}

/// What an account used on a day: less at the end of the week, a little more from day to day, and never quite the same.
fn used(busy: u64, day: Date) -> [(&'static str, String); 3] {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let (number, share) = (u64::from(day.ordinal()), if weekend { 55 } else { 100 });
    let noise = (number * 7919 + busy * 104_729) % 41;
    let requests = busy * 90_000 * share * (100 + number % 60) * (80 + noise) / 1_000_000;
    let megabytes = requests * (31 + noise % 7) / 10;
    let storage = busy * 12_500 + number * busy * 40;
    let thousandths = |number: u64| format!("{}.{:03}", number / 1000, number % 1000);
    [("requests", requests.to_string()), ("egress", thousandths(megabytes)), ("storage", thousandths(storage))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_used_something_on_each_of_sixty_days() {
        let company =
            "{\"kind\":\"account\",\"id\":\"a\"}\n{\"kind\":\"user\",\"id\":\"u\"}\n{\"kind\":\"account\",\"id\":\"b\"}\n";
        let today = Date::from_calendar_date(2026, time::Month::March, 1).unwrap();
        let text = lines(company, today);
        let days: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let usage: Vec<&Value> = days.iter().filter(|line| line["kind"] == "usage_daily").collect();
        assert_eq!(usage.len(), 2 * 60 * 3);
        assert!(usage.iter().all(|line| line["quantity"] != "0" && line["quantity"] != "0.000"));
        assert_eq!((usage[0]["day"].as_str(), usage[usage.len() - 1]["day"].as_str()), (Some("2026-01-01"), Some("2026-03-01")));
    }
}
