//! Signing in at an OpenID Connect provider: what of it is believed, and what a session needs beyond it.

use std::collections::HashMap;

use serde_json::{Value, json};
use umbel_server::sources::Sources as _;

use crate::harness::TestApp;
use crate::harness::call::Answer;
use crate::harness::mail_server::public_url;
use crate::harness::provider::{ACCESS_TOKEN, CLIENT_SECRET, Provider, Says, Signed};
use crate::harness::world::World;
use crate::sign_in::{add_factor, code, cookie};

const CALLBACK: &str = "/umbel/v1/session/oidc/callback";
const PAGE: &str = "https://umbel.example.com/base/console/sign-in#";

/// Somebody on their way to the provider.
pub(crate) struct Begun {
    /// The cookie of the browser.
    pub(crate) cookie: String,
    /// What the provider was asked.
    pub(crate) asked: HashMap<String, String>,
}

impl Begun {
    pub(crate) fn state(&self) -> &str {
        &self.asked["state"]
    }
}

/// The cookie of somebody on their way, as an answer sets it, `name=value`.
fn on_the_way(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let line = lines.rev().find(|line| line.starts_with("__Host-umbel-oidc=")).unwrap();
    assert!(line.contains("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="), "{line}");
    line.split(';').next().unwrap().to_owned()
}

pub(crate) async fn begin(app: &TestApp) -> Begun {
    let answer = app.get("/umbel/v1/session/oidc").await.expect(303);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let url = url::Url::parse(answer.header("location").unwrap()).unwrap();
    assert_eq!(url.path(), "/authorize");
    Begun { cookie: on_the_way(&answer), asked: url.query_pairs().into_owned().collect() }
}

/// What the provider says of ann, who began just now.
fn claims(app: &TestApp, provider: &Provider, begun: &Begun) -> Value {
    let now = app.sources.now().micros() / 1_000_000;
    json!({
        "iss": provider.issuer(),
        "aud": "umbel",
        "sub": "ann-there",
        "nonce": begun.asked["nonce"],
        "iat": now,
        "exp": now + 300,
        "email": "Ann@Example.com",
        "email_verified": true,
    })
}

/// Comes back from the provider; answers what the page of the console is told, and the cookie.
async fn come_back(app: &TestApp, cookie: &str, query: &str) -> (String, String) {
    let answer = app.get(format!("{CALLBACK}?{query}")).header("cookie", cookie).await.expect(303);
    let told = answer.header("location").unwrap().strip_prefix(PAGE).unwrap().to_owned();
    (told, on_the_way(&answer))
}

async fn enter(app: &TestApp, cookie: &str, body: Value) -> Answer {
    app.post("/umbel/v1/session/oidc", body).on_our_page().header("cookie", cookie).await
}

/// Goes to the provider and back, where it says these claims in the place of its own.
async fn go(app: &TestApp, provider: &Provider, change: impl FnOnce(&mut Says)) -> (String, String) {
    let begun = begin(app).await;
    let claims = claims(app, provider, &begun);
    provider.say(|says| {
        says.claims = claims;
        change(says);
    });
    come_back(app, &begun.cookie, &format!("code=c&state={}", begun.state())).await
}

/// Signs in with these claims in the place of the provider's own.
async fn sign_in(app: &TestApp, provider: &Provider, changed: Value) -> Answer {
    app.sources.advance_seconds(1);
    let (told, cookie) = go(app, provider, |says| merge(&mut says.claims, &changed)).await;
    assert_eq!(told, "provider");
    enter(app, &cookie, json!({})).await
}

fn merge(claims: &mut Value, changed: &Value) {
    for (name, value) in changed.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
}

/// The company, which believes the provider.
pub(crate) fn company(provider: &Provider) -> World {
    let oidc = provider.oidc();
    World::company().user_with("dis", &json!({"disabled": true})).settings(|settings| {
        settings.public_url = Some(public_url());
        settings.oidc = Some(oidc);
    })
}

