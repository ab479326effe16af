//! How a pending member gets the link by which it answers.

use umbel_api as api;
use umbel_domain::secret::SecretHash;
use umbel_domain::{Delivery, Email, Invitation, MemberId, Organization, Person};
use umbel_store::invitations;

use crate::caller::Caller;
use crate::error::Result;
use crate::mail::Invites;
use crate::write::Write;

const SECONDS_OF_A_DAY: i64 = 24 * 60 * 60;

/// A secret in plain, and the link with it if the server knows how it is reached: for the one answer that shows both.
pub(crate) struct Handed {
    pub(crate) token: String,
    pub(crate) link: Option<String>,
}

/// Invites a new pending member; answers what the inviter hands over, which is nothing when the server sends mail.
pub(crate) async fn invite(
    caller: &Caller,
    write: &mut Write,
    organization: &Organization,
    person: &Person,
) -> Result<Option<api::NewInvitation>> {
    let new = new_invitation(caller, write, organization, person.member.id.clone());
    let (invitation, hash, handed) = with_new_link(caller, write, organization, &person.user.email, new);
    invitations::insert(write, &invitation, &hash).await?;
    let (id, expires_on) = (invitation.id.to_string(), invitation.expires_on.to_datetime());
    Ok(handed.map(|Handed { token, link }| api::NewInvitation { id, link, token, expires_on }))
}

fn new_invitation(caller: &Caller, write: &Write, organization: &Organization, member_id: MemberId) -> Invitation {
    Invitation {
        id: write.new_invitation_id(),
        organization_id: organization.id.clone(),
        member_id,
        invited_by: caller.identity.user.id.clone(),
        create_time: write.now(),
        update_time: write.now(),
        expires_on: write.now(),
        delivery: Delivery::Link,
    }
}

/// Gives an invitation a link from the caller, and posts it once the change is durable; without mail the inviter gets it.
pub(crate) fn with_new_link(
    caller: &Caller,
    write: &mut Write,
    organization: &Organization,
    email: &Email,
    invitation: Invitation,
) -> (Invitation, SecretHash, Option<Handed>) {
    let (settings, now, inviter) = (&caller.app.settings, write.now(), &caller.identity.user);
    let secret = write.new_invitation_secret();
    let link = settings.public_url.as_ref().map(|url| url.to("/console/invitations", secret.reveal()));
    let mut invitation = Invitation {
        invited_by: inviter.id.clone(),
        update_time: now,
        expires_on: now.plus_seconds(i64::from(settings.invitation_days) * SECONDS_OF_A_DAY),
        delivery: Delivery::Link,
        ..invitation
    };
    let hash = secret.hash();
    let (Some(mail), Some(link)) = (&settings.mail, &link) else {
        return (invitation, hash, Some(Handed { token: secret.reveal().to_owned(), link }));
    };
    let invites = Invites { invitation: &invitation, hash, organization, email, inviter: &inviter.email, link };
    let posted = mail.letter(&invites).and_then(|letter| caller.app.workers.take_on(letter));
    invitation.delivery = if posted.is_some() { Delivery::Queued } else { Delivery::Failed };
    write.post(posted);
    (invitation, hash, None)
}
