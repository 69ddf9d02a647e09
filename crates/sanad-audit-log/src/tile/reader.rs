//! Hashes of subtrees, out of tiles.

use super::error::{TileError, TileReadError};
use super::hashes::Tile;
use super::place::TilePlace;
use super::{FULL, MAX_LEVELS, TILE_HEIGHT};
use crate::tree::{HashReader, Node, TreeHash};

/// Something that has a log's tiles: a folder, a server, a test.
pub trait TileSource {
    /// Why a tile cannot be had.
    type Error;

    /// The tile in this place. It may be wider than asked for: a log may take away a partial tile
    /// when the full one is there.
    ///
    /// # Errors
    /// When it cannot be had.
    fn read_tile(&mut self, place: TilePlace) -> Result<Tile, Self::Error>;
}

impl<S: TileSource + ?Sized> TileSource for &mut S {
    type Error = S::Error;

    fn read_tile(&mut self, place: TilePlace) -> Result<Tile, Self::Error> {
        (**self).read_tile(place)
    }
}

/// A tree of a certain size, read out of tiles. It keeps the last two tiles of each level, so a
/// proof takes about two reads a level, and proofs of neighbours take fewer.
///
/// What the source gives is believed. Whoever does not trust it verifies the proof that is made of
/// it, against a root that is known.
#[derive(Clone, Debug)]
pub struct TileReader<S> {
    source: S,
    size: u64,
    kept: Vec<[Option<(u64, Tile)>; 2]>,
}

impl<S: TileSource> TileReader<S> {
    /// The tree with `size` leaves.
    pub fn new(source: S, size: u64) -> Self {
        Self { source, size, kept: vec![[None, None]; usize::from(MAX_LEVELS)] }
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The tile with number `index` of a level, as it is in this tree.
    fn tile(&mut self, level: u8, index: u64) -> Result<&Tile, TileReadError<S::Error>> {
        let place = TilePlace::in_tree(level, index, self.size).ok_or(TileError::OutOfTree)?;
        let kept = self.kept.get_mut(usize::from(level)).ok_or(TileError::OutOfTree)?;
        let is_here =
            |slot: &Option<(u64, Tile)>| slot.as_ref().is_some_and(|(at, _)| *at == index);
        if !is_here(&kept[0]) {
            kept.swap(0, 1);
        }
        if !is_here(&kept[0]) {
            let tile = self.source.read_tile(place).map_err(TileReadError::Source)?;
            let tile = tile.narrowed(place.width())?;
            kept[0] = Some((index, tile));
        }
        kept[0].as_ref().map(|(_, tile)| tile).ok_or(TileError::OutOfTree.into())
    }
}

impl<S: TileSource> HashReader for TileReader<S> {
    type Error = TileReadError<S::Error>;

    fn read_hash(&mut self, node: Node) -> Result<TreeHash, TileReadError<S::Error>> {
        let (level, height) = (node.height / TILE_HEIGHT, node.height % TILE_HEIGHT);
        // Of a level's tile, the subtrees of this height number 256 divided by their width.
        let in_tile = u64::from(FULL >> height);
        let tile = self.tile(level, node.index / in_tile)?;
        let subtree = tile.subtree(height, (node.index % in_tile) as u16);
        subtree.ok_or(TileError::OutOfTree.into())
    }
}
