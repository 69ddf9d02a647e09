//! A book rebuilt from a log: from what is remembered of it, and the entries behind that.

use sanad_audit_log::Head;
use sanad_event_store::{FileReader, Memory, Recovery};

use crate::book::Book;
use crate::error::LedgerError;
use crate::progress::Progress;
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

/// A book rebuilt from a log.
pub(crate) struct OpenedBook {
    pub(crate) book: Book,
    /// How many entries were remembered, and so were not replayed.
    pub(crate) recalled: u64,
    /// Something was remembered and could not be used.
    pub(crate) lost: bool,
}

/// Rebuilds the book of a log up to a head.
pub(crate) fn open_book(
    reader: &FileReader,
    head: Head,
    memory: Option<&Memory>,
    progress: &mut dyn FnMut(Progress),
) -> Result<OpenedBook, LedgerError> {
    let remembered = memory.filter(|memory| memory.head().is_some_and(|at| at.size <= head.size));
    let mut recalled = None;
    if let Some(Ok(Some(book))) = remembered.map(Book::recalled)
        // What is remembered of another history is never used.
        && reader.holds(book.head())?
    {
        recalled = Some(book);
    }
    let lost = recalled.is_none() && memory.is_some_and(|memory| memory.head().is_some());
    let mut book = recalled.unwrap_or_else(|| Book::empty(reader.identity().genesis()));
    let recalled = book.head().size;
    replay(reader, &mut book, head.size, progress)?;
    Ok(OpenedBook { book, recalled, lost })
}
