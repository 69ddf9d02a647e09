//! The one place where acts become entries: decide → encode → seal → append → project.
//!
//! Callers on any number of threads hand in acts and wait; the sequencer takes all that are waiting, decides and seals
//! them one after another, makes them durable with one append, projects them, and answers everybody. What was decided
//! on an append that failed is not known to be durable, so after a failure nothing more is recorded until the ledger is
//! opened again.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{Head, SealError, Sealer, Unsealed};
use sanad_core::{Act, Decided, EntryId, RecordedEntry, RecordedTime, Refusal, Sequence, State};
use sanad_event_store::{AppendError, Epoch, SealedBatch};

use crate::book::{Book, SharedBook};
use crate::error::RecordError;
use crate::receipt::{DryRun, Receipt, grants_of};
use crate::remembrance::{Landmarked, Remembrance};
use crate::request::{Answer, OnRefusal, Request};
use crate::reread::Reread;
use crate::retry::asks_again;
use crate::surroundings::Surroundings;

/// Sealed bytes that are appended at once, at the most: enough to make the sync cheap, small enough to keep in cache.
const MOST_BYTES: usize = 4 << 20;
/// Requests that are answered by one append, at the most.
const MOST_REQUESTS: usize = 8_192;

pub(crate) struct Sequencer {
    pub(crate) store: Box<dyn Landmarked>,
    pub(crate) epoch: Epoch,
    pub(crate) state: State,
    pub(crate) sealer: Sealer,
    pub(crate) book: Arc<SharedBook>,
    pub(crate) remembrance: Remembrance,
    pub(crate) surroundings: Surroundings,
    pub(crate) batch: Batch,
    pub(crate) broken: Option<RecordError>,
    pub(crate) reread: Reread,
}

/// Entries that are sealed and not yet durable.
#[derive(Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    sealed: Vec<Sealed>,
    ids: HashSet<EntryId>,
}

struct Sealed {
    /// Whose answer it is.
    slot: usize,
    /// Where its bytes are in the batch.
    range: Range<usize>,
    recorded: RecordedEntry,
    receipt: Receipt,
}

