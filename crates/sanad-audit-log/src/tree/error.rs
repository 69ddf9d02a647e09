//! What can be wrong with a proof, and with making one.

use std::convert::Infallible;

/// Why a proof does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The leaf would stand outside the tree.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    IndexOutOfTree {
        /// The leaf's place.
        index: u64,
        /// How many leaves the tree has.
        size: u64,
    },
    /// A tree cannot have grown into a smaller one.
    #[error("a tree of {old} leaves cannot have grown into one of {new}")]
    Shrunk {
        /// The size of the earlier tree.
        old: u64,
        /// The size of the later one.
        new: u64,
    },
    /// A proof for this place and size has another number of hashes.
    #[error("the proof has {found} hashes; one for this place and size has {expected}")]
    WrongLength {
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// The proof does not lead from the leaf to the root.
    #[error("the proof does not lead to the tree's root: leaf, place, proof or root is another's")]
    RootMismatch,
    /// The proof does not give the earlier tree's root.
    #[error(
        "the proof does not give the earlier tree's root: \
         the history was rewritten, or the proof is another's"
    )]
    OldRootMismatch,
    /// The proof gives the earlier tree's root and not the later one's.
    #[error(
        "the proof does not give the later tree's root: \
         the history was rewritten, or the proof is another's"
    )]
    NewRootMismatch,
}

impl ProofError {
    /// A stable name of the cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::IndexOutOfTree { .. } => "proof-index-out-of-tree",
            Self::Shrunk { .. } => "proof-shrunk",
            Self::WrongLength { .. } => "proof-wrong-length",
            Self::RootMismatch => "proof-root-mismatch",
            Self::OldRootMismatch => "proof-old-root-mismatch",
            Self::NewRootMismatch => "proof-new-root-mismatch",
        }
    }
}

/// Why a proof cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError<E = Infallible> {
    /// There is no such leaf, or no such earlier tree.
    #[error("the proof was asked for a leaf or an earlier tree beyond the tree's end")]
    OutOfRange,
    /// A hash could not be read.
    #[error("a hash that the proof needs cannot be read: {0}")]
    Read(E),
}
