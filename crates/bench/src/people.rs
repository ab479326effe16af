//! Who and what stands in the tree of organizations: an account in each, and members of many kinds.
//!
//! Computed like the tree. Beside it there are a line of organizations down to a depth that few reach, with accounts at its end;
//! one organization with very many members and one with few; and somebody who is a member of very many organizations.

use std::ops::Range;

use crate::fill::insert;
use crate::random::mix;
use crate::request::{BUSY_TOKEN, TOKEN};
use crate::tree::{self, Tree};

/// Members of each organization of the tree.
const MEMBERS_EACH: u64 = 5;
const USERS: u64 = 100_000;
/// Organizations that the busy user is a member of.
const BUSY_MEMBERSHIPS: u64 = 1_000;
/// Levels from the root to the organization at the end of the line, both counted.
const DEPTH: u64 = 10;
/// Accounts at the end of the line.
pub(crate) const DEEP_ACCOUNTS: u64 = 1_000;
const FEW_MEMBERS: u64 = 10;
const MANY_MEMBERS: u64 = 100_000;

/// The user that the token of the parts belongs to.
pub(crate) const USER_ID: &str = "018cc251f40070008000000000000001";
const BUSY_USER_ID: &str = "018cc251f40070008000000000000004";
const SETTINGS: &str = r#"{"abuse_contact_email":null,"access_approval_expiry":null,"api_access_enabled":null,"default_nameservers":null,"enforce_twofactor":false,"use_account_custom_ns_by_default":null}"#;

/// What stands in a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct People {
    pub(crate) tree: Tree,
}

/// An id that no organization of a tree has; in the order of the numbers.
fn id(kind: u64, at: u64) -> String {
    format!("018cc251{kind:04x}70008{:010x}{:05x}", at, mix(at).wrapping_add(kind) & 0xf_ffff)
}

impl People {
    /// An account at the end of the line.
    pub(crate) fn deep_account(number: u64) -> String {
        id(1, number)
    }

    /// The organization with few members.
    pub(crate) fn small_group(self) -> String {
        tree::id(self.tree.size + DEPTH)
    }

    /// The organization with many members.
    pub(crate) fn large_group(self) -> String {
        tree::id(self.tree.size + DEPTH + 1)
    }

    /// The statements that add everything, each with many rows.
    pub(crate) fn statements(self, rows: u64) -> impl Iterator<Item = String> {
        let chunks = move |count: u64| {
            (0..count).step_by(usize::try_from(rows).unwrap_or(1)).map(move |start| start..count.min(start + rows))
        };
        let begin = [self.organizations(), Self::busy_user()].into_iter();
        begin
            .chain(chunks(USERS).map(Self::users))
            .chain(chunks(self.tree.size).map(Self::accounts))
            .chain(chunks(DEEP_ACCOUNTS).map(move |range| self.deep_accounts(range)))
            .chain(chunks(self.tree.size).map(Self::members))
            .chain(chunks(FEW_MEMBERS).map(move |range| Self::group(&self.small_group(), range)))
            .chain(chunks(MANY_MEMBERS).map(move |range| Self::group(&self.large_group(), range)))
            .chain(std::iter::once(self.busy_memberships()))
    }

    /// The lineage of a level of the line; the first one is the root of the tree.
    fn line(self, level: u64) -> String {
        (1..=level).fold(tree::lineage(0), |lineage, level| lineage + &tree::id(self.tree.size + level) + "/")
    }

    fn organizations(self) -> String {
        let line = (1..DEPTH).map(|level| (tree::id(self.tree.size + level), self.line(level - 1)));
        let groups = [self.small_group(), self.large_group()].map(|id| (id, tree::lineage(0)));
        let rows = line.chain(groups).map(|(id, above)| {
            let parent = above.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
            format!("('{id}','{parent}','{above}{id}/','Beside','beside',{},255,NULL,1)", tree::time_micros(0))
        });
        insert("organizations (id, parent_id, lineage, name, name_folded, create_time, flags, profile, version)", rows)
    }

    fn users(range: Range<u64>) -> String {
        let rows = range.map(|at| {
            let email = format!("user-{at}@example.com");
            format!("('{}','{email}','{email}','User {at}',0,0,NULL,0,NULL,{},1)", id(2, at), tree::time_micros(0))
        });
        insert(USERS_COLUMNS, rows)
    }

