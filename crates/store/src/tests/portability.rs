//! Import and export.

use std::fmt::Write as _;
use std::io::BufReader;

use umbel_domain::secret::{self, Secret};
use umbel_domain::{Email, Scope};

use super::engines::{Database, on_each_empty_database, on_empty_sqlite};
use super::fixtures::{NOW, account_id, change, counts, id, organization, token, user};
use crate::admin::portability::{self, BAD_LINES_MAX, DEPTH_MAX, Error, Imported, LINE_LENGTH_MAX};
use crate::admin::{Progress, Sources};
use crate::{Access, Store, accounts, api_tokens, organizations, users};

const ROLE: &str = "019c4f65e7607d8c9f6f6b58aa3aff54";

/// A database as it is exported: every member of every line, each kind in its order.
pub(super) const COMPANY: &str = r#"{"kind":"user","id":"ann","email":"Ann@Example.com","name":"Ann Archer","two_factor_authentication_enabled":true,"operator":true,"managed_by":null,"disabled":false,"create_time":"2026-01-02T03:04:05.123456Z","last_seen_on":"2026-03-01T00:00:00Z","api_key_hash":"2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"}
{"kind":"user","id":"bob","email":"bob@example.com","name":null,"two_factor_authentication_enabled":false,"operator":false,"managed_by":"acme-eu","disabled":true,"create_time":"1969-12-31T23:59:59.999999Z","last_seen_on":null,"api_key_hash":null}
{"kind":"api_token","id":"t1","user_id":"ann","name":"deploy","scope":{"organization_id":null,"role":null},"create_time":"2026-01-02T03:04:05Z","expires_on":null,"last_used_on":null,"token_hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
{"kind":"api_token","id":"t2","user_id":"bob","name":"read","scope":{"organization_id":"acme","role":"019c4f65e7607d8c9f6f6b58aa3aff54"},"create_time":"2026-01-02T03:04:05.1Z","expires_on":"2027-01-01T00:00:00Z","last_used_on":"2026-02-01T00:00:00Z","token_hash":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}
{"kind":"organization","id":"acme-eu","parent_id":null,"name":"Acmé \"EU\"","create_time":"2026-01-02T03:04:05.000001Z","flags":{"account_creation":"enabled","account_deletion":"disabled","account_migration":"enabled","account_mobility":"enabled","sub_org_creation":"disabled","account_creation_applies_tenant_defaults":"enabled","enterprise_capability":"enabled","member_management":"enabled"},"profile":{"business_address":"{\"line1\":\"…\"}","business_email":"","business_name":"a\u0000b","business_phone":"\t+1","external_metadata":"{}"},"billing_currency":"USD"}
{"kind":"organization","id":"acme","parent_id":null,"name":"Acme","create_time":"2026-01-02T03:04:05Z","flags":{"account_creation":"enabled","account_deletion":"enabled","account_migration":"enabled","account_mobility":"enabled","sub_org_creation":"enabled","account_creation_applies_tenant_defaults":"enabled","enterprise_capability":"enabled","member_management":"enabled"},"profile":null,"billing_currency":"EUR"}
{"kind":"organization","id":"Shop","parent_id":"acme","name":"shop","create_time":"2026-01-02T03:04:05Z","flags":{"account_creation":"enabled","account_deletion":"enabled","account_migration":"enabled","account_mobility":"enabled","sub_org_creation":"enabled","account_creation_applies_tenant_defaults":"enabled","enterprise_capability":"enabled","member_management":"enabled"},"profile":null,"billing_currency":"USD"}
{"kind":"organization","id":"till","parent_id":"Shop","name":"Till","create_time":"2026-01-02T03:04:05Z","flags":{"account_creation":"disabled","account_deletion":"disabled","account_migration":"disabled","account_mobility":"disabled","sub_org_creation":"disabled","account_creation_applies_tenant_defaults":"disabled","enterprise_capability":"disabled","member_management":"disabled"},"profile":null,"billing_currency":"USD"}
{"kind":"role","id":"019c4f65e7607d8c9f6f6b58aa3aff54","organization_id":"acme","name":"Deployer","description":"Deploys.","actions":["read_organization","read_account","create_account","read_self","manage_own_memberships","manage_own_tokens"],"create_time":"2026-01-02T03:04:05Z","update_time":"2026-01-03T00:00:00Z"}
{"kind":"organization_member","id":"m2","organization_id":"acme","user_id":"bob","role":"019c4f65e7607d8c9f6f6b58aa3aff54","status":"pending","create_time":"2026-01-02T03:04:05Z","update_time":"2026-01-03T00:00:00Z"}
{"kind":"organization_member","id":"m1","organization_id":"till","user_id":"ann","role":"super_administrator","status":"active","create_time":"2026-01-02T03:04:05Z","update_time":"2026-01-02T03:04:05Z"}
{"kind":"account","id":"alone","organization_id":null,"name":"Alone","type":"standard","created_on":"2026-01-02T03:04:05Z","settings":{"abuse_contact_email":null,"access_approval_expiry":null,"api_access_enabled":null,"default_nameservers":null,"enforce_twofactor":false,"use_account_custom_ns_by_default":null},"profile":null}
{"kind":"account","id":"web","organization_id":"Shop","name":"Web \"shop\"","type":"enterprise","created_on":"2026-01-02T03:04:05.5Z","settings":{"abuse_contact_email":"abuse@example.com","access_approval_expiry":"2027-01-01T00:00:00Z","api_access_enabled":true,"default_nameservers":"cloudflare.standard","enforce_twofactor":true,"use_account_custom_ns_by_default":false},"profile":{"business_address":"","business_email":"","business_name":"Web","business_phone":"","external_metadata":"{}"}}
{"kind":"account_member","id":"n1","account_id":"web","user_id":"bob","roles":["019c4f65e7607d8c9f6f6b58aa3aff54","billing","auditor"],"status":"pending","create_time":"2026-01-02T03:04:05Z","update_time":"2026-01-03T00:00:00Z"}
{"kind":"audit_entry","id":"019c4f65e7607d8c9f6f6b58aa3aff60","organization_id":null,"account_id":null,"action":{"description":"Create User","result":"success","time":"2026-01-02T03:04:05.123456Z","type":"create"},"actor":{"type":"system"},"raw":{},"resource":{"id":"bob","product":"iam","scope":"organizations","type":"user"}}
{"kind":"audit_entry","id":"e1","organization_id":"acme","account_id":null,"action":{"time":"2024-10-30T15:00:00Z"},"actor":{},"raw":{},"resource":{}}
{"kind":"audit_entry","id":"019c4f65e7607d8c9f6f6b58aa3aff61","organization_id":"acme","account_id":"web","action":{"description":"Änderung","result":"failure","time":"2026-01-02T03:04:05Z","type":"update"},"actor":{"id":"ann","context":"api_token","email":"Ann@example.com","ip_address":"2001:db8::1","token_id":"t1","token_name":"deploy","type":"user"},"raw":{"cf_ray_id":"8e8dd2156ef28414","method":"PUT","status_code":403,"uri":"/accounts/web?a=%C3%A4","user_agent":"curl/8"},"resource":{"id":"web","product":"accounts","request":{"price":1.10, "text":"\u0000"},"response":[],"before":"x","after":{},"scope":{"a":[1]},"type":"account"}}
{"kind":"audit_entry","id":"e1","organization_id":"gone","account_id":null,"action":{"time":"2024-10-30T15:00:00Z"},"actor":{},"raw":{},"resource":{}}
{"kind":"metric","id":"requests","name":"Requests","event_type":"com.example.request","aggregation":"sum","value_property":"count","unit":"Requests","pricing_unit":"1M Requests","pricing_block_size":"1000000","service_name":"Workers","service_category":"Compute","service_subcategory":"Serverless Compute","product_family":"Workers","sku_id":"W-1","sku_meter":"Requests","create_time":"2026-01-02T03:04:05Z","retired_on":null}
{"kind":"metric","id":"seats","name":"Seats","event_type":"com.example.seat","aggregation":"count","value_property":null,"unit":"Seats","pricing_unit":"Seats","pricing_block_size":"1","service_name":"Seats","service_category":"Other","service_subcategory":"Other (Other)","product_family":"Seats","sku_id":"seats","sku_meter":"Seats","create_time":"2026-01-02T03:04:05Z","retired_on":"2026-02-01T00:00:00Z"}
{"kind":"price","id":"p1","metric_id":"requests","currency":"EUR","organization_id":null,"list_unit_price":"0.5","contracted_unit_price":null,"effective_from":"2025-01-01","effective_to":"2026-01-01","free_quantity":"1000000","tier_mode":"volume","tiers":[{"up_to":"2000000.5","list_unit_price":"0.7"},{"up_to":null,"list_unit_price":"0.6"}],"create_time":"2026-01-02T03:04:05Z"}
{"kind":"price","id":"p2","metric_id":"requests","currency":"EUR","organization_id":null,"list_unit_price":"0.4","contracted_unit_price":null,"effective_from":"2026-01-01","effective_to":null,"free_quantity":"0","tier_mode":"graduated","tiers":[],"create_time":"2026-01-02T03:04:05Z"}
{"kind":"price","id":"p3","metric_id":"requests","currency":"EUR","organization_id":"acme","list_unit_price":"0.4","contracted_unit_price":"0.3","effective_from":"2026-01-01","effective_to":null,"free_quantity":"0","tier_mode":"graduated","tiers":[],"create_time":"2026-01-02T03:04:05Z"}
{"kind":"usage_daily","account_id":"alone","metric_id":"requests","day":"2025-12-31","quantity":"123456789012345678.123456"}
{"kind":"usage_daily","account_id":"web","metric_id":"requests","day":"2026-01-01","quantity":"0","latest_time":"2026-01-01T12:00:00Z"}
{"kind":"usage_daily","account_id":"web","metric_id":"requests","day":"2026-01-01","quantity":"7","zone_id":"z1","zone_name":"example.com","region_id":"EEUR","region_name":"Eastern Europe"}
"#;

fn sources() -> Sources {
    Sources::new(NOW.micros(), |bytes| bytes.fill(7))
}

pub(super) async fn open(database: &Database) -> Store {
    Store::open(&database.url, Access::Exclusive).await.unwrap()
}

pub(super) async fn import(store: &Store, text: &str) -> portability::Result<Imported> {
    portability::import(store, &sources(), BufReader::new(text.as_bytes()), &mut |_| {}).await
}

pub(super) async fn export(store: &Store) -> String {
    let mut out = Vec::new();
    portability::export(store, &mut out, &mut |_| {}).await.unwrap();
    String::from_utf8(out).unwrap()
}

/// The reasons, `line: reason`, for which a file is refused; nothing of it may be left in the database.
pub(super) async fn refused(store: &Store, text: &str) -> Vec<String> {
    let before = export(store).await;
    let Err(Error::BadLines(lines)) = import(store, text).await else { panic!("not refused: {text}") };
    assert_eq!(export(store).await, before, "{text}");
    lines.into_iter().map(|line| format!("{}: {}", line.number, line.reason)).collect()
}

#[test]
fn an_import_of_an_export_exports_the_same_bytes_on_either_engine() {
    on_each_empty_database(async |database| {
        let store = open(database).await;
        // From the last line to the first, so that every line refers to what comes later.
        let reversed: String = COMPANY.lines().rev().flat_map(|line| [line, "\n"]).collect();
        assert_eq!(import(&store, &reversed).await.unwrap(), Imported { added: 26, unchanged: 0 });
        assert_eq!(export(&store).await, COMPANY);
    });
}

#[test]
fn importing_the_same_file_twice_changes_nothing() {
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        assert_eq!(import(&store, COMPANY).await.unwrap(), Imported { added: 0, unchanged: 26 });
        assert_eq!(export(&store).await, COMPANY);
    });
}

