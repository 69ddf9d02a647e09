//! How much is measured, and how far it has come.

use serde::Serialize;

use crate::error::BenchError;

/// The fewest entries that a figure can be made of.
const LEAST_ENTRIES: u64 = 200;
/// More than this is asked for by mistake.
const MOST_ENTRIES: u64 = 1_000_000_000;
const MOST_ROUNDS: u32 = 99;
/// What an entry may take on disk in all forms that exist at once: a plain file, and two ledgers with their memories.
const BYTES_PER_ENTRY: u64 = 1_200;
/// What is needed however few entries there are.
const BYTES_BESIDE: u64 = 64 << 20;

/// Threads that record at once where many do.
pub const THREADS: usize = 64;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Entries that a ledger gets.
    pub entries: u64,
    /// How often each figure is measured.
    pub rounds: u32,
    /// What the acts are made of.
    pub seed: u64,
}

impl Plan {
    /// So many entries, so many rounds.
    ///
    /// # Errors
    /// [`BenchError::OutOfBounds`].
    pub fn new(entries: u64, rounds: u32, seed: u64) -> Result<Self, BenchError> {
        within("the number of entries", entries, LEAST_ENTRIES, MOST_ENTRIES)?;
        within("the number of rounds", rounds.into(), 1, MOST_ROUNDS.into())?;
        Ok(Self { entries, rounds, seed })
    }

    /// The bytes that must be free on the disk.
    #[must_use]
    pub fn need_bytes(&self) -> u64 {
        self.entries.saturating_mul(BYTES_PER_ENTRY).saturating_add(BYTES_BESIDE)
    }

    /// Entries that are recorded one at a time in a round.
    #[must_use]
    pub fn single(&self) -> u64 {
        (self.entries / 100).clamp(20, 1_000)
    }

    /// Entries that each of the threads records in a round.
    #[must_use]
    pub fn by_thread(&self) -> u64 {
        (self.entries / 5_000).clamp(2, 200)
    }

    /// Questions that are asked in a round.
    #[must_use]
    pub fn questions(&self) -> u64 {
        (self.entries / 100).clamp(20, 1_000)
    }
}

fn within(what: &'static str, given: u64, least: u64, most: u64) -> Result<(), BenchError> {
    if (least..=most).contains(&given) {
        return Ok(());
    }
    Err(BenchError::OutOfBounds { what, given, least, most })
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What is being done.
    pub doing: &'static str,
    /// Steps done.
    pub done: u64,
    /// Steps altogether.
    pub total: u64,
}