    fn accounts(range: Range<u64>) -> String {
        accounts(range.map(|at| (id(3, at), tree::id(at), tree::lineage(at), at)))
    }

    fn deep_accounts(self, range: Range<u64>) -> String {
        let (holder, lineage) = (tree::id(self.tree.size + DEPTH - 1), self.line(DEPTH - 1));
        accounts(range.map(|at| (Self::deep_account(at), holder.clone(), lineage.clone(), at)))
    }

    fn members(range: Range<u64>) -> String {
        let of_one = |at: u64| (0..MEMBERS_EACH).map(move |number| (at, at * MEMBERS_EACH + number));
        members(range.flat_map(of_one).map(|(at, number)| (tree::id(at), id(4, number), id(2, number % USERS), number)))
    }

    fn group(organization: &str, range: Range<u64>) -> String {
        members(range.map(|number| (organization.to_owned(), id(5, number), id(2, number), number)))
    }

    fn busy_memberships(self) -> String {
        // Those with the highest numbers have nothing below them, and stand apart.
        let step = (self.tree.size / 2 / BUSY_MEMBERSHIPS).max(1);
        let places = (0..BUSY_MEMBERSHIPS).map(|number| self.tree.size - 1 - number * step);
        members(places.map(|at| (tree::id(at), id(6, at), BUSY_USER_ID.to_owned(), 0)))
    }

    fn busy_user() -> String {
        credential(BUSY_USER_ID, "busy", "018cc251f40070008000000000000005", BUSY_TOKEN)
    }
}

const USERS_COLUMNS: &str = "users (id, email, email_canonical, name, two_factor_authentication_enabled, operator, managed_by, \
                             disabled, api_key_hash, create_time, version)";

/// Accounts by id, organization, its lineage and number.
fn accounts(rows: impl Iterator<Item = (String, String, String, u64)>) -> String {
    let rows = rows.map(|(id, holder, above, at)| {
        let micros = tree::time_micros(at);
        format!("('{id}','{holder}','{above}@{id}/','Account {at}','account {at}','standard',{micros},'{SETTINGS}',NULL,1)")
    });
    insert("accounts (id, organization_id, lineage, name, name_folded, type, create_time, settings, profile, version)", rows)
}

/// Members by organization, id, user and number.
fn members(rows: impl Iterator<Item = (String, String, String, u64)>) -> String {
    let rows = rows.map(|(organization, id, user, number)| {
        let micros = tree::time_micros(number);
        format!("('{organization}','{id}','{user}','viewer','active',{micros},{micros})")
    });
    insert("organization_members (organization_id, id, user_id, role, status, create_time, update_time)", rows)
}

/// Statements that add a user with a token.
fn credential(user: &str, name: &str, token_id: &str, token: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(token).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let micros = tree::time_micros(0);
    format!(
        "INSERT INTO {USERS_COLUMNS} VALUES ('{user}', '{name}@example.com', '{name}@example.com', '{name}', 0, 0, NULL, 0, NULL, \
         {micros}, 1); \
         INSERT INTO api_tokens (id, hash, user_id, name, organization_id, role, create_time, expires_on, last_used_on) \
         VALUES ('{token_id}', '{hash}', '{user}', '{name}', NULL, NULL, {micros}, NULL, NULL)"
    )
}

/// Statements that add a user, who is no operator but a member at the root, and their token.
pub(crate) fn caller() -> String {
    let (root, micros) = (tree::id(0), tree::time_micros(0));
    credential(USER_ID, "bench", "018cc251f40070008000000000000002", TOKEN)
        + &format!(
            "; INSERT INTO organization_members (organization_id, id, user_id, role, status, create_time, update_time) \
             VALUES ('{root}', '018cc251f40070008000000000000003', '{USER_ID}', 'super_administrator', 'active', {micros}, {micros})"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_differ_and_are_in_the_order_of_their_numbers() {
        let ids: Vec<_> = (1..7).flat_map(|kind| (0..1_000).map(move |at| id(kind, at))).collect();
        assert!(ids.iter().all(|id| id.len() == 32) && ids.iter().collect::<HashSet<_>>().len() == ids.len());
        assert!(ids.chunks(1_000).all(<[String]>::is_sorted));
    }

    #[test]
    fn the_line_ends_at_its_depth() {
        let people = People { tree: Tree { size: 1_000 } };
        assert_eq!(people.line(DEPTH - 1).matches('/').count(), 10);
        assert!(people.line(2).starts_with(&tree::lineage(0)));
    }
}
