//! Invitations into organizations.

use futures_util::Stream;
use reqwest::Method;
use umbel_api::{AnswerInvitation, Deleted, Invitation, ListInvitations, Member};

use crate::{Client, Error, Page, pages};

impl Client {
    /// A page of the invitations into an organization itself that wait for an answer.
    pub async fn list_invitations(&self, organization_id: &str, filters: &ListInvitations) -> Result<Page<Invitation>, Error> {
        self.call(Method::GET, &["umbel", "v1", "organizations", organization_id, "invitations"]).query(filters).page().await
    }

    /// The invitations into an organization itself that wait for an answer, page after page.
    pub fn invitations(
        &self,
        organization_id: &str,
        filters: ListInvitations,
    ) -> impl Stream<Item = Result<Invitation, Error>> + Send {
        pages::items(filters, async move |filters| self.list_invitations(organization_id, &filters).await)
    }

    /// Sends an invitation again, with a new token and for as long as a new one.
    pub async fn resend_invitation(&self, organization_id: &str, id: &str) -> Result<Invitation, Error> {
        self.call(Method::POST, &["umbel", "v1", "organizations", organization_id, "invitations", id, "resend"]).result().await
    }

    /// Takes an invitation back.
    pub async fn revoke_invitation(&self, organization_id: &str, id: &str) -> Result<Deleted, Error> {
        self.call(Method::DELETE, &["umbel", "v1", "organizations", organization_id, "invitations", id]).result().await
    }

    /// Becomes a member.
    pub async fn accept_invitation(&self, answer: &AnswerInvitation) -> Result<Member, Error> {
        self.call(Method::POST, &["umbel", "v1", "invitations", "accept"]).body(answer).result().await
    }

    /// Does not become a member.
    pub async fn reject_invitation(&self, answer: &AnswerInvitation) -> Result<Member, Error> {
        self.call(Method::POST, &["umbel", "v1", "invitations", "reject"]).body(answer).result().await
    }
}
