//! Where an organization or an account stands in the tree.

use crate::{AccountId, Invalid, OrganizationId, id};

/// The ids from the root of a tree to an organization, each followed by `/`; empty for the server, which is above every root.
///
/// The lineage of an account is that of the organization that holds it, or of the server, and then `@`, its id and `/`. In byte
/// order a parent comes directly before its subtree, so that a subtree with its accounts is one range of an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lineage(String);

/// The lineages `x` with `after < x < before`, in byte order; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Range {
    /// The bound below, itself left out.
    pub after: String,
    /// The bound above, itself left out.
    pub before: String,
}

impl Lineage {
    /// What is above every root: it contains every organization.
    pub const fn server() -> Self {
        Self(String::new())
    }

    /// The lineage of a root.
    pub fn root(id: &OrganizationId) -> Self {
        Self::server().child(id)
    }

    /// The lineage of a child.
    pub fn child(&self, id: &OrganizationId) -> Self {
        Self(format!("{}{id}/", self.0))
    }

    /// The lineage of an account that stands here.
    pub fn account(&self, id: &AccountId) -> Self {
        Self(format!("{}@{id}/", self.0))
    }

    /// Reads a lineage as it is stored.
    pub fn parse(text: String) -> Result<Self, Invalid> {
        let (above, account) = text.split_once('@').map_or((text.as_str(), None), |(above, account)| (above, Some(account)));
        let whole = above.is_empty() || above.ends_with('/');
        let is_account = |account: &str| account.strip_suffix('/').is_some_and(|id| id::check(id).is_ok());
        let ids_are_ids = above.split_terminator('/').all(|id| id::check(id).is_ok());
        if !whole || !ids_are_ids || !account.is_none_or(is_account) {
            return Err(Invalid(format!("{text:?} is not a lineage")));
        }
        Ok(Self(text))
    }

    /// The lineage as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the lineage of an account.
    pub fn is_account(&self) -> bool {
        self.0.contains('@')
    }

    /// The id of the account; `None` for an organization and for the server.
    pub fn account_id(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, account)| account.trim_end_matches('/'))
    }

    /// The lineage of the organization that holds the account, or of the server; of an organization its own.
    pub fn holder(&self) -> Self {
        Self(self.above_account().to_owned())
    }

    fn above_account(&self) -> &str {
        self.0.split_once('@').map_or(&self.0, |(above, _)| above)
    }

    /// The ids of the organizations from the root down.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.above_account().split_terminator('/')
    }

    /// The lineage of the organization with this id, if it is this one or above it; with `@` before the id, of the account itself.
    pub fn up_to(&self, id: &str) -> Option<Self> {
        if let Some(account) = id.strip_prefix('@') {
            return (self.account_id() == Some(account)).then(|| self.clone());
        }
        let mut end = 0;
        self.ids().find_map(|step| {
            end += step.len() + 1;
            (step == id).then(|| Self(self.0[..end].to_owned()))
        })
    }

    /// How many organizations there are from the root to this one: 1 for a root, 0 for the server.
    pub fn depth(&self) -> usize {
        self.ids().count()
    }

    /// The id of the organization itself, or of the one that holds the account; `None` for the server.
    pub fn id(&self) -> Option<&str> {
        self.ids().next_back()
    }

    /// The id of the root of the tree; `None` for the server and for an account that stands alone.
    pub fn root_id(&self) -> Option<&str> {
        self.ids().next()
    }

    /// The id of the parent; `None` for a root and for the server.
    pub fn parent_id(&self) -> Option<&str> {
        self.ids().nth_back(1)
    }

    /// The lineage of the parent; of a root that of the server.
    pub fn parent(&self) -> Self {
        self.parent_id().and_then(|id| self.up_to(id)).unwrap_or(Self::server())
    }

    /// Whether `other` is this organization or stands below it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The range of this organization and everything below it.
    ///
    /// Ids hold no character between `-` and `0` but `/` itself, so replacing the last `/` by its neighbours `.` and `0` cuts
    /// exactly around the subtree.
    pub fn range(&self) -> Range {
        match self.0.strip_suffix('/') {
            Some(stem) => Range { after: format!("{stem}."), before: format!("{stem}0") },
            None => Range { after: String::new(), before: "{".into() },
        }
    }
}

