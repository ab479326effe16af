//! The caller's own API tokens, as far as they reach no further than the credential in use.

use umbel_api::{self as api, Code};
use umbel_domain::api_token::Maker;
use umbel_domain::audit::Entry;
use umbel_domain::secret::Secret;
use umbel_domain::{
    Action, Actions, ApiToken, ApiTokenId, Invalid, Lineage, Name, OrganizationId, Refusal, Role, Scope, Timestamp, TokenKind,
};
use umbel_store::api_tokens::{self, Bound, PER_USER_MAX};
use umbel_store::organizations;

use crate::body::Body;
use crate::caller::{Caller, On};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::reply::Reply;
use crate::role_book::RoleBook;
use crate::wire::{self, Reader};
use crate::write::{Committed, Write};

pub(super) const LIST: About = About {
    summary: "List your API tokens",
    description: "The tokens of the caller that reach no further than the credential in use, in the order of their ids.",
    errors: &[],
};

pub(super) const CREATE: About = About {
    summary: "Create an API token",
    description: "Creates a token of the caller, which only this answer shows in plain. What it may do is what its owner may do \
                  at that moment, within its organization and role; it must not reach further than the credential in use, and \
                  expires with that at the latest.",
    errors: &[
        Code::InvalidBody,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::WiderThanCaller,
        Code::LimitReached,
        Code::KeyReused,
    ],
};

pub(super) const GET: About = About {
    summary: "Get an API token",
    description: "One token of the caller, without its secret.",
    errors: &[Code::InvalidId, Code::NotFound],
};

pub(super) const REVOKE: About = About {
    summary: "Revoke an API token",
    description: "The token is refused from the next request on.",
    errors: &[Code::InvalidId, Code::NotFound, Code::PreconditionFailed],
};

pub(super) const ROLL: About = About {
    summary: "Roll an API token",
    description: "Gives the token a new secret, which only this answer shows in plain; the old one is refused from the next \
                  request on.",
    errors: &[
        Code::InvalidId,
        Code::InvalidHeader,
        Code::BodyTooLarge,
        Code::NotFound,
        Code::PreconditionFailed,
        Code::KeyReused,
    ],
};

/// `GET /umbel/v1/tokens`
pub(super) async fn list(caller: Caller) -> Result<Reply<Vec<api::ApiToken>>> {
    let mut read = caller.read(Action::ManageOwnTokens, On::Own).await?;
    let tokens = api_tokens::list(&mut *read, &caller.identity.user.id).await?;
    let tokens: Vec<_> =
        tokens.iter().filter(|token| may_handle(&caller, token)).map(|(token, _)| wire::api_token(token)).collect();
    let total_size = Some(tokens.len() as u64);
    Ok(Reply::page(tokens, api::ResultInfo::tokens(None, total_size)))
}

/// What somebody asks for who creates a token.
struct NewApiToken {
    name: Name,
    scope: Scope,
    expires_on: Option<Timestamp>,
}

fn new_api_token(body: api::CreateApiToken) -> Result<NewApiToken> {
    let mut reader = Reader::default();
    let name = reader.member("/name", Name::parse(&body.name, Name::LENGTH_MAX));
    let organization_id = body.organization_id.and_then(|id| reader.member("/organization_id", OrganizationId::parse(&id)));
    let role: Option<Role> = body.role.and_then(|role| reader.member("/role", wire::role(&role)));
    let expires_on = body.expires_on.and_then(|text| reader.member("/expires_on", wire::timestamp(&text)));
    let kind = match body.kind.unwrap_or_default() {
        api::TokenKind::Api => TokenKind::Api,
        api::TokenKind::Meter => TokenKind::Meter,
    };
    if kind == TokenKind::Meter && role.is_some() {
        reader.member::<()>("/role", Err(Invalid("must be left out: a token that meters does nothing else".into())));
    }
    reader.finish(name.map(|name| NewApiToken { name, scope: Scope { organization_id, role, kind }, expires_on }))
}

