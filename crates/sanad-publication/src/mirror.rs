//! A copy of a publication of which every byte was proved first.

use std::path::Path;
use std::sync::Arc;

use sanad_audit_log::tile::{BundlePlace, FULL, TileEdge, TilePath};
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{
    ChainFinding, ChainVerifier, Checkpoint, CheckpointError, Head, Identity, OpenedCheckpoint,
    Record, Sequence, VerifiedCheckpoint,
};
use sanad_event_store::disk::Disk;

use crate::error::PublicationError;
use crate::evidence;
use crate::folder_source::FolderSource;
use crate::press::{Press, resumed_edge};
use crate::reader::Publication;
use crate::shelf::{Shelf, os_disk};
use crate::source::Source;
use crate::tower::Tower;
use crate::{CHECKPOINT, IDENTITY};

/// A folder into which a publication is copied from anywhere. It is a publication itself.
///
/// Before a file gets its name there, it is proved: the checkpoint is signed by whom the caller
/// believes, its tree grew out of the one that the mirror has, every record follows in the chain and
/// stands in the tree. So a mirror never holds what its source could not prove, whatever happens on
/// the way, and updating it again goes on where it ended.
///
/// ```no_run
/// use std::path::Path;
/// use sanad_audit_log::note::VerifierKey;
/// use sanad_publication::{FolderSource, Mirror, Publication};
/// let key: VerifierKey = std::fs::read_to_string("log.vkey")?.parse()?;
/// let source = Publication::new(FolderSource::new(Path::new("/mnt/theirs")));
/// let mut mirror = Mirror::open(Path::new("ours"))?;
/// let done = mirror.update(&source, &|opened| opened.verify(&[key.clone()]), &mut |_, _| {})?;
/// println!("{} entries are new", done.to - done.from);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Mirror {
    shelf: Shelf,
}

/// What updating a mirror did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mirrored {
    /// How many entries the mirror had.
    pub from: u64,
    /// How many it has now.
    pub to: u64,
    /// How many files were written.
    pub files: u64,
}

/// Says whether a checkpoint is to be believed: by keys, or by a policy.
pub type Verify<'v> = &'v dyn Fn(&OpenedCheckpoint) -> Result<VerifiedCheckpoint, CheckpointError>;

impl Mirror {
    /// Opens the folder `dir`, which is made if it is not there, and keeps others that would write
    /// out until this is dropped.
    ///
    /// # Errors
    /// [`PublicationError::Busy`], or when the folder cannot be opened.
    pub fn open(dir: &Path) -> Result<Self, PublicationError> {
        Self::open_on(os_disk(), dir)
    }

    /// As [`Mirror::open`], on a given disk.
    ///
    /// # Errors
    /// As [`Mirror::open`].
    #[doc(hidden)]
    pub fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, PublicationError> {
        Ok(Self { shelf: Shelf::open(disk, dir)? })
    }

    /// What the mirror holds, to read.
    pub fn publication(&self) -> Publication<&FolderSource> {
        Publication::new(self.shelf.source())
    }

    /// Copies what is new at `source`. `verify` says whether its checkpoint is to be believed;
    /// `progress` hears how many of how many entries are copied. Memory does not grow with the log.
    ///
    /// # Errors
    /// [`PublicationError::MovedBackwards`] and [`PublicationError::Contradicts`] when the log shows
    /// less than before, or something else; both checkpoints are kept then. Otherwise what could not
    /// be read, or is not proved.
    pub fn update<S: Source>(
        &mut self,
        source: &Publication<S>,
        verify: Verify<'_>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Mirrored, PublicationError> {
        let before = self.shelf.written();
        let theirs = source.checkpoint()?;
        verify(&theirs).map_err(PublicationError::Checkpoint)?;
        let identity = self.identity(source, theirs.claimed())?;
        let ours = self.publication().find_checkpoint()?;
        let mut tower = Tower::new(source, theirs.claimed());
        if let Some(ours) = &ours {
            self.compare(&mut tower, ours, &theirs)?;
        }
        let (edge, chain) =
            self.resumed(&identity, ours.as_ref().map(OpenedCheckpoint::claimed))?;
        let (from, to) = (edge.size(), theirs.claimed().size());
        if let Some(ours) = ours.filter(|_| from == to) {
            // The roots were compared, so all that can be new is signatures.
            if ours != theirs {
                self.shelf.replace(CHECKPOINT, theirs.note().to_string().as_bytes())?;
            }
            return Ok(Mirrored { from, to, files: self.shelf.written() - before });
        }
        if self.publication().find_identity()?.is_none() {
            let bytes = source.identity_bytes()?.unwrap_or_default();
            self.shelf.put(IDENTITY, &bytes)?;
        }
        let mut press = Press::new(&mut self.shelf, edge);
        copy(source, &mut tower, chain, &mut press, to, &mut |done| progress(done, to - from))?;
        press.finish(&theirs)?;
        Ok(Mirrored { from, to, files: self.shelf.written() - before })
    }

