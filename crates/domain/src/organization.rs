//! Organizations: the nodes of the tree.

use crate::{Currency, Flag, Flags, Lineage, Name, OrganizationId, Refusal, Timestamp};

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its place in the tree.
    pub lineage: Lineage,
    /// The name of its parent; `None` for a root.
    pub parent_name: Option<String>,
    /// Its name; not unique.
    pub name: Name,
    /// When it was created.
    pub create_time: Timestamp,
    /// What it is permitted to do.
    pub flags: Flags,
    /// What its owners say of themselves, when they ever did.
    pub profile: Option<Profile>,
    /// What its accounts pay in; prices in another currency are not theirs.
    pub billing_currency: Currency,
    /// Goes up by one with each change of the row.
    pub version: i64,
}

/// What the owners of an organization say of themselves; free text that comes back exactly as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The postal address.
    pub business_address: String,
    /// The e-mail address.
    pub business_email: String,
    /// The name of the business.
    pub business_name: String,
    /// The telephone number.
    pub business_phone: String,
    /// Whatever else the owner's systems keep here.
    pub external_metadata: String,
}

/// What somebody asks for who creates an organization.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// The name.
    pub name: Name,
    /// The organization to create it in; `None` for a new root.
    pub parent: Option<OrganizationId>,
    /// The profile, if it shall have one at once.
    pub profile: Option<Profile>,
}

/// How large a tree may grow.
#[derive(Debug, Clone, Copy)]
pub struct TreeLimits {
    /// Levels from a root down, the root counted.
    pub depth_max: usize,
    /// Children of one organization.
    pub children_max: u64,
}

impl NewOrganization {
    /// Makes the organization, below `parent` or as a root. `bound_by_flags` is whom the parent's flags bind: not operators.
    pub fn create(
        self,
        id: OrganizationId,
        now: Timestamp,
        parent: Option<&Organization>,
        limits: TreeLimits,
        bound_by_flags: BoundByFlags,
    ) -> Result<Organization, Refusal> {
        let (lineage, flags, billing_currency) = match parent {
            None => (Lineage::root(&id), Flags::ENABLED, Currency::USD),
            Some(parent) => {
                parent.permits(Flag::SubOrgCreation, bound_by_flags)?;
                (parent.lineage.child(&id), parent.flags, parent.billing_currency)
            }
        };
        if lineage.depth() > limits.depth_max {
            return Err(Refusal::TooDeep { limit: limits.depth_max });
        }
        Ok(Organization {
            id,
            lineage,
            parent_name: parent.map(|parent| parent.name.as_str().to_owned()),
            name: self.name,
            create_time: now,
            flags,
            profile: self.profile,
            billing_currency,
            version: 1,
        })
    }
}

/// Whether the flags of an organization bind the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoundByFlags {
    /// Everybody but operators.
    Yes,
    /// An operator, who sets the flags.
    No,
}

impl Organization {
    /// Refuses what a disabled flag forbids.
    pub fn permits(&self, flag: Flag, bound: BoundByFlags) -> Result<(), Refusal> {
        if bound == BoundByFlags::Yes && !self.flags.is_enabled(flag) {
            return Err(Refusal::FlagDisabled { flag });
        }
        Ok(())
    }
}

/// An end of a move: an organization, and whether its flags bind who moves.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// The organization.
    pub organization: &'a Organization,
    /// Whether its flags bind the caller.
    pub bound: BoundByFlags,
}

impl Organization {
    /// Where the organization would stand below `parent`, or as a root.
    pub fn lineage_below(&self, parent: Option<&Self>) -> Lineage {
        parent.map_or(Lineage::server(), |parent| parent.lineage.clone()).child(&self.id)
    }

    /// Everything that stands in the way of putting the organization below the one at the end `to`, or making it a root.
    /// `deepest` is the depth of the deepest organization in its subtree.
    pub fn obstacles_below(&self, to: Option<End<'_>>, deepest: usize, limits: TreeLimits) -> Vec<Refusal> {
        let mut obstacles = Vec::new();
        let Some(to) = to else { return obstacles };
        if self.lineage.contains(&to.organization.lineage) {
            // Nothing else can be said of a place that would move along.
            return vec![Refusal::Cycle];
        }
        obstacles.extend(to.organization.permits(Flag::SubOrgCreation, to.bound).err());
        let levels = deepest - self.lineage.depth() + 1;
        if to.organization.lineage.depth() + levels > limits.depth_max {
            obstacles.push(Refusal::TooDeep { limit: limits.depth_max });
        }
        obstacles
    }
}

