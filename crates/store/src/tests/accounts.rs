//! Accounts and their lists, held against what is planted.

use umbel_domain::{Account, AccountMember, AccountSettings, AccountType, Lineage, MemberStatus, Profile, Role, UserId};

use super::engines::on_each_engine;
use super::fixtures::{
    NOW, account, account_id, account_member, change, id, lineage, named_account, organization, plant, starting_with, user_id,
};
use crate::accounts::{self, Filter, Order, Start};
use crate::authorization::Memberships;
use crate::names::NamePatterns;
use crate::{Error, Page, Store, Write, account_members, admin};

async fn plant_accounts(store: &Store, planted: &[Account]) {
    let insert_all = async |write: &mut Write| {
        for account in planted {
            accounts::insert(write, account).await?;
        }
        Ok(())
    };
    change(store, insert_all).await.unwrap();
}

#[test]
fn an_account_comes_back_as_it_was_stored() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/")]).await;
        let text = || "\u{1F600} \"quoted\"\\ \n".to_owned();
        let full = Account {
            account_type: AccountType::Enterprise,
            settings: AccountSettings {
                abuse_contact_email: Some(text()),
                access_approval_expiry: Some(NOW),
                api_access_enabled: Some(false),
                default_nameservers: Some(text()),
                enforce_twofactor: true,
                use_account_custom_ns_by_default: Some(true),
            },
            profile: Some(Profile {
                business_address: text(),
                business_email: text(),
                business_name: text(),
                business_phone: text(),
                external_metadata: text(),
            }),
            ..named_account("acme/@full/", "Ünïcode")
        };
        plant_accounts(&store, &[full.clone(), account("@alone/")]).await;
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(accounts::get(&mut read, &full.id).await, Ok(Some(full)));
        assert_eq!(accounts::get(&mut read, &account_id("alone")).await, Ok(Some(account("@alone/"))));
        assert_eq!(accounts::get(&mut read, &account_id("acme")).await, Ok(None));
    });
}

#[test]
fn an_account_that_somebody_else_has_changed_is_not_overwritten() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/"), organization("acme/eu/")]).await;
        plant_accounts(&store, &[account("acme/@shop/")]).await;
        let moved = account("acme/eu/@shop/");
        change(&store, async |write| accounts::update(write, &moved).await).await.unwrap();
        assert_eq!(accounts::update(&mut admin::write(&store).await.unwrap(), &moved).await, Err(Error::Conflict));
        assert_eq!(accounts::delete(&mut admin::write(&store).await.unwrap(), &moved).await, Err(Error::Conflict));
        let mut read = admin::read(&store).await.unwrap();
        assert_eq!(accounts::get(&mut read, &moved.id).await, Ok(Some(Account { version: 2, ..moved.clone() })));
        assert_eq!(accounts::count(&mut read, &id("acme"), 10).await, Ok(0));
        assert_eq!(accounts::count(&mut read, &id("eu"), 10).await, Ok(1));
        drop(read);
        change(&store, async |write| accounts::delete(write, &Account { version: 2, ..moved.clone() }).await).await.unwrap();
        assert_eq!(accounts::get(&mut admin::read(&store).await.unwrap(), &moved.id).await, Ok(None));
    });
}

const ORDERS: [Order; 4] = [
    Order { by_name: false, descending: false },
    Order { by_name: false, descending: true },
    Order { by_name: true, descending: false },
    Order { by_name: true, descending: true },
];

/// What [`accounts::of_organization`] must find, in its order.
fn model(planted: &[Account], filter: &Filter, order: Order) -> Vec<String> {
    let starts = filter.name.starts_with.clone().unwrap_or_default().to_lowercase();
    let mut found: Vec<_> = planted.iter().filter(|account| account.name.folded().starts_with(&starts)).collect();
    found.sort_by_key(|account| (if order.by_name { account.name.folded() } else { String::new() }, account.id.to_string()));
    if order.descending {
        found.reverse();
    }
    found.into_iter().map(|account| account.id.to_string()).collect()
}

