//! What people try, in random order.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::sample::select;
use umbel_domain::{Flag, Role};

/// Users are numbered. What comes and goes is counted from the first one there, as if it stood in a circle; the number behind the
/// last one names what was there last and is gone, or what nobody ever had.
pub(crate) const USERS: usize = 6;
pub(crate) const ORGANIZATIONS: usize = 9;
pub(crate) const ACCOUNTS: usize = 6;
pub(crate) const TOKENS: usize = 12;

/// The credential with which somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The global API key of a user.
    Key(usize),
    Token(usize),
}

/// Where an account is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Alone,
    /// Where the caller is administrator or more, which the request does not name.
    Only,
    In(usize),
}

/// Whose membership of an account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Own,
    Of(usize),
}

/// Something that somebody tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) by: By,
    pub(crate) what: What,
}

/// What is tried. A `member` is one of `of`, whatever the path names, counted from the first one there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    CreateOrganization { parent: Option<usize> },
    RenameOrganization { organization: usize, name: u8 },
    DeleteOrganization { organization: usize },
    MoveOrganization { organization: usize, to: Option<usize> },
    SetFlag { organization: usize, flag: Flag, enabled: bool },
    AddMember { organization: usize, user: usize, role: Role, active: bool },
    AddSuperAdministrators { organization: usize, users: [usize; 2] },
    SetRole { organization: usize, of: usize, member: usize, role: Role },
    RemoveMember { organization: usize, of: usize, member: usize },
    Leave { organization: usize },
    CreateAccount { unit: Unit },
    DeleteAccount { account: usize },
    MoveAccount { account: usize, to: usize },
    MoveAccounts { accounts: [usize; 2], to: usize },
    AddAccountMember { account: usize, user: usize, role: Role, accepted: bool },
    SetAccountRoles { account: usize, of: usize, member: usize, roles: [Role; 2] },
    RemoveAccountMember { account: usize, of: usize, member: usize },
    AnswerInvitation { membership: usize, of: Whose, accept: bool },
    EndMembership { membership: usize, of: Whose },
    SetDisabled { user: usize, disabled: bool },
    CreateUser { user: usize },
    DeleteUser { user: usize },
    CreateToken { organization: Option<usize>, role: Option<Role> },
    RevokeToken { token: usize },
    GetOrganization { organization: usize },
    ListOrganizations,
    ListAccountsOfOrganization { organization: usize },
    ListMembers { organization: usize },
    GetAccount { account: usize },
    ListAccounts,
    ListOrganizationsOfAccount { account: usize },
    ListAccountMembers { account: usize },
    ListMemberships,
    ListTokens,
}

impl Operation {
    /// What kind of thing is tried.
    pub(crate) fn kind(&self) -> String {
        let shown = format!("{:?}", self.what);
        shown.split(' ').next().unwrap().to_owned()
    }
}

const ORGANIZATION: RangeInclusive<usize> = 0..=ORGANIZATIONS;
const ACCOUNT: RangeInclusive<usize> = 0..=ACCOUNTS;

fn by() -> impl Strategy<Value = By> {
    // The operator and the founder of the largest tree get further than the others.
    let key = prop_oneof![2 => Just(0), 2 => Just(1), 5 => 0..USERS].prop_map(By::Key);
    prop_oneof![3 => key, 1 => (0..=TOKENS).prop_map(By::Token)]
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![2 => Just(Role::SuperAdministrator), 2 => Just(Role::Administrator), 2 => select(&Role::BUILT_IN[..])]
}

/// The same place twice, but for now and then.
fn place_and_owner(numbers: RangeInclusive<usize>) -> impl Strategy<Value = (usize, usize)> {
    (numbers.clone(), proptest::option::weighted(0.1, numbers)).prop_map(|(place, other)| (place, other.unwrap_or(place)))
}

/// Anything that can be tried.
pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    (by(), prop_oneof![6 => on_organizations(), 5 => on_members(), 6 => on_accounts(), 3 => on_users(), 3 => reading()])
        .prop_map(|(by, what)| Operation { by, what })
}

