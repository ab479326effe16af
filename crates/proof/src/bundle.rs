//! Bundles: a log or some leaves of it, as lines of JSON that anybody can verify offline. `docs/audit-bundle.md` is the format.

mod line;
mod tally;
mod verifier;
mod writer;

use std::{fmt, io};

pub use tally::Tally;
pub use verifier::{Known, Signed, Verified, verify};
pub use writer::Writer;

use crate::{Entry, Frontier, Hash, Invalid, Seal};

/// The version of the format.
pub const VERSION: u64 = 1;
/// The most bytes of a line, its end included: room for an entry with the largest bodies that are stored, twice over.
pub const LINE_LENGTH_MAX: usize = 16 * 1024 * 1024;

/// What the first line of a bundle says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which log it is of.
    pub origin: String,
    /// Which leaves follow.
    pub contents: Contents,
}

/// Which leaves of its log a bundle has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// All that come after this frontier; it is empty unless the first entries of the log are deleted or left off.
    Range(Frontier),
    /// Some, each with its proof against the tree of this size and root.
    Selection {
        /// How many leaves the log has.
        size: u64,
        /// The root of the tree of these leaves.
        root: Hash,
    },
}

/// An entry, where it stands in the log, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// How many leaves come before it in the log.
    pub index: u64,
    /// The entry, without its personal members when they are erased.
    pub entry: Entry<'a>,
    /// Its salt, or its commitment when its personal members are erased.
    pub seal: Seal,
    /// Its inclusion proof, which a leaf has in a selection and only there.
    pub proof: Option<Vec<Hash>>,
}

impl Header {
    /// The index that the first leaf must have, or the least that it may have.
    fn start(&self) -> u64 {
        match &self.contents {
            Contents::Range(frontier) => frontier.size(),
            Contents::Selection { .. } => 0,
        }
    }

    /// Refuses a leaf that may not come where the next index is `next`.
    fn check_leaf(&self, next: u64, leaf: &Leaf<'_>) -> Result<(), Invalid> {
        let index = leaf.index;
        match &self.contents {
            Contents::Range(_) if index != next => {
                return Err(Invalid(format!("leaf {index} is where leaf {next} should be: a line is missing, added or moved")));
            }
            Contents::Selection { size, .. } if index < next || index >= *size => {
                return Err(Invalid(format!(
                    "leaf {index} is not among those from {next} to the end of {size}, in ascending order"
                )));
            }
            Contents::Range(_) if leaf.proof.is_some() => {
                return Err(Invalid(format!("leaf {index} has a proof, which leaves have only in a bundle with proofs")));
            }
            Contents::Selection { .. } if leaf.proof.is_none() => return Err(Invalid(format!("leaf {index} has no proof"))),
            _ => {}
        }
        match (leaf.seal, leaf.entry.personal_member()) {
            (Seal::Commitment(_), Some(member)) => {
                Err(Invalid(format!("leaf {index} has a commitment in place of its salt and yet a personal member, {member}")))
            }
            _ => Ok(()),
        }
    }
}

/// Why a bundle is refused, or cannot be read or written.
#[derive(Debug)]
pub enum Error {
    /// Reading or writing failed.
    Io(io::Error),
    /// A line is not what it must be.
    Line {
        /// Which line; the first is 1.
        number: u64,
        /// What is wrong with it.
        reason: Invalid,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the bundle cannot be read or written: {error}"),
            Self::Line { number, reason } => write!(f, "line {number}: {reason}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Line { reason, .. } => Some(reason),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