    /// The identity at the source, which must be that of the checkpoint and of the mirror.
    fn identity<S: Source>(
        &self,
        source: &Publication<S>,
        checkpoint: &Checkpoint,
    ) -> Result<Identity, PublicationError> {
        let identity = source.identity()?;
        if identity.origin() != checkpoint.origin().as_str() {
            let (expected, found) = (identity.origin().to_owned(), checkpoint.origin().shown());
            return Err(PublicationError::OtherOrigin { expected, found });
        }
        if let Some(ours) = self.publication().find_identity()?.filter(|ours| *ours != identity) {
            let (expected, found) =
                (ours.ledger_id().to_string(), identity.ledger_id().to_string());
            return Err(PublicationError::OtherLedger {
                file: IDENTITY.to_owned(),
                expected,
                found,
            });
        }
        Ok(identity)
    }

    /// Compares the checkpoint that the mirror has with the one that it is shown.
    fn compare<S: Source>(
        &mut self,
        tower: &mut Tower<'_, S>,
        ours: &OpenedCheckpoint,
        theirs: &OpenedCheckpoint,
    ) -> Result<(), PublicationError> {
        let (own, shown) = (ours.claimed(), theirs.claimed());
        let goes_on = if shown.size() < own.size() {
            let (root, _) = self.publication().prove_earlier_root(own, shown.size())?;
            root == shown.root()
        } else {
            match tower.root_at(own.size()) {
                Ok(root) => root == own.root(),
                Err(error @ PublicationError::Source(_)) => return Err(error),
                Err(error) => {
                    // Signed, and not shown to go on from what was signed before.
                    evidence::keep(&mut self.shelf, ours, theirs)?;
                    return Err(error);
                }
            }
        };
        if goes_on && shown.size() >= own.size() {
            return Ok(());
        }
        let evidence = evidence::keep(&mut self.shelf, ours, theirs)?;
        let (ours, theirs) = (own.size(), shown.size());
        Err(match goes_on {
            true => PublicationError::MovedBackwards { ours, theirs, evidence },
            false => PublicationError::Contradicts { ours, theirs, evidence },
        })
    }

    /// Where the mirror ends: its tree's edge, and the chain before its last, partial bundle.
    fn resumed(
        &self,
        identity: &Identity,
        ours: Option<&Checkpoint>,
    ) -> Result<(TileEdge, ChainVerifier), PublicationError> {
        let Some(ours) = ours else { return Ok((TileEdge::new(), ChainVerifier::new(identity))) };
        let own = self.publication();
        let edge = resumed_edge(&own, ours)?;
        let begins = ours.size() - ours.size() % u64::from(FULL);
        let Some(last) = begins.checked_sub(1) else {
            return Ok((edge, ChainVerifier::new(identity)));
        };
        let proved = own.prove_record(ours, last)?;
        let record = Record::parse(&proved.bytes).map_err(|cause| {
            let sequence = Sequence::new(last);
            PublicationError::Chain(ChainFinding::Undecodable { sequence, cause })
        })?;
        let head = Head { size: begins, hash: record.stored_hash() };
        let last_us = Some(record.recorded_at_us());
        Ok((edge, ChainVerifier::resumed(identity.ledger_id(), head, last_us)))
    }
}

/// Copies bundle after bundle, each record proved in chain and tree first.
fn copy<S: Source>(
    source: &Publication<S>,
    tower: &mut Tower<'_, S>,
    mut chain: ChainVerifier,
    press: &mut Press<'_>,
    to: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<(), PublicationError> {
    let from = press.size();
    for index in chain.head().size / u64::from(FULL)..to.div_ceil(u64::from(FULL)) {
        let leaves = tower.proved(0, index)?;
        let place = BundlePlace::in_log(index, to).ok_or(PublicationError::NoSuchProof)?;
        let bundle = source.bundle(place)?;
        let entries = || bundle.entries().zip(leaves.hashes()).zip(bundle.first()..);
        for ((entry, proved), index) in entries() {
            let leaf = TreeHash::leaf(entry);
            if leaf != proved {
                let file = TilePath::Entries(place).to_string();
                return Err(PublicationError::NotInTree { index, file });
            }
            check(&mut chain, entry).map_err(PublicationError::Chain)?;
        }
        // Only now that all of the bundle is proved may it be kept.
        for ((entry, leaf), index) in entries() {
            if index < from { press.again(entry)? } else { press.take(entry, leaf)? }
        }
        progress(press.size() - from);
    }
    Ok(())
}

fn check(chain: &mut ChainVerifier, entry: &[u8]) -> Result<(), ChainFinding> {
    let sequence = chain.head().next_sequence();
    let record = Record::parse(entry);
    let record = record.map_err(|cause| ChainFinding::Undecodable { sequence, cause })?;
    chain.check(&record).map(|_| ())
}
