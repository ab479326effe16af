//! Members of accounts: users who hold roles on one account only.

use umbel_domain::{Account, AccountId, AccountMember, Lineage, MemberId, MemberStatus, Person, Timestamp, UserId};

use crate::engine::{Change, Row};
use crate::names::NamePatterns;
use crate::roles::{names, roles};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Query, Result, Write, accounts, members, users};

const INSERT: Sql = sql!(
    "INSERT INTO account_members (account_id, id, user_id, roles, status, create_time, update_time) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)"
);
const UPDATE: Sql =
    sql!("UPDATE account_members SET roles = $3, status = $4, update_time = $5 WHERE account_id = $1 AND id = $2");
const DELETE: Sql = sql!("DELETE FROM account_members WHERE account_id = $1 AND id = $2");
pub(crate) const COUNT: Sql =
    sql!("SELECT COUNT(*) FROM (SELECT 1 FROM account_members WHERE account_id = $1 LIMIT $2) AS counted");
const DELETE_OF_ACCOUNT: Sql = sql!("DELETE FROM account_members WHERE account_id = $1");
const DELETE_OF_USER: Sql = sql!("DELETE FROM account_members WHERE user_id = $1");
pub(crate) const LIST: Sql = sql!(
    "SELECT account_id, id, user_id, roles, status, create_time, update_time FROM account_members \
     WHERE (account_id, id) > ($1, $2) ORDER BY account_id, id LIMIT $3"
);

/// Adds a member.
pub async fn insert(write: &mut Write, member: &AccountMember) -> Result<()> {
    let args = args![
        member.account_id.as_str(),
        member.id.as_str(),
        member.user_id.as_str(),
        names(&member.roles),
        member.status.name(),
        member.create_time,
        member.update_time,
    ];
    write.execute(INSERT, args).await.map(drop)
}

/// Writes what can change of a member; [`crate::Error::Conflict`] when it is gone.
pub async fn update(write: &mut Write, member: &AccountMember) -> Result<()> {
    let args =
        args![member.account_id.as_str(), member.id.as_str(), names(&member.roles), member.status.name(), member.update_time,];
    write.one_row(UPDATE, args).await
}

/// Removes a member; [`crate::Error::Conflict`] when it is gone.
pub async fn delete(write: &mut Write, member: &AccountMember) -> Result<()> {
    write.one_row(DELETE, args![member.account_id.as_str(), member.id.as_str()]).await
}

/// What members of an account can be sorted by; what is the same is sorted by the ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Nothing but the ids.
    Id,
    /// The user's address.
    Email,
    /// The user's name.
    Name,
    /// The status.
    Status,
}

impl Order {
    /// Appends what to sort by. A name that is not shown must not be told by the order either: it is that of a user who is known
    /// in the tree whose lineages begin with `tree`, as [`Person::is_known_in`] has it.
    fn push<'a>(self, statement: &mut Builder<'a>, descending: bool, tree: &'a str) {
        match self {
            Self::Id => _ = statement.push(" ORDER BY m.id"),
            Self::Email => _ = statement.push(" ORDER BY u.email_canonical"),
            Self::Status => _ = statement.push(" ORDER BY m.status"),
            Self::Name => {
                statement.push(" ORDER BY CASE WHEN u.last_seen_on >= m.create_time OR SUBSTR(g.lineage, 1, LENGTH(").bind(tree);
                statement.push(")) = ").bind(tree).push(" THEN COALESCE(u.name, '') ELSE '' END");
            }
        }
        statement.push(if descending { " DESC, m.id DESC" } else { ", m.id" });
    }
}

/// Members of an account with their users and where these are managed; what follows is the id of the account.
macro_rules! people {
    () => {
        " FROM account_members m JOIN users u ON u.id = m.user_id LEFT JOIN organizations g ON g.id = u.managed_by \
         WHERE m.account_id = "
    };
}

/// The columns that [`person`] reads, of [`people`].
macro_rules! select_people {
    () => {
        concat!(
            "SELECT u.id, u.email, u.name, u.two_factor_authentication_enabled, u.operator, u.managed_by, u.disabled, \
             u.create_time, u.version, u.last_seen_on, g.lineage, m.account_id, m.id, m.user_id, m.roles, m.status, \
             m.create_time, m.update_time",
            people!()
        )
    };
}

