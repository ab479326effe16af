//! E-mail addresses of members: any text, kept as it was given, and one user however it is written.

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::world::World;

/// Every way to name somebody by an address, as an operator, who may use all of them.
const WAYS: [(&str, &str); 5] = [
    ("/organizations/eu/members", "/member/user/email"),
    ("/organizations/us/members:batchCreate", "/members/0/user/email"),
    ("/umbel/v1/organizations/shop/members", "/email"),
    ("/accounts/web/members", "/email"),
    ("/umbel/v1/users", "/email"),
];

fn body(way: usize, email: &str) -> Value {
    let user = json!({"user": {"email": email}});
    match way {
        0 => json!({"member": user}),
        1 => json!({"members": [user]}),
        2 => json!({"email": email, "role": "viewer"}),
        3 => json!({"email": email, "roles": ["viewer"]}),
        _ => json!({"email": email}),
    }
}

async fn name(app: &TestApp, way: usize, email: &str) -> Answer {
    app.post(WAYS[way].0, body(way, email)).by("olga").await
}

/// The users of the server, by the address as it is kept.
async fn user_with(app: &TestApp, email: &str) -> Vec<String> {
    let email: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    app.get(format!("/umbel/v1/users?email={email}")).by("olga").await.expect(200).ids()
}

#[test]
fn any_text_is_an_address_and_comes_back_as_it_was_given() {
    let longest = "x".repeat(320);
    let shapes = [
        "plain",
        "@",
        "a@b@c",
        "two words@example.com",
        "\"quoted, (and) commented\"@example.com",
        "o'brien@example.com'; DROP TABLE users; --",
        "=1+1@example.com",
        "100%_off@example.com",
        "<script>alert(1)</script>",
        "jörg@münchen.example",
        "\u{1f331}@example.com",
        "right\u{202e}left@example.com",
        &longest,
    ];
    World::company().account("acme/eu/@web").on_each_engine(async |app| {
        for shape in shapes {
            let first = name(app, 0, shape).await.expect(200).result();
            assert_eq!(first["user"]["email"], shape);
            for way in 1..4 {
                let mut member = name(app, way, &format!(" {shape}\t")).await.expect(200).result();
                let member = if way == 1 { member[0].take() } else { member };
                assert_eq!((&member["user"]["id"], &member["user"]["email"]), (&first["user"]["id"], &json!(shape)));
            }
            name(app, 4, shape).await.expect_error(409, 1402, "/email");
            assert_eq!(user_with(app, shape).await, [first["user"]["id"].as_str().unwrap()]);
        }
    });
}

#[test]
fn an_address_is_one_however_it_is_written_and_similar_ones_are_others() {
    World::company().account("acme/eu/@web").on_each_engine(async |app| {
        let strasse = name(app, 0, "Kim.Strasse@Example.com").await.expect(200).result()["user"]["id"].clone();
        let same = [
            "kim.strasse@example.com",
            " KIM.STRASSE@EXAMPLE.COM\u{3000}",
            "\u{212a}im.\u{17f}trasse@example.com",
            "ｋｉｍ.strasse＠example.com",
        ];
        for (way, email) in same.into_iter().enumerate() {
            name(app, 0, email).await.expect_error(409, 1402, "/member/user/email");
            name(app, 4, email).await.expect_error(409, 1402, "/email");
            assert_eq!(user_with(app, email).await, [strasse.as_str().unwrap()], "{email:?}");
            if (1..4).contains(&way) {
                let mut member = name(app, way, email).await.expect(200).result();
                let member = if way == 1 { member[0].take() } else { member };
                assert_eq!(member["user"]["id"], strasse);
            }
        }
        for other in ["kim.straße@example.com", "kímstrasse@example.com", "kim.strasse@example.com.", "kim.strasse@example,com"]
        {
            let created = name(app, 0, other).await.expect(200).result();
            assert_ne!(created["user"]["id"], strasse, "{other:?}");
        }
    });
}

#[test]
fn what_is_no_text_of_one_line_or_too_long_is_named_and_makes_nobody() {
    World::company().account("acme/eu/@web").on_each_engine(async |app| {
        let before = (app.rows("users").await, app.rows("organization_members").await, app.rows("account_members").await);
        let (long, long_letters, unfolded) = ("x".repeat(321), "é".repeat(161), "\u{fdfa}".repeat(100));
        let bad = ["", " \t ", "\u{3000}", "a\0@b", "a\n@b", "a\r\nBcc: x@b", "a\u{7f}@b", "a\u{85}@b", "\u{1b}[31m@b"];
        for email in bad.into_iter().chain([long.as_str(), &long_letters, &unfolded]) {
            for (way, (_, pointer)) in WAYS.iter().enumerate() {
                name(app, way, email).await.expect_error(400, 1100, pointer);
            }
        }
        for (way, (path, _)) in WAYS.iter().enumerate() {
            let wrong = body(way, "<>").to_string().replace("\"<>\"", "7");
            app.post(*path, wrong.as_str()).by("olga").await.expect(400);
        }
        let after = (app.rows("users").await, app.rows("organization_members").await, app.rows("account_members").await);
        assert_eq!(before, after);
    });
}

#[test]
fn one_bad_member_of_a_batch_keeps_all_of_them_back() {
    let world = World::company().settings(|settings| settings.members_max = 3);
    world.on_each_engine(async |app| {
        let batch = async |emails: &[&str], user: &str| {
            let members: Vec<_> = emails.iter().map(|email| json!({"user": {"email": email}})).collect();
            app.post("/organizations/eu/members:batchCreate", json!({"members": members})).by(user).await
        };
        let before = (app.rows("users").await, app.rows("organization_members").await);
        batch(&["new", "also new", "a\0b"], "ann").await.expect_error(400, 1100, "/members/2/user/email");
        batch(&["new", "also new", "NEW "], "ann").await.expect_error(409, 1402, "/members/2/user/email");
        let full = batch(&["a", "b", "c", "d"], "ann").await.expect_error(409, 1401, "/members/3/user/email");
        assert!(full.json()["errors"][0]["message"].as_str().unwrap().contains("members_max"));
        batch(&["new"], "adam").await.expect_error(403, 1302, "/members/0/user/email");
        batch(&["new"], "vic").await.expect_error(403, 1300, "");
        batch(&["new"], "gus").await.expect_error(404, 1200, "");
        app.put("/umbel/v1/organizations/eu/flags", json!({"member_management": "disabled"})).by("olga").await.expect(200);
        batch(&["new"], "ann").await.expect_error(403, 1301, "/members/0/user/email");
        assert_eq!((app.rows("users").await, app.rows("organization_members").await), before);
        assert_eq!(batch(&["a", "b", "c"], "olga").await.expect(200).ids().len(), 3);
    });
}
