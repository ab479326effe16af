//! What was used in months, packed.

use std::collections::BTreeMap;

use umbel_decimal::Decimal;
use umbel_domain::usage::{DailyUsage, Rollup, Spot, UsageKey};
use umbel_domain::{AccountId, Day, Timestamp};

use super::engines::{on_each_empty_database, on_each_engine};
use super::fixtures::{account_id, change, usage_key};
use super::migrations::tell;
use super::statements::ran_during;
use crate::migrations::{MIGRATIONS, for_engine};
use crate::usage::CountedEvent;
use crate::{IN_LIST_MAX, Store, admin, usage};

/// Metric, day and quantity, and how often.
type Quantities = BTreeMap<(String, Day, Decimal), usize>;

fn day(metric: &str, day: &str, zone: &str, quantity: u64) -> DailyUsage {
    let mut key = usage_key(metric, Day::parse(day).unwrap());
    key.spot = Spot { zone_id: zone.into(), ..Spot::default() };
    let rollup = Rollup { quantity: Decimal::from(quantity), latest: None::<Timestamp> };
    DailyUsage { key, zone_name: None, region_name: None, rollup, booked: None }
}

async fn packed(store: &Store, month: &str) -> Quantities {
    let mut read = admin::read(store).await.unwrap();
    let month = Day::parse(month).unwrap();
    let step: usage::Quantities<Quantities> = |made, (_, metric, day), quantity| {
        *made.entry((metric.to_owned(), day, quantity)).or_default() += 1;
        Ok(())
    };
    usage::of_month(&mut read, &[&account_id("shop")], month, Quantities::new(), step).await.unwrap()
}

fn quantities(days: &[DailyUsage]) -> Quantities {
    let mut made = Quantities::new();
    for day in days {
        *made.entry((day.key.metric_id.as_str().to_owned(), day.key.day, day.rollup.quantity)).or_default() += 1;
    }
    made
}

#[test]
fn a_month_says_what_its_days_say_whether_they_were_recorded_or_were_there_before() {
    on_each_empty_database(async |database| {
        let store = database.open().await;
        let first = [
            day("requests", "2026-01-31", "", 5),
            day("requests", "2026-01-31", "z", 5),
            day("requests", "2026-02-01", "", 7),
            day("seats", "2024-02-29", "", 1),
            day("seats", "0000-01-01", "", 2),
            day("seats", "9999-12-31", "", 3),
        ];
        change(&store, async |write| usage::put(write, &first).await).await.unwrap();
        let later =
            [day("requests", "2026-01-01", "", 0), day("requests", "2026-01-31", "z", 9), day("seats", "2026-01-02", "", 4)];
        change(&store, async |write| usage::put(write, &later).await).await.unwrap();
        let january = [first[0].clone(), later[0].clone(), later[1].clone(), later[2].clone()];
        let check = async |store: &Store| {
            assert_eq!(packed(store, "2026-01-01").await, quantities(&january));
            assert_eq!(packed(store, "2026-02-01").await, quantities(&first[2..3]));
            assert_eq!(packed(store, "2024-02-01").await, quantities(&first[3..4]));
            assert_eq!(packed(store, "0000-01-01").await, quantities(&first[4..5]));
            assert_eq!(packed(store, "9999-12-01").await, quantities(&first[5..]));
            assert_eq!(packed(store, "2026-03-01").await, Quantities::new());
        };
        check(&store).await;
        // The migration makes the same of days that were there before it.
        let migration = MIGRATIONS.iter().find(|migration| migration.name == "0013_usage_months").unwrap();
        let text = for_engine(migration.text, if database.is_sqlite() { "sqlite" } else { "postgres" });
        tell(database, &format!("DROP TABLE usage_months; {text}")).await;
        check(&database.open().await).await;
    });
}

#[test]
fn the_months_of_many_accounts_are_read_by_one_statement_in_their_order() {
    on_each_engine(async |store| {
        let used = |account: usize| {
            let of = |day: DailyUsage| DailyUsage {
                key: UsageKey { account_id: account_id(&format!("a{account:03}")), ..day.key },
                ..day
            };
            [
                of(day("seats", "2026-01-02", "", 3)),
                of(day("requests", "2026-01-31", "", 1)),
                of(day("requests", "2026-02-01", "", 7)),
            ]
        };
        let days: Vec<DailyUsage> = (0..IN_LIST_MAX).flat_map(used).collect();
        change(&store, async |write| usage::put(write, &days).await).await.unwrap();
        let asked: Vec<AccountId> = (0..IN_LIST_MAX).step_by(2).map(|account| account_id(&format!("a{account:03}"))).collect();
        let asked: Vec<&AccountId> = asked.iter().rev().collect();
        let step: usage::Quantities<Vec<(String, String, Decimal)>> = |made, (account, metric, _), quantity| {
            made.push((account.to_owned(), metric.to_owned(), quantity));
            Ok(())
        };
        let mut read = admin::read(&store).await.unwrap();
        let mut found = Vec::new();
        let january = Day::parse("2026-01-01").unwrap();
        let ran = ran_during(async {
            found = usage::of_month(&mut read, &asked, january, Vec::new(), step).await.unwrap();
        });
        assert_eq!(ran.await.len(), 1);
        let of = |account: &&AccountId| {
            [("requests", 1_u64), ("seats", 3)]
                .map(|(metric, used)| (account.to_string(), metric.to_owned(), Decimal::from(used)))
        };
        assert_eq!(found, asked.iter().rev().flat_map(of).collect::<Vec<_>>());
    });
}

#[test]
fn from_which_day_on_keys_are_known_follows_from_what_was_forgotten() {
    on_each_engine(async |store| {
        let (old, new) = (Day::parse("2026-01-01").unwrap(), Day::parse("2026-01-05").unwrap());
        let event = |day: Day, key: u8| CountedEvent { key: [key; 16], content: [0; 8], day };
        let events = [event(old, 1), event(new, 2)];
        change(&store, async |write| usage::record(write, &events, (&[], &[]), &[]).await.map(drop)).await.unwrap();
        let forget =
            async |day: Day| change(&store, async |write| usage::forget(write, 0, 1, day).await.map(drop)).await.unwrap();
        let known_from = async || usage::known_from(&mut admin::read(&store).await.unwrap()).await.unwrap();
        forget(old).await;
        assert_eq!(known_from().await, Day::FIRST, "nothing was forgotten");
        forget(new).await;
        assert_eq!(known_from().await, new);
        forget(new.next()).await;
        forget(old).await;
        assert_eq!(known_from().await, new.next());
    });
}
