//! Members of organizations, with their roles.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{AddMember, ChangeOptions, Deleted, ListMembers, Member, UpdateMember};

use crate::{Client, Error, Page, pages};

fn all(organization_id: &str) -> [&str; 5] {
    ["umbel", "v1", "organizations", organization_id, "members"]
}

fn one<'a>(organization_id: &'a str, id: &'a str) -> [&'a str; 6] {
    ["umbel", "v1", "organizations", organization_id, "members", id]
}

impl Client {
    /// A page of the members of an organization itself that the filters let through.
    pub async fn list_members(&self, organization_id: &str, filters: &ListMembers) -> Result<Page<Member>, Error> {
        self.call(Method::GET, &all(organization_id)).query(filters).page().await
    }

    /// The members of an organization itself that the filters let through, page after page.
    pub fn members(&self, organization_id: &str, filters: ListMembers) -> impl Stream<Item = Result<Member, Error>> + Send {
        pages::items(filters, async move |filters| self.list_members(organization_id, &filters).await)
    }

    /// One member of an organization itself.
    pub async fn member(&self, organization_id: &str, id: &str) -> Result<Member, Error> {
        self.call(Method::GET, &one(organization_id, id)).result().await
    }

    /// Adds a member to an organization, with the invitation to hand on when they have to accept one.
    pub async fn add_member(&self, organization_id: &str, new: &AddMember) -> Result<Member, Error> {
        self.call(Method::POST, &all(organization_id)).body(new).result().await
    }

    /// Gives a member another role, or says what that would do.
    pub async fn update_member(
        &self,
        organization_id: &str,
        id: &str,
        update: &UpdateMember,
        options: &ChangeOptions,
    ) -> Result<Member, Error> {
        self.call(Method::PATCH, &one(organization_id, id)).query(options).body(update).result().await
    }

    /// Removes a member from an organization.
    pub async fn remove_member(&self, organization_id: &str, id: &str) -> Result<(), Error> {
        self.call(Method::DELETE, &one(organization_id, id)).nothing().await
    }

    /// Ends the caller's own membership of an organization itself.
    pub async fn leave_organization(&self, organization_id: &str) -> Result<Deleted, Error> {
        self.call(Method::POST, &["umbel", "v1", "organizations", organization_id, "leave"]).result().await
    }
}
