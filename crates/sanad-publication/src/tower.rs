//! Tiles, proved from the checkpoint's root down.

use sanad_audit_log::Checkpoint;
use sanad_audit_log::tile::{FULL, MAX_LEVELS, Tile, TileEdge, TilePath, TilePlace};
use sanad_audit_log::tree::TreeHash;

use crate::error::PublicationError;
use crate::reader::Publication;
use crate::source::Source;

/// One tile of each level, the ones that are above one another just now. A tile is *proved* if the
/// checkpoint's root commits to it: a full one if its own root stands in a proved tile above it, and
/// the partial ones if together they give the root.
#[derive(Debug)]
pub(crate) struct Tower<'p, S> {
    publication: &'p Publication<S>,
    size: u64,
    edge: Result<TreeHash, PublicationError>,
    edge_is_proved: bool,
    floors: Vec<Option<Floor>>,
}

/// One tile of a tower.
#[derive(Debug)]
pub(crate) struct Floor {
    index: u64,
    /// The tile, or why there is none.
    pub(crate) tile: Result<Tile, PublicationError>,
    /// Whether the checkpoint's root commits to it.
    pub(crate) is_proved: bool,
}

/// A hash in a tile above, and whether that tile is proved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Above {
    pub(crate) hash: TreeHash,
    pub(crate) is_proved: bool,
}

impl<'p, S: Source> Tower<'p, S> {
    /// Reads the partial tiles of the checkpoint's tree.
    pub(crate) fn new(publication: &'p Publication<S>, checkpoint: &Checkpoint) -> Self {
        let size = checkpoint.size();
        let edge = TileEdge::resumed(&mut &*publication, size).map(|edge| edge.root());
        let edge = edge.map_err(PublicationError::from);
        let edge_is_proved = edge.as_ref().is_ok_and(|root| *root == checkpoint.root());
        let floors = (0..MAX_LEVELS).map(|_| None).collect();
        Self { publication, size, edge, edge_is_proved, floors }
    }

    /// The root that the partial tiles give, or why they give none.
    pub(crate) const fn edge(&self) -> &Result<TreeHash, PublicationError> {
        &self.edge
    }

    /// Whether the partial tiles give the checkpoint's root.
    pub(crate) const fn edge_is_proved(&self) -> bool {
        self.edge_is_proved
    }

    /// Where the tile stands, which the tree must have.
    pub(crate) fn place(&self, level: u8, index: u64) -> Option<TilePlace> {
        TilePlace::in_tree(level, index, self.size)
    }

    /// The tile; `None` if the tree has no such tile.
    pub(crate) fn floor(&mut self, level: u8, index: u64) -> Option<&Floor> {
        let place = self.place(level, index)?;
        let slot = usize::from(level);
        if self.floors.get(slot)?.as_ref().is_none_or(|floor| floor.index != index) {
            let tile = self.publication.tile(place);
            let is_proved = match &tile {
                Ok(tile) if place.width().is_full() => {
                    let above = self.above(level, index);
                    above.is_some_and(|above| above.is_proved && tile.root() == Some(above.hash))
                }
                Ok(_) => self.edge_is_proved,
                Err(_) => false,
            };
            self.floors[slot] = Some(Floor { index, tile, is_proved });
        }
        self.floors[slot].as_ref()
    }

    /// The hash of a full tile as the tile above it says it; `None` if that one cannot be read.
    pub(crate) fn above(&mut self, level: u8, index: u64) -> Option<Above> {
        self.place(level, index).filter(|place| place.width().is_full())?;
        let floor = self.floor(level + 1, index / u64::from(FULL))?;
        let tile = floor.tile.as_ref().ok()?;
        let hash = tile.hashes().nth((index % u64::from(FULL)) as usize)?;
        Some(Above { hash, is_proved: floor.is_proved })
    }

    /// The tile, if it is proved.
    ///
    /// # Errors
    /// Why there is none, or [`PublicationError::DoesNotFit`].
    pub(crate) fn proved(&mut self, level: u8, index: u64) -> Result<Tile, PublicationError> {
        let place = self.place(level, index).ok_or(PublicationError::NoSuchProof)?;
        let file = TilePath::Tile(place).to_string();
        if self.floor(level, index).is_some_and(|floor| floor.is_proved) {
            let floor = self.floors.get_mut(usize::from(level)).and_then(Option::as_mut);
            if let Some(Floor { tile: Ok(tile), .. }) = floor {
                return Ok(tile.clone());
            }
        }
        // What stands here fails because of itself, or because of a tile above it.
        if let Some(floor) = self.floors.get_mut(usize::from(level)).and_then(Option::take) {
            floor.tile?;
        }
        if level + 1 < MAX_LEVELS && self.place(level + 1, index / u64::from(FULL)).is_some() {
            self.proved(level + 1, index / u64::from(FULL))?;
        }
        let why = match place.width().is_full() {
            true => "the tiles above it say another hash of it",
            false => "the partial tiles together do not give the checkpoint's root",
        };
        let why = why.to_owned();
        Err(PublicationError::DoesNotFit { file, why })
    }
}
