//! The little of a tree that is needed to append to it and to know its root.

use crate::merkle::{self, EMPTY_ROOT, Hash};
use crate::{Invalid, Node, check_size};

/// The hashes of the perfect subtrees that a tree consists of, from left to right: one for each bit that is set in its size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The nodes whose hashes are the frontier of a tree of `size` leaves, in their order.
    pub fn nodes(size: u64) -> Vec<Node> {
        Node::covering(0..size)
    }

    /// Takes the hashes of [`Frontier::nodes`]; another number of them, or a size over [`crate::SIZE_MAX`], is refused.
    pub fn new(size: u64, hashes: Vec<Hash>) -> Result<Self, Invalid> {
        check_size(size)?;
        let (expected, found) = (size.count_ones(), hashes.len());
        if usize::try_from(expected) != Ok(found) {
            return Err(Invalid(format!("the frontier of {size} leaves has {expected} hashes and not {found}")));
        }
        Ok(Self { size, hashes })
    }

    /// Appends the hash of a leaf.
    pub fn push(&mut self, leaf: Hash) {
        // Each bit that carries when 1 is added to the size is a subtree that the new one completes.
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.hashes.pop() else { break };
            hash = merkle::node_hash(&left, &hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes, from left to right.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        merkle::fold(&self.hashes).unwrap_or(EMPTY_ROOT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SIZE_MAX;
    use crate::merkle::tests::{root_by_definition, some_leaves};

    #[test]
    fn the_root_of_a_frontier_is_the_root_of_the_tree_at_every_size() {
        let leaves = some_leaves(600);
        let mut frontier = Frontier::default();
        for size in 0..=leaves.len() {
            assert_eq!(frontier.root(), root_by_definition(&leaves[..size]), "{size} leaves");
            assert_eq!(frontier.hashes().len(), Frontier::nodes(frontier.size()).len());
            if let Some(leaf) = leaves.get(size) {
                frontier.push(*leaf);
            }
        }
    }

    #[test]
    fn a_frontier_goes_on_from_the_hashes_of_its_nodes() {
        let leaves = some_leaves(100);
        for size in 0..leaves.len() {
            let nodes = Frontier::nodes(size as u64);
            let hash = |node: &Node| {
                let start = usize::try_from(node.index << node.level).unwrap();
                root_by_definition(&leaves[start..start + (1 << node.level)])
            };
            let mut frontier = Frontier::new(size as u64, nodes.iter().map(hash).collect()).unwrap();
            frontier.push(leaves[size]);
            assert_eq!(frontier.root(), root_by_definition(&leaves[..=size]), "{size} leaves and one");
        }
    }

    #[test]
    fn a_frontier_with_another_number_of_hashes_is_refused() {
        assert_eq!(Frontier::new(6, vec![[0; 32]]).unwrap_err().0, "the frontier of 6 leaves has 2 hashes and not 1");
        assert!(Frontier::new(0, vec![[0; 32]]).is_err());
        assert!(Frontier::new(SIZE_MAX, vec![[0; 32]; 53]).is_ok());
        assert!(Frontier::new(SIZE_MAX + 1, vec![[0; 32]]).is_err());
    }
}
