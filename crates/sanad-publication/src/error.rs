//! What can go wrong with a publication, by cause.

use std::io;
use std::path::{Path, PathBuf};

use sanad_audit_log::tile::{TileError, TileReadError};
use sanad_audit_log::tree::{ProofError, ProveError, TreeHash};
use sanad_audit_log::{ChainFinding, CheckpointError, Sequence};
use sanad_event_store::StoreError;

use crate::source::SourceError;

/// Why a publication could not be written, read or mirrored. Files are named relative to the
/// publication's root, except where a path of this machine is said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublicationError {
    /// A file could not be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is no checkpoint.
    #[error("there is no checkpoint, so nothing is published there; check the place")]
    NoCheckpoint,
    /// A file is missing.
    #[error("{file} is missing")]
    Missing {
        /// The file.
        file: String,
    },
    /// The checkpoint is not one, or is not to be believed.
    #[error("the published checkpoint: {0}")]
    Checkpoint(CheckpointError),
    /// A tile or a bundle has not the shape of one.
    #[error("{file}: {cause}")]
    Tile {
        /// The file.
        file: String,
        /// Why not.
        cause: TileError,
    },
    /// The tiles do not give the hashes that a proof needs.
    #[error("the tiles do not give what a proof needs: {0}")]
    Tiles(TileError),
    /// A record or an earlier tree beyond the end was asked for.
    #[error("entry {asked} was asked for, and {size} are published")]
    OutOfRange {
        /// The entry.
        asked: u64,
        /// How many there are.
        size: u64,
    },
    /// A proof was asked for that no tree has.
    #[error("a proof was asked for beyond the end of what is published")]
    NoSuchProof,
    /// The tiles do not prove a record.
    #[error("entry {index} as it stands in {file} is not in the checkpoint's tree")]
    NotInTree {
        /// The entry.
        index: u64,
        /// The bundle.
        file: String,
    },
    /// The tiles do not prove that a tree grew out of an earlier one.
    #[error("the tree of {new} entries is not shown to have grown out of that of {old}: {cause}")]
    NotConsistent {
        /// The size of the earlier tree.
        old: u64,
        /// The size of the later one.
        new: u64,
        /// What the proof says.
        cause: ProofError,
    },
    /// The ledger could not be read, or an identity is not one.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint is of another log.
    #[error("the checkpoint is of {found}, and the ledger's origin is {expected}")]
    OtherOrigin {
        /// The ledger's origin.
        expected: String,
        /// The checkpoint's.
        found: String,
    },
    /// A file does not hold the digest of a state.
    #[error("{file} does not hold 64 hexadecimal digits and a line feed")]
    NotADigest {
        /// The file.
        file: String,
    },
    /// Another ledger is published there.
    #[error("{file} says that another ledger is published there: {found} and not {expected}")]
    OtherLedger {
        /// The identity file.
        file: String,
        /// The id of the ledger that was to be there.
        expected: String,
        /// The id of the one that is.
        found: String,
    },
    /// The checkpoint is of more entries than the ledger has.
    #[error("the checkpoint is of {asked} entries, and the ledger has {size}")]
    Beyond {
        /// The checkpoint's size.
        asked: u64,
        /// The ledger's.
        size: u64,
    },
    /// A checkpoint of fewer entries than are published.
    #[error("{published} entries are published already, and the checkpoint is of {given}")]
    Backwards {
        /// The size that is published.
        published: u64,
        /// The checkpoint's size.
        given: u64,
    },
    /// The checkpoint's root is not that of the tree over the records.
    #[error(
        "the records' tree of size {size} has the root {expected}; the checkpoint says {found}"
    )]
    RootDiffers {
        /// The tree's size.
        size: u64,
        /// The root of the records' tree.
        expected: TreeHash,
        /// The root that the checkpoint says.
        found: TreeHash,
    },
    /// A published file does not fit the other ones.
    #[error("{file} does not fit the published checkpoint: {why}; restore it from a copy")]
    DoesNotFit {
        /// The file.
        file: String,
        /// Why not.
        why: String,
    },
    /// A file is there already with other bytes. It was not touched.
    #[error("{file} is published with other bytes; a published file is never altered")]
    Differs {
        /// The file.
        file: String,
    },
    /// What was published before is of another history.
    #[error(
        "entry {sequence} differs from what is published: \
         the ledger's history is not the published one"
    )]
    OtherHistory {
        /// The first entry that was found to differ.
        sequence: Sequence,
    },
    /// A record does not follow from the one before.
    #[error("the chain does not hold: {0}")]
    Chain(ChainFinding),
    /// A mirror was shown a checkpoint of fewer entries than it has.
    #[error(
        "the log showed {ours} entries before and shows {theirs} now; \
         both checkpoints are kept as {} and {}", evidence[0], evidence[1]
    )]
    MovedBackwards {
        /// The size that the mirror has.
        ours: u64,
        /// The size that it was shown.
        theirs: u64,
        /// The files with both checkpoints.
        evidence: [String; 2],
    },
    /// A mirror was shown a checkpoint that contradicts the one that it has.
    #[error(
        "the log's checkpoint of {theirs} entries contradicts its checkpoint of {ours}: the history \
         was rewritten, or others are shown another one; both checkpoints are kept as {} and {}",
        evidence[0], evidence[1]
    )]
    Contradicts {
        /// The size of the checkpoint that the mirror has.
        ours: u64,
        /// The size of the one that it was shown.
        theirs: u64,
        /// The files with both checkpoints.
        evidence: [String; 2],
    },
    /// Another process writes there.
    #[error("{} is being published to by another process; try again later", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
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

impl From<TileReadError<Self>> for PublicationError {
    fn from(error: TileReadError<Self>) -> Self {
        match error {
            TileReadError::Source(error) => error,
            TileReadError::Tile(cause) => Self::Tiles(cause),
            _ => Self::NoSuchProof,
        }
    }
}

impl From<ProveError<TileReadError<Self>>> for PublicationError {
    fn from(error: ProveError<TileReadError<Self>>) -> Self {
        match error {
            ProveError::Read(error) => error.into(),
            _ => Self::NoSuchProof,
        }
    }
}

/// Says of a failure what was being done, and to which file.
pub(crate) trait Doing<T> {
    /// `operation` reads well after "could not", as in "could not write to".
    fn doing(self, operation: &'static str, path: &Path) -> Result<T, PublicationError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, operation: &'static str, path: &Path) -> Result<T, PublicationError> {
        use io::ErrorKind::*;
        self.map_err(|source| {
            let path = path.to_owned();
            match source.kind() {
                StorageFull | QuotaExceeded | FileTooLarge => {
                    PublicationError::DiskFull { operation, path, source }
                }
                ReadOnlyFilesystem | PermissionDenied => {
                    PublicationError::ReadOnly { operation, path, source }
                }
                _ => PublicationError::Io { operation, path, source },
            }
        })
    }
}
