//! Signing in to the console: what a session is good for, and what ends it.

use axum::http::Method;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Secret, TOTP};
use umbel_domain::Role;
use umbel_server::password;
use umbel_server::sources::Sources as _;
use umbel_store::admin::{self, sign_in};

use crate::harness::call::{Answer, Call};
use crate::harness::world::{World, token_of};
use crate::harness::{Story, TestApp};

/// The changing routes that only somebody who is signed in may use, or that sign in: what they write down is tested here.
pub(crate) const IN_SESSIONS: [&str; 7] = [
    "DELETE /umbel/v1/session",
    "DELETE /umbel/v1/sessions/{session_id}",
    "DELETE /umbel/v1/user/identities/{identity_id}",
    "DELETE /umbel/v1/user/totp",
    "POST /umbel/v1/user/totp",
    "POST /umbel/v1/user/totp/confirm",
    "PUT /umbel/v1/user/password",
];

const PASSWORD: &str = "correct horse battery";

impl Call {
    /// Comes from a page of this server, in a session.
    pub(crate) fn in_session(self, session: &str) -> Self {
        self.header("cookie", &format!("theme=dark; __Host-umbel={session}")).on_our_page()
    }

    pub(crate) fn on_our_page(self) -> Self {
        self.header("sec-fetch-site", "same-origin")
    }
}

impl TestApp {
    /// Gives a user a password past the service.
    pub(crate) async fn set_password(&self, user: &str, text: &str) {
        let hash = password::hash(text, [7; 16]).unwrap();
        let sources =
            admin::Sources::new(self.sources.now().micros(), |bytes| umbel_server::sources::System::default().fill(bytes));
        sign_in::set_password(&self.store, &sources, &format!("{user}@example.com"), &hash).await.unwrap();
    }

    fn enter(&self, body: Value) -> Call {
        self.post("/umbel/v1/session", body).on_our_page()
    }

    /// Signs a user in with the password that they have; answers the secret of the session.
    pub(crate) async fn sign_in(&self, user: &str) -> String {
        let answer = self.enter(json!({"email": format!("{user}@example.com"), "password": PASSWORD})).await;
        cookie(&answer.expect(200))
    }
}