fn ids(found: &[Account]) -> Vec<String> {
    found.iter().map(|account| account.id.to_string()).collect()
}

#[test]
fn the_accounts_of_an_organization_come_in_each_order_by_pages_of_any_size() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/"), organization("acme/eu/")]).await;
        let names = ["beta", "Alpha", "alpha", "Gamma", "ALPINE", "beta/2", "beta"];
        let planted: Vec<_> =
            names.iter().zip(0..).map(|(name, n)| named_account(&format!("acme/@x{}/", (n * 3) % 7), name)).collect();
        plant_accounts(&store, &planted).await;
        plant_accounts(&store, &[account("acme/eu/@below/"), account("@alone/")]).await;
        let filters = [Filter::default(), Filter { name: starting_with("ALP"), ..Filter::default() }];
        let mut read = admin::read(&store).await.unwrap();
        for (filter, order) in filters.iter().flat_map(|filter| ORDERS.map(|order| (filter, order))) {
            let expected = model(&planted, filter, order);
            for size in [1, 2, 3, 10] {
                let (mut by_token, mut start) = (Vec::new(), Start::After(String::new(), String::new()));
                loop {
                    let page: Page<Account> =
                        accounts::of_organization(&mut read, &id("acme"), filter, order, &start, size).await.unwrap();
                    by_token.extend(ids(&page.items));
                    let Some(last) = page.items.last().filter(|_| page.more) else { break };
                    start = Start::After(last.name.folded(), last.id.to_string());
                }
                assert_eq!(by_token, expected, "{filter:?} {order:?} {size}");
                let start = Start::Skip(size);
                let second = accounts::of_organization(&mut read, &id("acme"), filter, order, &start, size).await.unwrap();
                let expected: Vec<_> = expected.iter().skip(size).take(size).cloned().collect();
                assert_eq!(ids(&second.items), expected, "{filter:?} {order:?} {size}");
            }
            let total = accounts::count_of_organization(&mut read, &id("acme"), filter, 100).await;
            assert_eq!(total, Ok(expected.len() as u64));
            assert_eq!(accounts::count_of_organization(&mut read, &id("acme"), filter, 2).await, Ok(2));
        }
    });
}

#[test]
fn names_are_compared_whatever_their_case() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/")]).await;
        plant_accounts(&store, &[named_account("acme/@x1/", "Ärger 100%"), named_account("acme/@x2/", "other")]).await;
        let mut read = admin::read(&store).await.unwrap();
        let mut found = async |name: NamePatterns, public_name: NamePatterns| {
            let filter = Filter { name, public_name };
            let start = Start::After(String::new(), String::new());
            ids(&accounts::of_organization(&mut read, &id("acme"), &filter, ORDERS[0], &start, 10).await.unwrap().items)
        };
        let equal = |name: &str| NamePatterns { equals: Some(name.into()), ..NamePatterns::default() };
        let contains = |part: &str| NamePatterns { contains: Some(part.into()), ..NamePatterns::default() };
        let any = NamePatterns::default;
        assert_eq!(found(equal("äRGER 100%"), any()).await, ["x1"]);
        assert_eq!(found(any(), equal("ärger 100%")).await, ["x1"]);
        assert_eq!(found(equal("ärger"), any()).await, [""; 0]);
        assert_eq!(found(contains("R 100%"), any()).await, ["x1"]);
        assert_eq!(found(contains("e%0"), any()).await, [""; 0]);
        assert_eq!(found(contains("er"), contains("th")).await, ["x2"]);
    });
}

