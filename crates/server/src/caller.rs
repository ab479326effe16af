//! Who asks: the one way from a request to the database.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use parking_lot::Mutex;
use umbel_api::{Code, ResultInfo};
use umbel_domain::organization::BoundByFlags;
use umbel_domain::{AccountId, Action, Actions, Denied, Grant, Lineage, OrganizationId, Principal, Reach, Target, authorize};
use umbel_store::authorization::Memberships;
use umbel_store::{Opening, Place, Query};

use crate::app::App;
use crate::command::Context;
use crate::credential::{Identity, identify};
use crate::cursor::{List, Position};
use crate::error::{Error, Result};
use crate::query::{invalid, pairs};
use crate::request::RequestInfo;
use crate::routes::Newcomer;
use crate::view::{self, View};
use crate::write::Write;

/// Who makes a request, and the request.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) app: App,
    pub(crate) identity: Arc<Identity>,
    pub(crate) request: Arc<RequestInfo>,
    /// What a mutating route keeps between its tries; a reading one has none.
    pub(crate) context: Option<Context>,
    /// Where the credential of a reading request was found; its first read goes on there.
    opening: Arc<Mutex<Option<Opening<umbel_store::Read>>>>,
    /// What a reading request carries, by which its caller is identified anew for another read.
    headers: Arc<HeaderMap>,
}

/// How long reading may take.
#[derive(Debug, Clone)]
pub(crate) enum Pace {
    /// Microseconds.
    Short,
    /// A scan, or a count: few of them run at once.
    Long,
    /// The same on a thread for blocking work, for which there is a place already.
    Apart(Place),
}

/// What an action is about, as a request names it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum On<'a> {
    /// The caller's own user and tokens.
    Own,
    /// Everything that the caller can see.
    Visible,
    /// The server as a whole: its users, and its roots as far as one more is concerned.
    Server,
    /// The organization with this id, if there is one.
    Organization(&'a OrganizationId),
    /// The organization with this id, also when it is gone.
    LastingOrganization(&'a OrganizationId),
    /// The account with this id, if there is one.
    Account(&'a AccountId),
}

impl On<'_> {
    /// Where the organization or account stands that this names, if there is one.
    async fn lineage<S: Query>(self, opening: &mut Opening<S>) -> Result<Option<Lineage>> {
        Ok(match self {
            Self::Own | Self::Visible | Self::Server => None,
            Self::Organization(id) => opening.lineage(id).await?,
            Self::LastingOrganization(id) => opening.last_lineage(id).await?,
            Self::Account(id) => opening.lineage_of_account(id).await?,
        })
    }

    /// Which memberships count: the fewest that the question needs, for a user may be a member of very many organizations.
    fn memberships<'l>(&self, lineage: Option<&'l Lineage>) -> Memberships<'l> {
        match self {
            Self::Own | Self::Visible => Memberships::All,
            Self::Server => Memberships::None,
            Self::Organization(_) | Self::LastingOrganization(_) | Self::Account(_) => {
                lineage.map_or(Memberships::None, Memberships::Above)
            }
        }
    }

    /// The target, given where the organization or account stands that it names; one that does not exist is not found.
    fn target(self, lineage: Option<Lineage>) -> std::result::Result<Target, Denied> {
        match self {
            Self::Own => Ok(Target::Own),
            Self::Visible | Self::Server => Ok(Target::Server),
            Self::Organization(_) | Self::LastingOrganization(_) | Self::Account(_) => {
                lineage.map(Target::Place).ok_or(Denied::NotFound)
            }
        }
    }

    /// How a denial is said of what the request names at `pointer`, which is empty for what its path names.
    fn denied(self, denied: Denied, pointer: &str) -> Error {
        let error = match (denied, self) {
            (Denied::NotFound, Self::Account(_)) => Error::not_found("account"),
            (Denied::NotFound, _) => Error::not_found("organization"),
            (Denied::Forbidden, _) => Error::forbidden(),
        };
        if pointer.is_empty() { error } else { error.pointing_at(pointer) }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let request = parts.extensions.get::<Arc<RequestInfo>>().cloned();
        let request = request.ok_or_else(|| Error::new(Code::Internal, "the request was not observed"))?;
        let Some(context) = parts.extensions.get::<Context>().cloned() else {
            return Self::identified(app, request, parts.headers.clone().into()).await;
        };
        let (identity, context) = (context.identity.clone(), Some(context));
        Ok(Self { app: app.clone(), identity, request, context, opening: Arc::default(), headers: Arc::default() })
    }
}

