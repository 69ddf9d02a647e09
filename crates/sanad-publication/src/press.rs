//! Records pressed into bundles and tiles, on from what is published.

use sanad_audit_log::tile::{
    BundlePlace, FULL, TileEdge, TilePath, TilePlace, Width, append_entry,
};
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{Checkpoint, OpenedCheckpoint};

use crate::CHECKPOINT;
use crate::error::PublicationError;
use crate::reader::Publication;
use crate::shelf::Shelf;
use crate::source::Source;

/// Takes records one after another and puts every file that is full into its place. The records
/// are the caller's to check.
#[derive(Debug)]
pub(crate) struct Press<'s> {
    shelf: &'s mut Shelf,
    edge: TileEdge,
    /// The bundle that is being filled.
    bundle: Vec<u8>,
}

impl<'s> Press<'s> {
    /// Goes on behind the tree of `edge`. Its last bundle, where that is partial, is to be given
    /// again with [`Press::again`].
    pub(crate) const fn new(shelf: &'s mut Shelf, edge: TileEdge) -> Self {
        Self { shelf, edge, bundle: Vec::new() }
    }

    /// How many records the tree has.
    pub(crate) const fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Takes a record of the last, partial bundle that is in the tree already.
    pub(crate) fn again(&mut self, record: &[u8]) -> Result<(), PublicationError> {
        let index = self.edge.size() / u64::from(FULL);
        append_entry(record, &mut self.bundle).map_err(|cause| {
            let file = TilePath::Entries(BundlePlace::new(index, Width::FULL)).to_string();
            PublicationError::Tile { file, cause }
        })
    }

    /// Takes the next record, whose leaf has this hash.
    pub(crate) fn take(&mut self, record: &[u8], leaf: TreeHash) -> Result<(), PublicationError> {
        let index = self.edge.size() / u64::from(FULL);
        self.again(record)?;
        if (self.edge.size() + 1).is_multiple_of(u64::from(FULL)) {
            let place = BundlePlace::new(index, Width::FULL);
            self.shelf.put(&TilePath::Entries(place).to_string(), &self.bundle)?;
            self.bundle.clear();
        }
        let (shelf, mut put) = (&mut *self.shelf, Ok(()));
        self.edge.append(leaf, |place, tile| {
            if put.is_ok() {
                put = shelf.put(&TilePath::Tile(place).to_string(), tile.bytes());
            }
        });
        put
    }

    /// Puts the partial files in place, and the checkpoint last.
    pub(crate) fn finish(self, note: &OpenedCheckpoint) -> Result<(), PublicationError> {
        let size = self.edge.size();
        let (expected, found) = (self.edge.root(), note.claimed().root());
        if (size, expected) != (note.claimed().size(), found) {
            return Err(PublicationError::RootDiffers { size, expected, found });
        }
        let place = BundlePlace::in_log(size / u64::from(FULL), size);
        if let Some(place) = place {
            self.shelf.put(&TilePath::Entries(place).to_string(), &self.bundle)?;
        }
        for (place, tile) in self.edge.partial_tiles() {
            self.shelf.put(&TilePath::Tile(place).to_string(), tile.bytes())?;
        }
        self.shelf.replace(CHECKPOINT, note.note().to_string().as_bytes())
    }
}

/// The right edge of the tree that is published in a folder, whose root is the checkpoint's.
///
/// # Errors
/// [`PublicationError::DoesNotFit`] names the file that is not what the others say of it.
pub(crate) fn resumed_edge<S: Source>(
    published: &Publication<S>,
    checkpoint: &Checkpoint,
) -> Result<TileEdge, PublicationError> {
    let size = checkpoint.size();
    let edge = TileEdge::resumed(&mut &*published, size)?;
    if edge.root() == checkpoint.root() {
        return Ok(edge);
    }
    Err(misfit(published, &edge)?)
}

/// Which file does not fit: a tile that says of a tile or record below what that does not give, or
/// else the checkpoint.
fn misfit<S: Source>(
    published: &Publication<S>,
    edge: &TileEdge,
) -> Result<PublicationError, PublicationError> {
    for (place, tile) in edge.partial_tiles() {
        let file = TilePath::Tile(place).to_string();
        if let Some(below) = place.level().checked_sub(1) {
            for (hash, n) in tile.hashes().zip(place.index() * u64::from(FULL)..) {
                let Some(place) = TilePlace::new(below, n, Width::FULL) else { continue };
                if published.tile(place)?.root() != Some(hash) {
                    let why = format!("it says another hash of {}", TilePath::Tile(place));
                    return Ok(PublicationError::DoesNotFit { file, why });
                }
            }
        } else {
            let bundle = published.bundle(BundlePlace::new(place.index(), place.width()))?;
            for (hash, entry) in tile.hashes().zip(bundle.entries()) {
                if TreeHash::leaf(entry) != hash {
                    let bundle = TilePath::Entries(bundle.place());
                    let why = format!("it says another hash of an entry in {bundle}");
                    return Ok(PublicationError::DoesNotFit { file, why });
                }
            }
        }
    }
    let (file, why) = (CHECKPOINT.to_owned(), "the tiles give another root".to_owned());
    Ok(PublicationError::DoesNotFit { file, why })
}