#[test]
fn an_import_writes_no_audit_entries() {
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        assert_eq!(counts(&store).await, (4, 4), "the four of the file");
    });
}

#[test]
fn what_a_line_leaves_out_has_the_default_of_the_api() {
    let file = r#"
{"kind":"user","id":"019C4F65-E760-7D8C-9F6F-6B58AA3AFF50","email":"ann@example.com"}

{"kind":"api_token","id":"t1","name":"deploy","user_id":"019c4f65e7607d8c9f6f6b58aa3aff50"}
{"kind":"organization","id":"acme","name":"Acme","flags":{"account_creation":"disabled"}}
{"kind":"organization_member","id":"m1","organization_id":"acme","email":" ANN@example.com"}
{"kind":"account","id":"a1","name":"Alone"}
{"kind":"account","id":"a2","name":"Held","organization_id":"acme","settings":{"api_access_enabled":true}}
{"kind":"account_member","id":"m1","account_id":"a1","email":"ann@example.com"}
{"kind":"audit_entry","id":"e1","organization_id":"acme"}"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        assert_eq!(import(&store, file).await.unwrap().added, 8);
        insta::assert_snapshot!("lines_with_their_defaults", export(&store).await);
        assert_eq!(import(&store, file).await.unwrap().unchanged, 8);
        let later = Sources::new(NOW.micros() + 1, |bytes| bytes.fill(7));
        let again = portability::import(&store, &later, BufReader::new(file.as_bytes()), &mut |_| {}).await.unwrap();
        assert_eq!(again.unchanged, 8, "an entry without a time is known by its id");
    });
}

