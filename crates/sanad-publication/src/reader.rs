//! A publication, read from a source.

use std::path::Path;

use sanad_audit_log::note::MAX_NOTE;
use sanad_audit_log::tile::{
    BundlePlace, EntryBundle, FULL, MAX_BUNDLE, Tile, TilePath, TilePlace, TileReader, TileSource,
    Width,
};
use sanad_audit_log::tree::{ConsistencyProof, InclusionProof, TreeHash};
use sanad_audit_log::{ChainHash, Checkpoint, Identity, OpenedCheckpoint, StateDigest};
use sanad_event_store::{MAX_IDENTITY_FILE, identity_from_bytes};

use crate::bundle::Bundle;
use crate::error::PublicationError;
use crate::source::Source;
use crate::tower::Tower;
use crate::{CHECKPOINT, IDENTITY, state_file};

/// The longest file with a digest: 64 hexadecimal digits and a line feed.
const MAX_DIGEST_FILE: usize = 65;

/// A publication as its source shows it. Every file is bounded before it is read, and checked for
/// its shape when it is. What it says is believed only where a proof is made of it.
///
/// ```no_run
/// use std::path::Path;
/// use sanad_publication::{FolderSource, Publication};
/// let publication = Publication::new(FolderSource::new(Path::new("published")));
/// let checkpoint = publication.checkpoint()?;
/// println!("{} entries are published", checkpoint.claimed().size());
/// let proved = publication.prove_record(checkpoint.claimed(), 7)?;
/// println!("entry 7 has {} bytes and stands in the tree", proved.bytes.len());
/// # Ok::<(), sanad_publication::PublicationError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Publication<S> {
    source: S,
}

/// A record with the proof that it stands in a checkpoint's tree. The proof was verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvedRecord {
    /// The bytes of the leaf: the record as it is published.
    pub bytes: Vec<u8>,
    /// The proof.
    pub inclusion: InclusionProof,
}

impl<S: Source> Publication<S> {
    /// The publication that `source` shows. Nothing is read yet.
    pub const fn new(source: S) -> Self {
        Self { source }
    }

    /// The source.
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// The latest checkpoint. Nobody is known to have signed it.
    ///
    /// # Errors
    /// [`PublicationError::NoCheckpoint`] when there is none; else when it cannot be read or is not
    /// a checkpoint.
    pub fn checkpoint(&self) -> Result<OpenedCheckpoint, PublicationError> {
        self.find_checkpoint()?.ok_or(PublicationError::NoCheckpoint)
    }

    /// The latest checkpoint, if there is one.
    ///
    /// # Errors
    /// As [`Publication::checkpoint`].
    pub fn find_checkpoint(&self) -> Result<Option<OpenedCheckpoint>, PublicationError> {
        let Some(bytes) = self.source.fetch(CHECKPOINT, MAX_NOTE)? else { return Ok(None) };
        let opened = OpenedCheckpoint::parse(&bytes);
        opened.map(Some).map_err(PublicationError::Checkpoint)
    }

    /// Which ledger it is of, as it says itself: what the first record's chain hash follows.
    ///
    /// # Errors
    /// When the file is missing, cannot be read or is not an identity's.
    pub fn identity(&self) -> Result<Identity, PublicationError> {
        self.find_identity()?.ok_or(PublicationError::Missing { file: IDENTITY.to_owned() })
    }

    /// Which ledger it is of, if it says so.
    ///
    /// # Errors
    /// As [`Publication::identity`].
    pub fn find_identity(&self) -> Result<Option<Identity>, PublicationError> {
        let Some(bytes) = self.identity_bytes()? else { return Ok(None) };
        Ok(Some(identity_from_bytes(&bytes, Path::new(IDENTITY))?))
    }