#[test]
fn what_is_visible_is_listed_in_the_order_of_the_tree_whatever_is_skipped() {
    on_each_engine(async |store| {
        let roots: Vec<_> = (0..70).map(|n| format!("r{n:02}/")).collect();
        plant(&store, &roots.iter().map(|root| organization(root)).collect::<Vec<_>>()).await;
        let mut planted: Vec<_> = roots.iter().flat_map(|root| ["@a", "@b"].map(|end| format!("{root}{end}-{root}"))).collect();
        planted.extend(["@alone/".to_owned(), "@other/".to_owned()]);
        plant_accounts(&store, &planted.iter().map(|at| account(at)).collect::<Vec<_>>()).await;
        planted.sort();
        // Every second root, one account of a root that is not, and one that stands alone: more places than one statement takes.
        let mut visible: Vec<Lineage> = roots.iter().step_by(2).chain(roots[..1].iter()).map(|root| lineage(root)).collect();
        visible.extend([lineage("r01/@b-r01/"), lineage("@alone/")]);
        let visible = umbel_domain::lineage::disjoint(visible);
        let mut expected: Vec<_> =
            planted.iter().filter(|at| visible.iter().any(|place| place.contains(&lineage(at)))).cloned().collect();
        let mut read = admin::read(&store).await.unwrap();
        for descending in [false, true] {
            for (skipped, size) in [(0, 1000), (0, 7), (7, 7), (60, 20), (71, 5), (1000, 10)] {
                let found = accounts::visible(&mut read, &visible, &Filter::default(), descending, skipped, size).await.unwrap();
                let found: Vec<_> = found.iter().map(|account| account.lineage.as_str().to_owned()).collect();
                let expected: Vec<_> = expected.iter().skip(skipped).take(size).cloned().collect();
                assert_eq!(found, expected, "{descending} {skipped} {size}");
            }
            expected.reverse();
        }
        for max in [1, 40, 1000] {
            let counted = accounts::count_visible(&mut read, &visible, &Filter::default(), max).await;
            assert_eq!(counted, Ok(max.min(expected.len() as u64)));
        }
        assert_eq!(accounts::visible(&mut read, &[], &Filter::default(), false, 0, 10).await, Ok(vec![]));
    });
}

#[test]
fn roles_on_an_account_count_there_and_nowhere_else() {
    on_each_engine(async |store| {
        plant(&store, &[organization("acme/")]).await;
        plant_accounts(&store, &[account("acme/@shop/"), account("@alone/")]).await;
        let roles = vec![Role::Billing, Role::Auditor];
        let inactive = AccountMember { status: MemberStatus::Pending, ..account_member("alone", "bob", Role::Viewer) };
        let members = [
            AccountMember { roles: roles.clone(), ..account_member("shop", "ann", Role::Viewer) },
            account_member("alone", "ann", Role::Administrator),
            inactive,
        ];
        let insert = async |write: &mut Write| {
            for member in &members {
                account_members::insert(write, member).await?;
            }
            Ok(())
        };
        change(&store, insert).await.unwrap();
        let (shop, alone) = (lineage("acme/@shop/"), lineage("@alone/"));
        let on_shop: Vec<_> = roles.iter().map(|role| (shop.clone(), role.actions().unwrap())).collect();
        let administrator = Role::Administrator.actions().unwrap();
        let held =
            async |user: &UserId, which: Memberships<'_>| store.read().await.unwrap().memberships(user, which).await.unwrap();
        let (ann, bob) = (user_id("ann"), user_id("bob"));
        assert_eq!(held(&ann, Memberships::Above(&shop)).await, on_shop);
        assert_eq!(held(&ann, Memberships::Above(&alone)).await, [(alone.clone(), administrator)]);
        assert_eq!(held(&ann, Memberships::Above(&lineage("acme/"))).await, []);
        assert_eq!(held(&bob, Memberships::Above(&alone)).await, []);
        let mut all = held(&ann, Memberships::All).await;
        all.sort_by_key(|(place, _)| place.as_str().to_owned());
        assert_eq!(all, [vec![(alone.clone(), administrator)], on_shop].concat());
        change(&store, async |write| account_members::delete_of_account(write, &account_id("shop")).await).await.unwrap();
        assert_eq!(held(&ann, Memberships::All).await, [(alone, administrator)]);
        change(&store, async |write| account_members::delete_of_user(write, &ann).await).await.unwrap();
        assert_eq!(held(&ann, Memberships::All).await, []);
    });
}