#[test]
fn a_secret_in_plain_is_kept_as_its_hash_and_admits_its_owner() {
    let (token, key) = (Secret::new_token([1; 32]), "k".repeat(32));
    let file = format!(
        "{{\"kind\":\"user\",\"id\":\"ann\",\"email\":\"ann@example.com\",\"api_key\":\"{key}\"}}\n\
         {{\"kind\":\"api_token\",\"id\":\"t1\",\"name\":\"n\",\"user_id\":\"ann\",\"token\":\"{}\"}}\n",
        token.reveal()
    );
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, &file).await.unwrap();
        assert_eq!(import(&store, &file).await.unwrap().unchanged, 2);
        assert_eq!(
            store.read().await.unwrap().credential_by_token(&token.hash()).await.unwrap().unwrap().token.id.as_str(),
            "t1"
        );
        let ann =
            store.read().await.unwrap().credential_by_email(&Email::parse("ann@example.com").unwrap()).await.unwrap().unwrap();
        assert_eq!(ann.api_key_hash, Some(secret::hash(&key)));
        let exported = export(&store).await;
        assert!(!exported.contains(token.reveal()) && !exported.contains(&key), "{exported}");
    });
}

#[test]
fn lines_may_refer_to_what_the_database_has() {
    let file = r#"{"kind":"user","id":"cid","email":"cid@example.com","managed_by":"till"}
{"kind":"api_token","id":"t3","name":"n","user_id":"bob","scope":{"organization_id":"Shop"}}
{"kind":"organization","id":"drawer","name":"Drawer","parent_id":"till"}
{"kind":"organization_member","id":"m3","organization_id":"acme","email":"ann@example.com","user_id":"ann"}
{"kind":"organization_member","id":"m4","organization_id":"drawer","user_id":"bob"}
{"kind":"account","id":"coins","name":"Coins","organization_id":"till"}
{"kind":"account_member","id":"n2","account_id":"web","user_id":"ann"}
"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        assert_eq!(import(&store, file).await.unwrap().added, 7);
        let mut read = crate::admin::read(&store).await.unwrap();
        let drawer = organizations::get(&mut read, &id("drawer")).await.unwrap().unwrap();
        assert_eq!(drawer.lineage.as_str(), "acme/Shop/till/drawer/");
    });
}

