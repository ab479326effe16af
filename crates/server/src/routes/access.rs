//! Who may do what at a place, and why.

use umbel_api::{self as api, Code, PageSize};
use umbel_domain::{AccountId, Action, Actions, Email, Lineage, OrganizationId, Place, Reach, Role, User, UserId};
use umbel_store::access::{self, Held};
use umbel_store::{IN_LIST_MAX, accounts, organizations, users};

use super::organizations::{ids, members_seen};
use crate::caller::{Caller, On, Read};
use crate::error::{Error, Result};
use crate::openapi::About;
use crate::path::Id;
use crate::query::{Query, invalid};
use crate::reply::Reply;
use crate::role_book::RoleBook;
use crate::wire;

/// What is about a place; the others are everybody's own, or about the server.
const ON_PLACE: Actions = Actions::ALL.without(Actions::of(&[
    Action::ReadSelf,
    Action::ManageOwnMemberships,
    Action::ManageOwnTokens,
    Action::ManageUsers,
]));

const ERRORS: &[Code] =
    &[Code::InvalidId, Code::InvalidParameter, Code::InvalidPageToken, Code::NotFound, Code::Forbidden, Code::TooExpensive];

pub(super) const OF_ORGANIZATION: About = About {
    summary: "List who may do what in an organization, and why",
    description: "Everybody who has a role that reaches the organization, in it or in one above it, each once, with every \
                  membership that it comes from. `user` explains one person; `user=me` the caller, with what the scope of the \
                  credential takes away, and needs no more than to see the organization. Members of organizations above whose \
                  members the caller may not see are left out, and a message says so. Operators may do everything everywhere \
                  and are not listed.",
    errors: ERRORS,
};

pub(super) const OF_ACCOUNT: About = About {
    summary: "List who may do what with an account, and why",
    description: "The same as for an organization, with the members of the account itself.",
    errors: ERRORS,
};

/// `GET /umbel/v1/organizations/{organization_id}/access`
pub(super) async fn of_organization(
    caller: Caller,
    Id(id): Id<OrganizationId>,
    Query(parameters): Query<api::ListAccess>,
) -> Result<Reply<Vec<api::Access>>> {
    let mut read = caller.read(needed(&caller, &parameters, Action::ReadOrganization), On::Organization(&id)).await?;
    let organization = organizations::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("organization"))?;
    listed(&caller, &mut read, &organization.lineage, &parameters).await
}

/// `GET /umbel/v1/accounts/{account_id}/access`
pub(super) async fn of_account(
    caller: Caller,
    Id(id): Id<AccountId>,
    Query(parameters): Query<api::ListAccess>,
) -> Result<Reply<Vec<api::Access>>> {
    let mut read = caller.read(needed(&caller, &parameters, Action::ReadAccount), On::Account(&id)).await?;
    let account = accounts::get(&mut *read, &id).await?.ok_or_else(|| Error::not_found("account"))?;
    listed(&caller, &mut read, &account.lineage, &parameters).await
}

/// What it takes to be answered: to see the place, of who asks about themselves, else to see the members there.
fn needed(caller: &Caller, parameters: &api::ListAccess, seeing: Action) -> Action {
    let is_self = parameters.user.as_deref().is_some_and(|user| names(user, &caller.identity.user));
    if is_self { seeing } else { Action::ReadMembers }
}

/// Whether this stands for the user who asks.
fn names(text: &str, user: &User) -> bool {
    text == "me" || text == user.id.as_str() || Email::parse(text).is_ok_and(|email| email.canonical() == user.email.canonical())
}

async fn listed(
    caller: &Caller,
    read: &mut Read,
    lineage: &Lineage,
    parameters: &api::ListAccess,
) -> Result<Reply<Vec<api::Access>>> {
    let list = caller.list();
    let position = caller.position(&list, parameters.page_token.as_deref())?;
    let explained = Explained { book: RoleBook::open(&mut **read, lineage).await?, lineage };
    if let Some(user) = &parameters.user {
        let (found, hidden) = one(caller, read, &explained, user).await?;
        let total = Some(found.is_some().into());
        return Ok(saying_what_is_hidden(Reply::page(found.into_iter().collect(), api::ResultInfo::tokens(None, total)), hidden));
    }
    let (seen, hidden) = places_seen(read.reach(), lineage);
    let PageSize(size) = parameters.page_size;
    let (people, next) = page(read, &seen, position.map(|position| position.after), size).await?;
    let mut shown = Vec::new();
    for people in people.chunks(IN_LIST_MAX) {
        let ids: Vec<UserId> = people.iter().map(|(id, _)| id.clone()).collect();
        let mut held = access::held(&mut **read, &ids, &seen).await?;
        for (id, email) in people {
            let (own, others) = held.into_iter().partition(|held| held.user_id == *id);
            held = others;
            shown.push(explained.show(read.reach(), (id, email), own, Standing::Member));
        }
    }
    Ok(saying_what_is_hidden(Reply::page(shown, caller.page_info(&list, next, None)), hidden))
}

fn saying_what_is_hidden(reply: Reply<Vec<api::Access>>, hidden: usize) -> Reply<Vec<api::Access>> {
    if hidden == 0 {
        return reply;
    }
    reply.saying(Code::Forbidden.number(), "members of organizations above that you may not see are left out")
}

/// The places whose members the caller may see, from the root down, and how many there are whose it may not.
fn places_seen(reach: &Reach, lineage: &Lineage) -> (Vec<Place>, usize) {
    let (seen, hidden) = members_seen(reach, lineage);
    (seen.into_iter().map(Place::Organization).chain(account(lineage)).collect(), hidden.len())
}