    /// The digest of what the first `size` entries amount to, as the publisher computed it, if that
    /// is published. Nobody signed it: compare it with a replay.
    ///
    /// # Errors
    /// [`PublicationError::NotADigest`], or when the file cannot be read.
    pub fn state_digest(&self, size: u64) -> Result<Option<StateDigest>, PublicationError> {
        let file = state_file(size);
        let Some(bytes) = self.source.fetch(&file, MAX_DIGEST_FILE)? else { return Ok(None) };
        let text = std::str::from_utf8(&bytes).ok();
        // It is written as a chain hash is.
        let hash = text.and_then(|text| text.strip_suffix('\n')?.parse::<ChainHash>().ok());
        let hash = hash.ok_or(PublicationError::NotADigest { file })?;
        Ok(Some(StateDigest::from_bytes(*hash.as_bytes())))
    }

    pub(crate) fn identity_bytes(&self) -> Result<Option<Vec<u8>>, PublicationError> {
        Ok(self.source.fetch(IDENTITY, MAX_IDENTITY_FILE)?)
    }

    /// A tile as a tree has it. Where the partial tile is not there any more, its hashes are taken
    /// from the full one.
    ///
    /// # Errors
    /// [`PublicationError::Missing`], [`PublicationError::Tile`], or when it cannot be read.
    pub fn tile(&self, place: TilePlace) -> Result<Tile, PublicationError> {
        let parse = |width: Width, file: String| {
            let most = usize::from(width.get()) * TreeHash::SIZE;
            let Some(bytes) = self.source.fetch(&file, most)? else { return Ok(None) };
            let tile = Tile::parse(bytes, width);
            tile.map(Some).map_err(|cause| PublicationError::Tile { file, cause })
        };
        let file = TilePath::Tile(place).to_string();
        if let Some(tile) = parse(place.width(), file.clone())? {
            return Ok(tile);
        }
        let full = TilePlace::new(place.level(), place.index(), Width::FULL);
        if let Some(full) = full.filter(|full| *full != place) {
            let file = TilePath::Tile(full).to_string();
            if let Some(tile) = parse(Width::FULL, file.clone())? {
                let tile = tile.narrowed(place.width());
                return tile.map_err(|cause| PublicationError::Tile { file, cause });
            }
        }
        Err(PublicationError::Missing { file })
    }

    /// A bundle as a log has it. Where the partial bundle is not there any more, its entries are
    /// taken from the full one. At most 16 MiB are read.
    ///
    /// # Errors
    /// [`PublicationError::Missing`], [`PublicationError::Tile`], or when it cannot be read.
    pub fn bundle(&self, place: BundlePlace) -> Result<Bundle, PublicationError> {
        let file = TilePath::Entries(place).to_string();
        if let Some(bytes) = self.source.fetch(&file, most_bytes(place.width()))? {
            let bundle = Bundle::exact(place, bytes);
            return bundle.map_err(|cause| PublicationError::Tile { file, cause });
        }
        if !place.width().is_full() {
            let full = BundlePlace::new(place.index(), Width::FULL);
            let file = TilePath::Entries(full).to_string();
            if let Some(bytes) = self.source.fetch(&file, MAX_BUNDLE)? {
                let bundle = Bundle::wide(place, bytes);
                return bundle.map_err(|cause| PublicationError::Tile { file, cause });
            }
        }
        Err(PublicationError::Missing { file })
    }

    /// The entries of a bundle that is cut off: those before the cut. For whoever goes on after
    /// damage.
    pub(crate) fn bundle_before_cut(&self, place: BundlePlace, whole: u16) -> Option<Bundle> {
        let file = TilePath::Entries(place).to_string();
        let bytes = self.source.fetch(&file, most_bytes(place.width())).ok()??;
        let width = Width::new(whole)?;
        let length = EntryBundle::parse_first(&bytes, width).ok()?.bytes().len();
        Bundle::exact(BundlePlace::new(place.index(), width), bytes[..length].to_vec()).ok()
    }

