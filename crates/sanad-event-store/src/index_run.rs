//! An index as sorted runs: where keys were seen, in the order of the keys.
//!
//! One pair of the database for each key would be far too slow. A run holds everything that was
//! added at once, sorted, in chunks of some 16 KiB:
//!
//! ```text
//! key    'r' ‖ kind ‖ run number, u64 big-endian ‖ lower bound (empty for the run's first chunk)
//! value  digest (32) ‖ upper bound (length u16 ‖ bytes; empty for the last) ‖ entries
//! entry  length u16 ‖ key, escaped ‖ 00 00 ‖ sequence, u64 big-endian
//! ```
//!
//! Entries compare as bytes in the order of key and sequence. A chunk's upper bound is the next one's
//! lower bound, so a chunk that is lost is noticed and never taken for a key that was not seen.

use std::ops::Bound;

use sanad_audit_log::{Head, LedgerId, Sequence, memory_digest};

use crate::cabinet::Cabinet;
use crate::memory::MemoryError;

/// A chunk is closed when its entries have reached this size, in bytes.
const CHUNK: usize = 16 << 10;
/// The longest key of an index, in bytes.
pub(crate) const MAX_KEY: usize = 1024;
const MISSING: MemoryError =
    MemoryError::Damaged { what: "a chunk of an index, which is missing," };

/// A sorted run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Run {
    pub(crate) kind: u8,
    pub(crate) number: u64,
    /// The head up to which the index went when it was written. Where a write did not finish, its
    /// number is used again, and this tells the chunks of the one from those of the other.
    pub(crate) until: Head,
    pub(crate) entries: u64,
}

/// The bytes of an entry: they sort by key, then by sequence.
pub(crate) fn entry(key: &[u8], sequence: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.len() + 10);
    for &byte in key {
        bytes.push(byte);
        if byte == 0 {
            bytes.push(0xff);
        }
    }
    bytes.extend_from_slice(&[0, 0]);
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes
}

/// A chunk of a run, checked.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) upper: Vec<u8>,
    entries: Vec<u8>,
}

impl Chunk {
    fn encode(ledger_id: LedgerId, run: &Run, key: &[u8], upper: &[u8], entries: &[u8]) -> Vec<u8> {
        let mut body = Vec::with_capacity(2 + upper.len() + entries.len());
        body.extend_from_slice(&(upper.len() as u16).to_le_bytes());
        body.extend_from_slice(upper);
        body.extend_from_slice(entries);
        let mut value = digest(ledger_id, run, key, &body).to_vec();
        value.extend_from_slice(&body);
        value
    }

    fn decode(
        ledger_id: LedgerId,
        run: &Run,
        key: &[u8],
        value: &[u8],
    ) -> Result<Self, MemoryError> {
        let damaged = MemoryError::Damaged { what: "a chunk of an index" };
        let parts = value
            .split_first_chunk::<32>()
            .filter(|(stored, body)| digest(ledger_id, run, key, body) == **stored);
        let Some((length, rest)) = parts.and_then(|(_, body)| body.split_first_chunk::<2>()) else {
            return Err(damaged);
        };
        let Some((upper, entries)) =
            rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))
        else {
            return Err(damaged);
        };
        Ok(Self { upper: upper.to_vec(), entries: entries.to_vec() })
    }

    /// The entries, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &self.entries[..];
        std::iter::from_fn(move || {
            let (length, behind) = rest.split_first_chunk::<2>()?;
            let (entry, behind) =
                behind.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
            rest = behind;
            Some(entry)
        })
    }
}

fn digest(ledger_id: LedgerId, run: &Run, key: &[u8], body: &[u8]) -> [u8; 32] {
    let (size, hash) = (run.until.size.to_le_bytes(), run.until.hash.as_bytes());
    let key_length = (key.len() as u64).to_le_bytes();
    memory_digest(&[b"chunk", ledger_id.as_bytes(), &size, hash, &key_length, key, body])
}

impl Run {
    /// What the keys of all the run's chunks begin with.
    pub(crate) fn prefix(&self) -> Vec<u8> {
        let mut prefix = vec![b'r', self.kind];
        prefix.extend_from_slice(&self.number.to_be_bytes());
        prefix
    }

    /// Reads the chunk with this lower bound.
    pub(crate) fn chunk(
        &self,
        cabinet: &Cabinet,
        ledger_id: LedgerId,
        lower: &[u8],
    ) -> Result<Chunk, MemoryError> {
        let key = [&self.prefix()[..], lower].concat();
        Chunk::decode(ledger_id, self, &key, &cabinet.get(&key)?.ok_or(MISSING)?)
    }

