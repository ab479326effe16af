//! What an organization is permitted to do, whoever asks: set by operators, inherited at creation.

/// One permission of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Flag {
    /// Accounts may be created in it.
    AccountCreation,
    /// Accounts may be deleted from it.
    AccountDeletion,
    /// Existing accounts may be attached to it.
    AccountMigration,
    /// Accounts may be moved out of it and into it.
    AccountMobility,
    /// Organizations may be created below it.
    SubOrgCreation,
    /// A new account starts with the organization's default account settings.
    AccountCreationAppliesTenantDefaults,
    /// It may be deleted.
    EnterpriseCapability,
    /// Its members may be changed.
    MemberManagement,
}

impl Flag {
    /// Every flag.
    pub const ALL: [Self; 8] = [
        Self::AccountCreation,
        Self::AccountDeletion,
        Self::AccountMigration,
        Self::AccountMobility,
        Self::SubOrgCreation,
        Self::AccountCreationAppliesTenantDefaults,
        Self::EnterpriseCapability,
        Self::MemberManagement,
    ];

    /// The flag's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountCreation => "account_creation",
            Self::AccountDeletion => "account_deletion",
            Self::AccountMigration => "account_migration",
            Self::AccountMobility => "account_mobility",
            Self::SubOrgCreation => "sub_org_creation",
            Self::AccountCreationAppliesTenantDefaults => "account_creation_applies_tenant_defaults",
            Self::EnterpriseCapability => "enterprise_capability",
            Self::MemberManagement => "member_management",
        }
    }
}

/// A set of flags: those that are `enabled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// Every flag enabled: what a new root starts with.
    pub const ENABLED: Self = Self(u8::MAX);

    /// Whether `flag` is enabled.
    pub const fn is_enabled(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u8) != 0
    }

    /// The same flags with `flag` enabled.
    pub const fn with(self, flag: Flag) -> Self {
        Self(self.0 | 1 << flag as u8)
    }

    /// The same flags with `flag` disabled.
    pub const fn without(self, flag: Flag) -> Self {
        Self(self.0 & !(1 << flag as u8))
    }

    /// The flags as they are stored, one bit each in the order of [`Flag::ALL`].
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Flags as they are stored.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flag_is_a_bit_of_its_own() {
        for flag in Flag::ALL {
            let flags = Flags::ENABLED.without(flag);
            assert!(!flags.is_enabled(flag));
            assert_eq!(Flag::ALL.iter().filter(|f| flags.is_enabled(**f)).count(), 7, "{}", flag.name());
            assert_eq!(flags.with(flag), Flags::ENABLED);
        }
    }
}
