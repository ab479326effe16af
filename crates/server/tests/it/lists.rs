//! Which organizations a list shows.

use serde_json::json;
use umbel_domain::Role;

use crate::harness::TestApp;
use crate::harness::world::World;

/// Names that a careless search confuses.
fn named() -> World {
    let names = [
        ("acme", "Acme"),
        ("acme/a1", "ACME Europe"),
        ("acme/a1/a11", "acme"),
        ("acme/a2", "50%_off \\ 'quoted'"),
        ("acme/a3", "Ärzte GmbH"),
        ("acme/a4", "50 percent off"),
    ];
    let world = names.into_iter().fold(World::bare(), |world, (lineage, name)| world.named(lineage, name));
    let world = world.user("ann").member("acme", "ann", Role::SuperAdministrator);
    let world = world.user("sub").member("a1", "sub", Role::Viewer).member("a3", "sub", Role::Billing);
    world.named("other", "Acme").user_with("may", &json!({"managed_by": "a11"}))
}

async fn listed(app: &TestApp, user: &str, query: &str) -> Vec<String> {
    let page = app.get(format!("/client/v4/organizations?{query}")).by(user).await.expect(200);
    let ids = page.ids();
    assert_eq!(page.json()["result_info"], json!({"total_size": ids.len()}), "{page}");
    ids
}

#[track_caller]
fn assert_lists(listed: &[String], expected: &str, query: &str) {
    assert_eq!(listed.join(" "), expected, "{query}");
}

async fn each_lists(app: &TestApp, user: &str, expectations: &[(&str, &str)]) {
    for (query, expected) in expectations {
        assert_lists(&listed(app, user, query).await, expected, query);
    }
}

#[test]
fn without_a_filter_a_list_shows_what_grants_cover_and_a_parent_before_its_children() {
    named().on_each_engine(async |app| {
        each_lists(app, "ann", &[("", "acme a1 a11 a2 a3 a4")]).await;
        each_lists(app, "sub", &[("", "a1 a11 a3")]).await;
        each_lists(app, "olga", &[("", "acme a1 a11 a2 a3 a4 other")]).await;
        each_lists(app, "may", &[("", "")]).await;
    });
}

#[test]
fn ids_are_repeated_or_separated_by_commas() {
    named().on_each_engine(async |app| {
        let expectations = [
            ("id=a2", "a2"),
            ("id=a2&id=acme", "acme a2"),
            ("id=a2,acme&id=a1", "acme a1 a2"),
            ("id=a2&id=a2", "a2"),
            ("id=other", ""),
            ("id=nowhere", ""),
            ("id=A2", ""),
        ];
        each_lists(app, "ann", &expectations).await;
        each_lists(app, "sub", &[("id=acme,a1,a2,a3", "a1 a3")]).await;
    });
}

#[test]
fn a_name_is_compared_with_case_and_its_parts_without() {
    named().on_each_engine(async |app| {
        let expectations = [
            ("name=acme", "a11"),
            ("name=Acme", "acme"),
            ("name=ACME", ""),
            ("name=", ""),
            ("name.startsWith=acme", "acme a1 a11"),
            ("name.startsWith=%C3%A4RZTE", "a3"),
            ("name.endsWith=EUROPE", "a1"),
            ("name.endsWith=OFF", "a4"),
            ("name.contains=me", "acme a1 a11"),
            ("name.contains=GMBH", "a3"),
            ("name.contains=", "acme a1 a11 a2 a3 a4"),
            ("name.contains=e+e", "a1"),
        ];
        each_lists(app, "ann", &expectations).await;
    });
}

#[test]
fn what_a_search_text_means_to_a_database_is_taken_literally() {
    named().on_each_engine(async |app| {
        let expectations = [
            ("name.startsWith=50%25", "a2"),
            ("name.contains=%25", "a2"),
            ("name.contains=_", "a2"),
            ("name.contains=%5C", "a2"),
            ("name.contains='quoted'", "a2"),
            ("name.endsWith='", "a2"),
        ];
        each_lists(app, "ann", &expectations).await;
    });
}

