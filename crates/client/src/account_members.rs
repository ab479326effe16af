//! Members of accounts.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{AccountMember, ChangeOptions, CreateAccountMember, Deleted, ListAccountMembers, UpdateAccountMember};

use crate::{Client, Error, Page, pages};

fn all(account_id: &str) -> [&str; 5] {
    ["client", "v4", "accounts", account_id, "members"]
}

fn one<'a>(account_id: &'a str, id: &'a str) -> [&'a str; 6] {
    ["client", "v4", "accounts", account_id, "members", id]
}

impl Client {
    /// A page of the members of an account that the filters let through.
    pub async fn list_account_members(
        &self,
        account_id: &str,
        filters: &ListAccountMembers,
    ) -> Result<Page<AccountMember>, Error> {
        self.call(Method::GET, &all(account_id)).query(filters).page().await
    }

    /// The members of an account that the filters let through, page after page.
    pub fn account_members(
        &self,
        account_id: &str,
        filters: ListAccountMembers,
    ) -> impl Stream<Item = Result<AccountMember, Error>> + Send {
        pages::items(filters, async move |filters| self.list_account_members(account_id, &filters).await)
    }

    /// One member of an account.
    pub async fn account_member(&self, account_id: &str, id: &str) -> Result<AccountMember, Error> {
        self.call(Method::GET, &one(account_id, id)).result().await
    }

    /// Adds a member to an account.
    pub async fn add_account_member(&self, account_id: &str, new: &CreateAccountMember) -> Result<AccountMember, Error> {
        self.call(Method::POST, &all(account_id)).body(new).result().await
    }

    /// Gives a member of an account other roles.
    pub async fn update_account_member(
        &self,
        account_id: &str,
        id: &str,
        update: &UpdateAccountMember,
        options: &ChangeOptions,
    ) -> Result<AccountMember, Error> {
        self.call(Method::PUT, &one(account_id, id)).query(options).body(update).result().await
    }

    /// Removes a member from an account.
    pub async fn remove_account_member(&self, account_id: &str, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &one(account_id, id)).result().await
    }
}
