//! Entries that are decided and not yet durable, and the answers that wait for them.

use sanad_core::{Act, RecordedEntry, Shortfall};

use crate::tray::{Answer, Reply};

/// Payload bytes that are appended at once, at the most: enough to make a sync cheap, small enough for the cache.
const MOST_BYTES: usize = 2 << 20;
/// Payload bytes that are worth an append of their own while more is being decided.
const ENOUGH_BYTES: usize = 128 << 10;
/// Requests that are answered by one append, at the most.
const MOST_WAITING: usize = 8_192;

/// What one append makes durable. Its memory is used again for the next.
#[derive(Default)]
pub(crate) struct Batch {
    /// The payloads of the entries, one after another.
    pub(crate) payloads: Vec<u8>,
    pub(crate) entries: Vec<DecidedEntry>,
    pub(crate) waiting: Vec<Waiting>,
}

/// An entry that is allowed and has its place and time, but no record yet.
pub(crate) struct DecidedEntry {
    pub(crate) recorded: RecordedEntry,
    /// Where its payload ends among the payloads; it begins where the one before ends.
    pub(crate) payload_end: usize,
    pub(crate) clock_held: bool,
    pub(crate) shortfalls: Vec<Shortfall>,
}

/// What became of an act.
pub(crate) enum Outcome {
    /// The next entry of the batch.
    Decided,
    /// What needs no record of its own.
    Answered(Answer),
}

/// What became of some acts of a request, to be told once the batch is durable.
pub(crate) struct Waiting {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) reply: Reply,
    /// The acts, with the last of their answers: whoever took their memory gives it back, which costs less than
    /// another thread's doing it.
    pub(crate) acts: Vec<Act>,
}

impl Batch {
    /// Begins to tell what becomes of the acts of a request.
    pub(crate) fn open(&mut self, reply: &Reply, acts: usize) {
        let outcomes = Vec::with_capacity(acts);
        self.waiting.push(Waiting { outcomes, reply: reply.clone(), acts: Vec::new() });
    }

    /// Tells what becomes of the next act of the request that was opened last.
    pub(crate) fn tell(&mut self, outcome: Outcome) {
        if let Some(waiting) = self.waiting.last_mut() {
            waiting.outcomes.push(outcome);
        }
    }

    /// Ends the request that was opened last.
    pub(crate) fn give_back(&mut self, acts: Vec<Act>) {
        if let Some(waiting) = self.waiting.last_mut() {
            waiting.acts = acts;
        }
    }

    /// Whether nobody waits for it, and so nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether it is worth an append though more could be added.
    pub(crate) fn has_enough(&self) -> bool {
        self.payloads.len() >= ENOUGH_BYTES
    }

    /// Whether nothing more should be added.
    pub(crate) fn is_full(&self) -> bool {
        self.payloads.len() >= MOST_BYTES || self.waiting.len() >= MOST_WAITING
    }

    /// Forgets what was in it and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.payloads.clear();
        self.entries.clear();
        self.waiting.clear();
    }
}
