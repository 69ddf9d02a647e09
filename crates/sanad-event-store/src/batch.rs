//! Sealed records that are appended together: all of them are acknowledged, or none.

use sanad_audit_log::{Head, RawRecord, Record, RecordError, Sequence};

use crate::position::SPACING;

/// Sealed records, one after another, with the head before and after them.
///
/// The framing, the sequences, the first link and the barrier are checked when it is made. The
/// links between the records are the sealer's doing and are not hashed again.
#[derive(Clone, Debug)]
pub struct SealedBatch<'a> {
    bytes: &'a [u8],
    before: Head,
    after: Head,
    last_us: i64,
    /// Every record whose sequence is a multiple of [`SPACING`], with its offset in `bytes`.
    landmarks: Vec<(Sequence, usize)>,
}

/// Why bytes are not a batch of sealed records.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// There are no bytes.
    #[error("the batch is empty; append at least one record")]
    Empty,
    /// The bytes are not records.
    #[error("at byte {offset} of the batch: {cause}")]
    Record {
        /// Where, in bytes from the batch's start.
        offset: usize,
        /// Why they are not.
        cause: RecordError,
    },
    /// A record has another sequence than its place.
    #[error("the batch has record {found} where {expected} belongs")]
    Sequence {
        /// The sequence that belongs there.
        expected: Sequence,
        /// The sequence found.
        found: Sequence,
    },
    /// The first record does not follow from the head before.
    #[error("the batch's first record does not follow from the head before it")]
    NotFollowing,
    /// The first record does not say that all before it is durable, or a later one does.
    #[error("record {sequence}: the first record of a batch is a barrier, and no other is")]
    Barrier {
        /// The record at fault.
        sequence: Sequence,
    },
}

impl<'a> SealedBatch<'a> {
    /// Takes `bytes` as records that follow `before`.
    ///
    /// # Errors
    /// [`BatchError`] says what keeps them from being that.
    pub fn following(before: Head, bytes: &'a [u8]) -> Result<Self, BatchError> {
        let (mut after, mut last_us, mut landmarks) = (before, 0, Vec::new());
        let mut rest = bytes;
        while !rest.is_empty() {
            let offset = bytes.len() - rest.len();
            let at = |cause| BatchError::Record { offset, cause };
            let (raw, behind) = RawRecord::split(rest).map_err(at)?;
            let record = Record::decode(raw).map_err(at)?;
            let (expected, found) = (after.next_sequence(), record.sequence());
            if found != expected {
                return Err(BatchError::Sequence { expected, found });
            }
            if record.is_barrier() != (offset == 0) {
                return Err(BatchError::Barrier { sequence: found });
            }
            if offset == 0 && !record.follows(&before.hash) {
                return Err(BatchError::NotFollowing);
            }
            if found.get().is_multiple_of(SPACING) {
                landmarks.push((found, offset));
            }
            after = Head { size: found.get().saturating_add(1), hash: record.stored_hash() };
            last_us = record.recorded_at_us();
            rest = behind;
        }
        if bytes.is_empty() {
            return Err(BatchError::Empty);
        }
        Ok(Self { bytes, before, after, last_us, landmarks })
    }

    /// The records' bytes.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many records there are.
    pub const fn count(&self) -> u64 {
        self.after.size - self.before.size
    }

    /// The head that the records follow.
    pub const fn before(&self) -> Head {
        self.before
    }

    /// The head after them.
    pub const fn after(&self) -> Head {
        self.after
    }

    /// The recorded time of the last of them, in microseconds since 1970-01-01T00:00:00Z.
    pub const fn last_recorded_at_us(&self) -> i64 {
        self.last_us
    }

    pub(crate) fn landmarks(&self) -> &[(Sequence, usize)] {
        &self.landmarks
    }
}