impl<B> FromRequestParts<App> for Newcomer<B> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self(Caller::from_request_parts(parts, app).await?, PhantomData))
    }
}

impl Caller {
    /// Who makes a request that reads.
    async fn identified(app: &App, request: Arc<RequestInfo>, headers: Arc<HeaderMap>) -> Result<Self> {
        let (identity, opening) = identify(app, &request, &headers).await?;
        let (identity, opening) = (Arc::new(identity), Arc::new(Mutex::new(Some(opening))));
        Ok(Self { app: app.clone(), identity, request, context: None, opening, headers })
    }

    /// Begins to read, if the caller may do `action` there.
    pub(crate) async fn read(&self, action: Action, on: On<'_>) -> Result<Read> {
        self.read_on(Pace::Short, action, &[(on, "")]).await
    }

    /// The same for what may take long.
    pub(crate) async fn read_long(&self, action: Action, on: On<'_>) -> Result<Read> {
        self.read_on(Pace::Long, action, &[(on, "")]).await
    }

    /// Goes on with what may take long: in the same transaction if there is a place for it at once, else in another one.
    pub(crate) async fn go_on_long(&self, mut read: Read, action: Action, on: On<'_>) -> Result<Read> {
        if read.session.reserve() {
            read.session.expect_long();
            return Ok(read);
        }
        drop(read);
        self.read_long(action, on).await
    }

