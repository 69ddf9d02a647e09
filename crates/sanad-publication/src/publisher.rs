//! The publication of a ledger, to write.

use std::path::Path;
use std::sync::Arc;

use sanad_audit_log::tile::{FULL, TileEdge};
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{
    ChainVerifier, Checkpoint, Head, OpenedCheckpoint, Record, Sequence, StateDigest,
    VerifiedRecord,
};
use sanad_event_store::disk::Disk;
use sanad_event_store::{FileReader, RecordStream};

use crate::error::PublicationError;
use crate::press::{Press, resumed_edge};
use crate::reader::Publication;
use crate::shelf::{Shelf, os_disk};
use crate::tidying;
use crate::tower::Tower;
use crate::{IDENTITY, state_file};

/// Writes the publication of a ledger into a folder, so that any web server or bucket serves it.
///
/// Every file is put in place whole and durable, and the checkpoint last. So a publication that was
/// interrupted is the one before, with some files more; publishing again goes on where it ended. A
/// file that is published is never altered. One process at a time publishes into a folder.
///
/// ```no_run
/// use std::path::Path;
/// use sanad_audit_log::OpenedCheckpoint;
/// use sanad_event_store::FileReader;
/// use sanad_publication::Publisher;
/// let ledger = FileReader::open(Path::new("ledger"))?;
/// let checkpoint = OpenedCheckpoint::parse(&std::fs::read("checkpoint")?)?;
/// let mut publisher = Publisher::open(Path::new("published"))?;
/// let published = publisher.publish(&ledger, &checkpoint, &mut |_, _| {})?;
/// println!("{} entries are new", published.to - published.from);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Publisher {
    shelf: Shelf,
}

/// What publishing did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
    /// How many entries were published before.
    pub from: u64,
    /// How many are now.
    pub to: u64,
    /// How many files were written.
    pub files: u64,
}

impl Publisher {
    /// Opens the folder `dir`, which is made if it is not there, and keeps other publishers out
    /// until this is dropped.
    ///
    /// # Errors
    /// [`PublicationError::Busy`] while another process publishes there; else when the folder cannot
    /// be opened.
    pub fn open(dir: &Path) -> Result<Self, PublicationError> {
        Self::open_on(os_disk(), dir)
    }

    /// As [`Publisher::open`], on a given disk.
    ///
    /// # Errors
    /// As [`Publisher::open`].
    #[doc(hidden)]
    pub fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, PublicationError> {
        Ok(Self { shelf: Shelf::open(disk, dir)? })
    }

    /// The checkpoint that is published, if there is one.
    ///
    /// # Errors
    /// [`PublicationError`] when it cannot be read or is not one.
    pub fn published(&self) -> Result<Option<OpenedCheckpoint>, PublicationError> {
        Publication::new(self.shelf.source()).find_checkpoint()
    }

