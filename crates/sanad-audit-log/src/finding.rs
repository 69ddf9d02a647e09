//! What can be wrong with a record in its place.

use crate::author::AuthorError;
use crate::hash::ChainHash;
use crate::head::Sequence;
use crate::record::RecordError;

/// Something wrong with one record. A finding is data: the walk goes on after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFinding {
    /// The bytes in this place are not a record.
    #[error("at sequence {sequence}: {cause}")]
    Undecodable {
        /// The sequence that was expected here.
        sequence: Sequence,
        /// Why they are not.
        cause: RecordError,
    },
    /// The record claims another place: one was taken out, put in, moved or altered.
    #[error("sequence {expected} was expected and {found} was found")]
    SequenceBreak {
        /// The sequence that was expected here.
        expected: Sequence,
        /// The sequence that the record claims.
        found: Sequence,
    },
    /// The record's hash does not follow from the record before it and its own bytes.
    #[error("at sequence {sequence}: the chain hash should be {expected} and is {found}")]
    HashMismatch {
        /// The record's sequence.
        sequence: Sequence,
        /// The hash computed from the record before and this one's bytes.
        expected: ChainHash,
        /// The hash that stands in the record.
        found: ChainHash,
    },
    /// The record was recorded before the one before it.
    #[error("at sequence {sequence}: recorded at {found_us} µs, before the {last_us} µs before it")]
    TimeBackwards {
        /// The record's sequence.
        sequence: Sequence,
        /// The recorded time of the record before, in microseconds.
        last_us: i64,
        /// The recorded time of this one, in microseconds.
        found_us: i64,
    },
    /// The author section does not hold.
    #[error("at sequence {sequence}: {cause}")]
    Author {
        /// The record's sequence.
        sequence: Sequence,
        /// Why it does not.
        cause: AuthorError,
    },
}

impl ChainFinding {
    /// A stable name of the finding, for programs and for the vectors in `docs/format/vectors/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Undecodable { cause, .. } => cause.code(),
            Self::SequenceBreak { .. } => "chain-sequence-break",
            Self::HashMismatch { .. } => "chain-hash-mismatch",
            Self::TimeBackwards { .. } => "chain-time-backwards",
            Self::Author { cause, .. } => cause.code(),
        }
    }

    /// The sequence in whose place the finding was made.
    pub const fn sequence(&self) -> Sequence {
        match *self {
            Self::Undecodable { sequence, .. }
            | Self::SequenceBreak { expected: sequence, .. }
            | Self::HashMismatch { sequence, .. }
            | Self::TimeBackwards { sequence, .. }
            | Self::Author { sequence, .. } => sequence,
        }
    }
}
