//! Roles of an organization.

use reqwest::Method;
use umbel_api::{CreateRole, Deleted, Role, UpdateRole};

use crate::{Client, Error};

fn all(organization_id: &str) -> [&str; 5] {
    ["umbel", "v1", "organizations", organization_id, "roles"]
}

fn one<'a>(organization_id: &'a str, id: &'a str) -> [&'a str; 6] {
    ["umbel", "v1", "organizations", organization_id, "roles", id]
}

impl Client {
    /// The roles that members of an organization can have; they have no pages.
    pub async fn roles(&self, organization_id: &str) -> Result<Vec<Role>, Error> {
        self.call(Method::GET, &all(organization_id)).result().await
    }

    /// One role.
    pub async fn role(&self, organization_id: &str, id: &str) -> Result<Role, Error> {
        self.call(Method::GET, &one(organization_id, id)).result().await
    }

    /// Defines a role.
    pub async fn create_role(&self, organization_id: &str, new: &CreateRole) -> Result<Role, Error> {
        self.call(Method::POST, &all(organization_id)).body(new).result().await
    }

    /// Changes a role: what is given.
    pub async fn update_role(&self, organization_id: &str, id: &str, update: &UpdateRole) -> Result<Role, Error> {
        self.call(Method::PATCH, &one(organization_id, id)).body(update).result().await
    }

    /// Deletes a role that nobody has.
    pub async fn delete_role(&self, organization_id: &str, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &one(organization_id, id)).result().await
    }
}
