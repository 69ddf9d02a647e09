//! The unfinished tiles of a growing tree.

use super::error::TileReadError;
use super::hashes::Tile;
use super::place::{TilePlace, Width};
use super::reader::TileSource;
use super::{FULL, MAX_LEVELS, TILE_HEIGHT};
use crate::tree::{Frontier, TreeHash};

/// The right edge of a growing tree, in tiles: for each level the hashes that are not yet a full
/// tile. Takes at most 8 KiB a level, whatever the tree's size.
///
/// ```
/// use sanad_audit_log::{tile::{TileEdge, TilePath}, tree::TreeHash};
/// let mut edge = TileEdge::new();
/// let mut full = Vec::new();
/// for n in 0..257u32 {
///     let leaf = TreeHash::leaf(&n.to_le_bytes());
///     edge.append(leaf, |place, _tile| full.push(TilePath::Tile(place).to_string()));
/// }
/// assert_eq!(full, ["tile/0/000"]);
/// let partial = edge.partial_tiles().map(|(place, _)| TilePath::Tile(place).to_string());
/// let partial: Vec<_> = partial.collect();
/// assert_eq!(partial, ["tile/0/001.p/1", "tile/1/000.p/1"]);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TileEdge {
    size: u64,
    /// From the leaves upwards, each with fewer than 256 hashes.
    rows: Vec<Tile>,
}

impl TileEdge {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, rows: Vec::new() }
    }

    /// Goes on from the tree of `size` leaves, whose partial tiles `source` has. What it gives is
    /// believed: compare [`TileEdge::root`] with what is known.
    ///
    /// # Errors
    /// [`TileReadError`] when a tile cannot be read.
    pub fn resumed<S: TileSource>(
        source: &mut S,
        size: u64,
    ) -> Result<Self, TileReadError<S::Error>> {
        let mut rows = Vec::new();
        for level in 0..MAX_LEVELS {
            let hashes = size >> (u32::from(level) * u32::from(TILE_HEIGHT));
            if hashes == 0 {
                break;
            }
            let mut row = Tile::empty();
            let index = hashes / u64::from(FULL);
            if let Some(place) = TilePlace::in_tree(level, index, size) {
                let tile = source.read_tile(place).map_err(TileReadError::Source)?;
                let tile = tile.narrowed(place.width())?;
                tile.hashes().for_each(|hash| row.push(&hash));
            }
            rows.push(row);
        }
        Ok(Self { size, rows })
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash, and hands each tile that is full by it to `full`, from the leaves
    /// upwards.
    pub fn append(&mut self, leaf: TreeHash, mut full: impl FnMut(TilePlace, &Tile)) {
        let mut hash = leaf;
        self.size += 1;
        for level in 0.. {
            let place = usize::from(level);
            if place == self.rows.len() {
                self.rows.push(Tile::empty());
            }
            self.rows[place].push(&hash);
            let Some(root) = self.rows[place].root() else { return };
            let hashes = self.size >> (u32::from(level) * u32::from(TILE_HEIGHT));
            let index = hashes / u64::from(FULL) - 1;
            if let Some(tile) = TilePlace::new(level, index, Width::FULL) {
                full(tile, &self.rows[place]);
            }
            self.rows[place] = Tile::empty();
            hash = root;
        }
    }

    /// The partial tiles of the tree as it is now, from the leaves upwards.
    pub fn partial_tiles(&self) -> impl Iterator<Item = (TilePlace, &Tile)> {
        self.rows.iter().zip(0u8..).filter_map(|(row, level)| {
            let hashes = self.size >> (u32::from(level) * u32::from(TILE_HEIGHT));
            let width = Width::new(row.width())?;
            Some((TilePlace::new(level, hashes / u64::from(FULL), width)?, row))
        })
    }

    /// The same tree in a few hashes.
    pub fn frontier(&self) -> Frontier {
        let mut peaks = Vec::new();
        for row in self.rows.iter().rev() {
            let mut frontier = Frontier::new();
            row.hashes().for_each(|hash| frontier.append(hash));
            peaks.extend_from_slice(frontier.peaks());
        }
        // A row has as many hashes as the size has at its level beyond the full tiles.
        Frontier::from_whole(self.size, peaks)
    }

    /// The tree's root.
    pub fn root(&self) -> TreeHash {
        self.frontier().root()
    }
}

impl Default for TileEdge {
    fn default() -> Self {
        Self::new()
    }
}
