//! Tiles, proved from the checkpoint's root down.

use sanad_audit_log::Checkpoint;
use sanad_audit_log::tile::{
    FULL, MAX_LEVELS, Tile, TileEdge, TilePath, TilePlace, TileReader, TileSource,
};
use sanad_audit_log::tree::{ConsistencyProof, TreeHash, tree_root};

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
    edge_is_proved: bool,
    floors: Vec<Option<Floor>>,
    faults: Vec<Fault>,
}

/// One tile of a tower.
#[derive(Debug)]
pub(crate) struct Floor {
    index: u64,
    /// The tile; `None` where it cannot be had.
    pub(crate) tile: Option<Tile>,
    /// Whether the checkpoint's root commits to it.
    pub(crate) is_proved: bool,
}

/// A hash in a tile above, and whether that tile is proved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Above {
    pub(crate) hash: TreeHash,
    pub(crate) is_proved: bool,
}

/// Why a tile could not be had.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) place: TilePlace,
    pub(crate) error: PublicationError,
}

impl<'p, S: Source> Tower<'p, S> {
    /// Reads the partial tiles of the checkpoint's tree.
    pub(crate) fn new(publication: &'p Publication<S>, checkpoint: &Checkpoint) -> Self {
        let size = checkpoint.size();
        let edge = TileEdge::resumed(&mut &*publication, size).map(|edge| edge.root());
        // What keeps the edge from being read is told when its tiles are asked for one by one.
        let edge_is_proved = edge.is_ok_and(|root| root == checkpoint.root());
        let floors = (0..MAX_LEVELS).map(|_| None).collect();
        Self { publication, size, edge_is_proved, floors, faults: Vec::new() }
    }

    /// Whether the partial tiles give the checkpoint's root.
    pub(crate) const fn edge_is_proved(&self) -> bool {
        self.edge_is_proved
    }

    /// The next tile that could not be had since this was asked last.
    pub(crate) fn next_fault(&mut self) -> Option<Fault> {
        self.faults.pop()
    }

    /// Where the tile stands; `None` if the tree has no such tile.
    pub(crate) fn place(&self, level: u8, index: u64) -> Option<TilePlace> {
        TilePlace::in_tree(level, index, self.size)
    }

    /// The tile; `None` if the tree has no such tile.
    pub(crate) fn floor(&mut self, level: u8, index: u64) -> Option<&Floor> {
        let place = self.place(level, index)?;
        let slot = usize::from(level);
        if self.floors.get(slot)?.as_ref().is_none_or(|floor| floor.index != index) {
            let (tile, is_proved) = match self.publication.tile(place) {
                Ok(tile) => {
                    let is_proved = self.proves(place, &tile);
                    (Some(tile), is_proved)
                }
                Err(error) => {
                    self.faults.push(Fault { place, error });
                    (None, false)
                }
            };
            self.floors[slot] = Some(Floor { index, tile, is_proved });
        }
        self.floors[slot].as_ref()
    }

    fn proves(&mut self, place: TilePlace, tile: &Tile) -> bool {
        if !place.width().is_full() {
            return self.edge_is_proved;
        }
        let above = self.above(place.level(), place.index());
        above.is_some_and(|above| above.is_proved && tile.root() == Some(above.hash))
    }

    /// The hash of a full tile as the tile above it says it; `None` if that one cannot be had.
    pub(crate) fn above(&mut self, level: u8, index: u64) -> Option<Above> {
        self.place(level, index).filter(|place| place.width().is_full())?;
        let floor = self.floor(level + 1, index / u64::from(FULL))?;
        let hash = floor.tile.as_ref()?.hashes().nth((index % u64::from(FULL)) as usize)?;
        Some(Above { hash, is_proved: floor.is_proved })
    }

    /// The tile, if it is proved.
    ///
    /// # Errors
    /// Why there is none, or [`PublicationError::DoesNotFit`].
    pub(crate) fn proved(&mut self, level: u8, index: u64) -> Result<Tile, PublicationError> {
        let place = self.place(level, index).ok_or(PublicationError::NoSuchProof)?;
        let floor = self.floor(level, index).ok_or(PublicationError::NoSuchProof)?;
        if let (Some(tile), true) = (&floor.tile, floor.is_proved) {
            return Ok(tile.clone());
        }
        if let Some(fault) = self.next_fault() {
            return Err(fault.error);
        }
        let file = TilePath::Tile(place).to_string();
        let why = if place.width().is_full() {
            // What stands here fails because of itself, or because of a tile above it.
            self.proved(level + 1, index / u64::from(FULL))?;
            "the tiles above it say another hash of it"
        } else {
            "the partial tiles together do not give the checkpoint's root"
        };
        Err(PublicationError::DoesNotFit { file, why: why.to_owned() })
    }
}

/// Gives the tiles of a tower that are proved.
#[derive(Debug)]
pub(crate) struct Proved<'t, 'p, S>(pub(crate) &'t mut Tower<'p, S>);

impl<S: Source> TileSource for Proved<'_, '_, S> {
    type Error = PublicationError;

    fn read_tile(&mut self, place: TilePlace) -> Result<Tile, PublicationError> {
        self.0.proved(place.level(), place.index())
    }
}

impl<S: Source> Tower<'_, S> {
    /// The root that the checkpoint's tree had when it had `old` leaves, from proved tiles.
    pub(crate) fn root_at(&mut self, old: u64) -> Result<TreeHash, PublicationError> {
        let size = self.size;
        Ok(tree_root(&mut TileReader::new(Proved(self), size), old)?)
    }

    /// The proof that the checkpoint's tree grew out of what it was when it had `old` leaves, from
    /// proved tiles.
    pub(crate) fn growth(&mut self, old: u64) -> Result<ConsistencyProof, PublicationError> {
        let size = self.size;
        Ok(ConsistencyProof::make(&mut TileReader::new(Proved(self), size), old, size)?)
    }
}
