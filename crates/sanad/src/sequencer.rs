//! The one place where acts become entries: decide → encode, and on to the committer: seal → append → project.
//!
//! Callers on any number of threads hand in acts and wait. The sequencer takes all that are waiting, decides them one
//! after another, and hands them over as one batch whenever the committer is free; so whoever comes while the disk is
//! busy shares the next append. What was decided on an append that failed is not known to be durable, so after a
//! failure nothing more is recorded until the ledger is opened again.

use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

use sanad_codec::{LEAST_EVENT, MAX_PAYLOAD, PayloadError};
use sanad_core::{Act, Decided, EntryId, RecordedEntry, RecordedTime, Refusal, Sequence, State};

use crate::batch::{Batch, DecidedEntry, Outcome};
use crate::book::SharedBook;
use crate::committer::{Broken, Committer, SharedStore};
use crate::entry_ids::EntryIds;
use crate::error::{LedgerError, RecordError};
use crate::receipt::{DryRun, Receipt, grants_of};
use crate::request::{Asked, OnRefusal, Request};
use crate::reread::Reread;
use crate::retry::asks_again;
use crate::surroundings::Surroundings;
use crate::tray::Answer;

pub(crate) struct Sequencer {
    pub(crate) state: State,
    /// When the last entry was recorded.
    pub(crate) last: Option<RecordedTime>,
    pub(crate) ids: EntryIds,
    pub(crate) surroundings: Surroundings,
    pub(crate) committing: Committing,
    pub(crate) reread: Reread,
    /// What is decided and not yet handed over.
    pub(crate) batch: Batch,
}

/// The committer, as the sequencer knows it.
pub(crate) struct Committing {
    pub(crate) committer: Arc<Mutex<Committer>>,
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
    /// Serves requests until every caller is gone, or one who served himself has panicked.
    pub(crate) fn run(sequencer: &Mutex<Self>, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            let Ok(mut sequencer) = sequencer.lock() else { return };
            let serving = Serving(&mut sequencer);
            serving.0.serve_all(first, requests);
        }
    }

    fn serve_all(&mut self, first: Request, requests: &Receiver<Request>) {
        self.serve(first);
        self.serve_waiting(requests);
        if !self.committing.is_free() {
            // Whoever comes until the append before is done shares the next.
            self.committing.wait();
            self.serve_waiting(requests);
        }
        self.commit();
    }

    /// Serves a request to its end, on the thread of its caller.
    pub(crate) fn serve_alone(&mut self, asked: Asked) {
        let Serving(sequencer) = &mut Serving(self);
        sequencer.record(asked);
        sequencer.committing.wait();
        // A committer that has panicked answers nobody any more: the batch is dropped, and its caller told so.
        if let Ok(mut committer) = sequencer.committing.committer.lock() {
            committer.take(&mut sequencer.batch);
        }
        sequencer.batch.clear();
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
        let Asked { acts, on_refusal, reply } = asked;
        self.batch.open(&reply, acts.len());
        let mut refused = false;
        for (place, act) in acts.iter().enumerate() {
            if place % State::ANTICIPATED == 0 {
                let next = acts.iter().skip(place).take(State::ANTICIPATED);
                self.state.anticipate(next.flat_map(Act::grants));
            }
            let outcome = match refused && on_refusal == OnRefusal::Stop {
                true => Err(RecordError::NotAsked),
                false => self.take(act),
            };
            refused |= outcome.is_err();
            if self.batch.is_empty() {
                // What was told before was handed over; the rest of the request follows in another batch.
                self.batch.open(&reply, 0);
            }
            self.batch.tell(outcome.unwrap_or_else(|error| Outcome::Answered(Err(error))));
            if self.batch.is_full() || self.batch.has_enough() && self.committing.is_free() {
                self.commit();
            }
        }
        if self.batch.is_empty() {
            self.batch.open(&reply, 0);
        }
        self.batch.give_back(acts);
    }

    /// Hands over what is decided.
    fn commit(&mut self) {
        if !self.batch.is_empty() {
            self.committing.hand_over(&mut self.batch);
        }
    }

    /// Waits until all that was decided is durable, or the ledger broken.
    fn settle(&mut self) {
        self.commit();
        self.committing.wait();
    }

    /// Takes an act: the next entry of the batch, or the answer that it gets.
    fn take(&mut self, act: &Act) -> Result<Outcome, RecordError> {
        if let Some(broken) = self.committing.broken.get() {
            return Err(broken.clone());
        }
        let now = self.surroundings.clock.now();
        let id = act.id.unwrap_or_else(|| self.surroundings.ids.entry_id(now));
        if let Some(sequence) = self.ids.place(id) {
            return self.repeated(act, id, sequence).map(|receipt| Outcome::Answered(Ok(receipt)));
        }
        let decided = self.decide(act, id)?;
        self.encode(decided, now)?;
        Ok(Outcome::Decided)
    }

    /// Decides an act, unless it asks for more events than any entry holds: the rules hold each command against all
    /// before it.
    fn decide(&self, act: &Act, id: EntryId) -> Result<Decided, RecordError> {
        let (bytes, limit) = (act.commands.len().saturating_mul(LEAST_EVENT), MAX_PAYLOAD);
        if bytes > limit {
            return Err(Refusal::EntryTooLarge { bytes, limit }.into());
        }
        Ok(self.state.decide(act, id)?)
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

    /// Gives a decided entry its place, its time and its payload.
    fn encode(&mut self, decided: Decided, now: RecordedTime) -> Result<(), RecordError> {
        let Decided { entry, effect } = decided;
        sanad_codec::encode_into(&entry, &mut self.batch.payloads).map_err(not_encoded)?;
        let clock_held = self.last.is_some_and(|last| now < last);
        let recorded_at = self.last.map_or(now, |last| now.max(last));
        let sequence = self.ids.next();
        self.last = Some(recorded_at);
        self.ids.add(entry.id(), sequence);
        self.batch.entries.push(DecidedEntry {
            payload_end: self.batch.payloads.len(),
            clock_held,
            shortfalls: effect.shortfalls().to_vec(),
            recorded: RecordedEntry { sequence, recorded_at, entry },
        });
        self.state.apply(effect);
        Ok(())
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
        let Decided { entry, effect } = self.decide(act, id)?;
        sanad_codec::encode(&entry).map_err(not_encoded)?;
        Ok(DryRun { entry, shortfalls: effect.shortfalls().to_vec(), repeats: None })
    }
}

/// A sequencer at work. Should a panic end it, nobody is left waiting for what was decided.
struct Serving<'s>(&'s mut Sequencer);

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.batch.clear();
        }
    }
}

fn not_encoded(error: PayloadError) -> RecordError {
    match error {
        PayloadError::TooLarge { bytes } => {
            Refusal::EntryTooLarge { bytes, limit: MAX_PAYLOAD }.into()
        }
        other => unreachable!("an entry always encodes: {other}"),
    }
}
