//! Where the audit log of an organization is sent on to.

use umbel_api::{self as api, Code};
use umbel_domain::audit::{Destination, DestinationText, Entry, Progress, Stream};
use umbel_domain::{Action, AuditStreamId, Name, Organization, OrganizationId, Refusal};
use umbel_store::audit_streams::{self, Kept};
use umbel_store::organizations;

use super::organizations::found;
use crate::body::{Body, SecretBody};
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::{Id, Ids};
use crate::reply::Reply;
use crate::wire::{self, Reader};
use crate::write::{Committed, Write};

pub(super) const LIST: About = About {
    summary: "List the audit streams of an organization",
    description: "Where its audit log is sent on to, at most 20 destinations.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const CREATE: About = About {
    summary: "Make an audit stream",
    description: "Sends what is written into the audit log from now on to a destination, in order and at least once: what is not taken is \
                  sent again, with pauses that grow up to an hour, and nothing else waits for it. Webhooks are signed as the Standard \
                  Webhooks specification says, with the secret that is shown this once.",
    errors: &[
        Code::InvalidId,
        Code::InvalidBody,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::Forbidden,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get an audit stream",
    description: "How it is set up. The key to a bucket and the signing secret are not shown.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const STATUS: About = About {
    summary: "Get the delivery state of an audit stream",
    description: "How far it got, what went wrong last, and what came of the last test.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden],
};

pub(super) const UPDATE: About = About {
    summary: "Change an audit stream",
    description: "Renames it, leads it elsewhere, switches it off or on. It goes on where it is: what happened while it was off is sent \
                  then, too. After a change it is tried again at once.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::BodyTooLarge, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

pub(super) const ROLL: About = About {
    summary: "Make a new signing secret for an audit stream",
    description: "Webhooks are signed with the new secret, which is shown this once, and for a day with the old one as well.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::NotFound, Code::Forbidden, Code::PreconditionFailed, Code::KeyReused],
};

pub(super) const TEST: About = About {
    summary: "Test an audit stream",
    description: "Has something sent that is no entry, within about a second, also when the stream is off or failing. What came of it is \
                  in its delivery state.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::KeyReused],
};

pub(super) const REPLAY: About = About {
    summary: "Send entries of an audit stream again",
    description: "Has the stream begin anew with the first entry that is not older than `since`, in the order in which entries became \
                  known. Of an organization that came from another tree it sends what was written in the present one.",
    errors: &[Code::InvalidId, Code::InvalidBody, Code::NotFound, Code::Forbidden, Code::KeyReused],
};

pub(super) const DELETE: About = About {
    summary: "Delete an audit stream",
    description: "Nothing is sent any more; what was not sent is in the audit log.",
    errors: &[Code::InvalidId, Code::NotFound, Code::Forbidden, Code::PreconditionFailed],
};

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/streams`
pub(super) async fn list(caller: Caller, Id(id): Id<OrganizationId>) -> Result<Reply<Vec<api::AuditStream>>> {
    let mut read = caller.read(Action::ManageAuditLog, On::Organization(&id)).await?;
    let streams = audit_streams::of_organization(&mut *read, &id).await?;
    let shown: Vec<_> = streams.iter().map(|kept| wire::audit_stream::audit_stream(&kept.stream)).collect();
    let total = Some(shown.len() as u64);
    Ok(Reply::page(shown, api::ResultInfo::tokens(None, total)))
}

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}`
pub(super) async fn get(caller: Caller, ids: Ids<OrganizationId, AuditStreamId>) -> Result<Reply<api::AuditStream>> {
    let kept = read(&caller, ids).await?;
    Ok(Reply::one(wire::audit_stream::audit_stream(&kept.stream)))
}

/// `GET /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/status`
pub(super) async fn status(caller: Caller, ids: Ids<OrganizationId, AuditStreamId>) -> Result<Reply<api::AuditStreamStatus>> {
    let kept = read(&caller, ids).await?;
    Ok(Reply::ok(wire::audit_stream::status(&kept)))
}

async fn read(caller: &Caller, Ids(organization, id): Ids<OrganizationId, AuditStreamId>) -> Result<Kept> {
    let mut read = caller.read(Action::ManageAuditLog, On::Organization(&organization)).await?;
    audit_streams::get(&mut *read, &organization, &id).await?.ok_or_else(|| Error::not_found("audit stream"))
}

/// `POST /umbel/v1/organizations/{organization_id}/logs/audit/streams`
pub(super) async fn create(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    SecretBody(body): SecretBody<api::CreateAuditStream>,
) -> Result<Committed<api::AuditStream>> {
    let mut reader = Reader::default();
    let name = reader.member("/name", Name::parse(&body.name, Name::LENGTH_MAX));
    let text = DestinationText {
        url: &body.url,
        region: body.region.as_deref(),
        endpoint: body.endpoint.as_deref(),
        access_key_id: body.access_key_id.as_deref(),
        secret_access_key: body.secret_access_key.as_deref(),
    };
    let destination = destination(&caller, &mut reader, &text);
    let (name, destination) = reader.finish(name.zip(destination))?;
    let mut write = caller.write(Action::ManageAuditLog, On::Organization(&id)).await?;
    let organization = found(&mut write, &id).await?;
    if audit_streams::of_organization(&mut *write, &id).await?.len() >= Stream::PER_ORGANIZATION_MAX {
        return Err(Refusal::TooManyAuditStreams { limit: Stream::PER_ORGANIZATION_MAX }.into());
    }
    let now = write.now();
    let stream = Stream {
        id: write.new_audit_stream_id(),
        organization_id: id,
        name,
        destination,
        include_descendants: body.include_descendants.unwrap_or(false),
        enabled: body.enabled.unwrap_or(true),
        secret_number: 0,
        secret_time: now,
        create_time: now,
        update_time: now,
        version: 1,
    };
    audit_streams::insert(&mut write, &stream, &organization.lineage).await?;
    let entry = Entry::audit_stream_created(&stream);
    commit_with_secret(&caller, write, &stream, entry).await
}

/// Answers with the signing secret, which is nowhere else.
async fn commit_with_secret(caller: &Caller, write: Write, stream: &Stream, entry: Entry) -> Result<Committed<api::AuditStream>> {
    let public = wire::audit_stream::audit_stream(stream);
    let signing_secret = caller.app.receivers.signing_secret(stream);
    let reply = Reply::one(api::AuditStream { signing_secret, ..public.clone() });
    write.commit_secret(vec![entry], reply, Reply::one(public)).await
}

/// `PATCH /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}`
pub(super) async fn update(
    caller: Caller,
    ids: Ids<OrganizationId, AuditStreamId>,
    SecretBody(body): SecretBody<api::UpdateAuditStream>,
) -> Result<Committed<api::AuditStream>> {
    let mut reader = Reader::default();
    let name = body.name.as_ref().and_then(|name| reader.member("/name", Name::parse(name, Name::LENGTH_MAX)));
    reader.finish(Some(()))?;
    let (mut write, _, kept) = find(&caller, ids).await?;
    write.expect(Some(&wire::audit_stream::audit_stream(&kept.stream)))?;
    let destination = changed_destination(&caller, &kept.stream.destination, &body)?;
    let stream = Stream {
        name: name.unwrap_or(kept.stream.name),
        destination,
        include_descendants: body.include_descendants.unwrap_or(kept.stream.include_descendants),
        enabled: body.enabled.unwrap_or(kept.stream.enabled),
        update_time: write.now(),
        ..kept.stream
    };
    audit_streams::update(&mut write, &stream).await?;
    let reply = Reply::one(wire::audit_stream::audit_stream(&stream));
    write.commit(Entry::audit_stream_updated(&stream), reply).await
}

/// The destination with what is given; of another URL nothing of the old one stays.
fn changed_destination(caller: &Caller, old: &Destination, body: &api::UpdateAuditStream) -> Result<Destination> {
    let old = if body.url.is_some() { None } else { Some(old) };
    let kept = |given: &'_ Option<String>, old: Option<&Option<String>>| given.clone().or_else(|| old.cloned().flatten());
    let region = kept(&body.region, old.map(|old| &old.region));
    let endpoint = kept(&body.endpoint, old.map(|old| &old.endpoint));
    let access_key_id = kept(&body.access_key_id, old.map(|old| &old.access_key_id));
    let secret_access_key = kept(&body.secret_access_key, old.map(|old| &old.secret_access_key));
    let mut reader = Reader::default();
    let text = DestinationText {
        url: body.url.as_deref().or(old.map(|old| old.url.as_str())).unwrap_or_default(),
        region: region.as_deref(),
        endpoint: endpoint.as_deref(),
        access_key_id: access_key_id.as_deref(),
        secret_access_key: secret_access_key.as_deref(),
    };
    let read = destination(caller, &mut reader, &text);
    reader.finish(read)
}

/// Reads a destination that this server sends to.
fn destination(caller: &Caller, reader: &mut Reader, text: &DestinationText<'_>) -> Option<Destination> {
    let read = Destination::parse(text);
    let checked = read.and_then(|read| match caller.app.receivers.check(&read) {
        Ok(()) => Ok(read),
        Err(fault) => Err(vec![fault]),
    });
    match checked {
        Ok(destination) => Some(destination),
        Err(faults) => {
            for (member, invalid) in faults {
                reader.member::<()>(&format!("/{member}"), Err(invalid));
            }
            None
        }
    }
}

/// `POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/roll`
pub(super) async fn roll(caller: Caller, ids: Ids<OrganizationId, AuditStreamId>) -> Result<Committed<api::AuditStream>> {
    let (mut write, _, kept) = find(&caller, ids).await?;
    write.expect(Some(&wire::audit_stream::audit_stream(&kept.stream)))?;
    let now = write.now();
    let stream = Stream { secret_number: kept.stream.secret_number + 1, secret_time: now, update_time: now, ..kept.stream };
    audit_streams::update(&mut write, &stream).await?;
    let entry = Entry::audit_stream_rolled(&stream);
    commit_with_secret(&caller, write, &stream, entry).await
}

/// `POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/test`
pub(super) async fn test(caller: Caller, ids: Ids<OrganizationId, AuditStreamId>) -> Result<Committed<api::AuditStreamStatus>> {
    let (mut write, _, mut kept) = find(&caller, ids).await?;
    let now = write.now();
    audit_streams::request_test(&mut write, &kept.stream, now).await?;
    kept.progress = Progress { test_requested_at: Some(now), tested_at: None, test_error: None, ..kept.progress };
    write.commit(Entry::audit_stream_tested(&kept.stream), Reply::ok(wire::audit_stream::status(&kept))).await
}

/// `POST /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}/replay`
pub(super) async fn replay(
    caller: Caller,
    Ids(organization, id): Ids<OrganizationId, AuditStreamId>,
    Body(body): Body<api::ReplayAuditStream>,
) -> Result<Committed<api::AuditStreamStatus>> {
    let mut reader = Reader::default();
    let since = reader.member("/since", wire::timestamp(&body.since));
    let since = reader.finish(since)?;
    // Looking for the first entry may take long, and changes wait for no one.
    let mut read = caller.read_long(Action::ManageAuditLog, On::Organization(&organization)).await?;
    let at = organizations::get(&mut *read, &organization).await?.ok_or_else(|| Error::not_found("organization"))?;
    let from = audit_streams::first_since(&mut *read, &at.lineage, since).await?;
    drop(read);
    let (mut write, now_at, kept) = find(&caller, Ids(organization.clone(), id.clone())).await?;
    if now_at.lineage.root_id() != at.lineage.root_id() {
        return Err(Error::Conflict);
    }
    let now = write.now();
    audit_streams::replay(&mut write, &kept.stream, &now_at.lineage, from, now).await?;
    let kept = audit_streams::get(&mut *write, &organization, &id).await?.unwrap_or(kept);
    write.commit(Entry::audit_stream_replayed(&kept.stream), Reply::ok(wire::audit_stream::status(&kept))).await
}

/// `DELETE /umbel/v1/organizations/{organization_id}/logs/audit/streams/{stream_id}`
pub(super) async fn delete(caller: Caller, ids: Ids<OrganizationId, AuditStreamId>) -> Result<Committed<api::Deleted>> {
    let (mut write, _, kept) = find(&caller, ids).await?;
    write.expect(Some(&wire::audit_stream::audit_stream(&kept.stream)))?;
    audit_streams::delete(&mut write, &kept.stream).await?;
    let reply = Reply::ok(api::Deleted { id: kept.stream.id.to_string() });
    write.commit(Entry::audit_stream_deleted(&kept.stream), reply).await
}

async fn find(caller: &Caller, Ids(organization, id): Ids<OrganizationId, AuditStreamId>) -> Result<(Write, Organization, Kept)> {
    let mut write = caller.write(Action::ManageAuditLog, On::Organization(&organization)).await?;
    let at = found(&mut write, &organization).await?;
    let kept = audit_streams::get(&mut *write, &organization, &id).await?;
    Ok((write, at, kept.ok_or_else(|| Error::not_found("audit stream"))?))
}
