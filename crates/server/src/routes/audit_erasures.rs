//! Erasing what is personal in the audit log of a root, or in that of the server.

use umbel_api::{self as api, Code};
use umbel_domain::audit::{Entry, Erasure, ErasureState, Subject};
use umbel_domain::{AuditErasureId, Email, OrganizationId, Refusal, UserId};
use umbel_store::{audit_erasures, audit_retention, users};

use super::audit_roots::{read_root, write_root};
use crate::body::Body;
use crate::caller::{Caller, Pace};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::reply::Reply;
use crate::sources::mark;
use crate::wire::{self, Reader};
use crate::write::Committed;

pub(super) const CREATE: About = About {
    summary: "Erase what is personal in the audit log",
    description: "Erases addresses, IP addresses, names of tokens, URIs, user agents and bodies of every entry in the tree of a root \
                  that a user did or that is about them. The entries stay, and every proof stays good: a commitment takes the \
                  place of what is gone. It goes on behind the request; the erasure shows how far it has come. What an organization \
                  or a user is now stays as it is.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::AuditLogHeld,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Show how far an erasure has come",
    description: "An erasure in the audit log of a root.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const CREATE_OF_SERVER: About = About {
    summary: "Erase what is personal in the server's audit log",
    description: "Erases what is personal in the server's own log. For operators; the same as for a root.",
    errors: &[Code::InvalidBody, Code::BodyTooLarge, Code::Forbidden, Code::AuditLogHeld, Code::KeyReused],
};

pub(super) const GET_OF_SERVER: About = About {
    summary: "Show how far an erasure in the server's audit log has come",
    description: "An erasure in the server's own log. For operators; the same as for a root.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

/// `POST /umbel/v1/organizations/{organization_id}/logs/audit/erasures`
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Body(body): Body<api::CreateAuditErasure>,
) -> Result<Committed<api::AuditErasure>> {
    order(&caller, Some(&id), body).await
}

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/erasures/{erasure_id}`
pub(super) async fn get(
    caller: Caller,
    Ids(organization, id): Ids<OrganizationId, AuditErasureId>,
) -> Result<Reply<api::AuditErasure>> {
    shown(&caller, Some(&organization), &id).await
}

/// `POST /umbel/v1/logs/audit/erasures`
pub(super) async fn create_of_server(
    caller: Caller,
    Body(body): Body<api::CreateAuditErasure>,
) -> Result<Committed<api::AuditErasure>> {
    order(&caller, None, body).await
}

/// `GET /umbel/v1/logs/audit/erasures/{erasure_id}`
pub(super) async fn get_of_server(caller: Caller, Id(id): Id<AuditErasureId>) -> Result<Reply<api::AuditErasure>> {
    shown(&caller, None, &id).await
}

async fn shown(caller: &Caller, root: Option<&OrganizationId>, id: &AuditErasureId) -> Result<Reply<api::AuditErasure>> {
    let mut read = read_root(caller, Pace::Short, root).await?;
    let erasure = audit_erasures::get(&mut *read, root, id).await?.ok_or_else(|| Error::not_found("erasure"))?;
    Ok(Reply::one(wire::audit_log::audit_erasure(&erasure)))
}

async fn order(
    caller: &Caller,
    root: Option<&OrganizationId>,
    body: api::CreateAuditErasure,
) -> Result<Committed<api::AuditErasure>> {
    if let Some(context) = caller.context.as_ref().filter(|_| body.email.is_some()) {
        // What is written down of the request, refused or not, must not name the address.
        context.withhold_body();
    }
    let mut subject = subject(body)?;
    let mut write = write_root(caller, root).await?;
    if audit_retention::get(&mut *write, root).await?.hold {
        return Err(Refusal::AuditLogHeld.into());
    }
    if let Some(user) = &subject.user_id {
        subject.email = users::get(&mut *write, user).await?.map(|user| user.email);
    }
    let erasure = Erasure {
        id: write.new_audit_erasure_id(),
        root: root.cloned(),
        subject,
        state: ErasureState::Entries { next: 0 },
        erased: 0,
        create_time: write.now(),
        done_time: None,
    };
    audit_erasures::insert(&mut write, &erasure, mark(&*caller.app.sources)).await?;
    let reply = Reply::one(wire::audit_log::audit_erasure(&erasure));
    let committed = write.commit(Entry::audit_erasure_created(&erasure), reply).await?;
    caller.app.workers.look_after_erasures();
    Ok(committed)
}

/// Reads who an erasure is about.
fn subject(body: api::CreateAuditErasure) -> Result<Subject> {
    let mut reader = Reader::default();
    let subject = match (body.user_id, body.email) {
        (Some(id), None) => {
            reader.member("/user_id", UserId::parse(&id)).map(|id| Subject { user_id: Some(id), ..Subject::default() })
        }
        (None, Some(email)) => {
            reader.member("/email", Email::parse(&email)).map(|email| Subject { email: Some(email), ..Subject::default() })
        }
        _ => return Err(Error::at(Code::InvalidBody, "", "give user_id or email, and not both")),
    };
    reader.finish(subject)
}