#[test]
fn without_a_provider_there_is_no_way_to_one() {
    World::company().on_each_engine(async |app| {
        assert_eq!(app.get("/umbel/v1/session/options").await.expect(200).result(), json!({"oidc": null}));
        app.get("/umbel/v1/session/oidc").await.expect_error(404, 1200, "");
        app.get(format!("{CALLBACK}?code=c&state=s")).await.expect_error(404, 1200, "");
        enter(app, "__Host-umbel-oidc=x", json!({})).await.expect_error(401, 1013, "");
    });
}

#[test]
fn the_provider_is_asked_as_the_standard_says() {
    let provider = Provider::start();
    company(&provider).on_sqlite(async |app| {
        assert_eq!(app.get("/umbel/v1/session/options").await.result(), json!({"oidc": {"name": "Example"}}));
        let begun = begin(app).await;
        let asked = |name: &str| begun.asked[name].as_str();
        assert_eq!((asked("response_type"), asked("client_id"), asked("scope")), ("code", "umbel", "openid email"));
        assert_eq!(asked("redirect_uri"), "https://umbel.example.com/base/umbel/v1/session/oidc/callback");
        assert_eq!((asked("code_challenge_method"), asked("code_challenge").len()), ("S256", 43));
        assert_eq!((asked("state").len(), asked("nonce").len()), (43, 43));
        let other = begin(app).await;
        for name in ["state", "nonce", "code_challenge"] {
            assert_ne!(asked(name), other.asked[name], "{name}");
        }
        provider.take_asked();
        sign_in(app, &provider, json!({})).await.expect(200);
        let asked = provider.take_asked();
        let [(path, headers, body)] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!(path, "/token");
        assert!(headers["authorization"].to_str().unwrap().starts_with("Basic "));
        assert!(body.contains("grant_type=authorization_code") && body.contains("code_verifier=") && body.contains("code=c"));
    });
}

#[test]
fn a_verified_address_signs_in_and_its_subject_from_then_on() {
    let provider = Provider::start();
    company(&provider).on_each_engine(async |app| {
        let answer = sign_in(app, &provider, json!({})).await.expect(200);
        let session = cookie(&answer);
        assert_eq!(app.get("/client/v4/user").in_session(&session).await.expect(200).text("id"), "ann");
        assert_eq!(on_the_way(&answer), "__Host-umbel-oidc=");
        // Whatever the address is now, even somebody else's here.
        for changed in [json!({"email": "bill@example.com"}), json!({"email": "x@y.example", "email_verified": false})] {
            assert_eq!(sign_in(app, &provider, changed).await.expect(200).result()["user"]["id"], "ann");
        }
        provider.say(|says| says.userinfo = json!({"sub": "ann-there"}));
        let without = json!({"email": null, "email_verified": null});
        assert_eq!(sign_in(app, &provider, without).await.expect(200).result()["user"]["id"], "ann");
        assert_eq!(app.rows("linked_identities").await.len(), 1);
        let log = app.final_audit_log().await;
        let told: Vec<_> = log.iter().map(|row| row["action_description"].as_str().unwrap()).collect();
        assert_eq!(told, ["Sign In", "Link Identity", "Sign In", "Sign In", "Sign In"]);
        assert!(log.iter().all(|row| row["actor_id"] == "ann" && row["actor_context"] == "dash"), "{log:?}");
    });
}

#[test]
fn an_address_that_only_who_asks_is_told_counts_as_well() {
    let provider = Provider::start();
    company(&provider).on_each_engine(async |app| {
        let without = json!({"sub": "vic-there", "email": null, "email_verified": null});
        let vic = |more: Value| {
            let mut userinfo = json!({"sub": "vic-there", "email": "vic@example.com"});
            merge(&mut userinfo, &more);
            provider.say(|says| says.userinfo = userinfo);
        };
        for more in [json!({}), json!({"email_verified": "true"}), json!({"sub": "other", "email_verified": true})] {
            vic(more);
            sign_in(app, &provider, without.clone()).await.expect_error(401, 1015, "");
        }
        vic(json!({"email_verified": true}));
        assert_eq!(sign_in(app, &provider, without).await.expect(200).result()["user"]["id"], "vic");
    });
}

