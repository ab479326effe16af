//! Proofs that a leaf is in a tree and that a tree goes on from an earlier one (RFC 9162, sections 2.1.3 and 2.1.4).

use std::ops::Range;

use crate::merkle::{self, EMPTY_ROOT, Hash, node_hash};
use crate::{Invalid, Node, check_size};

/// Which nodes a proof is made of: each hash of the proof is folded from one group of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    groups: Vec<Vec<Node>>,
}

impl Plan {
    /// Plans the proof that the leaf at `index` is in the tree of `size` leaves; an index outside of the tree is refused.
    pub fn inclusion(index: u64, size: u64) -> Result<Self, Invalid> {
        check_inside(index, size)?;
        let mut siblings = Vec::new();
        let mut tree = 0..size;
        while tree.end - tree.start > 1 {
            let (left, right) = split(&tree);
            let (inside, sibling) = if index < right.start { (left, right) } else { (right, left) };
            siblings.push(sibling);
            tree = inside;
        }
        Ok(Self::from_the_root(siblings))
    }

    /// Plans the proof that the tree of `new` leaves starts with that of `old` leaves; it has no hashes when `old` is 0 or `new`.
    pub fn consistency(old: u64, new: u64) -> Result<Self, Invalid> {
        check_order(old, new)?;
        let mut subtrees = Vec::new();
        let mut tree = 0..new;
        while old != 0 && old != tree.end {
            let (left, right) = split(&tree);
            let (inside, outside) = if old <= right.start { (left, right) } else { (right, left) };
            subtrees.push(outside);
            tree = inside;
        }
        // What starts at the first leaf is the old tree itself, whose root the verifier has.
        if tree.start != 0 {
            subtrees.push(tree);
        }
        Ok(Self::from_the_root(subtrees))
    }

    fn from_the_root(subtrees: Vec<Range<u64>>) -> Self {
        Self { groups: subtrees.into_iter().rev().map(Node::covering).collect() }
    }

    /// The nodes whose hashes are needed, in their order.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        self.groups.iter().flatten().copied()
    }

    /// Makes the proof from the hashes of [`Plan::nodes`]; another number of them is refused.
    pub fn proof(&self, hashes: &[Hash]) -> Result<Vec<Hash>, Invalid> {
        let expected = self.nodes().count();
        if hashes.len() != expected {
            return Err(Invalid(format!("the proof is made of {expected} nodes and not {}", hashes.len())));
        }
        let mut rest = hashes;
        let folded = self.groups.iter().filter_map(|group| {
            let (subtrees, after) = rest.split_at(group.len());
            rest = after;
            merkle::fold(subtrees)
        });
        Ok(folded.collect())
    }
}

/// Verifies that a leaf with this hash is at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), Invalid> {
    check_inside(index, size)?;
    let mut path = Path { index, last: size - 1 };
    let mut hash = *leaf;
    for sibling in proof {
        hash = match path.step()? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    path.finish()?;
    if hash != *root {
        return Err(Invalid(format!("the proof of leaf {index} does not lead to the root of {size} leaves")));
    }
    Ok(())
}

/// Verifies that the tree of `new_size` leaves starts with the tree of `old_size` leaves, given the roots of both.
pub fn verify_consistency(old_size: u64, old_root: &Hash, new_size: u64, new_root: &Hash, proof: &[Hash]) -> Result<(), Invalid> {
    check_order(old_size, new_size)?;
    let fork = || Invalid(format!("the tree of {new_size} leaves does not start with that of {old_size} leaves"));
    if old_size == new_size || old_size == 0 {
        let expected = if old_size == new_size { new_root } else { &EMPTY_ROOT };
        return if proof.is_empty() && old_root == expected { Ok(()) } else { Err(fork()) };
    }
    // The old tree is the left part of the new one when it is perfect; then its root is not in the proof.
    let (first, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or_else(|| Invalid("the proof of consistency is empty".into()))?;
        (*first, rest)
    };
    let skipped = (old_size - 1).trailing_ones();
    let mut path = Path { index: (old_size - 1) >> skipped, last: (new_size - 1) >> skipped };
    let (mut old, mut new) = (first, first);
    for hash in rest {
        match path.step()? {
            Side::Left => {
                old = node_hash(hash, &old);
                new = node_hash(hash, &new);
            }
            Side::Right => new = node_hash(&new, hash),
        }
    }
    path.finish()?;
    if old != *old_root || new != *new_root {
        return Err(fork());
    }
    Ok(())
}

/// On which side the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: its index in its level, and that of the last node of the level.
struct Path {
    index: u64,
    last: u64,
}

