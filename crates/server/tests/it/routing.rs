//! Paths and methods: which there are, and which not.

use axum::http::Method;

use crate::harness::Story;
use crate::harness::world::World;
use crate::openapi;

#[test]
fn an_unknown_route_is_not_found() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        story.tell(app.get("/client/v4/nothing").by("ann").await);
        insta::assert_snapshot!("unknown_route", story);
        let paths = [
            "/",
            "//",
            "/client/v4",
            "/client/v4/",
            "/organizations/",
            "//organizations",
            "/organizations//acme",
            "/organizations/acme/",
            "/organizations/acme//profile",
            "/organizations/acme/profile/",
            "/Organizations",
            "/organizations/acme/PROFILE",
            "/CLIENT/v4/organizations",
            "/client/v4/client/v4/organizations",
            "/client/v4/umbel/v1/users",
            "/v1/users",
            "/umbel/v1/openapi.json/",
            "/healthz/",
            "/organizations/acme/members/ann/profile",
            "/../organizations",
            "/organizations/..",
            "/organizations;a=b",
            "/metrics",
        ];
        for path in paths {
            let answer = app.get(path).by("ann").await;
            if path == "/organizations/.." {
                answer.expect_error(400, 1102, "/path/organization_id");
                continue;
            }
            assert_eq!(answer.clone().expect(404).errors(), [(7003, String::new()), (7000, String::new())], "{answer}");
        }
    });
}

#[test]
fn a_route_refuses_methods_that_it_does_not_take_and_names_those_it_does() {
    World::company().on_each_engine(async |app| {
        let mut allowed = std::collections::BTreeMap::<String, Vec<String>>::new();
        for (method, path) in openapi::routes() {
            let methods = allowed.entry(path).or_default();
            methods.extend((method == "GET").then(|| "HEAD".to_owned()));
            methods.push(method);
        }
        for (template, methods) in &mut allowed {
            let path = template.replace("{organization_id}", "acme").replace("{user_id}", "ann").replace("{token_id}", "t");
            methods.sort_unstable();
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
                if methods.iter().any(|allowed| allowed == method) {
                    continue;
                }
                let answer = app.call(Method::from_bytes(method.as_bytes()).unwrap(), &path).by("ann").await.expect(405);
                let mut named: Vec<_> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
                named.sort_unstable();
                assert_eq!(named, *methods, "{answer}");
                if method != "HEAD" {
                    assert_eq!(answer.errors(), [(7001, String::new())], "{answer}");
                }
            }
        }
    });
}

#[test]
fn a_wrong_method_is_told_with_the_right_ones() {
    World::company().on_each_engine(async |app| {
        insta::assert_snapshot!("wrong_method", app.call(Method::PATCH, "/client/v4/organizations").by("ann").await);
    });
}

#[test]
fn head_answers_what_get_answers_without_the_body() {
    World::company().on_each_engine(async |app| {
        for (_, template) in openapi::routes().into_iter().filter(|(method, _)| method == "GET") {
            let path = template.replace("{organization_id}", "acme");
            let path = path.replace("{user_id}", "ann").replace("{token_id}", "olga-token");
            let (get, head) = (app.get(&path).by("olga").await, app.call(Method::HEAD, &path).by("olga").await);
            assert_eq!(head.status, get.status, "{head}");
            assert_eq!(head.body.len(), 0, "{head}");
            assert_eq!((head.header("content-type"), head.header("etag")), (get.header("content-type"), get.header("etag")));
            app.call(Method::HEAD, &path).await;
        }
    });
}

#[test]
fn an_id_that_cannot_be_one_is_told_apart_from_one_that_is_unknown() {
    World::company().on_each_engine(async |app| {
        let malformed = ["a%2Fb", "acme%2f", "..%2F", ".", "%2e%2e", "a.b", "a%20b", "%C3%A9", "%00", "%FF", "a%25b", "a;b", "~"];
        for id in malformed.into_iter().chain([x(65).as_str()]) {
            for (path, name) in [
                (format!("/client/v4/organizations/{id}"), "organization_id"),
                (format!("/organizations/{id}/profile"), "organization_id"),
                (format!("/umbel/v1/users/{id}"), "user_id"),
                (format!("/umbel/v1/tokens/{id}"), "token_id"),
            ] {
                app.get(path).by("olga").await.expect_error(400, 1102, &format!("/path/{name}"));
            }
        }
        for id in ["nowhere", "ACME", "acme-", "-", &x(64), "00000000-0000-0000-0000-000000000000"] {
            app.get(format!("/organizations/{id}")).by("olga").await.expect_error(404, 1200, "");
        }
    });
}

fn x(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn a_uri_of_more_than_16_kibibytes_is_too_long() {
    World::company().on_each_engine(async |app| {
        let uri = |length: usize| format!("/organizations?x={}", x(length - "/organizations?x=".len()));
        app.get(uri(16 << 10)).by("ann").await.expect(200);
        app.get(uri((16 << 10) + 1)).by("ann").await.expect_error(414, 1107, "");
    });
}

#[test]
fn every_answer_forbids_to_guess_its_type_and_has_an_id_of_its_own() {
    World::company().on_each_engine(async |app| {
        let mut ids = std::collections::BTreeSet::new();
        for path in ["/healthz", "/organizations", "/organizations/acme", "/nothing", "/organizations/a.b"] {
            let answer = app.get(path).by("ann").await;
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.header("content-type"), Some("application/json"));
            let id = answer.header("cf-ray").unwrap().to_owned();
            assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()));
            assert!(ids.insert(id));
        }
    });
}
