//! A change under way, and the only way to end it well.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use umbel_api::Code;
use umbel_domain::audit::{Bodies, Entry, Outcome, Record, RequestLine, ResourceType};
use umbel_domain::authorization::Target;
use umbel_domain::organization::BoundByFlags;
use umbel_domain::secret::Secret;
use umbel_domain::{
    AccountId, ApiTokenId, AuditErasureId, AuditStreamId, BudgetId, Grant, InvitationId, Lineage, LinkedIdentityId, MemberId,
    OrganizationId, PriceId, Reach, RoleId, SessionId, Timestamp, UserId,
};
use umbel_store::audit_log;
use umbel_store::idempotency::{self, Answer};
use umbel_store::usage::Recorded;

use crate::caller::{Caller, bound_by_flags};
use crate::command::Context;
use crate::error::{Error, Result};
use crate::reply::{Comparison, Rendered, Reply, etag, names};
use crate::sources::{entry_id, random};
use crate::withheld::{without_paths, without_personal};
use crate::workers::Posted;

/// How long an answer is kept under its idempotency key.
const ANSWER_KEPT_SECONDS: i64 = 24 * 60 * 60;

/// What a handler returns that changed something: an answer that only a COMMIT makes.
pub(crate) struct Committed<T> {
    response: Response,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Committed<T> {
    /// The answer to a dry run, which has read and has nothing to commit.
    pub(crate) fn dry_run(reply: Reply<T>) -> Self {
        Self { response: reply.into_response(), of: PhantomData }
    }
}

impl<T> Committed<T> {
    /// The answer with one more header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.response.headers_mut().append(name, value);
        self
    }
}

impl<T> IntoResponse for Committed<T> {
    fn into_response(self) -> Response {
        self.response
    }
}

/// A transaction that changes the database, opened to a caller who may do so.
pub(crate) struct Write {
    session: umbel_store::Write,
    caller: Caller,
    context: Context,
    grant: Grant,
    now: Timestamp,
    /// Whether `If-Match` was compared.
    compared: bool,
    /// What a GET would have answered before the change, for the audit log.
    before: Option<String>,
    /// What a GET will answer after it, where the answer to the change is something else.
    after: Option<String>,
    /// What was asked and answered of single things, by their ids, where the request is about several that are in several logs.
    told_apart: HashMap<String, [String; 2]>,
    /// Letters that the change sends.
    posted: Vec<Posted>,
}

impl Write {
    /// Takes the transaction over, unless the request was answered before.
    pub(crate) async fn begin(caller: Caller, context: Context, mut session: umbel_store::Write, grant: Grant) -> Result<Self> {
        let now = caller.app.sources.now();
        if let Some(memo) = &context.memo
            && let Some(answer) = idempotency::find(&mut session, &memo.key, now).await?
        {
            return Err(if answer.fingerprint == memo.fingerprint {
                Error::Replayed(Box::new(answer))
            } else {
                let message = "the idempotency key was used for another request; use a new one";
                Error::at(Code::KeyReused, "/header/Idempotency-Key", message)
            });
        }
        Ok(Self {
            session,
            caller,
            context,
            grant,
            now,
            compared: false,
            before: None,
            after: None,
            told_apart: HashMap::new(),
            posted: Vec::new(),
        })
    }

    /// When the change happens.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Everything that the caller may do anywhere.
    pub(crate) fn reach(&self) -> &Reach {
        self.grant.reach()
    }

    /// Whether the flags of an organization bind the caller: whoever may set them there is not bound.
    pub(crate) fn bound_by_flags(&self, lineage: &Lineage) -> BoundByFlags {
        bound_by_flags(self.reach(), lineage)
    }