    /// The bundles of a log of `size` entries, from the one with entry `from` on, one after another.
    pub fn bundles(
        &self,
        from: u64,
        size: u64,
    ) -> impl Iterator<Item = Result<Bundle, PublicationError>> + '_ {
        let full = u64::from(FULL);
        let places = (from / full..size.div_ceil(full))
            .filter_map(move |index| BundlePlace::in_log(index, size));
        places.map(|place| self.bundle(place))
    }

    /// A record with the proof that it stands in the checkpoint's tree, verified, in O(log n) reads.
    ///
    /// # Errors
    /// [`PublicationError::NotInTree`] when the files give no proof that holds; else when a file is
    /// missing or cannot be read.
    pub fn prove_record(
        &self,
        checkpoint: &Checkpoint,
        index: u64,
    ) -> Result<ProvedRecord, PublicationError> {
        let size = checkpoint.size();
        let outside = PublicationError::OutOfRange { asked: index, size };
        let place = BundlePlace::in_log(index / u64::from(FULL), size).filter(|_| index < size);
        let bundle = self.bundle(place.ok_or(outside)?)?;
        let entry = bundle.entries().nth((index % u64::from(FULL)) as usize);
        let bytes = entry.map(<[u8]>::to_vec).unwrap_or_default();
        let mut tiles = TileReader::new(self, size);
        let inclusion = InclusionProof::make(&mut tiles, index, size)?;
        if inclusion.verify(&TreeHash::leaf(&bytes), &checkpoint.root()).is_err() {
            let file = TilePath::Entries(bundle.place()).to_string();
            return Err(PublicationError::NotInTree { index, file });
        }
        Ok(ProvedRecord { bytes, inclusion })
    }

    /// The root that the checkpoint's tree had when it had `old` entries, with the proof, in O(log n)
    /// reads. The tiles used are proved from the checkpoint's root down, so whoever signed the
    /// checkpoint has signed this root too.
    ///
    /// # Errors
    /// [`PublicationError::DoesNotFit`] when the tiles do not lead to the checkpoint's root; else
    /// when a tile is missing or cannot be read, or `old` is more than the checkpoint's size.
    pub fn prove_earlier_root(
        &self,
        checkpoint: &Checkpoint,
        old: u64,
    ) -> Result<(TreeHash, ConsistencyProof), PublicationError> {
        if old > checkpoint.size() {
            return Err(PublicationError::NoSuchProof);
        }
        let mut tower = Tower::new(self, checkpoint);
        Ok((tower.root_at(old)?, tower.growth(old)?))
    }

    /// The proof that the checkpoint's tree grew out of the tree of `old` entries with the root
    /// `old_root`, verified, in O(log n) reads.
    ///
    /// # Errors
    /// [`PublicationError::NotConsistent`] when the files give no proof that holds; else when a tile
    /// is missing or cannot be read.
    pub fn prove_consistency(
        &self,
        old: u64,
        old_root: &TreeHash,
        checkpoint: &Checkpoint,
    ) -> Result<ConsistencyProof, PublicationError> {
        let size = checkpoint.size();
        let mut tiles = TileReader::new(self, size);
        let proof = ConsistencyProof::make(&mut tiles, old, size)?;
        match proof.verify(old_root, &checkpoint.root()) {
            Ok(()) => Ok(proof),
            Err(cause) => Err(PublicationError::NotConsistent { old, new: size, cause }),
        }
    }
}

/// The most bytes of a bundle of a width.
fn most_bytes(width: Width) -> usize {
    MAX_BUNDLE / usize::from(FULL) * usize::from(width.get())
}

impl<S: Source> TileSource for Publication<S> {
    type Error = PublicationError;

    fn read_tile(&mut self, place: TilePlace) -> Result<Tile, PublicationError> {
        self.tile(place)
    }
}

impl<S: Source> TileSource for &Publication<S> {
    type Error = PublicationError;

    fn read_tile(&mut self, place: TilePlace) -> Result<Tile, PublicationError> {
        self.tile(place)
    }
}
