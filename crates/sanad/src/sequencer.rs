//! The one place where acts become entries: decide → encode → seal, and on to the committer: append → project.
//!
//! Callers on any number of threads hand in acts and wait. The sequencer takes all that are waiting, decides and seals
//! them one after another, and hands them over as one batch whenever the committer is free; so whoever comes while the
//! disk is busy shares the next append. What was decided on an append that failed is not known to be durable, so after
//! a failure nothing more is recorded until the ledger is opened again.

use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, PoisonError};

use sanad_audit_log::{SealError, Sealer, Unsealed};
use sanad_core::{Act, Decided, EntryId, RecordedEntry, RecordedTime, Refusal, Sequence, State};

use crate::batch::{Batch, SealedEntry};
use crate::book::SharedBook;
use crate::committer::{Broken, SharedStore};
use crate::entry_ids::EntryIds;
use crate::error::{LedgerError, RecordError};
use crate::receipt::{DryRun, Receipt, grants_of};
use crate::request::{Answer, Asked, OnRefusal, Request};
use crate::reread::Reread;
use crate::retry::asks_again;
use crate::surroundings::Surroundings;

pub(crate) struct Sequencer {
    pub(crate) state: State,
    pub(crate) sealer: Sealer,
    pub(crate) ids: EntryIds,
    pub(crate) surroundings: Surroundings,
    pub(crate) committing: Committing,
    pub(crate) reread: Reread,
    /// What is sealed and not yet handed over.
    pub(crate) batch: Batch,
    /// An entry's payload, on its way into its record.
    pub(crate) payload: Vec<u8>,
}

/// The committer, as the sequencer knows it.
pub(crate) struct Committing {
    pub(crate) batches: SyncSender<Batch>,
    pub(crate) spent: Receiver<Batch>,
    /// A batch that the committer has given back: it waits for the next.
    pub(crate) free: Option<Batch>,
    pub(crate) store: SharedStore,
    pub(crate) book: Arc<SharedBook>,
    pub(crate) broken: Broken,
}

impl Committing {
    /// Whether the committer waits for a batch.
    fn is_free(&mut self) -> bool {
        self.free = self.free.take().or_else(|| self.spent.try_recv().ok());
        self.free.is_some()
    }

    /// Waits until the committer is done with what it has: all that was handed over is durable, or the ledger broken.
    fn wait(&mut self) {
        // A committer that has ended can do no more; that is found out when it is given a batch.
        self.free = self.free.take().or_else(|| self.spent.recv().ok());
    }

    /// Hands a batch over as soon as the committer is free.
    fn hand_over(&mut self, batch: &mut Batch) {
        self.wait();
        let next = self.free.take().unwrap_or_default();
        // Where the committer has ended, whoever waits is told that the ledger is closed.
        let _ = self.batches.send(std::mem::replace(batch, next));
    }
}