    pub(crate) fn new_organization_id(&self) -> OrganizationId {
        OrganizationId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_account_id(&self) -> AccountId {
        AccountId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_user_id(&self) -> UserId {
        UserId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_member_id(&self) -> MemberId {
        MemberId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_role_id(&self) -> RoleId {
        RoleId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_price_id(&self) -> PriceId {
        PriceId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_budget_id(&self) -> BudgetId {
        BudgetId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_api_token_id(&self) -> ApiTokenId {
        ApiTokenId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_audit_erasure_id(&self) -> AuditErasureId {
        AuditErasureId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_invitation_id(&self) -> InvitationId {
        InvitationId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_audit_stream_id(&self) -> AuditStreamId {
        AuditStreamId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_invitation_secret(&self) -> Secret {
        Secret::new_invitation(random(&*self.caller.app.sources))
    }

    pub(crate) fn new_linked_identity_id(&self) -> LinkedIdentityId {
        LinkedIdentityId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_session_id(&self) -> SessionId {
        SessionId::generate(self.now, random(&*self.caller.app.sources))
    }

    pub(crate) fn new_session_secret(&self) -> Secret {
        Secret::new_session(random(&*self.caller.app.sources))
    }

    pub(crate) fn new_sign_in_link(&self) -> Secret {
        Secret::new_sign_in_link(random(&*self.caller.app.sources))
    }

    pub(crate) fn new_token_secret(&self) -> Secret {
        Secret::new_token(random(&*self.caller.app.sources))
    }

    pub(crate) fn new_api_key(&self) -> Secret {
        Secret::new_api_key(random(&*self.caller.app.sources))
    }

    /// Notes that the caller can see an organization that its request does not name, so that a refusal is written down there.
    pub(crate) fn seen(&self, organization: &OrganizationId) {
        self.context.seen(Some(organization));
    }

    /// Sends a letter once the change is durable.
    pub(crate) fn post(&mut self, letter: Option<Posted>) {
        self.posted.extend(letter);
    }

    /// Refuses to change what is not what the caller saw: `current` is what a GET would show now, if it would show anything.
    pub(crate) fn expect<T: Serialize>(&mut self, current: Option<&T>) -> Result<()> {
        self.compared = true;
        // What is sent as an answer has a JSON form.
        self.before = current.and_then(|current| serde_json::to_string(current).ok());
        let Some(expected) = &self.context.if_match else { return Ok(()) };
        let current = current.and_then(|current| etag(current).ok());
        let matches = current.is_some_and(|etag| names(expected, &etag, Comparison::Strong));
        let message = "it has changed since you read it; read it again and decide again";
        matches.then_some(()).ok_or_else(|| Error::at(Code::PreconditionFailed, "/header/If-Match", message))
    }

    /// Notes what a GET will answer after the change, for the audit log, where the answer to the change is something else.
    pub(crate) fn becomes<T: Serialize>(&mut self, changed: &T) {
        self.after = serde_json::to_string(changed).ok();
    }

    /// Notes what was asked and answered of one thing, for the audit log, where a request is about several in several logs: who
    /// reads one of them must not read of the others.
    pub(crate) fn tell_apart<Q: Serialize, R: Serialize>(&mut self, id: &str, asked: &Q, answered: Reply<R>) {
        // What is read as a body has a JSON form.
        let asked = serde_json::to_string(asked).unwrap_or_default();
        self.told_apart.insert(id.to_owned(), [asked, text(&answered.render())]);
    }

    /// Makes the change durable together with what is written down of it, and answers.
    pub(crate) async fn commit<T: Serialize>(self, entry: Entry, reply: Reply<T>) -> Result<Committed<T>> {
        self.commit_with(entry, Vec::new(), reply).await
    }

    /// Like [`Write::commit`], for a change that is written down as more than one entry.
    pub(crate) async fn commit_with<T: Serialize>(self, entry: Entry, more: Vec<Entry>, reply: Reply<T>) -> Result<Committed<T>> {
        self.commit_all(std::iter::once(entry).chain(more).collect(), reply).await
    }

    /// Like [`Write::commit`], for what may turn out to have changed nothing: then no entry is written.
    pub(crate) async fn commit_all<T: Serialize>(self, entries: Vec<Entry>, reply: Reply<T>) -> Result<Committed<T>> {
        let rendered = reply.render();
        let body = text(&rendered);
        self.end(entries, rendered, body).await
    }

    /// Like [`Write::commit_all`], for usage that was recorded, of which nothing is written into the audit log.
    pub(crate) async fn commit_recorded<T: Serialize>(self, _: Recorded, reply: Reply<T>) -> Result<Committed<T>> {
        self.commit_all(Vec::new(), reply).await
    }

    /// Like [`Write::commit_all`], for an answer with a secret: `public` is the same answer without it, which is what is kept, and
    /// what a GET shows and the entity tag is of.
    pub(crate) async fn commit_secret<T: Serialize>(
        self,
        entries: Vec<Entry>,
        reply: Reply<T>,
        public: Reply<T>,
    ) -> Result<Committed<T>> {
        let public = public.render();
        let rendered = Rendered { etag: public.etag.clone(), ..reply.render() };
        let body = text(&public);
        self.end(entries, rendered, body).await
    }

    async fn end<T>(mut self, entries: Vec<Entry>, rendered: Rendered, kept: String) -> Result<Committed<T>> {
        if self.context.if_match.is_some() && !self.compared {
            let message = "this route has nothing to compare If-Match with; leave it out";
            return Err(Error::at(Code::PreconditionFailed, "/header/If-Match", message));
        }
        let near = if let Target::Place(lineage) = self.grant.target() { Some(lineage) } else { None };
        let about = entries.first().map(|entry| (entry.event.resource, entry.event.resource_id.clone()));
        for entry in entries {
            // What it was and is, is that of the first entry's resource, and not for who reads of others.
            let same = about.as_ref().is_some_and(|(kind, id)| (entry.event.resource, &entry.event.resource_id) == (*kind, id));
            let [before, after] = [&self.before, &self.after].map(|state| state.clone().filter(|_| same));
            let (id, salt) = entry_id(&*self.caller.app.sources, self.now);
            let line = RequestLine { status: rendered.status.as_u16(), ..self.caller.request_line() };
            let apart = self.told_apart.get(&entry.event.resource_id).cloned().map(|bodies| bodies.map(Some));
            let [request, response] = apart.unwrap_or_else(|| [self.context.body(), Some(kept.clone())]);
            let mut bodies = Bodies { request, response: response.filter(|kept| !kept.is_empty()), before, after };
            if matches!(entry.event.resource, ResourceType::OrganizationMember | ResourceType::AccountMember) {
                bodies.response = bodies.response.map(without_personal);
                bodies.before = bodies.before.map(without_personal);
            }
            if entry.event.resource == ResourceType::AuditStream {
                for body in [&mut bodies.response, &mut bodies.before, &mut bodies.after] {
                    *body = body.take().map(without_paths);
                }
            }
            let (key, actor) = ((id, self.now), self.caller.actor());
            let record = Record::new(key, entry, Outcome::Success, &actor, Some(&line), bodies);
            audit_log::append(&mut self.session, &record, &salt, near).await?;
        }
        if let Some(memo) = &self.context.memo {
            let expires_at = self.now.plus_seconds(ANSWER_KEPT_SECONDS);
            let answer =
                Answer { fingerprint: memo.fingerprint.clone(), status: rendered.status.as_u16(), body: kept, expires_at };
            idempotency::keep(&mut self.session, &memo.key, &answer).await?;
        }
        self.session.commit().await?;
        self.context.post(self.posted);
        Ok(Committed { response: rendered.into_response(), of: PhantomData })
    }
}

fn text(rendered: &Rendered) -> String {
    String::from_utf8_lossy(&rendered.body).into_owned()
}

impl Deref for Write {
    type Target = umbel_store::Write;

    fn deref(&self) -> &umbel_store::Write {
        &self.session
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut umbel_store::Write {
        &mut self.session
    }
}
