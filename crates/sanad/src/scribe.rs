//! Who writes down what a ledger remembers: on the caller's thread, or beside it while recording goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use sanad_event_store::{Memory, Position, Remembered};

use crate::book::{BOOK_VERSION, Book};

/// A memory that is written to.
#[derive(Debug)]
pub(crate) struct Scribe {
    memory: Memory,
    /// How many of the book's blocks the memory has.
    blocks: usize,
}

/// What is to be written down.
pub(crate) struct Dictation {
    pub(crate) book: Book,
    pub(crate) positions: Vec<Position>,
}

impl Scribe {
    /// A scribe for a memory that has the first blocks of the book, or none of them.
    pub(crate) fn of(memory: Memory, has_blocks: bool) -> Self {
        let blocks = if has_blocks { memory.blocks() } else { 0 };
        Self { memory, blocks }
    }

    /// Writes down what is new in a book; gives the scribe back unless that failed. A memory that fails is not mended:
    /// the next opening makes it anew.
    pub(crate) fn write(mut self, book: &Book, positions: &[Position]) -> Option<Self> {
        let blocks: Vec<_> = book.projection.blocks_since(self.blocks).collect();
        let blocks: Vec<&[u8]> = blocks.iter().map(|block| &**block).collect();
        let what = Remembered {
            head: book.head(),
            version: BOOK_VERSION,
            keep: self.blocks,
            blocks: &blocks,
            rest: &book.rest(),
            positions,
        };
        self.memory.remember(&what).ok()?;
        self.blocks = book.projection.blocks();
        Some(self)
    }
}

/// A scribe on a thread of its own.
#[derive(Debug)]
pub(crate) struct Away {
    dictations: Option<SyncSender<Dictation>>,
    thread: Option<JoinHandle<Option<Scribe>>>,
    writing: Arc<AtomicBool>,
}

impl Away {
    /// Sends a scribe to work; `None` where the system gives no thread: then nothing more is remembered.
    pub(crate) fn send(scribe: Scribe) -> Option<Self> {
        let (dictations, waiting) = sync_channel(1);
        let writing = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&writing);
        let work = move || work(scribe, &waiting, &told);
        let thread = Builder::new().name("sanad-scribe".into()).spawn(work).ok()?;
        Some(Self { dictations: Some(dictations), thread: Some(thread), writing })
    }

    /// Lets something be written down, unless something is being written just now. Says whether it will be.
    pub(crate) fn take(&self, dictation: impl FnOnce() -> Dictation) -> bool {
        let Some(dictations) = &self.dictations else { return false };
        // One that failed stays at its last dictation and is not asked again.
        !self.writing.swap(true, Ordering::AcqRel) && dictations.try_send(dictation()).is_ok()
    }

    /// Waits until all is written down; gives the scribe back unless that failed.
    pub(crate) fn call_back(mut self) -> Option<Scribe> {
        self.dictations = None;
        self.thread.take().and_then(|thread| thread.join().ok()).flatten()
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        self.dictations = None;
        // The memory holds the ledger's lock until its scribe has ended.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn work(scribe: Scribe, waiting: &Receiver<Dictation>, writing: &AtomicBool) -> Option<Scribe> {
    waiting.iter().try_fold(scribe, |scribe, told| {
        let scribe = scribe.write(&told.book, &told.positions)?;
        drop(told);
        writing.store(false, Ordering::Release);
        Some(scribe)
    })
}
