//! The audit log as a Merkle tree: what a leaf is, what proves that it is in the tree, and bundles that anybody can verify offline.
//!
//! Everything here is a pure function or a plain type: salts and keys are arguments, readers and writers are passed in, and
//! nothing waits or asks the machine. Where hashes are stored elsewhere, a function first says which are needed, in what order,
//! and another takes them in that order, so that the caller may wait in between.

pub mod bundle;
mod canonical;
pub mod checkpoint;
pub mod edge;
pub mod entry;
pub mod frontier;
pub mod hex;
pub mod leaf;
pub mod merkle;
pub mod node;
pub mod note;
pub mod proof;
pub mod tile;

pub use checkpoint::Checkpoint;
pub use edge::Edge;
pub use entry::Entry;
pub use frontier::Frontier;
pub use leaf::{Salt, Seal};
pub use merkle::Hash;
pub use node::Node;
pub use note::{Signer, VerifierKey};
pub use proof::Plan;
pub use tile::Tile;

/// The most leaves of a tree: the largest integer that every reader of JSON keeps exact (RFC 8785, appendix D).
pub const SIZE_MAX: u64 = (1 << 53) - 1;

/// Why something is refused: a phrase in lower case that names the thing and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub String);

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// Refuses a size that no tree may have.
fn check_size(size: u64) -> Result<(), Invalid> {
    if size > SIZE_MAX {
        return Err(Invalid(format!("a tree of {size} leaves is larger than the {SIZE_MAX} that are allowed")));
    }
    Ok(())
}
