//! Accounts: the leaves of the tree.

use crate::organization::{BoundByFlags, End, Organization, Profile};
use crate::{AccountId, Flag, Lineage, Name, OrganizationId, Refusal, Timestamp};

/// A leaf of the tree: what is used, metered and paid for. It stands in one organization, or in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Where it stands; alone when the account is in no organization.
    pub lineage: Lineage,
    /// The name of the organization that holds it; `None` when it stands alone.
    pub organization_name: Option<String>,
    /// Its name; not unique.
    pub name: Name,
    /// What kind of account it is.
    pub account_type: AccountType,
    /// When it was created.
    pub create_time: Timestamp,
    /// How it behaves.
    pub settings: AccountSettings,
    /// What its owners say of themselves, once they have.
    pub profile: Option<Profile>,
    /// Counts the changes.
    pub version: i64,
}

/// The kinds of accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AccountType {
    /// What every account is unless it is said otherwise.
    #[default]
    Standard,
    /// An account with a contract.
    Enterprise,
}

impl AccountType {
    /// Every type.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Enterprise];

    /// The type's name, on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Enterprise => "enterprise",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account_type| account_type.name() == name)
    }
}

/// How an account behaves; what is `None` was never set. Umbel keeps them for those who ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountSettings {
    /// Where complaints about the account go.
    pub abuse_contact_email: Option<String>,
    /// Until when the operator's support may look into the account.
    pub access_approval_expiry: Option<Timestamp>,
    /// Whether the account may be used through the API.
    pub api_access_enabled: Option<bool>,
    /// The name servers that new zones get.
    pub default_nameservers: Option<String>,
    /// Whether members need a second factor.
    pub enforce_twofactor: bool,
    /// Whether new zones get the account's own name servers.
    pub use_account_custom_ns_by_default: Option<bool>,
}

/// What somebody asks for who creates an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its name.
    pub name: Name,
    /// Its kind.
    pub account_type: AccountType,
    /// How it behaves.
    pub settings: AccountSettings,
}

impl NewAccount {
    /// Makes the account, in `holder` or alone.
    pub fn create(
        self,
        id: AccountId,
        now: Timestamp,
        holder: Option<&Organization>,
        bound: BoundByFlags,
    ) -> Result<Account, Refusal> {
        if let Some(holder) = holder {
            holder.permits(Flag::AccountCreation, bound)?;
        }
        Ok(Account {
            lineage: holder.map_or(Lineage::server(), |holder| holder.lineage.clone()).account(&id),
            id,
            organization_name: holder.map(|holder| holder.name.as_str().to_owned()),
            name: self.name,
            account_type: self.account_type,
            create_time: now,
            settings: self.settings,
            profile: None,
            version: 1,
        })
    }
}

impl Account {
    /// The organization that holds it; `None` when it stands alone.
    pub fn organization_id(&self) -> Option<OrganizationId> {
        self.lineage.id().and_then(|id| OrganizationId::parse(id).ok())
    }

    /// Puts the account into the organization at the end `to`; `from` is the one that holds it. An account that stands alone is
    /// attached, which another flag permits than a move.
    pub fn move_to(&mut self, from: Option<End<'_>>, to: End<'_>) -> Result<(), Refusal> {
        match from {
            Some(from) => {
                from.organization.permits(Flag::AccountMobility, from.bound)?;
                to.organization.permits(Flag::AccountMobility, to.bound)?;
            }
            None => to.organization.permits(Flag::AccountMigration, to.bound)?,
        }
        self.lineage = to.organization.lineage.account(&self.id);
        self.organization_name = Some(to.organization.name.as_str().to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flags;

    fn organization(lineage: &str, without: Option<Flag>) -> Organization {
        let flags = without.map_or(Flags::ENABLED, |flag| Flags::ENABLED.without(flag));
        Organization { flags, ..crate::organization::tests::organization(lineage) }
    }

    fn create(holder: Option<&Organization>, bound: BoundByFlags) -> Result<Account, Refusal> {
        let name = Name::parse("shop", Name::LENGTH_MAX).unwrap();
        let new = NewAccount { name, account_type: AccountType::Standard, settings: AccountSettings::default() };
        new.create(AccountId::parse("x1").unwrap(), Timestamp::from_micros(0), holder, bound)
    }

    fn end(organization: &Organization) -> End<'_> {
        End { organization, bound: BoundByFlags::Yes }
    }

    #[test]
    fn an_account_stands_in_its_organization_or_alone() {
        let held = create(Some(&organization("a/b/", None)), BoundByFlags::Yes).unwrap();
        assert_eq!((held.lineage.as_str(), held.organization_id().unwrap().as_str()), ("a/b/@x1/", "b"));
        let alone = create(None, BoundByFlags::Yes).unwrap();
        assert_eq!((alone.lineage.as_str(), alone.organization_id()), ("@x1/", None));
    }

    #[test]
    fn flags_decide_over_creating_moving_and_attaching() {
        let refused = |flag| Err(Refusal::FlagDisabled { flag });
        let closed = organization("a/", Some(Flag::AccountCreation));
        assert_eq!(create(Some(&closed), BoundByFlags::Yes), refused(Flag::AccountCreation));
        assert!(create(Some(&closed), BoundByFlags::No).is_ok());

        let (open, fixed) = (organization("a/", None), organization("b/", Some(Flag::AccountMobility)));
        let mut held = create(Some(&open), BoundByFlags::Yes).unwrap();
        assert_eq!(held.move_to(Some(end(&open)), end(&fixed)).map(drop), refused(Flag::AccountMobility).map(drop));
        assert_eq!(held.move_to(Some(end(&fixed)), end(&open)).map(drop), refused(Flag::AccountMobility).map(drop));
        assert_eq!(held.lineage.as_str(), "a/@x1/");

        let closed = organization("c/", Some(Flag::AccountMigration));
        let mut alone = create(None, BoundByFlags::Yes).unwrap();
        assert_eq!(alone.move_to(None, end(&closed)).map(drop), refused(Flag::AccountMigration).map(drop));
        assert_eq!(alone.move_to(None, end(&fixed)), Ok(()));
        assert_eq!(alone.lineage.as_str(), "b/@x1/");
        assert_eq!(held.move_to(Some(end(&open)), end(&closed)), Ok(()));
    }
}