    /// Publishes the ledger's records up to the size of `note`, and `note` as its checkpoint. The
    /// chain is checked, and the tree over the records, before anything is written; the note's
    /// signatures are the caller's matter. The records are read twice; `progress` hears how many of
    /// how many are written. Memory does not grow with the log.
    ///
    /// A note of the size that is published already replaces the checkpoint if its root is the same:
    /// it may have more signatures.
    ///
    /// # Errors
    /// [`PublicationError`] says what keeps the note or the ledger from being published there.
    /// What is published is then what was published before.
    pub fn publish(
        &mut self,
        ledger: &FileReader,
        note: &OpenedCheckpoint,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Published, PublicationError> {
        self.publish_with_digest(ledger, note, None, progress)
    }

    /// As [`Publisher::publish`], with the digest of what the entries amount to beside the
    /// checkpoint. It is the caller's to compute, and nobody signs it.
    ///
    /// # Errors
    /// As [`Publisher::publish`].
    pub fn publish_with_digest(
        &mut self,
        ledger: &FileReader,
        note: &OpenedCheckpoint,
        digest: Option<StateDigest>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Published, PublicationError> {
        let before = self.shelf.written();
        let edge = self.resumed(ledger, note.claimed())?;
        let (from, to) = (edge.size(), note.claimed().size());
        self.rehearse(ledger, edge.clone(), note.claimed())?;
        self.put_identity(ledger)?;
        if let Some(digest) = digest {
            self.shelf.put(&state_file(to), format!("{digest}\n").as_bytes())?;
        }
        let mut press = Press::new(&mut self.shelf, edge);
        let partial_from = from - from % u64::from(FULL);
        walk(ledger, partial_from, to, &mut |verified| {
            let record = verified.record();
            let bytes = record.raw().bytes();
            if record.sequence().get() < from {
                return press.again(bytes);
            }
            press.take(bytes, TreeHash::leaf(bytes))?;
            if press.size().is_multiple_of(u64::from(FULL)) {
                progress(press.size() - from, to - from);
            }
            Ok(())
        })?;
        press.finish(note)?;
        progress(to - from, to - from);
        Ok(Published { from, to, files: self.shelf.written() - before })
    }

    /// Takes away the partial tiles and bundles that are of no use any more, since the full ones are
    /// there; gives how many files were removed.
    ///
    /// # Errors
    /// [`PublicationError`] when a folder cannot be read or a file not be removed.
    pub fn tidy(&mut self) -> Result<u64, PublicationError> {
        tidying::tidy(&self.shelf)
    }

    /// The edge of what is published, once it is clear that the note goes on from there.
    fn resumed(&self, ledger: &FileReader, to: &Checkpoint) -> Result<TileEdge, PublicationError> {
        let origin = ledger.identity().origin();
        if to.origin().as_str() != origin {
            let (expected, found) = (origin.to_owned(), to.origin().shown());
            return Err(PublicationError::OtherOrigin { expected, found });
        }
        let published = Publication::new(self.shelf.source());
        if let Some(found) = published.find_identity()?.filter(|it| it != ledger.identity()) {
            let (expected, found) = (ledger.identity().ledger_id(), found.ledger_id());
            let (expected, found) = (expected.to_string(), found.to_string());
            return Err(PublicationError::OtherLedger {
                file: IDENTITY.to_owned(),
                expected,
                found,
            });
        }
        let Some(before) = published.find_checkpoint()? else { return Ok(TileEdge::new()) };
        let before = before.claimed();
        if before.origin() != to.origin() {
            let (expected, found) = (to.origin().shown(), before.origin().shown());
            return Err(PublicationError::OtherOrigin { expected, found });
        }
        if before.size() > to.size() {
            let (published, given) = (before.size(), to.size());
            return Err(PublicationError::Backwards { published, given });
        }
        let edge = resumed_edge(&published, before)?;
        self.compare_end(ledger, &published, before)?;
        Ok(edge)
    }

    /// Compares the last records that are published with the ledger's. The last one's chain hash
    /// stands for all before it.
    fn compare_end(
        &self,
        ledger: &FileReader,
        published: &Publication<&crate::FolderSource>,
        checkpoint: &Checkpoint,
    ) -> Result<(), PublicationError> {
        let Some(last) = checkpoint.size().checked_sub(1) else { return Ok(()) };
        let mut tower = Tower::new(published, checkpoint);
        let tile = tower.proved(0, last / u64::from(FULL))?;
        let mut leaves = tile.hashes();
        let from = last - last % u64::from(FULL);
        walk(ledger, from, checkpoint.size(), &mut |verified| {
            let record = verified.record();
            if leaves.next() == Some(TreeHash::leaf(record.raw().bytes())) {
                return Ok(());
            }
            Err(PublicationError::OtherHistory { sequence: record.sequence() })
        })
    }

    /// Does all but writing: nothing is put in place for a checkpoint that does not fit.
    fn rehearse(
        &self,
        ledger: &FileReader,
        mut edge: TileEdge,
        to: &Checkpoint,
    ) -> Result<(), PublicationError> {
        let size = to.size();
        walk(ledger, edge.size(), size, &mut |verified| {
            edge.append(TreeHash::leaf(verified.record().raw().bytes()), |_, _| {});
            Ok(())
        })?;
        let (expected, found) = (edge.root(), to.root());
        if expected == found {
            Ok(())
        } else {
            Err(PublicationError::RootDiffers { size, expected, found })
        }
    }

    /// Puts the ledger's own identity file in place. One that says the same in other bytes stays.
    fn put_identity(&mut self, ledger: &FileReader) -> Result<(), PublicationError> {
        if Publication::new(self.shelf.source()).find_identity()?.is_some() {
            return Ok(());
        }
        self.shelf.put(IDENTITY, &ledger.identity_bytes()?)
    }
}

/// Walks through the ledger's records `from..to`, checking the chain, on from the record before.
fn walk(
    ledger: &FileReader,
    from: u64,
    to: u64,
    each: &mut dyn FnMut(&VerifiedRecord<'_>) -> Result<(), PublicationError>,
) -> Result<(), PublicationError> {
    if from >= to {
        return beyond(ledger, to);
    }
    let mut records = ledger.records(from.saturating_sub(1)..to)?;
    let mut chain = ChainVerifier::new(ledger.identity());
    if from > 0 {
        let before = records.next_record();
        let Some(before) = before.map_err(|error| ended(error, to))? else { return Ok(()) };
        let sequence = Sequence::new(from - 1);
        let record = Record::decode(before).map_err(|cause| {
            PublicationError::Chain(sanad_audit_log::ChainFinding::Undecodable { sequence, cause })
        })?;
        let head = Head { size: from, hash: record.stored_hash() };
        let last_us = Some(record.recorded_at_us());
        chain = ChainVerifier::resumed(ledger.identity().ledger_id(), head, last_us);
    }
    while let Some(raw) = records.next_record().map_err(|error| ended(error, to))? {
        each(&chain.check_raw(raw).map_err(PublicationError::Chain)?)?;
    }
    Ok(())
}

/// Refuses a size that the ledger does not reach.
fn beyond(ledger: &FileReader, to: u64) -> Result<(), PublicationError> {
    let Some(last) = to.checked_sub(1) else { return Ok(()) };
    let mut records = ledger.records(last..to)?;
    records.next_record().map(|_| ()).map_err(|error| ended(error, to))
}

fn ended(error: sanad_event_store::StoreError, asked: u64) -> PublicationError {
    match error {
        sanad_event_store::StoreError::OutOfRange { size, .. } => {
            PublicationError::Beyond { asked, size }
        }
        error => error.into(),
    }
}
