//! A book, or its tables alone, rebuilt from a log: from what is remembered of it, and the entries behind that.

use sanad_audit_log::{Head, RecordTree};
use sanad_event_store::{FileReader, Memory, Recovery};
use sanad_projection::Projection;

use crate::book::Book;
use crate::error::LedgerError;
use crate::progress::Progress;
use crate::replay::{Replayed, replay};

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

/// The tables of a log that is only read.
#[derive(Debug)]
pub(crate) struct OpenedTables {
    pub(crate) projection: Projection,
    pub(crate) head: Head,
    /// The tree of what was remembered, from which the rest of it can be grown.
    pub(crate) remembered: RecordTree,
}

/// Rebuilds the book of a log up to a head.
pub(crate) fn open_book(
    reader: &FileReader,
    head: Head,
    memory: Option<&Memory>,
    progress: &mut dyn FnMut(Progress),
) -> Result<OpenedBook, LedgerError> {
    let recalled = recalled(reader, head, memory)?;
    let lost = recalled.is_none() && memory.is_some_and(|memory| memory.head().is_some());
    let mut book = recalled.unwrap_or_else(|| Book::empty(reader.identity().genesis()));
    let recalled = book.head();
    let Book { projection, tree } = &mut book;
    let replayed = Replayed { projection, tree: Some(tree) };
    replay(reader, replayed, recalled, head.size, progress)?;
    Ok(OpenedBook { book, recalled: recalled.size, lost })
}

/// Rebuilds the tables of a log up to a head, and leaves the tree.
pub(crate) fn open_tables(
    reader: &FileReader,
    head: Head,
    memory: Option<&Memory>,
    progress: &mut dyn FnMut(Progress),
) -> Result<OpenedTables, LedgerError> {
    let recalled = recalled(reader, head, memory)?;
    let book = recalled.unwrap_or_else(|| Book::empty(reader.identity().genesis()));
    let (from, Book { mut projection, tree: remembered }) = (book.head(), book);
    let replayed = Replayed { projection: &mut projection, tree: None };
    let head = replay(reader, replayed, from, head.size, progress)?;
    Ok(OpenedTables { projection, head, remembered })
}

/// What is remembered of this history, if it can be used.
fn recalled(
    reader: &FileReader,
    head: Head,
    memory: Option<&Memory>,
) -> Result<Option<Book>, LedgerError> {
    let remembered = memory.filter(|memory| memory.head().is_some_and(|at| at.size <= head.size));
    let book = remembered.and_then(|memory| Book::recalled(memory).ok().flatten());
    // What is remembered of another history is never used.
    match book {
        Some(book) if reader.holds(book.head())? => Ok(Some(book)),
        _ => Ok(None),
    }
}
