//! What lines refer to that is in the database and not in the file.

use std::collections::{BTreeSet, HashMap, HashSet};

use umbel_domain::{Lineage, OrganizationId, Role, UserId};

use super::{BadLines, File};
use crate::{IN_LIST_MAX, Result, Write, accounts, organizations, roles, users};

/// Everything that a line may refer to.
#[derive(Default)]
pub(super) struct Known {
    /// Where organizations stand: those of the database that lines refer to, and those of the file.
    pub(super) lineages: HashMap<String, Lineage>,
    /// The ids of the organizations of the file, the bad ones included: their own lines are named.
    organizations: HashSet<String>,
    /// What was and is not any more: organizations and, with `@` before their ids, accounts. Those of the file only after the lines of
    /// histories were checked, and then also what has such a line and was there before.
    pub(super) gone: HashSet<String>,
    /// What comes with this file, likewise.
    pub(super) come: HashSet<String>,
    users: HashSet<String>,
    /// Where accounts stand: those of the file only after their lines were checked.
    pub(super) accounts: HashMap<String, Option<Lineage>>,
    /// The roots that made roles.
    roles: HashMap<String, OrganizationId>,
    by_email: HashMap<String, UserId>,
}

impl Known {
    /// Looks up what the file refers to.
    pub(super) async fn find(write: &mut Write, file: &File) -> Result<Self> {
        let mut known = Self {
            organizations: file.organizations.iter().map(|line| line.record.id.0.to_string()).collect(),
            users: file.users.iter().map(|line| line.record.id.0.to_string()).collect(),
            accounts: file.accounts.iter().map(|line| (line.record.id.0.to_string(), None)).collect(),
            ..Self::default()
        };
        for line in &file.users {
            // Of two with one address the second is bad.
            let email = line.record.email.0.canonical().to_owned();
            known.by_email.entry(email).or_insert_with(|| line.record.id.0.clone());
        }
        for ids in groups(organizations_of(file).filter(|id| !known.organizations.contains(*id))) {
            let lineages = organizations::lineages(write, &ids).await?;
            known.lineages.extend(lineages.into_iter().filter_map(|lineage| Some((lineage.id()?.to_owned(), lineage))));
        }
        for ids in groups(users_of(file).filter(|id| !known.users.contains(*id))) {
            known.users.extend(users::with_ids(write, &ids).await?.into_iter().map(|stored| stored.user.id.to_string()));
        }
        let referred = file.account_members.iter().map(|line| line.record.account_id.0.as_str());
        let used = file.usage.iter().map(|line| &line.record.account_id);
        let used = used.chain(file.invoices.iter().map(|line| &line.record.account_id)).map(|id| id.0.as_str());
        let referred = referred.chain(used);
        for ids in groups(referred.filter(|id| !known.accounts.contains_key(*id))) {
            let stored = accounts::with_ids(write, &ids).await?.into_iter();
            known.accounts.extend(stored.map(|stored| (stored.id.to_string(), Some(stored.lineage))));
        }
        for ids in groups(charged(file).filter(|id| !known.has_organization(id))) {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            known.gone.extend(organizations::departed(write, &ids).await?.iter().map(ToString::to_string));
        }
        for line in &file.roles {
            known.roles.insert(line.record.role().name().into_owned(), line.record.organization_id.0.clone());
        }
        let referred: Vec<_> = roles_of(file).map(Role::name).collect();
        for ids in groups(referred.iter().map(AsRef::as_ref).filter(|id| !known.roles.contains_key(*id))) {
            let stored = roles::with_ids(write, &ids).await?.into_iter();
            known.roles.extend(stored.map(|stored| (stored.id.to_string(), stored.organization_id)));
        }
        let emails = file.members.iter().filter_map(|line| line.record.email.as_ref());
        let emails = emails.chain(file.account_members.iter().filter_map(|line| line.record.email.as_ref()));
        for emails in groups(emails.map(|email| email.0.canonical()).filter(|email| !known.by_email.contains_key(*email))) {
            known.by_email.extend(users::ids_by_email(write, &emails).await?);
        }
        Ok(known)
    }

    pub(super) fn has_organization(&self, id: &str) -> bool {
        self.organizations.contains(id) || self.lineages.contains_key(id)
    }

    /// Whether there is an organization with this id; else the line is bad.
    pub(super) fn organization(&self, id: &str, member: &str, number: u64, bad: &mut BadLines) -> bool {
        let known = self.has_organization(id);
        if !known {
            bad.add(number, format!("{member}: there is no organization {id}"));
        }
        known
    }