#[test]
fn who_is_not_known_is_told_one_thing_and_a_disabled_user_learns_of_it() {
    let provider = Provider::start();
    company(&provider).on_each_engine(async |app| {
        sign_in(app, &provider, json!({})).await.expect(200);
        let first = sign_in(app, &provider, json!({"sub": "n", "email": "new@example.com"})).await.expect_error(401, 1015, "");
        for claims in [
            json!({"sub": "v", "email": "vic@example.com", "email_verified": false}),
            json!({"sub": "v", "email": "vic@example.com", "email_verified": null}),
            json!({"sub": "v", "email": "no address"}),
            json!({"sub": "v", "email": "\u{ff36}ic@example.com"}),
            json!({"sub": "v", "email": "vic@e\u{2179}ample.com"}),
            json!({"sub": "d", "email": "dis@example.com"}),
            // The provider knows ann by another subject: this is somebody who was given her address.
            json!({"sub": "heir", "email": "ann@example.com"}),
            json!({"sub": "Ann-there", "email": "ann@example.com"}),
        ] {
            assert_eq!(sign_in(app, &provider, claims.clone()).await.indistinct(), first.indistinct(), "{claims}");
        }
        let bill = json!({"sub": "bill-there", "email": "bill@example.com"});
        sign_in(app, &provider, bill.clone()).await.expect(200);
        app.patch("/umbel/v1/users/bill", json!({"disabled": true})).by("olga").await.expect(200);
        sign_in(app, &provider, bill).await.expect_error(401, 1015, "");
        assert_eq!((app.rows("sessions").await.len(), app.rows("linked_identities").await.len()), (1, 2));
        let log = app.final_audit_log().await;
        let failures: Vec<_> =
            log.iter().filter(|row| row["action_result"] == "failure").map(|row| &row["resource_id"]).collect();
        assert_eq!(failures, ["dis", "bill"]);
    });
}

#[test]
fn only_the_browser_that_began_comes_back_and_once() {
    let provider = Provider::start();
    company(&provider).on_each_engine(async |app| {
        let [begun, other] = [begin(app).await, begin(app).await];
        let (claims, state) = (claims(app, &provider, &begun), begun.state().to_owned());
        provider.say(|says| says.claims = claims);
        let (good, iss) = (format!("code=c&state={state}"), provider.issuer());
        provider.take_asked();
        for (cookie, query) in [
            ("theme=dark", good.as_str()),
            (&other.cookie, &good),
            (&format!("{}; {}", begun.cookie, begun.cookie), &good),
            (&begun.cookie[..begun.cookie.len() - 1], &good),
            (&begun.cookie, "code=c&state="),
            (&begun.cookie, "code=c"),
            (&begun.cookie, &format!("state={state}")),
            (&begun.cookie, &format!("{good}&state={state}")),
            (&begun.cookie, &format!("code=d&{good}")),
            (&begun.cookie, &format!("error=access_denied&{good}")),
            (&begun.cookie, &format!("{good}&iss=https://elsewhere.example")),
            (&begun.cookie, &format!("{good}&iss={iss}/")),
        ] {
            let (told, cookie) = come_back(app, cookie, query).await;
            assert_eq!((told.as_str(), cookie.as_str()), ("problem=1013", "__Host-umbel-oidc="), "{query}");
        }
        assert_eq!(provider.take_asked().len(), 0, "nobody was asked about them");
        // What has begun proves nothing yet.
        enter(app, &begun.cookie, json!({})).await.expect_error(401, 1013, "");

        let (told, proven) = come_back(app, &begun.cookie, &format!("{good}&iss={iss}&session_state=x")).await;
        assert_eq!(told, "provider");
        assert_eq!(come_back(app, &proven, &good).await.0, "problem=1013");
        let elsewhere = app.post("/umbel/v1/session/oidc", json!({})).header("cookie", &proven);
        elsewhere.header("sec-fetch-site", "cross-site").await.expect_error(403, 1303, "");
        enter(app, &proven, json!({})).await.expect(200);
        enter(app, &proven, json!({})).await.expect_error(401, 1013, "");
        assert_eq!(app.rows("sessions").await.len(), 1);
    });
}