impl Sequencer {
    /// Serves requests until every caller is gone.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            self.serve(first);
            self.serve_waiting(requests);
            if !self.committing.is_free() {
                // Whoever comes until the append before is done shares the next.
                self.committing.wait();
                self.serve_waiting(requests);
            }
            self.commit();
        }
    }

    fn serve_waiting(&mut self, requests: &Receiver<Request>) {
        while !self.batch.is_full()
            && let Ok(request) = requests.try_recv()
        {
            self.serve(request);
        }
    }

    fn serve(&mut self, request: Request) {
        match request {
            Request::Record(asked) => self.record(asked),
            Request::DryRun { act, reply } => {
                // A caller that no longer waits has no use for the answer.
                let _ = reply.send(self.rehearse(&act));
            }
        }
    }

    fn record(&mut self, asked: Asked) {
        let mut answers: Vec<Answer> = Vec::with_capacity(asked.acts.len());
        let mut refused = false;
        for act in &asked.acts {
            let answer = match refused && asked.on_refusal == OnRefusal::Stop {
                true => Err(RecordError::NotAsked),
                false => self.take(act),
            };
            refused |= answer.is_err();
            answers.push(answer);
            if self.batch.is_full() || self.batch.has_enough() && self.committing.is_free() {
                self.commit();
            }
        }
        self.batch.waiting.push(asked.answered(answers));
    }

    /// Hands over what is sealed.
    fn commit(&mut self) {
        if !self.batch.is_empty() {
            self.committing.hand_over(&mut self.batch);
        }
    }

    /// Waits until all that was sealed is durable, or the ledger broken.
    fn settle(&mut self) {
        self.commit();
        self.committing.wait();
    }

    /// Takes an act: seals what it asks for, or refuses it. The answer holds once the batch is durable.
    fn take(&mut self, act: &Act) -> Answer {
        if let Some(broken) = self.committing.broken.get() {
            return Err(broken.clone());
        }
        let now = self.surroundings.clock.now();
        let id = act.id.unwrap_or_else(|| self.surroundings.ids.entry_id(now));
        if let Some(sequence) = self.ids.place(id) {
            return self.repeated(act, id, sequence);
        }
        let decided = self.state.decide(act, id)?;
        self.seal(decided, now)
    }

    /// The first receipt again, if the act asks for the entry that stands under its id.
    fn repeated(&mut self, act: &Act, id: EntryId, sequence: Sequence) -> Answer {
        let durable = self.committing.book.current().head().size;
        if sequence.0 >= durable {
            self.settle();
            if let Some(broken) = self.committing.broken.get() {
                return Err(broken.clone());
            }
        }
        let unreadable = |error: LedgerError| RecordError::Unreadable(Arc::new(error));
        let (recorded, hash) = {
            let store = self.committing.store.lock().unwrap_or_else(PoisonError::into_inner);
            self.reread.entry(&**store, sequence).map_err(unreadable)?
        };
        let book = self.committing.book.current();
        if !asks_again(act, &recorded.entry, sequence, &book.projection) {
            return Err(Refusal::EntryIdReused { entry: id, recorded_as: sequence }.into());
        }
        Ok(Receipt {
            entry: id,
            sequence,
            recorded_at: recorded.recorded_at,
            hash,
            repeated: true,
            clock_held: false,
            shortfalls: Vec::new(),
            grants: grants_of(&recorded.entry),
        })
    }

    fn seal(&mut self, decided: Decided, now: RecordedTime) -> Answer {
        let Decided { entry, effect } = decided;
        let too_large =
            |bytes, limit| RecordError::Refused(Refusal::EntryTooLarge { bytes, limit });
        sanad_codec::encode_into(&entry, &mut self.payload).map_err(|error| match error {
            sanad_codec::PayloadError::TooLarge { bytes } => {
                too_large(bytes, sanad_codec::MAX_PAYLOAD)
            }
            other => unreachable!("an entry always encodes: {other}"),
        })?;
        let last_us = self.sealer.last_recorded_at_us().unwrap_or(i64::MIN);
        let clock_held = now.us() < last_us;
        let unsealed = Unsealed {
            entry_id: sanad_audit_log::EntryId::new(entry.id().uuid()),
            recorded_at_us: now.us().max(last_us),
            payload_schema: sanad_codec::SCHEMA,
            payload: &self.payload,
            author: None,
            barrier: self.batch.sealed.is_empty(),
        };
        let record =
            self.sealer.seal(&unsealed, &mut self.batch.bytes).map_err(|error| match error {
                SealError::TooLong { bytes, most } => too_large(bytes, most),
                other => unreachable!("the time is held and 2^64 entries are not reached: {other}"),
            })?;
        let recorded_at = if clock_held { held_at(last_us) } else { now };
        let sequence = Sequence(record.sequence.get());
        let receipt = Receipt {
            entry: entry.id(),
            sequence,
            recorded_at,
            hash: record.hash,
            repeated: false,
            clock_held,
            shortfalls: effect.shortfalls().to_vec(),
            grants: grants_of(&entry),
        };
        self.state.apply(effect);
        self.ids.push(entry.id());
        let recorded = RecordedEntry { sequence, recorded_at, entry };
        self.batch.sealed.push(SealedEntry { record, recorded });
        Ok(receipt)
    }

    /// What recording the act would do.
    fn rehearse(&mut self, act: &Act) -> Result<DryRun, RecordError> {
        if let Some(broken) = self.committing.broken.get() {
            return Err(broken.clone());
        }
        let now = self.surroundings.clock.now();
        let id = act.id.unwrap_or_else(|| self.surroundings.ids.entry_id(now));
        if let Some(sequence) = self.ids.place(id) {
            let receipt = self.repeated(act, id, sequence)?;
            let store = self.committing.store.lock().unwrap_or_else(PoisonError::into_inner);
            let stored = self
                .reread
                .entry(&**store, receipt.sequence)
                .map_err(|error| RecordError::Unreadable(Arc::new(error)))?;
            return Ok(DryRun {
                entry: stored.0.entry,
                shortfalls: Vec::new(),
                repeats: Some(receipt.sequence),
            });
        }
        let Decided { entry, effect } = self.state.decide(act, id)?;
        if let Err(sanad_codec::PayloadError::TooLarge { bytes }) =
            sanad_codec::encode_into(&entry, &mut self.payload)
        {
            return Err(Refusal::EntryTooLarge { bytes, limit: sanad_codec::MAX_PAYLOAD }.into());
        }
        Ok(DryRun { entry, shortfalls: effect.shortfalls().to_vec(), repeats: None })
    }
}

fn held_at(last_us: i64) -> RecordedTime {
    RecordedTime::from_us(last_us).unwrap_or_else(|_| unreachable!("it was a recorded time before"))
}
