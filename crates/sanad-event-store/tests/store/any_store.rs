//! One story told to every store: what holds for the one holds for the other.

use sanad_audit_log::{Head, Sealer};
use sanad_event_store::{
    AppendError, Epoch, EventStore, Failure, FileStore, RamStore, SealedBatch, StoreError,
};

use crate::testlog::{TestLedger, drain, identity, payloads, sealed, time_us};

/// A sealer that goes on from a store's head.
fn sealer(store: &dyn EventStore) -> Sealer {
    let head = store.head();
    Sealer::new(head, head.size.checked_sub(1).map(time_us))
}

fn try_append(store: &mut dyn EventStore, epoch: Epoch, count: u64) -> Result<Head, AppendError> {
    let head = store.head();
    let bytes = sealed(&mut sealer(store), count);
    store.append(epoch, head, &SealedBatch::following(head, &bytes).unwrap())
}

/// Records come out as they went in, in any range; what does not fit is refused and changes nothing.
fn behaves(store: &mut dyn EventStore, epoch: Epoch) {
    assert_eq!(store.head(), Head::empty(identity().genesis()));
    assert!(drain(&mut *store.read(0..0).unwrap()).unwrap().is_empty());
    for (count, size) in [(1, 1), (3, 4), (2, 6)] {
        let head = try_append(store, epoch, count).unwrap();
        assert_eq!((head, head.size), (store.head(), size));
    }
    for (from, to) in [(0, 6), (0, 1), (2, 5), (5, 6), (6, 6)] {
        assert_eq!(drain(&mut *store.read(from..to).unwrap()).unwrap(), payloads(from..to));
    }
    let beyond = store.read(3..7).err();
    assert!(matches!(beyond, Some(StoreError::OutOfRange { asked: 7, size: 6 })));

    let (head, other) = (store.head(), Epoch::new(epoch.get() + 1));
    let stale = try_append(store, other, 1);
    assert!(matches!(stale, Err(AppendError::StaleEpoch { given, .. }) if given == other));
    let mut ahead = sealer(store);
    sealed(&mut ahead, 1);
    let before = ahead.head();
    let bytes = sealed(&mut ahead, 1);
    let batch = SealedBatch::following(before, &bytes).unwrap();
    for expected in [head, before] {
        let moved = store.append(epoch, expected, &batch);
        assert!(matches!(moved, Err(AppendError::HeadMoved { found, .. }) if found == head));
    }
    assert_eq!(store.head(), head);
    assert_eq!(try_append(store, epoch, 1).unwrap().size, 7);
}

/// After a failed append the store reads and does not append.
fn is_poisoned(store: &mut dyn EventStore, epoch: Epoch, size: u64) {
    let again = try_append(store, epoch, 1);
    assert!(matches!(again, Err(AppendError::Poisoned)), "{again:?}");
    assert_eq!(store.head().size, size);
    assert_eq!(drain(&mut *store.read(0..size).unwrap()).unwrap(), payloads(0..size));
}

#[test]
fn a_store_in_files_behaves() {
    for segment_bytes in [1, 300, 1 << 20] {
        let ledger = TestLedger::rolling_at(segment_bytes);
        let mut store: FileStore = ledger.open().store;
        let epoch = store.epoch();
        behaves(&mut store, epoch);
    }
}

#[test]
fn a_store_in_memory_behaves() {
    let mut store = RamStore::new(&identity());
    let epoch = store.epoch();
    behaves(&mut store, epoch);
}

#[test]
fn a_store_in_memory_fails_when_told_to_and_recovers_as_files_do() {
    // The bytes written of two records, and how many of them are there after opening again.
    let record = 70 + "entry 0".len();
    let failures = [
        (Failure::DiskFull { written: 0 }, 0),
        (Failure::DiskFull { written: record - 1 }, 0),
        (Failure::DiskFull { written: record + 1 }, 1),
        (Failure::DiskFull { written: usize::MAX }, 2),
        (Failure::Sync, 2),
    ];
    for (failure, whole) in failures {
        let mut store = RamStore::new(&identity());
        let epoch = store.epoch();
        store.fail(1, failure);
        try_append(&mut store, epoch, 3).unwrap();
        let failed = try_append(&mut store, epoch, 2);
        match failure {
            Failure::DiskFull { .. } => {
                assert!(matches!(failed, Err(AppendError::DiskFull { .. })), "{failed:?}");
            }
            _ => assert!(matches!(failed, Err(AppendError::Io { .. })), "{failed:?}"),
        }
        is_poisoned(&mut store, epoch, 3);
        let next = store.reopen();
        assert!(next > epoch);
        assert_eq!(store.head().size, 3 + whole, "{failure:?}");
        let late = try_append(&mut store, epoch, 1);
        assert!(matches!(late, Err(AppendError::StaleEpoch { current, .. }) if current == next));
        let size = try_append(&mut store, next, 1).unwrap().size;
        assert_eq!(drain(&mut *store.read(0..size).unwrap()).unwrap(), payloads(0..size));
    }
}
