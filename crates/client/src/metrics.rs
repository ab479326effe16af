//! What is metered.

use reqwest::Method;
use umbel_api::{CreateMetric, Metric};

use crate::{Client, Error};

const PATH: [&str; 3] = ["umbel", "v1", "metrics"];

impl Client {
    /// Every metric; they have no pages.
    pub async fn metrics(&self) -> Result<Vec<Metric>, Error> {
        self.call(Method::GET, &PATH).result().await
    }

    /// One metric.
    pub async fn metric(&self, id: &str) -> Result<Metric, Error> {
        self.call(Method::GET, &["umbel", "v1", "metrics", id]).result().await
    }

    /// Makes a metric, of which nothing can be changed later.
    pub async fn create_metric(&self, new: &CreateMetric) -> Result<Metric, Error> {
        self.call(Method::POST, &PATH).body(new).result().await
    }

    /// Has a metric take no more events.
    pub async fn retire_metric(&self, id: &str) -> Result<Metric, Error> {
        self.call(Method::POST, &["umbel", "v1", "metrics", id, "retire"]).result().await
    }
}