/// At most `size` members of an account, with this status if one is given, without the first `skipped` of them.
pub async fn page(
    query: &mut impl Query,
    account: &Account,
    status: Option<MemberStatus>,
    (order, descending): (Order, bool),
    skipped: usize,
    size: usize,
) -> Result<Vec<Person<AccountMember>>> {
    // What stands alone is in no tree, and nothing stands at `/`.
    let tree = format!("{}/", account.lineage.root_id().unwrap_or_default());
    let mut statement = Builder::default();
    statement.push(concat!(select_people!())).bind(account.id.as_str());
    if let Some(status) = status {
        statement.push(" AND m.status = ").bind(status.name());
    }
    order.push(&mut statement, descending, &tree);
    statement.push(" LIMIT ").bind(size).push(" OFFSET ").bind(skipped);
    query.rows(&statement, statement.args(), person).await
}

/// How many members [`page`] would find on all pages, counted no further than `max`.
pub async fn count_found(query: &mut impl Query, account: &AccountId, status: Option<MemberStatus>, max: u64) -> Result<u64> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT COUNT(*) FROM (SELECT 1", people!())).bind(account.as_str());
    if let Some(status) = status {
        statement.push(" AND m.status = ").bind(status.name());
    }
    statement.push(" LIMIT ").bind(max).push(") AS counted");
    Ok(query.number(&statement, statement.args()).await?.cast_unsigned())
}

/// The member of this account with this id.
pub async fn get(query: &mut impl Query, account: &AccountId, id: &MemberId) -> Result<Option<Person<AccountMember>>> {
    let mut statement = Builder::default();
    statement.push(concat!(select_people!())).bind(account.as_str()).push(" AND m.id = ").bind(id.as_str());
    query.row(&statement, statement.args(), person).await
}

/// The member of this account who is this user.
pub async fn get_by_user(query: &mut impl Query, account: &AccountId, user: &UserId) -> Result<Option<Person<AccountMember>>> {
    let mut statement = Builder::default();
    statement.push(concat!(select_people!())).bind(account.as_str()).push(" AND m.user_id = ").bind(user.as_str());
    query.row(&statement, statement.args(), person).await
}

/// How many members an account has, of any status, counted no further than `max`.
pub async fn count(query: &mut impl Query, account: &AccountId, max: u64) -> Result<u64> {
    Ok(query.number(COUNT, args![account.as_str(), max]).await?.cast_unsigned())
}

/// Which memberships of a user to list; everything that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipFilter {
    /// What the name of the account must look like.
    pub account_name: NamePatterns,
    /// Only those with this status.
    pub status: Option<MemberStatus>,
    /// Only accounts in here; none when it is `None`.
    pub within: Option<Lineage>,
}

impl Default for MembershipFilter {
    fn default() -> Self {
        Self { account_name: NamePatterns::default(), status: None, within: Some(Lineage::server()) }
    }
}

/// What the memberships of a user can be sorted by; what is the same is sorted by the accounts' ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipOrder {
    /// The memberships' ids.
    Id,
    /// The name of the account.
    AccountName,
    /// The status.
    Status,
}

impl MembershipOrder {
    const fn clause(self, descending: bool) -> &'static str {
        match (self, descending) {
            (Self::Id, false) => " ORDER BY m.id, m.account_id",
            (Self::Id, true) => " ORDER BY m.id DESC, m.account_id DESC",
            (Self::AccountName, false) => " ORDER BY a.name_folded, m.account_id",
            (Self::AccountName, true) => " ORDER BY a.name_folded DESC, m.account_id DESC",
            (Self::Status, false) => " ORDER BY m.status, m.account_id",
            (Self::Status, true) => " ORDER BY m.status DESC, m.account_id DESC",
        }
    }
}

/// Memberships of a user with their accounts; what follows is the id of the user.
macro_rules! memberships {
    () => {
        " FROM account_members m JOIN accounts a ON a.id = m.account_id LEFT JOIN organizations o ON o.id = a.organization_id \
         WHERE m.user_id = "
    };
}

/// The columns that [`membership`] reads, of [`memberships`].
macro_rules! select_memberships {
    () => {
        concat!(
            "SELECT ",
            accounts::columns!(),
            ", m.account_id, m.id, m.user_id, m.roles, m.status, m.create_time, m.update_time",
            memberships!()
        )
    };
}

/// At most `size` memberships of a user, without the first `skipped` of them.
pub async fn of_user(
    query: &mut impl Query,
    user: &UserId,
    filter: &MembershipFilter,
    (order, descending): (MembershipOrder, bool),
    skipped: usize,
    size: usize,
) -> Result<Vec<(Account, AccountMember)>> {
    let mut statement = Builder::default();
    statement.push(concat!(select_memberships!())).bind(user.as_str());
    filter.push(&mut statement);
    statement.push(order.clause(descending));
    statement.push(" LIMIT ").bind(size).push(" OFFSET ").bind(skipped);
    query.rows(&statement, statement.args(), membership).await
}