/// `POST /umbel/v1/tokens`
pub(super) async fn create(caller: Caller, Body(body): Body<api::CreateApiToken>) -> Result<Committed<api::ApiToken>> {
    let new = new_api_token(body)?;
    let mut write = caller.write(Action::ManageOwnTokens, On::Own).await?;
    let lineage = match &new.scope.organization_id {
        None => None,
        Some(id) => Some(visible(&mut write, id).await?),
    };
    if new.expires_on.is_some_and(|expires_on| expires_on <= write.now()) {
        return Err(Error::at(Code::InvalidBody, "/expires_on", "expires_on must lie in the future"));
    }
    let maker = maker(&caller);
    let expires_on = maker.expiry(new.expires_on)?;
    let allowed = cap(&mut write, lineage.as_ref(), new.scope.role).await?;
    if !maker.may_handle(&new.scope.bounds(lineage, allowed), expires_on) {
        return Err(Refusal::WiderThanCaller.into());
    }
    if api_tokens::list(&mut *write, &caller.identity.user.id).await?.len() >= PER_USER_MAX {
        return Err(Refusal::TooManyTokens { limit: PER_USER_MAX }.into());
    }
    let token = ApiToken {
        id: write.new_api_token_id(),
        user_id: caller.identity.user.id.clone(),
        name: new.name,
        scope: new.scope,
        create_time: write.now(),
        expires_on,
        last_used_on: None,
    };
    let secret = write.new_token_secret();
    api_tokens::insert(&mut write, &token, &secret.hash()).await?;
    show_once(write, Entry::api_token_created(&token), &token, &secret).await
}

/// What the role that caps a token allows; a custom one holds in its tree alone, so that the token must be bound to it, too.
async fn cap(write: &mut Write, lineage: Option<&Lineage>, role: Option<Role>) -> Result<Actions> {
    let Some(role) = role else { return Ok(Actions::ALL) };
    let at = lineage.cloned().unwrap_or(Lineage::server());
    let book = RoleBook::of(&mut **write, &at, [role]).await?;
    book.must_have(role, "/role")?;
    Ok(book.allowed(role))
}

/// Where an organization stands that the caller can see.
async fn visible(write: &mut Write, id: &OrganizationId) -> Result<Lineage> {
    let organization = organizations::get(&mut **write, id).await?;
    let lineage = organization.map(|organization| organization.lineage);
    let lineage = lineage.filter(|lineage| write.reach().covers(lineage, Action::ReadOrganization));
    lineage.ok_or_else(|| Error::not_found("organization").pointing_at("/organization_id"))
}

/// `GET /umbel/v1/tokens/{token_id}`
pub(super) async fn get(caller: Caller, Id(id): Id<ApiTokenId>) -> Result<Reply<api::ApiToken>> {
    let mut read = caller.read(Action::ManageOwnTokens, On::Own).await?;
    let token = api_tokens::get(&mut *read, &caller.identity.user.id, &id).await?;
    Ok(Reply::one(wire::api_token(&handled(&caller, token)?)))
}

/// `DELETE /umbel/v1/tokens/{token_id}`
pub(super) async fn revoke(caller: Caller, Id(id): Id<ApiTokenId>) -> Result<Committed<api::Deleted>> {
    let mut write = caller.write(Action::ManageOwnTokens, On::Own).await?;
    let token = api_tokens::get(&mut *write, &caller.identity.user.id, &id).await?;
    let token = handled(&caller, token)?;
    write.expect(Some(&wire::api_token(&token)))?;
    api_tokens::delete(&mut write, &token.id).await?;
    write.commit(Entry::api_token_revoked(&token), Reply::ok(api::Deleted { id: id.to_string() })).await
}

/// `POST /umbel/v1/tokens/{token_id}/roll`
pub(super) async fn roll(caller: Caller, Id(id): Id<ApiTokenId>) -> Result<Committed<api::ApiToken>> {
    let mut write = caller.write(Action::ManageOwnTokens, On::Own).await?;
    let token = api_tokens::get(&mut *write, &caller.identity.user.id, &id).await?;
    let token = handled(&caller, token)?;
    write.expect(Some(&wire::api_token(&token)))?;
    let secret = write.new_token_secret();
    api_tokens::set_hash(&mut write, &token.id, &secret.hash()).await?;
    show_once(write, Entry::api_token_rolled(&token), &token, &secret).await
}

/// Answers with the secret, which nothing keeps.
async fn show_once(write: Write, entry: Entry, token: &ApiToken, secret: &Secret) -> Result<Committed<api::ApiToken>> {
    let public = wire::api_token(token);
    let full = api::ApiToken { value: Some(secret.reveal().to_owned()), ..public.clone() };
    write.commit_secret(vec![entry], Reply::ok(full), Reply::ok(public)).await
}

fn maker(caller: &Caller) -> Maker<'_> {
    let expires_on = caller.identity.token().and_then(|token| token.expires_on);
    Maker { bounds: &caller.identity.bounds, expires_on }
}

fn may_handle(caller: &Caller, (token, bounds): &Bound) -> bool {
    maker(caller).may_handle(bounds, token.expires_on)
}

/// The token, unless it reaches further than the credential in use: then there is no such token.
fn handled(caller: &Caller, token: Option<Bound>) -> Result<ApiToken> {
    let token = token.filter(|token| may_handle(caller, token));
    token.map(|(token, _)| token).ok_or_else(|| Error::not_found("token"))
}
