//! The story's own time and identifiers, the same every time it is told.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sanad::{Calendar, Clock, EntryId, IdSource, RecordedTime};
use uuid::{Builder, Uuid};

/// Stands still until the story moves it.
#[derive(Debug, Default)]
pub(super) struct StoryTime {
    now_us: AtomicI64,
    entries: AtomicU64,
}

impl StoryTime {
    /// Moves the clock to a time that the story names, with its offset.
    pub(super) fn set(&self, at: &str) {
        let read = Calendar::new("UTC").and_then(|calendar| calendar.recorded(at));
        // Every time of the story is read by a test; a wrong one would leave the clock where it is.
        if let Ok(at) = read {
            self.now_us.store(at.us(), Ordering::Relaxed);
        }
    }
}

impl Clock for StoryTime {
    fn now(&self) -> RecordedTime {
        RecordedTime::from_us(self.now_us.load(Ordering::Relaxed))
            .unwrap_or_else(|_| unreachable!("the clock is only set to recorded times"))
    }
}

impl IdSource for StoryTime {
    fn entry_id(&self, now: RecordedTime) -> EntryId {
        let place = self.entries.fetch_add(1, Ordering::Relaxed);
        let mut tail = [0; 10];
        tail[2..].copy_from_slice(&place.to_be_bytes());
        let milliseconds = u64::try_from(now.us() / 1_000).unwrap_or(0);
        let uuid = Builder::from_unix_timestamp_millis(milliseconds, &tail).into_uuid();
        EntryId::new(uuid).unwrap_or_else(|_| unreachable!("a version 7 UUID carries its version"))
    }

    fn ledger_id(&self) -> Uuid {
        Uuid::from_u128(0x5a2a_d000_2505_4000_8000_0000_0000_2000)
    }
}