fn account(lineage: &Lineage) -> Option<Place> {
    lineage.account_id().and_then(|id| AccountId::parse(id).ok()).map(Place::Account)
}

/// A page of people, each at the uppermost place where they are a member, and where the list goes on.
async fn page(
    read: &mut Read,
    places: &[Place],
    position: Option<String>,
    size: usize,
) -> Result<(Vec<(UserId, Email)>, Option<String>)> {
    let position = position.as_deref().and_then(|after| after.split_once(' '));
    let (start, mut after) = position.map_or((0, ""), |(place, after)| (place.parse().unwrap_or(0), after));
    let (mut people, mut next) = (Vec::new(), None);
    for at in start..places.len() {
        let found = access::holders(&mut **read, &places[..=at], after, size + 1 - people.len()).await?;
        after = "";
        for holder in found {
            if people.len() == size {
                return Ok((people, next));
            }
            next = Some(format!("{at} {}", holder.member_id));
            people.push((holder.user_id, holder.email));
        }
    }
    Ok((people, None))
}

/// One person, or nobody when they have no access; and how many places there are whose members the caller may not see.
async fn one(caller: &Caller, read: &mut Read, explained: &Explained<'_>, text: &str) -> Result<(Option<api::Access>, usize)> {
    let me = &caller.identity.user;
    let is_self = names(text, me);
    let user = if is_self { Some(me.clone()) } else { user(read, text).await? };
    let (places, hidden) = if is_self {
        (ids(explained.lineage).map(Place::Organization).chain(account(explained.lineage)).collect(), 0)
    } else {
        places_seen(read.reach(), explained.lineage)
    };
    let Some(user) = user.filter(|user| !user.disabled) else { return Ok((None, hidden)) };
    let held = access::held(&mut **read, std::slice::from_ref(&user.id), &places).await?;
    let standing = match (is_self, user.operator && (is_self || read.reach().knows_everybody())) {
        (true, operator) => Standing::Caller { operator },
        (false, true) => Standing::Operator,
        (false, false) if held.is_empty() => return Ok((None, hidden)),
        (false, false) => Standing::Member,
    };
    Ok((Some(explained.show(read.reach(), (&user.id, &user.email), held, standing)), hidden))
}

async fn user(read: &mut Read, text: &str) -> Result<Option<User>> {
    if let Ok(id) = UserId::parse(text)
        && let Some(user) = users::get(&mut **read, &id).await?
    {
        return Ok(Some(user));
    }
    let email = Email::parse(text).map_err(|error| invalid("user", &error.0))?;
    Ok(users::get_by_email(&mut **read, &email).await?)
}

/// Who somebody is whose access is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The caller, whose credential may take something away.
    Caller { operator: bool },
    /// An operator, to somebody who may know that.
    Operator,
    /// Anybody else.
    Member,
}

/// What access to a place is explained by.
struct Explained<'a> {
    book: RoleBook,
    lineage: &'a Lineage,
}

impl Explained<'_> {
    /// Shows what somebody may do at the place by these memberships.
    fn show(&self, reach: &Reach, (id, email): (&UserId, &Email), mut held: Vec<Held>, standing: Standing) -> api::Access {
        held.sort_by_key(|held| std::cmp::Reverse(self.path(&held.place).len()));
        let operator = matches!(standing, Standing::Operator | Standing::Caller { operator: true });
        let roles = held.iter().flat_map(|held| held.roles.iter().map(move |role| (held, *role)));
        let grants: Vec<_> = roles.map(|(held, role)| self.grant(reach, held, role)).collect();
        let by_roles =
            held.iter().flat_map(|held| &held.roles).fold(Actions::NONE, |all, role| all.union(self.book.allowed(*role)));
        let granted = if operator { self.book.most() } else { by_roles }.intersection(ON_PLACE);
        let actions = match standing {
            Standing::Caller { .. } => granted.intersection(reach.actions_on(self.lineage)),
            Standing::Operator | Standing::Member => granted,
        };
        api::Access {
            user: api::AccessUser { id: id.to_string(), email: email.as_str().to_owned() },
            operator,
            actions: wire::actions(actions),
            withheld: wire::actions(granted.without(actions)),
            grants,
        }
    }

    fn grant(&self, reach: &Reach, held: &Held, role: Role) -> api::AccessGrant {
        let path = self.path(&held.place);
        let id = path.first().cloned().unwrap_or_default();
        let is_visible = match &held.place {
            Place::Organization(id) => {
                self.lineage.up_to(id.as_str()).is_some_and(|place| reach.covers(&place, Action::ReadOrganization))
            }
            Place::Account(_) => true,
        };
        let place = Some(api::AccessPlace { id, name: if is_visible { held.place_name.clone() } else { String::new() } });
        let (organization, account) = match &held.place {
            Place::Organization(_) => (place, None),
            Place::Account(_) => (None, place),
        };
        api::AccessGrant {
            role: role.name().into_owned(),
            role_name: self.book.name(role),
            organization,
            account,
            member_id: held.member_id.to_string(),
            path,
            actions: wire::actions(self.book.allowed(role).intersection(ON_PLACE)),
        }
    }

    /// The ids from where a role is held down to the place.
    fn path(&self, from: &Place) -> Vec<String> {
        let account = self.lineage.account_id().map(str::to_owned);
        match from {
            Place::Account(_) => account.into_iter().collect(),
            Place::Organization(id) => {
                let below = self.lineage.ids().skip_while(|step| *step != id.as_str()).map(str::to_owned);
                below.chain(account).collect()
            }
        }
    }
}
