//! What can be wrong with tiles and bundles.

use super::bundle::MAX_ENTRY;

/// Why bytes are not the tile or the bundle that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TileError {
    /// A tile of this width has another size.
    #[error("the tile has {found} bytes; one of this width has {expected}")]
    WrongSize {
        /// The size that it must have.
        expected: usize,
        /// The size that it has.
        found: usize,
    },
    /// A tile is narrower than what was asked for.
    #[error("the tile has {found} hashes and {wanted} were asked for")]
    TooNarrow {
        /// How many hashes were asked for.
        wanted: u16,
        /// How many it has.
        found: u16,
    },
    /// A bundle ends in the middle of an entry, or before its last.
    #[error("the bundle ends in entry {entry} of {width}; its end is cut off")]
    CutOff {
        /// Which entry, counted from 0.
        entry: u16,
        /// How many there should be.
        width: u16,
    },
    /// A bundle goes on after its last entry.
    #[error("the bundle has {extra} bytes after the last of its {width} entries")]
    TooManyBytes {
        /// How many bytes there are after it.
        extra: usize,
        /// How many entries there should be.
        width: u16,
    },
    /// An entry is longer than a bundle's entry may be.
    #[error("the entry has {found} bytes; at most {MAX_ENTRY} fit into a bundle")]
    EntryTooLong {
        /// How many bytes it has.
        found: usize,
    },
    /// The tree does not have such a subtree.
    #[error("the subtree is not in the tree")]
    OutOfTree,
}

/// Why a hash cannot be had out of tiles.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TileReadError<E> {
    /// A tile cannot be read.
    #[error("a tile cannot be read: {0}")]
    Source(E),
    /// A tile is not what was asked for, or was asked for where the tree has none.
    #[error(transparent)]
    Tile(#[from] TileError),
}
