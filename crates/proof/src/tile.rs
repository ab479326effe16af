//! How the hashes of a tree are stored: in tiles (C2SP tlog-tiles).

use crate::merkle::{self, Hash};
use crate::{Invalid, Node};

/// The levels of the tree that one level of tiles covers.
const HEIGHT: u8 = 8;
/// The most hashes of a tile.
pub const WIDTH: u64 = 1 << HEIGHT;
/// The bytes of a hash in a tile.
pub(crate) const HASH_BYTES: usize = size_of::<Hash>();

/// Up to 256 adjacent nodes of the tree's level `8 * level`; its bytes are their hashes, from left to right.
///
/// The nodes of the seven levels above are not stored, for their hashes follow from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// The level among tiles: a hash of the tile stands for `256^level` leaves.
    pub level: u8,
    /// How many tiles of its level are left of it.
    pub index: u64,
}

impl Tile {
    /// The tile from which the hash of a node follows.
    pub fn of(node: Node) -> Self {
        Self { level: node.level / HEIGHT, index: node.index >> (HEIGHT - node.level % HEIGHT) }
    }

    /// How many hashes the tile has when the tree has `size` leaves: 0 to 256.
    pub fn width(self, size: u64) -> u64 {
        let nodes = size.checked_shr(u32::from(HEIGHT) * u32::from(self.level)).unwrap_or(0);
        nodes.saturating_sub(self.index.saturating_mul(WIDTH)).min(WIDTH)
    }
}

/// Computes the hash of a node from the bytes of [`Tile::of`] it; a tile that does not reach so far is refused.
pub fn hash_of(node: Node, tile: &[u8]) -> Result<Hash, Invalid> {
    let height = node.level % HEIGHT;
    let first = (node.index << height) % WIDTH;
    let (first, count) = (usize::try_from(first).unwrap_or(usize::MAX), 1 << height);
    let (hashes, cut) = tile.as_chunks::<HASH_BYTES>();
    match hashes.get(first..first + count) {
        Some(below) if cut.is_empty() => Ok(merkle::perfect_root(below)),
        _ => Err(Invalid(format!(
            "the tile of node {} of level {} has {} bytes, which do not reach to its hash {}",
            node.index,
            node.level,
            tile.len(),
            first + count - 1
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::tests::{root_by_definition, some_leaves};

    #[test]
    fn a_node_is_in_the_tile_below_it() {
        let tile = |level, index| Tile::of(Node { level, index });
        assert_eq!(tile(0, 255), Tile { level: 0, index: 0 });
        assert_eq!(tile(0, 256), Tile { level: 0, index: 1 });
        assert_eq!(tile(7, 1), Tile { level: 0, index: 0 });
        assert_eq!(tile(7, 2), Tile { level: 0, index: 1 });
        assert_eq!(tile(8, 255), Tile { level: 1, index: 0 });
        assert_eq!(tile(17, 1), Tile { level: 2, index: 0 });
    }

    #[test]
    fn a_tile_is_as_wide_as_the_tree_is_large() {
        let width = |level, index, size| Tile { level, index }.width(size);
        assert_eq!([width(0, 0, 0), width(0, 0, 7), width(0, 0, 256), width(0, 0, 999)], [0, 7, 256, 256]);
        assert_eq!([width(0, 3, 999), width(0, 4, 999), width(1, 0, 999), width(2, 0, 999)], [231, 0, 3, 0]);
        assert_eq!([width(8, 0, u64::MAX), width(0, u64::MAX, u64::MAX)], [0, 0]);
    }

    #[test]
    fn every_node_of_a_tile_follows_from_its_hashes() {
        let leaves = some_leaves(512);
        for level in 0..8_u8 {
            for index in 0..512_u64 >> level {
                let node = Node { level, index };
                let start = usize::try_from(index << level).unwrap();
                let expected = root_by_definition(&leaves[start..start + (1 << level)]);
                let tile = usize::try_from(Tile::of(node).index).unwrap() * 256;
                assert_eq!(hash_of(node, leaves[tile..tile + 256].as_flattened()), Ok(expected), "{node:?}");
            }
        }
    }

    #[test]
    fn a_tile_that_is_too_short_or_cut_within_a_hash_is_refused() {
        let bytes = some_leaves(4).concat();
        assert!(hash_of(Node { level: 2, index: 0 }, &bytes).is_ok());
        assert!(hash_of(Node { level: 2, index: 1 }, &bytes).is_err());
        assert!(hash_of(Node { level: 0, index: 0 }, &bytes[..33]).is_err());
        assert!(hash_of(Node { level: 0, index: 0 }, &[]).is_err());
    }
}
