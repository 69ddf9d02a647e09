//! Records written and read again, across segments.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::sync::Arc;

use sanad_audit_log::{Head, Sealer, Sequence, layout};
use sanad_event_store::disk::Disk;
use sanad_event_store::fault::{Fault, FaultyDisk, Operation, Operations};
use sanad_event_store::{
    AppendError, BatchError, Epoch, EventStore, FileStore, Position, RecordStream, SEGMENT_HEADER,
    SPACING, SealedBatch, StoreError,
};

use crate::testlog::{
    TestLedger, alter, append, check, drain, identity, payload, payload_of, payloads, sealed,
    sealed_with, time_us,
};

#[test]
fn an_empty_ledger_has_its_genesis_for_a_head() {
    let ledger = TestLedger::new();
    let opened = ledger.open();
    assert_eq!(opened.store.head(), Head::empty(identity().genesis()));
    assert_eq!(opened.store.last_recorded_at_us(), None);
    assert!(opened.recovery.is_none() && opened.memory_lost.is_none());
    drop(opened);
    check(ledger.path(), 0);
}

#[test]
fn what_is_appended_is_there_after_opening_again_though_segments_roll() {
    let ledger = TestLedger::rolling_at(500);
    let mut size = 0;
    for round in 0..4 {
        let mut store = ledger.open().store;
        assert_eq!(store.head().size, size);
        let last_us = size.checked_sub(1).map(time_us);
        assert_eq!(store.last_recorded_at_us(), last_us);
        for count in [1, 3, 2, 9, 1] {
            size += count;
            assert_eq!(append(&mut store, count).size, size, "round {round}");
        }
        drop(store);
        check(ledger.path(), size);
    }
    assert!(ledger.segments().len() > 8, "{:?}", ledger.segments());
    assert!(ledger.aside().is_empty());
}

#[test]
fn an_append_is_never_split_and_one_too_large_has_a_segment_of_its_own() {
    let ledger = TestLedger::rolling_at(400);
    let mut store = ledger.open().store;
    for count in [1, 20, 1, 1, 1] {
        append(&mut store, count);
    }
    let names: Vec<_> =
        ledger.segments().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    let expected =
        ["00000000000000000000.seg", "00000000000000000001.seg", "00000000000000000021.seg"];
    assert_eq!(names, expected);
    assert!(fs::metadata(&ledger.segments()[1]).unwrap().len() > 400);
    check(ledger.path(), 24);
}

#[test]
fn a_new_segment_without_a_record_is_gone_on_with() {
    // A writer can end between beginning a segment and appending to it.
    let ledger = TestLedger::with(&[2, 2], 1);
    let last = ledger.segments().pop().unwrap();
    fs::write(&last, &fs::read(&last).unwrap()[..SEGMENT_HEADER]).unwrap();
    check(ledger.path(), 2);
    let mut store = ledger.open().store;
    assert_eq!(store.last_recorded_at_us(), Some(time_us(1)), "the segment before has the time");
    assert_eq!(append(&mut store, 2).size, 4);
    assert_eq!(ledger.segments().len(), 2);
    check(ledger.path(), 4);
}

#[test]
fn any_range_can_be_read_with_positions_and_without() {
    let ledger = TestLedger::with(&[5, 1, 7, 1, 1, 12], 600);
    let opened = ledger.open();
    let size = 27;
    for from in 0..=size {
        for to in from..=size {
            let expected = payloads(from..to);
            assert_eq!(drain(&mut *opened.store.read(from..to).unwrap()).unwrap(), expected);
            assert_eq!(drain(&mut ledger.reader().records(from..to).unwrap()).unwrap(), expected);
        }
    }
}

#[test]
fn a_range_beyond_the_end_says_how_many_records_there_are() {
    let ledger = TestLedger::with(&[3, 2], 300);
    let store = ledger.open().store;
    let out_of_range = |error| matches!(error, StoreError::OutOfRange { asked: 20, size: 5 });
    assert!(out_of_range(store.read(2..20).err().unwrap()));
    for from in [2, 5, 10] {
        let error = drain(&mut ledger.reader().records(from..20).unwrap()).unwrap_err();
        assert!(out_of_range(error), "from {from}");
    }
    #[expect(clippy::reversed_empty_ranges, reason = "the range is what is tested")]
    let backwards = 4..2;
    assert!(drain(&mut ledger.reader().records(backwards).unwrap()).unwrap().is_empty());
}

