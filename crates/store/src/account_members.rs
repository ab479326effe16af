//! Members of accounts: users who hold roles on one account only.

use umbel_domain::{AccountId, AccountMember, MemberId, Timestamp, UserId};

use crate::authorization::roles;
use crate::engine::{Change, Row};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Query, Result, Write, members};

const INSERT: Sql = sql!(
    "INSERT INTO account_members (account_id, id, user_id, roles, status, create_time, update_time) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)"
);
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
        member.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" "),
        member.status.name(),
        member.create_time,
        member.update_time,
    ];
    write.execute(INSERT, args).await.map(drop)
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

fn from_row(row: &Row<'_>) -> Result<AccountMember> {
    Ok(AccountMember {
        account_id: AccountId::parse(&row.text(0)?)?,
        id: MemberId::parse(&row.text(1)?)?,
        user_id: UserId::parse(&row.text(2)?)?,
        roles: roles(&row.text(3)?)?,
        status: members::status(&row.text(4)?)?,
        create_time: Timestamp::from_micros(row.int(5)?),
        update_time: Timestamp::from_micros(row.int(6)?),
    })
}
