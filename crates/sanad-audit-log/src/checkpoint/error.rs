//! What can be wrong with a checkpoint.

use crate::head::Sequence;
use crate::note::{KeyName, KeyNameError, NoteError};
use crate::tree::{MAX_TREE_SIZE, ProofError, TreeHashParseError};

/// Why bytes are not a checkpoint, or a checkpoint is not to be believed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The bytes are not a note, or the note is not to be believed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note's text has fewer than three lines.
    #[error("the checkpoint has not the three lines origin, size and root")]
    NotThreeLines,
    /// The note's text has more than three lines.
    #[error("the checkpoint has extension lines, which are refused since nobody can audit them")]
    ExtensionLine,
    /// The first line cannot name a log.
    #[error("the checkpoint's origin: {0}")]
    Origin(KeyNameError),
    /// The second line is not a size.
    #[error("the checkpoint's second line is not a size: digits only, no leading zeros")]
    NotASize,
    /// The size is more than a tree may have.
    #[error("the checkpoint's size {size} is more than {MAX_TREE_SIZE}")]
    SizeTooLarge {
        /// The size.
        size: u64,
    },
    /// The third line is not a root.
    #[error("the checkpoint's root: {0}")]
    Root(TreeHashParseError),
    /// The tree without leaves has another root.
    #[error("the checkpoint gives the tree without leaves a root that is not the empty tree's")]
    EmptyTreeRoot,
    /// None of the known keys of the log itself signed.
    #[error("the checkpoint of {} is signed by no known key of that name", origin.shown())]
    NotSignedByItsLog {
        /// The log that the checkpoint claims to be of.
        origin: KeyName,
    },
    /// Too few of the known witnesses cosigned.
    #[error(
        "{cosigned} of {known} known witnesses cosigned, and the policy's quorum is not reached"
    )]
    QuorumMissed {
        /// How many known witnesses cosigned.
        cosigned: usize,
        /// How many there are.
        known: usize,
    },
}

impl CheckpointError {
    /// A stable name of the cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Note(cause) => cause.code(),
            Self::NotThreeLines => "checkpoint-not-three-lines",
            Self::ExtensionLine => "checkpoint-extension-line",
            Self::Origin(_) => "checkpoint-bad-origin",
            Self::NotASize => "checkpoint-bad-size",
            Self::SizeTooLarge { .. } => "checkpoint-size-too-large",
            Self::Root(_) => "checkpoint-bad-root",
            Self::EmptyTreeRoot => "checkpoint-empty-tree-root",
            Self::NotSignedByItsLog { .. } => "checkpoint-not-signed-by-its-log",
            Self::QuorumMissed { .. } => "checkpoint-quorum-missed",
        }
    }
}

/// Why a record does not show the chain head that a checkpoint speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpokenHeadError {
    /// A checkpoint of size 0 speaks of the genesis hash, which no record shows.
    #[error("the checkpoint is of a ledger without records, whose head is its genesis hash")]
    NoRecords,
    /// The record is not the last one of the checkpoint's tree.
    #[error("the head of this checkpoint is shown by record {expected}, and {found} was given")]
    NotTheLastRecord {
        /// The sequence of the last record.
        expected: Sequence,
        /// The sequence of the record that was given.
        found: Sequence,
    },
    /// The proof is about another leaf or another tree.
    #[error(
        "the proof is of leaf {index} in a tree of {size}, and not of the checkpoint's last leaf"
    )]
    OtherProof {
        /// The leaf of the proof.
        index: u64,
        /// The size of the proof's tree.
        size: u64,
    },
    /// The record does not stand in the checkpoint's tree.
    #[error(transparent)]
    Proof(#[from] ProofError),
}
