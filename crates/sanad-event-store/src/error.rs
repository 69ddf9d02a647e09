//! What can go wrong with a ledger's storage, by cause.

use std::io;
use std::path::{Path, PathBuf};

use sanad_audit_log::{Head, LedgerId, Sequence};

use crate::lock::Epoch;
use crate::segment::SegmentProblem;

/// Why a ledger could not be created, opened or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder holds no ledger.
    #[error("{} holds no ledger (there is no ledger.json in it); check the path, or create one", path.display())]
    NotALedger {
        /// The folder.
        path: PathBuf,
    },
    /// A ledger was being created in the folder and the creation did not finish.
    #[error(
        "in {} a ledger was being created and that did not finish; nothing can have been recorded \
         in it unless ledger.json was lost later: if so restore that file, else delete the folder",
        path.display()
    )]
    HalfCreated {
        /// The folder.
        path: PathBuf,
    },
    /// A ledger is to be created in a folder that is not empty.
    #[error("{} is not empty; a ledger is created in a new or an empty folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A backup was being made in the folder and did not finish.
    #[error(
        "in {} a backup was being made and that did not finish; make it again into the same folder: it \
         goes on where it ended",
        path.display()
    )]
    UnfinishedBackup {
        /// The folder.
        path: PathBuf,
    },
    /// A backup is to be made in a folder that holds something else.
    #[error(
        "{} is not empty and holds no backup; a backup is made in a new or an empty folder, or goes on \
         with one of the same ledger",
        path.display()
    )]
    NotABackup {
        /// The folder.
        path: PathBuf,
    },
    /// A backup was opened to write.
    #[error(
        "{} is a backup, and what is recorded there would part from the ledger's own history; record in \
         the ledger itself, or restore the backup into a new folder",
        path.display()
    )]
    IsABackup {
        /// The folder.
        path: PathBuf,
    },
    /// The mark of a backup does not say how far it goes.
    #[error("{} is damaged: {why}; make another backup into a new folder", path.display())]
    BackupMarkDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The folder holds the backup of another ledger.
    #[error("{} holds a backup of the ledger {found}, and this is {expected}; name another folder", path.display())]
    BackupOfOtherLedger {
        /// The folder.
        path: PathBuf,
        /// The ledger that was to be backed up.
        expected: LedgerId,
        /// The ledger whose backup it is.
        found: LedgerId,
    },
    /// The ledger has lost what the backup holds.
    #[error(
        "the backup in {} holds {held}, and of the ledger only {found} records are sound; the backup was left as it \
         is: repair the ledger from it",
        path.display()
    )]
    BackupAhead {
        /// The backup's folder.
        path: PathBuf,
        /// What the backup holds.
        held: Head,
        /// How many records of the ledger are sound.
        found: u64,
    },
    /// The ledger holds another history than the backup.
    #[error(
        "the backup in {} holds {held}, and that is not how the ledger's history goes; the backup was left \
         as it is: compare the two to see where they part",
        path.display()
    )]
    BackupDiverged {
        /// The backup's folder.
        path: PathBuf,
        /// What the backup holds.
        held: Head,
    },
    /// A copy cannot be restored as it is.
    #[error(
        "{} is not sound from record {sequence} on: {why}; repair it from another copy, or make a backup of \
         it, which holds what stands before that record",
        path.display()
    )]
    CopyUnsound {
        /// The copy's folder.
        path: PathBuf,
        /// The first record that is missing.
        sequence: Sequence,
        /// What is wrong.
        why: String,
    },
    /// The copy from which a log is to be mended is of another ledger.
    #[error(
        "the copy is of the ledger {found}, and this is {expected}; name a copy of this ledger"
    )]
    CopyOfOtherLedger {
        /// The ledger that is to be mended.
        expected: LedgerId,
        /// The ledger whose copy it is.
        found: LedgerId,
    },
    /// The copy from which a log is to be mended holds another history.
    #[error(
        "the copy's history parts from the ledger's own at record {from} or behind it, and not later than \
         record {until}: nothing was taken from it, and nothing was changed; compare the two, and find out \
         which of them is the ledger's"
    )]
    HistoriesPart {
        /// The first record that may be another.
        from: Sequence,
        /// At this record they are known to be apart.
        until: Sequence,
    },
    /// A file that was copied did not stay as it was.
    #[error("{} changed while it was copied; try again", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// The ledger was made by a later version.
    #[error("{} has format {found} and this program reads {supported}; use a newer program", path.display())]
    NewerFormat {
        /// The identity file.
        path: PathBuf,
        /// The format that it states.
        found: u64,
        /// The format that this library reads.
        supported: u16,
    },
    /// The identity file does not say what a ledger is.
    #[error("{} is damaged: {why}; repair the ledger from a copy", path.display())]
    IdentityDamaged {
        /// The identity file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Something inside the folder is a symbolic link, which could lead out of it.
    #[error("{} is a symbolic link; a ledger's files must lie in its own folder", path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// Anybody may write to the folder or to a file in it.
    #[error(
        "{} can be written to by anybody (mode {mode:03o}), and what anybody can write proves nothing; if \
         nobody has changed it (a verification and a checkpoint kept elsewhere tell), take that away: chmod o-w",
        path.display()
    )]
    Exposed {
        /// The folder or file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Another process writes to the ledger.
    #[error(
        "{} is already open for writing{}; one process writes at a time, any number read",
        path.display(), pid.map(|pid| format!(" by process {pid}")).unwrap_or_default()
    )]
    AlreadyOpen {
        /// The ledger's folder.
        path: PathBuf,
        /// The process that wrote its number into the lock file, where that is readable.
        pid: Option<u32>,
    },
    /// The log has no segment at all.
    #[error("{} has no segment files; the log is gone: repair the ledger from a copy", path.display())]
    NoSegments {
        /// The log's folder.
        path: PathBuf,
    },
    /// A segment file is not the one that belongs in its place.
    #[error("{0}; repair the ledger from a copy")]
    Segment(#[source] SegmentProblem),
    /// Acknowledged records are damaged. Nothing was cut.
    #[error(
        "{} is damaged at byte {offset}, where record {sequence} should be; records behind it were \
         acknowledged, so nothing was cut: audit the ledger, and repair it from a copy",
        path.display()
    )]
    Damaged {
        /// The segment file.
        path: PathBuf,
        /// Where the damage begins, in bytes from the start of the file.
        offset: u64,
        /// The record that should be there.
        sequence: Sequence,
    },
    /// The ledger once held more than it does now.
    #[error(
        "the ledger once held {remembered} and now holds {found}: acknowledged records are missing. \
         Repair the ledger from a copy; if the folder is itself a copy made while it was in use, \
         delete its folder `memory`, which holds nothing that cannot be made again"
    )]
    AcknowledgedTailMissing {
        /// The head that was remembered as durable.
        remembered: Head,
        /// The head that the log has.
        found: Head,
    },
    /// A checkpoint of that size is kept already, and says something else.
    #[error(
        "{} holds another checkpoint of the same size: one of the two speaks of another history; \
         keep both and find out which",
        path.display()
    )]
    OtherCheckpoint {
        /// The file.
        path: PathBuf,
    },
    /// Records were asked for that the ledger does not hold.
    #[error("records up to {asked} were asked for, and the ledger holds {size}")]
    OutOfRange {
        /// The end of the range that was asked for (exclusive).
        asked: u64,
        /// How many records there are.
        size: u64,
    },
    /// The disk, or what is granted of it, is full.
    #[error("could not {operation} {}: the disk is full; free some space", path.display())]
    DiskFull {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder cannot be written to.
    #[error("could not {operation} {}: writing there is not allowed", path.display())]
    ReadOnly {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Any other failure of the system.
    #[error("could not {operation} {}: {source}", path.display())]
    Io {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why records were not appended. None of them is acknowledged then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The caller's right to write has passed to another writer.
    #[error("the writer holds {given} and the ledger is at {current}; open the ledger again")]
    StaleEpoch {
        /// The caller's epoch.
        given: Epoch,
        /// The ledger's epoch.
        current: Epoch,
    },
    /// The lock file was deleted or replaced, so other writers are no longer kept out.
    #[error("the lock file {} was deleted or replaced; open the ledger again", path.display())]
    LockLost {
        /// The lock file.
        path: PathBuf,
    },
    /// The records follow another head than the ledger's.
    #[error("the records follow a history of {expected}; the ledger holds {found}")]
    HeadMoved {
        /// The head that the records follow.
        expected: Head,
        /// The ledger's head.
        found: Head,
    },
    /// The disk, or what is granted of it, is full.
    #[error("could not {operation} {}: the disk is full; free space and open the ledger again", path.display())]
    DiskFull {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder cannot be written to any more.
    #[error("could not {operation} {}: writing there is not allowed", path.display())]
    ReadOnly {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Any other failure of the system.
    #[error("could not {operation} {}: {source}; open the ledger again", path.display())]
    Io {
        /// What was being done.
        operation: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An earlier append failed, so what the file holds is uncertain until it is opened again.
    #[error("an earlier append failed; nothing more is appended until the ledger is opened again")]
    Poisoned,
}

/// A failed operation on a file, not yet judged.
#[derive(Debug)]
pub(crate) struct Failed {
    operation: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl Failed {
    /// What was being done, to which file, and what the system said.
    pub(crate) fn into_parts(self) -> (&'static str, PathBuf, io::Error) {
        (self.operation, self.path, self.source)
    }
}

/// Says of a failure what was being done, and to which file.
pub(crate) trait Doing<T> {
    /// `operation` reads well after "could not", as in "could not write to".
    fn doing(self, operation: &'static str, path: &Path) -> Result<T, Failed>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, operation: &'static str, path: &Path) -> Result<T, Failed> {
        self.map_err(|source| Failed { operation, path: path.to_owned(), source })
    }
}

/// What is being done where nothing is to be changed.
const READING: [&str; 3] = ["read", "list", "look at"];

macro_rules! judge {
    ($error:ident) => {
        impl From<Failed> for $error {
            fn from(Failed { operation, path, source }: Failed) -> Self {
                use io::ErrorKind::*;
                match source.kind() {
                    StorageFull | QuotaExceeded | FileTooLarge => {
                        Self::DiskFull { operation, path, source }
                    }
                    PermissionDenied if READING.contains(&operation) => {
                        Self::Io { operation, path, source }
                    }
                    ReadOnlyFilesystem | PermissionDenied => {
                        Self::ReadOnly { operation, path, source }
                    }
                    _ => Self::Io { operation, path, source },
                }
            }
        }
    };
}
judge!(StoreError);
judge!(AppendError);