#[test]
fn nobody_may_take_long() {
    let provider = Provider::start();
    company(&provider).on_sqlite(async |app| {
        for (seconds, told) in [(599, "provider"), (600, "problem=1013")] {
            let begun = begin(app).await;
            app.sources.advance_seconds(seconds);
            let claims = claims(app, &provider, &begun);
            provider.say(|says| says.claims = claims);
            let back = come_back(app, &begun.cookie, &format!("code=c&state={}", begun.state())).await;
            assert_eq!(back.0, told, "{seconds}");
        }
        for (seconds, status) in [(299, 200), (300, 401)] {
            let (told, proven) = go(app, &provider, |_| ()).await;
            assert_eq!(told, "provider");
            app.sources.advance_seconds(seconds);
            enter(app, &proven, json!({})).await.expect(status);
        }
    });
}

#[test]
fn an_id_token_that_is_not_as_it_must_be_is_not_believed() {
    let provider = Provider::start();
    company(&provider).on_sqlite(async |app| {
        let now = app.sources.now().micros() / 1_000_000;
        for changed in [
            json!({"nonce": "another"}),
            json!({"nonce": null}),
            json!({"iss": "https://elsewhere.example"}),
            json!({"iss": null}),
            json!({"aud": "another"}),
            json!({"aud": ["another"]}),
            json!({"aud": ["umbel", "another"]}),
            json!({"aud": null}),
            json!({"azp": "another"}),
            json!({"exp": now}),
            json!({"exp": null}),
            json!({"iat": now - 601}),
            json!({"iat": now + 61}),
            json!({"iat": null}),
            json!({"sub": null}),
            json!({"sub": ""}),
            json!({"sub": "x".repeat(256)}),
            json!({"email_verified": "true"}),
            json!({"email_verified": 1}),
        ] {
            let (told, _) = go(app, &provider, |says| merge(&mut says.claims, &changed)).await;
            assert_eq!(told, "problem=1013", "{changed}");
        }
        let x = provider.public_key(0)["x"].as_str().unwrap().to_owned();
        for signed in [
            Signed::As(1, 0),
            Signed::Key(1),
            Signed::Not,
            Signed::Shared(CLIENT_SECRET.into()),
            Signed::Shared(x),
            Signed::Shared(provider.public_key(0).to_string()),
            Signed::Shared(String::new()),
        ] {
            let name = format!("{signed:?}");
            let (told, _) = go(app, &provider, |says| says.signed = signed).await;
            assert_eq!(told, "problem=1013", "{name}");
        }
        let good = json!({"azp": "umbel", "aud": ["umbel"], "iat": now - 599, "exp": now + 1, "sub": "x".repeat(255)});
        let (told, _) = go(app, &provider, |says| {
            says.signed = Signed::Key(0);
            merge(&mut says.claims, &good);
        })
        .await;
        assert_eq!(told, "provider");
        assert_eq!(app.rows("sessions").await.len(), 0);
    });
}

#[test]
fn a_new_key_is_asked_for_once_a_minute() {
    let provider = Provider::start();
    company(&provider).on_sqlite(async |app| {
        let asked = || provider.take_asked().iter().filter(|(path, ..)| path == "/jwks").count();
        assert_eq!(go(app, &provider, |_| ()).await.0, "provider");
        assert_eq!(asked(), 1);
        provider.say(|says| (says.signed, says.shows) = (Signed::Key(1), vec![1, 0]));
        assert_eq!(go(app, &provider, |_| ()).await.0, "problem=1013");
        assert_eq!(asked(), 0);
        app.sources.advance_seconds(60);
        assert_eq!(go(app, &provider, |_| ()).await.0, "provider");
        assert_eq!(asked(), 1);
        // A key that nobody shows makes nobody ask more often.
        app.sources.advance_seconds(60);
        for _ in 0..3 {
            assert_eq!(go(app, &provider, |says| says.signed = Signed::Key(2)).await.0, "problem=1013");
        }
        assert_eq!(asked(), 1);
        provider.say(|says| says.signed = Signed::Key(0));
        app.sources.advance_seconds(3600);
        assert_eq!(go(app, &provider, |_| ()).await.0, "provider");
        assert_eq!(asked(), 1);
    });
}

