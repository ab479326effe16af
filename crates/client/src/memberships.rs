//! The caller's own memberships of accounts.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{AccountMembership, Deleted, ListAccountMemberships, UpdateAccountMembership};

use crate::{Client, Error, Page, pages};

impl Client {
    /// A page of the caller's memberships of accounts that the filters let through.
    pub async fn list_account_memberships(&self, filters: &ListAccountMemberships) -> Result<Page<AccountMembership>, Error> {
        self.call(Method::GET, &["client", "v4", "memberships"]).query(filters).page().await
    }

    /// The caller's memberships of accounts that the filters let through, page after page.
    pub fn account_memberships(
        &self,
        filters: ListAccountMemberships,
    ) -> impl Stream<Item = Result<AccountMembership, Error>> + Send {
        pages::items(filters, async |filters| self.list_account_memberships(&filters).await)
    }

    /// Accepts or rejects a membership of an account.
    pub async fn update_account_membership(
        &self,
        id: &str,
        update: &UpdateAccountMembership,
    ) -> Result<AccountMembership, Error> {
        self.call(Method::PUT, &["client", "v4", "memberships", id]).body(update).result().await
    }

    /// Ends the caller's membership of an account.
    pub async fn end_account_membership(&self, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &["client", "v4", "memberships", id]).result().await
    }
}