/// The secret in the cookie that an answer sets.
pub(crate) fn cookie(answer: &Answer) -> String {
    let line = answer.header("set-cookie").unwrap();
    assert!(line.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400"), "{line}");
    let secret = line.strip_prefix("__Host-umbel=").unwrap().split(';').next().unwrap();
    assert!(secret.starts_with("ums_") && secret.len() == 53, "{secret}");
    secret.to_owned()
}

/// The code that an authenticator shows now.
pub(crate) fn code(app: &TestApp, secret: &str) -> String {
    let bytes = Secret::Encoded(secret.to_owned()).to_bytes().unwrap();
    let seconds = app.sources.now().micros() / 1_000_000;
    TOTP::new(Algorithm::SHA1, 6, 0, 30, bytes).unwrap().generate(seconds.unsigned_abs())
}

/// Adds a second factor to whoever is signed in; answers its secret.
pub(crate) async fn add_factor(app: &TestApp, session: &str) -> String {
    let made = app.post("/umbel/v1/user/totp", "").in_session(session).await.expect(200);
    let secret = made.text("secret");
    assert!(made.text("uri").starts_with("otpauth://totp/Umbel:"), "{made}");
    let confirm = json!({"code": code(app, &secret)});
    app.post("/umbel/v1/user/totp/confirm", confirm).in_session(session).await.expect(200);
    secret
}

async fn remove_factor(app: &TestApp, session: &str, code: &str) -> Answer {
    app.call(Method::DELETE, "/umbel/v1/user/totp").body(json!({"code": code})).in_session(session).await
}

#[test]
fn a_session_is_a_credential_under_the_two_prefixes_and_nowhere_else() {
    World::company().on_each_engine(async |app| {
        app.set_password("ann", PASSWORD).await;
        let session = app.sign_in("ann").await;
        assert_eq!(app.get("/client/v4/user").in_session(&session).await.expect(200).text("id"), "ann");
        let shown = app.get("/umbel/v1/session").in_session(&session).await.expect(200);
        assert_eq!((shown.result()["user"]["id"].as_str(), &shown.result()["may_set_password"]), (Some("ann"), &json!(false)));
        for path in ["/user", "/organizations/acme", "/client/v4x", "/healthz/../client/v4/user"] {
            assert_ne!(app.get(path).in_session(&session).await.status, 200, "{path}");
        }
        app.get("/user").in_session(&session).await.expect_error(401, 9106, "");
        app.put("/organizations/acme", json!({"name": "x"})).in_session(&session).await.expect_error(401, 9106, "");
        app.get("/client/v4/user").header("cookie", &format!("umbel={session}")).await.expect_error(401, 9106, "");
        let twice = format!("__Host-umbel={session}; __Host-umbel={session}");
        app.get("/client/v4/user").header("cookie", &twice).await.expect_error(401, 9106, "");
        for bad in [&session[..52], &format!("{session}0"), &session.to_uppercase(), &token_of("ann")] {
            app.get("/client/v4/user").in_session(bad).await.expect_error(401, 10_000, "");
        }
        // A session is no token, and what a request says itself counts before its cookies.
        app.get("/client/v4/user").bearer(&session).await.expect_error(401, 10_000, "");
        assert_eq!(app.get("/client/v4/user").in_session(&session).by("bill").await.expect(200).text("id"), "bill");
        app.get("/umbel/v1/session").by("ann").await.expect_error(401, 9106, "");
    });
}

#[test]
fn a_session_changes_things_only_from_pages_of_this_server() {
    World::company().on_each_engine(async |app| {
        app.set_password("ann", PASSWORD).await;
        let session = app.sign_in("ann").await;
        let cookie = format!("__Host-umbel={session}");
        let elsewhere: [&[(&'static str, &str)]; 5] = [
            &[],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://here.example"), ("host", "here.example")],
            &[("origin", "https://evil.example"), ("host", "here.example")],
            &[("origin", "null"), ("host", "here.example")],
        ];
        for headers in elsewhere {
            let with = |call: Call| headers.iter().fold(call, |call, (name, value)| call.header(name, value));
            for (method, path) in [
                (Method::PUT, "/client/v4/organizations/acme"),
                (Method::POST, "/umbel/v1/tokens"),
                (Method::DELETE, "/umbel/v1/session"),
            ] {
                let call = app.call(method, path).body(json!({"name": "x"})).header("cookie", &cookie);
                with(call).await.expect_error(403, 1303, "");
            }
            let enter = json!({"email": "ann@example.com", "password": PASSWORD});
            with(app.post("/umbel/v1/session", enter)).await.expect_error(403, 1303, "");
            // Who only reads changes nothing, and what says itself who it is needs no page.
            with(app.get("/client/v4/user").header("cookie", &cookie)).await.expect(200);
            with(app.put("/organizations/acme", json!({"name": "x"})).by("ann")).await.expect(200);
        }
        let rename = || app.put("/client/v4/organizations/acme", json!({"name": "y"})).header("cookie", &cookie);
        rename().header("origin", "https://here.example").header("host", "here.example").await.expect(200);
        rename().on_our_page().await.expect(200);
    });
}

#[test]
fn whatever_is_wrong_the_answer_is_the_same_and_a_known_user_learns_of_it() {
    let world = World::company().user_with("dis", &json!({"disabled": true}));
    world.on_each_engine(async |app| {
        for user in ["ann", "dis"] {
            app.set_password(user, PASSWORD).await;
        }
        let wrong = json!({"email": "ann@example.com", "password": "wrong horse battery"});
        let first = app.enter(wrong).await.expect_error(401, 1010, "");
        for (email, password) in [
            ("nobody@example.com", PASSWORD),
            ("no address", PASSWORD),
            ("vic@example.com", PASSWORD),
            ("vic@example.com", ""),
            ("dis@example.com", PASSWORD),
            ("ann@example.com", "Correct horse battery"),
            ("ann@example.com", &token_of("ann")),
        ] {
            let answer = app.enter(json!({"email": email, "password": password})).await;
            assert_eq!(answer.indistinct(), first.indistinct(), "{email}");
            assert_eq!(answer.header("set-cookie"), None);
        }
        for bad in [json!({"email": "ann@example.com"}), json!([]), json!({"email": 1, "password": "x"})] {
            app.enter(bad).await.expect(400);
        }
        assert_eq!(app.rows("sessions").await.len(), 0);
        let failures: Vec<_> = app.final_audit_log().await.into_iter().filter(|row| row["action_result"] == "failure").collect();
        let of = |user: &str| failures.iter().filter(|row| row["resource_id"] == user).count();
        assert_eq!((failures.len(), of("ann"), of("vic"), of("dis")), (6, 3, 2, 1));
        assert!(failures.iter().all(|row| row["actor_context"] == "dash" && row["raw_status_code"] == "401"), "{failures:?}");
        assert!(failures.iter().all(|row| row["request"].is_null() && row["response"].is_null()), "{failures:?}");
    });
}

#[test]
fn who_guesses_too_often_is_told_to_wait_even_with_the_right_password() {
    World::company().on_each_engine(async |app| {
        app.set_password("ann", PASSWORD).await;
        app.set_password("bill", PASSWORD).await;
        let guess = |password: &str| app.enter(json!({"email": "Ann@Example.com ", "password": password}));
        for _ in 0..10 {
            guess("wrong").await.expect_error(401, 1010, "");
        }
        let told = guess(PASSWORD).await.expect_error(429, 1012, "");
        assert_eq!(told.header("retry-after"), Some("55"), "what is left of five minutes at four minutes and five seconds");
        app.sign_in("bill").await;
        app.sources.advance_seconds(54);
        let told = guess(PASSWORD).await.expect_error(429, 1012, "");
        assert_eq!(told.header("retry-after"), Some("1"));
        app.sources.advance_seconds(1);
        app.sign_in("ann").await;
    });
}

#[test]
fn a_session_ends_when_it_should() {
    World::company().on_each_engine(async |app| {
        app.set_password("ann", PASSWORD).await;
        let is_good = async |session: &str| app.get("/client/v4/user").in_session(session).await.status == 200;
        let [here, there, third] = [app.sign_in("ann").await, app.sign_in("ann").await, app.sign_in("ann").await];

        let list = app.get("/umbel/v1/sessions").in_session(&here).await.expect(200);
        let places = list.result().as_array().unwrap().clone();
        assert_eq!(places.iter().map(|place| place["current"].as_bool().unwrap()).collect::<Vec<_>>(), [false, false, true]);
        let id = places[1]["id"].as_str().unwrap();
        app.delete(format!("/umbel/v1/sessions/{id}")).in_session(&here).await.expect(200);
        app.delete(format!("/umbel/v1/sessions/{id}")).in_session(&here).await.expect_error(404, 1200, "");
        assert!(is_good(&here).await && !is_good(&there).await && is_good(&third).await);

        let out = app.delete("/umbel/v1/session").in_session(&third).await.expect(200);
        assert!(out.header("set-cookie").unwrap().ends_with("Max-Age=0"));
        assert!(is_good(&here).await && !is_good(&third).await);

        let other = app.sign_in("ann").await;
        let change = |current: &str| json!({"current_password": current, "password": "another long password"});
        let set = |body: Value| app.put("/umbel/v1/user/password", body).in_session(&here);
        set(change("wrong horse battery")).await.expect_error(401, 1010, "/current_password");
        set(json!({"password": "another long password"})).await.expect_error(401, 1010, "/current_password");
        set(json!({"current_password": PASSWORD, "password": "short"})).await.expect_error(400, 1100, "/password");
        set(change(PASSWORD)).await.expect(204);
        assert!(is_good(&here).await && !is_good(&other).await);
        set(change("another long password")).await.expect(204);

        app.sources.advance_seconds(24 * 60 * 60 - 1);
        assert!(is_good(&here).await);
        app.sources.advance_seconds(1);
        assert!(!is_good(&here).await);
        assert_eq!(app.get("/umbel/v1/sessions").by("ann").await.expect(200).result(), json!([]));
    });
}

#[test]
fn who_is_disabled_or_deleted_is_signed_in_no_more() {
    World::company().on_each_engine(async |app| {
        app.set_password("vic", PASSWORD).await;
        let session = app.sign_in("vic").await;
        let disable = |disabled: bool| app.patch("/umbel/v1/users/vic", json!({"disabled": disabled})).by("olga");
        disable(true).await.expect(200);
        app.get("/client/v4/user").in_session(&session).await.expect_error(401, 10_000, "");
        disable(false).await.expect(200);
        app.get("/client/v4/user").in_session(&session).await.expect_error(401, 10_000, "");
        let session = app.sign_in("vic").await;
        add_factor(app, &session).await;
        app.delete("/umbel/v1/users/vic").by("olga").await.expect(200);
        app.get("/client/v4/user").in_session(&session).await.expect_error(401, 10_000, "");
        for table in ["sessions", "passwords", "second_factors", "sign_in_links", "linked_identities"] {
            assert_eq!(app.rows(table).await.len(), 0, "{table}");
        }
    });
}

#[test]
fn a_link_signs_in_once_and_lets_its_user_set_a_password() {
    World::company().on_each_engine(async |app| {
        let make = async || {
            let made = app.post("/umbel/v1/users/vic/sign-in-link", "").by("olga").await.expect(200).text("url");
            made.strip_prefix("/console/sign-in#code=").unwrap().to_owned()
        };
        let come = |code: &str| app.post("/umbel/v1/session/link", json!({"code": code})).on_our_page();
        let (before, link) = (make().await, make().await);
        come(&before).await.expect_error(401, 1010, "");
        let race = futures_util::future::join_all((0..4).map(|_| come(&link).into_future())).await;
        let (won, lost): (Vec<_>, Vec<_>) = race.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 3));
        for answer in lost {
            answer.expect_error(401, 1010, "");
        }
        assert_eq!(won[0].result()["may_set_password"], true);
        let session = cookie(&won[0]);
        let set = || app.put("/umbel/v1/user/password", json!({"password": PASSWORD})).in_session(&session);
        set().await.expect(204);
        // From then on they are asked for it.
        set().await.expect_error(401, 1010, "/current_password");
        app.sign_in("vic").await;
        let late = make().await;
        app.sources.advance_seconds(24 * 60 * 60);
        come(&late).await.expect_error(401, 1010, "");
        for bad in ["", "uml_", &token_of("vic"), &format!("{late}0")] {
            come(bad).await.expect_error(401, 1010, "");
        }
    });
}

#[test]
fn with_a_second_factor_each_code_counts_once() {
    World::company().on_each_engine(async |app| {
        app.set_password("ann", PASSWORD).await;
        let session = app.sign_in("ann").await;
        let other = app.sign_in("ann").await;
        app.post("/umbel/v1/user/totp/confirm", json!({"code": "123456"})).in_session(&session).await.expect_error(404, 1200, "");
        app.post("/umbel/v1/user/totp", "").in_session(&session).await.expect(200);
        assert_eq!(app.get("/umbel/v1/user/totp").in_session(&session).await.expect(200).result()["enabled"], false);
        // Until it is confirmed nobody is asked for it.
        let third = app.sign_in("ann").await;
        let secret = add_factor(app, &session).await;
        for ended in [other, third] {
            app.get("/client/v4/user").in_session(&ended).await.expect_error(401, 10_000, "");
        }
        assert_eq!(app.get("/client/v4/user").by("ann").await.result()["two_factor_authentication_enabled"], true);
        app.post("/umbel/v1/user/totp", "").in_session(&session).await.expect_error(409, 1402, "");

        let enter = |totp: Option<&str>| {
            let mut body = json!({"email": "ann@example.com", "password": PASSWORD});
            if let Some(totp) = totp {
                body["totp"] = totp.into();
            }
            app.enter(body)
        };
        enter(None).await.expect_error(401, 1011, "/totp");
        // The code that confirmed it is used up.
        enter(Some(&code(app, &secret))).await.expect_error(401, 1010, "/totp");
        app.sources.advance_seconds(30);
        let now = code(app, &secret);
        enter(Some(&now)).await.expect(200);
        enter(Some(&now)).await.expect_error(401, 1010, "/totp");
        let wrong = json!({"email": "ann@example.com", "password": "wrong horse battery", "totp": now});
        app.enter(wrong).await.expect_error(401, 1010, "");
        // A link needs the code as well, and is not used up without.
        let link = app.post("/umbel/v1/users/ann/sign-in-link", "").by("olga").await.expect(200).text("url");
        let link = link.rsplit('=').next().unwrap();
        let come = |body: Value| app.post("/umbel/v1/session/link", body).on_our_page();
        come(json!({"code": link})).await.expect_error(401, 1011, "/totp");
        app.sources.advance_seconds(30);
        come(json!({"code": link, "totp": code(app, &secret)})).await.expect(200);

        app.delete("/umbel/v1/users/ann/totp").by("olga").await.expect(200);
        app.get("/client/v4/user").in_session(&session).await.expect_error(401, 10_000, "");
        app.delete("/umbel/v1/users/ann/totp").by("olga").await.expect_error(404, 1200, "");
        let session = app.sign_in("ann").await;
        let secret = add_factor(app, &session).await;
        remove_factor(app, &session, "12345").await.expect_error(401, 1010, "/code");
        app.call(Method::DELETE, "/umbel/v1/user/totp").in_session(&session).await.expect(400);
        app.sources.advance_seconds(30);
        remove_factor(app, &session, &code(app, &secret)).await.expect(200);
        remove_factor(app, &session, &code(app, &secret)).await.expect_error(404, 1200, "");
        app.sign_in("ann").await;
    });
}

#[test]
fn after_a_hundred_wrong_codes_in_a_row_no_code_is_taken_until_an_operator_removes_the_factor() {
    World::company().on_each_engine(async |app| {
        app.set_password("ann", PASSWORD).await;
        let session = app.sign_in("ann").await;
        let secret = add_factor(app, &session).await;
        let enter = async |totp: &str| app.enter(json!({"email": "ann@example.com", "password": PASSWORD, "totp": totp})).await;
        let guess = async |times: u32| {
            for n in 0..times {
                if n % 9 == 0 {
                    app.sources.advance_seconds(300);
                }
                remove_factor(app, &session, "wrong").await.expect_error(401, 1010, "/code");
            }
            app.sources.advance_seconds(300);
        };
        guess(99).await;
        enter(&code(app, &secret)).await.expect(200);
        guess(99).await;
        enter("wrong").await.expect_error(401, 1010, "/totp");
        app.sources.advance_seconds(300);
        enter(&code(app, &secret)).await.expect_error(401, 1016, "/totp");
        remove_factor(app, &session, &code(app, &secret)).await.expect_error(401, 1016, "");
        app.delete("/umbel/v1/users/ann/totp").by("olga").await.expect(200);
        let session = app.sign_in("ann").await;
        add_factor(app, &session).await;
    });
}

#[test]
fn what_somebody_guesses_wrong_about_themselves_is_written_down() {
    World::company().on_each_engine(async |app| {
        app.set_password("ann", PASSWORD).await;
        let session = app.sign_in("ann").await;
        let wrong = json!({"current_password": "wrong horse battery", "password": "another long password"});
        app.put("/umbel/v1/user/password", wrong).in_session(&session).await.expect_error(401, 1010, "/current_password");
        app.post("/umbel/v1/user/totp", "").in_session(&session).await.expect(200);
        let confirm = app.post("/umbel/v1/user/totp/confirm", json!({"code": "wrong"}));
        confirm.in_session(&session).await.expect_error(401, 1010, "/code");
        add_factor(app, &session).await;
        remove_factor(app, &session, "wrong").await.expect_error(401, 1010, "/code");
        let log = app.final_audit_log().await;
        let failures: Vec<_> = log.iter().filter(|row| row["action_result"] == "failure").collect();
        let told: Vec<_> =
            failures.iter().map(|row| ["action_type", "resource_type", "resource_id"].map(|name| &row[name])).collect();
        assert_eq!(json!(told), json!([["update", "user", "ann"], ["create", "user", "ann"], ["delete", "user", "ann"]]));
        assert!(failures.iter().all(|row| row["raw_status_code"] == "401" && row["request"].is_null()), "{failures:?}");
    });
}

#[test]
fn an_account_that_asks_for_a_second_factor_is_closed_to_sessions_without() {
    let strict = json!({"enforce_twofactor": true});
    let account = json!({"kind": "account", "id": "web", "organization_id": "eu", "name": "Web", "settings": strict});
    World::company().line(account).on_each_engine(async |app| {
        for user in ["ann", "gus"] {
            app.set_password(user, PASSWORD).await;
        }
        let (ann, gus) = (app.sign_in("ann").await, app.sign_in("gus").await);
        for path in ["/client/v4/accounts/web", "/client/v4/accounts/web/members", "/umbel/v1/accounts/web/access"] {
            app.get(path).in_session(&ann).await.expect_error(403, 1304, "");
            // Who may not see the account is told nothing else than of one that is not there.
            app.get(path).in_session(&gus).await.expect_error(404, 1200, "");
            app.get(path).by("ann").await.expect(200);
        }
        let rename = || json!({"name": "Shop"});
        app.put("/client/v4/accounts/web", rename()).in_session(&ann).await.expect_error(403, 1304, "");
        app.get("/client/v4/organizations/eu").in_session(&ann).await.expect(200);
        add_factor(app, &ann).await;
        app.put("/client/v4/accounts/web", rename()).in_session(&ann).await.expect(200);
        let log = app.final_audit_log().await;
        let failures: Vec<_> = log.iter().filter(|row| row["action_result"] == "failure").collect();
        let told: Vec<_> =
            failures.iter().map(|row| ["organization_id", "resource_id", "raw_status_code"].map(|name| &row[name])).collect();
        assert_eq!(json!(told), json!([["eu", "web", "403"]]), "a change that was refused is written down");
    });
}

#[test]
fn only_somebody_who_is_signed_in_changes_how_they_sign_in() {
    World::company().on_each_engine(async |app| {
        for (method, path, body) in [
            (Method::PUT, "/umbel/v1/user/password", json!({"password": PASSWORD})),
            (Method::POST, "/umbel/v1/user/totp", Value::Null),
            (Method::POST, "/umbel/v1/user/totp/confirm", json!({"code": "123456"})),
            (Method::DELETE, "/umbel/v1/user/totp", json!({"code": "123456"})),
        ] {
            let call = || app.call(method.clone(), path).body(body.clone());
            call().by("ann").await.expect_error(403, 1305, "");
            call().by_key("ann").await.expect_error(403, 1305, "");
        }
        // Nor does the token of an operator change how operators do.
        app.post("/umbel/v1/users/olga/sign-in-link", "").by("olga").await.expect_error(403, 1305, "");
        app.delete("/umbel/v1/users/olga/totp").by("olga").await.expect_error(403, 1305, "");
        app.set_password("olga", PASSWORD).await;
        let olga = app.sign_in("olga").await;
        app.post("/umbel/v1/users/olga/sign-in-link", "").in_session(&olga).await.expect(200);
    });
}

#[test]
fn signing_in_and_out_is_written_down_without_secrets() {
    World::company().on_each_engine(async |app| {
        let mut story = Story::default();
        app.set_password("ann", PASSWORD).await;
        let enter = json!({"email": "ann@example.com", "password": PASSWORD});
        let session = cookie(&story.tell(app.enter(enter).header("user-agent", "Browser/1").await));
        story.tell(app.get("/umbel/v1/session").in_session(&session).await);
        let list = story.tell(app.get("/umbel/v1/sessions").in_session(&session).await);
        let second = app.sign_in("ann").await;
        let id = list.result()[0]["id"].as_str().unwrap().to_owned();
        let secret = add_factor(app, &second).await;
        app.sources.advance_seconds(30);
        remove_factor(app, &second, &code(app, &secret)).await.expect(200);
        let third = app.sign_in("ann").await;
        app.delete(format!("/umbel/v1/sessions/{id}")).in_session(&third).await.expect_error(404, 1200, "");
        let body = json!({"current_password": PASSWORD, "password": "another long password"});
        story.tell(app.put("/umbel/v1/user/password", body).in_session(&third).await);
        story.tell(app.delete("/umbel/v1/session").in_session(&third).await);
        let log = app.final_audit_log().await;
        let told: Vec<_> = log
            .iter()
            .filter(|row| row["actor_type"] == "user")
            .map(|row| {
                let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
                let names =
                    ["action_description", "action_type", "action_result", "resource_type", "actor_context", "actor_type"];
                names.map(text).join(" | ")
            })
            .collect();
        insta::assert_snapshot!("signing_in", format!("{story}\n{}", told.join("\n")));
        let everything = format!("{log:?}");
        for secret in [PASSWORD, "another long password", &session, &second, &third] {
            assert!(!everything.contains(secret));
        }
    });
}

#[test]
fn a_member_with_a_session_may_do_what_their_role_allows_and_no_more() {
    World::company().on_each_engine(async |app| {
        app.set_password("vic", PASSWORD).await;
        let vic = app.sign_in("vic").await;
        app.get("/client/v4/organizations/shop").in_session(&vic).await.expect(200);
        app.get("/client/v4/organizations/globex").in_session(&vic).await.expect_error(404, 1200, "");
        app.put("/client/v4/organizations/shop", json!({"name": "x"})).in_session(&vic).await.expect_error(403, 1300, "");
        app.get("/umbel/v1/users").in_session(&vic).await.expect_error(403, 1300, "");
        app.change_role("acme", "vic", Role::Administrator).await;
        app.put("/client/v4/organizations/shop", json!({"name": "x"})).in_session(&vic).await.expect(200);
        let made = app.post("/umbel/v1/tokens", json!({"name": "t"})).in_session(&vic).await.expect(200).text("value");
        app.get("/user").bearer(&made).await.expect(200);
    });
}

#[test]
fn a_request_whose_body_comes_after_its_session_has_ended_changes_nothing() {
    World::company().on_each_engine(async |app| {
        app.set_password("ann", PASSWORD).await;
        let session = app.sign_in("ann").await;
        let end = app.delete("/umbel/v1/session").in_session(&session);
        let rename = app.put("/client/v4/organizations/acme", json!({"name": "late"})).in_session(&session);
        let late = rename.once(async { _ = end.await.expect(200) }).await;
        late.expect_error(401, 10_000, "");
        assert_ne!(app.get("/organizations/acme").by("ann").await.text("name"), "late");
    });
}
