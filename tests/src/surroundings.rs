//! A clock that is set by hand and identifiers that are counted, so that a test's history is the same every time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sanad::{Clock, EntryId, IdSource, RecordedTime, Surroundings};
use uuid::Uuid;

/// A clock that stands until it is set.
#[derive(Debug)]
pub struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that stands at an instant, in microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn at_us(us: i64) -> Self {
        Self(AtomicI64::new(us))
    }

    /// Sets it.
    pub fn set_us(&self, us: i64) {
        self.0.store(us, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> RecordedTime {
        RecordedTime::from_us(self.0.load(Ordering::SeqCst)).expect("a test sets times of this era")
    }
}

/// Identifiers that are counted from 1.
#[derive(Debug, Default)]
pub struct CountedIds(AtomicU64);

impl IdSource for CountedIds {
    fn entry_id(&self, _: RecordedTime) -> EntryId {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        EntryId::new(Uuid::from_u128(
            0x0197_0000_0000_7000_8000_0000_0000_0000 + u128::from(number),
        ))
        .expect("counting begins at 1")
    }

    fn ledger_id(&self) -> Uuid {
        Uuid::from_u128(0x0197_0000_0000_4000_8000_0000_0000_1ed6)
    }
}

/// Surroundings with a clock to be set by hand, and that clock; it stands at 2025-06-01T00:00:00Z.
#[must_use]
pub fn fixed() -> (Surroundings, Arc<HandClock>) {
    let clock = Arc::new(HandClock::at_us(1_748_736_000_000_000));
    let surroundings =
        Surroundings { clock: Arc::clone(&clock) as _, ids: Arc::new(CountedIds::default()) };
    (surroundings, clock)
}
