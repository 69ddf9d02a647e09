//! A ledger's log in a folder, to write.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use sanad_audit_log::{Head, Identity, Sealer, Sequence};

use crate::batch::SealedBatch;
use crate::disk::{Disk, OsDisk};
use crate::error::{AppendError, Doing, Failed, StoreError};
use crate::folder::{self, Folder};
use crate::identity_file;
use crate::lock::{Epoch, Lock};
use crate::memory::Memory;
use crate::memory_error::MemoryError;
use crate::position::Position;
use crate::reader::FileReader;
use crate::recovery::{self, Recovery, Survey};
use crate::segment::SegmentHeader;
use crate::segment_writer::SegmentWriter;
use crate::store::{EventStore, RecordStream};

/// How a ledger is opened to write.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// A new segment is begun when the current one would become longer than this, in bytes.
    pub segment_bytes: u64,
    /// Where changes to files go; tests put a failing disk here.
    #[doc(hidden)]
    pub disk: Arc<dyn Disk>,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, disk: Arc::new(OsDisk) }
    }
}

/// What opening a ledger to write gives.
#[derive(Debug)]
pub struct Opened {
    /// The log.
    pub store: FileStore,
    /// The torn tail that was cut, if there was one.
    pub recovery: Option<Recovery>,
    /// What is remembered about the log; `None` if it can be neither opened nor made again.
    pub memory: Option<Memory>,
    /// Why the memory is missing, or begins empty although the log has records.
    pub memory_lost: Option<MemoryError>,
}

/// The log of a ledger, open to write. One process at a time has it, until both this and the
/// [`Memory`] that was opened with it are dropped.
#[derive(Debug)]
pub struct FileStore {
    reader: FileReader,
    folder: Folder,
    options: Options,
    lock: Arc<Lock>,
    writer: SegmentWriter,
    head: Head,
    last_us: Option<i64>,
    poisoned: bool,
}

impl FileStore {
    /// Makes a new, empty ledger in the folder `dir`, which must be empty or not exist yet.
    ///
    /// The identity file is written last: a creation that does not finish leaves a folder that is
    /// recognised as half created, never one that is taken for a ledger.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], or the operation that failed.
    pub fn create(dir: &Path, identity: &Identity) -> Result<(), StoreError> {
        Self::create_on(&Options::default().disk, dir, identity)
    }

    /// As [`FileStore::create`], on a given disk.
    ///
    /// # Errors
    /// As [`FileStore::create`].
    #[doc(hidden)]
    pub fn create_on(
        disk: &Arc<dyn Disk>,
        dir: &Path,
        identity: &Identity,
    ) -> Result<(), StoreError> {
        folder::ensure_dir(&**disk, dir)?;
        if disk.list(dir).doing("list", dir)?.next().is_some() {
            return Err(StoreError::NotEmpty { path: dir.to_owned() });
        }
        let folder = Folder::at(disk, dir);
        folder.refuse_exposed()?;
        // Of two that create a ledger in one folder at once, only one makes this folder.
        match disk.create_dir(&folder.log()) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(StoreError::NotEmpty { path: dir.to_owned() });
            }
            made => made.doing("make the folder", &folder.log())?,
        }
        folder::ensure_dir(&**disk, &folder.aside())?;
        let header = SegmentHeader {
            ledger_id: identity.ledger_id(),
            first: Sequence::FIRST,
            previous: identity.genesis(),
        };
        SegmentWriter::create(disk, &folder, &header)?;
        identity_file::write(&**disk, &folder, identity)
    }

    /// Opens the ledger in the folder `dir` to write: takes the lock, looks at the log, compares it
    /// with what is remembered, and cuts a torn tail.
    ///
    /// # Errors
    /// [`StoreError`] when there is no ledger, when another process writes to it, or when
    /// acknowledged records are missing or damaged. Nothing is cut in any of these cases.
    pub fn open(dir: &Path, options: Options) -> Result<Opened, StoreError> {
        let disk = Arc::clone(&options.disk);
        let mut reader = FileReader::open_on(&disk, dir)?;
        let folder = Folder::checked_on(&disk, dir)?;
        if folder.backup_mark().exists() {
            return Err(StoreError::IsABackup { path: dir.to_owned() });
        }
        folder.refuse_exposed()?;
        let lock = Arc::new(Lock::take(&*disk, &folder)?);
        let mut survey = recovery::survey(&folder, reader.identity())?;
        reader.add_positions(std::mem::take(&mut survey.walked.positions));
        let (memory, memory_lost) = recall(&disk, &lock, &folder, &mut reader, &survey)?;
        let recovery = survey.cut(&*disk, &folder)?;
        let head = survey.walked.head;
        let writer = SegmentWriter::open(&disk, &folder, survey.first, survey.walked.sound)?;
        let (last_us, poisoned) = (survey.last_us, false);
        let store = Self { reader, folder, options, lock, writer, head, last_us, poisoned };
        Ok(Opened { store, recovery, memory, memory_lost })
    }

    /// Which ledger it is.
    pub const fn identity(&self) -> &Identity {
        self.reader.identity()
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.folder.root()
    }

    /// This writer's epoch.
    pub fn epoch(&self) -> Epoch {
        self.lock.epoch()
    }

    /// The recorded time of the last record, in microseconds since 1970-01-01T00:00:00Z.
    pub const fn last_recorded_at_us(&self) -> Option<i64> {
        self.last_us
    }

    /// A sealer that goes on from the log's head.
    pub const fn sealer(&self) -> Sealer {
        Sealer::new(self.head, self.last_us)
    }

    /// A reader of the same log.
    pub fn reader(&self) -> FileReader {
        self.reader.clone()
    }

    /// Where some records from `since` on stand, to be remembered.
    pub fn positions_since(&self, since: Sequence) -> &[Position] {
        self.reader.positions().since(since)
    }

    fn check(
        &self,
        epoch: Epoch,
        expected: Head,
        batch: &SealedBatch<'_>,
    ) -> Result<(), AppendError> {
        if self.poisoned {
            return Err(AppendError::Poisoned);
        }
        let current = self.lock.epoch();
        if epoch != current {
            return Err(AppendError::StaleEpoch { given: epoch, current });
        }
        for expected in [expected, batch.before()] {
            if expected != self.head {
                return Err(AppendError::HeadMoved { expected, found: self.head });
            }
        }
        if !self.lock.still_held() {
            return Err(AppendError::LockLost { path: self.lock.path().clone() });
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        if self.writer.is_full(bytes.len(), self.options.segment_bytes) {
            let header = SegmentHeader {
                ledger_id: self.identity().ledger_id(),
                first: self.head.next_sequence(),
                previous: self.head.hash,
            };
            self.writer = SegmentWriter::create(&self.options.disk, &self.folder, &header)?;
        }
        self.writer.append(bytes)
    }
}