#[test]
fn a_line_that_cannot_be_read_is_named_with_its_reason() {
    let user = r#""kind":"user","id":"u","email":"u@example.com""#;
    let organization = r#""kind":"organization","id":"o","name":"O""#;
    let lines = [
        "{".to_owned(),
        "{} {}".to_owned(),
        "[]".to_owned(),
        r#"["user","u","u@example.com"]"#.to_owned(),
        r#"{"id":"u"}"#.to_owned(),
        r#"{"kind":"acount","id":"u"}"#.to_owned(),
        r#"{"kind":"user","email":"u@example.com"}"#.to_owned(),
        r#"{"kind":"user","id":"a/b","email":"u@example.com"}"#.to_owned(),
        r#"{"kind":"user","id":7,"email":"u@example.com"}"#.to_owned(),
        r#"{"kind":"user","id":"u","email":""}"#.to_owned(),
        format!(r#"{{{user},"email":"v@example.com"}}"#),
        format!(r#"{{{user},"kind":"user"}}"#),
        format!(r#"{{{user},"nmae":"U"}}"#),
        format!(r#"{{{user},"\u001b[31m":""}}"#),
        format!(r#"{{{user},"name":""}}"#),
        format!(r#"{{{user},"operator":"yes"}}"#),
        format!(r#"{{{user},"create_time":"yesterday"}}"#),
        format!(r#"{{{user},"api_key":"short"}}"#),
        format!(r#"{{{user},"api_key_hash":"{}"}}"#, "+f".repeat(32)),
        format!(r#"{{{user},"api_key":"{}","api_key_hash":null}}"#, "k".repeat(32)),
    ];
    let more_lines = [
        format!(r#"{{{organization},"flags":{{"sub_org_creation":"on"}}}}"#),
        format!(r#"{{{organization},"flags":{{"fly":"enabled"}}}}"#),
        format!(r#"{{{organization},"flags":["enabled"]}}"#),
        format!(r#"{{{organization},"flags":{{"account_creation":"enabled","account_creation":"disabled"}}}}"#),
        format!(r#"{{{organization},"profile":["","","","",""]}}"#),
        format!(r#"{{{organization},"profile":{{"business_name":"O"}}}}"#),
        r#"{"kind":"organization","id":"o","name":"a\u0000b"}"#.to_owned(),
        r#"{"kind":"api_token","id":"t","name":"n","user_id":"u","scope":{"rôle":"viewer"}}"#.to_owned(),
        r#"{"kind":"api_token","id":"t","name":"n","user_id":"u","scope":{"role":"king"}}"#.to_owned(),
        r#"{"kind":"role","id":"r","organization_id":"o","name":"n","actions":[]}"#.to_owned(),
        r#"{"kind":"role","id":"019c4f65e7607d8c9f6f6b58aa3aff55","organization_id":"o","name":"n","actions":["fly"]}"#
            .to_owned(),
        r#"{"kind":"organization_member","id":"m","organization_id":"o","user_id":"u","status":"here"}"#.to_owned(),
        r#"{"kind":"account","id":"a","name":"A","type":"free"}"#.to_owned(),
        r#"{"kind":"account","id":"a","name":"A","settings":{"theme":"dark"}}"#.to_owned(),
        r#"{"kind":"account_member","id":"m","account_id":"a","user_id":"u","roles":[]}"#.to_owned(),
        r#"{"kind":"account_member","id":"m","account_id":"a","user_id":"u","roles":["viewer","viewer"]}"#.to_owned(),
    ];
    on_empty_sqlite(async |database| {
        let store = open(database).await;
        let mut reasons = refused(&store, &lines.join("\n")).await;
        reasons.extend(refused(&store, &more_lines.join("\n")).await);
        insta::assert_snapshot!("reasons_for_which_lines_cannot_be_read", reasons.join("\n"));
    });
}

#[test]
fn bytes_that_are_no_text_and_lines_that_are_too_long_are_refused() {
    on_empty_sqlite(async |database| {
        let store = open(database).await;
        let line = r#"{"kind":"organization","id":"o","name":"O"}"#;
        let longest = format!("{line}{}\n", " ".repeat(LINE_LENGTH_MAX - line.len()));
        let too_long = format!("{line}{}", " ".repeat(LINE_LENGTH_MAX - line.len() + 1));
        let bad_file = [longest.as_bytes(), too_long.as_bytes(), b"\n\xff\n", too_long.as_bytes()].concat();
        let outcome = portability::import(&store, &sources(), &bad_file[..], &mut |_| {}).await;
        let Err(Error::BadLines(lines)) = outcome else { panic!("not refused") };
        let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [2, 3, 4]);
        assert_eq!(lines[1].reason, "it is not UTF-8 from byte 1");
        assert_eq!(import(&store, &longest).await.unwrap().added, 1);
    });
}

#[test]
fn what_nothing_stands_for_is_refused() {
    let file = r#"{"kind":"organization","id":"a","name":"A","parent_id":"gone"}
{"kind":"organization","id":"b","name":"B","parent_id":"a"}
{"kind":"user","id":"u","email":"u@example.com","managed_by":"gone"}
{"kind":"api_token","id":"t","name":"n","user_id":"nobody"}
{"kind":"api_token","id":"t2","name":"n","user_id":"ann","scope":{"organization_id":"gone"}}
{"kind":"organization_member","id":"m","organization_id":"gone","user_id":"ann"}
{"kind":"organization_member","id":"m","organization_id":"acme","user_id":"nobody"}
{"kind":"organization_member","id":"n","organization_id":"acme","email":"nobody@example.com"}
{"kind":"organization_member","id":"o","organization_id":"acme","email":"bob@example.com","user_id":"ann"}
{"kind":"organization_member","id":"p","organization_id":"acme"}
{"kind":"account","id":"x","name":"X","organization_id":"gone"}
{"kind":"account_member","id":"m","account_id":"gone","user_id":"ann"}
{"kind":"account_member","id":"m","account_id":"web","user_id":"nobody"}
{"kind":"role","id":"019c4f65e7607d8c9f6f6b58aa3aff55","organization_id":"Shop","name":"r","actions":[]}
{"kind":"organization_member","id":"q","organization_id":"acme-eu","user_id":"ann","role":"019c4f65e7607d8c9f6f6b58aa3aff54"}
{"kind":"account_member","id":"q","account_id":"web","user_id":"ann","roles":["019c4f65e7607d8c9f6f6b58aa3aff56"]}
{"kind":"api_token","id":"t3","name":"n","user_id":"ann","scope":{"role":"019c4f65e7607d8c9f6f6b58aa3aff54"}}
"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        let reasons = refused(&store, file).await;
        // Line 2 is below a bad line, which is not its fault.
        assert_eq!(
            reasons,
            [
                "1: parent_id: there is no organization gone",
                "3: managed_by: there is no organization gone",
                "4: user_id: there is no user nobody",
                "5: scope.organization_id: there is no organization gone",
                "6: organization_id: there is no organization gone",
                "7: user_id: there is no user nobody",
                "8: email: there is no user nobody@example.com",
                "9: email: bob@example.com is another user than user_id",
                "10: user_id or email is missing",
                "11: organization_id: there is no organization gone",
                "12: account_id: there is no account gone",
                "13: user_id: there is no user nobody",
                "14: organization_id: Shop is no root, and only roots have roles of their own",
                "15: role: the root of the tree has no role 019c4f65e7607d8c9f6f6b58aa3aff54",
                "16: role: the root of the tree has no role 019c4f65e7607d8c9f6f6b58aa3aff56",
                "17: scope.role: the root of the tree has no role 019c4f65e7607d8c9f6f6b58aa3aff54",
            ]
        );
    });
}

#[test]
fn the_id_of_what_was_deleted_is_refused() {
    let organization = r#"{"kind":"organization","id":"gone","name":"Gone","billing_currency":"EUR"}"#;
    let account = r#"{"kind":"account","id":"shop","name":"Shop","organization_id":"acme"}"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        import(&store, &format!("{organization}\n{account}")).await.unwrap();
        change(&store, async |write| {
            let gone = organizations::get(write, &id("gone")).await?.unwrap();
            organizations::delete(write, &gone).await?;
            let shop = accounts::get(write, &account_id("shop")).await?.unwrap();
            accounts::delete(write, &shop).await
        })
        .await
        .unwrap();
        let below = r#"{"kind":"organization","id":"child","parent_id":"gone","name":"Child"}"#;
        let gone = |line, what| {
            format!("{line}: {what} was deleted here, and its id stays with what it was charged for; give it another id")
        };
        let reasons = refused(&store, &format!("{below}\n{organization}\n{account}")).await;
        assert_eq!(reasons, [gone(2, "organization gone"), gone(3, "account shop")]);
    });
}

#[test]
fn roles_of_a_root_are_counted_and_named_as_the_api_does() {
    let role = |id: usize, name: &str| {
        let id = 10_000_000 + id;
        format!(r#"{{"kind":"role","id":"019c4f65e7607d8c9f6f6b58{id}","organization_id":"acme","name":"{name}","actions":[]}}"#)
    };
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        let named = [role(1, "VIEWER"), role(2, "deployer"), role(3, "One"), role(4, "one")].join("\n");
        let taken = |line| format!("{line}: name: another role of the root has this name");
        assert_eq!(refused(&store, &named).await, [1, 2, 4].map(taken));
        let many: Vec<_> = (0..100).map(|n| role(n, &format!("role {n}"))).collect();
        let reasons = refused(&store, &many.join("\n")).await;
        assert_eq!(reasons, ["100: organization_id: acme has 100 roles, which is all that a root may make"]);
        import(&store, &many[..99].join("\n")).await.unwrap();
    });
}

#[test]
fn a_token_whose_role_does_not_count_where_it_is_bound_is_not_exported() {
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        let moved = async |write: &mut crate::Write| {
            let scope =
                Scope { organization_id: Some(id("acme-eu")), role: umbel_domain::Role::from_name(ROLE), ..Scope::default() };
            let stranded = umbel_domain::ApiToken { scope, ..token("t8", "ann") };
            api_tokens::insert(write, &stranded, &secret::hash("8")).await
        };
        change(&store, moved).await.unwrap();
        let exported = export(&store).await;
        assert!(exported.contains(r#""id":"t2""#) && !exported.contains(r#""id":"t8""#), "{exported}");
    });
}

#[test]
fn what_only_one_line_may_have_is_refused_on_the_second() {
    let (one, two) = ("1".repeat(64), "2".repeat(64));
    let file = format!(
        r#"{{"kind":"user","id":"u","email":"u@example.com"}}
{{"kind":"user","id":"u","email":"v@example.com"}}
{{"kind":"user","id":"w","email":"U@EXAMPLE.com"}}
{{"kind":"organization","id":"o","name":"O"}}
{{"kind":"organization","id":"o","name":"O"}}
{{"kind":"api_token","id":"t","name":"n","user_id":"u","token_hash":"{one}"}}
{{"kind":"api_token","id":"t","name":"n","user_id":"u","token_hash":"{two}"}}
{{"kind":"api_token","id":"s","name":"n","user_id":"u","token_hash":"{one}"}}
{{"kind":"organization_member","id":"m","organization_id":"o","user_id":"u"}}
{{"kind":"organization_member","id":"m","organization_id":"o","user_id":"ann"}}
{{"kind":"organization_member","id":"n","organization_id":"o","email":"u@example.com"}}
{{"kind":"account","id":"a","name":"A"}}
{{"kind":"account","id":"a","name":"A"}}
{{"kind":"account_member","id":"m","account_id":"a","user_id":"u"}}
{{"kind":"account_member","id":"n","account_id":"a","user_id":"u"}}
"#
    );
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        assert_eq!(
            refused(&store, &file).await,
            [
                "2: user u is on line 1 already",
                "3: the address U@EXAMPLE.com is on line 1 already",
                "5: organization o is on line 4 already",
                "7: API token t is on line 6 already",
                "8: the secret is on line 6 already",
                "10: member m of o is on line 9 already",
                "11: user u as a member of o is on line 9 already",
                "13: account a is on line 12 already",
                "15: user u as a member of a is on line 14 already",
            ]
        );
    });
}

#[test]
fn a_line_that_contradicts_the_database_is_refused() {
    let file = r#"{"kind":"user","id":"ann","email":"ann@example.org"}
{"kind":"user","id":"bob","email":"bob@example.com","name":"Bob"}
{"kind":"user","id":"cid","email":"ANN@example.com"}
{"kind":"api_token","id":"t1","name":"deploy","user_id":"ann","scope":{"organization_id":null,"role":"viewer"}}
{"kind":"api_token","id":"t3","name":"n","user_id":"ann","token_hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
{"kind":"organization","id":"till","name":"Till","parent_id":"acme"}
{"kind":"organization","id":"acme","name":"Acme","profile":null,"flags":{"account_creation":"disabled"}}
{"kind":"organization_member","id":"m1","organization_id":"till","user_id":"bob"}
{"kind":"organization_member","id":"m3","organization_id":"till","user_id":"ann"}
{"kind":"account","id":"web","name":"Web \"shop\"","organization_id":"acme"}
{"kind":"account","id":"alone","name":"Alone","settings":{"enforce_twofactor":true}}
{"kind":"account_member","id":"n1","account_id":"web","user_id":"bob","roles":["viewer"]}
"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        assert_eq!(
            refused(&store, file).await,
            [
                "1: user ann exists already with another email",
                "2: user bob exists already with another name",
                "3: the address ANN@example.com belongs to user ann",
                "4: API token t1 exists already with another scope",
                "5: the secret belongs to another API token",
                "6: organization till exists already with another parent_id",
                "7: organization acme exists already with another flags",
                "8: member m1 of till exists already with another user_id",
                "9: user ann is a member of till already, with another id",
                "10: account web exists already with another organization_id",
                "11: account alone exists already with another settings",
                "12: member n1 of web exists already with another roles",
            ]
        );
    });
}

#[test]
fn a_circle_of_parents_is_named() {
    on_empty_sqlite(async |database| {
        let store = open(database).await;
        let line = |id: &str, parent: &str| {
            format!("{{\"kind\":\"organization\",\"id\":\"{id}\",\"name\":\"N\",\"parent_id\":\"{parent}\"}}")
        };
        let file = [line("x", "a"), line("a", "b"), line("b", "c"), line("c", "a"), line("self", "self")].join("\n");
        assert_eq!(
            refused(&store, &file).await,
            [
                "2: parent_id: it would stand above itself: a → b → c → a",
                "5: parent_id: it would stand above itself: self → self"
            ]
        );
    });
}

#[test]
fn a_tree_has_at_most_so_many_levels() {
    let chain = |levels: usize| {
        let parent = |level| if level == 0 { String::new() } else { format!(",\"parent_id\":\"o{}\"", level - 1) };
        let line = |level| format!("{{\"kind\":\"organization\",\"id\":\"o{level}\",\"name\":\"N\"{}}}\n", parent(level));
        (0..levels).rev().map(line).collect::<String>()
    };
    on_empty_sqlite(async |database| {
        let store = open(database).await;
        assert_eq!(refused(&store, &chain(DEPTH_MAX + 2)).await, ["2: it stands on level 65; a tree has at most 64"]);
        assert_eq!(import(&store, &chain(DEPTH_MAX)).await.unwrap().added, 64);
        let below = r#"{"kind":"organization","id":"below","name":"N","parent_id":"o63"}"#;
        assert_eq!(refused(&store, below).await, ["1: it stands on level 65; a tree has at most 64"]);
    });
}

#[test]
fn only_so_many_bad_lines_are_named() {
    on_empty_sqlite(async |database| {
        let store = open(database).await;
        let reasons = refused(&store, &"nonsense\n".repeat(100)).await;
        assert_eq!(reasons.len(), BAD_LINES_MAX);
        let good = r#"{"kind":"organization","id":"o","name":"O"}"#;
        let error = import(&store, &format!("{good}\nnonsense\n")).await.unwrap_err();
        assert_eq!(error.to_string(), "1 line is bad; nothing was imported");
    });
}

#[test]
fn a_token_that_was_used_since_the_export_is_still_the_same() {
    on_empty_sqlite(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        let used = async |write: &mut crate::Write| api_tokens::touch(write, &[(token("t2", "bob").id, NOW)]).await;
        change(&store, used).await.unwrap();
        assert_eq!(import(&store, COMPANY).await.unwrap().unchanged, 26);
    });
}

#[test]
fn a_token_whose_scope_is_gone_is_not_exported() {
    on_each_empty_database(async |database| {
        let store = open(database).await;
        let scope = Scope { organization_id: Some(id("gone")), ..Scope::default() };
        let dead = umbel_domain::ApiToken { scope, ..token("dead", "ann") };
        let insert = async |write: &mut crate::Write| {
            users::insert(write, &user("ann"), None).await?;
            api_tokens::insert(write, &dead, &secret::hash("dead")).await?;
            api_tokens::insert(write, &token("live", "ann"), &secret::hash("live")).await
        };
        change(&store, insert).await.unwrap();
        let exported = export(&store).await;
        assert!(exported.contains("\"id\":\"live\"") && !exported.contains("\"id\":\"dead\""), "{exported}");
    });
}

#[test]
fn more_than_a_page_comes_back_in_order_and_with_progress() {
    const COUNT: u64 = 1_100;
    let mut file = String::from("{\"kind\":\"organization\",\"id\":\"root\",\"name\":\"N\"}\n");
    for at in 0..COUNT {
        write!(
            file,
            "{{\"kind\":\"user\",\"id\":\"u{at}\",\"email\":\"u{at}@example.com\"}}\n\
             {{\"kind\":\"api_token\",\"id\":\"t{at}\",\"name\":\"n\",\"user_id\":\"u{at}\",\"token_hash\":\"{at:064x}\"}}\n\
             {{\"kind\":\"organization\",\"id\":\"o{at}\",\"name\":\"N\",\"parent_id\":\"root\"}}\n\
             {{\"kind\":\"organization_member\",\"id\":\"m{at}\",\"organization_id\":\"o{}\",\"user_id\":\"u{at}\"}}\n",
            at % 3
        )
        .unwrap();
    }
    on_each_empty_database(async |database| {
        let store = open(database).await;
        let mut last = None;
        let added = portability::import(&store, &sources(), file.as_bytes(), &mut |progress| last = Some(progress)).await;
        assert_eq!(added.unwrap().added, 4 * COUNT + 1);
        assert_eq!(last, Some(Progress { done: 4 * COUNT + 1, total: Some(4 * COUNT + 1) }));
        let exported = export(&store).await;
        let order: Vec<String> = exported.lines().map(place).collect();
        assert_eq!(order.len() as u64, 4 * COUNT + 1);
        assert!(order.is_sorted_by(|a, b| a < b));
        assert_eq!(import(&store, &exported).await.unwrap().unchanged, 4 * COUNT + 1);
    });
}

/// What lines are ordered by: their kind, for members the organization, and the id; all ids here are siblings or the root.
fn place(line: &str) -> String {
    let kind = ["\"user\"", "\"api_token\"", "\"organization\"", "\"organization_member\""]
        .iter()
        .position(|kind| line.starts_with(&format!("{{\"kind\":{kind}")))
        .unwrap();
    let member = |name: &str| {
        let (_, rest) = line.split_once(&format!("\"{name}\":\"")).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let above = if kind == 3 { member("organization_id") } else { member("parent_id") };
    format!("{kind} {above}/ {}/", member("id"))
}

#[test]
fn an_import_needs_the_database_to_itself() {
    on_empty_sqlite(async |database| {
        let beside_a_server = database.open().await;
        let error = import(&beside_a_server, COMPANY).await.unwrap_err();
        assert!(matches!(error, Error::Store(crate::Error::Unusable(_))), "{error}");
        assert_eq!(export(&beside_a_server).await, "");
    });
}

#[test]
fn an_export_shows_one_moment() {
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        // The first page is read when the first progress is told; what is written from then on is not in the export.
        let mut out = Interrupted { written: Vec::new(), at_first: Some(organization("late/")), store: store.clone() };
        portability::export(&store, &mut out, &mut |_| {}).await.unwrap();
        assert_eq!(String::from_utf8(out.written).unwrap(), COMPANY);
        assert!(super::fixtures::exists(&store, "late").await);
    });
}

/// Adds an organization when the first byte is written.
struct Interrupted {
    written: Vec<u8>,
    at_first: Option<umbel_domain::Organization>,
    store: Store,
}

impl std::io::Write for Interrupted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some(late) = self.at_first.take() {
            let store = self.store.clone();
            let plant = async move { super::fixtures::plant(&store, &[late]).await };
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(plant));
        }
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn how_long_audit_logs_are_kept_is_carried_along() {
    const KEPT: &str = r#"{"kind":"audit_retention","organization_id":null,"retention_days":null,"hold":true}
{"kind":"audit_retention","organization_id":"acme","retention_days":550,"hold":false}
"#;
    on_each_empty_database(async |database| {
        let store = open(database).await;
        import(&store, COMPANY).await.unwrap();
        import(&store, r#"{"kind":"audit_retention","organization_id":"acme","retention_days":550}"#).await.unwrap();
        import(&store, r#"{"kind":"audit_retention","hold":true}"#).await.unwrap();
        assert!(export(&store).await.ends_with(KEPT));
        assert_eq!(import(&store, KEPT).await.unwrap(), Imported { added: 0, unchanged: 2 });
        let bad = r#"{"kind":"audit_retention","hold":false}
{"kind":"audit_retention","organization_id":"acme","retention_days":0}
{"kind":"audit_retention","organization_id":"acme","retention_days":550}
{"kind":"audit_retention","organization_id":"globex","retention_days":0}"#;
        let reasons = refused(&store, bad).await;
        assert_eq!(
            reasons,
            [
                "1: the retention of the audit log of the server exists already with another hold",
                "2: the retention of the audit log of organization acme exists already with another retention_days",
                "3: the retention of the audit log of organization acme is on line 2 already",
                "4: retention_days must be from 1 to 36500, or null to keep entries for ever",
            ]
        );
    });
}
