//! The thread that makes decided entries durable: seal → append → project → answer.
//!
//! While it waits for the disk, the sequencer decides what is appended next.

use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{Head, Sealed, Sealer, Unsealed};
use sanad_event_store::{AppendError, Epoch, SealedBatch};

use crate::batch::{Batch, DecidedEntry, Outcome, Waiting};
use crate::book::{Book, SharedBook};
use crate::error::RecordError;
use crate::receipt::{Receipt, grants_of};
use crate::remembrance::{Landmarked, Remembrance};
use crate::tray::Answer;

/// The log, which the sequencer reads from while nothing is being appended.
pub(crate) type SharedStore = Arc<Mutex<Box<dyn Landmarked>>>;

/// Why nothing more is recorded, once there is a reason.
pub(crate) type Broken = Arc<OnceLock<RecordError>>;

pub(crate) struct Committer {
    pub(crate) store: SharedStore,
    pub(crate) epoch: Epoch,
    pub(crate) sealer: Sealer,
    pub(crate) book: Arc<SharedBook>,
    pub(crate) remembrance: Remembrance,
    pub(crate) broken: Broken,
    pub(crate) records: SealedRecords,
}

/// The records of a batch. Their memory is used again for the next.
#[derive(Default)]
pub(crate) struct SealedRecords {
    bytes: Vec<u8>,
    places: Vec<Sealed>,
}

impl Committer {
    /// Commits batches until the sequencer is gone, giving each back empty; then leaves the ledger's memory in order.
    pub(crate) fn run(
        committer: &Mutex<Self>,
        batches: &Receiver<Batch>,
        spent: &SyncSender<Batch>,
    ) {
        while let Ok(mut batch) = batches.recv() {
            let Ok(mut committer) = committer.lock() else { return };
            committer.take(&mut batch);
            drop(committer);
            batch.clear();
            // A sequencer that is gone needs no more memory.
            let _ = spent.send(batch);
        }
        if let Ok(mut committer) = committer.lock() {
            committer.close();
        }
    }

    /// Commits a batch and answers all who wait for it.
    pub(crate) fn take(&mut self, batch: &mut Batch) {
        if self.broken.get().is_none() && !batch.entries.is_empty() {
            self.commit(batch);
        }
        self.answer(batch);
    }

    fn close(&mut self) {
        if self.broken.get().is_none() {
            let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
            self.remembrance.close(&self.book.current(), &**store);
        }
    }

    /// Makes a batch durable and projects it, or breaks the ledger.
    fn commit(&mut self, batch: &Batch) {
        self.seal(batch);
        match self.append() {
            Ok(()) => self.project(&batch.entries),
            Err(error) => _ = self.broken.set(RecordError::NotWritten(Arc::new(error))),
        }
    }

    fn seal(&mut self, batch: &Batch) {
        let SealedRecords { bytes, places } = &mut self.records;
        bytes.clear();
        places.clear();
        let mut begin = 0;
        for entry in &batch.entries {
            let unsealed = Unsealed {
                entry_id: sanad_audit_log::EntryId::new(entry.recorded.entry.id().uuid()),
                recorded_at_us: entry.recorded.recorded_at.us(),
                payload_schema: sanad_codec::SCHEMA,
                payload: &batch.payloads[begin..entry.payload_end],
                author: None,
                barrier: places.is_empty(),
            };
            begin = entry.payload_end;
            places.push(self.sealer.seal(&unsealed, bytes).unwrap_or_else(|error| {
                unreachable!("the sequencer gives times in order and payloads that fit: {error}")
            }));
        }
    }

    fn append(&mut self) -> Result<(), AppendError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let before = store.head();
        let batch = SealedBatch::following(before, &self.records.bytes).unwrap_or_else(|error| {
            unreachable!("the sealer seals what follows the head: {error}")
        });
        store.append(self.epoch, before, &batch).map(|_| ())
    }

    fn project(&mut self, entries: &[DecidedEntry]) {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let (records, remembrance) = (&self.records, &mut self.remembrance);
        self.book.change(|book| {
            for (entry, record) in entries.iter().zip(&records.places) {
                enter(book, &records.bytes[record.range.clone()], entry, record);
            }
            remembrance.note(entries.len());
            remembrance.keep_up(book, &**store);
        });
    }

    /// Tells all who wait for a batch that it is durable, or that it cannot be known to be.
    fn answer(&self, batch: &mut Batch) {
        let mut receipts = batch.entries.drain(..).zip(&self.records.places).map(receipt);
        for Waiting { outcomes, reply, acts } in batch.waiting.drain(..) {
            let answer = |outcome| match outcome {
                Outcome::Answered(answer) => answer,
                Outcome::Decided => match self.broken.get() {
                    Some(broken) => Err(broken.clone()),
                    None => receipts.next().ok_or(RecordError::Closed),
                },
            };
            let answers: Vec<Answer> = outcomes.into_iter().map(answer).collect();
            reply.send(answers, acts);
        }
    }
}

/// Takes a record that is durable into the book.
fn enter(book: &mut Book, bytes: &[u8], entry: &DecidedEntry, record: &Sealed) {
    let head = Head { size: entry.recorded.sequence.0 + 1, hash: record.hash };
    if let Err(error) = book.tree.append_hashed(TreeHash::leaf(bytes), head) {
        unreachable!("the tree grows with the chain: {error}");
    }
    if let Err(error) = book.projection.take_decided(&entry.recorded) {
        unreachable!("what was decided fits the projection: {error}");
    }
}

fn receipt((entry, record): (DecidedEntry, &Sealed)) -> Receipt {
    let DecidedEntry { recorded, clock_held, shortfalls, .. } = entry;
    Receipt {
        entry: recorded.entry.id(),
        sequence: recorded.sequence,
        recorded_at: recorded.recorded_at,
        hash: record.hash,
        repeated: false,
        clock_held,
        shortfalls,
        grants: grants_of(&recorded.entry),
    }
}