/// What stands in the way of deleting an organization: how many of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// Organizations directly below it.
    pub organizations: u64,
    /// Accounts in it.
    pub accounts: u64,
    /// Active and pending members other than those who do not count.
    pub members: u64,
    /// Users whom it manages.
    pub users: u64,
}

impl Contents {
    /// Refuses to delete what is not empty, naming each kind that is in the way.
    pub fn must_be_empty(self) -> Result<(), Refusal> {
        if self == Self::default() { Ok(()) } else { Err(Refusal::NotEmpty(self)) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const LIMITS: TreeLimits = TreeLimits { depth_max: 3, children_max: 10 };

    /// The organization at a lineage.
    pub(crate) fn organization(lineage: &str) -> Organization {
        let lineage = Lineage::parse(lineage.into()).unwrap();
        Organization {
            id: OrganizationId::parse(lineage.id().unwrap()).unwrap(),
            lineage,
            parent_name: None,
            name: Name::parse("Acme", Name::ORGANIZATION_LENGTH_MAX).unwrap(),
            create_time: Timestamp::from_micros(0),
            flags: Flags::ENABLED,
            profile: None,
            billing_currency: Currency::USD,
            version: 1,
        }
    }

    fn end(organization: &Organization) -> End<'_> {
        End { organization, bound: BoundByFlags::Yes }
    }

    fn create(id: &str, parent: Option<&Organization>, bound: BoundByFlags) -> Result<Organization, Refusal> {
        let name = Name::parse(id, Name::ORGANIZATION_LENGTH_MAX).unwrap();
        let new = NewOrganization { name, parent: parent.map(|p| p.id.clone()), profile: None };
        new.create(OrganizationId::parse(id).unwrap(), Timestamp::from_micros(0), parent, LIMITS, bound)
    }

    #[test]
    fn an_organization_is_not_put_below_itself_too_deep_or_where_the_flag_forbids_it() {
        let (a, b, c, other) = (organization("a/"), organization("a/b/"), organization("c/"), organization("a-b/"));
        let closed = Organization { flags: Flags::ENABLED.without(Flag::SubOrgCreation), ..organization("c/d/") };
        assert_eq!(a.obstacles_below(Some(end(&a)), 2, LIMITS), [Refusal::Cycle]);
        assert_eq!(a.obstacles_below(Some(end(&b)), 2, LIMITS), [Refusal::Cycle]);
        assert_eq!(b.obstacles_below(Some(end(&other)), 3, LIMITS), []);
        let (too_deep, flag) = (Refusal::TooDeep { limit: 3 }, Refusal::FlagDisabled { flag: Flag::SubOrgCreation });
        assert_eq!(b.obstacles_below(Some(end(&c)), 4, LIMITS), std::slice::from_ref(&too_deep));
        assert_eq!(b.obstacles_below(Some(end(&closed)), 3, LIMITS), [flag, too_deep]);
        let unbound = Some(End { organization: &closed, bound: BoundByFlags::No });
        assert_eq!(b.obstacles_below(unbound, 2, LIMITS), []);
        assert_eq!(b.obstacles_below(None, 3, LIMITS), []);
        assert_eq!((b.lineage_below(None).as_str(), b.lineage_below(Some(&closed)).as_str()), ("b/", "c/d/b/"));
    }

    #[test]
    fn a_child_stands_below_its_parent_and_inherits_its_flags() {
        let mut root = create("a", None, BoundByFlags::Yes).unwrap();
        assert_eq!((root.lineage.as_str(), root.flags), ("a/", Flags::ENABLED));
        root.flags = root.flags.without(Flag::AccountCreation);
        let child = create("b", Some(&root), BoundByFlags::Yes).unwrap();
        assert_eq!((child.lineage.as_str(), child.flags, child.parent_name.as_deref()), ("a/b/", root.flags, Some("a")));
    }

    #[test]
    fn the_tree_grows_no_deeper_than_its_limit() {
        let a = create("a", None, BoundByFlags::Yes).unwrap();
        let b = create("b", Some(&a), BoundByFlags::Yes).unwrap();
        let c = create("c", Some(&b), BoundByFlags::Yes).unwrap();
        assert_eq!(create("d", Some(&c), BoundByFlags::Yes), Err(Refusal::TooDeep { limit: 3 }));
    }

    #[test]
    fn a_disabled_flag_binds_everybody_but_operators() {
        let mut root = create("a", None, BoundByFlags::Yes).unwrap();
        root.flags = root.flags.without(Flag::SubOrgCreation);
        assert_eq!(create("b", Some(&root), BoundByFlags::Yes), Err(Refusal::FlagDisabled { flag: Flag::SubOrgCreation }));
        assert!(create("b", Some(&root), BoundByFlags::No).is_ok());
    }
}
