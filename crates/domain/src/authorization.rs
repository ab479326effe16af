//! Who may do what where: a pure function of what the caller is, what it wants and where.

use crate::lineage::{Lineage, disjoint};
use crate::{Action, Actions};

/// How far a credential reaches at most, whoever holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Only organizations in here; [`Lineage::server`] for all, `None` when the organization of the scope is gone: nothing.
    pub within: Option<Lineage>,
    /// Only these actions.
    pub actions: Actions,
}

impl Bounds {
    /// The bounds of a credential without a scope.
    pub const UNBOUNDED: Self = Self { within: Some(Lineage::server()), actions: Actions::ALL };

    /// Whether nothing within `other` lies outside of these bounds.
    pub fn contain(&self, other: &Self) -> bool {
        let place = match (&self.within, &other.within) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(mine), Some(theirs)) => mine.contains(theirs),
        };
        place && self.actions.contains_all(other.actions)
    }
}

/// What somebody may do where: the roles that they hold, cut down to what their credential reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach(Vec<(Lineage, Actions)>);

impl Reach {
    /// Cuts grants down to `bounds`: a grant above the bounds holds only inside them.
    pub fn new(grants: impl IntoIterator<Item = (Lineage, Actions)>, bounds: &Bounds) -> Self {
        let Some(within) = &bounds.within else { return Self(Vec::new()) };
        let cut = |(lineage, actions): (Lineage, Actions)| {
            let place = if within.contains(&lineage) {
                lineage
            } else if lineage.contains(within) {
                within.clone()
            } else {
                return None;
            };
            let actions = if place.is_account() { actions.intersection(Actions::ON_ACCOUNT) } else { actions };
            Some((place, actions.intersection(bounds.actions)))
        };
        Self(grants.into_iter().filter_map(cut).collect())
    }

    /// What may be done with the organization or account at `lineage`.
    pub fn actions_on(&self, lineage: &Lineage) -> Actions {
        let reaching = self.0.iter().filter(|(above, _)| above.contains(lineage));
        reaching.fold(Actions::NONE, |all, (_, actions)| all.union(*actions))
    }

    /// Whether `action` is allowed on the organization or account at `lineage`.
    pub fn covers(&self, lineage: &Lineage, action: Action) -> bool {
        self.actions_on(lineage).contains(action)
    }

    /// Whether every user of the server may be known, whether somebody shares a tree with them or not.
    pub fn knows_everybody(&self) -> bool {
        self.covers(&Lineage::server(), Action::ManageUsers)
    }

    /// The organizations in which a role itself allows `action`, each once, in byte order.
    pub fn places(&self, action: Action) -> Vec<Lineage> {
        let organizations = self.0.iter().filter(|(place, actions)| !place.is_account() && actions.contains(action));
        let mut places: Vec<_> = organizations.map(|(place, _)| place.clone()).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The subtrees in which `action` is allowed, none inside another, in byte order.
    pub fn subtrees(&self, action: Action) -> Vec<Lineage> {
        disjoint(self.0.iter().filter(|(_, actions)| actions.contains(action)).map(|(lineage, _)| lineage.clone()).collect())
    }
}

/// Somebody with a valid credential, and what counts for what they may do.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Whether they are an operator of the server, who may do everything.
    pub operator: bool,
    /// Where the user is an active member, and what its role allows.
    pub memberships: Vec<(Lineage, Actions)>,
    /// How far the credential reaches at most.
    pub bounds: Bounds,
    /// Who may create roots.
    pub root_creation: RootCreation,
}

/// Who may create organizations without a parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootCreation {
    /// Every active user, with a credential that is not bound to an organization.
    Everyone,
    /// Operators alone.
    Operators,
}

/// What an action is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The caller's own user and tokens.
    Own,
    /// The server as a whole: its users, its roots, the list of everything that the caller can see.
    Server,
    /// An organization, or an account.
    Place(Lineage),
}

/// Why something is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The caller may not even know that the target exists.
    NotFound,
    /// The caller sees the target but may not do this.
    Forbidden,
}

/// The proof that somebody may do something; only [`authorize`] makes one, and the database opens to nothing else.
#[derive(Debug, Clone)]
pub struct Grant {
    target: Target,
    reach: Reach,
}

impl Grant {
    /// What was authorized.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Everything that the caller may do anywhere.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }
}