impl EventStore for FileStore {
    fn head(&self) -> Head {
        self.head
    }

    fn append(
        &mut self,
        epoch: Epoch,
        expected: Head,
        batch: &SealedBatch<'_>,
    ) -> Result<Head, AppendError> {
        self.check(epoch, expected, batch)?;
        // Until all has succeeded, what the file holds is uncertain.
        self.poisoned = true;
        self.write(batch.bytes())?;
        self.poisoned = false;
        let start = self.writer.length() - batch.bytes().len() as u64;
        let segment = self.writer.first();
        for &(sequence, offset) in batch.landmarks() {
            let position = Position { sequence, segment, offset: start + offset as u64 };
            self.reader.positions_mut().push(position);
        }
        self.head = batch.after();
        self.last_us = Some(batch.last_recorded_at_us());
        Ok(self.head)
    }

    fn read(&self, range: Range<u64>) -> Result<Box<dyn RecordStream + '_>, StoreError> {
        if range.end > self.head.size {
            return Err(StoreError::OutOfRange { asked: range.end, size: self.head.size });
        }
        Ok(Box::new(self.reader.records(range)?))
    }
}

/// Opens the memory, or makes it anew where it cannot be used; refuses a log that is shorter than
/// what is remembered.
fn recall(
    disk: &Arc<dyn Disk>,
    lock: &Arc<Lock>,
    folder: &Folder,
    reader: &mut FileReader,
    survey: &Survey,
) -> Result<(Option<Memory>, Option<MemoryError>), StoreError> {
    let (path, id, found) = (folder.memory(), reader.identity().ledger_id(), survey.walked.head);
    let lost = match Memory::open_on(disk, &path, id) {
        Ok(memory) => {
            let remembered = memory.head();
            if let Some(remembered) = remembered.filter(|remembered| remembered.size > found.size) {
                return Err(StoreError::AcknowledgedTailMissing { remembered, found });
            }
            reader.add_positions(memory.positions().iter().copied());
            let lost = match remembered {
                None if found.size > 0 => Some(MemoryError::Absent),
                Some(remembered) if remembered != found && !reader.holds(remembered)? => {
                    Some(MemoryError::OtherHistory)
                }
                _ => None,
            };
            if !matches!(lost, Some(MemoryError::OtherHistory)) {
                return Ok((Some(memory.under(lock)), lost));
            }
            lost
        }
        Err(error) => Some(error),
    };
    let memory = Memory::rebuild_on(disk, &path, id).ok();
    Ok((memory.map(|memory| memory.under(lock)), lost))
}
