//! Accounts.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{
    Account, ChangeOptions, CreateAccount, Deleted, ListAccounts, ListOrganizationAccounts, MoveAccount, MoveAccounts,
    MovedAccount, MovedAccounts, Organization, UpdateAccount,
};

use crate::{Client, Error, Page, pages};

const PATH: [&str; 3] = ["client", "v4", "accounts"];

fn one(id: &str) -> [&str; 4] {
    ["client", "v4", "accounts", id]
}

impl Client {
    /// A page of the accounts that the caller can see and the filters let through.
    pub async fn list_accounts(&self, filters: &ListAccounts) -> Result<Page<Account>, Error> {
        self.call(Method::GET, &PATH).query(filters).page().await
    }

    /// The accounts that the caller can see and the filters let through, page after page.
    pub fn accounts(&self, filters: ListAccounts) -> impl Stream<Item = Result<Account, Error>> + Send {
        pages::items(filters, async |filters| self.list_accounts(&filters).await)
    }

    /// A page of the accounts that an organization holds itself.
    pub async fn list_organization_accounts(
        &self,
        organization_id: &str,
        filters: &ListOrganizationAccounts,
    ) -> Result<Page<Account>, Error> {
        self.call(Method::GET, &["client", "v4", "organizations", organization_id, "accounts"]).query(filters).page().await
    }

    /// The accounts that an organization holds itself, page after page.
    pub fn organization_accounts(
        &self,
        organization_id: &str,
        filters: ListOrganizationAccounts,
    ) -> impl Stream<Item = Result<Account, Error>> + Send {
        pages::items(filters, async move |filters| self.list_organization_accounts(organization_id, &filters).await)
    }

    /// Creates an account in an organization or standing alone.
    pub async fn create_account(&self, new: &CreateAccount) -> Result<Account, Error> {
        self.call(Method::POST, &PATH).body(new).result().await
    }

    /// One account.
    pub async fn account(&self, id: &str) -> Result<Account, Error> {
        self.call(Method::GET, &one(id)).result().await
    }

    /// Sets the name of an account and, when they are given, its type and settings.
    pub async fn update_account(&self, id: &str, update: &UpdateAccount) -> Result<Account, Error> {
        self.call(Method::PUT, &one(id)).body(update).result().await
    }

    /// Deletes an account.
    pub async fn delete_account(&self, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &one(id)).result().await
    }

    /// Moves an account into an organization, or says what that would do.
    pub async fn move_account(&self, id: &str, to: &MoveAccount, options: &ChangeOptions) -> Result<MovedAccount, Error> {
        self.call(Method::POST, &["client", "v4", "accounts", id, "move"]).query(options).body(to).result().await
    }

    /// Moves several accounts into an organization, all of them or none, or says what that would do.
    pub async fn move_accounts(&self, moves: &MoveAccounts, options: &ChangeOptions) -> Result<MovedAccounts, Error> {
        self.call(Method::POST, &["client", "v4", "accounts", "move"]).query(options).body(moves).result().await
    }

    /// The organizations above an account that the caller can see, from the root down.
    pub async fn organizations_above(&self, account_id: &str) -> Result<Vec<Organization>, Error> {
        self.call(Method::GET, &["client", "v4", "accounts", account_id, "organizations"]).result().await
    }
}
