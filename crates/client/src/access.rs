//! Who may do what on an organization or an account.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{Access, ListAccess};

use crate::{Client, Error, Page, pages};

impl Client {
    /// A page of those who may do something on an organization.
    pub async fn list_organization_access(&self, id: &str, filters: &ListAccess) -> Result<Page<Access>, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", id, "access"]).query(filters).page().await
    }

    /// Those who may do something on an organization, page after page.
    pub fn organization_access(&self, id: &str, filters: ListAccess) -> impl Stream<Item = Result<Access, Error>> + Send {
        pages::items(filters, async move |filters| self.list_organization_access(id, &filters).await)
    }

    /// A page of those who may do something on an account.
    pub async fn list_account_access(&self, id: &str, filters: &ListAccess) -> Result<Page<Access>, Error> {
        self.call(Method::GET, &["umbel", "v1", "accounts", id, "access"]).query(filters).page().await
    }

    /// Those who may do something on an account, page after page.
    pub fn account_access(&self, id: &str, filters: ListAccess) -> impl Stream<Item = Result<Access, Error>> + Send {
        pages::items(filters, async move |filters| self.list_account_access(id, &filters).await)
    }
}
