//! `umbel invitation`: memberships that wait for an answer.

use clap::{Args, Subcommand};
use umbel_client::api::{AnswerInvitation, Invitation, InvitationDelivery, ListInvitations, NewInvitation};

use super::{Limit, Server, organization_member};
use crate::{Result, print};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Lists the invitations that wait.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        limit: Limit,
    },
    /// Sends an invitation again; what was sent before is refused from then on.
    Resend {
        /// Its id.
        id: String,
        #[command(flatten)]
        of: Of,
    },
    /// Takes an invitation back.
    Revoke {
        /// Its id.
        id: String,
        #[command(flatten)]
        of: Of,
    },
    /// Becomes a member.
    Accept(Answer),
    /// Does not become a member.
    Reject(Answer),
}

/// Whose invitations.
#[derive(Args)]
pub(crate) struct Of {
    /// Organization that invites.
    #[arg(long, value_name = "ID")]
    organization: String,
}

#[derive(Args)]
pub(crate) struct Answer {
    /// Token of the invitation, from its mail or link.
    #[arg(value_name = "INVITATION")]
    invitation: String,
}

impl super::Verb for Verb {
    async fn run(self, server: &Server) -> Result {
        let client = &server.client;
        match self {
            Self::List { of, limit } => {
                let filters = ListInvitations { page_size: limit.page_size(), page_token: None };
                let invitations = limit.take(client.invitations(&of.organization, filters)).await?;
                server.show(&invitations, |invitations| list(invitations))
            }
            Self::Resend { id, of } => server.show(&client.resend_invitation(&of.organization, &id).await?, text),
            Self::Revoke { id, of } => server.gone(&client.revoke_invitation(&of.organization, &id).await?, "is revoked"),
            Self::Accept(answer) => {
                let member = client.accept_invitation(&AnswerInvitation { token: answer.invitation }).await?;
                server.show(&member, organization_member::text)
            }
            Self::Reject(answer) => {
                let member = client.reject_invitation(&AnswerInvitation { token: answer.invitation }).await?;
                server.show(&member, organization_member::text)
            }
        }
    }
}

fn list(invitations: &[Invitation]) -> String {
    let rows = invitations.iter().map(|invitation| {
        let Invitation { id, email, role, delivery, .. } = invitation;
        [id.clone(), email.clone(), role.clone(), expiry(invitation), word(*delivery).to_owned(), inviter(invitation)]
    });
    print::table(["ID", "EMAIL", "ROLE", "EXPIRES", "DELIVERY", "INVITED BY"], rows)
}

fn text(invitation: &Invitation) -> String {
    print::block([
        ("id", invitation.id.clone()),
        ("email", invitation.email.clone()),
        ("role", invitation.role.clone()),
        ("invited by", inviter(invitation)),
        ("created", print::time(invitation.create_time)),
        ("expires", expiry(invitation)),
        ("delivery", word(invitation.delivery).to_owned()),
        ("link", invitation.link.clone().unwrap_or_default()),
        ("token", invitation.token.clone().unwrap_or_default()),
    ])
}

fn inviter(invitation: &Invitation) -> String {
    invitation.invited_by.email.clone().unwrap_or_else(|| invitation.invited_by.id.clone())
}

fn word(delivery: InvitationDelivery) -> &'static str {
    match delivery {
        InvitationDelivery::Link => "link",
        InvitationDelivery::Queued => "queued",
        InvitationDelivery::Sent => "sent",
        InvitationDelivery::Failed => "failed",
    }
}

fn expiry(invitation: &Invitation) -> String {
    print::time(invitation.expires_on) + if invitation.expired { ", expired" } else { "" }
}

/// What somebody has to accept before they are a member, with what to hand on where no mail does it.
pub(super) fn handed_on(invitation: &NewInvitation) -> String {
    let block = print::block([
        ("invitation", invitation.id.clone()),
        ("expires", print::time(invitation.expires_on)),
        ("link", invitation.link.clone().unwrap_or_default()),
        ("token", invitation.token.clone()),
    ]);
    format!("\nthe membership waits until this is accepted:\n{block}")
}
