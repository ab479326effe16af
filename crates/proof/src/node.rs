//! Where a hash of the tree stands.

use std::ops::Range;

/// A node over a perfect subtree: the `index`-th from the left of those over `2^level` leaves.
///
/// Its hash never changes once all of its leaves are there, which is why nodes can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// The power of two of its leaves; 0 is a leaf.
    pub level: u8,
    /// How many nodes of its level are left of it.
    pub index: u64,
}

impl Node {
    /// The fewest nodes that cover the leaves of a range, from left to right.
    ///
    /// A range that starts at a multiple of a power of two not smaller than its length is a subtree of some tree, and its hash is
    /// that of the nodes folded from the right.
    pub(crate) fn covering(range: Range<u64>) -> Vec<Self> {
        let mut nodes = Vec::new();
        let mut start = range.start;
        while start < range.end {
            let level = start.trailing_zeros().min((range.end - start).ilog2());
            nodes.push(Self { level: u8::try_from(level).unwrap_or(u8::MAX), index: start >> level });
            start += 1 << level;
        }
        nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_covered_by_its_fewest_perfect_subtrees() {
        let node = |level, index| Node { level, index };
        assert_eq!(Node::covering(0..0), []);
        assert_eq!(Node::covering(0..7), [node(2, 0), node(1, 2), node(0, 6)]);
        assert_eq!(Node::covering(8..12), [node(2, 2)]);
        assert_eq!(Node::covering(8..11), [node(1, 4), node(0, 10)]);
        assert_eq!(Node::covering(0..1 << 52), [node(52, 0)]);
    }
}
