//! The caller.

use reqwest::Method;
use umbel_api::{OwnUser, TokenVerification};

use crate::{Client, Error};

impl Client {
    /// The caller's own user.
    pub async fn own_user(&self) -> Result<OwnUser, Error> {
        self.call(Method::GET, &["client", "v4", "user"]).result().await
    }

    /// Whether the token in use is good.
    pub async fn verify_token(&self) -> Result<TokenVerification, Error> {
        self.call(Method::GET, &["client", "v4", "user", "tokens", "verify"]).result().await
    }
}
