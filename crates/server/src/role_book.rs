//! The roles that can be held at a place: the built-in ones, and those that the root of its tree made.

use umbel_api as api;
use umbel_api::Code;
use umbel_domain::member::may_decide_over;
use umbel_domain::{Actions, CustomRole, Lineage, OrganizationId, Refusal, Role};
use umbel_store::{Query, roles};

use crate::error::{Error, Result};
use crate::wire;

/// What is known of roles at one place.
pub(crate) struct RoleBook {
    made: Vec<CustomRole>,
    /// What a role allows there at most: of one on an account only counts what is about accounts.
    most: Actions,
}

impl RoleBook {
    /// Looks up every role that can be held at this place.
    pub(crate) async fn open(query: &mut impl Query, lineage: &Lineage) -> Result<Self> {
        let root = lineage.root_id().and_then(|id| OrganizationId::parse(id).ok());
        let made = match root {
            Some(root) => roles::of_root(query, &root).await?,
            // What stands alone has no root.
            None => Vec::new(),
        };
        Ok(Self::new(lineage, made))
    }

    fn new(lineage: &Lineage, made: Vec<CustomRole>) -> Self {
        Self { made, most: if lineage.is_account() { Actions::ON_ACCOUNT } else { Actions::ALL } }
    }

    /// Looks up what these roles are at this place; nothing, if all of them are built in.
    pub(crate) async fn of(query: &mut impl Query, lineage: &Lineage, roles: impl IntoIterator<Item = Role>) -> Result<Self> {
        if roles.into_iter().any(|role| role.actions().is_none()) {
            return Self::open(query, lineage).await;
        }
        Ok(Self::new(lineage, Vec::new()))
    }

    fn made(&self, role: Role) -> Option<&CustomRole> {
        self.made.iter().find(|made| role == Role::Custom(made.id))
    }

    /// What a role allows at the place: nothing, if it is none of its tree's.
    pub(crate) fn allowed(&self, role: Role) -> Actions {
        let actions = role.actions().or_else(|| self.made(role).map(|made| made.actions));
        actions.unwrap_or(Actions::NONE).intersection(self.most)
    }

    /// Refuses to give or take a role that allows more than `held`.
    pub(crate) fn may_decide_over(&self, held: Actions, role: Role) -> std::result::Result<(), Refusal> {
        may_decide_over(held, role, self.allowed(role))
    }

    /// Refuses to give a role that the tree does not have.
    pub(crate) fn must_have(&self, role: Role, pointer: &str) -> Result<()> {
        if role.actions().is_some() || self.made(role).is_some() {
            return Ok(());
        }
        Err(Error::at(Code::InvalidBody, pointer, format!("the root of this tree has no role {}", role.name())))
    }

    /// Shows a role as one on an account.
    pub(crate) fn show_on_account(&self, role: Role) -> api::AccountRole {
        let described = self.made(role).map(|made| made.description.clone());
        let description = described.unwrap_or_else(|| wire::on_account(role).to_owned());
        let (id, name) = (role.name().into_owned(), self.name(role));
        api::AccountRole { id, name, description, permissions: wire::permissions(self.allowed(role)) }
    }

    /// Every role, the built-in ones first.
    pub(crate) fn roles(&self) -> Vec<Role> {
        Role::BUILT_IN.into_iter().chain(self.made.iter().map(|made| Role::Custom(made.id))).collect()
    }

    /// What people call a role.
    pub(crate) fn name(&self, role: Role) -> String {
        self.made(role).map_or_else(|| role.name().into_owned(), |made| made.name.as_str().to_owned())
    }

    /// Shows a role.
    pub(crate) fn show(&self, role: Role) -> api::Role {
        match self.made(role) {
            Some(made) => wire::custom_role(made),
            None => wire::built_in_role(role),
        }
    }

    /// What can be allowed there at all.
    pub(crate) fn most(&self) -> Actions {
        self.most
    }

    /// Those that the root made.
    pub(crate) fn custom(&self) -> &[CustomRole] {
        &self.made
    }
}