#[test]
fn parents_are_asked_for_directly_and_null_means_none() {
    named().on_each_engine(async |app| {
        let expectations = [
            ("parent.id=acme", "a1 a2 a3 a4"),
            ("parent.id=a1", "a11"),
            ("parent.id=a11", ""),
            ("parent.id=null", "acme"),
            ("parent.id=other", ""),
            ("parent.id=nowhere", ""),
        ];
        each_lists(app, "ann", &expectations).await;
        each_lists(app, "olga", &[("parent.id=null", "acme other")]).await;
        each_lists(app, "sub", &[("parent.id=null", ""), ("parent.id=acme", "a1 a3"), ("parent.id=a1", "a11")]).await;
    });
}

#[test]
fn what_contains_something_is_above_it() {
    named().on_each_engine(async |app| {
        let expectations = [
            ("containing.organization=a11", "acme a1"),
            ("containing.organization=acme", ""),
            ("containing.organization=nowhere", ""),
            ("containing.user=may", "acme a1 a11"),
            ("containing.user=ann", ""),
            ("containing.user=nobody", ""),
            ("containing.account=any", ""),
        ];
        each_lists(app, "ann", &expectations).await;
        each_lists(app, "sub", &[("containing.organization=a11", "a1"), ("containing.user=may", "a1 a11")]).await;
    });
}

#[test]
fn every_filter_that_is_given_must_hold() {
    named().on_each_engine(async |app| {
        let expectations = [
            ("parent.id=acme&name.contains=off", "a2 a4"),
            ("parent.id=acme&name.contains=off&name.startsWith=50+", "a4"),
            ("parent.id=acme&name=acme", ""),
            ("id=a1,a2,a11&parent.id=acme", "a1 a2"),
            ("id=a1,acme&parent.id=null", "acme"),
            ("id=a1,a2&name.startsWith=acme", "a1"),
            ("id=a1,a2&containing.organization=a11", "a1"),
            ("containing.organization=a11&containing.user=may&name.contains=europe", "a1"),
            ("containing.account=any&id=a1", ""),
            ("unknown=ignored&id=a1", "a1"),
        ];
        each_lists(app, "ann", &expectations).await;
    });
}

#[test]
fn everything_that_is_wrong_with_parameters_is_named_at_once() {
    named().on_each_engine(async |app| {
        let query = "name=a&name=b&page_size=x&include_total=maybe&id=";
        insta::assert_snapshot!("wrong_parameters", app.get(format!("/client/v4/organizations?{query}")).by("ann").await);
        let invalid = [
            "id=a.b",
            "id=a,,b",
            "name=%00",
            "name.contains=%00",
            "parent.id=",
            "parent.id=a/b",
            "containing.account=a b",
            "containing.user=%C3%A4",
        ];
        for query in invalid.into_iter().chain(["containing.organization="]) {
            let name = query.split('=').next().unwrap();
            let query = query.replace(' ', "%20");
            let answer = app.get(format!("/organizations?{query}")).by("ann").await;
            answer.expect_error(400, 1101, &format!("/query/{name}"));
        }
        for name in ["name", "name.startsWith", "name.endsWith", "name.contains"] {
            let answer = app.get(format!("/organizations?{name}={}", "x".repeat(256))).by("ann").await;
            answer.expect_error(400, 1101, &format!("/query/{name}"));
        }
        let ids = "&id=a".repeat(129);
        app.get(format!("/organizations?{ids}")).by("ann").await.expect_error(400, 1101, "/query/id");
    });
}

#[test]
fn more_subtrees_than_one_statement_reads_are_listed_in_order() {
    let roots: Vec<String> = (0..70).map(|n| format!("r{n:02}")).collect();
    let world = roots.iter().fold(World::bare().user("ann"), |world, root| {
        world.organization(root).organization(&format!("{root}/{root}-below")).member(root, "ann", Role::Viewer)
    });
    world.on_each_engine(async |app| {
        let expected: Vec<String> = roots.iter().flat_map(|root| [root.clone(), format!("{root}-below")]).collect();
        assert_eq!(listed(app, "ann", "page_size=1000").await, expected);
        assert_eq!(listed(app, "ann", "page_size=1000&name.endsWith=-BELOW").await.len(), 70);
    });
}