impl Path {
    fn step(&mut self) -> Result<Side, Invalid> {
        if self.last == 0 {
            return Err(Invalid("the proof has more hashes than its tree has levels".into()));
        }
        let side = if self.index % 2 == 1 || self.index == self.last {
            // The last node of a level without a right neighbour goes up unchanged to where it is a right child.
            let unpaired = self.index.trailing_zeros();
            self.index >>= unpaired;
            self.last >>= unpaired;
            Side::Left
        } else {
            Side::Right
        };
        self.index >>= 1;
        self.last >>= 1;
        Ok(side)
    }

    fn finish(self) -> Result<(), Invalid> {
        if self.last != 0 {
            return Err(Invalid("the proof has fewer hashes than its tree has levels".into()));
        }
        Ok(())
    }
}

/// The two subtrees of a tree of more than one leaf: the left has the largest power of two of leaves that leaves some for the right.
fn split(tree: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let middle = tree.start + (1 << (tree.end - tree.start - 1).ilog2());
    (tree.start..middle, middle..tree.end)
}

fn check_inside(index: u64, size: u64) -> Result<(), Invalid> {
    check_size(size)?;
    if index >= size {
        return Err(Invalid(format!("leaf {index} is not in a tree of {size} leaves")));
    }
    Ok(())
}

