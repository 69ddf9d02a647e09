//! What a ledger takes from outside: the time and fresh identifiers. Both are passed in, so that a test or a
//! rehearsal says what they are.

use std::sync::Arc;

use jiff::Timestamp;
use sanad_core::{EntryId, RecordedTime};
use uuid::{Builder, Uuid};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> RecordedTime;
}

/// Makes identifiers for entries that come without one.
pub trait IdSource: Send + Sync {
    /// A fresh identifier.
    fn entry_id(&self, now: RecordedTime) -> EntryId;

    /// A fresh identifier for a ledger.
    fn ledger_id(&self) -> Uuid;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> RecordedTime {
        RecordedTime::from_us(Timestamp::now().as_microsecond()).unwrap_or_else(|_| {
            unreachable!("a time stamp's own microseconds lie within the years of a recorded time")
        })
    }
}

/// Random identifiers: [timed](timed_entry_id) ones for entries, UUIDv4 for ledgers.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn entry_id(&self, now: RecordedTime) -> EntryId {
        timed_entry_id(now, Uuid::new_v4().into_bytes())
    }

    fn ledger_id(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// A UUIDv7 (RFC 9562, section 5.7) of an instant, the rest of which is random: the last eight of the bytes given.
///
/// The twelve bits behind its milliseconds are the fraction of the millisecond (section 6.2, method 3), so that ids
/// that are made one after another rise, and are found without a table.
#[must_use]
pub fn timed_entry_id(now: RecordedTime, random: [u8; 16]) -> EntryId {
    let us = u64::try_from(now.us()).unwrap_or(0);
    let fraction = (us % 1_000 * 4_096) / 1_000;
    let mut tail = [0; 10];
    tail.copy_from_slice(&random[6..]);
    tail[..2].copy_from_slice(&fraction.to_be_bytes()[6..]);
    let uuid = Builder::from_unix_timestamp_millis(us / 1_000, &tail).into_uuid();
    EntryId::new(uuid).unwrap_or_else(|_| unreachable!("a version 7 UUID carries its version"))
}

/// 32 bytes that nobody can guess, to make a private key of.
///
/// # Errors
/// What the system says where it has no randomness to give.
pub fn random_seed() -> std::io::Result<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(seed)
}

/// The clock and the source of identifiers of a ledger; the machine's own unless said otherwise.
#[derive(Clone)]
pub struct Surroundings {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes identifiers.
    pub ids: Arc<dyn IdSource>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), ids: Arc::new(RandomIds) }
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_ids_of_one_millisecond_rise_and_tell_their_time() {
        let at = |us| RandomIds.entry_id(RecordedTime::from_us(us).unwrap());
        let first = 1_764_000_000_123_000;
        let ids: Vec<_> = (first..first + 1_000).map(at).collect();
        assert!(ids.is_sorted() && ids[0] != ids[1]);
        for id in ids {
            let (seconds, nanoseconds) = id.uuid().get_timestamp().unwrap().to_unix();
            assert_eq!((seconds, nanoseconds), (1_764_000_000, 123_000_000));
        }
        assert_ne!(at(first), at(first), "what is not time is random");
    }
}
