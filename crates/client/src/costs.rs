//! What accounts cost.

use reqwest::Method;
use umbel_api::{Cost, ListCosts};

use crate::{Client, Error};

impl Client {
    /// What everything in an organization and below it cost, added up.
    pub async fn costs(&self, organization_id: &str, parameters: &ListCosts) -> Result<Vec<Cost>, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", organization_id, "costs"]).query(parameters).result().await
    }
}