/// Keeps of `lineages` those that no other contains, in byte order: together they cover the same organizations.
pub fn disjoint(mut lineages: Vec<Lineage>) -> Vec<Lineage> {
    lineages.sort_unstable();
    lineages.dedup_by(|next, kept| kept.contains(next));
    lineages
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lineage(text: &str) -> Lineage {
        Lineage::parse(text.into()).unwrap()
    }

    fn within(range: &Range, lineage: &Lineage) -> bool {
        range.after.as_str() < lineage.as_str() && lineage.as_str() < range.before.as_str()
    }

    #[test]
    fn a_lineage_names_its_ids_from_the_root() {
        let leaf = lineage("a/b/c/");
        assert_eq!(leaf.ids().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!((leaf.id(), leaf.parent_id(), leaf.depth()), (Some("c"), Some("b"), 3));
        assert_eq!((leaf.up_to("b"), leaf.up_to("d")), (Some(lineage("a/b/")), None));
        let server = Lineage::server();
        assert_eq!((server.id(), server.parent_id(), server.depth()), (None, None, 0));
    }

    #[test]
    fn an_account_stands_below_its_organization() {
        let account = lineage("a/b/@x/");
        assert_eq!(
            (account.up_to("@x"), account.up_to("a"), account.up_to("x")),
            (Some(account.clone()), Some(lineage("a/")), None)
        );
        assert_eq!((account.account_id(), account.id(), account.depth()), (Some("x"), Some("b"), 2));
        assert_eq!((account.holder(), lineage("@x/").holder()), (lineage("a/b/"), Lineage::server()));
        assert!(account.is_account() && !account.holder().is_account());
        assert!(lineage("a/").contains(&account) && !lineage("a/x/").contains(&account) && !account.contains(&lineage("a/b/")));
    }

    #[test]
    fn what_is_not_a_lineage_is_refused() {
        for text in ["a", "/", "a//", "a/b", "a/ü/", "a@b/", "a/@b", "a/@/", "a/@b/c/", "@a/@b/"] {
            assert!(Lineage::parse(text.into()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn of_nested_lineages_the_uppermost_stays() {
        let kept = disjoint(["b/", "a/x/", "a/", "a-b/", "a/", "b/c/d/"].map(lineage).into());
        assert_eq!(kept, ["a-b/", "a/", "b/"].map(lineage));
    }

    proptest! {
        #[test]
        fn a_range_holds_exactly_the_subtree(above in "([a-zA-Z0-9_-]{1,3}/){0,3}(@[a-zA-Z0-9_-]{1,3}/)?", other in "([a-zA-Z0-9_-]{1,3}/){1,4}(@[a-zA-Z0-9_-]{1,3}/)?") {
            let (above, other) = (lineage(&above), lineage(&other));
            prop_assert_eq!(within(&above.range(), &other), above.contains(&other));
        }

        #[test]
        fn disjoint_lineages_cover_the_same_organizations(
            texts in prop::collection::vec("([ab-]{1,2}/){1,3}", 0..8),
            probe in "([ab-]{1,2}/){1,4}",
        ) {
            let all: Vec<Lineage> = texts.iter().map(|text| lineage(text)).collect();
            let kept = disjoint(all.clone());
            let probe = lineage(&probe);
            prop_assert_eq!(all.iter().any(|l| l.contains(&probe)), kept.iter().any(|l| l.contains(&probe)));
            prop_assert!(kept.iter().filter(|l| l.contains(&probe)).count() <= 1);
        }
    }
}
