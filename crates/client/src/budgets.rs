//! Budgets of organizations.

use reqwest::Method;
use umbel_api::{Budget, CreateBudget, Deleted, UpdateBudget};

use crate::{Client, Error};

impl Client {
    /// The budgets of an organization.
    pub async fn budgets(&self, organization_id: &str) -> Result<Vec<Budget>, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", organization_id, "budgets"]).result().await
    }

    /// One budget of an organization.
    pub async fn budget(&self, organization_id: &str, id: &str) -> Result<Budget, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", organization_id, "budgets", id]).result().await
    }

    /// Makes a budget.
    pub async fn create_budget(&self, organization_id: &str, new: &CreateBudget) -> Result<Budget, Error> {
        self.call(Method::POST, &["umbel", "v1", "organizations", organization_id, "budgets"]).body(new).result().await
    }

    /// Changes what is given of a budget.
    pub async fn update_budget(&self, organization_id: &str, id: &str, update: &UpdateBudget) -> Result<Budget, Error> {
        self.call(Method::PATCH, &["umbel", "v1", "organizations", organization_id, "budgets", id]).body(update).result().await
    }

    /// Deletes a budget.
    pub async fn delete_budget(&self, organization_id: &str, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &["umbel", "v1", "organizations", organization_id, "budgets", id]).result().await
    }
}
