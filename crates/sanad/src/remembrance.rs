//! What the ledger remembers about its log, and when: the book, up to some head. All of it is derived, so no failure
//! here stops the ledger: it only forgets, and the next opening finds out.

use sanad_audit_log::Sequence as LogSequence;
use sanad_event_store::{EventStore, FileStore, Memory, Position};

use crate::book::Book;
use crate::scribe::{Away, Dictation, Scribe};

/// So many new entries are written down while recording goes on: as many as are replayed in a moment.
const MOST_NOTED: u64 = 1 << 18;
/// A longer tail than this is not replayed twice.
const LONG_TAIL: u64 = 4_096;

/// A store that knows where some of its records stand.
pub(crate) trait Landmarked: EventStore {
    /// Where some records from `since` on stand.
    fn positions_since(&self, since: LogSequence) -> &[Position];
}

impl Landmarked for FileStore {
    fn positions_since(&self, since: LogSequence) -> &[Position] {
        FileStore::positions_since(self, since)
    }
}

/// A writer's memory and what it has not been told yet.
#[derive(Debug)]
pub(crate) struct Remembrance {
    memory: Written,
    /// How many entries were noted since it was told the last time.
    noted: u64,
    /// How many entries it was told of.
    told: u64,
}

/// By whom the memory is written to.
#[derive(Debug)]
enum Written {
    ByNobody,
    Here(Scribe),
    /// Beside recording.
    Away(Away),
}

impl Remembrance {
    /// A memory from which so many entries were recalled; 0 where it is to be made anew.
    pub(crate) fn new(memory: Option<Memory>, recalled: u64) -> Self {
        let scribe = memory.map(|memory| Scribe::of(memory, recalled > 0));
        let memory = scribe.map_or(Written::ByNobody, Written::Here);
        Self { memory, noted: 0, told: recalled }
    }

    /// Writes down what was replayed when the ledger was opened, if that was much, or what was remembered is of no use.
    pub(crate) fn catch_up(&mut self, book: &Book, lost: bool, store: &dyn Landmarked) {
        if lost || book.head().size - self.told >= LONG_TAIL {
            self.write(book, store);
        }
    }

    /// Notes that so many more entries are durable.
    pub(crate) fn note(&mut self, entries: usize) {
        self.noted += entries as u64;
    }

    /// Lets what was noted be written down, once there is much of it; does not wait for that.
    pub(crate) fn keep_up(&mut self, book: &Book, store: &dyn Landmarked) {
        if self.noted < MOST_NOTED {
            return;
        }
        let memory = std::mem::replace(&mut self.memory, Written::ByNobody);
        self.memory = match memory {
            Written::Here(scribe) => Away::send(scribe).map_or(Written::ByNobody, Written::Away),
            other => other,
        };
        let Written::Away(away) = &self.memory else { return };
        let positions = || positions(store, self.told, book).to_vec();
        if away.take(|| Dictation { book: book.clone(), positions: positions() }) {
            (self.noted, self.told) = (0, book.head().size);
        }
    }

    /// Writes down everything before the ledger is closed.
    pub(crate) fn close(&mut self, book: &Book, store: &dyn Landmarked) {
        if self.told != book.head().size {
            self.write(book, store);
        }
        // What was told before is written when this returns.
        self.memory = Written::ByNobody;
    }

    fn write(&mut self, book: &Book, store: &dyn Landmarked) {
        let scribe = match std::mem::replace(&mut self.memory, Written::ByNobody) {
            Written::ByNobody => None,
            Written::Here(scribe) => Some(scribe),
            Written::Away(away) => away.call_back(),
        };
        let positions = positions(store, self.told, book);
        let scribe = scribe.and_then(|scribe| scribe.write(book, positions));
        self.memory = scribe.map_or(Written::ByNobody, Written::Here);
        (self.noted, self.told) = (0, book.head().size);
    }
}

/// Where some of the records from `since` on stand that a book holds.
fn positions<'a>(store: &'a dyn Landmarked, since: u64, book: &Book) -> &'a [Position] {
    let positions = store.positions_since(LogSequence::new(since));
    let size = book.head().size;
    &positions[..positions.partition_point(|position| position.sequence.get() < size)]
}