fn check_order(old: u64, new: u64) -> Result<(), Invalid> {
    check_size(new)?;
    if old > new {
        return Err(Invalid(format!("a tree of {new} leaves cannot start with one of {old}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hex;
    use crate::merkle::tests::{KNOWN_ROOTS, known_leaves, root_by_definition, some_leaves};

    fn hash_of(node: Node, leaves: &[Hash]) -> Hash {
        let start = usize::try_from(node.index << node.level).unwrap();
        root_by_definition(&leaves[start..start + (1 << node.level)])
    }

    fn proof(plan: &Plan, leaves: &[Hash]) -> Vec<Hash> {
        plan.proof(&plan.nodes().map(|node| hash_of(node, leaves)).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_known_trees_have_their_known_proofs() {
        let hashes = |texts: &[&str]| texts.iter().map(|text| hex::decode(text).unwrap()).collect::<Vec<Hash>>();
        let leaves = known_leaves();
        let inclusion = |index, size| proof(&Plan::inclusion(index, size).unwrap(), &leaves);
        let consistency = |old, new| proof(&Plan::consistency(old, new).unwrap(), &leaves);
        assert_eq!(inclusion(0, 1), hashes(&[]));
        assert_eq!(
            inclusion(0, 8),
            hashes(&[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ])
        );
        assert_eq!(
            inclusion(5, 8),
            hashes(&[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ])
        );
        assert_eq!(inclusion(2, 3), hashes(&["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]));
        assert_eq!(
            inclusion(1, 5),
            hashes(&[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ])
        );
        assert_eq!(consistency(1, 1), hashes(&[]));
        assert_eq!(
            consistency(1, 8),
            hashes(&[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ])
        );
        assert_eq!(
            consistency(6, 8),
            hashes(&[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ])
        );
        assert_eq!(
            consistency(2, 5),
            hashes(&[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ])
        );
        let root = |size: usize| hashes(&[KNOWN_ROOTS[size - 1]])[0];
        verify_inclusion(&leaves[5], 5, 8, &inclusion(5, 8), &root(8)).unwrap();
        verify_consistency(6, &root(6), 8, &root(8), &consistency(6, 8)).unwrap();
    }

    /// Proves and verifies one pair, and that nothing else than the proof is one.
    fn check(index: u64, size: u64, leaves: &[Hash]) -> Result<(), TestCaseError> {
        let tree = &leaves[..usize::try_from(size).unwrap()];
        let (leaf, root) = (tree[usize::try_from(index).unwrap()], root_by_definition(tree));
        let inclusion = proof(&Plan::inclusion(index, size).unwrap(), tree);
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &inclusion, &root), Ok(()));
        prop_assert!(verify_inclusion(&root, index, size, &inclusion, &leaf).is_err() || size == 1);
        prop_assert!(verify_inclusion(&leaf, index ^ 1, size, &inclusion, &root).is_err());

        let old = root_by_definition(&tree[..=usize::try_from(index).unwrap()]);
        let consistency = proof(&Plan::consistency(index + 1, size).unwrap(), tree);
        prop_assert_eq!(verify_consistency(index + 1, &old, size, &root, &consistency), Ok(()));
        prop_assert!(verify_consistency(index + 1, &leaf_of(old), size, &root, &consistency).is_err());
        prop_assert!(verify_consistency(index + 1, &old, size, &leaf_of(root), &consistency).is_err());

        for cut in [&inclusion[..inclusion.len().saturating_sub(1)], &[inclusion.as_slice(), &[root]].concat()] {
            prop_assert!(cut.len() == inclusion.len() || verify_inclusion(&leaf, index, size, cut, &root).is_err());
        }
        for cut in [&consistency[..consistency.len().saturating_sub(1)], &[consistency.as_slice(), &[root]].concat()] {
            let same = cut.len() == consistency.len();
            prop_assert!(same || verify_consistency(index + 1, &old, size, &root, cut).is_err());
        }
        Ok(())
    }

    fn leaf_of(hash: Hash) -> Hash {
        merkle::leaf_hash(&hash)
    }

    #[test]
    fn every_leaf_and_every_earlier_size_of_small_trees_is_proven() {
        let leaves = some_leaves(48);
        for size in 1..=48 {
            for index in 0..size {
                check(index, size, &leaves).unwrap();
            }
        }
    }

    #[test]
    fn every_size_up_to_300_is_proven_at_its_edges_and_within() {
        let leaves = some_leaves(300);
        for size in 1..=300 {
            for index in [0, size / 3, size / 2, size - 1] {
                check(index, size, &leaves).unwrap();
            }
        }
    }

    #[test]
    fn a_tree_starts_with_the_empty_one_and_with_itself() {
        let root = merkle::leaf_hash(b"root");
        assert_eq!(Plan::consistency(0, 9).unwrap().nodes().count(), 0);
        assert_eq!(Plan::consistency(9, 9).unwrap().nodes().count(), 0);
        verify_consistency(0, &EMPTY_ROOT, 9, &root, &[]).unwrap();
        verify_consistency(9, &root, 9, &root, &[]).unwrap();
        assert!(verify_consistency(0, &root, 9, &root, &[]).is_err());
        assert!(verify_consistency(9, &EMPTY_ROOT, 9, &root, &[]).is_err());
        assert!(verify_consistency(9, &root, 9, &root, &[root]).is_err());
    }

    #[test]
    fn a_proof_in_a_small_tree_is_none_in_a_larger_one_with_the_same_root() {
        let leaves = some_leaves(8);
        let [old, root] = [6, 8].map(|size| root_by_definition(&leaves[..size]));
        let inclusion = proof(&Plan::inclusion(2, 8).unwrap(), &leaves);
        let consistency = proof(&Plan::consistency(6, 8).unwrap(), &leaves);
        for size in [16, 17, 4_000] {
            let error = verify_inclusion(&leaves[2], 2, size, &inclusion, &root).unwrap_err();
            assert_eq!(error.0, "the proof has fewer hashes than its tree has levels");
            assert!(verify_consistency(6, &old, size, &root, &consistency).is_err());
        }
        let error = verify_inclusion(&leaves[2], 2, 4, &inclusion, &root).unwrap_err();
        assert_eq!(error.0, "the proof has more hashes than its tree has levels");
    }

    #[test]
    fn what_no_tree_has_is_refused() {
        assert_eq!(Plan::inclusion(3, 3).unwrap_err().0, "leaf 3 is not in a tree of 3 leaves");
        assert_eq!(Plan::consistency(4, 3).unwrap_err().0, "a tree of 3 leaves cannot start with one of 4");
        assert!(Plan::inclusion(0, u64::MAX).is_err());
        assert!(Plan::inclusion(0, 3).unwrap().proof(&[]).is_err());
        assert!(verify_inclusion(&EMPTY_ROOT, 0, 0, &[], &EMPTY_ROOT).is_err());
        assert!(verify_consistency(3, &EMPTY_ROOT, 4, &EMPTY_ROOT, &[]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]

        #[test]
        fn random_places_in_larger_trees_are_proven(size in 300_u64..4_000, share in 0.0..1.0) {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let index = (size as f64 * share) as u64;
            check(index, size, &some_leaves(size))?;
        }

        #[test]
        fn a_changed_hash_of_a_proof_is_noticed(size in 2_u64..200, at: usize, byte in 0_usize..32, bit in 0_u8..8) {
            let leaves = some_leaves(size);
            let root = root_by_definition(&leaves);
            let index = at as u64 % size;
            let mut inclusion = proof(&Plan::inclusion(index, size).unwrap(), &leaves);
            let changed = at % inclusion.len();
            inclusion[changed][byte] ^= 1 << bit;
            prop_assert!(verify_inclusion(&leaves[usize::try_from(index).unwrap()], index, size, &inclusion, &root).is_err());
        }
    }
}
