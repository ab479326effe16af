//! An OpenID Connect provider that says whatever it is told to.

use std::sync::{Arc, Mutex};
use std::thread;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use sha2::Sha256;
use umbel_server::Oidc;

use super::mail_server::public_url;

pub(crate) const CLIENT_SECRET: &str = "the-secret-of-the-client-at-the-provider";
pub(crate) const ACCESS_TOKEN: &str = "the-access-token-that-the-provider-gives";

/// With what an ID token is signed.
#[derive(Debug, Clone)]
pub(crate) enum Signed {
    /// The key of this number, which the header names.
    Key(usize),
    /// The key of the first number, while the header names that of the second.
    As(usize, usize),
    /// A text that both sides know, by HMAC.
    Shared(String),
    /// Nothing.
    Not,
}

/// What the provider says.
pub(crate) struct Says {
    /// The claims of the ID token.
    pub(crate) claims: Value,
    pub(crate) signed: Signed,
    /// What it answers who asks with the access token.
    pub(crate) userinfo: Value,
    /// The keys that it shows, by their numbers.
    pub(crate) shows: Vec<usize>,
    /// What it calls itself, where that is not what it is.
    pub(crate) calls_itself: Option<String>,
    /// The status of its answers.
    pub(crate) status: u16,
    /// Bytes by which its description of itself is longer.
    pub(crate) padding: usize,
}

struct Inner {
    issuer: String,
    keys: Vec<CoreEdDsaPrivateSigningKey>,
    says: Mutex<Says>,
    asked: Mutex<Vec<(String, HeaderMap, String)>>,
}

/// A provider on a port of its own, for as long as the process.
#[derive(Clone)]
pub(crate) struct Provider(Arc<Inner>);

impl Provider {
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let key = |number: usize| {
            let pem = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
            CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(format!("key {number}")))).unwrap()
        };
        let says = Says {
            claims: Value::Null,
            signed: Signed::Key(0),
            userinfo: Value::Null,
            shows: vec![0],
            calls_itself: None,
            status: 200,
            padding: 0,
        };
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner { issuer, keys: (0..3).map(key).collect(), says: says.into(), asked: Mutex::default() };
        let provider = Self(Arc::new(inner));
        let router = Router::new().fallback(answer).with_state(provider.clone());
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        provider
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The settings of a server that believes it.
    pub(crate) fn oidc(&self) -> Oidc {
        Oidc::new(self.issuer(), "umbel", Some(CLIENT_SECRET), "Example", &public_url()).unwrap()
    }

    /// Says something else from now on.
    pub(crate) fn say(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.0.says.lock().unwrap());
    }

    /// What it was asked, in order: path, headers, body; nothing of it is asked again.
    pub(crate) fn take_asked(&self) -> Vec<(String, HeaderMap, String)> {
        std::mem::take(&mut self.0.asked.lock().unwrap())
    }

    /// The public half of a key.
    pub(crate) fn public_key(&self, number: usize) -> Value {
        serde_json::to_value(self.0.keys[number].as_verification_key()).unwrap()
    }

    fn id_token(&self, says: &Says) -> String {
        let (alg, kid) = match &says.signed {
            Signed::Key(number) | Signed::As(_, number) => ("EdDSA", format!("key {number}")),
            Signed::Shared(_) => ("HS256", "key 0".to_owned()),
            Signed::Not => ("none", "key 0".to_owned()),
        };
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let text = format!("{}.{}", part(&json!({"alg": alg, "kid": kid, "typ": "JWT"})), part(&says.claims));
        let signature = match &says.signed {
            Signed::Key(number) | Signed::As(number, _) => {
                self.0.keys[*number].sign(&CoreJwsSigningAlgorithm::EdDsa, text.as_bytes()).unwrap()
            }
            Signed::Shared(key) => {
                let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(&text);
                mac.finalize().into_bytes().to_vec()
            }
            Signed::Not => Vec::new(),
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn answer(State(provider): State<Provider>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let says = provider.0.says.lock().unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    provider.0.asked.lock().unwrap().push((uri.path().to_owned(), headers, text));
    let at = |path: &str| format!("{}{path}", provider.issuer());
    let json = match uri.path() {
        "/.well-known/openid-configuration" => json!({
            "issuer": says.calls_itself.as_deref().unwrap_or(provider.issuer()),
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
            "padding": "x".repeat(says.padding),
        }),
        "/jwks" => json!({"keys": says.shows.iter().map(|number| provider.public_key(*number)).collect::<Vec<_>>()}),
        "/token" => json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": provider.id_token(&says)}),
        "/userinfo" => says.userinfo.clone(),
        path => panic!("nobody asks for {path}"),
    };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::LOCATION, "/elsewhere")];
    (StatusCode::from_u16(says.status).unwrap(), headers, json.to_string()).into_response()
}
