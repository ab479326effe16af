//! How a list is read page by page.

use serde_json::{Value, json};
use umbel_domain::Role;

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::world::World;

/// A root with these many children, `c00` and on.
fn family(children: usize) -> World {
    let world = World::bare().organization("root").user("ann").member("root", "ann", Role::SuperAdministrator);
    (0..children).fold(world, |world, n| world.organization(&format!("root/c{n:02}")))
}

async fn page(app: &TestApp, query: &str) -> Answer {
    app.get(format!("/client/v4/organizations?{query}")).by("ann").await
}

fn next(page: &Answer) -> Option<String> {
    page.json()["result_info"]["next_page_token"].as_str().map(str::to_owned)
}

fn total(page: &Answer) -> Value {
    page.json()["result_info"]["total_size"].take()
}

/// Reads a list to its end; the query may say how large a page is.
async fn whole(app: &TestApp, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut at = query.to_owned();
    loop {
        let page = page(app, &at).await.expect(200);
        pages.push(page.ids());
        let Some(token) = next(&page) else { return pages };
        at = format!("{query}&page_token={token}");
    }
}

#[test]
fn pages_follow_one_another_without_gap_or_repetition() {
    family(11).on_each_engine(async |app| {
        let all = whole(app, "page_size=1000").await.concat();
        assert_eq!(all.len(), 12);
        for size in [1, 2, 3, 5, 6, 11, 12, 13] {
            let pages = whole(app, &format!("page_size={size}")).await;
            assert_eq!(pages.concat(), all, "{size}");
            assert_eq!(pages.len(), all.len().div_ceil(size), "no page is empty: {size}");
        }
        for filter in ["parent.id=root", "name.contains=C", "id=c00,c03,c05,c09", "name.startsWith=c0&parent.id=root"] {
            let all = whole(app, &format!("{filter}&page_size=1000")).await.concat();
            assert_eq!(whole(app, &format!("{filter}&page_size=3")).await.concat(), all, "{filter}");
        }
    });
}

#[test]
fn a_page_has_ten_items_unless_another_size_is_asked_for() {
    family(11).on_each_engine(async |app| {
        for (query, size) in [("", 10), ("page_size=0", 10), ("page_size=1", 1), ("page_size=1000", 12)] {
            assert_eq!(page(app, query).await.expect(200).ids().len(), size, "{query}");
        }
        for size in ["-1", "1001", "x", "", "1.0", "1e2", "%2B", "99999999999999999999"] {
            page(app, &format!("page_size={size}")).await.expect_error(400, 1101, "/query/page_size");
        }
    });
}

#[test]
fn the_last_page_has_no_token_and_a_page_past_the_end_is_empty() {
    family(3).on_each_engine(async |app| {
        let first = page(app, "page_size=3").await.expect(200);
        let token = next(&first).unwrap();
        let last = page(app, &format!("page_size=3&page_token={token}")).await.expect(200);
        assert_eq!((last.ids(), next(&last)), (vec!["c02".to_owned()], None));
        app.delete("/organizations/c02").by("ann").await.expect(200);
        let past = page(app, &format!("page_size=3&page_token={token}")).await.expect(200);
        assert_eq!(past.json()["result"], json!([]));
        assert_eq!(past.json()["result_info"], json!({"total_size": 4}));
    });
}

#[test]
fn what_is_deleted_between_two_pages_does_not_disturb_the_rest() {
    family(5).on_each_engine(async |app| {
        let first = page(app, "parent.id=root&page_size=2").await.expect(200);
        assert_eq!(first.ids(), ["c00", "c01"]);
        app.delete("/organizations/c01").by("ann").await.expect(200);
        app.delete("/organizations/c02").by("ann").await.expect(200);
        let token = next(&first).unwrap();
        let rest = page(app, &format!("parent.id=root&page_token={token}")).await.expect(200);
        assert_eq!(rest.ids(), ["c03", "c04"]);
    });
}

#[test]
fn a_token_belongs_to_its_path_filters_and_user() {
    family(5).organization("acme").on_each_engine(async |app| {
        let first = page(app, "name.contains=c&page_size=2").await.expect(200);
        let token = next(&first).unwrap();
        let same = ["name.contains=c", "page_size=4&name.contains=c", "name.contains=c&include_total=false"];
        for query in same.into_iter().chain(["name%2Econtains=%63"]) {
            page(app, &format!("{query}&page_token={token}")).await.expect(200);
        }
        let at_root = app.get(format!("/organizations?name.contains=c&page_token={token}")).by("ann").await;
        at_root.expect(200);
        for query in
            ["", "name.contains=C", "name.contains=c&id=c01", "name.contains=c&parent.id=root", "other=1&name.contains=c"]
        {
            let answer = page(app, &format!("{query}&page_token={token}")).await;
            answer.expect_error(400, 1103, "/query/page_token");
        }
        let others = app.get(format!("/organizations?name.contains=c&page_token={token}")).by("olga").await;
        others.expect_error(400, 1103, "/query/page_token");
        let path = app.get(format!("/umbel/v1/users?name.contains=c&page_token={token}")).by("olga").await;
        path.expect_error(400, 1103, "/query/page_token");
    });
}

#[test]
fn a_token_that_was_changed_anywhere_is_refused() {
    family(5).on_each_engine(async |app| {
        let token = next(&page(app, "page_size=2").await.expect(200)).unwrap();
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'Q' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            page(app, &format!("page_size=2&page_token={changed}")).await.expect_error(400, 1103, "/query/page_token");
            let cut = &token[..at];
            let expected = if cut.is_empty() { 200 } else { 400 };
            page(app, &format!("page_size=2&page_token={cut}")).await.expect(expected);
        }
        for text in [format!("{token}A"), format!("{token}="), "acme".into(), "%F0%9F%8C%B1".into()] {
            page(app, &format!("page_size=2&page_token={text}")).await.expect_error(400, 1103, "/query/page_token");
        }
    });
}

#[test]
fn the_total_is_counted_once_unless_nobody_wants_it_or_it_is_large() {
    let world = family(5).settings(|settings| settings.total_size_max = 5);
    world.on_each_engine(async |app| {
        assert_eq!(total(&page(app, "page_size=2").await), Value::Null, "six are more than are counted");
        let first = page(app, "page_size=2&parent.id=root").await.expect(200);
        assert_eq!(total(&first), 5);
        app.post("/organizations", json!({"name": "one more", "parent": {"id": "root"}})).by("ann").await.expect(200);
        let token = next(&first).unwrap();
        let second = page(app, &format!("page_size=2&parent.id=root&page_token={token}")).await.expect(200);
        assert_eq!(total(&second), 5, "it is carried in the token");
        let uncounted = page(app, "page_size=2&parent.id=root&include_total=false").await.expect(200);
        assert_eq!(total(&uncounted), Value::Null);
        let all = page(app, "parent.id=root").await.expect(200);
        assert_eq!(total(&all), 6, "one page shows how many there are");
    });
}

#[test]
fn every_page_is_authorized_anew() {
    let world = family(5).organization("other").member("other", "ann", Role::Viewer);
    world.on_each_engine(async |app| {
        let first = page(app, "page_size=2").await.expect(200);
        assert_eq!(first.ids(), ["other", "root"]);
        app.end_membership("root", "ann").await;
        let token = next(&first).unwrap();
        let second = page(app, &format!("page_size=2&page_token={token}")).await.expect(200);
        assert_eq!(second.ids(), [""; 0]);
    });
}