    /// Begins to read about several things, each with a pointer to where the request names it, if the caller may do `action` with
    /// every one of them.
    pub(crate) async fn read_on(&self, pace: Pace, action: Action, named: &[(On<'_>, &str)]) -> Result<Read> {
        let changes_thread = matches!(pace, Pace::Long);
        let (mut opening, identity, operator) = self.open(pace).await?;
        let mut granted = None;
        let grants = self.grants(&mut opening, &identity, operator, action, named).await?;
        for ((on, pointer), (log, grant)) in named.iter().zip(grants) {
            granted = Some(grant.map_err(|denied| on.denied(denied, pointer))?);
            self.note_view(action, *on, log);
        }
        let grant = granted.ok_or_else(about_nothing)?;
        let mut session = opening.admit(&grant);
        if changes_thread {
            session.expect_long();
        }
        Ok(Read { session, grant })
    }

    /// Waits for a place for what may take long. Who waits has no connection meanwhile.
    pub(crate) async fn place(&self) -> Result<Place> {
        if let Some(place) = self.app.store.try_place() {
            return Ok(place);
        }
        drop(self.opening.lock().take());
        Ok(self.app.store.place().await?)
    }

    /// Begins a transaction that tells who the caller is, and whether an operator: that in which the credential was found, or one in
    /// which it is found again, so that one that was revoked meanwhile ends an answer that takes long. A change that is tried out begins
    /// like one that is made.
    async fn open(&self, pace: Pace) -> Result<(Opening<umbel_store::Read>, Arc<Identity>, Option<bool>)> {
        let place = match pace {
            Pace::Short => None,
            Pace::Long => Some(self.place().await?),
            Pace::Apart(place) => Some(place),
        };
        let found_in = self.opening.lock().take();
        let (mut opening, identity, operator) = if let Some(opening) = found_in {
            (opening, self.identity.clone(), Some(self.identity.user.operator))
        } else if self.context.is_some() {
            let mut opening = self.app.store.read().await?;
            let operator = self.operator(&mut opening).await?;
            (opening, self.identity.clone(), operator)
        } else {
            let (identity, opening) = identify(&self.app, &self.request, &self.headers).await?;
            let operator = identity.user.operator;
            (opening, Arc::new(identity), Some(operator))
        };
        if let Some(place) = place {
            opening.hold(place);
        }
        Ok((opening, identity, operator))
    }

    /// Begins a change, if the caller may do `action` there; answers again what was answered before under the same key.
    pub(crate) async fn write(&self, action: Action, on: On<'_>) -> Result<Write> {
        self.write_on(action, &[(on, "")]).await
    }

    /// Begins a change to several things, each with a pointer to where the request names it, if the caller may do `action` with
    /// every one of them. A refusal is written down as one of the first.
    pub(crate) async fn write_on(&self, action: Action, named: &[(On<'_>, &str)]) -> Result<Write> {
        let context = self.context.clone().ok_or_else(|| Error::new(Code::Internal, "a reading route cannot write"))?;
        self.must_be_meant()?;
        context.turn.take(&self.app.reruns).await;
        let mut opening = self.app.store.write().await?;
        context.await_end_of(opening.settled());
        let operator = self.operator(&mut opening).await?;
        let mut granted = None;
        let grants = self.grants(&mut opening, &self.identity, operator, action, named).await?;
        for ((on, pointer), (log, grant)) in named.iter().zip(grants) {
            match (on, &grant) {
                _ if granted.is_some() => {}
                // What is not visible is not written down, and the server is visible to operators alone.
                (_, Err(Denied::NotFound)) | (On::Server | On::Visible, Err(Denied::Forbidden)) => {}
                _ => context.seen(log.as_ref()),
            }
            granted = Some(grant.map_err(|denied| on.denied(denied, pointer))?);
        }
        let grant = granted.ok_or_else(about_nothing)?;
        let session = opening.admit(&grant);
        Write::begin(self.clone(), context, session, grant).await
    }

    /// Refuses a change that is only to be tried, where that is not possible: routes that can do it do not write then.
    fn must_be_meant(&self) -> Result<()> {
        if pairs(self.request.path_and_query().1).any(|(name, value)| name == "dry_run" && value != "false") {
            return Err(invalid("dry_run", "is not possible here: nothing was changed"));
        }
        Ok(())
    }

    /// Whether the caller of a change is an operator; `None` when they are gone, disabled or signed out by now, for the body may have come
    /// long after the credential.
    async fn operator<S: Query>(&self, opening: &mut Opening<S>) -> Result<Option<bool>> {
        match self.identity.session() {
            Some(session) if !opening.session_stands(&session.id).await? => Ok(None),
            _ => Ok(opening.operator(&self.identity.user.id).await?),
        }
    }

    /// Notes that the caller is let look at something, where that is to be written down.
    fn note_view(&self, action: Action, on: On<'_>, log: Option<OrganizationId>) {
        if self.app.settings.audit_views && view::is_view(action) {
            let account = if let On::Account(id) = on { Some(id.clone()) } else { None };
            *self.request.view.lock() = Some(View { log, account, actor: self.actor() });
        }
    }

    /// Asks for each thing whether the caller may do `action` with it, and in whose log it belongs.
    async fn grants<S: Query>(
        &self,
        opening: &mut Opening<S>,
        identity: &Identity,
        operator: Option<bool>,
        action: Action,
        named: &[(On<'_>, &str)],
    ) -> Result<Vec<(Option<OrganizationId>, std::result::Result<Grant, Denied>)>> {
        let (mut lineages, mut memberships) = (Vec::new(), Vec::new());
        for (on, _) in named {
            let lineage = on.lineage(opening).await?;
            memberships.extend(opening.memberships(&identity.user.id, on.memberships(lineage.as_ref())).await?);
            lineages.push(lineage);
        }
        let without_factor = identity.session().is_some() && !identity.user.two_factor_authentication_enabled;
        let mut wants_factor = false;
        for (on, _) in named.iter().filter(|_| without_factor) {
            if let On::Account(id) = on {
                wants_factor |= opening.enforces_second_factor(id).await?;
            }
        }
        let principal = self.principal(identity, operator, memberships)?;
        let granted = lineages.into_iter().zip(named).map(|(lineage, (on, _))| {
            let log = lineage.as_ref().and_then(|lineage| lineage.id()).and_then(|id| OrganizationId::parse(id).ok());
            (log, on.target(lineage).and_then(|target| authorize(&principal, action, target)))
        });
        let granted: Vec<_> = granted.collect();
        // Who may not see the account learns nothing of what it asks for.
        if wants_factor && granted.iter().all(|(_, grant)| grant.is_ok()) {
            if let Some((context, (log, _))) = self.context.as_ref().zip(granted.first()) {
                context.seen(log.as_ref());
            }
            let message = "the account asks for a second factor, which you do not have; add one to your user";
            return Err(Error::new(Code::SecondFactorRequired, message));
        }
        Ok(granted)
    }

    /// The list that the request asks for, which its page tokens belong to.
    pub(crate) fn list(&self) -> List {
        let (path, query) = self.request.path_and_query();
        List::new(path, query, &self.identity.user.id)
    }

    /// Where the list goes on; `None` at its beginning.
    pub(crate) fn position(&self, list: &List, page_token: Option<&str>) -> Result<Option<Position>> {
        let token = page_token.filter(|token| !token.is_empty());
        token.map(|token| self.app.cursor_key.verify(list, token)).transpose()
    }

    /// What a page says of the list: where it goes on, if it does, and how many items it has.
    pub(crate) fn page_info(&self, list: &List, after: Option<String>, total: Option<u64>) -> ResultInfo {
        let next = after.map(|after| self.app.cursor_key.sign(list, &Position { after, total }));
        ResultInfo::tokens(next, total)
    }

    /// What counts for what the caller may do; refused when the user is gone or disabled by now.
    fn principal(&self, identity: &Identity, operator: Option<bool>, memberships: Vec<(Lineage, Actions)>) -> Result<Principal> {
        let operator =
            operator.ok_or_else(|| Error::new(Code::BadCredential, "the credential is unknown, revoked or expired"))?;
        Ok(Principal { operator, memberships, bounds: identity.bounds.clone(), root_creation: self.app.settings.root_creation })
    }
}

/// Whether the flags of an organization bind whoever has this reach.
pub(crate) fn bound_by_flags(reach: &Reach, lineage: &Lineage) -> BoundByFlags {
    if reach.covers(lineage, Action::UpdateFlags) { BoundByFlags::No } else { BoundByFlags::Yes }
}

fn about_nothing() -> Error {
    Error::new(Code::Internal, "a request is about something")
}

/// One consistent state of the database, opened to a caller who may read there.
pub(crate) struct Read {
    session: umbel_store::Read,
    grant: Grant,
}

impl Read {
    /// Whether the flags of an organization bind the caller: whoever may set them there is not bound.
    pub(crate) fn bound_by_flags(&self, lineage: &Lineage) -> BoundByFlags {
        bound_by_flags(self.reach(), lineage)
    }

    /// The subtrees in which the caller may do `action`.
    pub(crate) fn subtrees(&self, action: Action) -> Vec<Lineage> {
        self.grant.reach().subtrees(action)
    }

    /// Everything that the caller may do anywhere.
    pub(crate) fn reach(&self) -> &Reach {
        self.grant.reach()
    }
}

impl Deref for Read {
    type Target = umbel_store::Read;

    fn deref(&self) -> &umbel_store::Read {
        &self.session
    }
}

impl DerefMut for Read {
    fn deref_mut(&mut self) -> &mut umbel_store::Read {
        &mut self.session
    }
}
