//! Entity tags: what need not be sent again, and what must not be overwritten.

use axum::http::Method;
use serde_json::json;

use crate::harness::TestApp;
use crate::harness::world::World;

async fn etag(app: &TestApp, path: &str) -> String {
    app.get(path).by("olga").await.expect(200).header("etag").unwrap().to_owned()
}

fn profile(name: &str) -> serde_json::Value {
    json!({
        "business_address": "",
        "business_email": "",
        "business_name": name,
        "business_phone": "",
        "external_metadata": "",
    })
}

#[test]
fn what_the_client_has_already_is_not_sent_again() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/acme/profile", profile("p")).by("ann").await.expect(204);
        let paths = ["/organizations/acme", "/organizations/acme/profile", "/umbel/v1/users/ann", "/umbel/v1/tokens/olga-token"];
        for path in paths {
            let shown = app.get(path).by("olga").await;
            let tag = etag(app, path).await;
            for list in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
                let known = app.get(path).by("olga").header("if-none-match", &list).await.expect(304);
                assert_eq!((known.body.len(), known.header("etag")), (0, Some(tag.as_str())), "{list}");
                assert_eq!(
                    (known.header("content-type"), known.header("content-length")),
                    (None, shown.header("content-length"))
                );
                app.call(Method::HEAD, path).by("olga").header("if-none-match", &list).await.expect(304);
            }
            for list in ["\"other\"", "", &tag[1..tag.len() - 1]] {
                app.get(path).by("olga").header("if-none-match", list).await.expect(200);
            }
        }
    });
}

#[test]
fn a_tag_changes_with_everything_that_is_shown() {
    World::company().on_each_engine(async |app| {
        let mut tags = vec![etag(app, "/organizations/eu").await];
        app.put("/organizations/acme", json!({"name": "Acme!"})).by("ann").await.expect(200);
        tags.push(etag(app, "/organizations/eu").await);
        app.put("/organizations/eu/profile", profile("p")).by("ann").await.expect(204);
        tags.push(etag(app, "/organizations/eu").await);
        let flags = json!({"account_creation": "disabled"});
        app.put("/umbel/v1/organizations/eu/flags", flags).by("olga").await.expect(200);
        tags.push(etag(app, "/organizations/eu").await);
        let unique: std::collections::BTreeSet<_> = tags.iter().collect();
        assert_eq!(unique.len(), 4, "the parent's name, the profile and the flags are shown: {tags:?}");
        let updated = app.put("/organizations/eu", json!({"name": "Europe"})).by("ann").await.expect(200);
        assert_eq!(updated.header("etag"), Some(etag(app, "/organizations/eu").await.as_str()));
    });
}

#[test]
fn a_change_is_not_mistaken_for_a_question() {
    World::company().on_each_engine(async |app| {
        let renamed = app.put("/organizations/eu", json!({"name": "Europe"})).by("ann").header("if-none-match", "*").await;
        assert_eq!(renamed.expect(200).text("name"), "Europe");
        let created = app.post("/organizations", json!({"name": "root"})).by("ann").header("if-none-match", "*").await;
        created.expect(200);
    });
}

#[test]
fn a_stale_tag_changes_nothing_on_any_route_that_honours_it() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/shop/profile", profile("first")).by("ann").await.expect(204);
        let routes = [
            (Method::PUT, "/organizations/shop", "/organizations/shop", json!({"name": "new"})),
            (Method::PUT, "/organizations/shop/profile", "/organizations/shop/profile", profile("second")),
            (Method::PUT, "/umbel/v1/organizations/shop/flags", "/organizations/shop", json!({"account_mobility": "disabled"})),
            (Method::PATCH, "/umbel/v1/users/vic", "/umbel/v1/users/vic", json!({"disabled": true})),
            (Method::DELETE, "/umbel/v1/users/vic", "/umbel/v1/users/vic", json!({})),
            (Method::DELETE, "/organizations/shop", "/organizations/shop", json!({})),
        ];
        for (method, path, shown_at, body) in routes {
            let before = etag(app, shown_at).await;
            let change = || app.call(method.clone(), path).by("olga").body(body.clone());
            for list in ["\"stale\"", &format!("W/{before}"), ""] {
                let refused = change().header("if-match", list).await;
                refused.expect_error(412, 1404, "/header/If-Match");
            }
            assert_eq!(etag(app, shown_at).await, before, "{method} {path}");
            let done = change().header("if-match", &format!("\"x\", {before}")).await;
            assert!([200, 204].contains(&done.status), "{done}");
        }
    });
}

#[test]
fn any_tag_stands_for_something_that_is_there() {
    World::company().on_each_engine(async |app| {
        app.put("/organizations/acme", json!({"name": "x"})).by("ann").header("if-match", "*").await.expect(200);
        let nothing_yet = app.put("/organizations/acme/profile", profile("p")).by("ann").header("if-match", "*").await;
        nothing_yet.expect_error(412, 1404, "/header/If-Match");
        app.put("/organizations/acme/profile", profile("p")).by("ann").await.expect(204);
        app.put("/organizations/acme/profile", profile("q")).by("ann").header("if-match", "*").await.expect(204);
    });
}

#[test]
fn of_two_clients_who_read_the_same_one_changes_it() {
    World::company().on_each_engine(async |app| {
        for round in 0..10 {
            let read = etag(app, "/organizations/shop").await;
            let change = |user: &str| {
                let name = json!({"name": format!("{user} {round}")});
                tokio::spawn(app.put("/organizations/shop", name).by(user).header("if-match", &read).into_future())
            };
            let (ann, adam) = (change("ann"), change("adam"));
            let mut statuses = [ann.await.unwrap().status, adam.await.unwrap().status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 412]);
        }
    });
}
