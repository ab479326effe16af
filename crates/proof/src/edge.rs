//! Appending to a tree that is stored as tiles.

use crate::merkle::{self, Hash};
use crate::tile::{HASH_BYTES, WIDTH};
use crate::{Frontier, Invalid, Tile, check_size, tile};

/// The right edge of a stored tree: its frontier, and of each level the tile that is not full yet.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    frontier: Frontier,
    /// By level; fewer than 256 hashes each.
    partial: Vec<Vec<Hash>>,
}

/// A tile with all of its bytes, as it is to be stored after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedTile {
    /// Which tile.
    pub tile: Tile,
    /// Its hashes, from left to right: 32 to 8,192 bytes.
    pub bytes: Vec<u8>,
}

impl Edge {
    /// The tiles that the edge of a tree of `size` leaves is made of: those that are neither empty nor full.
    pub fn tiles(size: u64) -> Vec<Tile> {
        (0..8).map(|level| Tile { level, index: size >> (8 * level) >> 8 }).filter(|tile| tile.width(size) > 0).collect()
    }

    /// Takes the bytes of [`Edge::tiles`], each with its [`Tile::width`] at this size; anything else is refused.
    pub fn new(size: u64, tiles: &[Vec<u8>]) -> Result<Self, Invalid> {
        check_size(size)?;
        let expected = Self::tiles(size);
        if tiles.len() != expected.len() {
            let (expected, found) = (expected.len(), tiles.len());
            return Err(Invalid(format!("the edge of {size} leaves has {expected} tiles and not {found}")));
        }
        let mut partial = Vec::new();
        for (tile, bytes) in expected.iter().zip(tiles) {
            let (hashes, cut) = bytes.as_chunks::<HASH_BYTES>();
            if hashes.len() as u64 != tile.width(size) || !cut.is_empty() {
                let (width, Tile { level, index }) = (tile.width(size), tile);
                let found = bytes.len();
                return Err(Invalid(format!("tile {index} of level {level} has {found} bytes instead of {width} hashes")));
            }
            partial.resize_with(usize::from(tile.level), Vec::new);
            partial.push(hashes.to_vec());
        }
        let frontier = Frontier::nodes(size).into_iter().map(|node| {
            let tile: &[Hash] = partial.get(usize::from(Tile::of(node).level)).map_or(&[], Vec::as_slice);
            tile::hash_of(node, tile.as_flattened())
        });
        let frontier = Frontier::new(size, frontier.collect::<Result<_, _>>()?)?;
        Ok(Self { frontier, partial })
    }

    /// Appends the hashes of leaves and returns every tile that changed, the full ones before the partial ones.
    pub fn append(&mut self, leaves: &[Hash]) -> Vec<ChangedTile> {
        let before = self.frontier.size();
        let mut changed = Vec::new();
        for leaf in leaves {
            self.frontier.push(*leaf);
            self.push(*leaf, &mut changed);
        }
        let size = self.frontier.size();
        for tile in Self::tiles(size) {
            if tile.width(before) != tile.width(size) {
                let bytes = self.partial[usize::from(tile.level)].concat();
                changed.push(ChangedTile { tile, bytes });
            }
        }
        changed
    }

    /// Adds a hash to the tile of level 0; a tile that it fills is done with, and its root goes up a level.
    fn push(&mut self, leaf: Hash, changed: &mut Vec<ChangedTile>) {
        let mut hash = leaf;
        for level in 0..8 {
            if self.partial.len() <= usize::from(level) {
                self.partial.push(Vec::new());
            }
            let tile = &mut self.partial[usize::from(level)];
            tile.push(hash);
            if (tile.len() as u64) < WIDTH {
                return;
            }
            let index = (self.frontier.size() >> (8 * level) >> 8) - 1;
            changed.push(ChangedTile { tile: Tile { level, index }, bytes: tile.concat() });
            hash = merkle::perfect_root(tile);
            tile.clear();
        }
    }

    /// The frontier: size, root, and where a bundle of later leaves starts.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::merkle::tests::{root_by_definition, some_leaves};
    use crate::proof::{self, Plan};

