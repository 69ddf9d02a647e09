//! A ledger's log, to read only: beside a writer, and in folders where nothing may be written.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use sanad_audit_log::{ChainHash, Head, Identity, Sequence};

use crate::disk::{self, Disk};
use crate::error::{Doing, StoreError};
use crate::folder::Folder;
use crate::identity_file;
use crate::lock::{self, Epoch};
use crate::memory::Memory;
use crate::position::{Position, Positions};
use crate::records::Records;
use crate::recovery;
use crate::scan::Scan;
use crate::segment::SegmentHeader;
use crate::store::RecordStream;

/// How often a memory that is being replaced is opened.
const TRIES: usize = 3;

/// Reads a ledger's log. It takes no lock and never writes into the folder; any number of readers
/// work beside one writer.
#[derive(Clone, Debug)]
pub struct FileReader {
    folder: Folder,
    identity: Identity,
    positions: Positions,
}

impl FileReader {
    /// Opens the ledger in the folder `dir`.
    ///
    /// # Errors
    /// [`StoreError`] when there is no ledger, or none that this version can read.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_on(&disk::os(), dir)
    }

    /// As [`FileReader::open`], on a given disk.
    ///
    /// # Errors
    /// As [`FileReader::open`].
    #[doc(hidden)]
    pub fn open_on(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Self, StoreError> {
        let folder = Folder::checked_on(disk, dir)?;
        let identity = identity_file::read(&folder)?;
        Ok(Self { folder, identity, positions: Positions::default() })
    }

    /// Which ledger it is.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The bytes of its identity file, as they stand there.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be read, or no longer says what it said.
    pub fn identity_bytes(&self) -> Result<Vec<u8>, StoreError> {
        let bytes = identity_file::read_bytes(&self.folder)?;
        let path = self.folder.identity();
        if identity_file::from_bytes(&bytes, &path)? == self.identity {
            return Ok(bytes);
        }
        let why = "it was replaced by another ledger's".to_owned();
        Err(StoreError::IdentityDamaged { path, why })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.folder.root()
    }

    pub(crate) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Makes reading begin near the records asked for. Positions are hints, and wrong ones do no
    /// harm; [`Memory::positions`] has some.
    pub fn add_positions(&mut self, positions: impl IntoIterator<Item = Position>) {
        self.positions.add(positions);
    }

    /// Scans the whole log as it is now, damaged or not.
    ///
    /// # Errors
    /// [`StoreError`] when the log's folder cannot be listed or holds no segment.
    pub fn scan(&self) -> Result<Scan, StoreError> {
        let segments = self.folder.segments()?;
        let head = Head::empty(self.identity.genesis());
        let scan = Scan::new(self.folder.clone(), &self.identity, segments, head);
        Ok(scan.judging_the_tail())
    }

    /// Streams the records with the sequences in `range`. The stream fails with
    /// [`StoreError::OutOfRange`] where the log ends before the range does.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn records(&self, range: Range<u64>) -> Result<Records, StoreError> {
        let mut segments = self.folder.segments()?;
        let from = Sequence::new(range.start);
        let index = segments.partition_point(|&first| first <= from).saturating_sub(1);
        segments.drain(..index);
        let begins = self.begins(&segments)?;
        let scan = || Scan::new(self.folder.clone(), &self.identity, segments.clone(), begins);
        let near = self.positions.before(from).filter(|near| near.segment == segments[0]);
        let mut near_scan = scan();
        let begun = near.is_some_and(|near| near_scan.begin_at(near.offset, near.sequence));
        let scan = if begun { near_scan } else { scan() };
        Ok(Records::new(scan, self.folder.clone(), range))
    }

    /// The head of all whole records that follow one another in the last segments. Beside a writer it
    /// may hold records that are on their way and not acknowledged.
    ///
    /// # Errors
    /// [`StoreError`] when the last segment cannot be read.
    pub fn head(&self) -> Result<Head, StoreError> {
        self.head_behind(None)
    }

    /// As [`FileReader::head`], where a head of the log is known, as a memory remembers one: if the log holds it, what
    /// is before it in its segment is not read, given that a position is near.
    ///
    /// # Errors
    /// As [`FileReader::head`].
    pub fn head_behind(&self, known: Option<Head>) -> Result<Head, StoreError> {
        let near = |known: Head| {
            let last = Sequence::new(known.size.checked_sub(1)?);
            Some((known, self.positions.before(last)?))
        };
        let known = known.and_then(near);
        for &first in self.folder.segments()?.iter().rev() {
            if let Some(head) =
                recovery::head_for_reader(&self.folder, &self.identity, first, known)?
            {
                return Ok(head);
            }
        }
        Err(StoreError::NoSegments { path: self.folder.log() })
    }

    /// The head that an audit comes to, as the bytes claim, whatever is damaged. Reads the whole log.
    ///
    /// # Errors
    /// As [`FileReader::scan`].
    pub fn claimed_head(&self) -> Result<Head, StoreError> {
        let mut scan = self.scan()?;
        while scan.next_item().is_some() {}
        Ok(scan.head())
    }

    /// Whether the log's history passes through `head`: the state it stands for is this ledger's.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read in that place. That it does not reach so far is
    /// no error.
    pub fn holds(&self, head: Head) -> Result<bool, StoreError> {
        let Some(last) = head.size.checked_sub(1) else {
            return Ok(head.hash == self.identity.genesis());
        };
        match self.records(last..head.size)?.next_record() {
            Ok(found) => Ok(found.is_some_and(|raw| raw.stored_hash() == head.hash)),
            Err(StoreError::OutOfRange { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a writer holds the lock just now, and the last writer's epoch.
    pub fn writer(&self) -> (bool, Epoch) {
        lock::glance(&self.folder)
    }

    /// What the ledger remembers about its log, beside a writer or without one; nothing is written. `None` when there
    /// is none, or none that can be used: it is derived, and a reader can do without.
    pub fn memory(&self) -> Option<Memory> {
        // Between reading the manifest and opening what it names, a writer may have replaced both.
        let open = || Memory::open(&self.folder.memory(), self.identity.ledger_id()).ok();
        let mut opened = std::iter::repeat_with(open).take(TRIES);
        opened.find_map(|memory| memory).filter(|memory| memory.head().is_some())
    }

    pub(crate) fn positions_mut(&mut self) -> &mut Positions {
        &mut self.positions
    }

    pub(crate) fn positions(&self) -> &Positions {
        &self.positions
    }

    /// The head that the first of `segments` says it follows.
    fn begins(&self, segments: &[Sequence]) -> Result<Head, StoreError> {
        let Some(&first) = segments.first() else {
            return Err(StoreError::NoSegments { path: self.folder.log() });
        };
        if first == Sequence::FIRST {
            return Ok(Head::empty(self.identity.genesis()));
        }
        let path = self.folder.segment(first);
        let mut file = self.folder.open(&path).doing("read", &path)?;
        let header = SegmentHeader::read(&mut file).doing("read", &path)?;
        // A header that cannot be read is reported by the scan.
        let hash = header.map_or(ChainHash::from_bytes([0; 32]), |header| header.previous);
        Ok(Head { size: first.get(), hash })
    }
}