#[test]
fn a_provider_that_does_not_answer_as_it_should_is_not_asked_at_once_again() {
    type Change = fn(&mut Says);
    let provider = Provider::start();
    company(&provider).on_sqlite(async |app| {
        let asked = || provider.take_asked().len();
        let unavailable = async || app.get("/umbel/v1/session/oidc").await.expect_error(503, 1014, "");
        let breaks: [(Change, Change); 4] = [
            (|says| says.status = 500, |says| says.status = 200),
            (|says| says.status = 302, |says| says.status = 200),
            (|says| says.calls_itself = Some("https://elsewhere.example".into()), |says| says.calls_itself = None),
            (|says| says.padding = 64 << 10, |says| says.padding = 0),
        ];
        for (breaks, mends) in breaks {
            provider.say(breaks);
            unavailable().await;
            unavailable().await;
            assert_eq!(asked(), 1);
            provider.say(mends);
            app.sources.advance_seconds(5);
            begin(app).await;
            assert_eq!(asked(), 2);
            app.sources.advance_seconds(3600);
        }
        // Redirects are not followed for a code either.
        assert_eq!(go(app, &provider, |says| says.status = 302).await.0, "problem=1013");
        assert!(provider.take_asked().iter().all(|(path, ..)| path != "/elsewhere"));
    });
}

#[test]
fn a_second_factor_is_asked_for_whatever_the_provider_says() {
    let strict = json!({"enforce_twofactor": true});
    let account = json!({"kind": "account", "id": "web", "organization_id": "eu", "name": "Web", "settings": strict});
    let provider = Provider::start();
    company(&provider).line(account).on_each_engine(async |app| {
        let session = cookie(&sign_in(app, &provider, json!({"amr": ["mfa"]})).await.expect(200));
        app.get("/client/v4/accounts/web").in_session(&session).await.expect_error(403, 1304, "");
        let secret = add_factor(app, &session).await;
        app.get("/client/v4/accounts/web").in_session(&session).await.expect(200);

        app.sources.advance_seconds(30);
        let (_, proven) = go(app, &provider, |says| merge(&mut says.claims, &json!({"amr": ["mfa"]}))).await;
        enter(app, &proven, json!({})).await.expect_error(401, 1011, "/totp");
        enter(app, &proven, json!({"totp": "000000"})).await.expect_error(401, 1010, "/totp");
        let right = json!({"totp": code(app, &secret)});
        enter(app, &proven, right.clone()).await.expect(200);
        enter(app, &proven, right).await.expect_error(401, 1010, "/totp");
        app.sources.advance_seconds(30);
        enter(app, &proven, json!({"totp": code(app, &secret)})).await.expect_error(401, 1013, "");
    });
}

#[test]
fn of_two_who_show_the_same_at_once_one_is_signed_in() {
    let provider = Provider::start();
    company(&provider).on_each_engine(async |app| {
        for _ in 0..2 {
            app.sources.advance_seconds(1);
            let (_, proven) = go(app, &provider, |_| ()).await;
            let race = futures_util::future::join_all((0..4).map(|_| enter(app, &proven, json!({})))).await;
            let mut statuses: Vec<_> = race.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 401, 401, 401]);
        }
    });
}