    /// Whether there is or was an organization with this id; else the line is bad.
    pub(super) fn was_organization(&self, id: &str, member: &str, number: u64, bad: &mut BadLines) -> bool {
        self.gone.contains(id) || self.organization(id, member, number, bad)
    }

    /// Whether there is an account with this id or, by a line of its history, was one; else the line is bad.
    pub(super) fn account(&self, id: &str, number: u64, bad: &mut BadLines) -> bool {
        let known = self.accounts.contains_key(id) || self.gone.contains(&format!("@{id}"));
        if !known {
            bad.add(number, format!("account_id: there is no account {id}"));
        }
        known
    }

    /// Whether a role counts at a place, if it is known where that is; else the line is bad.
    pub(super) fn role(&self, role: Role, at: Option<&Lineage>, member: &str, number: u64, bad: &mut BadLines) -> bool {
        let Role::Custom(id) = role else { return true };
        let root = at.and_then(Lineage::root_id);
        let counts = self.roles.get(&id.to_string()).is_some_and(|made_by| Some(made_by.as_str()) == root);
        if !counts {
            bad.add(number, format!("{member}: the root of the tree has no role {id}"));
        }
        counts
    }

    /// Whether there is a user with this id; else the line is bad.
    pub(super) fn user(&self, id: &str, number: u64, bad: &mut BadLines) -> bool {
        let known = self.users.contains(id);
        if !known {
            bad.add(number, format!("user_id: there is no user {id}"));
        }
        known
    }

    /// The user with this canonical address.
    pub(super) fn user_by_email(&self, email: &str) -> Option<&UserId> {
        self.by_email.get(email)
    }
}

fn organizations_of(file: &File) -> impl Iterator<Item = &str> {
    let parents = file.organizations.iter().filter_map(|line| line.record.parent());
    let managers = file.users.iter().filter_map(|line| line.record.managed_by.as_ref()?.as_ref());
    let scopes = file.api_tokens.iter().filter_map(|line| line.record.scope.as_ref()?.0.organization_id.as_ref());
    let members = file.members.iter().map(|line| &line.record.organization_id);
    let holders = file.accounts.iter().filter_map(|line| line.record.organization());
    let roots = file.roles.iter().map(|line| &line.record.organization_id);
    let named = managers.chain(scopes).chain(members).chain(roots).map(|id| &id.0);
    let budgets = file.budgets.iter().map(|line| line.record.organization_id.0.as_str());
    parents.chain(holders).chain(named).map(OrganizationId::as_str).chain(budgets).chain(charged(file))
}

/// The organizations that something was charged to, which may be gone.
fn charged(file: &File) -> impl Iterator<Item = &str> {
    let customers = file.prices.iter().filter_map(|line| line.record.organization());
    let roots = file.billing_periods.iter().map(|line| &line.record.organization_id.0);
    let payers = file.invoices.iter().flat_map(|line| [&line.record.root_organization_id.0, &line.record.organization_id.0]);
    customers.chain(roots).chain(payers).map(OrganizationId::as_str)
}

/// The custom roles that members and tokens have.
fn roles_of(file: &File) -> impl Iterator<Item = Role> {
    let members = file.members.iter().filter_map(|line| line.record.role.as_ref());
    let of_accounts = file.account_members.iter().filter_map(|line| line.record.roles.as_ref()).flat_map(|roles| &roles.0);
    let caps = file.api_tokens.iter().filter_map(|line| line.record.scope.as_ref()?.0.role.as_ref());
    members.chain(of_accounts).chain(caps).map(|role| role.0).filter(|role| matches!(role, Role::Custom(_)))
}

fn users_of(file: &File) -> impl Iterator<Item = &str> {
    let owners = file.api_tokens.iter().map(|line| &line.record.user_id);
    let members = file.members.iter().filter_map(|line| line.record.user_id.as_ref());
    let members = members.chain(file.account_members.iter().filter_map(|line| line.record.user_id.as_ref()));
    owners.chain(members).map(|id| id.0.as_str())
}

/// The different texts, in groups that one statement can ask for.
fn groups<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Vec<String>> {
    let different: Vec<&str> = texts.collect::<BTreeSet<_>>().into_iter().collect();
    different.chunks(IN_LIST_MAX).map(|group| group.iter().map(ToString::to_string).collect()).collect()
}