/// Decides whether `principal` may do `action` to `target`.
pub fn authorize(principal: &Principal, action: Action, target: Target) -> Result<Grant, Denied> {
    let everywhere = principal.operator.then_some((Lineage::server(), Actions::ALL));
    let reach = Reach::new(everywhere.into_iter().chain(principal.memberships.iter().cloned()), &principal.bounds);
    match &target {
        Target::Own => {
            let allowed = match action {
                Action::ReadSelf | Action::ManageOwnTokens => principal.bounds.actions.contains(action),
                Action::ManageOwnMemberships | Action::ManageOwnSignIn => {
                    is_unbound(principal) && principal.bounds.actions.contains(action)
                }
                _ => false,
            };
            allowed.then_some(()).ok_or(Denied::Forbidden)?;
        }
        Target::Server => authorize_on_server(principal, action, &reach)?,
        Target::Place(lineage) => {
            let actions = reach.actions_on(lineage);
            let seeing = if lineage.is_account() { Action::ReadAccount } else { Action::ReadOrganization };
            if !actions.contains(seeing) {
                return Err(Denied::NotFound);
            }
            if !actions.contains(action) {
                return Err(Denied::Forbidden);
            }
        }
    }
    Ok(Grant { target, reach })
}

/// Whether the credential is bound to no organization.
fn is_unbound(principal: &Principal) -> bool {
    principal.bounds.contain(&Bounds { within: Some(Lineage::server()), actions: Actions::NONE })
}

