//! What there is, as far as the rules are concerned.

use std::collections::{BTreeMap, BTreeSet};

use umbel_domain::{Flag, MemberStatus, Role};

use super::operation::{ACCOUNTS, ORGANIZATIONS, TOKENS};
use crate::harness::world::{World, key_of, token_of};

pub(crate) const DEPTH_MAX: usize = 4;
pub(crate) const CHILDREN_MAX: usize = 3;
pub(crate) const ACCOUNTS_MAX: usize = 3;
pub(crate) const MEMBERS_MAX: usize = 4;

/// Who there is; the first one is the operator.
pub(crate) const NAMES: [&str; 6] = ["olga", "ann", "adam", "bob", "vic", "ned"];
const LINEAGES: [&str; 5] = ["acme", "acme/eu", "acme/eu/shop", "acme/us", "globex"];
const MEMBERS: [(&str, usize, Role); 7] = [
    ("acme", 1, Role::SuperAdministrator),
    ("acme", 2, Role::Administrator),
    ("acme", 5, Role::Billing),
    ("globex", 3, Role::SuperAdministrator),
    ("globex", 2, Role::SuperAdministrator),
    ("us", 3, Role::Administrator),
    ("eu", 4, Role::Viewer),
];
const LEAVES: [&str; 3] = ["acme/eu/@web", "globex/@till", "@alone"];
const ACCOUNT_MEMBERS: [(&str, usize, Role); 2] = [("alone", 5, Role::SuperAdministrator), ("web", 4, Role::Administrator)];

#[derive(Debug, Clone)]
pub(crate) struct User {
    /// Of whoever has or had the address.
    pub(crate) id: String,
    pub(crate) exists: bool,
    pub(crate) disabled: bool,
    pub(crate) operator: bool,
    /// Nobody who is made by being added as a member has a key.
    pub(crate) key: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Organization {
    pub(crate) parent: Option<String>,
    pub(crate) name: String,
    pub(crate) disabled_flags: BTreeSet<Flag>,
}

#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The organization that holds it.
    pub(crate) holder: Option<String>,
}

/// A member of an organization, which has one role, or of an account.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) place: String,
    pub(crate) user: usize,
    pub(crate) roles: Vec<Role>,
    pub(crate) status: MemberStatus,
}

/// What bounds a credential.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub(crate) organization: Option<String>,
    pub(crate) role: Option<Role>,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) owner: usize,
    pub(crate) scope: Scope,
    pub(crate) secret: String,
}

/// What is gone, or was never there.
#[derive(Debug, Clone)]
pub(crate) struct Gone {
    pub(crate) organization: String,
    pub(crate) account: String,
    /// With its secret.
    pub(crate) token: (String, String),
}

/// Everything, by id.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) users: Vec<User>,
    pub(crate) organizations: BTreeMap<String, Organization>,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) members: BTreeMap<String, Member>,
    pub(crate) account_members: BTreeMap<String, Member>,
    pub(crate) tokens: BTreeMap<String, Token>,
    pub(crate) gone: Gone,
}

/// The world that every sequence begins in.
pub(crate) fn world() -> World {
    let world = NAMES[1..].iter().fold(World::bare(), |world, name| world.user(name));
    let world = LINEAGES.into_iter().fold(world, World::organization);
    let world = MEMBERS.into_iter().fold(world, |world, (at, user, role)| world.member(at, NAMES[user], role));
    let world = LEAVES.into_iter().fold(world, World::account);
    let world = ACCOUNT_MEMBERS.into_iter().fold(world, |world, (at, user, role)| world.account_member(at, NAMES[user], role));
    world.settings(|settings| {
        settings.tree_limits.depth_max = DEPTH_MAX;
        settings.tree_limits.children_max = CHILDREN_MAX as u64;
        settings.accounts_max = ACCOUNTS_MAX as u64;
        settings.members_max = MEMBERS_MAX as u64;
    })
}

/// One of these as if they stood in a circle.
fn nth<T>(these: impl Iterator<Item = T>, nth: usize) -> Option<T> {
    let these: Vec<_> = these.collect();
    let at = nth.checked_rem(these.len())?;
    these.into_iter().nth(at)
}