    type Stored = BTreeMap<Tile, Vec<u8>>;

    fn store(stored: &mut Stored, changed: Vec<ChangedTile>) {
        stored.extend(changed.into_iter().map(|changed| (changed.tile, changed.bytes)));
    }

    fn load(stored: &Stored, size: u64) -> Edge {
        Edge::new(size, &Edge::tiles(size).iter().map(|tile| stored[tile].clone()).collect::<Vec<_>>()).unwrap()
    }

    /// The tiles of a tree by their definition.
    fn tiles_by_definition(leaves: &[Hash]) -> Stored {
        let mut stored = Stored::new();
        let (mut level, mut hashes) = (0, leaves.to_vec());
        while !hashes.is_empty() {
            let tiles = hashes.chunks(256).map(<[Hash]>::concat);
            stored.extend((0..).zip(tiles).map(|(index, bytes)| (Tile { level, index }, bytes)));
            hashes = hashes.chunks_exact(256).map(root_by_definition).collect();
            level += 1;
        }
        stored
    }

    #[test]
    fn only_the_tiles_that_change_are_returned() {
        let mut edge = Edge::default();
        let changed = |edge: &mut Edge, count| {
            edge.append(&some_leaves(count)).iter().map(|changed| (changed.tile.level, changed.tile.index)).collect::<Vec<_>>()
        };
        assert_eq!(changed(&mut edge, 0), []);
        assert_eq!(changed(&mut edge, 255), [(0, 0)]);
        assert_eq!(changed(&mut edge, 1), [(0, 0), (1, 0)]);
        assert_eq!(changed(&mut edge, 1), [(0, 1)]);
        assert_eq!(changed(&mut edge, 600), [(0, 1), (0, 2), (0, 3), (1, 0)]);
    }

    #[test]
    fn a_third_level_of_tiles_begins_with_the_65536th_leaf() {
        let leaves = some_leaves(65_536 + 300);
        let mut stored = Stored::new();
        let mut edge = Edge::default();
        for batch in leaves.chunks(997) {
            store(&mut stored, edge.append(batch));
        }
        assert_eq!(stored, tiles_by_definition(&leaves));
        assert_eq!(edge.frontier().root(), root_by_definition(&leaves));
        assert_eq!(load(&stored, leaves.len() as u64).frontier(), edge.frontier());
    }

    #[test]
    fn an_edge_of_other_tiles_is_refused() {
        assert!(Edge::new(3, &[]).is_err());
        assert!(Edge::new(3, &[some_leaves(2).concat()]).is_err());
        assert!(Edge::new(3, &[some_leaves(4).concat()]).is_err());
        assert!(Edge::new(3, &[some_leaves(3).concat()]).is_ok());
        assert!(Edge::new(u64::MAX, &[]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn tiles_of_batches_are_those_of_the_whole_tree_and_prove_every_leaf(
            batches in prop::collection::vec(0_u64..700, 1..8), at: u64,
        ) {
            let leaves = some_leaves(batches.iter().sum());
            let (mut stored, mut size) = (Stored::new(), 0);
            for batch in batches {
                let mut edge = load(&stored, size);
                let [from, to] = [size, size + batch].map(|size| usize::try_from(size).unwrap());
                store(&mut stored, edge.append(&leaves[from..to]));
                size += batch;
                prop_assert_eq!(edge.frontier().root(), root_by_definition(&leaves[..to]));
                prop_assert_eq!(edge.frontier().size(), size);
            }
            prop_assert_eq!(&stored, &tiles_by_definition(&leaves));
            if size > 0 {
                let index = at % size;
                let plan = Plan::inclusion(index, size).unwrap();
                let hashes: Result<Vec<_>, _> = plan.nodes().map(|node| tile::hash_of(node, &stored[&Tile::of(node)])).collect();
                let inclusion = plan.proof(&hashes.unwrap()).unwrap();
                let leaf = &leaves[usize::try_from(index).unwrap()];
                let root = root_by_definition(&leaves);
                prop_assert_eq!(proof::verify_inclusion(leaf, index, size, &inclusion, &root), Ok(()));
            }
        }
    }
}
