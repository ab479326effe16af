//! Organizations.

use reqwest::Method;
use umbel_api::{CreateOrganization, Deleted, ListOrganizations, Organization, Parameters, Profile, UpdateOrganization};

use crate::{Client, Error, Page};

const PATH: &str = "/client/v4/organizations";

impl Client {
    /// A page of the organizations that the caller can see and the filters let through.
    pub async fn list_organizations(&self, filters: &ListOrganizations) -> Result<Page<Organization>, Error> {
        let envelope = self.send(self.request(Method::GET, PATH).query(&filters.pairs())).await?;
        let info = envelope.result_info.unwrap_or_default();
        Ok(Page { items: envelope.result, next_page_token: info.next_page_token, total_size: info.total_size })
    }

    /// Creates an organization below a parent, or a new root.
    pub async fn create_organization(&self, new: &CreateOrganization) -> Result<Organization, Error> {
        self.send_json(Method::POST, PATH, new).await
    }

    /// One organization.
    pub async fn organization(&self, id: &str) -> Result<Organization, Error> {
        Ok(self.send(self.request(Method::GET, &format!("{PATH}/{id}"))).await?.result)
    }

    /// Sets the name of an organization and, when it is given, the profile.
    pub async fn update_organization(&self, id: &str, update: &UpdateOrganization) -> Result<Organization, Error> {
        self.send_json(Method::PUT, &format!("{PATH}/{id}"), update).await
    }

    /// Deletes an empty organization.
    pub async fn delete_organization(&self, id: &str) -> Result<Deleted, Error> {
        Ok(self.send(self.request(Method::DELETE, &format!("{PATH}/{id}"))).await?.result)
    }

    /// What the owners of an organization say of themselves.
    pub async fn organization_profile(&self, id: &str) -> Result<Profile, Error> {
        Ok(self.send(self.request(Method::GET, &format!("{PATH}/{id}/profile"))).await?.result)
    }
}