#[test]
fn positions_lead_to_their_records_and_wrong_ones_do_no_harm() {
    let ledger = TestLedger::rolling_at(200_000);
    let mut store = ledger.open().store;
    for _ in 0..5 {
        append(&mut store, 1000);
    }
    let positions = store.positions_since(Sequence::FIRST).to_vec();
    let sequences: Vec<_> = positions.iter().map(|position| position.sequence.get()).collect();
    assert_eq!(sequences, [0, SPACING, 2 * SPACING, 3 * SPACING, 4 * SPACING]);
    assert_eq!(store.positions_since(Sequence::new(SPACING + 1)).len(), 3);
    let read = |positions: &[Position]| {
        let mut reader = ledger.reader();
        reader.add_positions(positions.iter().copied());
        drain(&mut reader.records(3 * SPACING + 5..3 * SPACING + 9).unwrap()).unwrap()
    };
    let expected = payloads(3 * SPACING + 5..3 * SPACING + 9);
    assert_eq!(read(&positions), expected);
    let shifted = |by: i64| {
        let shift = |p: &Position| Position { offset: p.offset.saturating_add_signed(by), ..*p };
        positions.iter().map(shift).collect::<Vec<_>>()
    };
    for by in [-1, 1, 70, i64::MIN, i64::MAX] {
        assert_eq!(read(&shifted(by)), expected, "shifted by {by}");
    }
}

#[test]
fn records_of_the_longest_size_stream_through_a_window_of_constant_size() {
    let ledger = TestLedger::rolling_at(64 << 20);
    let mut store = ledger.open().store;
    let long = |n: u64| vec![n as u8; sanad_audit_log::layout::MAX_PAYLOAD - (n as usize % 3)];
    let (epoch, head) = (store.epoch(), store.head());
    let bytes = sealed_with(&mut store.sealer(), 150, long);
    store.append(epoch, head, &SealedBatch::following(head, &bytes).unwrap()).unwrap();
    let read = drain(&mut ledger.reader().records(0..150).unwrap()).unwrap();
    assert!(read.iter().zip(0..).all(|(payload, n)| *payload == long(n)));
    drop(store);
    assert_eq!(ledger.open().store.head().size, 150);
}

#[test]
fn a_batch_that_is_none_is_refused_with_the_reason() {
    let genesis = Head::empty(identity().genesis());
    let mut sealer = Sealer::new(genesis, None);
    let one = sealed(&mut sealer, 1);
    let behind = sealer.head();
    let two = sealed(&mut sealer, 2);
    let following =
        |head, bytes: &[u8]| SealedBatch::following(head, bytes).map(|batch| batch.count());
    assert_eq!(following(genesis, &one), Ok(1));
    assert_eq!(following(behind, &two), Ok(2));
    assert_eq!(following(genesis, &[]), Err(BatchError::Empty));
    let cut = following(behind, &two[..two.len() - 1]);
    assert!(matches!(cut, Err(BatchError::Record { offset, .. }) if offset == two.len() / 2));
    let (expected, found) = (Sequence::FIRST, Sequence::new(1));
    assert_eq!(following(genesis, &two), Err(BatchError::Sequence { expected, found }));
    let other_history = Head { size: 1, ..genesis };
    assert_eq!(following(other_history, &two), Err(BatchError::NotFollowing));
    let joined = [&one[..], &two].concat();
    assert_eq!(following(genesis, &joined), Err(BatchError::Barrier { sequence: found }));
    let no_barrier = Err(BatchError::Barrier { sequence: Sequence::new(2) });
    let middle = {
        let mut sealer = Sealer::new(behind, None);
        sealed(&mut sealer, 1);
        sealer.head()
    };
    assert_eq!(following(middle, &two[two.len() / 2..]), no_barrier);
}

