//! Entries that are sealed and not yet durable, and the answers that wait for them.

use sanad_audit_log::Sealed;
use sanad_core::RecordedEntry;

use crate::request::Waiting;

/// Sealed bytes that are appended at once, at the most: enough to make a sync cheap, small enough for the cache.
const MOST_BYTES: usize = 4 << 20;
/// Sealed bytes that are worth an append of their own while more is being decided.
const ENOUGH_BYTES: usize = 256 << 10;
/// Requests that are answered by one append, at the most.
const MOST_WAITING: usize = 8_192;

/// What one append makes durable. Its memory is used again for the next.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) sealed: Vec<SealedEntry>,
    pub(crate) waiting: Vec<Waiting>,
}

/// An entry whose record stands in a batch.
pub(crate) struct SealedEntry {
    pub(crate) record: Sealed,
    pub(crate) recorded: RecordedEntry,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.sealed.is_empty() && self.waiting.is_empty()
    }

    /// Whether it is worth an append though more could be added.
    pub(crate) fn has_enough(&self) -> bool {
        self.bytes.len() >= ENOUGH_BYTES
    }

    /// Whether nothing more should be added.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= MOST_BYTES || self.waiting.len() >= MOST_WAITING
    }

    /// Forgets what was in it and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.sealed.clear();
        self.waiting.clear();
    }
}