fn authorize_on_server(principal: &Principal, action: Action, reach: &Reach) -> Result<(), Denied> {
    let allowed = match action {
        // The lists are everybody's: they show what the reach covers.
        Action::ReadOrganization | Action::ReadAccount => principal.bounds.actions.contains(action),
        // Of whom usage is recorded, its events say: it must be possible of somebody.
        Action::RecordUsage => !reach.subtrees(action).is_empty(),
        Action::CreateOrganization | Action::MoveOrganization | Action::CreateAccount
            if principal.root_creation == RootCreation::Everyone =>
        {
            is_unbound(principal) && principal.bounds.actions.contains(action)
        }
        _ => reach.covers(&Lineage::server(), action),
    };
    if allowed { Ok(()) } else { Err(Denied::Forbidden) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn lineage(text: &str) -> Lineage {
        Lineage::parse(text.into()).unwrap()
    }

    fn member(at: &str, role: Role) -> Principal {
        let memberships = vec![(lineage(at), role.actions().unwrap())];
        Principal { operator: false, memberships, bounds: Bounds::UNBOUNDED, root_creation: RootCreation::Everyone }
    }

    fn bounds(at: Option<&str>, role: Option<Role>) -> Bounds {
        Bounds { within: at.map(lineage), actions: role.map_or(Actions::ALL, |role| role.actions().unwrap()) }
    }

    fn asks(principal: &Principal, action: Action, at: &str) -> Result<(), Denied> {
        authorize(principal, action, Target::Place(lineage(at))).map(drop)
    }

    #[test]
    fn a_role_holds_on_its_organization_and_everything_below() {
        let ann = member("acme/eu/", Role::SuperAdministrator);
        for at in ["acme/eu/", "acme/eu/shop/", "acme/eu/shop/till/"] {
            assert_eq!(asks(&ann, Action::DeleteOrganization, at), Ok(()), "{at}");
        }
    }

    #[test]
    fn what_no_grant_covers_is_not_found() {
        let ann = member("acme/eu/", Role::SuperAdministrator);
        for at in ["acme/", "acme/us/", "acme/eu-2/", "other/"] {
            assert_eq!(asks(&ann, Action::ReadOrganization, at), Err(Denied::NotFound), "{at}");
        }
    }

    #[test]
    fn what_is_visible_but_not_allowed_is_forbidden() {
        let vic = member("acme/", Role::Viewer);
        assert_eq!(asks(&vic, Action::ReadOrganization, "acme/eu/"), Ok(()));
        assert_eq!(asks(&vic, Action::UpdateOrganization, "acme/eu/"), Err(Denied::Forbidden));
    }

    #[test]
    fn a_role_on_an_organization_reaches_its_accounts_and_one_on_an_account_nothing_else() {
        let ann = member("acme/eu/", Role::Administrator);
        assert_eq!(asks(&ann, Action::UpdateAccount, "acme/eu/shop/@x1/"), Ok(()));
        assert_eq!(asks(&ann, Action::ReadAccount, "acme/@x2/"), Err(Denied::NotFound));
        let bob = member("acme/eu/@x1/", Role::SuperAdministrator);
        assert_eq!(asks(&bob, Action::DeleteAccount, "acme/eu/@x1/"), Ok(()));
        assert_eq!(asks(&bob, Action::ReadAccount, "acme/eu/@x2/"), Err(Denied::NotFound));
        assert_eq!(asks(&bob, Action::ReadOrganization, "acme/eu/"), Err(Denied::NotFound));
        let principal_reach = authorize(&bob, Action::ReadAccount, Target::Server).unwrap();
        assert_eq!(principal_reach.reach().subtrees(Action::ReadOrganization), []);
        assert_eq!(principal_reach.reach().subtrees(Action::ReadAccount), [lineage("acme/eu/@x1/")]);
    }

    #[test]
    fn roles_of_several_memberships_add_up() {
        let mut ann = member("acme/", Role::Billing);
        ann.memberships.push((lineage("acme/eu/"), Role::Auditor.actions().unwrap()));
        assert_eq!(asks(&ann, Action::ReadAuditLog, "acme/eu/"), Ok(()));
        assert_eq!(asks(&ann, Action::ReadBilling, "acme/eu/"), Ok(()));
        assert_eq!(asks(&ann, Action::ReadAuditLog, "acme/us/"), Err(Denied::Forbidden));
    }

    #[test]
    fn a_scope_takes_away_and_never_gives() {
        let mut ann = member("acme/", Role::Administrator);
        ann.bounds = bounds(Some("acme/eu/"), Some(Role::SuperAdministrator));
        assert_eq!(asks(&ann, Action::UpdateOrganization, "acme/eu/shop/"), Ok(()));
        assert_eq!(asks(&ann, Action::DeleteOrganization, "acme/eu/shop/"), Err(Denied::Forbidden));
        assert_eq!(asks(&ann, Action::ReadOrganization, "acme/"), Err(Denied::NotFound));
        ann.bounds = bounds(Some("other/"), None);
        assert_eq!(asks(&ann, Action::ReadOrganization, "acme/eu/"), Err(Denied::NotFound));
        assert_eq!(asks(&ann, Action::ReadOrganization, "other/"), Err(Denied::NotFound));
    }

    #[test]
    fn a_scope_whose_organization_is_gone_reaches_nothing() {
        let mut root = member("acme/", Role::SuperAdministrator);
        root.operator = true;
        root.bounds = bounds(None, None);
        assert_eq!(asks(&root, Action::ReadOrganization, "acme/"), Err(Denied::NotFound));
        assert!(authorize(&root, Action::ManageUsers, Target::Server).is_err());
        assert!(authorize(&root, Action::CreateOrganization, Target::Server).is_err());
    }

    #[test]
    fn an_operator_may_do_everything_but_not_beyond_the_credential() {
        let mut operator = member("acme/", Role::Viewer);
        operator.operator = true;
        assert_eq!(asks(&operator, Action::UpdateFlags, "other/"), Ok(()));
        assert!(authorize(&operator, Action::ManageUsers, Target::Server).is_ok());
        operator.bounds = bounds(Some("acme/"), None);
        assert_eq!(asks(&operator, Action::ReadOrganization, "other/"), Err(Denied::NotFound));
        assert!(authorize(&operator, Action::ManageUsers, Target::Server).is_err());
    }

    #[test]
    fn roots_are_created_with_unbound_credentials_as_the_setting_says() {
        let create_root = |principal: &Principal| authorize(principal, Action::CreateOrganization, Target::Server).is_ok();
        let mut ann = member("acme/", Role::Viewer);
        assert!(create_root(&ann));
        ann.bounds = bounds(Some(""), Some(Role::Viewer));
        assert!(!create_root(&ann));
        ann.bounds = bounds(Some("acme/"), None);
        assert!(!create_root(&ann));
        ann.bounds = Bounds::UNBOUNDED;
        ann.root_creation = RootCreation::Operators;
        assert!(!create_root(&ann));
        ann.operator = true;
        assert!(create_root(&ann));
    }

    #[test]
    fn bounds_contain_only_what_is_no_wider() {
        let bounds = |at: Option<&str>, role| bounds(at.or(Some("")), role);
        let (all, eu) = (Bounds::UNBOUNDED, bounds(Some("acme/eu/"), None));
        assert!(all.contain(&eu) && eu.contain(&bounds(Some("acme/eu/shop/"), Some(Role::Viewer))));
        assert!(!eu.contain(&all) && !eu.contain(&bounds(Some("acme/"), None)));
        assert!(!bounds(None, Some(Role::Billing)).contain(&bounds(None, Some(Role::Auditor))));
    }
}
