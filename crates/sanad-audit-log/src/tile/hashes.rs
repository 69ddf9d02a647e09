//! Tiles of hashes.

use super::error::TileError;
use super::place::Width;
use super::{FULL, TILE_HEIGHT};
use crate::tree::{Frontier, TreeHash};

/// From 1 to 256 hashes, side by side in the tree. What they are of, the tile's place says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tile {
    bytes: Vec<u8>,
}

impl Tile {
    /// The tile with these bytes, which must be just as many as `width` asks for.
    ///
    /// # Errors
    /// [`TileError::WrongSize`].
    pub fn parse(bytes: impl Into<Vec<u8>>, width: Width) -> Result<Self, TileError> {
        let bytes = bytes.into();
        let (expected, found) = (usize::from(width.get()) * TreeHash::SIZE, bytes.len());
        if found == expected {
            Ok(Self { bytes })
        } else {
            Err(TileError::WrongSize { expected, found })
        }
    }

    /// The bytes: the hashes one after another.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many hashes there are.
    pub fn width(&self) -> u16 {
        // At most 256 hashes of 32 bytes.
        (self.bytes.len() / TreeHash::SIZE) as u16
    }

    /// The hashes, from left to right.
    pub fn hashes(&self) -> impl ExactSizeIterator<Item = TreeHash> {
        let (hashes, _) = self.bytes.as_chunks::<{ TreeHash::SIZE }>();
        hashes.iter().map(|hash| TreeHash::from_bytes(*hash))
    }

    /// The first hashes of this tile as a tile: what was published of it at an earlier size.
    ///
    /// # Errors
    /// [`TileError::TooNarrow`].
    pub fn narrowed(mut self, width: Width) -> Result<Self, TileError> {
        let (wanted, found) = (width.get(), self.width());
        if found < wanted {
            return Err(TileError::TooNarrow { wanted, found });
        }
        self.bytes.truncate(usize::from(wanted) * TreeHash::SIZE);
        Ok(self)
    }

    /// The hash of the subtree that a full tile spans: one hash of the level above. A partial tile
    /// has none.
    pub fn root(&self) -> Option<TreeHash> {
        if self.width() == FULL { self.subtree(TILE_HEIGHT, 0) } else { None }
    }

    /// The hash of the subtree of 2^`height` hashes of this tile that is number `index` of its
    /// height, if all of it is there.
    pub(super) fn subtree(&self, height: u8, index: u16) -> Option<TreeHash> {
        if height > TILE_HEIGHT {
            return None;
        }
        let (width, begin) = (1usize << height, usize::from(index) << height);
        let (hashes, _) = self.bytes.as_chunks::<{ TreeHash::SIZE }>();
        let mut frontier = Frontier::new();
        for hash in hashes.get(begin..begin + width)? {
            frontier.append(TreeHash::from_bytes(*hash));
        }
        Some(frontier.root())
    }

    /// An empty row that hashes are added to; it is a tile from the first one on.
    pub(super) fn empty() -> Self {
        Self { bytes: Vec::with_capacity(usize::from(FULL) * TreeHash::SIZE) }
    }

    pub(super) fn push(&mut self, hash: &TreeHash) {
        self.bytes.extend_from_slice(hash.as_bytes());
    }
}