impl Sequencer {
    /// Serves requests until every caller is gone, then leaves the ledger's memory in order.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            let waiting = std::iter::from_fn(|| requests.try_recv().ok());
            let round: Vec<Request> =
                std::iter::once(first).chain(waiting.take(MOST_REQUESTS - 1)).collect();
            self.serve(round);
        }
        if self.broken.is_none() {
            let book = self.book.current();
            self.remembrance.close(&book, &*self.store);
        }
    }

    /// Answers a round of requests with as few appends as it takes.
    pub(crate) fn serve(&mut self, round: Vec<Request>) {
        let mut answers: Vec<Option<Answer>> = Vec::new();
        let mut waiting = Vec::with_capacity(round.len());
        for request in round {
            match request {
                Request::Record { acts, on_refusal, reply } => {
                    let first = answers.len();
                    let mut refused = false;
                    for act in &acts {
                        let slot = answers.len();
                        answers.push(None);
                        answers[slot] = if refused && on_refusal == OnRefusal::Stop {
                            Some(Err(RecordError::NotAsked))
                        } else {
                            self.take(act, slot, &mut answers)
                        };
                        refused |= matches!(answers[slot], Some(Err(_)));
                    }
                    waiting.push((reply, first..answers.len()));
                }
                Request::DryRun { act, reply } => {
                    // A caller that no longer waits has no use for the answer.
                    let _ = reply.send(self.rehearse(&act));
                }
            }
        }
        self.flush(&mut answers);
        for (reply, slots) in waiting {
            let theirs = answers[slots]
                .iter_mut()
                .map(|answer| answer.take().unwrap_or(Err(RecordError::Closed)));
            // A caller that no longer waits can ask again with the same ids.
            let _ = reply.send(theirs.collect());
        }
    }

    /// Takes an act: the answer, if it is known before the next append.
    fn take(&mut self, act: &Act, slot: usize, answers: &mut [Option<Answer>]) -> Option<Answer> {
        let now = self.surroundings.clock.now();
        let id = act.id.unwrap_or_else(|| self.surroundings.ids.entry_id(now));
        // A retry of what is not yet durable waits until it is.
        if self.batch.ids.contains(&id) || self.batch.bytes.len() >= MOST_BYTES {
            self.flush(answers);
        }
        if let Some(broken) = &self.broken {
            return Some(Err(broken.clone()));
        }
        if let Some(repeated) = self.repeated(act, id).transpose() {
            return Some(repeated);
        }
        match self.state.decide(act, id) {
            Ok(decided) => self.seal(decided, now, slot).err().map(Err),
            Err(refusal) => Some(Err(refusal.into())),
        }
    }

    /// The first receipt again, if the act asks for an entry that stands.
    fn repeated(&mut self, act: &Act, id: EntryId) -> Result<Option<Receipt>, RecordError> {
        let book = self.book.current();
        let Some(sequence) = book.projection.sequence_of(id) else { return Ok(None) };
        let (recorded, hash) = self
            .reread
            .entry(&*self.store, sequence)
            .map_err(|error| RecordError::Unreadable(Arc::new(error)))?;
        if !asks_again(act, &recorded.entry, sequence, &book.projection) {
            return Err(Refusal::EntryIdReused { entry: id, recorded_as: sequence }.into());
        }
        Ok(Some(Receipt {
            entry: id,
            sequence,
            recorded_at: recorded.recorded_at,
            hash,
            repeated: true,
            clock_held: false,
            shortfalls: Vec::new(),
            grants: grants_of(&recorded.entry),
        }))
    }

    fn seal(
        &mut self,
        decided: Decided,
        now: RecordedTime,
        slot: usize,
    ) -> Result<(), RecordError> {
        let Decided { entry, effect } = decided;
        let too_large =
            |bytes, limit| RecordError::Refused(Refusal::EntryTooLarge { bytes, limit });
        let payload = sanad_codec::encode(&entry).map_err(|error| match error {
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
            payload: &payload,
            author: None,
            barrier: self.batch.sealed.is_empty(),
        };
        let sealed =
            self.sealer.seal(&unsealed, &mut self.batch.bytes).map_err(|error| match error {
                SealError::TooLong { bytes, most } => too_large(bytes, most),
                other => unreachable!("the time is held and 2^64 entries are not reached: {other}"),
            })?;
        let recorded_at = if clock_held { self.held_at(last_us) } else { now };
        let sequence = Sequence(sealed.sequence.get());
        let receipt = Receipt {
            entry: entry.id(),
            sequence,
            recorded_at,
            hash: sealed.hash,
            repeated: false,
            clock_held,
            shortfalls: effect.shortfalls().to_vec(),
            grants: grants_of(&entry),
        };
        self.state.apply(effect);
        self.batch.ids.insert(entry.id());
        self.batch.sealed.push(Sealed {
            slot,
            range: sealed.range,
            recorded: RecordedEntry { sequence, recorded_at, entry },
            receipt,
        });
        Ok(())
    }

    fn held_at(&self, last_us: i64) -> RecordedTime {
        RecordedTime::from_us(last_us)
            .unwrap_or_else(|_| unreachable!("it was a recorded time before"))
    }

    /// Makes what is sealed durable, projects it and answers for it.
    fn flush(&mut self, answers: &mut [Option<Answer>]) {
        let batch = std::mem::take(&mut self.batch);
        if batch.sealed.is_empty() {
            return;
        }
        match self.append(&batch.bytes) {
            Ok(head) => {
                let bytes = &batch.bytes;
                let (remembrance, store) = (&mut self.remembrance, &*self.store);
                self.book.change(|book| {
                    for sealed in batch.sealed {
                        project(book, bytes, &sealed);
                        remembrance.note(&sealed.recorded);
                        answers[sealed.slot] = Some(Ok(sealed.receipt));
                    }
                    debug_assert_eq!(book.head(), head);
                    remembrance.keep_up(book, store);
                });
                self.batch = Batch { bytes: emptied(batch.bytes), ..Batch::default() };
            }
            Err(error) => {
                let broken = RecordError::NotWritten(Arc::new(error));
                for sealed in batch.sealed {
                    answers[sealed.slot] = Some(Err(broken.clone()));
                }
                self.broken = Some(broken);
            }
        }
    }

    fn append(&mut self, bytes: &[u8]) -> Result<Head, AppendError> {
        let before = self.store.head();
        let batch = SealedBatch::following(before, bytes).unwrap_or_else(|error| {
            unreachable!("the sealer seals what follows the head: {error}")
        });
        self.store.append(self.epoch, before, &batch)
    }

    /// What recording the act would do.
    fn rehearse(&mut self, act: &Act) -> Result<DryRun, RecordError> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let now = self.surroundings.clock.now();
        let id = act.id.unwrap_or_else(|| self.surroundings.ids.entry_id(now));
        if let Some(receipt) = self.repeated(act, id)? {
            let stored = self
                .reread
                .entry(&*self.store, receipt.sequence)
                .map_err(|error| RecordError::Unreadable(Arc::new(error)))?;
            return Ok(DryRun {
                entry: stored.0.entry,
                shortfalls: Vec::new(),
                repeats: Some(receipt.sequence),
            });
        }
        let Decided { entry, effect } = self.state.decide(act, id)?;
        if let Err(sanad_codec::PayloadError::TooLarge { bytes }) = sanad_codec::encode(&entry) {
            return Err(Refusal::EntryTooLarge { bytes, limit: sanad_codec::MAX_PAYLOAD }.into());
        }
        Ok(DryRun { entry, shortfalls: effect.shortfalls().to_vec(), repeats: None })
    }
}

/// Takes a record that is durable into the book.
fn project(book: &mut Book, bytes: &[u8], sealed: &Sealed) {
    let leaf = TreeHash::leaf(&bytes[sealed.range.clone()]);
    let size = sealed.receipt.sequence.0 + 1;
    let head = Head { size, hash: sealed.receipt.hash };
    if let Err(error) = book.tree.append_hashed(leaf, head) {
        unreachable!("the tree grows with the chain: {error}");
    }
    if let Err(error) = book.projection.take(&sealed.recorded) {
        unreachable!("what was decided fits the projection: {error}");
    }
}

/// The same memory for the next batch.
fn emptied(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.clear();
    bytes
}
