//! API tokens of the caller.

use reqwest::Method;
use umbel_api::{ApiToken, CreateApiToken, Deleted};

use crate::{Client, Error};

const PATH: [&str; 3] = ["umbel", "v1", "tokens"];

fn one(id: &str) -> [&str; 4] {
    ["umbel", "v1", "tokens", id]
}

impl Client {
    /// The caller's tokens that reach no further than the one in use; they have no pages.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>, Error> {
        self.call(Method::GET, &PATH).result().await
    }

    /// Creates a token; its secret is in this answer alone.
    pub async fn create_api_token(&self, new: &CreateApiToken) -> Result<ApiToken, Error> {
        self.call(Method::POST, &PATH).body(new).result().await
    }

    /// One token.
    pub async fn api_token(&self, id: &str) -> Result<ApiToken, Error> {
        self.call(Method::GET, &one(id)).result().await
    }

    /// Revokes a token.
    pub async fn revoke_api_token(&self, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &one(id)).result().await
    }

    /// Gives a token a new secret, which is in this answer alone; the old one is refused from then on.
    pub async fn roll_api_token(&self, id: &str) -> Result<ApiToken, Error> {
        self.call(Method::POST, &["umbel", "v1", "tokens", id, "roll"]).result().await
    }
}
