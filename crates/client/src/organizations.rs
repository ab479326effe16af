//! Organizations.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{
    ChangeOptions, CreateOrganization, Deleted, ListOrganizations, MoveOrganization, MovedOrganization, Organization, Profile,
    UpdateOrganization,
};

use crate::{Client, Error, Page, pages};

const PATH: [&str; 3] = ["client", "v4", "organizations"];

fn one(id: &str) -> [&str; 4] {
    ["client", "v4", "organizations", id]
}

impl Client {
    /// A page of the organizations that the caller can see and the filters let through.
    pub async fn list_organizations(&self, filters: &ListOrganizations) -> Result<Page<Organization>, Error> {
        self.call(Method::GET, &PATH).query(filters).page().await
    }

    /// The organizations that the caller can see and the filters let through, page after page.
    pub fn organizations(&self, filters: ListOrganizations) -> impl Stream<Item = Result<Organization, Error>> + Send {
        pages::items(filters, async |filters| self.list_organizations(&filters).await)
    }

    /// Creates an organization below a parent, or a new root.
    pub async fn create_organization(&self, new: &CreateOrganization) -> Result<Organization, Error> {
        self.call(Method::POST, &PATH).body(new).result().await
    }

    /// One organization.
    pub async fn organization(&self, id: &str) -> Result<Organization, Error> {
        self.call(Method::GET, &one(id)).result().await
    }

    /// Sets the name of an organization and, when it is given, the profile.
    pub async fn update_organization(&self, id: &str, update: &UpdateOrganization) -> Result<Organization, Error> {
        self.call(Method::PUT, &one(id)).body(update).result().await
    }

    /// Deletes an empty organization.
    pub async fn delete_organization(&self, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &one(id)).result().await
    }

    /// Moves an organization with everything below it, or says what that would do.
    pub async fn move_organization(
        &self,
        id: &str,
        to: &MoveOrganization,
        options: &ChangeOptions,
    ) -> Result<MovedOrganization, Error> {
        self.call(Method::POST, &["umbel", "v1", "organizations", id, "move"]).query(options).body(to).result().await
    }

    /// What the owners of an organization say of themselves.
    pub async fn organization_profile(&self, id: &str) -> Result<Profile, Error> {
        self.call(Method::GET, &["client", "v4", "organizations", id, "profile"]).result().await
    }
}
