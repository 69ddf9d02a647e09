//! The thread that makes sealed entries durable: append → project → answer.
//!
//! While it waits for the disk, the sequencer decides and seals what is appended next.

use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sanad_audit_log::Head;
use sanad_audit_log::tree::TreeHash;
use sanad_event_store::{AppendError, Epoch, SealedBatch};

use crate::batch::{Batch, SealedEntry};
use crate::book::{Book, SharedBook};
use crate::error::RecordError;
use crate::remembrance::{Landmarked, Remembrance};

/// The log, which the sequencer reads from while nothing is being appended.
pub(crate) type SharedStore = Arc<Mutex<Box<dyn Landmarked>>>;

/// Why nothing more is recorded, once there is a reason.
pub(crate) type Broken = Arc<OnceLock<RecordError>>;

pub(crate) struct Committer {
    pub(crate) store: SharedStore,
    pub(crate) epoch: Epoch,
    pub(crate) book: Arc<SharedBook>,
    pub(crate) remembrance: Remembrance,
    pub(crate) broken: Broken,
}

impl Committer {
    /// Commits batches until the sequencer is gone, giving each back empty; then leaves the ledger's memory in order.
    pub(crate) fn run(mut self, batches: &Receiver<Batch>, spent: &SyncSender<Batch>) {
        while let Ok(mut batch) = batches.recv() {
            self.commit(&mut batch);
            batch.clear();
            // A sequencer that is gone needs no more memory.
            let _ = spent.send(batch);
        }
        if self.broken.get().is_none() {
            let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
            self.remembrance.close(&self.book.current(), &**store);
        }
    }

    /// Makes a batch durable, projects it and answers for it; or breaks the ledger, and says so to all who wait.
    fn commit(&mut self, batch: &mut Batch) {
        if !batch.sealed.is_empty() && self.broken.get().is_none() {
            match self.append(&batch.bytes) {
                Ok(()) => self.project(batch),
                Err(error) => _ = self.broken.set(RecordError::NotWritten(Arc::new(error))),
            }
        }
        if let Some(broken) = self.broken.get() {
            let durable = self.book.current().head().size;
            let answers = batch.waiting.iter_mut().flat_map(|waiting| waiting.answers_mut());
            answers
                .filter(|answer| answer.as_ref().is_ok_and(|told| told.sequence.0 >= durable))
                .for_each(|answer| *answer = Err(broken.clone()));
        }
        batch.waiting.drain(..).for_each(|waiting| waiting.send());
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), AppendError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let before = store.head();
        let batch = SealedBatch::following(before, bytes).unwrap_or_else(|error| {
            unreachable!("the sealer seals what follows the head: {error}")
        });
        store.append(self.epoch, before, &batch).map(|_| ())
    }

    fn project(&mut self, batch: &Batch) {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let remembrance = &mut self.remembrance;
        self.book.change(|book| {
            for sealed in &batch.sealed {
                take(book, &batch.bytes, sealed);
                remembrance.note(&sealed.recorded);
            }
            remembrance.keep_up(book, &**store);
        });
    }
}

/// Takes a record that is durable into the book.
fn take(book: &mut Book, bytes: &[u8], sealed: &SealedEntry) {
    let leaf = TreeHash::leaf(&bytes[sealed.record.range.clone()]);
    let size = sealed.recorded.sequence.0 + 1;
    let head = Head { size, hash: sealed.record.hash };
    if let Err(error) = book.tree.append_hashed(leaf, head) {
        unreachable!("the tree grows with the chain: {error}");
    }
    if let Err(error) = book.projection.take_decided(&sealed.recorded) {
        unreachable!("what was decided fits the projection: {error}");
    }
}
