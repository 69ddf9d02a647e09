//! A book rebuilt from a log: from the latest snapshot that belongs to it, and the entries behind that.

use sanad_audit_log::{ChainVerifier, Head};
use sanad_event_store::{FileReader, Memory, RecordStream, Recovery};

use crate::book::Book;
use crate::error::LedgerError;
use crate::progress::{Progress, REPORT_EVERY, Stage};
use crate::reading::entry_of;
use crate::remembrance::latest_snapshot;

/// What opening a ledger had to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opening {
    /// Bytes of an append that never finished were cut and kept aside.
    pub recovery: Option<Recovery>,
    /// What the ledger remembered could not be used, or did not exist, and was made anew.
    pub memory_rebuilt: bool,
    /// How many entries were replayed.
    pub replayed: u64,
}

/// Rebuilds the book of a log up to a head. Gives also the size of the snapshot that it began with.
pub(crate) fn open_book(
    reader: &FileReader,
    head: Head,
    memory: Option<&Memory>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Book, u64), LedgerError> {
    let mut book = match memory.and_then(|memory| latest_snapshot(memory, head.size)) {
        // A snapshot of another history is never used.
        Some(book) if reader.holds(book.head())? => book,
        _ => Book::empty(reader.identity().genesis()),
    };
    let snapshot = book.head().size;
    catch_up(reader, &mut book, head.size, progress)?;
    Ok((book, snapshot))
}

/// Takes in the entries behind the book's head, checking the chain as it goes.
fn catch_up(
    reader: &FileReader,
    book: &mut Book,
    total: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), LedgerError> {
    let head = book.head();
    let last_us = book.projection.last_recorded_at(head.size).map(|time| time.us());
    let mut chain = ChainVerifier::resumed(reader.identity().ledger_id(), head, last_us);
    let mut records = reader.records(head.size..total)?;
    while let Some(raw) = records.next_record()? {
        let verified = chain.check_raw(raw).map_err(LedgerError::Chain)?;
        book.projection.take(&entry_of(&verified.record())?).map_err(LedgerError::Unprojectable)?;
        book.tree.append(&verified).map_err(LedgerError::Parted)?;
        let done = book.head().size;
        if done.is_multiple_of(REPORT_EVERY) {
            progress(Progress { stage: Stage::Replaying, done, total });
        }
    }
    Ok(())
}