impl Model {
    /// The model of [`world`].
    pub(crate) fn new() -> Self {
        let user = |(at, name): (usize, &&str)| User {
            id: (*name).to_owned(),
            exists: true,
            disabled: false,
            operator: at == 0,
            key: Some(key_of(name)),
        };
        let ids = |lineage: &str| {
            let mut ids = lineage.rsplit('/').map(str::to_owned);
            (ids.next().unwrap(), ids.next())
        };
        let organization = |lineage| {
            let (id, parent) = ids(lineage);
            (id.clone(), Organization { parent, name: id, disabled_flags: BTreeSet::new() })
        };
        let account = |lineage: &str| {
            let (above, id) = lineage.split_once('@').unwrap();
            let holder = above.split_terminator('/').next_back().map(str::to_owned);
            (id.to_owned(), Account { holder })
        };
        let member = |(place, user, role): (&str, usize, Role)| {
            let member = Member { place: place.into(), user, roles: vec![role], status: MemberStatus::Active };
            (format!("{place}-{}", NAMES[user]), member)
        };
        let token = |(owner, name): (usize, &&str)| {
            (format!("{name}-token"), Token { owner, scope: Scope::default(), secret: token_of(name) })
        };
        let nothing = "nowhere".to_owned();
        Self {
            users: NAMES.iter().enumerate().map(user).collect(),
            organizations: LINEAGES.into_iter().map(organization).collect(),
            accounts: LEAVES.into_iter().map(account).collect(),
            members: MEMBERS.into_iter().map(member).collect(),
            account_members: ACCOUNT_MEMBERS.into_iter().map(member).collect(),
            tokens: NAMES.iter().enumerate().map(token).collect(),
            gone: Gone { organization: nothing.clone(), account: nothing.clone(), token: (nothing, token_of("nobody")) },
        }
    }

    /// The ids from the root down to an organization.
    pub(crate) fn line<'a>(&'a self, organization: &'a str) -> Vec<&'a str> {
        let above = |id: &&'a str| self.organizations.get(*id).and_then(|at| at.parent.as_deref());
        let mut line: Vec<_> = std::iter::successors(Some(organization), above).collect();
        line.reverse();
        line
    }

    /// The path of an organization or, behind `@`, of an account, as it is stored.
    pub(crate) fn lineage(&self, organization: Option<&str>, account: Option<&str>) -> String {
        let line = organization.map_or_else(Vec::new, |id| self.line(id));
        line.iter().map(|id| format!("{id}/")).chain(account.map(|id| format!("@{id}/"))).collect()
    }

    pub(crate) fn children(&self, organization: &str) -> usize {
        self.organizations.values().filter(|child| child.parent.as_deref() == Some(organization)).count()
    }

    pub(crate) fn accounts_in(&self, organization: &str) -> usize {
        self.accounts.values().filter(|account| account.holder.as_deref() == Some(organization)).count()
    }

    /// How many levels there are from an organization down, itself counted.
    pub(crate) fn height(&self, organization: &str) -> usize {
        let below = self.organizations.iter().filter(|(_, child)| child.parent.as_deref() == Some(organization));
        1 + below.map(|(id, _)| self.height(id)).max().unwrap_or(0)
    }

    /// The super administrators of an organization who can act.
    pub(crate) fn acting_super_administrators<'a>(&'a self, organization: &'a str) -> impl Iterator<Item = usize> + 'a {
        let here = self.members.values().filter(move |member| member.place == organization);
        let acting = here.filter(|member| {
            member.status == MemberStatus::Active
                && member.roles == [Role::SuperAdministrator]
                && !self.users[member.user].disabled
        });
        acting.map(|member| member.user)
    }

    /// The members of an organization or account, with the ids of their memberships.
    pub(crate) fn members_of<'a>(
        members: &'a BTreeMap<String, Member>,
        place: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Member)> {
        members.iter().filter(move |(_, member)| member.place == place)
    }

    pub(crate) fn organization(&self, number: usize) -> &str {
        let there = nth(self.organizations.keys(), number).filter(|_| number < ORGANIZATIONS);
        there.unwrap_or(&self.gone.organization)
    }

    pub(crate) fn account(&self, number: usize) -> &str {
        let there = nth(self.accounts.keys(), number).filter(|_| number < ACCOUNTS);
        there.unwrap_or(&self.gone.account)
    }

    /// The id and the secret of a token.
    pub(crate) fn token(&self, number: usize) -> (&str, &str) {
        let there = nth(self.tokens.iter(), number).filter(|_| number < TOKENS);
        let (id, secret) = &self.gone.token;
        there.map_or((id, secret), |(id, token)| (id, &token.secret))
    }

    pub(crate) fn nth_member<'a>(
        members: &'a BTreeMap<String, Member>,
        place: &str,
        number: usize,
    ) -> Option<(&'a String, &'a Member)> {
        nth(members.iter().filter(|(_, member)| member.place == place), number)
    }

    /// One of the memberships of accounts that a user has.
    pub(crate) fn nth_of_user(&self, user: usize, number: usize) -> Option<(&String, &Member)> {
        nth(self.account_members.iter().filter(|(_, member)| member.user == user), number)
    }
}