/// How many memberships [`of_user`] would find on all pages, counted no further than `max`.
pub async fn count_of_user(query: &mut impl Query, user: &UserId, filter: &MembershipFilter, max: u64) -> Result<u64> {
    let mut statement = Builder::default();
    statement.push(concat!("SELECT COUNT(*) FROM (SELECT 1", memberships!())).bind(user.as_str());
    filter.push(&mut statement);
    statement.push(" LIMIT ").bind(max).push(") AS counted");
    Ok(query.number(&statement, statement.args()).await?.cast_unsigned())
}

/// The membership of this user with this id.
pub async fn get_of_user(query: &mut impl Query, user: &UserId, id: &MemberId) -> Result<Option<(Account, AccountMember)>> {
    let mut statement = Builder::default();
    statement.push(concat!(select_memberships!())).bind(user.as_str()).push(" AND m.id = ").bind(id.as_str());
    query.row(&statement, statement.args(), membership).await
}

impl MembershipFilter {
    fn push(&self, statement: &mut Builder<'_>) {
        if let Some(status) = self.status {
            statement.push(" AND m.status = ").bind(status.name());
        }
        self.account_name.push_on(statement, "a.name_folded");
        match self.within.as_ref().map(Lineage::range) {
            Some(range) if range.after.is_empty() => {}
            Some(range) => {
                statement.push(" AND a.lineage > ").bind(range.after).push(" AND a.lineage < ").bind(range.before);
            }
            None => _ = statement.push(" AND 1 = 0"),
        }
    }
}

/// Removes every member of an account.
pub async fn delete_of_account(write: &mut Write, account: &AccountId) -> Result<()> {
    write.execute(DELETE_OF_ACCOUNT, args![account.as_str()]).await.map(drop)
}

/// Removes a user from every account.
pub async fn delete_of_user(write: &mut Write, user: &UserId) -> Result<()> {
    write.execute(DELETE_OF_USER, args![user.as_str()]).await.map(drop)
}

/// At most `size` members of all accounts, in the order of account and id, behind the pair `after`.
pub(crate) async fn list(query: &mut impl Query, after: (&str, &str), size: usize) -> Result<Vec<AccountMember>> {
    query.rows(LIST, args![after.0, after.1, size], from_row).await
}

/// Those of these members that exist; each is an account and an id.
pub(crate) async fn with_ids(query: &mut impl Query, ids: &[(String, String)]) -> Result<Vec<AccountMember>> {
    let mut statement = Builder::default();
    statement.push(
        "SELECT account_id, id, user_id, roles, status, create_time, update_time FROM account_members WHERE (account_id, id)",
    );
    members::push_pairs(&mut statement, ids);
    query.rows(&statement, statement.args(), from_row).await
}

/// Those of these users in these accounts who are members of any status; each is a user and an account.
pub(crate) async fn of_users(query: &mut impl Query, pairs: &[(String, String)]) -> Result<Vec<AccountMember>> {
    let mut statement = Builder::default();
    statement.push(
        "SELECT account_id, id, user_id, roles, status, create_time, update_time FROM account_members \
         WHERE (user_id, account_id)",
    );
    members::push_pairs(&mut statement, pairs);
    query.rows(&statement, statement.args(), from_row).await
}

fn person(row: &Row<'_>) -> Result<Person<AccountMember>> {
    Ok(Person {
        user: users::from_row(row)?,
        last_seen_on: row.int_or_null(9)?.map(Timestamp::from_micros),
        manager: row.text_or_null(10)?.map(Lineage::parse).transpose()?,
        member: from_columns(row, 11)?,
    })
}

fn membership(row: &Row<'_>) -> Result<(Account, AccountMember)> {
    Ok((accounts::from_row(row)?, from_columns(row, 9)?))
}

fn from_row(row: &Row<'_>) -> Result<AccountMember> {
    from_columns(row, 0)
}

fn from_columns(row: &Row<'_>, first: usize) -> Result<AccountMember> {
    Ok(AccountMember {
        account_id: AccountId::parse(row.text_ref(first)?)?,
        id: MemberId::parse(row.text_ref(first + 1)?)?,
        user_id: UserId::parse(row.text_ref(first + 2)?)?,
        roles: roles(row.text_ref(first + 3)?)?,
        status: members::status(row.text_ref(first + 4)?)?,
        create_time: Timestamp::from_micros(row.int(first + 5)?),
        update_time: Timestamp::from_micros(row.int(first + 6)?),
    })
}
