//! What any storage of a ledger can do.

use std::ops::Range;

use sanad_audit_log::{Head, RawRecord};

use crate::batch::SealedBatch;
use crate::error::{AppendError, StoreError};
use crate::lock::Epoch;

/// A storage of sealed records: one conditional append, a head, and reading.
///
/// A store in a database or behind a network fits too: `append` is one statement that adds rows if
/// the epoch and the head are still the expected ones.
pub trait EventStore: Send {
    /// The head of what is acknowledged.
    fn head(&self) -> Head;

    /// Appends `batch` if the ledger is still at `epoch` and at `expected`; when this returns `Ok`,
    /// the records are durable. Gives the new head.
    ///
    /// # Errors
    /// [`AppendError`]; then no record of the batch is acknowledged. After a failure of the system
    /// a store is poisoned: it refuses every append until it is opened again.
    fn append(
        &mut self,
        epoch: Epoch,
        expected: Head,
        batch: &SealedBatch<'_>,
    ) -> Result<Head, AppendError>;

    /// Streams the records with the sequences in `range`, in order. They are framed and in their
    /// place; their links are not checked.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] when the store does not hold them all.
    fn read(&self, range: Range<u64>) -> Result<Box<dyn RecordStream + '_>, StoreError>;
}

/// Records one after another, each borrowed until the next is asked for.
pub trait RecordStream: Send {
    /// The next record; `None` after the last.
    ///
    /// # Errors
    /// [`StoreError`] where the log is damaged or cannot be read; the stream ends there.
    fn next_record(&mut self) -> Result<Option<RawRecord<'_>>, StoreError>;
}
