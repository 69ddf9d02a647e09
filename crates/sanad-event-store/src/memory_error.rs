//! Why what is remembered cannot be used.

use std::io;
use std::path::PathBuf;

use crate::error::Failed;

/// Why the memory cannot be used. The remedy is [`Memory::rebuild`](crate::Memory::rebuild), then remembering anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// Something in the memory is not as it was written.
    #[error("{what} in the memory is damaged; the memory can be made again from the log")]
    Damaged {
        /// What.
        what: &'static str,
    },
    /// Nothing is remembered: the memory was deleted or emptied, or its writer ended too early.
    #[error("nothing is remembered of the log; the memory can be made again from it")]
    Absent,
    /// The memory is of another ledger.
    #[error("the memory is of another ledger; it can be made again from the log")]
    OtherLedger,
    /// The memory is of a history that this log does not hold.
    #[error("the memory is of a history that this log does not hold; it can be made again")]
    OtherHistory,
    /// The memory was laid out by another version.
    #[error("the memory has layout {found}; it can be made again from the log")]
    OtherVersion {
        /// The layout's version.
        found: u32,
    },
    /// The memory already goes further than what it was told to remember.
    #[error("the memory goes to record {remembered} already, and {given} was to be remembered")]
    Backwards {
        /// The size that is remembered.
        remembered: u64,
        /// The size that was given.
        given: u64,
    },
    /// A file or the folder of the memory could not be used.
    #[error("could not {operation} {}: {source}; the memory can be made again from the log", path.display())]
    Io {
        /// What was being done.
        operation: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl From<Failed> for MemoryError {
    fn from(failed: Failed) -> Self {
        let (operation, path, source) = failed.into_parts();
        Self::Io { operation, path, source }
    }
}