#[test]
fn only_the_expected_head_at_the_current_epoch_is_appended_to() {
    let ledger = TestLedger::new();
    let mut store = ledger.open().store;
    let (epoch, genesis) = (store.epoch(), store.head());
    let mut sealer = store.sealer();
    let first = sealed(&mut sealer, 1);
    let behind = sealer.head();
    let second = sealed(&mut sealer, 1);
    let first = SealedBatch::following(genesis, &first).unwrap();
    let second = SealedBatch::following(behind, &second).unwrap();
    let stale = store.append(Epoch::new(epoch.get() - 1), genesis, &first);
    assert!(matches!(stale, Err(AppendError::StaleEpoch { current, .. }) if current == epoch));
    for (expected, batch) in [(genesis, &second), (behind, &second), (behind, &first)] {
        let moved = store.append(epoch, expected, batch);
        assert!(matches!(moved, Err(AppendError::HeadMoved { found, .. }) if found == genesis));
    }
    assert_eq!(store.append(epoch, genesis, &first).unwrap(), behind);
    let again = store.append(epoch, genesis, &first);
    assert!(matches!(again, Err(AppendError::HeadMoved { found, .. }) if found == behind));
    drop(store);
    let mut store = ledger.open().store;
    assert!(store.epoch() > epoch, "each writer has a greater epoch");
    let late = store.append(epoch, behind, &second);
    assert!(matches!(late, Err(AppendError::StaleEpoch { given, .. }) if given == epoch));
    check(ledger.path(), 1);
}

#[test]
fn a_first_append_too_large_for_a_segment_goes_into_the_one_that_has_no_record_yet() {
    let ledger = TestLedger::rolling_at(1);
    let disk = Arc::new(FaultyDisk::default());
    let mut options = ledger.options();
    options.disk = Arc::clone(&disk) as Arc<dyn Disk>;
    let mut store = FileStore::open(ledger.path(), options).unwrap().store;
    let operations = Operations::One(Operation::CreateNew);
    let (kind, written, lasting) = (ErrorKind::Other, 0, true);
    disk.set(Some(Fault { operations, after: 0, kind, written, lasting }));
    assert_eq!(append(&mut store, 20).size, 20);
    assert!(!disk.has_failed(), "no file was to be made");
    drop(store);
    assert_eq!(ledger.segments().len(), 1);
    check(ledger.path(), 20);
}

#[test]
fn records_come_in_batches_whose_links_can_be_verified_by_whoever_has_them() {
    let ledger = TestLedger::with(&[3, 3, 3], 1);
    let ledger_id = identity().ledger_id();
    let batches = |ledger: &TestLedger| {
        let mut records = ledger.reader().records(1..8).unwrap();
        let mut batches = Vec::new();
        while let Some(batch) = records.next_batch(2).unwrap() {
            let payloads: Vec<_> = batch.iter().map(|(_, raw)| payload_of(raw)).collect();
            let run = batch.linked(ledger_id);
            batches.push((payloads, run.map(|run| (run.first().get(), run.after().size))));
        }
        batches
    };
    // None goes beyond its segment.
    let expected = [1..3, 3..5, 5..6, 6..8];
    let linked = |range: &Range<u64>| (payloads(range.clone()), Some((range.start, range.end)));
    assert_eq!(batches(&ledger), expected.each_ref().map(linked));
    // A batch that is not linked is given all the same.
    alter(&ledger.segments()[1], |log| log[SEGMENT_HEADER + layout::HEADER_SIZE] ^= 1);
    let altered = batches(&ledger);
    assert_eq!((altered.len(), altered[1].1), (4, None));
    assert_eq!((altered[0].1, altered[2].1), (Some((1, 3)), Some((5, 6))));
}

#[test]
fn single_records_and_batches_are_taken_from_the_same_range() {
    let ledger = TestLedger::with(&[8], 1 << 20);
    let mut records = ledger.reader().records(2..8).unwrap();
    assert_eq!(payload_of(records.next_record().unwrap().unwrap()), payload(2));
    let batch = records.next_batch(3).unwrap().unwrap();
    assert_eq!(batch.iter().map(|(_, raw)| payload_of(raw)).collect::<Vec<_>>(), payloads(3..6));
    assert_eq!(drain(&mut records).unwrap(), payloads(6..8));
    assert!(records.next_batch(3).unwrap().is_none());
}
