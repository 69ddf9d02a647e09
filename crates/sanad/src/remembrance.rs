//! What the ledger remembers about its log, and when: look-ups and snapshots. All of it is derived, so no failure here
//! stops the ledger: it only forgets, and the next opening finds out.

use sanad_audit_log::{Head, Sequence as LogSequence};
use sanad_core::{EntryId, Event, GrantId, RecordedEntry, Sequence};
use sanad_event_store::{
    EventStore, FileReader, FileStore, IndexKind, Memory, Position, RecordStream, Remembered,
    Snapshot,
};

use crate::book::{BOOK_VERSION, Book};
use crate::error::LedgerError;
use crate::reading::{decoded, entry_of};

/// Index keys that are held back before they are written as one run.
const MOST_NOTED: usize = 1 << 18;
/// A shorter tail than this is replayed at open rather than saved in a snapshot.
const SHORTEST_TAIL: u64 = 4_096;

/// What can be looked up without reading the whole log. Pools and holders are few enough for the projection to know
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Entry(EntryId),
    Grant(GrantId),
}

impl Subject {
    fn kind(self) -> IndexKind {
        IndexKind(match self {
            Subject::Entry(_) => 1,
            Subject::Grant(_) => 2,
        })
    }

    fn key(self) -> [u8; 16] {
        match self {
            Subject::Entry(entry) => entry.uuid().into_bytes(),
            Subject::Grant(grant) => grant.uuid().into_bytes(),
        }
    }
}

/// The subjects of an entry, each once for every event that names it.
pub(crate) fn subjects(recorded: &RecordedEntry) -> Vec<Subject> {
    let grants = recorded.entry.events().iter().filter_map(|event| match event {
        Event::Granted(granted) => Some(Subject::Grant(granted.grant)),
        Event::Revoked(revoked) => Some(Subject::Grant(revoked.grant)),
        _ => None,
    });
    std::iter::once(Subject::Entry(recorded.entry.id())).chain(grants).collect()
}

/// A key of the index: what it is about, and the entry.
pub(crate) type Noted = (IndexKind, [u8; 16], LogSequence);

/// The keys of an entry, each once.
pub(crate) fn keys(recorded: &RecordedEntry) -> Vec<Noted> {
    let sequence = LogSequence::new(recorded.sequence.0);
    let subjects = subjects(recorded).into_iter();
    let mut keys: Vec<Noted> =
        subjects.map(|subject| (subject.kind(), subject.key(), sequence)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

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
    noted: Vec<Noted>,
    /// How many entries the memory stands for, and how many its latest snapshot does.
    remembered: u64,
    snapshot: u64,
}

impl Remembrance {
    /// A memory that has a snapshot of a size.
    pub(crate) fn new(memory: Option<Memory>, snapshot: u64) -> Self {
        let remembered = memory.as_ref().and_then(Memory::head).map_or(0, |head| head.size);
        Self { memory, noted: Vec::new(), remembered, snapshot }
    }

    /// Notes what the log holds behind what is remembered.
    pub(crate) fn catch_up(
        &mut self,
        reader: &FileReader,
        store: &dyn Landmarked,
    ) -> Result<(), LedgerError> {
        let size = store.head().size;
        if self.memory.is_none() || self.remembered >= size {
            return Ok(());
        }
        let mut records = reader.records(self.remembered..size)?;
        while let Some(raw) = records.next_record()? {
            let record = decoded(raw)?;
            self.noted.extend(keys(&entry_of(&record)?));
            if self.noted.len() >= MOST_NOTED {
                let head = Head { size: record.sequence().get() + 1, hash: record.stored_hash() };
                self.write(head, None, store);
            }
        }
        Ok(())
    }

    /// Notes an entry that is durable.
    pub(crate) fn note(&mut self, recorded: &RecordedEntry) {
        if self.memory.is_some() {
            self.noted.extend(keys(recorded));
        }
    }

    /// Writes down what was noted, once there is much of it.
    pub(crate) fn keep_up(&mut self, book: &Book, store: &dyn Landmarked) {
        if self.noted.len() >= MOST_NOTED {
            // Each snapshot is half as large again as the one before, so all of them together cost O(n).
            let due = book.head().size >= self.snapshot + self.snapshot / 2 + SHORTEST_TAIL;
            self.write(book.head(), due.then_some(book), store);
        }
    }

    /// Writes down everything before the ledger is closed.
    pub(crate) fn close(&mut self, book: &Book, store: &dyn Landmarked) {
        let due = book.head().size >= self.snapshot + SHORTEST_TAIL;
        if due || self.remembered != book.head().size {
            self.write(book.head(), due.then_some(book), store);
        }
    }

    fn write(&mut self, head: Head, book: Option<&Book>, store: &dyn Landmarked) {
        let Some(memory) = &mut self.memory else { return };
        let bytes = book.map(Book::snapshot);
        let snapshot = bytes.as_deref().map(|bytes| Snapshot { version: BOOK_VERSION, bytes });
        let positions = store.positions_since(LogSequence::new(self.remembered));
        let within = positions.partition_point(|position| position.sequence.get() < head.size);
        let remembered = Remembered { head, snapshot, positions: &positions[..within] };
        match memory.remember(&remembered, std::mem::take(&mut self.noted)) {
            Ok(()) => {
                self.remembered = head.size;
                self.snapshot = if book.is_some() { head.size } else { self.snapshot };
            }
            // A memory that fails is dropped, not mended: the next opening makes it anew.
            Err(_) => self.memory = None,
        }
    }
}

/// Looks a subject up; `None` where the memory does not know.
pub(crate) fn look_up(memory: &Memory, subject: Subject) -> Option<Vec<Sequence>> {
    let found = memory.look_up(subject.kind(), &subject.key()).ok()?;
    Some(found.into_iter().map(|sequence| Sequence(sequence.get())).collect())
}

/// The latest snapshot that stands for no more than `at_most` entries, if it can be read.
pub(crate) fn latest_snapshot(memory: &Memory, at_most: u64) -> Option<Book> {
    let (head, bytes) = memory.latest_snapshot(BOOK_VERSION, at_most).ok()??;
    Book::from_snapshot(head, &bytes)
}