#[test]
fn who_fails_too_often_is_told_to_wait() {
    let provider = Provider::start();
    company(&provider).on_sqlite(async |app| {
        // Pages of others can send a browser there, but not with the cookie of who has begun.
        for _ in 0..200 {
            assert_eq!(come_back(app, "theme=dark", "code=c&state=s").await.0, "problem=1013");
        }
        let begun = begin(app).await;
        for _ in 0..100 {
            assert_eq!(come_back(app, &begun.cookie, "code=c&state=s").await.0, "problem=1013");
        }
        provider.take_asked();
        assert_eq!(go(app, &provider, |_| ()).await.0, "problem=1012");
        assert!(provider.take_asked().iter().all(|(path, ..)| path != "/token"));
    });
}

#[test]
fn users_and_operators_see_and_remove_identities() {
    let provider = Provider::start();
    company(&provider).identity("vic").on_each_engine(async |app| {
        let session = cookie(&sign_in(app, &provider, json!({})).await.expect(200));
        let own = "/umbel/v1/user/identities";
        let list = app.get(own).in_session(&session).await.expect(200);
        let [identity] = &list.result().as_array().unwrap().clone()[..] else { panic!("{list}") };
        assert_eq!((identity["issuer"].as_str(), identity["subject"].as_str()), (Some(provider.issuer()), Some("ann-there")));
        let of_ann = app.get("/umbel/v1/users/ann/identities").by("olga").await.expect(200);
        assert_eq!(of_ann.result(), list.result());
        app.get("/umbel/v1/users/ann/identities").by("ann").await.expect_error(403, 1300, "");
        app.get("/umbel/v1/users/nobody/identities").by("olga").await.expect_error(404, 1200, "");
        let path = format!("{own}/{}", identity["id"].as_str().unwrap());
        app.delete(&path).by("ann").await.expect_error(403, 1305, "");
        app.delete(format!("{own}/of-vic")).in_session(&session).await.expect_error(404, 1200, "");
        app.delete("/umbel/v1/users/ann/identities/of-vic").by("olga").await.expect_error(404, 1200, "");
        app.delete("/umbel/v1/users/vic/identities/of-vic").by("olga").await.expect(200);
        app.delete("/umbel/v1/users/olga/identities/x").by("olga").await.expect_error(403, 1305, "");
        app.delete(&path).in_session(&session).await.expect(200);
        app.delete(&path).in_session(&session).await.expect_error(404, 1200, "");
        assert_eq!(app.rows("linked_identities").await.len(), 0);
        // Without a verified address there is no way to a new one.
        sign_in(app, &provider, json!({"email_verified": false})).await.expect_error(401, 1015, "");
        sign_in(app, &provider, json!({})).await.expect(200);
        app.delete("/umbel/v1/users/ann").by("olga").await.expect_error(409, 1403, "");
        sign_in(app, &provider, json!({"sub": "vic-there", "email": "vic@example.com"})).await.expect(200);
        app.delete("/umbel/v1/users/vic").by("olga").await.expect(200);
        assert_eq!(app.rows("linked_identities").await.len(), 1);
    });
}

/// Signs in and fails to, in every way; answers every secret of it.
pub(crate) async fn use_provider(app: &TestApp, provider: &Provider) -> Vec<String> {
    let begun = begin(app).await;
    let claims = claims(app, provider, &begun);
    provider.say(|says| says.claims = claims);
    let code = "the-code-with-which-somebody-comes-back";
    let back = |state: &str| format!("code={code}&state={state}");
    come_back(app, &begun.cookie, &back("another")).await;
    let (_, proven) = come_back(app, &begun.cookie, &back(begun.state())).await;
    let session = cookie(&enter(app, &proven, json!({})).await.expect(200));
    enter(app, &proven, json!({})).await.expect(401);
    let value = |pair: &str| pair.split_once('=').unwrap().1.to_owned();
    let mut secrets = vec![code.to_owned(), CLIENT_SECRET.to_owned(), ACCESS_TOKEN.to_owned(), session];
    secrets.extend([value(&begun.cookie), value(&proven), begun.state().to_owned(), begun.asked["nonce"].clone()]);
    secrets
}
