//! Accounts, one at a time; lists are in `list.rs`.

mod list;

use umbel_domain::{Account, AccountId, AccountSettings, AccountType, Day, Lineage, Name, OrganizationId, Timestamp};

use crate::engine::{Change, Row};
use crate::organizations::{profile_from_json, profile_to_json};
use crate::sql::{Builder, Sql, args, sql};
use crate::{Error, Query, Result, Write, placements};

pub use list::{Filter, Order, Start, count_of_organization, count_visible, of_organization, visible};
pub(crate) use list::{all, with_ids};

/// The columns that [`from_row`] reads, of `accounts a LEFT JOIN organizations o ON o.id = a.organization_id`.
macro_rules! columns {
    () => {
        "a.id, a.lineage, o.name, a.name, a.type, a.create_time, a.settings, a.profile, a.version"
    };
}
pub(crate) use columns;

const INSERT: Sql = sql!(
    "INSERT INTO accounts (id, organization_id, lineage, name, name_folded, type, create_time, settings, profile, version) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);
pub(crate) const GET: Sql = sql!(concat!(
    "SELECT ",
    columns!(),
    " FROM accounts a LEFT JOIN organizations o ON o.id = a.organization_id WHERE a.id = $1"
));
const UPDATE: Sql = sql!(
    "UPDATE accounts SET organization_id = $2, lineage = $3, name = $4, name_folded = $5, type = $6, settings = $7, \
     profile = $8, version = version + 1 WHERE id = $1 AND version = $9"
);
const DELETE: Sql = sql!("DELETE FROM accounts WHERE id = $1 AND version = $2");
pub(crate) const COUNT: Sql =
    sql!("SELECT COUNT(*) FROM (SELECT 1 FROM accounts WHERE organization_id = $1 LIMIT $2) AS counted");

/// Adds an account.
pub async fn insert(write: &mut Write, account: &Account) -> Result<()> {
    let (holder, settings) = (account.organization_id(), settings_to_json(&account.settings));
    let profile = account.profile.as_ref().map(profile_to_json);
    let args = args![
        account.id.as_str(),
        holder.as_ref().map_or("", OrganizationId::as_str),
        account.lineage.as_str(),
        account.name.as_str(),
        account.name.folded(),
        account.account_type.name(),
        account.create_time,
        settings.as_str(),
        profile.as_deref(),
        account.version,
    ];
    write.execute(INSERT, args).await?;
    placements::place(write, account, Day::FIRST).await
}

/// The account with this id.
pub async fn get(query: &mut impl Query, id: &AccountId) -> Result<Option<Account>> {
    query.row(GET, args![id.as_str()], from_row).await
}

/// Where those of these accounts stand that exist, at most [`crate::IN_LIST_MAX`].
pub async fn lineages(query: &mut impl Query, ids: &[String]) -> Result<Vec<Lineage>> {
    let mut statement = Builder::default();
    statement.push("SELECT lineage FROM accounts WHERE id").bind_list(ids);
    query.rows(&statement, statement.args(), |row| Ok(Lineage::parse(row.text(0)?)?)).await
}

/// Writes what can change of an account, its place included; [`Error::Conflict`] when the row changed since it was read.
pub async fn update(write: &mut Write, account: &Account) -> Result<()> {
    let (holder, settings) = (account.organization_id(), settings_to_json(&account.settings));
    let profile = account.profile.as_ref().map(profile_to_json);
    let args = args![
        account.id.as_str(),
        holder.as_ref().map_or("", OrganizationId::as_str),
        account.lineage.as_str(),
        account.name.as_str(),
        account.name.folded(),
        account.account_type.name(),
        settings.as_str(),
        profile.as_deref(),
        account.version,
    ];
    write.one_row(UPDATE, args).await
}

/// Removes an account; [`Error::Conflict`] when the row changed since it was read.
pub async fn delete(write: &mut Write, account: &Account) -> Result<()> {
    write.one_row(DELETE, args![account.id.as_str(), account.version]).await
}

/// How many accounts an organization holds itself, counted no further than `max`.
pub async fn count(query: &mut impl Query, organization: &OrganizationId, max: u64) -> Result<u64> {
    Ok(query.number(COUNT, args![organization.as_str(), max]).await?.cast_unsigned())
}

/// Reads an account from the first nine columns of a row.
pub(crate) fn from_row(row: &Row<'_>) -> Result<Account> {
    let account_type = row.text(4)?;
    Ok(Account {
        id: AccountId::parse(row.text_ref(0)?)?,
        lineage: Lineage::parse(row.text(1)?)?,
        organization_name: row.text_or_null(2)?,
        name: Name::parse(row.text_ref(3)?, Name::LENGTH_MAX)?,
        account_type: AccountType::from_name(&account_type)
            .ok_or_else(|| Error::Inconsistent(format!("{account_type:?} is not a type of account")))?,
        create_time: Timestamp::from_micros(row.int(5)?),
        settings: settings_from_json(row.text_ref(6)?)?,
        profile: row.text_or_null(7)?.map(|json| profile_from_json(&json)).transpose()?,
        version: row.int(8)?,
    })
}

/// The form in which settings are stored.
#[derive(serde::Serialize, serde::Deserialize)]
struct StoredSettings {
    abuse_contact_email: Option<String>,
    access_approval_expiry: Option<i64>,
    api_access_enabled: Option<bool>,
    default_nameservers: Option<String>,
    enforce_twofactor: bool,
    use_account_custom_ns_by_default: Option<bool>,
}

fn settings_to_json(settings: &AccountSettings) -> String {
    let stored = StoredSettings {
        abuse_contact_email: settings.abuse_contact_email.clone(),
        access_approval_expiry: settings.access_approval_expiry.map(Timestamp::micros),
        api_access_enabled: settings.api_access_enabled,
        default_nameservers: settings.default_nameservers.clone(),
        enforce_twofactor: settings.enforce_twofactor,
        use_account_custom_ns_by_default: settings.use_account_custom_ns_by_default,
    };
    // Texts, numbers and booleans always have a JSON form.
    serde_json::to_string(&stored).unwrap_or_default()
}

pub(crate) fn settings_from_json(json: &str) -> Result<AccountSettings> {
    let stored: StoredSettings =
        serde_json::from_str(json).map_err(|error| Error::Inconsistent(format!("stored settings: {error}")))?;
    Ok(AccountSettings {
        abuse_contact_email: stored.abuse_contact_email,
        access_approval_expiry: stored.access_approval_expiry.map(Timestamp::from_micros),
        api_access_enabled: stored.api_access_enabled,
        default_nameservers: stored.default_nameservers,
        enforce_twofactor: stored.enforce_twofactor,
        use_account_custom_ns_by_default: stored.use_account_custom_ns_by_default,
    })
}
