//! Two servers on one database: what one of them has done holds for the other at once.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::process::{Server, bootstrap, on_postgres};

/// Each right is taken away so often, through one server and through the other in turn.
const ROUNDS: usize = 20;

/// A server and somebody's token.
struct Door<'a> {
    http: &'a Client,
    server: &'a Server,
    token: &'a str,
}

impl Door<'_> {
    fn request(&self, method: Method, path: &str, body: Value) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.server.url)).bearer_auth(self.token);
        match body {
            Value::Null => request,
            body => request.json(&body),
        }
    }

    /// The status of the answer.
    async fn ask(&self, method: Method, path: &str, body: Value) -> u16 {
        self.request(method, path, body).send().await.unwrap().status().as_u16()
    }

    /// What was asked for, which must go well.
    async fn get_done(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.request(method, path, body).send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status}: {body}");
        serde_json::from_str::<Value>(&body).map_or(Value::Null, |mut envelope| envelope["result"].take())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Takes each right away through `one` and asks `other` at once.
async fn round(one: &Door<'_>, other: &Door<'_>, ann: &str, key: &str) {
    let organization = one.get_done(Method::POST, "/organizations", json!({"name": "Acme"})).await;
    let organization = format!("/organizations/{}", text(&organization["id"]));
    let ours = format!("/umbel/v1{organization}/members");
    let member = one.get_done(Method::POST, &ours, json!({"email": "ann@example.com", "role": "administrator"})).await;
    let member = format!("{ours}/{}", text(&member["id"]));

    // Ann makes a token with her key, through one server, and uses it on the other.
    let make = one.http.post(format!("{}/umbel/v1/tokens", one.server.url)).json(&json!({"name": "short"}));
    let made: Value =
        make.header("x-auth-email", "ann@example.com").header("x-auth-key", key).send().await.unwrap().json().await.unwrap();
    let token = text(&made["result"]["value"]);
    let [here, there] = [one, other].map(|door| Door { token, ..*door });
    let rename = async || there.ask(Method::PUT, &organization, json!({"name": "Acme Ltd"})).await;
    let see = async || there.ask(Method::GET, &organization, Value::Null).await;
    assert_eq!((rename().await, see().await), (200, 200));

    one.get_done(Method::PATCH, &member, json!({"role": "viewer"})).await;
    assert_eq!((rename().await, see().await), (403, 200));
    one.get_done(Method::DELETE, &member, Value::Null).await;
    assert_eq!((see().await, rename().await), (404, 404));

    let user = format!("/umbel/v1/users/{ann}");
    one.get_done(Method::PATCH, &user, json!({"disabled": true})).await;
    assert_eq!(there.ask(Method::GET, "/user", Value::Null).await, 401);
    one.get_done(Method::PATCH, &user, json!({"disabled": false})).await;
    assert_eq!(there.ask(Method::GET, "/user", Value::Null).await, 200);

    let revoke = format!("/umbel/v1/tokens/{}", text(&made["result"]["id"]));
    here.get_done(Method::DELETE, &revoke, Value::Null).await;
    assert_eq!(there.ask(Method::GET, "/user", Value::Null).await, 401);
}

#[test]
fn a_right_that_one_server_takes_away_is_gone_at_the_next_request_to_the_other() {
    on_postgres(|database| {
        let olga = bootstrap(database);
        let servers = [Server::start(database), Server::start(database)];
        let http = Client::new();
        let [one, other] = [&servers[0], &servers[1]].map(|server| Door { http: &http, server, token: &olga });
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let ann = one.get_done(Method::POST, "/umbel/v1/users", json!({"email": "ann@example.com"})).await;
            for number in 0..ROUNDS {
                let (one, other) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
                round(one, other, text(&ann["id"]), text(&ann["api_key"])).await;
            }
            let gone = one.get_done(Method::DELETE, &format!("/umbel/v1/users/{}", text(&ann["id"])), Value::Null).await;
            assert_eq!(gone["id"], ann["id"]);
            let key = other.http.get(format!("{}/user", other.server.url)).header("x-auth-email", "ann@example.com");
            let answer = key.header("x-auth-key", text(&ann["api_key"])).send().await.unwrap();
            assert_eq!(answer.status(), 401);
        });
    });
}
