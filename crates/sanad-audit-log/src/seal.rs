//! Payloads sealed into records, one after another.

use std::ops::Range;

use crate::author::AuthorSection;
use crate::hash::ChainHash;
use crate::head::{Head, Sequence};
use crate::id::EntryId;
use crate::layout;

/// What is to become a record.
#[derive(Clone, Copy, Debug)]
pub struct Unsealed<'a> {
    /// The entry's id.
    pub entry_id: EntryId,
    /// When the ledger learned it, in microseconds since 1970-01-01T00:00:00Z.
    pub recorded_at_us: i64,
    /// How the payload is encoded and which rules are in force.
    pub payload_schema: u16,
    /// The payload.
    pub payload: &'a [u8],
    /// The author's signature. It is written as given: check it first, with
    /// [`AuthorSection::verify`], off the thread that seals.
    pub author: Option<&'a AuthorSection>,
    /// Whether all bytes before this record are durable by the time it is written: true for the
    /// first record of every append, and false for the others.
    pub barrier: bool,
}

/// What a payload became.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// The record's place in the ledger.
    pub sequence: Sequence,
    /// Its chain hash.
    pub hash: ChainHash,
    /// Where its bytes stand in the output that was given.
    pub range: Range<usize>,
}

/// Why a payload cannot become a record. Nothing was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The payload does not fit into one record.
    #[error(
        "the entry has {bytes} bytes and at most {most} fit into a record; record less at once"
    )]
    TooLong {
        /// The payload's size.
        bytes: usize,
        /// The largest size, given whether there is an author section.
        most: usize,
    },
    /// The recorded time is before that of the record before.
    #[error(
        "the recorded time {given_us} µs is before the last one, {last_us} µs; \
         hold the clock at the last recorded time"
    )]
    TimeBackwards {
        /// The last record's time.
        last_us: i64,
        /// The time that was given.
        given_us: i64,
    },
    /// There are no more sequences.
    #[error("the ledger holds 2^64 - 1 records, which is as many as it can; start another ledger")]
    Full,
}

/// Seals payloads in order, starting from a ledger's head.
///
/// Sealing does not make anything durable. Keep a copy (it is small) before sealing a batch, and go
/// back to the copy if the batch could not be appended.
///
/// ```
/// # use sanad_audit_log::{ChainHash, EntryId, Head, Sealer, Unsealed};
/// # let genesis = ChainHash::from_bytes([0; 32]);
/// # let entry_id = EntryId::new("0197a3b0-5c1e-7d00-8000-000000000001".parse()?);
/// let mut sealer = Sealer::new(Head::empty(genesis), None);
/// let mut batch = Vec::new();
/// let before = sealer.clone();
/// let unsealed = Unsealed {
///     entry_id, recorded_at_us: 0, payload_schema: 1, payload: b"...", author: None, barrier: true,
/// };
/// let sealed = sealer.seal(&unsealed, &mut batch)?;
/// assert_eq!((sealed.sequence.get(), sealed.range), (0, 0..73));
/// assert_eq!(sealer.head().size, 1);
/// sealer = before; // The append failed: nothing happened.
/// assert_eq!(sealer.head().size, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealer {
    head: Head,
    last_us: Option<i64>,
}

impl Sealer {
    /// Continues from `head`, whose last record has the recorded time `last_us` (`None` when there
    /// is none).
    pub const fn new(head: Head, last_us: Option<i64>) -> Self {
        Self { head, last_us }
    }

    /// The head after everything sealed so far.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The recorded time of the last record, in microseconds; `None` when there is none.
    pub const fn last_recorded_at_us(&self) -> Option<i64> {
        self.last_us
    }

    /// Seals one payload and adds the record's bytes to `out`.
    ///
    /// # Errors
    /// [`SealError`]; then neither the sealer nor `out` has changed.
    pub fn seal(
        &mut self,
        unsealed: &Unsealed<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Sealed, SealError> {
        let length = checked_length(unsealed)?;
        if let Some(last_us) = self.last_us.filter(|&last_us| unsealed.recorded_at_us < last_us) {
            return Err(SealError::TimeBackwards { last_us, given_us: unsealed.recorded_at_us });
        }
        let sequence = self.head.next_sequence();
        let size = sequence.next().ok_or(SealError::Full)?.get();
        let start = out.len();
        out.reserve(usize::from(length));
        write_hashed_part(unsealed, length, sequence, out);
        let hash = ChainHash::following(&self.head.hash, &out[start..]);
        out.extend_from_slice(hash.as_bytes());
        self.head = Head { size, hash };
        self.last_us = Some(unsealed.recorded_at_us);
        Ok(Sealed { sequence, hash, range: start..out.len() })
    }
}

fn checked_length(unsealed: &Unsealed<'_>) -> Result<u16, SealError> {
    let most = match unsealed.author {
        Some(_) => layout::MAX_AUTHORED_PAYLOAD,
        None => layout::MAX_PAYLOAD,
    };
    let bytes = unsealed.payload.len();
    let fixed = layout::MAX_RECORD - most;
    match u16::try_from(bytes.saturating_add(fixed)) {
        Ok(length) => Ok(length),
        Err(_) => Err(SealError::TooLong { bytes, most }),
    }
}

/// Writes everything but the chain hash, in the order of [`layout::HEADER`].
fn write_hashed_part(unsealed: &Unsealed<'_>, length: u16, sequence: Sequence, out: &mut Vec<u8>) {
    let author = if unsealed.author.is_some() { layout::FLAG_AUTHOR } else { 0 };
    let barrier = if unsealed.barrier { layout::FLAG_BARRIER } else { 0 };
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&[layout::VERSION_1, author | barrier]);
    out.extend_from_slice(&unsealed.payload_schema.to_le_bytes());
    out.extend_from_slice(&sequence.get().to_le_bytes());
    out.extend_from_slice(&unsealed.recorded_at_us.to_le_bytes());
    out.extend_from_slice(unsealed.entry_id.as_bytes());
    out.extend_from_slice(unsealed.payload);
    if let Some(section) = unsealed.author {
        out.extend_from_slice(&section.to_bytes());
    }
}