    /// Shows every key with the sequence with which it was seen, in order.
    pub(crate) fn visit(
        &self,
        cabinet: &Cabinet,
        ledger_id: LedgerId,
        visit: &mut dyn FnMut(&[u8], Sequence),
    ) -> Result<(), MemoryError> {
        let mut next = Some(Vec::new());
        while let Some(lower) = next {
            let chunk = self.chunk(cabinet, ledger_id, &lower)?;
            for entry in chunk.entries() {
                if let Some(sequence) = sequence(entry) {
                    visit(&key(entry), sequence);
                }
            }
            next = (!chunk.upper.is_empty()).then_some(chunk.upper);
        }
        Ok(())
    }

    /// Adds the sequences with which `key` was seen to `found`.
    pub(crate) fn look_up(
        &self,
        cabinet: &Cabinet,
        ledger_id: LedgerId,
        key: &[u8],
        found: &mut Vec<Sequence>,
    ) -> Result<(), MemoryError> {
        let (lowest, highest) = (entry(key, 0), entry(key, u64::MAX));
        let prefix = self.prefix();
        let mut at = [&prefix[..], &highest].concat();
        let mut upper: Option<Vec<u8>> = None;
        loop {
            let to =
                if upper.is_none() { Bound::Included(&at[..]) } else { Bound::Excluded(&at[..]) };
            let (chunk_key, value) = cabinet.last(&prefix, to)?.ok_or(MISSING)?;
            let chunk = Chunk::decode(ledger_id, self, &chunk_key, &value)?;
            // The chunks must cover, without a gap, all places where the key can be.
            let covers = match &upper {
                None => chunk.upper.is_empty() || chunk.upper > highest,
                Some(upper) => chunk.upper == *upper,
            };
            if !covers {
                return Err(MISSING);
            }
            let within = |entry: &&[u8]| *entry >= &lowest[..] && *entry <= &highest[..];
            found.extend(chunk.entries().filter(within).filter_map(sequence));
            let lower = chunk_key[prefix.len()..].to_vec();
            if lower <= lowest {
                return Ok(());
            }
            upper = Some(lower);
            at = chunk_key;
        }
    }
}

/// The key in an entry, as it was given.
fn key(entry: &[u8]) -> Vec<u8> {
    let escaped = &entry[..entry.len().saturating_sub(10)];
    let mut key = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(&byte) = bytes.next() {
        key.push(byte);
        if byte == 0 {
            // The byte behind a zero only tells it from the end of a key.
            bytes.next();
        }
    }
    key
}

/// The sequence in an entry: its last eight bytes.
fn sequence(entry: &[u8]) -> Option<Sequence> {
    entry.last_chunk().map(|bytes| Sequence::new(u64::from_be_bytes(*bytes)))
}

/// Writes a run from entries that come in order.
#[derive(Debug)]
pub(crate) struct RunWriter<'c> {
    cabinet: &'c Cabinet,
    ledger_id: LedgerId,
    run: Run,
    lower: Vec<u8>,
    entries: Vec<u8>,
}

impl<'c> RunWriter<'c> {
    /// Begins a run, which has no entries yet. Chunks that a write which did not finish has left under its number are
    /// removed.
    pub(crate) fn begin(
        cabinet: &'c Cabinet,
        ledger_id: LedgerId,
        run: Run,
    ) -> Result<Self, MemoryError> {
        cabinet.remove_all(&run.prefix())?;
        let (lower, entries) = (Vec::new(), Vec::with_capacity(CHUNK + MAX_KEY));
        Ok(Self { cabinet, ledger_id, run, lower, entries })
    }

    /// Adds the next entry.
    pub(crate) fn push(&mut self, entry: &[u8]) -> Result<(), MemoryError> {
        if self.entries.len() >= CHUNK {
            self.close_chunk(entry)?;
        }
        // Keys are bounded, so an entry's length fits.
        self.entries.extend_from_slice(&(entry.len() as u16).to_le_bytes());
        self.entries.extend_from_slice(entry);
        self.run.entries += 1;
        Ok(())
    }

    /// Writes the last chunk.
    pub(crate) fn finish(mut self) -> Result<Run, MemoryError> {
        self.close_chunk(&[])?;
        Ok(self.run)
    }

    fn close_chunk(&mut self, upper: &[u8]) -> Result<(), MemoryError> {
        let key = [&self.run.prefix()[..], &self.lower].concat();
        let value = Chunk::encode(self.ledger_id, &self.run, &key, upper, &self.entries);
        self.cabinet.insert(&key, &value)?;
        self.lower = upper.to_vec();
        self.entries.clear();
        Ok(())
    }
}
