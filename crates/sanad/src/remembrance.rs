//! What the ledger remembers about its log, and when: the book, up to some head. All of it is derived, so no failure here
//! stops the ledger: it only forgets, and the next opening finds out.

use sanad_audit_log::Sequence as LogSequence;
use sanad_core::RecordedEntry;
use sanad_event_store::{EventStore, FileStore, Memory, Position, Remembered};

use crate::book::{BOOK_VERSION, Book};

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
    memory: Option<Memory>,
    /// How many entries were noted since it was told the last time.
    noted: u64,
    /// How many entries the memory stands for, and how many of the book's blocks it has.
    remembered: u64,
    blocks: usize,
}

impl Remembrance {
    /// A memory from which so many entries were recalled; 0 where it is to be made anew.
    pub(crate) fn new(memory: Option<Memory>, recalled: u64) -> Self {
        let blocks = memory.as_ref().filter(|_| recalled > 0).map_or(0, Memory::blocks);
        Self { memory, noted: 0, remembered: recalled, blocks }
    }

    /// Writes down what was replayed when the ledger was opened, if that was much, or what was remembered is of no use.
    pub(crate) fn catch_up(&mut self, book: &Book, lost: bool, store: &dyn Landmarked) {
        if lost || book.head().size - self.remembered >= LONG_TAIL {
            self.write(book, store);
        }
    }

    /// Notes an entry that is durable.
    pub(crate) fn note(&mut self, _: &RecordedEntry) {
        self.noted += 1;
    }

    /// Writes down what was noted, once there is much of it.
    pub(crate) fn keep_up(&mut self, book: &Book, store: &dyn Landmarked) {
        if self.noted >= MOST_NOTED {
            self.write(book, store);
        }
    }

    /// Writes down everything before the ledger is closed.
    pub(crate) fn close(&mut self, book: &Book, store: &dyn Landmarked) {
        if self.remembered != book.head().size {
            self.write(book, store);
        }
    }

    fn write(&mut self, book: &Book, store: &dyn Landmarked) {
        let Some(memory) = &mut self.memory else { return };
        let head = book.head();
        let blocks: Vec<_> = book.projection.blocks_since(self.blocks).collect();
        let blocks: Vec<&[u8]> = blocks.iter().map(|block| &**block).collect();
        let positions = store.positions_since(LogSequence::new(self.remembered));
        let within = positions.partition_point(|position| position.sequence.get() < head.size);
        let (keep, rest, positions) = (self.blocks, book.rest(), &positions[..within]);
        let what = Remembered {
            head,
            version: BOOK_VERSION,
            keep,
            blocks: &blocks,
            rest: &rest,
            positions,
        };
        match memory.remember(&what) {
            Ok(()) => {
                self.noted = 0;
                self.remembered = head.size;
                self.blocks = book.projection.blocks();
            }
            // A memory that fails is dropped, not mended: the next opening makes it anew.
            Err(_) => self.memory = None,
        }
    }
}