fn on_organizations() -> impl Strategy<Value = What> {
    let below = |numbers| proptest::option::weighted(0.85, numbers);
    prop_oneof![
        6 => below(ORGANIZATION).prop_map(|parent| What::CreateOrganization { parent }),
        2 => (ORGANIZATION, 0..9_u8).prop_map(|(organization, name)| What::RenameOrganization { organization, name }),
        6 => ORGANIZATION.prop_map(|organization| What::DeleteOrganization { organization }),
        8 => (ORGANIZATION, below(ORGANIZATION)).prop_map(|(organization, to)| What::MoveOrganization { organization, to }),
        2 => (ORGANIZATION, select(&Flag::ALL[..]), prop::bool::weighted(0.75))
            .prop_map(|(organization, flag, enabled)| What::SetFlag { organization, flag, enabled }),
    ]
}

fn on_members() -> impl Strategy<Value = What> {
    prop_oneof![
        5 => (ORGANIZATION, 0..USERS, role(), prop::bool::weighted(0.85))
            .prop_map(|(organization, user, role, active)| What::AddMember { organization, user, role, active }),
        1 => (ORGANIZATION, [0..USERS, 0..USERS])
            .prop_map(|(organization, users)| What::AddSuperAdministrators { organization, users }),
        4 => (place_and_owner(ORGANIZATION), 0..USERS, role())
            .prop_map(|((organization, of), member, role)| What::SetRole { organization, of, member, role }),
        3 => (place_and_owner(ORGANIZATION), 0..USERS)
            .prop_map(|((organization, of), member)| What::RemoveMember { organization, of, member }),
        2 => ORGANIZATION.prop_map(|organization| What::Leave { organization }),
    ]
}

fn on_accounts() -> impl Strategy<Value = What> {
    let unit = prop_oneof![2 => Just(Unit::Alone), 1 => Just(Unit::Only), 6 => ORGANIZATION.prop_map(Unit::In)];
    prop_oneof![
        4 => unit.prop_map(|unit| What::CreateAccount { unit }),
        2 => ACCOUNT.prop_map(|account| What::DeleteAccount { account }),
        4 => (ACCOUNT, ORGANIZATION).prop_map(|(account, to)| What::MoveAccount { account, to }),
        2 => ([ACCOUNT, ACCOUNT], ORGANIZATION).prop_map(|(accounts, to)| What::MoveAccounts { accounts, to }),
        5 => (ACCOUNT, 0..USERS, role(), any::<bool>())
            .prop_map(|(account, user, role, accepted)| What::AddAccountMember { account, user, role, accepted }),
        2 => (place_and_owner(ACCOUNT), 0..USERS, [role(), role()])
            .prop_map(|((account, of), member, roles)| What::SetAccountRoles { account, of, member, roles }),
        2 => (place_and_owner(ACCOUNT), 0..USERS)
            .prop_map(|((account, of), member)| What::RemoveAccountMember { account, of, member }),
        4 => (0..USERS, whose(), any::<bool>())
            .prop_map(|(membership, of, accept)| What::AnswerInvitation { membership, of, accept }),
        1 => (0..USERS, whose()).prop_map(|(membership, of)| What::EndMembership { membership, of }),
    ]
}

fn whose() -> impl Strategy<Value = Whose> {
    prop_oneof![4 => Just(Whose::Own), 1 => (0..USERS).prop_map(Whose::Of)]
}

fn on_users() -> impl Strategy<Value = What> {
    let bound = proptest::option::of(ORGANIZATION);
    prop_oneof![
        4 => (0..USERS, prop::bool::weighted(0.3)).prop_map(|(user, disabled)| What::SetDisabled { user, disabled }),
        3 => (0..USERS).prop_map(|user| What::CreateUser { user }),
        2 => (0..USERS).prop_map(|user| What::DeleteUser { user }),
        4 => (bound, proptest::option::of(role())).prop_map(|(organization, role)| What::CreateToken { organization, role }),
        2 => (0..=TOKENS).prop_map(|token| What::RevokeToken { token }),
    ]
}

fn reading() -> impl Strategy<Value = What> {
    prop_oneof![
        ORGANIZATION.prop_map(|organization| What::GetOrganization { organization }),
        Just(What::ListOrganizations),
        ORGANIZATION.prop_map(|organization| What::ListAccountsOfOrganization { organization }),
        ORGANIZATION.prop_map(|organization| What::ListMembers { organization }),
        ACCOUNT.prop_map(|account| What::GetAccount { account }),
        Just(What::ListAccounts),
        ACCOUNT.prop_map(|account| What::ListOrganizationsOfAccount { account }),
        ACCOUNT.prop_map(|account| What::ListAccountMembers { account }),
        Just(What::ListMemberships),
        Just(What::ListTokens),
    ]
}
