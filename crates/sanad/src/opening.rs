//! A book rebuilt from a log: from the latest snapshot that belongs to it, and the entries behind that.

use sanad_audit_log::Head;
use sanad_event_store::{FileReader, Memory, Recovery};

use crate::book::Book;
use crate::error::LedgerError;
use crate::progress::Progress;
use crate::remembrance::latest_snapshot;
use crate::replay::replay;

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
    replay(reader, &mut book, head.size, progress)?;
    Ok((book, snapshot))
}
